//! Registrations: what is judged of a child at one moment (C025), as a draft, finalised, and corrected.

mod bodies;
mod position;

use actix_web::HttpRequest;
use groeilijn_domain::children::registration as rules;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{PupilId, RegistrationId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::registration::{NewRegistration, StoredRegistration};
use jiff::civil::Date;

use self::bodies::{
    Registration, RegistrationCorrection, RegistrationCreation, RegistrationFinalisation, RegistrationPatch,
    RegistrationSummary, VersionSummary,
};
use self::position::VersionNumber;
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::path::{PathId, PathIds};
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::http::revision::{change, delete};
use crate::routes::children::withdrawals::WithdrawalCreation;
use crate::{operations, query_params, revised};

operations! {
    /// The operations on registrations.
    pub fn endpoints;

    /// List a child's registrations
    ///
    /// The newest first, drafts included, without what was judged.
    GET "/pupils/{pupilId}/registrations" => list_registrations: "A page of registrations."
        .with_parameter("pupilId", "The pupil.");

    /// Begin a registration
    ///
    /// Begins a draft for a child who is in a group on that day and younger than 8 (C026). It is saved step by step
    /// (C071) and counts only once it is finalised.
    POST "/pupils/{pupilId}/registrations" => create_registration: "The draft was begun."
        .with_parameter("pupilId", "The pupil.");

    /// Read a registration
    ///
    /// The open draft, or else the latest final version, with all its judgements.
    GET "/registrations/{registrationId}" => read_registration: "The registration."
        .with_parameter("registrationId", "The registration.");

    /// Save a step of a draft
    ///
    /// A merge patch (RFC 7396) of the judgements: what is absent stays, null takes away (C071). A final registration
    /// does not change: correct it with a new version.
    PATCH "/registrations/{registrationId}" => change_registration: "The draft as it is now."
        .with_parameter("registrationId", "The registration.");

    /// Discard a draft
    ///
    /// Throws the open draft away; a registration that was never final goes with it. Final versions stay.
    DELETE "/registrations/{registrationId}" => discard_registration_draft: "The draft is gone."
        .with_parameter("registrationId", "The registration.");

    /// Finalise a registration
    ///
    /// The draft becomes final: from now on it counts in overviews and never changes (C070). It holds at least one
    /// judgement. When the child has another final registration in the half-year, the refusal `second-in-half-year` names it in
    /// `conflictsWith`; `secondInHalfYear` says that it is meant.
    POST "/registrations/{registrationId}/_finalise" => finalise_registration: "The registration, which is final now."
        .with_parameter("registrationId", "The registration.");

    /// Withdraw a final registration
    ///
    /// For one on the wrong child or of the wrong day: by who wrote its final version, or by an intern begeleider. It stays
    /// readable with its versions, marked, counts nowhere from now on, and has no new version (C070). A draft that was never
    /// final is discarded instead.
    POST "/registrations/{registrationId}/_withdraw" => withdraw_registration: "The registration, which is withdrawn now."
        .with_parameter("registrationId", "The registration.");

    /// List the versions of a registration
    ///
    /// The first one first, without what was judged.
    GET "/registrations/{registrationId}/versions" => list_registration_versions: "A page of versions."
        .with_parameter("registrationId", "The registration.");

    /// Correct a final registration
    ///
    /// Begins a new version: a draft with what the final one holds. The final one counts until the new one is final,
    /// and stays readable after that.
    POST "/registrations/{registrationId}/versions" => correct_registration: "The new version was begun."
        .with_parameter("registrationId", "The registration.");

    /// Read a version of a registration
    ///
    /// One version with all its judgements, whether it counts, counted once or is a draft.
    GET "/registrations/{registrationId}/versions/{version}" => read_registration_version: "The registration at that version."
        .with_parameter("registrationId", "The registration.");
}

revised! { StoredRegistration: facts.revision; }

query_params! {
    struct ListRegistrations {
        /// How many registrations one page has.
        page: Page<(Date, RegistrationId)>,
    }
}

query_params! {
    struct ListVersions {
        /// How many versions one page has.
        page: Page<i32>,
    }
}

async fn list_registrations(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    PathId(pupil): PathId<PupilId>,
    query: ListRegistrations,
) -> Result<Listed<RegistrationSummary>, Problem> {
    let ListRegistrations { page } = query;
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.registrations(pupil, page.after, page.rows))
        .await?;
    page.reply(found, |found| (found.facts.registered_on, found.facts.id), RegistrationSummary::from)
}

async fn create_registration(
    access: Access<part::Registrations, action::Create, FollowDevelopment>,
    request: HttpRequest,
    PathId(pupil): PathId<PupilId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<RegistrationCreation>,
) -> Result<Created<Registration>, Problem> {
    let tenant = access.tenant()?;
    let id = new_id(body.id, tenant.environment())?;
    let mut judgements = rules::Judgements::default();
    if let Some(patch) = body.judgements {
        judgements.apply(patch.into());
    }
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let registration = writer.create_registration(NewRegistration {
                id,
                pupil,
                framework: body.framework_id,
                registered_on: body.registered_on.unwrap_or_else(|| amsterdam_date(writer.now())),
                judgements,
            })?;
            let location = format!("/v1/registrations/{id}");
            Ok(New::at(location, id, registration))
        },
        |writer, id| writer.registration(id).map(View::of),
    )
    .await
}

async fn read_registration(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    known: IfNoneMatch,
) -> Result<Shown<Registration>, Problem> {
    let registration = access.tenant()?.read(Cost::Rows, move |reader| reader.registration(id)).await?;
    reply::stored_if_changed(&known, registration)
}

async fn change_registration(
    access: Access<part::Registrations, action::Change, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<RegistrationPatch>,
) -> Result<Shown<Registration>, Problem> {
    let patch = patch.judgements.into_option().map(rules::JudgementPatch::from).unwrap_or_default();
    change(
        &access.tenant()?,
        known,
        move |writer| writer.registration(id),
        move |writer, registration| writer.save_draft(registration, patch),
    )
    .await
}

async fn discard_registration_draft(
    access: Access<part::Registrations, action::Delete, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    known: IfMatch,
) -> Result<NoContent, Problem> {
    delete(
        &access.tenant()?,
        known,
        move |writer| writer.registration(id),
        move |writer, registration| writer.discard_draft(&registration),
    )
    .await
}

async fn finalise_registration(
    access: Access<part::Registrations, action::Change, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    known: IfMatch,
    body: Option<JsonBody<RegistrationFinalisation>>,
) -> Result<Shown<Registration>, Problem> {
    let second = body.and_then(|JsonBody(body, _)| body.second_in_half_year).unwrap_or_default();
    change(
        &access.tenant()?,
        known,
        move |writer| writer.registration(id),
        move |writer, registration| writer.finalise_registration(registration, second),
    )
    .await
}

async fn withdraw_registration(
    access: Access<part::Registrations, action::Change, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    known: IfMatch,
    JsonBody(body, _): JsonBody<WithdrawalCreation>,
) -> Result<Shown<Registration>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.registration(id),
        move |writer, registration| writer.withdraw_registration(registration, body.reason),
    )
    .await
}

async fn list_registration_versions(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
    query: ListVersions,
) -> Result<Listed<VersionSummary>, Problem> {
    let ListVersions { page } = query;
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.registration_versions(id, page.after, page.rows))
        .await?;
    page.reply(found, |version| version.number, VersionSummary::from)
}

async fn correct_registration(
    access: Access<part::Registrations, action::Create, FollowDevelopment>,
    request: HttpRequest,
    PathId(id): PathId<RegistrationId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<RegistrationCorrection>,
) -> Result<Created<Registration>, Problem> {
    let tenant = access.tenant()?;
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let registration = writer.registration(id)?;
            let registration = writer.correct_registration(registration, body.reason)?;
            let number = VersionNumber(registration.version.number);
            let location = format!("/v1/registrations/{id}/versions/{number}");
            Ok(New::at(location, (id, number), registration))
        },
        |writer, (id, VersionNumber(number))| writer.registration_version(id, number).map(View::of),
    )
    .await
}

async fn read_registration_version(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    PathIds((id, VersionNumber(number))): PathIds<(RegistrationId, VersionNumber)>,
    known: IfNoneMatch,
) -> Result<Shown<Registration>, Problem> {
    let registration =
        access.tenant()?.read(Cost::Rows, move |reader| reader.registration_version(id, number)).await?;
    reply::stored_if_changed(&known, registration)
}
