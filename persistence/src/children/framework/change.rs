//! Writing drafts and publishing them.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::{FrameworkDocument, FrameworkState};
use groeilijn_domain::values::ids::FrameworkId;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::columns::{Bound, bound};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result, if_taken};
use jiff::Timestamp;

use super::{StoredFramework, View, load};
use crate::children::schema::{self, framework};
use crate::handles::platform::PlatformWriter;

/// A document, ready for its row.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = framework)]
struct DocumentColumns {
    version: i32,
    title: String,
    document: String,
}

impl DocumentColumns {
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the document.
    fn of(document: &FrameworkDocument) -> Result<Self> {
        document.validate()?;
        let version = i32::try_from(document.version).map_err(|_| {
            Error::invalid("version", Refusal::new("too-large", format!("must be at most {}", i32::MAX)))
        })?;
        Ok(Self {
            version,
            title: document.title.clone(),
            document: serde_json::to_string(document).map_err(Error::internal)?,
        })
    }
}

impl PlatformWriter<'_> {
    /// Enters a framework as a draft.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the document; [`Error::Conflict`]
    /// `framework-exists` when there is a framework with its code, version and language.
    pub fn create_framework(
        &mut self,
        id: FrameworkId,
        document: &FrameworkDocument,
    ) -> Result<StoredFramework> {
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
                .filter(framework::code.is(document.code.clone()))
                .filter(framework::version.eq(columns.version))
                .filter(framework::locale.is(document.locale)),
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
        let now = self.now();
        diesel::insert_into(framework::table)
            .values((
                framework::id.is(id),
                framework::code.is(document.code.clone()),
                framework::locale.is(document.locale),
                DocumentColumns::of(document)?,
                framework::state.is(state),
                framework::revision.eq(1),
                framework::created_at.is(now),
                framework::published_at.is(published_at),
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
            .set((
                framework::code.is(document.code.clone()),
                framework::locale.is(document.locale),
                DocumentColumns::of(document)?,
                framework::revision.eq(revision + 1),
            ))
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
        let now = self.now();
        let updated = diesel::update(draft(id, revision))
            .set((
                framework::state.is(FrameworkState::Published),
                framework::revision.eq(revision + 1),
                framework::published_at.is(Some(now)),
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
        let state: FrameworkState = framework::table
            .filter(framework::id.is(id))
            .select(framework::state)
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        state.may_change().map_err(Error::Conflict)
    }

    fn changed(&mut self, id: FrameworkId, rows: usize) -> Result<()> {
        if rows == 0 {
            return Err(Error::Stale(None));
        }
        self.touch(ObjectKind::Framework, id.as_uuid());
        Ok(())
    }
}

/// The draft with this id at this revision: also when another process has just published it, none is found.
#[diesel::dsl::auto_type(no_type_alias)]
fn draft(id: FrameworkId, revision: i32) -> _ {
    let id: Bound<schema::FrameworkId, FrameworkId> = bound(id);
    let draft: Bound<schema::FrameworkState, FrameworkState> = bound(FrameworkState::Draft);
    framework::table
        .filter(framework::id.eq(id))
        .filter(framework::revision.eq(revision))
        .filter(framework::state.eq(draft))
}

fn framework_exists() -> impl FnOnce(diesel::result::Error) -> Error {
    if_taken("framework-exists", "there is a framework with this code, version and language already")
}
