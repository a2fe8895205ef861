//! What the audit log says of work that no request asked for at that moment: of the operator, or in the background.

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::{AuditContext, Principal, TraceContext};

/// The audit context of `operation`, done in the name of `actor`: without a session or an address, in a trace of its own.
pub fn without_request(
    environment: &Environment,
    actor: impl Into<Principal>,
    operation: &'static str,
    activity: ProcessingActivity,
) -> AuditContext {
    AuditContext {
        actor: actor.into(),
        session: None,
        support: None,
        address: String::new(),
        trace: TraceContext { trace_id: environment.bytes(), span_id: environment.bytes() },
        operation,
        activity,
    }
}
