//! Signing an audit log, and telling of one that was altered.

use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::Result;
use groeilijn_persistence::audit::checkpoints::{LogSigners, Signing, StoredCheckpoint};

use crate::state::AppState;

/// Signs the log of an institution as it is now; `None` for one that was altered, which is told.
///
/// # Errors
/// What the database refuses.
pub(crate) async fn sign_log(
    state: &AppState,
    log: InstitutionId,
    signers: &LogSigners,
) -> Result<Option<StoredCheckpoint>> {
    match state.store.sign_log(log, signers).await? {
        Signing::Signed(checkpoint) => Ok(Some(checkpoint)),
        Signing::Refused { mismatch, is_news } => {
            tracing::error!(institution = %log, "the audit log was altered and is not signed: {mismatch}");
            if is_news {
                state.metrics.security_event(SecurityEventKind::LogAltered);
            }
            Ok(None)
        }
    }
}
