//! Audits of the processor: asked for by an institution, planned, reported on, and followed up (C092–C095).
//!
//! Neither party makes up an audit alone: what one puts on record counts when the other confirmed it.

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

code_list! {
    /// The parties to an audit.
    pub enum AuditParty {
        /// The institution, which asks for it.
        Institution = "institution",
        /// The processor, which is audited.
        Processor = "processor",
    }
}

code_list! {
    /// What a party confirms.
    pub enum AuditConfirmationKind {
        /// The day and the expert are agreed: by the party that did not plan it.
        PlanAgreed = "plan-agreed",
        /// The report was seen, objections or not: by the party that did not put it on record.
        ReportSeen = "report-seen",
        /// What follows and who pays is agreed: by the party that did not put it on record.
        FollowUpAgreed = "follow-up-agreed",
        /// What was agreed is done: by the institution, which asked for the audit.
        FollowUpDone = "follow-up-done",
    }
}

impl AuditConfirmationKind {
    /// The stage that it is about.
    pub fn stage(self) -> AuditStage {
        match self {
            Self::PlanAgreed => AuditStage::Planned,
            Self::ReportSeen => AuditStage::Reported,
            Self::FollowUpAgreed | Self::FollowUpDone => AuditStage::FollowedUp,
        }
    }

    /// What the other party has to have confirmed before a stage can be put on record.
    fn needed_for(stage: AuditStage) -> Option<Self> {
        match stage {
            AuditStage::Requested | AuditStage::Planned => None,
            AuditStage::Reported => Some(Self::PlanAgreed),
            AuditStage::FollowedUp => Some(Self::ReportSeen),
        }
    }
}

/// What is to be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditConfirmation {
    /// What.
    pub kind: AuditConfirmationKind,
    /// The document with objections; to a report alone.
    pub objections: Option<AuditDocument>,
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

/// The step that comes next in an audit of which these were taken, and these confirmed.
///
/// # Errors
/// `not-the-next-step` when `stage` is another one; `not-confirmed` when the other party has yet to confirm the one before it.
pub fn check_next(
    taken: &[AuditStep],
    confirmed: &[AuditConfirmationKind],
    stage: AuditStage,
) -> Result<(), Refusal> {
    if AuditStage::ALL.get(taken.len()) != Some(&stage) {
        return Err(Refusal::new("not-the-next-step", "the stages of an audit follow each other"));
    }
    match AuditConfirmationKind::needed_for(stage) {
        Some(needed) if !confirmed.contains(&needed) => {
            let detail =
                format!("the other party has to confirm the stage before it first: {}", needed.code());
            Err(Refusal::new("not-confirmed", detail))
        }
        _ => Ok(()),
    }
}

/// That a party may confirm something now: `recorded_by` is the party that put its stage on record, `None` when nobody did.
///
/// # Errors
/// `nothing-to-confirm`; `already-confirmed`; `not-confirmed` when that it was agreed has to be confirmed before that it is done;
/// `other-party` when it is for the other party to confirm.
pub fn check_confirmation(
    confirmed: &[AuditConfirmationKind],
    kind: AuditConfirmationKind,
    by: AuditParty,
    recorded_by: Option<AuditParty>,
) -> Result<(), Refusal> {
    use AuditConfirmationKind::{FollowUpAgreed, FollowUpDone};
    let recorded_by = recorded_by
        .ok_or_else(|| Refusal::new("nothing-to-confirm", "this stage of the audit is not on record yet"))?;
    if confirmed.contains(&kind) {
        return Err(Refusal::new("already-confirmed", "it was confirmed before"));
    }
    let is_theirs = match kind {
        FollowUpDone => by == AuditParty::Institution,
        _ => by != recorded_by,
    };
    if !is_theirs {
        return Err(Refusal::new("other-party", "the other party confirms it"));
    }
    if kind == FollowUpDone && !confirmed.contains(&FollowUpAgreed) {
        return Err(Refusal::new("not-confirmed", "what follows has to be agreed before it is done"));
    }
    Ok(())
}

/// That objections are to a report.
///
/// # Errors
/// For `objections_sha256` `beyond-the-kind`.
pub fn check_objections(confirmation: &AuditConfirmation) -> Result<(), FieldRefusals> {
    if confirmation.objections.is_none() || confirmation.kind == AuditConfirmationKind::ReportSeen {
        return Ok(());
    }
    let refusal = Refusal::new("beyond-the-kind", "objections are to a report");
    Err(FieldRefusals::one("objections_sha256", refusal))
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
                let confirmed = AuditConfirmationKind::ALL;
                assert_eq!(
                    check_next(&taken, &confirmed, other).is_ok(),
                    other == stage,
                    "{number} {other:?}"
                );
            }
        }
    }

    #[test]
    fn c092_what_one_party_recorded_counts_when_the_other_confirmed_it() {
        use AuditConfirmationKind::*;
        let mut taken = vec![step(AuditStage::Requested, date(2026, 12, 21))];
        assert!(check_next(&taken, &[], AuditStage::Planned).is_ok());
        taken.push(step(AuditStage::Planned, date(2027, 1, 11)));
        let code = |outcome: Result<(), Refusal>| outcome.err().map(|refusal| refusal.code);
        assert_eq!(code(check_next(&taken, &[], AuditStage::Reported)), Some("not-confirmed"));
        assert!(check_next(&taken, &[PlanAgreed], AuditStage::Reported).is_ok());
        taken.push(step(AuditStage::Reported, date(2027, 1, 20)));
        assert_eq!(code(check_next(&taken, &[PlanAgreed], AuditStage::FollowedUp)), Some("not-confirmed"));
        assert!(check_next(&taken, &[PlanAgreed, ReportSeen], AuditStage::FollowedUp).is_ok());
    }

    #[test]
    fn c092_each_kind_is_confirmed_once_and_by_whom_it_is_for() {
        use AuditConfirmationKind::*;
        use AuditParty::{Institution, Processor};
        let code = |confirmed: &[_], kind, by, recorded_by| {
            check_confirmation(confirmed, kind, by, recorded_by).err().map(|refusal| refusal.code)
        };
        for kind in AuditConfirmationKind::ALL {
            for by in AuditParty::ALL {
                assert_eq!(code(&[], kind, by, None), Some("nothing-to-confirm"), "{kind:?}");
                assert_eq!(code(&[kind], kind, by, Some(Processor)), Some("already-confirmed"), "{kind:?}");
            }
        }
        for kind in [PlanAgreed, ReportSeen, FollowUpAgreed] {
            for by in AuditParty::ALL {
                for recorded_by in AuditParty::ALL {
                    let expected = (by == recorded_by).then_some("other-party");
                    assert_eq!(
                        code(&[], kind, by, Some(recorded_by)),
                        expected,
                        "{kind:?} {by:?} {recorded_by:?}"
                    );
                }
            }
        }
        for recorded_by in AuditParty::ALL {
            let done = |confirmed: &[_], by| code(confirmed, FollowUpDone, by, Some(recorded_by));
            assert_eq!(done(&[], Institution), Some("not-confirmed"));
            assert_eq!(done(&[FollowUpAgreed], Institution), None);
            assert_eq!(done(&[FollowUpAgreed], Processor), Some("other-party"));
        }
    }

    #[test]
    fn objections_are_to_a_report() {
        let document = Some(AuditDocument { sha256: [1; 32], bytes: 1 });
        for kind in AuditConfirmationKind::ALL {
            assert!(check_objections(&AuditConfirmation { kind, objections: None }).is_ok());
            let outcome = check_objections(&AuditConfirmation { kind, objections: document });
            assert_eq!(outcome.is_ok(), kind == AuditConfirmationKind::ReportSeen, "{kind:?}");
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
