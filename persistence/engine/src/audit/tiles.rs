//! Hashes inside an audit tree, kept so that a proof reads a few of them and not all leaves
//! ([`groeilijn_domain::audit::tiles`]). The leaves stand with the entries; here are the roots of whole tiles.

use std::ops::Range;

use groeilijn_domain::audit::merkle::{Hash, root};
use groeilijn_domain::audit::tiles::{Tile, Tiles, WIDTH, Wanted, hashes_on};
use groeilijn_domain::values::ids::InstitutionId;

use crate::audit::export::sound_hashes;
use crate::audit::index::number;
use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::error::{Error, Result};
use crate::schema::{audit_entry, audit_tile};

const LOG: &str = "the audit log";

/// How many whole tiles of leaves are entered in one transaction, when there are many.
pub const AT_ONCE: u64 = 40;

/// What is wanted of the tree that the first `size` entries of an institution make.
///
/// # Errors
/// [`Error::Unreadable`] when an entry or a tile is missing.
pub fn read(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    wanted: &Wanted,
    size: u64,
) -> Result<Vec<Hash>> {
    let mut tiles = Tiles::default();
    for tile in wanted.tiles() {
        tiles.insert(tile, hashes_of(connection, institution, tile, size)?);
    }
    wanted.from(&tiles).ok_or(Error::Unreadable(LOG))
}

/// Enters the roots of the tiles that are whole now that the tree has `size` leaves: at most `most` on one level. Gives
/// whether there are more.
///
/// # Errors
/// As [`read`].
pub fn complete(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    size: u64,
    most: u64,
) -> Result<bool> {
    for level in 0.. {
        let whole = hashes_on(level + 1, size);
        if whole == 0 {
            break;
        }
        let known = known_on(connection, institution, level)?;
        let until = whole.min(known.saturating_add(most));
        for number in known..until {
            let hashes = hashes_of(connection, institution, Tile { level, number }, size)?;
            insert(connection, institution, level, number, &root(&hashes))?;
        }
        if until < whole {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the entries of a whole tile of leaves are still those that its root was made of: `None` when there is no such
/// tile.
///
/// # Errors
/// What the database refuses.
pub fn is_sound(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    tile: u64,
) -> Result<Option<bool>> {
    let stored: Option<Vec<u8>> = audit_tile::table
        .filter(audit_tile::institution_id.is(institution))
        .filter(audit_tile::level.eq(0))
        .filter(audit_tile::number.eq(number(tile)?))
        .select(audit_tile::root)
        .first(connection)
        .optional()?;
    let Some(stored) = stored else { return Ok(None) };
    let hashes = sound_hashes(connection, institution, entries_of(tile))?;
    Ok(Some(hashes.is_some_and(|hashes| root(&hashes).as_slice() == stored)))
}

/// The numbers of the entries of a whole tile of leaves.
pub fn entries_of(tile: u64) -> Range<u64> {
    tile.saturating_mul(WIDTH)..tile.saturating_add(1).saturating_mul(WIDTH)
}

/// How many tiles of a level have their root here. They are entered in order.
fn known_on(connection: &mut AnyConnection, institution: InstitutionId, level: u32) -> Result<u64> {
    let last: Option<i64> = audit_tile::table
        .filter(audit_tile::institution_id.is(institution))
        .filter(audit_tile::level.eq(as_stored(level)?))
        .order(audit_tile::number.desc())
        .select(audit_tile::number)
        .first(connection)
        .optional()?;
    last.map_or(Ok(0), |last| u64::try_from(last + 1)).map_err(Error::internal)
}

fn insert(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    level: u32,
    tile: u64,
    root: &Hash,
) -> Result<()> {
    diesel::insert_into(audit_tile::table)
        .values((
            audit_tile::institution_id.is(institution),
            audit_tile::level.eq(as_stored(level)?),
            audit_tile::number.eq(number(tile)?),
            audit_tile::root.eq(root.as_slice()),
        ))
        .execute(connection)?;
    Ok(())
}

/// The hashes of a tile, of a tree of `size` leaves.
fn hashes_of(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    tile: Tile,
    size: u64,
) -> Result<Vec<Hash>> {
    let range = tile.hashes(size);
    let (first, behind) = (number(range.start)?, number(range.end)?);
    let rows: Vec<(i64, Vec<u8>)> = match tile.level.checked_sub(1) {
        None => audit_entry::table
            .filter(audit_entry::institution_id.is(institution))
            .filter(audit_entry::sequence.ge(first))
            .filter(audit_entry::sequence.lt(behind))
            .order(audit_entry::sequence)
            .select((audit_entry::sequence, audit_entry::leaf_hash))
            .load(connection)?,
        Some(below) => audit_tile::table
            .filter(audit_tile::institution_id.is(institution))
            .filter(audit_tile::level.eq(as_stored(below)?))
            .filter(audit_tile::number.ge(first))
            .filter(audit_tile::number.lt(behind))
            .order(audit_tile::number)
            .select((audit_tile::number, audit_tile::root))
            .load(connection)?,
    };
    let mut hashes = Vec::with_capacity(WIDTH.try_into().unwrap_or_default());
    for (expected, (stands_at, hash)) in (first..behind).zip(rows) {
        if stands_at != expected {
            return Err(Error::Unreadable(LOG));
        }
        hashes.push(hash.try_into().map_err(|_| Error::Unreadable(LOG))?);
    }
    let whole = u64::try_from(hashes.len()).is_ok_and(|count| count == range.end - range.start);
    if whole { Ok(hashes) } else { Err(Error::Unreadable(LOG)) }
}

fn as_stored(level: u32) -> Result<i32> {
    i32::try_from(level).map_err(Error::internal)
}
