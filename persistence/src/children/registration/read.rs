//! Reading registrations and their versions.

use diesel::sql_types::{Integer, Nullable};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::pupil::Birth;
use groeilijn_domain::children::registration::{RegistrationState, age_shown};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{FrameworkId, GroupId, PupilId, RegistrationId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::content::{self, Content, sealed_row};
use super::{RegistrationFacts, StoredRegistration, StoredVersion, TABLE};
use crate::children::reach::Child;
use crate::children::schema::{registration, registration_version};
use crate::handles::tenant::TenantReader;

#[derive(Queryable, Selectable)]
#[diesel(table_name = registration)]
struct RegistrationRow {
    id: RegistrationId,
    pupil_id: PupilId,
    group_id: GroupId,
    framework_id: FrameworkId,
    half_year: HalfYear,
    registered_on: Date,
    draft_version: Option<i32>,
    final_version: Option<i32>,
    revision: i32,
    created_at: Timestamp,
    withdrawn_at: Option<Timestamp>,
    withdrawn_by: Option<UserId>,
    withdrawal_reason: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = registration_version)]
struct VersionRow {
    version: i32,
    state: RegistrationState,
    author_id: UserId,
    judgements: Vec<u8>,
    reason: Vec<u8>,
    created_at: Timestamp,
    changed_at: Timestamp,
    finalised_at: Option<Timestamp>,
}

/// Which registrations of a child are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// All, those that were withdrawn with their mark.
    All,
    /// Those that were not withdrawn.
    Standing,
}

diesel::define_sql_function! {
    fn coalesce(first: Nullable<Integer>, second: Nullable<Integer>) -> Nullable<Integer>;
}

/// Each registration with the version that is shown of it: the open draft, otherwise the latest final one. That is
/// one value to look up; the same said with OR would go through all versions of the institution.
#[diesel::dsl::auto_type(no_type_alias)]
fn with_shown_version() -> _ {
    let shown = coalesce(registration::draft_version, registration::final_version);
    registration::table.inner_join(
        registration_version::table.on(registration_version::institution_id
            .eq(registration::institution_id)
            .and(registration_version::registration_id.eq(registration::id))
            .and(registration_version::version.nullable().eq(shown))),
    )
}

impl TenantReader<'_> {
    /// A pupil's registrations, the newest first, each with its open draft or else its latest final version;
    /// those before the one of a day and id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the pupil is not within the caller's reach.
    pub fn registrations(
        &mut self,
        pupil: PupilId,
        before: Option<(Date, RegistrationId)>,
        limit: i64,
    ) -> Result<Vec<StoredRegistration<IgnoredAny>>> {
        self.registrations_with(pupil, Shown::All, before, limit)
    }

    /// Those of them that are shown, with as much of the judgements as `J` reads.
    pub(crate) fn registrations_with<J: DeserializeOwned>(
        &mut self,
        pupil: PupilId,
        shown: Shown,
        before: Option<(Date, RegistrationId)>,
        limit: i64,
    ) -> Result<Vec<StoredRegistration<J>>> {
        let child = self.child(pupil)?;
        let birth = self.known_birth(child)?;
        let rows = |reader: &mut Self, before: &Option<(Date, RegistrationId)>, limit| {
            reader.registration_rows(child, shown, *before, limit)
        };
        let position = |(row, _): &(RegistrationRow, VersionRow)| Some((row.registered_on, row.id));
        fill_page(self, before, limit, rows, position, |reader, (row, version)| {
            let opened = reader.open_registration((child, birth), &row, &version);
            let Some(registration) = reader.readable(row.id, opened)? else { return Ok(None) };
            reader.touch(ObjectKind::Registration, row.id.as_uuid());
            Ok(Some(registration))
        })
    }

    fn registration_rows(
        &mut self,
        child: Child,
        shown: Shown,
        before: Option<(Date, RegistrationId)>,
        limit: i64,
    ) -> Result<Vec<(RegistrationRow, VersionRow)>> {
        let institution = self.institution();
        Ok(load_boxed!(&mut *self.connection, {
            let mut query = with_shown_version()
                .filter(registration::institution_id.is(institution))
                .filter(registration::pupil_id.is(child.id()))
                .order((registration::registered_on.desc(), registration::id.desc()))
                .limit(limit)
                .select((columns::<RegistrationRow>(), columns::<VersionRow>()))
                .into_boxed();
            if shown == Shown::Standing {
                query = query.filter(registration::withdrawn_at.is_null());
            }
            if let Some((day, id)) = before {
                let earlier_that_day = registration::registered_on.is(day).and(registration::id.before(id));
                query = query.filter(registration::registered_on.before(day).or(earlier_that_day));
            }
            query
        })?)
    }

    /// A registration, with its open draft or else its latest final version.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or its pupil is not within the caller's reach.
    pub fn registration(&mut self, id: RegistrationId) -> Result<StoredRegistration> {
        let (row, version): (RegistrationRow, VersionRow) = with_shown_version()
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::id.is(id))
            .select((columns::<RegistrationRow>(), columns::<VersionRow>()))
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let child = self.reached_registration(&row)?;
        let birth = self.known_birth(child)?;
        self.open_registration((child, birth), &row, &version)
    }

    /// The versions of a registration, the first one first, after number `after`.
    ///
    /// # Errors
    /// As [`Self::registration`].
    pub fn registration_versions(
        &mut self,
        id: RegistrationId,
        after: Option<i32>,
        limit: i64,
    ) -> Result<Vec<StoredVersion<IgnoredAny>>> {
        let (child, registration) = self.registration_row(id)?;
        let known = (child, self.known_birth(child)?);
        let rows = |reader: &mut Self, after: &i32, limit| {
            Ok(registration_version::table
                .filter(registration_version::institution_id.is(reader.institution()))
                .filter(registration_version::registration_id.is(id))
                .filter(registration_version::version.gt(*after))
                .order(registration_version::version)
                .limit(limit)
                .select(columns::<VersionRow>())
                .load(reader.connection)?)
        };
        let position = |row: &VersionRow| row.version;
        fill_page(self, after.unwrap_or_default(), limit, rows, position, |reader, row| {
            let opened = reader.open_version(known, &registration, &row);
            reader.readable(format_args!("{id} {}", row.version), opened)
        })
    }

    /// A registration with its version `number`.
    ///
    /// # Errors
    /// As [`Self::registration`].
    pub fn registration_version(&mut self, id: RegistrationId, number: i32) -> Result<StoredRegistration> {
        let (child, registration) = self.registration_row(id)?;
        let row = registration_version::table
            .filter(registration_version::institution_id.is(self.institution()))
            .filter(registration_version::registration_id.is(id))
            .filter(registration_version::version.eq(number))
            .select(columns::<VersionRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let birth = self.known_birth(child)?;
        self.open_registration((child, birth), &registration, &row)
    }

    /// The latest final versions of a child's registrations that were not withdrawn, the oldest registration first. What of
    /// this goes on record is the caller's to decide.
    pub(crate) fn final_registrations(&mut self, child: Child) -> Result<Vec<StoredRegistration>> {
        let rows: Vec<(RegistrationRow, VersionRow)> = registration::table
            .inner_join(
                registration_version::table.on(registration_version::institution_id
                    .eq(registration::institution_id)
                    .and(registration_version::registration_id.eq(registration::id))
                    .and(registration_version::version.nullable().eq(registration::final_version))),
            )
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::pupil_id.is(child.id()))
            .filter(registration::withdrawn_at.is_null())
            .order((registration::registered_on, registration::id))
            .select((columns::<RegistrationRow>(), columns::<VersionRow>()))
            .load(self.connection)?;
        self.open_registrations(child, rows)
    }

    fn open_registrations<J: DeserializeOwned>(
        &mut self,
        child: Child,
        rows: Vec<(RegistrationRow, VersionRow)>,
    ) -> Result<Vec<StoredRegistration<J>>> {
        let known = (child, self.known_birth(child)?);
        let mut registrations = Vec::with_capacity(rows.len());
        for (row, version) in rows {
            let opened = self.open_registration(known, &row, &version);
            registrations.extend(self.readable(row.id, opened)?);
        }
        Ok(registrations)
    }

    fn registration_row(&mut self, id: RegistrationId) -> Result<(Child, RegistrationRow)> {
        let row: RegistrationRow = registration::table
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::id.is(id))
            .select(columns::<RegistrationRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        Ok((self.reached_registration(&row)?, row))
    }

    fn reached_registration(&mut self, row: &RegistrationRow) -> Result<Child> {
        let child = self.child_of(ObjectKind::Registration, row.id.as_uuid(), row.pupil_id)?;
        self.touch(ObjectKind::Registration, row.id.as_uuid());
        Ok(child)
    }

    fn open_registration<J: DeserializeOwned>(
        &mut self,
        (child, birth): (Child, Option<Birth>),
        row: &RegistrationRow,
        version: &VersionRow,
    ) -> Result<StoredRegistration<J>> {
        let withdrawn = (row.withdrawn_at, row.withdrawn_by, row.withdrawal_reason.as_deref());
        let facts = RegistrationFacts {
            id: row.id,
            pupil: row.pupil_id,
            group: row.group_id,
            framework: row.framework_id,
            half_year: row.half_year,
            registered_on: row.registered_on,
            draft: row.draft_version,
            finalised: row.final_version,
            revision: row.revision,
            created_at: row.created_at,
            withdrawal: self.open_withdrawal(TABLE, row.id.as_uuid(), child, withdrawn)?,
        };
        Ok(StoredRegistration { facts, version: self.open_version((child, birth), row, version)? })
    }

    fn open_version<J: DeserializeOwned>(
        &mut self,
        (child, birth): (Child, Option<Birth>),
        registration: &RegistrationRow,
        row: &VersionRow,
    ) -> Result<StoredVersion<J>> {
        let id = sealed_row(registration.id, row.version)?;
        let shown = self.shows_free_text();
        let mut opener = self.opener(content::TABLE, id, child.key_owner());
        let content: Content<J> = opener.json(content::COLUMN, &row.judgements)?;
        Ok(StoredVersion {
            number: row.version,
            state: row.state,
            author: self.author(row.author_id)?,
            age_months: age_shown(birth, registration.registered_on, content.age_months),
            corrected_age_months: birth.and_then(|birth| birth.corrected_age(registration.registered_on)),
            judgements: content.judgements,
            reason: if shown { opener.kept("reason", &row.reason, ShortText::kept)? } else { None },
            masked: !shown,
            created_at: row.created_at,
            changed_at: row.changed_at,
            finalised_at: row.finalised_at,
        })
    }
}
