//! Begins what has been kept long enough, each day, and carries out what has begun.

use groeilijn_domain::access::Scope;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::{Cost, PlatformWriter, Principal, Result, Store, Tenant};
use jiff::SignedDuration;

use super::every::Chore;
use super::kind::{Found, Kind, Stop};
use crate::audit_context::without_request;
use crate::state::AppState;

/// How long a process holds a destruction that it carries out: when it dies, another one takes it over after that.
const LEASE: SignedDuration = SignedDuration::from_mins(1);

/// Looks in each institution, a few times an hour, whether something is to go: a day begins in Amsterdam, and days of
/// cooling off end, at any time.
pub(super) struct Looking;

impl Chore for Looking {
    const EVERY: SignedDuration = SignedDuration::from_mins(10);
    const LEFT_FOR_LATER: &'static str = "what has been kept long enough is left for later";

    async fn take_turn(&self, store: &Store) -> Result<()> {
        for institution in store.all_institutions().await? {
            // One that fails does not keep the others.
            if let Err(error) = service(store, institution)?.look_for_destructions().await {
                tracing::error!(%error, %institution, "{}", Self::LEFT_FOR_LATER);
            }
        }
        Ok(())
    }
}

/// Carries out the destructions that have begun, one at a time.
pub(super) struct Destructions;

impl Kind for Destructions {
    const LEFT_FOR_LATER: &'static str = "a destruction is left for later";

    async fn work(&mut self, state: &AppState, _: &Stop) -> Result<Found> {
        let store = &state.store;
        let claimed = store.claim_destruction(store.environment().now(), LEASE).await?;
        let Some((institution, id)) = claimed else { return Ok(Found::Nothing) };
        let tenant = service(store, institution)?;
        if let Some(ended_on) = tenant.read(Cost::Rows, move |reader| reader.contract_that_ends(id)).await? {
            let context = without_request(
                store.environment(),
                Principal::Service { institution: None },
                "destroy",
                ProcessingActivity::AdministerLicence,
            );
            let ask = move |writer: &mut PlatformWriter<'_>| {
                writer.ask_to_confirm_destruction(institution, ended_on)
            };
            store.platform(context).write(ask).await?;
        }
        tenant.carry_out_destruction(id).await?;
        Ok(Found::Work)
    }
}

/// An institution, for the service itself.
fn service(store: &Store, institution: InstitutionId) -> Result<Tenant> {
    let service = Principal::Service { institution: Some(institution) };
    let context =
        without_request(store.environment(), service, "destroy", ProcessingActivity::AdministerPupils);
    store.tenant(context, Scope::Institution)
}
