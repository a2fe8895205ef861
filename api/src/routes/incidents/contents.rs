//! The contents I–VI of a notice (C126), and the draft of the authority's form that they fill (C127).

use actix_web::HttpRequest;
use groeilijn_domain::audit::data_class::DataClass;
use groeilijn_domain::incidents::{
    Affected, AffectedData, AffectedGroup, BreachCause, BreachNature, ContentItem, Happened,
    IncidentContents, NotYetKnown, RecordContent, SecurityPart,
};
use groeilijn_domain::values::ids::IncidentId;
use groeilijn_domain::values::text::{FreeText, ShortText};
use jiff::Timestamp;
use jiff::civil::Date;

use super::adding::add;
use super::bodies::Incident;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::guard::activity::OperateService;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::Created;
use crate::{operations, request_body};

operations! {
    /// The operation on contents.
    pub fn endpoints;

    /// Record the contents of an incident
    ///
    /// A version of the contents I to VI of the contract (C126). What is not known yet is left out, and `notYetKnown` says on
    /// which day it will be; a later version tells it. All that is wrong is told at once.
    POST "/incidents/{incidentId}/contents" => record_incident_contents: "The incident as it is now.";
}

request_body! {
    /// The contents of a notice, as far as they are known. Name nobody.
    pub struct IncidentContentsCreation {
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
        /// II: what kind of cause; under some contracts it decides who notifies the authority (C129).
        cause: Option<BreachCause>,
        /// II: the cause in words.
        cause_explained: Option<FreeText>,
        /// III: what was done to end it and to keep it from happening again.
        measures: Option<FreeText>,
        /// IV: who is affected, and in which degree.
        affected: Option<Vec<AffectedPeopleCreation>>,
        /// V: the least people that are affected.
        group_least: Option<u32>,
        /// V: the most people that are affected.
        group_most: Option<u32>,
        /// VI: the kinds of data.
        data: Option<Vec<AffectedDataCreation>>,
        /// What is not known yet.
        not_yet_known: Option<Vec<NotYetKnownCreation>>,
        /// What protected the data before, for the authority.
        measures_before: Option<FreeText>,
        /// What it may mean for people, for the authority.
        consequences: Option<FreeText>,
    }

    example {
        "foundAt": "2026-11-20T15:30:00Z",
        "summary": "Een sessie van een leerkracht is door een ander gebruikt.",
        "nature": "stolen-access",
        "securityParts": ["confidentiality"],
        "how": "De laptop stond open in een gestolen auto.",
        "wasRead": "yes", "wasCopied": "unknown", "wasChanged": "no", "wasDeleted": "no", "wasStolen": "unknown",
        "cause": "user-error",
        "measures": "De sessie is beëindigd.",
        "affected": [{"group": "pupils", "degree": "Notities over de ontwikkeling zijn gelezen."}],
        "groupLeast": 12, "groupMost": 12,
        "notYetKnown": [{"item": "data", "knownOn": "2026-11-23"}],
    }
}

request_body! {
    /// People who are affected.
    pub struct AffectedPeopleCreation {
        /// Who.
        group: AffectedGroup,
        /// In which degree.
        degree: FreeText,
    }
}

request_body! {
    /// Data of a class that is affected.
    pub struct AffectedDataCreation {
        /// The class.
        class: DataClass,
        /// Which data of it.
        what: ShortText,
    }
}

request_body! {
    /// What is not known yet.
    pub struct NotYetKnownCreation {
        /// What.
        item: ContentItem,
        /// The day on which it will be known, in Amsterdam.
        known_on: Date,
    }
}

impl From<IncidentContentsCreation> for IncidentContents {
    fn from(body: IncidentContentsCreation) -> Self {
        let affected =
            |people: AffectedPeopleCreation| Affected { group: people.group, degree: people.degree };
        let data = |data: AffectedDataCreation| AffectedData { class: data.class, what: data.what };
        let unknown =
            |unknown: NotYetKnownCreation| NotYetKnown { item: unknown.item, known_on: unknown.known_on };
        Self {
            found_at: body.found_at,
            summary: body.summary,
            nature: body.nature,
            security_parts: body.security_parts,
            how: body.how,
            was_read: body.was_read,
            was_copied: body.was_copied,
            was_changed: body.was_changed,
            was_deleted: body.was_deleted,
            was_stolen: body.was_stolen,
            cause: body.cause,
            cause_explained: body.cause_explained,
            measures: body.measures,
            affected: body.affected.map(|people| people.into_iter().map(affected).collect()),
            group_least: body.group_least,
            group_most: body.group_most,
            data: body.data.map(|kinds| kinds.into_iter().map(data).collect()),
            not_yet_known: body.not_yet_known.unwrap_or_default().into_iter().map(unknown).collect(),
            measures_before: body.measures_before,
            consequences: body.consequences,
        }
    }
}

async fn record_incident_contents(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentContentsCreation>,
) -> Result<Created<Incident>, Problem> {
    let content = RecordContent::Contents(Box::new(body.into()));
    add(&access, &request, id, key, &digest, (content, None)).await
}
