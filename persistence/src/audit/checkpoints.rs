//! Checkpoints of audit logs, and the proofs that go with them (C090).

use std::sync::Arc;

use groeilijn_domain::audit::merkle::Hash;
use groeilijn_domain::audit::proof::{continued_tree, tree_of_entry};
use groeilijn_domain::audit::tiles::Wanted;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::audit::checkpoint;
pub use groeilijn_engine::audit::checkpoint::StoredCheckpoint;
pub use groeilijn_engine::audit::mismatch::Mismatch;
use groeilijn_engine::audit::{tiles, tree};
use groeilijn_engine::crypto::signature::Signer;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};

use crate::handles::store::Store;
use crate::handles::tenant::{Tenant, TenantReader};
use crate::institutions::schema::institution;
use crate::platform::security_event::{self, NewSecurityEvent};

/// For how long it is told once that a log was altered, however often that is found.
const TOLD_ONCE_IN: SignedDuration = SignedDuration::from_hours(24);

/// The keys that sign checkpoints, the newest last.
#[derive(Clone)]
pub struct LogSigners(pub(super) Arc<Vec<Signer>>);

/// What became of signing a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// The log as it is now is signed: just now, or before.
    Signed(StoredCheckpoint),
    /// It is not what was signed before, so it is not signed.
    Refused {
        /// In what.
        mismatch: Mismatch,
        /// Whether that was not told before.
        is_news: bool,
    },
}

/// The log of an institution as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// How many entries it has.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
    /// The newest checkpoint; none before the first was signed.
    pub newest: Option<StoredCheckpoint>,
}

/// The proof that an entry is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The hash of the entry in the tree.
    pub leaf_hash: Hash,
    /// Of how many entries the tree is.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// The hashes beside the way from the entry to the root, the lowest first.
    pub proof: Vec<Hash>,
    /// What was signed of that tree, if it was when it had this size.
    pub checkpoint: Option<StoredCheckpoint>,
}

/// The proof that a log is a continuation of what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// The root that it had.
    pub from_root: Hash,
    /// Of how many entries the later tree is.
    pub to: u64,
    /// Its root.
    pub to_root: Hash,
    /// The proof, as RFC 6962 has it.
    pub proof: Vec<Hash>,
    /// The checkpoint of the later tree, when one was signed at that size.
    pub checkpoint: Option<StoredCheckpoint>,
}

/// How a log is signed.
type Sign = fn(&mut AnyConnection, InstitutionId, &[Signer], Timestamp) -> Result<StoredCheckpoint>;

pub(super) fn all_logs(connection: &mut AnyConnection) -> Result<Vec<InstitutionId>> {
    let mut logs: Vec<InstitutionId> =
        institution::table.order(institution::id).select(institution::id).load(connection)?;
    logs.push(InstitutionId::PLATFORM);
    Ok(logs)
}

impl Store {
    /// The keys that sign checkpoints, each of which is entered as one.
    ///
    /// # Errors
    /// What the key store and the database refuse.
    pub async fn log_signers(&self) -> Result<LogSigners> {
        let signers = self.stored_log_signers().await?;
        self.enter_log_keys(&signers).await?;
        Ok(signers)
    }

    /// The keys that sign checkpoints, as they stand in the key store.
    pub(super) async fn stored_log_signers(&self) -> Result<LogSigners> {
        Ok(LogSigners(Arc::new(self.keys().system().checkpoint_signers().await?)))
    }

    /// Everybody who has a log: all institutions, and the platform.
    pub(super) async fn logs(&self) -> Result<Vec<InstitutionId>> {
        self.data().read_at_present(Cost::Scan, all_logs).await
    }

    /// The institutions whose log is another than was last signed; the platform's own log too.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn logs_to_sign(&self) -> Result<Vec<InstitutionId>> {
        self.data()
            .read_at_present(Cost::Scan, |connection| {
                let mut due = Vec::new();
                for log in all_logs(connection)? {
                    dialect::enter_institution(connection, log)?;
                    if checkpoint::is_due(connection, log)? {
                        due.push(log);
                    }
                }
                Ok(due)
            })
            .await
    }

    /// Signs the log of an institution as it is now. One that was altered since it was last signed is not signed: a
    /// security event says so, once a day.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn sign_log(&self, log: InstitutionId, signers: &LogSigners) -> Result<Signing> {
        self.sign_log_with(log, signers, checkpoint::sign).await
    }

    /// The same in another way.
    pub(super) async fn sign_log_with(
        &self,
        log: InstitutionId,
        signers: &LogSigners,
        sign: Sign,
    ) -> Result<Signing> {
        match self.signed_log(log, signers.clone(), sign).await {
            Err(Error::LogAltered(mismatch)) => {
                Ok(Signing::Refused { mismatch, is_news: self.tell_of_altered_log(log).await? })
            }
            signed => signed.map(Signing::Signed),
        }
    }

    async fn signed_log(
        &self,
        log: InstitutionId,
        LogSigners(signers): LogSigners,
        sign: Sign,
    ) -> Result<StoredCheckpoint> {
        let prepare = move || {
            self.data().writer().run(move |connection, _| {
                dialect::enter_institution(connection, log)?;
                checkpoint::prepare(connection, log)
            })
        };
        while prepare().await? {}
        let now = self.environment().now();
        self.data()
            .writer()
            .run(move |connection, _| {
                dialect::enter_institution(connection, log)?;
                sign(connection, log, &signers, now)
            })
            .await
    }

    /// Keeps that a log was altered, unless that was told within the last day. Gives whether it was news.
    pub(super) async fn tell_of_altered_log(&self, log: InstitutionId) -> Result<bool> {
        self.tell_of_log(log, SecurityEventKind::LogAltered).await
    }

    /// Keeps that something is wrong with a log, unless that was told within the last day. Gives whether it was news.
    pub(super) async fn tell_of_log(&self, log: InstitutionId, kind: SecurityEventKind) -> Result<bool> {
        let environment = self.environment().clone();
        let institution = Some(log).filter(|log| *log != InstitutionId::PLATFORM);
        self.data()
            .writer()
            .run(move |connection, _| {
                let since = environment.now() - TOLD_ONCE_IN;
                if security_event::happened_to(connection, kind, institution, since)? {
                    return Ok(false);
                }
                let event = NewSecurityEvent { kind, institution, user: None, address: "" };
                security_event::insert(connection, &environment, &event)?;
                Ok(true)
            })
            .await
    }
}

impl Tenant {
    /// The newest checkpoint of the institution's log, if anything was signed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn newest_checkpoint(&self) -> Result<Option<StoredCheckpoint>> {
        let institution = self.institution();
        let newest = move |reader: &mut TenantReader<'_>| checkpoint::newest(reader.connection, institution);
        self.read_log(Cost::Rows, newest).await
    }
}

impl TenantReader<'_> {
    /// The log as it is now.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log_state(&mut self) -> Result<LogState> {
        let institution = self.institution();
        let present = tree::present(self.connection, institution)?;
        let newest = checkpoint::newest(self.connection, institution)?;
        Ok(LogState { size: present.size(), root: present.root(), newest })
    }

    /// At most `limit` checkpoints, the newest first, from the one before size `before` on.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn log_checkpoints(&mut self, before: Option<u64>, limit: i64) -> Result<Vec<StoredCheckpoint>> {
        let institution = self.institution();
        checkpoint::find(self.connection, institution, before, limit)
    }

    /// The checkpoint of `size` entries, if one was signed then.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn log_checkpoint(&mut self, size: u64) -> Result<Option<StoredCheckpoint>> {
        let institution = self.institution();
        checkpoint::of_size(self.connection, institution, size)
    }

    /// The proof that the entry `sequence` is in the tree of `size` entries, or else of those of the newest checkpoint.
    ///
    /// # Errors
    /// [`Error::Invalid`] when that tree was not signed yet, or the entry is not in it; [`Error::Conflict`] when nothing was
    /// signed yet.
    pub fn inclusion_proof(&mut self, sequence: u64, size: Option<u64>) -> Result<InclusionProof> {
        let size = tree_of_entry(sequence, size, self.signed_size()?)?;
        let institution = self.institution();
        let wanted = Wanted::inclusion(sequence, size).ok_or(Error::NotFound)?;
        Ok(InclusionProof {
            leaf_hash: self.hash(&Wanted::leaf(sequence), size)?,
            size,
            root: self.hash(&Wanted::root(size), size)?,
            proof: tiles::read(self.connection, institution, &wanted, size)?,
            checkpoint: checkpoint::of_size(self.connection, institution, size)?,
        })
    }

    /// The proof that the tree of `to` entries, or else of those of the newest checkpoint, is a continuation of that of the
    /// first `from`.
    ///
    /// # Errors
    /// As [`Self::inclusion_proof`].
    pub fn consistency_proof(&mut self, from: u64, to: Option<u64>) -> Result<ConsistencyProof> {
        let to = continued_tree(from, to, self.signed_size()?)?;
        let institution = self.institution();
        let wanted = Wanted::consistency(from, to).ok_or(Error::NotFound)?;
        Ok(ConsistencyProof {
            from_root: self.hash(&Wanted::root(from), from)?,
            to,
            to_root: self.hash(&Wanted::root(to), to)?,
            proof: tiles::read(self.connection, institution, &wanted, to)?,
            checkpoint: checkpoint::of_size(self.connection, institution, to)?,
        })
    }

    fn signed_size(&mut self) -> Result<u64> {
        let institution = self.institution();
        let newest = checkpoint::newest(self.connection, institution)?;
        let not_yet = || Refusal::new("not-yet", "nothing of this log was signed yet; it is within a minute");
        newest.map(|newest| newest.size).ok_or_else(|| Error::Conflict(not_yet()))
    }

    /// The one hash that is wanted of a tree.
    fn hash(&mut self, wanted: &Wanted, size: u64) -> Result<Hash> {
        let institution = self.institution();
        let read = tiles::read(self.connection, institution, wanted, size)?;
        read.as_slice().first().copied().ok_or(Error::Unreadable("the audit log"))
    }
}
