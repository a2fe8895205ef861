//! Programs of institutions that are told of events, as Standard Webhooks says (C124), when the institution instructed it
//! (C038) and never at a private address.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::incident::{reach, report};
use groeilijn_tests::instruction::{accept, instruct, switch};
use groeilijn_tests::reply::text;
use groeilijn_tests::webhook::allow_webhooks;
use groeilijn_tests::{Client, Database, Receiver, School, Server, both_databases, wait_until};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;

const PATH: &str = "/v1/webhook-endpoints";

fn endpoint(url: &str) -> Value {
    json!({"url": url, "events": ["endpoint.test", "incident.reported"]})
}

/// A school that has webhooks switched on.
fn school(server: &Server) -> School {
    let school = server.school();
    allow_webhooks(server, &school);
    school
}

/// A school that has webhooks switched on, and a receiver of its own.
fn listening(server: &mut Server) -> (Receiver, School) {
    let school = school(server);
    let receiver = server.restart_with(|installation| Receiver::of(installation, &[&school.id]));
    (receiver, school.on(server.anyone()))
}

fn deliveries(client: &Client, id: &str) -> Vec<Value> {
    client.list(&format!("{PATH}/{id}/deliveries"))
}

fn try_out(client: &Client, id: &str) -> Value {
    client.call("POST", &format!("{PATH}/{id}/_test")).send().expect(200).json()
}

/// The endpoint's id, and what its messages are signed with.
fn enter(client: &Client, url: &str) -> (String, Vec<u8>) {
    let made = client.post(PATH, &endpoint(url)).expect(201).json();
    let secret = text(&made["secret"]);
    (text(&made["webhookEndpoint"]["id"]), STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap())
}

both_databases! {
    fn c038_nothing_is_told_without_an_accepted_instruction(server: Server) {
        let school = server.school();
        let receiver = server.restart_with(|installation| Receiver::of(installation, &[&school.id]));
        let school = school.on(server.anyone());
        let refused = || school.admin.post(PATH, &endpoint(&receiver.url())).expect(409).problem("conflict").code();
        assert_eq!(refused(), "not-switched-on");
        let instruction = instruct(&school);
        accept(server, &school, &instruction).expect(200);
        assert_eq!(refused(), "not-switched-on");
        switch(&school, true).expect(200);
        let (id, _) = enter(&school.admin, &receiver.url());
        switch(&school, false).expect(200);
        let tried = school.admin.call("POST", &format!("{PATH}/{id}/_test")).send().expect(409);
        assert_eq!(tried.problem("conflict").code(), "not-switched-on");
        assert!(receiver.received().is_empty());
    }

    fn c124_a_message_is_signed_and_names_nobody(server: Server) {
        let (receiver, school) = listening(server);
        let (id, secret) = enter(&school.admin, &receiver.url());
        let left = try_out(&school.admin, &id);
        let told = receiver.wait_for(1).remove(0);
        assert_eq!(told.id, text(&left["id"]));
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
        mac.update(format!("{}.{}.{}", told.id, told.timestamp, told.body).as_bytes());
        assert_eq!(told.signature, format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
        let body = told.json();
        assert_eq!((&body["type"], &body["data"]), (&json!("endpoint.test"), &json!({"id": id})));
        assert_eq!(body["timestamp"], left["occurredAt"]);
        wait_until(|| deliveries(&school.admin, &id)[0]["state"] == "delivered");
        let settled = &deliveries(&school.admin, &id)[0];
        assert_eq!((&settled["status"], &settled["nextAttemptAt"]), (&json!(204), &json!(null)));
        // It is shown once, and what was told is in the institution's log.
        assert!(school.admin.get(&format!("{PATH}/{id}")).expect(200).json().get("secret").is_none());
        let log = server.audit_log(&school.id);
        let about = (ObjectKind::WebhookEndpoint, id.clone());
        let told = |entry: &groeilijn_tests::audit::Entry| entry.operation == "sendWebhook" && entry.objects.contains(&about);
        assert_eq!(log.entries().iter().filter(|entry| told(entry)).count(), 1);
    }

    fn c124_what_is_not_heard_is_sent_again_with_the_same_id_and_given_up_after_days(server: Server) {
        let (receiver, school) = listening(server);
        let (id, _) = enter(&school.admin, &receiver.url());
        // An address that it is sent on to is not followed.
        let moved = "307 Temporary Redirect\r\nLocation: https://elsewhere.example/";
        receiver.answers(&["503 Service Unavailable", moved]);
        try_out(&school.admin, &id);
        receiver.wait_for(1);
        wait_until(|| deliveries(&school.admin, &id)[0]["attempts"] == 1);
        let waiting = &deliveries(&school.admin, &id)[0];
        assert_eq!((&waiting["state"], &waiting["status"]), (&json!("waiting"), &json!(503)));
        let [next, tried] = ["nextAttemptAt", "triedAt"].map(|name| text(&waiting[name]).parse::<Timestamp>().unwrap());
        assert_eq!(next.duration_since(tried).as_secs(), 5);
        server.clock.advance(SignedDuration::from_secs(6));
        receiver.wait_for(2);
        wait_until(|| deliveries(&school.admin, &id)[0]["attempts"] == 2);
        // A restart loses nothing.
        server.restart();
        let admin = server.anyone().with_token(school.admin.token());
        server.clock.advance(SignedDuration::from_mins(6));
        let told = receiver.wait_for(3);
        assert!(told.iter().all(|one| one.id == told[0].id && one.body == told[0].body));
        wait_until(|| deliveries(&admin, &id)[0]["state"] == "delivered");

        receiver.answers(&["500 Internal Server Error"; 9]);
        let replay = format!("/v1/webhook-deliveries/{}/_replay", told[0].id);
        assert_eq!(admin.call("POST", &replay).send().expect(200).json()["state"], "waiting");
        for count in 1..=9 {
            receiver.wait_for(3 + count);
            let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
            wait_until(|| deliveries(&admin, &id)[0]["attempts"] == json!(count));
            let delivery = &deliveries(&admin, &id)[0];
            assert_eq!(delivery["state"], if count < 9 { "waiting" } else { "given-up" });
            if let Some(next) = delivery["nextAttemptAt"].as_str() {
                server.clock.set(&(next.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(1)).to_string());
            }
        }
        assert_eq!(receiver.received().len(), 12);
    }

    fn c124_the_schools_own_process_hears_of_an_incident_and_of_what_is_added(server: Server) {
        let (receiver, school) = listening(server);
        let other = server.school();
        let all = json!({"url": receiver.url(), "events": ["incident.reported", "incident.updated", "incident.high-risk-suspected"]});
        school.admin.post(PATH, &all).expect(201);
        report(&other.admin);
        let incident = report(&school.admin);
        reach(&school.admin, &incident, "registered").expect(201);
        let mut told: Vec<_> = receiver.wait_for(2).iter().map(|one| (text(&one.json()["type"]), one.json()["data"].clone())).collect();
        told.sort_by_key(|one| one.0.clone());
        let about = json!({"id": incident});
        assert_eq!(told, [("incident.reported".to_owned(), about.clone()), ("incident.updated".to_owned(), about)]);
    }

    fn c053_nothing_is_sent_to_a_private_network(server: Server) {
        let school = school(server);
        for url in [
            "https://10.0.0.1/", "https://[::1]/", "https://localhost:8443/", "https://127.1/", "https://0x7f000001/",
            "https://printer.local/", "https://metadata.google.internal/",
        ] {
            school.admin.post(PATH, &endpoint(url)).refuses(&[("/url", "private-network")]);
        }
        for url in ["http://hooks.school.example/", "https://a@hooks.school.example/", "hooks"] {
            school.admin.post(PATH, &endpoint(url)).refuses(&[("/url", "not-a-webhook-address")]);
        }
        // Where nobody listens there is no answer.
        let (id, _) = enter(&school.admin, "https://hooks.school.example:1024/");
        try_out(&school.admin, &id);
        wait_until(|| deliveries(&school.admin, &id)[0]["attempts"] == 1);
        assert_eq!(deliveries(&school.admin, &id)[0]["status"], json!(null));
    }

    fn c053_a_receiver_in_the_operators_network_is_for_the_institutions_that_the_operator_named(server: Server) {
        let (receiver, school) = listening(server);
        let other = self::school(server);
        other.admin.post(PATH, &endpoint(&receiver.url())).refuses(&[("/url", "private-network")]);
        server.restart_with(|installation| receiver.is_for(installation, &[&school.id, &other.id]));
        let (school, other) = (school.on(server.anyone()), other.on(server.anyone()));
        let (own, _) = enter(&school.admin, &receiver.url());
        let (others, _) = enter(&other.admin, &receiver.url());
        try_out(&other.admin, &others);
        receiver.wait_for(1);
        // What was entered before leads nowhere when the operator takes it back.
        server.restart_with(|installation| receiver.is_for(installation, &[&school.id]));
        let (school, other) = (school.on(server.anyone()), other.on(server.anyone()));
        wait_until(|| deliveries(&other.admin, &others)[0]["state"] == "delivered");
        let tried = try_out(&other.admin, &others);
        let left = || deliveries(&other.admin, &others).into_iter().find(|one| one["id"] == tried["id"]).unwrap();
        wait_until(|| left()["attempts"] == 1);
        assert_eq!((&left()["status"], &left()["state"]), (&json!(null), &json!("waiting")));
        let told = try_out(&school.admin, &own);
        assert_eq!(receiver.wait_for(2)[1].id, text(&told["id"]));
    }

    fn what_is_wrong_with_an_endpoint_is_told_at_once(server: Server) {
        let school = school(server);
        school.admin.post(PATH, &json!({"url": "x", "events": []})).refuses(&[("/url", "not-a-webhook-address")]);
        school.admin.post(PATH, &json!({"url": "https://a.example/", "events": []})).refuses(&[("/events", "empty")]);
        let twice = json!({"url": "https://a.example/", "events": ["endpoint.test", "endpoint.test"]});
        school.admin.post(PATH, &twice).refuses(&[("/events", "repeated")]);
        for number in 0..10 {
            enter(&school.admin, &format!("https://a.example/{number}"));
        }
        let refused = school.admin.post(PATH, &endpoint("https://a.example/10")).expect(409);
        assert_eq!(refused.problem("conflict").code(), "too-many");
    }

    fn an_endpoint_that_was_taken_away_is_told_nothing_more(server: Server) {
        let (receiver, school) = listening(server);
        let other = self::school(server);
        let (id, _) = enter(&school.admin, &receiver.url());
        receiver.answers(&["503 Service Unavailable"]);
        let left = try_out(&school.admin, &id);
        wait_until(|| deliveries(&school.admin, &id)[0]["attempts"] == 1);
        let replay = format!("/v1/webhook-deliveries/{}/_replay", text(&left["id"]));
        assert_eq!(school.admin.call("POST", &replay).send().expect(409).problem("conflict").code(), "delivery-waits");
        let own = format!("{PATH}/{id}");
        for stranger in [&other.admin, &school.member(Function::Management, &[]).client] {
            let code = if std::ptr::eq(stranger, &other.admin) { 404 } else { 403 };
            stranger.get(&own).expect(code);
            stranger.call("DELETE", &own).send().expect(code);
            stranger.call("POST", &replay).send().expect(code);
            stranger.get(&format!("{own}/deliveries")).expect(code);
        }
        school.admin.call("DELETE", &own).send().expect(204);
        school.admin.call("DELETE", &own).send().expect(404);
        for path in [replay, format!("{own}/_test")] {
            let refused = school.admin.call("POST", &path).send().expect(409);
            assert_eq!(refused.problem("conflict").code(), "endpoint-ended");
        }
        server.clock.advance(SignedDuration::from_secs(10));
        wait_until(|| deliveries(&school.admin, &id)[0]["state"] == "given-up");
        assert_eq!(receiver.received().len(), 1);
        assert!(!school.admin.list(PATH)[0]["endedAt"].is_null());
        school.admin.get(&format!("{PATH}/{ABSENT}")).expect(404);
        assert!(other.admin.list(PATH).is_empty());
    }
}

#[test]
fn c124_two_processes_send_each_message_once() {
    Server::run(Database::Postgres, |server| {
        let (receiver, school) = listening(server);
        let (id, _) = enter(&school.admin, &receiver.url());
        let beside = server.beside();
        (0..8).for_each(|_| drop(report(&school.admin)));
        receiver.wait_for(8);
        wait_until(|| deliveries(&school.admin, &id).iter().all(|delivery| delivery["state"] == "delivered"));
        // Each takes another turn, and what they left for each other is there by then.
        server.clock.advance(SignedDuration::from_mins(5));
        report(&school.admin);
        let received = receiver.wait_for(9);
        let messages: BTreeSet<_> = received.iter().map(|message| &message.id).collect();
        assert_eq!((received.len(), messages.len(), receiver.received().len()), (9, 9, 9));
        drop(beside);
    });
}
