//! Reading pupils: one, a roster, or those whose name answers a search.

use std::collections::HashMap;

use diesel::IntoSql;
use diesel::sql_types::Bool;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::departure::{Departure, DepartureKind};
use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::placement::has_left;
use groeilijn_domain::children::pupil::{Birth, PupilFields};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{GroupId, PupilId, SupportRequestId, UserId};
use groeilijn_domain::values::person::{Gender, HomeLanguage, NameQuery};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::RowOpener;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{ListedPupil, Listing, StoredPupil, TABLE};
use crate::children::key_owner;
use crate::children::reach::{
    Child, ReachedGroup, children_of, holds_on, in_reach_as_placed, is_there, lasts, named_in, placed,
    worked_in_by,
};
use crate::children::schema::{placement, pupil, user_group};
use crate::handles::tenant::{Reach, TenantReader};
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
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pupil)]
struct RosterRow {
    id: PupilId,
    name: Vec<u8>,
    gender: Vec<u8>,
    birth_date: Vec<u8>,
    revision: i32,
    archived_at: Option<Timestamp>,
    departed_on: Option<Date>,
}

/// The group that a child is in, since when.
#[derive(Queryable, Selectable)]
#[diesel(table_name = placement)]
struct PlacementRow {
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

fn open_gender(opener: &mut RowOpener<'_>, stored: &[u8]) -> Result<Gender> {
    opener.required("gender", stored, |text| Gender::from_code(text).ok_or(()))
}

/// The condition that a pupil is one of those whom a list shows.
macro_rules! is_listed {
    ($listing:expr, $today:expr) => {{
        let left = pupil::departed_on.is_not_null().and(pupil::departed_on.before(Some($today)));
        let all = $listing.archived && !$listing.left;
        pupil::archived_at
            .is_not_null()
            .eq($listing.archived)
            .and(left.eq($listing.left).or(all.into_sql::<Bool>()))
    }};
}

/// The rows of a roster by placement: who is in a group now, of those whose placement meets `$condition`.
macro_rules! roster_by_placement {
    ($reader:expr, $listing:expr, $after:expr, $limit:expr, $condition:expr) => {{
        let today = $reader.today();
        let rows: QueryResult<Vec<(RosterRow, PlacementRow)>> = placement::table
            .inner_join(pupil::table.on(
                pupil::institution_id.eq(placement::institution_id).and(pupil::id.eq(placement::pupil_id)),
            ))
            .filter(placement::institution_id.is($reader.institution()))
            .filter(placement::pupil_id.after($after))
            .filter(is_there!())
            .filter(is_listed!($listing, today))
            .filter(holds_on!(today))
            .filter($condition)
            .order(placement::pupil_id)
            .limit($limit)
            .select((columns::<RosterRow>(), columns::<PlacementRow>()))
            .load($reader.connection);
        rows
    }};
}

/// The day on which a child was born, from its column.
pub(crate) fn open_birth_date(reader: &TenantReader<'_>, child: Child, stored: &[u8]) -> Result<Date> {
    reader.pupil_opener(child.id()).required("birth_date", stored, str::parse)
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
        let found: Option<(PupilRow, Option<PlacementRow>)> =
            in_reach_as_placed!(self, query, first).optional()?;
        let Some((row, placed)) = found else { return Err(self.child_not_found(id)?) };
        let turns =
            self.turns([id])?.remove(&id).unwrap_or_default() + i32::from(self.is_gone(row.departed_on));
        Ok(StoredPupil { turns, ..self.open_pupil(&row, placed)? })
    }

    fn is_gone(&self, last_day: Option<Date>) -> bool {
        has_left(last_day, self.today())
    }

    /// How often a placement that was entered beforehand has begun, of each of these pupils of whom one has.
    fn turns(&mut self, ids: impl IntoIterator<Item = PupilId>) -> Result<HashMap<PupilId, i32>> {
        let begun: Vec<(PupilId, Date, Timestamp)> = placement::table
            .filter(placement::institution_id.is(self.institution()))
            .filter(placement::pupil_id.eq_any(ids.into_iter().map(OneOf)))
            .filter(placement::placed_on.until(self.today()))
            .filter(lasts!())
            .select((placement::pupil_id, placement::placed_on, placement::created_at))
            .load(self.connection)?;
        let mut turns = HashMap::new();
        for (id, placed_on, entered) in begun {
            if amsterdam_date(entered) < placed_on {
                *turns.entry(id).or_default() += 1;
            }
        }
        Ok(turns)
    }

    fn count_turns(&mut self, mut listed: Vec<ListedPupil>) -> Result<Vec<ListedPupil>> {
        let turns = self.turns(listed.iter().map(|pupil| pupil.id))?;
        for pupil in &mut listed {
            let gone = i32::from(self.is_gone(pupil.last_day));
            pupil.turns = turns.get(&pupil.id).copied().unwrap_or_default() + gone;
        }
        Ok(listed)
    }

    fn pupil_opener(&self, id: PupilId) -> RowOpener<'_> {
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
        };
        Ok(StoredPupil {
            id: row.id,
            fields,
            masked: !shown,
            school_key: opener.text("school_key", &row.school_key)?,
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

    /// The pupils within the caller's reach in the order of their ids, after the one with id `after`; only those in one
    /// group now, if it is given.
    pub fn roster(
        &mut self,
        group: Option<ReachedGroup>,
        listing: Listing,
        after: Option<PupilId>,
        limit: i64,
    ) -> Result<Vec<ListedPupil>> {
        let rows = |reader: &mut Self, after: &PupilId, limit| {
            let rows = reader.roster_rows(group, listing, Some(*after), limit)?;
            reader.open_keys(rows.iter().map(|(row, _)| key_owner::pupil(row.id)))?;
            Ok(rows)
        };
        let listed = fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |(row, _)| row.id,
            |reader, (row, placed)| {
                let opened = reader.open_listed(&row, placed);
                reader.readable(row.id, opened)
            },
        )?;
        self.count_turns(listed)
    }

    fn roster_rows(
        &mut self,
        group: Option<ReachedGroup>,
        listing: Listing,
        after: Option<PupilId>,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let after = page_start(after);
        match group {
            Some(group) => self.searches(ObjectKind::Group, group.id().as_uuid()),
            None => self.searches(ObjectKind::Institution, self.institution().as_uuid()),
        }
        let reach = self.reach();
        if reach != Reach::Institution && listing != Listing::default() {
            return Ok(Vec::new());
        }
        match (group, reach) {
            (None, Reach::Institution) => self.whole_roster(listing, after, limit),
            (Some(group), _) => self.roster_of_group(group.id(), listing, after, limit),
            (None, Reach::Group(group)) => self.roster_of_group(group, listing, after, limit),
            (None, Reach::Request(request)) => self.roster_of_request(request, after, limit),
            (None, Reach::GroupsOf(user)) => self.roster_of_groups_of(user, after, limit),
        }
    }

    /// Everybody, in a group or not. The placements of one page are neighbours in their index, so one walk along it
    /// costs less than looking each of them up.
    fn whole_roster(
        &mut self,
        listing: Listing,
        after: PupilId,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let institution = self.institution();
        let rows: Vec<RosterRow> = children_of!(institution)
            .filter(is_listed!(listing, self.today()))
            .filter(pupil::id.after(after))
            .order(pupil::id)
            .limit(limit)
            .select(columns::<RosterRow>())
            .load(self.connection)?;
        let last = rows.last().map_or(after, |row| row.id);
        let placed: Vec<(PupilId, PlacementRow)> = placement::table
            .filter(placement::institution_id.is(institution))
            .filter(placement::pupil_id.after(after))
            .filter(placement::pupil_id.until(last))
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

    /// Who is in a group now.
    fn roster_of_group(
        &mut self,
        group: GroupId,
        listing: Listing,
        after: PupilId,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let rows = roster_by_placement!(self, listing, after, limit, placement::group_id.is(group))?;
        Ok(with_placement(rows))
    }

    /// Whom a request of the institution names, in a group or not.
    fn roster_of_request(
        &mut self,
        request: SupportRequestId,
        after: PupilId,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let institution = self.institution();
        Ok(pupil::table
            .left_join(placed!(self.today()))
            .filter(pupil::institution_id.is(institution))
            .filter(is_there!())
            .filter(is_listed!(Listing::default(), self.today()))
            .filter(pupil::id.after(after))
            .filter(named_in!(institution, pupil::id, request))
            .order(pupil::id)
            .limit(limit)
            .select((columns::<RosterRow>(), columns::<PlacementRow>().nullable()))
            .load(self.connection)?)
    }

    /// Who is now in one of the groups that are given to a user.
    fn roster_of_groups_of(
        &mut self,
        user: UserId,
        after: PupilId,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let own = worked_in_by!(self.institution(), placement::group_id, user);
        Ok(with_placement(roster_by_placement!(self, Listing::default(), after, limit, own)?))
    }

    /// The pupils within the caller's reach whose names answer `query`, the best answers first, at most `limit`;
    /// only those in one group now, if it is given. Names are not indexed: all in reach are opened, and only
    /// those that are returned count as read.
    pub fn pupils_by_name(
        &mut self,
        group: Option<ReachedGroup>,
        listing: Listing,
        query: &NameQuery,
        limit: usize,
    ) -> Result<Vec<ListedPupil>> {
        let rows = self.roster_rows(group, listing, None, i64::MAX)?;
        self.open_keys(rows.iter().map(|(row, _)| key_owner::pupil(row.id)))?;
        let mut found = Vec::new();
        for (row, placed) in rows {
            let name = open_name(&mut self.pupil_opener(row.id), &row.name);
            let Some(name) = self.readable(row.id, name)? else { continue };
            if let Some(score) = query.score(&name.display()) {
                found.push((score, name, row, placed));
            }
        }
        found.sort_by(|one, other| {
            (one.0, &one.1.last, &one.1.first).cmp(&(other.0, &other.1.last, &other.1.first))
        });
        found.truncate(limit);
        let mut listed = Vec::with_capacity(found.len());
        for (_, _, row, placed) in found {
            let opened = self.open_listed(&row, placed);
            listed.extend(self.readable(row.id, opened)?);
        }
        self.count_turns(listed)
    }

    fn open_listed(&mut self, row: &RosterRow, placed: Option<PlacementRow>) -> Result<ListedPupil> {
        let mut opener = self.pupil_opener(row.id);
        let listed = ListedPupil {
            id: row.id,
            name: open_name(&mut opener, &row.name)?,
            gender: open_gender(&mut opener, &row.gender)?,
            birth_date: opener.required("birth_date", &row.birth_date, str::parse)?,
            group: placed.map(Into::into),
            revision: row.revision,
            turns: 0,
            archived_at: row.archived_at,
            last_day: row.departed_on,
        };
        self.reached(row.id, row.archived_at);
        Ok(listed)
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

fn with_placement(rows: Vec<(RosterRow, PlacementRow)>) -> Vec<(RosterRow, Option<PlacementRow>)> {
    rows.into_iter().map(|(row, placement)| (row, Some(placement))).collect()
}
