//! Users of an institution: who they are, what they do there and which groups they are given.

pub mod rights;

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::user::UserFields;
use groeilijn_domain::access::{Entitlement, Function};
use groeilijn_domain::institutions::institution::check_own_address;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{GroupId, UserId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::{Infix, NamePart, ShortText};
use groeilijn_persistence::access::user::StoredUser;
use groeilijn_persistence::{Cost, Error, TenantWriter};
use jiff::Timestamp;
use jiff::civil::Date;

use self::rights::{PartRights, RightsOnPart, shown_rights, user_rights};
use super::invitations::{Invitation, invitation};
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{Created, IdempotentCreation, create};
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, get, patch, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerAccess;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::{query_params, reply_body, request_body};

/// The operations on users.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listUsers", "/users", list_users),
        post("createUser", "/users", create_user),
        get("readUser", "/users/{userId}", read_user),
        patch("changeUser", "/users/{userId}", change_user),
        get("listRightChanges", "/users/{userId}/right-changes", rights::list_right_changes),
        get("readPermissionsOfUser", "/users/{userId}/permissions", rights::read_permissions),
        post("inviteUser", "/users/{userId}/invitations", invite_user),
    ]
}

/// The operations on users as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    list_users,
    create_user,
    read_user,
    change_user,
    rights::list_right_changes,
    rights::read_permissions,
    invite_user,
))]
pub struct Documented;

request_body! {
    /// A user to be entered: exactly the fields of the contract (C022), a function and groups.
    pub struct NewUserBody {
        /// First name. For showing colleagues who wrote what; never for anything outside the institution.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// For addressing the user rightly.
        gender: Gender,
        /// The address to log in with, on a domain of the institution (C055); never for marketing.
        email: EmailAddress,
        /// What the user does at the institution (C005); it decides what she may do.
        function: Function,
        /// The groups that the user is given. A teacher sees only these.
        group_ids: Option<Vec<GroupId>>,
        /// The rights that differ from those of the function (C066): for each such part everything that is allowed.
        rights: Option<Vec<PartRights>>,
        /// The last day of the user's rights, in Amsterdam (C067).
        last_day: Option<Date>,
    }
}

request_body! {
    /// What changes about a user; what is absent stays. The e-mail address never changes.
    pub struct UserPatch {
        /// First name.
        first_name: Change<NamePart>,
        /// Tussenvoegsel; null takes it away.
        infix: ChangeOrClear<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: Change<NamePart>,
        /// Gender.
        gender: Change<Gender>,
        /// What the user does at the institution (C005).
        function: Change<Function>,
        /// The groups that the user is given: all of them, in place of those before.
        group_ids: Change<Vec<GroupId>>,
        /// The rights that differ from those of the function (C066): all of them, in place of those before.
        rights: Change<Vec<PartRights>>,
        /// The last day of the user's rights, in Amsterdam (C067); null takes it away.
        last_day: ChangeOrClear<Date>,
        /// Whether the user is let in: active or blocked. Who is unblocked chooses a new password first.
        state: Change<AccountState>,
        /// Why: asked for when the function, the groups, the rights, the last day or the state changes (C067).
        reason: Option<ShortText>,
    }
}

reply_body! {
    /// A user of the institution, with exactly the fields of the contract (C022), a function and groups.
    pub struct User {
        /// The user's id.
        id: UserId,
        /// First name. For showing colleagues who wrote what; never for anything outside the institution.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// For addressing the user rightly.
        gender: Gender,
        /// The address to log in with.
        email: EmailAddress,
        /// What the user does at the institution (C005).
        function: Function,
        /// The groups that the user is given.
        group_ids: Vec<GroupId>,
        /// The rights that differ from those of the function.
        rights: Vec<RightsOnPart>,
        /// The last day of the user's rights, in Amsterdam.
        last_day: Option<Date>,
        /// Whether the user has set a password, and is let in.
        state: AccountState,
        /// When the user was entered, in UTC.
        created_at: Timestamp,
    }
}

reply_body! {
    /// A new user and the invitation to set her password.
    pub struct NewUser {
        /// The user.
        user: User,
        /// The invitation, on its way.
        invitation: Invitation,
    }
}

impl From<StoredUser> for User {
    fn from(stored: StoredUser) -> Self {
        let fields = stored.fields;
        Self {
            id: stored.id,
            first_name: fields.name.first,
            infix: fields.name.infix,
            last_name: fields.name.last,
            gender: fields.gender,
            email: fields.email,
            function: fields.function,
            group_ids: fields.groups,
            rights: shown_rights(fields.rights),
            last_day: fields.last_day,
            state: stored.state,
            created_at: stored.created_at,
        }
    }
}

query_params! {
    pub struct ListUsers {
        /// How many users one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<UserId>>,
    }
}

/// List the users
///
/// The users of the institution in the order in which they were entered.
#[utoipa::path(get, path = "/users", tag = "users", operation_id = "listUsers",
    responses((status = 200, description = "A page of users.", body = inline(Page<User>))))]
async fn list_users(
    access: Access<part::Users, action::Read, AdministerAccess>,
    request: HttpRequest,
    query: ListUsers,
) -> Result<HttpResponse, Problem> {
    let ListUsers { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found =
        access.tenant()?.read(Cost::Scan, move |reader| reader.users(after, limit.with_one_more())).await?;
    reply::page_by_id(&request, found, limit, |user| user.id.as_uuid(), User::from)
}

/// Enter a user
///
/// Only an administrator enters users (C006), with an address of the institution itself (C055). The user is sent a link
/// to choose her password; nobody else sees it. The reply says until when it works.
#[utoipa::path(post, path = "/users", tag = "users", operation_id = "createUser", request_body = NewUserBody,
    responses((status = 201, description = "The user was entered.", body = NewUser)))]
async fn create_user(
    access: Access<part::Users, action::Create, AdministerAccess>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NewUserBody>,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    let id = UserId::from_uuid(tenant.environment().uuid());
    let invitation = invitation(tenant.environment())?;
    let shown = Invitation::of(&invitation);
    let fields = UserFields {
        name: PersonName { first: body.first_name, infix: body.infix, last: body.last_name },
        gender: body.gender,
        email: body.email,
        function: body.function,
        groups: body.group_ids.unwrap_or_default(),
        rights: user_rights(body.rights.unwrap_or_default())?,
        last_day: body.last_day,
    };
    tenant.create_keys(vec![id.as_uuid()]).await?;
    create(IdempotentCreation::new(&request, key, &digest), &tenant, move |writer| {
        let domains = writer.own_institution()?.domains;
        check_own_address(&domains, &fields.email).map_err(|refusal| Error::invalid("/email", refusal))?;
        let user = writer.create_user(id, &fields, &invitation)?;
        let revision = user.revision;
        let body = NewUser { user: User::from(user), invitation: shown };
        Ok(Created { location: format!("/v1/users/{id}"), revision, body })
    })
    .await
}

/// Read a user
///
/// One user of the institution.
#[utoipa::path(get, path = "/users/{userId}", tag = "users", operation_id = "readUser",
    responses((status = 200, description = "The user.", body = User)))]
async fn read_user(
    access: Access<part::Users, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let user = access.tenant()?.read(Cost::Rows, move |reader| reader.user(id)).await?;
    let revision = user.revision;
    reply::ok_if_changed(&known, &User::from(user), revision)
}

/// Change a user
///
/// A merge patch (RFC 7396). A change of function, groups or state holds from the user's next request on. The
/// last administrator who can log in stays one. Who is unblocked is sent a link to choose a new password.
#[utoipa::path(patch, path = "/users/{userId}", tag = "users", operation_id = "changeUser",
    request_body(content = UserPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The user as she is now.", body = User)))]
async fn change_user(
    access: Access<part::Users, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<UserPatch>,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    let invitation = invitation(tenant.environment())?;
    let user = tenant
        .write(move |writer| {
            let stored = writer.user(id)?;
            known.require(stored.revision)?;
            let (mut fields, mut state) = (stored.fields.clone(), stored.state);
            patch.first_name.apply(&mut fields.name.first);
            patch.infix.apply(&mut fields.name.infix);
            patch.last_name.apply(&mut fields.name.last);
            patch.gender.apply(&mut fields.gender);
            patch.function.apply(&mut fields.function);
            patch.group_ids.apply(&mut fields.groups);
            patch.last_day.apply(&mut fields.last_day);
            if let Change::Set(sent) = patch.rights {
                fields.rights = user_rights(sent)?;
            }
            if let Change::Set(wanted) = patch.state {
                state = state.change_to(wanted).map_err(|refusal| Error::invalid("/state", refusal))?;
            }
            let (before, after) = (stored.fields.entitlement(stored.state), fields.entitlement(state));
            if after != before {
                require_reason(patch.reason.as_ref())?;
                keep_an_administrator(writer, id, &before, &after)?;
            }
            let changed = writer.change_user(&stored, &fields, state, patch.reason.as_ref())?;
            if stored.state == AccountState::Blocked && state == AccountState::Invited {
                writer.invite_user(id, &invitation)?;
            }
            Ok(changed)
        })
        .await?;
    let revision = user.revision;
    reply::ok(&User::from(user), revision)
}

/// A change of what somebody may do is registered with its reason (C067).
fn require_reason(reason: Option<&ShortText>) -> Result<(), Error> {
    match reason {
        Some(_) => Ok(()),
        None => {
            let detail = "must say why the function, groups, rights, last day or state changes";
            Err(Error::invalid("/reason", Refusal::new("reason-required", detail)))
        }
    }
}

/// Somebody must be able to let others in: the last administrator cannot stop being one.
fn keep_an_administrator(
    writer: &mut TenantWriter<'_>,
    id: UserId,
    before: &Entitlement,
    after: &Entitlement,
) -> Result<(), Error> {
    let stays = after.is_lasting_administrator() || !before.is_lasting_administrator();
    if stays || writer.other_administrators(id)? > 0 {
        return Ok(());
    }
    Err(Error::conflict("last-administrator", "the institution must keep an administrator who can log in"))
}

/// Invite a user again
///
/// A new invitation for a user who let the first one lapse or forgot her password. Her password stays as it is
/// until she sets a new one.
#[utoipa::path(post, path = "/users/{userId}/invitations", tag = "users", operation_id = "inviteUser",
    responses((status = 201, description = "The invitation, on its way.", body = Invitation)))]
async fn invite_user(
    access: Access<part::Users, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    let invitation = invitation(tenant.environment())?;
    let shown = Invitation::of(&invitation);
    tenant.write(move |writer| writer.invite_user(id, &invitation)).await?;
    reply::created(&format!("/v1/users/{id}"), &shown, 1)
}
