//! Holding all lines against each other before anything is entered.

use std::collections::{HashMap, HashSet};

use groeilijn_domain::access::Function;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::database::rows::Cell;
use groeilijn_engine::keys::KeyOwner;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::super::catalogue::{CATALOGUE, enters};
use super::super::known::Known;
use super::super::resource::{Cells, Kept, Member, Resource};
use super::Wrong;
use super::line::Line;

/// After so many mistakes no more are looked for.
const ENOUGH: usize = 20;

/// What is known of an export while its lines are looked at.
pub struct Checking {
    institution: InstitutionId,
    known: Known,
    ids: HashSet<(&'static str, Uuid)>,
    keys: HashSet<(&'static str, [u8; 32])>,
    /// What the lines of some kinds say in a column that others repeat.
    repeated: HashMap<(&'static str, &'static str, Uuid), Uuid>,
    owners: Vec<KeyOwner>,
    owned: HashSet<KeyOwner>,
    administrators: Vec<UserId>,
    institutions: usize,
    wrong: Vec<Wrong>,
}

/// An export in which nothing is wrong.
pub struct Checked {
    /// Which institution it is of.
    pub institution: InstitutionId,
    /// Who and what needs a key.
    pub owners: Vec<KeyOwner>,
    /// The administrators who were let in.
    pub administrators: Vec<UserId>,
}

impl Checking {
    /// Of an export of this institution.
    pub fn new(institution: InstitutionId) -> Self {
        Self {
            institution,
            known: Known::new(institution),
            ids: HashSet::new(),
            keys: HashSet::new(),
            repeated: HashMap::new(),
            owners: Vec::new(),
            owned: HashSet::new(),
            administrators: Vec::new(),
            institutions: 0,
            wrong: Vec::new(),
        }
    }

    /// Whether so much is wrong that it is of no use to look further.
    pub fn has_enough(&self) -> bool {
        self.wrong.len() >= ENOUGH
    }

    /// Looks at a line. Those of kinds that stay in the export are not read.
    pub fn line(&mut self, resource: &'static Resource, number: u64, text: &str) {
        if !resource.enters() || self.has_enough() {
            return;
        }
        let mistakes = match Line::read(resource, text) {
            Ok(line) => self.place(resource, &line),
            Err(mistakes) => mistakes,
        };
        self.wrong.extend(mistakes.into_iter().map(|(member, why)| Wrong {
            file: resource.name,
            line: number,
            member,
            why,
        }));
    }

    /// What was found.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn finish(mut self) -> Result<Checked, Vec<Wrong>> {
        if self.wrong.is_empty() && self.institutions != 1 {
            let why = "there must be one line".to_owned();
            self.wrong.push(Wrong { file: "institution", line: 1, member: None, why });
        }
        if !self.wrong.is_empty() {
            return Err(self.wrong);
        }
        let Self { institution, owners, administrators, .. } = self;
        Ok(Checked { institution, owners, administrators })
    }

    /// Holds a line against those before it.
    fn place(&mut self, resource: &'static Resource, line: &Line) -> Vec<(Option<String>, String)> {
        let mut mistakes = Vec::new();
        let cells = &line.cells;
        if !self.keys.insert((resource.name, key(resource, cells))) {
            mistakes.push((None, "another line is known by the same".to_owned()));
        }
        for member in resource.members {
            if let Err(why) = self.refers_right(resource, member, cells) {
                mistakes.push((Some(member.name.to_owned()), why));
            }
        }
        if let Some(Err((column, why))) = resource.rule.map(|rule| rule(cells, &mut self.known)) {
            mistakes.push((resource.member(column).map(|member| member.name.to_owned()), why));
        }
        if let Err(why) = self.note_owner(resource, line) {
            mistakes.push((None, why));
        }
        self.note(resource, line);
        mistakes
    }

    fn refers_right(&self, resource: &Resource, member: &Member, cells: &Cells) -> Result<(), String> {
        let Some(id) = cells.id(member.column) else { return Ok(()) };
        if let Some(of) = member.of.filter(|of| enters(member) && !self.ids.contains(&(*of, id))) {
            return Err(format!("there is no such line in {of}.ndjson"));
        }
        if let Kept::With(with) = member.kept {
            let named = resource.members.iter().find(|other| other.name == with);
            let said = named.and_then(|named| {
                self.repeated.get(&(named.of?, column_of(member), cells.id(named.column)?))
            });
            if said != Some(&id) {
                return Err(format!("is not that of the {with}"));
            }
        }
        Ok(())
    }

    /// Notes who or what has to have a key, and that whose key protects a line is in the export.
    fn note_owner(&mut self, resource: &Resource, line: &Line) -> Result<(), String> {
        let is_sealed = resource.members.iter().any(Member::is_sealed);
        if !is_sealed || line.is_gone {
            return Ok(());
        }
        let owner = (resource.owner)(&line.cells, self.institution);
        let owner = owner.ok_or_else(|| "does not say whom it is about".to_owned())?;
        if owner == KeyOwner::shared(self.institution) {
            return Ok(());
        }
        if line.cells.id("id") == Some(owner.id) {
            self.owned.insert(owner);
            self.owners.push(owner);
        }
        if self.owned.contains(&owner) {
            Ok(())
        } else {
            Err("whom it is about is not in the export".to_owned())
        }
    }

    fn note(&mut self, resource: &'static Resource, line: &Line) {
        let cells = &line.cells;
        self.ids.extend(cells.id("id").map(|id| (resource.name, id)));
        for column in repeated_columns(resource) {
            if let (Some(id), Some(said)) = (cells.id("id"), cells.id(column)) {
                self.repeated.insert((resource.name, column, id), said);
            }
        }
        if resource.table == "institution" {
            self.institutions += 1;
        }
        let is_administrator = cells.text("m.function") == Some(Function::Administrator.code());
        let is_let_in = cells.text("m.state").is_some_and(|state| state != AccountState::Blocked.code());
        if is_administrator && is_let_in && !line.is_gone {
            self.administrators.extend(cells.id("id").map(UserId::from_uuid));
        }
    }
}

/// The column that a member is kept in, in its own table.
fn column_of(member: &Member) -> &'static str {
    member.column.split_once('.').map_or(member.column, |(_, column)| column)
}

/// The columns of a kind that lines of other kinds repeat.
fn repeated_columns(of: &Resource) -> impl Iterator<Item = &'static str> {
    let name = of.name;
    CATALOGUE
        .into_iter()
        .flat_map(|resource| resource.members.iter().map(move |member| (resource, member)))
        .filter_map(move |(resource, member)| {
            let Kept::With(with) = member.kept else { return None };
            let named = resource.members.iter().find(|other| other.name == with)?;
            (named.of == Some(name)).then(|| column_of(member))
        })
}

/// What a line is known by.
fn key(resource: &Resource, cells: &Cells) -> [u8; 32] {
    let mut digest = Sha256::new();
    for column in resource.key {
        let bytes = match cells.get(column) {
            Some(Cell::Bytes(bytes)) => bytes.clone(),
            Some(Cell::Text(text)) => text.clone().into_bytes(),
            Some(Cell::Integer(number)) => number.to_be_bytes().to_vec(),
            Some(Cell::Null) | None => Vec::new(),
        };
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::super::super::catalogue::resource;
    use super::*;

    const SCHOOL: u128 = 1;

    fn id(number: u128) -> String {
        Uuid::from_u128(number).to_string()
    }

    /// What is wrong with these lines, each in its kind.
    fn wrong(lines: &[(&str, String)]) -> Vec<String> {
        let mut checking = Checking::new(InstitutionId::from_uuid(Uuid::from_u128(SCHOOL)));
        for (number, (kind, line)) in (1_u64..).zip(lines) {
            checking.line(resource(kind).unwrap(), number, line);
        }
        checking.finish().err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    fn institution(number: u128) -> (&'static str, String) {
        let line = serde_json::json!({
            "id": id(number), "kind": "school-board", "name": "De Rups", "brin": null, "childcareNumber": null,
            "contractProfile": "basisonline", "organisationId": null, "loginNetworks": [],
            "administratorsNeedSecondFactor": false, "couplingsForbidden": false, "childrenEnteredBy": "administrators",
            "frameworkChoices": [], "revision": 1,
            "createdAt": "2026-01-01T00:00:00Z",
        });
        ("institution", line.to_string())
    }

    fn domain(name: &str) -> (&'static str, String) {
        ("mail-domains", format!(r#"{{"domain":"{name}"}}"#))
    }

    #[test]
    fn c080_each_wrong_line_is_told_with_file_line_and_member_and_without_what_it_says() {
        assert_eq!(wrong(&[institution(SCHOOL), domain("rups.example")]), [""; 0]);
        assert_eq!(wrong(&[domain("rups.example")]).len(), 1);
        let not_it = "institution.ndjson, line 1, id: is not that of the institution that the manifest names";
        assert_eq!(wrong(&[institution(2)]), [not_it]);
        let two = wrong(&[institution(SCHOOL), institution(2)]);
        assert_eq!(two, [not_it.replace('1', "2")]);
        let twice = wrong(&[institution(SCHOOL), domain("rups.example"), domain("rups.example")]);
        assert_eq!(twice, ["mail-domains.ndjson, line 3: another line is known by the same"]);
        for (line, told) in [
            ("{", "mail-domains.ndjson, line 2: must be a JSON document"),
            ("[]", "mail-domains.ndjson, line 2: must be a JSON object"),
            ("{}", "mail-domains.ndjson, line 2, domain: is missing"),
            (r#"{"domain":7}"#, "mail-domains.ndjson, line 2, domain: must be a text"),
            (
                r#"{"domain":"rups.example","Fien":1}"#,
                "mail-domains.ndjson, line 2: has 1 members that are not in its schema",
            ),
        ] {
            assert_eq!(wrong(&[institution(SCHOOL), ("mail-domains", line.to_owned())]), [told]);
        }
    }

    #[test]
    fn c080_a_line_that_refers_to_none_is_wrong() {
        let line = serde_json::json!({
            "id": id(5), "pupilId": id(6), "groupId": id(7), "placedOn": "2026-08-01", "endedOn": null,
            "endedByDepartureOn": null, "revision": 1, "createdAt": "2026-01-01T00:00:00Z",
        });
        let told = wrong(&[institution(SCHOOL), ("placements", line.to_string())]);
        assert_eq!(
            told,
            [
                "placements.ndjson, line 2, pupilId: there is no such line in pupils.ndjson",
                "placements.ndjson, line 2, groupId: there is no such line in groups.ndjson",
            ]
        );
    }

    #[test]
    fn no_more_is_told_than_helps() {
        let lines: Vec<_> = (0..100).map(|_| ("mail-domains", "{".to_owned())).collect();
        assert_eq!(wrong(&lines).len(), ENOUGH);
    }
}
