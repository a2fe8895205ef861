//! The program is killed again and again while it works, one process or one of two.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use groeilijn_tests::audit::{AuditLog, institution_id};
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Database, School, both_databases};

use super::pupil;
use crate::program::Program;

/// How often a process is killed and started again.
const KILLS: usize = 20;

/// Writers on each process.
const WRITERS: usize = 3;

/// How many writes of each process are acknowledged before the next kill.
const BETWEEN: usize = 6;

/// How long it may take after a process listens again until something is written there.
const WITHIN: Duration = Duration::from_secs(2);

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// One of the processes, as those who use it see it.
struct Place {
    client: RwLock<Client>,
    /// How many writes were acknowledged there.
    acknowledged: AtomicUsize,
}

/// What was answered anywhere.
#[derive(Default)]
struct Answers {
    /// The names of the children whose entry was acknowledged.
    acknowledged: Mutex<BTreeSet<String>>,
    /// Replies that nobody may get.
    wrong: Mutex<Vec<String>>,
}

impl Place {
    fn client(&self) -> Client {
        self.client.read().unwrap().clone()
    }

    /// Waits until so many more writes were acknowledged.
    fn wait_for(&self, more: usize, answers: &Answers) {
        let (before, begun) = (self.acknowledged.load(Ordering::Relaxed), Instant::now());
        while self.acknowledged.load(Ordering::Relaxed) < before + more {
            assert!(begun.elapsed() < PATIENCE, "nothing is written: {:?}", answers.wrong.lock().unwrap());
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Enters children until told to stop. Who got no answer, or 503, asks again, which makes no second child of it.
fn enter_children(place: &Place, writer: &str, answers: &Answers, stop: &AtomicBool) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        let (client, name) = (place.client(), format!("{writer}-{number}"));
        let call = client.call("POST", "/v1/pupils").header("Idempotency-Key", &name).json(&pupil(&name));
        match call.try_send() {
            Ok(reply) if reply.status == 201 => {
                answers.acknowledged.lock().unwrap().insert(name);
                place.acknowledged.fetch_add(1, Ordering::Relaxed);
                number += 1;
            }
            Ok(reply) if reply.status == 503 && !reply.header("Retry-After").is_empty() => {}
            Ok(reply) => {
                let told = String::from_utf8_lossy(&reply.body).into_owned();
                answers.wrong.lock().unwrap().push(format!("{}: {told}", reply.status));
            }
            // The process is gone, or not there yet.
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Reads the roster until told to stop.
fn read_roster(place: &Place, answers: &Answers, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        match place.client().call("GET", "/v1/pupils?limit=5").try_send() {
            Ok(reply) if matches!(reply.status, 200 | 503) => {}
            Ok(reply) => {
                let told = String::from_utf8_lossy(&reply.body).into_owned();
                answers.wrong.lock().unwrap().push(format!("{}: {told}", reply.status));
            }
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Tells everybody to stop when it is dropped, however the test ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

both_databases! {
    fn twenty_kills_under_load_lose_nothing_that_was_acknowledged(installation: Installation) {
        // One process serves an embedded database, two the other.
        let count = if installation.database() == Database::Sqlite { 1 } else { 2 };
        let mut programs: Vec<_> = (0..count).map(|_| Program::serve(installation)).collect();
        let school = School::found(&programs[0].anyone());
        let token = school.admin.token();
        let places: Vec<_> = programs
            .iter()
            .map(|program| Place {
                client: RwLock::new(program.anyone().with_token(token)),
                acknowledged: AtomicUsize::new(0),
            })
            .collect();
        let (answers, stop) = (Answers::default(), AtomicBool::new(false));
        let mut back = Vec::new();
        thread::scope(|scope| {
            let _stop = Stop(&stop);
            for (number, place) in places.iter().enumerate() {
                let (answers, stop) = (&answers, &stop);
                for writer in 0..WRITERS {
                    scope.spawn(move || enter_children(place, &format!("kind-{number}-{writer}"), answers, stop));
                }
                scope.spawn(move || read_roster(place, answers, stop));
            }
            for kill in 0..KILLS {
                for place in &places {
                    place.wait_for(BETWEEN, &answers);
                }
                let which = kill % programs.len();
                programs.remove(which).kill();
                programs.insert(which, Program::serve(installation));
                *places[which].client.write().unwrap() = programs[which].anyone().with_token(token);
                let listens = Instant::now();
                places[which].wait_for(1, &answers);
                back.push(listens.elapsed());
            }
        });

        let wrong = answers.wrong.into_inner().unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert!(back.iter().all(|took| *took < WITHIN), "{back:?}");
        let admin = programs[0].anyone().with_token(token);
        let kept: Vec<_> = admin.list("/v1/pupils").iter().map(|pupil| text(&pupil["firstName"])).collect();
        let acknowledged = answers.acknowledged.into_inner().unwrap();
        assert!(acknowledged.len() >= KILLS * BETWEEN);
        assert!(acknowledged.iter().all(|name| kept.contains(name)), "an acknowledged write was lost");
        assert_eq!(kept.iter().collect::<BTreeSet<_>>().len(), kept.len(), "a child was entered twice");
        assert!(kept.len() <= acknowledged.len() + WRITERS * count, "something was entered that nobody asked for");
        AuditLog::read(&mut installation.raw_data(), institution_id(&school.id)).check();
    }
}
