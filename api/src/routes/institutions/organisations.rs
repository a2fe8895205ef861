//! Organisations: boards of several institutions, which may share mail domains.

use actix_web::HttpRequest;
use groeilijn_domain::values::ids::{InstitutionId, OrganisationId};
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::Cost;
use groeilijn_persistence::institutions::organisation::StoredOrganisation;
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::Change;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::{PathId, PathIds};
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::http::revision::change_on_platform;
use crate::{operations, query_params, reply_body, request_body, revised};

operations! {
    /// The operations on organisations.
    pub fn endpoints;

    /// List the organisations
    ///
    /// The boards of several institutions, in the order in which they were entered.
    GET "/organisations" => list_organisations: "A page of organisations.";

    /// Enter an organisation
    ///
    /// A board of several institutions. They stay controllers of their own, and see nothing of each other (C001); what they
    /// may share is a mail domain (C055), so that who works at two of them logs in with one address.
    POST "/organisations" => create_organisation: "The organisation was entered.";

    /// Read an organisation
    ///
    /// One organisation with its institutions.
    GET "/organisations/{organisationId}" => read_organisation: "The organisation.";

    /// Rename an organisation
    ///
    /// A merge patch (RFC 7396).
    PATCH "/organisations/{organisationId}" => change_organisation: "The organisation as it is now.";

    /// Take an institution into an organisation
    ///
    /// From then on it may share mail domains with the others. One that belongs to it already stays as it is. Both the
    /// platform and the institution have it in their logs.
    PUT "/organisations/{organisationId}/institutions/{institutionId}" => join_organisation: "The institution belongs to the organisation.";

    /// Take an institution out of an organisation
    ///
    /// Refused as long as it shares a mail domain with another institution of it.
    DELETE "/organisations/{organisationId}/institutions/{institutionId}" => leave_organisation: "The institution no longer belongs to the organisation.";
}

request_body! {
    /// An organisation to be entered.
    pub struct OrganisationCreation {
        /// Its name; that of a board, not of a person.
        name: Label,
    }

    example { "name": "Stichting De Verzinsels" }
}

request_body! {
    /// What changes about an organisation.
    pub struct OrganisationPatch {
        /// Its name; that of a board, not of a person.
        name: Change<Label>,
    }

    example { "name": "Stichting De Nieuwe Verzinsels" }
}

reply_body! {
    /// A board of several institutions.
    pub struct Organisation {
        /// The organisation's id.
        id: OrganisationId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// Its name.
        name: String,
        /// The institutions that belong to it.
        institution_ids: Vec<InstitutionId>,
        /// When it was entered, in UTC.
        created_at: Timestamp,
    }
}

revised! { StoredOrganisation: revision; }

impl From<StoredOrganisation> for Organisation {
    fn from(stored: StoredOrganisation) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            name: stored.name,
            institution_ids: stored.institutions,
            created_at: stored.created_at,
        }
    }
}

query_params! {
    pub struct ListOrganisations {
        /// How many organisations one page has.
        page: Page<OrganisationId>,
    }
}

type MayChange = Access<part::Organisations, action::Change, AdministerLicence>;

async fn list_organisations(
    access: Access<part::Organisations, action::Read, AdministerLicence>,
    query: ListOrganisations,
) -> Result<Listed<Organisation>, Problem> {
    let ListOrganisations { page } = query;
    let platform = access.platform();
    let found = platform.read(Cost::Scan, move |reader| reader.organisations(page.after, page.rows)).await?;
    page.reply(found, |organisation| organisation.id, Organisation::from)
}

async fn create_organisation(
    access: Access<part::Organisations, action::Create, AdministerLicence>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<OrganisationCreation>,
) -> Result<Created<Organisation>, Problem> {
    let platform = access.platform();
    let id = OrganisationId::from_uuid(platform.environment().uuid());
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let organisation = writer.create_organisation(id, &body.name)?;
            Ok(New::at(format!("/v1/organisations/{id}"), id, organisation))
        },
        |writer, id| writer.reader().organisation(id).map(View::of),
    )
    .await
}

async fn read_organisation(
    access: Access<part::Organisations, action::Read, AdministerLicence>,
    PathId(id): PathId<OrganisationId>,
    known: IfNoneMatch,
) -> Result<Shown<Organisation>, Problem> {
    let organisation = access.platform().read(Cost::Rows, move |reader| reader.organisation(id)).await?;
    reply::stored_if_changed(&known, organisation)
}

async fn change_organisation(
    access: MayChange,
    PathId(id): PathId<OrganisationId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<OrganisationPatch>,
) -> Result<Shown<Organisation>, Problem> {
    change_on_platform(
        &access.platform(),
        known,
        move |writer| writer.reader().organisation(id),
        move |writer, stored| {
            let Change::Set(name) = patch.name else { return Ok(stored) };
            writer.rename_organisation(id, stored.revision, name.as_str())
        },
    )
    .await
}

async fn join_organisation(
    access: MayChange,
    PathIds((id, institution)): PathIds<(OrganisationId, InstitutionId)>,
) -> Result<NoContent, Problem> {
    access.platform().write(move |writer| writer.join_organisation(id, institution)).await?;
    Ok(NoContent)
}

async fn leave_organisation(
    access: Access<part::Organisations, action::Delete, AdministerLicence>,
    PathIds((id, institution)): PathIds<(OrganisationId, InstitutionId)>,
) -> Result<NoContent, Problem> {
    access.platform().write(move |writer| writer.leave_organisation(id, institution)).await?;
    Ok(NoContent)
}
