//! What an audit entry says of the request that it was made in.

use std::collections::HashSet;

use groeilijn_domain::access::principal::{Actor, Principal, SupportContext};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::SessionId;
use uuid::Uuid;

use crate::error::{Error, Result};

/// The trace that a request is part of (W3C Trace Context).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The whole trace.
    pub trace_id: [u8; 16],
    /// This request in it.
    pub span_id: [u8; 8],
}

/// What an audit entry says of the request it was made in.
#[derive(Debug, Clone)]
pub struct AuditContext {
    /// Who asked.
    pub actor: Principal,
    /// In which session.
    pub session: Option<SessionId>,
    /// In which support session, if it is one.
    pub support: Option<SupportContext>,
    /// From which network address.
    pub address: String,
    /// In which trace.
    pub trace: TraceContext,
    /// Which operation, by its operationId.
    pub operation: &'static str,
    /// For which purpose (C036).
    pub activity: ProcessingActivity,
}

impl AuditContext {
    /// Who asked, with an account: for what only a person does.
    ///
    /// # Errors
    /// [`Error::Internal`] for a token and for the service itself: no right of theirs leads here.
    pub fn acting(&self) -> Result<Actor> {
        let only_a_person = || Error::internal(format_args!("{:?} does what a person does", self.actor));
        self.actor.as_actor().ok_or_else(only_a_person)
    }

    /// What a request touched, each thing once, preceded by the support session that it was made in, so that each
    /// entry of one names it.
    pub fn with_support(&self, mut touched: Vec<(ObjectKind, Uuid)>) -> Vec<(ObjectKind, Uuid)> {
        if let Some(support) = self.support {
            touched.insert(0, (ObjectKind::SupportSession, support.session.as_uuid()));
        }
        if touched.len() > 1 {
            let mut named = HashSet::with_capacity(touched.len());
            touched.retain(|object| named.insert(*object));
        }
        touched
    }
}
