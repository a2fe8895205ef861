//! The log of an institution, as its administrator and an auditor read it (C048, C089, C090).

use groeilijn_domain::access::Function;
use groeilijn_persistence::environment::Clock as _;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

const PATH: &str = "/v1/audit-entries";

fn operations(entries: &[Value]) -> Vec<String> {
    entries.iter().map(|entry| text(&entry["operation"])).collect()
}

fn found(client: &Client, query: &str) -> Vec<String> {
    operations(&client.list(&format!("{PATH}?{query}")))
}

both_databases! {
    fn c090_an_administrator_finds_who_did_what_with_a_child(server: Server) {
        let class = server.class();
        let (admin, teacher) = (&class.school.admin, &class.teacher);
        let sem = class.child("Sem", "2022-05-04");
        class.note(&class.pupil, "2026-11-20", &[]);
        teacher.client.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        teacher.client.get(&format!("/v1/pupils/{sem}")).expect(200);
        let colleague = class.school.member(Function::Teacher, &[]);
        colleague.client.get(&format!("/v1/pupils/{}", class.pupil)).expect(404);

        let of_pupil = admin.list(&format!("{PATH}?pupilId={}", class.pupil));
        assert_eq!(operations(&of_pupil)[..2], ["readPupil", "readPupil"], "the newest first");
        assert!(operations(&of_pupil).contains(&"createNote".to_owned()));
        let refused = &of_pupil[0];
        assert_eq!((&refused["outcome"], &refused["actorId"]), (&json!("denied"), &json!(colleague.id)));
        let seen = &of_pupil[1];
        assert_eq!((&seen["outcome"], &seen["actorId"]), (&json!("success"), &json!(teacher.id)));
        assert_eq!((&seen["actorKind"], &seen["address"]), (&json!("institution-user"), &json!("127.0.0.1")));
        assert_eq!((&seen["activity"], &seen["objects"][0]["kind"]), (&json!("administer-pupils"), &json!("pupil")));
        assert!(text(&seen["purpose"]).starts_with("Keeping record"));
        assert!(of_pupil.iter().all(|entry| {
            entry["objects"].as_array().unwrap().iter().any(|object| object["id"] == json!(class.pupil))
        }));

        assert_eq!(found(admin, &format!("pupilId={}&actorId={}&operation=readPupil", class.pupil, teacher.id)).len(), 1);
        assert_eq!(found(admin, &format!("pupilId={}&outcome=denied", class.pupil)), ["readPupil"]);
        assert!(found(admin, &format!("userId={}", colleague.id)).contains(&"createUser".to_owned()));
        assert!(found(admin, &format!("pupilId={ABSENT}")).iter().all(|operation| operation == "listAuditEntries"));
        // Who looked into the log is in it.
        assert_eq!(found(admin, "operation=listAuditEntries&outcome=success").first().unwrap(), "listAuditEntries");
    }

    fn c090_pages_go_back_to_the_first_entry_and_a_period_cuts_them(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let in_between = server.clock.now() + SignedDuration::from_secs(30);
        server.clock.advance(SignedDuration::from_mins(1));
        for _ in 0..7 {
            class.teacher.client.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        }
        assert_eq!(found(admin, &format!("from={in_between}&operation=readPupil")).len(), 7);
        assert!(found(admin, &format!("until={in_between}&operation=readPupil")).is_empty());
        assert!(found(admin, &format!("from={in_between}&until={in_between}")).is_empty());

        let mut path = format!("{PATH}?limit=5&until={in_between}");
        let mut sequences = Vec::new();
        loop {
            let page = admin.get(&path).expect(200).json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 5);
            sequences.extend(items.iter().map(|entry| entry["sequence"].as_u64().unwrap()));
            let Some(cursor) = page["nextCursor"].as_str() else { break };
            path = format!("{PATH}?limit=5&until={in_between}&cursor={cursor}");
        }
        let expected: Vec<u64> = (0..u64::try_from(sequences.len()).unwrap()).rev().collect();
        assert_eq!(sequences, expected);
        assert!(sequences.len() > 10);
        // What is read is what the tree is made of.
        let log = server.audit_log(&class.school.id);
        let newest = &admin.get(&format!("{PATH}?until={in_between}&limit=1")).expect(200).items()[0];
        let kept = log.leaf_hash(newest["sequence"].as_u64().unwrap());
        assert_eq!(text(&newest["leafHash"]), hex::encode(kept));
    }

    fn c048_a_log_is_read_by_who_answers_for_it_and_nobody_else(server: Server) {
        let (class, other) = (server.class(), server.class());
        for client in [&class.teacher.client, &class.school.member(Function::Management, &[]).client, &server.platform()] {
            client.get(PATH).expect(403).problem("forbidden");
        }
        let body = json!({
            "name": "Controle", "kind": "auditor", "scopes": [{"part": "audit-log", "actions": ["read"]}],
            "expiresOn": "2026-12-31", "currentPassword": PASSWORD,
        });
        let made = class.school.admin.post("/v1/api-tokens", &body).expect(201).json();
        let auditor = server.anyone().with_token(&text(&made["token"]));
        let read = auditor.list(PATH);
        assert!(read.len() > 5);
        assert!(read.iter().all(|entry| entry["address"].is_null()));
        assert!(found(&auditor, &format!("pupilId={}", other.pupil)).iter().all(|operation| operation == "listAuditEntries"));
        assert!(auditor.list(&format!("{PATH}?actorId={}", other.teacher.id)).is_empty());
        auditor.get(&format!("/v1/pupils/{}", class.pupil)).expect(403);
        let mistaken = "pupilId=1&outcome=perhaps&from=yesterday&operation=&later=1";
        let refused: Vec<_> = class.school.admin.get(&format!("{PATH}?{mistaken}")).expect(400).errors();
        assert_eq!(refused.len(), 5, "{refused:?}");
    }
}
