//! The edition of an institution's children: a number that goes up with each change of pupils, groups and placements, so
//! that what was decided outside a transaction is carried out only when nothing changed since.
//!
//! Whoever raises it holds it until the commit. It is raised before anything else of a change is written: two changes
//! then wait for each other here, and never in a circle.

use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::institution;

impl TenantReader<'_> {
    /// The edition of what this transaction sees.
    pub(super) fn children_edition(&mut self) -> Result<i64> {
        let found = institution::table
            .filter(institution::id.is(self.institution()))
            .select(institution::children_edition)
            .first(self.connection)
            .optional()?;
        found.ok_or(Error::NotFound)
    }
}

impl TenantWriter<'_> {
    /// Raises the edition, once in a transaction; from here on nobody else changes pupils, groups or placements before
    /// it is committed. Returns the new edition.
    pub(crate) fn raise_children_edition(&mut self) -> Result<i64> {
        if let Some(raised) = self.children_edition {
            return Ok(raised);
        }
        let own = institution::table.filter(institution::id.is(self.institution()));
        diesel::update(own)
            .set(institution::children_edition.eq(institution::children_edition + 1))
            .execute(self.connection)?;
        let raised = self.children_edition()?;
        self.children_edition = Some(raised);
        Ok(raised)
    }

    /// That nothing changed since `edition`, and nothing will before this transaction ends.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub(super) fn require_children_edition(&mut self, edition: i64) -> Result<()> {
        if self.raise_children_edition()? == edition + 1 { Ok(()) } else { Err(Error::Stale(None)) }
    }
}
