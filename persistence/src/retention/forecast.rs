//! The forecast: what goes until a day, and what would go if the terms were others.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::plan::{Due, SubjectKind, institution_due, pupil_due};
use groeilijn_domain::values::ids::{PupilId, SubjectId};
use groeilijn_engine::error::Result;
use jiff::civil::Date;

use crate::handles::tenant::TenantReader;
use crate::retention::removal::RowCount;

/// What a forecast asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForecastQuery {
    /// Until which day, in Amsterdam.
    pub at: Date,
    /// What if the institution's own term were this, in calendar months.
    pub months: Option<u8>,
    /// What if the licence were cancelled and ended with this day, in Amsterdam.
    pub cancelled_on: Option<Date>,
}

/// Something that goes, and how many rows of each table with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// What, when, and by which rule.
    pub due: Due,
    /// The rows that are about it now, by table; none are counted of an institution.
    pub rows: Vec<RowCount>,
}

impl TenantReader<'_> {
    /// What goes until a day, by the function that the daily run asks too, in the order of the ids after `after`. What is
    /// held is there too, with the day of its review.
    pub fn forecast(
        &mut self,
        query: ForecastQuery,
        after: Option<SubjectId>,
        limit: i64,
    ) -> Result<Vec<Foreseen>> {
        let mut facts = self.institution_facts_if(query.cancelled_on)?;
        facts.policy.own_months = query.months.or(facts.policy.own_months);
        self.searches(ObjectKind::Institution, self.institution().as_uuid());
        let pupils = self.pupil_facts()?;
        let all = pupils.iter().map(|pupil| pupil_due(pupil, &facts)).chain(institution_due(&facts));
        let mut due: Vec<Due> = all.filter(|due| due.on <= query.at).collect();
        due.sort_by_key(|due| due.subject);
        due.retain(|due| after.is_none_or(|after| due.subject > after.as_uuid()));
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        due.into_iter().map(|due| self.with_rows(due)).collect()
    }

    fn with_rows(&mut self, due: Due) -> Result<Foreseen> {
        let rows = match due.kind {
            SubjectKind::Pupil => {
                self.touch(ObjectKind::Pupil, due.subject);
                self.count_rows_about(PupilId::from_uuid(due.subject))?
            }
            SubjectKind::Institution => Vec::new(),
        };
        Ok(Foreseen { due, rows })
    }
}
