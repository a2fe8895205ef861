//! Authentication: who sends a request, by the access token of a session or by an API token.

use actix_web::HttpRequest;
use actix_web::http::header;
use groeilijn_domain::access::admission::Standing;
use groeilijn_domain::access::api_token::is_api_token;
use groeilijn_domain::access::{Action, Part, Rights, Scope};
use groeilijn_domain::institutions::licence_state::Who;
use groeilijn_domain::institutions::service::Service;
use groeilijn_domain::values::ids::SessionId;
use groeilijn_domain::values::network::admits_text;
use groeilijn_persistence::access::api_token::ApiTokenInUse;
use groeilijn_persistence::access::session::StoredSession;
use groeilijn_persistence::{Error, Principal, SupportContext};
use jiff::Timestamp;

use crate::http::client_address;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::secret::Secret;
use crate::state::AppState;

/// Who sends a request, known by the token in `Authorization: Bearer …`.
#[allow(clippy::large_enum_variant, reason = "nearly every caller is the larger one")]
pub(super) enum Caller {
    /// Somebody who is logged in.
    Session(StoredSession),
    /// A program or an auditor.
    ApiToken(ApiTokenInUse),
}

impl Caller {
    /// Authenticates the sender of a request at the moment `now`, and notes that they were active.
    ///
    /// # Errors
    /// 401, the same for a token that is not valid and for one that is not valid on this network.
    pub(super) async fn authenticate(
        request: &HttpRequest,
        state: &AppState,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let unauthenticated = || Problem::of(ProblemKind::Unauthenticated);
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
    pub(super) fn principal(&self) -> Principal {
        match self {
            Self::Session(session) => session.actor.into(),
            Self::ApiToken(token) => token.principal(),
        }
    }

    /// The session; `None` for an API token.
    pub(super) fn session(&self) -> Option<&StoredSession> {
        match self {
            Self::Session(session) => Some(session),
            Self::ApiToken(_) => None,
        }
    }

    /// The session's id; `None` for an API token.
    pub(super) fn session_id(&self) -> Option<SessionId> {
        self.session().map(|session| session.id)
    }

    /// What they may do.
    pub(super) fn rights(&self) -> &Rights {
        match self {
            Self::Session(session) => &session.rights,
            Self::ApiToken(token) => &token.rights,
        }
    }

    /// How far they may take an action on a part at the moment `now`. In a support session nothing is permitted once
    /// what it rests on has ended (C012, C101).
    ///
    /// # Errors
    /// 403 when they may not at all.
    pub(super) fn permitted(&self, part: Part, action: Action, now: Timestamp) -> Result<Scope, Problem> {
        if let Some(session) = self.session() {
            session.check_basis(now).map_err(Error::Forbidden)?;
        }
        self.rights().scope(part, action).ok_or_else(|| Problem::of(ProblemKind::Forbidden))
    }

    /// What the audit log says of a request in a support session.
    pub(super) fn support_context(&self) -> Option<SupportContext> {
        self.session().and_then(StoredSession::support_context)
    }

    /// What has to be in order before they can use their rights.
    pub(super) fn standing(&self) -> Standing<'_> {
        match self {
            Self::Session(session) => Standing {
                login: Some(session.login),
                who: Who::of(Some(session.actor.role)),
                licence: session.licence.as_ref(),
                asks_by: session.support.as_ref().and_then(|support| support.basis.ground().service()),
            },
            Self::ApiToken(token) => Standing {
                login: None,
                who: Who::Others,
                licence: Some(&token.licence),
                asks_by: Some(Service::ApiTokens),
            },
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
        limits.all(|networks| admits_text(networks, &client_address::of(request, &state.trusted_proxies)))
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
    // With two of them, a proxy on the way may have checked the other one.
    let only = sent.next().filter(|_| sent.next().is_none())?;
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim_start())
}
