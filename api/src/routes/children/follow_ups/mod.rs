//! Follow-ups: what is planned for a line of a registration that needs extra attention, the day on which somebody looks again,
//! and what came of it (C025).

mod bodies;

use actix_web::HttpRequest;
use groeilijn_domain::children::follow_up::FollowUpFields;
use groeilijn_domain::values::ids::{FollowUpId, GroupId, RegistrationId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::follow_up::{
    FollowUpChange, FollowUpFilter, NewFollowUp, StoredFollowUp,
};
use jiff::civil::Date;

use self::bodies::{FollowUp, FollowUpCreation, FollowUpFinish, FollowUpPatch, ListedFollowUp};
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::position::Position;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::http::revision::{change, delete};
use crate::http::text_value::ParseText;
use crate::{operations, query_params, revised};

operations! {
    /// The operations on follow-ups.
    pub fn endpoints;

    /// List what is to be followed up
    ///
    /// Of the children within the caller's reach who are in a group today, the earliest day first, open ones and finished ones
    /// unless `open` says which. Only what counts: the follow-ups of final registrations that were not withdrawn, of lines for
    /// which the latest final version asks extra attention.
    GET "/follow-ups" => list_follow_ups: "A page of follow-ups, each with its child.";

    /// List the follow-ups of a registration
    ///
    /// All of them, also those of a draft, of one that was withdrawn, and of lines that need no extra attention any more, in the
    /// order in which they were planned.
    GET "/registrations/{registrationId}/follow-ups" => list_follow_ups_of_registration: "A page of follow-ups."
        .with_parameter("registrationId", "The registration.");

    /// Plan a follow-up
    ///
    /// For a line for which the registration asks extra attention: in its open draft, or else in its latest final version. It
    /// stands beside all versions of the registration, and is in the list once the registration counts. A draft that is
    /// discarded before it was ever final takes its follow-ups along.
    POST "/registrations/{registrationId}/follow-ups" => create_follow_up: "The follow-up was planned."
        .with_parameter("registrationId", "The registration.");

    /// Read a follow-up
    ///
    /// One follow-up of a child within the caller's reach.
    GET "/follow-ups/{followUpId}" => read_follow_up: "The follow-up.";

    /// Change a follow-up
    ///
    /// A merge patch (RFC 7396) of the plan and the day, as long as it is open.
    PATCH "/follow-ups/{followUpId}" => change_follow_up: "The follow-up as it is now.";

    /// Take away a follow-up
    ///
    /// For one that was planned by mistake, as long as it is open.
    DELETE "/follow-ups/{followUpId}" => delete_follow_up: "The follow-up is gone.";

    /// Finish a follow-up
    ///
    /// Says what came of it: somebody looked again. From now on it never changes, and stays readable as long as its registration is there.
    POST "/follow-ups/{followUpId}/_finish" => finish_follow_up: "The follow-up, which is finished now.";
}

revised! { StoredFollowUp: revision; }

query_params! {
    pub struct ListFollowUps {
        /// Only those of the children who are in this group, as their main one or beside it.
        group_id: Option<GroupId>,
        /// Only those of this day or earlier.
        until: Option<Date>,
        /// Only those that are not finished yet, or with `false` only those that are.
        open: Option<bool>,
        /// How many follow-ups one page has.
        page: Page<(Date, FollowUpId)>,
    }
}

query_params! {
    pub struct ListFollowUpsOfRegistration {
        /// How many follow-ups one page has.
        page: Page<FollowUpId>,
    }
}

/// Follow-ups are listed by day, those of one day by id.
impl Position for (Date, FollowUpId) {
    fn to_bytes(&self) -> Vec<u8> {
        [self.1.as_bytes().as_slice(), self.0.to_string().as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, day) = bytes.split_at_checked(16)?;
        let day = Date::parse_text(std::str::from_utf8(day).ok()?).ok()?;
        Some((day, FollowUpId::from_slice(id)?))
    }
}

async fn list_follow_ups(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    query: ListFollowUps,
) -> Result<Listed<ListedFollowUp>, Problem> {
    let ListFollowUps { group_id, until, open, page } = query;
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| {
            let group = group_id.map(|id| reader.reached_group(id)).transpose()?;
            reader.due_follow_ups(FollowUpFilter { group, until, open }, page.after, page.rows)
        })
        .await?;
    page.reply(found, |due| (due.follow_up.fields.follow_up_on, due.follow_up.id), ListedFollowUp::from)
}

async fn list_follow_ups_of_registration(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    PathId(registration): PathId<RegistrationId>,
    query: ListFollowUpsOfRegistration,
) -> Result<Listed<FollowUp>, Problem> {
    let ListFollowUpsOfRegistration { page } = query;
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.follow_ups_of(registration, page.after, page.rows))
        .await?;
    page.reply(found, |follow_up| follow_up.id, FollowUp::from)
}

async fn create_follow_up(
    access: Access<part::Registrations, action::Create, FollowDevelopment>,
    request: HttpRequest,
    PathId(registration): PathId<RegistrationId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<FollowUpCreation>,
) -> Result<Created<FollowUp>, Problem> {
    let tenant = access.tenant()?;
    let id = new_id(body.id, tenant.environment())?;
    let fields = FollowUpFields { line: body.line, plan: body.plan, follow_up_on: body.follow_up_on };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let planned = writer.create_follow_up(NewFollowUp { id, registration, fields })?;
            Ok(New::at(format!("/v1/follow-ups/{id}"), id, planned))
        },
        |writer, id| writer.follow_up(id).map(View::of),
    )
    .await
}

async fn read_follow_up(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    PathId(id): PathId<FollowUpId>,
    known: IfNoneMatch,
) -> Result<Shown<FollowUp>, Problem> {
    let follow_up = access.tenant()?.read(Cost::Rows, move |reader| reader.follow_up(id)).await?;
    reply::stored_if_changed(&known, follow_up)
}

async fn change_follow_up(
    access: Access<part::Registrations, action::Change, FollowDevelopment>,
    PathId(id): PathId<FollowUpId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<FollowUpPatch>,
) -> Result<Shown<FollowUp>, Problem> {
    let wanted =
        FollowUpChange { plan: patch.plan.into_option(), follow_up_on: patch.follow_up_on.into_option() };
    change(
        &access.tenant()?,
        known,
        move |writer| writer.follow_up(id),
        move |writer, stored| writer.change_follow_up(stored, wanted),
    )
    .await
}

async fn delete_follow_up(
    access: Access<part::Registrations, action::Delete, FollowDevelopment>,
    PathId(id): PathId<FollowUpId>,
    known: IfMatch,
) -> Result<NoContent, Problem> {
    delete(
        &access.tenant()?,
        known,
        move |writer| writer.follow_up(id),
        move |writer, stored| writer.delete_follow_up(&stored),
    )
    .await
}

async fn finish_follow_up(
    access: Access<part::Registrations, action::Change, FollowDevelopment>,
    PathId(id): PathId<FollowUpId>,
    known: IfMatch,
    JsonBody(body, _): JsonBody<FollowUpFinish>,
) -> Result<Shown<FollowUp>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.follow_up(id),
        move |writer, stored| writer.finish_follow_up(stored, body.outcome),
    )
    .await
}
