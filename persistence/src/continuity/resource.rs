//! Kinds of resources: what a line of each is, and where it is kept.

use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::database::rows::{Cell, Kind};
use groeilijn_engine::error::Error;
use groeilijn_engine::keys::KeyOwner;
use serde_json::Value;
use uuid::Uuid;

use super::form::Form;
use super::known::Known;
use crate::handles::tenant::TenantWriter;

/// The column in which a row says whose it is. The institution is the same on every line.
pub const INSTITUTION_ID: (&str, &str) =
    ("institution_id", "it is the same on every line, and in the manifest");

/// A kind of resources: one file with a line for each.
#[derive(Clone, Copy)]
pub struct Resource {
    /// The name of its file.
    pub name: &'static str,
    /// What a line is, for who reads the schema.
    pub about: &'static str,
    /// The table that it is kept in.
    pub table: &'static str,
    /// Tables joined to it, in SQL; the table itself is `t`.
    pub joined: &'static str,
    /// Which rows, in SQL; `$1` is the institution.
    pub filter: &'static str,
    /// The columns that a line is known by, which lines are sorted by too.
    pub key: &'static [&'static str],
    /// What a line has.
    pub members: &'static [Member],
    /// Columns of the table that are left out, each with the reason.
    pub without: &'static [(&'static str, &'static str)],
    /// Whose key protects what is sealed.
    pub owner: Owner,
    /// Under which table and row it is sealed.
    pub place: Place,
    /// Whether what was known of a person may have ended, so that only ids and times are left.
    pub may_be_gone: bool,
    /// What becomes of it when it is taken in.
    pub fate: Fate,
    /// What is done before a line is entered.
    pub before: Option<Before>,
    /// What else has to be right about a line than each of its members.
    pub rule: Option<Rule>,
    /// The longest line, in bytes.
    pub longest_line: u64,
}

/// The longest line of most kinds that are taken in, in bytes: the largest of their documents, with room to spare.
const LONGEST_LINE: u64 = 1 << 20;

/// The longest line of a kind that stays in the export, in bytes. Nothing is made of it but a digest.
const LONGEST_UNREAD_LINE: u64 = 64 << 20;

/// Whose key protects what is sealed of a row; `None` when nothing is.
pub type Owner = fn(&Cells, InstitutionId) -> Option<KeyOwner>;

/// Under which table and row what is sealed of a row is.
pub type Place = fn(&Cells) -> Option<(&'static str, Uuid)>;

/// Enters what a line needs beside its own row, or refuses it. What is sealed is still as it was read.
pub type Before = fn(&mut TenantWriter<'_>, &Cells) -> Result<(), Error>;

/// Says what is wrong with a line whose members are each right. What later lines are held against is noted. What is sealed is
/// still as it was read.
pub type Rule = fn(&Cells, &mut Known) -> Result<(), Breach>;

/// A column, and what is wrong with it. It quotes nothing.
pub type Breach = (&'static str, String);

/// What becomes of a resource when an export is taken in.
#[derive(Clone, Copy)]
pub enum Fate {
    /// It is entered with its id.
    Enters,
    /// It belongs to everybody here, so no export brings it: one that is here already and equal in these columns, found by
    /// these, takes its place.
    IsHere {
        /// What one that is here is found by, which who has to publish it is told.
        found_by: &'static [&'static str],
        /// What has to be the same.
        same: &'static [&'static str],
    },
    /// It stays in the export, to be read; with the reason.
    Stays(&'static str),
}

/// A member of a line.
#[derive(Clone, Copy)]
pub struct Member {
    /// Its name; of a value that is spread over the line, what it is.
    pub name: &'static str,
    /// The column that it is kept in; that of a joined table with its letter.
    pub column: &'static str,
    /// What it is.
    pub form: Form,
    /// How it is kept.
    pub kept: Kept,
    /// Whether it may be absent.
    pub optional: bool,
    /// The kind of resources that it is the id of one of.
    pub of: Option<&'static str>,
    /// Whether the members of its value stand in the line itself.
    pub spread: bool,
}

/// How a member is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// As it is.
    Plain,
    /// Sealed.
    Sealed,
    /// Sealed, or not there at all.
    MaybeSealed,
    /// Elsewhere: with what this member is of, and named in the line for whoever reads it.
    With(&'static str),
}

impl Member {
    const fn new(name: &'static str, column: &'static str, form: Form, kept: Kept) -> Self {
        Self { name, column, form, kept, optional: false, of: None, spread: false }
    }

    /// One that is kept as it is.
    pub const fn plain(name: &'static str, column: &'static str, form: Form) -> Self {
        Self::new(name, column, form, Kept::Plain)
    }

    /// One that is kept sealed.
    pub const fn sealed(name: &'static str, column: &'static str, form: Form) -> Self {
        Self::new(name, column, form, Kept::Sealed)
    }

    /// One that is kept sealed, or not at all.
    pub const fn maybe_sealed(name: &'static str, column: &'static str, form: Form) -> Self {
        Self::new(name, column, form, Kept::MaybeSealed).optional()
    }

    /// The id of one of the kind `of`.
    pub const fn reference(name: &'static str, column: &'static str, of: &'static str) -> Self {
        Self { of: Some(of), ..Self::plain(name, column, Form::Id) }
    }

    /// Whom a line is about that says so by naming another one in the member `with`.
    pub const fn of_its(name: &'static str, column: &'static str, with: &'static str) -> Self {
        Self::new(name, column, Form::Id, Kept::With(with))
    }

    /// One that may be absent.
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// One whose value has members that stand in the line.
    pub const fn spread(self) -> Self {
        Self { spread: true, ..self }
    }

    /// Its column in SQL.
    pub fn expression(&self) -> String {
        if self.column.contains('.') { self.column.to_owned() } else { format!("t.{}", self.column) }
    }

    /// What its column holds.
    pub fn kind(&self) -> Kind {
        match self.kept {
            Kept::Plain | Kept::With(_) => self.form.kind(),
            Kept::Sealed | Kept::MaybeSealed => Kind::Bytes,
        }
    }

    /// Whether it is sealed when it is there.
    pub fn is_sealed(&self) -> bool {
        matches!(self.kept, Kept::Sealed | Kept::MaybeSealed)
    }

    /// The names under which it stands in a line.
    pub fn names(&self) -> Vec<String> {
        if !self.spread {
            return vec![self.name.to_owned()];
        }
        let schema = self.form.schema();
        let properties = schema.get("properties").and_then(Value::as_object);
        properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
    }
}

impl Resource {
    /// One that is kept in `table`, with an id, and enters.
    pub const fn new(
        name: &'static str,
        table: &'static str,
        about: &'static str,
        members: &'static [Member],
    ) -> Self {
        Self {
            name,
            about,
            table,
            joined: "",
            filter: "t.institution_id = $1",
            key: &["id"],
            members,
            without: &[],
            owner: |_, institution| Some(KeyOwner::shared(institution)),
            place: |_| None,
            may_be_gone: false,
            fate: Fate::Enters,
            before: None,
            rule: None,
            longest_line: LONGEST_LINE,
        }
    }

    /// Of these rows alone.
    pub const fn filtered(self, filter: &'static str) -> Self {
        Self { filter, ..self }
    }

    /// With other tables.
    pub const fn joined(self, joined: &'static str) -> Self {
        Self { joined, ..self }
    }

    /// Known by these columns.
    pub const fn known_by(self, key: &'static [&'static str]) -> Self {
        Self { key, ..self }
    }

    /// Without these columns.
    pub const fn without(self, without: &'static [(&'static str, &'static str)]) -> Self {
        Self { without, ..self }
    }

    /// With other keys than the institution's.
    pub const fn owned(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    /// Sealed under another table and row than its own.
    pub const fn placed(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// With lines of which ids and times are left.
    pub const fn may_be_gone(self) -> Self {
        Self { may_be_gone: true, ..self }
    }

    /// With another fate than to enter.
    pub const fn fate(self, fate: Fate) -> Self {
        Self { fate, ..self }
    }

    /// One before which this is done.
    pub const fn behind(self, before: Before) -> Self {
        Self { before: Some(before), ..self }
    }

    /// One whose lines are held against this rule too.
    pub const fn held_to(self, rule: Rule) -> Self {
        Self { rule: Some(rule), ..self }
    }

    /// One with lines of up to so many bytes.
    pub const fn lines_to(self, longest_line: u64) -> Self {
        Self { longest_line, ..self }
    }

    /// One that is in the export to be read.
    pub const fn stays(self, why: &'static str) -> Self {
        self.fate(Fate::Stays(why)).lines_to(LONGEST_UNREAD_LINE)
    }

    /// Whether it is taken in.
    pub const fn enters(&self) -> bool {
        !matches!(self.fate, Fate::Stays(_))
    }

    /// The member that is kept in a column.
    pub fn member(&self, column: &str) -> Option<&'static Member> {
        self.members.iter().find(|member| member.column == column)
    }

    /// Where what is sealed of a row is.
    pub fn place_of(&self, cells: &Cells) -> Option<(&'static str, Uuid)> {
        (self.place)(cells).or_else(|| Some((self.table, cells.id("id")?)))
    }
}

/// What a row has, by its columns.
#[derive(Default)]
pub struct Cells(pub Vec<(&'static str, Cell)>);

impl Cells {
    /// The cell of a column.
    pub fn get(&self, column: &str) -> Option<&Cell> {
        self.0.iter().find(|(name, _)| *name == column).map(|(_, cell)| cell)
    }

    /// The id in a column, if there is one.
    pub fn id(&self, column: &str) -> Option<Uuid> {
        match self.get(column)? {
            Cell::Bytes(bytes) => Uuid::from_slice(bytes).ok(),
            _ => None,
        }
    }

    /// The text in a column, if there is one.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.get(column)? {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number in a column, if there is one.
    pub fn number(&self, column: &str) -> Option<i64> {
        match self.get(column)? {
            Cell::Integer(number) => Some(*number),
            _ => None,
        }
    }
}
