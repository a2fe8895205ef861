//! Carries out imports of school files, as the job that was made when the import was confirmed.

use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Action, Part, Scope};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::children::import::{Failure, GROUPS_NOT_CONFIRMED};
use groeilijn_domain::values::ids::ImportId;
use groeilijn_persistence::access::job::Job;
use groeilijn_persistence::children::import::UNREADABLE_RECORDS;
use groeilijn_persistence::{Error, Result, Store, Tenant};

use crate::audit_context::without_request;

/// How often an import is planned when pupils or groups change meanwhile.
const ATTEMPTS: usize = 3;

/// Carries out the import whose id is the job's, if the user who asked for it may still do that.
///
/// # Errors
/// One that passes ([`Error::is_passing`]) when the import is still to be done. Any other failure is noted with the import, which is over then.
pub(super) async fn carry_out(store: &Store, job: &Job) -> Result<()> {
    // It is done in the name of the user who asked for it.
    let activity = ProcessingActivity::AdministerPupils;
    let context = without_request(store.environment(), job.actor, "applyImport", activity);
    let tenant = store.tenant(context, Scope::Institution)?;
    let import = ImportId::from_uuid(job.id);
    let permitted = job.rights.scope(Part::Imports, Action::Change) == Some(Scope::Institution);
    let failure = if permitted && job.account == AccountState::Active {
        match attempt(&tenant, import).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => {
                tracing::error!(%error, %import, "an import failed");
                failure_of(&error)
            }
        }
    } else {
        Failure::NotPermitted
    };
    tenant.fail_import(import, failure).await
}

async fn attempt(tenant: &Tenant, import: ImportId) -> Result<()> {
    for _ in 1..ATTEMPTS {
        match tenant.apply_import(import).await {
            Err(Error::Stale(_)) => {}
            outcome => return outcome,
        }
    }
    tenant.apply_import(import).await
}

fn failure_of(error: &Error) -> Failure {
    match error {
        Error::Stale(_) => Failure::ChangedMeanwhile,
        Error::Conflict(refusal) if refusal.code == UNREADABLE_RECORDS => Failure::UnreadableRecords,
        // The preview did not ask for a group that is to be made now.
        Error::Conflict(refusal) if refusal.code == GROUPS_NOT_CONFIRMED => Failure::ChangedMeanwhile,
        Error::NotFound | Error::Conflict(_) | Error::Invalid(_) => Failure::NotPossible,
        _ => Failure::Internal,
    }
}
