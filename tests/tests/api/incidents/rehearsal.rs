//! A rehearsal: a teacher's session is stolen, and the school tells the authority of it in time (C122–C130).

use std::collections::BTreeSet;

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::incident::{contents, decide, reach, report};
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// What an administrator is told when she asks whom a session touched.
fn exposure(admin: &Client, institution: &str, session: &str) -> Value {
    let search =
        json!({"sessionId": session, "from": "2026-11-21T00:00:00Z", "until": "2026-11-22T00:00:00Z"});
    admin.post(&format!("/v1/institutions/{institution}/_exposure"), &search).expect(200).json()
}

both_databases! {
    fn c122_c126_c127_a_stolen_session_that_read_twelve_children_is_with_the_authority_in_72_hours(server: Server) {
        let (school, other) = (server.school(), server.class());
        let groups = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let pupils: Vec<String> =
            (0..20).map(|number| school.pupil(&format!("Kind {number}"), &groups[number % 2])).collect();
        let teacher = school.member(Function::Teacher, &[&groups[0], &groups[1]]);
        let thief = server.anyone().log_in(&teacher.email, PASSWORD);
        let session = thief.get("/v1/sessions/current").expect(200).id();
        for pupil in &pupils[..12] {
            thief.get(&format!("/v1/pupils/{pupil}")).expect(200);
        }
        thief.get(&format!("/v1/pupils/{}", other.pupil)).expect(404);
        // Meanwhile the teacher works on, and so does the other school.
        teacher.client.get(&format!("/v1/pupils/{}", pupils[19])).expect(200);
        other.teacher.client.get(&format!("/v1/pupils/{}", other.pupil)).expect(200);

        let incident = report(&school.admin);
        let path = |part: &str| format!("/v1/incidents/{incident}/{part}");
        for stage in ["registered", "analysed"] {
            reach(&school.admin, &incident, stage).expect(201);
        }
        let touched = exposure(&school.admin, &school.id, &session);
        let found: BTreeSet<String> =
            touched["pupils"].as_array().unwrap().iter().map(|one| text(&one["pupilId"])).collect();
        assert_eq!(found, pupils[..12].iter().cloned().collect());
        assert_eq!(touched["pupilsTouched"], 12);

        let mut told = contents("user-error");
        let classes = touched["classes"].as_array().unwrap();
        for (item, from_log) in touched["contents"].as_object().unwrap() {
            told[item] = from_log.clone();
        }
        told.as_object_mut().unwrap().remove("notYetKnown");
        school.admin.post(&path("contents"), &told).expect(201);
        server.clock.advance(SignedDuration::from_hours(60));
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        decide(&admin, &incident, "notify-authority").expect(201);
        let draft = admin.get(&path("authority-draft")).expect(200).json();
        assert_eq!((&draft["people"]["least"], &draft["people"]["most"]), (&json!(12), &json!(12)));
        assert_eq!(draft["about"]["isLate"], false);
        let kinds: Vec<_> = draft["personalData"].as_array().unwrap().iter().map(|one| one["class"].clone()).collect();
        assert_eq!(&kinds, classes);
        let printed = admin.get(&path("printed-authority-draft")).expect(200);
        assert!(printed.body.starts_with(b"%PDF-"));
        let notified = admin.post(&path("notices"), &json!({"step": "notified", "number": "2026-1234"})).expect(201).json();
        assert_eq!(notified["clock"]["isOverdue"], false, "{notified}");
        // Asked again, the log gives the same answer.
        assert_eq!(exposure(&admin, &school.id, &session)["pupils"], touched["pupils"]);

        // Nothing of it is anywhere in the other school, nor of that school in the draft.
        let stranger = server.anyone().log_in(&format!("beheerder@{}", other.school.domain), PASSWORD);
        assert!(stranger.list("/v1/incidents").is_empty());
        stranger.get(&format!("/v1/incidents/{incident}")).expect(404);
        for id in [&other.school.id, &other.pupil, &other.school.domain] {
            assert!(!draft.to_string().contains(id.as_str()) && !touched.to_string().contains(id.as_str()), "{id}");
        }
        let log = server.audit_log(&other.school.id);
        assert!(log.entries().iter().all(|entry| entry.actor.as_ref() != Some(&teacher.id)));
        log.check();
    }
}
