//! API tokens: with which auditors and programs of the institution ask, without logging in.

use actix_web::HttpRequest;
use groeilijn_domain::access::api_token::{ApiTokenFields, ApiTokenKind, scopes};
use groeilijn_domain::access::second_factor::LoginCode;
use groeilijn_domain::access::{Action, Part};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{ApiTokenId, UserId};
use groeilijn_domain::values::network::Network;
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::Cost;
use groeilijn_persistence::access::api_token::StoredApiToken;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::guard::activity::AdministerAccess;
use crate::http::own_password::check_own_password;
use crate::http::page::Page;
use crate::http::password_field::TriedPassword;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::secret::Secret;
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on API tokens.
    pub fn endpoints;

    /// List the API tokens
    ///
    /// The institution's tokens in the order in which they were made, with those that have expired or were revoked.
    GET "/api-tokens" => list_api_tokens: "A page of tokens.";

    /// Make an API token
    ///
    /// For an auditor, or for a program of the institution. The token is in this reply and nowhere else; it cannot log in.
    /// It does no more than its maker may at the moment, and nothing when she is blocked or has left (C067). It asks for the
    /// maker's password, and for a code if she has a second factor. It takes no `Idempotency-Key`: revoke a token that got
    /// lost.
    POST "/api-tokens" => create_api_token: "The token was made."
        .refusing(&[ProblemKind::Unauthenticated, ProblemKind::TooManyRequests]);

    /// Read an API token
    ///
    /// What a token may do, until when, and when it was last used.
    GET "/api-tokens/{apiTokenId}" => read_api_token: "The token.";

    /// Revoke an API token
    ///
    /// It is refused from the next request on. It stays in the list.
    DELETE "/api-tokens/{apiTokenId}" => revoke_api_token: "The token counts no longer.";
}

request_body! {
    /// A token to be made.
    pub struct ApiTokenCreation {
        /// What people know it by, such as the program that uses it. For telling tokens apart.
        name: Label,
        /// What it is for. An auditor's token reads evidence and never anything about a child.
        kind: ApiTokenKind,
        /// What it may do: what suits its kind, and no more than its maker may.
        scopes: Vec<ApiTokenScopeCreation>,
        /// The last day on which it counts, in Amsterdam; at most a year from today.
        expires_on: Date,
        /// The networks that it is used from; any when there are none. Those of the institution hold besides (C065).
        networks: Option<Vec<Network>>,
        /// The present password of its maker: whoever finds her session open makes no token. A wrong one counts as a
        /// wrong login does (C060).
        current_password: TriedPassword,
        /// A code of her second factor, if she has one.
        code: Option<LoginCode>,
    }

    example {
        "name": "Jaarlijkse controle",
        "kind": "auditor",
        "scopes": [{"part": "users", "actions": ["read"]}],
        "expiresOn": "2027-06-30",
        "currentPassword": "Een-goed-wachtwoord-1",
    }
}

request_body! {
    /// What a token may do with one part.
    pub struct ApiTokenScopeCreation {
        /// The part.
        part: Part,
        /// What it may do with it.
        actions: Vec<Action>,
    }
}

reply_body! {
    /// What a token may do with one part, in the whole institution.
    pub struct ApiTokenScope {
        /// The part.
        part: Part,
        /// What it may do with it.
        actions: Vec<Action>,
    }
}

reply_body! {
    /// A token with which an auditor or a program asks. The token itself is shown to nobody any more.
    pub struct ApiToken {
        /// The token's id; in the audit log it is the actor.
        id: ApiTokenId,
        /// What people know it by.
        name: Label,
        /// What it is for.
        kind: ApiTokenKind,
        /// What it may do.
        scopes: Vec<ApiTokenScope>,
        /// The last day on which it counts, in Amsterdam.
        expires_on: Date,
        /// The networks that it is used from; any when there are none.
        networks: Vec<Network>,
        /// The user who made it.
        created_by: UserId,
        /// When it was made, in UTC.
        created_at: Timestamp,
        /// When something was last asked with it, in UTC, give or take a minute; null when it was never used.
        last_used_at: Option<Timestamp>,
        /// When it was revoked, in UTC; null when it was not.
        revoked_at: Option<Timestamp>,
    }
}

reply_body! {
    /// A new token.
    pub struct IssuedApiToken {
        /// What is known of it.
        api_token: ApiToken,
        /// The token, for `Authorization: Bearer …`. It is shown this once and kept nowhere. As secret as a password.
        token: String,
    }
}

impl From<StoredApiToken> for ApiToken {
    fn from(stored: StoredApiToken) -> Self {
        let fields = stored.fields;
        let scopes = fields.scopes.into_iter();
        Self {
            id: stored.id,
            name: fields.name,
            kind: fields.kind,
            scopes: scopes
                .map(|(part, actions)| ApiTokenScope { part, actions: actions.into_iter().collect() })
                .collect(),
            expires_on: fields.expires_on,
            networks: fields.networks,
            created_by: stored.created_by,
            created_at: stored.created_at,
            last_used_at: stored.last_used_at,
            revoked_at: stored.revoked_at,
        }
    }
}

query_params! {
    pub struct ListApiTokens {
        /// How many tokens one page has.
        page: Page<ApiTokenId>,
    }
}

async fn list_api_tokens(
    access: Access<part::ApiTokens, action::Read, AdministerAccess>,
    query: ListApiTokens,
) -> Result<Listed<ApiToken>, Problem> {
    let ListApiTokens { page } = query;
    let found =
        access.tenant()?.read(Cost::Scan, move |reader| reader.api_tokens(page.after, page.rows)).await?;
    page.reply(found, |token| token.id, ApiToken::from)
}

async fn create_api_token(
    access: Access<part::ApiTokens, action::Create, AdministerAccess>,
    request: HttpRequest,
    JsonBody(body, _): JsonBody<ApiTokenCreation>,
) -> Result<Created<IssuedApiToken>, Problem> {
    let tenant = access.tenant()?;
    let today = amsterdam_date(tenant.environment().now());
    let named = body.scopes.into_iter().map(|ApiTokenScopeCreation { part, actions }| (part, actions));
    let scopes = scopes(body.kind, named, body.expires_on, access.rights(), today)?;
    let shown = SecondFactorCheck::IfInUse(body.code);
    check_own_password(&access, &request, body.current_password, shown).await?;
    let fields = ApiTokenFields {
        name: body.name,
        kind: body.kind,
        scopes,
        expires_on: body.expires_on,
        networks: body.networks.unwrap_or_default(),
    };
    let id = ApiTokenId::from_uuid(tenant.environment().uuid());
    let secret = Secret::new(tenant.environment());
    let hash = secret.hash();
    let made = tenant.write(move |writer| writer.create_api_token(id, &hash, &fields)).await?;
    let body = IssuedApiToken { api_token: made.into(), token: secret.api_token() };
    reply::created(&format!("/v1/api-tokens/{id}"), &body, 1)
}

async fn read_api_token(
    access: Access<part::ApiTokens, action::Read, AdministerAccess>,
    PathId(id): PathId<ApiTokenId>,
) -> Result<Shown<ApiToken>, Problem> {
    let token = access.tenant()?.read(Cost::Rows, move |reader| reader.api_token(id)).await?;
    reply::view(&ApiToken::from(token))
}

async fn revoke_api_token(
    access: Access<part::ApiTokens, action::Delete, AdministerAccess>,
    PathId(id): PathId<ApiTokenId>,
) -> Result<NoContent, Problem> {
    access.tenant()?.write(move |writer| writer.revoke_api_token(id)).await?;
    Ok(NoContent)
}
