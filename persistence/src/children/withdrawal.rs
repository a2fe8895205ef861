//! Withdrawals as they are kept: in the row of what was withdrawn, the reason sealed under the child's key.

use groeilijn_domain::children::withdrawal::Withdrawal;
use groeilijn_domain::values::ids::UserId;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::error::Result;
use jiff::Timestamp;
use uuid::Uuid;

use crate::children::reach::Child;
use crate::handles::tenant::{TenantReader, TenantWriter};

const REASON: &str = "withdrawal_reason";

/// What the row of something says of its withdrawal.
pub(super) type WithdrawalColumns<'a> = (Option<Timestamp>, Option<UserId>, Option<&'a [u8]>);

impl TenantReader<'_> {
    /// The withdrawal of what is in this row of `table`, if it was withdrawn.
    pub(super) fn open_withdrawal(
        &mut self,
        table: &'static str,
        row: Uuid,
        child: Child,
        columns: WithdrawalColumns<'_>,
    ) -> Result<Option<Withdrawal>> {
        let (Some(at), Some(by), sealed) = columns else { return Ok(None) };
        let reason = match sealed {
            Some(sealed) if self.shows_free_text() => {
                self.opener(table, row, child.key_owner()).kept(REASON, sealed, ShortText::kept)?
            }
            _ => None,
        };
        Ok(Some(Withdrawal { reason, by: self.author(by)?, at }))
    }
}

impl TenantWriter<'_> {
    /// The reason of a withdrawal, sealed for this row of `table`.
    pub(super) fn seal_withdrawal(
        &mut self,
        table: &'static str,
        row: Uuid,
        child: Child,
        withdrawal: Option<&Withdrawal>,
    ) -> Result<Option<Vec<u8>>> {
        let Some(withdrawal) = withdrawal else { return Ok(None) };
        let mut row = self.sealer(table, row, child.key_owner())?;
        let reason = row.text(REASON, withdrawal.reason.as_ref().map(ShortText::as_str));
        self.sealed(row);
        Ok(Some(reason))
    }

    /// The withdrawal of something by the actor, now.
    pub(super) fn withdrawal(&mut self, reason: ShortText) -> Result<Withdrawal> {
        Ok(Withdrawal { reason: Some(reason), by: self.acting_author()?, at: self.now() })
    }
}
