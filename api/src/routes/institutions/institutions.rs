//! Institutions: the tenants.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::access::user::UserFields;
use groeilijn_domain::access::{Function, Scope};
use groeilijn_domain::institutions::institution::{
    Brin, ContractProfile, InstitutionFields, InstitutionKind, check_own_address,
};
use groeilijn_domain::institutions::licence::Licence;
use groeilijn_domain::values::email::{EmailAddress, MailDomain, check_organisation_domain};
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::{Infix, Label, NamePart};
use groeilijn_persistence::institutions::institution::StoredInstitution;
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;

use super::licences::{NewLicence, check_period, products};
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{Created, IdempotentCreation, create_on_platform};
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, get, patch, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::routes::access::invitations::{Invitation, invitation};
use crate::{query_params, reply_body, request_body};

/// The operations on institutions.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listInstitutions", "/institutions", list_institutions),
        post("createInstitution", "/institutions", create_institution),
        get("readInstitution", "/institutions/{institutionId}", read_institution),
        patch("changeInstitution", "/institutions/{institutionId}", change_institution),
    ]
}

/// The operations on institutions as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list_institutions, create_institution, read_institution, change_institution))]
pub struct Documented;

request_body! {
    /// An institution to be entered, with its licence and its first administrator.
    pub struct NewInstitutionBody {
        /// What kind of institution it is (C001).
        kind: InstitutionKind,
        /// The name of the organisation.
        name: Label,
        /// Its number in the register of schools.
        brin: Option<Brin>,
        /// Its own mail domains: accounts exist only on these (C054, C055).
        mail_domains: Vec<MailDomain>,
        /// Whose rules its contract follows.
        contract_profile: ContractProfile,
        /// Its licence.
        licence: NewLicence,
        /// Its first administrator (C006), who enters everybody else.
        administrator: FirstAdministrator,
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
        /// Its own mail domains: all of them, in place of those before.
        mail_domains: Change<Vec<MailDomain>>,
        /// Whose rules its contract follows.
        contract_profile: Change<ContractProfile>,
    }
}

reply_body! {
    /// An institution: a controller of its own, and a tenant of its own (C001).
    pub struct Institution {
        /// The institution's id.
        id: InstitutionId,
        /// What kind of institution it is.
        kind: InstitutionKind,
        /// The name of the organisation.
        name: String,
        /// Its number in the register of schools.
        brin: Option<Brin>,
        /// Its own mail domains.
        mail_domains: Vec<MailDomain>,
        /// Whose rules its contract follows.
        contract_profile: ContractProfile,
        /// When it was entered, in UTC.
        created_at: Timestamp,
    }
}

reply_body! {
    /// A new institution and the invitation for its first administrator.
    pub struct NewInstitution {
        /// The institution.
        institution: Institution,
        /// The first administrator's id.
        administrator_id: UserId,
        /// The invitation for the first administrator, on its way.
        invitation: Invitation,
    }
}

impl From<StoredInstitution> for Institution {
    fn from(stored: StoredInstitution) -> Self {
        Self {
            id: stored.id,
            kind: stored.fields.kind,
            name: stored.fields.name,
            brin: stored.fields.brin,
            mail_domains: stored.domains,
            contract_profile: stored.fields.contract_profile,
            created_at: stored.created_at,
        }
    }
}

fn check_domains(domains: &[MailDomain]) -> Result<(), Error> {
    let distinct: BTreeSet<_> = domains.iter().map(MailDomain::as_str).collect();
    if domains.is_empty() {
        return Err(Error::invalid("/mailDomains", Refusal::new("empty", "must name at least one domain")));
    }
    if distinct.len() < domains.len() {
        return Err(Error::invalid("/mailDomains", Refusal::new("repeated", "must not name a domain twice")));
    }
    together(domains.iter().enumerate().map(|(index, domain)| {
        check_organisation_domain(domain)
            .map_err(|refusal| Error::invalid(format!("/mailDomains/{index}"), refusal))
    }))
}

/// Every mistake among these, together.
fn together(results: impl IntoIterator<Item = Result<(), Error>>) -> Result<(), Error> {
    let mut refusals = Vec::new();
    for result in results {
        match result {
            Ok(()) => {}
            Err(Error::Invalid(more)) => refusals.extend(more),
            Err(error) => return Err(error),
        }
    }
    if refusals.is_empty() { Ok(()) } else { Err(Error::Invalid(refusals)) }
}

query_params! {
    pub struct ListInstitutions {
        /// How many institutions one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<InstitutionId>>,
    }
}

/// List the institutions
///
/// All institutions for the platform administrator; for a member of an institution, that institution alone.
#[utoipa::path(get, path = "/institutions", tag = "institutions", operation_id = "listInstitutions",
    responses((status = 200, description = "A page of institutions.", body = inline(Page<Institution>))))]
async fn list_institutions(
    access: Access<part::Institutions, action::Read, AdministerLicence>,
    request: HttpRequest,
    query: ListInstitutions,
) -> Result<HttpResponse, Problem> {
    let ListInstitutions { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = match access.institution() {
        None => {
            let platform = access.platform();
            platform.read(Cost::Scan, move |reader| reader.institutions(after, limit.with_one_more())).await?
        }
        Some(own) if after.is_none_or(|after| after < own) => {
            #[allow(
                clippy::redundant_closure_for_method_calls,
                reason = "the method holds for one lifetime only"
            )]
            let own = access.tenant()?.read(Cost::Rows, |reader| reader.own_institution()).await?;
            vec![own]
        }
        Some(_) => Vec::new(),
    };
    reply::page_by_id(&request, found, limit, |institution| institution.id.as_uuid(), Institution::from)
}

/// Enter an institution
///
/// Enters an institution with its licence and its first administrator, who is sent a link to choose a password.
#[utoipa::path(post, path = "/institutions", tag = "institutions", operation_id = "createInstitution",
    request_body = NewInstitutionBody,
    responses((status = 201, description = "The institution was entered.", body = NewInstitution)))]
async fn create_institution(
    access: Access<part::Institutions, action::Create, AdministerLicence>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NewInstitutionBody>,
) -> Result<HttpResponse, Problem> {
    let platform = access.platform();
    let environment = platform.environment();
    let id = InstitutionId::from_uuid(environment.uuid());
    let administrator_id = UserId::from_uuid(environment.uuid());
    let invitation = invitation(environment)?;
    let shown = Invitation::of(&invitation);
    let name = PersonName {
        first: body.administrator.first_name,
        infix: body.administrator.infix,
        last: body.administrator.last_name,
    };
    let (gender, email) = (body.administrator.gender, body.administrator.email);
    let administrator = UserFields::new(name, gender, email, Function::Administrator);
    let domains = body.mail_domains;
    let licence = Licence {
        products: body.licence.products.iter().copied().collect(),
        start: body.licence.start_date,
        end: body.licence.end_date,
        state: body.licence.state,
    };
    together([
        check_domains(&domains),
        products(body.licence.products, "/licence/products").map(drop),
        check_period(&licence, "/licence/endDate"),
        check_own_address(&domains, &administrator.email)
            .map_err(|refusal| Error::invalid("/administrator/email", refusal)),
    ])?;
    let fields = InstitutionFields {
        kind: body.kind,
        name: body.name.as_str().to_owned(),
        brin: body.brin,
        contract_profile: body.contract_profile,
    };
    platform.create_keys(id, vec![administrator_id.as_uuid()]).await?;
    create_on_platform(IdempotentCreation::new(&request, key, &digest), &platform, move |writer| {
        let institution = writer.enter(id, |tenant| {
            tenant.create_institution(&fields, &domains)?;
            tenant.create_licence(&licence)?;
            tenant.create_user(administrator_id, &administrator, &invitation)?;
            tenant.own_institution()
        })?;
        let revision = institution.revision;
        let body = NewInstitution { institution: institution.into(), administrator_id, invitation: shown };
        Ok(Created { location: format!("/v1/institutions/{id}"), revision, body })
    })
    .await
}

/// Read an institution
///
/// One institution; for its members only their own.
#[utoipa::path(get, path = "/institutions/{institutionId}", tag = "institutions", operation_id = "readInstitution",
    responses((status = 200, description = "The institution.", body = Institution)))]
async fn read_institution(
    access: Access<part::Institutions, action::Read, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    require_reach(access.scope(), access.institution(), id)?;
    let institution = access.platform().read(Cost::Rows, move |reader| reader.institution(id)).await?;
    let revision = institution.revision;
    reply::ok_if_changed(&known, &Institution::from(institution), revision)
}

/// A member of an institution reaches her own; anything else is not there for her.
pub(super) fn require_reach(
    scope: Scope,
    own: Option<InstitutionId>,
    id: InstitutionId,
) -> Result<(), Problem> {
    if scope == Scope::Platform || own == Some(id) { Ok(()) } else { Err(Problem::not_found()) }
}

/// Change an institution
///
/// A merge patch (RFC 7396): what is absent stays, null takes away.
#[utoipa::path(patch, path = "/institutions/{institutionId}", tag = "institutions", operation_id = "changeInstitution",
    request_body(content = InstitutionPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The institution as it is now.", body = Institution)))]
async fn change_institution(
    access: Access<part::Institutions, action::Change, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<InstitutionPatch>,
) -> Result<HttpResponse, Problem> {
    let institution = access
        .platform()
        .write(move |writer| {
            let stored = writer.reader().institution(id)?;
            known.require(stored.revision)?;
            let (mut fields, mut domains) = (stored.fields, stored.domains);
            patch.kind.apply(&mut fields.kind);
            if let Change::Set(name) = patch.name {
                fields.name = name.as_str().to_owned();
            }
            patch.brin.apply(&mut fields.brin);
            patch.contract_profile.apply(&mut fields.contract_profile);
            patch.mail_domains.apply(&mut domains);
            check_domains(&domains)?;
            writer.enter(id, |tenant| tenant.change_institution(stored.revision, &fields, &domains))
        })
        .await?;
    let revision = institution.revision;
    reply::ok(&Institution::from(institution), revision)
}
