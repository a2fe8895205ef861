//! The open store: the engine, and what the resources keep in memory.

use std::ops::Deref;
use std::sync::Arc;

use groeilijn_domain::access::principal::Principal;
use groeilijn_domain::audit::entry::{Object, Outcome};
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::audit::address;
use groeilijn_engine::audit::context::AuditContext;
use groeilijn_engine::audit::pending::PendingEntry;
use groeilijn_engine::database::migrations::MigrationStatus;
use groeilijn_engine::environment::Environment;
use groeilijn_engine::error::{Error, Misfit, Result};
use groeilijn_engine::keys::{KeyStatus, RootKey, RootKeySource};
use groeilijn_engine::open::{Engine, Recovered, StoreOptions};

use crate::access::key_owner;
use crate::handles::apart::APART;
use crate::handles::caches::Caches;

/// The open store. Clones share everything.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    caches: Caches,
}

impl Store {
    /// Makes the databases, their tables and the keys of a new installation. What is there already stays.
    ///
    /// # Errors
    /// As [`Engine::create`].
    pub async fn create(
        options: &StoreOptions,
        root_key: &RootKeySource,
        environment: &Environment,
    ) -> Result<()> {
        Engine::create(options, root_key, environment).await
    }

    /// Makes a new key to sign access tokens with.
    ///
    /// # Errors
    /// As [`Engine::rotate_signing_key`].
    pub async fn rotate_signing_key(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<()> {
        Engine::rotate_signing_key(options, root, environment).await
    }

    /// Makes a new key to sign certificates with.
    ///
    /// # Errors
    /// As [`Engine::rotate_certificate_key`].
    pub async fn rotate_certificate_key(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<()> {
        Engine::rotate_certificate_key(options, root, environment).await
    }

    /// Makes a new key to sign checkpoints of audit logs with.
    ///
    /// # Errors
    /// As [`Engine::rotate_checkpoint_key`].
    pub async fn rotate_checkpoint_key(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<()> {
        Engine::rotate_checkpoint_key(options, root, environment).await
    }

    /// Makes the key store what the second one is. Gives what was done.
    ///
    /// # Errors
    /// As [`Engine::recover_keys`].
    pub fn recover_keys(options: &StoreOptions, environment: &Environment) -> Result<Recovered> {
        Engine::recover_keys(options, environment)
    }

    /// Rotates the keys that other keys are wrapped under. Gives the number of keys that were wrapped anew.
    ///
    /// # Errors
    /// As [`Engine::rotate_keys`].
    pub async fn rotate_keys(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<usize> {
        Engine::rotate_keys(options, root, environment).await
    }

    /// How the key store stands: how many keys there are, under which versions of those above them.
    ///
    /// # Errors
    /// As [`Engine::key_status`].
    pub async fn key_status(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: &Environment,
    ) -> Result<KeyStatus> {
        Engine::key_status(options, root, environment).await
    }

    /// Brings both databases to the present version.
    ///
    /// # Errors
    /// As [`Engine::migrate`].
    pub fn migrate(options: &StoreOptions) -> Result<Vec<MigrationStatus>> {
        Engine::migrate(options)
    }

    /// Opens an installation that was made before.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub async fn open(
        options: &StoreOptions,
        root: Arc<dyn RootKey>,
        environment: Environment,
    ) -> Result<Self> {
        let engine = Engine::open(options, root, environment, APART).await?;
        let store = Self { inner: Arc::new(Inner { engine, caches: Caches::default() }) };
        if store.knows_its_accounts().await? { Ok(store) } else { Err(Error::Misfit(Misfit::OtherKeys)) }
    }

    /// Writes what the logs beside embedded databases hold into their files, when nobody uses them any more.
    ///
    /// # Errors
    /// What a database refuses.
    pub async fn empty_logs(&self) -> Result<()> {
        self.keys().database().shed_deleted().await?;
        self.data().shed_deleted().await
    }

    /// How many changes wait for the database.
    pub fn queue_depth(&self) -> usize {
        self.data().writer().depth()
    }

    /// An entry in the log of `institution` of what a request touched.
    ///
    /// # Errors
    /// As [`address::seal`].
    pub(crate) fn entry(
        &self,
        institution: InstitutionId,
        context: &Arc<AuditContext>,
        objects: Vec<Object>,
        outcome: Outcome,
    ) -> Result<PendingEntry> {
        let own = key_owner::of_principal(context.actor);
        let address = address::seal(self.keys(), self.environment(), institution, own, context)?;
        Ok(PendingEntry::new(institution, address, context.clone(), objects, outcome))
    }

    /// The network address in an entry of the log of `institution`, which says that `actor` sent it.
    ///
    /// # Errors
    /// [`Error::Unreadable`](crate::Error::Unreadable) when its key was destroyed, or it was moved or altered.
    pub fn entry_address(
        &self,
        institution: InstitutionId,
        actor: Principal,
        trace_id: [u8; 16],
        sealed: &[u8],
    ) -> Result<Option<String>> {
        address::open(self.keys(), institution, key_owner::of_principal(actor), trace_id, sealed)
    }

    /// What a resource keeps in memory, under a type of its own.
    pub(crate) fn cache<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.inner.caches.get()
    }
}

impl Deref for Store {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.inner.engine
    }
}
