//! What users may do: rights beside those of the function (C066), and the register of their changes (C067).

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Action, Entitlement, Function, Part, UserRights, check_grantable};
use groeilijn_domain::values::ids::{GroupId, RightChangeId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::access::right_change::StoredRightChange;
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::cursor::{After, Page};
use crate::http::guard::activity::AdministerAccess;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::routes::access::sessions::Permission;
use crate::{query_params, reply_body, request_body};

request_body! {
    /// What a user may do with one part, in place of what the function allows (C066).
    pub struct PartRights {
        /// The part.
        part: Part,
        /// Everything that is allowed; nothing when empty.
        actions: Vec<Action>,
    }
}

reply_body! {
    /// What a user may do with one part, in place of what the function allows.
    pub struct RightsOnPart {
        /// The part.
        part: Part,
        /// Everything that is allowed.
        actions: Vec<Action>,
    }
}

reply_body! {
    /// What decides what a user may do.
    pub struct EntitlementBody {
        /// What the user does at the institution.
        function: Function,
        /// The groups that the user is given.
        group_ids: Vec<GroupId>,
        /// The rights that differ from those of the function.
        rights: Vec<RightsOnPart>,
        /// Whether the user is let in.
        state: AccountState,
        /// The last day of the user's rights, in Amsterdam.
        last_day: Option<Date>,
    }
}

reply_body! {
    /// A change of what a user may do (C067).
    pub struct RightChange {
        /// The change's id.
        id: RightChangeId,
        /// When it was made, in UTC.
        changed_at: Timestamp,
        /// The user who made it; the processor's own staff for the first administrator.
        changed_by: UserId,
        /// Why, in the words of who made it; null when the user was entered.
        reason: Option<String>,
        /// What held before; null when the user was entered.
        before: Option<EntitlementBody>,
        /// What holds since.
        after: EntitlementBody,
    }
}

reply_body! {
    /// Everything that a user may do, by function and by what was set for her.
    pub struct UserPermissions {
        /// For each part and action how far it reaches.
        permissions: Vec<Permission>,
    }
}

impl From<Entitlement> for EntitlementBody {
    fn from(entitlement: Entitlement) -> Self {
        Self {
            function: entitlement.function,
            group_ids: entitlement.groups,
            rights: shown_rights(entitlement.rights),
            state: entitlement.state,
            last_day: entitlement.last_day,
        }
    }
}

impl From<StoredRightChange> for RightChange {
    fn from(stored: StoredRightChange) -> Self {
        Self {
            id: stored.id,
            changed_at: stored.changed_at,
            changed_by: stored.changed_by,
            reason: stored.change.reason,
            before: stored.change.before.map(EntitlementBody::from),
            after: stored.change.after.into(),
        }
    }
}

/// The rights that were set for a user, as they are shown.
pub(super) fn shown_rights(rights: UserRights) -> Vec<RightsOnPart> {
    let each = rights.into_iter();
    each.map(|(part, actions)| RightsOnPart { part, actions: actions.into_iter().collect() }).collect()
}

/// The rights that were sent, if all of them can be given.
pub(super) fn user_rights(sent: Vec<PartRights>) -> Result<UserRights, Error> {
    let (mut rights, mut refusals) = (UserRights::new(), Vec::new());
    for (index, PartRights { part, actions }) in sent.into_iter().enumerate() {
        let actions = actions.into_iter().collect();
        if let Err(refusal) = check_grantable(part, &actions) {
            refusals.push((format!("/rights/{index}"), refusal));
        }
        if rights.insert(part, actions).is_some() {
            let refusal = Refusal::new("repeated", "must not name a part twice");
            refusals.push((format!("/rights/{index}/part"), refusal));
        }
    }
    if refusals.is_empty() { Ok(rights) } else { Err(Error::Invalid(refusals)) }
}

query_params! {
    pub struct ListRightChanges {
        /// How many changes one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<RightChangeId>>,
    }
}

/// List the changes of a user's rights
///
/// The register of what a user might and may do (C067): every grant, change and end, by whom and why.
#[utoipa::path(get, path = "/users/{userId}/right-changes", tag = "users", operation_id = "listRightChanges",
    responses((status = 200, description = "A page of changes.", body = inline(Page<RightChange>))))]
pub(super) async fn list_right_changes(
    access: Access<part::Users, action::Read, AdministerAccess>,
    request: HttpRequest,
    PathId(id): PathId<UserId>,
    query: ListRightChanges,
) -> Result<HttpResponse, Problem> {
    let ListRightChanges { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| {
            reader.user(id)?;
            reader.right_changes(id, after, limit.with_one_more())
        })
        .await?;
    reply::page_by_id(&request, found, limit, |change| change.id.as_uuid(), RightChange::from)
}

/// Read what a user may do
///
/// For each part and action how far it reaches, by the user's function and by the rights that were set for her.
#[utoipa::path(get, path = "/users/{userId}/permissions", tag = "users", operation_id = "readPermissionsOfUser",
    responses((status = 200, description = "The permissions.", body = UserPermissions)))]
pub(super) async fn read_permissions(
    access: Access<part::Users, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<HttpResponse, Problem> {
    let user = access.tenant()?.read(Cost::Rows, move |reader| reader.user(id)).await?;
    let rights = user.fields.entitlement(user.state).rights();
    let permissions = rights.iter().map(|(part, action, scope)| Permission { part, action, scope }).collect();
    reply::view(&UserPermissions { permissions })
}
