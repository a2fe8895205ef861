//! Logins that failed, and those that are being checked: how many there are of one account and from one address.

use diesel::AggregateExpressionMethods;
use diesel::dsl::{count, count_star, min};
use groeilijn_domain::access::login::{Failures, Limit, WINDOW};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::access::schema::login_failure;
use crate::handles::store::Store;
use crate::platform::security_event::{self, NewSecurityEvent};

/// How long a password may take to be checked: an attempt that is older was broken off.
const CHECKING: SignedDuration = SignedDuration::from_mins(1);

/// Who tries, from where and when.
pub(super) struct Tally {
    pub(super) email_index: Vec<u8>,
    pub(super) address_index: Vec<u8>,
    pub(super) now: Timestamp,
}

impl Tally {
    /// Lets one transaction at a time count attempts of this account or from this address, until its commit.
    pub(super) fn lock(&self, connection: &mut AnyConnection) -> Result<()> {
        dialect::lock(connection, &self.address_index)?;
        dialect::lock(connection, &self.email_index)
    }

    /// The failures under each limit.
    pub(super) fn failures(&self, connection: &mut AnyConnection) -> Result<[Failures; 3]> {
        let since = self.now - WINDOW;
        let on_account: (i64, Option<Timestamp>) = login_failure::table
            .filter(login_failure::email_index.eq(&self.email_index))
            .filter(login_failure::occurred_at.after(since))
            .select((count_star(), min(login_failure::occurred_at)))
            .first(connection)?;
        let from_address: (i64, i64, Option<Timestamp>) = login_failure::table
            .filter(login_failure::address_index.eq(&self.address_index))
            .filter(login_failure::occurred_at.after(since))
            .select((
                count_star(),
                count(login_failure::email_index).aggregate_distinct(),
                min(login_failure::occurred_at),
            ))
            .first(connection)?;
        let failures = |limit, count: i64, oldest| Failures {
            limit,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            oldest,
        };
        Ok([
            failures(Limit::Account, on_account.0, on_account.1),
            failures(Limit::Address, from_address.0, from_address.2),
            failures(Limit::AccountsOfAddress, from_address.1, from_address.2),
        ])
    }

    /// How many passwords for this account are being checked at this moment.
    pub(super) fn checking(&self, connection: &mut AnyConnection) -> Result<i32> {
        let count: i64 = login_failure::table
            .filter(login_failure::email_index.eq(&self.email_index))
            .filter(login_failure::settled.eq(0))
            .filter(login_failure::occurred_at.after(self.now - CHECKING))
            .count()
            .get_result(connection)?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// Enters an attempt as failed, until it is taken back.
    pub(super) fn insert(&self, connection: &mut AnyConnection, attempt: Uuid) -> Result<()> {
        diesel::insert_into(login_failure::table)
            .values((
                login_failure::id.is(attempt),
                login_failure::occurred_at.is(self.now),
                login_failure::email_index.eq(&self.email_index),
                login_failure::address_index.eq(&self.address_index),
                login_failure::settled.eq(0),
            ))
            .execute(connection)?;
        Ok(())
    }

    /// Keeps that a limit refuses, when that looks like an attack and was not kept yet.
    pub(super) fn alert(
        &self,
        connection: &mut AnyConnection,
        store: &Store,
        limit: Limit,
        address: &str,
    ) -> Result<Vec<SecurityEventKind>> {
        let kind = SecurityEventKind::AddressFailsOnManyAccounts;
        let since = self.now - WINDOW;
        if limit != Limit::AccountsOfAddress
            || security_event::count(connection, kind, Some(address), since)? > 0
        {
            return Ok(Vec::new());
        }
        let event = NewSecurityEvent { kind, institution: None, account: None, address };
        security_event::insert(connection, store.environment(), &event)?;
        Ok(vec![kind])
    }
}

/// Takes back an attempt whose password was right.
pub(super) fn take_back(connection: &mut AnyConnection, attempt: Uuid) -> Result<()> {
    diesel::delete(login_failure::table.filter(login_failure::id.is(attempt))).execute(connection)?;
    Ok(())
}

/// Notes that the password of an attempt was checked and is wrong.
pub(super) fn settle(connection: &mut AnyConnection, attempt: Uuid) -> Result<()> {
    diesel::update(login_failure::table.filter(login_failure::id.is(attempt)))
        .set(login_failure::settled.eq(1))
        .execute(connection)?;
    Ok(())
}

impl Store {
    /// Forgets the failures that no longer count.
    pub async fn forget_old_login_failures(&self) -> Result<()> {
        let oldest = self.environment().now() - WINDOW;
        self.data()
            .writer()
            .run(move |connection, _| {
                diesel::delete(login_failure::table.filter(login_failure::occurred_at.until(oldest)))
                    .execute(connection)?;
                Ok(())
            })
            .await
    }
}
