//! Ends what has a term: exceptions for addresses, what lapsed long ago, users and staff who left, and old bodies of the audit log. Each
//! institution finds it in its own log, in the service's name.

use groeilijn_domain::access::Scope;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::Object;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::{AuditContext, Cost, Principal, Result, Store};
use jiff::{SignedDuration, Timestamp};

use super::every::Chore;
use crate::audit_context::without_request;

/// Ends what has a term.
pub(super) struct Terms;

impl Chore for Terms {
    const EVERY: SignedDuration = SignedDuration::from_hours(1);
    const LEFT_FOR_LATER: &'static str = "what has a term is left to be ended later";

    async fn take_turn(&self, store: &Store) -> Result<()> {
        let now = store.environment().now();
        for (institution, lapsed) in store.lapsed(now).await? {
            let done = match institution {
                Some(institution) => end_in(store, institution, lapsed, now).await,
                None => end_on_platform(store, lapsed, now).await,
            };
            // One that fails does not keep the others.
            if let Err(error) = done {
                let institution = institution.unwrap_or(InstitutionId::PLATFORM);
                tracing::error!(%error, %institution, "{}", Self::LEFT_FOR_LATER);
            }
        }
        // Later than when the turn began: what it just ended is due now.
        store.end_due_keys(store.environment().now()).await
    }
}

async fn end_in(
    store: &Store,
    institution: InstitutionId,
    lapsed: Vec<Object>,
    now: Timestamp,
) -> Result<()> {
    let service = Principal::Service { institution: Some(institution) };
    let tenant = |operation| store.tenant(context(store, service, operation), Scope::Institution);
    if !lapsed.is_empty() {
        tenant("forgetLapsed")?.write(move |writer| writer.forget_lapsed(&lapsed)).await?;
    }
    for user in store.users_to_end(institution, now).await? {
        tenant("endUser")?.write(move |writer| writer.end_user(user)).await?;
    }
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let unsettled =
        tenant("settleAddresses")?.read(Cost::Scan, |reader| reader.unsettled_addresses()).await?;
    if !unsettled.is_empty() {
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the method holds for one lifetime only"
        )]
        tenant("settleAddresses")?.write(|writer| writer.settle_addresses()).await?;
    }
    if store.has_old_audit_bodies(institution, now).await? {
        tenant("endAuditBodies")?.end_audit_bodies(now).await?;
    }
    Ok(())
}

async fn end_on_platform(store: &Store, lapsed: Vec<Object>, now: Timestamp) -> Result<()> {
    let service = Principal::Service { institution: None };
    let platform = |operation| store.platform(context(store, service, operation));
    if !lapsed.is_empty() {
        platform("forgetLapsed").write(move |writer| writer.forget_lapsed(&lapsed)).await?;
    }
    let left = platform("endStaff").read(Cost::Scan, move |reader| reader.staff_to_end(now)).await?;
    for staff in left {
        platform("endStaff").write(move |writer| writer.end_staff(staff)).await?;
    }
    platform("endStatements").write(move |writer| writer.end_statements(now)).await?;
    if store.has_old_audit_bodies(InstitutionId::PLATFORM, now).await? {
        platform("endAuditBodies").end_audit_bodies(now).await?;
    }
    Ok(())
}

fn context(store: &Store, service: Principal, operation: &'static str) -> AuditContext {
    without_request(store.environment(), service, operation, ProcessingActivity::OperateService)
}
