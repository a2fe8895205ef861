//! Fills the database with as much as `groeilijn demo --scale 50x34x30` makes, of the same kind.

use std::path::Path;

use groeilijn_domain::children::framework::{FrameworkDocument, FrameworkIndex, IndexedLine};
use groeilijn_domain::children::registration::{Completeness, Judgements, LineJudgement, MilestoneState};
use groeilijn_domain::values::calendar::{HalfYear, age_in_months, amsterdam_date};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rusqlite::Connection;
use uuid::Uuid;

use super::document::Document;
use super::name::Name;
use super::seal::{Cipher, Place};
use super::writer::SealedNote;
use super::{Error, database};
use crate::{outside, world};

const FRAMEWORK: &str = include_str!("../../../frameworks/groeilijn-basis-0-7/v1.nl.json");
/// Milestones that one registration judges.
const MILESTONES: usize = 20;

const FIRST: [&str; 12] =
    ["Noor", "Daan", "Fenna", "Bilal", "Saar", "Jakub", "Yara", "Emre", "Lotte", "Kwame", "Zofia", "Mateo"];
const LAST: [(&str, &str); 10] = [
    ("de", "Vries"),
    ("van den", "Berg"),
    ("", "Yılmaz"),
    ("", "Jansen"),
    ("van der", "Linden"),
    ("", "El Amrani"),
    ("", "Nowak"),
    ("", "Okafor"),
    ("ter", "Horst"),
    ("", "Hoekstra"),
];
const LANGUAGES: [&str; 5] = ["nl", "nl", "fy", "tr", "ary"];
const NOTE: &str = "Bouwt samen met een ander kind een garage en overlegt over de ingang.";

const PUPIL: &str = "INSERT INTO pupil (institution_id, id, group_id, placed_on, name, gender, \
    home_language, birth_date, vve, day_parts_per_week, particulars, eck_id, created_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const REGISTRATION: &str = "INSERT INTO registration \
    (institution_id, id, pupil_id, half_year, registered_on, judgements) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// Makes the database at `path`: pupils in groups of institutions, each with a registration and a note. With `duties` it
/// also holds who may see them.
///
/// # Errors
/// When there is a database at `path` already, or it cannot be written.
pub fn fill(path: &Path, duties: bool) -> Result<(), Error> {
    let document = framework()?;
    let now = outside::now();
    let mut filler = Filler {
        connection: database::create(path, duties)?,
        cipher: Cipher::new(duties),
        duties,
        index: FrameworkIndex::new(&document),
        document,
        random: StdRng::seed_from_u64(1),
        now,
        today: amsterdam_date(now),
    };
    for institution in 0..world::INSTITUTIONS {
        filler.institution(institution)?;
    }
    Ok(())
}

/// The framework that registrations are made with.
pub(super) fn framework() -> Result<FrameworkDocument, Error> {
    serde_json::from_str(FRAMEWORK).map_err(|_| Error::Unreadable)
}

struct Filler {
    connection: Connection,
    cipher: Cipher,
    duties: bool,
    document: FrameworkDocument,
    index: FrameworkIndex,
    random: StdRng,
    now: Timestamp,
    today: Date,
}

impl Filler {
    fn institution(&mut self, number: u64) -> Result<(), Error> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let (institution, teacher) = (world::institution(number), world::teacher(number));
        if self.duties {
            self.access(number, institution, teacher)?;
        }
        for (group, pupil) in world::pupils(number) {
            let birth = self.birth()?;
            self.pupil(institution, world::group(group), pupil, birth)?;
            self.registration(institution, pupil, birth)?;
            self.note(institution, pupil, teacher)?;
        }
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    /// The licence of an institution, and its teacher, who is logged in and has all its groups.
    fn access(&self, number: u64, institution: Uuid, teacher: Uuid) -> Result<(), Error> {
        let [institution, teacher] = [institution, teacher].map(Uuid::into_bytes);
        let session = world::session(number).into_bytes();
        self.connection.execute("INSERT INTO licence VALUES (?1, '9999-12-31')", (&institution,))?;
        let account = "INSERT INTO account VALUES (?1, ?2, 'teacher', NULL, ?1)";
        self.connection.execute(account, (&teacher, &institution))?;
        let begun = "INSERT INTO session VALUES (?1, ?2, ?3, NULL)";
        self.connection.execute(begun, (&session, &teacher, i64::MAX))?;
        for group in world::groups(number) {
            let given = "INSERT INTO user_group VALUES (?1, ?2, ?3)";
            self.connection.execute(given, (&institution, &teacher, group.as_bytes()))?;
        }
        Ok(())
    }

    /// Between two and a half and four years ago.
    fn birth(&mut self) -> Result<Date, Error> {
        let days: i64 = self.random.random_range(900..1440);
        self.today.checked_sub(days.days()).map_err(|_| Error::Unreadable)
    }

    fn pupil(&mut self, institution: Uuid, group: Uuid, pupil: Uuid, birth: Date) -> Result<(), Error> {
        let (infix, last) = *pick(&LAST, &mut self.random)?;
        let first = *pick(&FIRST, &mut self.random)?;
        let gender = *pick(&["female", "male"], &mut self.random)?;
        let language = *pick(&LANGUAGES, &mut self.random)?;
        let vve = *pick(&["true", "false"], &mut self.random)?;
        let day_parts = self.random.random_range(4..=10).to_string();
        let mut row = self.cipher.row(Place { institution, table: "pupil", row: pupil, owner: pupil });
        let mut seal = |column: &str, text: &str| row.seal(column, text.as_bytes());
        self.connection.prepare_cached(PUPIL)?.execute((
            institution.as_bytes().as_slice(),
            pupil.as_bytes().as_slice(),
            group.as_bytes().as_slice(),
            self.today.to_string(),
            seal("name", &Name::kept(first, infix, last))?,
            seal("gender", gender)?,
            seal("home_language", language)?,
            seal("birth_date", &birth.to_string())?,
            seal("vve", vve)?,
            seal("day_parts_per_week", &day_parts)?,
            seal("particulars", "")?,
            seal("eck_id", "")?,
            self.now.as_microsecond(),
        ))?;
        Ok(())
    }

    fn registration(&mut self, institution: Uuid, pupil: Uuid, birth: Date) -> Result<(), Error> {
        let age_months = age_in_months(birth, self.today).unwrap_or_default();
        let document = Document { age_months, judgements: self.judgements(age_months)? };
        let document = serde_json::to_vec(&document).map_err(|_| Error::Unreadable)?;
        let id = outside::uuid(self.now);
        let mut row = self.cipher.row(Place { institution, table: "registration", row: id, owner: pupil });
        self.connection.prepare_cached(REGISTRATION)?.execute((
            institution.as_bytes().as_slice(),
            id.as_bytes().as_slice(),
            pupil.as_bytes().as_slice(),
            HalfYear::containing(self.today).to_string(),
            self.today.to_string(),
            row.seal("judgements", &document)?,
        ))?;
        Ok(())
    }

    fn note(&self, institution: Uuid, pupil: Uuid, author: Uuid) -> Result<(), Error> {
        let id = outside::uuid(self.now);
        let mut row = self.cipher.row(Place { institution, table: "note", row: id, owner: pupil });
        let note = SealedNote {
            institution,
            id,
            pupil,
            author,
            observed_on: self.today.to_string(),
            text: row.seal("text", NOTE.as_bytes())?,
            lines: row.seal("lines", br#"["play"]"#)?,
            written_at: self.now.as_microsecond(),
        };
        note.insert(&self.connection)
    }

    /// Judgements of every scale and line and of the milestones of the child's age.
    fn judgements(&mut self, age: u16) -> Result<Judgements, Error> {
        let mut judged = Judgements::default();
        for scale in self.index.scales() {
            judged.scales.insert(scale.code().clone(), *pick(scale.values(), &mut self.random)?);
        }
        for line in self.index.lines() {
            let lag = *pick(&[0_u16, 0, 0, 0, 6, 12], &mut self.random)?;
            let judgement = line_judgement(line, age.saturating_sub(lag), &mut self.random)?;
            judged.lines.insert(line.code().clone(), LineJudgement { attention: lag >= 12, ..judgement });
        }
        let lines = self.document.areas.iter().flat_map(|area| &area.lines);
        let phases = lines
            .flat_map(|line| &line.phases)
            .filter(|phase| (phase.from_month..phase.to_month).contains(&age));
        for milestone in phases.flat_map(|phase| &phase.milestones).take(MILESTONES) {
            judged.milestones.insert(milestone.code.clone(), *pick(&MilestoneState::ALL, &mut self.random)?);
        }
        Ok(judged)
    }
}

fn line_judgement(line: &IndexedLine, level: u16, random: &mut StdRng) -> Result<LineJudgement, Error> {
    let phase = line.phases().iter().rev().find(|phase| phase.from_month <= level);
    Ok(LineJudgement {
        phase_from_month: phase.map(|phase| phase.from_month),
        completeness: phase.map(|_| pick(&Completeness::ALL, random).copied()).transpose()?,
        attention: false,
    })
}

fn pick<'a, T>(items: &'a [T], random: &mut StdRng) -> Result<&'a T, Error> {
    items.choose(random).ok_or(Error::Unreadable)
}
