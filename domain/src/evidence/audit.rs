//! Audits of the processor: asked for by an institution, planned, reported on, and followed up (C092–C095).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::values::calendar::amsterdam_date;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::code_list;

code_list! {
    /// How far an audit is. Each stage follows the one before it, and none is skipped.
    pub enum AuditStage {
        /// The institution asked for it.
        Requested = "requested",
        /// The day and the expert are agreed.
        Planned = "planned",
        /// The expert reported.
        Reported = "reported",
        /// What follows from it is agreed, and who pays.
        FollowedUp = "followed-up",
    }
}

code_list! {
    /// Who pays for an audit (C095).
    pub enum AuditPayer {
        /// The institution: what is agreed unless the report says otherwise.
        Institution = "institution",
        /// The processor.
        Processor = "processor",
        /// Both, as they agreed.
        Shared = "shared",
    }
}

/// A document that both parties have, and of which the digest is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditDocument {
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// How many bytes it has.
    pub bytes: u64,
}

/// What is put on record of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditStep {
    /// Which stage.
    pub stage: AuditStage,
    /// The day that it is about, in Amsterdam: that of the audit as asked for and as planned, that of the report, and that by
    /// which what was agreed is done.
    pub on: Date,
    /// The request, what shows that the expert is independent and certified, the report, or what was agreed.
    pub document: AuditDocument,
    /// Whether the report finds major faults that are the processor's; of a report alone.
    pub major_faults: Option<bool>,
    /// Who pays; of what was agreed alone.
    pub paid_by: Option<AuditPayer>,
}

/// The first day on which an audit may be that is asked for at the moment `now`, with the days of notice of the contract.
pub fn earliest(now: Timestamp, notice_days: u16) -> Date {
    amsterdam_date(now).saturating_add(i32::from(notice_days).days())
}

/// That an audit is asked for with reasonable notice (C092).
///
/// # Errors
/// For `audit_on` `too-early`.
pub fn check_notice(audit_on: Date, earliest: Date) -> Result<(), FieldRefusals> {
    if audit_on >= earliest {
        return Ok(());
    }
    let detail = format!("must be {earliest} or later: the contract gives the other party that notice");
    Err(FieldRefusals::one("audit_on", Refusal::new("too-early", detail)))
}

/// The step that comes next in an audit of which these were taken.
///
/// # Errors
/// `not-the-next-step` when `stage` is another one.
pub fn check_next(taken: &[AuditStep], stage: AuditStage) -> Result<(), Refusal> {
    if AuditStage::ALL.get(taken.len()) == Some(&stage) {
        return Ok(());
    }
    Err(Refusal::new("not-the-next-step", "the stages of an audit follow each other"))
}

/// That a step says nothing that contradicts those before it, in an audit that was asked for on the day `asked_on`; both days
/// in Amsterdam.
///
/// # Errors
/// For `audit_on` `too-early` when it is planned before the day from which it may be; for `reported_on` `in-the-future`, and
/// `before-start` when it is before the audit was asked for; for `paid_by` `contradictory` when the institution is to pay for
/// major faults of the processor.
pub fn check_step(
    taken: &[AuditStep],
    step: &AuditStep,
    asked_on: Date,
    today: Date,
) -> Result<(), FieldRefusals> {
    let of = |stage| taken.iter().find(|taken| taken.stage == stage);
    match step.stage {
        AuditStage::Requested => Ok(()),
        AuditStage::Planned => {
            check_notice(step.on, of(AuditStage::Requested).map_or(step.on, |asked| asked.on))
        }
        AuditStage::Reported => check_reported(step.on, asked_on, today)
            .map_err(|refusal| FieldRefusals::one("reported_on", refusal)),
        AuditStage::FollowedUp => {
            let faults = of(AuditStage::Reported).and_then(|report| report.major_faults) == Some(true);
            if faults && step.paid_by == Some(AuditPayer::Institution) {
                let detail = "the processor pays for an audit that finds major faults of its own";
                return Err(FieldRefusals::one("paid_by", Refusal::new("contradictory", detail)));
            }
            Ok(())
        }
    }
}

fn check_reported(on: Date, asked_on: Date, today: Date) -> Result<(), Refusal> {
    if on > today {
        return Err(Refusal::new("in-the-future", "a report has a day that was"));
    }
    if on < asked_on {
        return Err(Refusal::new("before-start", "must not be before the audit was asked for"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn step(stage: AuditStage, on: Date) -> AuditStep {
        let document = AuditDocument { sha256: [1; 32], bytes: 1 };
        AuditStep { stage, on, document, major_faults: None, paid_by: None }
    }

    fn field(outcome: Result<(), FieldRefusals>) -> Option<String> {
        outcome.err().and_then(|refusals| refusals.into_iter().next()).map(|(field, _)| field)
    }

    #[test]
    fn c092_notice_is_counted_in_days_in_amsterdam() {
        let now = "2026-11-20T23:30:00Z".parse().unwrap();
        assert_eq!(earliest(now, 30), date(2026, 12, 21));
        assert!(check_notice(date(2026, 12, 21), date(2026, 12, 21)).is_ok());
        assert_eq!(field(check_notice(date(2026, 12, 20), date(2026, 12, 21))).as_deref(), Some("audit_on"));
    }

    #[test]
    fn c092_no_stage_is_skipped_or_taken_twice() {
        for (number, stage) in AuditStage::ALL.into_iter().enumerate() {
            let taken: Vec<_> =
                AuditStage::ALL[..number].iter().map(|stage| step(*stage, date(2026, 12, 21))).collect();
            for other in AuditStage::ALL {
                assert_eq!(check_next(&taken, other).is_ok(), other == stage, "{number} {other:?}");
            }
        }
    }

    #[test]
    fn c095_a_report_follows_the_request_and_major_faults_are_the_processors_to_pay() {
        use AuditStage::*;
        let mut taken = vec![step(Requested, date(2026, 12, 21)), step(Planned, date(2027, 1, 11))];
        let (asked_on, today) = (date(2026, 11, 21), date(2027, 2, 1));
        let reported = |day| check_step(&taken, &step(Reported, day), asked_on, today);
        assert_eq!(field(reported(date(2026, 11, 20))).as_deref(), Some("reported_on"));
        assert_eq!(field(reported(date(2027, 2, 2))).as_deref(), Some("reported_on"));
        assert!(reported(date(2027, 1, 11)).is_ok());
        let planned = step(Planned, date(2026, 12, 20));
        assert_eq!(field(check_step(&taken[..1], &planned, asked_on, today)).as_deref(), Some("audit_on"));
        taken.push(AuditStep { major_faults: Some(true), ..step(Reported, date(2027, 1, 20)) });
        for (payer, agreed) in
            [(AuditPayer::Institution, false), (AuditPayer::Processor, true), (AuditPayer::Shared, true)]
        {
            let follow_up = AuditStep { paid_by: Some(payer), ..step(FollowedUp, date(2027, 3, 1)) };
            assert_eq!(check_step(&taken, &follow_up, asked_on, today).is_ok(), agreed, "{payer:?}");
        }
    }
}
