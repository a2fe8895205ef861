//! Taking the audit log of an institution along as a whole (C090, C092).
//!
//! It is read in pieces, each in a transaction of its own, so that a client who reads slowly or goes away holds nothing.

use groeilijn_domain::audit::checkpoint::origin;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::audit::export::{End, FORMAT, Header, line};
use groeilijn_domain::audit::note::VerifierKey;
use groeilijn_engine::audit::export::lines;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};

use super::checkpoints::StoredCheckpoint;
use crate::handles::tenant::Tenant;

/// How many entries are read at once.
const AT_ONCE: u64 = 100;

/// A log that is being taken along, as far as a checkpoint of it goes.
pub struct LogExport {
    tenant: Tenant,
    checkpoint: StoredCheckpoint,
    next: Piece,
}

/// What comes next.
enum Piece {
    Header(Vec<VerifierKey>),
    /// The entries from this number on, or the end behind them.
    EntriesFrom(u64),
    Nothing,
}

impl Tenant {
    /// Puts on record that the log is taken along, before anything of it leaves.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub async fn record_log_export(&self) -> Result<()> {
        self.record_success(vec![(ObjectKind::Institution, self.institution().as_uuid())]).await
    }

    /// Takes along what a checkpoint was signed of.
    ///
    /// # Errors
    /// What the key store refuses.
    pub async fn export_log(&self, checkpoint: StoredCheckpoint) -> Result<LogExport> {
        let keys = self.log_keys().await?.into_iter().map(|key| key.key).collect();
        let next = Piece::Header(keys);
        Ok(LogExport { tenant: self.clone(), checkpoint, next })
    }
}

impl LogExport {
    /// The next lines; `None` when there are no more.
    ///
    /// # Errors
    /// When the log cannot be read. The same lines can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let (piece, next) = match &self.next {
            Piece::Header(keys) => (Some(self.header(keys)?), Piece::EntriesFrom(0)),
            Piece::EntriesFrom(first) if *first < self.checkpoint.size => {
                let range = *first..self.checkpoint.size.min(first.saturating_add(AT_ONCE));
                let (institution, next) = (self.tenant.institution(), Piece::EntriesFrom(range.end));
                let read =
                    move |reader: &mut crate::TenantReader<'_>| lines(reader.connection, institution, range);
                (Some(self.tenant.read_log(Cost::Scan, read).await?), next)
            }
            Piece::EntriesFrom(_) => (Some(self.end()?), Piece::Nothing),
            Piece::Nothing => (None, Piece::Nothing),
        };
        self.next = next;
        Ok(piece)
    }

    fn header(&self, keys: &[VerifierKey]) -> Result<Vec<u8>> {
        let institution = self.tenant.institution();
        written(&Header {
            format: FORMAT.to_owned(),
            institution_id: institution.as_uuid(),
            origin: origin(institution),
            verifier_keys: keys.iter().map(VerifierKey::to_string).collect(),
            first_sequence: 0,
            size: self.checkpoint.size,
        })
    }

    fn end(&self) -> Result<Vec<u8>> {
        written(&End {
            size: self.checkpoint.size,
            signed_at: self.checkpoint.signed_at.to_string(),
            checkpoint: self.checkpoint.note.clone(),
        })
    }
}

fn written(content: &impl serde::Serialize) -> Result<Vec<u8>> {
    let mut text = line(content).ok_or_else(|| Error::internal("a line cannot be written"))?.into_bytes();
    text.push(b'\n');
    Ok(text)
}
