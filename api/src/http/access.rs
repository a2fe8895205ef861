//! The guard of everything that needs a login: which part, which action, for which purpose.
//!
//! A handler that begins with `Access<part::Pupils, action::Read, activity::AdministerPupils>` is reached only
//! by an actor whose role has that permission, in a session that counts at this moment.

use std::marker::PhantomData;

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, web};
use groeilijn_domain::access::{Action, Part, Scope};
use groeilijn_domain::calendar::amsterdam_date;
use groeilijn_domain::ids::SessionId;
use groeilijn_persistence::session::StoredSession;
use groeilijn_persistence::{Actor, AuditContext, Error, Platform, Tenant, TraceContext};
use jiff::Timestamp;

use super::client_address;
use super::endpoint::Operation;
use super::guard::{Activity, Guard, Needs};
use super::problem::Problem;
use super::problem_kind::ProblemKind;
use crate::login::is_admitted_from;
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
    session: StoredSession,
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
        let session = live_session(request, &state).await?;
        let context = AuditContext {
            support: session.support_context(),
            ..context(request, &state, Self::needs(), session.actor, Some(session.id))
        };
        let scope = match permitted(&session, P::VALUE, A::VALUE, state.environment().now()) {
            Ok(scope) => scope,
            Err(refused) => {
                record_denied(&state, context).await?;
                return Err(refused);
            }
        };
        record_support(&state, &context).await?;
        if P::VALUE != Part::Credentials {
            require_valid_password(&session, &state)?;
            require_second_factor(&session)?;
            require_licence(&session, &state)?;
        }
        if !comes_before_terms(P::VALUE) && !session.terms_accepted {
            return Err(Problem::of(ProblemKind::TermsNotAccepted));
        }
        Ok(Self { session, context, scope, state, right: PhantomData })
    }
}

impl<P, A, V> Access<P, A, V> {
    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.session.actor
    }

    /// The session.
    pub fn session(&self) -> &StoredSession {
        &self.session
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
    actor: Actor,
    session: Option<SessionId>,
) -> AuditContext {
    let trace = request.extensions().get::<TraceContext>().copied();
    AuditContext {
        actor,
        session,
        support: None,
        address: client_address::of(request, &state.trusted_proxies),
        trace: trace.unwrap_or(TraceContext { trace_id: [0; 16], span_id: [0; 8] }),
        operation: Operation::of(request).map_or("unknown", |operation| operation.name),
        activity: needs.activity,
    }
}

/// How far a session reaches for an action on a part. What a support session rests on is looked at first: without it
/// nothing is permitted (C012, C101).
fn permitted(session: &StoredSession, part: Part, action: Action, now: Timestamp) -> Result<Scope, Problem> {
    session.check_basis(now).map_err(Error::Forbidden)?;
    session.rights.scope(part, action).ok_or_else(|| Problem::of(ProblemKind::Forbidden))
}

async fn live_session(request: &HttpRequest, state: &AppState) -> Result<StoredSession, Problem> {
    let unauthenticated = || Problem::of(ProblemKind::Unauthenticated);
    let now = state.environment().now();
    let token = bearer_token(request).ok_or_else(unauthenticated)?;
    let (id, account) = state.tokens.verify(token, now).ok_or_else(unauthenticated)?;
    let session = state.store.session(id).await?.ok_or_else(unauthenticated)?;
    if session.actor.account != account || !session.is_open(now) {
        return Err(unauthenticated());
    }
    if !session.networks.is_empty() {
        let address = client_address::of(request, &state.trusted_proxies);
        if !is_admitted_from(&session.networks, &address) {
            return Err(unauthenticated());
        }
    }
    state.store.note_activity(id, now);
    Ok(session)
}

fn bearer_token(request: &HttpRequest) -> Option<&str> {
    let mut sent = request.headers().get_all(header::AUTHORIZATION);
    // Of two, something on the way may have looked at the other one.
    let only = sent.next().filter(|_| sent.next().is_none())?;
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim_start())
}

/// What there is before the licence terms were accepted: enough to read and accept them (C004).
const fn comes_before_terms(part: Part) -> bool {
    matches!(part, Part::Credentials | Part::Account | Part::Licences | Part::Institutions)
}

/// With an expired password nothing can be done but choosing another one (C059).
fn require_valid_password(session: &StoredSession, state: &AppState) -> Result<(), Problem> {
    if session.must_change_password(state.environment().now()) {
        return Err(Problem::of(ProblemKind::PasswordChangeRequired));
    }
    Ok(())
}

/// An account that needs a second factor can do nothing but set it up until it has one in use.
fn require_second_factor(session: &StoredSession) -> Result<(), Problem> {
    if session.must_set_up_second_factor() {
        return Err(Problem::of(ProblemKind::SecondFactorSetupRequired));
    }
    Ok(())
}

/// Without an active licence nothing is asked (C004). The processor's own accounts need none.
fn require_licence(session: &StoredSession, state: &AppState) -> Result<(), Problem> {
    let Some(licence) = &session.licence else { return Ok(()) };
    licence
        .admits(amsterdam_date(state.environment().now()))
        .map_err(|refusal| Problem::new(ProblemKind::NoActiveLicence, refusal.to_string()))
}

/// Everything that is asked in a support session is on record with the institution, before it is done (C048).
async fn record_support(state: &AppState, context: &AuditContext) -> Result<(), Problem> {
    if context.support.is_some() {
        state.store.tenant(context.clone(), Scope::Institution)?.record_support().await?;
    }
    Ok(())
}

async fn record_denied(state: &AppState, context: AuditContext) -> Result<(), Problem> {
    if context.actor.institution.is_some() {
        let scope = Scope::Institution;
        state.store.tenant(context, scope)?.record_denied().await?;
    }
    Ok(())
}
