//! Signing an audit log, looking anew at what was signed, and telling of a log that was altered.

use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::Result;
use groeilijn_persistence::audit::checkpoints::{LogSigners, Signing, StoredCheckpoint};
use groeilijn_persistence::audit::patrol::{Altered, Place};

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
            count(state, is_news);
            Ok(None)
        }
    }
}

/// Looks anew at some entries that were signed, from a place on: at most so many tiles. Gives where to go on.
///
/// # Errors
/// What the database refuses.
pub(crate) async fn go_on_round(state: &AppState, place: Place, tiles: u64) -> Result<Place> {
    let (next, altered) = state.store.go_on_round(place, tiles).await?;
    if let Some(Altered { log, is_news }) = altered {
        tracing::error!(institution = %log, "the audit log was altered: it has other entries than were signed");
        count(state, is_news);
    }
    Ok(next)
}

fn count(state: &AppState, is_news: bool) {
    if is_news {
        state.metrics.security_event(SecurityEventKind::LogAltered);
    }
}
