//! Subprocessors: whom the processor lets process data, where, and what for (C134–C137).

mod bodies;
pub mod checks;
pub mod says;

use actix_web::HttpRequest;
use groeilijn_domain::platform::subprocessor::SubprocessorFields;
use groeilijn_domain::platform::transfer::Country;
use groeilijn_domain::values::ids::SubprocessorId;
use groeilijn_persistence::Cost;
use groeilijn_persistence::platform::subprocessor::{NewSubprocessor, Viewer};

use self::bodies::{ListSubprocessors, Subprocessor, SubprocessorCreation};
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::operations;

operations! {
    /// The operations on subprocessors.
    pub fn endpoints;

    /// List the subprocessors
    ///
    /// Whom the processor lets process data, in the order in which they were announced: to an administrator as each stands
    /// for her institution, to the processor as it stands for all institutions together. What ended stays listed (C134).
    GET "/subprocessors" => list_subprocessors: "A page of subprocessors.";

    /// Announce a subprocessor
    ///
    /// A new one, or with `replacesId` a change of one: what it does, where, and which passages of its contract hold it to
    /// the processor's own duties (C136). Every institution's administrators are sent a letter, and may object until and
    /// including `objectUntil`. It is not to be used before its state is `in-use` (C135).
    ///
    /// The United States are refused, whatever the safeguard (C138). Any other country outside the European Economic Area
    /// needs a safeguard here, and the consent of each institution (C137).
    POST "/subprocessors" => announce_subprocessor: "The subprocessor was announced.";

    /// Read a subprocessor
    ///
    /// With the copies of the passages of its contract (C136).
    GET "/subprocessors/{subprocessorId}" => read_subprocessor: "The subprocessor.";

    /// Withdraw or end a subprocessor
    ///
    /// Takes back one that is not in use yet, or stops using it. It stays listed as `withdrawn` or `ended`.
    DELETE "/subprocessors/{subprocessorId}" => end_subprocessor: "It is used no longer, or never was.";
}

/// Who asks, as far as it matters for what they see.
fn viewer<P, A, V>(access: &Access<P, A, V>) -> Viewer {
    access.institution().map_or(Viewer::Processor, Viewer::Institution)
}

async fn list_subprocessors(
    access: Access<part::Subprocessors, action::Read, AdministerLicence>,
    query: ListSubprocessors,
) -> Result<Listed<Subprocessor>, Problem> {
    let (ListSubprocessors { page }, viewer) = (query, viewer(&access));
    let found = access
        .platform()
        .read(Cost::Scan, move |reader| reader.subprocessors(viewer, page.after, page.rows))
        .await?;
    page.reply(found, |subprocessor| subprocessor.id, Subprocessor::from)
}

async fn announce_subprocessor(
    access: Access<part::Subprocessors, action::Create, AdministerLicence>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<SubprocessorCreation>,
) -> Result<Created<Subprocessor>, Problem> {
    let platform = access.platform();
    let id = SubprocessorId::from_uuid(platform.environment().uuid());
    let fields = SubprocessorFields {
        name: body.name,
        place: body.place,
        country: body.country.unwrap_or_else(Country::netherlands),
        task: body.task,
        access: body.access,
        safeguard: body.safeguard,
        passages: body.passages.into_iter().map(Into::into).collect(),
    };
    fields.check()?;
    let new = NewSubprocessor { id, replaces: body.replaces_id, fields };
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let announced = writer.announce_subprocessor(&new)?;
            Ok(New { location: format!("/v1/subprocessors/{id}"), ids: id, view: View::unrevised(announced) })
        },
        |writer, id| writer.reader().subprocessor(Viewer::Processor, id).map(View::unrevised),
    )
    .await
}

async fn read_subprocessor(
    access: Access<part::Subprocessors, action::Read, AdministerLicence>,
    PathId(id): PathId<SubprocessorId>,
) -> Result<Shown<Subprocessor>, Problem> {
    let viewer = viewer(&access);
    let found = access.platform().read(Cost::Rows, move |reader| reader.subprocessor(viewer, id)).await?;
    reply::view(&Subprocessor::from(found))
}

async fn end_subprocessor(
    access: Access<part::Subprocessors, action::Delete, AdministerLicence>,
    PathId(id): PathId<SubprocessorId>,
) -> Result<NoContent, Problem> {
    access.platform().write(move |writer| writer.end_subprocessor(id)).await?;
    Ok(NoContent)
}
