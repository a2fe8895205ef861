//! Goals of a group: what it works towards on a line in a period, what it was offered for it, and what came of that (C142).

use actix_web::HttpRequest;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::goal::{GoalFields, GoalText, MOST_OFFERS, MOST_PUPILS};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{FrameworkId, GoalId, GoalOfferId, GroupId, PupilId};
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::goal::{
    ChildEffect, GoalChange, GoalEffect as Effect, GoalFilter, NewGoal, StoredGoal, StoredOffer,
};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::Change;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::described::counted;
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::http::revision::{change, delete};
use crate::routes::access::authors::Author;
use crate::routes::children::overviews::LinePoint;
use crate::{operations, query_params, reply_body, request_body, revised};

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

request_body! {
    /// What a group works towards.
    pub struct GoalCreation {
        /// The development line.
        line: LineCode,
        /// The published framework that the line is of; when absent, the one that is chosen for the age of most of the children
        /// (`/framework-choices`), or else the newest one.
        framework_id: Option<FrameworkId>,
        /// The first day on which it is worked on, in the school year of the group.
        first_day: Date,
        /// The last day on which it is worked on.
        last_day: Date,
        /// What is worked towards. For planning what the group is offered; never for telling of one child: it names none, as
        /// what is about one child is a note about it.
        text: GoalText,
        /// The children it is meant for: 1 to 100 who are in the group on a day of the period. For seeing what came of it for
        /// them; never for ranking them.
        pupil_ids: Vec<PupilId> = counted(1..=MOST_PUPILS),
    }

    example {
        "line": "spoken-language",
        "firstDay": "2026-11-02",
        "lastDay": "2027-01-29",
        "text": "De kinderen vertellen een prentenboek na, met begin, midden en einde.",
        "pupilIds": ["01999999-0000-7000-8000-000000000001"],
    }
}

request_body! {
    /// What changes about a goal; what is absent stays.
    pub struct GoalPatch {
        /// The development line.
        line: Change<LineCode>,
        /// The published framework that the line is of.
        framework_id: Change<FrameworkId>,
        /// The first day on which it is worked on.
        first_day: Change<Date>,
        /// The last day on which it is worked on.
        last_day: Change<Date>,
        /// What is worked towards; it names no child.
        text: Change<GoalText>,
        /// All children it is meant for: 1 to 100.
        pupil_ids: Change<Vec<PupilId>> = counted(1..=MOST_PUPILS),
    }

    example { "lastDay": "2027-02-12" }
}

request_body! {
    /// What the children of a goal were offered on one day.
    pub struct GoalOfferCreation {
        /// The day, in the period of the goal; today in Amsterdam when absent.
        offered_on: Option<Date>,
        /// What was offered. For seeing later what helped; never for telling of one child: it names none.
        text: GoalText,
    }

    example { "text": "Verteltafel bij het prentenboek, in groepjes van vier." }
}

reply_body! {
    /// What a group works towards.
    pub struct Goal {
        /// The goal's id.
        id: GoalId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The group.
        group_id: GroupId,
        /// The development line.
        line: LineCode,
        /// The version of the framework that the line is of.
        framework_id: FrameworkId,
        /// The first day on which it is worked on.
        first_day: Date,
        /// The last day on which it is worked on.
        last_day: Date,
        /// What is worked towards.
        text: Option<GoalText>,
        /// Whether texts are masked: `text` is null then, here and in the offers, as it is to the processor's staff unless the
        /// purpose of their support session needs it (C050).
        masked: bool,
        /// The children it is meant for whom the caller reaches, in the order in which they were entered.
        pupil_ids: Vec<PupilId> = counted(0..=MOST_PUPILS),
        /// What was offered, the earliest day first.
        offers: Vec<GoalOffer> = counted(0..=MOST_OFFERS),
        /// Who set it. For asking what was meant; never for judging a colleague.
        author: Author,
        /// When it was set, in UTC.
        created_at: Timestamp,
        /// When it was last changed or something was offered, in UTC.
        changed_at: Timestamp,
    }
}

reply_body! {
    /// What was offered on one day.
    pub struct GoalOffer {
        /// Its id.
        id: GoalOfferId,
        /// The day.
        offered_on: Date,
        /// What was offered.
        text: Option<GoalText>,
        /// Who wrote it down. For asking how it went; never for judging a colleague.
        author: Author,
        /// When it was entered, in UTC.
        created_at: Timestamp,
    }
}

reply_body! {
    /// What came of a goal. For deciding what the group is offered next; never for ranking children.
    pub(super) struct GoalEffect {
        /// The goal.
        goal_id: GoalId,
        /// Its line.
        line: LineCode,
        /// The version of the framework that the line is of.
        framework_id: FrameworkId,
        /// The children it is meant for whom the caller reaches, in the order in which they were entered.
        children: Vec<GoalChild> = counted(0..=MOST_PUPILS),
    }
}

reply_body! {
    /// Where one child was on the line of a goal, before it and after.
    pub(super) struct GoalChild {
        /// The child.
        id: PupilId,
        /// First name. For recognising the child.
        first_name: NamePart,
        /// Tussenvoegsel. For recognising the child.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For recognising the child.
        last_name: NamePart,
        /// The day of birth, where another child of the goal has the same name; null for all others. For telling the two apart;
        /// never for anything else.
        birth_date: Option<Date>,
        /// What the last registration until the first day of the goal says; null when there is none.
        before: Option<LinePoint>,
        /// What the first registration after that day says; null as long as there is none.
        after: Option<LinePoint>,
    }
}

revised! { StoredGoal: revision; }

impl From<StoredGoal> for Goal {
    fn from(stored: StoredGoal) -> Self {
        let etag = stored.etag();
        let StoredGoal { fields, masked, .. } = stored;
        Self {
            id: stored.id,
            etag,
            group_id: stored.group,
            line: fields.line,
            framework_id: stored.framework,
            first_day: fields.first_day,
            last_day: fields.last_day,
            text: (!masked).then_some(fields.text),
            masked,
            pupil_ids: fields.pupils,
            offers: stored.offers.into_iter().map(|offer| GoalOffer::of(offer, masked)).collect(),
            author: stored.author.into(),
            created_at: stored.created_at,
            changed_at: stored.changed_at,
        }
    }
}

impl GoalOffer {
    fn of(stored: StoredOffer, masked: bool) -> Self {
        Self {
            id: stored.id,
            offered_on: stored.offered_on,
            text: (!masked).then_some(stored.text),
            author: stored.author.into(),
            created_at: stored.created_at,
        }
    }
}

impl From<Effect> for GoalEffect {
    fn from(effect: Effect) -> Self {
        Self {
            goal_id: effect.goal,
            line: effect.line,
            framework_id: effect.framework,
            children: effect.children.into_iter().map(GoalChild::from).collect(),
        }
    }
}

impl From<ChildEffect> for GoalChild {
    fn from(child: ChildEffect) -> Self {
        Self {
            id: child.pupil,
            first_name: child.name.first,
            infix: child.name.infix,
            last_name: child.name.last,
            birth_date: child.birth_date,
            before: child.effect.before.map(LinePoint::from),
            after: child.effect.after.map(LinePoint::from),
        }
    }
}

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
