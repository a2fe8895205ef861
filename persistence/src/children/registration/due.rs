//! Who is still to be registered in a half-year, and what was begun of it (C027).

use std::collections::HashMap;

use diesel::IntoSql;
use diesel::dsl::{exists, not};
use diesel::sql_types::Bool;
use groeilijn_domain::access::author::Author;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::pupil::{YearLevel, is_followed};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{GroupId, PupilId, RegistrationId, UserId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::children::key_owner;
use crate::children::pupil::open_year_level;
use crate::children::reach::{ReachedGroup, in_group, in_reach, placed};
use crate::children::schema::{placement, pupil, registration, registration_version, user_group};
use crate::handles::tenant::TenantReader;
use crate::person_name::open_name;

/// A child without a final registration in a half-year.
pub struct DueChild {
    /// The child.
    pub pupil: PupilId,
    /// Its name.
    pub name: PersonName,
    /// The day of its birth.
    pub birth_date: Date,
    /// The year level that it is in, if it is in one.
    pub year_level: Option<YearLevel>,
    /// Its main group.
    pub group: GroupId,
    /// What was begun of it, the oldest draft first.
    pub drafts: Vec<OpenDraft>,
}

/// A draft that was never final.
pub struct OpenDraft {
    /// The registration.
    pub registration: RegistrationId,
    /// The day the child was looked at, in Europe/Amsterdam.
    pub registered_on: Date,
    /// Who began it.
    pub author: Author,
    /// When it was saved last, in UTC.
    pub changed_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pupil)]
struct DueRow {
    id: PupilId,
    name: Vec<u8>,
    birth_date: Vec<u8>,
    year_level: Option<Vec<u8>>,
}

type DraftRow = (PupilId, RegistrationId, Date, UserId, Timestamp);

impl TenantReader<'_> {
    /// The children within the caller's reach who are in a group today, are of an age to be registered, and have no final
    /// registration in the half-year; in the order of their ids, after the one with id `after`; only those in one group, if it
    /// is given.
    ///
    /// # Errors
    /// When the database or the key store is busy or cannot be read.
    pub fn due_children(
        &mut self,
        half_year: HalfYear,
        group: Option<ReachedGroup>,
        after: Option<PupilId>,
        limit: i64,
    ) -> Result<Vec<DueChild>> {
        match group {
            Some(group) => self.searches(ObjectKind::Group, group.id().as_uuid()),
            None => self.searches(ObjectKind::Institution, self.institution().as_uuid()),
        }
        let as_of = half_year.last_day().min(self.today());
        let group = group.map(ReachedGroup::id);
        let rows =
            |reader: &mut Self, after: &PupilId, limit| reader.due_rows(half_year, group, *after, limit);
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |(row, ..)| row.id,
            |reader, (row, group, drafts)| {
                let opened = reader.open_due(&row, group, drafts);
                let due = reader.readable(row.id, opened)?.filter(|due| is_followed(due.birth_date, as_of));
                if due.is_some() {
                    reader.reached(row.id, None);
                }
                Ok(due)
            },
        )
    }

    fn due_rows(
        &mut self,
        half_year: HalfYear,
        group: Option<GroupId>,
        after: PupilId,
        limit: i64,
    ) -> Result<Vec<(DueRow, GroupId, Vec<DraftRow>)>> {
        let (institution, today) = (self.institution(), self.today());
        let every_group = group.is_none().into_sql::<Bool>();
        let is_final = exists(
            registration::table
                .filter(registration::institution_id.eq(pupil::institution_id))
                .filter(registration::pupil_id.eq(pupil::id))
                .filter(registration::half_year.is(half_year))
                .filter(registration::final_version.is_not_null())
                .filter(registration::withdrawn_at.is_null()),
        );
        let query = pupil::table
            .inner_join(placed!(today))
            .filter(pupil::archived_at.is_null())
            .filter(pupil::id.after(after))
            .filter(every_group.or(in_group!(institution, pupil::id, page_start(group), today)))
            .filter(not(is_final))
            .order(pupil::id)
            .limit(limit)
            .select((columns::<DueRow>(), placement::group_id));
        let rows: Vec<(DueRow, GroupId)> = in_reach!(self, query, load)?;
        self.open_keys(rows.iter().map(|(row, _)| key_owner::pupil(row.id)))?;
        let mut drafts = self.drafts_of(half_year, rows.iter().map(|(row, _)| row.id))?;
        Ok(rows
            .into_iter()
            .map(|(row, group)| {
                let drafts = drafts.remove(&row.id).unwrap_or_default();
                (row, group, drafts)
            })
            .collect())
    }

    /// The drafts of a half-year that were never final, by child.
    fn drafts_of(
        &mut self,
        half_year: HalfYear,
        pupils: impl Iterator<Item = PupilId>,
    ) -> Result<HashMap<PupilId, Vec<DraftRow>>> {
        let found: Vec<DraftRow> = registration::table
            .inner_join(
                registration_version::table.on(registration_version::institution_id
                    .eq(registration::institution_id)
                    .and(registration_version::registration_id.eq(registration::id))
                    .and(registration_version::version.nullable().eq(registration::draft_version))),
            )
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::pupil_id.eq_any(pupils.map(OneOf)))
            .filter(registration::half_year.is(half_year))
            .filter(registration::final_version.is_null())
            .order((registration::registered_on, registration::id))
            .select((
                registration::pupil_id,
                registration::id,
                registration::registered_on,
                registration_version::author_id,
                registration_version::changed_at,
            ))
            .load(self.connection)?;
        let mut by_child: HashMap<_, Vec<_>> = HashMap::new();
        for draft in found {
            by_child.entry(draft.0).or_default().push(draft);
        }
        Ok(by_child)
    }

    fn open_due(&mut self, row: &DueRow, group: GroupId, drafts: Vec<DraftRow>) -> Result<DueChild> {
        let mut opener = self.pupil_opener(row.id);
        let (name, birth_date) =
            (open_name(&mut opener, &row.name)?, opener.required("birth_date", &row.birth_date, str::parse)?);
        let year_level = open_year_level(&mut opener, row.year_level.as_deref())?;
        let drafts = drafts.into_iter().map(|(_, registration, registered_on, author, changed_at)| {
            Ok(OpenDraft { registration, registered_on, author: self.author(author)?, changed_at })
        });
        let drafts = drafts.collect::<Result<_>>()?;
        Ok(DueChild { pupil: row.id, name, birth_date, year_level, group, drafts })
    }
}
