//! The threads that write.

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use groeilijn_domain::values::ids::InstitutionId;
use tokio::sync::oneshot;

use super::bell::Bell;
use super::news::News;
use super::task::{Batch, Job, Task};
use crate::audit::pending::PendingEntry;
use crate::audit::tree::Trees;
use crate::database::connection::AnyConnection;
use crate::database::dialect;
use crate::database::editions::Watch;
use crate::database::mirror::Copies;
use crate::database::outage::Outage;
use crate::database::query::Plain;
use crate::database::readers::Readers;
use crate::database::url::DatabaseUrl;
use crate::environment::Environment;
use crate::error::{Error, Result};

/// How many pieces of work one commit takes at most, so that the first does not wait for ever.
const GROUP: usize = 256;
/// The log of an embedded database is checkpointed after this many jobs, some tens of megabytes. That write waits for
/// the disk, so it must be rare.
const LOGGED: usize = 4000;
/// A checkpoint that a reader held back is tried again after this many jobs.
const TRY_AGAIN: usize = 100;
/// A log of more bytes than so many jobs leave behind is checkpointed at once, and gives its room back.
const LARGE_LOG: u64 = 64 << 20;
/// What a log may keep while nothing is written. It is not made smaller in between: what is written over takes less
/// time than what is added.
const SMALL_LOG: u64 = 4 << 20;
/// How far the stored heads of audit trees in an embedded database may lag: at most this many hashes are read again
/// when it is opened.
const EMBEDDED_LAG: u64 = 64;
/// How long nothing must be written before an embedded database is put to rest.
const QUIET: Duration = Duration::from_secs(1);

/// Writes what it takes from the queue.
pub(super) struct WriterThread {
    url: Arc<DatabaseUrl>,
    copies: Copies,
    connection: AnyConnection,
    /// Whether what is changed on the connection concerns what is remembered.
    watch: Watch,
    /// Whether nobody knows in what state the connection is.
    doubtful: bool,
    /// How often the database had been lost when the connection was made.
    losses: u64,
    /// Whether the last commit failed.
    failing: bool,
    jobs: Arc<Mutex<Receiver<Job>>>,
    waiting: Arc<AtomicUsize>,
    readers: Readers,
    bell: Bell,
    news: News,
    /// The institutions at which something is done in the present transaction.
    told: BTreeSet<InstitutionId>,
    trees: Trees,
    /// See [`dialect::changes_of_others`].
    others: Option<i32>,
    /// Jobs since the log was last emptied.
    logged: usize,
    /// Whether a reader held the last checkpoint back.
    held_back: bool,
    environment: Environment,
}

impl WriterThread {
    /// Connects to the database at `url`.
    pub(super) fn open(
        url: &Arc<DatabaseUrl>,
        copies: Copies,
        jobs: Arc<Mutex<Receiver<Job>>>,
        waiting: Arc<AtomicUsize>,
        readers: &Readers,
        (bell, news): (&Bell, &News),
        environment: &Environment,
    ) -> Result<Self> {
        let losses = readers.reachability().losses();
        let mut connection = url.connect_to_write()?;
        copies.follow(&mut connection)?;
        let watch = readers.editions().watch(&mut connection)?;
        Ok(Self {
            url: url.clone(),
            copies,
            connection,
            watch,
            doubtful: false,
            losses,
            failing: false,
            jobs,
            waiting,
            readers: readers.clone(),
            bell: bell.clone(),
            news: news.clone(),
            told: BTreeSet::new(),
            trees: Trees::new(if url.is_embedded() { EMBEDDED_LAG } else { 1 }),
            others: None,
            logged: 0,
            held_back: false,
            environment: environment.clone(),
        })
    }

    /// Writes until the queue is closed and empty.
    pub(super) fn run(mut self) {
        loop {
            match self.next_group() {
                Ok(group) => {
                    let size = group.len();
                    self.commit(group);
                    self.waiting.fetch_sub(size, Ordering::Relaxed);
                    self.logged += size;
                    let large = !self.held_back && self.url.log_bytes() > LARGE_LOG;
                    if self.url.is_embedded() && (large || self.logged >= LOGGED) {
                        self.empty_log(LARGE_LOG);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.rest(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }

    /// Waits for work, then takes what else is waiting. Nobody is waited for besides: whoever comes during a commit shares
    /// the next one, and the dearer a commit is, the more they are.
    fn next_group(&self) -> std::result::Result<VecDeque<Job>, RecvTimeoutError> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut group = VecDeque::from([jobs.recv_timeout(QUIET)?]);
        while group.len() < GROUP && self.may_take_more(&group) {
            match jobs.try_recv() {
                Ok(job) => group.push_back(job),
                Err(_) => break,
            }
        }
        Ok(group)
    }

    /// On PostgreSQL others write at the same time, so a transaction there locks no more than one piece of work or one
    /// session: then none waits for another in a circle.
    fn may_take_more(&self, group: &VecDeque<Job>) -> bool {
        self.url.is_embedded() || group.iter().all(|job| matches!(job.task, Task::Entries(_)))
    }

    fn commit(&mut self, group: VecDeque<Job>) {
        let mut outcomes = Vec::with_capacity(group.len());
        let changes = group.iter().any(|job| matches!(job.task, Task::Work(_)));
        let mut concerns_remembered = true;
        let committed = self.transaction(group, &mut outcomes, &mut concerns_remembered);
        self.note(&committed);
        if changes {
            self.readers.editions().raise(concerns_remembered);
            self.bell.ring();
        }
        // When the commit failed nothing may have been done, which whoever looks finds out.
        self.news.tell(&std::mem::take(&mut self.told));
        for (done, outcome) in outcomes {
            let told = match &committed {
                Ok(()) => outcome,
                Err(error) => Err(outcome.err().unwrap_or_else(|| repeated(error))),
            };
            let _ = done.send(told);
        }
    }

    fn transaction(
        &mut self,
        group: VecDeque<Job>,
        outcomes: &mut Vec<Outcome>,
        concerns_remembered: &mut bool,
    ) -> Result<()> {
        let mut batch = Batch::default();
        let mut open = self.begin();
        let changes = group.iter().any(|job| matches!(job.task, Task::Work(_)));
        for job in group {
            let attempted = match open {
                Ok(()) => self.attempt(job.task, &mut batch),
                Err(_) => Ok(Ok(())),
            };
            let outcome = attempted.unwrap_or_else(|error| {
                open = Err(error);
                Ok(())
            });
            self.doubtful |= outcome.as_ref().is_err_and(Error::leaves_doubt);
            outcomes.push((job.done, outcome));
        }
        open?;
        let concerned = self.watch.take();
        for (used, at) in batch.last_uses {
            used.keep(&mut self.connection, at)?;
        }
        self.trees.append(&mut self.connection, &batch.entries, &self.environment)?;
        if changes {
            self.copies.before_commit(&mut self.connection)?;
        }
        Plain("COMMIT").run(&mut self.connection)?;
        // What was written besides the work is known in memory, as when something was last used.
        self.watch.take();
        *concerns_remembered = concerned;
        Ok(())
    }

    /// Begins a transaction, on a new connection when the last one is of no use: no work was begun yet, so none is
    /// lost.
    fn begin(&mut self) -> Result<()> {
        let lost = self.losses != self.readers.reachability().losses() || !self.connection.is_alive();
        if !self.doubtful && !lost {
            match self.begin_here() {
                Err(error) if error.leaves_doubt() => {}
                begun => return begun,
            }
        }
        self.connect()?;
        self.begin_here()
    }

    /// Connects anew.
    fn connect(&mut self) -> Result<()> {
        let reachability = self.readers.reachability();
        if !self.connection.is_alive() {
            reachability.lose(self.losses);
        }
        self.doubtful = true;
        let losses = reachability.losses();
        let mut connection = self.url.connect_to_write().map_err(|error| {
            reachability.out_of_reach(&error);
            self.refuse_waiting();
            if error.is_passing() { error } else { UNREACHABLE }
        })?;
        reachability.reached();
        self.copies.follow(&mut connection).map_err(|error| {
            tracing::error!(%error, "the second key store cannot be written");
            if error.is_passing() { error } else { UNREACHABLE }
        })?;
        self.watch = self.readers.editions().watch(&mut connection)?;
        self.connection = connection;
        self.losses = losses;
        self.doubtful = false;
        self.forget();
        Ok(())
    }

    /// Begins a transaction on this connection. Cached tree heads are dropped when another one has written since.
    fn begin_here(&mut self) -> Result<()> {
        dialect::begin_write(&mut self.connection)?;
        let others = dialect::changes_of_others(&mut self.connection)?;
        if others.is_none() || others != self.others {
            self.trees.forget();
            self.readers.outdate();
            self.others = others;
        }
        Ok(())
    }

    /// Does one piece of work in a savepoint: when it fails, only it is undone.
    ///
    /// # Errors
    /// When the savepoint itself fails. SQLite may have undone the whole transaction then, so it is lost.
    fn attempt(&mut self, task: Task, batch: &mut Batch) -> Result<Result<()>> {
        let work = match task {
            Task::Work(work) => work,
            Task::Entries(entries) => {
                batch.entries.extend(entries);
                return Ok(Ok(()));
            }
            Task::Probe => {
                // As long as all goes well, the commit itself shows it.
                return if self.failing {
                    let probed = dialect::probe_write(&mut self.connection);
                    probed.and_then(|()| self.copies.probe(&mut self.connection)).map(Ok)
                } else {
                    Ok(Ok(()))
                };
            }
            Task::LastUse(used, at) => {
                batch.last_uses.insert(used, at);
                return Ok(Ok(()));
            }
        };
        Plain("SAVEPOINT job").run(&mut self.connection)?;
        let mut own = Batch::default();
        let connection = &mut self.connection;
        let outcome = catch_unwind(AssertUnwindSafe(|| work(connection, &mut own)))
            .unwrap_or_else(|_| Err(Error::internal("a change panicked")));
        match outcome {
            Ok(()) => {
                Plain("RELEASE SAVEPOINT job").run(&mut self.connection)?;
                self.told.extend(own.entries.iter().map(PendingEntry::institution));
                batch.entries.extend(PendingEntry::by_request(own.entries));
                Ok(Ok(()))
            }
            Err(error) => {
                match self.connection.batch_execute("ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job") {
                    Ok(()) => {
                        batch.entries.append(&mut own.refused);
                        Ok(Err(error))
                    }
                    // The transaction went with the work, and what happened to the work is why.
                    Err(_) if error.is_passing() => Err(error),
                    Err(undoing) => Err(undoing.into()),
                }
            }
        }
    }

    /// Notes how a commit went. After one that failed, the next begins with a clean connection.
    fn note(&mut self, committed: &Result<()>) {
        match committed {
            Ok(()) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("changes are written again");
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::error!(%error, "changes cannot be written");
                }
                self.forget();
                self.doubtful |= error.leaves_doubt()
                    || self.copies.may_differ()
                    || !self.connection.is_alive()
                    || self.connection.batch_execute("ROLLBACK").is_err();
            }
        }
    }

    /// Forgets what is known of the database besides what stands in it.
    fn forget(&mut self) {
        self.trees.forget();
        self.others = None;
    }

    /// Tells all that wait that the database cannot be reached: each of them would find out as slowly.
    fn refuse_waiting(&self) {
        // Where another thread waits for work, there is none.
        let Ok(jobs) = self.jobs.try_lock() else { return };
        while let Ok(job) = jobs.try_recv() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            let _ = job.done.send(Err(UNREACHABLE));
        }
    }
}

/// Upkeep of an embedded database.
impl WriterThread {
    /// While nothing is written: readers let go of their snapshots, and the log is checkpointed.
    fn rest(&mut self) {
        if !self.url.is_embedded() {
            return;
        }
        self.readers.let_go();
        if self.logged > 0 || self.url.log_bytes() > SMALL_LOG {
            self.empty_log(SMALL_LOG);
        }
    }

    /// Checkpoints the log, and makes it small when it takes more than `most` bytes. Readers let go of their snapshots
    /// before, since an old one keeps frames from being copied, and after, since one taken meanwhile keeps SQLite from
    /// starting the log over.
    fn empty_log(&mut self, most: u64) {
        self.readers.let_go();
        let mut emptied = dialect::empty_log(&mut self.connection).unwrap_or_default();
        self.readers.let_go();
        if emptied && self.url.log_bytes() > most {
            emptied = dialect::truncate_log(&mut self.connection).unwrap_or_default();
        }
        self.held_back = !emptied;
        self.logged = if emptied { 0 } else { LOGGED - TRY_AGAIN };
    }
}

const UNREACHABLE: Error = Error::Unavailable(Outage::Lost);

type Outcome = (oneshot::Sender<Result<()>>, Result<()>);

/// The error of a commit, for each caller that shared it.
fn repeated(error: &Error) -> Error {
    match error {
        Error::Busy => Error::Busy,
        Error::Unavailable(outage) => Error::Unavailable(*outage),
        error => Error::internal(error),
    }
}
