//! Invitations to choose a password, of which only the token's hash is kept (C063).

use groeilijn_domain::access::invitation::InvitationFacts;
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::platform::confidentiality_statement::check_signed;
use groeilijn_domain::values::ids::{InvitationId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::access::account::{lock_account, raise_revision};
use crate::access::actor::ActorRow;
use crate::access::letter;
use crate::access::schema::{account, invitation};
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::handles::store::Store;
use crate::handles::tenant::TenantReader;
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

/// Ends all links of an account at the moment `now`: they are used up.
pub(crate) fn void_links(connection: &mut AnyConnection, account: UserId, now: Timestamp) -> Result<()> {
    let open =
        invitation::table.filter(invitation::account_id.is(account)).filter(invitation::used_at.is_null());
    diesel::update(open).set(invitation::used_at.is(Some(now))).execute(connection)?;
    Ok(())
}

/// Invites the owner of an account to choose a password, by letter: nobody else sees the token (C063). It ends every
/// link from before.
pub(crate) fn invite(
    connection: &mut AnyConnection,
    store: &Store,
    to: Actor,
    new: &NewInvitation,
) -> Result<()> {
    let now = store.environment().now();
    void_links(connection, to.account, now)?;
    diesel::insert_into(invitation::table)
        .values((
            invitation::id.is(new.id),
            invitation::account_id.is(to.account),
            invitation::token_hash.eq(new.token_hash.as_slice()),
            invitation::created_at.is(now),
            invitation::expires_at.is(new.expires_at),
        ))
        .execute(connection)?;
    let content = LetterContent::SetPassword { token: new.token.to_string(), until: new.expires_at };
    letter::queue(connection, store, to, &content)
}

/// When an invitation ends, in UTC, as long as it can be used.
fn open_until(connection: &mut AnyConnection, id: InvitationId, now: Timestamp) -> Result<Option<Timestamp>> {
    let open = invitation::table
        .filter(invitation::id.is(id))
        .filter(invitation::used_at.is_null())
        .filter(invitation::expires_at.after(now))
        .select(invitation::expires_at);
    Ok(open.first(connection).optional()?)
}

impl TenantReader<'_> {
    /// When an invitation ends, in UTC; `None` when it was used, has ended or another took its place.
    pub fn open_invitation(&mut self, id: InvitationId) -> Result<Option<Timestamp>> {
        let now = self.now();
        open_until(self.connection, id, now)
    }
}

impl PlatformReader<'_> {
    /// When an invitation ends, in UTC, as [`TenantReader::open_invitation`] says.
    pub fn open_invitation(&mut self, id: InvitationId) -> Result<Option<Timestamp>> {
        let now = self.store.environment().now();
        open_until(self.connection, id, now)
    }
}

impl Store {
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
        self.set_password(actor.account, password_hash)?;
        raise_revision(self.connection, actor)?;
        let kind = match actor.institution {
            Some(_) => ObjectKind::User,
            None => ObjectKind::ProcessorStaff,
        };
        self.touch_for(actor, kind, actor.account.as_uuid())
    }
}
