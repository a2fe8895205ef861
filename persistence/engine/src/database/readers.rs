//! The connections for reading, and the bound on how many callers may wait for one.
//!
//! On SQLite a connection throws its page cache away when another has committed, and here nearly every request
//! commits: what it read goes into the audit log. So a reader keeps the moment that it reads at from one request to
//! the next, for as long as nothing but entries of the audit log was committed. The writer says when something else
//! was: [`Readers::outdate`]. Whoever looks into the log asks for the present moment: [`View::Present`].
//!
//! A connection is looked at before it is handed out, and work is not given away before its transaction has begun: one
//! that died at rest costs its next user nothing. What fails halfway is [`Error::Unavailable`], and the connection goes.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, NopErrorHandler, Pool, PooledConnection};
use tokio::sync::Semaphore;

use super::connection::AnyConnection;
use super::dialect;
use super::editions::Editions;
use super::outage::Outage;
use super::reachability::Reachability;
use super::url::DatabaseUrl;
use crate::error::{Error, Result};

/// How long a caller may wait for a connection before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long one use of the database may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Some rows by key, at most a page of them: on SQLite less work than handing it to another thread.
    Rows,
    /// A scan, or anything else that opens many values.
    Scan,
}

/// What the queries of one piece of work see on a database that others write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Each what was committed before it.
    Newest,
    /// All of them the same moment. New entries of the audit log may be missing.
    OneMoment,
    /// All of them the present moment, with the whole audit log.
    Present,
}

/// A connection for reading.
struct Reader {
    connection: AnyConnection,
    /// The edition of the data that its open transaction shows; none is open when absent.
    shows: Option<u64>,
    /// How often the database had been lost when the connection was made.
    losses: u64,
    broken: bool,
}

impl Reader {
    /// Shows `edition`, or a newer one.
    fn show(&mut self, edition: u64) -> Result<()> {
        if self.shows != Some(edition) {
            self.let_go()?;
            dialect::begin_read(&mut self.connection)?;
            self.shows = Some(edition);
        }
        Ok(())
    }

    /// Shows nothing, so that the database need not keep for it what was replaced since.
    fn let_go(&mut self) -> Result<()> {
        if self.shows.take().is_some() {
            // Nothing was written, so how the transaction ends makes no difference to the data.
            let ended = dialect::end_read(&mut self.connection);
            self.broken |= ended.is_err();
            ended?;
        }
        Ok(())
    }
}

/// Makes connections for r2d2 by the scheme of the address.
struct Manager {
    url: Arc<DatabaseUrl>,
    reachability: Arc<Reachability>,
}

impl ManageConnection for Manager {
    type Connection = Reader;
    type Error = Error;

    fn connect(&self) -> Result<Reader> {
        let losses = self.reachability.losses();
        match self.url.connect() {
            Ok(connection) => {
                self.reachability.reached();
                Ok(Reader { connection, shows: None, losses, broken: false })
            }
            Err(error) => {
                self.reachability.out_of_reach(&error);
                Err(error)
            }
        }
    }

    fn is_valid(&self, reader: &mut Reader) -> Result<()> {
        Ok(reader.connection.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, reader: &mut Reader) -> bool {
        // After a panic, nobody knows what is open on it.
        reader.broken || thread::panicking()
    }
}

/// A bounded pool of connections for reading.
#[derive(Clone)]
pub(crate) struct Readers {
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
    embedded: bool,
    editions: Editions,
    reachability: Arc<Reachability>,
}

impl Readers {
    /// Opens up to so many `connections`; at most `parallel` callers wait for one on blocking threads.
    pub(crate) fn open(
        url: &Arc<DatabaseUrl>,
        connections: u32,
        parallel: usize,
        editions: Editions,
    ) -> Result<Self> {
        let reachability = Arc::<Reachability>::default();
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(NopErrorHandler))
            .build(Manager { url: url.clone(), reachability: reachability.clone() })
            .map_err(Error::internal)?;
        Ok(Self {
            pool,
            permits: Arc::new(Semaphore::new(parallel)),
            embedded: url.is_embedded(),
            editions,
            reachability,
        })
    }

    /// Whether the database can be reached, as its writer and its readers find out.
    pub(crate) fn reachability(&self) -> &Arc<Reachability> {
        &self.reachability
    }

    /// Runs `work` here when that is shorter than the hand-over to another thread, else on such a thread.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        cost: Cost,
        view: View,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.embedded && cost == Cost::Rows {
            return self.run_here(view, work);
        }
        let permit = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned())
            .await
            .map_err(|_| self.reachability.refusal())?
            .map_err(Error::internal)?;
        let readers = self.clone();
        // The permit moves into the closure: work that nobody waits for any more still counts.
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            readers.run_here(view, work)
        })
        .await
        .map_err(Error::internal)?
    }

    /// Runs `work` on this thread. What was committed before is seen.
    pub(crate) fn run_here<T>(
        &self,
        view: View,
        work: impl FnOnce(&mut AnyConnection) -> Result<T>,
    ) -> Result<T> {
        let mut reader = self.begin(view)?;
        let outcome = work(&mut reader.connection);
        if outcome.as_ref().is_err_and(Error::leaves_doubt) {
            self.discard(&mut reader);
        } else if outcome.is_err() || reader.shows != self.edition() {
            // What was read was read. A reader that does not let go is broken, and the pool replaces it.
            let _ = reader.let_go();
        }
        outcome
    }

    /// A connection on which the work can begin. Those that turn out to be dead are dropped.
    fn begin(&self, view: View) -> Result<PooledConnection<Manager>> {
        for _ in 0..=self.pool.max_size() {
            let mut reader = self.pool.get().map_err(|_| self.reachability.refusal())?;
            if reader.losses == self.reachability.losses() && reader.connection.is_alive() {
                match self.prepare(&mut reader, view) {
                    Ok(()) => return Ok(reader),
                    Err(error) if !error.leaves_doubt() => return Err(error),
                    Err(_) => {}
                }
            }
            self.discard(&mut reader);
        }
        Err(Error::Unavailable(Outage::Lost))
    }

    /// Has a reader show what a view asks for.
    fn prepare(&self, reader: &mut Reader, view: View) -> Result<()> {
        if view == View::Present {
            reader.let_go()?;
        }
        match self.edition() {
            Some(edition) => reader.show(edition),
            None if view == View::Newest => Ok(()),
            None => reader.show(0),
        }
    }

    /// Lets the pool drop a connection, and all of its age with it when it is dead.
    fn discard(&self, reader: &mut Reader) {
        reader.broken = true;
        if !reader.connection.is_alive() {
            self.reachability.lose(reader.losses);
        }
    }

    /// Which edition of the data is the present one.
    pub(crate) fn editions(&self) -> &Editions {
        &self.editions
    }

    /// Marks the readers' snapshots, and what is remembered, as outdated: every read that begins after this sees what was
    /// committed.
    pub(crate) fn outdate(&self) {
        self.editions.raise(true);
    }

    /// Makes the readers let go of the moments they keep: those at rest now, those at work as soon as they are done
    /// and see that they are outdated. One that is just being put back may be missed until the next time.
    pub(crate) fn let_go(&self) {
        self.outdate();
        let at_rest = self.pool.state().idle_connections;
        let mut taken: Vec<_> = (0..at_rest).map_while(|_| self.pool.try_get()).collect();
        for reader in &mut taken {
            // One that fails is broken, and the pool replaces it.
            let _ = reader.let_go();
        }
    }

    /// The number of the present edition of the data; `None` for a shared database, where others commit too.
    pub(crate) fn edition(&self) -> Option<u64> {
        self.embedded.then(|| self.editions.data())
    }

    /// The number of the present edition of what is remembered; `None` as above.
    pub(crate) fn remembered_edition(&self) -> Option<u64> {
        self.embedded.then(|| self.editions.remembered())
    }
}
