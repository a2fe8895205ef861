//! School files have keys of their own, which end.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::{Client, Database, School, Server, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::apply::queue_by_hand;
use super::{EDEXML, XML, ask_to_apply, finished, lines, path, send, take_over};

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a file and a report are kept.
const FOURTEEN_DAYS: SignedDuration = SignedDuration::from_hours(14 * 24);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Part {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Binary)]
    content: Vec<u8>,
    #[diesel(sql_type = Binary)]
    import_id: Vec<u8>,
    #[diesel(sql_type = Binary)]
    report_id: Vec<u8>,
}

#[derive(QueryableByName)]
struct Owner {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Binary)]
    subject_id: Vec<u8>,
}

/// How many keys of this kind stand as this condition says.
fn keys(server: &Server, kind: &str, condition: &str) -> i64 {
    let query = format!("SELECT count(*) AS count FROM subject_key WHERE kind = $1 AND {condition}");
    sql_query(query)
        .bind::<Text, _>(kind)
        .get_result::<Count>(&mut server.installation().raw_keys())
        .unwrap()
        .count
}

/// How many files and reports are left with a key, and how many with a tombstone in its place.
fn left(server: &Server) -> [(i64, i64); 2] {
    ["school-file", "school-file-report"].map(|kind| {
        let destroyed = "wrapped IS NULL AND parent_id IS NULL AND destroyed_at IS NOT NULL";
        (keys(server, kind, "wrapped IS NOT NULL"), keys(server, kind, destroyed))
    })
}

/// The parts that are kept, with whose they are.
fn parts(server: &Server) -> Vec<Part> {
    sql_query(
        "SELECT p.kind, p.content, i.id AS import_id, i.report_id FROM import_part p \
         JOIN import i ON i.id = p.import_id",
    )
    .load(&mut server.raw_data())
    .unwrap()
}

/// Checks that each part that is kept names the key of its own file or report, and no other.
fn parts_are_under_their_own_keys(server: &Server) {
    for part in parts(server) {
        // What is sealed begins with a version, and names its key in the eight bytes after that.
        let owner: Owner = sql_query("SELECT kind, subject_id FROM subject_key WHERE key_id = $1")
            .bind::<Binary, _>(part.content[1..9].to_vec())
            .get_result(&mut server.installation().raw_keys())
            .unwrap();
        let expected = match part.kind.as_str() {
            "file" => ("school-file", part.import_id),
            _ => ("school-file-report", part.report_id),
        };
        assert_eq!((owner.kind.as_str(), owner.subject_id), expected, "{}", part.kind);
    }
}

fn kinds(server: &Server) -> Vec<String> {
    let mut kinds: Vec<_> = parts(server).into_iter().map(|part| part.kind).collect();
    kinds.sort();
    kinds
}

#[track_caller]
fn wait_until(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < PATIENCE, "it takes too long");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The administrator of a school logs in again, after a time in which every session has ended.
fn again(server: &Server, school: &School) -> Client {
    server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD)
}

#[track_caller]
fn is_gone(client: &Client, id: &str) {
    let etag = client.get(&path(id)).expect(200).etag();
    assert_eq!(ask_to_apply(client, id, &etag).expect(409).problem("conflict").code(), "file-gone");
}

both_databases! {
    fn c015_the_key_of_a_file_is_destroyed_when_it_was_carried_out_and_that_of_its_report_later(server: Server) {
        let school = server.school();
        let sent = send(&school.admin, XML, EDEXML).expect(201);
        assert_eq!(left(server), [(1, 0), (1, 0)]);
        assert_eq!(kinds(server), ["file", "notices", "report"]);
        parts_are_under_their_own_keys(server);
        assert!(sent.json()["reportUntil"].as_str().unwrap().starts_with("2026-12-05T"));

        ask_to_apply(&school.admin, &sent.id(), &sent.etag()).expect(202);
        let applied = finished(&school.admin, &sent.id());
        assert_eq!(applied["state"], "applied");
        wait_until(|| left(server)[0] == (0, 1));
        assert_eq!(left(server)[1], (1, 0));
        assert_eq!(kinds(server), ["notices", "report"]);
        parts_are_under_their_own_keys(server);
        let report = lines(&school.admin, &sent.id());
        assert!(report.iter().any(|line| line["pupilId"].is_string()), "it tells what was done");

        server.clock.advance(FOURTEEN_DAYS);
        wait_until(|| left(server) == [(0, 1); 2]);
        assert_eq!(kinds(server), [""; 0]);
        let admin = again(server, &school);
        assert_eq!(lines(&admin, &sent.id()), [Value::Null; 0]);
        let import = admin.get(&path(&sent.id())).expect(200).json();
        for gone in ["schoolYear", "teachersSeen", "reportUntil"] {
            assert_eq!(import[gone], json!(null), "{gone}");
        }
        for stays in ["state", "linesTotal", "linesDone", "groups", "pupils", "finishedAt"] {
            assert_eq!(import[stays], applied[stays], "{stays}");
        }
        assert_eq!(admin.list("/v1/imports"), [import]);
        assert_eq!(admin.list("/v1/pupils").len(), 11);
        server.audit_log(&school.id).check();
    }

    fn c015_the_key_of_a_file_is_destroyed_when_its_import_failed(server: Server) {
        let school = server.school();
        let other = school.member(Function::Administrator, &[]);
        let sent = send(&other.client, XML, EDEXML).expect(201);
        school.admin.change(&format!("/v1/users/{}", other.id), &json!({"state": "blocked", "reason": "Weg."})).expect(200);
        queue_by_hand(server, &school.id, &sent.id(), &other.id);
        assert_eq!(finished(&school.admin, &sent.id())["state"], "failed");
        wait_until(|| left(server) == [(0, 1), (1, 0)]);
        assert_eq!(kinds(server), ["notices", "report"]);
        assert_eq!(lines(&school.admin, &sent.id()).len(), 15);
        is_gone(&school.admin, &sent.id());
    }

    fn c015_a_file_that_nobody_carries_out_is_gone_after_fourteen_days(server: Server) {
        let school = server.school();
        let sent = send(&school.admin, XML, EDEXML).expect(201);
        server.clock.advance(FOURTEEN_DAYS - SignedDuration::from_mins(30));
        let admin = again(server, &school);
        assert_eq!(lines(&admin, &sent.id()).len(), 15);
        assert_eq!(left(server), [(1, 0); 2]);

        server.clock.advance(SignedDuration::from_mins(31));
        wait_until(|| left(server) == [(0, 1); 2]);
        assert_eq!(kinds(server), [""; 0]);
        let admin = again(server, &school);
        let import = admin.get(&path(&sent.id())).expect(200).json();
        assert_eq!((&import["state"], &import["pupils"]["created"]), (&json!("lapsed"), &json!(11)));
        assert_eq!(lines(&admin, &sent.id()), [Value::Null; 0]);
        is_gone(&admin, &sent.id());
        // Sent again it is another file.
        take_over(&admin, XML, EDEXML);
        wait_until(|| left(server) == [(0, 2), (1, 1)]);
        server.audit_log(&school.id).check();
    }

    fn a_key_that_cannot_be_destroyed_now_is_destroyed_later(server: Server) {
        let school = server.school();
        send(&school.admin, XML, EDEXML).expect(201);
        let mut keys = server.installation().raw_keys();
        match server.installation().database() {
            Database::Sqlite => keys.batch_execute("BEGIN IMMEDIATE").unwrap(),
            Database::Postgres => server.installation().let_keys_go(),
        }
        server.clock.advance(FOURTEEN_DAYS);
        // The first turn finds the key store taken.
        thread::sleep(Duration::from_secs(2));
        match server.installation().database() {
            Database::Sqlite => keys.batch_execute("ROLLBACK").unwrap(),
            Database::Postgres => server.installation().let_keys_come_back(),
        }
        assert_eq!(left(server), [(1, 0); 2]);
        let begun = Instant::now();
        while left(server) != [(0, 1); 2] {
            assert!(begun.elapsed() < PATIENCE, "the key is never destroyed");
            server.clock.advance(SignedDuration::from_mins(1));
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn a_file_that_is_refused_leaves_no_key(server: Server) {
        let school = server.school();
        let once = |file: &[u8]| {
            school.admin.call("POST", "/v1/imports").header("Idempotency-Key", "een-keer").body(XML, file).send()
        };
        once(EDEXML).expect(201);
        once(EDEXML).expect(201);
        once(&[EDEXML, b" "].concat()).expect(409).problem("idempotency-key-reused");
        once(b"<html/>").expect(400);
        assert_eq!(left(server), [(1, 0); 2]);
        parts_are_under_their_own_keys(server);
    }
}
