//! Reading registrations and their versions.

use diesel::sql_types::{Integer, Nullable};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::registration::RegistrationState;
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{FrameworkId, GroupId, PupilId, RegistrationId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use jiff::civil::Date;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::content::{self, Content, sealed_row};
use super::{RegistrationFacts, StoredRegistration, StoredVersion, TABLE};
use crate::children::schema::{registration, registration_version};
use crate::convert::{code, date, timestamp, uuid};
use crate::handles::tenant::TenantReader;

#[derive(Queryable, Selectable)]
#[diesel(table_name = registration)]
struct RegistrationRow {
    id: Vec<u8>,
    pupil_id: Vec<u8>,
    group_id: Vec<u8>,
    framework_id: Vec<u8>,
    half_year: String,
    registered_on: String,
    draft_version: Option<i32>,
    final_version: Option<i32>,
    revision: i32,
    created_at: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = registration_version)]
struct VersionRow {
    version: i32,
    state: String,
    author_id: Vec<u8>,
    judgements: Vec<u8>,
    reason: Vec<u8>,
    created_at: i64,
    changed_at: i64,
    finalised_at: Option<i64>,
}

impl RegistrationRow {
    fn read(&self) -> Result<RegistrationFacts> {
        Ok(RegistrationFacts {
            id: RegistrationId::from_uuid(uuid(&self.id, TABLE)?),
            pupil: PupilId::from_uuid(uuid(&self.pupil_id, TABLE)?),
            group: GroupId::from_uuid(uuid(&self.group_id, TABLE)?),
            framework: FrameworkId::from_uuid(uuid(&self.framework_id, TABLE)?),
            half_year: HalfYear::parse(&self.half_year).map_err(|_| Error::Unreadable(TABLE))?,
            registered_on: date(&self.registered_on, TABLE)?,
            draft: self.draft_version,
            finalised: self.final_version,
            revision: self.revision,
            created_at: timestamp(self.created_at, TABLE)?,
        })
    }
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
    /// those before the one of a day and id. The pupil must be within the caller's reach.
    pub fn registrations(
        &mut self,
        pupil: PupilId,
        before: Option<(Date, RegistrationId)>,
        limit: i64,
    ) -> Result<Vec<StoredRegistration<IgnoredAny>>> {
        self.registrations_with(pupil, before, limit)
    }

    /// The same, with as much of the judgements as `J` reads.
    pub(crate) fn registrations_with<J: DeserializeOwned>(
        &mut self,
        pupil: PupilId,
        before: Option<(Date, RegistrationId)>,
        limit: i64,
    ) -> Result<Vec<StoredRegistration<J>>> {
        self.require_pupil(pupil)?;
        self.touch(ObjectKind::Pupil, pupil.as_uuid());
        let institution = self.institution();
        let rows: Vec<(RegistrationRow, VersionRow)> = load_boxed!(&mut *self.connection, {
            let mut query = with_shown_version()
                .filter(registration::institution_id.eq(institution.as_bytes().as_slice()))
                .filter(registration::pupil_id.eq(pupil.as_bytes().as_slice()))
                .order((registration::registered_on.desc(), registration::id.desc()))
                .limit(limit)
                .select((columns::<RegistrationRow>(), columns::<VersionRow>()))
                .into_boxed();
            if let Some((day, id)) = before {
                let same_day = registration::registered_on.eq(day.to_string());
                query = query.filter(
                    registration::registered_on
                        .lt(day.to_string())
                        .or(same_day.and(registration::id.lt(id.as_bytes().to_vec()))),
                );
            }
            query
        })?;
        let registrations = self.open_registrations(rows)?;
        for registration in &registrations {
            self.touch(ObjectKind::Registration, registration.facts.id.as_uuid());
        }
        Ok(registrations)
    }

    /// A registration of a pupil within the caller's reach, with its open draft or else its latest final version.
    pub fn registration(&mut self, id: RegistrationId) -> Result<StoredRegistration> {
        let institution = self.institution();
        let (row, version): (RegistrationRow, VersionRow) = with_shown_version()
            .filter(registration::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(registration::id.eq(id.as_bytes().as_slice()))
            .select((columns::<RegistrationRow>(), columns::<VersionRow>()))
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let facts = self.within_reach(&row)?;
        Ok(StoredRegistration { facts, version: self.open_version(&facts, &version)? })
    }

    /// The versions of a registration, the first one first, after number `after`.
    pub fn registration_versions(
        &mut self,
        id: RegistrationId,
        after: Option<i32>,
        limit: i64,
    ) -> Result<Vec<StoredVersion<IgnoredAny>>> {
        let facts = self.registration_facts(id)?;
        let institution = self.institution();
        let rows: Vec<VersionRow> = registration_version::table
            .filter(registration_version::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(registration_version::registration_id.eq(id.as_bytes().as_slice()))
            .filter(registration_version::version.gt(after.unwrap_or_default()))
            .order(registration_version::version)
            .limit(limit)
            .select(columns::<VersionRow>())
            .load(self.connection)?;
        rows.iter().map(|row| self.open_version(&facts, row)).collect()
    }

    /// A registration with its version `number`.
    pub fn registration_version(&mut self, id: RegistrationId, number: i32) -> Result<StoredRegistration> {
        let facts = self.registration_facts(id)?;
        let institution = self.institution();
        let row = registration_version::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice(), number))
            .select(columns::<VersionRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        Ok(StoredRegistration { facts, version: self.open_version(&facts, &row)? })
    }

    /// The latest final versions of a pupil's registrations, the oldest registration first. Whether the pupil is
    /// within reach, and what of this goes on record, is the caller's to decide.
    pub(crate) fn final_registrations(&mut self, pupil: PupilId) -> Result<Vec<StoredRegistration>> {
        let institution = self.institution();
        let rows: Vec<(RegistrationRow, VersionRow)> = registration::table
            .inner_join(
                registration_version::table.on(registration_version::institution_id
                    .eq(registration::institution_id)
                    .and(registration_version::registration_id.eq(registration::id))
                    .and(registration_version::version.nullable().eq(registration::final_version))),
            )
            .filter(registration::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(registration::pupil_id.eq(pupil.as_bytes().as_slice()))
            .order((registration::registered_on, registration::id))
            .select((columns::<RegistrationRow>(), columns::<VersionRow>()))
            .load(self.connection)?;
        self.open_registrations(rows)
    }

    fn open_registrations<J: DeserializeOwned>(
        &mut self,
        rows: Vec<(RegistrationRow, VersionRow)>,
    ) -> Result<Vec<StoredRegistration<J>>> {
        rows.into_iter()
            .map(|(row, version)| {
                let facts = row.read()?;
                Ok(StoredRegistration { facts, version: self.open_version(&facts, &version)? })
            })
            .collect()
    }

    fn registration_facts(&mut self, id: RegistrationId) -> Result<RegistrationFacts> {
        let institution = self.institution();
        let row = registration::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .select(columns::<RegistrationRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.within_reach(&row)
    }

    fn within_reach(&mut self, row: &RegistrationRow) -> Result<RegistrationFacts> {
        let facts = row.read()?;
        self.require_pupil(facts.pupil)?;
        self.touch(ObjectKind::Registration, facts.id.as_uuid());
        self.touch(ObjectKind::Pupil, facts.pupil.as_uuid());
        Ok(facts)
    }

    fn open_version<J: DeserializeOwned>(
        &mut self,
        facts: &RegistrationFacts,
        row: &VersionRow,
    ) -> Result<StoredVersion<J>> {
        let id = sealed_row(facts.id, row.version)?;
        let mut opener = self.opener(content::TABLE, id, Some(facts.pupil.as_uuid()));
        let content: Content<J> = opener.json(content::COLUMN, &row.judgements)?;
        Ok(StoredVersion {
            number: row.version,
            state: code(RegistrationState::from_code, &row.state, content::TABLE)?,
            author: UserId::from_uuid(uuid(&row.author_id, content::TABLE)?),
            age_months: content.age_months,
            judgements: content.judgements,
            reason: opener.kept("reason", &row.reason, ShortText::kept)?,
            created_at: timestamp(row.created_at, content::TABLE)?,
            changed_at: timestamp(row.changed_at, content::TABLE)?,
            finalised_at: row.finalised_at.map(|time| timestamp(time, content::TABLE)).transpose()?,
        })
    }
}
