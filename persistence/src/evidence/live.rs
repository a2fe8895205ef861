//! What can be counted at this moment of whether clauses are kept.

use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::audit::log_review::began_on;
use groeilijn_domain::evidence::live::{LiveCheck, LiveCheckKind, foreign};
use groeilijn_domain::platform::subprocessor::SubprocessorState;
use groeilijn_domain::retention::plan::pupil_due;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::UserId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::civil::Date;

use crate::access::schema::users;
use crate::access::{account, key_owner};
use crate::handles::platform::PlatformReader;
use crate::handles::tenant::TenantReader;
use crate::institutions::institution;
use crate::platform::confidentiality_statement;
use crate::platform::schema::processor_staff;
use crate::platform::subprocessor::Viewer;
use crate::retention::schema::retention_hold;

impl TenantReader<'_> {
    /// What is counted of the institution. That it was looked at is on record; whom it met is not, since nobody is told.
    ///
    /// # Errors
    /// What the database refuses, and addresses that cannot be read.
    pub fn live_checks(&mut self) -> Result<Vec<LiveCheck>> {
        self.searches(ObjectKind::Institution, self.institution().as_uuid());
        let domains = institution::load_domains(self.connection, self.institution())?;
        let addresses = self.addresses_of_users()?;
        let now = self.now();
        Ok(vec![
            LiveCheck::of(LiveCheckKind::ForeignAccounts, foreign(&domains, &addresses), now),
            LiveCheck::of(LiveCheckKind::BeyondTerm, self.beyond_their_term()?, now),
            LiveCheck::of(LiveCheckKind::UnreviewedHolds, self.past_their_review()?, now),
            self.log_left_unreviewed()?,
        ])
    }

    /// Since when nobody looked through the log.
    fn log_left_unreviewed(&mut self) -> Result<LiveCheck> {
        let (duty, until) = self.log_review_duty()?;
        let since = match until {
            Some(until) => amsterdam_date(until),
            None => began_on(self.own_institution()?.created_at),
        };
        Ok(LiveCheck::of_log_review(since, duty, self.now()))
    }

    /// The addresses of all users who are not stubs yet; `None` for one that cannot be read.
    fn addresses_of_users(&mut self) -> Result<Vec<Option<EmailAddress>>> {
        let rows: Vec<(UserId, Vec<u8>)> = users::table
            .filter(users::institution_id.is(self.institution()))
            .filter(users::ended_at.is_null())
            .order(users::id)
            .select((users::id, users::email))
            .load(self.connection)?;
        self.open_keys(rows.iter().map(|(id, _)| key_owner::user(*id)))?;
        rows.into_iter()
            .map(|(id, email)| {
                let mut opener = self.opener("users", id.as_uuid(), key_owner::user(id));
                self.readable(id, opener.required_kept("email", &email, EmailAddress::kept))
            })
            .collect()
    }

    /// How many children are there although their term is over and nothing holds them.
    fn beyond_their_term(&mut self) -> Result<usize> {
        let today = amsterdam_date(self.now());
        let facts = self.institution_facts()?;
        let pupils = self.pupil_facts()?;
        Ok(pupils.iter().filter(|pupil| pupil_due(pupil, &facts).goes(today)).count())
    }

    /// How many holds are to be looked at since a day that has passed.
    fn past_their_review(&mut self) -> Result<usize> {
        let held: Vec<Date> = retention_hold::table
            .filter(retention_hold::institution_id.is(self.institution()))
            .filter(retention_hold::lifted_at.is_null())
            .select(retention_hold::review_on)
            .load(self.connection)?;
        let today = amsterdam_date(self.now());
        Ok(held.into_iter().filter(|review_on| *review_on < today).count())
    }
}

impl PlatformReader<'_> {
    /// What is counted of the service as somebody sees it.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn live_checks(&mut self, viewer: Viewer) -> Result<Vec<LiveCheck>> {
        let now = self.store.environment().now();
        let today = amsterdam_date(now);
        let unchecked = self.subprocessors(viewer, None, i64::MAX)?.into_iter().filter(|subprocessor| {
            subprocessor.state == SubprocessorState::InUse && subprocessor.check_due < today
        });
        Ok(vec![
            LiveCheck::of(LiveCheckKind::UncheckedSubprocessors, unchecked.count(), now),
            LiveCheck::of(LiveCheckKind::UnboundStaff, self.staff_without_statement()?, now),
        ])
    }

    /// How many of the processor's staff can log in without a statement on record.
    fn staff_without_statement(&mut self) -> Result<usize> {
        let staff: Vec<UserId> = processor_staff::table
            .filter(processor_staff::ended_at.is_null())
            .select(processor_staff::id)
            .load(self.connection)?;
        let mut without = 0;
        for one in staff {
            let is_let_in =
                account::load(self.connection, self.store, one.into())?.state == AccountState::Active;
            let signed = confidentiality_statement::latest(self.connection, one)?;
            without += usize::from(is_let_in && signed.is_none());
        }
        Ok(without)
    }
}
