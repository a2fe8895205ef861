//! Programs of institutions that are told of events, and what they are told (C124).

mod delivery;
mod endpoint;

pub use self::delivery::{ClaimedDelivery, StoredDelivery};
pub use self::endpoint::{Dispatch, NewWebhookEndpoint, StoredWebhookEndpoint};
