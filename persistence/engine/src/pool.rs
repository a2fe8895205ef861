//! A database in use: its readers and its writer. Data and keys each have one.

use std::sync::Arc;
use std::time::Duration;

use crate::database::connection::AnyConnection;
use crate::database::dialect;
use crate::database::editions::Editions;
use crate::database::migrations::Schema;
use crate::database::mirror::{Copies, Mirror};
use crate::database::readers::{Cost, Readers, View};
use crate::database::url::DatabaseUrl;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::writer::Writer;

/// How much of a database one process uses at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Connections for reading.
    pub readers: u32,
    /// Threads that may wait for one of them; more callers get [`Error::Busy`].
    pub parallel: usize,
    /// Threads that write, each with a connection; an embedded database has one.
    pub writers: u32,
}

/// How often the log of an embedded database is tried to be cut off, a fifth of a second each time.
const ATTEMPTS: usize = 25;

/// How long others get in between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// An open database.
#[derive(Clone)]
pub struct Database {
    url: Arc<DatabaseUrl>,
    /// The second file, if there is one.
    mirror: Option<Mirror>,
    readers: Readers,
    writer: Writer,
}

impl Database {
    /// Opens the database at `url` with one queue for writing.
    ///
    /// # Errors
    /// [`Error::Internal`] when migrations are missing, when a newer program ran some, and when it cannot be reached; as
    /// [`Schema::check_alone`].
    pub fn open(url: DatabaseUrl, schema: Schema, share: Share, environment: &Environment) -> Result<Self> {
        Self::open_with(url, (None, Editions::default()), schema, share, environment)
    }

    /// The same for a database of which rows are remembered ([`crate::remembered`]): changes of the tables named here leave
    /// those as they are.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn open_apart_from(
        tables: &'static [&'static str],
        url: DatabaseUrl,
        schema: Schema,
        share: Share,
        environment: &Environment,
    ) -> Result<Self> {
        Self::open_with(url, (None, Editions::apart_from(tables)), schema, share, environment)
    }

    /// The same with a second file, which gets what is written in the same commit.
    ///
    /// # Errors
    /// As [`Self::open`] and [`Mirror::follow`].
    pub(crate) fn open_mirrored(
        url: DatabaseUrl,
        mirror: Option<Mirror>,
        schema: Schema,
        share: Share,
        environment: &Environment,
    ) -> Result<Self> {
        Self::open_with(url, (mirror, Editions::default()), schema, share, environment)
    }

    fn open_with(
        url: DatabaseUrl,
        (mirror, editions): (Option<Mirror>, Editions),
        schema: Schema,
        share: Share,
        environment: &Environment,
    ) -> Result<Self> {
        let mut connection = url.connect()?;
        dialect::check_language(&mut connection)?;
        schema.check_alone(&mut connection)?;
        schema.check_known(&mut connection)?;
        if schema.is_absent(&mut connection)? {
            return Err(Error::internal(
                "the database is empty; restore it from a backup, or run `groeilijn init` for a new installation",
            ));
        }
        let missing = schema.pending(&mut connection)?;
        if !missing.is_empty() {
            return Err(Error::internal(format!(
                "{schema:?} database: {} migrations are missing; run `groeilijn migrate`",
                missing.len()
            )));
        }
        drop(connection);
        let url = Arc::new(url);
        let readers = Readers::open(&url, share.readers, share.parallel, editions)?;
        let copies = match (schema, url.is_embedded(), mirror.clone()) {
            (Schema::Keys, true, Some(mirror)) => Copies::In(mirror),
            (Schema::Keys, true, None) => Copies::None(environment.clone()),
            _ => Copies::Never,
        };
        let writer = Writer::start(&url, &copies, share.writers, &readers, environment)?;
        Ok(Self { url, mirror, readers, writer })
    }

    /// Runs `work` on a connection for reading.
    ///
    /// # Errors
    /// [`Error::Busy`] when no connection comes free in time, [`Error::Unavailable`] when the database cannot be
    /// reached or is lost on the way; what `work` returns.
    pub async fn read<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run(cost, View::Newest, work).await
    }

    /// Runs `work` on a connection for reading, so that all its queries see one moment.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_at_one_moment<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run(cost, View::OneMoment, work).await
    }

    /// The same, at a moment that has every entry of the audit log that was committed before.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_at_present<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run(cost, View::Present, work).await
    }

    /// Runs `work` on a connection for reading, on this thread.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_here<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        self.readers.run_here(View::Newest, work)
    }

    /// The queue through which all changes go.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Has an embedded database, and its second file, let go of the bytes of what was deleted, which the log still holds. PostgreSQL keeps them
    /// in its files for a while, and in its log as long as its backups are kept.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn shed_deleted(&self) -> Result<()> {
        if !self.url.is_embedded() {
            return Ok(());
        }
        let (url, mirror, readers) = (self.url.clone(), self.mirror.clone(), self.readers.clone());
        tokio::task::spawn_blocking(move || {
            let mut connection = url.connect()?;
            if let Some(mirror) = mirror {
                mirror.attach(&mut connection)?;
            }
            for _ in 0..ATTEMPTS {
                // Who began to read since the last attempt keeps what it sees.
                readers.let_go();
                if dialect::truncate_log(&mut connection)? {
                    return Ok(());
                }
                // Whoever has to write gets in between: an attempt keeps everybody waiting. Another process lets go of what
                // it reads after a moment of rest.
                std::thread::sleep(PAUSE);
            }
            Err(Error::Busy)
        })
        .await
        .map_err(Error::internal)?
    }

    /// Has PostgreSQL write the keys anew, so that its tables hold no bytes of destroyed ones; an embedded key store did so
    /// as they were destroyed. For the database of the keys.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn write_keys_anew(&self) -> Result<()> {
        let url = self.url.clone();
        tokio::task::spawn_blocking(move || dialect::write_keys_anew(&mut url.connect()?))
            .await
            .map_err(Error::internal)?
    }

    /// Where this database is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Which edition of the data is the present one: it is raised by each commit of more than audit entries. `None`
    /// when that is not known, because others write to the database too.
    pub fn edition(&self) -> Option<u64> {
        self.readers.edition()
    }

    /// Which edition of what is remembered is the present one: it is raised by each commit that may concern it. `None` as
    /// above.
    pub fn remembered_edition(&self) -> Option<u64> {
        self.readers.remembered_edition()
    }
}
