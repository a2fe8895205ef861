//! A database: where it is, its readers and its writer. Data and keys each have one.

mod bell;
mod claim;
mod connection;
pub mod dialect;
mod migrations;
pub mod query;
mod readers;
mod remembered;
mod url;
mod writer;

use std::sync::Arc;

pub use claim::Claim;
pub use connection::AnyConnection;
pub use migrations::{MigrationStatus, Schema};
pub(crate) use remembered::Remembered;
pub use url::DatabaseUrl;
pub use writer::{Batch, Writer};

use readers::Readers;

use crate::environment::Environment;
use crate::error::{Error, Result};

/// How long one use of the database may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Some rows by key, at most a page of them: on SQLite less work than handing it to another thread.
    Rows,
    /// A scan, or anything else that opens many values.
    Scan,
}

/// An open database.
#[derive(Clone)]
pub struct Database {
    url: Arc<DatabaseUrl>,
    readers: Readers,
    writer: Writer,
}

impl Database {
    /// Opens the database at `url` with `readers` connections for reading and one queue for writing.
    /// `parallel` is the number of threads that may wait for the database; more callers get [`Error::Busy`].
    pub fn open(
        url: DatabaseUrl,
        schema: Schema,
        readers: u32,
        parallel: usize,
        environment: &Environment,
    ) -> Result<Self> {
        let mut connection = url.connect()?;
        let missing = schema.pending(&mut connection)?;
        if !missing.is_empty() {
            return Err(Error::internal(format!(
                "{schema:?} database: {} migrations are missing; run `groeilijn migrate`",
                missing.len()
            )));
        }
        drop(connection);
        let url = Arc::new(url);
        let readers = Readers::open(&url, readers, parallel)?;
        Ok(Self { writer: Writer::start(&url, &readers, environment)?, readers, url })
    }

    /// Runs `work` on a connection for reading.
    pub async fn read<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run(cost, work).await
    }

    /// Runs `work` on a connection for reading, so that all its queries see one moment.
    pub async fn read_at_one_moment<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let readers = self.readers.clone();
        self.readers.run(cost, move |connection| readers.at_one_moment(connection, work)).await
    }

    /// Runs `work` on a connection for reading, on this thread.
    pub fn read_here<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        self.readers.run_here(work)
    }

    /// The queue through which all changes go.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Where this database is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }
}
