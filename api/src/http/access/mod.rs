//! The guard of everything that needs a login: which part, which action, for which purpose.
//!
//! A handler that begins with `Access<part::Pupils, action::Read, activity::AdministerPupils>` is reached only
//! by an actor who has that permission, in a session or with an API token that counts at this moment. Every request
//! passes through [`Access::establish`](Guard::establish), from top to bottom: who asks, what the audit log says of it,
//! whether they have the right, the record of it, and whether anything has to be put in order first.

mod caller;
mod permission_types;

use std::marker::PhantomData;

use actix_web::{HttpMessage, HttpRequest, web};
use groeilijn_domain::access::admission::{NotAdmitted, admit, admit_institution};
use groeilijn_domain::access::{Action, Part, Rights, Scope};
use groeilijn_domain::audit::entry::ActorKind;
use groeilijn_domain::institutions::service::Service;
use groeilijn_domain::values::ids::{InstitutionId, SessionId};
use groeilijn_persistence::access::session::StoredSession;
use groeilijn_persistence::{Actor, AuditContext, Cost, Error, Platform, Principal, Tenant, TraceContext};

use self::caller::Caller;
use super::client_address;
use super::endpoint::Operation;
use super::guard::{Activity, Guard, Needs};
use super::input::shared;
use super::problem::Problem;
use super::problem_kind::ProblemKind;
use crate::state::AppState;

pub use permission_types::{IsAction, IsPart, action, part};

/// An actor who may do `A` with `P`, for the purpose `V`.
pub struct Access<P, A, V> {
    caller: Caller,
    context: AuditContext,
    scope: Scope,
    state: web::Data<AppState>,
    right: PhantomData<(P, A, V)>,
}

impl<P: IsPart, A: IsAction, V: Activity> Guard for Access<P, A, V> {
    fn needs() -> Needs {
        Needs { permission: Some((P::VALUE, A::VALUE)), activity: V::ACTIVITY }
    }

    async fn establish(request: &HttpRequest) -> Result<Self, Problem> {
        let state = shared::<AppState>(request)?.clone();
        let now = state.environment().now();
        let caller = Caller::authenticate(request, &state, now).await?;
        let context = AuditContext {
            support: caller.support_context(),
            ..context(request, &state, Self::needs(), caller.principal(), caller.session_id())
        };
        let permitted = caller.permitted(P::VALUE, A::VALUE, now);
        record(&state, &context, permitted.is_ok()).await?;
        let scope = permitted?;
        admit(&caller.standing(), P::VALUE, A::VALUE, now).map_err(not_admitted)?;
        Ok(Self { caller, context, scope, state, right: PhantomData })
    }
}

impl<P, A, V> Access<P, A, V> {
    /// The institution that the caller acts in; `None` for the processor's own staff.
    pub fn institution(&self) -> Option<InstitutionId> {
        self.caller.principal().institution()
    }

    /// Who acts.
    pub fn principal(&self) -> Principal {
        self.caller.principal()
    }

    /// Whether the caller may read what another part has, too, at least as far as this permission reaches; not before what has
    /// to be put in order for it is.
    pub fn reads_as_far(&self, part: Part) -> bool {
        let now = self.state.environment().now();
        let admitted = admit(&self.caller.standing(), part, Action::Read, now).is_ok();
        admitted && self.rights().scope(part, Action::Read).is_some_and(|scope| scope >= self.scope)
    }

    /// The account that acts.
    ///
    /// # Errors
    /// As [`Self::session`].
    pub fn actor(&self) -> Result<Actor, Problem> {
        Ok(self.session()?.actor)
    }

    /// The session.
    ///
    /// # Errors
    /// 403 for an API token, which has no account. What a token may ask as well uses [`Self::session_id`].
    pub fn session(&self) -> Result<&StoredSession, Problem> {
        self.caller.session().ok_or_else(|| Problem::of(ProblemKind::Forbidden))
    }

    /// The session's id; `None` for an API token.
    pub fn session_id(&self) -> Option<SessionId> {
        self.caller.session_id()
    }

    /// Everything that the caller may do.
    pub fn rights(&self) -> &Rights {
        self.caller.rights()
    }

    /// How far the permission reaches.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// What every handler shares.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// The data of the actor's institution.
    ///
    /// # Errors
    /// 404 for an actor who belongs to none.
    pub fn tenant(&self) -> Result<Tenant, Problem> {
        Ok(self.state.store.tenant(self.context.clone(), self.scope)?)
    }

    /// That the processor's staff may do anything for this institution: look into it, or propose something to it; by an
    /// optional service if it is one. Whether there is such an institution is for the operation to say.
    ///
    /// # Errors
    /// 403 `no-active-licence`, `terms-not-accepted` (C004) or `not-in-licence` (C041).
    pub async fn require_admitted(
        &self,
        institution: InstitutionId,
        service: Option<Service>,
    ) -> Result<(), Problem> {
        let found = self.platform().read(Cost::Rows, move |reader| reader.licence_of(institution)).await;
        let stored = match found {
            Ok(stored) => stored,
            Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let now = self.state.environment().now();
        admit_institution(&stored.facts(), service, now).map_err(not_admitted)
    }

    /// What the audit log says of this request.
    pub fn audit_context(&self) -> AuditContext {
        self.context.clone()
    }

    /// What belongs to no institution.
    pub fn platform(&self) -> Platform {
        self.state.store.platform(self.context.clone())
    }
}

/// What the audit log says of a request.
pub fn context(
    request: &HttpRequest,
    state: &AppState,
    needs: Needs,
    actor: impl Into<Principal>,
    session: Option<SessionId>,
) -> AuditContext {
    let trace = request.extensions().get::<TraceContext>().copied();
    AuditContext {
        actor: actor.into(),
        session,
        support: None,
        address: client_address::of(request, &state.trusted_proxies),
        trace: trace.unwrap_or(TraceContext { trace_id: [0; 16], span_id: [0; 8] }),
        operation: Operation::of(request).map_or("unknown", |operation| operation.name),
        activity: needs.activity,
    }
}

/// Puts a request on record before anything is done: one that is not permitted, and every one in a support session
/// (C048). The institution has it in its log when the caller acts in one; the platform has what was refused to the
/// processor's staff in its own, too.
async fn record(state: &AppState, context: &AuditContext, permitted: bool) -> Result<(), Problem> {
    let acts_in_institution = context.actor.institution().is_some();
    if acts_in_institution && !permitted {
        state.store.tenant(context.clone(), Scope::Institution)?.record_denied().await?;
    }
    if permitted && context.support.is_some() {
        state.store.tenant(context.clone(), Scope::Institution)?.record_support().await?;
    }
    if !permitted && context.actor.kind() == ActorKind::PlatformUser {
        state.store.platform(context.clone()).record_denied().await?;
    }
    Ok(())
}

/// The reply to a caller who has the right, but has to put something in order first.
fn not_admitted(reason: NotAdmitted) -> Problem {
    match reason {
        NotAdmitted::PasswordExpired => Problem::of(ProblemKind::PasswordChangeRequired),
        NotAdmitted::SecondFactorMissing => Problem::of(ProblemKind::SecondFactorSetupRequired),
        NotAdmitted::AddressDue => Problem::of(ProblemKind::EmailChangeRequired),
        NotAdmitted::NoLicence(refusal) => Problem {
            code: Some(refusal.code()),
            ..Problem::new(ProblemKind::NoActiveLicence, refusal.to_string())
        },
        NotAdmitted::NotInLicence(service) => {
            let service = service.code();
            let detail =
                format!("The institution's licence does not include the optional service `{service}`.");
            Problem::new(ProblemKind::NotInLicence, detail)
        }
        NotAdmitted::TermsNotAccepted => Problem::of(ProblemKind::TermsNotAccepted),
    }
}
