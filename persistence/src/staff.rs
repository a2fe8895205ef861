//! Staff members: the persons behind an institution's accounts, each sealed under a key of her own.

use groeilijn_domain::{
    access::{Function, Role},
    audit::ObjectKind,
    email::EmailAddress,
    ids::{GroupId, UserId},
    person::{Gender, PersonName},
    session::AccountState,
    text::{Infix, NamePart},
};
use jiff::Timestamp;

use crate::{
    account::{self, NewAccount, NewInvitation},
    convert::{code, micros, timestamp, uuid},
    database::query::prelude::*,
    error::{Error, Result},
    schema::{account as account_table, groups, staff, staff_group},
    sealing::RowSealer,
    tenant::{TenantReader, TenantWriter},
};

const TABLE: &str = "staff";

/// What is known of a staff member: exactly the fields of C022, her function and her groups.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffFields {
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
}

/// A staff member as she is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredStaff {
    /// Her id, which is also her account's.
    pub id: UserId,
    /// What is known of her.
    pub fields: StaffFields,
    /// How her account stands.
    pub state: AccountState,
    /// Whether she has set a password.
    pub has_password: bool,
    /// How often she was changed.
    pub revision: i32,
    /// When she was entered, in UTC.
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = staff)]
struct StaffRow {
    id: Vec<u8>,
    first_name: Vec<u8>,
    infix: Vec<u8>,
    last_name: Vec<u8>,
    gender: Vec<u8>,
    email: Vec<u8>,
    revision: i32,
    created_at: i64,
}

struct SealedStaff {
    first_name: Vec<u8>,
    infix: Vec<u8>,
    last_name: Vec<u8>,
    gender: Vec<u8>,
    email: Vec<u8>,
}

impl SealedStaff {
    fn seal(row: &mut RowSealer<'_>, fields: &StaffFields) -> Self {
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
    pub fn staff_members(&mut self, after: Option<UserId>, limit: i64) -> Result<Vec<StoredStaff>> {
        let institution = self.institution();
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows: Vec<StaffRow> = staff::table
            .filter(staff::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(staff::id.gt(after))
            .order(staff::id)
            .limit(limit)
            .select(columns::<StaffRow>())
            .load(self.connection)?;
        rows.iter().map(|row| self.open_staff(row)).collect()
    }

    /// One staff member.
    pub fn staff_member(&mut self, id: UserId) -> Result<StoredStaff> {
        let institution = self.institution();
        let row = staff::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .select(columns::<StaffRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_staff(&row)
    }

    fn open_staff(&mut self, row: &StaffRow) -> Result<StoredStaff> {
        let id = uuid(&row.id, TABLE)?;
        let (role, state, password_set_at): (String, String, Option<i64>) = account_table::table
            .find(row.id.as_slice())
            .select((account_table::role, account_table::state, account_table::password_set_at))
            .first(self.connection)?;
        let Role::Institution(function) = code(Role::from_code, &role, TABLE)? else {
            return Err(Error::Unreadable(TABLE));
        };
        let groups = self.groups_of_staff(UserId::from_uuid(id))?;
        let mut opener = self.opener(TABLE, id, Some(id));
        let member = StoredStaff {
            id: UserId::from_uuid(id),
            fields: StaffFields {
                name: PersonName {
                    first: opener.required_kept("first_name", &row.first_name, NamePart::kept)?,
                    infix: opener.kept("infix", &row.infix, Infix::kept)?,
                    last: opener.required_kept("last_name", &row.last_name, NamePart::kept)?,
                },
                gender: opener.required("gender", &row.gender, |text| Gender::from_code(text).ok_or(()))?,
                email: opener.required_kept("email", &row.email, EmailAddress::kept)?,
                function,
                groups,
            },
            state: code(AccountState::from_code, &state, TABLE)?,
            has_password: password_set_at.is_some(),
            revision: row.revision,
            created_at: timestamp(row.created_at, TABLE)?,
        };
        self.touch(ObjectKind::User, id);
        Ok(member)
    }

    /// The groups that a staff member is given.
    pub fn groups_of_staff(&mut self, id: UserId) -> Result<Vec<GroupId>> {
        let institution = self.institution();
        let ids: Vec<Vec<u8>> = staff_group::table
            .filter(staff_group::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(staff_group::staff_id.eq(id.as_bytes().as_slice()))
            .order(staff_group::group_id)
            .select(staff_group::group_id)
            .load(self.connection)?;
        ids.iter().map(|id| Ok(GroupId::from_uuid(uuid(id, TABLE)?))).collect()
    }
}

impl TenantWriter<'_> {
    /// Enters a staff member with an account that awaits its password. Her key was made before.
    ///
    /// # Errors
    /// [`Error::Conflict`] `email-in-use`; [`Error::Invalid`] for a group that is not the institution's.
    pub fn create_staff(
        &mut self,
        id: UserId,
        fields: &StaffFields,
        invitation: &NewInvitation,
    ) -> Result<StoredStaff> {
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
        account::insert_invitation(self.connection, id, invitation, now)?;
        let mut row = self.sealer(TABLE, id.as_uuid(), Some(id.as_uuid()))?;
        let sealed = SealedStaff::seal(&mut row, fields);
        self.sealed(row);
        diesel::insert_into(staff::table)
            .values((
                staff::institution_id.eq(institution.as_bytes().as_slice()),
                staff::id.eq(id.as_bytes().as_slice()),
                staff::first_name.eq(sealed.first_name),
                staff::infix.eq(sealed.infix),
                staff::last_name.eq(sealed.last_name),
                staff::gender.eq(sealed.gender),
                staff::email.eq(sealed.email),
                staff::revision.eq(1),
                staff::created_at.eq(micros(now)),
            ))
            .execute(self.connection)?;
        self.give_groups(id, &fields.groups)?;
        self.touch(ObjectKind::Invitation, invitation.id.as_uuid());
        self.staff_member(id)
    }

    /// Replaces what is known of a staff member, if she still stands at `revision`. Her address stays: it is
    /// what her account is found by.
    ///
    /// # Errors
    /// [`Error::Stale`] when she was changed in the meantime.
    pub fn change_staff(
        &mut self,
        id: UserId,
        revision: i32,
        fields: &StaffFields,
        state: AccountState,
    ) -> Result<StoredStaff> {
        let institution = self.institution();
        let mut row = self.sealer(TABLE, id.as_uuid(), Some(id.as_uuid()))?;
        let sealed = SealedStaff::seal(&mut row, fields);
        self.sealed(row);
        let updated = diesel::update(
            staff::table
                .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
                .filter(staff::revision.eq(revision)),
        )
        .set((
            staff::first_name.eq(sealed.first_name),
            staff::infix.eq(sealed.infix),
            staff::last_name.eq(sealed.last_name),
            staff::gender.eq(sealed.gender),
            staff::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale);
        }
        diesel::update(account_table::table.find(id.as_bytes().as_slice()))
            .set((
                account_table::role.eq(Role::Institution(fields.function).code()),
                account_table::state.eq(state.code()),
            ))
            .execute(self.connection)?;
        diesel::delete(
            staff_group::table
                .filter(staff_group::institution_id.eq(institution.as_bytes().as_slice()))
                .filter(staff_group::staff_id.eq(id.as_bytes().as_slice())),
        )
        .execute(self.connection)?;
        self.give_groups(id, &fields.groups)?;
        self.staff_member(id)
    }

    /// Counts a change of what is shown of a staff member but kept elsewhere, so that her revision tells of it.
    pub(crate) fn raise_staff_revision(&mut self, id: UserId) -> Result<()> {
        let institution = self.institution();
        diesel::update(staff::table.find((institution.as_bytes().as_slice(), id.as_bytes().as_slice())))
            .set(staff::revision.eq(staff::revision + 1))
            .execute(self.connection)?;
        self.touch(ObjectKind::User, id.as_uuid());
        Ok(())
    }

    /// Invites a staff member to set her password, once more.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `user-blocked`.
    pub fn invite_staff(&mut self, id: UserId, invitation: &NewInvitation) -> Result<()> {
        if self.staff_member(id)?.state == AccountState::Blocked {
            return Err(Error::conflict("user-blocked", "a blocked user is unblocked first"));
        }
        let now = self.now();
        account::insert_invitation(self.connection, id, invitation, now)?;
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
                let refusal =
                    groeilijn_domain::refusal::Refusal::new("unknown-group", "there is no such group");
                return Err(Error::invalid(format!("/groupIds/{index}"), refusal));
            }
            diesel::insert_into(staff_group::table)
                .values((
                    staff_group::institution_id.eq(institution.as_bytes().as_slice()),
                    staff_group::staff_id.eq(id.as_bytes().as_slice()),
                    staff_group::group_id.eq(group.as_bytes().as_slice()),
                ))
                .execute(self.connection)?;
        }
        Ok(())
    }

    /// How many administrators can log in or have been invited, without this one.
    pub fn other_administrators(&mut self, id: UserId) -> Result<i64> {
        let institution = self.institution();
        Ok(account_table::table
            .filter(account_table::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(account_table::role.eq(Role::Institution(Function::Administrator).code()))
            .filter(account_table::state.eq(AccountState::Active.code()))
            .filter(account_table::id.ne(id.as_bytes().as_slice()))
            .count()
            .get_result(self.connection)?)
    }
}
