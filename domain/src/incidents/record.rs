//! What is added to an incident: each record is one fact with its time, and stays as it is.
//!
//! What decides how an incident stands is kept in the clear, [`RecordFacts`], so that the register still says what happened
//! when the texts have ended. The texts, [`RecordContent`], are sealed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::contents::{BreachCause, IncidentContents};
use super::decision::{IncidentDecision, StepAnswer};
use super::notice::{CostKind, IncidentCost, Notice, NoticeStep, PeopleInformed};
use super::report::IncidentKind;
use super::stage::{IncidentStage, StageReached};
use super::telling::UpdateKind;
use crate::audit::entry::ActorKind;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, ShortText, code_list};

code_list! {
    /// What kind of thing was added to an incident.
    pub enum RecordKind {
        /// It came into a stage (C123).
        Stage = "stage",
        /// It is taken for something else than before (C131).
        Classification = "classification",
        /// It is suspected to bring people a high risk (C125).
        HighRisk = "high-risk",
        /// A version of the contents I–VI (C126).
        Contents = "contents",
        /// It was decided whether the authority is notified, or people are told (C127).
        Decision = "decision",
        /// The authority was told something (C127, C128).
        Notice = "notice",
        /// The people concerned were told (C130).
        PeopleInformed = "people-informed",
        /// It cost something (C133).
        Cost = "cost",
        /// One side told the other how it develops (C124).
        Update = "update",
        /// One side called the other (C132).
        Call = "call",
        /// The side that did not report it said to know of it.
        Acknowledgement = "acknowledgement",
        /// Nobody did so in time, and everybody was written to again.
        Escalation = "escalation",
    }
}

/// How many records an incident has at most, so that it can be read in one piece.
pub const MOST_RECORDS: usize = 1_000;

/// How many of them are kept for what brings an incident to its end.
const KEPT_FOR_THE_END: usize = 100;

impl RecordKind {
    /// How many records an incident can have once one of this kind is added: what both sides tell each other leaves room for
    /// what has to be decided and done.
    pub(super) const fn most(self) -> usize {
        match self {
            Self::Contents | Self::Cost | Self::Update | Self::Call => MOST_RECORDS - KEPT_FOR_THE_END,
            Self::Stage
            | Self::Classification
            | Self::HighRisk
            | Self::Decision
            | Self::Notice
            | Self::PeopleInformed
            | Self::Acknowledgement
            | Self::Escalation => MOST_RECORDS,
        }
    }
}

/// What a record says, without its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFacts {
    /// The incident came into this stage.
    Stage(IncidentStage),
    /// It is taken for this.
    Classification(IncidentKind),
    /// It is suspected to bring people a high risk.
    HighRisk,
    /// A version of its contents, with the cause as far as it is known.
    Contents(Option<BreachCause>),
    /// This was decided.
    Decision(IncidentDecision),
    /// This was told to the authority.
    Notice(NoticeStep),
    /// People were told.
    PeopleInformed,
    /// It cost something of this kind.
    Cost(CostKind),
    /// One side told the other something of this kind.
    Update(UpdateKind),
    /// One side called the other.
    Call,
    /// The other side said to know of it.
    Acknowledgement,
    /// Everybody was written to again.
    Escalation,
}

impl RecordFacts {
    /// What kind of record it is.
    pub const fn kind(self) -> RecordKind {
        match self {
            Self::Stage(_) => RecordKind::Stage,
            Self::Classification(_) => RecordKind::Classification,
            Self::HighRisk => RecordKind::HighRisk,
            Self::Contents(_) => RecordKind::Contents,
            Self::Decision(_) => RecordKind::Decision,
            Self::Notice(_) => RecordKind::Notice,
            Self::PeopleInformed => RecordKind::PeopleInformed,
            Self::Cost(_) => RecordKind::Cost,
            Self::Update(_) => RecordKind::Update,
            Self::Call => RecordKind::Call,
            Self::Acknowledgement => RecordKind::Acknowledgement,
            Self::Escalation => RecordKind::Escalation,
        }
    }

    /// What tells records of one kind apart, as it is kept.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Stage(stage) => Some(stage.code()),
            Self::Classification(kind) => Some(kind.code()),
            Self::Contents(cause) => cause.map(BreachCause::code),
            Self::Decision(decision) => Some(decision.code()),
            Self::Notice(step) => Some(step.code()),
            Self::Cost(kind) => Some(kind.code()),
            Self::Update(kind) => Some(kind.code()),
            Self::HighRisk | Self::PeopleInformed | Self::Call | Self::Acknowledgement | Self::Escalation => {
                None
            }
        }
    }

    /// What was kept; `None` for what is not a record.
    pub fn kept(kind: RecordKind, code: Option<&str>) -> Option<Self> {
        match (kind, code) {
            (RecordKind::Stage, Some(code)) => IncidentStage::from_code(code).map(Self::Stage),
            (RecordKind::Classification, Some(code)) => {
                IncidentKind::from_code(code).map(Self::Classification)
            }
            (RecordKind::HighRisk, None) => Some(Self::HighRisk),
            (RecordKind::Contents, None) => Some(Self::Contents(None)),
            (RecordKind::Contents, Some(code)) => {
                BreachCause::from_code(code).map(|cause| Self::Contents(Some(cause)))
            }
            (RecordKind::Decision, Some(code)) => IncidentDecision::from_code(code).map(Self::Decision),
            (RecordKind::Notice, Some(code)) => NoticeStep::from_code(code).map(Self::Notice),
            (RecordKind::PeopleInformed, None) => Some(Self::PeopleInformed),
            (RecordKind::Cost, Some(code)) => CostKind::from_code(code).map(Self::Cost),
            (RecordKind::Update, Some(code)) => UpdateKind::from_code(code).map(Self::Update),
            (RecordKind::Call, None) => Some(Self::Call),
            (RecordKind::Acknowledgement, None) => Some(Self::Acknowledgement),
            (RecordKind::Escalation, None) => Some(Self::Escalation),
            _ => None,
        }
    }
}

/// A record, without its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// What it says.
    pub facts: RecordFacts,
    /// When that happened, as its author says, in UTC.
    pub at: Timestamp,
    /// When it was added, in UTC.
    pub recorded_at: Timestamp,
    /// On which side its author stands.
    pub by: ActorKind,
}

/// What a record says, with its texts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum RecordContent {
    /// The incident came into a stage.
    Stage(StageReached),
    /// It is taken for something else than before.
    Classification {
        /// For what.
        kind: IncidentKind,
        /// Why.
        grounds: FreeText,
    },
    /// It is suspected to bring people a high risk.
    HighRisk {
        /// Why.
        grounds: FreeText,
    },
    /// A version of its contents.
    Contents(Box<IncidentContents>),
    /// Something was decided.
    Decision {
        /// What.
        decision: IncidentDecision,
        /// On what it rests.
        steps: Vec<StepAnswer>,
    },
    /// Something was told to the authority.
    Notice(Notice),
    /// People were told.
    PeopleInformed(PeopleInformed),
    /// It cost something.
    Cost(IncidentCost),
    /// One side told the other how it develops.
    Update {
        /// What kind of thing it tells.
        kind: UpdateKind,
        /// What.
        text: FreeText,
    },
    /// One side called the other.
    Call {
        /// Whom it spoke to.
        with: ShortText,
        /// What was said.
        text: FreeText,
    },
    /// The other side said to know of it.
    Acknowledgement {
        /// What it said to it.
        text: Option<FreeText>,
    },
    /// Everybody was written to again.
    Escalation,
}

impl RecordContent {
    /// The same without the texts.
    pub fn facts(&self) -> RecordFacts {
        match self {
            Self::Stage(reached) => RecordFacts::Stage(reached.stage),
            Self::Classification { kind, .. } => RecordFacts::Classification(*kind),
            Self::HighRisk { .. } => RecordFacts::HighRisk,
            Self::Contents(contents) => RecordFacts::Contents(contents.cause),
            Self::Decision { decision, .. } => RecordFacts::Decision(*decision),
            Self::Notice(notice) => RecordFacts::Notice(notice.step),
            Self::PeopleInformed(_) => RecordFacts::PeopleInformed,
            Self::Cost(cost) => RecordFacts::Cost(cost.kind),
            Self::Update { kind, .. } => RecordFacts::Update(*kind),
            Self::Call { .. } => RecordFacts::Call,
            Self::Acknowledgement { .. } => RecordFacts::Acknowledgement,
            Self::Escalation => RecordFacts::Escalation,
        }
    }
}

/// Why a record cannot be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAdmitted {
    /// The incident does not stand so that it could be.
    Standing(Refusal),
    /// Who asks may not do this.
    Forbidden(Refusal),
    /// Fields are wrong.
    Fields(FieldRefusals),
}

impl From<Refusal> for NotAdmitted {
    fn from(refusal: Refusal) -> Self {
        Self::Standing(refusal)
    }
}

impl From<FieldRefusals> for NotAdmitted {
    fn from(refusals: FieldRefusals) -> Self {
        Self::Fields(refusals)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// Any fact that a record can say.
    pub(in crate::incidents) fn any_facts() -> impl Strategy<Value = RecordFacts> {
        prop_oneof![
            select(&IncidentStage::ALL[..]).prop_map(RecordFacts::Stage),
            select(&IncidentKind::ALL[..]).prop_map(RecordFacts::Classification),
            Just(RecordFacts::HighRisk),
            option::of(select(&BreachCause::ALL[..])).prop_map(RecordFacts::Contents),
            select(&IncidentDecision::ALL[..]).prop_map(RecordFacts::Decision),
            select(&NoticeStep::ALL[..]).prop_map(RecordFacts::Notice),
            Just(RecordFacts::PeopleInformed),
            select(&CostKind::ALL[..]).prop_map(RecordFacts::Cost),
            select(&UpdateKind::ALL[..]).prop_map(RecordFacts::Update),
            Just(RecordFacts::Call),
            Just(RecordFacts::Acknowledgement),
            Just(RecordFacts::Escalation),
        ]
    }

    #[test]
    fn what_is_not_a_record_is_not_read_as_one() {
        assert_eq!(RecordFacts::kept(RecordKind::Stage, None), None);
        assert_eq!(RecordFacts::kept(RecordKind::Stage, Some("breach")), None);
        assert_eq!(RecordFacts::kept(RecordKind::HighRisk, Some("breach")), None);
    }

    proptest! {
        #[test]
        fn what_was_kept_reads_back(facts in any_facts()) {
            prop_assert_eq!(RecordFacts::kept(facts.kind(), facts.code()), Some(facts));
        }
    }
}
