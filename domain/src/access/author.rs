//! Who wrote or did something, as her colleagues know her.

use crate::values::ids::UserId;
use crate::values::person::PersonName;

/// The user who wrote or did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Her id at the institution, which stays as long as what she wrote.
    pub id: UserId,
    /// Her name; `None` once it is removed, and for whoever is no colleague of hers (C050).
    pub name: Option<PersonName>,
}

impl Author {
    /// One of whom only the id is known.
    pub fn unnamed(id: UserId) -> Self {
        Self { id, name: None }
    }
}
