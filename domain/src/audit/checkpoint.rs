//! Checkpoints (C2SP tlog-checkpoint): how large a log was and which root its tree had, in a signed note.
//!
//! The log of an institution has the same name everywhere, on every host ([ADR
//! 52](../../../docs/adr/0052-checkpoints-are-signed-notes.md)).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::merkle::Hash;
use super::note::{self, NoteFault, PublicKey, VerifierKey};
use crate::values::ids::InstitutionId;

/// What a log is called: in its checkpoints, and the keys that sign them.
pub fn origin(institution: InstitutionId) -> String {
    format!("groeilijn/audit/{institution}")
}

/// The key that checks the checkpoints of an institution's log.
pub fn verifier_key(institution: InstitutionId, public_key: PublicKey) -> Option<VerifierKey> {
    VerifierKey::new(&origin(institution), public_key)
}

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries it had.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
}

/// Why a checkpoint is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// The note is not believed.
    #[error(transparent)]
    Note(#[from] NoteFault),
    /// It says something else than the size and the root of a log.
    #[error("it is a signed note, and not a checkpoint of a log")]
    NoCheckpoint,
    /// The key of another log signed it.
    #[error("it is of another log than the key that signed it")]
    OfAnotherLog,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads the text of a checkpoint without more lines; `None` if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let read = Self {
            origin: origin.to_owned(),
            size: size.parse().ok()?,
            root: STANDARD.decode(root).ok()?.try_into().ok()?,
        };
        // Each checkpoint has one form: a number without zeros before it, and nothing behind.
        (read.text() == text && !origin.is_empty()).then_some(read)
    }

    /// What a note says that one of `keys` signed, and which.
    ///
    /// # Errors
    /// When it is no checkpoint, or none of the log that the key is of.
    pub fn open<'k>(
        note: &str,
        keys: &'k [VerifierKey],
        is_signed: impl Fn(&PublicKey, &[u8], &[u8]) -> bool,
    ) -> Result<(Self, &'k VerifierKey), CheckpointFault> {
        let (text, key) = note::open(note, keys, is_signed)?;
        let checkpoint = Self::parse(text).ok_or(CheckpointFault::NoCheckpoint)?;
        if checkpoint.origin == key.name() {
            Ok((checkpoint, key))
        } else {
            Err(CheckpointFault::OfAnotherLog)
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn checkpoint() -> Checkpoint {
        let institution = InstitutionId::from_uuid(Uuid::from_u128(1));
        Checkpoint { origin: origin(institution), size: 20_852_163, root: [5; 32] }
    }

    /// If this fails, every checkpoint ever given fails to verify.
    #[test]
    fn c090_the_text_of_a_checkpoint_never_changes() {
        assert_eq!(
            checkpoint().text(),
            "groeilijn/audit/00000000-0000-0000-0000-000000000001\n20852163\n\
             BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n"
        );
    }

    #[test]
    fn a_checkpoint_has_one_form() {
        let text = checkpoint().text();
        assert_eq!(Checkpoint::parse(&text), Some(checkpoint()));
        for wrong in [
            text.trim_end().to_owned(),
            format!("{text}more\n"),
            text.replace("20852163", "020852163"),
            text.replace("20852163", "+20852163"),
            text.replace("20852163", ""),
            text.replace("BQU=", "BQ=="),
            text.replacen("groeilijn/audit/00000000-0000-0000-0000-000000000001", "", 1),
        ] {
            assert_eq!(Checkpoint::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn c090_the_key_of_one_log_signs_no_checkpoint_of_another() {
        let other = InstitutionId::from_uuid(Uuid::from_u128(2));
        let [own, foreign] = [
            verifier_key(InstitutionId::from_uuid(Uuid::from_u128(1)), [3; 32]).unwrap(),
            verifier_key(other, [3; 32]).unwrap(),
        ];
        let text = checkpoint().text();
        let keys = [own.clone(), foreign.clone()];
        let opened = |key| Checkpoint::open(&note::signed(&text, key, &[1; 64]), &keys, |_, _, _| true);
        assert_eq!(opened(&own), Ok((checkpoint(), &own)));
        assert_eq!(opened(&foreign), Err(CheckpointFault::OfAnotherLog));
        let not_one = note::signed("hello\n", &own, &[1; 64]);
        assert_eq!(Checkpoint::open(&not_one, &keys, |_, _, _| true), Err(CheckpointFault::NoCheckpoint));
    }
}
