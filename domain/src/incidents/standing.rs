//! How an incident stands: what follows from what was reported and every record since.

use jiff::Timestamp;

use super::clock::IncidentClock;
use super::record::{NotAdmitted, RecordContent, RecordFacts, Recorded};
use super::report::{IncidentKind, IncidentReport};
use super::stage::{self, IncidentStage};
use crate::values::refusal::{FieldRefusals, Refusal};

/// How an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentStanding {
    /// What it is taken for.
    pub kind: IncidentKind,
    /// How far its handling is.
    pub stage: IncidentStage,
    /// When it came into that stage, in UTC.
    pub stage_at: Timestamp,
    /// Since when a high risk for people is suspected, in UTC.
    pub high_risk_since: Option<Timestamp>,
    known_at: Timestamp,
}

impl IncidentStanding {
    /// How it stands after these records, in the order in which they were added.
    pub fn of(report: &IncidentReport, records: impl IntoIterator<Item = Recorded>) -> Self {
        let reported = Self {
            kind: report.kind,
            stage: IncidentStage::Reported,
            stage_at: report.known_at,
            high_risk_since: None,
            known_at: report.known_at,
        };
        records.into_iter().fold(reported, Self::after)
    }

    /// How it stands after one more record.
    #[must_use]
    fn after(self, record: Recorded) -> Self {
        match record.facts {
            RecordFacts::Stage(stage) => Self { stage, stage_at: record.at, ..self },
            RecordFacts::Classification(kind) => Self { kind, ..self },
            RecordFacts::HighRisk => {
                Self { high_risk_since: self.high_risk_since.or(Some(record.at)), ..self }
            }
        }
    }

    /// The clock of the controller at the moment `now`; none for what is no datalek (C127, C131).
    pub fn clock(&self, now: Timestamp) -> Option<IncidentClock> {
        self.kind.has_clock().then(|| IncidentClock::of(self.known_at, None, now))
    }

    /// That a record of something that happened at the moment `at` can be added at the moment `now`.
    ///
    /// # Errors
    /// `stage-out-of-order`; for `at` `in-the-future`, `before-last-stage`; for `kind` `same-kind`.
    pub fn admit(&self, content: &RecordContent, at: Timestamp, now: Timestamp) -> Result<(), NotAdmitted> {
        match content {
            RecordContent::Stage(reached) => {
                self.stage.check_next(reached.stage)?;
                Ok(stage::check_time(at, self.stage_at, now)?)
            }
            RecordContent::Classification { kind, .. } => {
                if *kind == self.kind {
                    let refusal = Refusal::new("same-kind", "must be another kind than it has");
                    return Err(FieldRefusals::one("kind", refusal).into());
                }
                Ok(check_past(at, now)?)
            }
            RecordContent::HighRisk { .. } => Ok(check_past(at, now)?),
        }
    }
}

fn check_past(at: Timestamp, now: Timestamp) -> Result<(), FieldRefusals> {
    if at <= now {
        return Ok(());
    }
    Err(FieldRefusals::one("at", Refusal::new("in-the-future", "must not be after now")))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::record::tests::any_facts;
    use super::super::stage::{Restored, StageReached};
    use super::*;
    use crate::audit::entry::ActorKind;
    use crate::values::text::{FreeText, ShortText};

    const KNOWN: Timestamp = Timestamp::constant(1_800_000_000, 0);

    const REPORT: IncidentReport =
        IncidentReport { kind: IncidentKind::SuspectedBreach, known_at: KNOWN, occurred_at: None };

    fn after(seconds: i64) -> Timestamp {
        KNOWN + SignedDuration::from_secs(seconds)
    }

    fn record(facts: RecordFacts, at: Timestamp) -> Recorded {
        Recorded { facts, at, by: ActorKind::InstitutionUser }
    }

    fn text() -> FreeText {
        FreeText::parse("Een verzonnen bevinding.").unwrap()
    }

    /// A record of these facts.
    fn content(facts: RecordFacts) -> RecordContent {
        match facts {
            RecordFacts::Stage(stage) => {
                let why = ShortText::parse("Niets ging verloren.").unwrap();
                let restored = (stage == IncidentStage::Restored).then_some(Restored::NotNeeded(why));
                RecordContent::Stage(StageReached { stage, findings: text(), restored })
            }
            RecordFacts::Classification(kind) => RecordContent::Classification { kind, grounds: text() },
            RecordFacts::HighRisk => RecordContent::HighRisk { grounds: text() },
        }
    }

    #[test]
    fn c125_a_high_risk_is_suspected_since_the_first_time_in_any_stage() {
        for stage in IncidentStage::ALL {
            let in_stage = IncidentStanding::of(&REPORT, [record(RecordFacts::Stage(stage), after(1))]);
            let suspicion = content(RecordFacts::HighRisk);
            assert_eq!(in_stage.admit(&suspicion, after(2), after(2)), Ok(()), "{stage:?}");
            let suspected = in_stage.after(record(RecordFacts::HighRisk, after(2)));
            let again = suspected.after(record(RecordFacts::HighRisk, after(3)));
            assert_eq!(again.high_risk_since, Some(after(2)));
            assert_eq!(again.stage, stage);
        }
    }

    #[test]
    fn c131_what_is_no_datalek_has_no_clock_until_it_is_taken_for_one() {
        let suspected = IncidentStanding::of(&REPORT, []);
        assert!(suspected.clock(KNOWN).is_some());
        let none = record(RecordFacts::Classification(IncidentKind::SecurityIncident), after(1));
        let no_breach = suspected.after(none);
        assert_eq!(no_breach.clock(after(1)), None);
        let breach = no_breach.after(record(RecordFacts::Classification(IncidentKind::Breach), after(2)));
        // The clock began when it was known, not when it was taken for a datalek.
        assert_eq!(breach.clock(after(2)).unwrap().seconds_left, 72 * 3600 - 2);
    }

    #[test]
    fn c131_a_kind_is_changed_to_another_one() {
        let standing = IncidentStanding::of(&REPORT, []);
        for kind in IncidentKind::ALL {
            let admitted =
                standing.admit(&content(RecordFacts::Classification(kind)), after(1), after(1)).is_ok();
            assert_eq!(admitted, kind != REPORT.kind);
        }
    }

    proptest! {
        /// Whatever is tried in whatever order: what was admitted is every stage once, from the first on, at times that
        /// never go back.
        #[test]
        fn c123_what_is_admitted_goes_through_the_stages_in_order(
            tried in vec((any_facts(), 0i64..100), 0..60),
        ) {
            let mut admitted: Vec<Recorded> = Vec::new();
            for (facts, second) in tried {
                let standing = IncidentStanding::of(&REPORT, admitted.clone());
                if standing.admit(&content(facts), after(second), after(50)).is_ok() {
                    admitted.push(record(facts, after(second)));
                }
            }
            let stages: Vec<_> = admitted
                .iter()
                .filter_map(|record| match record.facts {
                    RecordFacts::Stage(stage) => Some((stage, record.at)),
                    _ => None,
                })
                .collect();
            let expected = IncidentStage::ALL.into_iter().skip(1).take(stages.len());
            prop_assert!(stages.iter().map(|(stage, _)| *stage).eq(expected));
            prop_assert!(stages.is_sorted_by_key(|(_, at)| *at));
            prop_assert!(admitted.iter().all(|record| record.at <= after(50)));
        }

        #[test]
        fn nothing_is_admitted_of_the_future(facts in any_facts(), stage in select(&IncidentStage::ALL[..])) {
            let standing = IncidentStanding::of(&REPORT, [record(RecordFacts::Stage(stage), after(1))]);
            prop_assert!(standing.admit(&content(facts), after(3), after(2)).is_err());
        }
    }
}
