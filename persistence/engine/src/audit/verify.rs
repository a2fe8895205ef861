//! Computing audit trees anew from their leaves, to see that nothing of them was lost or changed.

use groeilijn_domain::audit::merkle::Frontier;
use groeilijn_domain::values::ids::InstitutionId;

use crate::audit::index::number;
use crate::database::connection::AnyConnection;
use crate::database::dialect;
use crate::database::query::prelude::*;
use crate::error::{Error, Result};
use crate::schema::{audit_entry, audit_tree};

/// How many leaves one query reads.
const AT_ONCE: i64 = 10_000;

const LOG: &str = "the audit log";

/// A tree, as its leaves make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeRoot {
    /// How many entries it has.
    pub size: u64,
    /// Its root hash (RFC 6962).
    pub root: [u8; 32],
}

/// Computes the tree of an institution from its leaves and compares it with the head that is stored, in a transaction of
/// its own.
///
/// # Errors
/// [`Error::Unreadable`] when an entry is missing, or the stored head is of other entries.
pub fn compute_tree(connection: &mut AnyConnection, institution: InstitutionId) -> Result<TreeRoot> {
    dialect::begin_read(connection)?;
    let computed =
        dialect::enter_institution(connection, institution).and_then(|()| of_leaves(connection, institution));
    dialect::end_read(connection)?;
    computed
}

fn of_leaves(connection: &mut AnyConnection, institution: InstitutionId) -> Result<TreeRoot> {
    let stored: Option<Vec<u8>> = audit_tree::table
        .filter(audit_tree::institution_id.is(institution))
        .select(audit_tree::frontier)
        .first(connection)
        .optional()?;
    let stored = match stored {
        Some(stored) => Frontier::from_bytes(&stored).ok_or(Error::Unreadable(LOG))?,
        None => Frontier::default(),
    };
    let mut tree = Frontier::default();
    let mut met = stored.size() == 0;
    loop {
        let leaves: Vec<(i64, Vec<u8>)> = audit_entry::table
            .filter(audit_entry::institution_id.is(institution))
            .filter(audit_entry::sequence.ge(number(tree.size())?))
            .order(audit_entry::sequence)
            .limit(AT_ONCE)
            .select((audit_entry::sequence, audit_entry::leaf_hash))
            .load(connection)?;
        let is_last = i64::try_from(leaves.len()).map_err(Error::internal)? < AT_ONCE;
        for (sequence, leaf) in leaves {
            if sequence != number(tree.size())? {
                return Err(Error::Unreadable(LOG));
            }
            tree.push(leaf.try_into().map_err(|_| Error::Unreadable(LOG))?);
            met |= tree == stored;
        }
        if is_last {
            break;
        }
    }
    if met { Ok(TreeRoot { size: tree.size(), root: tree.root() }) } else { Err(Error::Unreadable(LOG)) }
}
