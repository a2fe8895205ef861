//! Users who left: a year later her row is a stub, with her id and function alone, and her key is destroyed. What she
//! wrote about children keeps its author's id (C067).

use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::leaver::Standing;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::Result;
use groeilijn_engine::keys::ends;
use jiff::Timestamp;
use jiff::civil::Date;

use super::login;
use crate::access::account::lock_account;
use crate::access::invitation::void_offers;
use crate::access::schema::{letter, membership as membership_table, right_change, users};
use crate::access::session::end_sessions_in;
use crate::access::{key_owner, membership};
use crate::children::schema::{user_group, user_location};
use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;

/// How many become stubs in one turn, at one institution.
const AT_ONCE: usize = 100;

impl Store {
    /// The users of an institution whose term has ended at the moment `now`: some of them, and more the next time.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub async fn users_to_end(&self, institution: InstitutionId, now: Timestamp) -> Result<Vec<UserId>> {
        self.data()
            .read_at_one_moment(Cost::Rows, move |connection| {
                dialect::enter_institution(connection, institution)?;
                let mut over = Vec::new();
                for user in possible_leavers(connection, institution)? {
                    if over.len() < AT_ONCE && standing(connection, institution, user)?.is_over(now) {
                        over.push(user);
                    }
                }
                Ok(over)
            })
            .await
    }
}

/// Those who are blocked or have a last day, and are no stubs yet.
fn possible_leavers(connection: &mut AnyConnection, institution: InstitutionId) -> Result<Vec<UserId>> {
    let leaving = membership_table::table
        .filter(membership_table::institution_id.is(institution))
        .filter(
            membership_table::state.is(AccountState::Blocked).or(membership_table::last_day.is_not_null()),
        )
        .select(membership_table::user_id);
    Ok(users::table
        .filter(users::institution_id.is(institution))
        .filter(users::ended_at.is_null())
        .filter(users::id.eq_any(leaving))
        .order(users::id)
        .select(users::id)
        .load(connection)?)
}

/// How a user stands. Since when she is blocked is the time of her last entry in the register of rights.
fn standing(connection: &mut AnyConnection, institution: InstitutionId, user: UserId) -> Result<Standing> {
    let (state, last_day): (AccountState, Option<Date>) = membership_table::table
        .filter(membership_table::institution_id.is(institution))
        .filter(membership_table::user_id.is(user))
        .select((membership_table::state, membership_table::last_day))
        .first(connection)?;
    let changed_at: Option<Timestamp> = right_change::table
        .filter(right_change::institution_id.is(institution))
        .filter(right_change::user_id.is(user))
        .order(right_change::id.desc())
        .select(right_change::changed_at)
        .first(connection)
        .optional()?;
    Ok(Standing { blocked_since: changed_at.filter(|_| state == AccountState::Blocked), last_day })
}

impl TenantWriter<'_> {
    /// Makes a user a stub, whose key ends, and her login too when it is of no use any more. `false` when she came back,
    /// or became one, in the meantime.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn end_user(&mut self, user: UserId) -> Result<bool> {
        let (store, institution, now) = (self.store(), self.institution(), self.now());
        let account = membership::load(self.connection, store, institution, user)?.account_id;
        lock_account(self.connection, account)?;
        let is_leaver = possible_leavers(self.connection, institution)?.contains(&user);
        if !is_leaver || !standing(self.connection, institution, user)?.is_over(now) {
            return Ok(false);
        }
        end_sessions_in(self.connection, (institution, account), SessionEnd::RightsChanged, now)?;
        void_offers(self.connection, account, Some(institution), now)?;
        membership::change(self.connection, store, (institution, user), |row| {
            row.state = AccountState::Blocked;
            row.accepted_at = None;
            row.rights = None;
            row.last_day = None;
        })?;
        let groups = user_group::table
            .filter(user_group::institution_id.is(institution))
            .filter(user_group::user_id.is(user));
        diesel::delete(groups).execute(self.connection)?;
        let locations = user_location::table
            .filter(user_location::institution_id.is(institution))
            .filter(user_location::user_id.is(user));
        diesel::delete(locations).execute(self.connection)?;
        let letters = letter::table
            .filter(letter::institution_id.is(Some(institution)))
            .filter(letter::user_id.is(user));
        diesel::delete(letters).execute(self.connection)?;
        self.leave_a_stub(user)?;
        ends::end_at(self.connection, institution, key_owner::user(user), now)?;
        self.touch(ObjectKind::User, user.as_uuid());
        if !login::is_used(self.connection, account)? {
            login::end(self.connection, store, account, now)?;
        }
        dialect::enter_institution(self.connection, institution)?;
        Ok(true)
    }

    fn leave_a_stub(&mut self, user: UserId) -> Result<()> {
        let (institution, now) = (self.institution(), self.now());
        let own = users::table.filter(users::institution_id.is(institution)).filter(users::id.is(user));
        diesel::update(own)
            .set((
                users::name.eq(Vec::new()),
                users::gender.eq(Vec::new()),
                users::email.eq(Vec::new()),
                users::address_exception.eq(None::<Vec<u8>>),
                users::address_exception_until.is(None::<Date>),
                users::ended_at.is(Some(now)),
                users::revision.eq(users::revision + 1),
            ))
            .execute(self.connection)?;
        Ok(())
    }
}
