//! The keys of all institutions, opened when they are first needed.

use std::sync::Arc;

use groeilijn_domain::values::ids::InstitutionId;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::opened::Opened;
use super::root::RootKey;
use crate::crypto::sealed::KeyId;
use crate::crypto::wrap;
use crate::crypto::xaes::XaesKey;

use crate::database::connection::AnyConnection;
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
    institution: InstitutionId,
    subject: Uuid,
}

/// The keys of all institutions.
#[derive(Clone)]
pub struct KeyRing {
    pub(super) root: Arc<dyn RootKey>,
    pub(super) database: Database,
    pub(super) environment: Environment,
    institutions: Arc<Opened<InstitutionId, XaesKey>>,
    by_id: Arc<Opened<KeyId, SubjectKey>>,
    by_subject: Arc<Opened<(InstitutionId, Uuid), SubjectKey>>,
}

impl KeyRing {
    /// The keys in `database`, which `root` opens.
    pub fn new(root: Arc<dyn RootKey>, database: Database, environment: Environment) -> Self {
        Self {
            institutions: Opened::new(&environment),
            by_id: Opened::new(&environment),
            by_subject: Opened::new(&environment),
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

    /// Makes the key of a new institution and its tenant key. Durable when this returns.
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
        self.create_subjects(institution, vec![institution.as_uuid()]).await
    }

    /// Makes the keys of new subjects; one that has a key keeps it. Durable when this returns, so before anything
    /// is sealed with them.
    pub async fn create_subjects(&self, institution: InstitutionId, subjects: Vec<Uuid>) -> Result<()> {
        let ring = self.clone();
        let parent = self.database.read(Cost::Rows, move |_| ring.institution(institution)).await?;
        let created_at = self.environment.now();
        let rows: Vec<_> = subjects
            .into_iter()
            .map(|subject| {
                let key_id = KeyId::from_bytes(self.environment.bytes());
                let key = Zeroizing::new(self.environment.bytes::<32>());
                let context: [&[u8]; 3] = [key_id.as_bytes(), institution.as_bytes(), subject.as_bytes()];
                (subject, key_id, wrap::wrap(&parent, self.environment.bytes(), "subject", &context, &key))
            })
            .collect();
        self.database
            .writer()
            .run(move |connection, _| {
                for (subject, key_id, wrapped) in rows {
                    let row = (
                        subject_key::key_id.eq(key_id.as_bytes().as_slice()),
                        subject_key::institution_id.is(institution),
                        subject_key::subject_id.is(subject),
                        subject_key::wrapped.eq(&wrapped),
                        subject_key::created_at.is(created_at),
                    );
                    insert_if_absent!(connection, diesel::insert_into(subject_key::table).values(row))?;
                }
                Ok(())
            })
            .await
    }

    /// The key that a sealed value names. It must belong to `institution`.
    pub fn by_id(&self, institution: InstitutionId, id: KeyId) -> Result<Arc<SubjectKey>> {
        if let Some(key) = self.by_id.get(&id) {
            return if key.institution == institution { Ok(key) } else { Err(UNREADABLE) };
        }
        self.load(institution, |connection| {
            subject_key::table
                .filter(subject_key::key_id.eq(id.as_bytes().as_slice()))
                .filter(subject_key::institution_id.is(institution))
                .select((subject_key::key_id, subject_key::subject_id, subject_key::wrapped))
                .first(connection)
                .optional()
        })
    }

    /// The key under which new values about `subject` are sealed.
    pub fn of_subject(&self, institution: InstitutionId, subject: Uuid) -> Result<Arc<SubjectKey>> {
        if let Some(key) = self.by_subject.get(&(institution, subject)) {
            return Ok(key);
        }
        self.load(institution, |connection| {
            subject_key::table
                .filter(subject_key::institution_id.is(institution))
                .filter(subject_key::subject_id.is(subject))
                .select((subject_key::key_id, subject_key::subject_id, subject_key::wrapped))
                .first(connection)
                .optional()
        })
    }

    fn load(
        &self,
        institution: InstitutionId,
        query: impl FnOnce(&mut AnyConnection) -> QueryResult<Option<(Vec<u8>, Uuid, Vec<u8>)>>,
    ) -> Result<Arc<SubjectKey>> {
        let parent = self.institution(institution)?;
        let row = self.database.read_here(|connection| Ok(query(connection)?))?;
        let (key_id, subject, wrapped) = row.ok_or(UNREADABLE)?;
        let context: [&[u8]; 3] = [&key_id, institution.as_bytes(), subject.as_bytes()];
        let key = wrap::unwrap_key(&parent, "subject", &context, &wrapped).map_err(|_| UNREADABLE)?;
        let key = Arc::new(SubjectKey {
            id: KeyId::from_bytes(key_id.try_into().map_err(|_| UNREADABLE)?),
            key: XaesKey::new(&key),
            institution,
            subject,
        });
        self.by_id.insert(key.id, key.clone());
        self.by_subject.insert((institution, key.subject), key.clone());
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

const UNREADABLE: Error = Error::Unreadable("the key store");
