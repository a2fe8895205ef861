//! Leaves each institution a letter a month with the newest checkpoint of its audit log, so that what was signed is kept
//! by somebody who cannot be made to sign anew (C090).

use groeilijn_domain::access::Scope;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::{Principal, Result, Store};
use jiff::SignedDuration;

use super::every::Chore;
use crate::audit_context::without_request;

/// Leaves the letters of the month.
pub(super) struct CheckpointLetters;

impl Chore for CheckpointLetters {
    const EVERY: SignedDuration = SignedDuration::from_hours(1);
    const LEFT_FOR_LATER: &'static str = "letters with checkpoints are left for later";

    async fn take_turn(&self, store: &Store) -> Result<()> {
        for institution in store.checkpoint_letters_due(store.environment().now()).await? {
            // One that fails does not keep the others.
            if let Err(error) = leave(store, institution).await {
                tracing::error!(%error, %institution, "{}", Self::LEFT_FOR_LATER);
            }
        }
        Ok(())
    }
}

async fn leave(store: &Store, institution: InstitutionId) -> Result<()> {
    let service = Principal::Service { institution: Some(institution) };
    let activity = ProcessingActivity::OperateService;
    let context = without_request(store.environment(), service, "leaveCheckpointLetter", activity);
    let tenant = store.tenant(context, Scope::Institution)?;
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    tenant.write(|writer| writer.leave_checkpoint_letter()).await
}
