//! Reading pupils: one, a roster, or those whose name answers a search.

use std::collections::HashMap;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::pupil::PupilFields;
use groeilijn_domain::values::ids::{GroupId, PupilId, UserId};
use groeilijn_domain::values::person::{Gender, HomeLanguage, NameQuery, PersonName};
use groeilijn_domain::values::text::{FreeText, Infix, NamePart};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::sealing::RowOpener;
use jiff::civil::Date;

use super::{RosterEntry, StoredPupil, TABLE};
use crate::children::reach::{groups_given_to, holds_on};
use crate::children::schema::{placement, pupil, user_group};
use crate::convert::{date, timestamp, uuid};
use crate::handles::tenant::TenantReader;

#[derive(Queryable, Selectable)]
#[diesel(table_name = pupil)]
struct PupilRow {
    id: Vec<u8>,
    first_name: Vec<u8>,
    infix: Vec<u8>,
    last_name: Vec<u8>,
    gender: Vec<u8>,
    home_language: Vec<u8>,
    birth_date: Vec<u8>,
    vve: Vec<u8>,
    day_parts_per_week: Vec<u8>,
    particulars: Vec<u8>,
    eck_id: Vec<u8>,
    school_key: Vec<u8>,
    revision: i32,
    created_at: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pupil)]
struct RosterRow {
    id: Vec<u8>,
    first_name: Vec<u8>,
    infix: Vec<u8>,
    last_name: Vec<u8>,
    gender: Vec<u8>,
    birth_date: Vec<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = placement)]
struct PlacementRow {
    group_id: Vec<u8>,
    placed_on: String,
}

impl PlacementRow {
    fn read(&self) -> Result<(GroupId, Date)> {
        Ok((GroupId::from_uuid(uuid(&self.group_id, TABLE)?), date(&self.placed_on, TABLE)?))
    }
}

fn open_name(opener: &mut RowOpener<'_>, first: &[u8], infix: &[u8], last: &[u8]) -> Result<PersonName> {
    Ok(PersonName {
        first: opener.required_kept("first_name", first, NamePart::kept)?,
        infix: opener.kept("infix", infix, Infix::kept)?,
        last: opener.required_kept("last_name", last, NamePart::kept)?,
    })
}

fn open_gender(opener: &mut RowOpener<'_>, stored: &[u8]) -> Result<Gender> {
    opener.required("gender", stored, |text| Gender::from_code(text).ok_or(()))
}

impl TenantReader<'_> {
    /// One pupil within the caller's reach.
    pub fn pupil(&mut self, id: PupilId) -> Result<StoredPupil> {
        let institution = self.institution();
        let today = self.today();
        let query = pupil::table
            .left_join(
                placement::table.on(placement::institution_id
                    .eq(pupil::institution_id)
                    .and(placement::pupil_id.eq(pupil::id))
                    .and(holds_on!(today.as_str()))),
            )
            .filter(pupil::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(pupil::id.eq(id.as_bytes().as_slice()))
            .select((columns::<PupilRow>(), columns::<PlacementRow>().nullable()));
        let found: Option<(PupilRow, Option<PlacementRow>)> = match self.limited_to() {
            None => query.first(self.connection).optional()?,
            Some(user) => {
                let own = groups_given_to!(institution.as_bytes().as_slice(), user.as_bytes().as_slice());
                query.filter(placement::group_id.eq_any(own)).first(self.connection).optional()?
            }
        };
        let (row, placed) = found.ok_or(Error::NotFound)?;
        self.open_pupil(&row, placed.as_ref())
    }

    fn open_pupil(&mut self, row: &PupilRow, placed: Option<&PlacementRow>) -> Result<StoredPupil> {
        let id = uuid(&row.id, TABLE)?;
        let mut opener = self.opener(TABLE, id, Some(id));
        let fields = PupilFields {
            name: open_name(&mut opener, &row.first_name, &row.infix, &row.last_name)?,
            gender: open_gender(&mut opener, &row.gender)?,
            home_language: opener.kept("home_language", &row.home_language, HomeLanguage::kept)?,
            birth_date: opener.required("birth_date", &row.birth_date, str::parse)?,
            vve: opener.text_form("vve", &row.vve)?,
            day_parts_per_week: opener.text_form("day_parts_per_week", &row.day_parts_per_week)?,
            particulars: opener.kept("particulars", &row.particulars, FreeText::kept)?,
            eck_id: opener.kept("eck_id", &row.eck_id, EckId::kept)?,
        };
        let school_key = opener.text("school_key", &row.school_key)?;
        self.touch(ObjectKind::Pupil, id);
        Ok(StoredPupil {
            id: PupilId::from_uuid(id),
            fields,
            school_key,
            group: placed.map(PlacementRow::read).transpose()?,
            revision: row.revision,
            created_at: timestamp(row.created_at, TABLE)?,
        })
    }

    /// The pupils within the caller's reach in the order of their ids, after the one with id `after`; only those
    /// in one group now, if it is given. Whether that group is within reach is for the caller to ask first.
    pub fn roster(
        &mut self,
        group: Option<GroupId>,
        after: Option<PupilId>,
        limit: i64,
    ) -> Result<Vec<RosterEntry>> {
        let rows = self.roster_rows(group, after, limit)?;
        rows.iter().map(|(row, placed)| self.open_roster_entry(row, placed.as_ref())).collect()
    }

    fn roster_rows(
        &mut self,
        group: Option<GroupId>,
        after: Option<PupilId>,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        match (group, self.limited_to()) {
            (None, None) => self.whole_roster(&after, limit),
            (group, user) => self.roster_of_groups(group, user, &after, limit),
        }
    }

    /// Everybody, in a group or not. The placements of one page are neighbours in their index, so one walk along it
    /// costs less than looking each of them up.
    fn whole_roster(&mut self, after: &[u8], limit: i64) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let institution = self.institution();
        let institution = institution.as_bytes().as_slice();
        let rows: Vec<RosterRow> = pupil::table
            .filter(pupil::institution_id.eq(institution))
            .filter(pupil::id.gt(after))
            .order(pupil::id)
            .limit(limit)
            .select(columns::<RosterRow>())
            .load(self.connection)?;
        let last = rows.last().map(|row| row.id.as_slice()).unwrap_or_default();
        let placed: Vec<(Vec<u8>, PlacementRow)> = placement::table
            .filter(placement::institution_id.eq(institution))
            .filter(placement::pupil_id.gt(after))
            .filter(placement::pupil_id.le(last))
            .filter(holds_on!(self.today()))
            .select((placement::pupil_id, columns::<PlacementRow>()))
            .load(self.connection)?;
        let mut placed: HashMap<_, _> = placed.into_iter().collect();
        Ok(rows
            .into_iter()
            .map(|row| {
                let placement = placed.remove(&row.id);
                (row, placement)
            })
            .collect())
    }

    /// Who is in a group, or in one of those that a user is given, or in a group that is both.
    fn roster_of_groups(
        &mut self,
        group: Option<GroupId>,
        user: Option<UserId>,
        after: &[u8],
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let institution = self.institution();
        let institution = institution.as_bytes().as_slice();
        let today = self.today();
        let rows: Vec<(RosterRow, PlacementRow)> = load_boxed!(&mut *self.connection, {
            let mut query = placement::table
                .inner_join(
                    pupil::table.on(pupil::institution_id
                        .eq(placement::institution_id)
                        .and(pupil::id.eq(placement::pupil_id))),
                )
                .filter(placement::institution_id.eq(institution))
                .filter(placement::pupil_id.gt(after))
                .filter(holds_on!(today.as_str()))
                .order(placement::pupil_id)
                .limit(limit)
                .select((columns::<RosterRow>(), columns::<PlacementRow>()))
                .into_boxed();
            if let Some(group) = group {
                query = query.filter(placement::group_id.eq(group.as_bytes().to_vec()));
            }
            if let Some(user) = user {
                let own = groups_given_to!(institution.to_vec(), user.as_bytes().to_vec());
                query = query.filter(placement::group_id.eq_any(own));
            }
            query
        })?;
        Ok(rows.into_iter().map(|(row, placement)| (row, Some(placement))).collect())
    }

    /// The pupils within the caller's reach whose names answer `query`, the best answers first, at most `limit`;
    /// only those in one group now, if it is given. Names are not indexed: all in reach are opened, and only
    /// those that are returned count as read.
    pub fn pupils_by_name(
        &mut self,
        group: Option<GroupId>,
        query: &NameQuery,
        limit: usize,
    ) -> Result<Vec<RosterEntry>> {
        let rows = self.roster_rows(group, None, i64::MAX)?;
        let mut found = Vec::new();
        for (row, placed) in rows {
            let id = uuid(&row.id, TABLE)?;
            let mut opener = self.opener(TABLE, id, Some(id));
            let name = open_name(&mut opener, &row.first_name, &row.infix, &row.last_name)?;
            if let Some(score) = query.score(&name.display()) {
                found.push((score, name, row, placed));
            }
        }
        found.sort_by(|one, other| {
            (one.0, &one.1.last, &one.1.first).cmp(&(other.0, &other.1.last, &other.1.first))
        });
        found.truncate(limit);
        found.iter().map(|(_, _, row, placed)| self.open_roster_entry(row, placed.as_ref())).collect()
    }

    fn open_roster_entry(&mut self, row: &RosterRow, placed: Option<&PlacementRow>) -> Result<RosterEntry> {
        let id = uuid(&row.id, TABLE)?;
        let mut opener = self.opener(TABLE, id, Some(id));
        let entry = RosterEntry {
            id: PupilId::from_uuid(id),
            name: open_name(&mut opener, &row.first_name, &row.infix, &row.last_name)?,
            gender: open_gender(&mut opener, &row.gender)?,
            birth_date: opener.required("birth_date", &row.birth_date, str::parse)?,
            group: placed.map(PlacementRow::read).transpose()?,
        };
        self.touch(ObjectKind::Pupil, id);
        Ok(entry)
    }

    /// The day on which a pupil was born. It says nothing of the caller's reach and leaves no trace: it is for
    /// rules that are held against it within one operation.
    pub(crate) fn birth_date(&mut self, id: PupilId) -> Result<Date> {
        let institution = self.institution();
        let stored: Vec<u8> = pupil::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .select(pupil::birth_date)
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let mut opener = self.opener(TABLE, id.as_uuid(), Some(id.as_uuid()));
        opener.required("birth_date", &stored, str::parse)
    }

    /// Every pupil of the institution, for holding a school file against.
    pub fn all_pupils(&mut self) -> Result<Vec<StoredPupil>> {
        let institution = self.institution();
        let today = self.today();
        let rows: Vec<(PupilRow, Option<PlacementRow>)> = pupil::table
            .left_join(
                placement::table.on(placement::institution_id
                    .eq(pupil::institution_id)
                    .and(placement::pupil_id.eq(pupil::id))
                    .and(holds_on!(today.as_str()))),
            )
            .filter(pupil::institution_id.eq(institution.as_bytes().as_slice()))
            .order(pupil::id)
            .select((columns::<PupilRow>(), columns::<PlacementRow>().nullable()))
            .load(self.connection)?;
        rows.iter().map(|(row, placed)| self.open_pupil(row, placed.as_ref())).collect()
    }

    /// Which pupils there are and at which revision: enough to see that nothing about them changed.
    pub(crate) fn pupil_revisions(&mut self) -> Result<Vec<(Vec<u8>, i32)>> {
        let institution = self.institution();
        Ok(pupil::table
            .filter(pupil::institution_id.eq(institution.as_bytes().as_slice()))
            .order(pupil::id)
            .select((pupil::id, pupil::revision))
            .load(self.connection)?)
    }
}
