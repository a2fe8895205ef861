//! Entering the lines of an export that was checked.

use std::collections::HashMap;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_engine::database::rows::{Cell, Rows, each, insert};
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::RowSealer;
use serde::Serialize;
use uuid::Uuid;

use super::super::catalogue::enters;
use super::super::resource::{Cells, Fate, INSTITUTION_ID, Kept, Member, Resource};
use super::Wrong;
use super::line::Line;
use crate::handles::tenant::TenantWriter;

/// An export that is being taken in.
#[derive(Default)]
pub struct TakingIn {
    /// What is here already under another id, by its kind and the id that it has there.
    renamed: HashMap<(&'static str, Uuid), Uuid>,
}

impl TakingIn {
    /// Enters a line. Those of kinds that stay in the export are passed over.
    ///
    /// # Errors
    /// [`Error::Internal`] with what is wrong with the line; what keeps the database from taking it.
    pub fn line(
        &mut self,
        writer: &mut TenantWriter<'_>,
        resource: &'static Resource,
        number: u64,
        text: &str,
    ) -> Result<()> {
        if !resource.enters() {
            return Ok(());
        }
        let told = |member, why| Error::internal(Wrong { file: resource.name, line: number, member, why });
        let line = Line::read(resource, text).map_err(|mistakes| {
            let (member, why) = mistakes.into_iter().next().unwrap_or_default();
            told(member, why)
        })?;
        self.enter(writer, resource, line).map_err(|error| match error {
            Error::Conflict(refusal) => told(None, refusal.detail),
            Error::Invalid(refusals) => {
                let (field, why) =
                    refusals.into_iter().next().map(|(field, refusal)| (field, refusal.detail)).unzip();
                told(field, why.unwrap_or_default())
            }
            Error::Database(_) => told(None, "the database does not take it".to_owned()),
            error => error,
        })
    }

    fn enter(
        &mut self,
        writer: &mut TenantWriter<'_>,
        resource: &'static Resource,
        line: Line,
    ) -> Result<()> {
        if let Fate::IsHere { found_by, same } = resource.fate {
            let here = find(writer, resource, &line.cells, found_by, same)?;
            self.renamed.extend(line.cells.id("id").map(|there| ((resource.name, there), here)));
            return Ok(());
        }
        if let Some(before) = resource.before {
            before(writer, &line.cells)?;
        }
        let row = self.row(writer, resource, line)?;
        insert(writer.connection, resource.table, row)
    }

    /// The row of a line, sealed under the keys of this installation.
    fn row(
        &self,
        writer: &mut TenantWriter<'_>,
        resource: &'static Resource,
        line: Line,
    ) -> Result<Vec<(&'static str, Cell)>> {
        let institution = writer.institution();
        let mut sealer = sealer(writer, resource, &line)?;
        let mut row = Vec::with_capacity(resource.members.len() + 1);
        if resource.without.contains(&INSTITUTION_ID) {
            row.push((INSTITUTION_ID.0, Cell::Bytes(institution.as_bytes().to_vec())));
        }
        for (member, (column, cell)) in resource.members.iter().zip(line.cells.0) {
            let cell = match (member.kept, cell, &mut sealer) {
                (Kept::With(_), ..) => continue,
                (Kept::Plain, ..) if column.contains('.') || !enters(member) => continue,
                (Kept::Plain, cell, _) => self.as_here(member, cell),
                (Kept::MaybeSealed, Cell::Null, _) => Cell::Null,
                (_, Cell::Text(text), Some(sealer)) => Cell::Bytes(sealer.text(column, Some(&text))),
                (_, _, Some(sealer)) => Cell::Bytes(sealer.text(column, None)),
                (_, _, None) => Cell::Bytes(Vec::new()),
            };
            row.push((column, cell));
        }
        if let Some(sealer) = sealer {
            writer.sealed(sealer);
        }
        Ok(row)
    }

    /// The id that something has here.
    fn as_here(&self, member: &Member, cell: Cell) -> Cell {
        let here = |bytes: &[u8]| self.renamed.get(&(member.of?, Uuid::from_slice(bytes).ok()?));
        match &cell {
            Cell::Bytes(bytes) => here(bytes).map_or(cell.clone(), |id| Cell::Bytes(id.as_bytes().to_vec())),
            _ => cell,
        }
    }

    /// Notes that all lines are entered, and where they are from.
    ///
    /// # Errors
    /// What the key store refuses.
    pub fn finish(self, writer: &mut TenantWriter<'_>, from: &impl Serialize) -> Result<()> {
        let (institution, owner) = (writer.institution(), writer.shared_owner());
        writer.touch(ObjectKind::Institution, institution.as_uuid());
        writer.detail(owner, from)
    }
}

fn sealer<'k>(
    writer: &TenantWriter<'k>,
    resource: &'static Resource,
    line: &Line,
) -> Result<Option<RowSealer<'k>>> {
    if line.is_gone || !resource.members.iter().any(Member::is_sealed) {
        return Ok(None);
    }
    let owner = (resource.owner)(&line.cells, writer.institution());
    let place = resource.place_of(&line.cells);
    let (owner, (table, row)) = owner.zip(place).ok_or(Error::Unreadable(resource.table))?;
    writer.sealer(table, row, owner).map(Some)
}

/// The id of what is here already in the place of a line.
///
/// # Errors
/// [`Error::Conflict`] when it is not here, with what to do, or another one is.
fn find(
    writer: &mut TenantWriter<'_>,
    resource: &'static Resource,
    cells: &Cells,
    found_by: &[&'static str],
    same: &[&'static str],
) -> Result<Uuid> {
    let kinds = |column: &&'static str| {
        let member = resource.member(column)?;
        Some((member.expression(), member.kind()))
    };
    let columns: Vec<_> = ["id"].iter().chain(same).filter_map(kinds).collect();
    let conditions: Vec<_> =
        (1..).zip(found_by).map(|(number, column)| format!("t.{column} = ${number}")).collect();
    let values: Vec<Cell> = found_by.iter().filter_map(|column| cells.get(column).cloned()).collect();
    let (from, filter) = (format!("{} AS t", resource.table), conditions.join(" AND "));
    let rows = Rows { columns: &columns, from: &from, filter: &filter, order: "t.id" };
    let mut found = None;
    each(writer.connection, rows, &values, |row| {
        found = Some(row);
        Ok(())
    })?;
    let Some([id, rest @ ..]) = found.as_deref() else { return Err(not_here(cells, found_by)) };
    if !rest.iter().zip(same).all(|(here, column)| cells.get(column) == Some(here)) {
        return Err(Error::conflict("already-exists", "another one is here under the same name and version"));
    }
    Cells(vec![("id", id.clone())]).id("id").ok_or(Error::Unreadable(resource.table))
}

/// That it has to be published here first. What it is found by names it, and says nothing of anybody.
fn not_here(cells: &Cells, found_by: &[&'static str]) -> Error {
    let named = found_by.iter().filter_map(|column| match cells.get(column)? {
        Cell::Text(text) => Some(format!("{column} {text}")),
        Cell::Integer(number) => Some(format!("{column} {number}")),
        Cell::Bytes(_) | Cell::Null => None,
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let detail = format!(
        "{named} is not published here: it is everybody's, so a platform administrator publishes the same one first"
    );
    Error::conflict("not-published", detail)
}
