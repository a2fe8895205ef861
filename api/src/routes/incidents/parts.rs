//! Parts of what is shown of an incident: its contents, what people were told, what was answered.

use groeilijn_domain::audit::data_class::DataClass;
use groeilijn_domain::incidents::{
    Affected, AffectedData, AffectedGroup, BreachCause, BreachNature, ContentItem, DecisionStep, Happened,
    IncidentChannel, IncidentContents, NotYetKnown, PeopleInformed, SecurityPart, StepAnswer,
};
use groeilijn_domain::values::text::{FreeText, ShortText};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::reply_body;

reply_body! {
    /// A version of the contents of a notice, as far as they were known (C126).
    pub struct IncidentContentsBody {
        /// I: when it was found, in UTC.
        found_at: Timestamp,
        /// I: what happened, in short.
        summary: FreeText,
        /// I: what kind of breach.
        nature: BreachNature,
        /// I: which parts of security.
        security_parts: Vec<SecurityPart>,
        /// I: how it happened.
        how: Option<FreeText>,
        /// I: whether data was read.
        was_read: Happened,
        /// I: whether data was copied.
        was_copied: Happened,
        /// I: whether data was changed.
        was_changed: Happened,
        /// I: whether data was deleted or destroyed.
        was_deleted: Happened,
        /// I: whether data was stolen.
        was_stolen: Happened,
        /// II: what kind of cause.
        cause: Option<BreachCause>,
        /// II: the cause in words.
        cause_explained: Option<FreeText>,
        /// III: what was done to end it and to keep it from happening again.
        measures: Option<FreeText>,
        /// IV: who is affected, and in which degree.
        affected: Option<Vec<AffectedPeopleBody>>,
        /// V: the least people that are affected.
        group_least: Option<u32>,
        /// V: the most people that are affected.
        group_most: Option<u32>,
        /// VI: the kinds of data.
        data: Option<Vec<AffectedDataBody>>,
        /// What was not known yet.
        not_yet_known: Vec<NotYetKnownBody>,
        /// What protected the data before, for the authority.
        measures_before: Option<FreeText>,
        /// What it may mean for people, for the authority.
        consequences: Option<FreeText>,
    }
}

reply_body! {
    /// People who are affected.
    pub struct AffectedPeopleBody {
        /// Who.
        group: AffectedGroup,
        /// In which degree.
        degree: FreeText,
    }
}

reply_body! {
    /// Data of a class that is affected (C035).
    pub struct AffectedDataBody {
        /// The class.
        class: DataClass,
        /// Which data of it.
        what: ShortText,
    }
}

reply_body! {
    /// What is not known yet.
    pub struct NotYetKnownBody {
        /// What.
        item: ContentItem,
        /// The day on which it will be known, in Amsterdam.
        known_on: Date,
    }
}

reply_body! {
    /// What people concerned were told (C130).
    pub struct PeopleInformedBody {
        /// When, in UTC.
        at: Timestamp,
        /// The message, as they got it.
        text: FreeText,
        /// How they got it.
        channel: IncidentChannel,
        /// How many of them.
        number: u32,
    }
}

reply_body! {
    /// An answer to a question of a decision.
    pub struct DecisionAnswer {
        /// The question.
        step: DecisionStep,
        /// Yes or no.
        answer: bool,
        /// Why.
        grounds: FreeText,
    }
}

impl PeopleInformedBody {
    /// What people were told at the moment `at`.
    pub fn of(informed: PeopleInformed, at: Timestamp) -> Self {
        let PeopleInformed { text, channel, number } = informed;
        Self { at, text, channel, number }
    }
}

impl From<Affected> for AffectedPeopleBody {
    fn from(affected: Affected) -> Self {
        Self { group: affected.group, degree: affected.degree }
    }
}

impl From<AffectedData> for AffectedDataBody {
    fn from(data: AffectedData) -> Self {
        Self { class: data.class, what: data.what }
    }
}

impl From<NotYetKnown> for NotYetKnownBody {
    fn from(unknown: NotYetKnown) -> Self {
        Self { item: unknown.item, known_on: unknown.known_on }
    }
}

impl From<StepAnswer> for DecisionAnswer {
    fn from(answer: StepAnswer) -> Self {
        Self { step: answer.step, answer: answer.answer, grounds: answer.grounds }
    }
}

impl From<IncidentContents> for IncidentContentsBody {
    fn from(contents: IncidentContents) -> Self {
        Self {
            found_at: contents.found_at,
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
            measures: contents.measures,
            affected: contents
                .affected
                .map(|people| people.into_iter().map(AffectedPeopleBody::from).collect()),
            group_least: contents.group_least,
            group_most: contents.group_most,
            data: contents.data.map(|kinds| kinds.into_iter().map(AffectedDataBody::from).collect()),
            not_yet_known: contents.not_yet_known.into_iter().map(NotYetKnownBody::from).collect(),
            measures_before: contents.measures_before,
            consequences: contents.consequences,
        }
    }
}
