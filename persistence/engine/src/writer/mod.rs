//! Every change goes through here: a queue in front of the database, committed in groups.
//!
//! SQLite has one writer, and an fsync costs far more than a row. So whatever waits in the queue is done in one
//! transaction, each piece of work in a savepoint of its own, with one commit for all; the callers hear of it
//! after that commit. On PostgreSQL, which has many writers and groups their commits itself, a few threads each
//! do one piece of work per transaction, but records that need no savepoint are still taken together.

pub mod bell;
pub mod news;
mod task;
mod thread;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread as threads;

use jiff::Timestamp;
use tokio::sync::oneshot;

use self::bell::Bell;
use self::news::News;
pub use self::task::Batch;
use self::task::{Job, Task, Work};
use self::thread::WriterThread;
use crate::audit::pending::PendingEntry;
use crate::database::connection::AnyConnection;
use crate::database::mirror::Copies;
use crate::database::readers::Readers;
use crate::database::url::DatabaseUrl;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::last_use::Used;

/// How many callers may wait; one more is told to come back.
const QUEUE: usize = 4096;

/// The queue of changes of one database.
#[derive(Clone)]
pub struct Writer {
    queue: SyncSender<Job>,
    waiting: Arc<AtomicUsize>,
    bell: Bell,
    news: News,
}

impl Writer {
    /// Starts the threads that write to the database at `url`.
    pub(crate) fn start(
        url: &Arc<DatabaseUrl>,
        copies: &Copies,
        count: u32,
        readers: &Readers,
        environment: &Environment,
    ) -> Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let waiting = Arc::new(AtomicUsize::new(0));
        let jobs = Arc::new(Mutex::new(jobs));
        let (bell, news) = (Bell::default(), News::default());
        for number in 0..if url.is_embedded() { 1 } else { count.max(1) } {
            let writer = WriterThread::open(
                url,
                copies.clone(),
                jobs.clone(),
                waiting.clone(),
                readers,
                (&bell, &news),
                environment,
            )?;
            threads::Builder::new()
                .name(format!("database-writer-{number}"))
                .spawn(move || writer.run())
                .map_err(Error::internal)?;
        }
        Ok(Self { queue, waiting, bell, news })
    }

    /// Rings after commits in which something was left to be done.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Tells, after commits, at which institutions something was done.
    pub fn news(&self) -> &News {
        &self.news
    }

    /// Runs `work` in a transaction. When this returns `Ok` the change is durable; when `work` fails, or panics,
    /// nothing of it remains.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &mut Batch) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (work, receiver) = answering(work);
        self.submit(Task::Work(work)).await?;
        receiver.await.map_err(Error::internal)
    }

    /// As [`Self::run`], for a thread that may wait: never one that serves requests.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_here<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &mut Batch) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (work, receiver) = answering(work);
        let done = self.enqueue(Task::Work(work))?;
        done.blocking_recv().map_err(|_| Error::internal("the database writer has stopped"))??;
        receiver.blocking_recv().map_err(Error::internal)
    }

    /// Puts entries into the audit log. When this returns `Ok` they are durable.
    pub async fn record(&self, entries: Vec<PendingEntry>) -> Result<()> {
        self.submit(Task::Entries(entries)).await
    }

    /// Finds out whether a change would be written now.
    ///
    /// # Errors
    /// What keeps it from being written.
    pub async fn probe(&self) -> Result<()> {
        self.submit(Task::Probe).await
    }

    /// Keeps, soon, that something was used. When there is too much to do it is left for the next time.
    pub fn note_use(&self, used: Used, at: Timestamp) {
        drop(self.enqueue(Task::LastUse(used, at)));
    }

    /// How many pieces of work wait or are being done.
    pub fn depth(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    async fn submit(&self, task: Task) -> Result<()> {
        self.enqueue(task)?.await.map_err(|_| Error::internal("the database writer has stopped"))?
    }

    fn enqueue(&self, task: Task) -> Result<oneshot::Receiver<Result<()>>> {
        let (done, outcome) = oneshot::channel();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = self.queue.try_send(Job { task, done }) {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(match error {
                TrySendError::Full(_) => Error::Busy,
                TrySendError::Disconnected(_) => Error::internal("the database writer has stopped"),
            });
        }
        Ok(outcome)
    }
}

/// Work that hands what it returns to whoever waits for it.
fn answering<T: Send + 'static>(
    work: impl FnOnce(&mut AnyConnection, &mut Batch) -> Result<T> + Send + 'static,
) -> (Work, oneshot::Receiver<T>) {
    let (sender, receiver) = oneshot::channel();
    let work: Work = Box::new(move |connection, batch| {
        // The caller may have gone; the change is made all the same.
        let _ = sender.send(work(connection, batch)?);
        Ok(())
    });
    (work, receiver)
}
