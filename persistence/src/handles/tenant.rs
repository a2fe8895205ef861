//! The handle for one institution: the only way to its data.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::Display;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use groeilijn_domain::access::Scope;
use groeilijn_domain::access::principal::{Actor, Principal, SupportReach};
use groeilijn_domain::audit::entry::{Object, ObjectKind, Outcome};
use groeilijn_domain::values::ids::{GroupId, InstitutionId, SupportRequestId, UserId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::audit::context::AuditContext;
use groeilijn_engine::audit::pending::PendingEntry;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::environment::Environment;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::{KeyOwner, KeyRing};
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use groeilijn_engine::writer::Batch;
use groeilijn_engine::writer::news::Following;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::handles::new_keys::NewKeys;
use crate::handles::store::Store;

/// The data of one institution, as far as one actor's permission for one operation reaches.
#[derive(Clone)]
pub struct Tenant {
    store: Store,
    institution: InstitutionId,
    scope: Scope,
    context: Arc<AuditContext>,
    new_keys: NewKeys,
}

impl Store {
    /// The data of one institution, for an actor of it who was found to have a permission that reaches `scope`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor belongs to no institution.
    pub fn tenant(&self, context: AuditContext, scope: Scope) -> Result<Tenant> {
        let institution = context.actor.institution().ok_or(Error::NotFound)?;
        let (context, new_keys) = (Arc::new(context), NewKeys::default());
        Ok(Tenant { store: self.clone(), institution, scope, context, new_keys })
    }
}

impl Tenant {
    /// The data of an institution for an actor of the platform, to be read: what is read is on record there.
    pub(crate) fn entered(store: Store, institution: InstitutionId, context: Arc<AuditContext>) -> Self {
        Self { store, institution, scope: Scope::Institution, context, new_keys: NewKeys::default() }
    }

    /// Whose data it is.
    pub fn institution(&self) -> InstitutionId {
        self.institution
    }

    /// The time and the randomness.
    pub fn environment(&self) -> &Environment {
        self.store.environment()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// What is done at the institution from now on, as far as this process does it: for whoever waits for a change.
    pub fn news(&self) -> Following {
        self.store.data().writer().news().follow(self.institution)
    }

    /// Whether other processes write to the same database.
    pub fn is_shared(&self) -> bool {
        !self.store.data().url().is_embedded()
    }

    /// Reads at one moment. What `work` read of persons is on record when this returns `Ok`; when it cannot be
    /// recorded, nothing is returned.
    pub async fn read<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce(&mut TenantReader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let tenant = self.clone();
        let read = self.store.data().read_at_one_moment(cost, move |on| tenant.read_on(on, work)).await?;
        self.recorded(read).await
    }

    /// The same for work that looks into the audit log, which has every entry that was written before.
    pub async fn read_log<T: Send + 'static>(
        &self,
        cost: Cost,
        work: impl FnOnce(&mut TenantReader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let tenant = self.clone();
        let read = self.store.data().read_at_present(cost, move |on| tenant.read_on(on, work)).await?;
        self.recorded(read).await
    }

    /// What was read, once that is on record.
    async fn recorded<T>(&self, (outcome, entry): (Result<T>, Option<PendingEntry>)) -> Result<T> {
        if let Some(entry) = entry {
            self.store.data().writer().record(vec![entry]).await?;
        }
        outcome
    }

    /// What was read, or that it was refused, with the entry of that.
    fn read_on<T>(
        &self,
        connection: &mut AnyConnection,
        work: impl FnOnce(&mut TenantReader<'_>) -> Result<T>,
    ) -> Result<(Result<T>, Option<PendingEntry>)> {
        dialect::enter_institution(connection, self.institution)?;
        let mut reader =
            TenantReader::new(connection, &self.store, &self.context, self.institution, self.scope);
        match work(&mut reader) {
            Ok(value) => Ok((Ok(value), reader.entry()?)),
            Err(error) => match reader.entry_of_refusal()? {
                Some(entry) => Ok((Err(error), Some(entry))),
                None => Err(error),
            },
        }
    }

    /// The same, for a change that enters these owners of keys: [`Self::write`] makes their keys before it, and takes
    /// away again those that it does not use.
    #[must_use]
    pub fn entering(&self, owners: Vec<KeyOwner>) -> Self {
        self.with_new_keys(NewKeys::of(owners))
    }

    pub(crate) fn with_new_keys(&self, new_keys: NewKeys) -> Self {
        Self { new_keys, ..self.clone() }
    }

    /// Changes something. When this returns `Ok` the change and its entry in the audit log are durable; when
    /// `work` fails, nothing of it remains.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut TenantWriter<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.new_keys.is_empty() {
            return self.write_now(work).await;
        }
        let new_keys = self.new_keys.make(&self.store, self.institution).await?;
        self.with_new_keys(new_keys).write_with_keys(work).await
    }

    /// Changes something with new keys that were made before.
    pub(crate) async fn write_with_keys<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut TenantWriter<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let keys = self.new_keys.clone();
        let outcome = self
            .write_now(move |writer| {
                let (store, institution) = (writer.store, writer.institution);
                keys.claim(writer.connection, store, institution)?;
                let value = work(writer)?;
                Ok((value, keys.are_used(writer.connection, institution)?))
            })
            .await;
        if !matches!(outcome, Ok((_, true))) {
            self.new_keys.settle(&self.store, self.institution).await;
        }
        outcome.map(|(value, _)| value)
    }

    async fn write_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut TenantWriter<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let tenant = self.clone();
        self.store
            .data()
            .writer()
            .run(move |connection, batch| {
                tenant_transaction(
                    connection,
                    batch,
                    &tenant.store,
                    &tenant.context,
                    tenant.institution,
                    tenant.scope,
                    work,
                )
            })
            .await
    }

    /// Puts on record that the actor tried what she may not do.
    pub async fn record_denied(&self) -> Result<()> {
        self.record(vec![(ObjectKind::Institution, self.institution.as_uuid())], Outcome::Denied).await
    }

    /// Puts on record that something is asked in a support session, whatever comes of it.
    pub async fn record_support(&self) -> Result<()> {
        self.record(Vec::new(), Outcome::Success).await
    }

    /// Puts on record what the actor did with these objects, where that changed nothing and is no read.
    pub(crate) async fn record_success(&self, objects: Vec<Object>) -> Result<()> {
        self.record(objects, Outcome::Success).await
    }

    async fn record(&self, objects: Vec<Object>, outcome: Outcome) -> Result<()> {
        let entry = self.store.entry(self.institution, &self.context, objects, outcome)?;
        self.store.data().writer().record(vec![entry]).await
    }

    /// Makes the keys of new owners, for whoever seals before the change. Durable when this returns.
    pub(crate) async fn create_keys(&self, owners: Vec<KeyOwner>) -> Result<()> {
        self.store.keys().create_subjects(self.institution, owners).await.map(drop)
    }
}

/// Runs `work` as a writer of `institution` and leaves its audit entry in `batch`.
pub(crate) fn tenant_transaction<T>(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    store: &Store,
    context: &Arc<AuditContext>,
    institution: InstitutionId,
    scope: Scope,
    work: impl FnOnce(&mut TenantWriter<'_>) -> Result<T>,
) -> Result<T> {
    dialect::enter_institution(connection, institution)?;
    let reader = TenantReader::new(connection, store, context, institution, scope);
    let mut writer = TenantWriter { reader, digest: None, detail: None, children_edition: None };
    match work(&mut writer) {
        Ok(value) => {
            batch.entries.extend(writer.entry()?);
            Ok(value)
        }
        Err(error) => {
            batch.refused.extend(writer.reader.entry_of_refusal()?);
            Err(error)
        }
    }
}

/// How far a caller reaches among the children of an institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// Every child.
    Institution,
    /// The children who are today in a group that is given to this user.
    GroupsOf(UserId),
    /// The children who are today in a group at a location that is given to this user.
    LocationsOf(UserId),
    /// The children who are today in this group.
    Group(GroupId),
    /// The children whom this request of the institution names.
    Request(SupportRequestId),
}

impl Reach {
    /// How far somebody reaches whose permission reaches `scope`, in a support session or outside any.
    pub(crate) fn of(support: Option<SupportReach>, scope: Scope, user: UserId) -> Self {
        match (support, scope) {
            (Some(SupportReach::Group(group)), _) => Self::Group(group),
            (Some(SupportReach::Request(request)), _) => Self::Request(request),
            (Some(SupportReach::User(assisted)), Scope::OwnGroups) => Self::GroupsOf(assisted),
            (Some(SupportReach::User(assisted)), Scope::OwnLocations) => Self::LocationsOf(assisted),
            (Some(SupportReach::Institution) | None, Scope::OwnGroups) => Self::GroupsOf(user),
            (Some(SupportReach::Institution) | None, Scope::OwnLocations) => Self::LocationsOf(user),
            (_, Scope::Institution | Scope::Platform) => Self::Institution,
        }
    }
}

/// Reads an institution's data in one transaction. Its methods are in the file of each resource.
pub struct TenantReader<'c> {
    pub(crate) connection: &'c mut AnyConnection,
    store: &'c Store,
    context: &'c Arc<AuditContext>,
    institution: InstitutionId,
    scope: Scope,
    objects: Vec<Object>,
    /// Where somebody was looked for, if that is to be on record when nobody is found.
    searched: Option<Object>,
    /// What is there and was asked for by somebody who does not reach it.
    out_of_reach: Vec<Object>,
    /// Whether a list went past a damaged row.
    met_damage: Cell<bool>,
    /// The names of users that were looked for in this transaction.
    pub(crate) names: HashMap<UserId, Option<PersonName>>,
}

impl<'c> TenantReader<'c> {
    fn new(
        connection: &'c mut AnyConnection,
        store: &'c Store,
        context: &'c Arc<AuditContext>,
        institution: InstitutionId,
        scope: Scope,
    ) -> Self {
        Self {
            connection,
            store,
            context,
            institution,
            scope,
            objects: Vec::new(),
            searched: None,
            out_of_reach: Vec::new(),
            met_damage: Cell::new(false),
            names: HashMap::new(),
        }
    }

    /// Who reads.
    pub fn principal(&self) -> Principal {
        self.context.actor
    }

    /// Who reads, with an account: for what has an author.
    ///
    /// # Errors
    /// [`Error::Internal`] for a token, see [`AuditContext::acting`].
    pub fn actor(&self) -> Result<Actor> {
        self.context.acting()
    }

    /// Whose data it is.
    pub fn institution(&self) -> InstitutionId {
        self.institution
    }

    /// The present moment in UTC.
    pub fn now(&self) -> Timestamp {
        self.store.environment().now()
    }

    /// Notes that this object was read or changed, for the audit log.
    pub(crate) fn touch(&mut self, kind: ObjectKind, id: Uuid) {
        self.objects.push((kind, id));
    }

    /// Notes that children are looked for in this object: it is on record also when none is found.
    pub(crate) fn searches(&mut self, kind: ObjectKind, id: Uuid) {
        self.searched = Some((kind, id));
    }

    /// Notes that this object of the institution was asked for and is not within the caller's reach. The refusal is on
    /// record with the institution; the caller gets the same answer as for what does not exist.
    pub(crate) fn note_out_of_reach(&mut self, kind: ObjectKind, id: Uuid) {
        self.out_of_reach.push((kind, id));
    }

    /// Whether something was asked for that is not within the caller's reach.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        !self.out_of_reach.is_empty()
    }

    /// The entry of what was read or changed, if that has to be on record.
    fn entry(self) -> Result<Option<PendingEntry>> {
        let objects =
            if self.objects.is_empty() { self.searched.into_iter().collect() } else { self.objects };
        if objects.is_empty() {
            return Ok(None);
        }
        self.store.entry(self.institution, self.context, objects, Outcome::Success).map(Some)
    }

    /// The entry of a refusal, if it is one of something that is there and is not within the caller's reach.
    fn entry_of_refusal(self) -> Result<Option<PendingEntry>> {
        if self.out_of_reach.is_empty() {
            return Ok(None);
        }
        self.store.entry(self.institution, self.context, self.out_of_reach, Outcome::Denied).map(Some)
    }

    /// How far the caller reaches.
    pub(crate) fn reach(&self) -> Reach {
        let support = self.context.support.map(|support| support.reach);
        Reach::of(support, self.scope, UserId::from_uuid(self.context.actor.id()))
    }

    /// Whether the caller is shown the texts that professionals wrote: not in a support session whose purpose does not need
    /// them (C050).
    pub(crate) fn shows_free_text(&self) -> bool {
        self.context.support.is_none_or(|support| support.free_text)
    }

    /// Whether the caller is a colleague of the institution's users, and is told their names: not in a support session, nor
    /// from the platform (C050).
    pub(crate) fn is_colleague(&self) -> bool {
        self.context.support.is_none() && self.context.actor.institution() == Some(self.institution)
    }

    pub(crate) fn keys(&self) -> &'c KeyRing {
        self.store.keys()
    }

    pub(crate) fn environment(&self) -> &'c Environment {
        self.store.environment()
    }

    pub(crate) fn store(&self) -> &'c Store {
        self.store
    }

    /// Whose key protects what belongs to nobody in particular.
    pub(crate) fn shared_owner(&self) -> KeyOwner {
        KeyOwner::shared(self.institution)
    }

    /// Opens the sealed fields of a row, which `owner`'s key protects.
    pub(crate) fn opener(&self, table: &'static str, row: Uuid, owner: KeyOwner) -> RowOpener<'c> {
        RowOpener::new(self.keys(), RowPlace { institution: self.institution, table, row, owner })
    }

    /// What became of opening a row of a list; `None` when the list goes on without it.
    pub(crate) fn readable<T>(&self, row: impl Display, opened: Result<T>) -> Result<Option<T>> {
        if matches!(opened, Err(Error::Unreadable(_))) {
            self.met_damage.set(true);
        }
        self.store.damaged_rows().readable(row, opened)
    }

    /// Whether a list in this transaction went past a damaged row: for what must not go on without it.
    pub(crate) fn met_damage(&self) -> bool {
        self.met_damage.get()
    }

    /// Opens the rows of a list, as far as they can be read.
    pub(crate) fn open_rows<R, T>(
        &mut self,
        rows: &[R],
        row_id: impl Fn(&R) -> Uuid,
        mut open: impl FnMut(&mut Self, &R) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let opened = open(self, row);
            found.extend(self.readable(row_id(row), opened)?);
        }
        Ok(found)
    }

    /// Opens the keys of many owners with one query.
    pub(crate) fn open_keys(&self, owners: impl IntoIterator<Item = KeyOwner>) -> Result<()> {
        self.keys().open_all(self.institution, owners)
    }

    /// Seals the fields of a row that is about to be written; afterwards [`TenantWriter::sealed`] takes their
    /// digest.
    pub(crate) fn sealer(&self, table: &'static str, row: Uuid, owner: KeyOwner) -> Result<RowSealer<'c>> {
        let place = RowPlace { institution: self.institution, table, row, owner };
        RowSealer::new(self.keys(), self.environment(), place)
    }
}

/// Changes an institution's data in one transaction. It can read too.
pub struct TenantWriter<'c> {
    reader: TenantReader<'c>,
    digest: Option<Sha256>,
    detail: Option<Vec<u8>>,
    /// The edition of the children that this transaction raised.
    pub(crate) children_edition: Option<i64>,
}

impl<'c> TenantWriter<'c> {
    /// Takes what was sealed into the change's digest.
    pub(crate) fn sealed(&mut self, row: RowSealer<'_>) {
        self.sealed_before(&row.digest());
    }

    /// Takes the digest of what was sealed before this transaction into the change's digest.
    pub(crate) fn sealed_before(&mut self, digest: &[u8; 32]) {
        self.digest.get_or_insert_with(Sha256::new).update(digest);
    }

    /// What changed, for who may later open the entry: sealed under `owner`'s key, so that it becomes
    /// unreadable with the person.
    pub(crate) fn detail(&mut self, owner: KeyOwner, detail: &impl serde::Serialize) -> Result<()> {
        let row = Uuid::from_bytes(self.reader.context.trace.trace_id);
        let mut sealer = self.sealer("audit_entry", row, owner)?;
        self.detail = Some(sealer.json("detail", detail)?);
        Ok(())
    }

    fn entry(self) -> Result<Option<PendingEntry>> {
        let change_digest = self.digest.map(|digest| digest.finalize().into());
        let Some(mut entry) = self.reader.entry()? else { return Ok(None) };
        entry.change_digest = change_digest;
        entry.detail = self.detail;
        Ok(Some(entry))
    }
}

impl<'c> Deref for TenantWriter<'c> {
    type Target = TenantReader<'c>;

    fn deref(&self) -> &Self::Target {
        &self.reader
    }
}

impl DerefMut for TenantWriter<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.reader
    }
}
