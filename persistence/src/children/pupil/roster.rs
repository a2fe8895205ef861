//! Rosters: who is in the institution, in a group, or in one's own groups or locations, and those whose name answers a search.

use std::collections::HashMap;

use diesel::IntoSql;
use diesel::sql_types::Bool;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::placement::has_left;
use groeilijn_domain::children::pupil::YearLevel;
use groeilijn_domain::values::ids::{GroupId, PupilId, SupportRequestId, UserId};
use groeilijn_domain::values::person::NameQuery;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;

use super::read::{PlacementRow, open_gender, open_year_level};
use super::{ListedPupil, Listing};
use crate::children::key_owner;
use crate::children::reach::{
    ReachedGroup, children_of, holds_on, in_group, in_group_at_location_of, in_group_given_to, is_there,
    named_in, placed, staying_in,
};
use crate::children::schema::{placement, pupil, user_group};
use crate::handles::tenant::{Reach, TenantReader};
use crate::person_name::open_name;

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
    year_level: Option<Vec<u8>>,
}

/// The condition that a pupil is one of those whom a list shows.
macro_rules! is_listed {
    ($listing:expr, $today:expr) => {{
        let left = pupil::departed_on.is_not_null().and(pupil::departed_on.before(Some($today)));
        let all = ($listing.archived || $listing.on.is_some()) && !$listing.left;
        pupil::archived_at
            .is_not_null()
            .eq($listing.archived)
            .and(left.eq($listing.left).or(all.into_sql::<Bool>()))
    }};
}

/// The rows of a roster: the pupils of whom `$condition` is true, each with its main group now, or on the day that is asked for.
macro_rules! roster_of {
    ($reader:expr, $listing:expr, $after:expr, $limit:expr, $condition:expr) => {
        pupil::table
            .left_join(placed!($reader.as_of($listing)))
            .filter(pupil::institution_id.is($reader.institution()))
            .filter(is_there!())
            .filter(is_listed!($listing, $reader.today()))
            .filter(pupil::id.after($after))
            .filter($condition)
            .order(pupil::id)
            .limit($limit)
            .select((columns::<RosterRow>(), columns::<PlacementRow>().nullable()))
            .load($reader.connection)
    };
}

impl TenantReader<'_> {
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
                let opened = match reader.is_in_year_level(&row, listing.year_level) {
                    Ok(false) => return Ok(None),
                    Ok(true) => reader.open_listed(&row, placed),
                    Err(error) => Err(error),
                };
                reader.readable(row.id, opened)
            },
        )?;
        self.complete(listed, self.as_of(listing))
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
        if reach != Reach::Institution && !listing.is_of_those_who_are_there() {
            return Ok(Vec::new());
        }
        match (group, reach) {
            (None, Reach::Institution) => self.whole_roster(listing, after, limit),
            (Some(group), _) => self.roster_of_group(group.id(), listing, after, limit),
            (None, Reach::Group(group)) => self.roster_of_group(group, listing, after, limit),
            (None, Reach::Request(request)) => self.roster_of_request(request, after, limit),
            (None, Reach::GroupsOf(user)) => self.roster_of_groups_of(user, listing, after, limit),
            (None, Reach::LocationsOf(user)) => self.roster_of_locations_of(user, listing, after, limit),
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

    /// Who is in a group now, or was on the day that is asked for: of those who were, whoever reaches own groups or locations
    /// alone is told of the children whom she still reaches.
    fn roster_of_group(
        &mut self,
        group: GroupId,
        listing: Listing,
        after: PupilId,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let (institution, today) = (self.institution(), self.today());
        let staying = pupil::id.eq_any(staying_in!(institution, group, self.as_of(listing)));
        Ok(match self.reach() {
            Reach::GroupsOf(user) if listing.on.is_some() => {
                let reached = in_group_given_to!(institution, pupil::id, user, today);
                roster_of!(self, listing, after, limit, staying.and(reached))
            }
            Reach::LocationsOf(user) if listing.on.is_some() => {
                let reached = in_group_at_location_of!(institution, pupil::id, user, today);
                roster_of!(self, listing, after, limit, staying.and(reached))
            }
            Reach::Group(own) if listing.on.is_some() => {
                let reached = in_group!(institution, pupil::id, own, today);
                roster_of!(self, listing, after, limit, staying.and(reached))
            }
            _ => roster_of!(self, listing, after, limit, staying),
        }?)
    }

    /// Whom a request of the institution names, in a group or not.
    fn roster_of_request(
        &mut self,
        request: SupportRequestId,
        after: PupilId,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let named = named_in!(self.institution(), pupil::id, request);
        Ok(roster_of!(self, Listing::default(), after, limit, named)?)
    }

    /// Who is now in one of the groups that are given to a user.
    fn roster_of_groups_of(
        &mut self,
        user: UserId,
        listing: Listing,
        after: PupilId,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let own = in_group_given_to!(self.institution(), pupil::id, user, self.today());
        Ok(roster_of!(self, listing, after, limit, own)?)
    }

    /// Who is now in a group at one of the locations that are given to a user.
    fn roster_of_locations_of(
        &mut self,
        user: UserId,
        listing: Listing,
        after: PupilId,
        limit: i64,
    ) -> Result<Vec<(RosterRow, Option<PlacementRow>)>> {
        let own = in_group_at_location_of!(self.institution(), pupil::id, user, self.today());
        Ok(roster_of!(self, listing, after, limit, own)?)
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
        self.complete(listed, self.as_of(listing))
    }

    /// Those of these pupils who are there, in the order of their ids; none for whoever does not reach the whole institution.
    pub(in crate::children) fn roster_among(&mut self, ids: &[PupilId]) -> Result<Vec<ListedPupil>> {
        if self.reach() != Reach::Institution {
            return Ok(Vec::new());
        }
        let rows: Vec<(RosterRow, Option<PlacementRow>)> = pupil::table
            .left_join(placed!(self.today()))
            .filter(pupil::institution_id.is(self.institution()))
            .filter(is_there!())
            .filter(pupil::id.eq_any(ids.iter().copied().map(OneOf)))
            .order(pupil::id)
            .select((columns::<RosterRow>(), columns::<PlacementRow>().nullable()))
            .load(self.connection)?;
        self.open_keys(rows.iter().map(|(row, _)| key_owner::pupil(row.id)))?;
        let mut listed = Vec::with_capacity(rows.len());
        for (row, placed) in rows {
            let opened = self.open_listed(&row, placed);
            listed.extend(self.readable(row.id, opened)?);
        }
        self.complete(listed, self.today())
    }

    fn is_in_year_level(&self, row: &RosterRow, wanted: Option<YearLevel>) -> Result<bool> {
        let Some(wanted) = wanted else { return Ok(true) };
        let own = open_year_level(&mut self.pupil_opener(row.id), row.year_level.as_deref())?;
        Ok(own == Some(wanted))
    }

    fn open_listed(&mut self, row: &RosterRow, placed: Option<PlacementRow>) -> Result<ListedPupil> {
        let mut opener = self.pupil_opener(row.id);
        let listed = ListedPupil {
            id: row.id,
            name: open_name(&mut opener, &row.name)?,
            gender: open_gender(&mut opener, &row.gender)?,
            birth_date: opener.required("birth_date", &row.birth_date, str::parse)?,
            year_level: open_year_level(&mut opener, row.year_level.as_deref())?,
            group: placed.map(Into::into),
            additional_groups: Vec::new(),
            revision: row.revision,
            turns: 0,
            archived_at: row.archived_at,
            last_day: row.departed_on,
        };
        self.reached(row.id, row.archived_at);
        Ok(listed)
    }

    /// The day as of which a list tells.
    fn as_of(&self, listing: Listing) -> Date {
        listing.on.unwrap_or(self.today())
    }

    /// Tells of listed pupils what is kept elsewhere: the groups beside the main one on a day, and what counts in their tags.
    fn complete(&mut self, mut listed: Vec<ListedPupil>, on: Date) -> Result<Vec<ListedPupil>> {
        let turns = self.turns(listed.iter().map(|pupil| pupil.id))?;
        let mut additional = self.additional_groups_on(listed.iter().map(|pupil| pupil.id), on)?;
        let today = self.today();
        for pupil in &mut listed {
            let gone = i32::from(has_left(pupil.last_day, today));
            pupil.turns = turns.get(&pupil.id).copied().unwrap_or_default() + gone;
            pupil.additional_groups = additional.remove(&pupil.id).unwrap_or_default();
        }
        Ok(listed)
    }
}
