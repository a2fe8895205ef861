//! API tokens: with which auditors and programs of the institution ask, without logging in.

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::access::api_token::{
    ApiTokenFields, ApiTokenKind, ApiTokenScopes, check_expiry, check_scope,
};
use groeilijn_domain::access::second_factor::LoginCode;
use groeilijn_domain::access::{Action, Part, Rights};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{ApiTokenId, UserId};
use groeilijn_domain::values::network::Network;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::access::api_token::StoredApiToken;
use groeilijn_persistence::access::login::TriedAccount;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, delete, get, post};
use crate::http::guard::Guard as _;
use crate::http::guard::activity::AdministerAccess;
use crate::http::password_field::TriedPassword;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::login::check_password;
use crate::secret::Secret;
use crate::{query_params, reply_body, request_body};

/// The operations on API tokens.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listApiTokens", "/api-tokens", list_api_tokens),
        post("createApiToken", "/api-tokens", create_api_token),
        get("readApiToken", "/api-tokens/{apiTokenId}", read_api_token),
        delete("revokeApiToken", "/api-tokens/{apiTokenId}", revoke_api_token),
    ]
}

/// The operations on API tokens as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list_api_tokens, create_api_token, read_api_token, revoke_api_token))]
pub struct Documented;

type MayCreate = Access<part::ApiTokens, action::Create, AdministerAccess>;

request_body! {
    /// A token to be made.
    pub struct NewApiTokenBody {
        /// What people know it by, such as the program that uses it. For telling tokens apart.
        name: Label,
        /// What it is for. An auditor's token reads evidence and never anything about a child.
        kind: ApiTokenKind,
        /// What it may do: what suits its kind, and no more than its maker may.
        scopes: Vec<NewApiTokenScope>,
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
}

request_body! {
    /// What a token may do with one part.
    pub struct NewApiTokenScope {
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
    pub struct NewApiToken {
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

impl NewApiTokenBody {
    /// What the token will be, made on the day `today` by somebody with the rights `giver`; and with what she shows that
    /// it is she.
    fn checked(
        self,
        giver: &Rights,
        today: Date,
    ) -> Result<(ApiTokenFields, TriedPassword, SecondFactorCheck), Error> {
        let (mut scopes, mut refusals) = (ApiTokenScopes::new(), Vec::new());
        if self.scopes.is_empty() {
            let refusal = Refusal::new("empty", "must name at least one part");
            refusals.push(("/scopes".to_owned(), refusal));
        }
        for (index, NewApiTokenScope { part, actions }) in self.scopes.into_iter().enumerate() {
            let actions = actions.into_iter().collect();
            if let Err(refusal) = check_scope(self.kind, part, &actions, giver) {
                refusals.push((format!("/scopes/{index}"), refusal));
            }
            if scopes.insert(part, actions).is_some() {
                let refusal = Refusal::new("repeated", "must not name a part twice");
                refusals.push((format!("/scopes/{index}/part"), refusal));
            }
        }
        if let Err(refusal) = check_expiry(self.expires_on, today) {
            refusals.push(("/expiresOn".to_owned(), refusal));
        }
        if !refusals.is_empty() {
            return Err(Error::Invalid(refusals));
        }
        let fields = ApiTokenFields {
            name: self.name,
            kind: self.kind,
            scopes,
            expires_on: self.expires_on,
            networks: self.networks.unwrap_or_default(),
        };
        Ok((fields, self.current_password, SecondFactorCheck::IfInUse(self.code)))
    }
}

query_params! {
    pub struct ListApiTokens {
        /// How many tokens one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<ApiTokenId>>,
    }
}

/// List the API tokens
///
/// The institution's tokens in the order in which they were made, with those that have expired or were revoked.
#[utoipa::path(get, path = "/api-tokens", tag = "api-tokens", operation_id = "listApiTokens",
    responses((status = 200, description = "A page of tokens.", body = inline(Page<ApiToken>))))]
async fn list_api_tokens(
    access: Access<part::ApiTokens, action::Read, AdministerAccess>,
    request: HttpRequest,
    query: ListApiTokens,
) -> Result<HttpResponse, Problem> {
    let ListApiTokens { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.api_tokens(after, limit.with_one_more()))
        .await?;
    reply::page_by_id(&request, found, limit, |token| token.id.as_uuid(), ApiToken::from)
}

/// Make an API token
///
/// For an auditor, or for a program of the institution. The token is in this reply and nowhere else; it cannot log in.
/// It does no more than its maker may at the moment, and nothing when she is blocked or has left (C067). It asks for the
/// maker's password, and for a code if she has a second factor. It takes no `Idempotency-Key`: revoke a token that got
/// lost.
#[utoipa::path(post, path = "/api-tokens", tag = "api-tokens", operation_id = "createApiToken",
    request_body = NewApiTokenBody,
    responses((status = 201, description = "The token was made.", body = NewApiToken),
        (status = 401, description = "The password or the code is not right, or a code is needed."),
        (status = 429, description = "Too many passwords were wrong.")))]
async fn create_api_token(
    access: MayCreate,
    request: HttpRequest,
    JsonBody(body, _): JsonBody<NewApiTokenBody>,
) -> Result<HttpResponse, Problem> {
    let (state, tenant) = (access.state(), access.tenant()?);
    let (fields, password, shown) =
        body.checked(access.rights(), amsterdam_date(tenant.environment().now()))?;
    let tried = TriedAccount::Account(access.actor()?.account);
    check_password(&request, state, MayCreate::needs(), tried, password.0, shown).await?;
    let id = ApiTokenId::from_uuid(tenant.environment().uuid());
    let secret = Secret::new(tenant.environment());
    let hash = secret.hash();
    let made = tenant.write(move |writer| writer.create_api_token(id, &hash, &fields)).await?;
    let body = NewApiToken { api_token: made.into(), token: secret.api_token() };
    reply::created(&format!("/v1/api-tokens/{id}"), &body, 1)
}

/// Read an API token
///
/// What a token may do, until when, and when it was last used.
#[utoipa::path(get, path = "/api-tokens/{apiTokenId}", tag = "api-tokens", operation_id = "readApiToken",
    responses((status = 200, description = "The token.", body = ApiToken)))]
async fn read_api_token(
    access: Access<part::ApiTokens, action::Read, AdministerAccess>,
    PathId(id): PathId<ApiTokenId>,
) -> Result<HttpResponse, Problem> {
    let token = access.tenant()?.read(Cost::Rows, move |reader| reader.api_token(id)).await?;
    reply::view(&ApiToken::from(token))
}

/// Revoke an API token
///
/// It is refused from the next request on. It stays in the list.
#[utoipa::path(delete, path = "/api-tokens/{apiTokenId}", tag = "api-tokens", operation_id = "revokeApiToken",
    responses((status = 204, description = "The token counts no longer.")))]
async fn revoke_api_token(
    access: Access<part::ApiTokens, action::Delete, AdministerAccess>,
    PathId(id): PathId<ApiTokenId>,
) -> Result<HttpResponse, Problem> {
    access.tenant()?.write(move |writer| writer.revoke_api_token(id)).await?;
    Ok(reply::no_content())
}
