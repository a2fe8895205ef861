//! How an incident stands: what follows from what was reported and every record since.

use jiff::Timestamp;

use super::clock::IncidentClock;
use super::contents::BreachCause;
use super::decision::{DecisionRule, IncidentDecision, check_decision};
use super::notice::NoticeStep;
use super::record::{NotAdmitted, RecordContent, RecordFacts, RecordKind, Recorded};
use super::report::{IncidentKind, IncidentReport};
use super::stage::{self, IncidentStage};
use super::telling::{ACKNOWLEDGED_WITHIN, UpdateKind};
use crate::audit::entry::ActorKind;
use crate::institutions::institution::BreachReporter;
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
    /// How many records it has.
    pub records: usize,
    /// How many versions of its contents there are.
    pub contents_versions: u32,
    /// The cause, by the last of them.
    pub cause: Option<BreachCause>,
    /// What was decided last about the authority.
    pub authority: Option<Decided>,
    /// What was decided last about the people concerned.
    pub people: Option<Decided>,
    /// Since when the processor means to notify the authority for several institutions, in UTC (C128).
    pub processor_intends_since: Option<Timestamp>,
    /// When the authority was notified, in UTC.
    pub notified_at: Option<Timestamp>,
    /// The side that did so.
    pub notified_by: Option<ActorKind>,
    /// When that was withdrawn, in UTC.
    pub withdrawn_at: Option<Timestamp>,
    /// When people were told first, in UTC.
    pub people_informed_at: Option<Timestamp>,
    /// When the side that did not report it said to know of it, in UTC.
    pub acknowledged_at: Option<Timestamp>,
    /// When everybody was written to again, in UTC.
    pub escalated_at: Option<Timestamp>,
    known_at: Timestamp,
    reported_at: Timestamp,
    reported_by: ActorKind,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// What.
    pub decision: IncidentDecision,
    /// When that was recorded, in UTC.
    pub recorded_at: Timestamp,
}

/// In which circumstances something is added to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addition {
    /// When it happened, in UTC.
    pub at: Timestamp,
    /// The present moment, in UTC.
    pub now: Timestamp,
    /// On which side who adds it stands.
    pub by: ActorKind,
    /// Who reports a breach under the institution's contract.
    pub reporter: BreachReporter,
    /// Of how many institutions the case is.
    pub institutions: usize,
}

impl IncidentStanding {
    /// How it stands after these records, in the order in which they were added.
    pub fn of(report: &IncidentReport, records: impl IntoIterator<Item = Recorded>) -> Self {
        let reported = Self {
            kind: report.kind,
            stage: IncidentStage::Reported,
            stage_at: report.known_at,
            high_risk_since: None,
            records: 0,
            contents_versions: 0,
            cause: None,
            authority: None,
            people: None,
            processor_intends_since: None,
            notified_at: None,
            notified_by: None,
            withdrawn_at: None,
            people_informed_at: None,
            acknowledged_at: None,
            escalated_at: None,
            known_at: report.known_at,
            reported_at: report.reported_at,
            reported_by: report.by,
        };
        records.into_iter().fold(reported, Self::after)
    }

    /// How it stands after one more record.
    #[must_use]
    pub fn after(mut self, record: Recorded) -> Self {
        let at = record.at;
        self.records += 1;
        match record.facts {
            RecordFacts::Stage(stage) => (self.stage, self.stage_at) = (stage, at),
            RecordFacts::Classification(kind) => self.kind = kind,
            RecordFacts::HighRisk => _ = self.high_risk_since.get_or_insert(at),
            RecordFacts::Contents(cause) => {
                self.contents_versions += 1;
                self.cause = cause;
            }
            RecordFacts::Decision(decision) if decision.is_about_authority() => {
                self.authority = Some(Decided { decision, recorded_at: record.recorded_at });
            }
            RecordFacts::Decision(decision) => {
                self.people = Some(Decided { decision, recorded_at: record.recorded_at });
            }
            RecordFacts::Notice(NoticeStep::Intended) => _ = self.processor_intends_since.get_or_insert(at),
            RecordFacts::Notice(NoticeStep::Notified) => {
                (self.notified_at, self.notified_by) = (Some(at), Some(record.by));
                self.withdrawn_at = None;
            }
            RecordFacts::Notice(NoticeStep::Supplemented)
            | RecordFacts::Cost(_)
            | RecordFacts::Update(_)
            | RecordFacts::Call => {}
            RecordFacts::Acknowledgement => _ = self.acknowledged_at.get_or_insert(at),
            RecordFacts::Escalation => _ = self.escalated_at.get_or_insert(at),
            RecordFacts::Notice(NoticeStep::Withdrawn) => self.withdrawn_at = Some(at),
            RecordFacts::PeopleInformed => _ = self.people_informed_at.get_or_insert(at),
        }
        self
    }

    /// The clock of the controller at the moment `now`; none for what is no datalek (C127, C131). A decision to keep silent
    /// stops it when it is recorded, whatever its author says of when it was taken; a notice that was withdrawn does not.
    pub fn clock(&self, now: Timestamp) -> Option<IncidentClock> {
        let silent = self.authority.filter(|decided| !decided.decision.tells());
        let spared = silent.map(|decided| decided.recorded_at);
        let stopped_at = self.notified_at.filter(|_| self.is_notified()).or(spared);
        self.kind.has_clock().then(|| IncidentClock::of(self.known_at, stopped_at, now))
    }

    /// Whether everybody is to be written to again at the moment `now`: nobody of the other side said to know of it in time,
    /// and it was not done before.
    pub fn is_to_be_escalated(&self, now: Timestamp) -> bool {
        let waited = now.duration_since(self.reported_at) >= ACKNOWLEDGED_WITHIN;
        waited && self.acknowledged_at.is_none() && self.escalated_at.is_none()
    }

    /// What decides who decides, under a contract.
    pub fn rule(&self, reporter: BreachReporter) -> DecisionRule {
        DecisionRule { reporter, cause: self.cause }
    }

    /// Whether the authority was notified, and that was not withdrawn.
    pub fn is_notified(&self) -> bool {
        self.notified_at.is_some() && self.withdrawn_at.is_none()
    }

    /// From which side the authority hears it: from who notified it; before that from the processor when it means to notify it
    /// for several institutions, and otherwise from who decides.
    pub fn notifier(&self, reporter: BreachReporter) -> ActorKind {
        let intending = self.processor_intends_since.map(|_| ActorKind::PlatformUser);
        self.notified_by.or(intending).unwrap_or_else(|| self.rule(reporter).side())
    }

    /// That a record can be added.
    ///
    /// # Errors
    /// `too-many-records`, `stage-out-of-order`, `not-decided`, `already-notified`, `not-notified`, `one-institution`,
    /// `own-report`, `already-acknowledged`, `not-yet`; `not-the-decider`; for `at` `in-the-future`, `before-last-stage`, `before-known`;
    /// for `kind` `same-kind`, `not-of-this-side`; what the contents, the decision and the notice refuse.
    pub fn admit(&self, content: &RecordContent, addition: &Addition) -> Result<(), NotAdmitted> {
        let Addition { at, now, by, .. } = *addition;
        let rule = self.rule(addition.reporter);
        self.check_room(content.facts().kind())?;
        match content {
            RecordContent::Stage(reached) => {
                self.stage.check_next(reached.stage)?;
                stage::check_time(at, self.stage_at, now)?;
            }
            RecordContent::Classification { kind, .. } => self.check_kind(*kind, rule, by)?,
            RecordContent::HighRisk { .. } | RecordContent::Cost(_) | RecordContent::Call { .. } => {}
            RecordContent::Update { kind, .. } => check_update(*kind, by)?,
            RecordContent::Acknowledgement { .. } => self.check_acknowledgement(by)?,
            RecordContent::Escalation if self.is_to_be_escalated(now) => {}
            RecordContent::Escalation => {
                let detail = "this was acknowledged, has some time to be, or was told again before";
                return Err(Refusal::new("not-yet", detail).into());
            }
            RecordContent::Contents(contents) => contents.check(now)?,
            RecordContent::Decision { decision, steps } => {
                rule.check(decision.is_about_authority(), by).map_err(NotAdmitted::Forbidden)?;
                check_decision(*decision, steps)?;
            }
            RecordContent::Notice(notice) => {
                self.check_notice(notice.step, addition)?;
                notice.check(at, self.known_at)?;
            }
            RecordContent::PeopleInformed(_) => {
                rule.check(false, by).map_err(NotAdmitted::Forbidden)?;
                require_decided(self.people, "people are told")?;
            }
        }
        Ok(self.check_time(at, now)?)
    }

    fn check_room(&self, kind: RecordKind) -> Result<(), Refusal> {
        let most = kind.most();
        if self.records < most {
            return Ok(());
        }
        let detail = format!("an incident that has {most} records takes no more of this kind");
        Err(Refusal::new("too-many-records", detail))
    }

    /// That somebody on a side can take it for this kind: for another one, and who decides about the authority alone for one
    /// without a clock, as that ends the 72 hours (C127, C131).
    fn check_kind(&self, kind: IncidentKind, rule: DecisionRule, by: ActorKind) -> Result<(), NotAdmitted> {
        if kind == self.kind {
            let refusal = Refusal::new("same-kind", "must be another kind than it has");
            return Err(FieldRefusals::one("kind", refusal).into());
        }
        if self.kind.has_clock() && !kind.has_clock() {
            rule.check(true, by).map_err(NotAdmitted::Forbidden)?;
        }
        Ok(())
    }

    /// That this side can tell the authority this now: who decides can; the processor that means to notify it for several
    /// institutions can as long as it was not decided to keep silent; and who notified it can supplement that (C127, C128).
    fn check_notice(&self, step: NoticeStep, addition: &Addition) -> Result<(), NotAdmitted> {
        let by = addition.by;
        let intends = by == ActorKind::PlatformUser && self.processor_intends_since.is_some();
        let may_besides_decider = match step {
            NoticeStep::Intended => return self.check_intention(addition),
            NoticeStep::Notified => intends,
            NoticeStep::Supplemented => self.notified_by == Some(by),
            NoticeStep::Withdrawn => false,
        };
        if !may_besides_decider {
            self.rule(addition.reporter).check(true, by).map_err(NotAdmitted::Forbidden)?;
        }
        match step {
            NoticeStep::Intended => Ok(()),
            NoticeStep::Notified if self.is_notified() => Err(already_notified().into()),
            NoticeStep::Notified if intends && self.authority.is_none() => Ok(()),
            NoticeStep::Notified => Ok(require_decided(self.authority, "the authority is notified")?),
            NoticeStep::Supplemented | NoticeStep::Withdrawn if self.is_notified() => Ok(()),
            NoticeStep::Supplemented | NoticeStep::Withdrawn => {
                Err(Refusal::new("not-notified", "there is no notice to the authority that stands").into())
            }
        }
    }

    /// That the processor can mean to notify the authority: of what happened to several institutions, and as long as this one
    /// was not told of (C128).
    fn check_intention(&self, addition: &Addition) -> Result<(), NotAdmitted> {
        if addition.by != ActorKind::PlatformUser {
            let detail = "the processor alone notifies the authority for several institutions";
            return Err(NotAdmitted::Forbidden(Refusal::new("not-the-decider", detail)));
        }
        if addition.institutions < 2 {
            let detail = "this happened to one institution, which notifies the authority itself";
            return Err(Refusal::new("one-institution", detail).into());
        }
        if self.is_notified() {
            return Err(already_notified().into());
        }
        Ok(())
    }

    /// That who stands on this side can say to know of it.
    fn check_acknowledgement(&self, by: ActorKind) -> Result<(), Refusal> {
        if by == self.reported_by {
            return Err(Refusal::new(
                "own-report",
                "who reported it knows of it: the other side acknowledges",
            ));
        }
        match self.acknowledged_at {
            None => Ok(()),
            Some(_) => Err(Refusal::new("already-acknowledged", "this was acknowledged before")),
        }
    }

    /// That something can have happened at the moment `at`, as is told at the moment `now`: it was known of by then.
    fn check_time(&self, at: Timestamp, now: Timestamp) -> Result<(), FieldRefusals> {
        let refusal = if at > now {
            Refusal::new("in-the-future", "must not be after now")
        } else if at < self.known_at {
            Refusal::new("before-known", "must not be before the incident was known")
        } else {
            return Ok(());
        };
        Err(FieldRefusals::one("at", refusal))
    }
}

/// Why nobody notifies the authority, nor means to: somebody did.
fn already_notified() -> Refusal {
    Refusal::new("already-notified", "the authority was notified: supplement that notice")
}

/// That who stands on this side can tell this.
fn check_update(kind: UpdateKind, by: ActorKind) -> Result<(), FieldRefusals> {
    if kind != UpdateKind::CannotComply || by == ActorKind::PlatformUser {
        return Ok(());
    }
    let refusal = Refusal::new("not-of-this-side", "is for the processor to tell");
    Err(FieldRefusals::one("kind", refusal))
}

fn require_decided(decided: Option<Decided>, what: &str) -> Result<(), Refusal> {
    if decided.is_some_and(|decided| decided.decision.tells()) {
        return Ok(());
    }
    Err(Refusal::new("not-decided", format!("it has to be decided first that {what}")))
}

#[cfg(test)]
mod tests;
