//! Destructions: by a rule, at the request of administrators, and the certificates of them.

use std::fs;

use groeilijn_domain::access::Function;
use groeilijn_domain::retention::certificate::read;
use groeilijn_persistence::signature::is_signed;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::instruction::{contact_person, person};
use groeilijn_tests::reply::text;
use groeilijn_tests::{Class, Client, Database, both_databases, wait_until};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::policy::{additional_group_of, follow_up_of};
use crate::program::command;

use super::{count_of, depart, done, log_in_anew};

/// Asks for the destruction of a child and gives its id.
#[track_caller]
fn ask(admin: &Client, pupil: &str, alone: bool) -> String {
    let body = json!({"pupilIds": [pupil], "reason": "Dubbel ingevoerd.", "alone": alone});
    admin.post("/v1/destructions", &body).expect(201).id()
}

#[track_caller]
fn approve(admin: &Client, id: &str) -> groeilijn_tests::reply::Reply {
    let etag = admin.get(&format!("/v1/destructions/{id}")).expect(200).etag();
    admin.act(&format!("/v1/destructions/{id}/_approve"), &etag)
}

/// Everything that can be asked of a child answers as of one that never was.
#[track_caller]
fn is_nowhere(client: &Client, class: &Class, gone: &str) {
    client.sees_nothing(
        gone,
        &[
            ("GET", "/v1/pupils/{}", Value::Null),
            ("GET", "/v1/pupils/{}/placements", Value::Null),
            ("GET", "/v1/pupils/{}/notes", Value::Null),
            ("GET", "/v1/pupils/{}/registrations", Value::Null),
            ("GET", "/v1/pupils/{}/overview", Value::Null),
        ],
    );
    let everywhere = [
        client.list("/v1/pupils"),
        client.list(&format!("/v1/groups/{}/pupils", class.group)),
        client.post("/v1/pupils/_search", &json!({"name": "Noor"})).expect(200).items(),
    ];
    assert!(everywhere.iter().flatten().all(|item| item["id"] != gone));
    let overview = client.get(&format!("/v1/groups/{}/overview", class.group)).expect(200).json();
    assert!(overview["children"].as_array().unwrap().iter().all(|child| child["id"] != gone));
}

both_databases! {
    fn c105_c110_a_child_goes_by_the_clock_and_a_certificate_says_so(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-05-04");
        let registered = class.register(&class.pupil, "2026-11-20", &json!({"scales": {"involvement": 4}}));
        let note = class.note(&class.pupil, "2026-11-20", &[]);
        let left = class.note(&sem, "2026-11-20", &[]);
        let kept = [&class.pupil, &sem].map(|pupil| additional_group_of(&class.school, pupil));
        let planned = [&class.pupil, &sem].map(|pupil| follow_up_of(&class.teacher.client, pupil));
        depart(&mut server.raw_data(), &class.pupil, "2024-11-21", "next-education");
        contact_person(&class.school);
        // At midnight in Amsterdam, when it is the day after.
        server.clock.set("2026-11-21T23:00:30Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", class.school.domain), PASSWORD);
        wait_until(|| !admin.list("/v1/destructions").is_empty());
        let id = text(&admin.list("/v1/destructions")[0]["id"]);
        let destruction = done(&admin, &id);
        assert_eq!(destruction["requestedBy"], Value::Null);
        assert_eq!(destruction["subjects"][0]["id"], class.pupil.as_str());
        assert_eq!(destruction["subjects"][0]["rule"], "next-education");
        assert_eq!(destruction["completeOn"], "2026-11-30");
        is_nowhere(&admin, &class, &class.pupil);
        admin.sees_nothing(&note, &[("GET", "/v1/notes/{}", Value::Null)]);
        admin.sees_nothing(&registered, &[("GET", "/v1/registrations/{}", Value::Null)]);
        admin.sees_nothing(&kept[0], &[("GET", "/v1/additional-groups/{}", Value::Null)]);
        admin.sees_nothing(&planned[0], &[("GET", "/v1/follow-ups/{}", Value::Null)]);
        // Everybody else is as before, and the log holds together.
        admin.get(&format!("/v1/additional-groups/{}", kept[1])).expect(200);
        admin.get(&format!("/v1/notes/{left}")).expect(200);
        assert_eq!(admin.get(&format!("/v1/pupils/{sem}")).expect(200).json()["firstName"], "Sem");
        let log = server.audit_log(&class.school.id);
        log.check();
        assert!(log.entries().iter().any(|entry| entry.operation == "destroy" && entry.is_by_the_service()));

        let certificate = admin.get(&format!("/v1/destructions/{id}/certificate")).expect(200);
        let keys = server.anyone().get("/v1/certificate-keys").expect(200).items();
        let signed = read(&certificate.body).unwrap();
        assert_eq!(signed.key_id, text(&keys[0]["id"]));
        let statement = signed.statement;
        assert_eq!(statement["destroyed"][0]["rows"]["registration_version"], 2);
        assert_eq!(statement["destroyed"][0]["rows"]["follow_up"], 1);
        assert_eq!(statement["destroyed"][0]["rows"]["note"], 1);
        assert_eq!(statement["destroyed"][0]["rows"]["additional_group"], 1);
        assert_eq!(statement["destroyed"][0]["keyIds"].as_array().unwrap().len(), 1);
        assert!(statement["auditAfter"]["size"].as_u64() > statement["auditBefore"]["size"].as_u64());
        assert!(!String::from_utf8_lossy(&certificate.body).contains("Noor"));
        let evidence = admin.get(&format!("/v1/destructions/{id}/evidence")).expect(200).json();
        assert!(evidence["rows"].as_array().unwrap().iter().all(|row| row["rows"] == 0));
        assert!(evidence["keys"].as_array().unwrap().iter().all(|key| !key["destroyedAt"].is_null()));
        assert_eq!(evidence["certificate"].as_str().unwrap().as_bytes(), certificate.body);
        let printed = admin.get(&format!("/v1/destructions/{id}/printed-certificate")).expect(200);
        assert_eq!(printed.header("content-type"), "application/pdf");
        assert!(printed.body.starts_with(b"%PDF-"));
        let letters = server.anyone().mailbox().clone();
        for address in [format!("beheerder@{}", class.school.domain), text(&person("Noor")["email"])] {
            letters.wait_for(&address, "vernietigd", 1);
        }

        // The day on which the last backup with the key is gone has a certificate of its own.
        assert_eq!(admin.get(&format!("/v1/destructions/{id}/completion")).expect(409).code(), "not-yet");
        server.clock.set("2026-11-30T12:00:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", class.school.domain), PASSWORD);
        let path = format!("/v1/destructions/{id}/completion");
        wait_until(|| admin.get(&path).status == 200);
        let completion = read(&admin.get(&path).expect(200).body).unwrap().statement;
        assert_eq!((&completion["kind"], &completion["completedOn"]), (&json!("completion"), &json!("2026-11-30")));
    }

    fn c106_c109_an_institution_goes_the_day_after_its_grace_and_nobody_else(server: Server) {
        let (class, other) = (server.class(), server.class());
        class.note(&class.pupil, "2026-11-20", &[]);
        let kept = other.note(&other.pupil, "2026-11-20", &[]);
        for class in [&class, &other] {
            additional_group_of(&class.school, &class.pupil);
        }
        let licence = format!("/v1/institutions/{}/licence", class.school.id);
        server.platform().change(&licence, &json!({"endDate": "2026-11-30"})).expect(200);
        let goes = class.school.admin.list("/v1/retention/forecast?at=2027-03-01");
        assert_eq!(goes.iter().map(|item| text(&item["dueOn"])).collect::<Vec<_>>(), ["2027-03-01", "2027-03-01"]);
        assert!(class.school.admin.list("/v1/retention/forecast?at=2027-02-28").is_empty());
        let mut connection = server.raw_data();
        let mut count = |query: &str, school: &str| count_of(&mut connection, query, school);
        let certificates = "SELECT count(*) AS count FROM destruction WHERE institution_id = $1 AND certificate IS NOT NULL";
        // Before midnight in Amsterdam, and after.
        server.clock.set("2027-02-28T22:30:00Z");
        let looked = "SELECT count(*) AS count FROM retention_policy WHERE institution_id = $1 AND looked_on = '2027-02-28'";
        wait_until(|| count_of(&mut server.raw_data(), looked, &class.school.id) == 1);
        assert_eq!(count("SELECT count(*) AS count FROM destruction WHERE institution_id = $1", &class.school.id), 0);
        server.clock.set("2027-02-28T23:00:30Z");
        wait_until(|| count_of(&mut server.raw_data(), certificates, &class.school.id) == 1);
        for table in ["pupil", "note", "groups", "placement", "additional_group", "institution_domain"] {
            let query = format!("SELECT count(*) AS count FROM {table} WHERE institution_id = $1");
            assert_eq!(count(&query, &class.school.id), 0, "{table}");
            assert!(count(&query, &other.school.id) > 0, "{table}");
        }
        // Its subprocessors are asked to do the same (C112).
        let asked = "SELECT count(*) AS count FROM institution_ending WHERE institution_id = $1";
        assert_eq!(count(asked, &class.school.id), 1);
        let mut keys = server.installation().raw_keys();
        for (table, condition) in [("subject_key", " AND wrapped IS NOT NULL"), ("institution_key", "")] {
            let query = format!("SELECT count(*) AS count FROM {table} WHERE institution_id = $1{condition}");
            assert_eq!(count_of(&mut keys, &query, &class.school.id), 0, "{table}");
            assert!(count_of(&mut keys, &query, &other.school.id) > 0, "{table}");
        }
        let login = server.anyone().try_log_in(&format!("beheerder@{}", class.school.domain), PASSWORD);
        assert!(login.status >= 400, "{}", login.status);
        server.audit_log(&class.school.id).check();
        let admin = log_in_anew(server, &format!("beheerder@{}", other.school.domain));
        assert_eq!(admin.get(&format!("/v1/notes/{kept}")).expect(200).json()["text"], "Vertelt over de vakantie.");
    }

    fn c110_a_certificate_holds_and_fails_after_any_changed_byte(server: Server) {
        use base64::Engine as _;
        let class = server.class();
        let second = class.school.member(Function::Administrator, &[]).client;
        let id = ask(&class.school.admin, &class.pupil, false);
        approve(&second, &id).expect(200);
        done(&second, &id);
        let certificate = second.get(&format!("/v1/destructions/{id}/certificate")).expect(200).body;
        let keys = server.anyone().get("/v1/certificate-keys").expect(200).items();
        let key = base64::engine::general_purpose::STANDARD.decode(text(&keys[0]["publicKey"])).unwrap();
        let holds = |bytes: &[u8]| {
            read(bytes).is_ok_and(|read| read.key_id == text(&keys[0]["id"]) && is_signed(&key, &read.signed, &read.signature))
        };
        assert!(holds(&certificate));
        for at in 0..certificate.len() {
            for bit in [1, 0x20] {
                let mut changed = certificate.clone();
                changed[at] ^= bit;
                assert!(!holds(&changed), "byte {at} of {}", String::from_utf8_lossy(&certificate));
            }
        }
        assert!(!holds(&certificate[..certificate.len() - 1]));
        // What checks it names the key that it was given, not the one that the file names without a signature.
        let file = server.installation().folder().join("certificate.json");
        let verify = |bytes: &[u8]| {
            fs::write(&file, bytes).unwrap();
            let file = file.to_str().unwrap();
            command(server.installation(), &["certificate", "verify", file, "--public-key", text(&keys[0]["publicKey"]).as_str()])
                .output()
                .unwrap()
        };
        let named = |id: &str| {
            String::from_utf8(certificate.clone()).unwrap().replace(text(&keys[0]["id"]).as_str(), id).into_bytes()
        };
        for held in [verify(&certificate), verify(&named("0123456789abcdef"))] {
            let said = String::from_utf8(held.stdout).unwrap();
            assert!(held.status.success() && said.contains(&hex::encode(Sha256::digest(&key))), "{said}");
            assert!(!said.contains("0123456789abcdef") && !said.contains(text(&keys[0]["id"]).as_str()), "{said}");
        }
        let refused = verify(&named("de sleutel van de school"));
        assert!(!refused.status.success() && refused.stdout.is_empty());
        // A new key takes nothing from what an earlier one signed.
        server.installation().with_store(&server.clock, async |store| {
            store.keys().system().rotate_certificate_key().await.unwrap();
        });
        server.restart();
        let later = server.anyone().get("/v1/certificate-keys").expect(200).items();
        assert_eq!((later.len(), &later[0]), (2, &keys[0]));
    }

    fn two_administrators_destroy_a_child_at_once_in_every_process(server: Server) {
        let class = server.class();
        let (admin, second) = (&class.school.admin, class.school.member(Function::Administrator, &[]).client);
        // On PostgreSQL another process serves too; an embedded database has one.
        let beside = (server.installation().database() == Database::Postgres).then(|| server.beside());
        let there = beside.as_ref().unwrap_or(server).anyone().with_token(admin.token());
        let path = format!("/v1/pupils/{}", class.pupil);
        // Its key is opened in both processes.
        for client in [admin, &there] {
            client.get(&path).expect(200);
        }
        let repeated = json!({"text": "Bouwt een toren."});
        let notes = format!("{path}/notes");
        class.teacher.client.post_once(&notes, &repeated, "een-notitie").expect(201);
        let id = ask(admin, &class.pupil, false);
        let waiting = admin.get(&format!("/v1/destructions/{id}")).expect(200).json();
        assert_eq!((&waiting["state"], &waiting["beginsAt"]), (&json!("proposed"), &Value::Null));
        there.get(&path).expect(200);
        assert_eq!(approve(admin, &id).expect(409).code(), "second-person");
        let begun = approve(&second, &id).expect(200).json();
        assert_ne!(begun["state"], "proposed");
        for client in [admin, &there] {
            is_nowhere(client, &class, &class.pupil);
        }
        done(admin, &id);
        for client in [admin, &there] {
            is_nowhere(client, &class, &class.pupil);
        }
        // Nor does a repeated request bring anything back.
        class.teacher.client.post_once(&notes, &repeated, "een-notitie").expect(404);
        let mut again = groeilijn_tests::school::new_pupil("Noor");
        again["id"] = json!(class.pupil);
        assert_eq!(admin.post("/v1/pupils", &again).expect(409).code(), "id-in-use");
        assert_eq!(approve(&second, &id).expect(409).code(), "not-proposed");
        server.audit_log(&class.school.id).check();
    }

    fn who_is_alone_waits_seven_days_in_which_anybody_can_stop_it(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-05-04");
        let admin = &class.school.admin;
        let (stopped, goes) = (ask(admin, &class.pupil, true), ask(admin, &sem, true));
        let waiting = admin.get(&format!("/v1/destructions/{stopped}")).expect(200).json();
        assert_eq!(waiting["state"], "cooling-off");
        assert!(text(&waiting["beginsAt"]).starts_with("2026-11-28T09:0"));
        assert_eq!(approve(&class.school.member(Function::Administrator, &[]).client, &goes).expect(409).code(), "not-proposed");
        let stop = format!("/v1/destructions/{stopped}/_stop");
        class.teacher.client.post(&stop, &json!({"reason": ""})).refuses(&[("/reason", "empty")]);
        let body = json!({"reason": "Nog nodig voor de overdracht."});
        let after = class.teacher.client.post(&stop, &body).expect(200).json();
        assert_eq!((&after["state"], &after["stoppedBy"]), (&json!("stopped"), &json!(class.teacher.id)));
        assert_eq!(class.teacher.client.post(&stop, &body).expect(409).code(), "begun");
        // Whoever looks for the child in the log finds both.
        let of_child = admin.list(&format!("/v1/audit-entries?pupilId={}", class.pupil));
        for operation in ["askForDestruction", "stopDestruction"] {
            assert!(of_child.iter().any(|entry| entry["operation"] == operation), "{operation}");
        }

        server.clock.set("2026-11-28T09:30:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", class.school.domain), PASSWORD);
        done(&admin, &goes);
        is_nowhere(&admin, &class, &sem);
        admin.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        assert_eq!(admin.post(&format!("/v1/destructions/{goes}/_stop"), &body).expect(409).code(), "begun");
    }

    fn what_cannot_be_destroyed_is_told_of_each_child(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let foreign = server.class().pupil;
        let ask = |pupils: Value| admin.post("/v1/destructions", &json!({"pupilIds": pupils, "reason": "Op verzoek."}));
        ask(json!([])).refuses(&[("/pupilIds", "empty")]);
        ask(json!([class.pupil, class.pupil])).refuses(&[("/pupilIds", "repeated")]);
        ask(json!([class.pupil, foreign, groeilijn_tests::client::ABSENT]))
            .refuses(&[("/pupilIds/1", "unknown-pupil"), ("/pupilIds/2", "unknown-pupil")]);
        admin.post("/v1/destructions", &json!({"pupilIds": [class.pupil]})).refuses(&[("/reason", "required")]);
        assert!(admin.list("/v1/destructions").is_empty());
        for function in Function::ALL.into_iter().filter(|function| *function != Function::Administrator) {
            let member = class.school.member(function, &[]).client;
            let body = json!({"pupilIds": [class.pupil], "reason": "Op verzoek."});
            member.post("/v1/destructions", &body).expect(403);
            member.get("/v1/destructions").expect(200);
        }
        let id = self::ask(admin, &class.pupil, true);
        server.school().admin.sees_nothing(&id, &[
            ("GET", "/v1/destructions/{}", Value::Null),
            ("POST", "/v1/destructions/{}/_approve", Value::Null),
            ("POST", "/v1/destructions/{}/_stop", json!({"reason": "Nee."})),
            ("GET", "/v1/destructions/{}/certificate", Value::Null),
            ("GET", "/v1/destructions/{}/evidence", Value::Null),
        ]);
    }
}
