//! Notes: written every day, changed by their author alone, and no earlier text lost.

mod of_several;
mod put_right;
mod search;

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::framework::{new_framework, publish};
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::{Client, both_databases, twice_at_once};
use serde_json::{Value, json};

const LINES: [&str; 2] = ["spoken-language", "gross-motor-skills"];

fn notes_of(pupil: &str) -> String {
    format!("/v1/pupils/{pupil}/notes")
}

/// What of each item is at `field`.
fn each(items: &[Value], field: &str) -> Vec<Value> {
    items.iter().map(|item| item[field].clone()).collect()
}

both_databases! {
    fn a_note_is_of_today_and_of_who_writes_it(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let made = teacher.post(&notes_of(&class.pupil), &json!({"text": "Klom alleen op de glijbaan."})).expect(201);
        let note = made.json();
        assert_eq!(note["pupilId"], class.pupil.as_str());
        assert_eq!(note["authorId"], class.teacher.id.as_str());
        assert_eq!(note["observedOn"], "2026-11-21");
        assert_eq!(note["text"], "Klom alleen op de glijbaan.");
        assert_eq!(note["lines"], json!([]));
        assert_eq!(note["createdAt"], note["changedAt"]);

        let path = format!("/v1/notes/{}", made.id());
        assert_eq!(made.header("Location"), path);
        let read = teacher.get(&path).expect(200);
        assert_eq!((read.json(), read.etag()), (note.clone(), made.etag()));
        teacher.call("GET", &path).header("If-None-Match", &made.etag()).send().expect(304);
        assert_eq!(teacher.list(&notes_of(&class.pupil)), [note]);
        assert_eq!(teacher.list(&format!("{path}/revisions")), [Value::Null; 0]);
    }

    fn c027_notes_are_written_every_day_and_found_by_the_day_in_amsterdam(server: Server) {
        let class = server.class();
        let notes = notes_of(&class.pupil);
        for evening in ["2026-11-21T22:59:00Z", "2026-11-21T23:01:00Z", "2026-11-23T20:00:00Z"] {
            server.clock.set(evening);
            let teacher = server.anyone().log_in(&class.teacher.email, PASSWORD);
            teacher.post(&notes, &json!({"text": "Nog een dag."})).expect(201);
        }
        let teacher = server.anyone().log_in(&class.teacher.email, PASSWORD);
        let days = |query: &str| each(&teacher.list(&format!("{notes}{query}")), "observedOn");
        assert_eq!(days(""), ["2026-11-23", "2026-11-22", "2026-11-21"]);
        assert_eq!(days("?from=2026-11-22"), ["2026-11-23", "2026-11-22"]);
        assert_eq!(days("?until=2026-11-22"), ["2026-11-22", "2026-11-21"]);
        assert_eq!(days("?from=2026-11-22&until=2026-11-22"), ["2026-11-22"]);
        assert_eq!(days("?from=2026-11-24"), Vec::<Value>::new());
    }

    fn c003_a_note_is_read_unchanged_through_the_client_of_another_user(server: Server) {
        let class = server.class();
        let colleagues = [
            class.school.member(Function::Teacher, &[&class.group]).client,
            class.school.member(Function::InternBegeleider, &[]).client,
            class.school.admin.clone(),
        ];
        let body = json!({
            "id": "01999999-aaaa-7000-8000-00000000000a",
            "text": "Zei: \"Ík ben drié!\" 🐛\n\tDaarna \\ niets — <b>c'est fini</b> &amp; 1 < 2; naïef ĳs.",
            "observedOn": "2026-11-20", "lines": LINES, "frameworkId": class.framework,
        });
        let notes = notes_of(&class.pupil);
        let written = class.teacher.client.post(&notes, &body).expect(201);
        for field in ["id", "text", "observedOn", "lines"] {
            assert_eq!(written.json()[field], body[field]);
        }
        for colleague in &colleagues {
            let read = colleague.get(written.header("Location")).expect(200);
            assert_eq!(read.body, written.body);
            assert_eq!(colleague.list(&notes), [written.json()]);
        }
        server.restart();
        let colleague = server.anyone().with_token(colleagues[1].token());
        assert_eq!(colleague.get(written.header("Location")).expect(200).body, written.body);
    }

    fn c003_what_one_app_writes_every_other_reads_unchanged_byte_for_byte(server: Server) {
        let class = server.class();
        let notes = notes_of(&class.pupil);
        let apps = ["Registratie/4.2", "Monitoring/2.0", "Mobiel/7.1 (Android 15)"];
        let sessions = apps.map(|app| (app, server.anyone().log_in(&class.teacher.email, PASSWORD)));
        let products = |products: Value| {
            let licence = format!("/v1/institutions/{}/licence", class.school.id);
            server.platform().change(&licence, &json!({ "products": products })).expect(200);
        };
        let read = |(app, client): &(&str, Client), path: &str| {
            client.call("GET", path).header("User-Agent", app).send().expect(200)
        };
        for (number, writer) in sessions.iter().enumerate() {
            products(json!([["registration"], ["monitoring"], ["mobile"]][number]));
            let body = json!({"text": format!("Zei: \"Ík ben drié!\" 🐛\n\tEn toen {number} \\ ĳs."), "lines": LINES, "frameworkId": class.framework});
            let written = writer.1.call("POST", &notes).header("User-Agent", writer.0).json(&body).send().expect(201);
            for field in ["text", "lines"] {
                assert_eq!(written.json()[field], body[field]);
            }
            products(json!(["registration", "monitoring", "mobile"]));
            for reader in &sessions {
                let found = read(reader, written.header("Location"));
                assert_eq!((&found.body, found.etag()), (&written.body, written.etag()), "{}", reader.0);
                assert!(read(reader, &notes).items().contains(&written.json()), "{}", reader.0);
            }
        }
    }

    fn c071_only_its_author_changes_a_note_and_every_earlier_text_stays_readable(server: Server) {
        let class = server.class();
        let author = &class.teacher.client;
        let path = format!("/v1/notes/{}", class.note(&class.pupil, "2026-11-20", &LINES));
        let first = author.get(&path).expect(200);
        let changes = [
            json!({"text": "Vertelt over de verhuizing."}),
            json!({"observedOn": "2026-11-19"}),
            json!({"lines": ["spoken-language"], "frameworkId": class.framework}),
        ];
        let mut texts = vec![first.json()];
        for change in &changes {
            let changed = author.change(&path, change).expect(200);
            assert_eq!(changed.body, author.get(&path).expect(200).body);
            assert_eq!(changed.json()["createdAt"], first.json()["createdAt"]);
            texts.push(changed.json());
        }
        let now = texts.pop().unwrap();
        assert_eq!(now["text"], "Vertelt over de verhuizing.");
        assert_eq!((&now["observedOn"], &now["lines"]), (&json!("2026-11-19"), &json!(["spoken-language"])));

        let colleague = class.school.member(Function::InternBegeleider, &[]).client;
        let refused = colleague.change(&path, &json!({"text": "Nee."})).expect(403).problem("forbidden");
        assert_eq!(refused.code(), "not-the-author");
        class.school.admin.change(&path, &json!({"text": "Nee."})).expect(403).problem("forbidden");
        assert_eq!(colleague.get(&path).expect(200).json(), now);

        for reader in [author, &colleague] {
            let earlier = reader.list(&format!("{path}/revisions?limit=1"));
            assert_eq!(each(&earlier, "revision"), [3, 2, 1]);
            for (earlier, then) in earlier.iter().zip(texts.iter().rev()) {
                for field in ["text", "observedOn", "lines"] {
                    assert_eq!(earlier[field], then[field]);
                }
                assert_eq!(earlier["writtenAt"], then["changedAt"]);
            }
        }
    }

    fn everything_wrong_with_a_note_is_told_at_once(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let notes = notes_of(&class.pupil);
        let wrong = |body: Value, errors: &[(&str, &str)]| {
            teacher.post(&notes, &body).refuses(errors);
        };
        wrong(
            json!({"text": "Zwaait.", "observedOn": "2026-11-22", "lines": ["zingen"]}),
            &[("/observedOn", "in-the-future"), ("/lines", "not-in-framework")],
        );
        wrong(
            json!({"text": "Zwaait.", "observedOn": "2022-05-03", "lines": ["spoken-language", "spoken-language"]}),
            &[("/observedOn", "before-birth"), ("/lines", "not-unique")],
        );
        wrong(
            json!({"text": "Zwaait.", "observedOn": "2026-11-22", "frameworkId": class.pupil}),
            &[("/observedOn", "in-the-future"), ("/frameworkId", "not-published")],
        );
        wrong(
            json!({"text": "Zwaait.", "lines": vec!["spoken-language"; 21]}),
            &[("/lines", "too-many"), ("/lines", "not-unique")],
        );
        wrong(
            json!({
                "id": "7", "text": " ", "observedOn": "21-11-2026", "lines": ["spoken-language", "Praten!", 3],
                "frameworkId": null, "colour": "blue",
            }),
            &[
                ("/id", "not-a-uuid"),
                ("/text", "empty"),
                ("/observedOn", "not-a-date"),
                ("/lines/1", "not-a-code"),
                ("/lines/2", "not-a-string"),
                ("/colour", "unknown-field"),
            ],
        );
        wrong(json!({"text": "a".repeat(10_001)}), &[("/text", "too-long")]);
        wrong(json!({}), &[("/text", "required")]);
        assert_eq!(teacher.list(&notes), [Value::Null; 0]);

        let path = format!("/v1/notes/{}", class.note(&class.pupil, "2022-05-04", &LINES));
        let before = teacher.get(&path).expect(200);
        teacher.change(&path, &json!({"text": null, "lines": "geen", "authorId": class.pupil})).refuses(&[
            ("/text", "null"),
            ("/lines", "not-an-array"),
            ("/authorId", "unknown-field"),
        ]);
        teacher.change(&path, &json!({"observedOn": "2026-11-22", "lines": ["zingen"]})).refuses(&[
            ("/observedOn", "in-the-future"),
            ("/lines", "not-in-framework"),
        ]);
        assert_eq!(teacher.get(&path).expect(200).body, before.body);
        teacher.get(&format!("{notes}?limit=0&from=gisteren&cursor=x&order=text")).refuses(&[
            ("limit", "out-of-range"),
            ("from", "not-a-date"),
            ("cursor", "not-a-cursor"),
            ("order", "unknown-parameter"),
        ]);
        teacher.get("/v1/notes/1").refuses(&[("noteId", "not-a-uuid")]);
    }

    fn lines_are_of_the_newest_framework_unless_another_is_named(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let path = format!("/v1/notes/{}", class.note(&class.pupil, "2026-11-20", &LINES));
        let platform = server.platform();
        let draft = platform.post("/v1/frameworks", &new_framework(2, &["tekenen"])).expect(201).id();
        let newest = publish(&platform, &new_framework(1, &["zingen"]));
        let notes = notes_of(&class.pupil);
        let write = |lines: &[&str], framework: Option<&str>| {
            teacher.post(&notes, &json!({"text": "Zingt.", "lines": lines, "frameworkId": framework}))
        };
        write(&["zingen"], None).expect(201);
        write(&["zingen"], Some(&newest)).expect(201);
        write(&LINES, Some(&class.framework)).expect(201);
        write(&LINES, None).refuses(&[("/lines", "not-in-framework")]);
        write(&["zingen"], Some(&class.framework)).refuses(&[("/lines", "not-in-framework")]);
        write(&["tekenen"], Some(&draft)).refuses(&[("/frameworkId", "not-published")]);

        // Lines that stay are not checked again.
        let changed = teacher.change(&path, &json!({"text": "Vertelt."})).expect(200).json();
        assert_eq!(changed["lines"], json!(LINES));
        teacher.change(&path, &json!({"lines": LINES})).refuses(&[("/lines", "not-in-framework")]);
        teacher.change(&path, &json!({"lines": []})).expect(200);
    }

    fn who_changes_a_note_has_seen_it_as_it_is(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let path = format!("/v1/notes/{}", class.note(&class.pupil, "2026-11-20", &[]));
        let etag = teacher.get(&path).expect(200).etag();
        let change = json!({"text": "Anders."});
        teacher.call("PATCH", &path).merge_patch(&change).send().expect(428).problem("precondition-required");
        let mut answers = twice_at_once(|| teacher.patch(&path, &etag, &change).status);
        answers.sort_unstable();
        assert_eq!(answers, [200, 412]);
        teacher.patch(&path, &etag, &change).expect(412).problem("precondition-failed");
        assert_eq!(teacher.list(&format!("{path}/revisions")).len(), 1);
        let plain = teacher.call("PATCH", &path).header("If-Match", "*").body("text/plain", b"Anders.");
        plain.send().expect(415);
    }

    fn a_note_that_is_sent_again_is_written_once(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let notes = notes_of(&class.pupil);
        let body = json!({"text": "Telt tot tien."});
        let [one, other] = twice_at_once(|| teacher.post_once(&notes, &body, "een").expect(201));
        assert_eq!((one.visible(), one.etag()), (other.visible(), other.etag()));
        assert_eq!(one.header("Location"), other.header("Location"));
        teacher.change(one.header("Location"), &json!({"text": "Telt tot twintig."})).expect(200);
        assert_eq!(teacher.post_once(&notes, &body, "een").expect(201).json()["text"], "Telt tot twintig.");
        let reused = teacher.post_once(&notes, &json!({"text": "Iets anders."}), "een");
        reused.expect(409).problem("idempotency-key-reused");
        assert_eq!(teacher.list(&notes).len(), 1);

        let own_id = json!({"id": one.id(), "text": "Telt tot tien."});
        assert_eq!(teacher.post(&notes, &own_id).expect(409).problem("conflict").code(), "id-in-use");
    }

    fn a_note_that_its_author_sends_again_with_its_id_is_written_once(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let notes = format!("/v1/pupils/{}/notes", class.pupil);
        let body = json!({"id": ABSENT, "text": "Telt tot tien.", "observedOn": "2026-11-20"});
        let made = teacher.post(&notes, &body).expect(201);
        let again = teacher.post(&notes, &body).expect(201);
        assert_eq!((again.visible(), again.etag()), (made.visible(), made.etag()));
        assert_eq!(again.header("Location"), made.header("Location"));
        assert_eq!(teacher.list(&notes).len(), 1);

        let in_use = |client: &Client, path: &str, body: &Value| {
            assert_eq!(client.post(path, body).expect(409).problem("conflict").code(), "id-in-use");
        };
        in_use(teacher, &notes, &json!({"id": ABSENT, "text": "Telt tot elf.", "observedOn": "2026-11-20"}));
        in_use(teacher, &notes, &json!({"id": ABSENT, "text": "Telt tot tien.", "observedOn": "2026-11-19"}));
        let other_child = format!("/v1/pupils/{}/notes", class.child("Sem", "2022-06-01"));
        in_use(teacher, &other_child, &body);
        in_use(&class.school.teacher(&class.group), &notes, &body);
        teacher.change(made.header("Location"), &json!({"text": "Telt tot twintig."})).expect(200);
        in_use(teacher, &notes, &body);
    }

    fn notes_are_listed_to_the_last_page(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let mut made: Vec<_> = (1..=7).map(|day| class.note(&class.pupil, &format!("2026-11-0{day}"), &[])).collect();
        made.reverse();
        let notes = notes_of(&class.pupil);
        for limit in [1, 3, 7, 100] {
            assert_eq!(each(&teacher.list(&format!("{notes}?limit={limit}")), "id"), made);
        }
        let from = each(&teacher.list(&format!("{notes}?limit=2&from=2026-11-03")), "id");
        assert_eq!(from, made[..5]);
    }

    fn notes_about_a_child_out_of_reach_are_not_there(server: Server) {
        let class = server.class();
        let note = class.note(&class.pupil, "2026-11-20", &[]);
        let text = json!({"text": "Zwaait."});
        let of_pupil = [
            ("GET", "/v1/pupils/{}/notes", Value::Null),
            ("POST", "/v1/pupils/{}/notes", text.clone()),
        ];
        let of_note = [
            ("GET", "/v1/notes/{}", Value::Null),
            ("PATCH", "/v1/notes/{}", text.clone()),
            ("POST", "/v1/notes/{}/_withdraw", json!({"reason": "Verkeerd kind."})),
            ("POST", "/v1/notes/{}/_move", json!({"pupilId": class.pupil, "reason": "Verkeerd kind."})),
            ("GET", "/v1/notes/{}/revisions", Value::Null),
        ];
        let next_door = class.school.group("De Vlinders");
        let elsewhere = server.class();
        let strangers = [
            class.school.teacher(&next_door),
            class.school.member(Function::Teacher, &[]).client,
            elsewhere.teacher.client,
            elsewhere.school.member(Function::InternBegeleider, &[]).client,
        ];
        for stranger in &strangers {
            stranger.sees_nothing(&class.pupil, &of_pupil);
            stranger.sees_nothing(&note, &of_note);
        }
        assert_eq!(class.teacher.client.list(&notes_of(&class.pupil)).len(), 1);

        // With the child, its notes move on to the next teacher.
        let placement = json!({"groupId": next_door, "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &placement).expect(201);
        class.teacher.client.sees_nothing(&note, &of_note);
        strangers[0].get(&format!("/v1/notes/{note}")).expect(200);
        let in_no_group = class.school.admin.post("/v1/pupils", &new_pupil("Siem")).expect(201).id();
        class.teacher.client.sees_nothing(&in_no_group, &of_pupil);
    }

    /// C066, C071: whoever may write notes mends a typing error of her own, a coach too, and nobody else's.
    fn c071_whoever_writes_notes_mends_her_own(server: Server) {
        let class = server.class();
        let writers =
            [Function::Teacher, Function::ChildcareWorker, Function::InternBegeleider, Function::PedagogicalCoach];
        let of_another = class.note(&class.pupil, "2026-11-20", &[]);
        for function in writers {
            let writer = class.school.member(function, &[&class.group]).client;
            let note = writer.post(&notes_of(&class.pupil), &json!({"text": "Zwaiat."})).expect(201).id();
            let mended = writer.change(&format!("/v1/notes/{note}"), &json!({"text": "Zwaait."})).expect(200).json();
            assert_eq!(mended["text"], "Zwaait.", "{function:?}");
            let refused = writer.change(&format!("/v1/notes/{of_another}"), &json!({"text": "Zwaait."}));
            assert_eq!(refused.expect(403).problem("forbidden").code(), "not-the-author");
        }
    }

    /// C022: a colleague sees who wrote a note, by her present name, also when she left.
    fn c022_a_note_tells_the_name_of_who_wrote_it(server: Server) {
        let class = server.class();
        let author = json!({"id": class.teacher.id, "name": "Fien van Verzonnen"});
        let made = class.teacher.client.post(&notes_of(&class.pupil), &json!({"text": "Zwaait."})).expect(201);
        assert_eq!(made.json()["author"], author);
        let path = format!("/v1/notes/{}", made.id());
        let changed = class.teacher.client.change(&path, &json!({"text": "Zwaait weer."})).expect(200).json();
        assert_eq!(changed["author"], author);
        let coach = class.school.member(Function::InternBegeleider, &[]).client;
        let married = json!({"lastName": "Verzonnen-Bedacht", "infix": null});
        class.school.admin.change(&format!("/v1/users/{}", class.teacher.id), &married).expect(200);
        let renamed = json!({"id": class.teacher.id, "name": "Fien Verzonnen-Bedacht"});
        assert_eq!(coach.get(&path).expect(200).json()["author"], renamed);
        let blocked = json!({"state": "blocked", "reason": "Werkt hier niet meer."});
        class.school.admin.change(&format!("/v1/users/{}", class.teacher.id), &blocked).expect(200);
        assert_eq!(coach.list(&notes_of(&class.pupil))[0]["author"], renamed);
    }

    fn c024_only_who_follows_a_child_writes_about_it(server: Server) {
        let class = server.class();
        let notes = notes_of(&class.pupil);
        let text = json!({"text": "Zwaait."});
        for (function, reads, writes) in [
            (Function::Administrator, 200, 403),
            (Function::Teacher, 200, 201),
            (Function::ChildcareWorker, 200, 201),
            (Function::InternBegeleider, 200, 201),
            (Function::Management, 403, 403),
            (Function::QualityOfficer, 403, 403),
            (Function::PedagogicalCoach, 200, 201),
        ] {
            let client = class.school.member(function, &[&class.group]).client;
            client.get(&notes).expect(reads);
            client.post(&notes, &text).expect(writes);
        }
        let platform = server.platform();
        platform.get(&notes).expect(403).problem("forbidden");
        platform.post(&notes, &text).expect(403).problem("forbidden");
        server.anyone().get(&notes).expect(401).problem("unauthenticated");
    }
}
