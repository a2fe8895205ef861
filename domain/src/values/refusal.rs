//! Why a value is refused.

/// Why a value is refused, in words for whoever sent it. It never holds the value itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// Stable name of the reason, in kebab case, for a client to act upon.
    pub code: &'static str,
    /// One sentence that says what is wrong and what would be right.
    pub detail: String,
}

impl Refusal {
    /// A refusal for the reason `code`, explained by `detail`.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}
