//! Registrations: what is judged of a child at one moment (C025), as a draft, finalised, and corrected.

mod bodies;
pub(in crate::routes) mod position;

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::children::registration as rules;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{PupilId, RegistrationId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::registration::{NewRegistration, StoredRegistration};

use self::bodies::{
    NewRegistrationBody, NewVersionBody, Registration, RegistrationPatch, RegistrationSummary, VersionSummary,
};
use self::position::{AfterRegistration, AfterVersion, VersionNumber};
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::create::{Created, IdempotentCreation, create};
use crate::http::cursor::Page;
use crate::http::endpoint::{Endpoint, delete, get, patch, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::{PathId, PathIds};
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::query_params;

/// The operations on registrations.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listRegistrations", "/pupils/{pupilId}/registrations", list_registrations),
        post("createRegistration", "/pupils/{pupilId}/registrations", create_registration),
        get("readRegistration", "/registrations/{registrationId}", read_registration),
        patch("changeRegistration", "/registrations/{registrationId}", change_registration),
        delete("discardRegistrationDraft", "/registrations/{registrationId}", discard_draft),
        post("finaliseRegistration", "/registrations/{registrationId}/_finalise", finalise_registration),
        get("listRegistrationVersions", "/registrations/{registrationId}/versions", list_versions),
        post("correctRegistration", "/registrations/{registrationId}/versions", correct_registration),
        get("readRegistrationVersion", "/registrations/{registrationId}/versions/{version}", read_version),
    ]
}

/// The operations on registrations as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        list_registrations,
        create_registration,
        read_registration,
        change_registration,
        discard_draft,
        finalise_registration,
        list_versions,
        correct_registration,
        read_version
    ),
    components(schemas(RegistrationSummary, VersionSummary))
)]
pub struct Documented;

query_params! {
    struct ListRegistrations {
        /// How many registrations one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<AfterRegistration>,
    }
}

query_params! {
    struct ListVersions {
        /// How many versions one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<AfterVersion>,
    }
}

/// List a child's registrations
///
/// The newest first, drafts included, without what was judged.
#[utoipa::path(get, path = "/pupils/{pupilId}/registrations", tag = "registrations",
    operation_id = "listRegistrations", params(("pupilId" = Uuid, Path, description = "The pupil.")),
    responses((status = 200, description = "A page of registrations.", body = inline(Page<RegistrationSummary>))))]
async fn list_registrations(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    request: HttpRequest,
    PathId(pupil): PathId<PupilId>,
    query: ListRegistrations,
) -> Result<HttpResponse, Problem> {
    let ListRegistrations { limit, cursor } = query;
    let before = cursor.map(|AfterRegistration(day, id)| (day, id));
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.registrations(pupil, before, limit.with_one_more()))
        .await?;
    let position =
        |last: &StoredRegistration<_>| AfterRegistration(last.facts.registered_on, last.facts.id).into();
    reply::page_by(&request, found, limit, position, RegistrationSummary::from)
}

/// Begin a registration
///
/// Begins a draft for a child who is in a group on that day and younger than 8 (C026). It is saved step by step
/// (C071) and counts only once it is finalised.
#[utoipa::path(post, path = "/pupils/{pupilId}/registrations", tag = "registrations",
    operation_id = "createRegistration", params(("pupilId" = Uuid, Path, description = "The pupil.")),
    request_body = NewRegistrationBody,
    responses((status = 201, description = "The draft was begun.", body = Registration)))]
async fn create_registration(
    access: Access<part::Registrations, action::Create, FollowDevelopment>,
    request: HttpRequest,
    PathId(pupil): PathId<PupilId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NewRegistrationBody>,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    let id = body.id.unwrap_or_else(|| RegistrationId::from_uuid(tenant.environment().uuid()));
    let mut judgements = rules::Judgements::default();
    if let Some(patch) = body.judgements {
        judgements.apply(patch.into());
    }
    create(IdempotentCreation::new(&request, key, &digest), &tenant, move |writer| {
        let registration = writer.create_registration(NewRegistration {
            id,
            pupil,
            framework: body.framework_id,
            registered_on: body.registered_on.unwrap_or_else(|| amsterdam_date(writer.now())),
            judgements,
        })?;
        let location = format!("/v1/registrations/{id}");
        Ok(Created {
            location,
            revision: registration.facts.revision,
            body: Registration::from(registration),
        })
    })
    .await
}

/// Read a registration
///
/// The open draft, or else the latest final version, with all its judgements.
#[utoipa::path(get, path = "/registrations/{registrationId}", tag = "registrations",
    operation_id = "readRegistration",
    params(("registrationId" = Uuid, Path, description = "The registration.")),
    responses((status = 200, description = "The registration.", body = Registration)))]
async fn read_registration(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let registration = access.tenant()?.read(Cost::Rows, move |reader| reader.registration(id)).await?;
    let revision = registration.facts.revision;
    reply::ok_if_changed(&known, &Registration::from(registration), revision)
}

/// Save a step of a draft
///
/// A merge patch (RFC 7396) of the judgements: what is absent stays, null takes away (C071). A final registration
/// does not change: correct it with a new version.
#[utoipa::path(patch, path = "/registrations/{registrationId}", tag = "registrations",
    operation_id = "changeRegistration",
    params(("registrationId" = Uuid, Path, description = "The registration.")),
    request_body(content = RegistrationPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The draft as it is now.", body = Registration)))]
async fn change_registration(
    access: Access<part::Registrations, action::Change, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<RegistrationPatch>,
) -> Result<HttpResponse, Problem> {
    let patch = patch.judgements.into_option().map(rules::JudgementPatch::from).unwrap_or_default();
    let registration = access
        .tenant()?
        .write(move |writer| {
            let registration = writer.registration(id)?;
            known.require(registration.facts.revision)?;
            writer.save_draft(registration, patch)
        })
        .await?;
    present(registration)
}

/// Discard a draft
///
/// Throws the open draft away; a registration that was never final goes with it. Final versions stay.
#[utoipa::path(delete, path = "/registrations/{registrationId}", tag = "registrations",
    operation_id = "discardRegistrationDraft",
    params(("registrationId" = Uuid, Path, description = "The registration.")),
    responses((status = 204, description = "The draft is gone.")))]
async fn discard_draft(
    access: Access<part::Registrations, action::Delete, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    known: IfMatch,
) -> Result<HttpResponse, Problem> {
    access
        .tenant()?
        .write(move |writer| {
            let registration = writer.registration(id)?;
            known.require(registration.facts.revision)?;
            writer.discard_draft(&registration)
        })
        .await?;
    Ok(reply::no_content())
}

/// Finalise a registration
///
/// The draft becomes final: from now on it counts in overviews and never changes (C070). It holds at least one
/// judgement.
#[utoipa::path(post, path = "/registrations/{registrationId}/_finalise", tag = "registrations",
    operation_id = "finaliseRegistration",
    params(("registrationId" = Uuid, Path, description = "The registration.")),
    responses((status = 200, description = "The registration, which is final now.", body = Registration)))]
async fn finalise_registration(
    access: Access<part::Registrations, action::Change, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    known: IfMatch,
) -> Result<HttpResponse, Problem> {
    let registration = access
        .tenant()?
        .write(move |writer| {
            let registration = writer.registration(id)?;
            known.require(registration.facts.revision)?;
            writer.finalise_registration(registration)
        })
        .await?;
    present(registration)
}

/// List the versions of a registration
///
/// The first one first, without what was judged.
#[utoipa::path(get, path = "/registrations/{registrationId}/versions", tag = "registrations",
    operation_id = "listRegistrationVersions",
    params(("registrationId" = Uuid, Path, description = "The registration.")),
    responses((status = 200, description = "A page of versions.", body = inline(Page<VersionSummary>))))]
async fn list_versions(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    request: HttpRequest,
    PathId(id): PathId<RegistrationId>,
    query: ListVersions,
) -> Result<HttpResponse, Problem> {
    let ListVersions { limit, cursor } = query;
    let after = cursor.map(|AfterVersion(number)| number);
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.registration_versions(id, after, limit.with_one_more()))
        .await?;
    reply::page_by(&request, found, limit, |last| AfterVersion(last.number).into(), VersionSummary::from)
}

/// Correct a final registration
///
/// Begins a new version: a draft with what the final one holds. The final one counts until the new one is final,
/// and stays readable after that.
#[utoipa::path(post, path = "/registrations/{registrationId}/versions", tag = "registrations",
    operation_id = "correctRegistration",
    params(("registrationId" = Uuid, Path, description = "The registration.")), request_body = NewVersionBody,
    responses((status = 201, description = "The new version was begun.", body = Registration)))]
async fn correct_registration(
    access: Access<part::Registrations, action::Create, FollowDevelopment>,
    request: HttpRequest,
    PathId(id): PathId<RegistrationId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NewVersionBody>,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    create(IdempotentCreation::new(&request, key, &digest), &tenant, move |writer| {
        let registration = writer.registration(id)?;
        let registration = writer.correct_registration(registration, body.reason)?;
        let location = format!("/v1/registrations/{id}/versions/{}", registration.version.number);
        Ok(Created {
            location,
            revision: registration.facts.revision,
            body: Registration::from(registration),
        })
    })
    .await
}

/// Read a version of a registration
///
/// One version with all its judgements, whether it counts, counted once or is a draft.
#[utoipa::path(get, path = "/registrations/{registrationId}/versions/{version}", tag = "registrations",
    operation_id = "readRegistrationVersion",
    params(("registrationId" = Uuid, Path, description = "The registration."),
        ("version" = i32, Path, minimum = 1, description = "The number of the version.")),
    responses((status = 200, description = "The registration at that version.", body = Registration)))]
async fn read_version(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    PathIds((id, VersionNumber(number))): PathIds<(RegistrationId, VersionNumber)>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let registration =
        access.tenant()?.read(Cost::Rows, move |reader| reader.registration_version(id, number)).await?;
    let revision = registration.facts.revision;
    reply::ok_if_changed(&known, &Registration::from(registration), revision)
}

fn present(registration: StoredRegistration) -> Result<HttpResponse, Problem> {
    let revision = registration.facts.revision;
    reply::ok(&Registration::from(registration), revision)
}
