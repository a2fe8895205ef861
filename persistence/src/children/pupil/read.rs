//! Reading pupils: one, or all of them for a school file.

use std::collections::HashMap;

use groeilijn_domain::children::departure::{Departure, DepartureKind};
use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::placement::has_left;
use groeilijn_domain::children::pupil::{Birth, PupilFields, YearLevel};
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{GroupId, PupilId};
use groeilijn_domain::values::person::{Gender, HomeLanguage};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::sealing::RowOpener;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{StoredPupil, TABLE};
use crate::children::key_owner;
use crate::children::reach::{Child, in_reach, is_there, lasts, placed};
use crate::children::schema::{placement, pupil, user_group};
use crate::handles::tenant::TenantReader;
use crate::person_name::open_name;

#[derive(Queryable, Selectable)]
#[diesel(table_name = pupil)]
struct PupilRow {
    id: PupilId,
    name: Vec<u8>,
    gender: Vec<u8>,
    home_language: Vec<u8>,
    birth_date: Vec<u8>,
    vve: Vec<u8>,
    day_parts_per_week: Vec<u8>,
    particulars: Vec<u8>,
    eck_id: Vec<u8>,
    school_key: Vec<u8>,
    revision: i32,
    created_at: Timestamp,
    archived_at: Option<Timestamp>,
    departed_on: Option<Date>,
    departure_kind: Option<DepartureKind>,
    destination: Option<Vec<u8>>,
    weeks_premature: Option<Vec<u8>>,
    year_level: Option<Vec<u8>>,
}

/// The group that a child is in, since when.
#[derive(Queryable, Selectable)]
#[diesel(table_name = placement)]
pub(super) struct PlacementRow {
    group_id: GroupId,
    placed_on: Date,
}

impl From<PlacementRow> for (GroupId, Date) {
    fn from(row: PlacementRow) -> Self {
        (row.group_id, row.placed_on)
    }
}

/// How many weeks before its time a child was born, from its column.
fn open_weeks(opener: &mut RowOpener<'_>, stored: Option<&[u8]>) -> Result<Option<u8>> {
    stored.map_or(Ok(None), |stored| opener.text_form("weeks_premature", stored))
}

/// When a child was born and how early, from its columns.
pub(crate) fn open_birth(opener: &mut RowOpener<'_>, date: &[u8], weeks: Option<&[u8]>) -> Result<Birth> {
    Ok(Birth {
        date: opener.required("birth_date", date, str::parse)?,
        weeks_premature: open_weeks(opener, weeks)?,
    })
}

pub(super) fn open_gender(opener: &mut RowOpener<'_>, stored: &[u8]) -> Result<Gender> {
    opener.required("gender", stored, |text| Gender::from_code(text).ok_or(()))
}

/// The year level of a child; of one that was entered before there were any it says nothing.
pub(crate) fn open_year_level(
    opener: &mut RowOpener<'_>,
    stored: Option<&[u8]>,
) -> Result<Option<YearLevel>> {
    let Some(stored) = stored else { return Ok(None) };
    Ok(opener.text("year_level", stored)?.as_deref().and_then(YearLevel::from_code))
}

/// The day on which a child was born, from its column.
pub(crate) fn open_birth_date(reader: &TenantReader<'_>, child: Child, stored: &[u8]) -> Result<Date> {
    reader.pupil_opener(child.id()).required("birth_date", stored, str::parse)
}

/// The placements that have begun of those pupils of whom `$condition` is true.
macro_rules! begun_by {
    ($reader:expr, $condition:expr) => {{
        let begun: QueryResult<Vec<(PupilId, Date, Timestamp)>> = placement::table
            .filter(placement::institution_id.is($reader.institution()))
            .filter($condition)
            .filter(placement::placed_on.until($reader.today()))
            .filter(lasts!())
            .select((placement::pupil_id, placement::placed_on, placement::created_at))
            .load($reader.connection);
        begun
    }};
}

/// How many of these placements, each with the day on which it began and the moment at which it was entered, were entered
/// beforehand, by pupil.
fn turns(begun: Vec<(PupilId, Date, Timestamp)>) -> HashMap<PupilId, i32> {
    let mut turns = HashMap::new();
    for (id, placed_on, entered) in begun {
        if amsterdam_date(entered) < placed_on {
            *turns.entry(id).or_default() += 1;
        }
    }
    turns
}

impl TenantReader<'_> {
    /// One pupil.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or it is not within the caller's reach.
    pub fn pupil(&mut self, id: PupilId) -> Result<StoredPupil> {
        let query = pupil::table
            .left_join(placed!(self.today()))
            .filter(pupil::id.is(id))
            .select((columns::<PupilRow>(), columns::<PlacementRow>().nullable()));
        let found: Option<(PupilRow, Option<PlacementRow>)> = in_reach!(self, query, first).optional()?;
        let Some((row, placed)) = found else { return Err(self.child_not_found(id)?) };
        let turns =
            self.turns_of(id)?.remove(&id).unwrap_or_default() + i32::from(self.is_gone(row.departed_on));
        Ok(StoredPupil { turns, ..self.open_pupil(&row, placed)? })
    }

    fn is_gone(&self, last_day: Option<Date>) -> bool {
        has_left(last_day, self.today())
    }

    /// How often a placement that was entered beforehand has begun, of each of these pupils of whom one has.
    pub(super) fn turns(&mut self, ids: impl IntoIterator<Item = PupilId>) -> Result<HashMap<PupilId, i32>> {
        Ok(turns(begun_by!(self, placement::pupil_id.eq_any(ids.into_iter().map(OneOf)))?))
    }

    /// The same of one pupil, by a statement that is prepared once.
    fn turns_of(&mut self, id: PupilId) -> Result<HashMap<PupilId, i32>> {
        Ok(turns(begun_by!(self, placement::pupil_id.is(id))?))
    }

    pub(in crate::children) fn pupil_opener(&self, id: PupilId) -> RowOpener<'_> {
        self.opener(TABLE, id.as_uuid(), key_owner::pupil(id))
    }

    fn open_pupil(&mut self, row: &PupilRow, placed: Option<PlacementRow>) -> Result<StoredPupil> {
        self.reached(row.id, row.archived_at);
        let shown = self.shows_free_text();
        let mut opener = self.pupil_opener(row.id);
        let fields = PupilFields {
            name: open_name(&mut opener, &row.name)?,
            gender: open_gender(&mut opener, &row.gender)?,
            home_language: opener.kept("home_language", &row.home_language, HomeLanguage::kept)?,
            birth_date: opener.required("birth_date", &row.birth_date, str::parse)?,
            vve: opener.text_form("vve", &row.vve)?,
            day_parts_per_week: opener.text_form("day_parts_per_week", &row.day_parts_per_week)?,
            weeks_premature: open_weeks(&mut opener, row.weeks_premature.as_deref())?,
            particulars: if shown {
                opener.kept("particulars", &row.particulars, FreeText::kept)?
            } else {
                None
            },
            eck_id: opener.kept("eck_id", &row.eck_id, EckId::kept)?,
            year_level: open_year_level(&mut opener, row.year_level.as_deref())?,
        };
        Ok(StoredPupil {
            id: row.id,
            fields,
            masked: !shown,
            school_key: opener.kept("school_key", &row.school_key, SchoolKey::kept)?,
            group: placed.map(Into::into),
            revision: row.revision,
            turns: 0,
            created_at: row.created_at,
            archived_at: row.archived_at,
            departure: self.open_departure(row)?,
        })
    }

    fn open_departure(&self, row: &PupilRow) -> Result<Option<Departure>> {
        let (Some(last_day), Some(kind)) = (row.departed_on, row.departure_kind) else { return Ok(None) };
        let destination = match &row.destination {
            Some(sealed) if self.shows_free_text() => {
                self.pupil_opener(row.id).kept("destination", sealed, ShortText::kept)?
            }
            _ => None,
        };
        Ok(Some(Departure { last_day, kind, destination }))
    }

    /// When a child was born, and how early.
    pub(in crate::children) fn birth(&mut self, child: Child) -> Result<Birth> {
        let (date, weeks): (Vec<u8>, Option<Vec<u8>>) = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(child.id()))
            .select((pupil::birth_date, pupil::weeks_premature))
            .first(self.connection)?;
        open_birth(&mut self.pupil_opener(child.id()), &date, weeks.as_deref())
    }

    /// The day on which a child was born.
    pub(in crate::children) fn birth_date(&mut self, child: Child) -> Result<Date> {
        let stored: Vec<u8> = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(child.id()))
            .select(pupil::birth_date)
            .first(self.connection)?;
        open_birth_date(self, child, &stored)
    }

    /// Every pupil of the institution, for holding a school file against.
    pub fn all_pupils(&mut self) -> Result<Vec<StoredPupil>> {
        let rows: Vec<(PupilRow, Option<PlacementRow>)> = pupil::table
            .left_join(placed!(self.today()))
            .filter(pupil::institution_id.is(self.institution()))
            .filter(is_there!())
            .order(pupil::id)
            .select((columns::<PupilRow>(), columns::<PlacementRow>().nullable()))
            .load(self.connection)?;
        self.open_keys(rows.iter().map(|(row, _)| key_owner::pupil(row.id)))?;
        let mut pupils = Vec::with_capacity(rows.len());
        for (row, placed) in rows {
            let opened = self.open_pupil(&row, placed);
            pupils.extend(self.readable(row.id, opened)?);
        }
        Ok(pupils)
    }
}
