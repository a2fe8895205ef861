//! Subprocessors as they are kept, and the checks of them.

use groeilijn_domain::platform::subprocessor::{
    CheckOutcome, Passage, SubprocessorFields, SubprocessorState, check_due,
};
use groeilijn_domain::platform::transfer::{Country, Safeguard};
use groeilijn_domain::values::ids::{InstitutionId, SubprocessorCheckId, SubprocessorId};
use groeilijn_domain::values::text::{FreeText, Label, ShortText};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use super::standing::Standings;
use crate::handles::platform::PlatformReader;
use crate::platform::schema::{PassageList, subprocessor, subprocessor_check};

/// Who looks at subprocessors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// The processor, who sees how one stands for all institutions together.
    Processor,
    /// An institution, which sees how one stands for itself.
    Institution(InstitutionId),
}

impl Viewer {
    pub(super) fn institution(self) -> Option<InstitutionId> {
        match self {
            Self::Processor => None,
            Self::Institution(id) => Some(id),
        }
    }
}

/// A subprocessor as it is kept, as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSubprocessor {
    /// Its id.
    pub id: SubprocessorId,
    /// The one whose place it takes.
    pub replaces: Option<SubprocessorId>,
    /// Whom, where and what for.
    pub fields: SubprocessorFields,
    /// How it stands.
    pub state: SubprocessorState,
    /// The last day to object, in Amsterdam.
    pub object_until: Date,
    /// How many institutions object; for an institution whether it does.
    pub objections: usize,
    /// Whether the institution that looks consents to the country.
    pub consented: bool,
    /// The day by which it has to be checked again, in Amsterdam.
    pub check_due: Date,
    /// When it was announced, in UTC.
    pub announced_at: Timestamp,
    /// When it was taken back or was used no longer, in UTC.
    pub ended_at: Option<Timestamp>,
}

/// A yearly check as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheck {
    /// Its id.
    pub id: SubprocessorCheckId,
    /// The day, in Amsterdam.
    pub checked_on: Date,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// SHA-256 of the report.
    pub document_sha256: [u8; 32],
    /// When it was recorded, in UTC.
    pub recorded_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = subprocessor)]
struct SubprocessorRow {
    id: SubprocessorId,
    replaces_id: Option<SubprocessorId>,
    name: String,
    place: String,
    country: Country,
    task: String,
    access: String,
    safeguard: Option<Safeguard>,
    passages: PassageList,
    announced_at: Timestamp,
    ended_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = subprocessor_check)]
struct CheckRow {
    id: SubprocessorCheckId,
    checked_on: Date,
    outcome: CheckOutcome,
    document_sha256: Vec<u8>,
    recorded_at: Timestamp,
}

impl SubprocessorRow {
    fn read(
        self,
        connection: &mut AnyConnection,
        standings: &Standings,
        viewer: Viewer,
    ) -> Result<StoredSubprocessor> {
        let (id, institution) = (self.id, viewer.institution());
        let last: Option<Date> = subprocessor_check::table
            .filter(subprocessor_check::subprocessor_id.is(id))
            .order(subprocessor_check::checked_on.desc())
            .select(subprocessor_check::checked_on)
            .first(connection)
            .optional()?;
        let passages = self.passages.0.into_iter().map(|passage| Passage {
            duty: passage.duty,
            text: FreeText::kept(passage.text),
            document_sha256: passage.document_sha256,
        });
        Ok(StoredSubprocessor {
            id,
            replaces: self.replaces_id,
            fields: SubprocessorFields {
                name: Label::kept(self.name),
                place: Label::kept(self.place),
                country: self.country,
                task: ShortText::kept(self.task),
                access: ShortText::kept(self.access),
                safeguard: self.safeguard,
                passages: passages.collect(),
            },
            state: standings.state(institution, id)?,
            object_until: standings.object_until(institution, id)?,
            objections: match institution {
                Some(institution) => usize::from(standings.of(institution, id)?.objected),
                None => standings.objections(id),
            },
            consented: institution.is_some_and(|institution| standings.consents(institution, id)),
            check_due: check_due(last, self.announced_at),
            announced_at: self.announced_at,
            ended_at: self.ended_at,
        })
    }
}

impl PlatformReader<'_> {
    /// Subprocessors in the order in which they were announced, after the one with id `after`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn subprocessors(
        &mut self,
        viewer: Viewer,
        after: Option<SubprocessorId>,
        limit: i64,
    ) -> Result<Vec<StoredSubprocessor>> {
        let standings = Standings::load(self.connection, self.store.environment().now())?;
        let rows: Vec<SubprocessorRow> = subprocessor::table
            .filter(subprocessor::id.after(page_start(after)))
            .order(subprocessor::id)
            .limit(limit)
            .select(columns::<SubprocessorRow>())
            .load(self.connection)?;
        rows.into_iter().map(|row| row.read(self.connection, &standings, viewer)).collect()
    }

    /// One subprocessor.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn subprocessor(&mut self, viewer: Viewer, id: SubprocessorId) -> Result<StoredSubprocessor> {
        let standings = Standings::load(self.connection, self.store.environment().now())?;
        let row: Option<SubprocessorRow> = subprocessor::table
            .filter(subprocessor::id.is(id))
            .select(columns::<SubprocessorRow>())
            .first(self.connection)
            .optional()?;
        row.ok_or(Error::NotFound)?.read(self.connection, &standings, viewer)
    }

    /// The checks of a subprocessor in the order in which they were recorded, after the one with id `after`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such subprocessor.
    pub fn subprocessor_checks(
        &mut self,
        subprocessor: SubprocessorId,
        after: Option<SubprocessorCheckId>,
        limit: i64,
    ) -> Result<Vec<StoredCheck>> {
        self.require_subprocessor(subprocessor)?;
        let rows: Vec<CheckRow> = subprocessor_check::table
            .filter(subprocessor_check::subprocessor_id.is(subprocessor))
            .filter(subprocessor_check::id.after(page_start(after)))
            .order(subprocessor_check::id)
            .limit(limit)
            .select(columns::<CheckRow>())
            .load(self.connection)?;
        rows.into_iter().map(CheckRow::read).collect()
    }

    /// One check of a subprocessor.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn subprocessor_check(&mut self, id: SubprocessorCheckId) -> Result<StoredCheck> {
        let row: Option<CheckRow> = subprocessor_check::table
            .filter(subprocessor_check::id.is(id))
            .select(columns::<CheckRow>())
            .first(self.connection)
            .optional()?;
        row.ok_or(Error::NotFound)?.read()
    }

    pub(super) fn require_subprocessor(&mut self, id: SubprocessorId) -> Result<()> {
        let own = subprocessor::table.filter(subprocessor::id.is(id));
        let is_there: bool = diesel::select(diesel::dsl::exists(own)).get_result(self.connection)?;
        if is_there { Ok(()) } else { Err(Error::NotFound) }
    }
}

impl CheckRow {
    fn read(self) -> Result<StoredCheck> {
        let unreadable = |_| Error::Unreadable("subprocessor_check");
        Ok(StoredCheck {
            id: self.id,
            checked_on: self.checked_on,
            outcome: self.outcome,
            document_sha256: self.document_sha256.try_into().map_err(unreadable)?,
            recorded_at: self.recorded_at,
        })
    }
}
