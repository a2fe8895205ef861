//! The draft of the notice to the authority, in the order of its form (C126, C127).

use groeilijn_domain::audit::entry::ActorKind;
use groeilijn_domain::incidents::{
    BreachCause, BreachNature, Happened, IncidentContents, IncidentDecision, IncidentStage, NoticeStep,
    RecordContent, RecordFacts, SecurityPart, missing_for_authority,
};
use groeilijn_domain::institutions::institution::{Brin, ChildcareNumber, InstitutionKind};
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{ContactPersonId, IncidentCaseId, IncidentId};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_persistence::incidents::draft::DraftFacts;
use groeilijn_persistence::incidents::stored::{StoredRecord, WholeIncident};
use groeilijn_persistence::institutions::contact_person::StoredContactPerson;
use jiff::Timestamp;

use super::adding;
use super::parts::{AffectedDataBody, AffectedPeopleBody, NotYetKnownBody, PeopleInformedBody};
use crate::http::access::{Access, action, part};
use crate::http::file_reply::Printed;
use crate::http::guard::activity::OperateService;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Shown};
use crate::printed::authority_draft;
use crate::{operations, reply_body};

operations! {
    /// The operation on drafts.
    pub fn endpoints;

    /// Read the draft for the authority
    ///
    /// What is known, in the order of the form of the Dutch authority: about this notice, contacts and other organisations,
    /// timeline, the breach, personal data, people, measures beforehand, consequences, follow-up and informing people, other.
    /// `missing` names what the form asks for and nobody told yet. The draft notifies nobody.
    GET "/incidents/{incidentId}/authority-draft" => read_authority_draft: "The draft as of now.";

    /// Print the draft for the authority
    ///
    /// The same in Dutch, to be kept or signed.
    GET "/incidents/{incidentId}/printed-authority-draft" => print_authority_draft: "The draft as PDF."
        .producing(&[Printed::MEDIA_TYPE]);
}

reply_body! {
    /// A draft of the notice to the authority, in the order of its form.
    pub struct AuthorityDraft {
        /// About this notice.
        about: DraftAbout,
        /// Contacts, and other organisations.
        contacts: DraftContacts,
        /// When what happened.
        timeline: DraftTimeline,
        /// The breach; null as long as there is no version of the contents.
        breach: Option<DraftBreach>,
        /// The personal data, by class; null as long as it is not known.
        personal_data: Option<Vec<AffectedDataBody>>,
        /// The people whom it is about.
        people: DraftPeople,
        /// What protected the data beforehand.
        measures_before: Option<FreeText>,
        /// What it may mean for people.
        consequences: DraftConsequences,
        /// What was done, and what people were told.
        follow_up: DraftFollowUp,
        /// What else there is to say.
        other: DraftOther,
        /// What the form asks for and is not told yet: items of the contents, `contents`, `decision`, `contact-person`.
        missing: Vec<String>,
    }
}

reply_body! {
    /// About a notice.
    pub struct DraftAbout {
        /// The incident's id.
        incident_id: IncidentId,
        /// The case's id.
        case_id: IncidentCaseId,
        /// Whether it supplements an earlier notice.
        supplements: bool,
        /// The number of that notice.
        number: Option<ShortText>,
        /// Which side notifies.
        by: ActorKind,
        /// Until when, in UTC.
        deadline: Option<Timestamp>,
        /// Whether that is past.
        is_late: bool,
        /// Why it was not told in time.
        delay_reason: Option<FreeText>,
    }
}

reply_body! {
    /// Who the controller is, and who can be asked.
    pub struct DraftContacts {
        /// The name of the institution.
        institution: String,
        /// What kind of institution.
        kind: InstitutionKind,
        /// Its number in the register of schools.
        brin: Option<Brin>,
        /// Its number in the register of childcare.
        childcare_number: Option<ChildcareNumber>,
        /// Its contact persons.
        contact_persons: Vec<DraftContact>,
        /// Whether the breach was at a processor.
        at_processor: bool,
    }
}

reply_body! {
    /// A contact person of the institution.
    pub struct DraftContact {
        /// Her id.
        id: ContactPersonId,
        /// Her name.
        name: String,
        /// Where she is written to.
        email: EmailAddress,
    }
}

reply_body! {
    /// When what happened, in UTC.
    pub struct DraftTimeline {
        /// When it happened or began.
        occurred_at: Option<Timestamp>,
        /// When it was found.
        found_at: Option<Timestamp>,
        /// When it became known: the start of the clock.
        known_at: Timestamp,
        /// The stages, in order.
        stages: Vec<DraftStage>,
        /// When the authority was notified first.
        notified_at: Option<Timestamp>,
    }
}

reply_body! {
    /// A stage of the handling.
    pub struct DraftStage {
        /// Which.
        stage: IncidentStage,
        /// When it was reached, in UTC.
        at: Timestamp,
        /// What was found and done.
        findings: Option<FreeText>,
    }
}

reply_body! {
    /// The breach itself.
    pub struct DraftBreach {
        /// What happened, in short.
        summary: FreeText,
        /// What kind of breach.
        nature: BreachNature,
        /// Which parts of security.
        security_parts: Vec<SecurityPart>,
        /// How it happened.
        how: Option<FreeText>,
        /// Whether data was read.
        was_read: Happened,
        /// Whether data was copied.
        was_copied: Happened,
        /// Whether data was changed.
        was_changed: Happened,
        /// Whether data was deleted or destroyed.
        was_deleted: Happened,
        /// Whether data was stolen.
        was_stolen: Happened,
        /// What kind of cause.
        cause: Option<BreachCause>,
        /// The cause in words.
        cause_explained: Option<FreeText>,
    }
}

reply_body! {
    /// The people whom a breach is about.
    pub struct DraftPeople {
        /// Who, and in which degree; null as long as it is not known.
        affected: Option<Vec<AffectedPeopleBody>>,
        /// The least people.
        least: Option<u32>,
        /// The most people.
        most: Option<u32>,
    }
}

reply_body! {
    /// What a breach may mean for people.
    pub struct DraftConsequences {
        /// In words.
        text: Option<FreeText>,
        /// Since when a high risk is suspected, in UTC.
        high_risk_since: Option<Timestamp>,
    }
}

reply_body! {
    /// What was done, and what people were told.
    pub struct DraftFollowUp {
        /// What was done to end it and to keep it from happening again.
        measures: Option<FreeText>,
        /// Whether people are told; null as long as that was not decided.
        people_decision: Option<IncidentDecision>,
        /// Why.
        grounds: Vec<FreeText>,
        /// What they were told.
        informed: Vec<PeopleInformedBody>,
    }
}

reply_body! {
    /// What else there is to say.
    pub struct DraftOther {
        /// Whether the processor notifies for several institutions, each of which was told (C128).
        for_several_institutions: bool,
        /// Why the authority is notified, or not.
        grounds: Vec<FreeText>,
        /// What is not known yet, and when it will be.
        not_yet_known: Vec<NotYetKnownBody>,
    }
}

async fn read_authority_draft(
    access: Access<part::Incidents, action::Export, OperateService>,
    PathId(id): PathId<IncidentId>,
) -> Result<Shown<AuthorityDraft>, Problem> {
    reply::view(&AuthorityDraft::from(adding::read_draft(&access, id).await?))
}

async fn print_authority_draft(
    access: Access<part::Incidents, action::Export, OperateService>,
    PathId(id): PathId<IncidentId>,
) -> Result<Printed, Problem> {
    let draft = AuthorityDraft::from(adding::read_draft(&access, id).await?);
    let draft = serde_json::to_value(&draft).map_err(Problem::internal)?;
    Ok(Printed(authority_draft(&draft)))
}

/// The texts of a draft, gone through once: of each kind the last counts, but of what people were told all.
#[derive(Default)]
struct Texts {
    contents: Option<Box<IncidentContents>>,
    authority_grounds: Vec<FreeText>,
    people_grounds: Vec<FreeText>,
    informed: Vec<PeopleInformedBody>,
    stages: Vec<DraftStage>,
    number: Option<ShortText>,
    delay_reason: Option<FreeText>,
}

impl Texts {
    fn of(records: Vec<StoredRecord>) -> Self {
        let mut texts = Self::default();
        for record in records {
            let at = record.recorded.at;
            if let RecordFacts::Stage(stage) = record.recorded.facts {
                texts.stages.push(DraftStage { stage, at, findings: None });
            }
            if let Some(content) = record.content {
                texts.take(content, at);
            }
        }
        texts
    }

    fn take(&mut self, content: RecordContent, at: Timestamp) {
        match content {
            RecordContent::Stage(reached) => {
                if let Some(last) = self.stages.last_mut() {
                    last.findings = Some(reached.findings);
                }
            }
            RecordContent::Contents(contents) => self.contents = Some(contents),
            RecordContent::Decision { decision, steps } => {
                let grounds = steps.into_iter().map(|step| step.grounds).collect();
                if decision.is_about_authority() {
                    self.authority_grounds = grounds;
                } else {
                    self.people_grounds = grounds;
                }
            }
            RecordContent::Notice(notice) if notice.step == NoticeStep::Notified => {
                self.number = notice.number;
                self.delay_reason = notice.delay_reason;
            }
            RecordContent::PeopleInformed(informed) => {
                self.informed.push(PeopleInformedBody::of(informed, at));
            }
            _ => {}
        }
    }
}

impl From<DraftFacts> for AuthorityDraft {
    fn from(facts: DraftFacts) -> Self {
        let WholeIncident { incident, records } = facts.whole;
        let (standing, clock) = (incident.standing, incident.clock());
        let Texts { contents, authority_grounds, people_grounds, informed, stages, number, delay_reason } =
            Texts::of(records);
        let has_contact = !facts.contacts.is_empty();
        let missing = missing_for_authority(&standing, contents.as_deref(), has_contact);
        let found_at = contents.as_ref().map(|contents| contents.found_at);
        let of_contents = contents.map(|contents| SectionsOfContents::from(*contents)).unwrap_or_default();
        Self {
            about: DraftAbout {
                incident_id: incident.id,
                case_id: incident.case,
                supplements: standing.notified_at.is_some(),
                number,
                by: standing.notifier(incident.breach_reporter),
                deadline: clock.map(|clock| clock.deadline),
                is_late: clock.is_some_and(|clock| clock.is_overdue),
                delay_reason,
            },
            contacts: DraftContacts {
                institution: facts.institution.fields.name,
                kind: facts.institution.fields.kind,
                brin: facts.institution.fields.brin,
                childcare_number: facts.institution.fields.childcare_number,
                contact_persons: facts.contacts.into_iter().map(DraftContact::from).collect(),
                at_processor: standing.cause.is_some_and(BreachCause::is_at_processor),
            },
            timeline: DraftTimeline {
                occurred_at: incident.report.occurred_at,
                found_at,
                known_at: incident.report.known_at,
                stages,
                notified_at: standing.notified_at,
            },
            breach: of_contents.breach,
            personal_data: of_contents.data,
            people: of_contents.people,
            measures_before: of_contents.measures_before,
            consequences: DraftConsequences {
                text: of_contents.consequences,
                high_risk_since: standing.high_risk_since,
            },
            follow_up: DraftFollowUp {
                measures: of_contents.measures,
                people_decision: standing.people.map(|decided| decided.decision),
                grounds: people_grounds,
                informed,
            },
            other: DraftOther {
                for_several_institutions: standing.processor_intends_since.is_some(),
                grounds: authority_grounds,
                not_yet_known: of_contents.not_yet_known,
            },
            missing: missing.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// The sections of the form that the contents fill.
struct SectionsOfContents {
    breach: Option<DraftBreach>,
    data: Option<Vec<AffectedDataBody>>,
    people: DraftPeople,
    measures_before: Option<FreeText>,
    consequences: Option<FreeText>,
    measures: Option<FreeText>,
    not_yet_known: Vec<NotYetKnownBody>,
}

impl Default for SectionsOfContents {
    /// Nothing is told yet.
    fn default() -> Self {
        Self {
            breach: None,
            data: None,
            people: DraftPeople { affected: None, least: None, most: None },
            measures_before: None,
            consequences: None,
            measures: None,
            not_yet_known: Vec::new(),
        }
    }
}

impl From<IncidentContents> for SectionsOfContents {
    fn from(contents: IncidentContents) -> Self {
        let breach = DraftBreach {
            summary: contents.summary,
            nature: contents.nature,
            security_parts: contents.security_parts,
            how: contents.how,
            was_read: contents.was_read,
            was_copied: contents.was_copied,
            was_changed: contents.was_changed,
            was_deleted: contents.was_deleted,
            was_stolen: contents.was_stolen,
            cause: contents.cause,
            cause_explained: contents.cause_explained,
        };
        Self {
            breach: Some(breach),
            data: contents.data.map(|kinds| kinds.into_iter().map(AffectedDataBody::from).collect()),
            people: DraftPeople {
                affected: contents
                    .affected
                    .map(|people| people.into_iter().map(AffectedPeopleBody::from).collect()),
                least: contents.group_least,
                most: contents.group_most,
            },
            measures_before: contents.measures_before,
            consequences: contents.consequences,
            measures: contents.measures,
            not_yet_known: contents.not_yet_known.into_iter().map(NotYetKnownBody::from).collect(),
        }
    }
}

impl From<StoredContactPerson> for DraftContact {
    fn from(stored: StoredContactPerson) -> Self {
        Self { id: stored.id, name: stored.fields.name.display(), email: stored.fields.email }
    }
}
