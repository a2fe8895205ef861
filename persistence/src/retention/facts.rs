//! What the terms of children and institutions depend on.

use std::collections::HashMap;

use groeilijn_domain::children::departure::DepartureKind;
use groeilijn_domain::institutions::licence_state::destruction_due;
use groeilijn_domain::retention::plan::{ContractEnd, InstitutionFacts, PupilFacts, SubjectKind};
use groeilijn_domain::values::calendar::{SchoolYear, amsterdam_date};
use groeilijn_domain::values::ids::PupilId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::children::schema::{groups, pupil};
use crate::children::stay::stay;
use crate::handles::tenant::TenantReader;
use crate::institutions::licence;
use crate::retention::schema::retention_hold;

type PupilRow = (PupilId, Timestamp, Option<Date>, Option<DepartureKind>);
type StayRow = (PupilId, Date, Option<Date>, SchoolYear);

impl TenantReader<'_> {
    /// What the terms of the institution depend on.
    pub(crate) fn institution_facts(&mut self) -> Result<InstitutionFacts> {
        self.institution_facts_if(None)
    }

    /// The same, if the licence had this last day.
    pub(super) fn institution_facts_if(&mut self, last_day: Option<Date>) -> Result<InstitutionFacts> {
        let id = self.institution();
        let mut licence = licence::load(self.connection, id)?;
        licence.licence.end = last_day.or(licence.licence.end);
        let grace_months = licence.profile.terms().termination_grace_months;
        let ends = destruction_due(&licence.facts()).filter(|_| licence.destroyed_at.is_none());
        let ends = ends.map(|on| ContractEnd { on, grace_months });
        let policy = self.retention_policy()?.policy;
        let held = self.held_until(SubjectKind::Institution)?.get(&id.as_uuid()).copied();
        Ok(InstitutionFacts { id, policy, ends, held })
    }

    /// What the terms of the institution's children depend on, in the order of their ids. Those whose destruction began
    /// are not among them.
    pub(crate) fn pupil_facts(&mut self) -> Result<Vec<PupilFacts>> {
        let institution = self.institution();
        let pupils: Vec<PupilRow> = pupil::table
            .filter(pupil::institution_id.is(institution))
            .filter(pupil::destroying_at.is_null())
            .order(pupil::id)
            .select((pupil::id, pupil::created_at, pupil::departed_on, pupil::departure_kind))
            .load(self.connection)?;
        let placed = self.placed_until()?;
        let held = self.held_until(SubjectKind::Pupil)?;
        let facts = pupils.into_iter().map(|(id, entered_at, departed_on, kind)| PupilFacts {
            id,
            entered_on: amsterdam_date(entered_at),
            departure: departed_on.map(|day| (day, kind == Some(DepartureKind::NextEducation))),
            placed_until: placed.get(&id).copied(),
            held: held.get(&id.as_uuid()).copied(),
        });
        Ok(facts.collect())
    }

    /// For every child who was placed, the first day on which it is in no group any more. One that has no end lasts as
    /// long as the school year of its group, or one day when it began after that.
    fn placed_until(&mut self) -> Result<HashMap<PupilId, Date>> {
        let rows: Vec<StayRow> = stay::table
            .inner_join(
                groups::table
                    .on(groups::institution_id.eq(stay::institution_id).and(groups::id.eq(stay::group_id))),
            )
            .filter(stay::institution_id.is(self.institution()))
            .select((stay::pupil_id, stay::placed_on, stay::ended_on, groups::school_year))
            .load(self.connection)?;
        let mut until = HashMap::new();
        for (pupil, placed_on, ended_on, school_year) in rows {
            let last = ended_on.unwrap_or_else(|| next_day(school_year.last_day().max(placed_on)));
            let latest = until.entry(pupil).or_insert(last);
            *latest = last.max(*latest);
        }
        Ok(until)
    }

    /// The holds of a kind that nobody lifted: for each subject the last day on which one must be reviewed.
    fn held_until(&mut self, kind: SubjectKind) -> Result<HashMap<Uuid, Date>> {
        let rows: Vec<(Uuid, Date)> = retention_hold::table
            .filter(retention_hold::institution_id.is(self.institution()))
            .filter(retention_hold::subject_kind.is(kind))
            .filter(retention_hold::lifted_at.is_null())
            .order(retention_hold::review_on)
            .select((retention_hold::subject_id, retention_hold::review_on))
            .load(self.connection)?;
        Ok(rows.into_iter().collect())
    }
}

fn next_day(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}
