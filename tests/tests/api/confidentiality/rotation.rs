//! Two processes serve one PostgreSQL database while the keys above everything are rotated.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::{Client, Installation, School};

use crate::durability::pupil;
use crate::program::{Program, run};

/// Where the requests of some people go: to one of the processes, or to the other while that one starts anew.
type Place = RwLock<Client>;

/// Children who were entered, and replies that nobody may get.
#[derive(Default)]
struct Answers {
    entered: Mutex<Vec<String>>,
    wrong: Mutex<Vec<String>>,
}

impl Answers {
    fn check(&self, reply: &groeilijn_tests::Reply, wanted: u16) -> bool {
        if reply.status != wanted {
            let told = String::from_utf8_lossy(&reply.body).into_owned();
            self.wrong.lock().unwrap().push(format!("{}: {told}", reply.status));
        }
        reply.status == wanted
    }
}

/// Reads a child and enters another one, until told to stop. No request is under way when the place is changed.
fn work(place: &Place, known: &str, name: &str, answers: &Answers, stop: &AtomicBool) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        let client = place.read().unwrap();
        answers.check(&client.get(&format!("/v1/pupils/{known}")), 200);
        let entered = client.post("/v1/pupils", &pupil(&format!("{name}-{number}")));
        if answers.check(&entered, 201) {
            answers.entered.lock().unwrap().push(entered.id());
        }
        number += 1;
    }
}

/// Logs in again and again, until told to stop.
fn log_in(place: &Place, email: &str, answers: &Answers, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        answers.check(&place.read().unwrap().try_log_in(email, PASSWORD), 201);
    }
}

fn told(installation: &Installation, arguments: &[&str]) -> String {
    let output = run(installation, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Starts both processes anew, one after the other; the people of each go to the other meanwhile.
fn roll(installation: &Installation, programs: &mut Vec<Program>, places: &[Place], token: &str) {
    for which in 0..programs.len() {
        let client = |program: &Program| program.anyone().with_token(token);
        *places[which].write().unwrap() = client(&programs[1 - which]);
        let old = programs.remove(which);
        old.ask_to_stop();
        assert!(old.ended().0.success());
        programs.insert(which, Program::serve(installation));
        *places[which].write().unwrap() = client(&programs[which]);
    }
}

/// Tells everybody to stop when it is dropped, however the test ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn keys_are_rotated_while_two_processes_serve(installation: &mut Installation) {
    let mut programs: Vec<_> = (0..2).map(|_| Program::serve(installation)).collect();
    let school = School::found(&programs[0].anyone());
    let token = school.admin.token();
    let known = school.admin.post("/v1/pupils", &pupil("Noor")).expect(201).id();
    let members = [(); 2].map(|()| school.member(Function::Teacher, &[]));
    let places: Vec<Place> =
        programs.iter().map(|program| RwLock::new(program.anyone().with_token(token))).collect();
    let (answers, stop) = (Answers::default(), AtomicBool::new(false));
    let before = told(installation, &["keys", "status"]);
    thread::scope(|scope| {
        let _stop = Stop(&stop);
        for (number, place) in places.iter().enumerate() {
            let (answers, stop, known, email) = (&answers, &stop, &known, &members[number].email);
            scope.spawn(move || work(place, known, &format!("kind-{number}"), answers, stop));
            scope.spawn(move || log_in(place, email, answers, stop));
        }
        for _ in 0..2 {
            told(installation, &["keys", "rotate", "root"]);
            assert!(told(installation, &["keys", "rotate", "institutions"]).contains("were wrapped anew"));
            assert!(told(installation, &["keys", "rotate", "institutions"]).contains("were wrapped anew"));
        }
        assert!(told(installation, &["keys", "rotate", "login-index"]).contains("a new key was made"));
        roll(installation, &mut programs, &places, token);
        let found = told(installation, &["keys", "rotate", "login-index"]);
        assert!(found.contains("are found by the new key, and 0 are not"), "{found}");
        roll(installation, &mut programs, &places, token);
        told(installation, &["keys", "rotate", "institutions"]);
    });
    let wrong = answers.wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} refused, such as {:?}", wrong.len(), wrong.first());

    // Who has no key open reads everything, in both processes.
    let entered = answers.entered.into_inner().unwrap();
    assert!(entered.len() >= 20, "only {} were entered", entered.len());
    roll(installation, &mut programs, &places, token);
    for (place, member) in places.iter().zip(&members) {
        let client = place.read().unwrap();
        for id in entered.iter().chain([&known]) {
            client.get(&format!("/v1/pupils/{id}")).expect(200);
        }
        client.try_log_in(&member.email, PASSWORD).expect(201);
    }
    let root = |status: &str| {
        let lines: Vec<_> = status.lines().filter(|line| line.starts_with("root key ")).collect();
        assert!(lines.len() == 1 && !lines[0].contains("MISSING"), "{status}");
        lines[0].split(' ').nth(2).unwrap().to_owned()
    };
    assert_ne!(root(&before), root(&told(installation, &["keys", "status"])));
}

mod postgres {
    use groeilijn_tests::{Database, Installation};

    #[test]
    fn keys_are_rotated_while_two_processes_serve() {
        Installation::run(Database::Postgres, super::keys_are_rotated_while_two_processes_serve);
    }
}
