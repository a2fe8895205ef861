//! How the address that somebody logs in with becomes another one: confirmed from both, or moved by her institution with all
//! the others (C054, C055).
//!
//! The links are invitations of kinds of their own. One that was followed is of another kind, and has a proof of that, until
//! the second one is followed too; the address is sealed in the one that goes to it.

use std::collections::{BTreeMap, HashSet};

use diesel::dsl::{count_star, min};
use groeilijn_domain::access::email_address::{check_move, check_wanted};
use groeilijn_domain::access::invitation::InvitationKind;
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::login::{Failures, Limit, LimitReached, refused_by};
use groeilijn_domain::access::principal::{Actor, Person};
use groeilijn_domain::access::session::SessionEnd;
use groeilijn_domain::values::email::{EmailAddress, MailDomain};
use groeilijn_domain::values::ids::{AccountId, InstitutionId, InvitationId, UserId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::Timestamp;

use crate::access::account::{self, lock_account};
use crate::access::invitation::{
    InvitationRow, Invited, NewInvitation, find, open_confirmations, void_confirmations, void_links,
};
use crate::access::login_index::address_of;
use crate::access::schema::invitation;
use crate::access::session::end_sessions_of;
use crate::access::{key_owner, letter, membership};
use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;
use crate::institutions::institution::load_domains;
use crate::platform::processor_staff::readdress_staff;

const TABLE: &str = "invitation";

/// Somebody who moved to another domain.
struct Moved {
    account: AccountId,
    wanted: EmailAddress,
}

/// The two links that confirm another address.
pub struct NewConfirmation {
    /// The one that goes to the present address.
    pub old: NewInvitation,
    /// The one that goes to the other.
    pub new: NewInvitation,
}

/// Lets an account be found by another address. All links end: they went to the address from before.
fn give_address(
    connection: &mut AnyConnection,
    store: &Store,
    account: AccountId,
    wanted: &EmailAddress,
) -> Result<()> {
    let now = store.environment().now();
    account::readdress(connection, store, account, wanted)?;
    void_confirmations(connection, account, now)?;
    void_links(connection, account, now)
}

fn place(id: InvitationId, of: Person) -> RowPlace {
    RowPlace { institution: of.realm(), table: TABLE, row: id.as_uuid(), owner: key_owner::of(of) }
}

impl Store {
    /// Whom a link to confirm an address is for, as long as it can be used.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it cannot, never was, or is for something else.
    pub async fn confirming(&self, token_hash: [u8; 32]) -> Result<Actor> {
        let store = self.clone();
        let read = move |connection: &mut AnyConnection| find(connection, &store, &token_hash);
        let invited = self.unless_forged(self.data().read(Cost::Rows, read).await).await?;
        let confirms = |invited: &Invited| invited.kind.confirmed().is_some();
        invited.filter(confirms).map(|invited| invited.actor).ok_or(Error::NotFound)
    }
}

impl PlatformWriter<'_> {
    /// Sends the links that confirm another address to log in with, one to each address, unless too many were asked for.
    /// They end those before.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `email` with what [`check_wanted`] refuses.
    pub fn ask_for_address(
        &mut self,
        actor: Actor,
        wanted: &EmailAddress,
        links: &NewConfirmation,
    ) -> Result<std::result::Result<(), LimitReached>> {
        let (account, now) = (actor.account, self.now());
        lock_account(self.connection, account)?;
        if let Some(reached) = refused_by(&[self.asked_for(account)?], now) {
            return Ok(Err(reached));
        }
        let present = address_of(self.connection, self.store(), account)?;
        self.check_wanted(account, &present, wanted).map_err(|error| match error {
            Error::Conflict(refusal) => Error::invalid("email", refusal),
            error => error,
        })?;
        void_confirmations(self.connection, account, now)?;
        let to = self.person_of(actor)?;
        let goes_to = Some(wanted.as_str().to_owned());
        for (kind, link, to_other) in [
            (InvitationKind::OldAddress, &links.old, None),
            (InvitationKind::NewAddress, &links.new, goes_to),
        ] {
            let (store, environment) = (self.store(), self.store().environment());
            let sealed = to_other
                .as_deref()
                .map(|address| {
                    let mut row = RowSealer::new(store.keys(), environment, place(link.id, to))?;
                    Ok::<_, Error>(row.text("address", Some(address)))
                })
                .transpose()?;
            InvitationRow::proven(store, (account, to), kind, link)?.insert(self.connection, now, sealed)?;
            let (token, until) = (link.token.to_string(), link.expires_at);
            let content = LetterContent::ConfirmAddress { token, until, to: to_other };
            letter::queue(self.connection, store, to, &content)?;
        }
        self.touch_everywhere(account)?;
        Ok(Ok(()))
    }

    /// Confirms another address from one side. Once both have, it takes the place of the present one: all sessions and links
    /// of the account end, and the present one is told. Gives whether it did.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the link was used, has ended or never was; [`Error::Conflict`] `email-in-use`, and what
    /// [`check_wanted`] refuses by now.
    pub fn confirm_address(&mut self, token_hash: &[u8; 32], actor: Actor) -> Result<bool> {
        lock_account(self.connection, actor.account)?;
        let invited = find(self.connection, self.store(), token_hash)?;
        let invited = invited.filter(|invited| invited.actor.account == actor.account);
        let confirmed = invited.and_then(|invited| invited.kind.confirmed()).ok_or(Error::NotFound)?;
        self.follow(token_hash, confirmed)?;
        let links = self.open_links(actor.account)?;
        let of = |kind| links.iter().find(|row| row.kind == kind);
        let (Some(_), Some(new)) =
            (of(InvitationKind::OldAddressConfirmed), of(InvitationKind::NewAddressConfirmed))
        else {
            self.touch_everywhere(actor.account)?;
            return Ok(false);
        };
        let to = self.person_of(actor)?;
        let wanted = self.wanted(new, to)?;
        let present = address_of(self.connection, self.store(), actor.account)?;
        self.check_wanted(actor.account, &present, &wanted)?;
        self.readdress(actor.account, &wanted)?;
        let now = self.now();
        end_sessions_of(self.connection, actor.account, SessionEnd::PasswordChanged, now)?;
        let told = LetterContent::AddressChanged { to: present.as_str().to_owned() };
        letter::queue(self.connection, self.store(), to, &told)?;
        Ok(true)
    }

    /// As whom the actor is known where she is one of the users, or of the processor's staff, also in a support session.
    fn person_of(&mut self, actor: Actor) -> Result<Person> {
        let staff = account::load(self.connection, self.store(), actor.account)?.staff();
        Ok(staff.map_or(actor.person(), |staff| staff.person()))
    }

    /// How often another address was asked for.
    fn asked_for(&mut self, account: AccountId) -> Result<Failures> {
        let limit = Limit::ResetsOfAccount;
        let since = self.now() - limit.window();
        let asked: (i64, Option<Timestamp>) = invitation::table
            .filter(invitation::account_id.is(account))
            .filter(invitation::address.is_not_null())
            .filter(invitation::created_at.after(since))
            .select((count_star(), min(invitation::created_at)))
            .first(self.connection)?;
        Ok(Failures::counted(limit, asked))
    }

    fn check_wanted(
        &mut self,
        account: AccountId,
        present: &EmailAddress,
        wanted: &EmailAddress,
    ) -> Result<()> {
        let rows = membership::of_account(self.connection, self.store(), account)?;
        let mut institutions = Vec::new();
        for actor in membership::accepted(&rows) {
            institutions.push(load_domains(self.connection, actor.realm())?);
        }
        check_wanted(present, wanted, &institutions).map_err(Error::Conflict)
    }

    /// The links of an account that count still. One that was forged is none.
    fn open_links(&mut self, account: AccountId) -> Result<Vec<InvitationRow>> {
        let now = self.now();
        let rows: Vec<InvitationRow> = open_confirmations!(account)
            .filter(invitation::expires_at.after(now))
            .select(columns::<InvitationRow>())
            .load(self.connection)?;
        Ok(rows.into_iter().filter_map(|row| self.store().authenticator().check(row).ok()).collect())
    }

    /// Marks a link as followed, with a proof of that.
    fn follow(&mut self, token_hash: &[u8; 32], confirmed: InvitationKind) -> Result<()> {
        let own = invitation::table.filter(invitation::token_hash.eq(token_hash.as_slice()));
        let row: InvitationRow = own.select(columns::<InvitationRow>()).first(self.connection)?;
        let row = self.store().authenticator().check(row)?.made(confirmed);
        let proof = self.store().authenticator().prove(&row)?;
        diesel::update(own)
            .set((invitation::kind.is(confirmed), invitation::proof.eq(proof)))
            .execute(self.connection)?;
        Ok(())
    }

    /// The address that a link went to.
    fn wanted(&mut self, link: &InvitationRow, of: Person) -> Result<EmailAddress> {
        let sealed: Option<Vec<u8>> = invitation::table
            .filter(invitation::id.is(link.id))
            .select(invitation::address)
            .first(self.connection)?;
        let sealed = sealed.ok_or(Error::Unreadable(TABLE))?;
        RowOpener::new(self.store().keys(), place(link.id, of)).required_kept(
            "address",
            &sealed,
            EmailAddress::kept,
        )
    }

    /// Gives an account another address, which everybody who knows its owner keeps from now on.
    fn readdress(&mut self, account: AccountId, wanted: &EmailAddress) -> Result<()> {
        let store = self.store();
        give_address(self.connection, store, account, wanted)?;
        if let Some(staff) = account::load(self.connection, store, account)?.staff() {
            readdress_staff(self.connection, store, staff.user, wanted)?;
            return self.touch_everywhere(account);
        }
        for row in membership::of_account(self.connection, store, account)? {
            self.enter(row.institution_id, |tenant| {
                tenant.readdress_user(row.user_id, wanted)?;
                tenant.settle_addresses()
            })?;
        }
        Ok(())
    }

    /// Moves everybody at the actor's institution whose address is on the domain `from` to the same name on the domain `to`,
    /// and tells each of them at both addresses. Gives how many.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `to_domain` with what [`check_move`] refuses, and with everybody who cannot move: `email-in-use`
    /// when somebody else has the address, `not-of-the-institution` when the domain is not one of another institution of hers.
    pub fn move_addresses(&mut self, actor: Actor, from: &MailDomain, to: &MailDomain) -> Result<usize> {
        let institution = actor.institution.ok_or(Error::NotFound)?;
        let moved = self.enter(institution, |tenant| tenant.move_addresses(from, to))?;
        let mut elsewhere: BTreeMap<InstitutionId, Vec<(UserId, &EmailAddress)>> = BTreeMap::new();
        for one in &moved {
            for row in membership::of_account(self.connection, self.store(), one.account)? {
                if row.institution_id != institution {
                    elsewhere.entry(row.institution_id).or_default().push((row.user_id, &one.wanted));
                }
            }
        }
        for (institution, users) in elsewhere {
            self.enter(institution, |tenant| {
                users.into_iter().try_for_each(|(user, wanted)| tenant.readdress_user(user, wanted))?;
                tenant.settle_addresses()
            })?;
        }
        Ok(moved.len())
    }
}

impl TenantWriter<'_> {
    fn move_addresses(&mut self, from: &MailDomain, to: &MailDomain) -> Result<Vec<Moved>> {
        let (institution, store) = (self.institution(), self.store());
        let own = load_domains(self.connection, institution)?;
        check_move(&own, from, to).map_err(|refusal| Error::invalid("to_domain", refusal))?;
        let users = self.users(None, i64::MAX)?;
        if self.met_damage() {
            let detail = "what is kept of a user is damaged, so nobody can tell whether she moves";
            return Err(Error::conflict("unreadable-records", detail));
        }
        let mut refused = FieldRefusals::new();
        let (mut planned, mut taken) = (Vec::new(), HashSet::new());
        for user in users.into_iter().filter(|user| user.fields.email.domain() == *from) {
            let (id, account, present) = (user.id, user.account, user.fields.email);
            match self.planned_move(account, &present, to, &mut taken)? {
                Ok(wanted) => planned.push((id, present, Moved { account, wanted })),
                Err((code, why)) => {
                    refused.refuse("to_domain", Refusal::new(code, format!("the user {id} {why}")));
                }
            }
        }
        refused.or(())?;
        let mut moved = Vec::with_capacity(planned.len());
        for (id, present, one) in planned {
            give_address(self.connection, store, one.account, &one.wanted)?;
            self.readdress_user(id, &one.wanted)?;
            let person = Person { user: id, institution: Some(institution) };
            let told = LetterContent::AddressChanged { to: present.as_str().to_owned() };
            letter::queue(self.connection, store, person, &told)?;
            letter::queue(self.connection, store, person, &LetterContent::AddressMoved)?;
            moved.push(one);
        }
        self.settle_addresses()?;
        Ok(moved)
    }

    /// The address that an account moves to, or why it cannot.
    fn planned_move(
        &mut self,
        account: AccountId,
        present: &EmailAddress,
        to: &MailDomain,
        taken: &mut HashSet<String>,
    ) -> Result<std::result::Result<EmailAddress, (&'static str, &'static str)>> {
        let Ok(wanted) = present.at(to) else {
            return Ok(Err(("too-long", "would have an address that is too long")));
        };
        let store = self.store();
        let found = account::by_email(self.connection, store, &wanted)?;
        if found.is_some_and(|found| found.id != account) || !taken.insert(wanted.normalised()) {
            return Ok(Err(("email-in-use", "would have an address that somebody else logs in with")));
        }
        let rows = membership::of_account(self.connection, store, account)?;
        for elsewhere in membership::accepted(&rows) {
            if !load_domains(self.connection, elsewhere.realm())?.contains(to) {
                let why = "is a user of another institution, which does not have this domain";
                return Ok(Err(("not-of-the-institution", why)));
            }
        }
        Ok(Ok(wanted))
    }
}
