//! Users of an institution: who they are, what they do there and which groups they are given.

use actix_web::HttpRequest;
use groeilijn_domain::access::email_address::{AddressDue, check_exception};
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::user::{UserFields, check_own_address};
use groeilijn_domain::access::{Entitlement, Function, GivenGroups, user_rights};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{GroupId, UserId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::text::{Infix, NamePart, ShortText};
use groeilijn_persistence::access::key_owner;
use groeilijn_persistence::access::user::StoredUser;
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;
use jiff::civil::Date;

use super::address_exception_bodies::{AddressExceptionBody, AddressExceptionCreation, in_exception};
use super::invitations::{Invitation, invitation};
use super::user_rights::{
    GroupGrant, GroupOfUser, LocationGrant, LocationOfUser, PartRights, RightsOnPart, at_group_ids,
    given_groups, given_locations, named_rights, shown_groups, shown_locations, shown_rights,
};
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerAccess;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::http::revision::change;
use crate::{operations, query_params, reply_body, request_body, revised};

operations! {
    /// The operations on users.
    pub fn endpoints;

    /// List the users
    ///
    /// The users of the institution in the order in which they were entered.
    GET "/users" => list_users: "A page of users.";

    /// Enter a user
    ///
    /// Only an administrator enters users (C006), with an address of the institution itself (C055). The user is sent a link
    /// to choose her password; nobody else sees it. The reply says until when it works. Who logs in with the address
    /// already, at another institution of the same organisation, is asked to join instead; the reply is the same.
    POST "/users" => create_user: "The user was entered.";

    /// Read a user
    ///
    /// One user of the institution.
    GET "/users/{userId}" => read_user: "The user.";

    /// Change a user
    ///
    /// A merge patch (RFC 7396). A change of function, groups, locations or state holds from the user's next request on. The
    /// last administrator who can log in stays one. Who is unblocked is sent a link to choose a new password.
    PATCH "/users/{userId}" => change_user: "The user as she is now.";

    /// Invite a user again
    ///
    /// A new invitation for a user who let the first one lapse or forgot her password. Her password stays as it is
    /// until she sets a new one.
    POST "/users/{userId}/invitations" => invite_user: "The invitation, on its way.";
}

request_body! {
    /// A user to be entered: exactly the fields of the contract (C022), a function and groups.
    pub struct UserCreation {
        /// First name. For showing colleagues who wrote what; never for anything outside the institution.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der". For writing her name rightly; never for anything else.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For showing colleagues who wrote what; never for anything outside the institution.
        last_name: NamePart,
        /// For addressing the user rightly; never for comparing users.
        gender: Gender,
        /// The address to log in with, on a domain of the institution (C055). For that, and for letters about the account; never for
        /// marketing.
        email: EmailAddress,
        /// What the user does at the institution (C005); it decides what she may do.
        function: Function,
        /// The groups that the user is given for good. A teacher sees only these.
        group_ids: Option<Vec<GroupId>>,
        /// The groups that the user is given, each for good or from a day until a day, in place of `groupIds`.
        groups: Option<Vec<GroupGrant>>,
        /// The locations that the user is limited to, each for good or from a day until a day (C143): she reaches the children
        /// in the groups there, and no others. Absent for who reaches as far as her function does. Only for an intern
        /// begeleider, management, a quality officer or a pedagogical coach.
        locations: Option<Vec<LocationGrant>>,
        /// The rights that differ from those of the function (C066): for each such part everything that is allowed.
        rights: Option<Vec<PartRights>>,
        /// The last day of the user's rights, in Amsterdam (C067).
        last_day: Option<Date>,
        /// For letting in somebody who has an address of another organisation, such as a substitute's of her agency (C055);
        /// never for somebody who has one of the institution.
        address_exception: Option<AddressExceptionCreation>,
    }

    example {
        "firstName": "Noor",
        "infix": "van der",
        "lastName": "Verzonnen",
        "gender": "female",
        "email": "noor.verzonnen@school.example",
        "function": "teacher",
        "groupIds": ["01999999-0000-7000-8000-000000000001"],
    }
}

request_body! {
    /// What changes about a user; what is absent stays. The e-mail address changes in another way: `/account/email-address/_change`.
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
        /// The groups that the user is given: all of them, in place of those before. One that she is given already keeps its days.
        group_ids: Change<Vec<GroupId>>,
        /// The groups that the user is given, each for good or from a day until a day: all of them, in place of those before.
        /// In place of `groupIds`.
        groups: Change<Vec<GroupGrant>>,
        /// The locations that the user is limited to (C143): all of them, in place of those before. With none of them she
        /// reaches no child; null lets her reach as far as her function does.
        locations: ChangeOrClear<Vec<LocationGrant>>,
        /// The rights that differ from those of the function (C066): all of them, in place of those before.
        rights: Change<Vec<PartRights>>,
        /// The last day of the user's rights, in Amsterdam (C067); null takes it away.
        last_day: ChangeOrClear<Date>,
        /// Whether the user is let in: active or blocked. Who is unblocked chooses a new password first.
        state: Change<AccountState>,
        /// Why: asked for when the function, the groups, the locations, the rights, the last day or the state changes (C067).
        reason: Option<ShortText>,
    }

    example { "lastName": "Verzonnen-Bedacht", "groupIds": ["01999999-0000-7000-8000-000000000001"] }
}

reply_body! {
    /// A user of the institution, with exactly the fields of the contract (C022), a function and groups.
    pub struct User {
        /// The user's id.
        id: UserId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
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
        /// The groups that the user is given, on whichever days.
        group_ids: Vec<GroupId>,
        /// The same groups, each with the days on which it is given.
        groups: Vec<GroupOfUser>,
        /// The locations that the user is limited to, on whichever days; null for one who reaches as far as her function does
        /// (C143).
        locations: Option<Vec<LocationOfUser>>,
        /// The rights that differ from those of the function.
        rights: Vec<RightsOnPart>,
        /// The last day of the user's rights, in Amsterdam.
        last_day: Option<Date>,
        /// Whether the user has set a password, and is let in.
        state: AccountState,
        /// When the user was entered, in UTC.
        created_at: Timestamp,
        /// Why she has to log in with another address before she does anything else; null when her address is in order.
        address_due: Option<AddressDue>,
        /// The leave that she has, or had, to log in with an address of another organisation.
        address_exception: Option<AddressExceptionBody>,
    }
}

reply_body! {
    /// A new user and the invitation to set her password.
    pub struct InvitedUser {
        /// The user.
        user: User,
        /// The invitation, on its way. In the reply to a repeated request null when she accepted it, it has ended or she was
        /// blocked.
        invitation: Option<Invitation>,
    }
}

revised! { StoredUser: revision; }

impl From<StoredUser> for User {
    fn from(stored: StoredUser) -> Self {
        let (etag, fields) = (stored.etag(), stored.fields);
        Self {
            id: stored.id,
            etag,
            first_name: fields.name.first,
            infix: fields.name.infix,
            last_name: fields.name.last,
            gender: fields.gender,
            email: fields.email,
            function: fields.function,
            group_ids: fields.groups.ids(),
            groups: shown_groups(&fields.groups),
            locations: fields.locations.as_ref().map(shown_locations),
            rights: shown_rights(fields.rights),
            last_day: fields.last_day,
            state: stored.state,
            created_at: stored.created_at,
            address_due: stored.address_due,
            address_exception: stored.address_exception.map(AddressExceptionBody::from),
        }
    }
}

impl UserPatch {
    /// What the user becomes, the state that she is set to, and the reason that was given.
    fn applied_to(
        self,
        stored: &StoredUser,
    ) -> Result<(UserFields, Option<AccountState>, Option<ShortText>), Error> {
        let (mut fields, mut set_to) = (stored.fields.clone(), None);
        self.first_name.apply(&mut fields.name.first);
        self.infix.apply(&mut fields.name.infix);
        self.last_name.apply(&mut fields.name.last);
        self.gender.apply(&mut fields.gender);
        self.function.apply(&mut fields.function);
        let (ids, grants) = (self.group_ids.into_option(), self.groups.into_option());
        fields.groups = given_groups(&fields.groups, ids, grants)?;
        if let Some(sent) = self.locations.into_option() {
            fields.locations = sent.map(given_locations);
        }
        fields.check_locations()?;
        self.last_day.apply(&mut fields.last_day);
        if let Change::Set(sent) = self.rights {
            fields.rights = user_rights(named_rights(sent))?;
        }
        if let Change::Set(wanted) = self.state {
            set_to = Some(stored.state.change_to(wanted).map_err(invalid_field("state"))?);
        }
        Ok((fields, set_to, self.reason))
    }
}

/// The error of a change of a user, at the members that were sent.
fn as_sent(by_ids: bool) -> impl FnOnce(Error) -> Error {
    move |error| match error {
        Error::Invalid(refusals) if by_ids => Error::Invalid(at_group_ids(refusals)),
        other => other,
    }
}

query_params! {
    pub struct ListUsers {
        /// Only the users who have to log in with another address.
        address_due: Option<bool>,
        /// How many users one page has.
        page: Page<UserId>,
    }
}

async fn list_users(
    access: Access<part::Users, action::Read, AdministerAccess>,
    query: ListUsers,
) -> Result<Listed<User>, Problem> {
    let ListUsers { address_due, page } = query;
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| match address_due {
            Some(true) => reader.users_with_address_due(page.after, page.rows),
            _ => reader.users(page.after, page.rows),
        })
        .await?;
    page.reply(found, |user| user.id, User::from)
}

async fn create_user(
    access: Access<part::Users, action::Create, AdministerAccess>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<UserCreation>,
) -> Result<Created<InvitedUser>, Problem> {
    let tenant = access.tenant()?;
    let id = UserId::from_uuid(tenant.environment().uuid());
    let invitation = invitation(tenant.environment())?;
    let by_ids = body.group_ids.is_some();
    let exception = body.address_exception;
    let fields = UserFields {
        name: PersonName { first: body.first_name, infix: body.infix, last: body.last_name },
        gender: body.gender,
        email: body.email,
        function: body.function,
        groups: given_groups(&GivenGroups::default(), body.group_ids, body.groups)?,
        locations: body.locations.map(given_locations),
        rights: user_rights(named_rights(body.rights.unwrap_or_default()))?,
        last_day: body.last_day,
    };
    fields.check_locations()?;
    let tenant = tenant.entering(vec![key_owner::user(id)]);
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let domains = writer.own_institution()?.domains;
            match &exception {
                Some(exception) => {
                    let today = amsterdam_date(writer.now());
                    check_exception(&fields.email, &domains, exception.until, today).map_err(in_exception)?;
                }
                None => check_own_address(&domains, &fields.email).map_err(invalid_field("email"))?,
            }
            let mut user = writer.create_user(id, &fields, &invitation).map_err(as_sent(by_ids))?;
            if let Some(exception) = exception {
                writer.except_address((id, user.revision), &exception.reason, exception.until)?;
                user = writer.user(id)?;
            }
            let ids = (id, invitation.id);
            let sent = Some(Invitation::of(&invitation));
            let view = View::with(user, |user| InvitedUser { user: user.into(), invitation: sent });
            Ok(New { location: format!("/v1/users/{id}"), ids, view })
        },
        |writer, (id, invitation)| {
            let user = writer.user(id)?;
            let sent = Invitation::sent_before(invitation, writer.open_invitation(invitation)?);
            Ok(View::with(user, |user| InvitedUser { user: user.into(), invitation: sent }))
        },
    )
    .await
}

async fn read_user(
    access: Access<part::Users, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
    known: IfNoneMatch,
) -> Result<Shown<User>, Problem> {
    let user = access.tenant()?.read(Cost::Rows, move |reader| reader.user(id)).await?;
    reply::stored_if_changed(&known, user)
}

async fn change_user(
    access: Access<part::Users, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<UserPatch>,
) -> Result<Shown<User>, Problem> {
    let tenant = access.tenant()?;
    let invitation = invitation(tenant.environment())?;
    change(
        &tenant,
        known,
        move |writer| writer.user(id),
        move |writer, stored| {
            let by_ids = matches!(patch.group_ids, Change::Set(_));
            let (fields, set_to, reason) = patch.applied_to(&stored)?;
            let before = stored.entitlement_before(set_to);
            let after = fields.entitlement(set_to.unwrap_or(stored.state));
            before.check_change(&after, reason.as_ref())?;
            if before.gives_up_administration(&after) && writer.other_administrators(id)? == 0 {
                return Err(Error::Conflict(Entitlement::last_administrator()));
            }
            let changed =
                writer.change_user(&stored, &fields, set_to, reason.as_ref()).map_err(as_sent(by_ids))?;
            if stored.state.is_invited_by(after.state) {
                writer.invite_user(id, &invitation)?;
            }
            Ok(changed)
        },
    )
    .await
}

async fn invite_user(
    access: Access<part::Users, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<Created<Invitation>, Problem> {
    let tenant = access.tenant()?;
    let invitation = invitation(tenant.environment())?;
    let shown = Invitation::of(&invitation);
    let user = tenant.write(move |writer| writer.invite_user(id, &invitation)).await?;
    reply::created(&format!("/v1/users/{id}"), &shown, user.revision)
}
