//! Observation frameworks: what children are followed by. They belong to the platform and hold nothing about
//! anybody, so reading them leaves no trace in the audit log.
//!
//! A version is written as a draft and then published; from then on it never changes (C072), which is why a
//! published one can be kept in memory.

mod change;
mod choice;
mod published;

use groeilijn_domain::children::framework::{FrameworkCode, FrameworkDocument, FrameworkState, Locale};
use groeilijn_domain::values::ids::FrameworkId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use jiff::Timestamp;

pub use published::PublishedFramework;
pub(crate) use published::newest_published;

use crate::children::schema::framework;
use crate::handles::platform::PlatformReader;
use crate::handles::tenant::TenantReader;

const TABLE: &str = "framework";

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
    /// How often it was changed.
    pub revision: i32,
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
    id: FrameworkId,
    code: FrameworkCode,
    version: i32,
    locale: Locale,
    title: String,
    state: FrameworkState,
    revision: i32,
}

impl SummaryRow {
    fn read(self) -> Result<FrameworkSummary> {
        Ok(FrameworkSummary {
            id: self.id,
            code: self.code,
            version: u32::try_from(self.version).map_err(|_| Error::Unreadable(TABLE))?,
            locale: self.locale,
            title: self.title,
            state: self.state,
            revision: self.revision,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = framework)]
struct FrameworkRow {
    state: FrameworkState,
    document: String,
    revision: i32,
    created_at: Timestamp,
    published_at: Option<Timestamp>,
}

fn list(
    connection: &mut AnyConnection,
    view: View,
    filter: &FrameworkFilter,
    after: Option<FrameworkId>,
    limit: i64,
) -> Result<Vec<FrameworkSummary>> {
    let rows: Vec<SummaryRow> = load_boxed!(connection, {
        let mut query =
            framework::table.order(framework::id).limit(limit).select(columns::<SummaryRow>()).into_boxed();
        if let Some(after) = after {
            query = query.filter(framework::id.after(after));
        }
        if view == View::Institution {
            query = query.filter(framework::state.is(FrameworkState::Published));
        }
        if let Some(code) = &filter.code {
            query = query.filter(framework::code.is(code.clone()));
        }
        if let Some(locale) = filter.locale {
            query = query.filter(framework::locale.is(locale));
        }
        query
    })?;
    rows.into_iter().map(SummaryRow::read).collect()
}

fn load(connection: &mut AnyConnection, view: View, id: FrameworkId) -> Result<StoredFramework> {
    let row: FrameworkRow = framework::table
        .filter(framework::id.is(id))
        .select(columns::<FrameworkRow>())
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    if view == View::Institution && row.state != FrameworkState::Published {
        return Err(Error::NotFound);
    }
    Ok(StoredFramework {
        id,
        document: serde_json::from_str(&row.document).map_err(|_| Error::Unreadable(TABLE))?,
        state: row.state,
        revision: row.revision,
        created_at: row.created_at,
        published_at: row.published_at,
    })
}

impl PlatformReader<'_> {
    /// Frameworks, drafts too, in the order of their ids, after the one with id `after`.
    pub fn frameworks(
        &mut self,
        filter: &FrameworkFilter,
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
        let revision = framework::table.filter(framework::id.is(id)).select(framework::revision);
        revision.first(self.connection).optional()?.ok_or(Error::NotFound)
    }
}

impl TenantReader<'_> {
    /// Published frameworks in the order of their ids, after the one with id `after`.
    pub fn frameworks(
        &mut self,
        filter: &FrameworkFilter,
        after: Option<FrameworkId>,
        limit: i64,
    ) -> Result<Vec<FrameworkSummary>> {
        list(self.connection, View::Institution, filter, after, limit)
    }

    /// One published framework.
    pub fn framework(&mut self, id: FrameworkId) -> Result<StoredFramework> {
        load(self.connection, View::Institution, id)
    }
}
