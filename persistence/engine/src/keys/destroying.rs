//! Destroying keys: what was sealed under them is unreadable from then on, everywhere and for ever.
//!
//! Of a destroyed key the row stays without the key, as a tombstone: its owner is known to be destroyed and gets no other.

use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;
use uuid::Uuid;

use super::owner::KeyOwner;
use super::ring::{AT_ONCE, KeyRing};
use crate::columns::OneOf;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::error::{Error, Result};
use crate::schema::{institution_key, subject_key};

/// What the key store knows of an owner's key.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct KeyRecord {
    /// The name of the key.
    pub key_id: Vec<u8>,
    /// The code of its owner's kind.
    pub kind: String,
    /// Which owner.
    pub owner: Uuid,
    /// When it was destroyed, in UTC; none as long as it is there.
    pub destroyed_at: Option<Timestamp>,
}

/// A row without its key.
macro_rules! without_key {
    ($now:expr) => {
        (
            subject_key::wrapped.eq(None::<Vec<u8>>),
            subject_key::parent_id.eq(None::<Vec<u8>>),
            subject_key::parent_version.eq(None::<i32>),
            subject_key::destroyed_at.is(Some($now)),
        )
    };
}

impl KeyRing {
    /// Destroys the key of an owner. What is sealed already is no longer opened by this process when this returns, and by
    /// others within some seconds.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it has no key.
    pub async fn destroy(&self, institution: InstitutionId, owner: KeyOwner) -> Result<()> {
        if self.destroy_all(institution, vec![owner]).await? == 0 { Err(Error::NotFound) } else { Ok(()) }
    }

    /// Destroys the keys of these owners, those that are there, as [`Self::destroy`] does. Gives how many there were. When
    /// this returns, an embedded key store has no bytes of them any more, neither in its file nor in its log.
    ///
    /// # Errors
    /// What the key store refuses; it can be called again.
    pub async fn destroy_all(&self, institution: InstitutionId, owners: Vec<KeyOwner>) -> Result<usize> {
        let now = self.environment.now();
        let gone = owners.clone();
        let destroyed = self
            .database
            .writer()
            .run(move |connection, _| {
                let mut destroyed = 0;
                for owner in owners {
                    let own = subject_key::table
                        .filter(subject_key::institution_id.is(institution))
                        .filter(subject_key::kind.eq(owner.kind.code()))
                        .filter(subject_key::subject_id.is(owner.id))
                        .filter(subject_key::wrapped.is_not_null());
                    destroyed += diesel::update(own).set(without_key!(now)).execute(connection)?;
                }
                Ok(destroyed)
            })
            .await?;
        self.forget(institution, &gone);
        if destroyed > 0 {
            self.database.shed_deleted().await?;
        }
        Ok(destroyed)
    }

    /// Destroys every key of an institution: that of each of its owners, and the institution's own. Gives how many owners
    /// had one.
    ///
    /// # Errors
    /// What the key store refuses; it can be called again.
    pub async fn destroy_institution(&self, institution: InstitutionId) -> Result<usize> {
        let now = self.environment.now();
        let destroyed = self
            .database
            .writer()
            .run(move |connection, _| {
                let own = subject_key::table
                    .filter(subject_key::institution_id.is(institution))
                    .filter(subject_key::wrapped.is_not_null());
                let destroyed = diesel::update(own).set(without_key!(now)).execute(connection)?;
                diesel::delete(
                    institution_key::table.filter(institution_key::institution_id.is(institution)),
                )
                .execute(connection)?;
                Ok(destroyed)
            })
            .await?;
        self.forget_institution(institution);
        self.database.shed_deleted().await?;
        Ok(destroyed)
    }

    /// What is known of the keys of these owners of one kind.
    ///
    /// # Errors
    /// What the key store refuses.
    pub async fn records(&self, institution: InstitutionId, owners: Vec<KeyOwner>) -> Result<Vec<KeyRecord>> {
        self.database
            .read(Cost::Scan, move |connection| {
                let mut found = Vec::new();
                for owners in owners.chunk_by(|one, other| one.kind.code() == other.kind.code()) {
                    let Some(first) = owners.first() else { continue };
                    for owners in owners.chunks(AT_ONCE) {
                        let records: Vec<KeyRecord> = subject_key::table
                            .filter(subject_key::institution_id.is(institution))
                            .filter(subject_key::kind.eq(first.kind.code()))
                            .filter(
                                subject_key::subject_id.eq_any(owners.iter().map(|owner| OneOf(owner.id))),
                            )
                            .select((
                                subject_key::key_id,
                                subject_key::kind,
                                subject_key::subject_id,
                                subject_key::destroyed_at,
                            ))
                            .load(connection)?;
                        found.extend(records);
                    }
                }
                Ok(found)
            })
            .await
    }

    /// What is known of every key of an institution.
    ///
    /// # Errors
    /// What the key store refuses.
    pub async fn all_records(&self, institution: InstitutionId) -> Result<Vec<KeyRecord>> {
        let own = subject_key::table
            .filter(subject_key::institution_id.is(institution))
            .order((subject_key::kind, subject_key::subject_id))
            .select((
                subject_key::key_id,
                subject_key::kind,
                subject_key::subject_id,
                subject_key::destroyed_at,
            ));
        self.database.read(Cost::Scan, move |connection| Ok(own.load(connection)?)).await
    }
}
