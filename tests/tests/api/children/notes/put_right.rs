//! Notes that are withdrawn, or moved to the right child.

use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::{Client, Reply, both_databases, twice_at_once};
use serde_json::{Value, json};

use super::{LINES, notes_of};

fn put_right(client: &Client, note: &str, how: &str, body: &Value) -> Reply {
    let path = format!("/v1/notes/{note}");
    let etag = client.get(&path).expect(200).etag();
    client.call("POST", &format!("{path}/{how}")).header("If-Match", &etag).json(body).send()
}

fn withdraw(client: &Client, note: &str) -> Reply {
    put_right(client, note, "_withdraw", &json!({"reason": "Was een ander kind."}))
}

fn to(pupil: &str) -> Value {
    json!({"pupilId": pupil, "reason": "Was een ander kind."})
}

both_databases! {
    /// C070, C071: it stays readable with its earlier texts, is marked, and is never changed again.
    fn c071_a_withdrawn_note_stays_readable_and_marked(server: Server) {
        let class = server.class();
        let author = &class.teacher.client;
        let note = class.note(&class.pupil, "2026-11-20", &LINES);
        let path = format!("/v1/notes/{note}");
        let mut before = author.change(&path, &json!({"text": "Vertelt."})).expect(200).json();
        let earlier = author.list(&format!("{path}/revisions"));
        let withdrawn = withdraw(author, &note).expect(200);
        before["etag"] = json!(withdrawn.etag());
        let at = withdrawn.json()["withdrawal"]["withdrawnAt"].clone();
        before["withdrawal"] =
            json!({"reason": "Was een ander kind.", "withdrawnBy": class.teacher.id, "author": before["author"], "withdrawnAt": at});
        assert!(at.is_string());
        assert_eq!(withdrawn.json(), before);
        assert_eq!(author.list(&notes_of(&class.pupil)), [before]);
        assert_eq!(author.list(&format!("{path}/revisions")), earlier);

        for refused in [
            withdraw(author, &note),
            put_right(author, &note, "_move", &to(&class.child("Sem", "2022-05-04"))),
            author.change(&path, &json!({"text": "Toch wel."})),
        ] {
            assert_eq!(refused.expect(409).problem("conflict").code(), "withdrawn");
        }
        assert_eq!(author.get(&path).expect(200).body, withdrawn.body);
    }

    /// C028: a line knows of the note no more.
    fn c028_a_withdrawn_note_counts_nowhere(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let note = class.note(&class.pupil, "2026-11-20", &LINES);
        let overview = || teacher.get(&format!("/v1/pupils/{}/overview", class.pupil)).expect(200).json().to_string();
        assert!(overview().contains(&note));
        withdraw(teacher, &note).expect(200);
        assert!(!overview().contains(&note));
    }

    /// C024: its author puts a note right, or the intern begeleider once she has left.
    fn c024_the_intern_begeleider_puts_right_what_who_left_wrote(server: Server) {
        let class = server.class();
        let school = &class.school;
        let colleagues = [Function::Teacher, Function::InternBegeleider, Function::PedagogicalCoach]
            .map(|function| school.member(function, &[&class.group]).client);
        let other = class.child("Sem", "2022-05-04");
        let refuse_all = |note: &str, clients: &[Client]| {
            for client in clients {
                let withdrawn = withdraw(client, note);
                let moved = put_right(client, note, "_move", &to(&other));
                withdrawn.expect(403).problem("forbidden");
                moved.expect(403).problem("forbidden");
            }
        };
        let notes = [1, 2].map(|_| class.note(&class.pupil, "2026-11-20", &[]));
        refuse_all(&notes[0], &colleagues);
        let refused = withdraw(&colleagues[1], &notes[0]).expect(403).problem("forbidden");
        assert_eq!(refused.code(), "not-the-author");

        let blocked = json!({"state": "blocked", "reason": "Werkt hier niet meer."});
        school.admin.change(&format!("/v1/users/{}", class.teacher.id), &blocked).expect(200);
        refuse_all(&notes[0], &[colleagues[0].clone(), colleagues[2].clone()]);
        withdraw(&colleagues[1], &notes[0]).expect(200);
        let moved = put_right(&colleagues[1], &notes[1], "_move", &to(&other)).expect(200).json();
        let there = colleagues[1].get(&format!("/v1/notes/{}", moved["movedTo"].as_str().unwrap())).expect(200).json();
        assert_eq!(there["authorId"], class.teacher.id.as_str());
    }

    /// C024, C071: day, words, lines and author go along, and both notes name each other.
    fn c024_a_moved_note_is_about_the_right_child(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let other = class.child("Sem", "2022-05-04");
        let note = class.note(&class.pupil, "2026-11-20", &LINES);
        let before = teacher.get(&format!("/v1/notes/{note}")).expect(200).json();
        let first = put_right(teacher, &note, "_move", &to(&other)).expect(200).json();
        assert_eq!(first["withdrawal"]["reason"], "Was een ander kind.");
        assert_eq!((&first["pupilId"], &first["movedFrom"]), (&json!(class.pupil), &Value::Null));
        let there = teacher.list(&notes_of(&other));
        assert_eq!(there.len(), 1);
        let there = &there[0];
        assert_eq!((&first["movedTo"], &there["movedFrom"]), (&there["id"], &json!(note)));
        for kept in ["text", "observedOn", "lines", "authorId"] {
            assert_eq!(there[kept], before[kept], "{kept}");
        }
        assert_eq!((&there["pupilId"], &there["withdrawal"], &there["movedTo"]), (&json!(other), &Value::Null, &Value::Null));
        let overview = |pupil: &str| teacher.get(&format!("/v1/pupils/{pupil}/overview")).expect(200).json().to_string();
        assert!(overview(&other).contains(there["id"].as_str().unwrap()));
        assert!(!overview(&class.pupil).contains(&note));
        let path = format!("/v1/notes/{}", there["id"].as_str().unwrap());
        let changed = teacher.change(&path, &json!({"text": "Vertelt verder."})).expect(200).json();
        assert_eq!(changed["movedFrom"], json!(note));
    }

    fn a_note_moves_once_and_to_a_child_who_is_there(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let note = class.note(&class.pupil, "2026-11-20", &[]);
        let path = format!("/v1/notes/{note}/_move");
        let next_door = class.school.pupil("Guus", &class.school.group("De Vlinders"));
        let younger = class.child("Fleur", "2026-11-21");
        let refuses = |body: Value, errors: &[(&str, &str)]| {
            teacher.call("POST", &path).header("If-Match", "*").json(&body).send().refuses(errors);
        };
        refuses(json!({}), &[("/pupilId", "required"), ("/reason", "required")]);
        refuses(json!({"pupilId": "1", "reason": " "}), &[("/pupilId", "not-a-uuid"), ("/reason", "empty")]);
        refuses(to(&class.pupil), &[("/pupilId", "same-pupil")]);
        refuses(to(&younger), &[("/pupilId", "before-birth")]);
        // One out of reach is answered as one who is not there.
        let absent = [next_door.as_str(), ABSENT, &server.class().pupil].map(|pupil| {
            let refused = teacher.call("POST", &path).header("If-Match", "*").json(&to(pupil)).send();
            refused.refuses(&[("/pupilId", "unknown-pupil")]);
            teacher.call("POST", &path).header("If-Match", "*").json(&to(pupil)).send().visible()
        });
        assert!(absent[0] == absent[1] && absent[1] == absent[2]);
        assert_eq!(teacher.get(&format!("/v1/notes/{note}")).expect(200).json()["withdrawal"], Value::Null);

        let sem = class.child("Sem", "2022-05-04");
        let etag = teacher.get(&format!("/v1/notes/{note}")).expect(200).etag();
        let go = || teacher.call("POST", &path).header("If-Match", &etag).json(&to(&sem)).send().status;
        let mut statuses = twice_at_once(go);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        assert_eq!(teacher.list(&notes_of(&sem)).len(), 1);
    }

    /// C070: one entry, which names both children.
    fn c070_moving_a_note_is_one_entry_that_names_both_children(server: Server) {
        let class = server.class();
        let other = class.child("Sem", "2022-05-04");
        let note = class.note(&class.pupil, "2026-11-20", &[]);
        let before = server.audit_log(&class.school.id);
        let path = format!("/v1/notes/{note}/_move");
        let moved = class.teacher.client.call("POST", &path).header("If-Match", "*").json(&to(&other)).send().expect(200);
        let after = server.audit_log(&class.school.id);
        after.check();
        let added = before.added(&after);
        assert_eq!(added.len(), 1);
        assert_eq!(added[0].operation, "moveNote");
        assert_eq!(added[0].actor.as_ref(), Some(&class.teacher.id));
        let made = moved.json()["movedTo"].as_str().unwrap().to_owned();
        for touched in [
            (ObjectKind::Pupil, class.pupil.clone()),
            (ObjectKind::Pupil, other),
            (ObjectKind::Note, note),
            (ObjectKind::Note, made),
        ] {
            assert!(added[0].objects.contains(&touched), "{touched:?}");
        }
    }
}
