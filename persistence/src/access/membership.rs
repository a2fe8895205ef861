//! Memberships: what a person who logs in is at one institution. They are read before anybody is logged in, so the table
//! belongs to the platform; it holds no personal data.

use groeilijn_domain::access::access_settings::ChildrenEnteredBy;
use groeilijn_domain::access::email_address::AddressDue;
use groeilijn_domain::access::membership::MembershipState;
use groeilijn_domain::access::principal::{Actor, Person};
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Function, Rights, Role, UserRights};
use groeilijn_domain::values::ids::{AccountId, InstitutionId, UserId};
use groeilijn_engine::authentic::{Authentic, Fields};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::account::{self, lock_account, raise_revision};
use crate::access::schema::membership;
use crate::handles::store::Store;
use crate::institutions::schema::institution;

/// A membership, as far as its row proves that the service wrote it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = membership)]
pub(crate) struct MembershipRow {
    pub(crate) institution_id: InstitutionId,
    pub(crate) user_id: UserId,
    pub(crate) account_id: AccountId,
    /// What she does there.
    pub(crate) function: Function,
    /// How the institution has it.
    pub(crate) state: AccountState,
    /// When the person accepted it, in UTC.
    pub(crate) accepted_at: Option<Timestamp>,
    /// The rights that were set for her, beside those of her function.
    pub(crate) rights: Option<UserRights>,
    /// The last day of her rights, in Amsterdam, if there is one.
    pub(crate) last_day: Option<Date>,
    proof: Vec<u8>,
    /// Why its user has to log in with another address first. The proof does not cover it: it follows from what is sealed.
    pub(crate) address_due: Option<AddressDue>,
    /// Whether she reaches no further than the locations that she is given (C143): 1 when she is, otherwise 0.
    limited_to_locations: i32,
}

impl Authentic for MembershipRow {
    const TABLE: &'static str = "membership";

    fn prove(&self, fields: &mut Fields) {
        let rights = self.rights.as_ref().and_then(|rights| serde_json::to_vec(rights).ok());
        let last_day = self.last_day.map(|day| day.to_string());
        fields
            .bytes(self.institution_id.as_bytes())
            .bytes(self.user_id.as_bytes())
            .bytes(self.account_id.as_bytes())
            .text(self.function.code())
            .text(self.state.code())
            .moment(self.accepted_at)
            .optional(rights.as_deref())
            .optional(last_day.as_deref().map(str::as_bytes));
        // Rows of users who are not limited prove what they proved before there were limits.
        if self.is_limited_to_locations() {
            fields.text("locations");
        }
    }

    fn proof(&self) -> &[u8] {
        &self.proof
    }
}

impl MembershipRow {
    /// One that is about to be entered, and awaits that the person accepts it.
    pub(crate) fn new(person: (InstitutionId, UserId), account: AccountId, function: Function) -> Self {
        let (institution_id, user_id) = person;
        Self {
            institution_id,
            user_id,
            account_id: account,
            function,
            state: AccountState::Invited,
            accepted_at: None,
            rights: None,
            last_day: None,
            proof: Vec::new(),
            address_due: None,
            limited_to_locations: 0,
        }
    }

    /// Whether she reaches no further than the locations that she is given (C143).
    pub(crate) fn is_limited_to_locations(&self) -> bool {
        self.limited_to_locations != 0
    }

    /// Limits her to the locations that she is given, or lets her reach as far as her function does.
    pub(crate) fn limit_to_locations(&mut self, limited: bool) {
        self.limited_to_locations = i32::from(limited);
    }

    /// What she may do, at an institution that has its children entered by `entered_by`.
    pub(crate) fn rights(&self, entered_by: ChildrenEnteredBy) -> Rights {
        let role = Role::Institution(self.function);
        self.limited(Rights::at_an_institution(role, self.rights.as_ref(), entered_by))
    }

    /// What she may do whoever enters the children: the most that she may have a token or a job do.
    pub(crate) fn rights_to_pass_on(&self) -> Rights {
        self.limited(Rights::of_account(Role::Institution(self.function), self.rights.as_ref()))
    }

    fn limited(&self, rights: Rights) -> Rights {
        if self.is_limited_to_locations() { rights.within_locations() } else { rights }
    }

    /// Who acts in it.
    pub(crate) fn actor(&self) -> Actor {
        Actor {
            account: self.account_id,
            user: self.user_id,
            role: Role::Institution(self.function),
            institution: Some(self.institution_id),
        }
    }

    /// How it stands.
    pub(crate) fn standing(&self) -> MembershipState {
        MembershipState { state: self.state, accepted: self.accepted_at.is_some() }
    }

    /// Takes the person in who was invited, at the moment `now`.
    pub(crate) fn accept(&mut self, now: Timestamp) {
        if self.state == AccountState::Invited {
            self.state = AccountState::Active;
            self.accepted_at.get_or_insert(now);
        }
    }
}

/// The membership of a user.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forged`].
pub(crate) fn load(
    connection: &mut AnyConnection,
    store: &Store,
    institution: InstitutionId,
    user: UserId,
) -> Result<MembershipRow> {
    let row = membership::table
        .filter(membership::institution_id.is(institution))
        .filter(membership::user_id.is(user))
        .select(columns::<MembershipRow>())
        .first(connection);
    store.authenticator().check(row.optional()?.ok_or(Error::NotFound)?)
}

/// The memberships of an account, in the order in which its users were entered. One that was forged is none.
pub(crate) fn of_account(
    connection: &mut AnyConnection,
    store: &Store,
    account: AccountId,
) -> Result<Vec<MembershipRow>> {
    let rows: Vec<MembershipRow> = membership::table
        .filter(membership::account_id.is(account))
        .order(membership::user_id)
        .select(columns::<MembershipRow>())
        .load(connection)?;
    let checked = rows.into_iter().map(|row| store.authenticator().check(row));
    Ok(checked.filter_map(Result::ok).collect())
}

/// The memberships of an institution, in the order in which its users were entered. One that was forged is none.
pub(crate) fn of_institution(
    connection: &mut AnyConnection,
    store: &Store,
    institution: InstitutionId,
) -> Result<Vec<MembershipRow>> {
    let rows: Vec<MembershipRow> = membership::table
        .filter(membership::institution_id.is(institution))
        .order(membership::user_id)
        .select(columns::<MembershipRow>())
        .load(connection)?;
    let checked = rows.into_iter().map(|row| store.authenticator().check(row));
    Ok(checked.filter_map(Result::ok).collect())
}

/// Everywhere that the owner of an account is known: at each of her institutions, or among the processor's staff. What
/// concerns her login is told there. An institution that she never accepted hears nothing of it.
pub(crate) fn everywhere(connection: &mut AnyConnection, store: &Store, id: AccountId) -> Result<Vec<Actor>> {
    match account::load(connection, store, id)?.staff() {
        Some(staff) => Ok(vec![staff]),
        None => Ok(accepted(&of_account(connection, store, id)?).collect()),
    }
}

/// As whom somebody is known where she accepted it.
pub(crate) fn accepted(memberships: &[MembershipRow]) -> impl Iterator<Item = Actor> {
    memberships.iter().filter(|row| row.accepted_at.is_some()).map(MembershipRow::actor)
}

/// Counts a change of how an account stands as one of its owner, wherever she is known.
pub(crate) fn raise_revisions(connection: &mut AnyConnection, store: &Store, id: AccountId) -> Result<()> {
    everywhere(connection, store, id)?.iter().try_for_each(|actor| raise_revision(connection, actor.person()))
}

/// The same, everywhere but at one institution, which counts its own change itself.
pub(crate) fn raise_revisions_elsewhere(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
    institution: InstitutionId,
) -> Result<()> {
    let elsewhere = |actor: &&Actor| actor.institution != Some(institution);
    everywhere(connection, store, id)?
        .iter()
        .filter(elsewhere)
        .try_for_each(|actor| raise_revision(connection, actor.person()))?;
    dialect::enter_institution(connection, institution)
}

/// To whom a letter about an account goes: the person, as the first institution knows her that did not block her.
pub(crate) fn addressee(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
) -> Result<Option<Person>> {
    if let Some(staff) = account::load(connection, store, id)?.staff() {
        return Ok(Some(staff.person()));
    }
    let rank = |row: &MembershipRow| row.state != AccountState::Active;
    let open =
        of_account(connection, store, id)?.into_iter().filter(|row| row.state != AccountState::Blocked);
    Ok(open.min_by_key(rank).map(|row| row.actor().person()))
}

/// Enters a membership.
///
/// # Errors
/// [`Error::Conflict`] `already-a-user` when the account has one at the institution.
pub(crate) fn insert(connection: &mut AnyConnection, store: &Store, mut row: MembershipRow) -> Result<()> {
    let own = membership::table
        .filter(membership::account_id.is(row.account_id))
        .filter(membership::institution_id.is(row.institution_id));
    if diesel::select(diesel::dsl::exists(own)).get_result(connection)? {
        return Err(Error::conflict("already-a-user", "the institution has a user with this e-mail address"));
    }
    row.proof = store.authenticator().prove(&row)?;
    diesel::insert_into(membership::table)
        .values((
            membership::institution_id.is(row.institution_id),
            membership::user_id.is(row.user_id),
            membership::account_id.is(row.account_id),
            membership::function.is(row.function),
            membership::state.is(row.state),
            membership::rights.is(row.rights),
            membership::last_day.is(row.last_day),
            membership::limited_to_locations.eq(row.limited_to_locations),
            membership::proof.eq(&row.proof),
        ))
        .execute(connection)?;
    Ok(())
}

/// Changes a membership, of which no other transaction changes anything until the commit. Gives it as it is then.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forged`].
pub(crate) fn change(
    connection: &mut AnyConnection,
    store: &Store,
    (institution, user): (InstitutionId, UserId),
    change: impl FnOnce(&mut MembershipRow),
) -> Result<MembershipRow> {
    let account = load(connection, store, institution, user)?.account_id;
    lock_account(connection, account)?;
    let mut row = load(connection, store, institution, user)?;
    change(&mut row);
    row.proof = store.authenticator().prove(&row)?;
    let own = membership::table
        .filter(membership::institution_id.is(institution))
        .filter(membership::user_id.is(user));
    diesel::update(own)
        .set((
            membership::function.is(row.function),
            membership::state.is(row.state),
            membership::accepted_at.is(row.accepted_at),
            membership::rights.is(row.rights.as_ref()),
            membership::last_day.is(row.last_day),
            membership::limited_to_locations.eq(row.limited_to_locations),
            membership::proof.eq(&row.proof),
        ))
        .execute(connection)?;
    Ok(row)
}

/// A membership of one's own.
#[derive(Debug, Clone)]
pub struct OwnMembership {
    /// As whom one acts in it.
    pub actor: Actor,
    /// The name of the institution.
    pub institution_name: String,
    /// How it stands.
    pub state: AccountState,
    /// The last day of the rights, in Amsterdam, if there is one.
    pub last_day: Option<Date>,
}

impl Store {
    /// The memberships of an account, in the order in which its users were entered.
    pub async fn memberships_of(&self, account: AccountId) -> Result<Vec<OwnMembership>> {
        let store = self.clone();
        self.data()
            .read(Cost::Rows, move |connection| {
                let mut own = Vec::new();
                for row in of_account(connection, &store, account)? {
                    let institution_name = institution::table
                        .filter(institution::id.is(row.institution_id))
                        .select(institution::name)
                        .first(connection)?;
                    let (actor, state, last_day) = (row.actor(), row.state, row.last_day);
                    own.push(OwnMembership { actor, institution_name, state, last_day });
                }
                Ok(own)
            })
            .await
    }
}
