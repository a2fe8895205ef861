//! Accounts: who can log in, and as what. They hold no personal data; that is in `staff.rs`, sealed.

use groeilijn_domain::access::credential::{Reminder, expires_at, reminders_due};
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Rights, Role, UserRights};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::licence::Licence;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, InvitationId, UserId};
use groeilijn_domain::values::network::Network;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::letter::{self, LetterContent};
use crate::access::schema::{account, invitation, users};
use crate::convert::{code, date, micros, timestamp, uuid};
use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;
use crate::institutions::licence;
use crate::institutions::schema::institution;
use crate::platform::processor_staff::latest_statement;
use crate::platform::schema::processor_staff;

const TABLE: &str = "account";

/// How many letters with a link one account gets within [`LETTERS_WITHIN`] from who says to have forgotten a password.
const MOST_LETTERS: i64 = 3;
const LETTERS_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// An account that somebody wants to open.
#[derive(Debug, Clone)]
pub struct LoginAccount {
    /// Who it is.
    pub actor: Actor,
    /// How it stands.
    pub state: AccountState,
    /// The PHC string of its password; none as long as none was set.
    pub password_hash: Option<String>,
    /// The last day of its rights, in Amsterdam, if there is one (C067).
    pub last_day: Option<Date>,
    /// The licence of its institution; none for the processor's own accounts.
    pub licence: Option<Licence>,
    /// The networks that its institution's users log in from; none is any (C065).
    pub networks: Vec<Network>,
    /// Wrong passwords since the last right one.
    pub(crate) strikes: i32,
}

/// An account that is about to be made.
pub struct NewAccount<'a> {
    /// Its id, which is also the user's.
    pub id: UserId,
    /// Its institution; `None` for the processor's own staff.
    pub institution: Option<InstitutionId>,
    /// The address to log in with; only its index is kept here.
    pub email: &'a EmailAddress,
    /// What it is.
    pub role: Role,
}

/// An invitation to set the password of an account, of which only the token's hash is kept.
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// The token itself, which only the letter to its owner holds.
    pub token: Zeroizing<String>,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// When it ends, in UTC.
    pub expires_at: Timestamp,
}

impl Store {
    /// Whether somebody logs in with this address.
    pub async fn has_account(&self, email: &EmailAddress) -> Result<bool> {
        let index = self.login_index().of(&email.normalised())?;
        self.data()
            .read(Cost::Rows, move |connection| Ok(account_by_index(connection, &index)?.is_some()))
            .await
    }

    /// Invites who forgot her password, if there is such an account and it is not blocked, and not too often.
    pub async fn invite_who_forgot(&self, email: &EmailAddress, invitation: NewInvitation) -> Result<()> {
        let index = self.login_index().of(&email.normalised())?;
        let since = micros(self.environment().now() - LETTERS_WITHIN);
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, _| {
                dialect::lock(connection, &index)?;
                let found = account_by_index(connection, &index)?;
                let Some(found) = found.filter(|found| found.state != AccountState::Blocked) else {
                    return Ok(());
                };
                let lately: i64 = invitation::table
                    .filter(invitation::account_id.eq(found.actor.account.as_bytes().as_slice()))
                    .filter(invitation::created_at.gt(since))
                    .count()
                    .get_result(connection)?;
                if lately >= MOST_LETTERS {
                    Ok(())
                } else {
                    invite(connection, &store, found.actor, &invitation)
                }
            })
            .await
    }

    /// Reminds everybody whose password is about to expire, each once of each reminder (C059).
    pub async fn remind_of_expiry(&self) -> Result<()> {
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, _| {
                let now = store.environment().now();
                let due = expiring(connection, now)?;
                due.into_iter().try_for_each(|(to, set_at, reminder)| {
                    let fresh = account::table
                        .find(to.account.as_bytes().as_slice())
                        .filter(account::reminded.is_null().or(account::reminded.ne(reminder.code())));
                    let told = diesel::update(fresh)
                        .set(account::reminded.eq(reminder.code()))
                        .execute(connection)?;
                    if told == 0 {
                        return Ok(());
                    }
                    let on = amsterdam_date(expires_at(set_at));
                    letter::queue(connection, &store, to, &LetterContent::PasswordExpires { on })
                })
            })
            .await
    }

    /// The account that an invitation is for, as long as the invitation can be used.
    pub async fn invited_account(&self, token_hash: [u8; 32]) -> Result<Actor> {
        let now = micros(self.environment().now());
        self.data()
            .read(Cost::Rows, move |connection| {
                let (id, institution, role): (Vec<u8>, Option<Vec<u8>>, String) = invitation::table
                    .inner_join(account::table)
                    .filter(invitation::token_hash.eq(token_hash.as_slice()))
                    .filter(invitation::used_at.is_null())
                    .filter(invitation::expires_at.gt(now))
                    .filter(account::state.ne(AccountState::Blocked.code()))
                    .select((account::id, account::institution_id, account::role))
                    .first(connection)
                    .optional()?
                    .ok_or(Error::NotFound)?;
                read_actor(&id, institution.as_deref(), &role)
            })
            .await
    }
}

/// Whose password expires so soon that a reminder is due, and which.
fn expiring(connection: &mut AnyConnection, now: Timestamp) -> Result<Vec<(Actor, Timestamp, Reminder)>> {
    type Row = (Vec<u8>, Option<Vec<u8>>, String, Option<i64>);
    // Three months are 89 days at least, and the first reminder comes 14 days before their end.
    let set_before = micros(now - SignedDuration::from_hours(24 * 70));
    let set_after = micros(now - SignedDuration::from_hours(24 * 94));
    let rows: Vec<Row> = account::table
        .filter(account::state.eq(AccountState::Active.code()))
        .filter(account::password_set_at.gt(set_after))
        .filter(account::password_set_at.lt(set_before))
        .select((account::id, account::institution_id, account::role, account::password_set_at))
        .load(connection)?;
    let mut due = Vec::new();
    for (id, institution, role, set_at) in rows {
        let set_at = timestamp(set_at.unwrap_or_default(), TABLE)?;
        if let Some(reminder) = reminders_due(set_at, now) {
            due.push((read_actor(&id, institution.as_deref(), &role)?, set_at, reminder));
        }
    }
    Ok(due)
}

type LoginRow = (Vec<u8>, Option<Vec<u8>>, String, String, Option<String>, Option<String>, i32);

/// The account under an index of an e-mail address, if there is one.
pub(crate) fn account_by_index(
    connection: &mut AnyConnection,
    email_index: &[u8],
) -> Result<Option<LoginAccount>> {
    let row: Option<LoginRow> = account::table
        .filter(account::email_index.eq(email_index))
        .select((
            account::id,
            account::institution_id,
            account::role,
            account::state,
            account::password_hash,
            account::last_day,
            account::strikes,
        ))
        .first(connection)
        .optional()?;
    let Some((id, institution, role, state, password_hash, last_day, strikes)) = row else { return Ok(None) };
    let actor = read_actor(&id, institution.as_deref(), &role)?;
    Ok(Some(LoginAccount {
        actor,
        state: code(AccountState::from_code, &state, TABLE)?,
        password_hash,
        last_day: last_day.map(|day| date(&day, TABLE)).transpose()?,
        licence: load_licence(connection, actor)?,
        networks: load_networks(connection, actor)?,
        strikes,
    }))
}

fn load_networks(connection: &mut AnyConnection, actor: Actor) -> Result<Vec<Network>> {
    let Some(institution) = actor.institution else { return Ok(Vec::new()) };
    let networks: String = institution::table
        .find(institution.as_bytes().as_slice())
        .select(institution::login_networks)
        .first(connection)?;
    read_networks(&networks)
}

/// What an account may do: what its role may, but for the rights that were set for it, which are kept as JSON.
pub(crate) fn read_rights(role: Role, own: Option<&str>) -> Result<Rights> {
    match role {
        Role::Institution(function) => Ok(Rights::of_user(function, &read_user_rights(own)?)),
        Role::Processor(_) => Ok(Rights::of(role)),
    }
}

/// The rights that were set for a user, as they are kept.
pub(crate) fn read_user_rights(own: Option<&str>) -> Result<UserRights> {
    let Some(own) = own else { return Ok(UserRights::new()) };
    serde_json::from_str(own).map_err(|_| Error::Unreadable(TABLE))
}

/// Networks as they are kept: as text, with commas.
pub(crate) fn read_networks(text: &str) -> Result<Vec<Network>> {
    text.split(',')
        .filter(|network| !network.is_empty())
        .map(|network| Network::parse(network).map_err(|_| Error::Unreadable(TABLE)))
        .collect()
}

/// The text that networks are kept as.
pub(crate) fn write_networks(networks: &[Network]) -> String {
    networks.iter().map(Network::to_string).collect::<Vec<_>>().join(",")
}

/// The licence of the actor's institution, if she belongs to one.
pub(crate) fn load_licence(connection: &mut AnyConnection, actor: Actor) -> Result<Option<Licence>> {
    let Some(institution) = actor.institution else { return Ok(None) };
    Ok(Some(licence::load(connection, institution)?.licence))
}

pub(crate) fn read_actor(id: &[u8], institution: Option<&[u8]>, role: &str) -> Result<Actor> {
    let institution = institution.map(|id| uuid(id, TABLE)).transpose()?;
    Ok(Actor {
        account: UserId::from_uuid(uuid(id, TABLE)?),
        role: code(Role::from_code, role, TABLE)?,
        institution: institution.map(InstitutionId::from_uuid),
    })
}

/// Lets one transaction at a time change how an account stands, until its commit. A transaction that also changes the
/// person behind it locks the account first, so that no two wait for each other in a circle.
pub(crate) fn lock_account(connection: &mut AnyConnection, account: UserId) -> Result<()> {
    dialect::lock(connection, account.as_bytes())
}

/// Forgets the wrong passwords of an account that is let in again (C060).
pub(crate) fn forget_strikes(connection: &mut AnyConnection, id: UserId) -> Result<()> {
    diesel::update(account::table.find(id.as_bytes().as_slice()))
        .set(account::strikes.eq(0))
        .execute(connection)?;
    Ok(())
}

/// Makes an account that awaits its password.
///
/// # Errors
/// [`Error::Conflict`] `email-in-use` when an account has this address already.
pub(crate) fn insert(
    connection: &mut AnyConnection,
    store: &Store,
    new: &NewAccount<'_>,
    created_at: Timestamp,
) -> Result<()> {
    let index = store.login_index().of(&new.email.normalised())?;
    let taken: bool =
        diesel::select(diesel::dsl::exists(account::table.filter(account::email_index.eq(&index))))
            .get_result(connection)?;
    if taken {
        return Err(Error::conflict("email-in-use", "an account with this e-mail address exists already"));
    }
    diesel::insert_into(account::table)
        .values((
            account::id.eq(new.id.as_bytes().as_slice()),
            account::institution_id.eq(new.institution.as_ref().map(|id| id.as_bytes().as_slice())),
            account::email_index.eq(index),
            account::role.eq(new.role.code()),
            account::state.eq(AccountState::Invited.code()),
            account::created_at.eq(micros(created_at)),
        ))
        .execute(connection)?;
    Ok(())
}

/// Invites the owner of an account to choose a password, by letter: nobody else sees the token (C063).
pub(crate) fn invite(
    connection: &mut AnyConnection,
    store: &Store,
    to: Actor,
    new: &NewInvitation,
) -> Result<()> {
    diesel::insert_into(invitation::table)
        .values((
            invitation::id.eq(new.id.as_bytes().as_slice()),
            invitation::account_id.eq(to.account.as_bytes().as_slice()),
            invitation::token_hash.eq(new.token_hash.as_slice()),
            invitation::created_at.eq(micros(store.environment().now())),
            invitation::expires_at.eq(micros(new.expires_at)),
        ))
        .execute(connection)?;
    let content = LetterContent::SetPassword { token: new.token.to_string(), until: new.expires_at };
    letter::queue(connection, store, to, &content)
}

/// Counts a change of how an account stands as one of the person whose it is, so that her revision tells of it.
pub(crate) fn raise_revision(connection: &mut AnyConnection, actor: Actor) -> Result<()> {
    let id = actor.account;
    match actor.institution {
        Some(institution) => {
            dialect::enter_institution(connection, institution)?;
            diesel::update(users::table.find((institution.as_bytes().as_slice(), id.as_bytes().as_slice())))
                .set(users::revision.eq(users::revision + 1))
                .execute(connection)?;
        }
        None => {
            diesel::update(processor_staff::table.find(id.as_bytes().as_slice()))
                .set(processor_staff::revision.eq(processor_staff::revision + 1))
                .execute(connection)?;
        }
    }
    Ok(())
}

impl PlatformWriter<'_> {
    /// Uses up an invitation, and every other one for its account, and sets the password. Of two who try at once,
    /// one succeeds.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was used, has ended or never was, or the account was blocked; [`Error::Conflict`]
    /// `no-confidentiality-statement` for staff of the processor who signed none (C045).
    pub fn accept_invitation(
        &mut self,
        token_hash: &[u8; 32],
        actor: Actor,
        password_hash: &str,
    ) -> Result<()> {
        if actor.institution.is_none() && latest_statement(self.connection, actor.account)?.is_none() {
            let detail = "a signed confidentiality statement must be on record first";
            return Err(Error::conflict("no-confidentiality-statement", detail));
        }
        lock_account(self.connection, actor.account)?;
        let now = micros(self.now());
        let used = diesel::update(
            invitation::table
                .filter(invitation::token_hash.eq(token_hash.as_slice()))
                .filter(invitation::used_at.is_null())
                .filter(invitation::expires_at.gt(now)),
        )
        .set(invitation::used_at.eq(now))
        .execute(self.connection)?;
        if used == 0 {
            return Err(Error::NotFound);
        }
        diesel::update(
            invitation::table.filter(invitation::account_id.eq(actor.account.as_bytes().as_slice())),
        )
        .set(invitation::used_at.eq(now))
        .execute(self.connection)?;
        self.set_password(actor.account, password_hash)?;
        match actor.institution {
            Some(institution) => self.enter(institution, |writer| writer.raise_user_revision(actor.account)),
            None => {
                raise_revision(self.connection, actor)?;
                self.touch(ObjectKind::ProcessorStaff, actor.account.as_uuid());
                Ok(())
            }
        }
    }

    /// Notes an object in the log of the actor's institution, or in the platform's own if she has none.
    pub(crate) fn touch_for(&mut self, actor: Actor, kind: ObjectKind, id: Uuid) -> Result<()> {
        match actor.institution {
            Some(institution) => self.enter(institution, |writer| {
                writer.touch(kind, id);
                Ok(())
            }),
            None => {
                self.touch(kind, id);
                Ok(())
            }
        }
    }
}
