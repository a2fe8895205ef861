//! Requests of those who forgot their password.
//!
//! A request is written down as it came, and whether there is such an account is looked at later, on a beat of its own:
//! neither the reply nor what a request behind it waits for depends on it.

use diesel::dsl::{count_star, min};
use groeilijn_domain::access::invitation::{InvitationKind, is_sent_another};
use groeilijn_domain::access::login::{Failures, Limit, LimitReached, refused_by};
use groeilijn_domain::access::principal::{Person, Principal};
use groeilijn_domain::audit::entry::{ObjectKind, Outcome};
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{AccountId, InstitutionId};
use groeilijn_engine::audit::context::AuditContext;
use groeilijn_engine::audit::pending::PendingEntry;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::environment::Environment;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use uuid::Uuid;

use crate::access::account::{self, lock_account};
use crate::access::forged;
use crate::access::invitation::{NewInvitation, invite, void_links};
use crate::access::membership;
use crate::access::origin_index::OriginIndex;
use crate::access::schema::password_reset;
use crate::handles::store::Store;

/// How many requests may wait to be carried out; one more is told to come back.
const MOST_WAITING: i64 = 1_000;
/// How many rows an invitation by letter takes.
const ROWS_OF_AN_INVITATION: usize = 2;

type Count = (i64, Option<Timestamp>);

/// A request, as it is counted.
struct Request {
    email_index: Vec<u8>,
    origin: OriginIndex,
}

impl Store {
    /// Writes down that somebody at a network address asks for a link to choose a new password for whoever has the
    /// e-mail address, unless too many were asked for.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait already.
    pub async fn request_password_reset(
        &self,
        email: &EmailAddress,
        address: &str,
    ) -> Result<Result<(), LimitReached>> {
        let index = self.login_index();
        let request =
            Request { email_index: index.of(&email.normalised())?, origin: OriginIndex::of(index, address)? };
        let environment = self.environment().clone();
        self.data()
            .writer()
            .run(move |connection, _| {
                request.lock(connection)?;
                let now = environment.now();
                if let Some(reached) = refused_by(&request.made(connection, now)?, now) {
                    return Ok(Err(reached));
                }
                if waiting(connection)? >= MOST_WAITING {
                    return Err(Error::Busy);
                }
                request.insert(connection, environment.uuid(), now, false)?;
                Ok(Ok(()))
            })
            .await
    }

    /// The requests that wait to be carried out, the oldest first.
    pub async fn waiting_password_resets(&self) -> Result<Vec<Uuid>> {
        self.data()
            .read(Cost::Rows, |connection| {
                Ok(password_reset::table
                    .filter(password_reset::carried_out.eq(0))
                    .order(password_reset::id)
                    .limit(MOST_WAITING)
                    .select(password_reset::id)
                    .load(connection)?)
            })
            .await
    }

    /// Carries a request out: whoever forgot the password is sent `new`, if there is such an account and it is not
    /// blocked. Otherwise as much is written. `context` is for the audit log, in nobody's name.
    pub async fn carry_out_password_reset(
        &self,
        id: Uuid,
        new: NewInvitation,
        context: AuditContext,
    ) -> Result<()> {
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, batch| {
                let Some(email_index) = take(connection, id)? else { return Ok(()) };
                let Some((account, to)) = find(connection, &store, email_index)? else {
                    write_as_much(connection, store.environment())?;
                    batch.entries.push(entry(&store, context, None)?);
                    return Ok(());
                };
                lock_account(connection, account)?;
                invite(connection, &store, (account, to), InvitationKind::SetPassword, &new)?;
                batch.entries.push(entry(&store, context, Some(to))?);
                Ok(())
            })
            .await
    }

    /// Forgets the requests that no longer count, those too that could not be carried out.
    pub async fn forget_old_password_resets(&self) -> Result<()> {
        let oldest = self.environment().now() - Limit::ResetsOfAccount.window();
        self.data()
            .writer()
            .run(move |connection, _| {
                diesel::delete(password_reset::table.filter(password_reset::requested_at.until(oldest)))
                    .execute(connection)?;
                Ok(())
            })
            .await
    }
}

impl Request {
    /// Lets one transaction at a time count requests for this account or from this network, until its commit.
    fn lock(&self, connection: &mut AnyConnection) -> Result<()> {
        self.origin.lock(connection)?;
        dialect::lock(connection, &self.email_index)
    }

    /// How many were made under each limit before the moment `now`.
    fn made(&self, connection: &mut AnyConnection, now: Timestamp) -> Result<Vec<Failures>> {
        let since = |limit: Limit| now - limit.window();
        let of_account: Count = password_reset::table
            .filter(password_reset::email_index.eq(&self.email_index))
            .filter(password_reset::requested_at.after(since(Limit::ResetsOfAccount)))
            .select((count_star(), min(password_reset::requested_at)))
            .first(connection)?;
        let of_address: Count = password_reset::table
            .filter(password_reset::address_index.eq(&self.origin.network))
            .filter(password_reset::requested_at.after(since(Limit::ResetsOfAddress)))
            .select((count_star(), min(password_reset::requested_at)))
            .first(connection)?;
        let mut made = vec![
            Failures::counted(Limit::ResetsOfAccount, of_account),
            Failures::counted(Limit::ResetsOfAddress, of_address),
        ];
        if let Some(site) = &self.origin.site {
            let of_site: Count = password_reset::table
                .filter(password_reset::site_index.eq(site))
                .filter(password_reset::requested_at.after(since(Limit::ResetsOfSite)))
                .select((count_star(), min(password_reset::requested_at)))
                .first(connection)?;
            made.push(Failures::counted(Limit::ResetsOfSite, of_site));
        }
        Ok(made)
    }

    fn insert(
        &self,
        connection: &mut AnyConnection,
        id: Uuid,
        requested_at: Timestamp,
        carried_out: bool,
    ) -> Result<()> {
        diesel::insert_into(password_reset::table)
            .values((
                password_reset::id.is(id),
                password_reset::requested_at.is(requested_at),
                password_reset::email_index.eq(&self.email_index),
                password_reset::address_index.eq(&self.origin.network),
                password_reset::site_index.eq(&self.origin.site),
                password_reset::carried_out.eq(i32::from(carried_out)),
            ))
            .execute(connection)?;
        Ok(())
    }
}

fn waiting(connection: &mut AnyConnection) -> Result<i64> {
    Ok(password_reset::table.filter(password_reset::carried_out.eq(0)).count().get_result(connection)?)
}

/// Takes a request to carry it out: whom it is for. Of two processes that try, one gets it.
fn take(connection: &mut AnyConnection, id: Uuid) -> Result<Option<Vec<u8>>> {
    let own = password_reset::table.filter(password_reset::id.is(id));
    let waits = own.filter(password_reset::carried_out.eq(0));
    if diesel::update(waits).set(password_reset::carried_out.eq(1)).execute(connection)? == 0 {
        return Ok(None);
    }
    Ok(Some(own.select(password_reset::email_index).first(connection)?))
}

/// Whose account it is that is sent a link, and as whom: by an institution that did not block her.
fn find(
    connection: &mut AnyConnection,
    store: &Store,
    email_index: Vec<u8>,
) -> Result<Option<(AccountId, Person)>> {
    let found = match account::by_index(connection, store, email_index, None) {
        Err(Error::Forged(table)) => {
            forged::tell(connection, store, table)?;
            None
        }
        found => found?,
    };
    let Some(account) = found.filter(|found| is_sent_another(found.state)) else { return Ok(None) };
    let to = membership::addressee(connection, store, account.id)?;
    Ok(to.map(|to| (account.id, to)))
}

/// Writes as many rows as an invitation by letter takes: requests of nobody that count for nothing.
fn write_as_much(connection: &mut AnyConnection, environment: &Environment) -> Result<()> {
    let nobody = AccountId::from_uuid(environment.uuid());
    lock_account(connection, nobody)?;
    void_links(connection, nobody, environment.now())?;
    for _ in 0..ROWS_OF_AN_INVITATION {
        let random = || environment.bytes::<32>().to_vec();
        let origin = OriginIndex { network: random(), site: Some(random()) };
        let request = Request { email_index: random(), origin };
        request.insert(connection, environment.uuid(), Timestamp::UNIX_EPOCH, true)?;
    }
    Ok(())
}

/// What the audit log says of it: nothing of whom, where there is no such account. Either names one thing, so that as
/// much is written.
fn entry(store: &Store, context: AuditContext, to: Option<Person>) -> Result<PendingEntry> {
    let institution = to.map_or(InstitutionId::PLATFORM, |to| to.realm());
    let actor = Principal::Service { institution: to.and_then(|to| to.institution) };
    let object = match to {
        Some(to) => (ObjectKind::User, to.user.as_uuid()),
        None => (ObjectKind::Institution, institution.as_uuid()),
    };
    let context = AuditContext { actor, ..context }.into();
    store.entry(institution, &context, vec![object], Outcome::Success)
}
