//! The keys of all institutions, opened when they are first needed.

use std::sync::Arc;

use groeilijn_domain::values::ids::InstitutionId;
use zeroize::Zeroizing;

use super::opened::Opened;
use super::owner::KeyOwner;
use super::root::RootKey;
use crate::crypto::sealed::KeyId;
use crate::crypto::wrap;
use crate::crypto::xaes::XaesKey;
use crate::database::dialect::insert_if_absent;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::pool::Database;
use crate::schema::{institution_key, subject_key};

/// The opened key of one subject.
pub struct SubjectKey {
    /// The name under which sealed values refer to it.
    pub id: KeyId,
    /// The key itself.
    pub key: XaesKey,
}

/// The keys of all institutions.
#[derive(Clone)]
pub struct KeyRing {
    pub(super) root: Arc<dyn RootKey>,
    pub(super) database: Database,
    pub(super) environment: Environment,
    institutions: Arc<Opened<InstitutionId, XaesKey>>,
    subjects: Arc<Opened<(InstitutionId, KeyOwner), SubjectKey>>,
}

impl KeyRing {
    /// The keys in `database`, which `root` opens.
    pub fn new(root: Arc<dyn RootKey>, database: Database, environment: Environment) -> Self {
        Self {
            institutions: Opened::new(&environment),
            subjects: Opened::new(&environment),
            root,
            database,
            environment,
        }
    }

    /// The key store's database, for its metrics.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Makes the keys of the platform itself, once; it has a realm of its own beside the institutions.
    pub async fn create_platform(&self) -> Result<()> {
        let platform = InstitutionId::PLATFORM;
        let ring = self.clone();
        match self.database.read(Cost::Rows, move |_| ring.institution(platform)).await {
            Err(Error::Unreadable(_)) => self.create_institution(platform).await,
            found => found.map(drop),
        }
    }

    /// Makes the key of a new institution and the key that what belongs to nobody there shares. Durable when this returns.
    pub async fn create_institution(&self, institution: InstitutionId) -> Result<()> {
        let key_id = KeyId::from_bytes(self.environment.bytes());
        let key = Zeroizing::new(self.environment.bytes::<32>());
        let wrapped = self.root.wrap("institution", &[key_id.as_bytes(), institution.as_bytes()], &key)?;
        let created_at = self.environment.now();
        self.database
            .writer()
            .run(move |connection, _| {
                diesel::insert_into(institution_key::table)
                    .values((
                        institution_key::key_id.eq(key_id.as_bytes().to_vec()),
                        institution_key::institution_id.is(institution),
                        institution_key::wrapped.eq(wrapped),
                        institution_key::created_at.is(created_at),
                    ))
                    .execute(connection)?;
                Ok(())
            })
            .await?;
        self.create_subjects(institution, vec![KeyOwner::shared(institution)]).await
    }

    /// Makes the keys of new owners; one that has a key keeps it. Durable when this returns, so before anything
    /// is sealed with them.
    pub async fn create_subjects(&self, institution: InstitutionId, owners: Vec<KeyOwner>) -> Result<()> {
        let ring = self.clone();
        let parent = self.database.read(Cost::Rows, move |_| ring.institution(institution)).await?;
        let created_at = self.environment.now();
        let rows: Vec<_> = owners
            .into_iter()
            .map(|owner| {
                let key_id = KeyId::from_bytes(self.environment.bytes());
                let key = Zeroizing::new(self.environment.bytes::<32>());
                let context = subject_context(key_id.as_bytes(), &institution, &owner);
                (owner, key_id, wrap::wrap(&parent, self.environment.bytes(), "subject", &context, &key))
            })
            .collect();
        self.database
            .writer()
            .run(move |connection, _| {
                for (owner, key_id, wrapped) in rows {
                    let row = (
                        subject_key::key_id.eq(key_id.as_bytes().as_slice()),
                        subject_key::institution_id.is(institution),
                        subject_key::kind.eq(owner.kind.code()),
                        subject_key::subject_id.is(owner.id),
                        subject_key::wrapped.eq(&wrapped),
                        subject_key::created_at.is(created_at),
                    );
                    insert_if_absent!(connection, diesel::insert_into(subject_key::table).values(row))?;
                }
                Ok(())
            })
            .await
    }

    /// The key under which values about `owner` are sealed.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when there is none, or it does not open; [`Error::Busy`] when the key store does not answer.
    pub fn of(&self, institution: InstitutionId, owner: KeyOwner) -> Result<Arc<SubjectKey>> {
        if let Some(key) = self.subjects.get(&(institution, owner)) {
            return Ok(key);
        }
        let parent = self.institution(institution)?;
        let row: Option<(Vec<u8>, Vec<u8>)> = self.database.read_here(|connection| {
            Ok(subject_key::table
                .filter(subject_key::institution_id.is(institution))
                .filter(subject_key::kind.eq(owner.kind.code()))
                .filter(subject_key::subject_id.is(owner.id))
                .select((subject_key::key_id, subject_key::wrapped))
                .first(connection)
                .optional()?)
        })?;
        let (key_id, wrapped) = row.ok_or(UNREADABLE)?;
        let context = subject_context(&key_id, &institution, &owner);
        let key = wrap::unwrap_key(&parent, "subject", &context, &wrapped).map_err(|_| UNREADABLE)?;
        let key = Arc::new(SubjectKey {
            id: KeyId::from_bytes(key_id.try_into().map_err(|_| UNREADABLE)?),
            key: XaesKey::new(&key),
        });
        self.subjects.insert((institution, owner), key.clone());
        Ok(key)
    }

    fn institution(&self, institution: InstitutionId) -> Result<Arc<XaesKey>> {
        if let Some(key) = self.institutions.get(&institution) {
            return Ok(key);
        }
        let (key_id, wrapped): (Vec<u8>, Vec<u8>) = self.database.read_here(|connection| {
            institution_key::table
                .filter(institution_key::institution_id.is(institution))
                .select((institution_key::key_id, institution_key::wrapped))
                .first(connection)
                .optional()?
                .ok_or(UNREADABLE)
        })?;
        let key = self.root.unwrap("institution", &[&key_id, institution.as_bytes()], &wrapped)?;
        let key = Arc::new(XaesKey::new(&key));
        self.institutions.insert(institution, key.clone());
        Ok(key)
    }
}

/// What a subject's key is bound to, apart from being one: its name, and whose it is.
fn subject_context<'a>(
    key_id: &'a [u8],
    institution: &'a InstitutionId,
    owner: &'a KeyOwner,
) -> [&'a [u8]; 4] {
    [key_id, institution.as_bytes(), owner.kind.code().as_bytes(), owner.id.as_bytes()]
}

const UNREADABLE: Error = Error::Unreadable("the key store");
