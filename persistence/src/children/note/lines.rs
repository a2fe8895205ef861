//! Which lines the notes about a child are about, without their texts.

use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::values::ids::NoteId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::civil::Date;

use crate::children::reach::Child;
use crate::children::schema::note;
use crate::handles::tenant::TenantReader;

/// Which lines a note is about; its text is not opened.
pub(crate) struct NoteLines {
    pub(crate) id: NoteId,
    pub(crate) observed_on: Date,
    pub(crate) lines: Vec<LineCode>,
}

impl TenantReader<'_> {
    /// The lines of all notes about a child that stand, in no order.
    pub(crate) fn note_lines(&mut self, child: Child) -> Result<Vec<NoteLines>> {
        let rows: Vec<(NoteId, Date, Vec<u8>)> = note::table
            .filter(note::institution_id.is(self.institution()))
            .filter(note::pupil_id.is(child.id()))
            .filter(note::withdrawn_at.is_null())
            .select((note::id, note::observed_on, note::lines))
            .load(self.connection)?;
        self.open_rows(
            &rows,
            |(id, ..)| id.as_uuid(),
            |reader, (id, observed_on, lines)| {
                let lines = reader.opener("note", id.as_uuid(), child.key_owner()).json("lines", lines)?;
                Ok(NoteLines { id: *id, observed_on: *observed_on, lines })
            },
        )
    }
}
