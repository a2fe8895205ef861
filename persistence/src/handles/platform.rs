//! The handle for what belongs to no institution: frameworks, and the institutions themselves.
//!
//! Nothing here reaches a child's data (C002): the ways into an institution, [`PlatformWriter::enter`] and
//! [`Platform::read_in`], are for setting it up.

use std::sync::Arc;

use groeilijn_domain::access::Scope;
use groeilijn_domain::access::principal::{Actor, Principal};
use groeilijn_domain::audit::entry::{Object, ObjectKind, Outcome};
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::audit::context::AuditContext;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::environment::Environment;
use groeilijn_engine::error::Result;
use groeilijn_engine::keys::KeyOwner;
use groeilijn_engine::writer::Batch;
use jiff::Timestamp;
use uuid::Uuid;

use crate::handles::new_keys::NewKeys;
use crate::handles::store::Store;
use crate::handles::tenant::{Tenant, TenantReader, TenantWriter, tenant_transaction};
use crate::institutions::key_owner;

/// What belongs to no institution, for one actor and one operation.
#[derive(Clone)]
pub struct Platform {
    store: Store,
    context: Arc<AuditContext>,
    new_keys: Option<(InstitutionId, NewKeys)>,
}

impl Store {
    /// What belongs to no institution, for an actor who was found to have a permission there.
    pub fn platform(&self, context: AuditContext) -> Platform {
        Platform { store: self.clone(), context: Arc::new(context), new_keys: None }
    }
}

impl Platform {
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The time and the randomness.
    pub fn environment(&self) -> &Environment {
        self.store.environment()
    }

    /// Reads at one moment.
    pub async fn read<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce(&mut PlatformReader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store
            .data()
            .read_at_one_moment(cost, {
                let store = self.store.clone();
                move |connection| work(&mut PlatformReader { connection, store: &store })
            })
            .await
    }

    /// Reads in one institution, which sees it in its own audit log.
    pub async fn read_in<T: Send + 'static>(
        &self,
        institution: InstitutionId,
        cost: Cost,
        work: impl FnOnce(&mut TenantReader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        Tenant::entered(self.store.clone(), institution, self.context.clone()).read(cost, work).await
    }

    /// The same for work that looks into the audit log of an institution, or into the platform's own, which has every entry
    /// that was written before.
    pub async fn read_log_in<T: Send + 'static>(
        &self,
        institution: InstitutionId,
        cost: Cost,
        work: impl FnOnce(&mut TenantReader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        Tenant::entered(self.store.clone(), institution, self.context.clone()).read_log(cost, work).await
    }

    /// The same, for a change that enters these owners of keys in an institution that is there, or on the platform:
    /// [`Self::write`] makes their keys before it, and takes away again those that it does not use.
    #[must_use]
    pub fn entering(&self, institution: InstitutionId, owners: Vec<KeyOwner>) -> Self {
        Self { new_keys: Some((institution, NewKeys::of(owners))), ..self.clone() }
    }

    /// The same, for a change that enters an institution, and these owners of keys in it.
    #[must_use]
    pub fn founding(&self, institution: InstitutionId, owners: Vec<KeyOwner>) -> Self {
        let founded = key_owner::institution(institution);
        Self { new_keys: Some((institution, NewKeys::founding(founded, owners))), ..self.clone() }
    }

    /// Changes something; durable, with its audit entry, when this returns `Ok`.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PlatformWriter<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let Some((institution, keys)) = self.new_keys.clone() else { return self.write_now(work).await };
        let keys = keys.make(&self.store, institution).await?;
        let claimed = keys.clone();
        let outcome = self
            .write_now(move |writer| {
                claimed.claim(writer.connection, writer.store, institution)?;
                let value = work(writer)?;
                Ok((value, claimed.are_used(writer.connection, institution)?))
            })
            .await;
        if !matches!(outcome, Ok((_, true))) {
            keys.settle(&self.store, institution).await;
        }
        outcome.map(|(value, _)| value)
    }

    async fn write_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PlatformWriter<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let platform = self.clone();
        self.store
            .data()
            .writer()
            .run(move |connection, batch| {
                let mut writer = PlatformWriter {
                    connection,
                    batch,
                    store: &platform.store,
                    context: &platform.context,
                    objects: Vec::new(),
                };
                let value = work(&mut writer)?;
                writer.finish()?;
                Ok(value)
            })
            .await
    }

    /// Makes the keys of what is new in an institution that is there. Durable when this returns.
    pub async fn create_keys_in(&self, institution: InstitutionId, owners: Vec<KeyOwner>) -> Result<()> {
        self.store.keys().create_subjects(institution, owners).await.map(drop)
    }

    /// Puts on record that the actor tried what they may not do, whoever's it is.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub async fn record_denied(&self) -> Result<()> {
        let platform = InstitutionId::PLATFORM;
        let tried = vec![(ObjectKind::Institution, platform.as_uuid())];
        let entry = self.store.entry(platform, &self.context, tried, Outcome::Denied)?;
        self.store.data().writer().record(vec![entry]).await
    }
}

/// Reads what belongs to no institution.
pub struct PlatformReader<'c> {
    pub(crate) connection: &'c mut AnyConnection,
    pub(crate) store: &'c Store,
}

/// Changes what belongs to no institution.
pub struct PlatformWriter<'c> {
    pub(crate) connection: &'c mut AnyConnection,
    batch: &'c mut Batch,
    store: &'c Store,
    context: &'c Arc<AuditContext>,
    objects: Vec<Object>,
}

impl<'c> PlatformWriter<'c> {
    /// Changes the set-up of one institution, which sees it in its own audit log.
    pub fn enter<T>(
        &mut self,
        institution: InstitutionId,
        work: impl FnOnce(&mut TenantWriter<'_>) -> Result<T>,
    ) -> Result<T> {
        tenant_transaction(
            self.connection,
            self.batch,
            self.store,
            self.context,
            institution,
            Scope::Institution,
            work,
        )
    }

    /// The same connection, for reading.
    pub fn reader(&mut self) -> PlatformReader<'_> {
        PlatformReader { connection: self.connection, store: self.store }
    }

    pub(crate) fn store(&self) -> &'c Store {
        self.store
    }

    /// Who acts.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) for a token, which does nothing to the platform.
    pub fn actor(&self) -> Result<Actor> {
        self.context.acting()
    }

    /// Who acts, with an account or without.
    pub fn principal(&self) -> Principal {
        self.context.actor
    }

    /// The present moment in UTC.
    pub fn now(&self) -> Timestamp {
        self.store.environment().now()
    }

    /// The network address of the present request.
    pub(crate) fn address(&self) -> &'c str {
        &self.context.address
    }

    /// Notes that this object was changed, for the platform's own audit log.
    pub(crate) fn touch(&mut self, kind: ObjectKind, id: Uuid) {
        self.objects.push((kind, id));
    }

    fn finish(self) -> Result<()> {
        if self.objects.is_empty() {
            return Ok(());
        }
        let entry =
            self.store.entry(InstitutionId::PLATFORM, self.context, self.objects, Outcome::Success)?;
        self.batch.entries.push(entry);
        Ok(())
    }
}
