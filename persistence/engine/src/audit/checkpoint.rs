//! Checkpoints of audit logs: what the service signs of each tree, so that nobody, whoever runs it included, can later
//! show another log than it had (C090).
//!
//! Nothing is signed that is not a continuation of what was signed before.

use groeilijn_domain::audit::checkpoint::{Checkpoint, origin, verifier_key};
use groeilijn_domain::audit::cosignature::Cosignature;
use groeilijn_domain::audit::merkle::{Hash, verify_consistency};
use groeilijn_domain::audit::note::{VerifierKey, signed};
use groeilijn_domain::audit::tiles::Wanted;
use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;

use crate::audit::index::number;
use crate::audit::mismatch::Mismatch;
use crate::audit::{tiles, tree};
use crate::crypto::signature::{Signer, is_signed};
use crate::database::connection::AnyConnection;
use crate::database::dialect;
use crate::database::query::prelude::*;
use crate::error::{Error, Result};
use crate::schema::{audit_checkpoint, audit_cosignature, audit_entry};

const TABLE: &str = "audit_checkpoint";

/// What two processes that sign one log agree upon, before the id of the institution.
const LOCK: &[u8] = b"audit-checkpoint";

/// A checkpoint as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// How many entries the log had.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
    /// When it was signed, in UTC.
    pub signed_at: Timestamp,
    /// The signed note, with the lines of the witnesses that cosigned it.
    pub note: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_checkpoint)]
struct CheckpointRow {
    size: i64,
    root: Vec<u8>,
    signed_at: Timestamp,
    note: String,
}

impl CheckpointRow {
    fn read(self) -> Result<StoredCheckpoint> {
        Ok(StoredCheckpoint {
            size: self.size.try_into().map_err(|_| Error::Unreadable(TABLE))?,
            root: self.root.try_into().map_err(|_| Error::Unreadable(TABLE))?,
            signed_at: self.signed_at,
            note: self.note,
        })
    }
}

/// At most `limit` checkpoints of an institution's log, the newest first, from the one before size `before` on.
///
/// # Errors
/// [`Error::Unreadable`] when one is not what a checkpoint is.
pub fn find(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    before: Option<u64>,
    limit: i64,
) -> Result<Vec<StoredCheckpoint>> {
    let before = before.map_or(Ok(i64::MAX), number)?;
    let rows: Vec<CheckpointRow> = audit_checkpoint::table
        .filter(audit_checkpoint::institution_id.is(institution))
        .filter(audit_checkpoint::size.lt(before))
        .order(audit_checkpoint::size.desc())
        .limit(limit)
        .select(columns::<CheckpointRow>())
        .load(connection)?;
    let cosigned = cosignatures(connection, institution, &rows)?;
    let with_lines = |mut row: CheckpointRow| {
        for (_, line) in cosigned.iter().filter(|(size, _)| *size == row.size) {
            row.note.push_str(line);
            row.note.push('\n');
        }
        row.read()
    };
    rows.into_iter().map(with_lines).collect()
}

/// The lines of the witnesses under these checkpoints, by the size of each.
fn cosignatures(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    rows: &[CheckpointRow],
) -> Result<Vec<(i64, String)>> {
    let sizes: Vec<i64> = rows.iter().map(|row| row.size).collect();
    Ok(audit_cosignature::table
        .filter(audit_cosignature::institution_id.is(institution))
        .filter(audit_cosignature::size.eq_any(sizes))
        .order((audit_cosignature::size, audit_cosignature::witness))
        .select((audit_cosignature::size, audit_cosignature::line))
        .load(connection)?)
}

/// Keeps what a witness signed of the checkpoint of `size` entries; once, however often it signs it.
///
/// # Errors
/// What the database refuses.
pub fn keep_cosignature(
    connection: &mut AnyConnection,
    (institution, size): (InstitutionId, u64),
    witness: &str,
    cosignature: &Cosignature,
) -> Result<()> {
    if is_cosigned(connection, (institution, size), witness)? {
        return Ok(());
    }
    diesel::insert_into(audit_cosignature::table)
        .values((
            audit_cosignature::institution_id.is(institution),
            audit_cosignature::size.eq(number(size)?),
            audit_cosignature::witness.eq(witness),
            audit_cosignature::cosigned_at.is(cosignature.at),
            audit_cosignature::line.eq(&cosignature.line),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether a witness signed the checkpoint of `size` entries.
///
/// # Errors
/// What the database refuses.
pub fn is_cosigned(
    connection: &mut AnyConnection,
    (institution, size): (InstitutionId, u64),
    witness: &str,
) -> Result<bool> {
    let found: i64 = audit_cosignature::table
        .filter(audit_cosignature::institution_id.is(institution))
        .filter(audit_cosignature::size.eq(number(size)?))
        .filter(audit_cosignature::witness.eq(witness))
        .count()
        .get_result(connection)?;
    Ok(found > 0)
}

/// The newest checkpoint of an institution's log.
///
/// # Errors
/// As [`find`].
pub fn newest(
    connection: &mut AnyConnection,
    institution: InstitutionId,
) -> Result<Option<StoredCheckpoint>> {
    Ok(find(connection, institution, None, 1)?.pop())
}

/// When the first checkpoint of an institution's log was signed, in UTC; `None` when none was.
///
/// # Errors
/// What the database refuses.
pub fn first_signed_at(
    connection: &mut AnyConnection,
    institution: InstitutionId,
) -> Result<Option<Timestamp>> {
    Ok(audit_checkpoint::table
        .filter(audit_checkpoint::institution_id.is(institution))
        .order(audit_checkpoint::size)
        .select(audit_checkpoint::signed_at)
        .first(connection)
        .optional()?)
}

/// The checkpoint of an institution's log when it had `size` entries, if one was signed then.
///
/// # Errors
/// As [`find`].
pub fn of_size(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    size: u64,
) -> Result<Option<StoredCheckpoint>> {
    let found = find(connection, institution, Some(size.saturating_add(1)), 1)?.pop();
    Ok(found.filter(|checkpoint| checkpoint.size == size))
}

/// Whether an institution's log, which the transaction has entered, has other entries than its newest checkpoint says.
///
/// # Errors
/// What the database refuses.
pub fn is_due(connection: &mut AnyConnection, institution: InstitutionId) -> Result<bool> {
    let last: Option<i64> = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .order(audit_entry::sequence.desc())
        .select(audit_entry::sequence)
        .first(connection)
        .optional()?;
    let signed: Option<i64> = audit_checkpoint::table
        .filter(audit_checkpoint::institution_id.is(institution))
        .order(audit_checkpoint::size.desc())
        .select(audit_checkpoint::size)
        .first(connection)
        .optional()?;
    Ok(last.map(|last| last + 1) != signed)
}

/// Enters some of the hashes that a checkpoint of the log as it is now needs, in a transaction of their own, so that a
/// log that was never signed keeps nobody waiting. Gives whether there are more.
///
/// # Errors
/// As [`tiles::complete`].
pub fn prepare(connection: &mut AnyConnection, institution: InstitutionId) -> Result<bool> {
    lock(connection, institution)?;
    let size = tree::present(connection, institution)?.size();
    tiles::complete(connection, institution, size, tiles::AT_ONCE)
}

/// Signs the log of an institution as it is now, at the moment `now`, with the last of `signers`; the others signed
/// before. Nothing is signed twice.
///
/// # Errors
/// [`Error::LogAltered`] when it is not what was signed before; what the database refuses.
pub fn sign(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    signers: &[Signer],
    now: Timestamp,
) -> Result<StoredCheckpoint> {
    signed_or_altered(connection, institution, signers, (Before::MustBeOurs, now))
}

/// The same when the key of the newest checkpoint was lost: whoever signed it, the log has to continue it.
///
/// # Errors
/// As [`sign`].
pub fn sign_after_loss(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    signers: &[Signer],
    now: Timestamp,
) -> Result<StoredCheckpoint> {
    signed_or_altered(connection, institution, signers, (Before::OfLostKey, now))
}

/// What is asked of the newest checkpoint before another one is signed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// One of the service's keys signed it.
    MustBeOurs,
    /// The key that signed it is gone.
    OfLostKey,
}

fn signed_or_altered(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    signers: &[Signer],
    when: (Before, Timestamp),
) -> Result<StoredCheckpoint> {
    signed_as_it_is(connection, institution, signers, when).map_err(|error| match error {
        // An entry or a hash is missing.
        Error::Unreadable(_) => Error::LogAltered(Mismatch::OtherEntries),
        error => error,
    })
}

fn signed_as_it_is(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    signers: &[Signer],
    (asked, now): (Before, Timestamp),
) -> Result<StoredCheckpoint> {
    lock(connection, institution)?;
    let present = tree::present(connection, institution)?;
    let (size, root) = (present.size(), present.root());
    let before = newest(connection, institution)?;
    if let Some(before) = &before {
        if asked == Before::MustBeOurs && !is_ours(before, institution, signers)? {
            return Err(Error::LogAltered(Mismatch::Forged));
        }
        if before.size > size {
            return Err(Error::LogAltered(Mismatch::CutOff));
        }
    }
    tiles::complete(connection, institution, size, u64::MAX)?;
    if tiles::read(connection, institution, &Wanted::root(size), size)? != [root] {
        return Err(Error::LogAltered(Mismatch::OtherEntries));
    }
    if let Some(before) = before {
        let proof = Wanted::consistency(before.size, size).ok_or(Error::LogAltered(Mismatch::CutOff))?;
        let proof = tiles::read(connection, institution, &proof, size)?;
        if !verify_consistency(before.size, size, &proof, &before.root, &root) {
            return Err(Error::LogAltered(Mismatch::Rewritten));
        }
        if before.size == size {
            return Ok(before);
        }
    }
    enter(connection, institution, signers, (size, root), now)
}

/// Whether one of the service's keys signed a checkpoint, and it says what is kept with it.
fn is_ours(kept: &StoredCheckpoint, institution: InstitutionId, signers: &[Signer]) -> Result<bool> {
    let keys = signers.iter().map(|signer| key_of(signer, institution)).collect::<Result<Vec<_>>>()?;
    let opened =
        Checkpoint::open(&kept.note, &keys, |key, message, signature| is_signed(key, message, signature));
    Ok(opened.is_ok_and(|(said, _)| said.size == kept.size && said.root == kept.root))
}

/// The key with which others check what `signer` signs of an institution's log.
///
/// # Errors
/// [`Error::Internal`] when it has another length than keys have.
pub fn key_of(signer: &Signer, institution: InstitutionId) -> Result<VerifierKey> {
    let public_key = signer.public_key().try_into().map_err(Error::internal)?;
    verifier_key(institution, public_key).ok_or_else(|| Error::internal("the key has no name"))
}

fn enter(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    signers: &[Signer],
    (size, root): (u64, Hash),
    now: Timestamp,
) -> Result<StoredCheckpoint> {
    let signer = signers.last().ok_or_else(|| Error::internal("there is no key to sign with"))?;
    let text = Checkpoint { origin: origin(institution), size, root }.text();
    let note = signed(&text, &key_of(signer, institution)?, &signer.sign(text.as_bytes()));
    diesel::insert_into(audit_checkpoint::table)
        .values((
            audit_checkpoint::institution_id.is(institution),
            audit_checkpoint::size.eq(number(size)?),
            audit_checkpoint::root.eq(root.as_slice()),
            audit_checkpoint::signed_at.is(now),
            audit_checkpoint::note.eq(&note),
        ))
        .execute(connection)?;
    Ok(StoredCheckpoint { size, root, signed_at: now, note })
}

fn lock(connection: &mut AnyConnection, institution: InstitutionId) -> Result<()> {
    dialect::lock(connection, &[LOCK, institution.as_bytes()].concat())
}
