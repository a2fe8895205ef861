//! Support sessions: what users allow, and how the processor's staff begins to look.

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::support::{ConsentKind, SupportKind};
use groeilijn_persistence::environment::Clock;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::client::Client;
use crate::reply::text;
use crate::school::School;
use crate::server::Server;

/// Why every support session of the harness is begun.
pub const REASON: &str = "Scherm blijft leeg na het opslaan.";

/// The moment so many minutes from now, as JSON has it.
pub fn in_minutes(server: &Server, minutes: i64) -> Value {
    json!((server.clock.now() + SignedDuration::from_mins(minutes)).to_string())
}

/// Lets a user allow something for half an hour and gives the consent's id.
#[track_caller]
pub fn allow(server: &Server, user: &Client, kind: ConsentKind) -> String {
    let body = json!({"kind": kind.code(), "endsAt": in_minutes(server, 30)});
    user.post("/v1/support-consents", &body).expect(201).id()
}

/// The code of the latest consent to look along that a user gave.
#[track_caller]
pub fn code_of(user: &Client) -> String {
    let given = user.list("/v1/support-consents");
    text(&given.iter().rfind(|consent| consent["kind"] == "look-along").unwrap()["code"])
}

/// The body of a support session of twenty minutes. What the kind needs more is for the caller to add.
pub fn request(server: &Server, school: &School, kind: SupportKind) -> Value {
    json!({
        "institutionId": school.id, "kind": kind.code(), "reason": REASON, "endsAt": in_minutes(server, 20),
    })
}

/// The body of a support session for a case.
pub fn request_for_case(server: &Server, school: &School, kind: SupportKind) -> Value {
    let mut body = request(server, school, kind);
    body["caseId"] = json!("VRAAG-2026-17");
    body
}

/// Lets the administrator ask an adviser about a group, and gives the request's id.
#[track_caller]
pub fn ask_about(school: &School, subject: &Value) -> String {
    let mut body = json!({"question": "Hoe gaan we verder met tellen?"});
    for (field, value) in subject.as_object().unwrap() {
        body[field] = value.clone();
    }
    school.admin.post("/v1/support-requests", &body).expect(201).id()
}

/// The body of a support session that answers a request.
pub fn request_to_answer(server: &Server, school: &School, request_id: &str) -> Value {
    let mut body = request(server, school, SupportKind::Case);
    body["requestId"] = json!(request_id);
    body
}

/// The body of looking along with a user who read out a code.
pub fn request_with(server: &Server, school: &School, user: &str, code: &str) -> Value {
    let mut body = request(server, school, SupportKind::LookAlong);
    body["userId"] = json!(user);
    body["consentCode"] = json!(code);
    body
}

/// The body of a coupling of an adviser until the end of January, for the institution itself.
pub fn coupling(school: &School, adviser: &str) -> Value {
    json!({
        "institutionId": school.id, "adviserId": adviser, "startsOn": "2026-11-21", "endsOn": "2027-01-31",
        "report": "institution", "agreement": "Begeleiding bij de overgang naar groep 3.",
    })
}

/// What an administrator states who approves a coupling.
pub fn approval(coupling: &Value) -> Value {
    json!({"report": coupling["report"], "startsOn": coupling["startsOn"], "endsOn": coupling["endsOn"]})
}

/// Couples an adviser, approved by the institution, and gives the coupling's id.
#[track_caller]
pub fn couple(server: &Server, school: &School, coupling: &Value) -> String {
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    let id = secretariat.post("/v1/couplings", coupling).expect(201).id();
    school.admin.post(&format!("/v1/couplings/{id}/_approve"), &approval(coupling)).expect(200);
    id
}

/// Begins a support session and gives who looks, and the id of the session.
#[track_caller]
pub fn begin(staff: &Client, body: &Value) -> (Client, String) {
    let begun = staff.post("/v1/support-sessions", body).expect(201).json();
    (staff.with_token(&text(&begun["accessToken"])), text(&begun["supportSession"]["id"]))
}
