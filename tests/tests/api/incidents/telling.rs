//! What the two sides tell each other: updates, calls, acknowledgements, and writing again (C044, C124, C132).

use diesel::sql_query;
use diesel::sql_types::Binary;
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::{PASSWORD, PLATFORM_ADMINISTRATOR};
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::incident::{decide, open_case, report};
use groeilijn_tests::instruction::contact_person;
use groeilijn_tests::{Database, Server, both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

fn path(id: &str, what: &str) -> String {
    format!("/v1/incidents/{id}/{what}")
}

fn update(kind: &str) -> Value {
    json!({"kind": kind, "text": "Een verzonnen ontwikkeling."})
}

/// How often everybody was written to again about an incident.
fn escalations(server: &Server, id: &str) -> usize {
    let records = server.platform().get(&format!("/v1/incidents/{id}")).expect(200).json()["records"].clone();
    records.as_array().unwrap().iter().filter(|record| record["kind"] == "escalation").count()
}

/// Adds the last record of the only incident again so many times, under other ids: nobody can open these.
fn repeat_record(server: &Server, count: usize) {
    let mut connection = server.raw_data();
    for place in 0..count {
        let id = Uuid::from_u128(u128::try_from(place * 1_000 + count).unwrap()).into_bytes();
        let added = sql_query(
            "INSERT INTO incident_record (institution_id, id, incident_id, number, kind, code, at, recorded_at, author_kind, \
             author_id, content) \
             SELECT institution_id, $1, incident_id, number + 1, 'call', NULL, at, recorded_at, author_kind, author_id, content \
             FROM incident_record ORDER BY number DESC LIMIT 1",
        )
        .bind::<Binary, _>(id.to_vec())
        .execute(&mut connection)
        .unwrap();
        assert_eq!(added, 1);
    }
}

both_databases! {
    fn c124_developments_and_measures_are_added_and_told_to_the_other_side(server: Server) {
        let (school, platform) = (server.school(), server.platform());
        contact_person(&school);
        let (_, incidents) = open_case(&platform, &[&school.id]);
        let id = &incidents[0];
        platform.post(&path(id, "updates"), &update("measure")).expect(201);
        for email in [format!("beheerder@{}", school.domain), "bestuur@school.example".to_owned()] {
            let letters = server.anyone().mailbox().wait_for(&email, "iets nieuws", 1);
            assert!(!letters[0].contains("verzonnen"));
        }
        school.admin.post(&path(id, "updates"), &update("development")).expect(201);
        server.anyone().mailbox().wait_for(PLATFORM_ADMINISTRATOR, "iets nieuws", 1);
        let kept = school.admin.get(&format!("/v1/incidents/{id}")).expect(200).json();
        let told: Vec<_> = kept["records"].as_array().unwrap().iter().map(|record| (record["updateKind"].clone(), record["authorKind"].clone())).collect();
        assert_eq!(told, [(json!("measure"), json!("platform-user")), (json!("development"), json!("institution-user"))]);
        school.admin.post(&path(id, "updates"), &json!({"kind": "roddel"})).refuses(&[("/kind", "not-in-list"), ("/text", "required")]);
    }

    fn c044_the_processor_tells_at_once_that_it_can_no_longer_comply(server: Server) {
        let (school, platform) = (server.school(), server.platform());
        let (_, incidents) = open_case(&platform, &[&school.id]);
        let id = &incidents[0];
        platform.post(&path(id, "updates"), &update("cannot-comply")).expect(201);
        server.anyone().mailbox().wait_for(&format!("beheerder@{}", school.domain), "iets nieuws", 1);
        school.admin.post(&path(id, "updates"), &update("cannot-comply")).refuses(&[("/kind", "not-of-this-side")]);
    }

    fn c132_a_call_is_on_record_with_whom_it_was(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        let call = json!({"with": "De helpdesk.", "text": "Zij bellen terug.", "at": "2026-11-21T08:30:00Z"});
        let kept = school.admin.post(&path(&id, "calls"), &call).expect(201).json();
        let record = &kept["records"][0];
        assert_eq!((&record["callWith"], &record["text"], &record["at"]), (&call["with"], &call["text"], &call["at"]));
        school.admin.post(&path(&id, "calls"), &json!({"at": "2026-11-22T08:30:00Z", "with": "x", "text": "y"})).refuses(&[("/at", "in-the-future")]);
    }

    fn c124_the_other_side_acknowledges_and_nobody_is_written_to_again(server: Server) {
        let (school, platform) = (server.school(), server.platform());
        let (_, incidents) = open_case(&platform, &[&school.id]);
        let (told, own) = (&incidents[0], report(&school.admin));
        let acknowledge = |id: &str| path(id, "acknowledgements");
        assert_eq!(platform.post(&acknowledge(told), &json!({})).expect(409).code(), "own-report");
        assert_eq!(school.admin.post(&acknowledge(&own), &json!({})).expect(409).code(), "own-report");
        let known = school.admin.post(&acknowledge(told), &json!({"text": "Wij pakken dit op."})).expect(201).json();
        assert!(!known["acknowledgedAt"].is_null());
        assert_eq!(school.admin.post(&acknowledge(told), &json!({})).expect(409).code(), "already-acknowledged");
        platform.post(&acknowledge(&own), &json!({})).expect(201);
        let late = report(&school.admin);
        server.clock.set("2026-11-21T13:10:00Z");
        server.anyone().mailbox().wait_for(PLATFORM_ADMINISTRATOR, "niet bevestigd", 1);
        assert_eq!([told, &own, &late].map(|id| escalations(server, id)), [0, 0, 1]);
    }

    fn c124_c132_what_nobody_acknowledged_is_told_again_to_everybody_once_and_survives_a_restart(server: Server) {
        let school = server.school();
        contact_person(&school);
        let (_, incidents) = open_case(&server.platform(), &[&school.id]);
        server.clock.set("2026-11-21T12:50:00Z");
        server.restart();
        assert_eq!(escalations(server, &incidents[0]), 0);
        server.clock.set("2026-11-21T13:10:00Z");
        let administrator = format!("beheerder@{}", school.domain);
        for email in [administrator.as_str(), "bestuur@school.example", PLATFORM_ADMINISTRATOR] {
            server.anyone().mailbox().wait_for(email, "niet bevestigd", 1);
        }
        let whole = server.platform().get(&format!("/v1/incidents/{}", incidents[0])).expect(200).json();
        let last = whole["records"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["kind"], &last["authorKind"], &last["authorId"]), (&json!("escalation"), &json!("system"), &json!(null)));
        server.restart();
        server.clock.set("2026-11-21T19:00:00Z");
        let admin = server.anyone().log_in(&administrator, PASSWORD);
        admin.post(&path(&incidents[0], "acknowledgements"), &json!({})).expect(201);
        assert_eq!(escalations(server, &incidents[0]), 1);
        let log = server.audit_log(&school.id);
        assert_eq!(log.entries().iter().filter(|entry| entry.operation == "escalateIncident").count(), 1);
        log.check();
    }

    fn c124_an_addition_opens_nothing_that_was_added_before_and_an_incident_does_not_grow_without_end(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        let call = json!({"with": "De helpdesk.", "text": "Zij bellen terug."});
        let first = school.admin.post_once(&path(&id, "calls"), &call, "eerste").expect(201).json();
        assert_eq!(first["records"].as_array().unwrap().len(), 1);
        // Records that nobody can open: what is added next asks for none of them.
        repeat_record(server, 898);
        let last = school.admin.post_once(&path(&id, "calls"), &call, "laatste").expect(201).json();
        let [record] = last["records"].as_array().unwrap().as_slice() else { panic!("{last}") };
        assert_eq!((&record["number"], &record["text"]), (&json!(900), &call["text"]));
        assert_eq!(school.admin.post(&path(&id, "calls"), &call).expect(409).code(), "too-many-records");
        school.admin.post(&path(&id, "updates"), &update("measure")).expect(409);
        // What ends it has room, and a repeat adds nothing.
        let decided = decide(&school.admin, &id, "notify-authority").expect(201).json();
        assert_eq!((&decided["records"][0]["number"], &decided["records"][0]["decision"]), (&json!(901), &json!("notify-authority")));
        let again = school.admin.post_once(&path(&id, "calls"), &call, "laatste").expect(201).json();
        assert_eq!(again["records"][0]["number"], 901);
        repeat_record(server, 99);
        assert_eq!(decide(&school.admin, &id, "do-not-notify-authority").expect(409).code(), "too-many-records");
    }

    fn who_may_tell_and_acknowledge(server: Server) {
        let (school, other) = (server.school(), server.school());
        let teacher = school.member(Function::Teacher, &[]).client;
        let id = report(&teacher);
        let bodies = [
            ("updates", update("measure")),
            ("calls", json!({"with": "Iemand.", "text": "Iets."})),
            ("acknowledgements", json!({})),
        ];
        for (what, body) in &bodies {
            teacher.post(&path(&id, what), body).expect(403);
            let absent = school.admin.post(&path(ABSENT, what), body).expect(404);
            assert_eq!(other.admin.post(&path(&id, what), body).expect(404).visible(), absent.visible());
        }
    }
}

#[test]
fn c124_two_processes_write_again_once() {
    Server::run(Database::Postgres, |server| {
        let school = server.school();
        let (_, incidents) = open_case(&server.platform(), &[&school.id]);
        let beside = server.beside();
        server.clock.set("2026-11-21T13:10:00Z");
        let administrator = format!("beheerder@{}", school.domain);
        server.anyone().mailbox().wait_for(&administrator, "niet bevestigd", 1);
        // Each takes another turn, and what they left for each other is there by then.
        server.clock.set("2026-11-21T13:20:00Z");
        let second = report(&school.admin.log_in(&administrator, PASSWORD));
        server.clock.set("2026-11-21T17:30:00Z");
        server.anyone().mailbox().wait_for(&administrator, "niet bevestigd", 2);
        assert_eq!([&incidents[0], &second].map(|id| escalations(server, id)), [1, 1]);
        assert_eq!(server.anyone().mailbox().wait_for(&administrator, "niet bevestigd", 2).len(), 2);
        drop(beside);
    });
}
