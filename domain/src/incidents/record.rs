//! What is added to an incident: each record is one fact with its time, and stays as it is.
//!
//! What decides how an incident stands is kept in the clear, [`RecordFacts`], so that the register still says what happened
//! when the texts have ended. The texts, [`RecordContent`], are sealed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::report::IncidentKind;
use super::stage::{IncidentStage, StageReached};
use crate::audit::entry::ActorKind;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, code_list};

code_list! {
    /// What kind of thing was added to an incident.
    pub enum RecordKind {
        /// It came into a stage (C123).
        Stage = "stage",
        /// It is taken for something else than before (C131).
        Classification = "classification",
        /// It is suspected to bring people a high risk (C125).
        HighRisk = "high-risk",
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
}

impl RecordFacts {
    /// What kind of record it is.
    pub const fn kind(self) -> RecordKind {
        match self {
            Self::Stage(_) => RecordKind::Stage,
            Self::Classification(_) => RecordKind::Classification,
            Self::HighRisk => RecordKind::HighRisk,
        }
    }

    /// What tells records of one kind apart, as it is kept.
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Stage(stage) => Some(stage.code()),
            Self::Classification(kind) => Some(kind.code()),
            Self::HighRisk => None,
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
            _ => None,
        }
    }
}

/// A record, without its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// What it says.
    pub facts: RecordFacts,
    /// When that happened, in UTC.
    pub at: Timestamp,
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
}

impl RecordContent {
    /// The same without the texts.
    pub fn facts(&self) -> RecordFacts {
        match self {
            Self::Stage(reached) => RecordFacts::Stage(reached.stage),
            Self::Classification { kind, .. } => RecordFacts::Classification(*kind),
            Self::HighRisk { .. } => RecordFacts::HighRisk,
        }
    }
}

/// Why a record cannot be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAdmitted {
    /// The incident does not stand so that it could be.
    Standing(Refusal),
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
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// Any fact that a record can say.
    pub(in crate::incidents) fn any_facts() -> impl Strategy<Value = RecordFacts> {
        prop_oneof![
            select(&IncidentStage::ALL[..]).prop_map(RecordFacts::Stage),
            select(&IncidentKind::ALL[..]).prop_map(RecordFacts::Classification),
            Just(RecordFacts::HighRisk),
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
