//! Work that goes on after its request was answered.
//!
//! A job is a row that one process at a time holds by a lease: it renews the lease as long as it works, and when it
//! dies another takes over. So a job has to be such that doing it twice is doing it once.

use groeilijn_domain::values::ids::{InstitutionId, UserId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::error::Result;
use crate::pool::Database;
use crate::schema::job;

/// A job that this process holds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = job)]
pub struct HeldJob {
    /// Its id: that of what it works on.
    pub id: Uuid,
    /// Whose data it works on.
    #[diesel(column_name = institution_id)]
    pub institution: InstitutionId,
    /// The user in whose name it is done.
    #[diesel(column_name = user_id)]
    pub user: UserId,
    /// What it does: a code that is defined where jobs are queued.
    pub kind: String,
    /// Until when it is held, in microseconds since 1970 in UTC: also the proof of holding it.
    lease_until: i64,
}

/// A job that is to be left for later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewJob {
    /// Its id: that of what it works on.
    pub id: Uuid,
    /// Whose data it works on.
    pub institution: InstitutionId,
    /// The user in whose name it is done.
    pub user: UserId,
    /// What it does.
    pub kind: &'static str,
    /// When it was asked for, in UTC: the one that has waited longest is taken first.
    pub created_at: Timestamp,
}

/// Takes the job that has waited longest and that nobody holds at the moment `now`, if there is one.
///
/// # Errors
/// As [`Database::read`] and the writer.
pub async fn claim(database: &Database, now: Timestamp, lease: SignedDuration) -> Result<Option<HeldJob>> {
    let found = database
        .read(Cost::Rows, move |connection| {
            Ok(job::table
                .filter(job::lease_until.lt(now.as_microsecond()))
                .order((job::created_at, job::id))
                .select(columns::<HeldJob>())
                .first(connection)
                .optional()?)
        })
        .await?;
    let Some(held) = found else { return Ok(None) };
    extend(database, held, (now + lease).as_microsecond()).await
}

/// Holds a job for longer, from the moment `now`. `None` when another process has it or it is done.
///
/// # Errors
/// As the writer.
pub async fn renew(
    database: &Database,
    held: HeldJob,
    now: Timestamp,
    lease: SignedDuration,
) -> Result<Option<HeldJob>> {
    extend(database, held, (now + lease).as_microsecond()).await
}

/// Gives a job back, for the next process that looks for one.
///
/// # Errors
/// As the writer.
pub async fn release(database: &Database, held: HeldJob) -> Result<()> {
    extend(database, held, 0).await.map(drop)
}

/// Compare-and-swap on the lease: of several processes that hold the same one, one succeeds.
async fn extend(database: &Database, held: HeldJob, until: i64) -> Result<Option<HeldJob>> {
    database
        .writer()
        .run(move |connection, _| {
            let own = job::table.filter(job::id.is(held.id)).filter(job::lease_until.eq(held.lease_until));
            let extended = diesel::update(own).set(job::lease_until.eq(until)).execute(connection)?;
            Ok((extended == 1).then_some(HeldJob { lease_until: until, ..held }))
        })
        .await
}

/// Leaves a job to be done after this transaction.
///
/// # Errors
/// What the database refuses.
pub fn queue(connection: &mut AnyConnection, new: &NewJob) -> Result<()> {
    diesel::insert_into(job::table)
        .values((
            job::id.is(new.id),
            job::institution_id.is(new.institution),
            job::user_id.is(new.user),
            job::kind.eq(new.kind),
            job::lease_until.eq(0),
            job::created_at.is(new.created_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Takes away a job that is done.
///
/// # Errors
/// What the database refuses.
pub fn remove(connection: &mut AnyConnection, id: Uuid) -> Result<()> {
    diesel::delete(job::table.filter(job::id.is(id))).execute(connection)?;
    Ok(())
}
