//! What the report for a talk with a child's parents is made of, and that it is on record to have been made (C085, C046).

use groeilijn_domain::access::author::Author;
use groeilijn_domain::access::document_password::DocumentPassword;
use groeilijn_domain::audit::disclosure::Disclosure;
use groeilijn_domain::children::parent_report::ReportWish;
use groeilijn_domain::values::ids::{DisclosureId, NoteId, PupilId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::Label;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use crate::children::note::StoredNote;
use crate::children::overview::ChildSheet;
use crate::handles::tenant::TenantWriter;

/// What a report is made of.
pub struct ReportSheet {
    /// Where it is on record that it was made.
    pub disclosure: DisclosureId,
    /// The child's registrations.
    pub child: ChildSheet,
    /// The child's name.
    pub name: PersonName,
    /// The day of its birth.
    pub birth_date: Date,
    /// The group that it is in.
    pub group: Option<Label>,
    /// The institution.
    pub institution: String,
    /// The notes that were asked for, the oldest first.
    pub notes: Vec<StoredNote>,
    /// Who has it made.
    pub made_by: Author,
    /// The day on which it is made, in Amsterdam.
    pub made_on: Date,
}

impl TenantWriter<'_> {
    /// What a report is made of that is encrypted with this password, entered as a disclosure in the same transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the pupil is not within reach; [`Error::Invalid`] with `password-personal`,
    /// `unknown-registration`, `unknown-note`, and what [`ReportWish::refusals`] gives.
    pub fn report_to_parents(
        &mut self,
        id: DisclosureId,
        wish: ReportWish,
        password: &DocumentPassword,
    ) -> Result<ReportSheet> {
        let mut refusals = wish.refusals();
        let ReportWish { pupil, registrations, notes, recipient } = wish;
        let stored = self.pupil(pupil)?;
        let (name, birth_date) = (stored.fields.name, stored.fields.birth_date);
        refusals.check("password", password.check_about(&name, birth_date));
        let mut child = self.pupil_overview(pupil, None)?;
        if let Some(chosen) = registrations {
            refusals.extend(child.keep_only(&chosen).or(()));
        }
        let notes = self.chosen_notes(pupil, &notes, &mut refusals)?;
        refusals.or(())?;
        let group = match stored.group.map(|(group, _)| self.group(group)).transpose() {
            // A child in two groups is reached by another one of them.
            Err(Error::NotFound) => None,
            found => found?.map(|group| group.fields.name),
        };
        let disclosed = Disclosure::of_report_to_parents(pupil, recipient, !notes.is_empty(), self.now());
        self.record_disclosure(id, &disclosed)?;
        Ok(ReportSheet {
            disclosure: id,
            child,
            name,
            birth_date,
            group,
            institution: self.own_institution()?.fields.name.as_str().to_owned(),
            notes,
            made_by: self.acting_author()?,
            made_on: self.today(),
        })
    }

    fn chosen_notes(
        &mut self,
        pupil: PupilId,
        ids: &[NoteId],
        refusals: &mut FieldRefusals,
    ) -> Result<Vec<StoredNote>> {
        let mut notes: Vec<StoredNote> = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let found = match self.note(*id) {
                Err(Error::NotFound) => None,
                found => Some(found?),
            };
            match found.filter(|note| note.pupil == pupil && note.withdrawal.is_none()) {
                Some(note) => notes.push(note),
                None => {
                    let refusal = Refusal::new("unknown-note", "the child has no such note");
                    refusals.refuse(format!("note_ids/{at}"), refusal);
                }
            }
        }
        notes.sort_by_key(|note| (note.observed_on, note.id));
        Ok(notes)
    }
}
