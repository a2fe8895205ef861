//! What users may do: rights beside those of the function (C066), and the register of their changes (C067).

use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{
    Action, Entitlement, Function, GivenGroup, GivenGroups, GivenLocation, GivenLocations, Part, UserRights,
};
use groeilijn_domain::values::ids::{GroupId, LocationId, RightChangeId, UserId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_persistence::Cost;
use groeilijn_persistence::access::right_change::StoredRightChange;
use jiff::Timestamp;
use jiff::civil::Date;

use super::sessions::Permission;
use crate::http::access::{Access, action, part};
use crate::http::guard::activity::AdministerAccess;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Listed, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on what a user may do.
    pub fn endpoints;

    /// List the changes of a user's rights
    ///
    /// The register of what a user might and may do (C067): every grant, change and end, by whom and why.
    GET "/users/{userId}/right-changes" => list_right_changes: "A page of changes.";

    /// Read what a user may do
    ///
    /// For each part and action how far it reaches, by the user's function, by the rights that were set for her and by the
    /// locations that she is limited to.
    GET "/users/{userId}/permissions" => read_permissions_of_user: "The permissions.";
}

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

request_body! {
    /// A group that a user is given, for good or from a day until a day.
    pub struct GroupGrant {
        /// The group.
        group_id: GroupId,
        /// The first day on which the user has the group, in Amsterdam; at once when absent.
        first_day: Option<Date>,
        /// The last day on which the user has the group, in Amsterdam; for good when absent.
        last_day: Option<Date>,
    }
}

reply_body! {
    /// A group that a user is given, for good or from a day until a day.
    pub struct GroupOfUser {
        /// The group.
        group_id: GroupId,
        /// The first day on which the user has the group, in Amsterdam; null for one that she has from the beginning.
        first_day: Option<Date>,
        /// The last day on which the user has the group, in Amsterdam; null for one that is hers for good.
        last_day: Option<Date>,
    }
}

request_body! {
    /// A location that a user is limited to, for good or from a day until a day (C143).
    pub struct LocationGrant {
        /// The location.
        location_id: LocationId,
        /// The first day on which the user reaches the location, in Amsterdam; at once when absent.
        first_day: Option<Date>,
        /// The last day on which the user reaches the location, in Amsterdam; for good when absent.
        last_day: Option<Date>,
    }
}

reply_body! {
    /// A location that a user is limited to, for good or from a day until a day (C143).
    pub struct LocationOfUser {
        /// The location.
        location_id: LocationId,
        /// The first day on which the user reaches the location, in Amsterdam; null for one that she reaches from the beginning.
        first_day: Option<Date>,
        /// The last day on which the user reaches the location, in Amsterdam; null for one that she reaches for good.
        last_day: Option<Date>,
    }
}

reply_body! {
    /// What decides what a user may do.
    pub struct EntitlementBody {
        /// What the user does at the institution.
        function: Function,
        /// The groups that the user is given.
        group_ids: Vec<GroupId>,
        /// The same groups, each with the days on which it is given.
        groups: Vec<GroupOfUser>,
        /// The locations that the user is limited to, on whichever days; null for one who reaches as far as her function does
        /// (C143).
        locations: Option<Vec<LocationOfUser>>,
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
        /// The locations that the user is limited to, on whichever days, where a permission reaches `own-locations`; null for
        /// one who reaches as far as her function does (C143).
        locations: Option<Vec<LocationOfUser>>,
    }
}

impl From<Entitlement> for EntitlementBody {
    fn from(entitlement: Entitlement) -> Self {
        Self {
            function: entitlement.function,
            group_ids: entitlement.groups.ids(),
            groups: shown_groups(&entitlement.groups),
            locations: entitlement.locations.as_ref().map(shown_locations),
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

impl From<GroupGrant> for GivenGroup {
    fn from(GroupGrant { group_id, first_day, last_day }: GroupGrant) -> Self {
        Self { group: group_id, first_day, last_day }
    }
}

/// The groups that a user is given, as they are shown.
pub(super) fn shown_groups(given: &GivenGroups) -> Vec<GroupOfUser> {
    let shown = |given: &GivenGroup| GroupOfUser {
        group_id: given.group,
        first_day: given.first_day,
        last_day: given.last_day,
    };
    given.iter().map(shown).collect()
}

impl From<LocationGrant> for GivenLocation {
    fn from(LocationGrant { location_id, first_day, last_day }: LocationGrant) -> Self {
        Self { location: location_id, first_day, last_day }
    }
}

/// The locations that a user is limited to, as they are shown.
pub(super) fn shown_locations(given: &GivenLocations) -> Vec<LocationOfUser> {
    let shown = |given: &GivenLocation| LocationOfUser {
        location_id: given.location,
        first_day: given.first_day,
        last_day: given.last_day,
    };
    given.iter().map(shown).collect()
}

/// The groups that a user is given, in place of those `before`: named alone, or with their days.
pub(super) fn given_groups(
    before: &GivenGroups,
    ids: Option<Vec<GroupId>>,
    grants: Option<Vec<GroupGrant>>,
) -> Result<GivenGroups, FieldRefusals> {
    let given: GivenGroups = match (ids, grants) {
        (None, None) => return Ok(before.clone()),
        (Some(ids), None) => {
            let given = before.replaced_by(ids);
            given.check().map_err(at_group_ids)?;
            return Ok(given);
        }
        (None, Some(grants)) => grants.into_iter().map(GivenGroup::from).collect(),
        (Some(_), Some(_)) => {
            let refusal = Refusal::new("only-one", "must not stand beside groupIds");
            return Err(FieldRefusals::one("groups", refusal));
        }
    };
    given.check()?;
    Ok(given)
}

/// The locations that a user is limited to, as they were sent.
pub(super) fn given_locations(sent: Vec<LocationGrant>) -> GivenLocations {
    sent.into_iter().map(GivenLocation::from).collect()
}

/// What was refused of a user whose groups were named alone: at their ids.
pub(super) fn at_group_ids(refusals: FieldRefusals) -> FieldRefusals {
    let at_id = |field: String| {
        let index = field.strip_prefix("groups/").and_then(|rest| rest.strip_suffix("/group_id"));
        index.map_or(field.clone(), |index| format!("group_ids/{index}"))
    };
    refusals.into_iter().map(|(field, refusal)| (at_id(field), refusal)).collect()
}

/// The rights that are sent for a user, by part.
pub(super) fn named_rights(sent: Vec<PartRights>) -> impl Iterator<Item = (Part, Vec<Action>)> {
    sent.into_iter().map(|PartRights { part, actions }| (part, actions))
}

/// The rights that were set for a user, as they are shown.
pub(super) fn shown_rights(rights: UserRights) -> Vec<RightsOnPart> {
    let each = rights.into_iter();
    each.map(|(part, actions)| RightsOnPart { part, actions: actions.into_iter().collect() }).collect()
}

query_params! {
    pub struct ListRightChanges {
        /// How many changes one page has.
        page: Page<RightChangeId>,
    }
}

async fn list_right_changes(
    access: Access<part::Users, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
    query: ListRightChanges,
) -> Result<Listed<RightChange>, Problem> {
    let ListRightChanges { page } = query;
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| {
            reader.user(id)?;
            reader.right_changes(id, page.after, page.rows)
        })
        .await?;
    page.reply(found, |change| change.id, RightChange::from)
}

async fn read_permissions_of_user(
    access: Access<part::Users, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<Shown<UserPermissions>, Problem> {
    let (user, entered_by) = access
        .tenant()?
        .read(Cost::Rows, move |reader| Ok((reader.user(id)?, reader.children_entered_by()?)))
        .await?;
    let rights = user.fields.entitlement(user.state).rights(entered_by);
    let permissions = rights.iter().map(|(part, action, scope)| Permission { part, action, scope }).collect();
    let locations = user.fields.locations.as_ref().map(shown_locations);
    reply::view(&UserPermissions { permissions, locations })
}
