//! Whose key a key is.

use std::hash::{Hash, Hasher};

use groeilijn_domain::values::ids::InstitutionId;
use uuid::Uuid;

use crate::database::connection::AnyConnection;
use crate::error::Result;

/// Which of the ids in an institution are stored: those of whose keys have to be kept.
pub type Stored = fn(&mut AnyConnection, InstitutionId, &[Uuid]) -> Result<Vec<Uuid>>;

/// A kind of owners, declared beside what it is about. Its code stands in the key store and is bound into every wrapped
/// key and every sealed value, so it never changes.
#[derive(Debug)]
pub struct KeyKind {
    code: &'static str,
    stored: Stored,
}

impl KeyKind {
    /// What belongs to nobody in particular, under the one key that an institution shares; its owner is the institution.
    pub const SHARED: &Self = &Self::new("shared", |_, _, ids| Ok(ids.to_vec()));

    /// The kind with this code; `stored` says whose rows there are in the data.
    pub const fn new(code: &'static str, stored: Stored) -> Self {
        Self { code, stored }
    }

    /// Its name in the key store.
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// Which of these owners have a row in the data.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn stored(
        &self,
        connection: &mut AnyConnection,
        institution: InstitutionId,
        ids: &[Uuid],
    ) -> Result<Vec<Uuid>> {
        (self.stored)(connection, institution, ids)
    }
}

/// Who or what a key belongs to. Two owners of different kinds never share a key, even if they had the same id.
#[derive(Debug, Clone, Copy)]
pub struct KeyOwner {
    /// What it is.
    pub kind: &'static KeyKind,
    /// Which one.
    pub id: Uuid,
}

impl KeyOwner {
    /// An owner of this kind.
    pub const fn new(kind: &'static KeyKind, id: Uuid) -> Self {
        Self { kind, id }
    }

    /// What belongs to nobody in particular in this institution.
    pub const fn shared(institution: InstitutionId) -> Self {
        Self::new(KeyKind::SHARED, institution.as_uuid())
    }
}

impl PartialEq for KeyOwner {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.kind.code == other.kind.code
    }
}

impl Eq for KeyOwner {}

impl Hash for KeyOwner {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
        self.kind.code.hash(state);
    }
}
