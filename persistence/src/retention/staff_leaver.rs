//! Members of the processor's staff who left: a year after they were blocked their row is a stub, their key is destroyed,
//! and later their confidentiality statements go (C045, C067).

use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::platform::staff_right_change::StaffRightChange;
use groeilijn_domain::retention::leaver::Standing;
use groeilijn_domain::retention::terms::STATEMENT;
use groeilijn_domain::values::ids::{AccountId, InstitutionId, UserId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::keys::ends;
use jiff::Timestamp;

use super::login;
use crate::access::account::{self, lock_account};
use crate::access::schema::{account as account_table, letter};
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::platform::key_owner;
use crate::platform::schema::{confidentiality_statement, processor_staff};

impl PlatformReader<'_> {
    /// The members of the processor's staff whose term has ended at the moment `now`.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn staff_to_end(&mut self, now: Timestamp) -> Result<Vec<UserId>> {
        let blocked: Vec<AccountId> = account_table::table
            .filter(account_table::processor_function.is_not_null())
            .filter(account_table::state.is(AccountState::Blocked))
            .filter(account_table::ended_at.is_null())
            .order(account_table::id)
            .select(account_table::id)
            .load(self.connection)?;
        let mut over = Vec::new();
        for id in blocked {
            let staff = UserId::from_uuid(id.as_uuid());
            if self.staff_standing(staff)?.is_over(now) {
                over.push(staff);
            }
        }
        Ok(over)
    }

    /// How a member stands. Wrong passwords block an account too, and say nothing of leaving: the register of rights
    /// tells whether somebody decided it.
    fn staff_standing(&mut self, staff: UserId) -> Result<Standing> {
        let account = account::load(self.connection, self.store, staff.into())?;
        let last = self.last_staff_right_change(staff);
        let last = self.store.damaged_rows().readable(staff, last)?.flatten();
        let blocked_since = last
            .filter(|(_, change): &(Timestamp, StaffRightChange)| change.after.state == AccountState::Blocked)
            .filter(|_| account.state == AccountState::Blocked)
            .map(|(changed_at, _)| changed_at);
        Ok(Standing { blocked_since, last_day: None })
    }
}

impl PlatformWriter<'_> {
    /// Makes a member of the processor's staff a stub, whose key ends. `false` when they came back, or
    /// became one, in the meantime.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn end_staff(&mut self, staff: UserId) -> Result<bool> {
        let (store, now) = (self.store(), self.now());
        lock_account(self.connection, staff.into())?;
        if !self.reader().staff_to_end(now)?.contains(&staff) {
            return Ok(false);
        }
        let letters =
            letter::table.filter(letter::institution_id.is_null()).filter(letter::user_id.is(staff));
        diesel::delete(letters).execute(self.connection)?;
        diesel::update(processor_staff::table.filter(processor_staff::id.is(staff)))
            .set((
                processor_staff::name.eq(Vec::new()),
                processor_staff::email.eq(Vec::new()),
                processor_staff::ended_at.is(Some(now)),
                processor_staff::revision.eq(processor_staff::revision + 1),
            ))
            .execute(self.connection)?;
        login::empty(self.connection, store, staff.into(), now)?;
        ends::end_at(self.connection, InstitutionId::PLATFORM, key_owner::staff(staff), now)?;
        self.touch(ObjectKind::ProcessorStaff, staff.as_uuid());
        Ok(true)
    }

    /// Forgets the confidentiality statements whose term has ended at the moment `now`.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn end_statements(&mut self, now: Timestamp) -> Result<()> {
        let left: Vec<UserId> = processor_staff::table
            .filter(processor_staff::ended_at.before(Some(STATEMENT.cutoff(now))))
            .select(processor_staff::id)
            .load(self.connection)?;
        for staff in left {
            let signed =
                confidentiality_statement::table.filter(confidentiality_statement::staff_id.is(staff));
            if diesel::delete(signed).execute(self.connection)? > 0 {
                self.touch(ObjectKind::ProcessorStaff, staff.as_uuid());
            }
        }
        Ok(())
    }
}
