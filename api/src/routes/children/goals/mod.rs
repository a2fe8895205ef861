//! Goals of a group: what it works towards on a line in a period, what it was offered for it, and what came of that (C142).

mod bodies;

use actix_web::HttpRequest;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::goal::GoalFields;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{GoalId, GroupId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::goal::{GoalChange, GoalFilter, NewGoal, StoredGoal};
use jiff::civil::Date;

use self::bodies::{Goal, GoalCreation, GoalEffect, GoalOfferCreation, GoalPatch};
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::http::revision::{change, delete};
use crate::{operations, query_params, revised};

operations! {
    /// The operations on goals of groups.
    pub fn endpoints;

    /// List the goals of a group
    ///
    /// The programme of a group: what it works towards, for whom, and what it was offered (C142), in the order in which the
    /// goals were set.
    GET "/groups/{groupId}/goals" => list_goals: "A page of goals.";

    /// Set a goal of a group
    ///
    /// What the group works towards on one line in one period, for children who are in it then.
    POST "/groups/{groupId}/goals" => create_goal: "The goal was set.";

    /// Read a goal
    ///
    /// One goal of a group within the caller's reach, with what was offered for it.
    GET "/goals/{goalId}" => read_goal: "The goal.";

    /// Change a goal
    ///
    /// A merge patch (RFC 7396): what is absent stays. Children of the goal whom the caller does not reach any more stay in it.
    PATCH "/goals/{goalId}" => change_goal: "The goal as it is now.";

    /// Take away a goal
    ///
    /// For one that was set by mistake. What was offered for it goes with it.
    DELETE "/goals/{goalId}" => delete_goal: "The goal is gone.";

    /// Add what was offered
    ///
    /// What the children of a goal were offered on one day. It is added to, and never changed.
    POST "/goals/{goalId}/offers" => add_goal_offer: "What was offered was added; the goal as it is now.";

    /// Read what came of a goal
    ///
    /// Where each child of the goal was on its line at the last final registration until the first day, that day included, and
    /// at the first one after it, beside each other (C142). A registration that leaves the line out says nothing of it, and the
    /// one next to it counts. As in overviews drafts do not count, nor does what was withdrawn, and a registration is read with
    /// the version of the framework that it was made with.
    GET "/goals/{goalId}/effect" => read_goal_effect: "What came of the goal.";
}

revised! { StoredGoal: revision; }

query_params! {
    pub struct ListGoals {
        /// Only the goals on this development line.
        line: Option<LineCode>,
        /// Only goals that are worked on on this day or later.
        from: Option<Date>,
        /// Only goals that are worked on on this day or earlier.
        until: Option<Date>,
        /// How many goals one page has.
        page: Page<GoalId>,
    }
}

async fn list_goals(
    access: Access<part::Overviews, action::Read, FollowDevelopment>,
    PathId(group): PathId<GroupId>,
    query: ListGoals,
) -> Result<Listed<Goal>, Problem> {
    let ListGoals { line, from, until, page } = query;
    let filter = GoalFilter { line, from, until };
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.goals(group, &filter, page.after, page.rows))
        .await?;
    page.reply(found, |goal| goal.id, Goal::from)
}

async fn create_goal(
    access: Access<part::Registrations, action::Create, FollowDevelopment>,
    request: HttpRequest,
    PathId(group): PathId<GroupId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<GoalCreation>,
) -> Result<Created<Goal>, Problem> {
    let tenant = access.tenant()?;
    let id = new_id(None, tenant.environment())?;
    let new = NewGoal {
        id,
        framework: body.framework_id,
        fields: GoalFields {
            line: body.line,
            first_day: body.first_day,
            last_day: body.last_day,
            text: body.text,
            pupils: body.pupil_ids,
        },
    };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let goal = writer.create_goal(group, &new)?;
            Ok(New::at(location(id), id, goal))
        },
        |writer, id| writer.goal(id).map(View::of),
    )
    .await
}

async fn read_goal(
    access: Access<part::Overviews, action::Read, FollowDevelopment>,
    PathId(id): PathId<GoalId>,
    known: IfNoneMatch,
) -> Result<Shown<Goal>, Problem> {
    let goal = access.tenant()?.read(Cost::Rows, move |reader| reader.goal(id)).await?;
    reply::stored_if_changed(&known, goal)
}

async fn change_goal(
    access: Access<part::Registrations, action::Change, FollowDevelopment>,
    PathId(id): PathId<GoalId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<GoalPatch>,
) -> Result<Shown<Goal>, Problem> {
    let fields = GoalChange {
        framework: patch.framework_id.into_option(),
        line: patch.line.into_option(),
        first_day: patch.first_day.into_option(),
        last_day: patch.last_day.into_option(),
        text: patch.text.into_option(),
        pupils: patch.pupil_ids.into_option(),
    };
    change(
        &access.tenant()?,
        known,
        move |writer| writer.goal(id),
        move |writer, stored| writer.change_goal(id, stored.revision, fields),
    )
    .await
}

async fn delete_goal(
    access: Access<part::Registrations, action::Delete, FollowDevelopment>,
    PathId(id): PathId<GoalId>,
    known: IfMatch,
) -> Result<NoContent, Problem> {
    delete(
        &access.tenant()?,
        known,
        move |writer| writer.goal(id),
        move |writer, stored| writer.delete_goal(id, stored.revision),
    )
    .await
}

async fn add_goal_offer(
    access: Access<part::Registrations, action::Create, FollowDevelopment>,
    request: HttpRequest,
    PathId(id): PathId<GoalId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<GoalOfferCreation>,
) -> Result<Created<Goal>, Problem> {
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    let offer = new_id(None, environment)?;
    let offered_on = body.offered_on.unwrap_or_else(|| amsterdam_date(environment.now()));
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let goal = writer.add_offer(id, offer, offered_on, &body.text)?;
            Ok(New::at(location(id), id, goal))
        },
        |writer, id| writer.goal(id).map(View::of),
    )
    .await
}

async fn read_goal_effect(
    access: Access<part::Overviews, action::Read, FollowDevelopment>,
    PathId(id): PathId<GoalId>,
) -> Result<Shown<GoalEffect>, Problem> {
    let effect = access.tenant()?.read(Cost::Scan, move |reader| reader.goal_effect(id)).await?;
    reply::view(&GoalEffect::from(effect))
}

fn location(id: GoalId) -> String {
    format!("/v1/goals/{id}")
}
