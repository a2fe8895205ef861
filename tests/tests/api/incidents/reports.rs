//! Reporting incidents, the register, and the clock (C122, C125, C127, C131, C147).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_tests::accounts::{PASSWORD, PLATFORM_ADMINISTRATOR};
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::incident::{contents, decide, incident, open_case, reach, report};
use groeilijn_tests::instruction::contact_person;
use serde_json::json;

const PATH: &str = "/v1/incidents";

fn one(id: &str) -> String {
    format!("{PATH}/{id}")
}

both_databases! {
    fn c122_c147_anybody_reports_and_sees_her_own_and_the_administrator_sees_all(server: Server) {
        let (school, other) = (server.school(), server.school());
        let [teacher, colleague] = [(); 2].map(|()| school.member(Function::Teacher, &[]).client);
        let manager = school.member(Function::Management, &[]).client;
        let reported = teacher.post(PATH, &incident()).expect(201).json();
        assert_eq!((&reported["kind"], &reported["stage"], &reported["nextStage"]), (&json!("suspected-breach"), &json!("reported"), &json!("registered")));
        assert_eq!((&reported["summary"], &reported["reporterKind"]), (&json!("Een laptop is gestolen."), &json!("institution-user")));
        let id = reported["id"].as_str().unwrap();
        let by_colleague = report(&colleague);
        assert_eq!(teacher.list(PATH).len(), 1);
        assert_eq!(teacher.get(&one(id)).expect(200).json()["id"], reported["id"]);
        for who in [&school.admin, &manager] {
            let ids: Vec<_> = who.list(PATH).into_iter().map(|found| found["id"].clone()).collect();
            assert_eq!(ids, [json!(id), json!(by_colleague)]);
            who.get(&one(id)).expect(200);
        }
        // What is not hers is answered like what never was.
        let absent = teacher.get(&one(ABSENT)).expect(404);
        assert_eq!(colleague.get(&one(id)).expect(404).visible(), absent.visible());
        assert_eq!(other.admin.get(&one(id)).expect(404).visible(), absent.visible());
        assert_eq!(other.admin.list(PATH).len(), 0);
        let log = server.audit_log(&school.id);
        for operation in ["reportIncident", "readIncident", "listIncidents"] {
            assert!(log.entries().iter().any(|entry| entry.operation == operation), "{operation}");
        }
        log.check();
    }

    fn c147_what_a_parent_told_says_how_it_became_known(server: Server) {
        let school = server.school();
        let mut told = incident();
        told["source"] = json!("person-concerned");
        school.admin.post(PATH, &told).refuses(&[("/channel", "required-for-the-kind")]);
        told["channel"] = json!("phone");
        told["toldBy"] = json!("Een ouder, bereikbaar via de school.");
        let reported = school.admin.post(PATH, &told).expect(201).json();
        for name in ["source", "channel", "toldBy"] {
            assert_eq!(reported[name], told[name]);
        }
        let mut found = incident();
        found["channel"] = json!("phone");
        school.admin.post(PATH, &found).refuses(&[("/channel", "beyond-the-kind")]);
    }

    fn c122_everything_wrong_with_a_report_is_told_at_once(server: Server) {
        let school = server.school();
        school.admin.post(PATH, &json!({"summary": "", "knownAt": "gisteren", "kind": "ramp", "source": "buren", "wie": "Fien"})).refuses(&[
            ("/summary", "empty"), ("/knownAt", "not-a-date-time"), ("/kind", "not-in-list"), ("/source", "not-in-list"),
            ("/suspectedHighRisk", "required"), ("/wie", "unknown-field"),
        ]);
        let mut body = incident();
        body["knownAt"] = json!("2026-11-21T10:00:00Z");
        body["source"] = json!("processor");
        school.admin.post(PATH, &body).refuses(&[("/knownAt", "in-the-future"), ("/source", "not-of-this-side")]);
        body = incident();
        body["occurredAt"] = json!("2026-11-21T08:00:01Z");
        school.admin.post(PATH, &body).refuses(&[("/knownAt", "before-it-happened")]);
        body["occurredAt"] = json!("2026-11-21T23:00:00Z");
        school.admin.post(PATH, &body).refuses(&[("/occurredAt", "in-the-future")]);
        body = incident();
        body["securityEventId"] = json!(ABSENT);
        school.admin.post(PATH, &body).refuses(&[("/securityEventId", "unknown-security-event")]);
        assert_eq!(school.admin.list(PATH).len(), 0);
    }

    fn c122_a_report_that_is_sent_again_is_one_incident(server: Server) {
        let school = server.school();
        let id = school.admin.post_once(PATH, &incident(), "melding").expect(201).id();
        assert_eq!(school.admin.post_once(PATH, &incident(), "melding").expect(201).id(), id);
        assert_eq!(school.admin.list(PATH).len(), 1);
    }

    fn c127_every_reply_shows_what_is_left_of_the_hours(server: Server) {
        let school = server.school();
        let reported = school.admin.post(PATH, &incident()).expect(201).json();
        let id = reported["id"].as_str().unwrap();
        let clock = &reported["clock"];
        assert_eq!((&clock["deadline"], &clock["isOverdue"]), (&json!("2026-11-24T08:00:00Z"), &json!(false)));
        let left = |clock: &serde_json::Value| clock["secondsLeft"].as_u64().unwrap();
        assert!((71 * 3600 - 60..=71 * 3600).contains(&left(clock)), "{clock}");
        let staged = reach(&school.admin, id, "registered").expect(201).json();
        let listed = school.admin.list(PATH)[0]["clock"].clone();
        let seen = server.platform().get(&one(id)).expect(200).json()["clock"].clone();
        for clock in [&staged["clock"], &listed, &seen] {
            assert_eq!(clock["deadline"], "2026-11-24T08:00:00Z");
            assert!(left(clock) > 70 * 3600);
        }
        server.clock.set("2026-11-24T08:00:01Z");
        let late = server.platform().get(&one(id)).expect(200).json()["clock"].clone();
        assert_eq!((&late["secondsLeft"], &late["isOverdue"]), (&json!(0), &json!(true)));
    }

    fn c125_a_suspected_high_risk_is_told_to_both_sides_when_it_is_reported(server: Server) {
        let school = server.school();
        contact_person(&school);
        let mut body = incident();
        body["suspectedHighRisk"] = json!(true);
        let reported = school.member(Function::Teacher, &[]).client.post(PATH, &body).expect(201).json();
        assert!(!reported["highRiskSince"].is_null());
        assert_eq!(reported["records"][0]["kind"], "high-risk");
        let administrator = format!("beheerder@{}", school.domain);
        for email in [administrator.as_str(), "bestuur@school.example", PLATFORM_ADMINISTRATOR] {
            let letters = server.anyone().mailbox().wait_for(email, "hoog risico", 1);
            assert!(letters[0].contains("dinsdag 24 november 2026 om 9.00 uur") && !letters[0].contains("laptop"));
        }
    }

    fn c131_what_is_no_datalek_is_kept_apart_and_told_all_the_same(server: Server) {
        let school = server.school();
        let mut body = incident();
        body["kind"] = json!("security-incident");
        let reported = school.admin.post(PATH, &body).expect(201).json();
        assert_eq!((&reported["kind"], &reported["clock"]), (&json!("security-incident"), &json!(null)));
        let letters = server.anyone().mailbox().wait_for(PLATFORM_ADMINISTRATOR, "beveiligingsincident gemeld", 1);
        assert!(!letters[0].contains("Autoriteit"));
        // And the other way round.
        let platform = server.platform();
        let (_, incidents) = open_case(&platform, &[&school.id]);
        server.anyone().mailbox().wait_for(&format!("beheerder@{}", school.domain), "beveiligingsincident gemeld", 1);
        school.admin.get(&one(&incidents[0])).expect(200);
    }

    fn a_token_sees_how_an_incident_goes_on_and_nothing_that_was_written(server: Server) {
        let school = server.school();
        let mut told = incident();
        told["source"] = json!("person-concerned");
        told["channel"] = json!("phone");
        told["toldBy"] = json!("De vader van een leerling.");
        let id = school.admin.post(PATH, &told).expect(201).id();
        reach(&school.admin, &id, "registered").expect(201);
        school.admin.post(&format!("{}/contents", one(&id)), &contents("system")).expect(201);
        decide(&school.admin, &id, "notify-authority").expect(201);
        let call = json!({"with": "De vader.", "text": "Een verzonnen gesprek."});
        school.admin.post(&format!("{}/calls", one(&id)), &call).expect(201);
        let body = json!({
            "name": "Controle", "kind": "auditor", "scopes": [{"part": "incidents", "actions": ["read"]}],
            "expiresOn": "2026-12-31", "currentPassword": PASSWORD,
        });
        let made = school.admin.post("/v1/api-tokens", &body).expect(201).json();
        let token = server.anyone().with_token(made["token"].as_str().unwrap());
        let (listed, read) = (token.list(PATH)[0].clone(), token.get(&one(&id)).expect(200).json());
        assert_eq!((&read["stage"], &read["authorityDecision"], &read["cause"]), (&json!("registered"), &json!("notify-authority"), &json!("system")));
        for shown in [&listed, &read] {
            assert!(shown["summary"].is_null() && shown["toldBy"].is_null() && !shown["clock"].is_null());
        }
        let records = read["records"].as_array().unwrap();
        let kinds: Vec<_> = records.iter().map(|record| record["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["stage", "contents", "decision", "call"]);
        for record in records {
            for written in ["text", "contents", "steps", "callWith"] {
                assert!(record[written].is_null(), "{record}");
            }
        }
        for written in ["laptop", "vader", "verzonnen", "sessie"] {
            assert!(!read.to_string().contains(written) && !listed.to_string().contains(written), "{written}");
        }
        token.get(&format!("{}/authority-draft", one(&id))).expect(403);
        assert_eq!(school.admin.get(&one(&id)).expect(200).json()["toldBy"], told["toldBy"]);
    }

    fn c127_the_processor_sees_every_institutions_incidents_and_reads_one_in_its_log(server: Server) {
        let (school, other) = (server.school(), server.school());
        let (first, second) = (report(&school.admin), report(&other.admin));
        let platform = server.platform();
        let listed = platform.list(PATH);
        let ids: Vec<_> = listed.iter().map(|found| found["id"].clone()).collect();
        assert_eq!(ids, [json!(first), json!(second)]);
        assert!(listed.iter().all(|found| found["summary"].is_null() && !found["clock"].is_null()));
        assert_eq!(platform.get(&one(&first)).expect(200).json()["summary"], "Een laptop is gestolen.");
        platform.get(&one(ABSENT)).expect(404);
        let seen = |school: &str| {
            let log = server.audit_log(school);
            log.entries().iter().any(|entry| entry.operation == "readIncident")
        };
        assert!(seen(&school.id) && !seen(&other.id));
        for function in [ProcessorFunction::Helpdesk, ProcessorFunction::Secretariat, ProcessorFunction::Adviser] {
            server.staff(function).get(PATH).expect(403);
        }
    }
}
