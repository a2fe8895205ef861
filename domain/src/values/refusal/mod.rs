//! Why values are refused, one or several together.

mod codes;

pub use codes::CODES;
use uuid::Uuid;

/// Why a value is refused, in words for whoever sent it. It never holds the value itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// Stable name of the reason, in kebab case, for a client to act upon.
    pub code: &'static str,
    /// One sentence that says what is wrong and what would be right.
    pub detail: String,
    /// What stands in the way, where that is one thing whose id the sender may know.
    pub conflicts_with: Option<Uuid>,
}

impl Refusal {
    /// A refusal for the reason `code`, one of [`CODES`], explained by `detail`.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        debug_assert!(CODES.binary_search(&code).is_ok(), "{code} is not in the list of codes");
        Self { code, detail: detail.into(), conflicts_with: None }
    }

    /// The same refusal, with the id of what stands in the way.
    #[must_use]
    pub fn because_of(self, id: impl Into<Uuid>) -> Self {
        Self { conflicts_with: Some(id.into()), ..self }
    }
}

/// Everything that is wrong with the fields of something: each refusal with the name of its field, such as `birth_date`.
/// What is inside of a field is named by the way to it: `rights/2/part`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldRefusals(Vec<(String, Refusal)>);

impl FieldRefusals {
    /// Nothing is wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One field is wrong.
    pub fn one(field: impl Into<String>, refusal: Refusal) -> Self {
        Self(vec![(field.into(), refusal)])
    }

    /// Adds that `field` is refused.
    pub fn refuse(&mut self, field: impl Into<String>, refusal: Refusal) {
        self.0.push((field.into(), refusal));
    }

    /// Adds the outcome of a check of `field`.
    pub fn check<T>(&mut self, field: impl Into<String>, outcome: Result<T, Refusal>) {
        if let Err(refusal) = outcome {
            self.refuse(field, refusal);
        }
    }

    /// Adds the outcome of a check of several fields.
    pub fn extend(&mut self, outcome: Result<(), Self>) {
        if let Err(Self(more)) = outcome {
            self.0.extend(more);
        }
    }

    /// The same refusals of what is inside of `field`.
    #[must_use]
    pub fn inside(self, field: &str) -> Self {
        Self(self.0.into_iter().map(|(inner, refusal)| (format!("{field}/{inner}"), refusal)).collect())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The value, if nothing is wrong with its fields.
    ///
    /// # Errors
    /// The refusals.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl IntoIterator for FieldRefusals {
    type Item = (String, Refusal);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(String, Refusal)> for FieldRefusals {
    fn from_iter<I: IntoIterator<Item = (String, Refusal)>>(refusals: I) -> Self {
        Self(refusals.into_iter().collect())
    }
}
