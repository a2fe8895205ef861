//! Programs of institutions that are told of events, where nobody listens.

use serde_json::json;

use crate::instruction::{accept, instruct, switch};
use crate::reply::text;
use crate::school::School;
use crate::server::Server;

const PATH: &str = "/v1/webhook-endpoints";

/// Has the school instruct webhooks and switch them on, and the processor accept that.
#[track_caller]
pub fn allow_webhooks(server: &Server, school: &School) {
    let instruction = instruct(school);
    accept(server, school, &instruction).expect(200);
    switch(school, true).expect(200);
}

/// An endpoint of a school, at an address where nobody listens. What it is told is tried in vain.
#[track_caller]
pub fn webhook_endpoint(server: &Server, school: &School) -> String {
    allow_webhooks(server, school);
    let body = json!({"url": "https://hooks.school.example:1024/", "events": ["endpoint.test"]});
    text(&school.admin.post(PATH, &body).expect(201).json()["webhookEndpoint"]["id"])
}

/// A message to an endpoint.
#[track_caller]
pub fn webhook_delivery(school: &School, endpoint: &str) -> String {
    text(&school.admin.call("POST", &format!("{PATH}/{endpoint}/_test")).send().expect(200).json()["id"])
}
