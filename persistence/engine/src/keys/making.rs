//! Making keys, and taking away those that were never used.

use std::collections::HashSet;

use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::owner::KeyOwner;
use super::ring::{
    AT_ONCE, INSTITUTION, KeyRing, SUBJECT, institution_context, parent_columns, parent_of, subject_context,
};
use crate::columns::OneOf;
use crate::crypto::sealed::KeyId;
use crate::crypto::wrap::{self, KeyName};
use crate::database::connection::AnyConnection;
use crate::database::dialect::{self, insert_if_absent};
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::error::{Error, Result};
use crate::schema::{institution_key, subject_key};

/// The code of the conflict with an institution that has keys already.
pub const IN_USE: &str = "id-in-use";

/// A key that may have been made for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YoungKey {
    /// Whose realm it is in.
    pub institution: InstitutionId,
    /// The code of its owner's kind.
    pub kind: String,
    /// Which owner.
    pub id: Uuid,
}

impl KeyRing {
    /// Makes the keys of the platform itself, once; it has a realm of its own beside the institutions.
    pub async fn create_platform(&self) -> Result<()> {
        let platform = InstitutionId::PLATFORM;
        let own = institution_key::table.filter(institution_key::institution_id.is(platform));
        let is_there: bool = self
            .database
            .read(Cost::Rows, move |connection| {
                Ok(diesel::select(diesel::dsl::exists(own)).get_result(connection)?)
            })
            .await?;
        if is_there { Ok(()) } else { self.create_realm(platform).await }
    }

    /// Makes the key of a new institution and the key that what belongs to nobody there shares. Durable when this returns.
    ///
    /// # Errors
    /// [`Error::Conflict`] `reserved-id` for the platform; [`Error::Conflict`] [`IN_USE`] when the institution has keys.
    pub async fn create_institution(&self, institution: InstitutionId) -> Result<()> {
        require_no_platform(institution)?;
        self.create_realm(institution).await
    }

    async fn create_realm(&self, institution: InstitutionId) -> Result<()> {
        let name = KeyName { id: KeyId::from_bytes(self.environment.bytes()), version: 1 };
        let ring = self.clone();
        self.database
            .writer()
            .run(move |connection, _| {
                dialect::lock_institution(connection, institution)?;
                // After a rotation the first version is gone, and its number would be free.
                let own = institution_key::table.filter(institution_key::institution_id.is(institution));
                if diesel::select(diesel::dsl::exists(own)).get_result(connection)? {
                    return Err(Error::conflict(IN_USE, "this id is in use for something else already"));
                }
                ring.insert_version(connection, institution, name)?;
                ring.insert_subjects(connection, institution, &[KeyOwner::shared(institution)])?;
                Ok(())
            })
            .await
    }

    /// Enters a version of an institution's key.
    pub(super) fn insert_version(
        &self,
        connection: &mut AnyConnection,
        institution: InstitutionId,
        name: KeyName,
    ) -> Result<()> {
        let key = Zeroizing::new(self.environment.bytes::<32>());
        let version = name.version.to_be_bytes();
        let wrapped =
            self.root.wrap(INSTITUTION, &institution_context(&name.id, &version, &institution), &key)?;
        let (key_id, version) = parent_columns(name)?;
        let (root_id, root_version) = parent_columns(parent_of(&wrapped)?)?;
        diesel::insert_into(institution_key::table)
            .values((
                institution_key::key_id.eq(key_id),
                institution_key::version.eq(version),
                institution_key::institution_id.is(institution),
                institution_key::parent_id.eq(root_id),
                institution_key::parent_version.eq(root_version),
                institution_key::wrapped.eq(wrapped),
                institution_key::created_at.is(self.environment.now()),
            ))
            .execute(connection)?;
        Ok(())
    }

    /// Makes the keys of new owners, and gives those for whom it made one: who has a key keeps it. Durable when this
    /// returns, so before anything is sealed with them.
    ///
    /// # Errors
    /// [`Error::Conflict`] `id-in-use` when the id is another owner's in the institution, or the key of its owner was
    /// destroyed.
    pub async fn create_subjects(
        &self,
        institution: InstitutionId,
        owners: Vec<KeyOwner>,
    ) -> Result<Vec<KeyOwner>> {
        let ring = self.clone();
        self.database
            .writer()
            .run(move |connection, _| {
                // While keys are made, the institution's own is not rotated.
                dialect::lock_institution(connection, institution)?;
                let made = ring.insert_subjects(connection, institution, &owners)?;
                require_own_ids(connection, institution, &owners)?;
                Ok(made)
            })
            .await
    }

    fn insert_subjects(
        &self,
        connection: &mut AnyConnection,
        institution: InstitutionId,
        owners: &[KeyOwner],
    ) -> Result<Vec<KeyOwner>> {
        let mut made = Vec::new();
        let parent = self.load_parent(connection, institution, None)?;
        let (parent_id, parent_version) = parent_columns(parent.name)?;
        let created_at = self.environment.now();
        for owner in owners {
            let key_id = KeyId::from_bytes(self.environment.bytes());
            let key = Zeroizing::new(self.environment.bytes::<32>());
            let context = subject_context(key_id.as_bytes(), &institution, owner.kind.code(), &owner.id);
            let wrapped = wrap::wrap(&parent, self.environment.bytes(), SUBJECT, &context, &key);
            let row = (
                subject_key::key_id.eq(key_id.as_bytes().as_slice()),
                subject_key::institution_id.is(institution),
                subject_key::kind.eq(owner.kind.code()),
                subject_key::subject_id.is(owner.id),
                subject_key::parent_id.eq(Some(&parent_id)),
                subject_key::parent_version.eq(Some(parent_version)),
                subject_key::wrapped.eq(Some(&wrapped)),
                subject_key::created_at.is(created_at),
            );
            if insert_if_absent!(connection, diesel::insert_into(subject_key::table).values(row))? > 0 {
                made.push(*owner);
            }
        }
        Ok(made)
    }

    /// Takes away keys of owners that were never entered, on this thread.
    ///
    /// # Errors
    /// What the key store refuses.
    pub fn discard_here(&self, institution: InstitutionId, owners: Vec<KeyOwner>) -> Result<()> {
        let gone = owners.clone();
        self.database.writer().run_here(move |connection, _| {
            for owner in owners {
                let own = subject_key::table
                    .filter(subject_key::institution_id.is(institution))
                    .filter(subject_key::kind.eq(owner.kind.code()))
                    .filter(subject_key::subject_id.is(owner.id))
                    .filter(subject_key::wrapped.is_not_null());
                diesel::delete(own).execute(connection)?;
            }
            Ok(())
        })?;
        self.forget(institution, &gone);
        Ok(())
    }

    /// Takes away all keys of an institution that was never entered, on this thread.
    ///
    /// # Errors
    /// [`Error::Conflict`] `reserved-id` for the platform; what the key store refuses.
    pub fn discard_institution_here(&self, institution: InstitutionId) -> Result<()> {
        require_no_platform(institution)?;
        self.database.writer().run_here(move |connection, _| {
            diesel::delete(subject_key::table.filter(subject_key::institution_id.is(institution)))
                .execute(connection)?;
            diesel::delete(institution_key::table.filter(institution_key::institution_id.is(institution)))
                .execute(connection)?;
            Ok(())
        })?;
        self.forget_institution(institution);
        Ok(())
    }

    /// The keys that were made in a span of time, for whoever knows which owners there are.
    ///
    /// # Errors
    /// What the key store refuses.
    pub async fn made_between(&self, from: Timestamp, until: Timestamp) -> Result<Vec<YoungKey>> {
        let query = subject_key::table
            .filter(subject_key::created_at.from(from))
            .filter(subject_key::created_at.before(until))
            .filter(subject_key::wrapped.is_not_null())
            .select((subject_key::institution_id, subject_key::kind, subject_key::subject_id));
        let found: Vec<(InstitutionId, String, Uuid)> =
            self.database.read(Cost::Scan, move |connection| Ok(query.load(connection)?)).await?;
        Ok(found.into_iter().map(|(institution, kind, id)| YoungKey { institution, kind, id }).collect())
    }
}

/// That an institution is meant: the platform's keys are made once, and never taken away.
fn require_no_platform(institution: InstitutionId) -> Result<()> {
    if institution == InstitutionId::PLATFORM {
        return Err(Error::conflict("reserved-id", "no institution has this id"));
    }
    Ok(())
}

/// That no id is another owner's. Ids on the platform are never made by a client, so a person there may be several things.
fn require_own_ids(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    owners: &[KeyOwner],
) -> Result<()> {
    if institution == InstitutionId::PLATFORM {
        return Ok(());
    }
    let own: HashSet<(&str, Uuid)> = owners.iter().map(|owner| (owner.kind.code(), owner.id)).collect();
    let ids: Vec<Uuid> = owners.iter().map(|owner| owner.id).collect();
    for ids in ids.chunks(AT_ONCE) {
        let found: Vec<(String, Uuid, Option<Timestamp>)> = subject_key::table
            .filter(subject_key::institution_id.is(institution))
            .filter(subject_key::subject_id.eq_any(ids.iter().copied().map(OneOf)))
            .select((subject_key::kind, subject_key::subject_id, subject_key::destroyed_at))
            .load(connection)?;
        let is_own = |(kind, id, destroyed): &(String, Uuid, Option<Timestamp>)| {
            destroyed.is_none() && own.contains(&(kind.as_str(), *id))
        };
        if !found.iter().all(is_own) {
            return Err(Error::conflict("id-in-use", "this id is in use for something else already"));
        }
    }
    Ok(())
}
