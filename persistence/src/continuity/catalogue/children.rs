//! Children, what is written about them, and the groups that they are in.

use groeilijn_domain::children::departure::DepartureKind;
use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::follow_up::FollowUpText;
use groeilijn_domain::children::framework::{FrameworkCode, FrameworkState, LineCode, Locale};
use groeilijn_domain::children::goal::GoalText;
use groeilijn_domain::children::import::{Failure, ImportState};
use groeilijn_domain::children::note::NoteText;
use groeilijn_domain::children::pupil::{MAX_DAY_PARTS, MAX_WEEKS_PREMATURE, YearLevel};
use groeilijn_domain::children::registration::RegistrationState;
use groeilijn_domain::children::school_file::FileFormat;
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::values::calendar::{HalfYear, SchoolYear};
use groeilijn_domain::values::ids::{PupilId, RegistrationId};
use groeilijn_domain::values::person::{Gender, HomeLanguage};
use groeilijn_domain::values::text::{FreeText, Label, ShortText};
use groeilijn_engine::keys::KeyOwner;

use super::super::documents::{AS_KEPT, FRAMEWORK, JUDGEMENTS, LINES, NAME, PLACEMENT_CHANGE};
use super::super::form::{Form, any, code, text};
use super::super::resource::{Cells, Fate, INSTITUTION_ID, Member, Resource};
use super::super::rules;
use crate::children::key_owner;
use crate::children::registration::content::{TABLE as VERSIONS, sealed_row};

/// Of a child whose destruction did not begin.
macro_rules! of_a_child_that_is_there {
    ($pupil:literal) => {
        concat!(
            "t.institution_id = $1 AND EXISTS (SELECT 1 FROM pupil AS there WHERE there.institution_id = $1 ",
            "AND there.id = ",
            $pupil,
            " AND there.destroying_at IS NULL)"
        )
    };
}

fn child_in(cells: &Cells, column: &str) -> Option<KeyOwner> {
    cells.id(column).map(|id| key_owner::pupil(PupilId::from_uuid(id)))
}

/// The key that the school's own administration gives.
const SCHOOL_KEY: Form = text!(SchoolKey);

pub(super) static FRAMEWORKS: Resource = Resource::new(
    "frameworks",
    "framework",
    "A version of a framework that children of the institution were registered with, or that a goal of a group is of.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("code", "code", text!(FrameworkCode)),
        Member::plain("version", "version", Form::Number),
        Member::plain("locale", "locale", code!(Locale)),
        Member::plain("title", "title", Form::Text(200, any)),
        Member::plain("state", "state", code!(FrameworkState)),
        Member::plain("document", "document", Form::Json(&FRAMEWORK)),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("publishedAt", "published_at", Form::Moment).optional(),
    ],
)
.filtered(
    "t.id IN (SELECT framework_id FROM registration WHERE institution_id = $1 \
     UNION SELECT framework_id FROM goal WHERE institution_id = $1)",
)
.held_to(rules::framework)
.lines_to(8 << 20)
.fate(Fate::IsHere { found_by: &["code", "version", "locale"], same: &["document", "state"] });

pub(super) static GROUPS: Resource = Resource::new(
    "groups",
    "groups",
    "A group in a school year.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::sealed("name", "name", text!(Label)),
        Member::sealed("location", "location", text!(Label)).optional(),
        Member::sealed("schoolKey", "school_key", SCHOOL_KEY).optional(),
        Member::plain("schoolYear", "school_year", text!(9, SchoolYear)),
        Member::reference("locationId", "location_id", "locations").optional(),
        Member::plain("archivedAt", "archived_at", Form::Moment).optional(),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
    ],
)
.without(&[INSTITUTION_ID]);

pub(super) static PUPILS: Resource = Resource::new(
    "pupils",
    "pupil",
    "A child: who it is, and whether it left.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::sealed("name", "name", Form::Json(&NAME)).spread(),
        Member::sealed("gender", "gender", code!(Gender)),
        Member::sealed("homeLanguage", "home_language", text!(3, HomeLanguage)).optional(),
        Member::sealed("birthDate", "birth_date", Form::Day),
        Member::sealed("vve", "vve", Form::Flag).optional(),
        Member::sealed("dayPartsPerWeek", "day_parts_per_week", Form::NumberTo(MAX_DAY_PARTS)).optional(),
        Member::sealed("weeksPremature", "weeks_premature", Form::NumberTo(MAX_WEEKS_PREMATURE)).optional(),
        Member::sealed("particulars", "particulars", text!(FreeText)).optional(),
        Member::sealed("eckId", "eck_id", text!(EckId)).optional(),
        Member::sealed("schoolKey", "school_key", SCHOOL_KEY).optional(),
        Member::plain("lastDay", "departed_on", Form::Day).optional(),
        Member::plain("departureKind", "departure_kind", code!(DepartureKind)).optional(),
        Member::maybe_sealed("destination", "destination", text!(ShortText)),
        Member::maybe_sealed("yearLevel", "year_level", code!(YearLevel)),
        Member::plain("archivedAt", "archived_at", Form::Moment).optional(),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
    ],
)
.filtered("t.institution_id = $1 AND t.destroying_at IS NULL")
.owned(|cells, _| child_in(cells, "id"))
.without(&[INSTITUTION_ID, ("destroying_at", "a child that is being destroyed is not exported")]);

pub(super) static EARLIER_BIRTH_DATES: Resource = Resource::new(
    "earlier-birth-dates",
    "earlier_birth_date",
    "The birth date that a child had until it was corrected.",
    &[
        Member::reference("pupilId", "pupil_id", "pupils"),
        Member::plain("revision", "revision", Form::Number),
        Member::sealed("birthDate", "birth_date", Form::Day),
        Member::reference("correctedBy", "corrected_by", "users").optional(),
        Member::plain("correctedAt", "corrected_at", Form::Moment),
    ],
)
.filtered(of_a_child_that_is_there!("t.pupil_id"))
.known_by(&["pupil_id", "revision"])
.owned(|cells, _| child_in(cells, "pupil_id"))
// What was sealed for the child was copied unopened when it was corrected.
.placed(|cells| Some(("pupil", cells.id("pupil_id")?)))
.without(&[INSTITUTION_ID]);

pub(super) static PLACEMENTS: Resource = Resource::new(
    "placements",
    "placement",
    "That a child is in a group, from one day to another.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("pupilId", "pupil_id", "pupils"),
        Member::reference("groupId", "group_id", "groups"),
        Member::plain("placedOn", "placed_on", Form::Day),
        Member::plain("endedOn", "ended_on", Form::Day).optional(),
        Member::plain("endedByDepartureOn", "departed_on", Form::Day).optional(),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("revision", "revision", Form::Number),
    ],
)
.filtered(of_a_child_that_is_there!("t.pupil_id"))
.without(&[
    INSTITUTION_ID,
    ("transition_id", "as of the school years that were begun in one act"),
    ("transition_move", "as of the school years that were begun in one act"),
    ("transition_ended_on", "as of the school years that were begun in one act"),
]);

pub(super) static ADDITIONAL_GROUPS: Resource = Resource::new(
    "additional-groups",
    "additional_group",
    "That a child is in a group beside its main one, from one day to another.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("pupilId", "pupil_id", "pupils"),
        Member::reference("groupId", "group_id", "groups"),
        Member::plain("placedOn", "placed_on", Form::Day),
        Member::plain("endedOn", "ended_on", Form::Day),
        Member::plain("endedOnOtherwise", "ended_on_otherwise", Form::Day).optional(),
        Member::sealed("dayPartsPerWeek", "day_parts_per_week", Form::NumberTo(MAX_DAY_PARTS)).optional(),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("revision", "revision", Form::Number),
    ],
)
.filtered(of_a_child_that_is_there!("t.pupil_id"))
.owned(|cells, _| child_in(cells, "pupil_id"))
.without(&[INSTITUTION_ID]);

pub(super) static PLACEMENT_CHANGES: Resource = Resource::new(
    "placement-changes",
    "placement_change",
    "What a placement was before it was put right, and why. It may have been taken away since, and its group too.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("pupilId", "pupil_id", "pupils"),
        Member::plain("placementId", "placement_id", Form::Id),
        Member::plain("changedBy", "changed_by", Form::Actor),
        Member::plain("changedAt", "changed_at", Form::Moment),
        Member::sealed("content", "content", Form::Json(&PLACEMENT_CHANGE)).spread(),
    ],
)
.filtered(of_a_child_that_is_there!("t.pupil_id"))
.owned(|cells, _| child_in(cells, "pupil_id"))
.without(&[INSTITUTION_ID]);

pub(super) static NOTES: Resource = Resource::new(
    "notes",
    "note",
    "What a professional saw of a child.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("pupilId", "pupil_id", "pupils"),
        Member::reference("authorId", "author_id", "users"),
        Member::plain("observedOn", "observed_on", Form::Day),
        Member::sealed("text", "text", text!(NoteText)),
        Member::sealed("lines", "lines", Form::Json(&LINES)),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("changedAt", "changed_at", Form::Moment),
        Member::plain("withdrawnAt", "withdrawn_at", Form::Moment).optional(),
        Member::reference("withdrawnBy", "withdrawn_by", "users").optional(),
        Member::maybe_sealed("withdrawalReason", "withdrawal_reason", text!(ShortText)),
        Member::plain("movedTo", "moved_to", Form::Id).optional(),
        Member::plain("movedFrom", "moved_from", Form::Id).optional(),
    ],
)
.filtered(of_a_child_that_is_there!("t.pupil_id"))
.owned(|cells, _| child_in(cells, "pupil_id"))
.held_to(rules::withdrawal)
.without(&[INSTITUTION_ID]);

pub(super) static NOTE_REVISIONS: Resource = Resource::new(
    "note-revisions",
    "note_revision",
    "How a note read before it was changed.",
    &[
        Member::reference("noteId", "note_id", "notes"),
        Member::of_its("pupilId", "n.pupil_id", "noteId"),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("observedOn", "observed_on", Form::Day),
        Member::sealed("text", "text", text!(NoteText)),
        Member::sealed("lines", "lines", Form::Json(&LINES)),
        Member::plain("writtenAt", "written_at", Form::Moment),
    ],
)
.joined("JOIN note AS n ON n.institution_id = t.institution_id AND n.id = t.note_id")
.filtered(of_a_child_that_is_there!("n.pupil_id"))
.known_by(&["note_id", "revision"])
.owned(|cells, _| child_in(cells, "n.pupil_id"))
// What was sealed for the note was copied unopened when the note was changed.
.placed(|cells| Some(("note", cells.id("note_id")?)))
.without(&[INSTITUTION_ID]);

pub(super) static REGISTRATIONS: Resource = Resource::new(
    "registrations",
    "registration",
    "That a child was registered for a half-year. What was judged is in its versions.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("pupilId", "pupil_id", "pupils"),
        Member::reference("groupId", "group_id", "groups"),
        Member::reference("frameworkId", "framework_id", "frameworks"),
        Member::plain("halfYear", "half_year", text!(11, HalfYear)),
        Member::plain("registeredOn", "registered_on", Form::Day),
        Member::plain("draftVersion", "draft_version", Form::Number).optional(),
        Member::plain("finalVersion", "final_version", Form::Number).optional(),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("withdrawnAt", "withdrawn_at", Form::Moment).optional(),
        Member::reference("withdrawnBy", "withdrawn_by", "users").optional(),
        Member::maybe_sealed("withdrawalReason", "withdrawal_reason", text!(ShortText)),
    ],
)
.filtered(of_a_child_that_is_there!("t.pupil_id"))
.owned(|cells, _| child_in(cells, "pupil_id"))
.held_to(rules::registration)
.without(&[INSTITUTION_ID]);

pub(super) static REGISTRATION_VERSIONS: Resource = Resource::new(
    "registration-versions",
    "registration_version",
    "What was judged of a child in one version of a registration. A final one never changes.",
    &[
        Member::reference("registrationId", "registration_id", "registrations"),
        Member::of_its("pupilId", "r.pupil_id", "registrationId"),
        Member::plain("version", "version", Form::Number),
        Member::plain("state", "state", code!(RegistrationState)),
        Member::reference("authorId", "author_id", "users"),
        Member::sealed("content", "judgements", Form::Json(&JUDGEMENTS)).spread(),
        Member::sealed("reason", "reason", text!(ShortText)).optional(),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("changedAt", "changed_at", Form::Moment),
        Member::plain("finalisedAt", "finalised_at", Form::Moment).optional(),
    ],
)
.joined("JOIN registration AS r ON r.institution_id = t.institution_id AND r.id = t.registration_id")
.filtered(of_a_child_that_is_there!("r.pupil_id"))
.known_by(&["registration_id", "version"])
.owned(|cells, _| child_in(cells, "r.pupil_id"))
.placed(|cells| {
    let registration = RegistrationId::from_uuid(cells.id("registration_id")?);
    let version = i32::try_from(cells.number("version")?).ok()?;
    Some((VERSIONS, sealed_row(registration, version).ok()?))
})
.without(&[INSTITUTION_ID]);

pub(super) static FOLLOW_UPS: Resource = Resource::new(
    "follow-ups",
    "follow_up",
    "What is planned for a line of a registration that needs extra attention, and what came of it.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("pupilId", "pupil_id", "pupils"),
        Member::reference("registrationId", "registration_id", "registrations"),
        Member::reference("authorId", "author_id", "users"),
        Member::plain("followUpOn", "follow_up_on", Form::Day),
        Member::sealed("line", "line", text!(LineCode)),
        Member::sealed("plan", "plan", text!(FollowUpText)),
        Member::maybe_sealed("outcome", "outcome", text!(FollowUpText)),
        Member::plain("finishedAt", "finished_at", Form::Moment).optional(),
        Member::reference("finishedBy", "finished_by", "users").optional(),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("changedAt", "changed_at", Form::Moment),
    ],
)
.filtered(of_a_child_that_is_there!("t.pupil_id"))
.owned(|cells, _| child_in(cells, "pupil_id"))
.held_to(rules::follow_up)
.without(&[INSTITUTION_ID]);

pub(super) static GOALS: Resource = Resource::new(
    "goals",
    "goal",
    "What a group works towards on one line in one period.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("groupId", "group_id", "groups"),
        Member::reference("frameworkId", "framework_id", "frameworks"),
        Member::reference("authorId", "author_id", "users"),
        Member::plain("firstDay", "first_day", Form::Day),
        Member::plain("lastDay", "last_day", Form::Day),
        Member::sealed("line", "line", text!(LineCode)),
        Member::sealed("text", "text", text!(GoalText)),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("changedAt", "changed_at", Form::Moment),
    ],
)
.without(&[INSTITUTION_ID]);

pub(super) static GOAL_PUPILS: Resource = Resource::new(
    "goal-pupils",
    "goal_pupil",
    "That a goal of a group is meant for a child.",
    &[Member::reference("goalId", "goal_id", "goals"), Member::reference("pupilId", "pupil_id", "pupils")],
)
.filtered(of_a_child_that_is_there!("t.pupil_id"))
.known_by(&["goal_id", "pupil_id"])
.without(&[INSTITUTION_ID]);

pub(super) static GOAL_OFFERS: Resource = Resource::new(
    "goal-offers",
    "goal_offer",
    "What a group was offered for a goal on one day.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("goalId", "goal_id", "goals"),
        Member::reference("authorId", "author_id", "users"),
        Member::plain("offeredOn", "offered_on", Form::Day),
        Member::sealed("text", "text", text!(GoalText)),
        Member::plain("createdAt", "created_at", Form::Moment),
    ],
)
.without(&[INSTITUTION_ID]);

pub(super) static SCHOOL_FILE_IMPORTS: Resource = Resource::new(
    "school-file-imports",
    "import",
    "That a school file was taken in, and in numbers what came of it.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("format", "format", code!(FileFormat)),
        Member::plain("state", "state", code!(ImportState)),
        Member::reference("authorId", "author_id", "users"),
        Member::plain("linesTotal", "lines_total", Form::Number),
        Member::plain("linesDone", "lines_done", Form::Number),
        Member::plain("counts", "counts", Form::Json(&AS_KEPT)),
        Member::plain("failure", "failure", code!(Failure)).optional(),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("finishedAt", "finished_at", Form::Moment).optional(),
    ],
)
.stays("its file and its report do not move, so there is nothing to go on with")
.without(&[
    INSTITUTION_ID,
    ("report_id", "it names a key, which does not move"),
    ("revision", "nothing can be changed of it any more"),
]);
