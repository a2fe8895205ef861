//! Destructions, from the day or the request that they begin with to the certificate (C105–C111).
//!
//! The order is what makes one safe: the child is marked in the data database, which every transaction of every process
//! honours from then on; then its key goes, leaving a tombstone; then its rows; then the bytes that the databases would
//! keep. Each step is done again without harm, so a destruction that was broken off anywhere is finished by whoever looks
//! next.

mod begin;
mod carry_out;
mod certify;
mod claim;
mod request;

use groeilijn_domain::retention::certificate::Destroyed;
use groeilijn_domain::retention::destruction::DestructionState;
use groeilijn_domain::retention::plan::{Due, Rule, SubjectKind};
use groeilijn_domain::retention::term::{Term, TermBasis};
use groeilijn_domain::values::ids::{DestructionId, InstitutionId, SubjectId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub(crate) use self::certify::certificates_of;
pub use self::certify::{CertificateKey, Evidence, StoredCertificates};
pub use self::request::NewDestruction;
use crate::handles::tenant::TenantReader;
use crate::retention::schema::{destruction, destruction_item};

const TABLE: &str = "destruction";

/// A destruction as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDestruction {
    /// Its id.
    pub id: DestructionId,
    /// How far it is.
    pub state: DestructionState,
    /// Who asked for it; none when a rule began it.
    pub requested_by: Option<UserId>,
    /// Why it was asked for; none once the institution's own key is destroyed.
    pub reason: Option<ShortText>,
    /// When it was asked for, or planned, in UTC.
    pub created_at: Timestamp,
    /// When it begins without a second administrator, in UTC.
    pub begins_at: Option<Timestamp>,
    /// Who approved it.
    pub approved_by: Option<UserId>,
    /// Who stopped it.
    pub stopped_by: Option<UserId>,
    /// Why it was stopped.
    pub stop_reason: Option<ShortText>,
    /// When it began, in UTC.
    pub begun_at: Option<Timestamp>,
    /// When everything was destroyed in the databases, in UTC.
    pub destroyed_at: Option<Timestamp>,
    /// The day, in Amsterdam, on which the last backup that may hold its keys is gone.
    pub complete_on: Option<Date>,
    /// What it is about.
    pub subjects: Vec<StoredSubject>,
    /// How often it was changed.
    pub revision: i32,
}

/// Something that a destruction is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredSubject {
    /// What kind of thing.
    pub kind: SubjectKind,
    /// Which one.
    pub id: SubjectId,
    /// By which rule it goes.
    pub rule: Rule,
    /// By which term; none for what was asked for.
    pub term: Option<Term>,
    /// The day on which it is to go, in Amsterdam.
    pub due_on: Date,
    /// Whether it is destroyed.
    pub is_destroyed: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = destruction)]
struct DestructionRow {
    id: DestructionId,
    state: DestructionState,
    requested_by: Option<UserId>,
    reason: Option<Vec<u8>>,
    created_at: Timestamp,
    begins_at: Option<Timestamp>,
    approved_by: Option<UserId>,
    stopped_by: Option<UserId>,
    stop_reason: Option<Vec<u8>>,
    begun_at: Option<Timestamp>,
    destroyed_at: Option<Timestamp>,
    complete_on: Option<Date>,
    revision: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = destruction_item)]
struct ItemRow {
    subject_id: SubjectId,
    kind: SubjectKind,
    rule: Rule,
    months: Option<i32>,
    basis: Option<TermBasis>,
    due_on: Date,
    outcome: Option<String>,
}

/// What became of a subject, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    keys: Vec<String>,
    rows: Vec<(String, u64)>,
}

impl ItemRow {
    fn term(&self) -> Result<Option<Term>> {
        let term = |(months, basis): (i32, TermBasis)| {
            let months = u8::try_from(months).map_err(|_| Error::Unreadable("destruction_item"))?;
            Ok(Term { months, basis })
        };
        self.months.zip(self.basis).map(term).transpose()
    }

    fn standing(&self) -> Result<StoredSubject> {
        Ok(StoredSubject {
            kind: self.kind,
            id: self.subject_id,
            rule: self.rule,
            term: self.term()?,
            due_on: self.due_on,
            is_destroyed: self.outcome.is_some(),
        })
    }

    /// What was destroyed; `None` as long as it was not.
    fn destroyed(&self) -> Result<Option<Destroyed>> {
        let Some(outcome) = &self.outcome else { return Ok(None) };
        let outcome: Outcome =
            serde_json::from_str(outcome).map_err(|_| Error::Unreadable("destruction_item"))?;
        Ok(Some(Destroyed {
            kind: self.kind,
            id: self.subject_id.as_uuid(),
            rule: self.rule,
            term: self.term()?,
            due_on: self.due_on,
            keys: outcome.keys,
            rows: outcome.rows,
        }))
    }
}

impl TenantReader<'_> {
    /// The institution's destructions in the order in which they were made, after the one with id `after`.
    pub fn destructions(
        &mut self,
        after: Option<DestructionId>,
        limit: i64,
    ) -> Result<Vec<StoredDestruction>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &DestructionId, limit| {
            Ok(destruction::table
                .filter(destruction::institution_id.is(institution))
                .filter(destruction::id.after(*after))
                .order(destruction::id)
                .limit(limit)
                .select(columns::<DestructionRow>())
                .load(reader.connection)?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &DestructionRow| row.id,
            |reader, row| {
                let id = row.id;
                let opened = reader.whole(&row);
                reader.readable(id, opened)
            },
        )
    }

    /// One of the institution's destructions.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn destruction(&mut self, id: DestructionId) -> Result<StoredDestruction> {
        let row = self.destruction_row(id)?;
        self.whole(&row)
    }

    /// The last day of the contract, in Amsterdam, when a destruction takes the institution as a whole: its subprocessors
    /// are asked to destroy what they have too (C112).
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn contract_that_ends(&mut self, id: DestructionId) -> Result<Option<Date>> {
        let is_whole = self.items(id)?.iter().any(|item| item.kind == SubjectKind::Institution);
        Ok(if is_whole { self.licence()?.licence.end } else { None })
    }

    fn destruction_row(&mut self, id: DestructionId) -> Result<DestructionRow> {
        destruction::table
            .filter(destruction::institution_id.is(self.institution()))
            .filter(destruction::id.is(id))
            .select(columns::<DestructionRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)
    }

    fn items(&mut self, id: DestructionId) -> Result<Vec<ItemRow>> {
        Ok(destruction_item::table
            .filter(destruction_item::institution_id.is(self.institution()))
            .filter(destruction_item::destruction_id.is(id))
            .order(destruction_item::subject_id)
            .select(columns::<ItemRow>())
            .load(self.connection)?)
    }

    /// A destruction with what it is about. Once the institution's own key is destroyed, its reasons are gone.
    fn whole(&mut self, row: &DestructionRow) -> Result<StoredDestruction> {
        let subjects = self.items(row.id)?.iter().map(ItemRow::standing).collect::<Result<_>>()?;
        let reason = self.reason_of(row, "reason", row.reason.as_deref())?;
        let stop_reason = self.reason_of(row, "stop_reason", row.stop_reason.as_deref())?;
        Ok(StoredDestruction {
            id: row.id,
            state: row.state,
            requested_by: row.requested_by,
            reason,
            created_at: row.created_at,
            begins_at: row.begins_at,
            approved_by: row.approved_by,
            stopped_by: row.stopped_by,
            stop_reason,
            begun_at: row.begun_at,
            destroyed_at: row.destroyed_at,
            complete_on: row.complete_on,
            subjects,
            revision: row.revision,
        })
    }

    fn reason_of(
        &self,
        row: &DestructionRow,
        column: &'static str,
        sealed: Option<&[u8]>,
    ) -> Result<Option<ShortText>> {
        let Some(sealed) = sealed else { return Ok(None) };
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        match opener.required_kept(column, sealed, ShortText::kept) {
            Err(Error::Destroyed) => Ok(None),
            reason => reason.map(Some),
        }
    }
}

/// Enters what a destruction is about.
fn insert_items(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    id: DestructionId,
    due: &[Due],
) -> Result<()> {
    for due in due {
        let asked = due.rule == Rule::Request;
        diesel::insert_into(destruction_item::table)
            .values((
                destruction_item::institution_id.is(institution),
                destruction_item::destruction_id.is(id),
                destruction_item::subject_id.is(SubjectId::from_uuid(due.subject)),
                destruction_item::kind.is(due.kind),
                destruction_item::rule.is(due.rule),
                destruction_item::months.eq((!asked).then_some(i32::from(due.term.months))),
                destruction_item::basis.is((!asked).then_some(due.term.basis)),
                destruction_item::due_on.is(due.on),
            ))
            .execute(connection)?;
    }
    Ok(())
}
