//! The store as a whole: both databases, the keys and the environment.

use std::path::Path;
use std::sync::Arc;

use groeilijn_domain::access::Scope;
use groeilijn_domain::values::ids::SessionId;

use crate::access::api_token::ApiTokenInUse;
use crate::access::session::StoredSession;
use crate::activity::Activity;
use crate::audit::AuditContext;
use crate::children::framework::PublishedFrameworks;
use crate::database::{Database, DatabaseUrl, MigrationStatus, Remembered, Schema};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::handles::platform::Platform;
use crate::handles::tenant::Tenant;
use crate::keys::{KeyRing, LoginIndex, RootKey, RootKeyFile};

/// How many sessions are kept in memory at most.
const SESSIONS: usize = 10_000;
/// How many API tokens are kept in memory at most.
const API_TOKENS: usize = 1_000;

/// Where everything is and how much of it may be used at once.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The data.
    pub data: DatabaseUrl,
    /// The key store: another database than the data.
    pub keys: DatabaseUrl,
    /// Connections for short reads on an embedded database: one for each thread that serves requests.
    pub readers: u32,
    /// Threads that may wait for the database; with one more waiting, callers are told to come back.
    pub parallel: usize,
}

/// The open store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    data: Database,
    keys: KeyRing,
    login_index: LoginIndex,
    frameworks: PublishedFrameworks,
    sessions: Remembered<SessionId, StoredSession>,
    /// By the SHA-256 of the token.
    api_tokens: Remembered<[u8; 32], ApiTokenInUse>,
    activity: Activity,
    environment: Environment,
}

impl Store {
    /// Makes the databases, their tables and the keys of a new installation. What is there already stays.
    pub async fn create(options: &StoreOptions, root_key: &Path, environment: &Environment) -> Result<()> {
        if options.data == options.keys {
            return Err(Error::internal("the data and the key store must be two databases"));
        }
        options.data.create()?;
        options.keys.create()?;
        Self::migrate(options)?;
        if !root_key.exists() {
            RootKeyFile::create(root_key, environment)?;
        }
        let root = Arc::new(RootKeyFile::open(root_key, environment.clone())?);
        let keys = Self::open_keys(options, root, environment)?;
        keys.system().create().await?;
        keys.create_platform().await
    }

    /// Makes a new key to sign access tokens with ([`crate::keys::SystemKeys::rotate_signing_key`]).
    pub async fn rotate_signing_key(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<()> {
        Self::open_keys(options, root, environment)?.system().rotate_signing_key().await
    }

    /// Brings both databases to the present version.
    pub fn migrate(options: &StoreOptions) -> Result<Vec<MigrationStatus>> {
        let mut done = Schema::Keys.migrate(&mut options.keys.connect()?)?;
        done.extend(Schema::Data.migrate(&mut options.data.connect()?)?);
        Ok(done)
    }

    /// Opens an installation that was made before.
    pub async fn open(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: Environment,
    ) -> Result<Self> {
        let keys = Self::open_keys(options, root, &environment)?;
        let login_index = keys.system().login_index().await?;
        let data = Database::open(
            options.data.clone(),
            Schema::Data,
            options.readers,
            options.parallel,
            &environment,
        )?;
        Ok(Self {
            inner: Arc::new(Inner {
                activity: Activity::new(options.data.is_embedded()),
                data,
                keys,
                login_index,
                frameworks: PublishedFrameworks::default(),
                sessions: Remembered::new(SESSIONS),
                api_tokens: Remembered::new(API_TOKENS),
                environment,
            }),
        })
    }

    fn open_keys(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<KeyRing> {
        let database = Database::open(
            options.keys.clone(),
            Schema::Keys,
            options.readers,
            options.parallel,
            environment,
        )?;
        Ok(KeyRing::new(root, database, environment.clone()))
    }

    /// The data of one institution, for an actor of it who was found to have a permission that reaches `scope`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor belongs to no institution.
    pub fn tenant(&self, context: AuditContext, scope: Scope) -> Result<Tenant> {
        Tenant::new(self.clone(), context, scope)
    }

    /// What belongs to no institution, for an actor who was found to have a permission there.
    pub fn platform(&self, context: AuditContext) -> Platform {
        Platform::new(self.clone(), context)
    }

    /// Whether the databases answer.
    pub async fn ready(&self) -> Result<()> {
        use crate::database::Cost;
        use diesel::connection::SimpleConnection;
        for database in [self.data(), self.keys().database()] {
            database.read(Cost::Scan, |connection| Ok(connection.batch_execute("SELECT 1")?)).await?;
        }
        Ok(())
    }

    /// How many changes wait for the database.
    pub fn queue_depth(&self) -> usize {
        self.data().writer().depth()
    }

    /// The keys.
    pub fn keys(&self) -> &KeyRing {
        &self.inner.keys
    }

    /// The time and the randomness.
    pub fn environment(&self) -> &Environment {
        &self.inner.environment
    }

    pub(crate) fn sessions(&self) -> &Remembered<SessionId, StoredSession> {
        &self.inner.sessions
    }

    pub(crate) fn api_tokens(&self) -> &Remembered<[u8; 32], ApiTokenInUse> {
        &self.inner.api_tokens
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.inner.activity
    }

    pub(crate) fn data(&self) -> &Database {
        &self.inner.data
    }

    pub(crate) fn frameworks(&self) -> &PublishedFrameworks {
        &self.inner.frameworks
    }

    pub(crate) fn login_index(&self) -> &LoginIndex {
        &self.inner.login_index
    }
}
