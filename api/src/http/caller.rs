//! On what ground somebody is let in: a session that counts, or an API token that does.

use actix_web::HttpRequest;
use actix_web::http::header;
use groeilijn_domain::access::api_token::is_api_token;
use groeilijn_domain::access::{Action, Part, Rights, Scope};
use groeilijn_domain::institutions::licence::Licence;
use groeilijn_persistence::access::api_token::ApiTokenInUse;
use groeilijn_persistence::access::session::StoredSession;
use groeilijn_persistence::{Error, Principal, SupportContext};
use jiff::Timestamp;

use super::client_address;
use super::problem::Problem;
use super::problem_kind::ProblemKind;
use crate::login::is_admitted_from;
use crate::secret::Secret;
use crate::state::AppState;

/// Who asks, let in by what they sent in `Authorization: Bearer …`.
#[allow(clippy::large_enum_variant, reason = "nearly every caller is the larger one")]
pub enum Caller {
    /// Somebody who is logged in.
    Session(StoredSession),
    /// A program or an auditor.
    ApiToken(ApiTokenInUse),
}

impl Caller {
    /// Who sends a request.
    ///
    /// # Errors
    /// 401, the same for every token that does not count, and for one that counts elsewhere.
    pub async fn of(request: &HttpRequest, state: &AppState) -> Result<Self, Problem> {
        let unauthenticated = || Problem::of(ProblemKind::Unauthenticated);
        let now = state.environment().now();
        let token = bearer_token(request).ok_or_else(unauthenticated)?;
        let found = if is_api_token(token) {
            by_api_token(state, token).await?
        } else {
            by_access_token(state, token, now).await?
        };
        let caller = found.ok_or_else(unauthenticated)?;
        if !caller.is_open(now) || !caller.is_admitted(request, state) {
            return Err(unauthenticated());
        }
        caller.note_use(state, now);
        Ok(caller)
    }

    /// Who acts.
    pub fn principal(&self) -> Principal {
        match self {
            Self::Session(session) => session.actor.into(),
            Self::ApiToken(token) => token.principal(),
        }
    }

    /// The session, of who is logged in.
    pub fn session(&self) -> Option<&StoredSession> {
        match self {
            Self::Session(session) => Some(session),
            Self::ApiToken(_) => None,
        }
    }

    /// What they may do.
    pub fn rights(&self) -> &Rights {
        match self {
            Self::Session(session) => &session.rights,
            Self::ApiToken(token) => &token.rights,
        }
    }

    /// How far they may take an action on a part. What a support session rests on is looked at first: without it
    /// nothing is permitted (C012, C101).
    ///
    /// # Errors
    /// 403 when they may not at all.
    pub fn permitted(&self, part: Part, action: Action, now: Timestamp) -> Result<Scope, Problem> {
        if let Some(session) = self.session() {
            session.check_basis(now).map_err(Error::Forbidden)?;
        }
        self.rights().scope(part, action).ok_or_else(|| Problem::of(ProblemKind::Forbidden))
    }

    /// What the audit log says of a request in a support session.
    pub fn support_context(&self) -> Option<SupportContext> {
        self.session().and_then(StoredSession::support_context)
    }

    /// The licence of their institution; none for the processor's own staff.
    pub fn licence(&self) -> Option<&Licence> {
        match self {
            Self::Session(session) => session.licence.as_ref(),
            Self::ApiToken(token) => Some(&token.licence),
        }
    }

    /// Whether a password has to be replaced first (C059).
    pub fn must_change_password(&self, now: Timestamp) -> bool {
        self.session().is_some_and(|session| session.must_change_password(now))
    }

    /// Whether a second factor has to be set up first.
    pub fn must_set_up_second_factor(&self) -> bool {
        self.session().is_some_and(StoredSession::must_set_up_second_factor)
    }

    /// Whether the terms of the licence were accepted for their institution (C004).
    pub fn has_accepted_terms(&self) -> bool {
        match self {
            Self::Session(session) => session.terms_accepted,
            Self::ApiToken(token) => token.terms_accepted,
        }
    }

    fn is_open(&self, now: Timestamp) -> bool {
        match self {
            Self::Session(session) => session.is_open(now),
            Self::ApiToken(token) => token.facts.is_live(now),
        }
    }

    /// Whether a request comes from the networks that it has to come from (C065).
    fn is_admitted(&self, request: &HttpRequest, state: &AppState) -> bool {
        let lists = match self {
            Self::Session(session) => [Some(&session.networks), None],
            Self::ApiToken(token) => [Some(&token.networks), Some(&token.institution_networks)],
        };
        let mut limits = lists.into_iter().flatten().filter(|networks| !networks.is_empty());
        limits
            .all(|networks| is_admitted_from(networks, &client_address::of(request, &state.trusted_proxies)))
    }

    fn note_use(&self, state: &AppState, now: Timestamp) {
        match self {
            Self::Session(session) => state.store.note_session_use(session.id, now),
            Self::ApiToken(token) => state.store.note_api_token_use(token.id, now),
        }
    }
}

async fn by_access_token(state: &AppState, token: &str, now: Timestamp) -> Result<Option<Caller>, Problem> {
    let Some((id, account)) = state.tokens.verify(token, now) else { return Ok(None) };
    let session = state.store.session(id).await?;
    Ok(session.filter(|session| session.actor.account == account).map(Caller::Session))
}

async fn by_api_token(state: &AppState, token: &str) -> Result<Option<Caller>, Problem> {
    let Some(secret) = Secret::parse_api_token(token) else { return Ok(None) };
    Ok(state.store.api_token(secret.hash()).await?.map(Caller::ApiToken))
}

fn bearer_token(request: &HttpRequest) -> Option<&str> {
    let mut sent = request.headers().get_all(header::AUTHORIZATION);
    // Of two, something on the way may have looked at the other one.
    let only = sent.next().filter(|_| sent.next().is_none())?;
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim_start())
}
