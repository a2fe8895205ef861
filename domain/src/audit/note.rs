//! Signed notes (C2SP signed-note): a text that anybody can check with a public key.
//!
//! A note is its text, an empty line, and one line for each signature. Signing and checking the signatures themselves
//! needs a library, so that is handed in. Of the kinds of signatures there is one here, Ed25519.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A public key of Ed25519.
pub type PublicKey = [u8; 32];

/// The kind of a signature: Ed25519 over the text of the note.
const ED25519: u8 = 1;

/// What tells keys of one name apart.
pub(super) type KeyId = [u8; 4];

/// What a line with a signature begins with: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// The longest note that is read, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// A key that checks notes, with the name that it has in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public_key: PublicKey,
}

impl VerifierKey {
    /// A key under a name; `None` when a key cannot have this name.
    pub fn new(name: &str, public_key: PublicKey) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), public_key })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key itself.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// What tells keys of one name apart.
    pub fn id(&self) -> [u8; 4] {
        key_id(ED25519, &self.name, &self.public_key)
    }

    /// Reads the text of a key: name, id and key with `+` between them. `None` when it is not one of Ed25519, or its id is
    /// not its own.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, public_key) = parse_key(ED25519, text)?;
        Self::new(name, public_key)
    }
}

/// Whether a key can have this name.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// What tells keys of one name apart, for a key whose signatures are of a kind.
pub(super) fn key_id(kind: u8, name: &str, public_key: &PublicKey) -> KeyId {
    let digest =
        Sha256::new().chain_update(name).chain_update([b'\n', kind]).chain_update(public_key).finalize();
    let [a, b, c, d, ..]: [u8; 32] = digest.into();
    [a, b, c, d]
}

/// The name and the key in the text of one whose signatures are of a kind: name, id and key with `+` between them.
pub(super) fn parse_key(kind: u8, text: &str) -> Option<(&str, PublicKey)> {
    // The key is last and may hold a plus itself.
    let (name, rest) = text.trim().split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let bytes = STANDARD.decode(key).ok()?;
    let (found, public_key) = bytes.split_first()?;
    let public_key = public_key.try_into().ok()?;
    let is_one = *found == kind && is_name(name) && id == hex::encode(key_id(kind, name, &public_key));
    is_one.then_some((name, public_key))
}

/// The text of such a key.
pub(super) fn key_text(kind: u8, name: &str, public_key: &PublicKey) -> String {
    let id = hex::encode(key_id(kind, name, public_key));
    let bytes = [&[kind][..], public_key].concat();
    format!("{name}+{id}+{}", STANDARD.encode(bytes))
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_text(ED25519, &self.name, &self.public_key))
    }
}

/// The note of a text, which ends in a line break, with one signature over that text.
pub fn signed(text: &str, key: &VerifierKey, signature: &[u8]) -> String {
    let bytes = [&key.id()[..], signature].concat();
    format!("{text}\n{}\n", signature_line(&key.name, &bytes))
}

/// The line, without its line break, of a signature under a name: what names the key, and the signature itself.
pub(super) fn signature_line(name: &str, bytes: &[u8]) -> String {
    format!("{DASH}{name} {}", STANDARD.encode(bytes))
}

/// The text that a note is of; `None` when it is no note.
pub fn text_of(note: &str) -> Option<&str> {
    split(note).map(|(text, _)| text)
}

/// Why a note is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// It has not the form of one.
    #[error("it is not a signed note")]
    Malformed,
    /// No signature names a key that is known.
    #[error("none of the keys signed it")]
    UnknownKey,
    /// A signature names a key that is known, and is not one of that key.
    #[error("it was changed after it was signed, or the signature was made with another key")]
    WrongSignature,
}

/// The text of a note, and which of `keys` signed it; `is_signed` checks a signature over a message with a public key.
/// Signatures of other keys are overlooked.
///
/// # Errors
/// When it is no note, no known key signed it, or a signature that names one is wrong.
pub fn open<'n, 'k>(
    note: &'n str,
    keys: &'k [VerifierKey],
    is_signed: impl Fn(&PublicKey, &[u8], &[u8]) -> bool,
) -> Result<(&'n str, &'k VerifierKey), NoteFault> {
    let (text, signatures) = split(note).ok_or(NoteFault::Malformed)?;
    let mut signed_by = None;
    for line in signatures {
        let (name, id, signature) = signature_of(line).ok_or(NoteFault::Malformed)?;
        let Some(key) = keys.iter().find(|key| key.name == name && key.id() == id) else { continue };
        if !is_signed(&key.public_key, text.as_bytes(), &signature) {
            return Err(NoteFault::WrongSignature);
        }
        signed_by.get_or_insert(key);
    }
    signed_by.map(|key| (text, key)).ok_or(NoteFault::UnknownKey)
}

/// The text, up to the last empty line, and the lines with signatures.
pub(super) fn split(note: &str) -> Option<(&str, Vec<&str>)> {
    let clean = note.len() <= LONGEST && !note.contains(|c: char| c < ' ' && c != '\n');
    let lines = note.strip_suffix('\n').filter(|_| clean)?;
    let end = lines.rfind("\n\n")? + 1;
    let (text, rest) = (note.get(..end)?, lines.get(end + 1..)?);
    Some((text, rest.split('\n').collect()))
}

/// Under which name a line is a signature, what names the key, and the signature itself.
pub(super) fn signature_of(line: &str) -> Option<(&str, KeyId, Vec<u8>)> {
    let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (id, signature) = bytes.split_first_chunk()?;
    Some((name, *id, signature.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
        Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    fn keys() -> [VerifierKey; 1] {
        [VerifierKey::parse(KEY).unwrap()]
    }

    #[test]
    fn a_key_has_the_text_of_the_specification() {
        let [key] = keys();
        assert_eq!(key.to_string(), KEY);
        assert_eq!(hex::encode(key.id()), "530d903a");
        for wrong in [
            "",
            "example.com/foo",
            "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530d903a+6TJ5GubnqECkYWTJBHhkJtXngh3YspoA1hyucq/dTaQ=",
        ] {
            assert_eq!(VerifierKey::parse(wrong), None, "{wrong}");
        }
        assert_eq!(VerifierKey::new("two words", [0; 32]), None);
        assert_eq!(VerifierKey::new("a+b", [0; 32]), None);
    }

    #[test]
    fn the_note_of_the_specification_is_opened_and_what_was_signed_is_its_text() {
        let keys = keys();
        let is_signed = |public_key: &PublicKey, message: &[u8], signature: &[u8]| {
            *public_key == keys[0].public_key && message.ends_with(b"message.\n") && signature.len() == 64
        };
        let (text, key) = open(NOTE, &keys, is_signed).unwrap();
        assert_eq!((text, key), ("This is an example message.\n", &keys[0]));
        assert_eq!(open(NOTE, &keys, |_, _, _| false), Err(NoteFault::WrongSignature));
        assert_eq!(open(NOTE, &[], |_, _, _| true), Err(NoteFault::UnknownKey));
    }

    #[test]
    fn what_is_signed_is_opened_again_and_other_signatures_are_overlooked() {
        let keys = keys();
        let text = "a text\n\nwith an empty line\n";
        let note = signed(text, &keys[0], &[7; 64]);
        let is_signed = |_: &PublicKey, message: &[u8], signature: &[u8]| {
            message == text.as_bytes() && signature == [7; 64]
        };
        assert_eq!(open(&note, &keys, is_signed).unwrap().0, text);
        let other = VerifierKey::new("example.com/foo", [9; 32]).unwrap();
        let both = note.clone() + signed(text, &other, &[8; 64]).rsplit_once("\n\n").unwrap().1;
        assert_eq!(open(&both, &keys, is_signed).unwrap().0, text);
        for broken in [note.trim_end(), "", "\n", "a\n", "a\n\n", "a\n\nb\n", "a\u{7}\n\n\u{2014} a AAAA\n"] {
            assert_eq!(open(broken, &keys, is_signed), Err(NoteFault::Malformed), "{broken:?}");
        }
    }
}
