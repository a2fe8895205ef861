//! What certificates state, for the OpenAPI document: they are sent as they were signed, and never written anew.
#![allow(dead_code, reason = "a certificate is sent byte for byte")]

use groeilijn_domain::retention::plan::{Rule, SubjectKind};
use groeilijn_domain::retention::term::{LONGEST_MONTHS, TermBasis};
use groeilijn_domain::values::ids::{DestructionId, InstitutionId, SubjectId, UserId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::described::{counted, within};
use crate::reply_body;

/// The most subjects of one certificate, and keys of one subject.
const MOST: usize = 500;

reply_body! {
    /// Who asked for a destruction, and who agreed.
    pub struct CertifiedRequest {
        /// The administrator who asked.
        by: UserId,
        /// When, in UTC.
        at: Timestamp,
        /// The other administrator who approved it; null when nobody stopped it in the days of cooling off.
        approved_by: Option<UserId>,
    }
}

reply_body! {
    /// A term.
    pub struct CertifiedTerm {
        /// Calendar months.
        months: u8 = within(1, LONGEST_MONTHS.into()),
        /// What it rests on.
        basis: TermBasis,
    }
}

reply_body! {
    /// Something that was destroyed.
    pub struct CertifiedSubject {
        /// What kind of thing.
        kind: SubjectKind,
        /// Which one.
        id: SubjectId,
        /// By which rule.
        rule: Rule,
        /// By which term; null for what was asked for.
        term: Option<CertifiedTerm>,
        /// The day on which it was to go, in Amsterdam.
        due_on: Date,
        /// The ids of the keys that were destroyed, in hexadecimal.
        key_ids: Vec<String> = counted(0..=MOST),
    }
}

reply_body! {
    /// A state of the audit log.
    pub struct CertifiedCheckpoint {
        /// How many entries it had.
        size: u32,
        /// The root of its Merkle tree (RFC 6962) in hexadecimal.
        root: String,
    }
}

reply_body! {
    /// What a certificate of destruction states. It has more members beside these: `rows` of each subject counts the rows
    /// of each table that went.
    pub struct DestructionStatement {
        /// The format: `groeilijn/destruction-certificate/1`.
        format: String,
        /// Always `destruction`.
        kind: String,
        /// The destruction.
        destruction_id: DestructionId,
        /// Whose data it was.
        institution_id: InstitutionId,
        /// Who asked for it; null when a rule did.
        requested: Option<CertifiedRequest>,
        /// When it began, in UTC.
        begun_at: Timestamp,
        /// When all of it was destroyed in the databases, in UTC.
        destroyed_at: Timestamp,
        /// How many children or institutions.
        count: u32,
        /// What was destroyed.
        destroyed: Vec<CertifiedSubject> = counted(1..=MOST),
        /// The audit log as the destruction began.
        audit_before: CertifiedCheckpoint,
        /// The audit log when everything was destroyed.
        audit_after: CertifiedCheckpoint,
        /// The day, in Amsterdam, on which the last backup of the keys is overwritten.
        complete_on: Date,
    }
}

reply_body! {
    /// What a certificate of completion states.
    pub struct CompletionStatement {
        /// The format: `groeilijn/destruction-certificate/1`.
        format: String,
        /// Always `completion`.
        kind: String,
        /// The destruction.
        destruction_id: DestructionId,
        /// Whose data it was.
        institution_id: InstitutionId,
        /// The SHA-256 of the certificate of the destruction in hexadecimal.
        certificate_sha256: String,
        /// The day, in Amsterdam, on which no backup has the keys any more.
        completed_on: Date,
    }
}

reply_body! {
    /// The signature under a certificate.
    pub struct CertificateSignature {
        /// Always `Ed25519`.
        algorithm: String,
        /// Which of the keys of `/certificate-keys` it was made with.
        key_id: String,
        /// The signature in base64, over the line `groeilijn destruction certificate` and the canonical JSON of the
        /// statement.
        value: String,
    }
}

reply_body! {
    /// A certificate of destruction.
    pub struct DestructionCertificate {
        /// What is certified.
        statement: DestructionStatement,
        /// The signature.
        signature: CertificateSignature,
    }
}

reply_body! {
    /// A certificate of completion.
    pub struct CompletionCertificate {
        /// What is certified.
        statement: CompletionStatement,
        /// The signature.
        signature: CertificateSignature,
    }
}
