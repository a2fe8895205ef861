//! Showing checkpoints to witnesses, and keeping what they sign of them (C090).
//!
//! A log is held by a lease while a witness is asked about it, so that of all processes one asks at a time; when it dies, the lease
//! ends and another one asks again. A witness that saw a checkpoint already signs it once more.

use groeilijn_domain::audit::cosignature::Cosignature;
use groeilijn_domain::audit::merkle::Hash;
use groeilijn_domain::audit::tiles::Wanted;
use groeilijn_domain::audit::witness::pause_after;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::calendar::to_micros;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::audit::checkpoint::{self, StoredCheckpoint};
use groeilijn_engine::audit::tiles;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};

use super::checkpoints::all_logs;
use super::schema::audit_witness;
use crate::handles::store::Store;

const TABLE: &str = "audit_witness";

/// What two processes that ask a witness agree upon, before the name of the witness and the id of the institution.
const LOCK: &[u8] = b"audit-witness";

/// The moment before which nobody holds a log.
const NOT_HELD: Timestamp = Timestamp::UNIX_EPOCH;

/// A checkpoint that a witness is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Whose log it is of.
    pub log: InstitutionId,
    /// The checkpoint.
    pub checkpoint: StoredCheckpoint,
    /// How many entries of the log the witness saw, as far as is known.
    pub old: u64,
    /// The proof that the log continues these.
    pub proof: Vec<Hash>,
    witness: String,
    attempts: i32,
    lease_until: Timestamp,
}

#[derive(Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = audit_witness)]
struct Standing {
    size: i64,
    attempts: i32,
    due_at: Timestamp,
    lease_until: Timestamp,
}

impl Standing {
    /// That of a witness that was never asked.
    const NEW: Self = Self { size: 0, attempts: 0, due_at: NOT_HELD, lease_until: NOT_HELD };

    /// Whether the witness is to be asked at the moment `now`, and nobody is asking it.
    fn is_free(self, now: Timestamp) -> bool {
        self.due_at <= now && self.lease_until <= now
    }
}

/// How a witness stands to a log, if it was ever asked.
fn standing(connection: &mut AnyConnection, log: InstitutionId, witness: &str) -> Result<Option<Standing>> {
    Ok(audit_witness::table
        .filter(audit_witness::institution_id.is(log))
        .filter(audit_witness::witness.eq(witness))
        .select(columns::<Standing>())
        .first(connection)
        .optional()?)
}

/// The newest checkpoint of a log, which the transaction has entered, if the witness has yet to sign it and is to be asked now.
fn to_witness(
    connection: &mut AnyConnection,
    log: InstitutionId,
    witness: &str,
    now: Timestamp,
) -> Result<Option<(StoredCheckpoint, Option<Standing>)>> {
    let Some(newest) = checkpoint::newest(connection, log)? else { return Ok(None) };
    let standing = standing(connection, log, witness)?;
    let is_free = standing.unwrap_or(Standing::NEW).is_free(now);
    if !is_free || checkpoint::is_cosigned(connection, (log, newest.size), witness)? {
        return Ok(None);
    }
    Ok(Some((newest, standing)))
}

fn put(
    connection: &mut AnyConnection,
    (log, witness): (InstitutionId, &str),
    held: Timestamp,
    standing: Standing,
) -> Result<bool> {
    let own = audit_witness::table
        .filter(audit_witness::institution_id.is(log))
        .filter(audit_witness::witness.eq(witness))
        .filter(audit_witness::lease_until.is(held));
    let put = diesel::update(own)
        .set((
            audit_witness::size.eq(standing.size),
            audit_witness::attempts.eq(standing.attempts),
            audit_witness::due_at.is(standing.due_at),
            audit_witness::lease_until.is(standing.lease_until),
        ))
        .execute(connection)?;
    Ok(put == 1)
}

fn insert(
    connection: &mut AnyConnection,
    (log, witness): (InstitutionId, &str),
    standing: Standing,
) -> Result<()> {
    diesel::insert_into(audit_witness::table)
        .values((
            audit_witness::institution_id.is(log),
            audit_witness::witness.eq(witness),
            audit_witness::size.eq(standing.size),
            audit_witness::attempts.eq(standing.attempts),
            audit_witness::due_at.is(standing.due_at),
            audit_witness::lease_until.is(standing.lease_until),
        ))
        .execute(connection)?;
    Ok(())
}

fn claim(
    connection: &mut AnyConnection,
    (log, witness): (InstitutionId, &str),
    now: Timestamp,
    lease: SignedDuration,
) -> Result<Option<Submission>> {
    dialect::enter_institution(connection, log)?;
    dialect::lock(connection, &[LOCK, log.as_bytes(), witness.as_bytes()].concat())?;
    let Some((newest, found)) = to_witness(connection, log, witness, now)? else { return Ok(None) };
    let before = found.unwrap_or(Standing::NEW);
    let held = Standing { lease_until: to_micros(now + lease), ..before };
    match found {
        None => insert(connection, (log, witness), held)?,
        Some(before) if put(connection, (log, witness), before.lease_until, held)? => {}
        Some(_) => return Ok(None),
    }
    let old = u64::try_from(before.size).map_err(|_| Error::Unreadable(TABLE))?;
    let proof = match old {
        // Everything continues what is empty.
        0 => Vec::new(),
        _ => {
            let wanted = Wanted::consistency(old, newest.size).ok_or(Error::Unreadable(TABLE))?;
            tiles::read(connection, log, &wanted, newest.size)?
        }
    };
    let (attempts, lease_until, witness) = (before.attempts, held.lease_until, witness.to_owned());
    Ok(Some(Submission { log, checkpoint: newest, old, proof, witness, attempts, lease_until }))
}

impl Store {
    /// The logs of which a witness has yet to sign the newest checkpoint, and about which it is to be asked at the moment `now`.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn logs_to_witness(&self, witness: String, now: Timestamp) -> Result<Vec<InstitutionId>> {
        self.data()
            .read_at_present(Cost::Scan, move |connection| {
                let mut due = Vec::new();
                for log in all_logs(connection)? {
                    dialect::enter_institution(connection, log)?;
                    if to_witness(connection, log, &witness, now)?.is_some() {
                        due.push(log);
                    }
                }
                Ok(due)
            })
            .await
    }

    /// Takes the newest checkpoint of a log to show it to a witness, and holds the log for that witness as long as `lease`; `None`
    /// when there is nothing to show it, or another process is about it.
    ///
    /// # Errors
    /// What the database refuses, and [`Error::Unreadable`] when the log is damaged.
    pub async fn claim_submission(
        &self,
        log: InstitutionId,
        witness: String,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<Submission>> {
        self.data().writer().run(move |connection, _| claim(connection, (log, &witness), now, lease)).await
    }

    /// Keeps what the witness signed.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn cosigned(&self, shown: Submission, cosignature: Cosignature, now: Timestamp) -> Result<()> {
        self.data()
            .writer()
            .run(move |connection, _| {
                let Submission { log, witness, .. } = &shown;
                dialect::enter_institution(connection, *log)?;
                dialect::lock(connection, &[LOCK, log.as_bytes(), witness.as_bytes()].concat())?;
                checkpoint::keep_cosignature(
                    connection,
                    (*log, shown.checkpoint.size),
                    witness,
                    &cosignature,
                )?;
                let size = i64::try_from(shown.checkpoint.size).map_err(Error::internal)?;
                let standing = Standing { size, attempts: 0, due_at: now, lease_until: NOT_HELD };
                put(connection, (*log, witness), shown.lease_until, standing).map(drop)
            })
            .await
    }

    /// Goes on from what the witness saw, if the log ever had so many entries: at once, and later when it says so again. Gives
    /// whether the log had.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn witness_saw(&self, shown: Submission, saw: u64, now: Timestamp) -> Result<bool> {
        self.data()
            .writer()
            .run(move |connection, _| {
                let Submission { log, witness, .. } = &shown;
                dialect::enter_institution(connection, *log)?;
                // Another process may have shown it a later one, when this one took longer than it held the log.
                let newest = checkpoint::newest(connection, *log)?.map_or(0, |newest| newest.size);
                let had = saw <= newest;
                let size = if had { saw } else { shown.old };
                let attempts = shown.attempts.saturating_add(1);
                let due_at = if had && shown.attempts == 0 { now } else { now + pause(attempts) };
                let size = i64::try_from(size).map_err(Error::internal)?;
                let standing = Standing { size, attempts, due_at, lease_until: NOT_HELD };
                put(connection, (*log, witness), shown.lease_until, standing)?;
                Ok(had)
            })
            .await
    }

    /// Has the witness asked again later.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn ask_witness_later(&self, shown: Submission, now: Timestamp) -> Result<()> {
        self.data()
            .writer()
            .run(move |connection, _| {
                let Submission { log, witness, .. } = &shown;
                dialect::enter_institution(connection, *log)?;
                let attempts = shown.attempts.saturating_add(1);
                let size = i64::try_from(shown.old).map_err(Error::internal)?;
                let standing =
                    Standing { size, attempts, due_at: now + pause(attempts), lease_until: NOT_HELD };
                put(connection, (*log, witness), shown.lease_until, standing).map(drop)
            })
            .await
    }

    /// Keeps that a witness does not accept a log, unless that was told within the last day. Gives whether it was news.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn tell_of_unwitnessed_log(&self, log: InstitutionId) -> Result<bool> {
        self.tell_of_log(log, SecurityEventKind::LogNotWitnessed).await
    }
}

fn pause(attempts: i32) -> SignedDuration {
    pause_after(attempts.unsigned_abs())
}
