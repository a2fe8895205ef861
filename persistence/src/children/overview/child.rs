//! What the overview of a child is made of.

use std::sync::Arc;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::overview::{ChildNote, ChildOverview, ChildRegistration, RegistrationMoment};
use groeilijn_domain::values::ids::{FrameworkId, PupilId, RegistrationId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_engine::error::Result;

use crate::children::framework::PublishedFramework;
use crate::children::note::NoteLines;
use crate::children::registration::StoredRegistration;
use crate::handles::tenant::TenantReader;

/// What the overview of a child is made of.
pub struct ChildSheet {
    /// The child.
    pub pupil: PupilId,
    /// The framework that it is arranged by.
    pub framework: Arc<PublishedFramework>,
    /// The child's registrations that are final, the oldest first.
    pub registrations: Vec<SheetRegistration>,
    notes: Vec<NoteLines>,
}

/// A final registration, with the framework that it was made with.
pub struct SheetRegistration {
    registration: StoredRegistration,
    /// The framework that it was made with.
    pub framework: Arc<PublishedFramework>,
}

impl TenantReader<'_> {
    /// What the overview of a pupil is made of. `framework` is the one to arrange it by; when absent, that of the
    /// newest registration, or else the one that is chosen for the child's age, or else the published one that was
    /// entered last.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when the pupil is not within reach or the framework is not published.
    pub fn pupil_overview(&mut self, pupil: PupilId, framework: Option<FrameworkId>) -> Result<ChildSheet> {
        let child = self.child(pupil)?;
        self.touch(ObjectKind::Overview, pupil.as_uuid());
        let registrations = self
            .final_registrations(child)?
            .into_iter()
            .map(|registration| {
                let framework = self.published_framework(registration.facts.framework)?;
                Ok(SheetRegistration { registration, framework })
            })
            .collect::<Result<Vec<_>>>()?;
        let newest = registrations.last().map(|newest| newest.framework.id);
        let arranging = match framework.or(newest) {
            None => {
                let birth = self.birth_date(child)?;
                self.chosen_framework(birth, self.today())?
            }
            found => found,
        };
        Ok(ChildSheet {
            pupil,
            framework: self.arranging_framework(arranging)?,
            registrations,
            notes: self.note_lines(child)?,
        })
    }
}

impl ChildSheet {
    /// Leaves out every registration but these.
    ///
    /// Gives `unknown-registration` for each of `registration_ids/…` that is no final one of the child.
    pub(in crate::children) fn keep_only(&mut self, chosen: &[RegistrationId]) -> FieldRefusals {
        let mut refusals = FieldRefusals::new();
        for (at, id) in chosen.iter().enumerate() {
            if !self.registrations.iter().any(|one| one.registration.facts.id == *id) {
                let detail = "the child has no such final registration";
                refusals
                    .refuse(format!("registration_ids/{at}"), Refusal::new("unknown-registration", detail));
            }
        }
        self.registrations.retain(|one| chosen.contains(&one.registration.facts.id));
        refusals
    }

    /// The overview.
    pub fn overview(&self) -> ChildOverview<'_> {
        let registrations: Vec<_> = self.registrations.iter().map(SheetRegistration::read).collect();
        let notes: Vec<_> = self
            .notes
            .iter()
            .map(|note| ChildNote { note: note.id, observed_on: note.observed_on, lines: &note.lines })
            .collect();
        ChildOverview::new(&self.framework.index, &registrations, &notes)
    }
}

impl SheetRegistration {
    /// As a rule reads it.
    pub fn read(&self) -> ChildRegistration<'_> {
        let StoredRegistration { facts, version } = &self.registration;
        ChildRegistration {
            moment: RegistrationMoment {
                registration: facts.id,
                date: facts.registered_on,
                half_year: facts.half_year,
                age_months: version.age_months,
                corrected_age_months: version.corrected_age_months,
            },
            framework: &self.framework.index,
            judgements: &version.judgements,
        }
    }
}
