//! What is still to be looked at before a registration becomes final.

use groeilijn_domain::children::overview::ChildNote;
use groeilijn_domain::children::registration::{EvidencePeriod, Readiness, readiness};
use groeilijn_domain::values::ids::RegistrationId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::civil::Date;

use crate::children::reach::Child;
use crate::children::schema::registration;
use crate::handles::tenant::TenantReader;

/// What a registration has, and what it has not.
pub struct StoredReadiness {
    /// The registration.
    pub registration: RegistrationId,
    /// The day of the child's latest final registration before it; notes after that day are told of.
    pub since: Option<Date>,
    /// What it has.
    pub readiness: Readiness,
}

impl TenantReader<'_> {
    /// What a registration has with its open draft, or else its latest final version; `with_notes` tells whether its reader may
    /// know of notes.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when it is not within reach.
    pub fn readiness(&mut self, id: RegistrationId, with_notes: bool) -> Result<StoredReadiness> {
        let stored = self.registration(id)?;
        let (facts, version) = (&stored.facts, &stored.version);
        let child = self.child(facts.pupil)?;
        let since = self.last_final_before(child, facts.registered_on)?;
        let framework = self.published_framework(facts.framework)?;
        let notes = if with_notes { self.note_lines(child)? } else { Vec::new() };
        let notes: Vec<_> = notes
            .iter()
            .map(|note| ChildNote { note: note.id, observed_on: note.observed_on, lines: &note.lines })
            .collect();
        let age = version.corrected_age_months.unwrap_or(version.age_months);
        let period = EvidencePeriod { since, until: facts.registered_on };
        let readiness = readiness(&version.judgements, &framework.index, age, &notes, period);
        Ok(StoredReadiness { registration: id, since, readiness })
    }

    fn last_final_before(&mut self, child: Child, day: Date) -> Result<Option<Date>> {
        Ok(registration::table
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::pupil_id.is(child.id()))
            .filter(registration::final_version.is_not_null())
            .filter(registration::withdrawn_at.is_null())
            .filter(registration::registered_on.before(day))
            .order(registration::registered_on.desc())
            .select(registration::registered_on)
            .first(self.connection)
            .optional()?)
    }
}
