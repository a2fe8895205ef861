//! One line as what its row is to hold.

use groeilijn_engine::database::rows::Cell;
use serde_json::{Map, Value};

use super::super::resource::{Cells, Kept, Member, Resource};

/// What a line says, by column. What is sealed is not sealed yet.
pub(super) struct Line {
    /// The cells.
    pub(super) cells: Cells,
    /// Whether ids and times are all that is left.
    pub(super) is_gone: bool,
}

/// A member, if it is about one, and what is wrong.
pub(super) type Mistake = (Option<String>, String);

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn read(resource: &'static Resource, text: &str) -> Result<Self, Vec<Mistake>> {
        let of_all = |why: &str| vec![(None, why.to_owned())];
        let line: Value = serde_json::from_str(text).map_err(|_| of_all("must be a JSON document"))?;
        let Value::Object(mut members) = line else { return Err(of_all("must be a JSON object")) };
        let mut mistakes = Vec::new();
        let mut cells = Vec::with_capacity(resource.members.len());
        let is_gone = resource.may_be_gone && nothing_is_known(resource, &members);
        for member in resource.members {
            match take(member, &mut members, is_gone) {
                Ok(cell) => cells.push((member.column, cell)),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        // What is no member of ours is not named: it may say anything.
        if !members.is_empty() {
            mistakes.push((None, format!("has {} members that are not in its schema", members.len())));
        }
        if mistakes.is_empty() { Ok(Self { cells: Cells(cells), is_gone }) } else { Err(mistakes) }
    }
}

fn nothing_is_known(resource: &Resource, members: &Map<String, Value>) -> bool {
    let mut names = resource.members.iter().filter(|member| member.is_sealed()).flat_map(Member::names);
    names.all(|name| members.get(&name) == Some(&Value::Null))
}

/// Takes a member out of a line.
fn take(member: &Member, members: &mut Map<String, Value>, is_gone: bool) -> Result<Cell, Mistake> {
    let of_it = |why: String| (Some(member.name.to_owned()), why);
    let mut values = Map::new();
    for name in member.names() {
        let value = members.remove(&name);
        values.insert(name.clone(), value.ok_or_else(|| (Some(name), "is missing".to_owned()))?);
    }
    if values.values().all(Value::is_null) && (member.optional || (is_gone && member.is_sealed())) {
        return Ok(Cell::Null);
    }
    let value = if member.spread { Some(Value::Object(values)) } else { values.remove(member.name) };
    let value = value.unwrap_or_default();
    match member.kept {
        Kept::Plain | Kept::With(_) => member.form.close(&value),
        Kept::Sealed | Kept::MaybeSealed => member.form.close_text(&value).map(Cell::Text),
    }
    .map_err(of_it)
}
