//! Security incidents, plainly made up.

use serde_json::{Value, json};

use crate::client::Client;
use crate::reply::Reply;

/// The stages after the first, in their order.
pub const STAGES: [&str; 9] = [
    "registered",
    "analysed",
    "contained",
    "cause-fixed",
    "fix-tested",
    "applied",
    "restored",
    "resolved",
    "evaluated",
];

/// The body of an incident that somebody of an institution found an hour before tests begin.
pub fn incident() -> Value {
    json!({
        "summary": "Een laptop is gestolen.", "knownAt": "2026-11-21T08:00:00Z", "source": "institution",
        "suspectedHighRisk": false,
    })
}

/// The body of a case of the processor's own finding for these institutions.
pub fn case(institutions: &[&str]) -> Value {
    json!({
        "institutionIds": institutions, "summary": "Een schijf is zoek.", "knownAt": "2026-11-21T08:00:00Z",
        "source": "processor", "suspectedHighRisk": false,
    })
}

/// Reports an incident and gives its id.
#[track_caller]
pub fn report(client: &Client) -> String {
    client.post("/v1/incidents", &incident()).expect(201).id()
}

/// Opens a case for these institutions, and gives its id and those of the incidents in the order of the institutions.
#[track_caller]
pub fn open_case(client: &Client, institutions: &[&str]) -> (String, Vec<String>) {
    let opened = client.post("/v1/incident-cases", &case(institutions)).expect(201).json();
    let incidents = opened["incidents"].as_array().unwrap();
    let of = |institution: &&str| {
        let own = incidents.iter().find(|one| one["institutionId"] == **institution).unwrap();
        own["incidentId"].as_str().unwrap().to_owned()
    };
    (opened["id"].as_str().unwrap().to_owned(), institutions.iter().map(of).collect())
}

/// The body of a stage with what it has to tell.
pub fn stage(stage: &str) -> Value {
    let mut body = json!({"stage": stage, "findings": "Een verzonnen bevinding."});
    if stage == "restored" {
        body["notNeededBecause"] = json!("Niets ging verloren.");
    }
    body
}

/// Records a stage.
#[track_caller]
pub fn reach(client: &Client, incident: &str, name: &str) -> Reply {
    client.post(&format!("/v1/incidents/{incident}/stages"), &stage(name))
}

/// Contents in which everything is told, with this cause.
pub fn contents(cause: &str) -> Value {
    json!({
        "foundAt": "2026-11-21T08:00:00Z", "summary": "Een sessie is door een ander gebruikt.", "nature": "stolen-access",
        "securityParts": ["confidentiality"], "how": "De laptop stond open.",
        "wasRead": "yes", "wasCopied": "unknown", "wasChanged": "no", "wasDeleted": "no", "wasStolen": "unknown",
        "cause": cause, "measures": "De sessie is beëindigd.",
        "affected": [{"group": "pupils", "degree": "Notities zijn gelezen."}], "groupLeast": 12, "groupMost": 12,
        "data": [{"class": "sensitive", "what": "notities"}],
    })
}

/// The body of a decision to tell, or not, whose answers agree with it.
pub fn decision(decision: &str) -> Value {
    let (about_authority, tells) = (decision.ends_with("authority"), !decision.starts_with("do-not"));
    let questions: &[&str] = if about_authority {
        &["personal-data-breach", "risk-likely"]
    } else {
        &["high-risk-likely", "data-unintelligible", "risk-taken-away", "disproportionate-effort"]
    };
    let answer = |(place, step): (usize, &&str)| json!({"step": step, "answer": tells && (about_authority || place == 0), "grounds": "Een verzonnen grond."});
    json!({"decision": decision, "steps": questions.iter().enumerate().map(answer).collect::<Vec<_>>()})
}

/// Decides.
#[track_caller]
pub fn decide(client: &Client, incident: &str, what: &str) -> Reply {
    client.post(&format!("/v1/incidents/{incident}/decisions"), &decision(what))
}
