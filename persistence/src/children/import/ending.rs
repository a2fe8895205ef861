//! The ends of a school file and of the report on it: their keys are destroyed, and their sealed parts taken away.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::import::{Failure, ImportState};
use groeilijn_domain::values::ids::ImportId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::keys::KeyOwner;
use groeilijn_engine::keys::ends::{self, DueKey};
use jiff::Timestamp;

use super::OF_FILE;
use super::parts::{ImportKeys, PartKind};
use crate::children::key_owner::{SCHOOL_FILE, SCHOOL_FILE_REPORT, school_file};
use crate::children::schema::import;
use crate::handles::store::Store;
use crate::handles::tenant::{Tenant, TenantWriter};

impl Store {
    /// The keys of school files and of reports whose time has come at the moment `now`.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub async fn due_school_files(&self, now: Timestamp) -> Result<Vec<DueKey>> {
        let mut due = ends::due(self.data(), &SCHOOL_FILE, now).await?;
        due.extend(ends::due(self.data(), &SCHOOL_FILE_REPORT, now).await?);
        Ok(due)
    }
}

impl Tenant {
    /// Notes that nothing of an import was carried out, which ends its file. It stays as it is when it is not being
    /// carried out any more.
    pub async fn fail_import(&self, id: ImportId, failure: Failure) -> Result<()> {
        if self.write(move |writer| writer.note_failure(id, failure)).await? {
            self.end_file(id).await;
        }
        Ok(())
    }

    /// Destroys the key of a file whose import is over. What cannot be destroyed now is left for later: the import is over
    /// in any case.
    pub(super) async fn end_file(&self, id: ImportId) {
        let key = DueKey { institution: self.institution(), owner: school_file(id) };
        if let Err(error) = self.store().keys().end(self.store().data(), key).await {
            tracing::warn!(%error, import = %id, "the key of a school file is left to be destroyed later");
        }
    }

    /// Ends a school file or a report whose time has come, unless its import is being carried out at this moment.
    ///
    /// # Errors
    /// What the databases refuse: it is then still to be ended.
    pub async fn end_school_file(&self, owner: KeyOwner) -> Result<()> {
        if self.write(move |writer| writer.take_away(owner)).await? {
            let key = DueKey { institution: self.institution(), owner };
            self.store().keys().end(self.store().data(), key).await?;
        }
        Ok(())
    }
}

impl TenantWriter<'_> {
    /// Takes away what this key protects; `false` when it is in use.
    fn take_away(&mut self, owner: KeyOwner) -> Result<bool> {
        let own = import::table.filter(import::institution_id.is(self.institution()));
        let found: Option<ImportId> = if owner == school_file(ImportId::from_uuid(owner.id)) {
            own.filter(import::id.is(ImportId::from_uuid(owner.id)))
                .select(import::id)
                .first(self.connection)
                .optional()?
        } else {
            own.filter(import::report_id.is(owner.id)).select(import::id).first(self.connection).optional()?
        };
        let Some(id) = found else { return Ok(true) };
        let keys = self.import_keys(id)?;
        let lapsed = self.lapse(keys)?;
        let state: ImportState = import::table
            .filter(import::institution_id.is(self.institution()))
            .filter(import::id.is(id))
            .select(import::state)
            .first(self.connection)?;
        if state == ImportState::Applying {
            return Ok(false);
        }
        let kinds: &[PartKind] =
            if owner == keys.file() { OF_FILE } else { &[PartKind::Report, PartKind::Notices] };
        let gone = self.delete_parts(id, kinds)?;
        if gone && !lapsed {
            let own =
                import::table.filter(import::institution_id.is(self.institution())).filter(import::id.is(id));
            diesel::update(own).set(import::revision.eq(import::revision + 1)).execute(self.connection)?;
        }
        if gone || lapsed {
            self.touch(ObjectKind::Import, id.as_uuid());
        }
        Ok(true)
    }

    /// Notes that nobody carried an import out in time; `false` when somebody did, or does.
    fn lapse(&mut self, keys: ImportKeys) -> Result<bool> {
        let now = self.now();
        let waiting = import::table
            .filter(import::institution_id.is(self.institution()))
            .filter(import::id.is(keys.id))
            .filter(import::state.is(ImportState::Examined));
        let lapsed = diesel::update(waiting)
            .set((
                import::state.is(ImportState::Lapsed),
                import::finished_at.is(Some(now)),
                import::revision.eq(import::revision + 1),
            ))
            .execute(self.connection)?;
        Ok(lapsed == 1)
    }
}
