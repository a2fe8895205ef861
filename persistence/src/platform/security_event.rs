//! What may be an attack, kept for whoever watches over the institution or the service (C079, C089).

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::{InstitutionId, SecurityEventId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::environment::Environment;
use groeilijn_engine::error::Result;
use jiff::Timestamp;

use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::handles::tenant::TenantReader;
use crate::platform::schema::security_event;

/// Something that may be an attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSecurityEvent {
    /// Its id.
    pub id: SecurityEventId,
    /// What it is.
    pub kind: SecurityEventKind,
    /// Whose users or data it concerns; none when it is of no institution in particular.
    pub institution: Option<InstitutionId>,
    /// Which user, or member of the processor's staff, it concerns.
    pub user: Option<UserId>,
    /// The network address that it came from.
    pub address: String,
    /// When it happened, in UTC.
    pub occurred_at: Timestamp,
}

/// Something that just happened.
pub(crate) struct NewSecurityEvent<'a> {
    pub(crate) kind: SecurityEventKind,
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) user: Option<UserId>,
    pub(crate) address: &'a str,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = security_event)]
struct SecurityEventRow {
    id: SecurityEventId,
    institution_id: Option<InstitutionId>,
    occurred_at: Timestamp,
    kind: SecurityEventKind,
    user_id: Option<UserId>,
    address: String,
}

impl From<SecurityEventRow> for StoredSecurityEvent {
    fn from(row: SecurityEventRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            institution: row.institution_id,
            user: row.user_id,
            address: row.address,
            occurred_at: row.occurred_at,
        }
    }
}

/// Keeps what just happened.
pub(crate) fn insert(
    connection: &mut AnyConnection,
    environment: &Environment,
    new: &NewSecurityEvent<'_>,
) -> Result<()> {
    diesel::insert_into(security_event::table)
        .values((
            security_event::id.is(SecurityEventId::from_uuid(environment.uuid())),
            security_event::institution_id.is(new.institution),
            security_event::occurred_at.is(environment.now()),
            security_event::kind.is(new.kind),
            security_event::user_id.is(new.user),
            security_event::address.eq(new.address),
        ))
        .execute(connection)?;
    Ok(())
}

/// How many of a kind happened after `since`; from one network address, or from any.
pub(crate) fn count(
    connection: &mut AnyConnection,
    kind: SecurityEventKind,
    address: Option<&str>,
    since: Timestamp,
) -> Result<i64> {
    let addresses: Vec<String> = security_event::table
        .filter(security_event::kind.is(kind))
        .filter(security_event::occurred_at.after(since))
        .select(security_event::address)
        .load(connection)?;
    let counted = addresses.iter().filter(|found| address.is_none_or(|address| address == *found)).count();
    Ok(i64::try_from(counted).unwrap_or(i64::MAX))
}

/// Whether something of a kind happened to an institution, or to none in particular, after `since`.
pub(crate) fn happened_to(
    connection: &mut AnyConnection,
    kind: SecurityEventKind,
    institution: Option<InstitutionId>,
    since: Timestamp,
) -> Result<bool> {
    let happened: Vec<Option<InstitutionId>> = security_event::table
        .filter(security_event::kind.is(kind))
        .filter(security_event::occurred_at.after(since))
        .select(security_event::institution_id)
        .load(connection)?;
    Ok(happened.contains(&institution))
}

impl PlatformWriter<'_> {
    /// Keeps that something happened which may be an attack, from the address of the present request.
    pub(crate) fn raise_event(&mut self, kind: SecurityEventKind, actor: Actor) -> Result<()> {
        let event = NewSecurityEvent {
            kind,
            institution: actor.institution,
            user: Some(actor.user),
            address: self.address(),
        };
        insert(self.connection, self.store().environment(), &event)
    }
}

impl TenantReader<'_> {
    /// What happened to the institution, in order, after the event with id `after`.
    pub fn security_events(
        &mut self,
        after: Option<SecurityEventId>,
        limit: i64,
    ) -> Result<Vec<StoredSecurityEvent>> {
        let institution = self.institution();
        let rows: Vec<SecurityEventRow> = security_event::table
            .filter(security_event::institution_id.is(Some(institution)))
            .filter(security_event::id.after(page_start(after)))
            .order(security_event::id)
            .limit(limit)
            .select(columns::<SecurityEventRow>())
            .load(self.connection)?;
        Ok(rows.into_iter().map(StoredSecurityEvent::from).collect())
    }
}

impl PlatformReader<'_> {
    /// What happened to anybody, in order, after the event with id `after`.
    pub fn security_events(
        &mut self,
        after: Option<SecurityEventId>,
        limit: i64,
    ) -> Result<Vec<StoredSecurityEvent>> {
        let rows: Vec<SecurityEventRow> = security_event::table
            .filter(security_event::id.after(page_start(after)))
            .order(security_event::id)
            .limit(limit)
            .select(columns::<SecurityEventRow>())
            .load(self.connection)?;
        Ok(rows.into_iter().map(StoredSecurityEvent::from).collect())
    }
}
