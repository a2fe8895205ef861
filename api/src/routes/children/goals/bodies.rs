//! What a goal of a group looks like in requests and replies.

use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::goal::{GoalText, MOST_OFFERS, MOST_PUPILS};
use groeilijn_domain::values::ids::{FrameworkId, GoalId, GoalOfferId, GroupId, PupilId};
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::children::goal::{ChildEffect, GoalEffect as Effect, StoredGoal, StoredOffer};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::change::Change;
use crate::http::described::counted;
use crate::http::entity_tag::ETag;
use crate::http::etag::Revised;
use crate::routes::access::authors::Author;
use crate::routes::children::overviews::LinePoint;
use crate::{reply_body, request_body};

request_body! {
    /// What a group works towards.
    pub(super) struct GoalCreation {
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
    pub(super) struct GoalPatch {
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
    pub(super) struct GoalOfferCreation {
        /// The day, in the period of the goal; today in Amsterdam when absent.
        offered_on: Option<Date>,
        /// What was offered. For seeing later what helped; never for telling of one child: it names none.
        text: GoalText,
    }

    example { "text": "Verteltafel bij het prentenboek, in groepjes van vier." }
}

reply_body! {
    /// What a group works towards.
    pub(super) struct Goal {
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
    pub(super) struct GoalOffer {
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
    pub(super) fn of(stored: StoredOffer, masked: bool) -> Self {
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
