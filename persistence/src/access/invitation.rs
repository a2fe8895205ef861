//! Invitations to choose a password, of which only the token's hash is kept (C063).

use groeilijn_domain::access::invitation::{InvitationFacts, LETTERS_WITHIN, is_sent_another};
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::platform::confidentiality_statement::check_signed;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::InvitationId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::access::account::{lock_account, raise_revision};
use crate::access::actor::ActorRow;
use crate::access::letter;
use crate::access::schema::{account, invitation};
use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;
use crate::platform::confidentiality_statement;

/// An invitation that is about to be sent.
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

/// Invites the owner of an account to choose a password, by letter: nobody else sees the token (C063).
pub(crate) fn invite(
    connection: &mut AnyConnection,
    store: &Store,
    to: Actor,
    new: &NewInvitation,
) -> Result<()> {
    diesel::insert_into(invitation::table)
        .values((
            invitation::id.is(new.id),
            invitation::account_id.is(to.account),
            invitation::token_hash.eq(new.token_hash.as_slice()),
            invitation::created_at.is(store.environment().now()),
            invitation::expires_at.is(new.expires_at),
        ))
        .execute(connection)?;
    let content = LetterContent::SetPassword { token: new.token.to_string(), until: new.expires_at };
    letter::queue(connection, store, to, &content)
}

impl Store {
    /// Invites somebody who forgot her password, if there is such an account, it is not blocked, and it was not sent too
    /// many invitations lately.
    pub async fn invite_who_forgot(&self, email: &EmailAddress, new: NewInvitation) -> Result<()> {
        let index = self.login_index().of(&email.normalised())?;
        let since = self.environment().now() - LETTERS_WITHIN;
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, _| {
                dialect::lock(connection, &index)?;
                let found: Option<(ActorRow, AccountState)> = account::table
                    .filter(account::email_index.eq(&index))
                    .select((columns::<ActorRow>(), account::state))
                    .first(connection)
                    .optional()?;
                let Some((row, state)) = found else { return Ok(()) };
                let actor = Actor::from(row);
                let lately: i64 = invitation::table
                    .filter(invitation::account_id.is(actor.account))
                    .filter(invitation::created_at.after(since))
                    .count()
                    .get_result(connection)?;
                if is_sent_another(state, lately) { invite(connection, &store, actor, &new) } else { Ok(()) }
            })
            .await
    }

    /// The account that an invitation is for, as long as the invitation can be used.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it cannot, or never was.
    pub async fn invited_account(&self, token_hash: [u8; 32]) -> Result<Actor> {
        let now = self.environment().now();
        self.data()
            .read(Cost::Rows, move |connection| {
                let (row, account, expires_at, used_at): (
                    ActorRow,
                    AccountState,
                    Timestamp,
                    Option<Timestamp>,
                ) = invitation::table
                    .inner_join(account::table)
                    .filter(invitation::token_hash.eq(token_hash.as_slice()))
                    .select((
                        columns::<ActorRow>(),
                        account::state,
                        invitation::expires_at,
                        invitation::used_at,
                    ))
                    .first(connection)
                    .optional()?
                    .ok_or(Error::NotFound)?;
                let facts = InvitationFacts { expires_at, used: used_at.is_some(), account };
                if facts.counts(now) { Ok(row.into()) } else { Err(Error::NotFound) }
            })
            .await
    }
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
        if actor.institution.is_none() {
            let latest = confidentiality_statement::latest(self.connection, actor.account)?;
            check_signed(latest.as_ref()).map_err(Error::Conflict)?;
        }
        lock_account(self.connection, actor.account)?;
        let now = self.now();
        let open = invitation::table
            .filter(invitation::token_hash.eq(token_hash.as_slice()))
            .filter(invitation::used_at.is_null())
            .filter(invitation::expires_at.after(now));
        let used = diesel::update(open).set(invitation::used_at.is(Some(now))).execute(self.connection)?;
        if used == 0 {
            return Err(Error::NotFound);
        }
        diesel::update(invitation::table.filter(invitation::account_id.is(actor.account)))
            .set(invitation::used_at.is(Some(now)))
            .execute(self.connection)?;
        self.set_password(actor.account, password_hash)?;
        raise_revision(self.connection, actor)?;
        let kind = match actor.institution {
            Some(_) => ObjectKind::User,
            None => ObjectKind::ProcessorStaff,
        };
        self.touch_for(actor, kind, actor.account.as_uuid())
    }
}
