//! Writing one note about several children: a note for each, under the key of each.

use std::collections::HashMap;

use groeilijn_domain::children::note::NewNote;
use groeilijn_domain::children::shared_note::{MOST_PUPILS, NamedChild};
use groeilijn_domain::values::ids::{FrameworkId, NoteId, PupilId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use super::StoredNote;
use super::change::FrameworkOfNote;
use crate::children::framework::newest_published;
use crate::children::key_owner;
use crate::children::pupil::open_birth_date;
use crate::children::reach::{Child, in_reach};
use crate::children::schema::{pupil, user_group};
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::person_name::open_name;

/// A child with its sealed name and birth date, and since when it is in the archive.
type NamedRow = (PupilId, Vec<u8>, Vec<u8>, Option<Timestamp>);

/// A child that somebody named and follows.
struct Named {
    child: Child,
    name: PersonName,
    birth: Date,
    archived_at: Option<Timestamp>,
    framework: FrameworkOfNote,
}

impl TenantReader<'_> {
    /// The children that a note is about, in the order in which they are named, after checking what was written.
    fn check_shared_note(
        &mut self,
        pupils: &[PupilId],
        written: &NewNote,
        framework: Option<FrameworkId>,
    ) -> Result<Vec<Child>> {
        let looked_up: Vec<_> = pupils.iter().copied().take(MOST_PUPILS).collect();
        let named = self.named_children(&looked_up, written, framework)?;
        let children: Vec<_> = looked_up
            .iter()
            .map(|pupil| {
                named.get(pupil).map(|named| NamedChild {
                    first_name: named.name.first.clone(),
                    birth: named.birth,
                    archived_at: named.archived_at,
                    framework: named.framework.index(),
                })
            })
            .collect();
        written.check_shared(pupils, &children, self.today())?;
        Ok(looked_up.iter().filter_map(|pupil| named.get(pupil)).map(|named| named.child).collect())
    }

    /// Those of these children whom the caller reaches. That she asked for another one is on record.
    fn named_children(
        &mut self,
        pupils: &[PupilId],
        written: &NewNote,
        framework: Option<FrameworkId>,
    ) -> Result<HashMap<PupilId, Named>> {
        let query = pupil::table.filter(pupil::id.eq_any(pupils.iter().copied().map(OneOf))).select((
            pupil::id,
            pupil::name,
            pupil::birth_date,
            pupil::archived_at,
        ));
        let rows: Vec<NamedRow> = in_reach!(self, query, load)?;
        self.open_keys(rows.iter().map(|(pupil, ..)| key_owner::pupil(*pupil)))?;
        let newest = newest_published().first(self.connection).optional()?;
        let mut named = HashMap::with_capacity(rows.len());
        for (id, name, birth, archived_at) in rows {
            let child = self.reached(id, archived_at);
            let name = open_name(&mut self.pupil_opener(id), &name)?;
            let birth = open_birth_date(self, child, &birth)?;
            let framework = self.framework_of_note(birth, written, framework, newest)?;
            named.insert(id, Named { child, name, birth, archived_at, framework });
        }
        for &absent in pupils.iter().filter(|pupil| !named.contains_key(pupil)) {
            self.child_not_found(absent)?;
        }
        Ok(named)
    }

    /// Those of these notes that the caller reaches, in this order.
    ///
    /// # Errors
    /// [`Error::NotFound`] when that is none.
    pub fn notes_in_reach(&mut self, ids: &[NoteId]) -> Result<Vec<StoredNote>> {
        let mut found = Vec::with_capacity(ids.len());
        for &id in ids {
            match self.note(id) {
                Err(Error::NotFound) => {}
                note => found.push(note?),
            }
        }
        if found.is_empty() { Err(Error::NotFound) } else { Ok(found) }
    }
}

impl TenantWriter<'_> {
    /// Enters a note of the actor about each of these pupils, all with the same words, or none. Their lines are as in
    /// [`Self::create_note`].
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that [`NewNote::check_shared`] refuses.
    pub fn create_shared_note(
        &mut self,
        copies: &[(NoteId, PupilId)],
        written: &NewNote,
        framework: Option<FrameworkId>,
    ) -> Result<Vec<StoredNote>> {
        let pupils: Vec<_> = copies.iter().map(|(_, pupil)| *pupil).collect();
        let children = self.check_shared_note(&pupils, written, framework)?;
        let author = self.acting_author()?;
        let mut made = Vec::with_capacity(children.len());
        for ((id, _), child) in copies.iter().zip(children) {
            made.push(self.insert_note(*id, child, author.clone(), written.clone())?);
        }
        Ok(made)
    }
}
