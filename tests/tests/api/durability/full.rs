//! What has to be written cannot be: the disk is full, or somebody else holds the database.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use groeilijn_tests::audit::{AuditLog, institution_id};
use groeilijn_tests::reply::text;
use groeilijn_tests::small_disk::SmallDisk;
use groeilijn_tests::{Client, Database, Installation, Reply, School, all_at_once};

use super::pupil;
use crate::program::Program;

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the log says to whoever has to make room.
const WHAT_TO_DO: &str =
    "the disk of the database is full: free some space, the server then goes on by itself";

/// How many write at the same time.
const CROWD: usize = 12;

/// Asks until the answer has this status; until then 503 is the only other one.
#[track_caller]
fn until(status: u16, ask: impl Fn() -> Reply) -> Reply {
    let begun = Instant::now();
    loop {
        let reply = ask();
        if reply.status == status {
            return reply;
        }
        assert!(reply.status == 503 || status == 503, "{}: {}", reply.asked, reply.status);
        assert!(begun.elapsed() < PATIENCE, "{}: {} for too long", reply.asked, reply.status);
        thread::sleep(Duration::from_millis(10));
    }
}

/// Enters pupils at the same time, and gives the names of those that were acknowledged. The others got 503.
fn crowd(admin: &Client, name: &str) -> Vec<String> {
    let names = (0..CROWD).map(|number| format!("{name}-{number}")).collect();
    let told = all_at_once(names, |name: String| (admin.post("/v1/pupils", &pupil(&name)), name));
    let acknowledged = told.into_iter().filter_map(|(reply, name)| match reply.status {
        201 => Some(name),
        503 if !reply.header("Retry-After").is_empty() => None,
        status => panic!("{}: {status}: {}", reply.asked, String::from_utf8_lossy(&reply.body)),
    });
    acknowledged.collect()
}

fn names(admin: &Client) -> Vec<String> {
    admin.list("/v1/pupils").iter().map(|pupil| text(&pupil["firstName"])).collect()
}

/// C088: a full disk loses nothing that was answered, and all goes on by itself.
#[test]
fn a_full_disk_is_503_until_there_is_room_and_keeps_no_server_from_starting() {
    let Some(disk) = SmallDisk::mount(24) else { return };
    let installation = Installation::fresh_in(disk.path());
    let program = Program::serve(&installation);
    let school = School::found(&program.anyone());
    let mut acknowledged = crowd(&school.admin, "voor");
    let known = school.admin.post("/v1/pupils", &pupil("bekend")).expect(201).id();

    disk.fill();
    until(503, || school.admin.post("/v1/pupils", &pupil("vol")));
    program.wait_for_log(WHAT_TO_DO);
    acknowledged.extend(crowd(&school.admin, "vol"));
    until(503, || school.admin.get(&format!("/v1/pupils/{known}")));
    until(503, || program.anyone().get("/readyz"));
    program.anyone().get("/healthz").expect(200);
    school.admin.get("/v1/frameworks?locale=nl").expect(200);
    program.kill();

    // What SQLite would have to make before it can read.
    for database in ["data.sqlite-shm", "keys.sqlite-shm"] {
        fs::remove_file(installation.folder().join(database)).unwrap();
    }
    disk.fill();
    let program = Program::serve(&installation);
    let admin = program.anyone().with_token(school.admin.token());
    admin.get("/v1/frameworks?locale=nl").expect(200);
    until(503, || admin.post("/v1/pupils", &pupil("nog vol")));
    program.wait_for_log(WHAT_TO_DO);

    disk.free();
    until(200, || program.anyone().get("/readyz"));
    acknowledged.extend(crowd(&admin, "na"));
    assert!(acknowledged.contains(&"na-0".to_owned()));
    let kept = names(&admin);
    assert!(acknowledged.iter().all(|name| kept.contains(name)), "an acknowledged write was lost");
    AuditLog::read(&mut installation.raw_data(), institution_id(&school.id)).check();
}

#[test]
fn a_database_that_another_holds_is_503_until_it_is_let_go() {
    let Some(installation) = Installation::fresh(Database::Sqlite) else { return };
    let program = Program::serve(&installation);
    let school = School::found(&program.anyone());
    for mut other in [installation.raw_keys(), installation.raw_data()] {
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        let refused = school.admin.post("/v1/pupils", &pupil("wacht")).expect(503);
        assert!(!refused.header("Retry-After").is_empty());
        until(503, || program.anyone().get("/readyz"));
        other.batch_execute("ROLLBACK").unwrap();
        until(201, || school.admin.post("/v1/pupils", &pupil("weer")));
        until(200, || program.anyone().get("/readyz"));
    }
    assert_eq!(names(&school.admin), ["weer", "weer"]);
    AuditLog::read(&mut installation.raw_data(), institution_id(&school.id)).check();
}

/// The data is there, and the keys are not.
#[test]
fn a_key_store_that_is_away_is_503_and_no_damage() {
    let Some(installation) = Installation::fresh(Database::Postgres) else { return };
    let program = Program::serve(&installation);
    let school = School::found(&program.anyone());
    let known = school.admin.post("/v1/pupils", &pupil("bekend")).expect(201).id();
    program.kill();

    let program = Program::serve(&installation);
    let admin = program.anyone().with_token(school.admin.token());
    installation.let_keys_go();
    // No key is in memory: each of these needs one.
    for path in ["/v1/pupils", &format!("/v1/pupils/{known}")] {
        let refused = admin.get(path).expect(503);
        assert!(!refused.header("Retry-After").is_empty(), "{path}");
    }
    admin.post("/v1/pupils", &pupil("zonder sleutel")).expect(503);
    until(503, || program.anyone().get("/readyz"));
    installation.let_keys_come_back();
    until(200, || admin.get(&format!("/v1/pupils/{known}")));
    until(200, || program.anyone().get("/readyz"));
    assert_eq!(names(&admin), ["bekend"]);
}
