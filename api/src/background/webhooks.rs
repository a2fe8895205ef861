//! Tells programs of institutions of events (C124).
//!
//! A message is held by a lease; when its sender dies, the lease ends and another process sends it once more. So a receiver
//! may hear of something twice, with the same id, and never not at all as long as it answers within some days.

use groeilijn_domain::access::Scope;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_persistence::institutions::webhook::{ClaimedDelivery, Dispatch};
use groeilijn_persistence::{Cost, Error, Principal, Result};
use groeilijn_webhook::SigningSecret;
use jiff::SignedDuration;
use tokio::task::spawn_blocking;

use super::kind::{Found, Kind, Stop};
use crate::audit_context::without_request;
use crate::state::AppState;

/// How long a message is held: longer than sending it may take.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// How many messages are sent at once: each to another institution's programs.
pub(super) const SENDERS: usize = 4;

/// Sends the messages, one at a time.
pub(super) struct Webhooks;

impl Kind for Webhooks {
    const LEFT_FOR_LATER: &'static str = "webhooks are left for later";

    async fn work(&mut self, state: &AppState, _: &Stop) -> Result<Found> {
        let store = &state.store;
        let Some(claimed) = store.claim_delivery(store.environment().now(), LEASE).await? else {
            return Ok(Found::Nothing);
        };
        match dispatch(state, claimed).await {
            Ok(Some(dispatch)) => {
                let answer = send(state, claimed, dispatch).await?;
                store.delivery_tried(claimed, store.environment().now(), answer).await?;
            }
            Ok(None) | Err(Error::NotFound | Error::Destroyed) => store.give_up_delivery(claimed).await?,
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => {
                tracing::error!(%error, delivery = %claimed.id, "a webhook cannot be read and is tried again later");
                store.delivery_tried(claimed, store.environment().now(), None).await?;
            }
        }
        Ok(Found::Work)
    }
}

/// What is to be sent, read anew: the institution may have thought better of it.
async fn dispatch(state: &AppState, claimed: ClaimedDelivery) -> Result<Option<Dispatch>> {
    let service = Principal::Service { institution: Some(claimed.institution) };
    let activity = ProcessingActivity::OperateService;
    let context = without_request(state.environment(), service, "sendWebhook", activity);
    let tenant = state.store.tenant(context, Scope::Institution)?;
    tenant.read(Cost::Rows, move |reader| reader.dispatch(claimed.id)).await
}

/// The receiver's answer, if it gave one.
async fn send(state: &AppState, claimed: ClaimedDelivery, dispatch: Dispatch) -> Result<Option<u16>> {
    let (sender, now) = (state.webhooks.clone(), state.environment().now());
    let sent = spawn_blocking(move || {
        let Dispatch { address, secret, message } = dispatch;
        let secret = SigningSecret::from_bytes(secret.to_vec());
        sender.send(claimed.institution, &address, &secret, claimed.id.as_uuid(), &message, now)
    });
    sent.await.map_err(Error::internal)
}
