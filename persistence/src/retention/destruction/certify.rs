//! The certificates of a destruction, and what an institution has it checked with (C110, C111).

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::certificate::{
    Asked, Checkpoint, Statement, certificate, completion_json, signed_bytes,
};
use groeilijn_domain::retention::destruction::{DestructionState, complete_on};
use groeilijn_domain::retention::plan::SubjectKind;
use groeilijn_domain::values::ids::{DestructionId, InstitutionId, PupilId, UserId};
use groeilijn_engine::audit::tree;
use groeilijn_engine::crypto::signature::Signer;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyRecord;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{ItemRow, StoredDestruction};
use crate::children::key_owner;
use crate::handles::store::Store;
use crate::handles::tenant::{Tenant, TenantReader, TenantWriter};
use crate::retention::removal::RowCount;
use crate::retention::schema::destruction;

/// A key that signed certificates, and what checks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateKey {
    /// Its name in certificates.
    pub id: String,
    /// The public key: 32 bytes.
    pub public_key: Vec<u8>,
}

/// The certificates of one destruction, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCertificates {
    /// Of which destruction.
    pub destruction: DestructionId,
    /// The certificate.
    pub certificate: String,
    /// The certificate of its completion; none before the last backup is gone.
    pub completion: Option<String>,
}

/// What an institution has a destruction checked with.
#[derive(Clone)]
pub struct Evidence {
    /// The destruction.
    pub destruction: StoredDestruction,
    /// Its certificate; none before everything is destroyed.
    pub certificate: Option<String>,
    /// The certificate of its completion; none before the last backup is gone.
    pub completion: Option<String>,
    /// What the key store says now of the keys of what was destroyed.
    pub keys: Vec<KeyRecord>,
    /// How many rows there are now about what was destroyed, by table.
    pub rows: Vec<RowCount>,
    /// The audit log now.
    pub audit: Checkpoint,
}

/// The columns of a destruction that its statement is made of.
type Facts = (
    DestructionState,
    Option<UserId>,
    Timestamp,
    Option<UserId>,
    Option<Timestamp>,
    Option<i64>,
    Option<Vec<u8>>,
);

impl Store {
    /// The keys with which certificates were signed and are signed, the newest last.
    ///
    /// # Errors
    /// What the key store refuses.
    pub async fn certificate_keys(&self) -> Result<Vec<CertificateKey>> {
        let signers = self.keys().system().certificate_signers().await?;
        let key = |signer: &Signer| CertificateKey {
            id: signer.id().to_owned(),
            public_key: signer.public_key().to_vec(),
        };
        Ok(signers.iter().map(key).collect())
    }

    /// The name of the key that certificates are signed with now, and its signature under `message`, which has to begin with
    /// what it is.
    ///
    /// # Errors
    /// What the key store refuses.
    pub async fn sign(&self, message: &[u8]) -> Result<(String, Vec<u8>)> {
        let signer = self.signer().await?;
        Ok((signer.id().to_owned(), signer.sign(message)))
    }

    async fn signer(&self) -> Result<Signer> {
        let signers = self.keys().system().certificate_signers().await?;
        signers.into_iter().next_back().ok_or_else(|| Error::internal("there is no key to sign with"))
    }
}

impl Tenant {
    /// Signs the certificate of a destruction that is carried out, once.
    pub(super) async fn certify_destruction(&self, id: DestructionId) -> Result<()> {
        let signer = self.store().signer().await?;
        self.write(move |writer| writer.certify(id, &signer)).await
    }

    /// Signs the second certificate of each destruction whose last backup is gone.
    pub(super) async fn complete_destructions(&self) -> Result<()> {
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the method holds for one lifetime only"
        )]
        let due = self.read(Cost::Scan, |reader| reader.incomplete()).await?;
        if due.is_empty() {
            return Ok(());
        }
        let signer = self.store().signer().await?;
        self.write(move |writer| {
            for (id, first) in &due {
                writer.complete(*id, first, &signer)?;
            }
            Ok(())
        })
        .await
    }

    /// Everything that an institution has a destruction checked with.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn destruction_evidence(&self, id: DestructionId) -> Result<Evidence> {
        let (destruction, certificates, rows, audit) =
            self.read_log(Cost::Scan, move |reader| reader.evidence(id)).await?;
        let subjects = destruction.subjects.iter();
        let owners = subjects.map(|subject| key_owner::pupil(PupilId::from_uuid(subject.id.as_uuid())));
        let keys = self.store().keys().records(self.institution(), owners.collect()).await?;
        let (certificate, completion) = certificates;
        Ok(Evidence { destruction, certificate, completion, keys, rows, audit })
    }
}

type Certificates = (Option<String>, Option<String>);

impl TenantReader<'_> {
    /// The certificates of a destruction.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn destruction_certificates(&mut self, id: DestructionId) -> Result<Certificates> {
        destruction::table
            .filter(destruction::institution_id.is(self.institution()))
            .filter(destruction::id.is(id))
            .select((destruction::certificate, destruction::completion))
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)
    }

    fn evidence(
        &mut self,
        id: DestructionId,
    ) -> Result<(StoredDestruction, Certificates, Vec<RowCount>, Checkpoint)> {
        let stored = self.destruction(id)?;
        let certificates = self.destruction_certificates(id)?;
        let mut rows: Vec<RowCount> = Vec::new();
        for subject in stored.subjects.iter().filter(|subject| subject.kind == SubjectKind::Pupil) {
            let counts = self.count_rows_about(PupilId::from_uuid(subject.id.as_uuid()))?;
            if rows.is_empty() {
                rows = counts;
            } else {
                rows.iter_mut().zip(counts).for_each(|((_, sum), (_, count))| *sum += count);
            }
        }
        let audit = checkpoint(self.connection, self.institution())?;
        Ok((stored, certificates, rows, audit))
    }

    /// The destructions whose last backup is gone, with the digest of their certificate.
    fn incomplete(&mut self) -> Result<Vec<(DestructionId, String)>> {
        let due: Vec<(DestructionId, Option<String>)> = destruction::table
            .filter(destruction::institution_id.is(self.institution()))
            .filter(destruction::complete_on.until(Some(self.today())))
            .filter(destruction::completion.is_null())
            .order(destruction::id)
            .select((destruction::id, destruction::certificate))
            .load(self.connection)?;
        let digest = |(id, first): (DestructionId, Option<String>)| {
            first.map(|first| (id, hex::encode(Sha256::digest(first))))
        };
        Ok(due.into_iter().filter_map(digest).collect())
    }
}

impl TenantWriter<'_> {
    fn certify(&mut self, id: DestructionId, signer: &Signer) -> Result<()> {
        let (institution, now) = (self.institution(), self.now());
        dialect::lock_institution(self.connection, institution)?;
        let (state, by, at, approved_by, begun_at, size, root): Facts = destruction::table
            .filter(destruction::institution_id.is(institution))
            .filter(destruction::id.is(id))
            .select((
                destruction::state,
                destruction::requested_by,
                destruction::created_at,
                destruction::approved_by,
                destruction::begun_at,
                destruction::before_size,
                destruction::before_root,
            ))
            .first(self.connection)?;
        let items = self.items(id)?;
        let destroyed = items.iter().map(ItemRow::destroyed).collect::<Result<Option<Vec<_>>>>()?;
        let Some(destroyed) = destroyed.filter(|_| state == DestructionState::Running) else { return Ok(()) };
        let complete_on = complete_on(now);
        let statement = Statement {
            destruction: id.as_uuid(),
            institution,
            asked: by.map(|by| Asked { by, at, approved_by }),
            begun_at: begun_at.ok_or(Error::Unreadable("destruction"))?,
            destroyed_at: now,
            destroyed,
            before: kept_checkpoint(size, root).ok_or(Error::Unreadable("destruction"))?,
            after: checkpoint(self.connection, institution)?,
            complete_on,
        };
        let signed = sign(&statement.to_json(), signer)?;
        let own = destruction::table
            .filter(destruction::institution_id.is(institution))
            .filter(destruction::id.is(id));
        diesel::update(own)
            .set((
                destruction::state.is(DestructionState::Done),
                destruction::destroyed_at.is(Some(now)),
                destruction::complete_on.is(Some(complete_on)),
                destruction::certificate.eq(Some(signed)),
                destruction::revision.eq(destruction::revision + 1),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Destruction, id.as_uuid());
        if items.iter().any(|item| item.kind == SubjectKind::Institution) {
            self.mark_destroyed().map(drop)
        } else {
            self.write_to_institution(&LetterContent::Destroyed { complete_on })
        }
    }

    fn complete(&mut self, id: DestructionId, first: &str, signer: &Signer) -> Result<()> {
        let today = self.today();
        let signed = sign(&completion_json(id.as_uuid(), self.institution(), first, today), signer)?;
        let own = destruction::table
            .filter(destruction::institution_id.is(self.institution()))
            .filter(destruction::id.is(id))
            .filter(destruction::completion.is_null());
        diesel::update(own)
            .set((
                destruction::completion.eq(Some(signed)),
                destruction::revision.eq(destruction::revision + 1),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Destruction, id.as_uuid());
        Ok(())
    }
}

fn sign(statement: &Value, signer: &Signer) -> Result<String> {
    let fractional = || Error::internal("a statement with a fraction cannot be signed");
    let signature = signer.sign(&signed_bytes(statement).ok_or_else(fractional)?);
    certificate(statement, signer.id(), &signature).ok_or_else(fractional)
}

/// The certificates of an institution, whoever asks, in the order of the ids of the destructions.
pub(crate) fn certificates_of(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    after: Option<DestructionId>,
    limit: i64,
) -> Result<Vec<StoredCertificates>> {
    let rows: Vec<(DestructionId, Option<String>, Option<String>)> = destruction::table
        .filter(destruction::institution_id.is(institution))
        .filter(destruction::certificate.is_not_null())
        .filter(destruction::id.after(page_start(after)))
        .order(destruction::id)
        .limit(limit)
        .select((destruction::id, destruction::certificate, destruction::completion))
        .load(connection)?;
    let issued = |(destruction, certificate, completion): (_, Option<String>, _)| {
        certificate.map(|certificate| StoredCertificates { destruction, certificate, completion })
    };
    Ok(rows.into_iter().filter_map(issued).collect())
}

fn checkpoint(connection: &mut AnyConnection, institution: InstitutionId) -> Result<Checkpoint> {
    let present = tree::present(connection, institution)?;
    Ok(Checkpoint { size: present.size(), root: present.root() })
}

fn kept_checkpoint(size: Option<i64>, root: Option<Vec<u8>>) -> Option<Checkpoint> {
    Some(Checkpoint { size: u64::try_from(size?).ok()?, root: root?.try_into().ok()? })
}
