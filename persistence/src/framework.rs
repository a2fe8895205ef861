//! Observation frameworks: what children are followed by. They belong to the platform and hold nothing about
//! anybody, so reading them leaves no trace in the audit log.
//!
//! A version is written as a draft and then published; from then on it never changes (C072), which is why a
//! published one can be kept in memory.

use std::sync::Arc;

use diesel::prelude::*;
use groeilijn_domain::{
    audit::ObjectKind,
    framework::{FrameworkCode, FrameworkDocument, FrameworkIndex, FrameworkState, Locale},
    ids::FrameworkId,
    refusal::Refusal,
};
use jiff::Timestamp;
use moka::sync::Cache;

use crate::{
    convert::{code, micros, timestamp, uuid},
    database::{AnyConnection, Cost},
    error::{Error, Result, if_taken},
    platform::{PlatformReader, PlatformWriter},
    schema::framework,
    store::Store,
    tenant::TenantReader,
};

const TABLE: &str = "framework";

/// How many published frameworks are kept in memory: some hundred kilobytes each.
const KEPT: u64 = 64;

/// What a list shows of a version of a framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameworkSummary {
    /// Its id.
    pub id: FrameworkId,
    /// The same in all versions of the framework.
    pub code: FrameworkCode,
    /// Counts from 1.
    pub version: u32,
    /// The language of its texts.
    pub locale: Locale,
    /// The name people know it by.
    pub title: String,
    /// How far it has come.
    pub state: FrameworkState,
}

/// A version of a framework as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFramework {
    /// Its id.
    pub id: FrameworkId,
    /// What it holds.
    pub document: FrameworkDocument,
    /// How far it has come.
    pub state: FrameworkState,
    /// How often it was changed.
    pub revision: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
    /// When it was published, in UTC.
    pub published_at: Option<Timestamp>,
}

/// A published framework, ready to hold notes and registrations against.
#[derive(Debug)]
pub struct PublishedFramework {
    /// Its id.
    pub id: FrameworkId,
    /// What it holds.
    pub document: FrameworkDocument,
    /// The same, arranged for looking things up.
    pub index: FrameworkIndex,
}

/// Which frameworks a list shows; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrameworkFilter {
    /// Only the versions of this framework.
    pub code: Option<FrameworkCode>,
    /// Only those in this language.
    pub locale: Option<Locale>,
}

/// Who looks: drafts are for the platform alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Platform,
    Institution,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = framework)]
struct SummaryRow {
    id: Vec<u8>,
    code: String,
    version: i32,
    locale: String,
    title: String,
    state: String,
}

impl SummaryRow {
    fn read(self) -> Result<FrameworkSummary> {
        Ok(FrameworkSummary {
            id: FrameworkId::from_uuid(uuid(&self.id, TABLE)?),
            code: FrameworkCode::parse(&self.code).map_err(|_| Error::Unreadable(TABLE))?,
            version: u32::try_from(self.version).map_err(|_| Error::Unreadable(TABLE))?,
            locale: code(Locale::from_code, &self.locale, TABLE)?,
            title: self.title,
            state: code(FrameworkState::from_code, &self.state, TABLE)?,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = framework)]
struct FrameworkRow {
    state: String,
    document: String,
    revision: i32,
    created_at: i64,
    published_at: Option<i64>,
}

/// A document, ready for its row.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = framework)]
struct DocumentColumns {
    code: String,
    version: i32,
    locale: &'static str,
    title: String,
    document: String,
}

impl DocumentColumns {
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the document.
    fn of(document: &FrameworkDocument) -> Result<Self> {
        document.validate().map_err(Error::Invalid)?;
        let version = i32::try_from(document.version).map_err(|_| {
            Error::invalid("/version", Refusal::new("too-large", format!("must be at most {}", i32::MAX)))
        })?;
        Ok(Self {
            code: document.code.to_string(),
            version,
            locale: document.locale.code(),
            title: document.title.clone(),
            document: serde_json::to_string(document).map_err(Error::internal)?,
        })
    }
}

fn list(
    connection: &mut AnyConnection,
    view: View,
    filter: FrameworkFilter,
    after: Option<FrameworkId>,
    limit: i64,
) -> Result<Vec<FrameworkSummary>> {
    let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
    let mut query = framework::table
        .filter(framework::id.gt(after))
        .order(framework::id)
        .limit(limit)
        .select(SummaryRow::as_select())
        .into_boxed();
    if view == View::Institution {
        query = query.filter(framework::state.eq(FrameworkState::Published.code()));
    }
    if let Some(code) = filter.code {
        query = query.filter(framework::code.eq(code.to_string()));
    }
    if let Some(locale) = filter.locale {
        query = query.filter(framework::locale.eq(locale.code()));
    }
    let rows: Vec<SummaryRow> = query.load(connection)?;
    rows.into_iter().map(SummaryRow::read).collect()
}

fn load(connection: &mut AnyConnection, view: View, id: FrameworkId) -> Result<StoredFramework> {
    let row = framework::table
        .find(id.as_bytes().as_slice())
        .select(FrameworkRow::as_select())
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    let state = code(FrameworkState::from_code, &row.state, TABLE)?;
    if view == View::Institution && state != FrameworkState::Published {
        return Err(Error::NotFound);
    }
    Ok(StoredFramework {
        id,
        document: serde_json::from_str(&row.document).map_err(|_| Error::Unreadable(TABLE))?,
        state,
        revision: row.revision,
        created_at: timestamp(row.created_at, TABLE)?,
        published_at: row.published_at.map(|at| timestamp(at, TABLE)).transpose()?,
    })
}

/// The published frameworks that this process has read: they never change.
#[derive(Clone)]
pub(crate) struct PublishedFrameworks(Cache<FrameworkId, Arc<PublishedFramework>>);

impl Default for PublishedFrameworks {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl PublishedFrameworks {
    fn get(&self, connection: &mut AnyConnection, id: FrameworkId) -> Result<Arc<PublishedFramework>> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known);
        }
        let document = load(connection, View::Institution, id)?.document;
        let index = FrameworkIndex::new(&document);
        let published = Arc::new(PublishedFramework { id, document, index });
        self.0.insert(id, published.clone());
        Ok(published)
    }
}

impl Store {
    /// A published framework.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id.
    pub async fn framework(&self, id: FrameworkId) -> Result<Arc<PublishedFramework>> {
        let frameworks = self.frameworks().clone();
        self.data().read(Cost::Rows, move |connection| frameworks.get(connection, id)).await
    }
}

impl PlatformReader<'_> {
    /// Frameworks, drafts too, in the order of their ids, after the one with id `after`.
    pub fn frameworks(
        &mut self,
        filter: FrameworkFilter,
        after: Option<FrameworkId>,
        limit: i64,
    ) -> Result<Vec<FrameworkSummary>> {
        list(self.connection, View::Platform, filter, after, limit)
    }

    /// One framework, draft or published.
    pub fn framework(&mut self, id: FrameworkId) -> Result<StoredFramework> {
        load(self.connection, View::Platform, id)
    }

    /// How often a framework was changed, without its document.
    pub fn framework_revision(&mut self, id: FrameworkId) -> Result<i32> {
        let revision = framework::table.find(id.as_bytes().as_slice()).select(framework::revision);
        revision.first(self.connection).optional()?.ok_or(Error::NotFound)
    }
}

impl TenantReader<'_> {
    /// Published frameworks in the order of their ids, after the one with id `after`.
    pub fn frameworks(
        &mut self,
        filter: FrameworkFilter,
        after: Option<FrameworkId>,
        limit: i64,
    ) -> Result<Vec<FrameworkSummary>> {
        list(self.connection, View::Institution, filter, after, limit)
    }

    /// One published framework.
    pub fn framework(&mut self, id: FrameworkId) -> Result<StoredFramework> {
        load(self.connection, View::Institution, id)
    }

    /// One published framework from memory, where it is put when it is not there yet.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id.
    pub fn published_framework(&mut self, id: FrameworkId) -> Result<Arc<PublishedFramework>> {
        let frameworks = self.store().frameworks();
        frameworks.get(self.connection, id)
    }
}

impl PlatformWriter<'_> {
    /// Enters a framework as a draft.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the document; [`Error::Conflict`]
    /// `framework-exists` when there is a framework with its code, version and language.
    pub fn create_framework(&mut self, id: FrameworkId, document: &FrameworkDocument) -> Result<StoredFramework> {
        self.insert_framework(id, document, None)?;
        load(self.connection, View::Platform, id)
    }

    /// Enters a framework that comes with this software, published at once. One that is there already stays.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the document.
    pub fn install_framework(&mut self, id: FrameworkId, document: &FrameworkDocument) -> Result<()> {
        let columns = DocumentColumns::of(document)?;
        let installed: bool = diesel::select(diesel::dsl::exists(
            framework::table
                .filter(framework::code.eq(columns.code))
                .filter(framework::version.eq(columns.version))
                .filter(framework::locale.eq(columns.locale)),
        ))
        .get_result(self.connection)?;
        if installed { Ok(()) } else { self.insert_framework(id, document, Some(self.now())) }
    }

    fn insert_framework(
        &mut self,
        id: FrameworkId,
        document: &FrameworkDocument,
        published_at: Option<Timestamp>,
    ) -> Result<()> {
        let state = if published_at.is_some() { FrameworkState::Published } else { FrameworkState::Draft };
        let created_at = micros(self.now());
        diesel::insert_into(framework::table)
            .values((
                framework::id.eq(id.as_bytes().as_slice()),
                DocumentColumns::of(document)?,
                framework::state.eq(state.code()),
                framework::revision.eq(1),
                framework::created_at.eq(created_at),
                framework::published_at.eq(published_at.map(micros)),
            ))
            .execute(self.connection)
            .map_err(framework_exists())?;
        self.touch(ObjectKind::Framework, id.as_uuid());
        Ok(())
    }

    /// Replaces a draft, if it still stands at `revision`.
    ///
    /// # Errors
    /// As [`Self::create_framework`]; [`Error::Conflict`] `framework-published`; [`Error::Stale`] when it was
    /// changed in the meantime.
    pub fn change_framework(
        &mut self,
        id: FrameworkId,
        revision: i32,
        document: &FrameworkDocument,
    ) -> Result<StoredFramework> {
        self.require_draft(id)?;
        let updated = diesel::update(draft(id, revision))
            .set((DocumentColumns::of(document)?, framework::revision.eq(revision + 1)))
            .execute(self.connection)
            .map_err(framework_exists())?;
        self.changed(id, updated)?;
        load(self.connection, View::Platform, id)
    }

    /// Publishes a draft, if it still stands at `revision`. It is never changed again (C072).
    ///
    /// # Errors
    /// [`Error::Conflict`] `framework-published`; [`Error::Stale`] when it was changed in the meantime.
    pub fn publish_framework(&mut self, id: FrameworkId, revision: i32) -> Result<StoredFramework> {
        self.require_draft(id)?;
        let published_at = micros(self.now());
        let updated = diesel::update(draft(id, revision))
            .set((
                framework::state.eq(FrameworkState::Published.code()),
                framework::revision.eq(revision + 1),
                framework::published_at.eq(published_at),
            ))
            .execute(self.connection)?;
        self.changed(id, updated)?;
        load(self.connection, View::Platform, id)
    }

    /// Takes away a draft, if it still stands at `revision`.
    ///
    /// # Errors
    /// As [`Self::publish_framework`].
    pub fn delete_framework(&mut self, id: FrameworkId, revision: i32) -> Result<()> {
        self.require_draft(id)?;
        let deleted = diesel::delete(draft(id, revision)).execute(self.connection)?;
        self.changed(id, deleted)
    }

    fn require_draft(&mut self, id: FrameworkId) -> Result<()> {
        let state: String = framework::table
            .find(id.as_bytes().as_slice())
            .select(framework::state)
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        match code(FrameworkState::from_code, &state, TABLE)? {
            FrameworkState::Draft => Ok(()),
            FrameworkState::Published => {
                Err(Error::conflict("framework-published", "a published framework is never changed"))
            }
        }
    }

    fn changed(&mut self, id: FrameworkId, rows: usize) -> Result<()> {
        if rows == 0 {
            return Err(Error::Stale);
        }
        self.touch(ObjectKind::Framework, id.as_uuid());
        Ok(())
    }
}

/// The published framework that was entered last, if there is one. Ids grow with time, so it is found at the end of
/// the primary key.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn newest_published() -> _ {
    let state: &'static str = FrameworkState::Published.code();
    framework::table.filter(framework::state.eq(state)).order(framework::id.desc()).select(framework::id).limit(1_i64)
}

/// The draft with this id at this revision: also when another process has just published it, none is found.
#[diesel::dsl::auto_type(no_type_alias)]
fn draft(id: FrameworkId, revision: i32) -> _ {
    let id: Vec<u8> = id.as_bytes().to_vec();
    let state: &'static str = FrameworkState::Draft.code();
    framework::table
        .filter(framework::id.eq(id))
        .filter(framework::revision.eq(revision))
        .filter(framework::state.eq(state))
}

fn framework_exists() -> impl FnOnce(diesel::result::Error) -> Error {
    if_taken("framework-exists", "there is a framework with this code, version and language already")
}
