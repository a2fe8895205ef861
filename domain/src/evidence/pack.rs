//! Evidence packs: what an auditor takes along, with a signed manifest that is checked offline with the public key alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::retention::canonical::canonical;
use crate::values::ids::InstitutionId;

/// Names the form of a manifest; another form gets another name.
pub const FORMAT: &str = "groeilijn/evidence-pack/1";

/// What stands before a statement where it is signed, so that a signature under a manifest is none under anything else.
const SIGNED_AS: &[u8] = b"groeilijn evidence pack\n";

/// The name of the file with the manifest.
pub const MANIFEST: &str = "manifest.json";

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackedFile {
    /// Its name, in the folder of the pack.
    pub name: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What a manifest states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackStatement {
    /// [`FORMAT`].
    pub format: String,
    /// Whose evidence it is.
    pub institution_id: String,
    /// When it was made, in UTC.
    pub made_at: Timestamp,
    /// The version of the program that made it.
    pub version: String,
    /// Its files.
    pub files: Vec<PackedFile>,
}

impl PackStatement {
    /// That these files are the evidence of an institution at a moment.
    pub fn new(
        institution: InstitutionId,
        made_at: Timestamp,
        version: &str,
        files: Vec<PackedFile>,
    ) -> Self {
        let (format, institution_id) = (FORMAT.to_owned(), institution.to_string());
        Self { format, institution_id, made_at, version: version.to_owned(), files }
    }

    /// What is signed; `None` when it cannot be written.
    pub fn signed_bytes(&self) -> Option<Vec<u8>> {
        let canonical = canonical(&serde_json::to_value(self).ok()?)?;
        Some([SIGNED_AS, canonical.as_bytes()].concat())
    }

    /// The manifest with its signature by the key of this name; `None` when it cannot be written.
    pub fn manifest(&self, key_id: &str, signature: &[u8]) -> Option<String> {
        canonical(&json!({
            "statement": self,
            "signature": { "algorithm": "Ed25519", "keyId": key_id, "value": STANDARD.encode(signature) },
        }))
    }
}

/// A manifest whose form is right, with what a public key has yet to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedPack {
    /// What it states.
    pub statement: PackStatement,
    /// What was signed.
    pub signed: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    statement: PackStatement,
    signature: SignaturePart,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SignaturePart {
    algorithm: String,
    /// Nothing confirms it: it is a hint for whoever looks for the key.
    #[serde(rename = "keyId")]
    _key_id: String,
    value: String,
}

/// Takes a manifest apart; `None` when it is none, or its bytes are not the canonical form of what it says.
pub fn read(bytes: &[u8]) -> Option<UnverifiedPack> {
    let text = std::str::from_utf8(bytes).ok()?;
    let value: Value = serde_json::from_str(text).ok()?;
    if canonical(&value)? != text {
        return None;
    }
    let Parts { statement, signature } = serde_json::from_value(value).ok()?;
    if statement.format != FORMAT || signature.algorithm != "Ed25519" {
        return None;
    }
    let (signed, signature) = (statement.signed_bytes()?, STANDARD.decode(&signature.value).ok()?);
    Some(UnverifiedPack { statement, signed, signature })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn statement() -> PackStatement {
        let file = PackedFile { name: "clauses.json".to_owned(), sha256: "ab".repeat(32), bytes: 7 };
        let institution = InstitutionId::from_uuid(Uuid::from_u128(1));
        PackStatement::new(institution, "2026-11-21T09:30:00Z".parse().unwrap(), "0.1.0", vec![file])
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let manifest = statement().manifest("00112233445566ff", b"signature").unwrap();
        let read = read(manifest.as_bytes()).unwrap();
        assert_eq!(read.statement, statement());
        assert_eq!((Some(read.signed), read.signature), (statement().signed_bytes(), b"signature".to_vec()));
    }

    #[test]
    fn another_form_is_no_manifest() {
        let manifest = statement().manifest("00112233445566ff", b"signature").unwrap();
        for wrong in [
            manifest.replace(FORMAT, "groeilijn/destruction-certificate/1"),
            manifest.replace("Ed25519", "none"),
            manifest.replace("\"bytes\":7", "\"bytes\": 7"),
            manifest.replace("\"bytes\":7", "\"bytes\":7,\"more\":1"),
            String::new(),
        ] {
            assert_eq!(read(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_signed_is_nothing_else() {
        assert!(statement().signed_bytes().unwrap().starts_with(b"groeilijn evidence pack\n{"));
    }
}
