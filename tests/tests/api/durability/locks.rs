//! PostgreSQL gives up on a change: somebody holds for too long what it waits for, or each waits for the other.

use std::thread;
use std::time::{Duration, Instant};

use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::locks::{LockedLog, wait_for_locks};
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::{Database, Installation, Reply, Server};

/// How long a change waits for a lock at most, with room for a slow machine.
const AT_MOST: Duration = Duration::from_secs(25);

fn postgres() -> Option<Server> {
    Installation::fresh(Database::Postgres)
        .map(|installation| Server::start(installation, TestClock::at(START)))
}

#[track_caller]
fn is_put_off(refused: Reply) {
    let refused = refused.expect(503).problem("unavailable");
    assert!(!refused.header("Retry-After").is_empty());
}

#[test]
fn a_lock_that_is_held_for_too_long_is_503_and_all_goes_on_afterwards() {
    let Some(server) = postgres() else { return };
    let school = server.school();
    let log = LockedLog::of(&server, &school.id);
    let begun = Instant::now();
    is_put_off(school.admin.post("/v1/pupils", &new_pupil("Noor")));
    assert!(begun.elapsed() > Duration::from_secs(5), "it did not wait for the lock");
    assert!(begun.elapsed() < AT_MOST, "{:?}", begun.elapsed());
    log.release();
    assert_eq!(school.admin.list("/v1/pupils").len(), 0);
    school.admin.post("/v1/pupils", &new_pupil("Daan")).expect(201);
    server.audit_log(&school.id).check();
}

#[test]
fn a_deadlock_is_503_and_all_goes_on_afterwards() {
    let Some(server) = postgres() else { return };
    let school = server.school();
    let mut log = LockedLog::of(&server, &school.id);
    // Of the two it is the service that notices.
    log.wait_patiently();
    thread::scope(|scope| {
        let entering = scope.spawn(|| school.admin.post("/v1/pupils", &new_pupil("Noor")));
        // The child is there, but for the commit, and waits for the log.
        wait_for_locks(&server, 1);
        log.lock_children(&school.id);
        is_put_off(entering.join().unwrap());
    });
    log.release();
    assert_eq!(school.admin.list("/v1/pupils").len(), 0);
    school.admin.post("/v1/pupils", &new_pupil("Daan")).expect(201);
    server.audit_log(&school.id).check();
}
