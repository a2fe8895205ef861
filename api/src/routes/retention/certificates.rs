//! Certificates of destruction, and what an institution has one checked with (C110, C111).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use groeilijn_domain::values::ids::{DestructionId, SubjectId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::retention::destruction::{CertificateKey as StoredKey, Evidence};
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;

use super::destructions::Destruction;
use super::forecast::{TableCount, table_count};
use super::statement::{CompletionCertificate, DestructionCertificate};
use crate::http::access::{Access, action, part};
use crate::http::described::counted;
use crate::http::file_reply::Printed;
use crate::http::guard::Open;
use crate::http::guard::activity::{AdministerPupils, OperateService};
use crate::http::page::whole_list;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Listed, Shown};
use crate::printed::certificate as print;
use crate::state::AppState;
use crate::{operations, reply_body};

/// The most keys of what one destruction is about, and of those that sign.
const MOST_KEYS: usize = 1_000;
/// The most tables that rows are counted of.
const MOST_TABLES: usize = 20;

operations! {
    /// The operations on certificates.
    pub fn endpoints;

    /// Read the certificate of a destruction
    ///
    /// Signed with Ed25519, and one line of canonical JSON: keep it byte for byte. `groeilijn certificate verify` checks it
    /// offline with the public key alone (`/certificate-keys`). It names what was destroyed by id, by which rule or at
    /// whose request, the ids of the destroyed keys, the audit log before and after, and the day on which the last backup
    /// of the keys is overwritten. 409 `not-yet` before everything is destroyed.
    GET "/destructions/{destructionId}/certificate" => read_destruction_certificate: "The certificate."
        .refusing(&[ProblemKind::Conflict]);

    /// Read the certificate of completion
    ///
    /// The second, short one: that the last backup which may have held the keys is gone. 409 `not-yet` before that day.
    GET "/destructions/{destructionId}/completion" => read_destruction_completion: "The certificate of completion."
        .refusing(&[ProblemKind::Conflict]);

    /// Print the certificate of a destruction
    ///
    /// The same as a PDF file, to keep on paper; what is signed is the JSON.
    GET "/destructions/{destructionId}/printed-certificate" => print_destruction_certificate: "The certificate as PDF."
        .producing(&[Printed::MEDIA_TYPE])
        .refusing(&[ProblemKind::Conflict]);

    /// Read the evidence of a destruction
    ///
    /// All that an institution has a destruction checked with, in one piece: both certificates, what the key store and the
    /// tables say now of what was destroyed, the audit log as it is now, and the keys that check the signatures (C111).
    GET "/destructions/{destructionId}/evidence" => read_destruction_evidence: "The evidence.";

    /// List the keys that check certificates
    ///
    /// The public keys with which anybody checks certificates. Write them down when you start to use the service: a key
    /// that is fetched with the certificate proves less.
    GET "/certificate-keys" => list_certificate_keys: "The public keys, the newest last.";
}

reply_body! {
    /// A key that checks certificates.
    pub struct CertificateKey {
        /// Its name in certificates.
        id: String,
        /// Always `Ed25519`.
        algorithm: String,
        /// The 32 bytes of the public key in base64.
        public_key: String,
    }
}

impl From<StoredKey> for CertificateKey {
    fn from(stored: StoredKey) -> Self {
        Self {
            id: stored.id,
            algorithm: "Ed25519".to_owned(),
            public_key: STANDARD.encode(stored.public_key),
        }
    }
}

reply_body! {
    /// What the key store says now of a key.
    pub struct KeyTombstone {
        /// The name of the key, as in the certificate.
        key_id: String,
        /// Whose key it was.
        owner_id: SubjectId,
        /// When it was destroyed, in UTC; null if it is still there.
        destroyed_at: Option<Timestamp>,
    }
}

reply_body! {
    /// The audit log of the institution as it is now.
    pub struct AuditCheckpoint {
        /// How many entries it has.
        size: u32,
        /// The root of its Merkle tree (RFC 6962) in hexadecimal.
        root: String,
    }
}

reply_body! {
    /// What an institution has a destruction checked with.
    pub struct DestructionEvidence {
        /// The destruction.
        destruction: Destruction,
        /// The certificate, byte for byte; null before everything is destroyed.
        certificate: Option<String>,
        /// The certificate of completion, byte for byte; null before that day.
        completion: Option<String>,
        /// The keys that check them.
        certificate_keys: Vec<CertificateKey> = counted(0..=MOST_KEYS),
        /// What the key store says now of the keys of what was destroyed.
        keys: Vec<KeyTombstone> = counted(0..=MOST_KEYS),
        /// How many rows there are now about what was destroyed, by table: none, when it is done.
        rows: Vec<TableCount> = counted(0..=MOST_TABLES),
        /// The audit log now: it grew out of the one that the certificate names.
        audit_log: AuditCheckpoint,
    }
}

/// The refusal of a certificate whose day has not come.
fn not_yet() -> Error {
    Error::Conflict(Refusal::new(
        "not-yet",
        "there is no such certificate yet; the destruction says how far it is",
    ))
}

async fn read_destruction_certificate(
    access: Access<part::Destructions, action::Read, AdministerPupils>,
    PathId(id): PathId<DestructionId>,
) -> Result<Shown<DestructionCertificate>, Problem> {
    let (certificate, _) =
        access.tenant()?.read(Cost::Rows, move |reader| reader.destruction_certificates(id)).await?;
    Ok(reply::written(certificate.ok_or_else(not_yet)?))
}

async fn read_destruction_completion(
    access: Access<part::Destructions, action::Read, AdministerPupils>,
    PathId(id): PathId<DestructionId>,
) -> Result<Shown<CompletionCertificate>, Problem> {
    let (_, completion) =
        access.tenant()?.read(Cost::Rows, move |reader| reader.destruction_certificates(id)).await?;
    Ok(reply::written(completion.ok_or_else(not_yet)?))
}

async fn print_destruction_certificate(
    access: Access<part::Destructions, action::Read, AdministerPupils>,
    PathId(id): PathId<DestructionId>,
) -> Result<Printed, Problem> {
    let (certificate, completion) =
        access.tenant()?.read(Cost::Rows, move |reader| reader.destruction_certificates(id)).await?;
    let certificate = certificate.ok_or_else(not_yet)?;
    print(&certificate, completion.as_deref()).map(Printed).map_err(Problem::internal)
}

async fn read_destruction_evidence(
    access: Access<part::Destructions, action::Read, AdministerPupils>,
    PathId(id): PathId<DestructionId>,
) -> Result<Shown<DestructionEvidence>, Problem> {
    let Evidence { destruction, certificate, completion, keys, rows, audit } =
        access.tenant()?.destruction_evidence(id).await?;
    let checked_with = access.state().store.certificate_keys().await?;
    let tombstone = |key: groeilijn_persistence::keys::KeyRecord| KeyTombstone {
        key_id: hex::encode(key.key_id),
        owner_id: SubjectId::from_uuid(key.owner),
        destroyed_at: key.destroyed_at,
    };
    reply::view(&DestructionEvidence {
        destruction: Destruction::from(destruction),
        certificate,
        completion,
        certificate_keys: checked_with.into_iter().map(CertificateKey::from).collect(),
        keys: keys.into_iter().map(tombstone).collect(),
        rows: rows.into_iter().map(table_count).collect(),
        audit_log: AuditCheckpoint {
            size: u32::try_from(audit.size).unwrap_or(u32::MAX),
            root: hex::encode(audit.root),
        },
    })
}

async fn list_certificate_keys(
    _: Open<OperateService>,
    state: actix_web::web::Data<AppState>,
) -> Result<Listed<CertificateKey>, Problem> {
    let keys = state.store.certificate_keys().await?;
    whole_list(keys.into_iter().map(CertificateKey::from))
}
