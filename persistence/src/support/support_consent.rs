//! What users of an institution allow the processor's staff: that somebody looks along (C012), or sees who they are
//! (C050).

use std::collections::HashSet;

use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Rights, Role};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::{Consent, ConsentKind};
use groeilijn_domain::values::calendar::{amsterdam_date, end_of_day};
use groeilijn_domain::values::ids::{InstitutionId, SupportConsentId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::access::account::read_rights;
use crate::access::schema::account;
use crate::convert::{code, date, micros, timestamp, uuid};
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
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = support_consent)]
struct ConsentRow {
    id: Vec<u8>,
    kind: String,
    created_at: i64,
    ends_at: i64,
    withdrawn_at: Option<i64>,
}

impl ConsentRow {
    fn read(&self) -> Result<StoredSupportConsent> {
        Ok(StoredSupportConsent {
            id: SupportConsentId::from_uuid(uuid(&self.id, TABLE)?),
            kind: code(ConsentKind::from_code, &self.kind, TABLE)?,
            created_at: timestamp(self.created_at, TABLE)?,
            ends_at: timestamp(self.ends_at, TABLE)?,
            withdrawn_at: self.withdrawn_at.map(|at| timestamp(at, TABLE)).transpose()?,
        })
    }
}

/// A user who may be looked along with.
pub(crate) struct ConsentingUser {
    /// How her consent stands: it does not outlast her own rights.
    pub(crate) consent: Consent,
    /// What she may do herself.
    pub(crate) rights: Rights,
}

/// The consent of a user with whom is looked along.
pub(crate) fn load(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    user: UserId,
    id: SupportConsentId,
) -> Result<ConsentingUser> {
    let (ends_at, withdrawn_at): (i64, Option<i64>) = support_consent::table
        .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
        .select((support_consent::ends_at, support_consent::withdrawn_at))
        .first(connection)?;
    let (role, state, rights, last_day): (String, String, Option<String>, Option<String>) = account::table
        .find(user.as_bytes().as_slice())
        .select((account::role, account::state, account::rights, account::last_day))
        .first(connection)?;
    let last_moment = last_day.map(|day| date(&day, TABLE)).transpose()?.map_or(Timestamp::MAX, end_of_day);
    let role = code(Role::from_code, &role, TABLE)?;
    Ok(ConsentingUser {
        consent: Consent {
            ends_at: timestamp(ends_at, TABLE)?.min(last_moment),
            withdrawn: withdrawn_at.is_some(),
            user_is_active: code(AccountState::from_code, &state, TABLE)? == AccountState::Active,
        },
        rights: read_rights(role, rights.as_deref())?,
    })
}

/// The consent to look along that a user of an institution gave and did not take back, if there is one: the one that
/// lasts longest.
pub(crate) fn to_look_along(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    user: UserId,
) -> Result<Option<SupportConsentId>> {
    let found: Option<Vec<u8>> = support_consent::table
        .filter(support_consent::institution_id.eq(institution.as_bytes().as_slice()))
        .filter(support_consent::user_id.eq(user.as_bytes().as_slice()))
        .filter(support_consent::kind.eq(ConsentKind::LookAlong.code()))
        .filter(support_consent::withdrawn_at.is_null())
        .order(support_consent::ends_at.desc())
        .select(support_consent::id)
        .first(connection)
        .optional()?;
    found.map(|id| Ok(SupportConsentId::from_uuid(uuid(&id, TABLE)?))).transpose()
}

impl TenantReader<'_> {
    /// What the actor allows and allowed, in the order in which it was given, after the consent with id `after`.
    pub fn own_support_consents(
        &mut self,
        after: Option<SupportConsentId>,
        limit: i64,
    ) -> Result<Vec<StoredSupportConsent>> {
        let (institution, user) = (self.institution(), self.actor()?.account);
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows: Vec<ConsentRow> = support_consent::table
            .filter(support_consent::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(support_consent::user_id.eq(user.as_bytes().as_slice()))
            .filter(support_consent::id.gt(after))
            .order(support_consent::id)
            .limit(limit)
            .select(columns::<ConsentRow>())
            .load(self.connection)?;
        rows.iter().map(ConsentRow::read).collect()
    }

    /// The users who allow it now that the processor's staff sees who they are (C050). What they allow does not outlast
    /// their own rights.
    pub(crate) fn shown_to_staff(&mut self) -> Result<HashSet<UserId>> {
        let (institution, now) = (self.institution(), micros(self.now()));
        let today = amsterdam_date(self.now()).to_string();
        let users: Vec<Vec<u8>> = support_consent::table
            .inner_join(account::table.on(account::id.eq(support_consent::user_id)))
            .filter(account::state.eq(AccountState::Active.code()))
            .filter(account::last_day.is_null().or(account::last_day.ge(today)))
            .filter(support_consent::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(support_consent::kind.eq(ConsentKind::Contact.code()))
            .filter(support_consent::withdrawn_at.is_null())
            .filter(support_consent::ends_at.gt(now))
            .select(support_consent::user_id)
            .load(self.connection)?;
        users.iter().map(|id| Ok(UserId::from_uuid(uuid(id, TABLE)?))).collect()
    }

    fn own_support_consent(&mut self, id: SupportConsentId) -> Result<StoredSupportConsent> {
        let (institution, user) = (self.institution(), self.actor()?.account);
        support_consent::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .filter(support_consent::user_id.eq(user.as_bytes().as_slice()))
            .select(columns::<ConsentRow>())
            .first::<ConsentRow>(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?
            .read()
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
        let (institution, user, now) = (self.institution(), self.actor()?.account, micros(self.now()));
        diesel::insert_into(support_consent::table)
            .values((
                support_consent::institution_id.eq(institution.as_bytes().as_slice()),
                support_consent::id.eq(id.as_bytes().as_slice()),
                support_consent::user_id.eq(user.as_bytes().as_slice()),
                support_consent::kind.eq(kind.code()),
                support_consent::created_at.eq(now),
                support_consent::ends_at.eq(micros(ends_at)),
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
        let (institution, now) = (self.institution(), micros(self.now()));
        diesel::update(
            support_consent::table
                .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
                .filter(support_consent::withdrawn_at.is_null()),
        )
        .set(support_consent::withdrawn_at.eq(now))
        .execute(self.connection)?;
        self.touch(ObjectKind::SupportConsent, id.as_uuid());
        Ok(())
    }
}
