//! Field encryption: what is readable in memory and unreadable in the database, a backup or an export.
//!
//! [`xaes`] is the cipher, [`padding`] hides how long a value is, [`sealed`] is the stored form of one field
//! and [`wrap`] that of a data key under its parent key; [`signature`] is what others can check. Nonces come in as parameters; with 192 bits they may
//! be random and need no counting.

pub mod padding;
pub mod sealed;
pub mod signature;
pub mod wrap;
pub mod xaes;

/// The stored bytes cannot be opened: wrong key, wrong place, damaged or not ours.
///
/// Deliberately no more detail: knowing which of these failed would help an attacker who tries values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored value cannot be opened")]
pub struct Unreadable;

/// Joins `parts` into associated data, each preceded by its length, so that no two different lists of parts
/// give the same bytes.
fn associated_data(parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| size_of::<u64>() + part.len()).sum();
    let mut joined = Vec::with_capacity(length);
    for part in parts {
        append_part(&mut joined, part);
    }
    joined
}

/// Appends one part of associated data.
fn append_part(joined: &mut Vec<u8>, part: &[u8]) {
    joined.extend_from_slice(&(part.len() as u64).to_le_bytes());
    joined.extend_from_slice(part);
}
