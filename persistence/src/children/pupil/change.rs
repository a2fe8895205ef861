//! Entering and changing pupils.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::pupil::{PupilFields, YearLevel};
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::values::ids::PupilId;
use groeilijn_domain::values::person::HomeLanguage;
use groeilijn_domain::values::text::FreeText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::RowSealer;

use super::{NumberSeen, PupilNumber, StoredPupil, TABLE, open_year_level};
use crate::children::key_owner;
use crate::children::reach::{Child, is_there};
use crate::children::schema::pupil;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::person_name::seal_name;

/// A pupil sealed before the transaction that writes it, and the digest of what was sealed.
pub(crate) struct ReadyPupil {
    columns: SealedPupil,
    digest: [u8; 32],
}

/// The sealed fields of a pupil, ready for its row.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = pupil)]
struct SealedPupil {
    name: Vec<u8>,
    gender: Vec<u8>,
    home_language: Vec<u8>,
    birth_date: Vec<u8>,
    vve: Vec<u8>,
    day_parts_per_week: Vec<u8>,
    particulars: Vec<u8>,
    eck_id: Vec<u8>,
    school_key: Vec<u8>,
    weeks_premature: Option<Vec<u8>>,
    year_level: Vec<u8>,
}

impl SealedPupil {
    fn seal(row: &mut RowSealer<'_>, fields: &PupilFields, school_key: Option<&str>) -> Self {
        Self {
            name: seal_name(row, &fields.name),
            gender: row.text("gender", Some(fields.gender.code())),
            home_language: row.text("home_language", fields.home_language.as_ref().map(HomeLanguage::as_str)),
            birth_date: row.display("birth_date", Some(fields.birth_date)),
            vve: row.display("vve", fields.vve),
            day_parts_per_week: row.display("day_parts_per_week", fields.day_parts_per_week),
            particulars: row.text("particulars", fields.particulars.as_ref().map(FreeText::as_str)),
            eck_id: row.text("eck_id", fields.eck_id.as_ref().map(EckId::as_str)),
            school_key: row.text("school_key", school_key),
            weeks_premature: Some(row.display("weeks_premature", fields.weeks_premature)),
            year_level: row.text("year_level", fields.year_level.map(YearLevel::code)),
        }
    }
}

impl TenantReader<'_> {
    /// Seals a pupil, whose key was made before.
    pub(crate) fn seal_pupil(
        &self,
        id: PupilId,
        fields: &PupilFields,
        school_key: Option<&str>,
    ) -> Result<ReadyPupil> {
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::pupil(id))?;
        let columns = SealedPupil::seal(&mut row, fields, school_key);
        Ok(ReadyPupil { columns, digest: row.digest() })
    }
}

impl TenantWriter<'_> {
    /// Enters a pupil. Its key was made before. Of its numbers `seen` says whose they were a moment ago.
    ///
    /// # Errors
    /// [`Error::Conflict`] `eck-id-in-use` or `school-key-in-use` when another pupil of the institution has that number.
    pub fn create_pupil(
        &mut self,
        id: PupilId,
        fields: &PupilFields,
        school_key: Option<&SchoolKey>,
        seen: &[NumberSeen],
    ) -> Result<Child> {
        let eck_id = fields.eck_id.clone().map(PupilNumber::EckId);
        for number in eck_id.into_iter().chain(school_key.cloned().map(PupilNumber::SchoolKey)) {
            self.require_own_number(id, &number, seen)?;
        }
        let ready = self.seal_pupil(id, fields, school_key.map(SchoolKey::as_str))?;
        self.insert_pupil(id, ready)
    }

    /// Enters a pupil whose ECK iD is known to be its own.
    pub(crate) fn insert_pupil(&mut self, id: PupilId, ready: ReadyPupil) -> Result<Child> {
        self.raise_children_edition()?;
        let (institution, now) = (self.institution(), self.now());
        diesel::insert_into(pupil::table)
            .values((
                pupil::institution_id.is(institution),
                pupil::id.is(id),
                ready.columns,
                pupil::revision.eq(1),
                pupil::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.sealed_before(&ready.digest);
        Ok(self.reached(id, None))
    }

    /// Replaces what is known of a pupil that was read in this transaction. Which fields changed goes into the
    /// audit log, under the pupil's own key. Of its numbers `seen` says whose they were a
    /// moment ago.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what [`PupilFields::check_change`] refuses, and `too-many` when the child would be in its groups
    /// for more day-parts than a week has; [`Error::Stale`] when it was changed in the
    /// meantime; [`Error::Conflict`] `eck-id-in-use`, `school-key-in-use`, `archived`.
    pub fn change_pupil(
        &mut self,
        before: &StoredPupil,
        fields: &PupilFields,
        school_key: Option<&SchoolKey>,
        seen: &[NumberSeen],
    ) -> Result<()> {
        let child = self.child(before.id)?.active()?;
        let corrects_birth = fields.birth_date != before.fields.birth_date;
        let known = if corrects_birth { Some(self.known_of(child, before)?) } else { None };
        fields.check_change(known.as_ref())?;
        let mut changed = before.fields.changed_fields(fields);
        if let Some(eck_id) = fields.eck_id.clone().filter(|_| changed.contains(&"eckId")) {
            self.require_own_number(before.id, &PupilNumber::EckId(eck_id), seen)?;
        }
        if before.school_key.as_ref() != school_key {
            changed.push("schoolKey");
            if let Some(key) = school_key.cloned() {
                self.require_own_number(before.id, &PupilNumber::SchoolKey(key), seen)?;
            }
        }
        self.detail(key_owner::pupil(before.id), &serde_json::json!({ "changedFields": changed }))?;
        if fields.birth() != before.fields.birth() {
            self.raise_registrations(before.id)?;
        }
        if changed.contains(&"dayPartsPerWeek") {
            self.check_day_parts_of_main(child, fields.day_parts_per_week)?
                .map_err(|refusal| Error::invalid("day_parts_per_week", refusal))?;
        }
        if corrects_birth {
            self.keep_birth_date(before.id, before.revision)?;
        }
        let ready = self.seal_pupil(before.id, fields, school_key.map(SchoolKey::as_str))?;
        self.update_pupil(before.id, before.revision, ready)
    }

    /// Replaces what is known of a pupil whose ECK iD is known to be its own.
    pub(crate) fn update_pupil(&mut self, id: PupilId, revision: i32, ready: ReadyPupil) -> Result<()> {
        self.raise_children_edition()?;
        let own = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(id))
            .filter(pupil::revision.eq(revision))
            .filter(is_there!());
        let changed = (ready.columns, pupil::revision.eq(revision + 1));
        if diesel::update(own).set(changed).execute(self.connection)? == 0 {
            return Err(Error::Stale(None));
        }
        self.sealed_before(&ready.digest);
        self.touch(ObjectKind::Pupil, id.as_uuid());
        Ok(())
    }

    /// Gives a child the year level that it is in from now on.
    pub(crate) fn set_year_level(&mut self, child: Child, level: YearLevel) -> Result<()> {
        self.raise_children_edition()?;
        let mut row = self.sealer(TABLE, child.id().as_uuid(), child.key_owner())?;
        let year_level = row.text("year_level", Some(level.code()));
        self.sealed(row);
        let own = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(child.id()));
        diesel::update(own)
            .set((pupil::year_level.eq(Some(year_level)), pupil::revision.eq(pupil::revision + 1)))
            .execute(self.connection)?;
        Ok(())
    }

    /// Gives a child that is in the year level `since` the one from before.
    pub(crate) fn lower_year_level(
        &mut self,
        child: Child,
        since: YearLevel,
        before: YearLevel,
    ) -> Result<()> {
        let stored: Option<Vec<u8>> = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(child.id()))
            .select(pupil::year_level)
            .first(self.connection)?;
        let level = open_year_level(&mut self.pupil_opener(child.id()), stored.as_deref())?;
        if level == Some(since) { self.set_year_level(child, before) } else { Ok(()) }
    }

    /// Counts a change of what is shown of a child but kept elsewhere, so that its revision tells of it. It is raised by more
    /// than one where the change takes back a turn, which a tag counts too.
    pub(crate) fn raise_pupil_revision(&mut self, child: Child, by: i32) -> Result<()> {
        self.raise_children_edition()?;
        let own = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(child.id()));
        diesel::update(own).set(pupil::revision.eq(pupil::revision + by)).execute(self.connection)?;
        Ok(())
    }
}
