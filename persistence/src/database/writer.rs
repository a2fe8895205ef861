//! Every change goes through here: a queue in front of the database, committed in groups.
//!
//! SQLite has one writer, and an fsync costs far more than a row. So whatever waits in the queue is done in one
//! transaction, each piece of work in a savepoint of its own, with one commit for all; the callers hear of it
//! after that commit. On PostgreSQL, which has many writers and groups their commits itself, a few threads each
//! do one piece of work per transaction, but records that need no savepoint are still taken together.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;

use super::{AnyConnection, DatabaseUrl, dialect};
use crate::{
    audit::{self, PendingEntry},
    environment::Environment,
    error::{Error, Result},
};

/// How many callers may wait; one more is told to come back.
const QUEUE: usize = 4096;
/// How many pieces of work one commit takes at most, so that the first does not wait for ever.
const GROUP: usize = 256;
/// Threads that write to PostgreSQL.
const POSTGRES_WRITERS: usize = 4;

/// What a piece of work leaves to be done at the end of its transaction.
#[derive(Default)]
pub struct Batch {
    /// Entries for the audit log, in the order in which things happened.
    pub(crate) entries: Vec<PendingEntry>,
}

type Work = Box<dyn FnOnce(&mut AnyConnection, &mut Batch) -> Result<()> + Send>;

/// A piece of work, or only entries for the audit log, and whom to tell when it is durable.
struct Job {
    work: Option<Work>,
    entries: Vec<PendingEntry>,
    done: oneshot::Sender<Result<()>>,
}

/// The queue of changes of one database.
#[derive(Clone)]
pub struct Writer {
    queue: SyncSender<Job>,
    waiting: Arc<AtomicUsize>,
}

impl Writer {
    /// Starts the threads that write to the database at `url`.
    pub(super) fn start(url: &Arc<DatabaseUrl>, environment: &Environment) -> Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let waiting = Arc::new(AtomicUsize::new(0));
        let jobs = Arc::new(std::sync::Mutex::new(jobs));
        for number in 0..if url.is_embedded() { 1 } else { POSTGRES_WRITERS } {
            let thread = WriterThread {
                url: url.clone(),
                connection: url.connect()?,
                jobs: jobs.clone(),
                waiting: waiting.clone(),
                environment: environment.clone(),
            };
            thread::Builder::new()
                .name(format!("database-writer-{number}"))
                .spawn(move || thread.run())
                .map_err(Error::internal)?;
        }
        Ok(Self { queue, waiting })
    }

    /// Runs `work` in a transaction. When this returns `Ok` the change is durable; when `work` fails, or panics,
    /// nothing of it remains.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &mut Batch) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let work: Work = Box::new(move |connection, batch| {
            // The caller may have gone; the change is made all the same.
            let _ = sender.send(work(connection, batch)?);
            Ok(())
        });
        self.submit(Some(work), Vec::new()).await?;
        receiver.await.map_err(Error::internal)
    }

    /// Puts entries into the audit log. When this returns `Ok` they are durable.
    pub(crate) async fn record(&self, entries: Vec<PendingEntry>) -> Result<()> {
        self.submit(None, entries).await
    }

    /// How many pieces of work wait or are being done.
    pub fn depth(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    async fn submit(&self, work: Option<Work>, entries: Vec<PendingEntry>) -> Result<()> {
        let (done, outcome) = oneshot::channel();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = self.queue.try_send(Job { work, entries, done }) {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(match error {
                TrySendError::Full(_) => Error::Busy,
                TrySendError::Disconnected(_) => Error::internal("the database writer has stopped"),
            });
        }
        outcome.await.map_err(|_| Error::internal("the database writer has stopped"))?
    }
}

struct WriterThread {
    url: Arc<DatabaseUrl>,
    connection: AnyConnection,
    jobs: Arc<std::sync::Mutex<Receiver<Job>>>,
    waiting: Arc<AtomicUsize>,
    environment: Environment,
}

impl WriterThread {
    fn run(mut self) {
        while let Some(group) = self.next_group() {
            let size = group.len();
            self.commit(group);
            self.waiting.fetch_sub(size, Ordering::Relaxed);
        }
    }

    /// Waits for work, then takes what else is waiting. `None` when the last [`Writer`] is gone.
    fn next_group(&self) -> Option<VecDeque<Job>> {
        let jobs = self.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut group = VecDeque::from([jobs.recv().ok()?]);
        while group.len() < GROUP && self.may_take_more(&group) {
            match jobs.try_recv() {
                Ok(job) => group.push_back(job),
                Err(_) => break,
            }
        }
        Some(group)
    }

    fn may_take_more(&self, group: &VecDeque<Job>) -> bool {
        self.url.is_embedded() || group.iter().all(|job| job.work.is_none())
    }

    fn commit(&mut self, group: VecDeque<Job>) {
        let mut outcomes = Vec::with_capacity(group.len());
        let committed = self.transaction(group, &mut outcomes);
        if committed.is_err() {
            self.recover();
        }
        for (done, outcome) in outcomes {
            let told = match &committed {
                Ok(()) => outcome,
                Err(error) => Err(outcome.err().unwrap_or_else(|| repeated(error))),
            };
            let _ = done.send(told);
        }
    }

    fn transaction(&mut self, group: VecDeque<Job>, outcomes: &mut Vec<Outcome>) -> Result<()> {
        let mut batch = Batch::default();
        let begun = dialect::begin_write(&mut self.connection);
        for job in group {
            let outcome = match &begun {
                Ok(()) => self.attempt(job.work, job.entries, &mut batch),
                Err(_) => Ok(()),
            };
            outcomes.push((job.done, outcome));
        }
        begun?;
        audit::append(&mut self.connection, &batch.entries, &self.environment)?;
        Ok(self.connection.batch_execute("COMMIT")?)
    }

    /// Does one piece of work in a savepoint: when it fails, only it is undone.
    fn attempt(&mut self, work: Option<Work>, entries: Vec<PendingEntry>, batch: &mut Batch) -> Result<()> {
        let Some(work) = work else {
            batch.entries.extend(entries);
            return Ok(());
        };
        self.connection.batch_execute("SAVEPOINT job")?;
        let mut own = Batch::default();
        let connection = &mut self.connection;
        let outcome = catch_unwind(AssertUnwindSafe(|| work(connection, &mut own)))
            .unwrap_or_else(|_| Err(Error::internal("a change panicked")));
        match outcome {
            Ok(()) => {
                self.connection.batch_execute("RELEASE SAVEPOINT job")?;
                batch.entries.append(&mut own.entries);
                Ok(())
            }
            Err(error) => {
                self.connection.batch_execute("ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job")?;
                Err(error)
            }
        }
    }

    /// After a failed commit: back to a clean connection, a new one if need be.
    fn recover(&mut self) {
        if self.connection.batch_execute("ROLLBACK").is_err()
            && let Ok(connection) = self.url.connect()
        {
            self.connection = connection;
        }
    }
}

type Outcome = (oneshot::Sender<Result<()>>, Result<()>);

/// The error of a commit, once more for each who waited for it.
fn repeated(error: &Error) -> Error {
    match error {
        Error::Busy => Error::Busy,
        error => Error::internal(error),
    }
}
