//! Notes about all children within the caller's reach.

use diesel::dsl::exists;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::values::ids::{GroupId, NoteId, PupilId, UserId};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;

use super::{NoteFilter, NoteRow, StoredNote, TABLE, open_lines};
use crate::children::key_owner;
use crate::children::reach::{Child, in_group, in_reach, is_there};
use crate::children::schema::{note, pupil, user_group};
use crate::handles::tenant::{Reach, TenantReader};

/// How many notes are read at once when their lines decide: those are sealed.
const AT_ONCE: usize = 250;

/// How many notes one search looks at before it says how far it got.
const MOST_LOOKED_AT: usize = 2_000;

/// Which notes a search is for; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct NoteSearch {
    /// Only those about this child, be it in the archive.
    pub pupil: Option<PupilId>,
    /// Only those about the children who are in this group today.
    pub group: Option<GroupId>,
    /// Only those about this development line.
    pub line: Option<LineCode>,
    /// Only those that this user wrote.
    pub author: Option<UserId>,
    /// Only those of these days.
    pub days: NoteFilter,
}

/// What a search found.
pub struct FoundNotes {
    /// The notes, the last one made first.
    pub notes: Vec<StoredNote>,
    /// The last note that was looked at, when there may be more behind it.
    pub stopped_at: Option<NoteId>,
}

/// Whose notes are looked through.
enum Among {
    /// Those of all children of the institution who are not in the archive.
    Everybody,
    /// Those of the child that was asked for.
    One(Child),
    /// Those of these children.
    These(Vec<PupilId>),
}

impl TenantReader<'_> {
    /// At most `limit` notes about children within the caller's reach, the last one made first, made before the note `before`.
    /// Children in the archive are left out, unless one is asked for.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the pupil or the group that is asked for is not within the caller's reach.
    pub fn search_notes(
        &mut self,
        search: &NoteSearch,
        before: Option<NoteId>,
        limit: usize,
    ) -> Result<FoundNotes> {
        let among = self.among(search)?;
        let (mut notes, mut looked_at, mut before) = (Vec::new(), 0, before);
        loop {
            let wanted = if search.line.is_some() { AT_ONCE } else { limit - notes.len() };
            let rows = self.searched_rows(&among, search, before, wanted)?;
            looked_at += wanted;
            let is_last = rows.len() < wanted;
            for row in rows {
                before = Some(row.id);
                let opened = self.open_if_sought(&row, search, &among);
                notes.extend(self.readable(row.id, opened)?.flatten());
                if notes.len() == limit {
                    return Ok(FoundNotes { notes, stopped_at: None });
                }
            }
            if is_last || looked_at >= MOST_LOOKED_AT {
                return Ok(FoundNotes { notes, stopped_at: before.filter(|_| !is_last) });
            }
        }
    }

    fn among(&mut self, search: &NoteSearch) -> Result<Among> {
        let group = search.group.map(|id| self.reached_group(id)).transpose()?;
        if let Some(pupil) = search.pupil {
            let child = self.child(pupil)?;
            let Some(group) = group else { return Ok(Among::One(child)) };
            let query = pupil::table
                .filter(pupil::id.is(pupil))
                .filter(in_group!(self.institution(), pupil::id, group.id(), self.today()))
                .select(pupil::id);
            let placed: Option<PupilId> = in_reach!(self, query, first).optional()?;
            return Ok(placed.map_or_else(|| Among::These(Vec::new()), |_| Among::One(child)));
        }
        if let Some(group) = group {
            self.searches(ObjectKind::Group, group.id().as_uuid());
            let query = pupil::table
                .filter(in_group!(self.institution(), pupil::id, group.id(), self.today()))
                .filter(pupil::archived_at.is_null())
                .select(pupil::id);
            return Ok(Among::These(in_reach!(self, query, load)?));
        }
        self.searches(ObjectKind::Institution, self.institution().as_uuid());
        match self.reach() {
            Reach::Institution => Ok(Among::Everybody),
            _ => self.pupils_in_reach().map(Among::These),
        }
    }

    /// Of several children ids first, which an index has with all that is asked: what is sealed is read only of the notes that
    /// are wanted.
    fn searched_rows(
        &mut self,
        among: &Among,
        search: &NoteSearch,
        before: Option<NoteId>,
        limit: usize,
    ) -> Result<Vec<NoteRow>> {
        let institution = self.institution();
        let limit = i64::try_from(limit).map_err(Error::internal)?;
        let pupils = match among {
            Among::One(child) => {
                return self.note_rows(*child, search.days, search.author, before, limit);
            }
            Among::Everybody => None,
            Among::These(pupils) => Some(pupils),
        };
        let ids: Vec<NoteId> = load_boxed!(&mut *self.connection, {
            let mut query = note::table
                .filter(note::institution_id.is(institution))
                .order(note::id.desc())
                .limit(limit)
                .select(note::id)
                .into_boxed();
            query = match pupils {
                None => query.filter(exists(
                    pupil::table
                        .filter(pupil::institution_id.is(institution))
                        .filter(pupil::id.eq(note::pupil_id))
                        .filter(is_there!())
                        .filter(pupil::archived_at.is_null()),
                )),
                Some(pupils) => query.filter(note::pupil_id.eq_any(pupils.iter().copied().map(OneOf))),
            };
            if let Some(before) = before {
                query = query.filter(note::id.before(before));
            }
            if let Some(author) = search.author {
                query = query.filter(note::author_id.is(author));
            }
            if let Some(from) = search.days.from {
                query = query.filter(note::observed_on.from(from));
            }
            if let Some(until) = search.days.until {
                query = query.filter(note::observed_on.until(until));
            }
            query
        })?;
        let rows: Vec<NoteRow> = note::table
            .filter(note::institution_id.is(institution))
            .filter(note::id.eq_any(ids.into_iter().map(OneOf)))
            .order(note::id.desc())
            .select(columns::<NoteRow>())
            .load(self.connection)?;
        self.open_keys(rows.iter().map(|row| key_owner::pupil(row.pupil_id)))?;
        Ok(rows)
    }

    /// The note in a row, if it is about the line that is asked for. Nobody sees anything of another one, so it is not on
    /// record.
    fn open_if_sought(
        &mut self,
        row: &NoteRow,
        search: &NoteSearch,
        among: &Among,
    ) -> Result<Option<StoredNote>> {
        if let Some(line) = &search.line {
            let mut opener = self.opener(TABLE, row.id.as_uuid(), key_owner::pupil(row.pupil_id));
            if !open_lines(&mut opener, &row.lines)?.contains(line) {
                return Ok(None);
            }
        }
        let child = match among {
            Among::One(child) => *child,
            Among::Everybody | Among::These(_) => self.reached(row.pupil_id, None),
        };
        self.open_note(row, child).map(Some)
    }
}
