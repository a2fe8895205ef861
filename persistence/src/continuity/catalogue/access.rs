//! Users, what they may do, and what was changed of that.

use groeilijn_domain::access::Function;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::UserId;
use groeilijn_domain::values::person::Gender;

use super::super::documents::{NAME, RIGHT_CHANGE, RIGHTS};
use super::super::form::{Form, code, text};
use super::super::logins::enter_login;
use super::super::resource::{INSTITUTION_ID, Member, Resource};
use super::super::rules;
use crate::access::key_owner;

pub(super) static USERS: Resource = Resource::new(
    "users",
    "users",
    "A user of the institution. Of one who left long ago only the id, the function and the times are left: notes and \
     registrations keep an author.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::sealed("name", "name", Form::Json(&NAME)).spread(),
        Member::sealed("gender", "gender", code!(Gender)),
        Member::sealed("email", "email", text!(EmailAddress)),
        Member::plain("function", "m.function", code!(Function)),
        Member::plain("state", "m.state", code!(AccountState)),
        Member::plain("acceptedAt", "m.accepted_at", Form::Moment).optional(),
        Member::plain("rights", "m.rights", Form::Json(&RIGHTS)).optional(),
        Member::plain("lastDay", "m.last_day", Form::Day).optional(),
        Member::plain("limitedToLocations", "m.limited_to_locations", Form::Flag),
        Member::plain("endedAt", "ended_at", Form::Moment).optional(),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
    ],
)
.joined("JOIN membership AS m ON m.institution_id = t.institution_id AND m.user_id = t.id")
.owned(|cells, _| cells.id("id").map(|id| key_owner::user(UserId::from_uuid(id))))
.may_be_gone()
.held_to(rules::user)
.behind(enter_login)
.without(&[
    INSTITUTION_ID,
    ("address_exception", "an administrator who takes the institution in grants it anew"),
    ("address_exception_until", "as of what it is the end of"),
]);

/// What of the memberships is not with the users.
pub(super) const NOT_OF_MEMBERSHIPS: [(&str, &str); 3] = [
    ("account_id", "a login belongs to a person and to the installation"),
    ("address_due", "it follows from the address and the domains of the institution"),
    ("proof", "it proves that this installation wrote the row"),
];

pub(super) static USER_GROUPS: Resource = Resource::new(
    "user-groups",
    "user_group",
    "That a group is given to a user.",
    &[
        Member::reference("userId", "user_id", "users"),
        Member::reference("groupId", "group_id", "groups"),
        Member::plain("firstDay", "first_day", Form::Day).optional(),
        Member::plain("lastDay", "last_day", Form::Day).optional(),
    ],
)
.known_by(&["user_id", "group_id"])
.without(&[INSTITUTION_ID]);

pub(super) static USER_LOCATIONS: Resource = Resource::new(
    "user-locations",
    "user_location",
    "That a location is given to a user who is limited to locations.",
    &[
        Member::reference("userId", "user_id", "users"),
        Member::reference("locationId", "location_id", "locations"),
        Member::plain("firstDay", "first_day", Form::Day).optional(),
        Member::plain("lastDay", "last_day", Form::Day).optional(),
    ],
)
.known_by(&["user_id", "location_id"])
.without(&[INSTITUTION_ID]);

pub(super) static RIGHT_CHANGES: Resource = Resource::new(
    "right-changes",
    "right_change",
    "An entry in the register of rights: what a user might do before, may do since, and why.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("userId", "user_id", "users"),
        Member::plain("changedBy", "changed_by", Form::Actor),
        Member::plain("changedAt", "changed_at", Form::Moment),
        Member::sealed("content", "content", Form::Json(&RIGHT_CHANGE)).spread(),
    ],
)
// Of who left long ago, what was changed is gone with the key.
.joined("JOIN users AS u ON u.institution_id = t.institution_id AND u.id = t.user_id")
.filtered("t.institution_id = $1 AND u.ended_at IS NULL")
.owned(|cells, _| cells.id("user_id").map(|id| key_owner::user(UserId::from_uuid(id))))
.without(&[INSTITUTION_ID]);
