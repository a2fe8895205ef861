//! What users of an institution allow the processor's staff: that somebody looks along (C012), or sees who they are
//! (C050).

use std::collections::HashSet;

use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Rights, Role, UserRights};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::{ConsentKind, SupportConsent};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{InstitutionId, SupportConsentId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::schema::account;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::support::schema::support_consent;

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
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = support_consent)]
struct ConsentRow {
    id: SupportConsentId,
    kind: ConsentKind,
    created_at: Timestamp,
    ends_at: Timestamp,
    withdrawn_at: Option<Timestamp>,
}

impl From<ConsentRow> for StoredSupportConsent {
    fn from(row: ConsentRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            created_at: row.created_at,
            ends_at: row.ends_at,
            withdrawn_at: row.withdrawn_at,
        }
    }
}

/// A user who may be looked along with.
pub(crate) struct ConsentingUser {
    /// How her consent stands.
    pub(crate) consent: SupportConsent,
    /// What she may do herself.
    pub(crate) rights: Rights,
}

/// What is known of the account of a user who gave a consent.
#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
struct AccountRow {
    role: Role,
    state: AccountState,
    rights: Option<UserRights>,
    last_day: Option<Date>,
}

/// The consent of a user with whom is looked along.
pub(crate) fn load(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    user: UserId,
    id: SupportConsentId,
) -> Result<ConsentingUser> {
    let (ends_at, withdrawn_at): (Timestamp, Option<Timestamp>) = support_consent::table
        .filter(support_consent::institution_id.is(institution))
        .filter(support_consent::id.is(id))
        .select((support_consent::ends_at, support_consent::withdrawn_at))
        .first(connection)?;
    let account: AccountRow =
        account::table.filter(account::id.is(user)).select(columns::<AccountRow>()).first(connection)?;
    Ok(ConsentingUser {
        consent: SupportConsent::new(ends_at, withdrawn_at.is_some(), account.state, account.last_day),
        rights: Rights::of_account(account.role, account.rights.as_ref()),
    })
}

/// The consent to look along that a user of an institution gave and did not take back, if there is one: the one that
/// lasts longest.
pub(crate) fn to_look_along(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    user: UserId,
) -> Result<Option<SupportConsentId>> {
    Ok(support_consent::table
        .filter(support_consent::institution_id.is(institution))
        .filter(support_consent::user_id.is(user))
        .filter(support_consent::kind.is(ConsentKind::LookAlong))
        .filter(support_consent::withdrawn_at.is_null())
        .order(support_consent::ends_at.desc())
        .select(support_consent::id)
        .first(connection)
        .optional()?)
}

impl TenantReader<'_> {
    /// What the actor allows and allowed, in the order in which it was given, after the consent with id `after`.
    pub fn own_support_consents(
        &mut self,
        after: Option<SupportConsentId>,
        limit: i64,
    ) -> Result<Vec<StoredSupportConsent>> {
        let (institution, user) = (self.institution(), self.actor()?.account);
        let rows: Vec<ConsentRow> = support_consent::table
            .filter(support_consent::institution_id.is(institution))
            .filter(support_consent::user_id.is(user))
            .filter(support_consent::id.after(page_start(after)))
            .order(support_consent::id)
            .limit(limit)
            .select(columns::<ConsentRow>())
            .load(self.connection)?;
        Ok(rows.into_iter().map(StoredSupportConsent::from).collect())
    }

    /// The users who allow it now that the processor's staff sees who they are (C050). What they allow does not outlast
    /// their own rights.
    pub(crate) fn shown_to_staff(&mut self) -> Result<HashSet<UserId>> {
        let (institution, now) = (self.institution(), self.now());
        let today = amsterdam_date(now);
        let users: Vec<UserId> = support_consent::table
            .inner_join(account::table.on(account::id.eq(support_consent::user_id)))
            .filter(account::state.is(AccountState::Active))
            .filter(account::last_day.is_null().or(account::last_day.from(Some(today))))
            .filter(support_consent::institution_id.is(institution))
            .filter(support_consent::kind.is(ConsentKind::Contact))
            .filter(support_consent::withdrawn_at.is_null())
            .filter(support_consent::ends_at.after(now))
            .select(support_consent::user_id)
            .load(self.connection)?;
        Ok(users.into_iter().collect())
    }

    fn own_support_consent(&mut self, id: SupportConsentId) -> Result<StoredSupportConsent> {
        let (institution, user) = (self.institution(), self.actor()?.account);
        let row: ConsentRow = support_consent::table
            .filter(support_consent::institution_id.is(institution))
            .filter(support_consent::id.is(id))
            .filter(support_consent::user_id.is(user))
            .select(columns::<ConsentRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        Ok(row.into())
    }
}

impl TenantWriter<'_> {
    /// Enters what the actor allows until `ends_at`, in UTC.
    pub fn give_support_consent(
        &mut self,
        id: SupportConsentId,
        kind: ConsentKind,
        ends_at: Timestamp,
    ) -> Result<StoredSupportConsent> {
        let (institution, user, now) = (self.institution(), self.actor()?.account, self.now());
        diesel::insert_into(support_consent::table)
            .values((
                support_consent::institution_id.is(institution),
                support_consent::id.is(id),
                support_consent::user_id.is(user),
                support_consent::kind.is(kind),
                support_consent::created_at.is(now),
                support_consent::ends_at.is(ends_at),
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
