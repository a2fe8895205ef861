//! Writes to everybody again about incidents that the other side did not acknowledge in time (C124, C132).

use groeilijn_domain::access::Scope;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::values::ids::{IncidentId, InstitutionId};
use groeilijn_persistence::{Principal, Result, Store};
use jiff::SignedDuration;

use super::every::Chore;
use crate::audit_context::without_request;

/// Looks at the incidents that wait to be acknowledged.
pub(super) struct Escalations;

impl Chore for Escalations {
    const EVERY: SignedDuration = SignedDuration::from_mins(5);
    const LEFT_FOR_LATER: &'static str = "incidents that nobody acknowledged are left for later";

    async fn take_turn(&self, store: &Store) -> Result<()> {
        for (institution, incident) in store.unacknowledged_incidents(store.environment().now()).await? {
            // One that fails does not keep the others.
            if let Err(error) = escalate(store, institution, incident).await {
                tracing::error!(%error, %incident, "{}", Self::LEFT_FOR_LATER);
            }
        }
        Ok(())
    }
}

async fn escalate(store: &Store, institution: InstitutionId, incident: IncidentId) -> Result<()> {
    let service = Principal::Service { institution: Some(institution) };
    let activity = ProcessingActivity::OperateService;
    let context = without_request(store.environment(), service, "escalateIncident", activity);
    let tenant = store.tenant(context, Scope::Institution)?;
    tenant.write(move |writer| writer.escalate_incident(incident)).await
}
