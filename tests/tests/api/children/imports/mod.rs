//! School files: what is told of them before anything changes, what carrying them out does, and which are refused.

mod apply;
mod confirmed;
mod examine;
mod identity;
mod keys;
mod language;
mod planned;
mod proposed;
mod refused;
mod same_report;
pub(crate) mod workbook;

use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Reply};
use serde_json::{Value, json};

/// A school in EDEXML 2.1: three groups, twelve pupils of whom one has left, a teacher.
pub(crate) const EDEXML: &[u8] = include_bytes!("../../../../../samples/school.edexml.xml");

/// The same school as a table, which says more of each pupil.
pub(crate) const TABLE: &[u8] = include_bytes!("../../../../../samples/school.csv");

/// The media type of EDEXML.
pub(crate) const XML: &str = "application/xml";

/// The media type of a table.
pub(crate) const CSV: &str = "text/csv";

/// The media type of an Excel workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How often it is asked whether an import is done.
const MOST_QUESTIONS: usize = 100_000;

/// Sends a file to be examined.
#[track_caller]
pub(crate) fn send(client: &Client, media_type: &str, file: &[u8]) -> Reply {
    client.call("POST", "/v1/imports").body(media_type, file).send()
}

/// Where an import is.
pub(crate) fn path(id: &str) -> String {
    format!("/v1/imports/{id}")
}

/// Asks for an import to be carried out as it stands at `etag`.
#[track_caller]
pub(crate) fn ask_to_apply(client: &Client, id: &str, etag: &str) -> Reply {
    client.call("POST", &format!("{}/_apply", path(id))).header("If-Match", etag).send()
}

/// Waits until an import is no longer being carried out, and gives what became of it.
#[track_caller]
pub(crate) fn finished(client: &Client, id: &str) -> Value {
    let mut done = 0;
    for _ in 0..MOST_QUESTIONS {
        let import = client.get(&path(id)).expect(200).json();
        if import["state"] != "applying" {
            return import;
        }
        let now_done = import["linesDone"].as_u64().unwrap();
        assert!(now_done >= done, "progress goes back");
        done = now_done;
    }
    panic!("import {id} is still being carried out");
}

/// Sends a table and has it carried out.
#[track_caller]
fn take_over_table(client: &Client, table: &str) -> Value {
    take_over(client, CSV, table.as_bytes())
}

/// Sends a file and has it carried out, with every group that it asks about.
#[track_caller]
pub(crate) fn take_over(client: &Client, media_type: &str, file: &[u8]) -> Value {
    let sent = send(client, media_type, file).expect(201);
    let id = sent.id();
    let confirmed = json!({"newGroups": sent.json()["groupsToConfirm"]});
    let apply = client.call("POST", &format!("{}/_apply", path(&id))).header("If-Match", &sent.etag());
    apply.json(&confirmed).send().expect(202);
    let import = finished(client, &id);
    assert_eq!(import["state"], "applied", "{import}");
    import
}

/// The report of an import.
#[track_caller]
pub(crate) fn lines(client: &Client, id: &str) -> Vec<Value> {
    client.list(&format!("{}/lines", path(id)))
}

/// The outcome of each record about a pupil, with the codes of its reasons, in the order of the file.
#[track_caller]
pub(crate) fn pupil_outcomes(client: &Client, id: &str) -> Vec<String> {
    let lines = lines(client, id).into_iter().filter(|line| line["record"] == "pupil");
    lines.map(|line| [vec![text(&line["outcome"])], reasons(&line)].concat().join(" ")).collect()
}

/// Why groups of a file are refused or left alone.
#[track_caller]
pub(crate) fn reasons_of_groups(client: &Client, id: &str) -> Vec<String> {
    lines(client, id).iter().filter(|line| line["record"] == "group").flat_map(reasons).collect()
}

/// The reasons of a record, each as its field, if it is about one, and its code.
fn reasons(line: &Value) -> Vec<String> {
    let reasons = line["reasons"].as_array().unwrap();
    let name = |reason: &Value| match reason["field"].as_str() {
        Some(field) => format!("{field}:{}", text(&reason["code"])),
        None => text(&reason["code"]),
    };
    reasons.iter().map(name).collect()
}
