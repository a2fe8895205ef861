//! The stages of an incident, what it is taken for, and the suspicion of a high risk (C123, C125, C131).

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PLATFORM_ADMINISTRATOR;
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::incident::{STAGES, open_case, reach, report, stage};
use groeilijn_tests::instruction::contact_person;
use serde_json::{Value, json};

fn one(id: &str, what: &str) -> String {
    format!("/v1/incidents/{id}{what}")
}

both_databases! {
    /// Done when: each illegal step between stages is refused, by all pairs of stages.
    fn c123_from_each_stage_only_the_next_one_is_reached(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        for (place, next) in STAGES.into_iter().enumerate() {
            for wrong in STAGES.into_iter().chain(["reported"]).filter(|wrong| *wrong != next) {
                let refused = reach(&school.admin, &id, wrong).expect(409).problem("conflict");
                assert_eq!(refused.code(), "stage-out-of-order", "{place} {wrong}");
            }
            let reached = reach(&school.admin, &id, next).expect(201).json();
            assert_eq!((&reached["stage"], &reached["nextStage"]), (&json!(next), &json!(STAGES.get(place + 1))));
        }
        for over in STAGES.into_iter().chain(["reported"]) {
            assert_eq!(reach(&school.admin, &id, over).expect(409).code(), "stage-out-of-order");
        }
        let whole = school.admin.get(&one(&id, "")).expect(200).json();
        let stages: Vec<_> = whole["records"].as_array().unwrap().iter().map(|record| record["stage"].clone()).collect();
        assert_eq!(stages, STAGES.map(|stage| json!(stage)));
    }

    fn c123_each_stage_has_its_author_its_time_and_what_was_found(server: Server) {
        let school = server.school();
        let platform = server.platform();
        let (_, incidents) = open_case(&platform, &[&school.id]);
        let id = &incidents[0];
        let mut body = stage("registered");
        body["at"] = json!("2026-11-21T08:30:00Z");
        school.admin.post(&one(id, "/stages"), &body).expect(201);
        let mut analysed = stage("analysed");
        analysed["at"] = json!("2026-11-21T08:29:59Z");
        platform.post(&one(id, "/stages"), &analysed).refuses(&[("/at", "before-last-stage")]);
        analysed["at"] = json!("2026-11-22T09:00:00Z");
        platform.post(&one(id, "/stages"), &analysed).refuses(&[("/at", "in-the-future")]);
        analysed["at"] = json!("2026-11-21T08:45:00Z");
        platform.post(&one(id, "/stages"), &analysed).expect(201);
        let reached = school.admin.get(&one(id, "")).expect(200).json();
        let [first, second] = reached["records"].as_array().unwrap().as_slice() else { panic!("{reached}") };
        let seen = |record: &Value| (record["authorKind"].clone(), record["at"].clone(), record["text"].clone());
        assert_eq!(seen(first), (json!("institution-user"), json!("2026-11-21T08:30:00Z"), json!("Een verzonnen bevinding.")));
        assert_eq!(seen(second), (json!("platform-user"), json!("2026-11-21T08:45:00Z"), json!("Een verzonnen bevinding.")));
        assert_eq!(first["authorId"], json!(school.admin_id));
        let log = server.audit_log(&school.id);
        assert_eq!(log.entries().iter().filter(|entry| entry.operation == "recordIncidentStage").count(), 2);
        log.check();
    }

    fn c123_restoring_names_a_checked_backup_or_why_none_is_needed(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        for name in &STAGES[..6] {
            reach(&school.admin, &id, name).expect(201);
        }
        let path = one(&id, "/stages");
        let bare = json!({"stage": "restored", "findings": "Teruggezet."});
        school.admin.post(&path, &bare).refuses(&[("/checkedBackup", "required-for-the-kind")]);
        let both = json!({"stage": "restored", "findings": "Teruggezet.", "checkedBackup": "Nacht van 20 november.", "notNeededBecause": "Niets weg."});
        school.admin.post(&path, &both).refuses(&[("/notNeededBecause", "beyond-the-kind")]);
        let backup = json!({"stage": "restored", "findings": "Teruggezet.", "checkedBackup": "Nacht van 20 november, vergeleken."});
        let restored = school.admin.post(&path, &backup).expect(201).json();
        assert_eq!(restored["records"][0]["checkedBackup"], "Nacht van 20 november, vergeleken.");
        let resolved = json!({"stage": "resolved", "findings": "Klaar.", "checkedBackup": "Nog een.", "notNeededBecause": "Niets."});
        school.admin.post(&path, &resolved).refuses(&[("/checkedBackup", "beyond-the-kind"), ("/notNeededBecause", "beyond-the-kind")]);
    }

    fn c123_a_stage_that_is_sent_again_is_recorded_once(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        let path = one(&id, "/stages");
        for _ in 0..2 {
            let reached = school.admin.post_once(&path, &stage("registered"), "stap").expect(201).json();
            assert_eq!(reached["records"].as_array().unwrap().len(), 1);
        }
    }

    fn c125_a_high_risk_is_told_at_once_in_any_stage_by_whichever_side(server: Server) {
        let school = server.school();
        contact_person(&school);
        let platform = server.platform();
        let id = report(&school.admin);
        let path = one(&id, "/high-risk-suspicions");
        let suspicion = json!({"grounds": "Er zijn notities gelezen."});
        let mut first = None;
        for (count, name) in STAGES.into_iter().enumerate() {
            reach(&school.admin, &id, name).expect(201);
            let suspected = if count % 2 == 0 { &platform } else { &school.admin }.post(&path, &suspicion).expect(201).json();
            let since = suspected["highRiskSince"].clone();
            assert_eq!(first.get_or_insert(since.clone()), &since);
        }
        let administrator = format!("beheerder@{}", school.domain);
        for email in [administrator.as_str(), "bestuur@school.example", PLATFORM_ADMINISTRATOR] {
            server.anyone().mailbox().wait_for(email, "hoog risico", STAGES.len());
        }
        let future = json!({"grounds": "Later.", "at": "2026-11-22T09:00:00Z"});
        school.admin.post(&path, &future).refuses(&[("/at", "in-the-future")]);
    }

    fn c131_what_an_incident_is_taken_for_changes_with_grounds(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        let path = one(&id, "/classifications");
        school.admin.post(&path, &json!({"kind": "suspected-breach", "grounds": "Toch."})).refuses(&[("/kind", "same-kind")]);
        school.admin.post(&path, &json!({"kind": "breach"})).refuses(&[("/grounds", "required")]);
        let none = school.admin.post(&path, &json!({"kind": "security-incident", "grounds": "De schijf was versleuteld."})).expect(201).json();
        assert_eq!((&none["kind"], &none["clock"]), (&json!("security-incident"), &json!(null)));
        let breach = school.admin.post(&path, &json!({"kind": "breach", "grounds": "De sleutel was weg."})).expect(201).json();
        assert_eq!((&breach["kind"], &breach["clock"]["deadline"]), (&json!("breach"), &json!("2026-11-24T08:00:00Z")));
        let whole = school.admin.get(&one(&id, "")).expect(200).json();
        let kinds: Vec<_> = whole["records"].as_array().unwrap().iter().map(|record| record["classifiedAs"].clone()).collect();
        assert_eq!(kinds, [json!("security-incident"), json!("breach")]);
    }

    fn c124_c127_c131_the_processor_ends_no_clock_and_the_other_side_is_told(server: Server) {
        let (school, platform) = (server.school(), server.platform());
        contact_person(&school);
        let id = report(&school.admin);
        let path = one(&id, "/classifications");
        let to = |kind: &str| json!({"kind": kind, "grounds": "De schijf was versleuteld."});
        platform.post(&path, &to("breach")).expect(201);
        for email in [format!("beheerder@{}", school.domain), "bestuur@school.example".to_owned()] {
            let letters = server.anyone().mailbox().wait_for(&email, "anders ingedeeld", 1);
            assert!(letters[0].contains("dinsdag 24 november 2026 om 9.00 uur") && !letters[0].contains("versleuteld"));
        }
        assert_eq!(platform.post(&path, &to("security-incident")).expect(403).code(), "not-the-decider");
        assert!(!school.admin.get(&one(&id, "")).expect(200).json()["clock"].is_null());
        school.admin.post(&path, &to("security-incident")).expect(201);
        let letters = server.anyone().mailbox().wait_for(PLATFORM_ADMINISTRATOR, "anders ingedeeld", 1);
        assert!(!letters[0].contains("heeft daarvoor tot"));
        // Who finds that it is one after all says so.
        let breach = platform.post(&path, &to("breach")).expect(201).json();
        assert!(!breach["clock"].is_null());
        reach(&platform, &id, "registered").expect(201);
        server.anyone().mailbox().wait_for(&format!("beheerder@{}", school.domain), "iets nieuws", 1);
    }

    fn who_may_take_an_incident_on(server: Server) {
        let (school, other) = (server.school(), server.school());
        let teacher = school.member(Function::Teacher, &[]).client;
        let manager = school.member(Function::Management, &[]).client;
        let id = report(&teacher);
        let bodies = [
            ("/stages", stage("registered")),
            ("/classifications", json!({"kind": "breach", "grounds": "Gelezen."})),
            ("/high-risk-suspicions", json!({"grounds": "Gelezen."})),
        ];
        for (what, body) in &bodies {
            for who in [&teacher, &manager] {
                who.post(&one(&id, what), body).expect(403);
            }
            let absent = school.admin.post(&one(ABSENT, what), body).expect(404);
            assert_eq!(other.admin.post(&one(&id, what), body).expect(404).visible(), absent.visible());
            server.platform().post(&one(ABSENT, what), body).expect(404);
        }
        assert_eq!(school.admin.get(&one(&id, "")).expect(200).json()["records"], json!([]));
    }
}
