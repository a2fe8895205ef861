//! Reading goals, each with whom it is meant for and what was offered.

use std::collections::HashMap;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::goal::{GoalFields, GoalText};
use groeilijn_domain::values::ids::{FrameworkId, GoalId, GoalOfferId, GroupId, PupilId, UserId};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::RowOpener;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{GoalFilter, OFFERS, StoredGoal, StoredOffer, TABLE};
use crate::children::masked::open_text;
use crate::children::reach::ReachedGroup;
use crate::children::schema::{goal, goal_offer, goal_pupil};
use crate::handles::tenant::TenantReader;

#[derive(Queryable, Selectable)]
#[diesel(table_name = goal)]
pub(super) struct GoalRow {
    pub(super) id: GoalId,
    group_id: GroupId,
    framework_id: FrameworkId,
    author_id: UserId,
    first_day: Date,
    last_day: Date,
    line: Vec<u8>,
    text: Vec<u8>,
    revision: i32,
    created_at: Timestamp,
    changed_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = goal_offer)]
pub(super) struct OfferRow {
    id: GoalOfferId,
    goal_id: GoalId,
    author_id: UserId,
    offered_on: Date,
    text: Vec<u8>,
    created_at: Timestamp,
}

/// A goal with the children among those meant whom the caller reaches, and what was offered.
type WholeRow = (GoalRow, Vec<PupilId>, Vec<OfferRow>);

impl TenantReader<'_> {
    /// The goals of a group in the order in which they were set, after the one with id `after`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the group is not within reach.
    pub fn goals(
        &mut self,
        group: GroupId,
        filter: &GoalFilter,
        after: Option<GoalId>,
        limit: i64,
    ) -> Result<Vec<StoredGoal>> {
        let group = self.reached_group(group)?;
        self.searches(ObjectKind::Group, group.id().as_uuid());
        let rows =
            |reader: &mut Self, after: &Option<GoalId>, limit| reader.goal_rows(group, filter, *after, limit);
        fill_page(
            self,
            after,
            limit,
            rows,
            |(row, ..)| Some(row.id),
            |reader, whole| {
                let id = whole.0.id;
                let line = reader.goal_opener(id).required("line", &whole.0.line, LineCode::parse);
                let Some(line) = reader.readable(id, line)? else { return Ok(None) };
                if filter.line.as_ref().is_some_and(|wanted| *wanted != line) {
                    return Ok(None);
                }
                let opened = reader.open_goal(whole, line);
                reader.readable(id, opened)
            },
        )
    }

    fn goal_rows(
        &mut self,
        group: ReachedGroup,
        filter: &GoalFilter,
        after: Option<GoalId>,
        limit: i64,
    ) -> Result<Vec<WholeRow>> {
        let institution = self.institution();
        let rows = load_boxed!(&mut *self.connection, {
            let mut query = goal::table
                .filter(goal::institution_id.is(institution))
                .filter(goal::group_id.is(group.id()))
                .order(goal::id)
                .limit(limit)
                .select(columns::<GoalRow>())
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(goal::id.after(after));
            }
            if let Some(from) = filter.from {
                query = query.filter(goal::last_day.from(from));
            }
            if let Some(until) = filter.until {
                query = query.filter(goal::first_day.until(until));
            }
            query
        })?;
        self.with_what_is_theirs(rows)
    }

    /// One goal.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or its group is not within the caller's reach.
    pub fn goal(&mut self, id: GoalId) -> Result<StoredGoal> {
        self.goal_in_its_group(id).map(|(goal, _)| goal)
    }

    /// The same with its group.
    pub(super) fn goal_in_its_group(&mut self, id: GoalId) -> Result<(StoredGoal, ReachedGroup)> {
        let row: GoalRow = goal::table
            .filter(goal::institution_id.is(self.institution()))
            .filter(goal::id.is(id))
            .select(columns::<GoalRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let group = self.reached_group(row.group_id);
        if group.is_err() && self.is_out_of_reach() {
            self.note_out_of_reach(ObjectKind::Goal, id.as_uuid());
        }
        let group = group?;
        let line = self.goal_opener(id).required("line", &row.line, LineCode::parse)?;
        let whole = self.with_what_is_theirs(vec![row])?.pop().ok_or(Error::NotFound)?;
        Ok((self.open_goal(whole, line)?, group))
    }

    fn with_what_is_theirs(&mut self, rows: Vec<GoalRow>) -> Result<Vec<WholeRow>> {
        let institution = self.institution();
        let meant: Vec<(GoalId, PupilId)> = goal_pupil::table
            .filter(goal_pupil::institution_id.is(institution))
            .filter(goal_pupil::goal_id.eq_any(rows.iter().map(|row| OneOf(row.id))))
            .order((goal_pupil::goal_id, goal_pupil::pupil_id))
            .select((goal_pupil::goal_id, goal_pupil::pupil_id))
            .load(self.connection)?;
        let reached = self.those_in_reach(meant.iter().map(|(_, pupil)| *pupil))?;
        let offered: Vec<OfferRow> = goal_offer::table
            .filter(goal_offer::institution_id.is(institution))
            .filter(goal_offer::goal_id.eq_any(rows.iter().map(|row| OneOf(row.id))))
            .order((goal_offer::offered_on, goal_offer::id))
            .select(columns::<OfferRow>())
            .load(self.connection)?;
        let mut pupils: HashMap<GoalId, Vec<PupilId>> = HashMap::new();
        for (goal, pupil) in meant.into_iter().filter(|(_, pupil)| reached.contains(pupil)) {
            pupils.entry(goal).or_default().push(pupil);
        }
        let mut offers: HashMap<GoalId, Vec<OfferRow>> = HashMap::new();
        for offer in offered {
            offers.entry(offer.goal_id).or_default().push(offer);
        }
        let whole = |row: GoalRow| {
            let (pupils, offers) = (pupils.remove(&row.id), offers.remove(&row.id));
            (row, pupils.unwrap_or_default(), offers.unwrap_or_default())
        };
        Ok(rows.into_iter().map(whole).collect())
    }

    fn goal_opener(&self, id: GoalId) -> RowOpener<'_> {
        self.opener(TABLE, id.as_uuid(), self.shared_owner())
    }

    fn open_goal(&mut self, (row, pupils, offers): WholeRow, line: LineCode) -> Result<StoredGoal> {
        self.touch(ObjectKind::Goal, row.id.as_uuid());
        for pupil in &pupils {
            self.reached(*pupil, None);
        }
        let masked = !self.shows_free_text();
        let text = open_text(&mut self.goal_opener(row.id), "text", &row.text, masked, GoalText::kept)?;
        let offers = self.open_rows(
            &offers,
            |offer| offer.id.as_uuid(),
            |reader, offer| {
                let mut opener = reader.opener(OFFERS, offer.id.as_uuid(), reader.shared_owner());
                Ok(StoredOffer {
                    id: offer.id,
                    offered_on: offer.offered_on,
                    text: open_text(&mut opener, "text", &offer.text, masked, GoalText::kept)?,
                    author: reader.author(offer.author_id)?,
                    created_at: offer.created_at,
                })
            },
        )?;
        Ok(StoredGoal {
            id: row.id,
            group: row.group_id,
            framework: row.framework_id,
            fields: GoalFields { line, first_day: row.first_day, last_day: row.last_day, text, pupils },
            masked,
            author: self.author(row.author_id)?,
            offers,
            revision: row.revision,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}
