//! What is to be followed up, over all children within reach.

use std::collections::{BTreeMap, HashMap};

use diesel::IntoSql;
use diesel::dsl::exists;
use diesel::sql_types::Bool;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::registration::LineJudgement;
use groeilijn_domain::values::ids::{FollowUpId, GroupId, PupilId, RegistrationId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::readable::fill_page;
use jiff::civil::Date;
use serde::Deserialize;

use super::StoredFollowUp;
use super::read::FollowUpRow;
use crate::children::key_owner;
use crate::children::reach::{ReachedGroup, in_group, in_reach, placed};
use crate::children::registration::content::{self, Content, sealed_row};
use crate::children::schema::{follow_up, placement, pupil, registration, registration_version, user_group};
use crate::handles::tenant::TenantReader;
use crate::person_name::open_name;

/// Which follow-ups a list shows; what is `None` does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct FollowUpFilter {
    /// Only those of the children who are in this group today.
    pub group: Option<ReachedGroup>,
    /// Only those of this day or earlier.
    pub until: Option<Date>,
    /// Only those that are not finished yet, or only those that are.
    pub open: Option<bool>,
}

/// A follow-up with its child.
pub struct DueFollowUp {
    /// The child's name.
    pub name: PersonName,
    /// The day of its birth.
    pub birth_date: Date,
    /// Its main group.
    pub group: GroupId,
    /// What is followed up.
    pub follow_up: StoredFollowUp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pupil)]
struct ChildRow {
    id: PupilId,
    name: Vec<u8>,
    birth_date: Vec<u8>,
}

/// What counts of a registration.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = registration_version)]
struct FinalRow {
    version: i32,
    judgements: Vec<u8>,
}

/// A follow-up with its child, the main group of that, and what counts of the registration.
type DueRow = (FollowUpRow, ChildRow, GroupId, Option<FinalRow>);

/// The lines among the judgements; the rest is skipped.
#[derive(Deserialize)]
struct Lines {
    #[serde(default)]
    lines: BTreeMap<String, LineJudgement>,
}

impl TenantReader<'_> {
    /// The follow-ups of the children within the caller's reach who are in a group today, by their day and those of one day by
    /// id, after those of `after`. They are of registrations that count, final ones that stand, and of lines for which the
    /// version that counts asks attention.
    ///
    /// # Errors
    /// When the database or the key store is busy or cannot be read.
    pub fn due_follow_ups(
        &mut self,
        filter: FollowUpFilter,
        after: Option<(Date, FollowUpId)>,
        limit: i64,
    ) -> Result<Vec<DueFollowUp>> {
        match filter.group {
            Some(group) => self.searches(ObjectKind::Group, group.id().as_uuid()),
            None => self.searches(ObjectKind::Institution, self.institution().as_uuid()),
        }
        let first = after.unwrap_or((Date::ZERO, page_start(None)));
        let rows = |reader: &mut Self, after: &(Date, FollowUpId), limit| {
            reader.due_follow_up_rows(filter, *after, limit)
        };
        let position = |(row, ..): &DueRow| (row.follow_up_on, row.id);
        fill_page(self, first, limit, rows, position, |reader, row| {
            let id = row.0.id;
            let opened = reader.open_due_follow_up(&row);
            Ok(reader.readable(id, opened)?.flatten())
        })
    }

    fn due_follow_up_rows(
        &mut self,
        FollowUpFilter { group, until, open }: FollowUpFilter,
        (day, id): (Date, FollowUpId),
        limit: i64,
    ) -> Result<Vec<DueRow>> {
        let (institution, today) = (self.institution(), self.today());
        let every_group = group.is_none().into_sql::<Bool>();
        let group = page_start(group.map(ReachedGroup::id));
        let shows_open = open.unwrap_or(true).into_sql::<Bool>();
        let shows_finished = (!open.unwrap_or(false)).into_sql::<Bool>();
        let is_shown = shows_open
            .and(follow_up::finished_at.is_null())
            .or(shows_finished.and(follow_up::finished_at.is_not_null()));
        let counts = exists(
            registration::table
                .filter(registration::institution_id.eq(follow_up::institution_id))
                .filter(registration::id.eq(follow_up::registration_id))
                .filter(registration::final_version.is_not_null())
                .filter(registration::withdrawn_at.is_null()),
        );
        let later_that_day = follow_up::follow_up_on.is(day).and(follow_up::id.after(id));
        let query = pupil::table
            .inner_join(placed!(today))
            .inner_join(follow_up::table.on(
                follow_up::institution_id.eq(pupil::institution_id).and(follow_up::pupil_id.eq(pupil::id)),
            ))
            .filter(pupil::archived_at.is_null())
            .filter(every_group.or(in_group!(institution, pupil::id, group, today)))
            .filter(follow_up::institution_id.is(institution))
            .filter(follow_up::follow_up_on.until(until.unwrap_or(Date::MAX)))
            .filter(follow_up::follow_up_on.after(day).or(later_that_day))
            .filter(is_shown)
            .filter(counts)
            .order((follow_up::follow_up_on, follow_up::id))
            .limit(limit)
            .select((columns::<FollowUpRow>(), columns::<ChildRow>(), placement::group_id));
        let rows: Vec<(FollowUpRow, ChildRow, GroupId)> = in_reach!(self, query, load)?;
        self.open_keys(rows.iter().map(|(_, child, _)| key_owner::pupil(child.id)))?;
        let counting = self.versions_that_count(rows.iter().map(|(row, ..)| row.registration_id))?;
        let with_version = |(row, child, group): (FollowUpRow, ChildRow, GroupId)| {
            let counts = counting.get(&row.registration_id).cloned();
            (row, child, group, counts)
        };
        Ok(rows.into_iter().map(with_version).collect())
    }

    /// The latest final versions of registrations.
    fn versions_that_count(
        &mut self,
        registrations: impl Iterator<Item = RegistrationId>,
    ) -> Result<HashMap<RegistrationId, FinalRow>> {
        let found: Vec<(RegistrationId, FinalRow)> = registration::table
            .inner_join(
                registration_version::table.on(registration_version::institution_id
                    .eq(registration::institution_id)
                    .and(registration_version::registration_id.eq(registration::id))
                    .and(registration_version::version.nullable().eq(registration::final_version))),
            )
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::id.eq_any(registrations.map(OneOf)))
            .select((registration::id, columns::<FinalRow>()))
            .load(self.connection)?;
        Ok(found.into_iter().collect())
    }

    /// Opens one, unless what counts of its registration asks no attention for its line any more.
    fn open_due_follow_up(&mut self, (row, child, group, counts): &DueRow) -> Result<Option<DueFollowUp>> {
        let Some(counts) = counts else { return Ok(None) };
        let version = sealed_row(row.registration_id, counts.version)?;
        let mut opener = self.opener(content::TABLE, version, key_owner::pupil(child.id));
        let judged: Content<Lines> = opener.json(content::COLUMN, &counts.judgements)?;
        let line = self.follow_up_line(row)?;
        if !judged.judgements.lines.get(line.as_str()).is_some_and(|judged| judged.attention) {
            return Ok(None);
        }
        let mut opener = self.pupil_opener(child.id);
        let name = open_name(&mut opener, &child.name)?;
        let birth_date = opener.required("birth_date", &child.birth_date, str::parse)?;
        let follow_up = self.open_follow_up(row)?;
        self.reached(child.id, None);
        Ok(Some(DueFollowUp { name, birth_date, group: *group, follow_up }))
    }
}
