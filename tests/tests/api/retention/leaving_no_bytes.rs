//! A destroyed key leaves no byte: not in the key store's file or log, nor in the files of PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::sql_types::Binary;
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::postgres::private_cluster;
use groeilijn_tests::{Installation, Server};
use serde_json::json;
use uuid::Uuid;

use super::done;

#[derive(QueryableByName)]
struct Wrapped {
    #[diesel(sql_type = Binary)]
    wrapped: Vec<u8>,
}

fn wrapped_key(installation: &Installation, owner: &str) -> Vec<u8> {
    let id = Uuid::parse_str(owner).unwrap().as_bytes().to_vec();
    let query = sql_query("SELECT wrapped FROM subject_key WHERE subject_id = $1").bind::<Binary, _>(id);
    let found: Wrapped = query.get_result(&mut installation.raw_keys()).unwrap();
    found.wrapped
}

/// The files in a folder, and in those in it, that hold these bytes.
fn files_with(folder: &Path, bytes: &[u8], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_with(&path, bytes, found);
        } else if fs::read(&path).is_ok_and(|read| memchr::memmem::find(&read, bytes).is_some()) {
            found.push(path);
        }
    }
}

fn holding(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files_with(folder, bytes, &mut found);
    found
}

/// Destroys a child and gives the wrapped keys of it and of one that stays.
fn destroy(server: &Server) -> [Vec<u8>; 2] {
    let class = server.class();
    let sem = class.child("Sem", "2022-05-04");
    let keys = [&class.pupil, &sem].map(|pupil| wrapped_key(server.installation(), pupil));
    let second = class.school.member(Function::Administrator, &[]).client;
    let body = json!({"pupilIds": [class.pupil], "reason": "Op verzoek van de ouders."});
    let id = class.school.admin.post("/v1/destructions", &body).expect(201).id();
    let etag = second.get(&format!("/v1/destructions/{id}")).expect(200).etag();
    second.act(&format!("/v1/destructions/{id}/_approve"), &etag).expect(200);
    done(&second, &id);
    assert_eq!(second.get(&format!("/v1/pupils/{sem}")).expect(200).json()["firstName"], "Sem");
    keys
}

#[test]
fn on_sqlite_a_destroyed_key_leaves_no_byte() {
    Server::run(groeilijn_tests::Database::Sqlite, |server| {
        let [gone, stays] = destroy(server);
        let folder = server.installation().folder();
        assert_eq!(holding(folder, &gone), Vec::<PathBuf>::new());
        assert!(!holding(folder, &stays).is_empty(), "the bytes of a key are found as they are looked for");
    });
}

#[test]
fn on_postgresql_a_destroyed_key_leaves_no_byte() {
    let Some(cluster) = private_cluster() else { return };
    let server = Server::start(Installation::on(&cluster), TestClock::at(START));
    let [gone, stays] = destroy(&server);
    // What PostgreSQL does by itself within minutes, and with its log as long as its backups are kept.
    for _ in 0..2 {
        cluster.run("SELECT pg_switch_wal()");
        cluster.run("CHECKPOINT");
    }
    let data = cluster.folder().join("data");
    assert_eq!(holding(&data, &gone), Vec::<PathBuf>::new());
    assert!(!holding(&data, &stays).is_empty(), "the bytes of a key are found as they are looked for");
}
