//! What is stored is moved, altered or loses its key: it is not read, nothing of it is told, and the service goes on.

use diesel::sql_types::{Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::{Client, Server, both_databases};
use serde_json::json;
use uuid::Uuid;

use crate::children::imports::{CSV, ask_to_apply, finished, send, take_over};

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Binary)]
    value: Vec<u8>,
}

fn bytes(id: &str) -> Vec<u8> {
    Uuid::parse_str(id).unwrap().into_bytes().to_vec()
}

fn stored(server: &Server, table: &str, column: &str, id: &str) -> Vec<u8> {
    let query = sql_query(format!("SELECT {column} AS value FROM {table} WHERE id = $1"))
        .bind::<Binary, _>(bytes(id));
    query.get_result::<Stored>(&mut server.raw_data()).unwrap().value
}

fn store(server: &Server, table: &str, column: &str, id: &str, value: &[u8]) {
    let query = sql_query(format!("UPDATE {table} SET {column} = $1 WHERE id = $2"));
    let query = query.bind::<Binary, _>(value.to_vec()).bind::<Binary, _>(bytes(id));
    assert_eq!(query.execute(&mut server.raw_data()).unwrap(), 1);
}

/// Has the service write something, be it only that a request was denied: by then it notices that an embedded database
/// was changed behind its back.
#[track_caller]
fn is_noticed(client: &Client) {
    client.post("/v1/institutions", &json!({})).expect(403);
}

/// Checks that what is asked for cannot be read, and that the answer says no more than that.
#[track_caller]
fn is_unreadable(client: &Client, path: &str) {
    let reply = client.get(path).expect(500).problem("internal");
    let told = String::from_utf8(reply.body).unwrap();
    for word in ["Fantasie", "Noor", "Daan", "Waarneming", "pupil", "key", "decrypt"] {
        assert!(!told.contains(word), "{told}");
    }
}

/// Checks that a stored value is not read while `value` stands in its place, and is read again with the old one.
#[track_caller]
fn is_refused(
    server: &Server,
    client: &Client,
    path: &str,
    (table, column, id): (&str, &str, &str),
    value: &[u8],
) {
    let before = client.get(path).expect(200).json();
    let original = stored(server, table, column, id);
    assert_ne!(original, value, "nothing was altered");
    store(server, table, column, id, value);
    is_noticed(client);
    is_unreadable(client, path);
    client.get("/v1/frameworks").expect(200);
    store(server, table, column, id, &original);
    is_noticed(client);
    assert_eq!(client.get(path).expect(200).json(), before);
}

both_databases! {
    fn c074_a_value_in_another_column_row_child_or_institution_is_not_read(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let pupil = |school: &groeilijn_tests::School, name: &str| school.admin.post("/v1/pupils", &new_pupil(name)).expect(201).id();
        let [noor, daan, elsewhere] = [pupil(&school, "Noor"), pupil(&school, "Daan"), pupil(&other, "Noor")];
        let writer = school.member(Function::InternBegeleider, &[]).client;
        let note = |pupil: &str| {
            writer.post(&format!("/v1/pupils/{pupil}/notes"), &json!({"text": "Waarneming"})).expect(201).id()
        };
        let [first, second, of_daan] = [note(&noor), note(&noor), note(&daan)];
        let [a, b] = [school.group("De Rupsen"), school.group("De Vlinders")];

        let (noors, rupsen) = (format!("/v1/pupils/{noor}"), format!("/v1/groups/{a}"));
        let place = format!("/v1/notes/{first}");
        let admin = &school.admin;
        let cases = [
            (admin, &noors, ("pupil", "name", &noor), ("pupil", "particulars", &noor)),
            (admin, &noors, ("pupil", "gender", &noor), ("pupil", "home_language", &noor)),
            (admin, &noors, ("pupil", "birth_date", &noor), ("pupil", "birth_date", &daan)),
            (admin, &noors, ("pupil", "gender", &noor), ("pupil", "gender", &daan)),
            (admin, &noors, ("pupil", "name", &noor), ("pupil", "name", &elsewhere)),
            (&writer, &place, ("note", "text", &first), ("note", "text", &second)),
            (&writer, &place, ("note", "text", &first), ("note", "text", &of_daan)),
            (&writer, &place, ("note", "text", &first), ("pupil", "name", &noor)),
            (admin, &rupsen, ("groups", "name", &a), ("groups", "name", &b)),
            (admin, &rupsen, ("groups", "name", &a), ("groups", "location", &a)),
        ];
        for (client, path, to, (table, column, id)) in cases {
            let moved = stored(server, table, column, id);
            is_refused(server, client, path, (to.0, to.1, to.2), &moved);
        }

        // A whole row: a note is given to another child, a child to another institution.
        store(server, "note", "pupil_id", &first, &bytes(&daan));
        is_noticed(&writer);
        is_unreadable(&writer, &place);
        store(server, "note", "pupil_id", &first, &bytes(&noor));
        is_noticed(&writer);
        writer.get(&place).expect(200);
        let alone = pupil(&school, "Noor");
        store(server, "pupil", "institution_id", &alone, &bytes(&other.id));
        is_noticed(&writer);
        is_unreadable(&other.admin, &format!("/v1/pupils/{alone}"));
        school.admin.get(&format!("/v1/pupils/{alone}")).expect(404);
        other.admin.get(&format!("/v1/pupils/{elsewhere}")).expect(200);
    }

    fn c074_an_altered_value_is_not_read(server: Server) {
        let school = server.school();
        let id = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        let path = format!("/v1/pupils/{id}");
        let place = ("pupil", "name", id.as_str());
        let original = stored(server, place.0, place.1, place.2);
        // The version, the key's name, the nonce, the ciphertext and the tag.
        for byte in [0, 1, 8, 9, 32, 33, original.len() - 17, original.len() - 16, original.len() - 1] {
            let mut altered = original.clone();
            altered[byte] ^= 0x10;
            is_refused(server, &school.admin, &path, place, &altered);
        }
        for altered in [&[][..], &[1], &original[..33], &original[..original.len() - 1], &[&original[..], &[0]].concat()] {
            is_refused(server, &school.admin, &path, place, altered);
        }
    }

    fn c074_altered_users_and_imports_are_not_read(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let user = format!("/v1/users/{}", member.id);
        let email = stored(server, "users", "email", &school.admin_id);
        is_refused(server, &school.admin, &user, ("users", "email", &member.id), &email);

        let mut connection = server.raw_data();
        let file = b"leerlingnummer;voornaam;achternaam;geboortedatum\n1;Noor;Fantasie;14-03-2022\n";
        let [one, other] = [0; 2].map(|_| send(&school.admin, CSV, file).expect(201).id());
        sql_query(
            "UPDATE import_part SET content = (SELECT b.content FROM import_part b WHERE b.import_id = $1 \
             AND b.kind = import_part.kind) WHERE import_id = $2",
        )
        .bind::<Binary, _>(bytes(&other))
        .bind::<Binary, _>(bytes(&one))
        .execute(&mut connection)
        .unwrap();
        is_noticed(&school.admin);
        is_unreadable(&school.admin, &format!("/v1/imports/{one}"));
        school.admin.get(&format!("/v1/imports/{other}")).expect(200);
    }

    fn c001_c074_an_altered_kept_reply_shows_nothing_that_its_sender_may_not_see(server: Server) {
        let class = server.class();
        let elsewhere = server.class();
        let teacher = &class.teacher.client;
        let notes = format!("/v1/pupils/{}/notes", class.pupil);
        let text = json!({"text": "Waarneming"});
        let note = teacher.post_once(&notes, &text, "een-keer").expect(201);
        let next_door = class.school.admin.post("/v1/pupils", &new_pupil("Daan")).expect(201).id();
        let author = class.school.member(Function::InternBegeleider, &[]).client;
        let hidden = author.post(&format!("/v1/pupils/{next_door}/notes"), &text).expect(201).id();
        let stranger = elsewhere.note(&elsewhere.pupil, "2026-11-20", &[]);
        let kept = |ids: &str| {
            let altered = sql_query("UPDATE idempotency SET created_ids = $1").bind::<Text, _>(ids);
            assert_eq!(altered.execute(&mut server.raw_data()).unwrap(), 1);
            is_noticed(teacher);
            teacher.post_once(&notes, &text, "een-keer")
        };
        kept(&hidden).expect(404).problem("not-found");
        kept(&stranger).expect(404).problem("not-found");
        for wrong in ["", "/", "Noor", &format!("{hidden}/{hidden}")] {
            kept(wrong).expect(500).problem("internal");
        }
        assert_eq!(kept(&note.id()).expect(201).json(), note.json());
    }

    fn nothing_is_taken_over_beside_a_child_that_cannot_be_read(server: Server) {
        let school = server.school();
        let admin = &school.admin;
        let file = b"leerlingnummer;voornaam;achternaam;geboortedatum\n1;Noor;Fantasie;14-03-2022\n";
        take_over(admin, CSV, file);
        let noor = admin.list("/v1/pupils")[0]["id"].as_str().unwrap().to_owned();
        let sent = send(admin, CSV, file).expect(201);
        let original = stored(server, "pupil", "school_key", &noor);
        let mut altered = original.clone();
        altered[40] ^= 1;
        store(server, "pupil", "school_key", &noor, &altered);
        is_noticed(admin);
        assert_eq!(send(admin, CSV, file).expect(409).problem("conflict").code(), "unreadable-records");
        ask_to_apply(admin, &sent.id(), &sent.etag()).expect(202);
        let import = finished(admin, &sent.id());
        assert_eq!((&import["state"], &import["failure"]), (&json!("failed"), &json!("unreadable-records")));
        store(server, "pupil", "school_key", &noor, &original);
        is_noticed(admin);
        assert_eq!(admin.list("/v1/pupils").len(), 1);
        assert_eq!(take_over(admin, CSV, file)["pupils"]["unchanged"], 1);
    }

    fn a_child_whose_key_is_gone_is_unreadable_and_everything_else_is_not(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let [noor, daan] = ["Noor", "Daan"].map(|name| school.pupil(name, &group));
        let writer = school.member(Function::InternBegeleider, &[]);
        let [of_noor, of_daan] = [&noor, &daan].map(|pupil| {
            let note = writer.client.post(&format!("/v1/pupils/{pupil}/notes"), &json!({"text": "Waarneming"}));
            note.expect(201).id()
        });
        let gone = sql_query("DELETE FROM subject_key WHERE subject_id = $1")
            .bind::<Binary, _>(bytes(&noor))
            .execute(&mut server.installation().raw_keys())
            .unwrap();
        assert_eq!(gone, 1);
        // Keys that were opened are kept for some minutes; the process forgets them.
        server.restart();
        let admin = server.anyone().with_token(school.admin.token());
        let writer = server.anyone().with_token(writer.client.token());
        is_unreadable(&admin, &format!("/v1/pupils/{noor}"));
        is_unreadable(&writer, &format!("/v1/notes/{of_noor}"));
        // What is in a list is left out of it, and the rest is there.
        assert_eq!(writer.list(&format!("/v1/pupils/{noor}/notes")), [json!(null); 0]);
        assert_eq!(admin.list("/v1/pupils").len(), 1);
        let patch = admin.patch(&format!("/v1/pupils/{noor}"), "*", &json!({"firstName": "Nora"}));
        patch.expect(500).problem("internal");

        admin.get(&format!("/v1/pupils/{daan}")).expect(200);
        admin.change(&format!("/v1/pupils/{daan}"), &json!({"vve": true})).expect(200);
        writer.get(&format!("/v1/notes/{of_daan}")).expect(200);
        writer.post(&format!("/v1/pupils/{daan}/notes"), &json!({"text": "Waarneming"})).expect(201);
        admin.post("/v1/pupils", &new_pupil("Fien")).expect(201);
        admin.get("/v1/groups").expect(200);
        server.audit_log(&school.id).check();
    }
}
