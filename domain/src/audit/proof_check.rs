//! Checking a proof as the API told it, offline, with public keys alone: that one entry is in the log, or that the log is a
//! continuation of what it was. What is proved is only worth something when both roots were signed, so the signature over
//! the later tree has to come with the proof, and that over the earlier one from whoever kept it.

use std::fmt;

use serde::Deserialize;

use super::checkpoint::{Checkpoint, CheckpointFault};
use super::merkle::{Hash, verify_consistency, verify_inclusion};
use super::note::VerifierKey;
use super::verification::IsSigned;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    sequence: u64,
    leaf_hash: HexHash,
    size: u64,
    root: HexHash,
    hashes: Vec<HexHash>,
    checkpoint: Option<Signed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    from: u64,
    from_root: HexHash,
    to: u64,
    to_root: HexHash,
    hashes: Vec<HexHash>,
    checkpoint: Option<Signed>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Inclusion(Inclusion),
    Consistency(Consistency),
}

#[derive(Deserialize)]
struct Signed {
    note: String,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct HexHash(Hash);

impl TryFrom<String> for HexHash {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut hash = Hash::default();
        hex::decode_to_slice(text, &mut hash)?;
        Ok(Self(hash))
    }
}

/// What a proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// That an entry with this hash stands in this place in the log.
    Inclusion {
        /// The place, from 0.
        sequence: u64,
        /// The hash.
        leaf_hash: Hash,
    },
    /// That the log is a continuation of its first entries, which are so many.
    Continuation {
        /// How many.
        from: u64,
    },
}

/// What was proved, and of which log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedPart {
    /// What.
    pub shown: Shown,
    /// The checkpoint of the tree that it is proved of.
    pub checkpoint: Checkpoint,
    /// The key that signed it.
    pub key: VerifierKey,
}

/// Why nothing is proved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// The text is neither proof.
    #[error("the file is no proof as /v1/audit-log/inclusion-proof or consistency-proof tells it")]
    NoProof,
    /// It names no checkpoint.
    #[error(
        "nothing was signed of the log when it had {0} entries, so its root proves nothing: ask for another size"
    )]
    Unsigned(u64),
    /// Its checkpoint is not believed.
    #[error("its checkpoint is not believed: {0}")]
    Checkpoint(CheckpointFault),
    /// Its checkpoint is of another tree than the proof.
    #[error("its checkpoint is of another tree than the one that it is a proof of")]
    OtherTree,
    /// A continuation is proved of a checkpoint that somebody kept, and none was given.
    #[error("it proves a continuation: give the older checkpoint that you kept")]
    NoneKept,
    /// The kept checkpoint is not believed.
    #[error("the older checkpoint is not believed: {0}")]
    Kept(CheckpointFault),
    /// The kept checkpoint is of another log, or of another tree than the proof begins with.
    #[error("the older checkpoint is not the one that the proof begins with")]
    OtherKept,
    /// The hashes do not lead to the root.
    #[error("the hashes do not lead to the roots that were signed: {0}")]
    Disproved(Disproved),
}

/// What hashes that lead elsewhere mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disproved {
    /// The entry is not in the log.
    Entry,
    /// What was before has been altered.
    Continuation,
}

impl fmt::Display for Disproved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entry => "the entry is not in the log in that place",
            Self::Continuation => "the log is not a continuation of the older checkpoint",
        })
    }
}

/// Checks a proof, as JSON of the API, with the keys of a log. A proof of continuation is held against `kept`, the note of an
/// older checkpoint and the keys that may have signed that.
///
/// # Errors
/// Why it proves nothing.
pub fn check(
    text: &str,
    keys: &[VerifierKey],
    kept: Option<(&str, &[VerifierKey])>,
    is_signed: IsSigned,
) -> Result<ProvedPart, ProofFault> {
    let told: Told = serde_json::from_str(text).map_err(|_| ProofFault::NoProof)?;
    let (size, root, signed) = match &told {
        Told::Inclusion(proof) => (proof.size, &proof.root, &proof.checkpoint),
        Told::Consistency(proof) => (proof.to, &proof.to_root, &proof.checkpoint),
    };
    let Signed { note } = signed.as_ref().ok_or(ProofFault::Unsigned(size))?;
    let (checkpoint, key) = Checkpoint::open(note, keys, is_signed).map_err(ProofFault::Checkpoint)?;
    if (checkpoint.size, checkpoint.root) != (size, root.0) {
        return Err(ProofFault::OtherTree);
    }
    let shown = match told {
        Told::Inclusion(proof) => included(&proof)?,
        Told::Consistency(proof) => {
            let (note, keys) = kept.ok_or(ProofFault::NoneKept)?;
            let (kept, _) = Checkpoint::open(note, keys, is_signed).map_err(ProofFault::Kept)?;
            if (&kept.origin, kept.size, kept.root) != (&checkpoint.origin, proof.from, proof.from_root.0) {
                return Err(ProofFault::OtherKept);
            }
            continued(&proof)?
        }
    };
    Ok(ProvedPart { shown, checkpoint, key: key.clone() })
}

fn included(proof: &Inclusion) -> Result<Shown, ProofFault> {
    let (sequence, leaf_hash) = (proof.sequence, proof.leaf_hash.0);
    let hashes = plain(&proof.hashes);
    verify_inclusion(sequence, proof.size, &leaf_hash, &hashes, &proof.root.0)
        .then_some(Shown::Inclusion { sequence, leaf_hash })
        .ok_or(ProofFault::Disproved(Disproved::Entry))
}

fn continued(proof: &Consistency) -> Result<Shown, ProofFault> {
    let hashes = plain(&proof.hashes);
    verify_consistency(proof.from, proof.to, &hashes, &proof.from_root.0, &proof.to_root.0)
        .then_some(Shown::Continuation { from: proof.from })
        .ok_or(ProofFault::Disproved(Disproved::Continuation))
}

fn plain(hashes: &[HexHash]) -> Vec<Hash> {
    hashes.iter().map(|hash| hash.0).collect()
}
