//! What becomes of the pupils of a file.

use std::collections::HashSet;

use jiff::civil::Date;

use super::answers::Answers;
use super::field;
use super::groups::GroupPlan;
use super::identity::{Namesakes, Numbers, recognise};
use super::plan::{
    Action, ExistingPupil, GroupRef, MAY_EXIST_ALREADY, Outcome, PlanLine, PlannedPlacement, Reason,
    RecordKind,
};
use super::values::{GenderLetters, PupilValues, ValueReader, shown_name};
use crate::children::departure::depart;
use crate::children::eck_id::EckId;
use crate::children::placement::{Placement, group_on, has_left, last_change, place};
use crate::children::pupil::{AGE_LIMIT_MONTHS, PupilFields, check_age};
use crate::children::school_file::FilePupil;
use crate::values::calendar::{SchoolYear, age_in_months};
use crate::values::ids::{GroupId, PupilId};
use crate::values::person::{Gender, PersonName};
use crate::values::refusal::Refusal;

type Recognised<'a> = Result<Option<&'a ExistingPupil<'a>>, Vec<Reason>>;

/// Plans the pupils of one file.
pub(super) struct PupilPlanner<'a> {
    recognised: Vec<Recognised<'a>>,
    namesakes: Namesakes<'a>,
    answers: &'a Answers,
    letters: GenderLetters,
    school_year: SchoolYear,
    today: Date,
}

impl<'a> PupilPlanner<'a> {
    pub(super) fn new(
        file: &[FilePupil],
        stored: &'a [ExistingPupil<'a>],
        answers: &'a Answers,
        school_year: SchoolYear,
        today: Date,
    ) -> Self {
        let recognised = recognise(file, stored, answers);
        let namesakes = Namesakes::new(stored, in_file(&recognised));
        Self { recognised, namesakes, answers, letters: GenderLetters::of(file), school_year, today }
    }

    /// The pupils who are in a group on the day from which the file is about, and in no record of it; those whom a record may be
    /// about are among them as long as nobody said so.
    pub(super) fn missing(&self, stored: &[ExistingPupil<'_>]) -> Vec<PupilId> {
        let moment = self.moment();
        let in_file = in_file(&self.recognised);
        let is_there =
            |pupil: &&ExistingPupil<'_>| !pupil.archived && group_on(pupil.placements, moment).is_some();
        let missing = stored.iter().filter(is_there).map(|pupil| pupil.id);
        missing.filter(|id| !in_file.contains(id)).collect()
    }

    /// The day from which the file is about.
    fn moment(&self) -> Date {
        self.today.clamp(self.school_year.first_day(), self.school_year.last_day())
    }

    /// A line per pupil. Notes in `groups` which of them are used.
    pub(super) fn plan(mut self, file: &[FilePupil], groups: &mut GroupPlan<'_>) -> Vec<PlanLine> {
        let recognised = std::mem::take(&mut self.recognised);
        let line = |(number, (raw, known)): (u64, (&FilePupil, Recognised<'a>))| {
            let parts = [&raw.first_name, &raw.infix, &raw.last_name].map(|part| part.as_deref());
            PlanLine { name: shown_name(parts), ..self.line(number, raw, known, groups) }
        };
        (1..).zip(file.iter().zip(recognised)).map(line).collect()
    }

    fn line(
        &mut self,
        number: u64,
        raw: &FilePupil,
        known: Recognised<'a>,
        groups: &mut GroupPlan<'_>,
    ) -> PlanLine {
        if let Some(broken) = raw.broken {
            let reason = Reason::new(None, broken.code(), broken.detail());
            return PlanLine::refused(raw.line, RecordKind::Pupil, vec![reason]);
        }
        let known = match known {
            Ok(known) => known,
            Err(reasons) => return PlanLine::refused(raw.line, RecordKind::Pupil, reasons),
        };
        let mut reasons = Vec::new();
        let values = PupilValues::read(raw, self.letters, &mut reasons);
        let birth_date = values.birth_date.or(known.map(|known| known.fields.birth_date));
        let last_day = birth_date.and_then(|birth_date| self.last_day(&values, known, birth_date));
        if let (Some(known), Some(last_day)) = (known, last_day.filter(|last_day| *last_day < self.today)) {
            return departing(raw.line, known, last_day);
        }
        if known.is_some_and(|known| self.left_as_known(&values, known)) {
            return PlanLine::changing_nothing(raw.line, RecordKind::Pupil);
        }
        if let Some(reason) = self.no_business(&values, birth_date).or_else(|| self.is_gone(known?)) {
            return PlanLine::left_alone(raw.line, RecordKind::Pupil, reason);
        }
        if let Some(Err(refusal)) = birth_date.map(|birth_date| check_age(birth_date, self.today)) {
            reasons.push(Reason::about(field::BIRTH_DATE, refusal));
        }
        let history = known.map_or(&[][..], |known| known.placements);
        let group =
            ValueReader(&mut reasons).read(field::GROUP, raw.group_key.as_deref(), |key| groups.target(key));
        let placement = group.zip(birth_date).and_then(|(group, birth_date)| {
            let last_day = known.and_then(|known| known.last_day);
            self.placement(history, last_day, group, values.placed_on, birth_date).unwrap_or_else(|refusal| {
                reasons.push(Reason::about(field::PLACED_ON, refusal));
                None
            })
        });
        let remarks = self.remarks(&values, history, group, placement);
        let line = match known {
            Some(known) if reasons.is_empty() => {
                change(raw.line, values, known, Movement { placement, last_day })
            }
            Some(_) => PlanLine::refused(raw.line, RecordKind::Pupil, reasons),
            None => self.create(number, raw.line, values, Movement { placement, last_day }, reasons),
        };
        if let (Some(_), Some((group, _))) = (&line.action, placement) {
            groups.note_use(group);
        }
        match line.outcome {
            Outcome::Refuse | Outcome::LeaveAlone => line,
            Outcome::Create | Outcome::Change | Outcome::Unchanged => PlanLine { remarks, ..line },
        }
    }

    /// The last day of a pupil who leaves according to the file, unless its departure is known here already, or it came into a
    /// group since.
    fn last_day(
        &self,
        values: &PupilValues,
        known: Option<&ExistingPupil<'_>>,
        birth_date: Date,
    ) -> Option<Date> {
        let last_day = values.left_on?;
        let history = match known {
            Some(known) if known.archived || known.last_day.is_some() => return None,
            Some(known) => known.placements,
            None => &[],
        };
        depart(history, birth_date, last_day, self.today).is_ok().then_some(last_day)
    }

    /// Whether the pupil left on the day that the file says.
    fn left_as_known(&self, values: &PupilValues, known: &ExistingPupil<'_>) -> bool {
        !known.archived && has_left(known.last_day, self.today) && known.last_day == values.left_on
    }

    /// What to look at of a pupil who is taken over.
    fn remarks(
        &self,
        values: &PupilValues,
        history: &[Placement],
        group: Option<GroupRef>,
        placement: Option<PlannedPlacement>,
    ) -> Vec<Reason> {
        let mut remarks = Vec::new();
        if values.left_on.is_some() {
            let detail = "the pupil leaves the school on this day, today or later, and comes in until then";
            remarks.push(Reason::new(Some(field::LEFT_ON), "leaves-later", detail));
        }
        let is_known = |group| history.iter().any(|stay| GroupRef::Existing(stay.group) == group);
        match group {
            None if group_on(history, self.today).is_none() => {
                let detail = "the file names no group for the pupil, and the pupil is in none";
                remarks.push(Reason::new(Some(field::GROUP), "no-group", detail));
            }
            Some(group) if placement.is_none() && !is_known(group) => {
                let detail =
                    "the file is of an earlier school year, and the pupil stays in the present group";
                remarks.push(Reason::new(Some(field::GROUP), "stays-in-group", detail));
            }
            _ => {}
        }
        remarks
    }

    /// Why the pupil is none of this product's business, whatever else the record says.
    fn no_business(&self, values: &PupilValues, birth_date: Option<Date>) -> Option<Reason> {
        if values.left_on.is_some_and(|left_on| left_on < self.today) {
            return Some(Reason::new(
                Some(field::LEFT_ON),
                "left-the-school",
                "the pupil has left the school",
            ));
        }
        let months = age_in_months(birth_date?, self.today)?;
        let detail = "the pupil is older than seven";
        (months >= AGE_LIMIT_MONTHS).then(|| Reason::new(Some(field::BIRTH_DATE), "older-than-seven", detail))
    }

    /// Why a pupil who is known here is left as it is: what somebody archived, and who left, comes back by no file.
    fn is_gone(&self, known: &ExistingPupil<'_>) -> Option<Reason> {
        if known.archived {
            return Some(Reason::new(None, "archived", "the pupil is in the archive: restore it first"));
        }
        let detail =
            "the pupil has left according to Groeilijn: undo that, or place the pupil in a group by hand";
        has_left(known.last_day, self.today).then(|| Reason::new(None, "has-left", detail))
    }

    /// The placement to make. None if the child is in the group already or is going to be in this school year, none if the
    /// file is of an earlier school year and the child was placed since, and none after the child's last day.
    fn placement(
        &self,
        history: &[Placement],
        last_day: Option<Date>,
        group: GroupRef,
        given: Option<Date>,
        birth_date: Date,
    ) -> Result<Option<PlannedPlacement>, Refusal> {
        let (year, moment) = (self.school_year, self.moment());
        let in_this_year = |stay: &&Placement| {
            stay.covers(moment) || stay.lasts() && stay.placed_on > moment && year.contains(stay.placed_on)
        };
        let is_there = |known: GroupId| group == GroupRef::Existing(known);
        if history.iter().filter(in_this_year).any(|stay| is_there(stay.group)) {
            return Ok(None);
        }
        let earliest = year.first_day().max(birth_date);
        let wanted = given.map_or(earliest, |given| given.max(earliest));
        let planned = history.iter().filter(|stay| moment > self.today && in_this_year(stay));
        let start = match last_change(history, self.today) {
            Some(last_change) if wanted <= last_change && year.contains(self.today) => self.today,
            Some(last_change) if wanted <= last_change => return Ok(None),
            _ if given.is_none() => {
                planned.map(|stay| stay.placed_on).min().map_or(wanted, |planned| planned.max(wanted))
            }
            _ => wanted,
        };
        if has_left(last_day, start) || group_on(history, start).is_some_and(is_there) {
            return Ok(None);
        }
        // A group that is yet to be created is in nobody's history, so any id that is not will do.
        let id = match group {
            GroupRef::Existing(id) => id,
            GroupRef::New(_) => GroupId::from_uuid(uuid::Uuid::nil()),
        };
        place(history, id, year, start, last_day, self.today)
            .map(|change| Some((group, change.added.placed_on)))
    }

    fn create(
        &mut self,
        number: u64,
        line: u64,
        values: PupilValues,
        Movement { placement, last_day }: Movement,
        mut reasons: Vec<Reason>,
    ) -> PlanLine {
        let needed = [
            (field::FIRST_NAME, values.first_name.is_none()),
            (field::LAST_NAME, values.last_name.is_none()),
            (field::BIRTH_DATE, values.birth_date.is_none()),
        ];
        let explained =
            |name: &str, reasons: &[Reason]| reasons.iter().any(|reason| reason.field == Some(name));
        for (name, _) in needed.into_iter().filter(|(_, missing)| *missing) {
            if !explained(name, &reasons) {
                reasons.push(Reason::new(Some(name), "missing", "a new pupil needs this field"));
            }
        }
        let (Some(first), Some(last), Some(birth_date), true) =
            (values.first_name, values.last_name, values.birth_date, reasons.is_empty())
        else {
            return PlanLine::refused(line, RecordKind::Pupil, reasons);
        };
        let fields = PupilFields {
            name: PersonName { first, infix: values.infix, last },
            gender: values.gender.unwrap_or(Gender::Unknown),
            home_language: values.home_language,
            birth_date,
            vve: values.vve,
            day_parts_per_week: values.day_parts_per_week,
            weeks_premature: None,
            particulars: values.particulars,
            eck_id: values.eck_id,
            year_level: values.year_level,
        };
        let numbers =
            Numbers { eck_id: fields.eck_id.as_ref().map(EckId::as_str), key: values.school_key.as_deref() };
        let alike = self.namesakes.note(&fields.name, birth_date, numbers);
        if let Some(proposed) = alike.filter(|alike| !self.answers.is_other_than(number, alike)) {
            let detail = "there is a child of this name and birth date, and no ECK iD or key tells whether this is \
                          the same one";
            let reason = Reason::new(None, MAY_EXIST_ALREADY, detail);
            return PlanLine { proposed, ..PlanLine::left_alone(line, RecordKind::Pupil, reason) };
        }
        let action = Action::CreatePupil {
            fields: Box::new(fields),
            school_key: values.school_key,
            placement,
            last_day,
        };
        PlanLine::creating(line, RecordKind::Pupil, action)
    }
}

/// The stored pupils whom records are about.
fn in_file(recognised: &[Recognised<'_>]) -> HashSet<PupilId> {
    recognised.iter().filter_map(|known| known.as_ref().ok()?.map(|pupil| pupil.id)).collect()
}

/// Where a pupil goes: the placement to make, and the last day at the institution.
struct Movement {
    placement: Option<PlannedPlacement>,
    last_day: Option<Date>,
}

/// The line of a pupil that left already, of whom nothing else is taken over.
fn departing(line: u64, known: &ExistingPupil<'_>, last_day: Date) -> PlanLine {
    let action = Action::ChangePupil {
        id: known.id,
        fields: Box::new(known.fields.clone()),
        school_key: known.school_key.map(str::to_owned),
        placement: None,
        last_day: Some(last_day),
    };
    PlanLine::changing(line, RecordKind::Pupil, vec![field::LEFT_ON], action)
}

/// The line of a pupil that is known: what the file says over what is stored.
fn change(
    line: u64,
    values: PupilValues,
    known: &ExistingPupil<'_>,
    Movement { placement, last_day }: Movement,
) -> PlanLine {
    let mut fields = known.fields.clone();
    let mut school_key = known.school_key.map(str::to_owned);
    let renamed = values.last_name.as_ref().is_some_and(|last| *last != fields.name.last);
    let infix = if renamed { Some(values.infix) } else { values.infix.map(Some) };
    let mut changes = Changes(Vec::new());
    changes.set(field::FIRST_NAME, &mut fields.name.first, values.first_name);
    changes.set(field::INFIX, &mut fields.name.infix, infix);
    changes.set(field::LAST_NAME, &mut fields.name.last, values.last_name);
    changes.set(field::GENDER, &mut fields.gender, values.gender);
    changes.set(field::BIRTH_DATE, &mut fields.birth_date, values.birth_date);
    changes.set(field::HOME_LANGUAGE, &mut fields.home_language, values.home_language.map(Some));
    changes.set(field::VVE, &mut fields.vve, values.vve.map(Some));
    changes.set(
        field::DAY_PARTS_PER_WEEK,
        &mut fields.day_parts_per_week,
        values.day_parts_per_week.map(Some),
    );
    changes.set(field::YEAR_LEVEL, &mut fields.year_level, values.year_level.map(Some));
    changes.set(field::PARTICULARS, &mut fields.particulars, values.particulars.map(Some));
    changes.set(field::ECK_ID, &mut fields.eck_id, values.eck_id.map(Some));
    changes.set(field::SCHOOL_KEY, &mut school_key, values.school_key.map(Some));
    changes.0.extend(placement.map(|_| field::GROUP));
    changes.0.extend(last_day.map(|_| field::LEFT_ON));
    let action =
        Action::ChangePupil { id: known.id, fields: Box::new(fields), school_key, placement, last_day };
    PlanLine::changing(line, RecordKind::Pupil, changes.0, action)
}

/// The fields that differ.
struct Changes(Vec<&'static str>);

impl Changes {
    /// Sets `current` to `new` if there is a new value, and notes whether it differs.
    fn set<T: PartialEq>(&mut self, field: &'static str, current: &mut T, new: Option<T>) {
        if let Some(new) = new.filter(|new| new != current) {
            *current = new;
            self.0.push(field);
        }
    }
}
