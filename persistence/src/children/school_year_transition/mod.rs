//! School years that were begun in one act: their groups made, their children placed, and all of it undone for a week.
//!
//! What the act came to is kept with it; which child it placed, with the placement, which goes with the child.

mod make;
mod undo;

use groeilijn_domain::access::author::Author;
use groeilijn_domain::children::school_year_transition::Outcome;
use groeilijn_domain::values::ids::{PupilId, SchoolYearTransitionId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::children::schema::school_year_transition;
use crate::handles::tenant::TenantReader;

const TABLE: &str = "school_year_transition";

/// A school year begun in one act, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTransition {
    /// Its id.
    pub id: SchoolYearTransitionId,
    /// The day from which the children are in their next groups.
    pub first_day: Date,
    /// What it came to.
    pub outcome: Outcome,
    /// Who did it, and when.
    pub made: Deed,
    /// Who undid it, and when.
    pub undone: Option<Deed>,
    /// 1, and 2 once it was undone.
    pub revision: i32,
}

/// That somebody did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Who: a user or a token.
    pub by: Uuid,
    /// The user; `None` for a token, and once her name is removed.
    pub author: Option<Author>,
    /// When, in UTC.
    pub at: Timestamp,
}

/// What an act would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionPreview {
    /// How many children each move takes.
    pub placed: Vec<u32>,
    /// The children of the groups before whom no move takes, in the order of the moves.
    pub not_moved: Vec<PupilId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = school_year_transition)]
struct TransitionRow {
    id: SchoolYearTransitionId,
    first_day: Date,
    outcome: String,
    made_by: Uuid,
    made_at: Timestamp,
    undone_by: Option<Uuid>,
    undone_at: Option<Timestamp>,
}

impl TenantReader<'_> {
    /// The acts of the institution in the order in which they were made, after the one with id `after`.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn school_year_transitions(
        &mut self,
        after: Option<SchoolYearTransitionId>,
        limit: i64,
    ) -> Result<Vec<StoredTransition>> {
        let rows: Vec<TransitionRow> = school_year_transition::table
            .filter(school_year_transition::institution_id.is(self.institution()))
            .filter(school_year_transition::id.after(page_start(after)))
            .order(school_year_transition::id)
            .limit(limit)
            .select(columns::<TransitionRow>())
            .load(self.connection)?;
        rows.iter().map(|row| self.open_transition(row)).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id.
    pub fn school_year_transition(&mut self, id: SchoolYearTransitionId) -> Result<StoredTransition> {
        let row = school_year_transition::table
            .filter(school_year_transition::institution_id.is(self.institution()))
            .filter(school_year_transition::id.is(id))
            .select(columns::<TransitionRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_transition(&row)
    }

    fn open_transition(&mut self, row: &TransitionRow) -> Result<StoredTransition> {
        let made = self.deed(row.made_by, row.made_at)?;
        let undone = match row.undone_by.zip(row.undone_at) {
            Some((by, at)) => Some(self.deed(by, at)?),
            None => None,
        };
        Ok(StoredTransition {
            id: row.id,
            first_day: row.first_day,
            outcome: serde_json::from_str(&row.outcome).map_err(|_| Error::Unreadable(TABLE))?,
            made,
            revision: if undone.is_some() { 2 } else { 1 },
            undone,
        })
    }

    fn deed(&mut self, by: Uuid, at: Timestamp) -> Result<Deed> {
        Ok(Deed { by, author: self.named_author(by)?, at })
    }
}
