//! How a log can differ from what was signed of it.

/// In what a log is not what was signed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Nobody who has a key of this service signed the newest checkpoint.
    #[error("its newest checkpoint was not signed by this service")]
    Forged,
    /// Entries that were signed are gone.
    #[error("it has fewer entries than its newest checkpoint")]
    CutOff,
    /// The head of the tree is of other entries.
    #[error("its entries are not those that its tree was made of")]
    OtherEntries,
    /// The tree is not a continuation of the one that was signed.
    #[error("it is not a continuation of its newest checkpoint")]
    Rewritten,
}
