//! Frameworks of the tests' own, and those that come along.

use serde_json::{Value, json};

use crate::client::Client;
use crate::reply::text;

/// How many frameworks come with the service: each version in Dutch and in English.
pub const SHIPPED: usize = 6;

/// The id of the first version of the basis that comes with the service, in this language. It never changes, so what
/// tests judge by it stays true whatever comes after it.
#[track_caller]
pub fn shipped(client: &Client, locale: &str) -> String {
    shipped_version(client, "groeilijn-basis-0-7", 1, locale)
}

/// The id of a version of a framework that comes with the service, in this language.
#[track_caller]
pub fn shipped_version(client: &Client, code: &str, version: u32, locale: &str) -> String {
    let found = client.list(&format!("/v1/frameworks?code={code}&locale={locale}"));
    let version = found.iter().find(|framework| framework["version"] == version);
    text(&version.unwrap_or_else(|| panic!("no such version of {code}"))["id"])
}

/// A framework of one area with these lines, each with a phase up to the age of 4 and one after it, and one scale.
pub fn new_framework(version: u32, lines: &[&str]) -> Value {
    json!({
        "code": "eigen-lijst", "version": version, "locale": "nl", "title": "Eigen lijst", "description": "",
        "scales": [{
            "code": "involvement", "title": "Betrokkenheid", "description": "",
            "steps": [{"value": 1, "label": "Laag"}, {"value": 2, "label": "Hoog"}],
        }],
        "areas": [{
            "code": "everything", "title": "Alles",
            "lines": lines.iter().map(|line| new_line(line)).collect::<Vec<_>>(),
        }],
    })
}

fn new_line(code: &str) -> Value {
    let phase = |from: u16| {
        let milestone = json!({"code": format!("{code}.{from}"), "text": "Doet iets van deze leeftijd."});
        json!({"fromMonth": from, "toMonth": from + 48, "milestones": [milestone]})
    };
    json!({"code": code, "title": format!("Lijn {code}"), "description": "", "phases": [phase(0), phase(48)]})
}

/// Enters a framework, publishes it and gives its id.
#[track_caller]
pub fn publish(platform: &Client, document: &Value) -> String {
    let draft = platform.post("/v1/frameworks", document).expect(201);
    platform.act(&format!("/v1/frameworks/{}/_publish", draft.id()), &draft.etag()).expect(200).id()
}
