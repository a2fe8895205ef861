//! PostgreSQL goes away and comes back, while two processes work on it.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::audit::{AuditLog, institution_id};
use groeilijn_tests::postgres::{Cluster, private_cluster};
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Installation, Reply, School};
use serde_json::json;

use super::pupil;
use crate::program::Program;

/// How long it may take after the database is back until each kind of request succeeds on each process.
const WITHIN: Duration = Duration::from_secs(2);

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What happens to the database, over and over.
const MISHAPS: [fn(&Cluster); 4] = [
    |cluster| {
        cluster.stop("fast");
        cluster.start_again();
    },
    |cluster| assert!(cluster.kill_one()),
    |cluster| {
        cluster.stop("immediate");
        cluster.start_again();
    },
    Cluster::hang_up,
];

/// How often each of them happens.
const TIMES: usize = 5;

/// What one client at work saw.
#[derive(Default)]
struct Seen {
    /// When the last request that succeeded was sent.
    succeeded: Option<Instant>,
    /// Replies that nobody may get, and requests without a reply.
    wrong: Vec<String>,
    /// What was acknowledged: the keys of the requests.
    acknowledged: BTreeSet<String>,
}

/// Sends a request, the how-manieth of its kind, and gives its key and what was answered.
type Ask<'a> = Box<dyn Fn(usize) -> (String, Result<Reply, String>) + Send + Sync + 'a>;

/// Somebody who asks for the same kind of thing again and again.
struct Worker<'a> {
    name: String,
    ask: Ask<'a>,
    seen: Mutex<Seen>,
}

impl<'a> Worker<'a> {
    fn new(name: String, ask: impl Fn(usize) -> (String, Result<Reply, String>) + Send + Sync + 'a) -> Self {
        Self { name, ask: Box::new(ask), seen: Mutex::default() }
    }

    /// Asks until told to stop. What got 503 is asked again, which makes no second one of it.
    fn work(&self, stop: &AtomicBool) {
        let mut number = 0;
        while !stop.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let (key, answered) = (self.ask)(number);
            let mut seen = self.seen.lock().unwrap();
            match answered {
                Ok(reply) => match reply.status {
                    200..300 => {
                        seen.succeeded = Some(begun);
                        seen.acknowledged.insert(key);
                        number += 1;
                    }
                    503 if !reply.header("Retry-After").is_empty() => {}
                    status => seen.wrong.push(format!("{status}: {}", String::from_utf8_lossy(&reply.body))),
                },
                Err(error) => seen.wrong.push(error),
            }
        }
    }

    fn succeeded_since(&self, moment: Instant) -> bool {
        self.seen.lock().unwrap().succeeded.is_some_and(|sent| sent >= moment)
    }
}

/// A reader, a writer and somebody who logs in, on one process.
fn workers<'a>(name: &str, client: &'a Client, anyone: &'a Client, school: &'a School) -> [Worker<'a>; 3] {
    let email = school.member(Function::InternBegeleider, &[]).email;
    let writer = name.to_owned();
    [
        Worker::new(format!("reader of {name}"), |_| {
            (String::new(), client.call("GET", "/v1/pupils?limit=5").try_send())
        }),
        Worker::new(format!("writer of {name}"), move |number| {
            let key = format!("{writer}-{number}");
            let call = client.call("POST", "/v1/pupils").header("Idempotency-Key", &key).json(&pupil(&key));
            (key, call.try_send())
        }),
        Worker::new(format!("logins of {name}"), move |_| {
            let body = json!({"email": email, "password": PASSWORD});
            (String::new(), anyone.call("POST", "/v1/sessions").json(&body).try_send())
        }),
    ]
}

/// Tells the workers to stop when it is dropped, however the test ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Waits until all have succeeded since `moment`, and tells how long that took.
fn all_well_since(workers: &[Worker<'_>], moment: Instant) -> Duration {
    while let Some(worker) = workers.iter().find(|worker| !worker.succeeded_since(moment)) {
        assert!(moment.elapsed() < PATIENCE, "{}: {:?}", worker.name, worker.seen.lock().unwrap().wrong);
        thread::sleep(Duration::from_millis(5));
    }
    moment.elapsed()
}

/// C088: nothing that was answered is lost while the database is away.
#[test]
fn postgres_comes_back_and_so_do_two_processes_under_load() {
    let Some(cluster) = private_cluster() else { return };
    let installation = Installation::on(&cluster);
    let [one, other] = [Program::serve(&installation), Program::serve(&installation)];
    let school = School::found(&one.anyone());
    let elsewhere = other.anyone().with_token(school.admin.token());
    let [anyone_here, anyone_there] = [one.anyone(), other.anyone()];
    let workers: Vec<_> = workers("een", &school.admin, &anyone_here, &school)
        .into_iter()
        .chain(workers("twee", &elsewhere, &anyone_there, &school))
        .collect();
    let stop = AtomicBool::new(false);
    let back: Vec<Duration> = thread::scope(|scope| {
        let _stop = Stop(&stop);
        for worker in &workers {
            scope.spawn(|| worker.work(&stop));
        }
        let back = (0..TIMES).flat_map(|_| MISHAPS).map(|mishap| {
            all_well_since(&workers, Instant::now());
            mishap(&cluster);
            cluster.wait_until_it_answers();
            all_well_since(&workers, Instant::now())
        });
        back.collect()
    });

    let seen: Vec<_> =
        workers.into_iter().map(|worker| (worker.name, worker.seen.into_inner().unwrap())).collect();
    for (name, seen) in &seen {
        assert!(seen.wrong.is_empty(), "{name}: {:?}", seen.wrong);
    }
    assert!(back.iter().all(|took| *took < WITHIN), "{back:?}");
    let acknowledged: BTreeSet<_> =
        seen.into_iter().flat_map(|(_, seen)| seen.acknowledged).filter(|key| !key.is_empty()).collect();
    let pupils = school.admin.list("/v1/pupils");
    let kept: Vec<_> = pupils.iter().map(|pupil| text(&pupil["firstName"])).collect();
    assert!(acknowledged.iter().all(|key| kept.contains(key)), "an acknowledged write was lost");
    assert!(kept.len() <= acknowledged.len() + 2, "something was made twice");
    AuditLog::read(&mut installation.raw_data(), institution_id(&school.id)).check();
}
