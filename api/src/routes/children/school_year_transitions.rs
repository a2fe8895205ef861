//! August in one act: the groups of the next school year, and which children go to which.

use actix_web::HttpRequest;
use groeilijn_domain::children::group::NewGroup;
use groeilijn_domain::children::pupil::YearLevel;
use groeilijn_domain::children::school_year_transition::{
    self as rules, MOST_GROUPS, MOST_MOVES, MadeMove, Transition,
};
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{ActorId, GroupId, LocationId, PupilId, SchoolYearTransitionId};
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::school_year_transition::{Deed, StoredTransition, TransitionPreview};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::described::{counted, within};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::http::revision::change;
use crate::routes::access::authors::Author;
use crate::{operations, query_params, reply_body, request_body, revised};

operations! {
    /// The operations on school years that are begun in one act.
    pub fn endpoints;

    /// List the school years that were begun in one act
    ///
    /// In the order in which that was done, also those that were undone.
    GET "/school-year-transitions" => list_school_year_transitions: "A page of acts.";

    /// Begin a school year in one act
    ///
    /// Makes the groups of the next school year and places the children in them, all of it or nothing. A move takes the children
    /// whose main group `fromGroupId` is on the day before `firstDay` and would be on that day too: neither a child who leaves
    /// before, nor one whose next group was arranged already. Each is placed from `firstDay` as `placePupil` does it; what is
    /// planned later stays. With `yearLevels` a move takes those of these year levels alone, so that a combined group is
    /// split. A year level holds at once, so `yearLevel` gives another one on the first day itself only, to the children of
    /// one level.
    ///
    /// Whom no move takes stays where it is: `notMoved` counts them, and `GET /groups/{groupId}/pupils?on=…` of a group before
    /// lists them. When a child cannot be placed, nothing happens: the error at its move names it in `conflictsWith`, of at
    /// most 100 children. Ask `/_preview` before.
    POST "/school-year-transitions" => create_school_year_transition: "The school year was begun.";

    /// See what beginning a school year in one act would come to
    ///
    /// A dry run: the same body, the same refusals, and nothing changes.
    POST "/school-year-transitions/_preview" => preview_school_year_transition: "What it would come to.";

    /// Read a school year that was begun in one act
    ///
    /// What it came to when it was done.
    GET "/school-year-transitions/{schoolYearTransitionId}" => read_school_year_transition: "The act.";

    /// Undo a school year that was begun in one act
    ///
    /// Until `undoableUntil`, as a whole or not at all. The placements that it made are taken away, with a line in the history
    /// of each child, and those before go on; a year level that it gave is taken back, unless it was changed since; the
    /// groups that it made are gone, also for the users they were given to.
    ///
    /// With 409 `undo-too-late` and `already-undone`; `changed-since` when one of the placements is not as it was made, or
    /// its child left; `group-in-use` when a child is or was in one of the new groups otherwise, or something was registered
    /// or aimed at in it; `archived`, `same-group` and `not-in-a-group` as taking a placement away is refused. `conflictsWith`
    /// is the child or the group that stands in the way.
    POST "/school-year-transitions/{schoolYearTransitionId}/_undo" => undo_school_year_transition: "The act as it is now.";
}

request_body! {
    /// A school year that is begun in one act.
    pub(super) struct SchoolYearTransitionCreation {
        /// The day from which the children are in their next groups: today in Amsterdam or later, at most 12 months ahead. The
        /// new groups are of the school year that holds it.
        first_day: Date,
        /// The groups that are made: at most 100.
        groups: Option<Vec<NextGroupCreation>>,
        /// Who goes where: 1 to 500. No two of them take the same child.
        moves: Vec<SchoolYearMoveCreation> = counted(1..=MOST_MOVES),
    }

    example {
        "firstDay": "2026-12-01",
        "groups": [{ "name": "Groep 2", "location": "Noord" }],
        "moves": [{ "fromGroupId": "01999999-0000-7000-8000-000000000001", "toNewGroup": 0 }],
    }
}

request_body! {
    /// A group that is made for the next school year.
    pub(super) struct NextGroupCreation {
        /// What the group is called; no other new group at the same location has that name. For recognising it, never for
        /// telling one person from another.
        name: Label,
        /// What the place where the group is is called, for organisations with more than one.
        location: Option<Label>,
        /// The location of the institution that the group is at. For letting in who is limited to that location (C143); never
        /// for comparing locations.
        location_id: Option<LocationId>,
    }
}

request_body! {
    /// That the children of a group go to another one: `toGroupId` or `toNewGroup`.
    pub(super) struct SchoolYearMoveCreation {
        /// The group that they are in on the day before.
        from_group_id: GroupId,
        /// The year levels of those who go; when absent everybody goes, also children without a year level.
        year_levels: Option<Vec<YearLevel>>,
        /// The group to which they go, when it is there already. It is of the next school year.
        to_group_id: Option<GroupId>,
        /// The new group to which they go: its place in `groups`, counted from 0.
        to_new_group: Option<u32> = within(0, MOST_GROUPS as i64 - 1),
        /// The year level that they are in from now on, when `firstDay` is today and `yearLevels` names one; when absent it
        /// stays. For telling a combined group apart; never for judging a child.
        year_level: Option<YearLevel>,
    }
}

reply_body! {
    /// A school year that was begun in one act.
    pub(super) struct SchoolYearTransition {
        /// Its id.
        id: SchoolYearTransitionId,
        /// Its `ETag`, which undoing sends as `If-Match`.
        etag: ETag,
        /// The day from which the children are in their next groups.
        first_day: Date,
        /// The school year that holds that day.
        school_year: SchoolYear,
        /// The groups that were made, in the order in which they were given. They are gone once it was undone.
        group_ids: Vec<GroupId> = counted(0..=MOST_GROUPS),
        /// What each move came to, in the order in which they were given.
        moves: Vec<SchoolYearMove> = counted(1..=MOST_MOVES),
        /// How many children of the groups before no move took.
        not_moved: u32,
        /// The user or the token that did it.
        made_by: ActorId,
        /// The user who did it, with her name; null for a token, and where the name is not known any more.
        author: Option<Author>,
        /// When, in UTC.
        made_at: Timestamp,
        /// Until when it can be undone, in UTC: seven days.
        undoable_until: Timestamp,
        /// That it was undone; null when it was not.
        undone: Option<SchoolYearUndoing>,
    }
}

reply_body! {
    /// What a move came to.
    pub(super) struct SchoolYearMove {
        /// The group that the children were in on the day before.
        from_group_id: GroupId,
        /// The year levels of those who went; null for everybody.
        year_levels: Option<Vec<YearLevel>>,
        /// The group to which they went.
        to_group_id: GroupId,
        /// The year level that they got; null when it stayed.
        year_level: Option<YearLevel>,
        /// How many they were.
        placed: u32,
    }
}

reply_body! {
    /// That a school year that was begun in one act was undone.
    pub(super) struct SchoolYearUndoing {
        /// The user or the token that undid it.
        undone_by: ActorId,
        /// The user who undid it, with her name; null for a token, and where the name is not known any more.
        author: Option<Author>,
        /// When, in UTC.
        undone_at: Timestamp,
    }
}

reply_body! {
    /// What beginning a school year in one act would come to.
    pub(super) struct SchoolYearTransitionPreview {
        /// How many children each move takes, in the order in which they were given.
        placed: Vec<u32> = counted(1..=MOST_MOVES),
        /// The children of the groups before whom no move takes.
        not_moved_pupil_ids: Vec<PupilId>,
    }
}

revised! { StoredTransition: revision; }

impl From<SchoolYearTransitionCreation> for Transition {
    fn from(body: SchoolYearTransitionCreation) -> Self {
        let school_year = SchoolYear::containing(body.first_day);
        let groups = body.groups.unwrap_or_default().into_iter().map(|group| NewGroup {
            name: group.name,
            school_year,
            location: group.location,
            location_id: group.location_id,
        });
        let moves = body.moves.into_iter().map(|one| rules::Move {
            from_group: one.from_group_id,
            year_levels: one.year_levels,
            to_group: one.to_group_id,
            to_new_group: one.to_new_group.map(|place| usize::try_from(place).unwrap_or(usize::MAX)),
            year_level: one.year_level,
        });
        Self { first_day: body.first_day, groups: groups.collect(), moves: moves.collect() }
    }
}

impl From<StoredTransition> for SchoolYearTransition {
    fn from(stored: StoredTransition) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            first_day: stored.first_day,
            school_year: SchoolYear::containing(stored.first_day),
            group_ids: stored.outcome.groups,
            moves: stored.outcome.moves.into_iter().map(SchoolYearMove::from).collect(),
            not_moved: stored.outcome.not_moved,
            made_by: stored.made.by.into(),
            author: stored.made.author.map(Author::from),
            made_at: stored.made.at,
            undoable_until: rules::undoable_until(stored.made.at),
            undone: stored.undone.map(SchoolYearUndoing::from),
        }
    }
}

impl From<MadeMove> for SchoolYearMove {
    fn from(made: MadeMove) -> Self {
        Self {
            from_group_id: made.from_group,
            year_levels: made.year_levels,
            to_group_id: made.to_group,
            year_level: made.year_level,
            placed: made.placed,
        }
    }
}

impl From<Deed> for SchoolYearUndoing {
    fn from(deed: Deed) -> Self {
        Self { undone_by: deed.by.into(), author: deed.author.map(Author::from), undone_at: deed.at }
    }
}

impl From<TransitionPreview> for SchoolYearTransitionPreview {
    fn from(preview: TransitionPreview) -> Self {
        Self { placed: preview.placed, not_moved_pupil_ids: preview.not_moved }
    }
}

query_params! {
    pub struct ListSchoolYearTransitions {
        /// How many acts one page has.
        page: Page<SchoolYearTransitionId>,
    }
}

async fn list_school_year_transitions(
    access: Access<part::Imports, action::Read, AdministerPupils>,
    query: ListSchoolYearTransitions,
) -> Result<Listed<SchoolYearTransition>, Problem> {
    let page = query.page;
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.school_year_transitions(page.after, page.rows))
        .await?;
    page.reply(found, |stored| stored.id, SchoolYearTransition::from)
}

async fn create_school_year_transition(
    access: Access<part::Imports, action::Create, AdministerPupils>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<SchoolYearTransitionCreation>,
) -> Result<Created<SchoolYearTransition>, Problem> {
    let tenant = access.tenant()?;
    let id: SchoolYearTransitionId = new_id(None, tenant.environment())?;
    let wanted = Transition::from(body);
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let made = writer.make_school_year_transition(id, &wanted)?;
            Ok(New::at(format!("/v1/school-year-transitions/{id}"), id, made))
        },
        |writer, id| writer.school_year_transition(id).map(View::of),
    )
    .await
}

async fn preview_school_year_transition(
    access: Access<part::Imports, action::Create, AdministerPupils>,
    JsonBody(body, _): JsonBody<SchoolYearTransitionCreation>,
) -> Result<Shown<SchoolYearTransitionPreview>, Problem> {
    let wanted = Transition::from(body);
    let tenant = access.tenant()?;
    let preview =
        tenant.read(Cost::Scan, move |reader| reader.preview_school_year_transition(&wanted)).await?;
    reply::view(&SchoolYearTransitionPreview::from(preview))
}

async fn read_school_year_transition(
    access: Access<part::Imports, action::Read, AdministerPupils>,
    PathId(id): PathId<SchoolYearTransitionId>,
    known: IfNoneMatch,
) -> Result<Shown<SchoolYearTransition>, Problem> {
    let stored = access.tenant()?.read(Cost::Rows, move |reader| reader.school_year_transition(id)).await?;
    reply::stored_if_changed(&known, stored)
}

async fn undo_school_year_transition(
    access: Access<part::Imports, action::Change, AdministerPupils>,
    PathId(id): PathId<SchoolYearTransitionId>,
    known: IfMatch,
) -> Result<Shown<SchoolYearTransition>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.school_year_transition(id),
        |writer, stored| writer.undo_school_year_transition(&stored),
    )
    .await
}
