//! Writing drafts and publishing them.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::{FrameworkDocument, FrameworkState};
use groeilijn_domain::values::ids::FrameworkId;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result, if_taken};
use jiff::Timestamp;

use super::{StoredFramework, TABLE, View, load};
use crate::children::schema::framework;
use crate::convert::{code, micros};
use crate::handles::platform::PlatformWriter;

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
