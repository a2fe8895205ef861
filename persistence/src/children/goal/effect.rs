//! What came of a goal: of each child it is meant for, the registration before it began and the next one (C142).

use std::collections::HashMap;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::overview::{LatestRegistration, LineEffect, RegistrationMoment};
use groeilijn_domain::children::pupil::{Birth, namesakes};
use groeilijn_domain::children::registration::{LineJudgements, age_shown};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{FrameworkId, GoalId, PupilId, RegistrationId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use super::StoredGoal;
use crate::children::key_owner;
use crate::children::pupil::open_birth;
use crate::children::reach::children_of;
use crate::children::registration::content::{self, Content, sealed_row};
use crate::children::schema::{pupil, registration, registration_version};
use crate::handles::tenant::TenantReader;
use crate::person_name::open_name;

/// What came of a goal.
pub struct GoalEffect {
    /// The goal.
    pub goal: GoalId,
    /// Its line.
    pub line: LineCode,
    /// The version of the framework that the line is of.
    pub framework: FrameworkId,
    /// The children among those it is meant for whom the caller reaches, in the order of their ids.
    pub children: Vec<ChildEffect>,
}

/// What came of it for one child.
pub struct ChildEffect {
    /// The child.
    pub pupil: PupilId,
    /// Its name.
    pub name: PersonName,
    /// The day of its birth, where another child of the goal has the same name.
    pub birth_date: Option<Date>,
    /// Where it was before, and after.
    pub effect: LineEffect,
    birth: Birth,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pupil)]
struct ChildRow {
    id: PupilId,
    name: Vec<u8>,
    birth_date: Vec<u8>,
    weeks_premature: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = registration)]
struct FinalRow {
    id: RegistrationId,
    pupil_id: PupilId,
    framework_id: FrameworkId,
    half_year: HalfYear,
    registered_on: Date,
    final_version: Option<i32>,
}

impl TenantReader<'_> {
    /// What came of a goal. Registrations are read with the version of the framework that each was made with, as overviews
    /// read them.
    ///
    /// # Errors
    /// As [`Self::goal`].
    pub fn goal_effect(&mut self, id: GoalId) -> Result<GoalEffect> {
        let goal = self.goal(id)?;
        let StoredGoal { group, framework, ref fields, .. } = goal;
        self.touch(ObjectKind::Overview, group.as_uuid());
        let mut children = self.children_meant(&fields.pupils)?;
        let mut by_child: HashMap<_, Vec<_>> = HashMap::new();
        for row in self.final_versions_of(&fields.pupils)? {
            by_child.entry(row.0.pupil_id).or_default().push(row);
        }
        for child in &mut children {
            for (row, judgements) in by_child.remove(&child.pupil).unwrap_or_default() {
                let added = self.add_to_effect(child, &row, &judgements, &fields.line, fields.first_day);
                self.readable(row.id, added)?;
            }
        }
        Ok(GoalEffect { goal: id, line: goal.fields.line, framework, children })
    }

    fn children_meant(&mut self, pupils: &[PupilId]) -> Result<Vec<ChildEffect>> {
        let rows: Vec<ChildRow> = children_of!(self.institution())
            .filter(pupil::id.eq_any(pupils.iter().copied().map(OneOf)))
            .order(pupil::id)
            .select(columns::<ChildRow>())
            .load(self.connection)?;
        self.open_keys(rows.iter().map(|row| key_owner::pupil(row.id)))?;
        let mut children = self.open_rows(
            &rows,
            |row| row.id.as_uuid(),
            |reader, row| {
                let mut opener = reader.pupil_opener(row.id);
                let birth = open_birth(&mut opener, &row.birth_date, row.weeks_premature.as_deref())?;
                let name = open_name(&mut opener, &row.name)?;
                let effect = LineEffect::default();
                Ok(ChildEffect { pupil: row.id, name, birth_date: None, effect, birth })
            },
        )?;
        let shared = namesakes(children.iter().map(|child| (child.pupil, &child.name)));
        for child in children.iter_mut().filter(|child| shared.contains(&child.pupil)) {
            child.birth_date = Some(child.birth.date);
        }
        Ok(children)
    }

    /// The latest final versions of these children's registrations that were not withdrawn, in the order of their days.
    fn final_versions_of(&mut self, pupils: &[PupilId]) -> Result<Vec<(FinalRow, Vec<u8>)>> {
        Ok(registration::table
            .inner_join(
                registration_version::table.on(registration_version::institution_id
                    .eq(registration::institution_id)
                    .and(registration_version::registration_id.eq(registration::id))
                    .and(registration_version::version.nullable().eq(registration::final_version))),
            )
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::pupil_id.eq_any(pupils.iter().copied().map(OneOf)))
            .filter(registration::withdrawn_at.is_null())
            .order((registration::registered_on, registration::id))
            .select((columns::<FinalRow>(), registration_version::judgements))
            .load(self.connection)?)
    }

    fn add_to_effect(
        &mut self,
        child: &mut ChildEffect,
        row: &FinalRow,
        judgements: &[u8],
        line: &LineCode,
        first_day: Date,
    ) -> Result<()> {
        let version = sealed_row(row.id, row.final_version.unwrap_or_default())?;
        let unreadable = || Error::Unreadable(content::TABLE);
        let document = self
            .opener(content::TABLE, version, key_owner::pupil(child.pupil))
            .bytes(content::COLUMN, judgements)?
            .ok_or_else(unreadable)?;
        let content: Content<LineJudgements<'_>> =
            serde_json::from_slice(&document).map_err(|_| unreadable())?;
        let framework = self.published_framework(row.framework_id)?;
        let moment = RegistrationMoment {
            registration: row.id,
            date: row.registered_on,
            half_year: row.half_year,
            age_months: age_shown(Some(child.birth), row.registered_on, content.age_months),
            corrected_age_months: child.birth.corrected_age(row.registered_on),
        };
        let made = LatestRegistration { moment, framework: &framework.index, lines: content.judgements };
        child.effect.add(line.as_str(), first_day, &made);
        Ok(())
    }
}
