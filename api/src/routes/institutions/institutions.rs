//! Institutions: the tenants.

use actix_web::HttpRequest;
use groeilijn_domain::access::Function;
use groeilijn_domain::access::user::UserFields;
use groeilijn_domain::institutions::agreement::check_profile_change;
use groeilijn_domain::institutions::institution::{
    Brin, ChildcareNumber, ContractProfile, InstitutionFields, InstitutionKind, check_domains, check_new,
    check_register,
};
use groeilijn_domain::institutions::licence::Licence;
use groeilijn_domain::values::email::{EmailAddress, MailDomain};
use groeilijn_domain::values::ids::{InstitutionId, OrganisationId, UserId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::text::{Infix, Label, NamePart};
use groeilijn_persistence::Cost;
use groeilijn_persistence::access::key_owner;
use groeilijn_persistence::institutions::institution::StoredInstitution;
use jiff::Timestamp;

use super::licences::LicenceCreation;
use super::reach::require_reach;
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::http::revision::change_on_platform;
use crate::routes::access::invitations::{Invitation, invitation};
use crate::{operations, query_params, reply_body, request_body, revised};

operations! {
    /// The operations on institutions.
    pub fn endpoints;

    /// List the institutions
    ///
    /// All institutions for the platform administrator; for a member of an institution, that institution alone.
    GET "/institutions" => list_institutions: "A page of institutions.";

    /// Enter an institution
    ///
    /// Enters an institution with its licence and its first administrator, who is sent a link to choose a password.
    POST "/institutions" => create_institution: "The institution was entered.";

    /// Read an institution
    ///
    /// One institution; for its members only their own.
    GET "/institutions/{institutionId}" => read_institution: "The institution.";

    /// Change an institution
    ///
    /// A merge patch (RFC 7396): what is absent stays, null takes away.
    PATCH "/institutions/{institutionId}" => change_institution: "The institution as it is now.";
}

request_body! {
    /// An institution to be entered, with its licence and its first administrator.
    pub struct InstitutionCreation {
        /// What kind of institution it is (C001).
        kind: InstitutionKind,
        /// The name of the organisation.
        name: Label,
        /// Its number in the register of schools.
        brin: Option<Brin>,
        /// Its number in the national register of childcare (LRK); schools have none.
        childcare_number: Option<ChildcareNumber>,
        /// Its own mail domains: accounts exist only on these (C054, C055). Only institutions of one organisation share
        /// one.
        mail_domains: Vec<MailDomain>,
        /// The organisation that it belongs to, if it is one of several institutions of a board.
        organisation_id: Option<OrganisationId>,
        /// Whose rules its contract follows.
        contract_profile: ContractProfile,
        /// Its licence.
        licence: LicenceCreation,
        /// Its first administrator (C006), who enters everybody else.
        administrator: FirstAdministrator,
    }

    example {
        "name": "De Regenboog",
        "kind": "school-board",
        "brin": "99XX",
        "mailDomains": ["school.example"],
        "contractProfile": "kijk",
        "licence": {
            "products": ["registration", "monitoring"],
            "services": ["imports", "api-tokens", "advice"],
            "state": "active",
            "startDate": "2026-08-01",
            "endDate": "2027-07-31",
        },
        "administrator": {
            "firstName": "Noor",
            "infix": "van der",
            "lastName": "Verzonnen",
            "gender": "female",
            "email": "beheerder@school.example",
        },
    }
}

request_body! {
    /// The first administrator of an institution, with exactly the fields of the contract (C022).
    pub struct FirstAdministrator {
        /// First name.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// For addressing the administrator rightly.
        gender: Gender,
        /// The address to log in with, on a domain of the institution (C054).
        email: EmailAddress,
    }
}

request_body! {
    /// What changes about an institution; what is absent stays.
    pub struct InstitutionPatch {
        /// What kind of institution it is (C001).
        kind: Change<InstitutionKind>,
        /// The name of the organisation.
        name: Change<Label>,
        /// Its number in the register of schools; null takes it away.
        brin: ChangeOrClear<Brin>,
        /// Its number in the national register of childcare (LRK); null takes it away.
        childcare_number: ChangeOrClear<ChildcareNumber>,
        /// Its own mail domains: all of them, in place of those before.
        mail_domains: Change<Vec<MailDomain>>,
        /// Whose rules its contract follows. Once the institution accepted its terms, another profile is proposed to it
        /// (`/institutions/{institutionId}/agreements`, C140).
        contract_profile: Change<ContractProfile>,
    }

    example { "name": "De Nieuwe Regenboog" }
}

reply_body! {
    /// An institution: a controller of its own, and a tenant of its own (C001).
    pub struct Institution {
        /// The institution's id.
        id: InstitutionId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// What kind of institution it is.
        kind: InstitutionKind,
        /// The name of the organisation.
        name: String,
        /// Its number in the register of schools.
        brin: Option<Brin>,
        /// Its number in the national register of childcare (LRK).
        childcare_number: Option<ChildcareNumber>,
        /// Its own mail domains.
        mail_domains: Vec<MailDomain>,
        /// The organisation that it belongs to.
        organisation_id: Option<OrganisationId>,
        /// Whose rules its contract follows.
        contract_profile: ContractProfile,
        /// When it was entered, in UTC.
        created_at: Timestamp,
    }
}

reply_body! {
    /// A new institution and the invitation for its first administrator.
    pub struct CreatedInstitution {
        /// The institution.
        institution: Institution,
        /// The first administrator's id.
        administrator_id: UserId,
        /// The invitation for the first administrator, on its way. In the reply to a repeated request null when it was
        /// used, has ended or another took its place.
        invitation: Option<Invitation>,
    }
}

revised! { StoredInstitution: revision; }

impl From<StoredInstitution> for Institution {
    fn from(stored: StoredInstitution) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            kind: stored.fields.kind,
            name: stored.fields.name,
            brin: stored.fields.brin,
            childcare_number: stored.fields.childcare_number,
            mail_domains: stored.domains,
            organisation_id: stored.organisation,
            contract_profile: stored.fields.contract_profile,
            created_at: stored.created_at,
        }
    }
}

query_params! {
    pub struct ListInstitutions {
        /// How many institutions one page has.
        page: Page<InstitutionId>,
    }
}

async fn list_institutions(
    access: Access<part::Institutions, action::Read, AdministerLicence>,
    query: ListInstitutions,
) -> Result<Listed<Institution>, Problem> {
    let ListInstitutions { page } = query;
    let found = match access.institution() {
        None => {
            let platform = access.platform();
            platform.read(Cost::Scan, move |reader| reader.institutions(page.after, page.rows)).await?
        }
        Some(own) if page.after.is_none_or(|after| after < own) => {
            #[allow(
                clippy::redundant_closure_for_method_calls,
                reason = "the method holds for one lifetime only"
            )]
            let own = access.tenant()?.read(Cost::Rows, |reader| reader.own_institution()).await?;
            vec![own]
        }
        Some(_) => Vec::new(),
    };
    page.reply(found, |institution| institution.id, Institution::from)
}

async fn create_institution(
    access: Access<part::Institutions, action::Create, AdministerLicence>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<InstitutionCreation>,
) -> Result<Created<CreatedInstitution>, Problem> {
    let platform = access.platform();
    let environment = platform.environment();
    let id = InstitutionId::from_uuid(environment.uuid());
    let administrator_id = UserId::from_uuid(environment.uuid());
    let invitation = invitation(environment)?;
    let name = PersonName {
        first: body.administrator.first_name,
        infix: body.administrator.infix,
        last: body.administrator.last_name,
    };
    let (gender, email) = (body.administrator.gender, body.administrator.email);
    let administrator = UserFields::new(name, gender, email, Function::Administrator);
    let (domains, organisation) = (body.mail_domains, body.organisation_id);
    let licence = Licence {
        products: body.licence.products.into_iter().collect(),
        services: body.licence.services.unwrap_or_default().into_iter().collect(),
        start: body.licence.start_date,
        end: body.licence.end_date,
        state: body.licence.state,
    };
    check_new(&domains, &licence, &administrator.email)?;
    // Other institutions than schools could be given a BRIN before they had a number of their own register.
    check_register(body.kind, false, body.childcare_number.is_some())?;
    let fields = InstitutionFields {
        kind: body.kind,
        name: body.name.as_str().to_owned(),
        brin: body.brin,
        childcare_number: body.childcare_number,
        contract_profile: body.contract_profile,
    };
    let platform = platform.founding(id, vec![key_owner::user(administrator_id)]);
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let institution = writer.enter(id, |tenant| {
                tenant.create_institution(&fields, &domains, organisation)?;
                tenant.create_licence(&licence)?;
                tenant.create_user(administrator_id, &administrator, &invitation)?;
                tenant.own_institution()
            })?;
            let ids = (id, administrator_id, invitation.id);
            let sent = Some(Invitation::of(&invitation));
            let view = View::with(institution, |institution| CreatedInstitution {
                institution: institution.into(),
                administrator_id,
                invitation: sent,
            });
            Ok(New { location: format!("/v1/institutions/{id}"), ids, view })
        },
        |writer, (id, administrator_id, invitation)| {
            let institution = writer.reader().institution(id)?;
            let sent = Invitation::sent_before(invitation, writer.reader().open_invitation(invitation)?);
            Ok(View::with(institution, |institution| CreatedInstitution {
                institution: institution.into(),
                administrator_id,
                invitation: sent,
            }))
        },
    )
    .await
}

async fn read_institution(
    access: Access<part::Institutions, action::Read, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfNoneMatch,
) -> Result<Shown<Institution>, Problem> {
    require_reach(&access, id)?;
    let institution = access.platform().read(Cost::Rows, move |reader| reader.institution(id)).await?;
    reply::stored_if_changed(&known, institution)
}

async fn change_institution(
    access: Access<part::Institutions, action::Change, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<InstitutionPatch>,
) -> Result<Shown<Institution>, Problem> {
    change_on_platform(
        &access.platform(),
        known,
        move |writer| writer.reader().institution(id),
        move |writer, stored| {
            let (mut fields, mut domains) = (stored.fields, stored.domains);
            patch.kind.apply(&mut fields.kind);
            if let Change::Set(name) = patch.name {
                fields.name = name.as_str().to_owned();
            }
            patch.brin.apply(&mut fields.brin);
            patch.childcare_number.apply(&mut fields.childcare_number);
            check_register(fields.kind, false, fields.childcare_number.is_some())?;
            if let Change::Set(profile) = patch.contract_profile {
                let accepted = writer.reader().licence_of(id)?.terms.is_some();
                check_profile_change(profile != fields.contract_profile, accepted)
                    .map_err(invalid_field("contract_profile"))?;
                fields.contract_profile = profile;
            }
            patch.mail_domains.apply(&mut domains);
            check_domains(&domains)?;
            writer.enter(id, |tenant| tenant.change_institution(stored.revision, &fields, &domains))
        },
    )
    .await
}
