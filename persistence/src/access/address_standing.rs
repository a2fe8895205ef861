//! Whose address is not the institution's any more, and who may have one of another organisation (C054, C055).

use std::collections::HashMap;

use groeilijn_domain::access::email_address::{AddressDue, AddressException, due};
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::principal::Person;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::UserId;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use crate::access::schema::{membership, users};
use crate::access::{key_owner, letter};
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::institution::load_domains;

const TABLE: &str = "users";

/// How a user's address stands, and how it should.
pub struct Unsettled {
    user: UserId,
    due: Option<AddressDue>,
    state: AccountState,
}

impl TenantReader<'_> {
    /// The users whose addresses stand otherwise than is kept of them.
    ///
    /// # Errors
    /// When the database or the key store is busy or cannot be read.
    pub fn unsettled_addresses(&mut self) -> Result<Vec<Unsettled>> {
        let (institution, today) = (self.institution(), amsterdam_date(self.now()));
        let domains = load_domains(self.connection, institution)?;
        let kept: Vec<(UserId, AccountState, Option<AddressDue>)> = membership::table
            .filter(membership::institution_id.is(institution))
            .select((membership::user_id, membership::state, membership::address_due))
            .load(self.connection)?;
        let kept: HashMap<_, _> = kept.into_iter().map(|(user, state, due)| (user, (state, due))).collect();
        let rows: Vec<(UserId, Vec<u8>, Option<Date>)> = users::table
            .filter(users::institution_id.is(institution))
            .filter(users::ended_at.is_null())
            .order(users::id)
            .select((users::id, users::email, users::address_exception_until))
            .load(self.connection)?;
        self.open_keys(rows.iter().map(|(user, ..)| key_owner::user(*user)))?;
        let mut found = Vec::new();
        for (user, email, until) in rows {
            let mut opener = self.opener(TABLE, user.as_uuid(), key_owner::user(user));
            let opened = opener.required_kept("email", &email, EmailAddress::kept);
            let Some(email) = self.readable(user, opened)? else { continue };
            let due = due(&email, &domains, until, today);
            if let Some((state, _)) = kept.get(&user).filter(|(_, before)| *before != due) {
                found.push(Unsettled { user, due, state: *state });
            }
        }
        Ok(found)
    }

    pub(super) fn open_exception(
        &self,
        user: UserId,
        stored: Option<&[u8]>,
    ) -> Result<Option<AddressException>> {
        let Some(stored) = stored else { return Ok(None) };
        self.opener(TABLE, user.as_uuid(), key_owner::user(user)).json("address_exception", stored).map(Some)
    }
}

impl TenantWriter<'_> {
    /// Keeps how the addresses stand by now. Whoever has to log in with another one is told, unless she was blocked.
    ///
    /// # Errors
    /// When the database or the key store is busy or cannot be read.
    pub fn settle_addresses(&mut self) -> Result<()> {
        let (institution, store) = (self.institution(), self.store());
        for Unsettled { user, due, state } in self.unsettled_addresses()? {
            let own = membership::table
                .filter(membership::institution_id.is(institution))
                .filter(membership::user_id.is(user));
            diesel::update(own).set(membership::address_due.is(due)).execute(self.connection)?;
            let row = users::table.filter(users::institution_id.is(institution)).filter(users::id.is(user));
            diesel::update(row).set(users::revision.eq(users::revision + 1)).execute(self.connection)?;
            if due.is_some() && state != AccountState::Blocked {
                let to = Person { user, institution: Some(institution) };
                letter::queue(self.connection, store, to, &LetterContent::AddressDue)?;
            }
            self.touch(ObjectKind::User, user.as_uuid());
        }
        Ok(())
    }

    /// Lets a user have an address of another organisation until and including a day in Amsterdam, if she still stands at
    /// `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when she was changed in the meantime; as [`Self::settle_addresses`].
    pub fn except_address(
        &mut self,
        (user, revision): (UserId, i32),
        reason: &ShortText,
        until: Date,
    ) -> Result<()> {
        let exception = AddressException {
            reason: reason.as_str().to_owned(),
            granted_by: self.actor()?.user,
            granted_at: self.now(),
        };
        let mut row = self.sealer(TABLE, user.as_uuid(), key_owner::user(user))?;
        let sealed = row.json("address_exception", &exception)?;
        self.sealed(row);
        let unchanged = users::table
            .filter(users::institution_id.is(self.institution()))
            .filter(users::id.is(user))
            .filter(users::revision.eq(revision));
        let updated = diesel::update(unchanged)
            .set((
                users::address_exception.eq(Some(sealed)),
                users::address_exception_until.is(Some(until)),
                users::revision.eq(revision + 1),
            ))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        self.touch(ObjectKind::User, user.as_uuid());
        self.settle_addresses()
    }
}
