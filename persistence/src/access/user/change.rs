//! How users are entered, changed and invited.

use groeilijn_domain::access::invitation::InvitationKind;
use groeilijn_domain::access::principal::Person;
use groeilijn_domain::access::right_change::RightChange;
use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::access::user::{UserFields, check_invitable};
use groeilijn_domain::access::{Entitlement, GivenGroups, GivenLocations};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{AccountId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::RowSealer;

use super::read::{StoredUser, TABLE};
use crate::access::account::{self, AccountRow, NewAccount, forget_strikes, lock_account};
use crate::access::invitation::{NewInvitation, invite, void_links, void_offers};
use crate::access::key_owner;
use crate::access::membership::{self, MembershipRow};
use crate::access::schema::users;
use crate::access::session::end_sessions_in;
use crate::children::schema::{groups, user_group, user_location};
use crate::handles::tenant::TenantWriter;
use crate::person_name::seal_name;

struct SealedUser {
    name: Vec<u8>,
    gender: Vec<u8>,
    email: Vec<u8>,
}

impl SealedUser {
    fn seal(row: &mut RowSealer<'_>, fields: &UserFields) -> Self {
        Self {
            name: seal_name(row, &fields.name),
            gender: row.text("gender", Some(fields.gender.code())),
            email: row.text("email", Some(fields.email.as_str())),
        }
    }
}

impl TenantWriter<'_> {
    /// Enters a user: with an account that awaits its password, or, where somebody logs in with the address already, as
    /// one who is asked to join. Which of the two shows in nothing but the letter. Her key was made before.
    ///
    /// # Errors
    /// [`Error::Conflict`] `already-a-user`; [`Error::Invalid`] for a group or a location that is not the institution's, for
    /// a location in the archive, and for an address of the processor's own staff.
    pub fn create_user(
        &mut self,
        id: UserId,
        fields: &UserFields,
        invitation: &NewInvitation,
    ) -> Result<StoredUser> {
        let (institution, now, store) = (self.institution(), self.now(), self.store());
        let login = self.login_of(&fields.email)?;
        membership::insert(
            self.connection,
            store,
            MembershipRow::new((institution, id), login.id, fields.function),
        )?;
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::user(id))?;
        let sealed = SealedUser::seal(&mut row, fields);
        self.sealed(row);
        diesel::insert_into(users::table)
            .values((
                users::institution_id.is(institution),
                users::id.is(id),
                users::name.eq(sealed.name),
                users::gender.eq(sealed.gender),
                users::email.eq(sealed.email),
                users::revision.eq(1),
                users::created_at.is(now),
            ))
            .execute(self.connection)?;
        let after = fields.entitlement(AccountState::Invited);
        self.entitle(id, None, &after)?;
        self.send_invitation((login.id, id), InvitationKind::to(login.has_password(), false), invitation)?;
        self.register_right_change(id, &RightChange { before: None, after, reason: None })?;
        self.user(id)
    }

    /// The login of somebody who is entered: hers, when she has one, or a new one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an address of the processor's own staff.
    pub(crate) fn login_of(&mut self, email: &EmailAddress) -> Result<AccountRow> {
        let (store, now) = (self.store(), self.now());
        match account::by_email(self.connection, store, email)? {
            Some(staff) if staff.processor_function.is_some() => {
                let refusal =
                    Refusal::new("of-the-processor", "must not be an address of the processor's staff");
                Err(Error::invalid("email", refusal))
            }
            Some(login) => Ok(login),
            None => {
                let id = AccountId::from_uuid(self.environment().uuid());
                let new = NewAccount { id, email, processor_function: None };
                account::insert(self.connection, store, &new, now)
            }
        }
    }

    /// Replaces what is known of a user as she was `stored`. Her address stays: it is what her account is
    /// found by. When what she may do changes, that is registered with the reason; her sessions here end, unless
    /// only her groups change, which hold from the next request on anyway. When she is blocked or let in again, every
    /// link to choose a password ends. `set_to` is nothing as long as how she stands is not for this change to say.
    ///
    /// # Errors
    /// [`Error::Stale`] when she was changed in the meantime.
    pub fn change_user(
        &mut self,
        stored: &StoredUser,
        fields: &UserFields,
        set_to: Option<AccountState>,
        reason: Option<&ShortText>,
    ) -> Result<StoredUser> {
        let (id, revision) = (stored.id, stored.revision);
        lock_account(self.connection, stored.account)?;
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
                users::name.eq(sealed.name),
                users::gender.eq(sealed.gender),
                users::revision.eq(revision + 1),
            ))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        let before = stored.entitlement_before(set_to);
        let after = fields.entitlement(set_to.unwrap_or(stored.state));
        if after != before {
            self.entitle(id, before.locations.as_ref(), &after)?;
            let now = self.now();
            if after.state != before.state {
                self.let_in_or_out(stored, after.state)?;
            }
            if after.ends_sessions(&before) {
                let whose = (institution, stored.account);
                end_sessions_in(self.connection, whose, SessionEnd::RightsChanged, now)?;
            }
            let reason = reason.map(|reason| reason.as_str().to_owned());
            self.register_right_change(id, &RightChange { before: Some(before), after, reason })?;
        }
        self.user(id)
    }

    /// Keeps another address of a user, by which she logs in from now on; nothing happens to a stub.
    pub(crate) fn readdress_user(&mut self, id: UserId, email: &EmailAddress) -> Result<()> {
        let own = users::table
            .filter(users::institution_id.is(self.institution()))
            .filter(users::id.is(id))
            .filter(users::ended_at.is_null());
        if !diesel::select(diesel::dsl::exists(own)).get_result(self.connection)? {
            return Ok(());
        }
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::user(id))?;
        let sealed = row.text("email", Some(email.as_str()));
        self.sealed(row);
        diesel::update(own)
            .set((users::email.eq(sealed), users::revision.eq(users::revision + 1)))
            .execute(self.connection)?;
        self.touch(ObjectKind::User, id.as_uuid());
        Ok(())
    }

    /// Blocks a user, who can then act in the institution no more, or lets her in again. Then her login is let in too, if
    /// wrong passwords shut it: she chooses another password first.
    fn let_in_or_out(&mut self, stored: &StoredUser, state: AccountState) -> Result<()> {
        let (store, institution, now) = (self.store(), self.institution(), self.now());
        let mut accepted = false;
        membership::change(self.connection, store, (institution, stored.id), |row| {
            accepted = row.accepted_at.is_some();
            row.state = match (state, row.state) {
                // Only her login was shut.
                (AccountState::Invited, AccountState::Active) => AccountState::Active,
                (wanted, _) => wanted,
            };
        })?;
        void_offers(self.connection, stored.account, Some(institution), now)?;
        // Where she never accepted, her login is no business of the institution.
        let is_hers = accepted || !account::load(self.connection, store, stored.account)?.has_password();
        if is_hers {
            void_links(self.connection, stored.account, now)?;
        }
        if state != AccountState::Invited || !accepted {
            return Ok(());
        }
        if account::load(self.connection, store, stored.account)?.state == AccountState::Blocked {
            account::change(self.connection, store, stored.account, |row| {
                row.state = AccountState::Invited;
                Ok(())
            })?;
            forget_strikes(self.connection, stored.account)?;
            membership::raise_revisions_elsewhere(self.connection, store, stored.account, institution)?;
        }
        Ok(())
    }

    /// Makes a membership give what its user is entitled to, who was limited to the locations `before`.
    fn entitle(
        &mut self,
        id: UserId,
        before: Option<&GivenLocations>,
        entitlement: &Entitlement,
    ) -> Result<()> {
        let (store, institution) = (self.store(), self.institution());
        membership::change(self.connection, store, (institution, id), |row| {
            row.function = entitlement.function;
            row.rights = Some(entitlement.rights.clone()).filter(|rights| !rights.is_empty());
            row.last_day = entitlement.last_day;
            row.limit_to_locations(entitlement.locations.is_some());
        })?;
        diesel::delete(
            user_group::table
                .filter(user_group::institution_id.is(institution))
                .filter(user_group::user_id.is(id)),
        )
        .execute(self.connection)?;
        self.give_groups(id, &entitlement.groups)?;
        self.give_locations(id, before, entitlement.locations.as_ref())
    }

    /// Invites a user once more: to set her password, or to join when she has one that she logs in with elsewhere.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `user-blocked`.
    pub fn invite_user(&mut self, id: UserId, invitation: &NewInvitation) -> Result<StoredUser> {
        let stored = self.user(id)?;
        check_invitable(stored.state).map_err(Error::Conflict)?;
        let (store, institution) = (self.store(), self.institution());
        let accepted = membership::load(self.connection, store, institution, id)?.standing().accepted;
        let login = account::load(self.connection, store, stored.account)?;
        self.send_invitation(
            (stored.account, id),
            InvitationKind::to(login.has_password(), accepted),
            invitation,
        )?;
        Ok(stored)
    }

    fn send_invitation(
        &mut self,
        (account, user): (AccountId, UserId),
        kind: InvitationKind,
        invitation: &NewInvitation,
    ) -> Result<()> {
        let (store, institution) = (self.store(), Some(self.institution()));
        invite(self.connection, store, (account, Person { user, institution }), kind, invitation)?;
        self.touch(ObjectKind::Invitation, invitation.id.as_uuid());
        Ok(())
    }

    fn give_groups(&mut self, id: UserId, given: &GivenGroups) -> Result<()> {
        let institution = self.institution();
        for (index, given) in given.iter().enumerate() {
            let group = given.group;
            let known: bool = diesel::select(diesel::dsl::exists(
                groups::table.filter(groups::institution_id.is(institution)).filter(groups::id.is(group)),
            ))
            .get_result(self.connection)?;
            if !known {
                let refusal = Refusal::new("unknown-group", "there is no such group");
                return Err(Error::invalid(format!("groups/{index}/group_id"), refusal));
            }
            diesel::insert_into(user_group::table)
                .values((
                    user_group::institution_id.is(institution),
                    user_group::user_id.is(id),
                    user_group::group_id.is(group),
                    user_group::first_day.is(given.first_day),
                    user_group::last_day.is(given.last_day),
                ))
                .execute(self.connection)?;
        }
        Ok(())
    }

    /// Limits a user to these locations in place of those before. The log has each that she is given or loses.
    fn give_locations(
        &mut self,
        id: UserId,
        before: Option<&GivenLocations>,
        after: Option<&GivenLocations>,
    ) -> Result<()> {
        let institution = self.institution();
        let own = user_location::table
            .filter(user_location::institution_id.is(institution))
            .filter(user_location::user_id.is(id));
        diesel::delete(own).execute(self.connection)?;
        for (index, given) in after.into_iter().flat_map(GivenLocations::iter).enumerate() {
            // One that went to the archive stays hers until it is taken away.
            if !before.is_some_and(|before| before.holds(given.location)) {
                self.check_location_in_use(given.location)?
                    .map_err(|refusal| Error::invalid(format!("locations/{index}/location_id"), refusal))?;
            }
            diesel::insert_into(user_location::table)
                .values((
                    user_location::institution_id.is(institution),
                    user_location::user_id.is(id),
                    user_location::location_id.is(given.location),
                    user_location::first_day.is(given.first_day),
                    user_location::last_day.is(given.last_day),
                ))
                .execute(self.connection)?;
        }
        for given in GivenLocations::changed(before, after) {
            self.touch(ObjectKind::Location, given.location.as_uuid());
        }
        Ok(())
    }
}
