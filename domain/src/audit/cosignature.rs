//! Cosignatures (C2SP tlog-cosignature): what a witness, who does not keep the log, signs of a checkpoint. It says that at some
//! moment this was the largest tree of the log that the witness had seen, and that it continued all that it saw before.
//!
//! Of the kinds of cosignatures there is one here, Ed25519 (`cosignature/v1`).

use std::fmt;

use jiff::Timestamp;

use super::note::{PublicKey, key_id, key_text, parse_key, signature_line, signature_of, split};

/// The kind of the signature: Ed25519 over a time and the text of the note.
const COSIGNATURE_V1: u8 = 4;

/// A key that checks the cosignatures of a witness, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    public_key: PublicKey,
}

impl WitnessKey {
    /// A key under a name; `None` when a key cannot have this name.
    pub fn new(name: &str, public_key: PublicKey) -> Option<Self> {
        Self::parse(&key_text(COSIGNATURE_V1, name, &public_key))
    }

    /// Reads the text of a key, as C2SP writes verifier keys: name, id and key with `+` between them. `None` when it is not one
    /// that checks cosignatures of the kind that is known here.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, public_key) = parse_key(COSIGNATURE_V1, text)?;
        Some(Self { name: name.to_owned(), public_key })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line of a cosignature that `sign` makes at the moment `at`, of the text of a checkpoint.
    pub fn line(&self, text: &str, at: Timestamp, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let seconds = at.as_second();
        let id = key_id(COSIGNATURE_V1, &self.name, &self.public_key);
        let signature = sign(message(seconds, text).as_bytes());
        signature_line(&self.name, &[&id[..], &seconds.to_be_bytes(), &signature].concat())
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_text(COSIGNATURE_V1, &self.name, &self.public_key))
    }
}

/// A cosignature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// When the witness says that it signed, in UTC, to the second.
    pub at: Timestamp,
    /// Its line, without the line break.
    pub line: String,
}

/// Why a checkpoint is not taken for cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureFault {
    /// No signature names the key.
    #[error("the witness has not cosigned it")]
    Missing,
    /// A signature names the key, and is not one of that key.
    #[error("the cosignature is not one of this witness, or not of this checkpoint")]
    Wrong,
}

/// The cosignature of a witness in a note; `is_signed` checks a signature over a message with a public key.
///
/// # Errors
/// When it is not there, or wrong.
pub fn in_note(
    note: &str,
    key: &WitnessKey,
    is_signed: impl Fn(&PublicKey, &[u8], &[u8]) -> bool,
) -> Result<Cosignature, CosignatureFault> {
    let (text, lines) = split(note).ok_or(CosignatureFault::Missing)?;
    among(text, lines.into_iter(), key, is_signed)
}

/// The cosignature of a witness of the text of a checkpoint among lines with signatures, such as those that it answers. Those
/// under other names are overlooked, and what is no signature too.
///
/// # Errors
/// When it is not there, or wrong.
pub fn among<'l>(
    text: &str,
    lines: impl Iterator<Item = &'l str>,
    key: &WitnessKey,
    is_signed: impl Fn(&PublicKey, &[u8], &[u8]) -> bool,
) -> Result<Cosignature, CosignatureFault> {
    let id = key_id(COSIGNATURE_V1, &key.name, &key.public_key);
    for line in lines {
        let Some((name, named, bytes)) = signature_of(line) else { continue };
        if name != key.name || named != id {
            continue;
        }
        let (seconds, signature) = bytes.split_first_chunk().ok_or(CosignatureFault::Wrong)?;
        let seconds = i64::from_be_bytes(*seconds);
        let at =
            Timestamp::from_second(seconds).ok().filter(|_| seconds > 0).ok_or(CosignatureFault::Wrong)?;
        if !is_signed(&key.public_key, message(seconds, text).as_bytes(), signature) {
            return Err(CosignatureFault::Wrong);
        }
        return Ok(Cosignature { at, line: line.to_owned() });
    }
    Err(CosignatureFault::Missing)
}

/// What is signed.
fn message(seconds: i64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    fn key() -> WitnessKey {
        WitnessKey::new("witness.example/w1", [7; 32]).unwrap()
    }

    fn at() -> Timestamp {
        Timestamp::from_second(1_679_315_147).unwrap()
    }

    /// A stand-in for a signature: the length of the message, 64 times.
    fn sign(message: &[u8]) -> Vec<u8> {
        vec![u8::try_from(message.len()).unwrap(); 64]
    }

    fn is_signed(public_key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        *public_key == [7; 32] && signature == sign(message)
    }

    #[test]
    fn a_key_is_read_as_it_is_written_and_is_of_another_kind_than_those_of_logs() {
        let text = key().to_string();
        assert_eq!(WitnessKey::parse(&text), Some(key()));
        assert_eq!(super::super::note::VerifierKey::parse(&text), None);
        let of_a_log = super::super::note::VerifierKey::new("witness.example/w1", [7; 32]).unwrap();
        assert_eq!(WitnessKey::parse(&of_a_log.to_string()), None);
        assert_eq!(WitnessKey::new("two words", [7; 32]), None);
        assert_eq!(WitnessKey::new("a+b", [7; 32]), None);
    }

    /// The message of the specification.
    #[test]
    fn what_is_signed_is_a_time_and_the_text_of_the_checkpoint() {
        assert_eq!(
            message(1_679_315_147, TEXT),
            "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n\
             CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        );
    }

    #[test]
    fn a_cosignature_is_found_among_others_and_holds_for_its_checkpoint_alone() {
        let line = key().line(TEXT, at(), sign);
        let other = WitnessKey::new("witness.example/w2", [8; 32]).unwrap().line(TEXT, at(), sign);
        let lines = || [other.as_str(), "no signature", line.as_str()].into_iter();
        let found = among(TEXT, lines(), &key(), is_signed).unwrap();
        assert_eq!((found.at, &found.line), (at(), &line));
        assert_eq!(in_note(&format!("{TEXT}\n{other}\n{line}\n"), &key(), is_signed), Ok(found));
        assert_eq!(
            among(TEXT, [other.as_str()].into_iter(), &key(), is_signed),
            Err(CosignatureFault::Missing)
        );
        let longer = format!("{TEXT}more\n");
        assert_eq!(among(&longer, lines(), &key(), is_signed), Err(CosignatureFault::Wrong));
        assert_eq!(in_note("no note", &key(), is_signed), Err(CosignatureFault::Missing));
        let id = key_id(COSIGNATURE_V1, key().name(), &[7; 32]);
        for bytes in [&[][..], &[0; 7], &[0; 72], &[0xff; 72]] {
            let line = signature_line(key().name(), &[&id[..], bytes].concat());
            let found = among(TEXT, [line.as_str()].into_iter(), &key(), |_, _, _| true);
            assert_eq!(found, Err(CosignatureFault::Wrong), "{bytes:?}");
        }
    }
}
