//! Whether the authority and people are told of an incident, by whom, what they were told, and what it cost (C127–C130,
//! C133).

use actix_web::HttpRequest;
use groeilijn_domain::incidents::{
    CostKind, DecisionStep, IncidentChannel, IncidentCost, IncidentDecision, Notice, NoticeStep,
    PeopleInformed, RecordContent, StepAnswer,
};
use groeilijn_domain::values::ids::IncidentId;
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::{FreeText, ShortText};
use jiff::Timestamp;

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
    /// The operations by which it is decided and told.
    pub fn endpoints;

    /// Decide whether to tell of an incident
    ///
    /// Whether the authority is notified, or the people concerned are told, with an answer to each question that it rests on.
    /// Who decides about the authority follows from the contract's profile and the cause (C127, C129): `decidedBy` of the
    /// incident; about people it is the institution (C130). Anybody else gets 403 `not-the-decider`. The last decision counts,
    /// and the other side gets a letter.
    POST "/incidents/{incidentId}/decisions" => decide_on_incident: "The incident as it is now.";

    /// Record a notice to the authority
    ///
    /// That it was notified, with the number and, after the 72 hours, the reasons for the delay; that it was told more; that
    /// the notice was withdrawn. By who decides. The processor that means to notify for several institutions (C128) notifies
    /// too, unless it was decided not to, and supplements what it told. 409 `not-decided`, `already-notified`, `not-notified`.
    POST "/incidents/{incidentId}/notices" => record_incident_notice: "The incident as it is now.";

    /// Record that people were told
    ///
    /// The message as they got it, how, and how many (C130). 409 `not-decided` before that was decided.
    POST "/incidents/{incidentId}/people-informed" => record_people_informed: "The incident as it is now.";

    /// Record a cost of an incident
    ///
    /// Costs, claims and fines, as facts alone: who bears them is for the contract. The other side gets a letter (C133).
    POST "/incidents/{incidentId}/costs" => record_incident_cost: "The incident as it is now.";
}

request_body! {
    /// A decision, with what it rests on.
    pub struct IncidentDecisionCreation {
        /// What is decided.
        decision: IncidentDecision,
        /// When that was, in UTC; now if nothing is said.
        at: Option<Timestamp>,
        /// An answer to each of its questions: of the authority `personal-data-breach` and `risk-likely`, of people
        /// `high-risk-likely`, `data-unintelligible`, `risk-taken-away` and `disproportionate-effort`.
        steps: Vec<DecisionStepCreation>,
    }

    example {
        "decision": "notify-authority",
        "steps": [
            {"step": "personal-data-breach", "answer": true, "grounds": "Notities zijn gelezen."},
            {"step": "risk-likely", "answer": true, "grounds": "Het gaat om gevoelige gegevens van kinderen."},
        ],
    }
}

request_body! {
    /// An answer to a question of a decision.
    pub struct DecisionStepCreation {
        /// The question.
        step: DecisionStep,
        /// Yes or no.
        answer: bool,
        /// Why.
        grounds: FreeText,
    }
}

request_body! {
    /// Something that was told to the authority.
    pub struct IncidentNoticeCreation {
        /// What: `notified`, `supplemented` or `withdrawn`. What the processor intends is told for a case as a whole.
        step: NoticeStep,
        /// When, in UTC; now if nothing is said.
        at: Option<Timestamp>,
        /// The number by which the authority knows the notice.
        number: Option<ShortText>,
        /// What was told.
        text: Option<FreeText>,
        /// Why it was told after the 72 hours.
        delay_reason: Option<FreeText>,
    }

    example { "step": "notified", "number": "2026-1234" }
}

request_body! {
    /// What people concerned were told.
    pub struct PeopleInformedCreation {
        /// When, in UTC; now if nothing is said.
        at: Option<Timestamp>,
        /// The message, as they got it.
        text: FreeText,
        /// How they got it.
        channel: IncidentChannel,
        /// How many of them.
        number: u32,
    }

    example {
        "text": "Van uw kind zijn notities gelezen door iemand die dat niet mocht. Wij hebben …",
        "channel": "letter",
        "number": 12,
    }
}

request_body! {
    /// What an incident cost.
    pub struct IncidentCostCreation {
        /// What it is.
        kind: CostKind,
        /// When it arose or was told, in UTC; now if nothing is said.
        at: Option<Timestamp>,
        /// How much, in whole euros, if that is known.
        euros: Option<u32>,
        /// What it is for, and of whom.
        text: FreeText,
    }

    example { "kind": "claim", "euros": 500, "text": "Een ouder vraagt een vergoeding." }
}

async fn decide_on_incident(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentDecisionCreation>,
) -> Result<Created<Incident>, Problem> {
    let answer = |given: DecisionStepCreation| StepAnswer {
        step: given.step,
        answer: given.answer,
        grounds: given.grounds,
    };
    let steps = body.steps.into_iter().map(answer).collect();
    let content = RecordContent::Decision { decision: body.decision, steps };
    add(&access, &request, id, key, &digest, (content, body.at)).await
}

async fn record_incident_notice(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentNoticeCreation>,
) -> Result<Created<Incident>, Problem> {
    let IncidentNoticeCreation { step, at, number, text, delay_reason } = body;
    if step == NoticeStep::Intended {
        let refusal = Refusal::new("beyond-the-kind", "is told of a case as a whole");
        return Err(FieldRefusals::one("step", refusal).into());
    }
    let content = RecordContent::Notice(Notice { step, number, text, delay_reason, consulted: None });
    add(&access, &request, id, key, &digest, (content, at)).await
}

async fn record_people_informed(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<PeopleInformedCreation>,
) -> Result<Created<Incident>, Problem> {
    let PeopleInformedCreation { at, text, channel, number } = body;
    let content = RecordContent::PeopleInformed(PeopleInformed { text, channel, number });
    add(&access, &request, id, key, &digest, (content, at)).await
}

async fn record_incident_cost(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentCostCreation>,
) -> Result<Created<Incident>, Problem> {
    let IncidentCostCreation { kind, at, euros, text } = body;
    let content = RecordContent::Cost(IncidentCost { kind, euros, text });
    add(&access, &request, id, key, &digest, (content, at)).await
}
