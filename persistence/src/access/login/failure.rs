//! Logins that failed, and those that are being checked: how many there are of one account and from one network.

use diesel::AggregateExpressionMethods;
use diesel::dsl::{count, count_star, exists, min, select};
use groeilijn_domain::access::login::{Failures, Limit, WINDOW};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::access::origin_index::OriginIndex;
use crate::access::schema::login_failure;
use crate::handles::store::Store;
use crate::platform::security_event::{self, NewSecurityEvent};

/// How long a password may take to be checked: an attempt that is older was broken off.
const CHECKING: SignedDuration = SignedDuration::from_mins(1);

/// Failures under one limit: how many, and when the oldest was.
type Count = (i64, Option<Timestamp>);

/// Who tries, and from where, as failures are counted: keyed hashes.
#[derive(Clone)]
pub(super) struct Tally {
    pub(super) email_index: Vec<u8>,
    pub(super) origin: OriginIndex,
}

impl Tally {
    /// Lets one transaction at a time count attempts of this account or from this network, until its commit.
    pub(super) fn lock(&self, connection: &mut AnyConnection) -> Result<()> {
        self.origin.lock(connection)?;
        dialect::lock(connection, &self.email_index)
    }

    /// The failures under each limit at the moment `now`.
    pub(super) fn failures(&self, connection: &mut AnyConnection, now: Timestamp) -> Result<Vec<Failures>> {
        let since = now - WINDOW;
        let on_account: Count = login_failure::table
            .filter(login_failure::email_index.eq(&self.email_index))
            .filter(login_failure::occurred_at.after(since))
            .select((count_star(), min(login_failure::occurred_at)))
            .first(connection)?;
        let (all, accounts) = self.of_address(connection, since)?;
        let mut failures = vec![
            Failures::counted(Limit::Account, on_account),
            Failures::counted(Limit::Address, all),
            Failures::counted(Limit::AccountsOfAddress, accounts),
        ];
        if let Some(site) = &self.origin.site {
            let (all, accounts) = of_site(connection, site, since)?;
            failures.extend([
                Failures::counted(Limit::Site, all),
                Failures::counted(Limit::AccountsOfSite, accounts),
            ]);
        }
        Ok(failures)
    }

    /// The failures from the address, and the accounts that they are of.
    fn of_address(&self, connection: &mut AnyConnection, since: Timestamp) -> Result<(Count, Count)> {
        let (all, accounts, oldest) = login_failure::table
            .filter(login_failure::address_index.eq(&self.origin.network))
            .filter(login_failure::occurred_at.after(since))
            .select((
                count_star(),
                count(login_failure::email_index).aggregate_distinct(),
                min(login_failure::occurred_at),
            ))
            .first(connection)?;
        Ok(((all, oldest), (accounts, oldest)))
    }

    /// How many passwords for this account are being checked at the moment `now`.
    pub(super) fn checking(&self, connection: &mut AnyConnection, now: Timestamp) -> Result<i32> {
        let count: i64 = login_failure::table
            .filter(login_failure::email_index.eq(&self.email_index))
            .filter(login_failure::settled.eq(0))
            .filter(login_failure::occurred_at.after(now - CHECKING))
            .count()
            .get_result(connection)?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// Enters an attempt of the moment `now` as failed, until it is taken back.
    pub(super) fn insert(&self, connection: &mut AnyConnection, attempt: Uuid, now: Timestamp) -> Result<()> {
        diesel::insert_into(login_failure::table)
            .values((
                login_failure::id.is(attempt),
                login_failure::occurred_at.is(now),
                login_failure::email_index.eq(&self.email_index),
                login_failure::address_index.eq(&self.origin.network),
                login_failure::site_index.eq(&self.origin.site),
                login_failure::settled.eq(0),
                login_failure::alerted.eq(0),
            ))
            .execute(connection)?;
        Ok(())
    }

    /// Keeps that so many logins failed from here that it looks like an attack, once for all of them. `attempt` is the
    /// one that failed last, from `address`.
    pub(super) fn alert(
        &self,
        connection: &mut AnyConnection,
        store: &Store,
        attempt: Uuid,
        address: &str,
    ) -> Result<Vec<SecurityEventKind>> {
        self.origin.lock(connection)?;
        let now = store.environment().now();
        let failures = self.failures(connection, now)?;
        let looks_like_one =
            |failures: &Failures| failures.limit.alerts() && failures.allowance(now).remaining == 0;
        if !failures.iter().any(looks_like_one) || self.was_told(connection, now - WINDOW)? {
            return Ok(Vec::new());
        }
        diesel::update(login_failure::table.filter(login_failure::id.is(attempt)))
            .set(login_failure::alerted.eq(1))
            .execute(connection)?;
        let kind = SecurityEventKind::AddressFailsOnManyAccounts;
        let event = NewSecurityEvent { kind, institution: None, user: None, address };
        security_event::insert(connection, store.environment(), &event)?;
        Ok(vec![kind])
    }

    /// Whether failures from here were kept as an attack after the moment `since`: from the whole site where it has
    /// one, whichever of its networks they came from.
    fn was_told(&self, connection: &mut AnyConnection, since: Timestamp) -> Result<bool> {
        let told = login_failure::table
            .filter(login_failure::alerted.eq(1))
            .filter(login_failure::occurred_at.after(since));
        Ok(match &self.origin.site {
            Some(site) => {
                select(exists(told.filter(login_failure::site_index.eq(site)))).get_result(connection)
            }
            None => select(exists(told.filter(login_failure::address_index.eq(&self.origin.network))))
                .get_result(connection),
        }?)
    }
}

/// The failures from a site, and the accounts that they are of.
fn of_site(connection: &mut AnyConnection, site: &[u8], since: Timestamp) -> Result<(Count, Count)> {
    let (all, accounts, oldest) = login_failure::table
        .filter(login_failure::site_index.eq(site))
        .filter(login_failure::occurred_at.after(since))
        .select((
            count_star(),
            count(login_failure::email_index).aggregate_distinct(),
            min(login_failure::occurred_at),
        ))
        .first(connection)?;
    Ok(((all, oldest), (accounts, oldest)))
}

/// Takes back an attempt that was no wrong password.
pub(super) fn take_back(connection: &mut AnyConnection, attempt: Uuid) -> Result<()> {
    diesel::delete(login_failure::table.filter(login_failure::id.is(attempt))).execute(connection)?;
    Ok(())
}

/// Notes that the password of an attempt was checked and is wrong; `false` when that was noted before.
pub(super) fn settle(connection: &mut AnyConnection, attempt: Uuid) -> Result<bool> {
    let open =
        login_failure::table.filter(login_failure::id.is(attempt)).filter(login_failure::settled.eq(0));
    Ok(diesel::update(open).set(login_failure::settled.eq(1)).execute(connection)? == 1)
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
