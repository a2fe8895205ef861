//! Reading an institution for its export.

use std::collections::HashSet;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::rows::{Cell, Rows, each};
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyRing;
use groeilijn_engine::sealing::{RowOpener, RowPlace};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::resource::{Cells, Member, Resource};
use crate::handles::tenant::{TenantReader, TenantWriter};

/// An institution that is being read: what could not be read of it, and what refers to that.
#[derive(Default)]
pub struct Reading {
    left_out: HashSet<Uuid>,
}

impl TenantReader<'_> {
    /// Begins to read everything that the institution has, however long that takes.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn begin_export(&mut self) -> Result<Reading> {
        dialect::wait_as_long_as_it_takes(self.connection)?;
        Ok(Reading::default())
    }

    /// Runs `line` on each line of a kind of resources. Gives how many could not be read.
    ///
    /// # Errors
    /// What the database refuses, and what `line` does.
    pub fn export(
        &mut self,
        reading: &mut Reading,
        resource: &'static Resource,
        mut line: impl FnMut(&Map<String, Value>) -> Result<()>,
    ) -> Result<u64> {
        let (keys, institution) = (self.keys(), self.institution());
        let mut unreadable = 0;
        let columns: Vec<_> =
            resource.members.iter().map(|member| (member.expression(), member.kind())).collect();
        let from = format!("{} AS t {}", resource.table, resource.joined);
        let order = resource.key.iter().map(|column| format!("t.{column}")).collect::<Vec<_>>().join(", ");
        let rows = Rows { columns: &columns, from: &from, filter: resource.filter, order: &order };
        let own = Cell::Bytes(institution.as_bytes().to_vec());
        each(self.connection, rows, &[own], |row| {
            let names = resource.members.iter().map(|member| member.column);
            let cells = Cells(names.zip(row).collect());
            if reading.misses_something(resource, &cells) {
                unreadable += 1;
                return Ok(());
            }
            match shown(keys, institution, resource, &cells) {
                Ok(shown) => line(&shown),
                Err(Error::Unreadable(_) | Error::Destroyed) => {
                    tracing::warn!(resource = resource.name, id = ?cells.id("id"), "a row cannot be read");
                    reading.left_out.extend(cells.id("id"));
                    unreadable += 1;
                    Ok(())
                }
                Err(error) => Err(error),
            }
        })?;
        Ok(unreadable)
    }
}

impl TenantWriter<'_> {
    /// Notes that everything of the institution is exported, and for whom, which it sees in its own log.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such institution; [`Error::Conflict`] `destroyed` when it was destroyed.
    pub fn record_export(&mut self, of: &impl Serialize) -> Result<()> {
        self.own_institution()?;
        if self.licence()?.destroyed_at.is_some() {
            return Err(Error::conflict(
                "destroyed",
                "the institution was destroyed: there is nothing to export",
            ));
        }
        let (institution, owner) = (self.institution(), self.shared_owner());
        self.touch(ObjectKind::Institution, institution.as_uuid());
        self.detail(owner, of)
    }
}

impl Reading {
    /// Whether a row refers to one that could not be read.
    fn misses_something(&self, resource: &Resource, cells: &Cells) -> bool {
        let mut references = resource.members.iter().filter(|member| member.of.is_some());
        references.any(|member| cells.id(member.column).is_some_and(|id| self.left_out.contains(&id)))
    }
}

/// A row as it is shown.
fn shown(
    keys: &KeyRing,
    institution: InstitutionId,
    resource: &'static Resource,
    cells: &Cells,
) -> Result<Map<String, Value>> {
    let mut opener = opener(keys, institution, resource, cells);
    let mut line = Map::new();
    for member in resource.members {
        let value = match cells.get(member.column) {
            Some(Cell::Bytes(sealed)) if member.is_sealed() => match &mut opener {
                Some(opener) if !sealed.is_empty() => open(opener, resource, member, sealed)?,
                _ => None,
            },
            Some(Cell::Null) | None => None,
            Some(cell) => Some(member.form.open(cell).ok_or(Error::Unreadable(resource.table))?),
        };
        match value {
            Some(Value::Object(members)) if member.spread => line.extend(members),
            Some(value) => drop(line.insert(member.name.to_owned(), value)),
            None => line.extend(member.names().into_iter().map(|name| (name, Value::Null))),
        }
    }
    Ok(line)
}

fn opener<'k>(
    keys: &'k KeyRing,
    institution: InstitutionId,
    resource: &Resource,
    cells: &Cells,
) -> Option<RowOpener<'k>> {
    if !resource.members.iter().any(Member::is_sealed) {
        return None;
    }
    let owner = (resource.owner)(cells, institution)?;
    let (table, row) = resource.place_of(cells)?;
    // What the platform's key protects is in its realm, whatever institution it is about.
    let is_of_the_platform = owner.id == InstitutionId::PLATFORM.as_uuid();
    let realm = if is_of_the_platform { InstitutionId::PLATFORM } else { institution };
    Some(RowOpener::new(keys, RowPlace { institution: realm, table, row, owner }))
}

fn open(
    opener: &mut RowOpener<'_>,
    resource: &Resource,
    member: &Member,
    sealed: &[u8],
) -> Result<Option<Value>> {
    let Some(text) = opener.text(member.column, sealed)? else { return Ok(None) };
    member.form.open_text(&text).map(Some).ok_or(Error::Unreadable(resource.table))
}
