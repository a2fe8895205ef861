//! An open installation: both databases, the keys, and the last uses that are not written yet.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use jiff::Timestamp;

use crate::authentic::Authenticator;
use crate::belonging;
use crate::database::migrations::{MigrationStatus, Schema};
use crate::database::mirror::Mirror;
pub use crate::database::mirror::Recovered;
use crate::database::readers::Cost;
use crate::database::roles;
use crate::database::url::DatabaseUrl;
use crate::environment::Environment;
use crate::error::{Error, Part, Result};
use crate::keys::{KeyRing, KeyStatus, LoginIndex, RootKey, RootKeySource, second};
use crate::last_use::{LastUses, Used};
use crate::pool::{Database, Share};
use crate::readable::DamagedRows;

/// A second key store, in a file on another disk, which gets every key in the same commit.
#[derive(Debug, Clone)]
pub struct SecondKeys {
    /// The key store of which it is the second. It goes with no other, such as a copy of that one.
    pub of: DatabaseUrl,
    /// Where it is: a file, as the first.
    pub url: DatabaseUrl,
}

/// Where everything is and how much of it may be used at once.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The data.
    pub data: DatabaseUrl,
    /// The key store: another database than the data.
    pub keys: DatabaseUrl,
    /// The second key store, if there is one.
    pub second_keys: Option<SecondKeys>,
    /// Connections for short reads on an embedded database: one for each thread that serves requests.
    pub readers: u32,
    /// The role on PostgreSQL that serves, to which the owner gives what it needs.
    pub serve_role: String,
    /// Connections to PostgreSQL at most, for data and keys together: at least [`LEAST_CONNECTIONS`].
    pub connections: u32,
    /// Threads that may wait for the database; with one more waiting, callers are told to come back.
    pub parallel: usize,
}

/// One for each kind of use, and some to read with.
pub const LEAST_CONNECTIONS: u32 = 6;

/// Threads that write to PostgreSQL, at most.
const DATA_WRITERS: u32 = 4;
const KEY_WRITERS: u32 = 2;

impl StoreOptions {
    /// Where the second key store is, if this one has one.
    pub fn second(&self) -> Option<&DatabaseUrl> {
        self.second_keys
            .as_ref()
            .filter(|second| second.of.is_same_place(&self.keys))
            .map(|second| &second.url)
    }

    /// What of it is for the data.
    fn of_data(&self) -> Share {
        let writers = self.data_writers();
        let readers = self.shared_readers() - self.key_readers();
        self.share(&self.data, Share { readers, parallel: self.parallel, writers })
    }

    /// What of it is for the keys. Whoever reads or writes data may need a key meanwhile, so the keys have connections
    /// of their own; most keys are known already, so they need fewer.
    fn of_keys(&self) -> Share {
        let (readers, writers) = (self.key_readers(), self.key_writers());
        self.share(&self.keys, Share { readers, parallel: self.parallel, writers })
    }

    fn share(&self, url: &DatabaseUrl, shared: Share) -> Share {
        if url.is_embedded() {
            let parallel = u32::try_from(self.parallel).unwrap_or(u32::MAX);
            return Share {
                readers: self.readers.saturating_add(parallel),
                parallel: self.parallel,
                writers: 1,
            };
        }
        let readers = usize::try_from(shared.readers).unwrap_or(usize::MAX);
        Share { parallel: self.parallel.min(readers), ..shared }
    }

    fn data_writers(&self) -> u32 {
        (self.connections / 5).clamp(1, DATA_WRITERS)
    }

    fn key_writers(&self) -> u32 {
        (self.connections / 10).clamp(1, KEY_WRITERS)
    }

    fn shared_readers(&self) -> u32 {
        self.connections.max(LEAST_CONNECTIONS) - self.data_writers() - self.key_writers()
    }

    fn key_readers(&self) -> u32 {
        self.shared_readers() / 3
    }
}

/// An open installation.
pub struct Engine {
    data: Database,
    keys: KeyRing,
    login_index: LoginIndex,
    authenticator: Authenticator,
    last_uses: LastUses,
    damaged: DamagedRows,
    environment: Environment,
}

impl Engine {
    /// Makes the databases, their tables and the keys of a new installation. What exists already is left as it is.
    ///
    /// # Errors
    /// [`Error::Misfit`] when the data and the keys would share a database, and when a part of an installation that is
    /// there already is missing; what keeps something from being made.
    pub async fn create(
        options: &StoreOptions,
        root_key: &RootKeySource,
        environment: &Environment,
    ) -> Result<()> {
        let second = options.second().cloned();
        belonging::check_before_making(&options.data, &options.keys, second.as_ref(), root_key, environment)?;
        options.data.create().map_err(Error::of(Part::Data))?;
        options.keys.create().map_err(Error::of(Part::Keys))?;
        if let Some(second) = second {
            second.create().map_err(Error::of(Part::SecondKeys))?;
        }
        Self::migrate(options)?;
        root_key.make(environment).map_err(Error::of(Part::RootKey))?;
        let root = root_key.open(environment.clone()).map_err(Error::of(Part::RootKey))?;
        let keys = open_keys(options, root, environment)?;
        keys.system().create().await?;
        keys.create_platform().await
    }

    /// Brings both databases to the present version, and gives the role that serves what it needs of their tables. On
    /// PostgreSQL this is for the owner of the databases.
    ///
    /// # Errors
    /// What the databases refuse; as [`roles::grant`].
    pub fn migrate(options: &StoreOptions) -> Result<Vec<MigrationStatus>> {
        let mut done = Vec::new();
        for (schema, url) in [(Schema::Keys, &options.keys), (Schema::Data, &options.data)] {
            done.extend(migrate(schema, url, &options.serve_role).map_err(Error::of(schema.part()))?);
        }
        if let Some(second) = options.second() {
            let migrated = migrate(Schema::Keys, second, &options.serve_role);
            migrated.map_err(Error::of(Part::SecondKeys))?;
        }
        Ok(done)
    }

    /// Makes a new key to sign access tokens with ([`crate::keys::SystemKeys::rotate_signing_key`]).
    ///
    /// # Errors
    /// When the key store cannot be opened or written.
    pub async fn rotate_signing_key(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<()> {
        open_keys(options, root, environment)?.system().rotate_signing_key().await
    }

    /// Makes a new key to sign certificates with ([`crate::keys::SystemKeys::rotate_certificate_key`]).
    ///
    /// # Errors
    /// When the key store cannot be opened or written.
    pub async fn rotate_certificate_key(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<()> {
        open_keys(options, root, environment)?.system().rotate_certificate_key().await
    }

    /// Makes a new key to sign checkpoints of audit logs with ([`crate::keys::SystemKeys::rotate_checkpoint_key`]).
    ///
    /// # Errors
    /// When the key store cannot be opened or written.
    pub async fn rotate_checkpoint_key(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<()> {
        open_keys(options, root, environment)?.system().rotate_checkpoint_key().await
    }

    /// Makes the key store what the second one is, when it was lost or put back from before. What was destroyed in
    /// either is destroyed in both, also when this is refused.
    ///
    /// # Errors
    /// [`Misfit::FirstAhead`] when the first knows what the second does not; what keeps one from being opened or written.
    pub fn recover_keys(options: &StoreOptions, environment: &Environment) -> Result<Recovered> {
        let second = options.second().ok_or_else(|| Error::internal("there is no second key store"))?;
        let mut connection = second.connect().map_err(Error::of(Part::SecondKeys))?;
        Schema::Keys.migrate(&mut connection).map_err(Error::of(Part::SecondKeys))?;
        options.keys.create().map_err(Error::of(Part::Keys))?;
        migrate(Schema::Keys, &options.keys, &options.serve_role).map_err(Error::of(Part::Keys))?;
        let first = Mirror::new(options.keys.clone(), second::KEYS, environment);
        first.attach(&mut connection).map_err(Error::of(Part::Keys))?;
        first.recover(&mut connection)
    }

    /// Rotates the keys that other keys are wrapped under ([`KeyRing::rotate`]), then takes away root keys that wrap
    /// nothing any more. Gives the number of keys that were wrapped anew.
    ///
    /// # Errors
    /// When the key store cannot be opened or written, or the root key does not answer.
    pub async fn rotate_keys(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<usize> {
        let keys = open_keys(options, root, environment)?;
        let rewrapped = keys.rotate().await?;
        keys.forget_older_root_keys().await?;
        Ok(rewrapped)
    }

    /// How the key store stands ([`KeyRing::status`]).
    ///
    /// # Errors
    /// When the key store cannot be opened, or the root key does not answer.
    pub async fn key_status(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<KeyStatus> {
        open_keys(options, root, environment)?.status().await
    }

    /// Opens an installation that was made before. Rows of the data that are remembered do not depend on the tables
    /// `apart` ([`crate::remembered`]).
    ///
    /// # Errors
    /// When a database cannot be reached, misses migrations, or has no keys; [`Error::Misfit`] when the data, the key
    /// store and the root key are not of one installation.
    pub async fn open(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: Environment,
        apart: &'static [&'static str],
    ) -> Result<Self> {
        let keys = open_keys(options, root, &environment)?;
        let (url, share) = (options.data.clone(), options.of_data());
        let data = Database::open_apart_from(apart, url, Schema::Data, share, &environment)
            .map_err(Error::of(Part::Data))?;
        belonging::check_opened(&data, keys.database()).await?;
        let login_index = keys.system().login_index().await?;
        let authenticator = keys.system().authenticator().await?;
        Ok(Self {
            data,
            keys,
            login_index,
            authenticator,
            last_uses: LastUses::new(options.data.is_embedded()),
            damaged: DamagedRows::default(),
            environment,
        })
    }

    /// Whether both databases can be read and written, and the root key used.
    ///
    /// # Errors
    /// What keeps one from it.
    pub async fn ready(&self) -> Result<()> {
        self.keys.ready().await?;
        for database in [&self.data, self.keys.database()] {
            database.read(Cost::Scan, |connection| Ok(connection.batch_execute("SELECT 1")?)).await?;
            database.writer().probe().await?;
        }
        Ok(())
    }

    /// Notes that something is used at the moment `now`: at once in memory, a little later in the database.
    pub fn note_use(&self, used: Used, now: Timestamp) {
        if self.last_uses.note(used, now) {
            self.data.writer().note_use(used, now);
        }
    }

    /// The data.
    pub fn data(&self) -> &Database {
        &self.data
    }

    /// The keys.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// What finds accounts by their address.
    pub fn login_index(&self) -> &LoginIndex {
        &self.login_index
    }

    /// What proves the rows that decide who gets in.
    pub fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }

    /// When things were last used, as far as this process knows.
    pub fn last_uses(&self) -> &LastUses {
        &self.last_uses
    }

    /// The damaged rows that were met.
    pub fn damaged_rows(&self) -> &DamagedRows {
        &self.damaged
    }

    /// The time and the randomness.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }
}

fn open_keys(options: &StoreOptions, root: Arc<dyn RootKey>, environment: &Environment) -> Result<KeyRing> {
    let mirror = options.second().map(|url| Mirror::new(url.clone(), second::KEYS, environment));
    let database =
        Database::open_mirrored(options.keys.clone(), mirror, Schema::Keys, options.of_keys(), environment)
            .map_err(Error::of(Part::Keys))?;
    database.read_here(|keys| belonging::check_root_key(keys, root.as_ref()))?;
    Ok(KeyRing::new(root, database, environment.clone()))
}

fn migrate(schema: Schema, url: &DatabaseUrl, serve_role: &str) -> Result<Vec<MigrationStatus>> {
    let mut connection = url.connect()?;
    let done = schema.migrate(&mut connection)?;
    roles::grant(&mut connection, schema, serve_role)?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_opens_no_more_connections_than_it_may() {
        let postgres = || DatabaseUrl::parse("postgres:///any").unwrap();
        for connections in LEAST_CONNECTIONS..200 {
            let options = StoreOptions {
                data: postgres(),
                keys: postgres(),
                readers: 4,
                connections,
                parallel: 16,
                serve_role: String::new(),
                second_keys: None,
            };
            let [data, keys] = [options.of_data(), options.of_keys()];
            assert_eq!(data.readers + data.writers + keys.readers + keys.writers, connections);
            assert!([data, keys].iter().all(|share| share.readers > 0 && share.writers > 0));
            assert!([data, keys].iter().all(|share| share.parallel <= 16 && share.parallel > 0));
        }
    }

    #[test]
    fn an_embedded_database_has_a_reader_for_each_who_may_ask() {
        let [data, keys] = ["sqlite://data", "sqlite://keys"].map(|url| DatabaseUrl::parse(url).unwrap());
        let options = StoreOptions {
            data,
            keys,
            readers: 4,
            connections: 20,
            parallel: 16,
            serve_role: String::new(),
            second_keys: None,
        };
        let share = Share { readers: 20, parallel: 16, writers: 1 };
        assert_eq!((options.of_data(), options.of_keys()), (share, share));
    }
}
