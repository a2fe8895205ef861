//! One note about several children: a note about each of them, which knows nothing of the others.

use std::slice::from_ref;

use groeilijn_domain::access::Function;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::framework::{new_framework, publish};
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Reply, both_databases, twice_at_once};
use serde_json::{Value, json};

use super::{LINES, each, notes_of};
use crate::retention::done;

const NOTES: &str = "/v1/notes";

fn together(pupils: &[&str]) -> Value {
    json!({"pupilIds": pupils, "text": "Bouwden samen een toren."})
}

#[track_caller]
fn made(reply: Reply) -> Vec<Value> {
    reply.expect(201).json()["notes"].as_array().unwrap().clone()
}

/// Destroys a child, as one administrator asks and another approves.
#[track_caller]
fn destroy(admin: &Client, second: &Client, pupil: &str) {
    let body = json!({"pupilIds": [pupil], "reason": "Dubbel ingevoerd.", "alone": false});
    let id = admin.post("/v1/destructions", &body).expect(201).id();
    let path = format!("/v1/destructions/{id}");
    second.act(&format!("{path}/_approve"), &second.get(&path).expect(200).etag()).expect(200);
    done(second, &id);
}

both_databases! {
    fn c027_one_note_about_several_children_is_a_note_about_each(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let sem = class.child("Sem", "2022-06-01");
        let body = json!({
            "pupilIds": [sem, class.pupil], "text": " Bouwden samen een toren. ", "observedOn": "2026-11-20",
            "lines": LINES, "frameworkId": class.framework,
        });
        let reply = teacher.post(NOTES, &body);
        assert_eq!((reply.header("Location"), reply.etag().as_str()), (NOTES, "\"r1\""));
        let notes = made(reply);
        assert_eq!(each(&notes, "pupilId"), [sem.as_str(), class.pupil.as_str()]);
        for note in &notes {
            assert_eq!(note["text"], "Bouwden samen een toren.");
            assert_eq!((&note["observedOn"], &note["lines"]), (&json!("2026-11-20"), &json!(LINES)));
            assert_eq!((&note["authorId"], &note["etag"]), (&json!(class.teacher.id), &json!("\"r1\"")));
            let path = format!("{NOTES}/{}", text(&note["id"]));
            assert_eq!(teacher.get(&path).expect(200).json(), *note);
            assert_eq!(teacher.list(&notes_of(&text(&note["pupilId"]))), from_ref(note));
        }
        let one = made(teacher.post(NOTES, &together(&[&sem])));
        assert_eq!((one.len(), &one[0]["observedOn"]), (1, &json!("2026-11-21")));
    }

    fn each_of_them_lives_by_itself(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let sem = class.child("Sem", "2022-06-01");
        let notes = made(teacher.post(NOTES, &together(&[&class.pupil, &sem])));
        let [first, second] = [0, 1].map(|number| format!("{NOTES}/{}", text(&notes[number]["id"])));
        teacher.change(&first, &json!({"text": "Telde de blokken."})).expect(200);
        assert_eq!(teacher.get(&second).expect(200).json(), notes[1]);
        let reason = json!({"reason": "Deed niet mee."});
        let withdraw = teacher.call("POST", &format!("{second}/_withdraw")).header("If-Match", "\"r1\"");
        withdraw.json(&reason).send().expect(200);
        let stays = teacher.get(&first).expect(200).json();
        assert_eq!((&stays["text"], &stays["withdrawal"]), (&json!("Telde de blokken."), &Value::Null));
        assert_eq!(teacher.list(&format!("{first}/revisions")).len(), 1);
        assert_eq!(teacher.list(&format!("{second}/revisions")), [Value::Null; 0]);
    }

    fn everything_wrong_with_a_note_about_several_children_is_told_and_none_is_written(server: Server) {
        let class = server.class();
        let elsewhere = server.class();
        let teacher = &class.teacher.client;
        let next_door = class.school.pupil("Siem", &class.school.group("De Vlinders"));
        let young = class.child("Sem", "2026-01-05");
        let wrong = |body: Value, errors: &[(&str, &str)]| {
            teacher.post(NOTES, &body).refuses(errors);
        };
        wrong(
            json!({
                "pupilIds": [class.pupil, next_door, ABSENT, young, class.pupil, elsewhere.pupil],
                "text": "Noor rende met de anderen.", "observedOn": "2026-01-04", "lines": ["zingen", "zingen"],
            }),
            &[
                ("/pupilIds/1", "unknown-pupil"),
                ("/pupilIds/2", "unknown-pupil"),
                ("/pupilIds/3", "before-birth"),
                ("/pupilIds/4", "repeated"),
                ("/pupilIds/5", "unknown-pupil"),
                ("/text", "names-pupil"),
                ("/lines", "not-in-framework"),
                ("/lines", "not-unique"),
            ],
        );
        wrong(
            json!({"pupilIds": [], "text": "Rende.", "observedOn": "2026-11-22"}),
            &[("/pupilIds", "empty"), ("/observedOn", "in-the-future")],
        );
        wrong(
            json!({"pupilIds": [class.pupil], "text": "Rende.", "frameworkId": class.pupil}),
            &[("/frameworkId", "not-published")],
        );
        let many: Vec<_> = std::iter::once(class.pupil.clone()).chain((0..30).map(|_| young.clone())).collect();
        let refused = teacher.post(NOTES, &json!({"pupilIds": many, "text": "Renden."})).expect(400).problem("invalid-input");
        assert!(refused.errors().contains(&("/pupilIds".to_owned(), "too-many".to_owned())));
        wrong(
            json!({
                "pupilIds": ["7", 3], "text": " ", "observedOn": "gisteren", "lines": ["Praten!"],
                "frameworkId": null, "id": ABSENT,
            }),
            &[
                ("/pupilIds/0", "not-a-uuid"),
                ("/pupilIds/1", "not-a-string"),
                ("/text", "empty"),
                ("/observedOn", "not-a-date"),
                ("/lines/0", "not-a-code"),
                ("/id", "unknown-field"),
            ],
        );
        wrong(json!({}), &[("/pupilIds", "required"), ("/text", "required")]);
        let bsn = "Het nummer is 111222333.";
        wrong(json!({"pupilIds": [class.pupil], "text": bsn}), &[("/text", "bsn")]);
        assert_eq!(class.school.admin.list(NOTES), [Value::Null; 0]);
    }

    fn c104_a_note_about_several_is_not_about_who_is_in_the_archive(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-06-01");
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        let path = format!("/v1/pupils/{sem}");
        let tag = class.school.admin.get(&path).expect(200).etag();
        class.school.admin.act(&format!("{path}/_archive"), &tag).expect(200);
        ib.post(NOTES, &together(&[&class.pupil, &sem])).refuses(&[("/pupilIds/1", "archived")]);
        class.teacher.client.post(NOTES, &together(&[&class.pupil, &sem])).refuses(&[("/pupilIds/1", "unknown-pupil")]);
        assert_eq!(ib.list(NOTES), [Value::Null; 0]);
    }

    fn a_line_that_only_some_children_have_is_refused_at_the_others(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let baby = class.child("Siem", "2025-11-04");
        publish(&server.platform(), &new_framework(1, &["zingen"]));
        let admin = &class.school.admin;
        let choices = json!({"choices": [
            {"fromMonth": 0, "toMonth": 24, "code": "eigen-lijst", "locale": "nl"},
            {"fromMonth": 24, "toMonth": 96, "code": "groeilijn-basis-0-7", "locale": "nl"},
        ]});
        let tag = admin.get("/v1/framework-choices").expect(200).etag();
        admin.put("/v1/framework-choices", &tag, &choices).expect(200);
        let sing = |pupils: &[&str], line: &str| {
            teacher.post(NOTES, &json!({"pupilIds": pupils, "text": "Zongen.", "lines": [line]}))
        };
        sing(&[&class.pupil, &baby], "zingen").refuses(&[("/pupilIds/0", "not-in-framework")]);
        sing(&[&class.pupil], "zingen").refuses(&[("/lines", "not-in-framework")]);
        sing(&[&class.pupil, &baby], "dansen").refuses(&[("/lines", "not-in-framework")]);
        sing(&[&baby], "zingen").expect(201);
    }

    fn who_may_write_notes_writes_them_about_several(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-06-01");
        for function in Function::ALL {
            let single = class.school.member(function, &[&class.group]).client;
            let status = single.post(&notes_of(&class.pupil), &json!({"text": "Zwaait."})).status;
            single.post(NOTES, &together(&[&class.pupil, &sem])).expect(status);
        }
        server.platform().post(NOTES, &together(&[&sem])).expect(403).problem("forbidden");
        server.anyone().post(NOTES, &together(&[&sem])).expect(401).problem("unauthenticated");
        let noord = class.school.location("Noord", &[&class.group]);
        let next_door = class.school.pupil("Siem", &class.school.group("De Vlinders"));
        let ib = class.school.member_at(Function::InternBegeleider, &[&noord]).client;
        ib.post(NOTES, &together(&[&sem, &next_door])).refuses(&[("/pupilIds/1", "unknown-pupil")]);
        ib.post(NOTES, &together(&[&sem])).expect(201);
    }

    /// C116: what is shown of one child to its parents tells of no other one.
    fn c116_none_of_them_tells_that_there_are_others(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let sem = class.child("Sem", "2022-06-01");
        for text in ["Bouwde met Sem een toren.", "Noor en Sem bouwden.", "SEM, nee: Sem!"] {
            let body = json!({"pupilIds": [class.pupil, sem], "text": text});
            teacher.post(NOTES, &body).refuses(&[("/text", "names-pupil")]);
        }
        // Of one child it is its own name.
        teacher.post(NOTES, &json!({"pupilIds": [sem], "text": "Sem bouwt."})).expect(201);
        let notes = made(teacher.post(NOTES, &together(&[&class.pupil, &sem])));
        let others: Vec<_> = ["id", "pupilId"].map(|member| text(&notes[1][member])).into();
        let own = notes_of(&class.pupil);
        let access_log = format!("/v1/pupils/{}/access-log", class.pupil);
        let overview = format!("/v1/pupils/{}/overview", class.pupil);
        for (client, path) in [
            (teacher, format!("{NOTES}/{}", text(&notes[0]["id"]))),
            (teacher, own),
            (teacher, overview),
            (&class.school.admin, access_log),
        ] {
            let shown = String::from_utf8(client.get(&path).expect(200).body).unwrap();
            assert!(others.iter().all(|other| !shown.contains(other.as_str())), "{path}");
            assert!(!shown.contains("Sem"), "{path}");
        }
    }

    fn c110_what_one_child_leaves_behind_does_not_go_with_the_other(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let second = class.school.member(Function::Administrator, &[]).client;
        let sem = class.child("Sem", "2022-06-01");
        let reply = teacher.post_once(NOTES, &together(&[&class.pupil, &sem]), "samen").expect(201);
        let notes = made(reply);
        destroy(&class.school.admin, &second, &sem);
        let gone = text(&notes[1]["id"]);
        teacher.sees_nothing(&gone, &[("GET", "/v1/notes/{}", Value::Null)]);
        assert_eq!(teacher.get(&format!("{NOTES}/{}", text(&notes[0]["id"]))).expect(200).json(), notes[0]);
        assert_eq!(teacher.list(NOTES), [notes[0].clone()]);

        // What is sent again makes nothing anew, and shows what is left.
        assert_eq!(made(teacher.post_once(NOTES, &together(&[&class.pupil, &sem]), "samen")), [notes[0].clone()]);
        destroy(&class.school.admin, &second, &class.pupil);
        let again = teacher.post_once(NOTES, &together(&[&class.pupil, &sem]), "samen");
        again.expect(404).problem("not-found");
    }

    fn a_note_about_several_that_is_sent_again_is_written_once(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let sem = class.child("Sem", "2022-06-01");
        let body = together(&[&class.pupil, &sem]);
        let [one, other] = twice_at_once(|| teacher.post_once(NOTES, &body, "samen").expect(201));
        assert_eq!((one.visible(), one.etag()), (other.visible(), other.etag()));
        let notes = made(one);
        assert_eq!(teacher.list(NOTES).len(), 2);
        let changed = teacher.change(&format!("{NOTES}/{}", text(&notes[1]["id"])), &json!({"text": "Telden."}));
        let again = teacher.post_once(NOTES, &body, "samen");
        assert_eq!((again.header("Location"), again.etag().as_str()), (NOTES, "\"r1\""));
        assert_eq!(made(again), [notes[0].clone(), changed.expect(200).json()]);
        let reused = teacher.post_once(NOTES, &together(&[&sem]), "samen");
        reused.expect(409).problem("idempotency-key-reused");

        // What is out of her reach since is not shown again.
        let moved = json!({"groupId": class.school.group("De Vlinders"), "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{sem}/placements"), &moved).expect(201);
        assert_eq!(made(teacher.post_once(NOTES, &body, "samen")), [notes[0].clone()]);
        assert_eq!(class.school.admin.list(NOTES).len(), 2);
        // A request that was refused does not use up its key.
        teacher.post_once(NOTES, &together(&[&class.pupil, &sem]), "later").refuses(&[("/pupilIds/1", "unknown-pupil")]);
        teacher.post_once(NOTES, &together(&[&class.pupil]), "later").expect(201);
    }

    fn a_batch_holds_notes_about_several_and_the_feed_tells_each(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let sem = class.child("Sem", "2022-06-01");
        let next_door = class.school.group("De Vlinders");
        let siem = class.school.pupil("Siem", &next_door);
        let both = class.school.member(Function::Teacher, &[&class.group, &next_door]).client;
        let begun = teacher.get("/v1/changes").expect(200).json();
        let operations = json!({"operations": [
            {"method": "POST", "path": NOTES, "idempotencyKey": "een", "body": together(&[&class.pupil, &sem, &siem])},
            {"method": "POST", "path": NOTES, "idempotencyKey": "twee", "body": together(&[&class.pupil, ABSENT])},
        ]});
        let sent = [0, 1].map(|_| both.post("/v1/batches", &operations).expect(200).json()["results"].clone());
        assert_eq!(sent[0], sent[1], "a batch that is sent again makes nothing twice");
        assert_eq!((&sent[0][0]["status"], &sent[0][1]["status"]), (&json!(201), &json!(400)));
        assert_eq!(sent[0][1]["body"]["errors"][0]["pointer"], "/pupilIds/1");
        let notes = sent[0][0]["body"]["notes"].as_array().unwrap();
        assert_eq!(both.list(NOTES).len(), 3);

        let told = teacher.get(&format!("/v1/changes?after={}", text(&begun["cursor"]))).expect(200).json();
        let mut told: Vec<_> = told["changes"].as_array().unwrap().iter().map(|change| {
            assert_eq!((&change["kind"], &change["change"]), (&json!("note"), &json!("created")));
            (text(&change["id"]), text(&change["pupilId"]))
        }).collect();
        told.sort();
        let mut hers: Vec<_> = notes[..2].iter().map(|note| (text(&note["id"]), text(&note["pupilId"]))).collect();
        hers.sort();
        assert_eq!(told, hers, "of the child next door she hears nothing");
    }
}
