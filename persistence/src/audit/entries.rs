//! The entries of an institution's audit log (C089, C090).

use groeilijn_domain::access::principal::{Person, Principal};
use groeilijn_domain::audit::entry::{ActorKind, ObjectKind};
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::audit::address;
use groeilijn_engine::audit::query::find;
pub use groeilijn_engine::audit::query::{EntryBody, EntryFilter, FoundEntries, StoredEntry};
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyRing;

use crate::access::key_owner;
use crate::handles::tenant::TenantReader;

impl TenantReader<'_> {
    /// At most `limit` entries, the newest first, from the one before `before` on. That somebody looked is on record too,
    /// with what she looked for.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn audit_entries(
        &mut self,
        filter: &EntryFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Result<FoundEntries> {
        let institution = self.institution();
        let (kind, id) =
            filter.objects.first().copied().unwrap_or((ObjectKind::Institution, institution.as_uuid()));
        self.searches(kind, id);
        find(self.connection, institution, filter, before, limit)
    }

    /// The network address in an entry; `None` when there is none, its key was destroyed, or a token asks: an auditor
    /// checks the log, and needs to know of nobody from where she works.
    ///
    /// # Errors
    /// When the key store is busy or cannot be read.
    pub fn audit_address(&self, entry: &EntryBody) -> Result<Option<String>> {
        if matches!(self.principal(), Principal::ApiToken { .. }) {
            return Ok(None);
        }
        opened_address(self.keys(), self.institution(), entry)
    }
}

/// The network address in an entry of the log of `institution`; `None` when there is none, or its key was destroyed.
///
/// # Errors
/// When the key store is busy or cannot be read.
pub(super) fn opened_address(
    keys: &KeyRing,
    institution: InstitutionId,
    entry: &EntryBody,
) -> Result<Option<String>> {
    let Some(sealed) = entry.address.as_ref() else { return Ok(None) };
    let person = |institution| entry.actor.map(|id| Person { user: UserId::from_uuid(id), institution });
    let own = match entry.actor_kind {
        ActorKind::InstitutionUser => {
            person(Some(institution)).map(|person| (institution, key_owner::of(person)))
        }
        ActorKind::PlatformUser => {
            person(None).map(|person| (InstitutionId::PLATFORM, key_owner::of(person)))
        }
        ActorKind::System | ActorKind::ApiToken => None,
    };
    match address::open(keys, institution, own, entry.trace_id, sealed) {
        Err(Error::Destroyed | Error::Unreadable(_)) => Ok(None),
        opened => opened,
    }
}
