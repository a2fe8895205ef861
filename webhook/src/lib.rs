//! How a program of an institution is told of events (C124): signed as Standard Webhooks says, over HTTPS, to public
//! addresses only.
//!
//! Checkpoints of audit logs are shown to witnesses from here too (C090), so that this crate stays the only one that calls
//! programs of others.
//!
//! What is told, to whom and when is decided elsewhere; here it is put into words and sent.

mod resolver;
mod sender;
mod signature;
mod witness;

pub use resolver::OwnReceiver;
pub use sender::Sender;
pub use signature::{SECRET_BYTES, SigningSecret};
pub use witness::CheckpointSender;
