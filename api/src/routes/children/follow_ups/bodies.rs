//! What a follow-up looks like in requests and replies.

use groeilijn_domain::children::follow_up::FollowUpText;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::values::ids::{FollowUpId, GroupId, PupilId, RegistrationId};
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::children::follow_up::{DueFollowUp, Finished, StoredFollowUp};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::change::Change;
use crate::http::entity_tag::ETag;
use crate::http::etag::Revised;
use crate::routes::access::authors::Author;
use crate::{reply_body, request_body};

request_body! {
    /// What is planned for a line that needs extra attention.
    pub(super) struct FollowUpCreation {
        /// The follow-up's id, made by the client for what it entered offline; a UUIDv7. Made here when absent.
        id: Option<FollowUpId>,
        /// The development line; the registration asks extra attention for it.
        line: LineCode,
        /// What is planned. For helping this child on; never for anything else.
        plan: FollowUpText,
        /// The day on which somebody looks again: that of the registration or a later one, at most two years after it.
        follow_up_on: Date,
    }

    example {
        "line": "play",
        "plan": "Elke week in een klein groepje meespelen.",
        "followUpOn": "2027-01-15",
    }
}

request_body! {
    /// What changes about a follow-up; what is absent stays.
    pub(super) struct FollowUpPatch {
        /// What is planned.
        plan: Change<FollowUpText>,
        /// The day on which somebody looks again.
        follow_up_on: Change<Date>,
    }

    example { "followUpOn": "2027-02-05" }
}

request_body! {
    /// What came of a follow-up.
    pub(super) struct FollowUpFinish {
        /// What was seen when somebody looked again. For deciding what this child is offered next; never for anything else.
        outcome: FollowUpText,
    }

    example { "outcome": "Speelt nu uit zichzelf mee." }
}

reply_body! {
    /// What is planned for a line of a registration that needs extra attention.
    pub(super) struct FollowUp {
        /// The follow-up's id.
        id: FollowUpId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The child.
        pupil_id: PupilId,
        /// The registration that it stands beside.
        registration_id: RegistrationId,
        /// The development line.
        line: LineCode,
        /// What is planned. For helping this child on; never for anything else.
        plan: Option<FollowUpText>,
        /// Whether texts are masked: `plan` and `outcome` are null then, as they are to the processor's staff unless the purpose
        /// of their support session needs them (C050).
        masked: bool,
        /// The day on which somebody looks again.
        follow_up_on: Date,
        /// What came of it; null as long as it is open.
        finished: Option<FinishedFollowUp>,
        /// Who planned it. For asking what was meant; never for judging a colleague.
        author: Author,
        /// When it was planned, in UTC.
        created_at: Timestamp,
        /// When it was last changed or finished, in UTC.
        changed_at: Timestamp,
    }
}

reply_body! {
    /// That somebody looked again.
    pub(super) struct FinishedFollowUp {
        /// What was seen. For deciding what this child is offered next; never for anything else.
        outcome: Option<FollowUpText>,
        /// Who looked. For asking how it went; never for judging a colleague.
        author: Author,
        /// When it was written down, in UTC.
        finished_at: Timestamp,
    }
}

reply_body! {
    /// A follow-up in the list over all children, with its child.
    pub(super) struct ListedFollowUp {
        /// The child.
        pupil_id: PupilId,
        /// First name. For recognising the child.
        first_name: NamePart,
        /// Tussenvoegsel. For recognising the child.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For recognising the child.
        last_name: NamePart,
        /// The day of birth. For telling children of one name apart.
        birth_date: Date,
        /// The main group that the child is in.
        group_id: GroupId,
        /// What is followed up.
        follow_up: FollowUp,
    }
}

impl From<StoredFollowUp> for FollowUp {
    fn from(stored: StoredFollowUp) -> Self {
        let etag = stored.etag();
        let StoredFollowUp { fields, masked, .. } = stored;
        Self {
            id: stored.id,
            etag,
            pupil_id: stored.pupil,
            registration_id: stored.registration,
            line: fields.line,
            plan: (!masked).then_some(fields.plan),
            masked,
            follow_up_on: fields.follow_up_on,
            finished: stored.finished.map(|finished| FinishedFollowUp::of(finished, masked)),
            author: stored.author.into(),
            created_at: stored.created_at,
            changed_at: stored.changed_at,
        }
    }
}

impl FinishedFollowUp {
    fn of(Finished { outcome, by, at }: Finished, masked: bool) -> Self {
        Self { outcome: (!masked).then_some(outcome), author: by.into(), finished_at: at }
    }
}

impl From<DueFollowUp> for ListedFollowUp {
    fn from(DueFollowUp { name, birth_date, group, follow_up }: DueFollowUp) -> Self {
        Self {
            pupil_id: follow_up.pupil,
            first_name: name.first,
            infix: name.infix,
            last_name: name.last,
            birth_date,
            group_id: group,
            follow_up: follow_up.into(),
        }
    }
}
