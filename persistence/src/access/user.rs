//! Staff members: the persons behind an institution's accounts, each sealed under a key of her own.

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::access::{Entitlement, Function, Role, UserRights};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{GroupId, UserId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::text::{Infix, NamePart, ShortText};
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::RowSealer;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::account::lock_account;
use crate::access::account::{self, NewAccount, NewInvitation, read_user_rights};
use crate::access::letter::{self, LetterContent};
use crate::access::right_change::RightChange;
use crate::access::schema::{account as account_table, users};
use crate::access::session::end_sessions_of;
use crate::children::schema::{groups, user_group};
use crate::convert::{code, date, micros, timestamp, uuid};
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "users";

/// What is known of a user: exactly the fields of C022, her function and her groups.
#[derive(Clone, PartialEq, Eq)]
pub struct UserFields {
    /// Name.
    pub name: PersonName,
    /// Gender.
    pub gender: Gender,
    /// The address she logs in with.
    pub email: EmailAddress,
    /// What she does at the institution (C005).
    pub function: Function,
    /// The groups that she is given.
    pub groups: Vec<GroupId>,
    /// The rights that were set for her, beside those of her function (C066).
    pub rights: UserRights,
    /// The last day of her rights, in Amsterdam, if there is one (C067).
    pub last_day: Option<Date>,
}

impl UserFields {
    /// Somebody who is given no groups yet and has the rights of her function.
    pub fn new(name: PersonName, gender: Gender, email: EmailAddress, function: Function) -> Self {
        Self { name, gender, email, function, groups: Vec::new(), rights: UserRights::new(), last_day: None }
    }

    /// What she is entitled to as long as her account stands like this.
    pub fn entitlement(&self, state: AccountState) -> Entitlement {
        Entitlement {
            function: self.function,
            groups: self.groups.clone(),
            rights: self.rights.clone(),
            state,
            last_day: self.last_day,
        }
    }
}

/// A user as she is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredUser {
    /// Her id, which is also her account's.
    pub id: UserId,
    /// What is known of her.
    pub fields: UserFields,
    /// How her account stands.
    pub state: AccountState,
    /// How often she was changed.
    pub revision: i32,
    /// When she was entered, in UTC.
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = account_table)]
struct EntitlementRow {
    role: String,
    state: String,
    rights: Option<String>,
    last_day: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: Vec<u8>,
    first_name: Vec<u8>,
    infix: Vec<u8>,
    last_name: Vec<u8>,
    gender: Vec<u8>,
    email: Vec<u8>,
    revision: i32,
    created_at: i64,
}

struct SealedUser {
    first_name: Vec<u8>,
    infix: Vec<u8>,
    last_name: Vec<u8>,
    gender: Vec<u8>,
    email: Vec<u8>,
}

impl SealedUser {
    fn seal(row: &mut RowSealer<'_>, fields: &UserFields) -> Self {
        Self {
            first_name: row.text("first_name", Some(fields.name.first.as_str())),
            infix: row.text("infix", fields.name.infix.as_ref().map(Infix::as_str)),
            last_name: row.text("last_name", Some(fields.name.last.as_str())),
            gender: row.text("gender", Some(fields.gender.code())),
            email: row.text("email", Some(fields.email.as_str())),
        }
    }
}

impl TenantReader<'_> {
    /// Staff members in the order of their ids, after the one with id `after`.
    pub fn users(&mut self, after: Option<UserId>, limit: i64) -> Result<Vec<StoredUser>> {
        let institution = self.institution();
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows: Vec<UserRow> = users::table
            .filter(users::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(users::id.gt(after))
            .order(users::id)
            .limit(limit)
            .select(columns::<UserRow>())
            .load(self.connection)?;
        rows.iter().map(|row| self.open_user(row)).collect()
    }

    /// One user.
    pub fn user(&mut self, id: UserId) -> Result<StoredUser> {
        let institution = self.institution();
        let row = users::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .select(columns::<UserRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_user(&row)
    }

    fn open_user(&mut self, row: &UserRow) -> Result<StoredUser> {
        let id = uuid(&row.id, TABLE)?;
        let account: EntitlementRow = account_table::table
            .find(row.id.as_slice())
            .select(columns::<EntitlementRow>())
            .first(self.connection)?;
        let Role::Institution(function) = code(Role::from_code, &account.role, TABLE)? else {
            return Err(Error::Unreadable(TABLE));
        };
        let groups = self.groups_of_user(UserId::from_uuid(id))?;
        let mut opener = self.opener(TABLE, id, Some(id));
        let member = StoredUser {
            id: UserId::from_uuid(id),
            fields: UserFields {
                name: PersonName {
                    first: opener.required_kept("first_name", &row.first_name, NamePart::kept)?,
                    infix: opener.kept("infix", &row.infix, Infix::kept)?,
                    last: opener.required_kept("last_name", &row.last_name, NamePart::kept)?,
                },
                gender: opener.required("gender", &row.gender, |text| Gender::from_code(text).ok_or(()))?,
                email: opener.required_kept("email", &row.email, EmailAddress::kept)?,
                function,
                groups,
                rights: read_user_rights(account.rights.as_deref())?,
                last_day: account.last_day.map(|day| date(&day, TABLE)).transpose()?,
            },
            state: code(AccountState::from_code, &account.state, TABLE)?,
            revision: row.revision,
            created_at: timestamp(row.created_at, TABLE)?,
        };
        self.touch(ObjectKind::User, id);
        Ok(member)
    }

    /// The groups that a user is given.
    pub fn groups_of_user(&mut self, id: UserId) -> Result<Vec<GroupId>> {
        let institution = self.institution();
        let ids: Vec<Vec<u8>> = user_group::table
            .filter(user_group::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(user_group::user_id.eq(id.as_bytes().as_slice()))
            .order(user_group::group_id)
            .select(user_group::group_id)
            .load(self.connection)?;
        ids.iter().map(|id| Ok(GroupId::from_uuid(uuid(id, TABLE)?))).collect()
    }
}

impl TenantWriter<'_> {
    /// Enters a user with an account that awaits its password. Her key was made before.
    ///
    /// # Errors
    /// [`Error::Conflict`] `email-in-use`; [`Error::Invalid`] for a group that is not the institution's.
    pub fn create_user(
        &mut self,
        id: UserId,
        fields: &UserFields,
        invitation: &NewInvitation,
    ) -> Result<StoredUser> {
        let institution = self.institution();
        let now = self.now();
        let store = self.store();
        let new = NewAccount {
            id,
            institution: Some(institution),
            email: &fields.email,
            role: Role::Institution(fields.function),
        };
        account::insert(self.connection, store, &new, now)?;
        let mut row = self.sealer(TABLE, id.as_uuid(), Some(id.as_uuid()))?;
        let sealed = SealedUser::seal(&mut row, fields);
        self.sealed(row);
        diesel::insert_into(users::table)
            .values((
                users::institution_id.eq(institution.as_bytes().as_slice()),
                users::id.eq(id.as_bytes().as_slice()),
                users::first_name.eq(sealed.first_name),
                users::infix.eq(sealed.infix),
                users::last_name.eq(sealed.last_name),
                users::gender.eq(sealed.gender),
                users::email.eq(sealed.email),
                users::revision.eq(1),
                users::created_at.eq(micros(now)),
            ))
            .execute(self.connection)?;
        self.entitle(id, &fields.entitlement(AccountState::Invited))?;
        let to = Actor { account: id, role: new.role, institution: Some(institution) };
        account::invite(self.connection, store, to, invitation)?;
        let after = fields.entitlement(AccountState::Invited);
        self.register_right_change(id, &RightChange { before: None, after, reason: None })?;
        self.touch(ObjectKind::Invitation, invitation.id.as_uuid());
        self.user(id)
    }

    /// Replaces what is known of a user as she was `stored`. Her address stays: it is what her account is
    /// found by. When what she may do changes, that is registered with the reason; her sessions end, unless
    /// only her groups change, which hold from the next request on anyway.
    ///
    /// # Errors
    /// [`Error::Stale`] when she was changed in the meantime.
    pub fn change_user(
        &mut self,
        stored: &StoredUser,
        fields: &UserFields,
        state: AccountState,
        reason: Option<&ShortText>,
    ) -> Result<StoredUser> {
        let (id, revision) = (stored.id, stored.revision);
        lock_account(self.connection, id)?;
        let institution = self.institution();
        let mut row = self.sealer(TABLE, id.as_uuid(), Some(id.as_uuid()))?;
        let sealed = SealedUser::seal(&mut row, fields);
        self.sealed(row);
        let updated = diesel::update(
            users::table
                .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
                .filter(users::revision.eq(revision)),
        )
        .set((
            users::first_name.eq(sealed.first_name),
            users::infix.eq(sealed.infix),
            users::last_name.eq(sealed.last_name),
            users::gender.eq(sealed.gender),
            users::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale);
        }
        let (before, after) = (stored.fields.entitlement(stored.state), fields.entitlement(state));
        if after != before {
            self.entitle(id, &after)?;
            if !after.differs_in_groups_alone(&before) {
                let now = micros(self.now());
                end_sessions_of(self.connection, id, SessionEnd::RightsChanged, now)?;
            }
            let reason = reason.map(|reason| reason.as_str().to_owned());
            self.register_right_change(id, &RightChange { before: Some(before), after, reason })?;
        }
        self.user(id)
    }

    /// Makes an account stand as its user is entitled to. One that is let in again has no strikes.
    fn entitle(&mut self, id: UserId, entitlement: &Entitlement) -> Result<()> {
        let rights = match entitlement.rights.is_empty() {
            true => None,
            false => Some(serde_json::to_string(&entitlement.rights).map_err(Error::internal)?),
        };
        let account = account_table::table.find(id.as_bytes().as_slice());
        diesel::update(account)
            .set((
                account_table::role.eq(Role::Institution(entitlement.function).code()),
                account_table::state.eq(entitlement.state.code()),
                account_table::rights.eq(rights),
                account_table::last_day.eq(entitlement.last_day.map(|day| day.to_string())),
            ))
            .execute(self.connection)?;
        if entitlement.state == AccountState::Invited {
            account::forget_strikes(self.connection, id)?;
        }
        let institution = self.institution();
        diesel::delete(
            user_group::table
                .filter(user_group::institution_id.eq(institution.as_bytes().as_slice()))
                .filter(user_group::user_id.eq(id.as_bytes().as_slice())),
        )
        .execute(self.connection)?;
        self.give_groups(id, &entitlement.groups)
    }

    /// Counts a change of what is shown of a user but kept elsewhere, so that her revision tells of it.
    pub(crate) fn raise_user_revision(&mut self, id: UserId) -> Result<()> {
        let institution = self.institution();
        diesel::update(users::table.find((institution.as_bytes().as_slice(), id.as_bytes().as_slice())))
            .set(users::revision.eq(users::revision + 1))
            .execute(self.connection)?;
        self.touch(ObjectKind::User, id.as_uuid());
        Ok(())
    }

    /// Invites a user to set her password, once more.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `user-blocked`.
    pub fn invite_user(&mut self, id: UserId, invitation: &NewInvitation) -> Result<()> {
        let stored = self.user(id)?;
        if stored.state == AccountState::Blocked {
            return Err(Error::conflict("user-blocked", "a blocked user is unblocked first"));
        }
        let role = Role::Institution(stored.fields.function);
        let to = Actor { account: id, role, institution: Some(self.institution()) };
        let store = self.store();
        account::invite(self.connection, store, to, invitation)?;
        self.touch(ObjectKind::Invitation, invitation.id.as_uuid());
        Ok(())
    }

    fn give_groups(&mut self, id: UserId, given: &[GroupId]) -> Result<()> {
        let institution = self.institution();
        for (index, group) in given.iter().enumerate() {
            let known: bool = diesel::select(diesel::dsl::exists(
                groups::table.find((institution.as_bytes().as_slice(), group.as_bytes().as_slice())),
            ))
            .get_result(self.connection)?;
            if !known {
                let refusal = groeilijn_domain::values::refusal::Refusal::new(
                    "unknown-group",
                    "there is no such group",
                );
                return Err(Error::invalid(format!("/groupIds/{index}"), refusal));
            }
            diesel::insert_into(user_group::table)
                .values((
                    user_group::institution_id.eq(institution.as_bytes().as_slice()),
                    user_group::user_id.eq(id.as_bytes().as_slice()),
                    user_group::group_id.eq(group.as_bytes().as_slice()),
                ))
                .execute(self.connection)?;
        }
        Ok(())
    }

    /// Leaves a letter to every administrator who can log in.
    pub(crate) fn write_to_administrators(&mut self, content: &LetterContent) -> Result<()> {
        let role = Role::Institution(Function::Administrator);
        let institution = self.institution();
        let administrators: Vec<Vec<u8>> = account_table::table
            .filter(account_table::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(account_table::role.eq(role.code()))
            .filter(account_table::state.eq(AccountState::Active.code()))
            .select(account_table::id)
            .load(self.connection)?;
        let store = self.store();
        for id in administrators {
            let account = UserId::from_uuid(uuid(&id, TABLE)?);
            let to = Actor { account, role, institution: Some(institution) };
            letter::queue(self.connection, store, to, content)?;
        }
        Ok(())
    }

    /// How many administrators can log in and go on doing so, without this one. Until the end of the transaction
    /// nobody else can take one away.
    pub fn other_administrators(&mut self, id: UserId) -> Result<i64> {
        let institution = self.institution();
        dialect::lock_institution(self.connection, institution)?;
        Ok(account_table::table
            .filter(account_table::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(account_table::role.eq(Role::Institution(Function::Administrator).code()))
            .filter(account_table::state.eq(AccountState::Active.code()))
            .filter(account_table::last_day.is_null())
            .filter(account_table::id.ne(id.as_bytes().as_slice()))
            .count()
            .get_result(self.connection)?)
    }
}
