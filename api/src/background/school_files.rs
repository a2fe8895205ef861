//! Ends school files and reports whose time has come: their keys are destroyed.

use groeilijn_domain::access::Scope;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_persistence::keys::ends::DueKey;
use groeilijn_persistence::{Principal, Result, Store};
use jiff::SignedDuration;

use super::every::Chore;
use crate::audit_context::without_request;

/// Ends what nobody needs any more, and what could not be ended when it was over.
pub(super) struct SchoolFiles;

impl Chore for SchoolFiles {
    const EVERY: SignedDuration = SignedDuration::from_mins(1);
    const LEFT_FOR_LATER: &'static str = "a school file is left to be ended later";

    async fn take_turn(&self, store: &Store) -> Result<()> {
        for due in store.due_school_files(store.environment().now()).await? {
            // One that fails does not keep the others.
            if let Err(error) = end(store, due).await {
                tracing::error!(%error, file = %due.owner.id, "{}", Self::LEFT_FOR_LATER);
            }
        }
        Ok(())
    }
}

async fn end(store: &Store, due: DueKey) -> Result<()> {
    let service = Principal::Service { institution: Some(due.institution) };
    let activity = ProcessingActivity::AdministerPupils;
    let context = without_request(store.environment(), service, "endSchoolFile", activity);
    store.tenant(context, Scope::Institution)?.end_school_file(due.owner).await
}
