//! The keys of what is about to be entered: made before the change that enters it, and gone again when it is refused.
//!
//! Keys are in another database, so no transaction holds both. A key has to be durable before anything is sealed with it,
//! therefore it comes first. The change then holds its institution's lock, and looks whether the keys are still there; and
//! a key is only taken away under that lock, by the change that made it, after a look whether its owner was entered
//! meanwhile. So of two requests with the same id, the one that is refused never takes the key of the other. What a crash
//! leaves is swept up later ([`crate::key_sweep`]), or when the same institution is founded anew.

use std::collections::HashSet;

use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::{IN_USE, KeyOwner};
use uuid::Uuid;

use crate::handles::store::Store;

/// How many owners one query asks for at most: fewer than a statement may have parameters.
const AT_ONCE: usize = 5_000;

/// Owners that a change is about to enter.
#[derive(Clone, Default)]
pub(crate) struct NewKeys {
    owners: Vec<KeyOwner>,
    /// The institution, if that is entered too.
    founded: Option<KeyOwner>,
    /// Of the owners, those for whom a key was made; not known of keys that a crash left.
    made: Option<Vec<KeyOwner>>,
}

impl NewKeys {
    /// The keys of these owners, in an institution that is there.
    pub(crate) fn of(owners: Vec<KeyOwner>) -> Self {
        Self { owners, ..Self::default() }
    }

    /// The keys of a new institution, and of these owners in it.
    pub(crate) fn founding(institution: KeyOwner, owners: Vec<KeyOwner>) -> Self {
        Self { owners, founded: Some(institution), made: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.owners.is_empty() && self.founded.is_none()
    }

    /// Makes the keys, and notes which were made. Durable when this returns.
    ///
    /// # Errors
    /// [`Error::Conflict`] for what is in use already; what the key store refuses.
    pub(crate) async fn make(&self, store: &Store, institution: InstitutionId) -> Result<Self> {
        if let Some(founded) = self.founded {
            found(store, institution, founded).await?;
        }
        // Some may have been made for it before, by an earlier step of the same.
        let mut made = self.made.clone().unwrap_or_default();
        match store.keys().create_subjects(institution, self.owners.clone()).await {
            Ok(more) => {
                made.extend(more);
                Ok(Self { made: Some(made), ..self.clone() })
            }
            Err(error) => {
                Self { made: Some(made), ..self.clone() }.settle(store, institution).await;
                Err(error)
            }
        }
    }

    /// Opens the keys for the change that uses them, which holds the lock of the institution until its end.
    pub(crate) fn claim(
        &self,
        connection: &mut AnyConnection,
        store: &Store,
        institution: InstitutionId,
    ) -> Result<()> {
        dialect::lock_institution(connection, institution)?;
        let shared = self.founded.map(|_| KeyOwner::shared(institution));
        let owners: Vec<KeyOwner> = self.owners.iter().copied().chain(shared).collect();
        store.keys().claim(institution, &owners)
    }

    /// Whether the change that made them entered all owners.
    pub(crate) fn are_used(
        &self,
        connection: &mut AnyConnection,
        institution: InstitutionId,
    ) -> Result<bool> {
        dialect::enter_institution(connection, institution)?;
        Ok(unused(connection, institution, &self.owners)?.is_empty())
    }

    /// How many of the owners, the institution included, were not entered.
    pub(crate) fn count_unused(
        &self,
        connection: &mut AnyConnection,
        institution: InstitutionId,
    ) -> Result<usize> {
        let founded = unused(connection, institution, self.founded.as_slice())?;
        Ok(founded.len() + unused(connection, institution, &self.owners)?.len())
    }

    /// Takes away those of the keys that were made whose owners were not entered.
    ///
    /// What cannot be taken away now is left to the sweep: the outcome of the change is what counts.
    pub(crate) async fn settle(&self, store: &Store, institution: InstitutionId) {
        let (owners, founded) = (self.made.as_ref().unwrap_or(&self.owners).clone(), self.founded);
        let kept = store.clone();
        let settled = store.data().writer().run(move |connection, _| {
            dialect::enter_institution(connection, institution)?;
            dialect::lock_institution(connection, institution)?;
            let founded = founded.as_slice();
            if !founded.is_empty() && !unused(connection, institution, founded)?.is_empty() {
                return kept.keys().discard_institution_here(institution);
            }
            let unused = unused(connection, institution, &owners)?;
            if unused.is_empty() { Ok(()) } else { kept.keys().discard_here(institution, unused) }
        });
        if let Err(error) = settled.await {
            tracing::warn!(%error, "keys that were not used are left for later");
        }
    }
}

/// Makes the keys of a new institution. Where there are some and no institution, whoever made them was broken off: what is
/// left of that is taken away first.
async fn found(store: &Store, institution: InstitutionId, founded: KeyOwner) -> Result<()> {
    match store.keys().create_institution(institution).await {
        Err(Error::Conflict(refusal)) if refusal.code == IN_USE => {}
        outcome => return outcome,
    }
    let kept = store.clone();
    let clear = store.data().writer().run(move |connection, _| {
        dialect::enter_institution(connection, institution)?;
        // Whoever is at it holds this lock; an embedded database has one writer.
        dialect::lock_institution(connection, institution)?;
        if unused(connection, institution, &[founded])?.is_empty() {
            return Err(Error::conflict(IN_USE, "there is an institution with this id already"));
        }
        kept.keys().discard_institution_here(institution)
    });
    clear.await?;
    store.keys().create_institution(institution).await
}

/// Those of these owners who have no row in the data.
pub(crate) fn unused(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    owners: &[KeyOwner],
) -> Result<Vec<KeyOwner>> {
    let mut unused = Vec::new();
    for chunk in owners.chunk_by(|one, other| one.kind.code() == other.kind.code()) {
        let Some(first) = chunk.first() else { continue };
        let ids: Vec<Uuid> = chunk.iter().map(|owner| owner.id).collect();
        let mut stored = HashSet::new();
        for ids in ids.chunks(AT_ONCE) {
            stored.extend(first.kind.stored(connection, institution, ids)?);
        }
        unused.extend(chunk.iter().filter(|owner| !stored.contains(&owner.id)));
    }
    Ok(unused)
}
