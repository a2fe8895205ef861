//! Carries out what those asked for who forgot their password, on a beat of its own: when that is tells nobody whether
//! there is such an account.

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_persistence::{Error, Principal, Result};

use super::kind::{Found, Kind, Stop};
use crate::audit_context::without_request;
use crate::routes::access::invitations::invitation;
use crate::state::AppState;

/// Looks at all requests that wait, once a second.
pub(super) struct PasswordResets;

impl Kind for PasswordResets {
    const LEFT_FOR_LATER: &'static str = "password resets are left for later";

    async fn work(&mut self, state: &AppState, _: &Stop) -> Result<Found> {
        let store = &state.store;
        for request in store.waiting_password_resets().await? {
            let invitation = invitation(store.environment()).map_err(Error::internal)?;
            let nobody = Principal::Service { institution: None };
            let activity = ProcessingActivity::AdministerAccess;
            let context = without_request(store.environment(), nobody, "requestPasswordReset", activity);
            // One that fails does not keep the others waiting; it is looked at again.
            if let Err(error) = store.carry_out_password_reset(request, invitation, context).await {
                tracing::error!(%error, "a password reset is left for later");
            }
        }
        // Never at once again: the beat is the same whether there was work or not.
        Ok(Found::Nothing)
    }
}
