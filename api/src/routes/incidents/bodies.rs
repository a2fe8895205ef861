//! Incidents as they are shown.

use groeilijn_domain::audit::entry::ActorKind;
use groeilijn_domain::incidents::{
    BreachCause, CostKind, IncidentChannel, IncidentClock, IncidentDecision, IncidentKind, IncidentSource,
    IncidentStage, MOST_RECORDS, NoticeStep, RecordContent, RecordFacts, RecordKind, Restored, UpdateKind,
};
use groeilijn_domain::values::ids::{
    ContactPersonId, IncidentCaseId, IncidentId, IncidentRecordId, InstitutionId, SecurityEventId, UserId,
};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_persistence::incidents::stored::{StoredIncident, StoredRecord, WholeIncident};
use jiff::Timestamp;

use super::parts::{DecisionAnswer, IncidentContentsBody, PeopleInformedBody};
use crate::http::described::counted;
use crate::reply_body;

reply_body! {
    /// A security incident of one institution, which may be a datalek, with everything that was added to it (C122).
    pub struct Incident {
        /// The incident's id.
        id: IncidentId,
        /// Whose it is.
        institution_id: InstitutionId,
        /// The same for what happened to several institutions at once.
        case_id: IncidentCaseId,
        /// What it is taken for now.
        kind: IncidentKind,
        /// How far its handling is.
        stage: IncidentStage,
        /// When it came into that stage, in UTC.
        stage_at: Timestamp,
        /// The stage that comes next; null after the last.
        next_stage: Option<IncidentStage>,
        /// What is left of the 72 hours; null for what is no datalek (C127).
        clock: Option<IncidentClockBody>,
        /// Since when a high risk for people is suspected, in UTC; null when it is not.
        high_risk_since: Option<Timestamp>,
        /// When the side that did not report it said to know of it, in UTC.
        acknowledged_at: Option<Timestamp>,
        /// When everybody was written to again because nobody did, in UTC.
        escalated_at: Option<Timestamp>,
        /// The side that decides whether the authority is notified, and notifies it, as the contract and the cause have it. The
        /// processor may notify it too, once it meant to for several institutions and unless it was decided not to (C128).
        decided_by: ActorKind,
        /// What was decided last about the authority; null as long as nothing was.
        authority_decision: Option<IncidentDecision>,
        /// When the authority was notified, in UTC.
        notified_at: Option<Timestamp>,
        /// When that notice was withdrawn, in UTC.
        withdrawn_at: Option<Timestamp>,
        /// What was decided last about the people concerned; null as long as nothing was.
        people_decision: Option<IncidentDecision>,
        /// When people were told first, in UTC.
        people_informed_at: Option<Timestamp>,
        /// How many versions of its contents there are.
        contents_versions: u32,
        /// What caused it, by the last of them.
        cause: Option<BreachCause>,
        /// When it became known: the start of the clock, in UTC.
        known_at: Timestamp,
        /// When it happened or began, in UTC, if that is known.
        occurred_at: Option<Timestamp>,
        /// From whom the knowledge came.
        source: IncidentSource,
        /// How it became known, when somebody else told it.
        channel: Option<IncidentChannel>,
        /// When it was entered here, in UTC.
        reported_at: Timestamp,
        /// Who entered it.
        reporter_id: UserId,
        /// On which side she stands.
        reporter_kind: ActorKind,
        /// The security event that it came from.
        security_event_id: Option<SecurityEventId>,
        /// What happened, in short. Null in a list for the processor, for tokens, and when the texts have ended.
        summary: Option<FreeText>,
        /// Who told it, when that was somebody else. Null for tokens.
        told_by: Option<ShortText>,
        /// What was added, in that order. A list leaves it empty, and the answer to an addition holds the last one alone.
        records: Vec<IncidentRecord> = counted(0..=MOST_RECORDS),
    }
}

reply_body! {
    /// The clock of a controller: hours that passed, whatever clocks on walls do (C127).
    pub struct IncidentClockBody {
        /// Until when the authority is to be notified, in UTC.
        deadline: Timestamp,
        /// Whole seconds that are left; 0 when the deadline is over or the clock stopped.
        seconds_left: u64,
        /// Whether the deadline passed before the clock stopped.
        is_overdue: bool,
        /// When it stopped, in UTC: the authority was notified, or it was recorded that it is not.
        stopped_at: Option<Timestamp>,
    }
}

reply_body! {
    /// What was added to an incident. It is never changed. Tokens, and who reported the incident of what somebody else wrote,
    /// are shown what kind of record it is, its code and its times; everything that was written is null.
    pub struct IncidentRecord {
        /// The record's id.
        id: IncidentRecordId,
        /// Its place, from 1.
        number: i32,
        /// What kind of record it is.
        kind: RecordKind,
        /// When what it tells of happened, in UTC.
        at: Timestamp,
        /// When it was added, in UTC.
        recorded_at: Timestamp,
        /// Who added it; null for the service itself.
        author_id: Option<UserId>,
        /// On which side the author stands.
        author_kind: ActorKind,
        /// The stage that the incident came into.
        stage: Option<IncidentStage>,
        /// What the incident was taken for from then on.
        classified_as: Option<IncidentKind>,
        /// The backup that was restored, and how it was checked.
        checked_backup: Option<ShortText>,
        /// Why nothing had to be restored.
        not_needed_because: Option<ShortText>,
        /// A version of the contents I–VI.
        contents: Option<IncidentContentsBody>,
        /// What was decided.
        decision: Option<IncidentDecision>,
        /// The answers that a decision rests on.
        steps: Option<Vec<DecisionAnswer>>,
        /// What was told to the authority.
        notice_step: Option<NoticeStep>,
        /// The number by which the authority knows the notice.
        notice_number: Option<ShortText>,
        /// When the processor consulted this institution before it meant to notify the authority for several, in UTC; null
        /// when it asked others (C128).
        consulted_at: Option<Timestamp>,
        /// The contact person who was asked then; null for an administrator.
        consulted_contact_person_id: Option<ContactPersonId>,
        /// Why the authority was told after the 72 hours.
        delay_reason: Option<FreeText>,
        /// What people concerned were told.
        people_informed: Option<PeopleInformedBody>,
        /// What kind of cost it is.
        cost_kind: Option<CostKind>,
        /// How much it costs, in whole euros.
        euros: Option<u32>,
        /// What one side told the other as it develops.
        update_kind: Option<UpdateKind>,
        /// Whom a call was with.
        call_with: Option<ShortText>,
        /// What was found, done or decided, and why. Null when the texts have ended, and for who reported the incident when
        /// somebody else wrote it.
        text: Option<FreeText>,
    }
}

impl From<IncidentClock> for IncidentClockBody {
    fn from(clock: IncidentClock) -> Self {
        let IncidentClock { deadline, stopped_at, seconds_left, is_overdue } = clock;
        Self { deadline, seconds_left, is_overdue, stopped_at }
    }
}

impl From<StoredIncident> for Incident {
    fn from(stored: StoredIncident) -> Self {
        let clock = stored.clock().map(IncidentClockBody::from);
        let (summary, told_by) =
            stored.content.map_or((None, None), |content| (Some(content.summary), content.told_by));
        Self {
            id: stored.id,
            institution_id: stored.institution,
            case_id: stored.case,
            kind: stored.standing.kind,
            stage: stored.standing.stage,
            stage_at: stored.standing.stage_at,
            next_stage: stored.standing.stage.next(),
            clock,
            high_risk_since: stored.standing.high_risk_since,
            acknowledged_at: stored.standing.acknowledged_at,
            escalated_at: stored.standing.escalated_at,
            decided_by: stored.standing.rule(stored.breach_reporter).side(),
            authority_decision: stored.standing.authority.map(|decided| decided.decision),
            notified_at: stored.standing.notified_at,
            withdrawn_at: stored.standing.withdrawn_at,
            people_decision: stored.standing.people.map(|decided| decided.decision),
            people_informed_at: stored.standing.people_informed_at,
            contents_versions: stored.standing.contents_versions,
            cause: stored.standing.cause,
            known_at: stored.report.known_at,
            occurred_at: stored.report.occurred_at,
            source: stored.source,
            channel: stored.channel,
            reported_at: stored.report.reported_at,
            reporter_id: stored.reporter,
            reporter_kind: stored.report.by,
            security_event_id: stored.security_event,
            summary,
            told_by,
            records: Vec::new(),
        }
    }
}

impl From<WholeIncident> for Incident {
    fn from(whole: WholeIncident) -> Self {
        let records = whole.records.into_iter().map(IncidentRecord::from).collect();
        Self { records, ..Self::from(whole.incident) }
    }
}

impl From<StoredRecord> for IncidentRecord {
    fn from(stored: StoredRecord) -> Self {
        let facts = stored.recorded.facts;
        let mut record = Self {
            id: stored.id,
            number: stored.number,
            kind: facts.kind(),
            at: stored.recorded.at,
            recorded_at: stored.recorded.recorded_at,
            author_id: stored.author,
            author_kind: stored.recorded.by,
            stage: None,
            classified_as: None,
            checked_backup: None,
            not_needed_because: None,
            contents: None,
            decision: None,
            steps: None,
            notice_step: None,
            notice_number: None,
            consulted_at: None,
            consulted_contact_person_id: None,
            delay_reason: None,
            people_informed: None,
            cost_kind: None,
            euros: None,
            update_kind: None,
            call_with: None,
            text: None,
        };
        match facts {
            RecordFacts::Stage(stage) => record.stage = Some(stage),
            RecordFacts::Classification(kind) => record.classified_as = Some(kind),
            RecordFacts::Decision(decision) => record.decision = Some(decision),
            RecordFacts::Notice(step) => record.notice_step = Some(step),
            RecordFacts::Cost(kind) => record.cost_kind = Some(kind),
            RecordFacts::Update(kind) => record.update_kind = Some(kind),
            RecordFacts::HighRisk
            | RecordFacts::Contents(_)
            | RecordFacts::PeopleInformed
            | RecordFacts::Call
            | RecordFacts::Acknowledgement
            | RecordFacts::Escalation => {}
        }
        if let Some(content) = stored.content {
            record.tell(content);
        }
        record
    }
}

impl IncidentRecord {
    /// With what it says in words.
    fn tell(&mut self, content: RecordContent) {
        match content {
            RecordContent::Stage(reached) => {
                self.text = Some(reached.findings);
                match reached.restored {
                    Some(Restored::Backup(backup)) => self.checked_backup = Some(backup),
                    Some(Restored::NotNeeded(reason)) => self.not_needed_because = Some(reason),
                    None => {}
                }
            }
            RecordContent::Classification { grounds, .. } | RecordContent::HighRisk { grounds } => {
                self.text = Some(grounds);
            }
            RecordContent::Contents(contents) => self.contents = Some((*contents).into()),
            RecordContent::Decision { steps, .. } => {
                self.steps = Some(steps.into_iter().map(DecisionAnswer::from).collect());
            }
            RecordContent::Notice(notice) => {
                (self.notice_number, self.text) = (notice.number, notice.text);
                self.delay_reason = notice.delay_reason;
                self.consulted_at = notice.consulted.map(|consulted| consulted.at);
                self.consulted_contact_person_id =
                    notice.consulted.and_then(|consulted| consulted.contact_person);
            }
            RecordContent::PeopleInformed(informed) => {
                self.people_informed = Some(PeopleInformedBody::of(informed, self.at));
            }
            RecordContent::Cost(cost) => (self.euros, self.text) = (cost.euros, Some(cost.text)),
            RecordContent::Update { text, .. } => self.text = Some(text),
            RecordContent::Call { with, text } => {
                (self.call_with, self.text) = (Some(with), Some(text));
            }
            RecordContent::Acknowledgement { text } => self.text = text,
            RecordContent::Escalation => {}
        }
    }
}
