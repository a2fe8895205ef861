//! Support sessions as they are kept, for whoever looks back at them (C048).

use std::collections::BTreeSet;

use groeilijn_domain::access::session::SessionEnd;
use groeilijn_domain::access::{Part, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::{CaseId, SupportKind};
use groeilijn_domain::values::ids::{InstitutionId, SessionId, SupportRequestId, SupportSessionId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::{KeyOwner, KeyRing};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::{RowOpener, RowPlace};
use jiff::Timestamp;

use crate::access::schema::session;
use crate::handles::platform::PlatformReader;
use crate::handles::store::Store;
use crate::handles::tenant::TenantReader;
use crate::support::schema::support_session;

pub(super) const TABLE: &str = "support_session";

/// A support session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSupportSession {
    /// Its id.
    pub id: SupportSessionId,
    /// The institution that is looked into.
    pub institution: InstitutionId,
    /// Who looks.
    pub staff: UserId,
    /// What kind of look.
    pub kind: SupportKind,
    /// The user whom it is about.
    pub user: Option<UserId>,
    /// The case that it is about.
    pub case: Option<CaseId>,
    /// The request of the institution that it answers.
    pub request: Option<SupportRequestId>,
    /// The parts that it shows.
    pub parts: BTreeSet<Part>,
    /// Why.
    pub reason: ShortText,
    /// Why the texts that professionals wrote are needed; without it they are masked (C050).
    pub free_text_reason: Option<ShortText>,
    /// When it began, in UTC.
    pub starts_at: Timestamp,
    /// When it ends by itself, in UTC.
    pub ends_at: Timestamp,
    /// When it was ended before that, in UTC, if it was.
    pub ended_at: Option<Timestamp>,
    /// Why it was.
    pub end: Option<SessionEnd>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = support_session)]
struct SupportRow {
    id: SessionId,
    institution_id: InstitutionId,
    staff_id: UserId,
    kind: SupportKind,
    user_id: Option<UserId>,
    case_id: Option<CaseId>,
    request_id: Option<SupportRequestId>,
    reason: Vec<u8>,
    free_text_reason: Vec<u8>,
    parts: BTreeSet<Part>,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

/// When a session was ended, and why.
type Ended = (Option<Timestamp>, Option<SessionEnd>);

impl SupportRow {
    fn read(self, (ended_at, end): Ended, keys: &KeyRing) -> Result<StoredSupportSession> {
        let (institution, row) = (self.institution_id, self.id.as_uuid());
        let owner = KeyOwner::shared(institution);
        let mut opener = RowOpener::new(keys, RowPlace { institution, table: TABLE, row, owner });
        Ok(StoredSupportSession {
            id: self.id.into(),
            institution,
            staff: self.staff_id,
            kind: self.kind,
            user: self.user_id,
            case: self.case_id,
            parts: self.parts,
            request: self.request_id,
            reason: opener.required_kept("reason", &self.reason, ShortText::kept)?,
            free_text_reason: opener.kept("free_text_reason", &self.free_text_reason, ShortText::kept)?,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            ended_at,
            end,
        })
    }
}

/// One support session.
pub(super) fn load(
    connection: &mut AnyConnection,
    keys: &KeyRing,
    id: SupportSessionId,
) -> Result<StoredSupportSession> {
    let (row, ended): (SupportRow, Ended) = support_session::table
        .inner_join(session::table)
        .filter(support_session::id.is(SessionId::from(id)))
        .select((columns::<SupportRow>(), (session::ended_at, session::end_reason)))
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    row.read(ended, keys)
}

impl TenantReader<'_> {
    /// Who of the processor looked or looks into the institution, the newest first, before the session `before`.
    pub fn support_sessions(
        &mut self,
        before: Option<SupportSessionId>,
        limit: i64,
    ) -> Result<Vec<StoredSupportSession>> {
        let (whose, store) = (Whose::Institution(self.institution()), self.store());
        let sessions = list(self.connection, store, whose, before, limit)?;
        for session in &sessions {
            self.touch(ObjectKind::SupportSession, session.id.as_uuid());
        }
        Ok(sessions)
    }
}

impl TenantReader<'_> {
    /// What whoever looked in a support session does at the processor; `None` when it is of another institution.
    pub(crate) fn function_in(&mut self, id: SupportSessionId) -> Result<Option<ProcessorFunction>> {
        let kind: Option<SupportKind> = support_session::table
            .filter(support_session::id.is(SessionId::from(id)))
            .filter(support_session::institution_id.is(self.institution()))
            .select(support_session::kind)
            .first(self.connection)
            .optional()?;
        Ok(kind.map(SupportKind::opened_by))
    }
}

impl PlatformReader<'_> {
    /// The support sessions of a member of the processor's staff, the newest first, before the session `before`.
    pub fn support_sessions_of(
        &mut self,
        staff: UserId,
        before: Option<SupportSessionId>,
        limit: i64,
    ) -> Result<Vec<StoredSupportSession>> {
        list(self.connection, self.store, Whose::Staff(staff), before, limit)
    }
}

#[derive(Clone, Copy)]
enum Whose {
    Institution(InstitutionId),
    Staff(UserId),
}

fn list(
    connection: &mut AnyConnection,
    store: &Store,
    whose: Whose,
    before: Option<SupportSessionId>,
    limit: i64,
) -> Result<Vec<StoredSupportSession>> {
    let some = |connection: &mut AnyConnection, before: &Option<SupportSessionId>, limit| {
        rows(connection, whose, *before, limit)
    };
    let position = |(row, _): &(SupportRow, Ended)| Some(row.id.into());
    fill_page(connection, before, limit, some, position, |_, (row, ended)| {
        let id = row.id;
        store.damaged_rows().readable(id, row.read(ended, store.keys()))
    })
}

fn rows(
    connection: &mut AnyConnection,
    whose: Whose,
    before: Option<SupportSessionId>,
    limit: i64,
) -> Result<Vec<(SupportRow, Ended)>> {
    Ok(load_boxed!(connection, {
        let mut query = support_session::table
            .inner_join(session::table)
            .order(support_session::id.desc())
            .limit(limit)
            .select((columns::<SupportRow>(), (session::ended_at, session::end_reason)))
            .into_boxed();
        query = match whose {
            Whose::Institution(id) => query.filter(support_session::institution_id.is(id)),
            Whose::Staff(id) => query.filter(support_session::staff_id.is(id)),
        };
        if let Some(before) = before {
            query = query.filter(support_session::id.before(SessionId::from(before)));
        }
        query
    })?)
}
