//! What users of an institution allow the processor's staff: that somebody looks along (C012), or sees who they are
//! (C050).

use std::collections::HashSet;

use groeilijn_domain::access::Rights;
use groeilijn_domain::access::access_settings::ChildrenEnteredBy;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::{Basis, ConsentCode, ConsentKind, SupportConsent};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{InstitutionId, SupportConsentId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::{RowOpener, RowPlace};
use jiff::Timestamp;

use crate::access::schema::{account as account_table, membership as membership_table};
use crate::access::{account, key_owner, membership};
use crate::handles::store::Store;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::support::schema::support_consent;

const TABLE: &str = "support_consent";

/// What a user allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSupportConsent {
    /// Its id.
    pub id: SupportConsentId,
    /// What for.
    pub kind: ConsentKind,
    /// When it was given, in UTC.
    pub created_at: Timestamp,
    /// When it ends by itself, in UTC.
    pub ends_at: Timestamp,
    /// When it was taken back, in UTC, if it was.
    pub withdrawn_at: Option<Timestamp>,
    /// What the user reads to the member of the helpdesk who may look along.
    pub code: Option<ConsentCode>,
    /// The member of the helpdesk who used the code.
    pub staff: Option<UserId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = support_consent)]
struct ConsentRow {
    id: SupportConsentId,
    kind: ConsentKind,
    created_at: Timestamp,
    ends_at: Timestamp,
    withdrawn_at: Option<Timestamp>,
    code: Vec<u8>,
    staff_id: Option<UserId>,
}

impl ConsentRow {
    fn read(self, opener: &mut RowOpener<'_>) -> Result<StoredSupportConsent> {
        Ok(StoredSupportConsent {
            id: self.id,
            kind: self.kind,
            created_at: self.created_at,
            ends_at: self.ends_at,
            withdrawn_at: self.withdrawn_at,
            code: opener.kept("code", &self.code, ConsentCode::kept)?,
            staff: self.staff_id,
        })
    }
}

/// A user who may be looked along with.
pub(crate) struct ConsentingUser {
    /// How her consent stands.
    pub(crate) consent: SupportConsent,
    /// What she may do herself.
    pub(crate) rights: Rights,
}

/// The consent of a user with whom is looked along.
pub(crate) fn load(
    connection: &mut AnyConnection,
    store: &Store,
    (institution, user): (InstitutionId, UserId),
    id: SupportConsentId,
) -> Result<ConsentingUser> {
    let (ends_at, withdrawn_at): (Timestamp, Option<Timestamp>) = support_consent::table
        .filter(support_consent::institution_id.is(institution))
        .filter(support_consent::id.is(id))
        .select((support_consent::ends_at, support_consent::withdrawn_at))
        .first(connection)?;
    let membership = membership::load(connection, store, institution, user)?;
    let login = account::load(connection, store, membership.account_id)?;
    let state = membership.standing().as_seen(login.state);
    Ok(ConsentingUser {
        consent: SupportConsent::new(ends_at, withdrawn_at.is_some(), state, membership.last_day),
        // Who enters children is no matter of looking along.
        rights: membership.rights(ChildrenEnteredBy::Administrators),
    })
}

/// A consent to look along, of which user it is, who of the helpdesk used its code, and how it stands.
pub(crate) type LiveConsent = (SupportConsentId, UserId, Option<UserId>, ConsentingUser);

/// The consents to look along with users of an institution that hold at the moment `now`.
pub(crate) fn live(
    connection: &mut AnyConnection,
    store: &Store,
    institution: InstitutionId,
    now: Timestamp,
) -> Result<Vec<LiveConsent>> {
    let given: Vec<(SupportConsentId, UserId, Option<UserId>)> = support_consent::table
        .filter(support_consent::institution_id.is(institution))
        .filter(support_consent::kind.is(ConsentKind::LookAlong))
        .filter(support_consent::withdrawn_at.is_null())
        .filter(support_consent::ends_at.after(now))
        .order(support_consent::id)
        .select((support_consent::id, support_consent::user_id, support_consent::staff_id))
        .load(connection)?;
    let mut live = Vec::with_capacity(given.len());
    for (id, user, staff) in given {
        let allowed = load(connection, store, (institution, user), id)?;
        if allowed.consent.holds(now) {
            live.push((id, user, staff, allowed));
        }
    }
    Ok(live)
}

/// Gives a member of the helpdesk the consent to look along whose code a user of an institution read out. Whoever uses it
/// first keeps it: one consent lets one of them look (C012).
///
/// # Errors
/// [`Error::Forbidden`] `no-consent` when no consent that was not taken back has this code, or somebody else has it.
pub(crate) fn take(
    connection: &mut AnyConnection,
    store: &Store,
    (institution, user): (InstitutionId, UserId),
    code: &ConsentCode,
    staff: UserId,
) -> Result<SupportConsentId> {
    let given: Vec<(SupportConsentId, Vec<u8>)> = support_consent::table
        .filter(support_consent::institution_id.is(institution))
        .filter(support_consent::user_id.is(user))
        .filter(support_consent::kind.is(ConsentKind::LookAlong))
        .filter(support_consent::withdrawn_at.is_null())
        .order(support_consent::ends_at.desc())
        .select((support_consent::id, support_consent::code))
        .load(connection)?;
    for (id, sealed) in given {
        let (row, owner) = (id.as_uuid(), key_owner::user(user));
        let mut opener = RowOpener::new(store.keys(), RowPlace { institution, table: TABLE, row, owner });
        let kept = opener.kept("code", &sealed, ConsentCode::kept);
        let kept = store.damaged_rows().readable(id, kept)?.flatten();
        if kept.is_some_and(|kept| kept.is(code)) && keep_for(connection, institution, id, staff)? {
            return Ok(id);
        }
    }
    Err(Error::Forbidden(Basis::no_consent()))
}

/// Of all members of the helpdesk who try at once, one keeps it.
fn keep_for(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    id: SupportConsentId,
    staff: UserId,
) -> Result<bool> {
    let free = support_consent::table
        .filter(support_consent::institution_id.is(institution))
        .filter(support_consent::id.is(id))
        .filter(support_consent::staff_id.is_null().or(support_consent::staff_id.is(Some(staff))));
    let kept = diesel::update(free).set(support_consent::staff_id.is(Some(staff))).execute(connection)?;
    Ok(kept == 1)
}

impl TenantReader<'_> {
    /// What the actor allows and allowed, in the order in which it was given, after the consent with id `after`.
    pub fn own_support_consents(
        &mut self,
        after: Option<SupportConsentId>,
        limit: i64,
    ) -> Result<Vec<StoredSupportConsent>> {
        let (institution, user) = (self.institution(), self.actor()?.user);
        let rows = |reader: &mut Self, after: &SupportConsentId, limit| {
            Ok(support_consent::table
                .filter(support_consent::institution_id.is(institution))
                .filter(support_consent::user_id.is(user))
                .filter(support_consent::id.after(*after))
                .order(support_consent::id)
                .limit(limit)
                .select(columns::<ConsentRow>())
                .load(reader.connection)?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &ConsentRow| row.id,
            |reader, row| {
                let id = row.id;
                let opened = reader.open_consent(row, user);
                reader.readable(id, opened)
            },
        )
    }

    /// The users who allow it now that the processor's staff sees who they are (C050). What they allow does not outlast
    /// their own rights.
    pub(crate) fn shown_to_staff(&mut self) -> Result<HashSet<UserId>> {
        let (institution, now) = (self.institution(), self.now());
        let today = amsterdam_date(now);
        let users: Vec<UserId> = support_consent::table
            .inner_join(
                membership_table::table.on(membership_table::institution_id
                    .eq(support_consent::institution_id)
                    .and(membership_table::user_id.eq(support_consent::user_id))),
            )
            .inner_join(account_table::table.on(account_table::id.eq(membership_table::account_id)))
            .filter(account_table::state.is(AccountState::Active))
            .filter(membership_table::state.is(AccountState::Active))
            .filter(membership_table::last_day.is_null().or(membership_table::last_day.from(Some(today))))
            .filter(support_consent::institution_id.is(institution))
            .filter(support_consent::kind.is(ConsentKind::Contact))
            .filter(support_consent::withdrawn_at.is_null())
            .filter(support_consent::ends_at.after(now))
            .select(support_consent::user_id)
            .load(self.connection)?;
        Ok(users.into_iter().collect())
    }

    /// One of what the actor allows and allowed.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor never gave it.
    pub fn own_support_consent(&mut self, id: SupportConsentId) -> Result<StoredSupportConsent> {
        let (institution, user) = (self.institution(), self.actor()?.user);
        let row: ConsentRow = support_consent::table
            .filter(support_consent::institution_id.is(institution))
            .filter(support_consent::id.is(id))
            .filter(support_consent::user_id.is(user))
            .select(columns::<ConsentRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_consent(row, user)
    }

    fn open_consent(&self, row: ConsentRow, user: UserId) -> Result<StoredSupportConsent> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), key_owner::user(user));
        row.read(&mut opener)
    }
}

impl TenantWriter<'_> {
    /// Enters what the actor allows until `ends_at`, in UTC: to look along, whoever is read the `code`.
    pub fn give_support_consent(
        &mut self,
        id: SupportConsentId,
        kind: ConsentKind,
        ends_at: Timestamp,
        code: Option<&ConsentCode>,
    ) -> Result<StoredSupportConsent> {
        let (institution, user, now) = (self.institution(), self.actor()?.user, self.now());
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::user(user))?;
        let sealed = row.text("code", code.map(ConsentCode::as_str));
        self.sealed(row);
        diesel::insert_into(support_consent::table)
            .values((
                support_consent::institution_id.is(institution),
                support_consent::id.is(id),
                support_consent::user_id.is(user),
                support_consent::kind.is(kind),
                support_consent::created_at.is(now),
                support_consent::ends_at.is(ends_at),
                support_consent::code.eq(sealed),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::SupportConsent, id.as_uuid());
        self.own_support_consent(id)
    }

    /// Takes back what the actor allows: what rests on it ends with this transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor never gave it.
    pub fn withdraw_support_consent(&mut self, id: SupportConsentId) -> Result<()> {
        self.own_support_consent(id)?;
        let (institution, now) = (self.institution(), self.now());
        let given = support_consent::table
            .filter(support_consent::institution_id.is(institution))
            .filter(support_consent::id.is(id))
            .filter(support_consent::withdrawn_at.is_null());
        diesel::update(given).set(support_consent::withdrawn_at.is(Some(now))).execute(self.connection)?;
        self.touch(ObjectKind::SupportConsent, id.as_uuid());
        Ok(())
    }
}
