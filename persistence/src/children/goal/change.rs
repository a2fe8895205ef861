//! Setting goals, changing them, and adding what was offered.

use std::collections::{BTreeMap, HashSet};

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::{FrameworkIndex, not_published};
use groeilijn_domain::children::goal::{
    GoalFields, GoalText, Grounds, GroupMember, check_number, check_offer, check_room, meant_for,
};
use groeilijn_domain::values::ids::{FrameworkId, GoalId, GoalOfferId, GroupId, PupilId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{GoalChange, NewGoal, OFFERS, StoredGoal, TABLE};
use crate::children::framework::newest_published;
use crate::children::key_owner;
use crate::children::reach::{ReachedGroup, in_reach, is_there};
use crate::children::schema::{goal, goal_offer, goal_pupil, pupil, user_group};
use crate::children::stay::{stay, stays_a_day};
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::person_name::open_name;

/// A child with its sealed name and birth date, and since when it is in the archive.
type MemberRow = (PupilId, Vec<u8>, Vec<u8>, Option<Timestamp>);

impl TenantReader<'_> {
    /// The children who are in a group on a day of a goal's period at least, within the caller's reach or not: a text names none
    /// of them. That their names were held against it shows them to nobody, so it is not on record.
    fn group_members(&mut self, group: ReachedGroup, fields: &GoalFields) -> Result<Vec<GroupMember>> {
        if !fields.has_a_period() {
            return Ok(Vec::new());
        }
        let staying = stay::table
            .filter(stay::institution_id.is(self.institution()))
            .filter(stay::group_id.is(group.id()))
            .filter(stay::placed_on.until(fields.last_day))
            .filter(stay::ended_on.is_null().or(stay::ended_on.after(Some(fields.first_day))))
            .filter(stays_a_day!())
            .select(stay::pupil_id);
        let query = pupil::table.filter(pupil::id.eq_any(staying));
        let reached: Vec<PupilId> = in_reach!(self, query.select(pupil::id), load)?;
        let reached: HashSet<_> = reached.into_iter().collect();
        let rows: Vec<MemberRow> = query
            .filter(pupil::institution_id.is(self.institution()))
            .filter(is_there!())
            .select((pupil::id, pupil::name, pupil::birth_date, pupil::archived_at))
            .load(self.connection)?;
        let rows: BTreeMap<_, _> = rows
            .into_iter()
            .map(|(pupil, name, birth, archived_at)| (pupil, (name, birth, archived_at.is_some())))
            .collect();
        self.open_keys(rows.keys().map(|&pupil| key_owner::pupil(pupil)))?;
        let rows: Vec<_> = rows.into_iter().collect();
        self.open_rows(
            &rows,
            |(pupil, _)| pupil.as_uuid(),
            |reader, (pupil, (name, birth, is_archived))| {
                let mut opener = reader.pupil_opener(*pupil);
                let name = open_name(&mut opener, name)?;
                let birth = opener.required("birth_date", birth, str::parse::<Date>)?;
                let (is_archived, is_reached) = (*is_archived, reached.contains(pupil));
                Ok(GroupMember { pupil: *pupil, name, birth, is_archived, is_reached })
            },
        )
    }

    /// Checks a goal, and gives the framework that its line is of.
    fn check_goal(
        &mut self,
        group: ReachedGroup,
        fields: &GoalFields,
        before: Option<&GoalFields>,
        framework: Option<FrameworkId>,
    ) -> Result<FrameworkId> {
        let members = self.group_members(group, fields)?;
        let chosen = match framework {
            None => {
                let meant = members.iter().filter(|member| fields.pupils.contains(&member.pupil));
                let births: Vec<_> = meant.map(|member| member.birth).collect();
                match self.framework_chosen_for_most(births, fields.first_day)? {
                    None => newest_published().first(self.connection).optional()?,
                    chosen => chosen,
                }
            }
            named => named,
        };
        let published = match chosen.map(|id| self.published_framework(id)) {
            None | Some(Err(Error::NotFound)) => Err(not_published()),
            Some(published) => Ok(published?),
        };
        let index: std::result::Result<&FrameworkIndex, Refusal> =
            published.as_ref().map(|published| &published.index).map_err(Clone::clone);
        let grounds =
            Grounds { school_year: group.school_year(), framework: index, members: &members, before };
        fields.check(&grounds)?;
        Ok(published.map_err(|refusal| Error::invalid("framework_id", refusal))?.id)
    }
}

impl TenantWriter<'_> {
    /// Sets a goal of a group.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the group is not within reach; [`Error::Conflict`] `archived`; [`Error::Invalid`] with
    /// everything that [`GoalFields::check`] refuses.
    pub fn create_goal(&mut self, group: GroupId, new: &NewGoal) -> Result<StoredGoal> {
        let group = self.reached_group(group)?.active()?;
        let framework = self.check_goal(group, &new.fields, None, new.framework)?;
        let institution = self.institution();
        let author = self.acting_author()?;
        let now = self.now();
        let (line, text) = self.seal_goal(new.id, &new.fields)?;
        diesel::insert_into(goal::table)
            .values((
                goal::institution_id.is(institution),
                goal::id.is(new.id),
                goal::group_id.is(group.id()),
                goal::framework_id.is(framework),
                goal::author_id.is(author.id),
                goal::first_day.is(new.fields.first_day),
                goal::last_day.is(new.fields.last_day),
                goal::line.eq(line),
                goal::text.eq(text),
                goal::revision.eq(1),
                goal::created_at.is(now),
                goal::changed_at.is(now),
            ))
            .execute(self.connection)?;
        self.mean_for(new.id, &new.fields.pupils)?;
        self.touch(ObjectKind::Group, group.id().as_uuid());
        self.goal(new.id)
    }

    /// Changes a goal, if it still stands at `revision`. The children whom the caller does not reach stay in it.
    ///
    /// # Errors
    /// As [`Self::create_goal`]; [`Error::Stale`] when it was changed in the meantime.
    pub fn change_goal(&mut self, id: GoalId, revision: i32, change: GoalChange) -> Result<StoredGoal> {
        let (stored, group) = self.goal_in_its_group(id)?;
        let group = group.active()?;
        let seen = stored.fields.pupils.iter().copied().collect();
        let before = stored.fields;
        let named = change.framework.or(Some(stored.framework));
        let fields = change.of(before.clone());
        let framework = self.check_goal(group, &fields, Some(&before), named)?;
        let (line, text) = self.seal_goal(id, &fields)?;
        self.raise_goal(id, Some(revision))?;
        let institution = self.institution();
        let own = goal::table.filter(goal::institution_id.is(institution)).filter(goal::id.is(id));
        diesel::update(own)
            .set((
                goal::framework_id.is(framework),
                goal::first_day.is(fields.first_day),
                goal::last_day.is(fields.last_day),
                goal::line.eq(line),
                goal::text.eq(text),
            ))
            .execute(self.connection)?;
        let meant = goal_pupil::table
            .filter(goal_pupil::institution_id.is(institution))
            .filter(goal_pupil::goal_id.is(id));
        let known: Vec<PupilId> = meant.select(goal_pupil::pupil_id).load(self.connection)?;
        diesel::delete(meant).execute(self.connection)?;
        let meant = meant_for(&known, &seen, &fields.pupils);
        check_number(meant.len()).map_err(|refusal| Error::invalid("pupil_ids", refusal))?;
        self.mean_for(id, &meant)?;
        self.goal(id)
    }

    /// Adds what was offered for a goal, which then stands at another revision.
    ///
    /// # Errors
    /// As [`TenantReader::goal`]; [`Error::Conflict`] `archived`, `too-many`; [`Error::Invalid`] with everything that
    /// [`check_offer`] refuses.
    pub fn add_offer(
        &mut self,
        id: GoalId,
        offer: GoalOfferId,
        offered_on: Date,
        text: &GoalText,
    ) -> Result<StoredGoal> {
        let (stored, group) = self.goal_in_its_group(id)?;
        let group = group.active()?;
        check_room(stored.offers.len()).map_err(Error::Conflict)?;
        let members = self.group_members(group, &stored.fields)?;
        check_offer(offered_on, text, &stored.fields, &members, self.today())?;
        self.raise_goal(id, None)?;
        let institution = self.institution();
        let author = self.acting_author()?;
        let now = self.now();
        let mut row = self.sealer(OFFERS, offer.as_uuid(), self.shared_owner())?;
        let text = row.text("text", Some(text.as_str()));
        self.sealed(row);
        diesel::insert_into(goal_offer::table)
            .values((
                goal_offer::institution_id.is(institution),
                goal_offer::id.is(offer),
                goal_offer::goal_id.is(id),
                goal_offer::author_id.is(author.id),
                goal_offer::offered_on.is(offered_on),
                goal_offer::text.eq(text),
                goal_offer::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.goal(id)
    }

    /// Takes away a goal, with what was offered for it.
    ///
    /// # Errors
    /// As [`TenantReader::goal`]; [`Error::Conflict`] `archived`; [`Error::Stale`] when it was changed in the meantime.
    pub fn delete_goal(&mut self, id: GoalId, revision: i32) -> Result<()> {
        let (_, group) = self.goal_in_its_group(id)?;
        group.active()?;
        self.raise_goal(id, Some(revision))?;
        // Where it was is found nowhere else any more.
        self.touch(ObjectKind::Group, group.id().as_uuid());
        let institution = self.institution();
        let offers = goal_offer::table
            .filter(goal_offer::institution_id.is(institution))
            .filter(goal_offer::goal_id.is(id));
        diesel::delete(offers).execute(self.connection)?;
        let meant = goal_pupil::table
            .filter(goal_pupil::institution_id.is(institution))
            .filter(goal_pupil::goal_id.is(id));
        diesel::delete(meant).execute(self.connection)?;
        let own = goal::table.filter(goal::institution_id.is(institution)).filter(goal::id.is(id));
        diesel::delete(own).execute(self.connection)?;
        Ok(())
    }

    /// Takes the next revision of a goal, which holds off everybody else until the commit; only if it still stands at
    /// `revision`, when that matters.
    fn raise_goal(&mut self, id: GoalId, revision: Option<i32>) -> Result<()> {
        let changed_at = goal::changed_at.is(self.now());
        let own = goal::table.filter(goal::institution_id.is(self.institution())).filter(goal::id.is(id));
        let next = (goal::revision.eq(goal::revision + 1), changed_at);
        let raised = match revision {
            Some(revision) => {
                let own = own.filter(goal::revision.eq(revision));
                diesel::update(own).set(next).execute(self.connection)?
            }
            None => diesel::update(own).set(next).execute(self.connection)?,
        };
        match (raised, revision) {
            (0, Some(_)) => Err(Error::Stale(None)),
            (0, None) => Err(Error::NotFound),
            _ => Ok(()),
        }
    }

    fn mean_for(&mut self, id: GoalId, pupils: &[PupilId]) -> Result<()> {
        let institution = self.institution();
        for &pupil in pupils {
            diesel::insert_into(goal_pupil::table)
                .values((
                    goal_pupil::institution_id.is(institution),
                    goal_pupil::goal_id.is(id),
                    goal_pupil::pupil_id.is(pupil),
                ))
                .execute(self.connection)?;
        }
        Ok(())
    }

    fn seal_goal(&mut self, id: GoalId, fields: &GoalFields) -> Result<(Vec<u8>, Vec<u8>)> {
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let line = row.text("line", Some(fields.line.as_str()));
        let text = row.text("text", Some(fields.text.as_str()));
        self.sealed(row);
        Ok((line, text))
    }
}
