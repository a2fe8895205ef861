//! The stages that an incident goes through, in the order of the contract (C123).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, ShortText, code_list};

code_list! {
    /// How far the handling of an incident is. None is skipped (C123).
    pub enum IncidentStage {
        /// Somebody told of it.
        Reported = "reported",
        /// It was taken into the register by whoever handles it.
        Registered = "registered",
        /// It is known what happened.
        Analysed = "analysed",
        /// It goes no further.
        Contained = "contained",
        /// What caused it is mended.
        CauseFixed = "cause-fixed",
        /// The mend was tested.
        FixTested = "fix-tested",
        /// The mend is in use.
        Applied = "applied",
        /// What was lost or altered is back from a backup that was checked, or did not have to be.
        Restored = "restored",
        /// It is over.
        Resolved = "resolved",
        /// It is known what was learnt.
        Evaluated = "evaluated",
    }
}

impl IncidentStage {
    /// The stage after this one; none after the last.
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| *stage > self)
    }

    /// That an incident in this stage can come into `new`.
    ///
    /// # Errors
    /// `stage-out-of-order`.
    pub fn check_next(self, new: Self) -> Result<(), Refusal> {
        if self.next() == Some(new) {
            return Ok(());
        }
        let next = self.next().map_or("no other stage", Self::code);
        let detail = format!("the incident is in the stage {}, after which comes {next}", self.code());
        Err(Refusal::new("stage-out-of-order", detail))
    }
}

/// From what was restored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Restored {
    /// A backup, and how it was found to be whole and clean.
    Backup(ShortText),
    /// Nothing had to be, and why.
    NotNeeded(ShortText),
}

impl Restored {
    /// What a stage tells of restoring: for the stage `restored` exactly one of the two, for the others none.
    ///
    /// # Errors
    /// For `checked_backup` `required-for-the-kind`; for each that is too much `beyond-the-kind`.
    pub fn of(
        stage: IncidentStage,
        checked_backup: Option<ShortText>,
        not_needed_because: Option<ShortText>,
    ) -> Result<Option<Self>, FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        let beyond = |detail| Refusal::new("beyond-the-kind", detail);
        match (stage, checked_backup, not_needed_because) {
            (IncidentStage::Restored, Some(backup), None) => return Ok(Some(Self::Backup(backup))),
            (IncidentStage::Restored, None, Some(reason)) => return Ok(Some(Self::NotNeeded(reason))),
            (IncidentStage::Restored, None, None) => {
                let detail = "must name the backup that was checked, unless it is said why none is needed";
                refusals.refuse("checked_backup", Refusal::new("required-for-the-kind", detail));
            }
            (IncidentStage::Restored, Some(_), Some(_)) => {
                let detail = "must not be there beside the backup that was restored";
                refusals.refuse("not_needed_because", beyond(detail));
            }
            (_, backup, reason) => {
                let detail = "must not be there but for the stage restored";
                if backup.is_some() {
                    refusals.refuse("checked_backup", beyond(detail));
                }
                if reason.is_some() {
                    refusals.refuse("not_needed_because", beyond(detail));
                }
            }
        }
        refusals.or(None)
    }
}

/// That something happened at the moment `at`, as is told at the moment `now` of an incident in which the stage before
/// was reached at the moment `before`.
///
/// # Errors
/// For `at` `in-the-future`, `before-last-stage`.
pub(super) fn check_time(at: Timestamp, before: Timestamp, now: Timestamp) -> Result<(), FieldRefusals> {
    if at > now {
        return Err(FieldRefusals::one("at", Refusal::new("in-the-future", "must not be after now")));
    }
    if at < before {
        let detail = "must not be before the stage that came before";
        return Err(FieldRefusals::one("at", Refusal::new("before-last-stage", detail)));
    }
    Ok(())
}

/// What was found in a stage, with what it tells of restoring.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageReached {
    /// Which stage.
    pub stage: IncidentStage,
    /// What was found and done.
    pub findings: FreeText,
    /// From what was restored.
    pub restored: Option<Restored>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C123: of all pairs, only those that follow each other.
    #[test]
    fn c123_no_stage_is_skipped_repeated_or_gone_back_to() {
        for (place, from) in IncidentStage::ALL.into_iter().enumerate() {
            for (new_place, to) in IncidentStage::ALL.into_iter().enumerate() {
                let outcome = from.check_next(to);
                if new_place == place + 1 {
                    assert_eq!(outcome, Ok(()), "{from:?} {to:?}");
                } else {
                    assert_eq!(outcome.unwrap_err().code, "stage-out-of-order", "{from:?} {to:?}");
                }
            }
        }
        assert_eq!(IncidentStage::Evaluated.next(), None);
    }

    fn text() -> Option<ShortText> {
        ShortText::parse("Reservekopie van 20 november, uitgepakt en vergeleken.").ok()
    }

    fn refused(outcome: Result<Option<Restored>, FieldRefusals>) -> Vec<(String, &'static str)> {
        let refusals = outcome.err().unwrap_or_default().into_iter();
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    #[test]
    fn c123_restoring_names_a_checked_backup_or_why_none_is_needed() {
        let restored = IncidentStage::Restored;
        assert!(matches!(Restored::of(restored, text(), None), Ok(Some(Restored::Backup(_)))));
        assert!(matches!(Restored::of(restored, None, text()), Ok(Some(Restored::NotNeeded(_)))));
        let missing = refused(Restored::of(restored, None, None));
        assert_eq!(missing, [("checked_backup".to_owned(), "required-for-the-kind")]);
        let both = refused(Restored::of(restored, text(), text()));
        assert_eq!(both, [("not_needed_because".to_owned(), "beyond-the-kind")]);
        for stage in IncidentStage::ALL.into_iter().filter(|stage| *stage != restored) {
            assert!(matches!(Restored::of(stage, None, None), Ok(None)));
            assert_eq!(refused(Restored::of(stage, text(), text())).len(), 2, "{stage:?}");
        }
    }

    #[test]
    fn c123_a_stage_is_reached_after_the_one_before_and_not_in_the_future() {
        let [before, at, now] = [1, 2, 3].map(|second| Timestamp::constant(second, 0));
        assert_eq!(check_time(at, before, now), Ok(()));
        assert_eq!(check_time(before, before, now), Ok(()));
        assert_eq!(check_time(now, before, now), Ok(()));
        let code =
            |outcome: Result<(), FieldRefusals>| outcome.unwrap_err().into_iter().next().unwrap().1.code;
        assert_eq!(code(check_time(now, before, at)), "in-the-future");
        assert_eq!(code(check_time(before, at, now)), "before-last-stage");
    }
}
