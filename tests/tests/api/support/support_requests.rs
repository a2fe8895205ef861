//! What institutions ask advisers, and that an adviser is shown what that is about and nothing else.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::SupportKind;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::support::{ask_about, begin, request_for_case, request_to_answer};
use groeilijn_tests::{Class, Client, Server, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::policy::follow_up_of;

const PATH: &str = "/v1/support-requests";

/// An adviser who answers a request.
fn answering(server: &Server, class: &Class, asked: &str) -> Client {
    let body = request_to_answer(server, &class.school, asked);
    begin(&server.staff(ProcessorFunction::Adviser), &body).0
}

fn received(on: &str) -> Value {
    json!({"question": "Hoe nu verder?", "askedBy": "De directie.", "channel": "call", "receivedOn": on})
}

both_databases! {
    fn c010_an_adviser_sees_the_children_of_the_request_and_no_others(server: Server) {
        let class = server.class();
        let hidden = class.child("Sem", "2022-06-04");
        let judged = json!({"scales": {"curious-and-enterprising": 3}});
        let [shown, other] = [&class.pupil, &hidden].map(|pupil| class.register(pupil, "2026-11-20", &judged));
        let asked = ask_about(&class.school, &json!({"pupilIds": [class.pupil]}));
        let looking = answering(server, &class, &asked);
        assert_eq!(looking.list("/v1/pupils").len(), 1);
        looking.get(&format!("/v1/registrations/{shown}")).expect(200);
        looking.get(&format!("/v1/pupils/{}/overview", class.pupil)).expect(200);
        for path in [
            format!("/v1/pupils/{hidden}"),
            format!("/v1/pupils/{hidden}/overview"),
            format!("/v1/registrations/{other}"),
            format!("/v1/groups/{}", class.group),
            format!("/v1/groups/{}/overview", class.group),
            format!("/v1/groups/{}/pupils", class.group),
        ] {
            looking.get(&path).expect(404).problem("not-found");
        }
        assert!(looking.list("/v1/groups").is_empty());
    }

    fn c010_an_adviser_sees_the_group_of_the_request_and_no_other(server: Server) {
        let class = server.class();
        let elsewhere = class.school.group("De Vlinders");
        let hidden = class.school.pupil("Sem", &elsewhere);
        let asked = ask_about(&class.school, &json!({"groupId": class.group}));
        let looking = answering(server, &class, &asked);
        assert_eq!(looking.list("/v1/groups").len(), 1);
        assert_eq!(looking.list("/v1/pupils").len(), 1);
        looking.get(&format!("/v1/groups/{}/overview", class.group)).expect(200);
        looking.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        for path in [format!("/v1/pupils/{hidden}"), format!("/v1/groups/{elsewhere}")] {
            looking.get(&path).expect(404).problem("not-found");
        }
    }

    fn c010_a_request_about_parts_alone_shows_no_child(server: Server) {
        let class = server.class();
        let asked = ask_about(&class.school, &json!({"parts": ["frameworks", "pupils"]}));
        let looking = answering(server, &class, &asked);
        looking.get(&format!("/v1/frameworks/{}", class.framework)).expect(200);
        assert!(looking.list("/v1/pupils").is_empty());
        looking.get(&format!("/v1/pupils/{}", class.pupil)).expect(404);
        looking.get("/v1/groups").expect(403).problem("forbidden");
        let mut body = request_to_answer(server, &class.school, &asked);
        body["parts"] = json!(["groups"]);
        let adviser = server.staff(ProcessorFunction::Adviser);
        adviser.post("/v1/support-sessions", &body).refuses(&[("/parts", "beyond-the-request")]);
    }

    fn c010_closing_a_request_ends_what_rests_on_it_at_once(server: Server) {
        let class = server.class();
        let asked = ask_about(&class.school, &json!({"groupId": class.group}));
        let looking = answering(server, &class, &asked);
        looking.get("/v1/groups").expect(200);
        class.school.admin.call("DELETE", &format!("{PATH}/{asked}")).send().expect(204);
        assert_eq!(looking.get("/v1/groups").expect(403).problem("forbidden").code(), "no-request");
        let adviser = server.staff(ProcessorFunction::Adviser);
        let again = request_to_answer(server, &class.school, &asked);
        assert_eq!(adviser.post("/v1/support-sessions", &again).expect(403).code(), "no-request");
        adviser.get(&format!("{PATH}/{asked}")).expect(404);
        assert!(class.school.admin.list(PATH)[0]["closedAt"].is_string());
    }

    fn c010_a_request_counts_for_thirty_days(server: Server) {
        let class = server.class();
        let asked = ask_about(&class.school, &json!({"groupId": class.group}));
        server.clock.advance(SignedDuration::from_hours(30 * 24));
        let body = request_to_answer(server, &class.school, &asked);
        let adviser = server.staff(ProcessorFunction::Adviser);
        assert_eq!(adviser.post("/v1/support-sessions", &body).expect(403).code(), "no-request");
    }

    fn c146_a_recorded_request_shows_nothing_before_an_administrator_approves_it(server: Server) {
        let class = server.class();
        let adviser = server.staff(ProcessorFunction::Adviser);
        let record = format!("/v1/institutions/{}/support-requests", class.school.id);
        adviser.post(&record, &received("2026-11-22")).refuses(&[("/receivedOn", "in-the-future")]);
        let log = server.audit_log(&class.school.id);
        let made = adviser.post_once(&record, &received("2026-11-20"), "eenmaal").expect(201);
        let entry = &log.added(&server.audit_log(&class.school.id))[0];
        assert_eq!(entry.objects, [(ObjectKind::SupportRequest, made.id())]);
        server.anyone().mailbox().wait_for(&format!("beheerder@{}", class.school.domain), "per brief of in een gesprek", 1);
        let body = request_to_answer(server, &class.school, &made.id());
        assert_eq!(adviser.post("/v1/support-sessions", &body).expect(403).code(), "no-request");
        let approve = format!("{PATH}/{}/_approve", made.id());
        for client in [&adviser, &class.teacher.client] {
            client.post(&approve, &json!({"groupId": class.group})).expect(403).problem("forbidden");
        }
        let approved = class.school.admin.post(&approve, &json!({"pupilIds": [class.pupil]})).expect(200).json();
        assert_eq!(approved["approvedBy"], class.school.admin_id.as_str());
        assert_eq!((&approved["askedBy"], &approved["channel"]), (&json!("De directie."), &json!("call")));
        let log = server.audit_log(&class.school.id);
        let again = adviser.post_once(&record, &received("2026-11-20"), "eenmaal").expect(201);
        assert_eq!((again.json(), again.header("Location")), (approved, made.header("Location")));
        let objects = &log.added(&server.audit_log(&class.school.id))[0].objects;
        assert!(objects.contains(&(ObjectKind::Pupil, class.pupil.clone())), "{objects:?}");
        let refused = class.school.admin.post(&approve, &json!({})).expect(409).problem("conflict");
        assert_eq!(refused.code(), "already-approved");
        let (looking, _) = begin(&adviser, &body);
        assert_eq!(looking.list("/v1/pupils").len(), 1);
        assert_eq!(adviser.get(&format!("{PATH}/{}", made.id())).expect(200).json()["question"], "Hoe nu verder?");
        assert_eq!(adviser.list(PATH)[0]["question"], Value::Null);
    }

    fn everybody_asks_about_what_she_sees_and_reads_her_own(server: Server) {
        let class = server.class();
        let elsewhere = class.school.group("De Vlinders");
        let hidden = class.school.pupil("Sem", &elsewhere);
        let teacher = &class.teacher.client;
        let with = |subject: Value| {
            let mut body = json!({"question": "Wat nu?"});
            body.as_object_mut().unwrap().extend(subject.as_object().unwrap().clone());
            teacher.post(PATH, &body)
        };
        with(json!({"pupilIds": [class.pupil, hidden, ABSENT]}))
            .refuses(&[("/pupilIds/1", "unknown-pupil"), ("/pupilIds/2", "unknown-pupil")]);
        with(json!({"groupId": elsewhere})).refuses(&[("/groupId", "unknown-group")]);
        with(json!({"groupId": class.group, "pupilIds": [class.pupil], "parts": ["notes"]}))
            .refuses(&[("/groupId", "not-beside-pupils"), ("/parts/0", "beyond-the-kind")]);
        let own = with(json!({"pupilIds": [class.pupil]})).expect(201).json();
        let others = ask_about(&class.school, &json!({"groupId": elsewhere}));
        assert_eq!(teacher.list(PATH), vec![own.clone()]);
        assert_eq!(class.school.admin.list(PATH).len(), 2);
        teacher.sees_nothing(&others, &[
            ("GET", "/v1/support-requests/{}", json!(null)), ("DELETE", "/v1/support-requests/{}", json!(null)),
        ]);
        server.school().admin.sees_nothing(&text(&own["id"]), &[
            ("GET", "/v1/support-requests/{}", json!(null)), ("DELETE", "/v1/support-requests/{}", json!(null)),
            ("POST", "/v1/support-requests/{}/_approve", json!({})),
        ]);
        let officer = class.school.member(Function::QualityOfficer, &[]).client;
        officer.post(PATH, &json!({"question": "Wat nu?"})).expect(403).problem("forbidden");
    }

    fn c050_free_text_is_masked_unless_it_is_said_why_it_is_needed(server: Server) {
        let class = server.class();
        let pupil = format!("/v1/pupils/{}", class.pupil);
        class.school.admin.change(&pupil, &json!({"particulars": "Draagt een bril."})).expect(200);
        let notes = format!("{pupil}/notes");
        let note = class.teacher.client.post(&notes, &json!({"text": "Bouwt een brug."})).expect(201);
        let note = note.header("Location");
        class.teacher.client.change(note, &json!({"text": "Bouwt een toren."})).expect(200);
        let revisions = format!("{note}/revisions");
        let judged = json!({"scales": {"curious-and-enterprising": 3}});
        let registration = class.register(&class.pupil, "2026-11-20", &judged);
        let versions = format!("/v1/registrations/{registration}/versions");
        class.teacher.client.post(&versions, &json!({"reason": "Te snel ingevuld."})).expect(201);
        let goal = format!("/v1/goals/{}", class.goal("play", &[&class.pupil]));
        class.teacher.client.post(&format!("{goal}/offers"), &json!({"text": "Poppenkast."})).expect(201);
        let follow_up = format!("/v1/follow-ups/{}", follow_up_of(&class.teacher.client, &class.pupil));
        let finish = class.teacher.client.call("POST", &format!("{follow_up}/_finish")).header("If-Match", "*");
        finish.json(&json!({"outcome": "Speelt mee."})).send().expect(200);
        let mut body = request_for_case(server, &class.school, SupportKind::Emergency);
        for (reason, shown) in [(Value::Null, false), (json!("De fout zit in de tekst."), true)] {
            body["freeTextReason"] = reason.clone();
            let begun = server.platform().post("/v1/support-sessions", &body).expect(201).json();
            assert_eq!(begun["supportSession"]["freeTextReason"], reason);
            let looking = server.anyone().with_token(&text(&begun["accessToken"]));
            let texts = [
                (looking.get(&pupil).expect(200).json(), "particulars", "Draagt een bril."),
                (looking.list(&notes)[0].clone(), "text", "Bouwt een toren."),
                (looking.get(note).expect(200).json(), "text", "Bouwt een toren."),
                (looking.list(&revisions)[0].clone(), "text", "Bouwt een brug."),
                (looking.list(&versions)[1].clone(), "reason", "Te snel ingevuld."),
                (looking.get(&goal).expect(200).json(), "text", "Samen een verhaal naspelen."),
                (looking.get(&follow_up).expect(200).json(), "plan", "Samen spelen."),
            ];
            for (seen, field, text) in texts {
                let expected = if shown { json!(text) } else { Value::Null };
                assert_eq!((&seen[field], &seen["masked"]), (&expected, &json!(!shown)), "{field}");
            }
            let offered = looking.get(&goal).expect(200).json()["offers"][0]["text"].clone();
            assert_eq!(offered, if shown { json!("Poppenkast.") } else { Value::Null });
            let outcome = looking.get(&follow_up).expect(200).json()["finished"]["outcome"].clone();
            assert_eq!(outcome, if shown { json!("Speelt mee.") } else { Value::Null });
            // Who wrote it is a colleague's to know, whatever is shown.
            let unnamed = json!({"id": class.teacher.id, "name": null});
            assert_eq!(looking.get(note).expect(200).json()["author"], unnamed);
            assert_eq!(looking.list(&versions)[0]["author"], unnamed);
        }
        assert_eq!(class.teacher.client.list(&notes)[0]["masked"], false);
        let address = format!("beheerder@{}", class.school.domain);
        for told in ["zijn daarbij niet te lezen", "zijn daarbij te lezen"] {
            server.anyone().mailbox().wait_for(&address, told, 1);
        }
        let mut coupled = body.clone();
        coupled["kind"] = json!("coupling");
        let adviser = server.staff(ProcessorFunction::Adviser);
        adviser.post("/v1/support-sessions", &coupled).refuses(&[("/freeTextReason", "beyond-the-kind")]);
    }
}
