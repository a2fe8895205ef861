//! How users are entered, changed and invited.

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::right_change::RightChange;
use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::access::user::{UserFields, check_invitable};
use groeilijn_domain::access::{Entitlement, Role};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::{GroupId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::{Infix, ShortText};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::RowSealer;

use super::read::{StoredUser, TABLE};
use crate::access::account::{NewAccount, forget_strikes, insert, lock_account};
use crate::access::invitation::{NewInvitation, invite, void_links};
use crate::access::key_owner;
use crate::access::schema::{account, users};
use crate::access::session::end_sessions_of;
use crate::children::schema::{groups, user_group};
use crate::handles::tenant::TenantWriter;

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
        insert(self.connection, store, &new, now)?;
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::user(id))?;
        let sealed = SealedUser::seal(&mut row, fields);
        self.sealed(row);
        diesel::insert_into(users::table)
            .values((
                users::institution_id.is(institution),
                users::id.is(id),
                users::first_name.eq(sealed.first_name),
                users::infix.eq(sealed.infix),
                users::last_name.eq(sealed.last_name),
                users::gender.eq(sealed.gender),
                users::email.eq(sealed.email),
                users::revision.eq(1),
                users::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.entitle(id, &fields.entitlement(AccountState::Invited))?;
        let to = Actor { account: id, role: new.role, institution: Some(institution) };
        invite(self.connection, store, to, invitation)?;
        let after = fields.entitlement(AccountState::Invited);
        self.register_right_change(id, &RightChange { before: None, after, reason: None })?;
        self.touch(ObjectKind::Invitation, invitation.id.as_uuid());
        self.user(id)
    }

    /// Replaces what is known of a user as she was `stored`. Her address stays: it is what her account is
    /// found by. When what she may do changes, that is registered with the reason; her sessions end, unless
    /// only her groups change, which hold from the next request on anyway. When she is blocked or let in again, every
    /// link to choose a password ends.
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
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::user(id))?;
        let sealed = SealedUser::seal(&mut row, fields);
        self.sealed(row);
        let unchanged = users::table
            .filter(users::institution_id.is(institution))
            .filter(users::id.is(id))
            .filter(users::revision.eq(revision));
        let updated = diesel::update(unchanged)
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
            if after.state != before.state {
                let now = self.now();
                void_links(self.connection, id, now)?;
            }
            if after.ends_sessions(&before) {
                let now = self.now();
                end_sessions_of(self.connection, id, SessionEnd::RightsChanged, now)?;
            }
            let reason = reason.map(|reason| reason.as_str().to_owned());
            self.register_right_change(id, &RightChange { before: Some(before), after, reason })?;
        }
        self.user(id)
    }

    /// Makes an account stand as its user is entitled to. One that is let in again has no strikes.
    fn entitle(&mut self, id: UserId, entitlement: &Entitlement) -> Result<()> {
        let rights = Some(&entitlement.rights).filter(|rights| !rights.is_empty());
        diesel::update(account::table.filter(account::id.is(id)))
            .set((
                account::role.is(Role::Institution(entitlement.function)),
                account::state.is(entitlement.state),
                account::rights.is(rights),
                account::last_day.is(entitlement.last_day),
            ))
            .execute(self.connection)?;
        if entitlement.state == AccountState::Invited {
            forget_strikes(self.connection, id)?;
        }
        let institution = self.institution();
        diesel::delete(
            user_group::table
                .filter(user_group::institution_id.is(institution))
                .filter(user_group::user_id.is(id)),
        )
        .execute(self.connection)?;
        self.give_groups(id, &entitlement.groups)
    }

    /// Invites a user to set her password, once more.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `user-blocked`.
    pub fn invite_user(&mut self, id: UserId, invitation: &NewInvitation) -> Result<()> {
        let stored = self.user(id)?;
        check_invitable(stored.state).map_err(Error::Conflict)?;
        let role = Role::Institution(stored.fields.function);
        let to = Actor { account: id, role, institution: Some(self.institution()) };
        let store = self.store();
        invite(self.connection, store, to, invitation)?;
        self.touch(ObjectKind::Invitation, invitation.id.as_uuid());
        Ok(())
    }

    fn give_groups(&mut self, id: UserId, given: &[GroupId]) -> Result<()> {
        let institution = self.institution();
        for (index, &group) in given.iter().enumerate() {
            let known: bool = diesel::select(diesel::dsl::exists(
                groups::table.filter(groups::institution_id.is(institution)).filter(groups::id.is(group)),
            ))
            .get_result(self.connection)?;
            if !known {
                let refusal = Refusal::new("unknown-group", "there is no such group");
                return Err(Error::invalid(format!("group_ids/{index}"), refusal));
            }
            diesel::insert_into(user_group::table)
                .values((
                    user_group::institution_id.is(institution),
                    user_group::user_id.is(id),
                    user_group::group_id.is(group),
                ))
                .execute(self.connection)?;
        }
        Ok(())
    }
}
