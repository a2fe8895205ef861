//! The one thread that writes: what waits is committed together.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::log::{Entry, Log};
use super::{Error, database};
use crate::outside;

/// How many of those who wait one commit serves at most.
const MOST: usize = 256;

const INSERT: &str = "INSERT INTO note \
    (institution_id, id, pupil_id, author_id, observed_on, text, lines, created_at, changed_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)";

/// A note, ready for its row.
pub(super) struct SealedNote {
    pub(super) institution: Uuid,
    pub(super) id: Uuid,
    pub(super) pupil: Uuid,
    pub(super) author: Uuid,
    pub(super) observed_on: String,
    pub(super) text: Vec<u8>,
    pub(super) lines: Vec<u8>,
    pub(super) written_at: i64,
}

impl SealedNote {
    /// Writes the row within the present transaction.
    pub(super) fn insert(&self, connection: &Connection) -> Result<(), Error> {
        connection.prepare_cached(INSERT)?.execute((
            self.institution.as_bytes().as_slice(),
            self.id.as_bytes().as_slice(),
            self.pupil.as_bytes().as_slice(),
            self.author.as_bytes().as_slice(),
            &self.observed_on,
            &self.text,
            &self.lines,
            self.written_at,
        ))?;
        Ok(())
    }
}

/// What is written together: a note, if there is one, and its entry of the log, if there is a log.
pub(super) type Written = (Option<SealedNote>, Option<Entry>);

/// What waits, and whom to tell when it is durable.
struct Job {
    written: Vec<Written>,
    done: oneshot::Sender<Result<(), Error>>,
}

/// The queue of what is to be written.
#[derive(Clone)]
pub(super) struct Writer(Sender<Job>);

impl Writer {
    /// Starts the thread.
    pub(super) fn start(path: &Path) -> Result<Self, Error> {
        let connection = database::open(path)?;
        let (queue, jobs) = channel();
        thread::Builder::new().name("writer".to_owned()).spawn(move || run(&connection, &jobs))?;
        Ok(Self(queue))
    }

    /// Writes notes and entries. When this returns `Ok` they are durable.
    pub(super) async fn write(&self, written: Vec<Written>) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        self.0.send(Job { written, done }).map_err(|_| Error::Stopped)?;
        outcome.await.map_err(|_| Error::Stopped)?
    }
}

/// Ends at the first failure of a transaction: who waits is told that the writer has stopped.
fn run(connection: &Connection, jobs: &Receiver<Job>) {
    let mut log = Log::default();
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(MOST - 1));
        let Ok(outcomes) = commit(connection, group, &mut log) else { return };
        for (done, outcome) in outcomes {
            let _ = done.send(outcome);
        }
    }
}

type Outcome = (oneshot::Sender<Result<(), Error>>, Result<(), Error>);

fn commit(connection: &Connection, group: Vec<Job>, log: &mut Log) -> Result<Vec<Outcome>, Error> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
    let now = outside::now();
    let mut outcomes = Vec::with_capacity(group.len());
    for Job { written, done } in group {
        let outcome = written.iter().try_for_each(|(note, entry)| {
            note.as_ref().map_or(Ok(()), |note| note.insert(connection))?;
            entry.as_ref().map_or(Ok(()), |entry| log.append(connection, entry, now))
        });
        outcomes.push((done, outcome));
    }
    connection.prepare_cached("COMMIT")?.execute(())?;
    Ok(outcomes)
}
