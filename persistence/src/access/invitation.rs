//! Invitations: to choose a password, or to become a user of another institution. Only the token's hash is kept (C063).

use groeilijn_domain::access::invitation::{InvitationFacts, InvitationKind};
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::principal::{Actor, Person};
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::platform::confidentiality_statement::check_signed;
use groeilijn_domain::values::ids::{AccountId, InstitutionId, InvitationId};
use groeilijn_engine::authentic::{Authentic, Fields, SPENT};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::access::account::{self, lock_account};
use crate::access::actor::object_kind;
use crate::access::letter;
use crate::access::membership;
use crate::access::schema::{invitation, membership as membership_table};
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitation)]
pub(super) struct InvitationRow {
    pub(super) id: InvitationId,
    account_id: AccountId,
    pub(super) institution_id: Option<InstitutionId>,
    pub(super) kind: InvitationKind,
    token_hash: Vec<u8>,
    expires_at: Timestamp,
    pub(super) proof: Vec<u8>,
}

impl Authentic for InvitationRow {
    const TABLE: &'static str = "invitation";

    fn prove(&self, fields: &mut Fields) {
        fields
            .bytes(self.id.as_bytes())
            .bytes(self.account_id.as_bytes())
            .optional(self.institution_id.as_ref().map(|id| &id.as_bytes()[..]))
            .text(self.kind.code())
            .bytes(&self.token_hash)
            .moment(Some(self.expires_at));
    }

    fn proof(&self) -> &[u8] {
        &self.proof
    }
}

impl InvitationRow {
    /// One that is about to be sent, with its proof.
    pub(super) fn proven(
        store: &Store,
        (account, to): (AccountId, Person),
        kind: InvitationKind,
        new: &NewInvitation,
    ) -> Result<Self> {
        let mut row = Self {
            id: new.id,
            account_id: account,
            institution_id: to.institution,
            kind,
            token_hash: new.token_hash.to_vec(),
            expires_at: new.expires_at,
            proof: Vec::new(),
        };
        row.proof = store.authenticator().prove(&row)?;
        Ok(row)
    }

    /// The same as another kind, which its proof does not say yet.
    pub(super) fn made(self, kind: InvitationKind) -> Self {
        Self { kind, ..self }
    }

    /// Keeps it, with the sealed address that it is about, if it is about one.
    pub(super) fn insert(
        &self,
        connection: &mut AnyConnection,
        now: Timestamp,
        address: Option<Vec<u8>>,
    ) -> Result<()> {
        diesel::insert_into(invitation::table)
            .values((
                invitation::id.is(self.id),
                invitation::account_id.is(self.account_id),
                invitation::institution_id.is(self.institution_id),
                invitation::kind.is(self.kind),
                invitation::token_hash.eq(&self.token_hash),
                invitation::created_at.is(now),
                invitation::expires_at.is(self.expires_at),
                invitation::proof.eq(&self.proof),
                invitation::address.eq(address),
            ))
            .execute(connection)?;
        Ok(())
    }
}

/// Whom an invitation is for, as long as it can be used.
#[derive(Debug, Clone, Copy)]
pub struct Invited {
    /// As whom she is invited.
    pub actor: Actor,
    /// To what.
    pub kind: InvitationKind,
}

/// Ends the links of an account to choose a password at the moment `now`: they are used up.
pub(crate) fn void_links(connection: &mut AnyConnection, account: AccountId, now: Timestamp) -> Result<()> {
    let open = invitation::table
        .filter(invitation::account_id.is(account))
        .filter(invitation::kind.is(InvitationKind::SetPassword))
        .filter(invitation::used_at.is_null());
    diesel::update(open)
        .set((invitation::used_at.is(Some(now)), invitation::proof.eq(SPENT)))
        .execute(connection)?;
    Ok(())
}

/// Ends the links of an account to join an institution at the moment `now`.
pub(crate) fn void_offers(
    connection: &mut AnyConnection,
    account: AccountId,
    institution: Option<InstitutionId>,
    now: Timestamp,
) -> Result<()> {
    let open = invitation::table
        .filter(invitation::account_id.is(account))
        .filter(invitation::institution_id.is(institution))
        .filter(invitation::kind.is(InvitationKind::Join))
        .filter(invitation::used_at.is_null());
    diesel::update(open)
        .set((invitation::used_at.is(Some(now)), invitation::proof.eq(SPENT)))
        .execute(connection)?;
    Ok(())
}

/// The links of an account that confirm an address and that nothing ended.
macro_rules! open_confirmations {
    ($account:expr) => {
        invitation::table
            .filter(invitation::account_id.is($account))
            .filter(invitation::used_at.is_null())
            .filter(
                invitation::kind
                    .is(InvitationKind::OldAddress)
                    .or(invitation::kind.is(InvitationKind::NewAddress))
                    .or(invitation::kind.is(InvitationKind::OldAddressConfirmed))
                    .or(invitation::kind.is(InvitationKind::NewAddressConfirmed)),
            )
    };
}

pub(super) use open_confirmations;

/// Ends the links of an account that confirm an address at the moment `now`.
pub(crate) fn void_confirmations(
    connection: &mut AnyConnection,
    account: AccountId,
    now: Timestamp,
) -> Result<()> {
    diesel::update(open_confirmations!(account))
        .set((invitation::used_at.is(Some(now)), invitation::proof.eq(SPENT)))
        .execute(connection)?;
    Ok(())
}

/// Invites the owner of an account, as one institution knows her, by letter: nobody else sees the token (C063). It ends
/// the links from before that were for the same.
pub(crate) fn invite(
    connection: &mut AnyConnection,
    store: &Store,
    (account, to): (AccountId, Person),
    kind: InvitationKind,
    new: &NewInvitation,
) -> Result<()> {
    let now = store.environment().now();
    let row = InvitationRow::proven(store, (account, to), kind, new)?;
    match kind {
        InvitationKind::Join => void_offers(connection, account, to.institution, now)?,
        _ => void_links(connection, account, now)?,
    }
    row.insert(connection, now, None)?;
    let (token, until) = (new.token.to_string(), new.expires_at);
    let content = match kind {
        InvitationKind::Join => LetterContent::JoinInstitution { token, until },
        _ => LetterContent::SetPassword { token, until },
    };
    letter::queue(connection, store, to, &content)
}

/// Whom an invitation is for, if it can be used at this moment.
pub(super) fn find(
    connection: &mut AnyConnection,
    store: &Store,
    token_hash: &[u8; 32],
) -> Result<Option<Invited>> {
    let row: Option<InvitationRow> = invitation::table
        .filter(invitation::token_hash.eq(token_hash.as_slice()))
        .filter(invitation::used_at.is_null())
        .select(columns::<InvitationRow>())
        .first(connection)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let row = store.authenticator().check(row)?;
    let login = account::load(connection, store, row.account_id)?;
    let member = match row.institution_id {
        Some(institution) => {
            let user = membership_table::table
                .filter(membership_table::account_id.is(row.account_id))
                .filter(membership_table::institution_id.is(institution))
                .select(membership_table::user_id)
                .first(connection)
                .optional()?;
            let Some(user) = user else { return Ok(None) };
            Some(membership::load(connection, store, institution, user)?)
        }
        None => None,
    };
    let facts = InvitationFacts {
        expires_at: row.expires_at,
        used: false,
        kind: row.kind,
        login: login.state,
        membership: member.as_ref().map(|member| member.state),
    };
    let actor = member.map(|member| member.actor()).or_else(|| login.staff());
    let counts = facts.counts(store.environment().now());
    Ok(actor.filter(|_| counts).map(|actor| Invited { actor, kind: row.kind }))
}

impl TenantReader<'_> {
    /// When an invitation of the institution ends, in UTC; `None` when it has ended or she accepted it. That a later link
    /// took its place does not show: somebody who logs in elsewhere has other links than one who does not.
    pub fn open_invitation(&mut self, id: InvitationId) -> Result<Option<Timestamp>> {
        let (own, now) = (self.institution(), self.now());
        Ok(invitation::table
            .inner_join(
                membership_table::table.on(membership_table::account_id
                    .eq(invitation::account_id)
                    .and(membership_table::institution_id.is(own))),
            )
            .filter(invitation::id.is(id))
            .filter(invitation::institution_id.is(Some(own)))
            .filter(invitation::expires_at.after(now))
            .filter(membership_table::state.is(AccountState::Invited))
            .select(invitation::expires_at)
            .first(self.connection)
            .optional()?)
    }
}

impl PlatformReader<'_> {
    /// When an invitation ends, in UTC; `None` when it was used, has ended or another took its place.
    pub fn open_invitation(&mut self, id: InvitationId) -> Result<Option<Timestamp>> {
        let now = self.store.environment().now();
        let open = invitation::table
            .filter(invitation::id.is(id))
            .filter(invitation::used_at.is_null())
            .filter(invitation::expires_at.after(now))
            .select(invitation::expires_at);
        Ok(open.first(self.connection).optional()?)
    }
}

impl Store {
    /// Whom an invitation to something is for, as long as it can be used.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it cannot, never was, or is for something else.
    pub async fn invited(&self, kind: InvitationKind, token_hash: [u8; 32]) -> Result<Actor> {
        let store = self.clone();
        let found =
            self.data().read(Cost::Rows, move |connection| find(connection, &store, &token_hash)).await;
        let invited = self.unless_forged(found).await?;
        invited.filter(|invited| invited.kind == kind).map(|invited| invited.actor).ok_or(Error::NotFound)
    }
}

impl PlatformWriter<'_> {
    /// Uses up an invitation to choose a password, and every other one for its account, and sets the password. A
    /// membership that awaited it begins. Of two who try at once, one succeeds.
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
            let latest = confidentiality_statement::latest(self.connection, actor.user)?;
            check_signed(latest.as_ref()).map_err(Error::Conflict)?;
        }
        self.use_invitation(token_hash, actor)?;
        let had_password = account::load(self.connection, self.store(), actor.account)?.has_password();
        self.set_password(actor.account, password_hash)?;
        self.begin_membership(actor, !had_password)?;
        self.touch_for(actor, object_kind(&actor), actor.user.as_uuid())
    }

    /// Uses up an invitation to become a user of another institution. Of two who try at once, one succeeds.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was used, has ended or never was, or the institution withdrew it.
    pub fn join(&mut self, token_hash: &[u8; 32], actor: Actor) -> Result<()> {
        self.use_invitation(token_hash, actor)?;
        self.begin_membership(actor, true)?;
        self.touch_for(actor, object_kind(&actor), actor.user.as_uuid())
    }

    fn use_invitation(&mut self, token_hash: &[u8; 32], actor: Actor) -> Result<()> {
        lock_account(self.connection, actor.account)?;
        // It may have ended since it was looked at.
        let still = find(self.connection, self.store(), token_hash)?;
        if still.is_none_or(|still| still.actor.account != actor.account) {
            return Err(Error::NotFound);
        }
        let now = self.now();
        diesel::update(invitation::table.filter(invitation::token_hash.eq(token_hash.as_slice())))
            .set((invitation::used_at.is(Some(now)), invitation::proof.eq(SPENT)))
            .execute(self.connection)?;
        Ok(())
    }

    /// Takes the actor in whom her institution let in again, or, when she `joins`, invited for the first time.
    fn begin_membership(&mut self, actor: Actor, joins: bool) -> Result<()> {
        if let Some(institution) = actor.institution {
            let now = self.now();
            let whose = (institution, actor.user);
            membership::change(self.connection, self.store(), whose, |row| {
                if joins || row.accepted_at.is_some() {
                    row.accept(now);
                }
            })?;
        }
        // She may stand differently at other institutions too.
        membership::raise_revisions(self.connection, self.store(), actor.account)
    }
}
