//! Certificates of destruction: what anybody can check offline with the public key alone (C110, C111).
//!
//! A certificate is one line of [canonical JSON](super::canonical): the statement, and the signature over the canonical
//! form of it behind [`SIGNED_AS`]. It names no person but by id, and has no other form: a file in which a byte of the
//! statement or of the signature was changed is no certificate. The name of the key beside the signature is not signed: it
//! tells which public key to try, and has one form too. What holds under a public key was signed with that key, whatever
//! name stands there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::canonical::canonical;
use super::plan::{Rule, SubjectKind};
use super::term::{Term, TermBasis};
use crate::audit::merkle::Hash;
use crate::values::ids::{InstitutionId, UserId};

/// The format of the statement; another one gets another name.
pub const FORMAT: &str = "groeilijn/destruction-certificate/1";

/// What stands before the statement in what is signed, so that no other signature of the key can be taken for this one.
pub const SIGNED_AS: &[u8] = b"groeilijn destruction certificate\n";

/// The length of the name of a key, in lower-case hexadecimal digits.
const KEY_ID_DIGITS: usize = 16;

/// A state of the institution's audit log: how many entries it had, and the root of its Merkle tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries.
    pub size: u64,
    /// The root.
    pub root: Hash,
}

/// What was destroyed, of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destroyed {
    /// What kind of thing.
    pub kind: SubjectKind,
    /// Which one.
    pub id: Uuid,
    /// By which rule.
    pub rule: Rule,
    /// By which term; none for what was asked for.
    pub term: Option<Term>,
    /// The day on which it was to go, in Amsterdam.
    pub due_on: Date,
    /// The ids of the keys that were destroyed, in hexadecimal.
    pub keys: Vec<String>,
    /// How many rows of each table went, by the name of the table.
    pub rows: Vec<(String, u64)>,
}

/// Who asked for a destruction, and who agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The administrator who asked.
    pub by: UserId,
    /// When, in UTC.
    pub at: Timestamp,
    /// The other administrator who approved it; none when nobody stopped it in the days of cooling off.
    pub approved_by: Option<UserId>,
}

/// What a certificate states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The destruction that it is about.
    pub destruction: Uuid,
    /// Whose data it was.
    pub institution: InstitutionId,
    /// Who asked for it; none when a rule did.
    pub asked: Option<Asked>,
    /// When it began, in UTC.
    pub begun_at: Timestamp,
    /// When all of it was destroyed in the databases, in UTC.
    pub destroyed_at: Timestamp,
    /// What was destroyed.
    pub destroyed: Vec<Destroyed>,
    /// The audit log as the destruction began.
    pub before: Checkpoint,
    /// The audit log when everything was destroyed.
    pub after: Checkpoint,
    /// The day, in Amsterdam, on which the last backup of the key store that may still hold the keys is overwritten.
    pub complete_on: Date,
}

impl Statement {
    /// The statement as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "format": FORMAT,
            "kind": "destruction",
            "destructionId": self.destruction,
            "institutionId": self.institution,
            "requested": self.asked.map(|asked| json!({
                "by": asked.by,
                "at": asked.at.to_string(),
                "approvedBy": asked.approved_by,
            })),
            "begunAt": self.begun_at.to_string(),
            "destroyedAt": self.destroyed_at.to_string(),
            "count": self.destroyed.len(),
            "destroyed": self.destroyed.iter().map(destroyed_json).collect::<Vec<_>>(),
            "auditBefore": checkpoint_json(&self.before),
            "auditAfter": checkpoint_json(&self.after),
            "completeOn": self.complete_on.to_string(),
        })
    }
}

/// The second, short statement: that the last backup which may have held the keys is gone.
pub fn completion_json(destruction: Uuid, institution: InstitutionId, first: &str, on: Date) -> Value {
    json!({
        "format": FORMAT,
        "kind": "completion",
        "destructionId": destruction,
        "institutionId": institution,
        "certificateSha256": first,
        "completedOn": on.to_string(),
    })
}

fn checkpoint_json(checkpoint: &Checkpoint) -> Value {
    json!({ "size": checkpoint.size, "root": hex::encode(checkpoint.root) })
}

fn destroyed_json(destroyed: &Destroyed) -> Value {
    let term = |Term { months, basis }: Term| json!({ "months": months, "basis": TermBasis::code(basis) });
    let rows: serde_json::Map<_, _> =
        destroyed.rows.iter().map(|(table, count)| (table.clone(), Value::from(*count))).collect();
    json!({
        "kind": destroyed.kind.code(),
        "id": destroyed.id,
        "rule": destroyed.rule.code(),
        "term": destroyed.term.map(term),
        "dueOn": destroyed.due_on.to_string(),
        "keyIds": destroyed.keys,
        "rows": rows,
    })
}

/// What is signed for a statement; `None` if it has no canonical form.
pub fn signed_bytes(statement: &Value) -> Option<Vec<u8>> {
    Some([SIGNED_AS, canonical(statement)?.as_bytes()].concat())
}

/// The certificate of a statement that was signed with the key of this name; `None` if it has no canonical form.
pub fn certificate(statement: &Value, key_id: &str, signature: &[u8]) -> Option<String> {
    canonical(&json!({
        "statement": statement,
        "signature": { "algorithm": "Ed25519", "keyId": key_id, "value": STANDARD.encode(signature) },
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    statement: Value,
    signature: SignaturePart,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SignaturePart {
    algorithm: String,
    key_id: String,
    value: String,
}

/// A certificate whose form is right, with what a public key has yet to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unverified {
    /// What it states.
    pub statement: Value,
    /// The name of the key that is said to have signed it, which nothing confirms: it is a hint, and no more.
    pub key_id: String,
    /// What was signed.
    pub signed: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Why a file is no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCertificate {
    /// It is no JSON of that form.
    #[error("it is not a certificate of destruction of Groeilijn")]
    Foreign,
    /// Its bytes are not the canonical form of what it says.
    #[error("its bytes were changed: it is not in the canonical form")]
    NotCanonical,
    /// What names its key is no name of a key.
    #[error("its bytes were changed: it names no key of Groeilijn")]
    NoKeyName,
}

/// Takes a certificate apart; a line feed at its end is allowed.
///
/// # Errors
/// Why it is none.
pub fn read(bytes: &[u8]) -> Result<Unverified, NoCertificate> {
    let text = std::str::from_utf8(bytes.strip_suffix(b"\n").unwrap_or(bytes));
    let text = text.map_err(|_| NoCertificate::Foreign)?;
    let value: Value = serde_json::from_str(text).map_err(|_| NoCertificate::Foreign)?;
    if canonical(&value).as_deref() != Some(text) {
        return Err(NoCertificate::NotCanonical);
    }
    let Parts { statement, signature } = serde_json::from_value(value).map_err(|_| NoCertificate::Foreign)?;
    let is_ours = statement.get("format").and_then(Value::as_str) == Some(FORMAT);
    if !is_ours || signature.algorithm != "Ed25519" {
        return Err(NoCertificate::Foreign);
    }
    if !is_key_id(&signature.key_id) {
        return Err(NoCertificate::NoKeyName);
    }
    let signed = signed_bytes(&statement).ok_or(NoCertificate::NotCanonical)?;
    let decoded = STANDARD.decode(&signature.value).map_err(|_| NoCertificate::NotCanonical)?;
    Ok(Unverified { statement, key_id: signature.key_id, signed, signature: decoded })
}

fn is_key_id(text: &str) -> bool {
    text.len() == KEY_ID_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const KEY_ID: &str = "00112233445566ff";

    fn statement() -> Statement {
        Statement {
            destruction: Uuid::from_u128(1),
            institution: InstitutionId::from_uuid(Uuid::from_u128(2)),
            asked: None,
            begun_at: "2028-07-17T01:00:00Z".parse().unwrap(),
            destroyed_at: "2028-07-17T01:00:01Z".parse().unwrap(),
            destroyed: vec![Destroyed {
                kind: SubjectKind::Pupil,
                id: Uuid::from_u128(3),
                rule: Rule::NextEducation,
                term: Some(Term { months: 24, basis: TermBasis::Contract }),
                due_on: date(2028, 7, 17),
                keys: vec!["00ff".to_owned()],
                rows: vec![("note".to_owned(), 2), ("pupil".to_owned(), 1)],
            }],
            before: Checkpoint { size: 4, root: [1; 32] },
            after: Checkpoint { size: 5, root: [2; 32] },
            complete_on: date(2028, 7, 24),
        }
    }

    #[test]
    fn c110_a_certificate_reads_back() {
        let signed = certificate(&statement().to_json(), KEY_ID, &[7; 64]).unwrap();
        let read = read(signed.as_bytes()).unwrap();
        assert_eq!(read.statement, statement().to_json());
        assert_eq!((read.key_id.as_str(), read.signature.as_slice()), (KEY_ID, &[7; 64][..]));
        assert_eq!(Some(read.signed), signed_bytes(&statement().to_json()));
        assert_eq!(super::read(format!("{signed}\n").as_bytes()).unwrap().key_id, KEY_ID);
    }

    /// Whatever byte is changed: it is no certificate, or what is signed or the signature is another. In the name of the key
    /// a digit may become another.
    #[test]
    fn c110_a_changed_byte_is_noticed_or_is_a_digit_of_the_key_name() {
        let signed = certificate(&statement().to_json(), KEY_ID, &[7; 64]).unwrap();
        let right = read(signed.as_bytes()).unwrap();
        let name = signed.find(KEY_ID).unwrap();
        let name = name..name + KEY_ID.len();
        for at in 0..signed.len() {
            for bit in [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80] {
                let mut changed = signed.clone().into_bytes();
                changed[at] ^= bit;
                let Ok(read) = read(&changed) else { continue };
                let is_same = (&read.signed, &read.signature) == (&right.signed, &right.signature);
                assert!(!is_same || name.contains(&at), "byte {at} of {signed}");
            }
        }
    }

    #[test]
    fn c110_what_names_the_key_has_one_form() {
        for other in
            ["", "0011", "00112233445566FF", "00112233445566fg", "00112233445566ff ", "the key of the school"]
        {
            let signed = certificate(&statement().to_json(), other, &[7; 64]).unwrap();
            assert_eq!(read(signed.as_bytes()), Err(NoCertificate::NoKeyName), "{other}");
        }
    }

    #[test]
    fn another_form_of_the_same_is_no_certificate() {
        let signed = certificate(&statement().to_json(), KEY_ID, &[7; 64]).unwrap();
        let spaced = signed.replacen(':', ": ", 1);
        assert_eq!(read(spaced.as_bytes()), Err(NoCertificate::NotCanonical));
        for foreign in ["", "{}", "[]", "{\"signature\":{},\"statement\":{}}", "nothing"] {
            assert_eq!(read(foreign.as_bytes()), Err(NoCertificate::Foreign), "{foreign}");
        }
        assert_eq!(read(&[0xff]), Err(NoCertificate::Foreign));
    }
}
