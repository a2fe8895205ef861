//! Many who write while others follow: nothing is missed, nothing told twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use groeilijn_tests::class::Class;
use groeilijn_tests::installation::Database;
use groeilijn_tests::{Client, Server, both_databases};
use serde_json::json;

use super::Phone;

const WRITERS: usize = 16;

/// Writes notes until `goes_on` says no; gives their ids, in the order in which they were acknowledged.
fn write(client: &Client, pupil: &str, goes_on: impl Fn(usize) -> bool) -> Vec<String> {
    let body = json!({"text": "Telt."});
    let path = format!("/v1/pupils/{pupil}/notes");
    (0..).take_while(|count| goes_on(*count)).map(|_| client.post(&path, &body).expect(201).id()).collect()
}

/// Follows with long polling until everybody is done and nothing is left to tell.
fn follow(client: &Client, mut phone: Phone, done: &AtomicUsize) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let all_done = done.load(Ordering::Acquire) == WRITERS;
        let wait = if all_done { 0 } else { 1 };
        let reply = client.get(&format!("{}&limit=7&waitSeconds={wait}", phone.next())).expect(200).json();
        let told = phone.take_in(&reply);
        if all_done && told.is_empty() && reply["more"] == false {
            return seen;
        }
        seen.extend(told.into_iter().map(|told| told.2));
    }
}

/// Has sixteen write through these services while somebody follows at each; checks that each follower was told everything
/// once, that what one writer wrote is told in her order, and gives how much that was.
fn under_writers(services: &[&Server], class: &Class, goes_on: impl Fn(usize) -> bool + Sync) -> usize {
    let token = class.teacher.client.token();
    let clients: Vec<_> = services.iter().map(|service| service.anyone().with_token(token)).collect();
    let done = AtomicUsize::new(0);
    let (written, told) = thread::scope(|scope| {
        let followers: Vec<_> = clients
            .iter()
            .map(|client| {
                let phone = Phone::of(client);
                scope.spawn(|| follow(client, phone, &done))
            })
            .collect();
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let client = services[number % services.len()].anyone().with_token(token);
                let (done, goes_on) = (&done, &goes_on);
                scope.spawn(move || {
                    let written = write(&client, &class.pupil, goes_on);
                    done.fetch_add(1, Ordering::Release);
                    written
                })
            })
            .collect();
        let written: Vec<_> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        let told: Vec<_> = followers.into_iter().map(|follower| follower.join().unwrap()).collect();
        (written, told)
    });
    let count = written.iter().map(Vec::len).sum();
    for told in &told {
        assert_eq!(told.len(), count);
        for written in &written {
            let own: Vec<_> = told.iter().filter(|id| written.contains(id)).collect();
            assert_eq!(own, written.iter().collect::<Vec<_>>());
        }
    }
    // Everybody is told in one order.
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]));
    count
}

both_databases! {
    fn sixteen_writers_are_followed_without_a_gap(server: Server) {
        let class = server.class();
        assert_eq!(under_writers(&[server], &class, |count| count < 6), 16 * 6);
    }
}

#[test]
fn sixteen_writers_in_two_processes_are_followed_without_a_gap() {
    Server::run(Database::Postgres, |server| {
        let class = server.class();
        let beside = server.beside();
        assert_eq!(under_writers(&[server, &beside], &class, |count| count < 6), 16 * 6);
    });
}

#[allow(clippy::print_stderr, reason = "what was measured is for who runs it by hand")]
/// By hand: `cargo test -p groeilijn-tests --test api -- --ignored --nocapture for_a_minute`.
fn for_a_minute(database: Database) {
    Server::run(database, |server| {
        let class = server.class();
        let begun = Instant::now();
        let beside = (database == Database::Postgres).then(|| server.beside());
        let services: Vec<&Server> = [&*server].into_iter().chain(beside.as_ref()).collect();
        let count = under_writers(&services, &class, |_| begun.elapsed() < Duration::from_secs(60));
        eprintln!("{database:?}: {count} notes, each told once by each of {} processes", services.len());
    });
}

#[test]
#[ignore = "takes a minute"]
fn sixteen_writers_are_followed_for_a_minute_on_sqlite() {
    for_a_minute(Database::Sqlite);
}

#[test]
#[ignore = "takes a minute"]
fn sixteen_writers_are_followed_for_a_minute_on_postgres() {
    for_a_minute(Database::Postgres);
}
