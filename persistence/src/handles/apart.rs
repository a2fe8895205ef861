//! The tables that have nothing to do with who gets in and what they may do.

/// What is written there leaves every session and every API token as it is, so those that are remembered stay
/// ([`groeilijn_engine::remembered`]): neither is read from any of these tables. A table that is not named here counts as one
/// that decides about them.
pub(crate) const APART: &[&str] = &[
    "audit_checkpoint",
    "audit_entry",
    "audit_object",
    "audit_tile",
    "audit_tree",
    "follow_up",
    "idempotency",
    "job",
    "note",
    "note_revision",
    "registration",
    "registration_version",
];
