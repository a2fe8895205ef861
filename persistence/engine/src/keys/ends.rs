//! Keys that end at a known moment.
//!
//! When a key ends is kept beside the data, so that it is decided in the transaction that decides everything else. The key
//! itself is in another database: it is destroyed after the commit, and its end stays on the list until that succeeded.

use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;
use uuid::Uuid;

use super::owner::{KeyKind, KeyOwner};
use super::ring::KeyRing;
use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::error::{Error, Result};
use crate::pool::Database;
use crate::schema::key_end;

/// How many ends are looked at in one turn.
const AT_ONCE: i64 = 1_000;

/// A key whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueKey {
    /// Whose realm it is in.
    pub institution: InstitutionId,
    /// Whose key it is.
    pub owner: KeyOwner,
}

/// Has the key of an owner end at this moment, and at no other.
///
/// # Errors
/// What the database refuses.
pub fn end_at(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    owner: KeyOwner,
    at: Timestamp,
) -> Result<()> {
    do_not_end(connection, institution, owner)?;
    diesel::insert_into(key_end::table)
        .values((
            key_end::institution_id.is(institution),
            key_end::kind.eq(owner.kind.code()),
            key_end::subject_id.is(owner.id),
            key_end::ends_at.is(at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Has the key of an owner stay, as far as is known now.
///
/// # Errors
/// What the database refuses.
pub fn do_not_end(connection: &mut AnyConnection, institution: InstitutionId, owner: KeyOwner) -> Result<()> {
    let own = key_end::table
        .filter(key_end::institution_id.is(institution))
        .filter(key_end::kind.eq(owner.kind.code()))
        .filter(key_end::subject_id.is(owner.id));
    diesel::delete(own).execute(connection)?;
    Ok(())
}

/// The keys of one kind whose time has come at the moment `now`, those that waited longest first.
///
/// # Errors
/// What the database refuses.
pub async fn due(database: &Database, kind: &'static KeyKind, now: Timestamp) -> Result<Vec<DueKey>> {
    let due: Vec<(InstitutionId, Uuid)> = database
        .read(Cost::Rows, move |connection| {
            Ok(key_end::table
                .filter(key_end::kind.eq(kind.code()))
                .filter(key_end::ends_at.until(now))
                .order(key_end::ends_at)
                .limit(AT_ONCE)
                .select((key_end::institution_id, key_end::subject_id))
                .load(connection)?)
        })
        .await?;
    let key = |(institution, id)| DueKey { institution, owner: KeyOwner::new(kind, id) };
    Ok(due.into_iter().map(key).collect())
}

impl KeyRing {
    /// Destroys a key whose time has come, and takes its end off the list in `data`. A second time it does nothing.
    ///
    /// # Errors
    /// What either database refuses: the end then stays on the list.
    pub async fn end(&self, data: &Database, key: DueKey) -> Result<()> {
        let DueKey { institution, owner } = key;
        match self.destroy(institution, owner).await {
            Ok(()) => {}
            // It was destroyed before, maybe without what follows.
            Err(Error::NotFound) => self.database.shed_deleted().await?,
            Err(error) => return Err(error),
        }
        data.writer().run(move |connection, _| do_not_end(connection, institution, owner)).await
    }
}
