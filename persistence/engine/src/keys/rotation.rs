//! Rotating the keys that other keys are wrapped under, while they are in use.
//!
//! A wrapped key names its parent, so nothing has to stop: first there is a new version, under which new keys are wrapped;
//! then the older keys are wrapped anew, some at a time; and a version that no key names any more is taken away.

use std::collections::BTreeSet;

use groeilijn_domain::values::ids::InstitutionId;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::ring::{
    INSTITUTION, KeyRing, SUBJECT, UNREADABLE, institution_context, parent_columns, parent_of,
    subject_context,
};
use super::system::{SYSTEM, system_context};
use crate::crypto::sealed::KeyId;
use crate::crypto::wrap::{self, KeyName};
use crate::database::connection::AnyConnection;
use crate::database::dialect;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::error::{Error, Result};
use crate::schema::{institution_key, subject_key, system_key};

/// How many keys are wrapped anew in one transaction.
const STEP: i64 = 500;

/// How far wrapping anew has come.
struct Step {
    rewrapped: usize,
    /// The id of the last key that was looked at; `None` when there was none.
    last: Option<Vec<u8>>,
}

type WrappedRow = (Vec<u8>, String, Uuid, Option<Vec<u8>>);

impl KeyRing {
    /// Rotates every institution's key, the platform's included, after everything that a root key wraps was wrapped
    /// under the newest one. Gives the number of keys that were wrapped anew.
    ///
    /// # Errors
    /// What the key store refuses. What was done stays done; it can be called again.
    pub async fn rotate(&self) -> Result<usize> {
        let mut rewrapped = self.rewrap_under_root().await?;
        let institutions: Vec<InstitutionId> = self
            .database
            .read(Cost::Scan, |connection| {
                Ok(institution_key::table
                    .select(institution_key::institution_id)
                    .distinct()
                    .load(connection)?)
            })
            .await?;
        for institution in institutions {
            rewrapped += self.rotate_institution(institution).await?;
        }
        Ok(rewrapped)
    }

    /// Takes away the root keys from before everything that is wrapped. One that another process added since, under which
    /// something is wrapped or nothing yet, stays.
    ///
    /// # Errors
    /// What the key store or the root key refuses.
    pub async fn forget_older_root_keys(&self) -> Result<()> {
        let root = self.root.clone();
        self.database
            .read_at_one_moment(Cost::Scan, move |connection| {
                let of_system: Vec<Vec<u8>> =
                    system_key::table.select(system_key::wrapped).load(connection)?;
                let of_institutions: Vec<Vec<u8>> =
                    institution_key::table.select(institution_key::wrapped).load(connection)?;
                let names = of_system.iter().chain(&of_institutions).map(|wrapped| parent_of(wrapped));
                let used: BTreeSet<KeyName> = names.collect::<Result<_>>()?;
                root.forget_older(&used.into_iter().collect::<Vec<_>>())
            })
            .await
    }

    /// Rotates the key of one institution. Gives the number of keys that were wrapped anew.
    ///
    /// # Errors
    /// As [`Self::rotate`].
    pub async fn rotate_institution(&self, institution: InstitutionId) -> Result<usize> {
        let ring = self.clone();
        self.database
            .writer()
            .run(move |connection, _| {
                dialect::lock_institution(connection, institution)?;
                let newest = ring.load_parent(connection, institution, None)?.name;
                let next =
                    newest.version.checked_add(1).ok_or_else(|| Error::internal("no more versions"))?;
                ring.insert_version(connection, institution, KeyName { version: next, ..newest })
            })
            .await?;
        let mut rewrapped = 0;
        let mut after = Vec::new();
        loop {
            let ring = self.clone();
            let step = self
                .database
                .writer()
                .run(move |connection, _| ring.rewrap_some(connection, institution, &after))
                .await?;
            let Some(last) = step.last else { return Ok(rewrapped) };
            rewrapped += step.rewrapped;
            after = last;
        }
    }

    /// Wraps some keys of an institution under its newest key, those after the one with the id `after`. When none is
    /// left, the older versions go that no key names. One that does not open stays as it is, with its parent.
    fn rewrap_some(
        &self,
        connection: &mut AnyConnection,
        institution: InstitutionId,
        after: &[u8],
    ) -> Result<Step> {
        dialect::lock_institution(connection, institution)?;
        let newest = self.load_parent(connection, institution, None)?;
        let (parent_id, parent_version) = parent_columns(newest.name)?;
        let rows: Vec<WrappedRow> = subject_key::table
            .filter(subject_key::institution_id.is(institution))
            .filter(subject_key::parent_version.lt(parent_version))
            .filter(subject_key::key_id.gt(after))
            .order(subject_key::key_id)
            .limit(STEP)
            .select((subject_key::key_id, subject_key::kind, subject_key::subject_id, subject_key::wrapped))
            .load(connection)?;
        let Some((last, ..)) = rows.last().cloned() else {
            forget_older(connection, institution, parent_version)?;
            return Ok(Step { rewrapped: 0, last: None });
        };
        let mut rewrapped = 0;
        for (key_id, kind, id, wrapped) in &rows {
            let Some(wrapped) = wrapped else { continue };
            let context = subject_context(key_id, &institution, kind, id);
            let key = match self.open_child(connection, institution, &context, wrapped) {
                Ok(key) => key,
                Err(Error::Unreadable(_)) => {
                    tracing::error!(row = hex::encode(key_id), "a row of subject_key cannot be read");
                    continue;
                }
                Err(error) => return Err(error),
            };
            let anew = wrap::wrap(&newest, self.environment.bytes(), SUBJECT, &context, &key);
            // One that is destroyed at this moment stays so.
            let unchanged = subject_key::table
                .filter(subject_key::key_id.eq(key_id))
                .filter(subject_key::wrapped.is_not_null());
            diesel::update(unchanged)
                .set((
                    subject_key::parent_id.eq(Some(&parent_id)),
                    subject_key::parent_version.eq(Some(parent_version)),
                    subject_key::wrapped.eq(Some(anew)),
                ))
                .execute(connection)?;
            rewrapped += 1;
        }
        Ok(Step { rewrapped, last: Some(last) })
    }

    fn open_child(
        &self,
        connection: &mut AnyConnection,
        institution: InstitutionId,
        context: &[&[u8]],
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>> {
        let parent = self.load_parent(connection, institution, Some(parent_of(wrapped)?))?;
        wrap::unwrap_key(&parent, SUBJECT, context, wrapped).map_err(|_| UNREADABLE)
    }

    /// Wraps what a root key wraps under the newest root key.
    async fn rewrap_under_root(&self) -> Result<usize> {
        let ring = self.clone();
        self.database
            .writer()
            .run(move |connection, _| {
                let newest = ring.root.newest()?;
                Ok(ring.rewrap_institutions(connection, newest)? + ring.rewrap_system(connection, newest)?)
            })
            .await
    }

    fn rewrap_institutions(&self, connection: &mut AnyConnection, newest: KeyName) -> Result<usize> {
        let rows: Vec<(Vec<u8>, i32, InstitutionId, Vec<u8>)> = institution_key::table
            .select((
                institution_key::key_id,
                institution_key::version,
                institution_key::institution_id,
                institution_key::wrapped,
            ))
            .load(connection)?;
        let mut rewrapped = 0;
        for (key_id, version, institution, wrapped) in rows {
            if parent_of(&wrapped)? == newest {
                continue;
            }
            let id = KeyId::from_bytes(key_id.clone().try_into().map_err(|_| UNREADABLE)?);
            let number = u32::try_from(version).map_err(|_| UNREADABLE)?.to_be_bytes();
            let context = institution_context(&id, &number, &institution);
            let anew =
                self.root.wrap(INSTITUTION, &context, &self.root.unwrap(INSTITUTION, &context, &wrapped)?)?;
            let (root_id, root_version) = parent_columns(parent_of(&anew)?)?;
            diesel::update(institution_key::table.find((key_id, version)))
                .set((
                    institution_key::parent_id.eq(root_id),
                    institution_key::parent_version.eq(root_version),
                    institution_key::wrapped.eq(anew),
                ))
                .execute(connection)?;
            rewrapped += 1;
        }
        Ok(rewrapped)
    }

    fn rewrap_system(&self, connection: &mut AnyConnection, newest: KeyName) -> Result<usize> {
        let rows: Vec<(Vec<u8>, String, Vec<u8>)> = system_key::table
            .select((system_key::key_id, system_key::purpose, system_key::wrapped))
            .load(connection)?;
        let mut rewrapped = 0;
        for (key_id, purpose, wrapped) in rows {
            if parent_of(&wrapped)? == newest {
                continue;
            }
            let context = system_context(&purpose, &key_id);
            let anew = self.root.wrap(SYSTEM, &context, &self.root.unwrap(SYSTEM, &context, &wrapped)?)?;
            let (root_id, root_version) = parent_columns(parent_of(&anew)?)?;
            diesel::update(system_key::table.find(key_id.clone()))
                .set((
                    system_key::parent_id.eq(root_id),
                    system_key::parent_version.eq(root_version),
                    system_key::wrapped.eq(anew),
                ))
                .execute(connection)?;
            rewrapped += 1;
        }
        Ok(rewrapped)
    }
}

/// Takes away the versions of an institution's key before `newest` that no key names.
fn forget_older(connection: &mut AnyConnection, institution: InstitutionId, newest: i32) -> Result<()> {
    let named: Vec<Option<i32>> = subject_key::table
        .filter(subject_key::institution_id.is(institution))
        .filter(subject_key::parent_version.lt(newest))
        .select(subject_key::parent_version)
        .distinct()
        .load(connection)?;
    let older = institution_key::table
        .filter(institution_key::institution_id.is(institution))
        .filter(institution_key::version.lt(newest))
        .filter(institution_key::version.ne_all(named.into_iter().flatten()));
    diesel::delete(older).execute(connection)?;
    Ok(())
}
