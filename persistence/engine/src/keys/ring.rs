//! The keys of all institutions, opened when they are first needed.

use std::collections::HashMap;
use std::sync::Arc;

use groeilijn_domain::values::ids::InstitutionId;
use uuid::Uuid;

use super::destroyed::Destroyed;
use super::opened::Opened;
use super::owner::{KeyKind, KeyOwner};
use super::root::RootKey;
use crate::columns::OneOf;
use crate::crypto::sealed::KeyId;
use crate::crypto::wrap::{self, KeyName, ParentKey};
use crate::crypto::xaes::XaesKey;
use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::pool::Database;
use crate::schema::{institution_key, subject_key};

/// How many keys one query asks for at most: fewer than a statement may have parameters.
pub(super) const AT_ONCE: usize = 5_000;

/// The opened key of one subject.
pub struct SubjectKey {
    /// The name under which sealed values refer to it.
    pub id: KeyId,
    /// The key itself.
    pub key: XaesKey,
}

/// What is known of an owner's key.
pub(super) enum Held {
    Key(Arc<SubjectKey>),
    /// It was destroyed, and nobody gets it back.
    Destroyed,
}

impl Held {
    fn key(&self) -> Result<Arc<SubjectKey>> {
        match self {
            Self::Key(key) => Ok(key.clone()),
            Self::Destroyed => Err(Error::Destroyed),
        }
    }
}

/// The keys of all institutions.
#[derive(Clone)]
pub struct KeyRing {
    pub(super) root: Arc<dyn RootKey>,
    pub(super) database: Database,
    pub(super) environment: Environment,
    parents: Arc<Opened<(InstitutionId, KeyName), ParentKey>>,
    subjects: Arc<Opened<(InstitutionId, KeyOwner), Held>>,
    destroyed: Arc<Destroyed>,
}

/// A subject's key as it is kept: its name, whose it is, and the wrapped key unless it was destroyed.
pub(super) type SubjectRow = (Vec<u8>, Uuid, Option<Vec<u8>>);

impl KeyRing {
    /// The keys in `database`, which `root` opens.
    pub fn new(root: Arc<dyn RootKey>, database: Database, environment: Environment) -> Self {
        Self {
            parents: Opened::for_need(&environment),
            subjects: Opened::new(&environment),
            destroyed: Arc::new(Destroyed::new(&environment)),
            root,
            database,
            environment,
        }
    }

    /// The key store's database, for its metrics.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Whether the root key can be used.
    ///
    /// # Errors
    /// What keeps it from that.
    pub async fn ready(&self) -> Result<()> {
        let root = self.root.clone();
        self.database.read(Cost::Scan, move |_| root.ready()).await
    }

    /// The key under which values about `owner` are sealed.
    ///
    /// # Errors
    /// [`Error::Destroyed`] when it was destroyed; [`Error::Unreadable`] when there never was one, or it does not open;
    /// what the key store refuses when it does not answer.
    pub fn of(&self, institution: InstitutionId, owner: KeyOwner) -> Result<Arc<SubjectKey>> {
        self.hear_of_destroyed();
        if let Some(held) = self.subjects.get(&(institution, owner)) {
            return held.key();
        }
        let rows = self
            .database
            .read_here(|connection| subject_rows(connection, institution, owner.kind, &[owner.id]))?;
        let row = rows.into_iter().next().ok_or(UNREADABLE)?;
        self.hold(institution, owner.kind, row)?.key()
    }

    /// Opens the keys of many owners, with one query for all of a kind that are not open yet. Whose key cannot be
    /// opened is found out by whoever asks for it.
    ///
    /// # Errors
    /// What the key store refuses when it does not answer.
    pub fn open_all(
        &self,
        institution: InstitutionId,
        owners: impl IntoIterator<Item = KeyOwner>,
    ) -> Result<()> {
        self.hear_of_destroyed();
        let mut wanted: HashMap<&'static str, (&'static KeyKind, Vec<Uuid>)> = HashMap::new();
        for owner in owners {
            if self.subjects.get(&(institution, owner)).is_none() {
                let (_, ids) = wanted.entry(owner.kind.code()).or_insert((owner.kind, Vec::new()));
                ids.push(owner.id);
            }
        }
        for (kind, mut ids) in wanted.into_values() {
            ids.sort_unstable();
            ids.dedup();
            for ids in ids.chunks(AT_ONCE) {
                let rows =
                    self.database.read_here(|connection| subject_rows(connection, institution, kind, ids))?;
                for row in rows {
                    match self.hold(institution, kind, row) {
                        Err(Error::Unreadable(_)) | Ok(_) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        Ok(())
    }

    /// Opens the keys of owners that are about to be entered as the key store has them now, and not as they were opened
    /// before: a key that was discarded meanwhile is not used.
    ///
    /// # Errors
    /// [`Error::Busy`] when one is gone: another request with the same id was refused, and took it along.
    pub fn claim(&self, institution: InstitutionId, owners: &[KeyOwner]) -> Result<()> {
        self.forget(institution, owners);
        self.open_all(institution, owners.iter().copied())?;
        let is_open = |owner: &KeyOwner| self.subjects.get(&(institution, *owner)).is_some();
        if owners.iter().all(is_open) { Ok(()) } else { Err(Error::Busy) }
    }

    /// Forgets opened keys.
    pub(super) fn forget(&self, institution: InstitutionId, owners: &[KeyOwner]) {
        for owner in owners {
            self.subjects.remove(&(institution, *owner));
        }
    }

    /// Forgets every opened key of an institution.
    pub(super) fn forget_institution(&self, institution: InstitutionId) {
        self.subjects.retain(|(of, _)| *of != institution);
        self.parents.retain(|(of, _)| *of != institution);
    }

    /// Forgets the keys that other processes destroyed lately.
    fn hear_of_destroyed(&self) {
        for (institution, kind, id) in self.destroyed.news(&self.database) {
            self.subjects
                .retain(|(of, owner)| *of != institution || owner.id != id || owner.kind.code() != kind);
        }
    }

    fn hold(
        &self,
        institution: InstitutionId,
        kind: &'static KeyKind,
        (key_id, id, wrapped): SubjectRow,
    ) -> Result<Arc<Held>> {
        let owner = KeyOwner::new(kind, id);
        let held = match wrapped {
            None => Held::Destroyed,
            Some(wrapped) => {
                let parent = self.parent(institution, parent_of(&wrapped)?)?;
                let context = subject_context(&key_id, &institution, kind.code(), &id);
                let key = wrap::unwrap_key(&parent, SUBJECT, &context, &wrapped).map_err(|_| UNREADABLE)?;
                let id = KeyId::from_bytes(key_id.try_into().map_err(|_| UNREADABLE)?);
                Held::Key(Arc::new(SubjectKey { id, key: XaesKey::new(&key) }))
            }
        };
        let held = Arc::new(held);
        self.subjects.insert((institution, owner), held.clone());
        Ok(held)
    }

    /// A version of an institution's key.
    fn parent(&self, institution: InstitutionId, name: KeyName) -> Result<Arc<ParentKey>> {
        if let Some(parent) = self.parents.get(&(institution, name)) {
            return Ok(parent);
        }
        self.database.read_here(|connection| self.load_parent(connection, institution, Some(name)))
    }

    /// A version of an institution's key that is there on `connection`; the newest unless one is named.
    pub(super) fn load_parent(
        &self,
        connection: &mut AnyConnection,
        institution: InstitutionId,
        name: Option<KeyName>,
    ) -> Result<Arc<ParentKey>> {
        let versions: Vec<(Vec<u8>, i32, Vec<u8>)> = institution_key::table
            .filter(institution_key::institution_id.is(institution))
            .order(institution_key::version.desc())
            .select((institution_key::key_id, institution_key::version, institution_key::wrapped))
            .load(connection)?;
        for (key_id, version, wrapped) in versions {
            let id = KeyId::from_bytes(key_id.try_into().map_err(|_| UNREADABLE)?);
            let found = KeyName { id, version: u32::try_from(version).map_err(|_| UNREADABLE)? };
            if name.is_none_or(|name| name == found) {
                return self.opened_parent(institution, found, &wrapped);
            }
        }
        Err(UNREADABLE)
    }

    /// A version of an institution's key that is there, from memory or opened with the root key. While the root key does not
    /// answer, one goes on to be used that was opened in the last hour.
    fn opened_parent(
        &self,
        institution: InstitutionId,
        name: KeyName,
        wrapped: &[u8],
    ) -> Result<Arc<ParentKey>> {
        if let Some(parent) = self.parents.get(&(institution, name)) {
            return Ok(parent);
        }
        let version = name.version.to_be_bytes();
        match self.root.unwrap(INSTITUTION, &institution_context(&name.id, &version, &institution), wrapped) {
            Ok(key) => {
                let parent = Arc::new(ParentKey { name, key: XaesKey::new(&key) });
                self.parents.insert((institution, name), parent.clone());
                Ok(parent)
            }
            Err(error) if error.is_passing() => self.parents.in_need(&(institution, name)).ok_or(error),
            Err(error) => Err(error),
        }
    }
}

/// Those of these owners that have, or had, a key.
pub(super) fn subject_rows(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    kind: &KeyKind,
    ids: &[Uuid],
) -> Result<Vec<SubjectRow>> {
    Ok(subject_key::table
        .filter(subject_key::institution_id.is(institution))
        .filter(subject_key::kind.eq(kind.code()))
        .filter(subject_key::subject_id.eq_any(ids.iter().copied().map(OneOf)))
        .select((subject_key::key_id, subject_key::subject_id, subject_key::wrapped))
        .load(connection)?)
}

/// The levels of keys, as they are bound into what is wrapped.
pub(super) const INSTITUTION: &str = "institution";
pub(super) const SUBJECT: &str = "subject";

/// What a subject's key is bound to, apart from being one: its name, and whose it is.
pub(super) fn subject_context<'a>(
    key_id: &'a [u8],
    institution: &'a InstitutionId,
    kind: &'a str,
    id: &'a Uuid,
) -> [&'a [u8]; 4] {
    [key_id, institution.as_bytes(), kind.as_bytes(), id.as_bytes()]
}

/// What an institution's key is bound to, apart from being one: its name and version, and whose it is.
pub(super) fn institution_context<'a>(
    key_id: &'a KeyId,
    version: &'a [u8; 4],
    institution: &'a InstitutionId,
) -> [&'a [u8]; 3] {
    [key_id.as_bytes(), version, institution.as_bytes()]
}

/// The parent that a wrapped key names.
pub(super) fn parent_of(wrapped: &[u8]) -> Result<KeyName> {
    wrap::parent_of(wrapped).map_err(|_| UNREADABLE)
}

/// The columns in which the parent's name is kept beside a wrapped key.
pub(super) fn parent_columns(name: KeyName) -> Result<(Vec<u8>, i32)> {
    Ok((name.id.as_bytes().to_vec(), i32::try_from(name.version).map_err(Error::internal)?))
}

pub(super) const UNREADABLE: Error = Error::Unreadable("the key store");
