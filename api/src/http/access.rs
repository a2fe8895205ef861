//! The guard of everything that needs a login: which part, which action, for which purpose.
//!
//! A handler that begins with `Access<part::Pupils, action::Read, activity::AdministerPupils>` is reached only
//! by an actor who has that permission, in a session or with an API token that counts at this moment.

use std::marker::PhantomData;

use actix_web::{HttpMessage, HttpRequest, web};
use groeilijn_domain::access::{Action, Part, Rights, Scope};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{InstitutionId, SessionId};
use groeilijn_persistence::access::session::StoredSession;
use groeilijn_persistence::{Actor, AuditContext, Platform, Principal, Tenant, TraceContext};

use super::caller::Caller;
use super::client_address;
use super::endpoint::Operation;
use super::guard::{Activity, Guard, Needs};
use super::problem::Problem;
use super::problem_kind::ProblemKind;
use crate::state::AppState;

macro_rules! types_of {
    ($(#[doc = $doc:literal])* $module:ident $trait:ident $list:ident: $($name:ident)*) => {
        $(#[doc = $doc])*
        pub trait $trait: 'static {
            /// The member of the list.
            const VALUE: $list;
        }

        #[doc = concat!("The members of [`", stringify!($list), "`] as types.")]
        pub mod $module {
            use super::{$list, $trait};

            $(
                #[doc = concat!("[`", stringify!($list), "::", stringify!($name), "`] as a type.")]
                #[derive(Debug)]
                pub enum $name {}

                impl $trait for $name {
                    const VALUE: $list = $list::$name;
                }
            )*
        }
    };
}

types_of! {
    /// A part of the system as a type.
    part IsPart Part:
    Institutions Licences Users Groups Pupils Notes Registrations Overviews Imports Frameworks Account Credentials
    SecurityEvents ApiTokens SupportConsents SupportSessions SupportView Contacts Couplings ProcessorStaff
}

types_of! {
    /// An action as a type.
    action IsAction Action:
    Read Create Change Delete Export
}

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
        let state = state(request)?;
        let caller = Caller::of(request, &state).await?;
        let session = caller.session().map(|session| session.id);
        let context = AuditContext {
            support: caller.support_context(),
            ..context(request, &state, Self::needs(), caller.principal(), session)
        };
        let scope = match caller.permitted(P::VALUE, A::VALUE, state.environment().now()) {
            Ok(scope) => scope,
            Err(refused) => {
                record_denied(&state, context).await?;
                return Err(refused);
            }
        };
        record_support(&state, &context).await?;
        if !is_always_possible(P::VALUE, A::VALUE) {
            require_valid_password(&caller, &state)?;
            require_second_factor(&caller)?;
            require_licence(&caller, &state)?;
            require_terms(&caller, P::VALUE)?;
        }
        Ok(Self { caller, context, scope, state, right: PhantomData })
    }
}

impl<P, A, V> Access<P, A, V> {
    /// The institution of whoever acts; `None` for the processor's own staff.
    pub fn institution(&self) -> Option<InstitutionId> {
        self.caller.principal().institution()
    }

    /// Who acts, with an account.
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
        self.caller.session().map(|session| session.id)
    }

    /// Everything that whoever acts may do.
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

    /// What the audit log says of this request.
    pub fn audit_context(&self) -> AuditContext {
        self.context.clone()
    }

    /// What belongs to no institution.
    pub fn platform(&self) -> Platform {
        self.state.store.platform(self.context.clone())
    }
}

/// The shared state of a request.
///
/// # Errors
/// 500 when the application was put together without it.
pub fn state(request: &HttpRequest) -> Result<web::Data<AppState>, Problem> {
    request
        .app_data::<web::Data<AppState>>()
        .cloned()
        .ok_or_else(|| Problem::internal("no application state"))
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

/// What nothing keeps anybody from: logging out, choosing another password, and taking back what one allowed (C012).
const fn is_always_possible(part: Part, action: Action) -> bool {
    matches!((part, action), (Part::Credentials, _) | (Part::SupportConsents, Action::Delete))
}

/// With an expired password nothing can be done but choosing another one (C059).
fn require_valid_password(caller: &Caller, state: &AppState) -> Result<(), Problem> {
    if caller.must_change_password(state.environment().now()) {
        return Err(Problem::of(ProblemKind::PasswordChangeRequired));
    }
    Ok(())
}

/// An account that needs a second factor can do nothing but set it up until it has one in use.
fn require_second_factor(caller: &Caller) -> Result<(), Problem> {
    if caller.must_set_up_second_factor() {
        return Err(Problem::of(ProblemKind::SecondFactorSetupRequired));
    }
    Ok(())
}

/// Without an active licence nothing is asked (C004). The processor's own accounts need none.
fn require_licence(caller: &Caller, state: &AppState) -> Result<(), Problem> {
    let Some(licence) = caller.licence() else { return Ok(()) };
    licence
        .admits(amsterdam_date(state.environment().now()))
        .map_err(|refusal| Problem::new(ProblemKind::NoActiveLicence, refusal.to_string()))
}

/// Before the licence terms were accepted there is only enough to read and accept them (C004).
fn require_terms(caller: &Caller, part: Part) -> Result<(), Problem> {
    let comes_before = matches!(part, Part::Account | Part::Licences | Part::Institutions);
    if comes_before || caller.has_accepted_terms() {
        return Ok(());
    }
    Err(Problem::of(ProblemKind::TermsNotAccepted))
}

/// Everything that is asked in a support session is on record with the institution, before it is done (C048).
async fn record_support(state: &AppState, context: &AuditContext) -> Result<(), Problem> {
    if context.support.is_some() {
        state.store.tenant(context.clone(), Scope::Institution)?.record_support().await?;
    }
    Ok(())
}

async fn record_denied(state: &AppState, context: AuditContext) -> Result<(), Problem> {
    if context.actor.institution().is_some() {
        let scope = Scope::Institution;
        state.store.tenant(context, scope)?.record_denied().await?;
    }
    Ok(())
}
