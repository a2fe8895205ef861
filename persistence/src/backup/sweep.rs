//! Data from before some keys were destroyed, beside a key store that knows it: what nobody may have back.

use std::collections::BTreeMap;
use std::sync::Arc;

use groeilijn_domain::access::session::SessionEnd;
use groeilijn_domain::values::ids::{InstitutionId, PupilId};
use groeilijn_engine::audit::context::AuditContext;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::Result;
use groeilijn_engine::keys::history::destroyed_owners;
use jiff::Timestamp;
use uuid::Uuid;

use crate::access::session::end_all_sessions;
use crate::children::key_owner::PUPIL;
use crate::children::schema::pupil;
use crate::handles::store::Store;
use crate::handles::tenant::{Tenant, TenantWriter};
use crate::key_sweep::KINDS;

/// How many owners one query looks for.
const AT_ONCE: usize = 1_000;

/// The owners of one kind whose rows were there, and whose key is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptKind {
    /// The code of the kind, such as `pupil`.
    pub kind: &'static str,
    /// How many.
    pub owners: u64,
}

/// What was done to data that was put back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Of whom there were rows that nobody can read any more, by kind. Those about children are gone, the others stay as
    /// stubs.
    pub unreadable: Vec<SweptKind>,
    /// How many sessions were ended.
    pub sessions: u64,
}

impl Store {
    /// Makes data that was put back fit the keys beside it and the moment `now`: what was destroyed since stays destroyed,
    /// and no session goes on that was open when the copy was made. What it takes away is on record in the logs of the
    /// institutions, under `context`.
    ///
    /// # Errors
    /// What the databases refuse.
    pub async fn sweep_restored(&self, context: AuditContext, now: Timestamp) -> Result<Swept> {
        let context = Arc::new(context);
        let destroyed = self.keys().database().read(Cost::Scan, destroyed_owners).await?;
        let mut by_institution: BTreeMap<(InstitutionId, String), Vec<Uuid>> = BTreeMap::new();
        for (institution, kind, id) in destroyed {
            by_institution.entry((institution, kind)).or_default().push(id);
        }
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        for ((institution, code), ids) in by_institution {
            let Some(kind) = KINDS.into_iter().find(|kind| kind.code() == code) else { continue };
            for ids in ids.chunks(AT_ONCE) {
                let ids = ids.to_vec();
                let stored = move |connection: &mut _| {
                    dialect::enter_institution(connection, institution)?;
                    kind.stored(connection, institution, &ids)
                };
                let stored = self.data().read_at_one_moment(Cost::Scan, stored).await?;
                if kind.code() == PUPIL.code() && !stored.is_empty() {
                    self.take_away(&context, institution, stored.clone(), now).await?;
                }
                *counts.entry(kind.code()).or_default() += u64::try_from(stored.len()).unwrap_or(u64::MAX);
            }
        }
        let unreadable = counts.into_iter().filter(|(_, owners)| *owners > 0);
        let unreadable = unreadable.map(|(kind, owners)| SweptKind { kind, owners }).collect();
        let end = SessionEnd::EndedByAdministrator;
        let sessions = self.data().writer().run(move |data, _| end_all_sessions(data, end, now)).await?;
        Ok(Swept { unreadable, sessions: u64::try_from(sessions).unwrap_or(u64::MAX) })
    }

    /// Takes away everything about children whose key is gone: marked first, so that they are nowhere meanwhile.
    async fn take_away(
        &self,
        context: &Arc<AuditContext>,
        institution: InstitutionId,
        ids: Vec<Uuid>,
        now: Timestamp,
    ) -> Result<()> {
        let tenant = Tenant::entered(self.clone(), institution, context.clone());
        let gone = move |writer: &mut TenantWriter<'_>| {
            for id in ids.into_iter().map(PupilId::from_uuid) {
                let child =
                    pupil::table.filter(pupil::institution_id.is(institution)).filter(pupil::id.is(id));
                diesel::update(child.filter(pupil::destroying_at.is_null()))
                    .set(pupil::destroying_at.is(Some(now)))
                    .execute(writer.connection)?;
                writer.remove_pupil(id)?;
            }
            Ok(())
        };
        tenant.write(gone).await
    }
}
