//! The connections for reading, and the bound on how many callers may wait for one.

use std::{sync::Arc, time::Duration};

use diesel::{
    connection::SimpleConnection,
    r2d2::{ManageConnection, Pool},
};
use tokio::sync::Semaphore;

use super::{AnyConnection, Cost, DatabaseUrl};
use crate::error::{Error, Result};

/// How long a caller may wait for a connection before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(2);

/// Makes connections for r2d2 by the scheme of the address.
struct Manager(Arc<DatabaseUrl>);

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = Error;

    fn connect(&self) -> Result<AnyConnection> {
        self.0.connect()
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<()> {
        Ok(connection.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        use diesel::r2d2::R2D2Connection;
        match connection {
            AnyConnection::Postgres(connection) => connection.is_broken(),
            AnyConnection::Sqlite(connection) => connection.is_broken(),
        }
    }
}

/// A bounded pool of connections for reading.
#[derive(Clone)]
pub(super) struct Readers {
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
    embedded: bool,
}

impl Readers {
    /// Opens up to `parallel` connections for work on threads of its own, and `connections` besides for work that
    /// is done where it is asked for.
    pub(super) fn open(url: &Arc<DatabaseUrl>, connections: u32, parallel: usize) -> Result<Self> {
        let parallel_connections = u32::try_from(parallel).unwrap_or(u32::MAX);
        let pool = Pool::builder()
            .max_size(connections.saturating_add(parallel_connections))
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(PATIENCE)
            .build(Manager(url.clone()))
            .map_err(Error::internal)?;
        Ok(Self { pool, permits: Arc::new(Semaphore::new(parallel)), embedded: url.is_embedded() })
    }

    /// Runs `work` here when that is shorter than the hand-over to another thread, else on such a thread.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.embedded && cost == Cost::Rows {
            return self.run_here(work);
        }
        let permit = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned())
            .await
            .map_err(|_| Error::Busy)?
            .map_err(Error::internal)?;
        let readers = self.clone();
        // The permit moves into the closure: work that nobody waits for any more still counts.
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            readers.run_here(work)
        })
        .await
        .map_err(Error::internal)?
    }

    /// Runs `work` on this thread.
    pub(super) fn run_here<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        let mut connection = self.pool.get().map_err(|_| Error::Busy)?;
        work(&mut connection)
    }
}
