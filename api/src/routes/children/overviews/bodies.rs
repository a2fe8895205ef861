//! What overviews look like in replies. They borrow from what was read: nothing of it is copied but numbers.

use std::iter;
use std::sync::Arc;

use groeilijn_domain::children::framework::{FrameworkDocument, LineCode, ScaleCode};
use groeilijn_domain::children::overview::{self as rules, Level, RegistrationMoment};
use groeilijn_domain::children::pupil::{AGE_LIMIT_MONTHS, YearLevel};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{FrameworkId, GroupId, NoteId, PupilId, RegistrationId};
use groeilijn_domain::values::text::{Infix, NamePart, ShortText};
use groeilijn_persistence::children::framework::PublishedFramework;
use groeilijn_persistence::children::overview::{ChildSheet, GroupSheet};
use jiff::civil::Date;

use crate::http::described::{like, within};
use crate::reply_body;

reply_body! {
    /// How a child develops, line by line. For following this child and what it is offered next; never for comparing
    /// it with others.
    pub(super) struct PupilOverview<'a> {
        /// The child.
        pupil_id: PupilId,
        /// The framework that the overview is arranged by.
        framework_id: FrameworkId,
        /// Every line of that framework, also where nothing was judged, then lines of older versions.
        lines: Vec<LineProgress<'a>>,
        /// Every scale of that framework, then scales of older versions.
        scales: Vec<ScaleProgress<'a>>,
    }
}

reply_body! {
    /// A development line of one child through time.
    pub(super) struct LineProgress<'a> {
        /// The code of the line.
        line: &'a str = like::<LineCode>,
        /// The name of the line, in the language of the framework.
        title: &'a str = like::<ShortText>,
        /// A point for each registration that judges the line, the oldest first.
        points: Vec<LinePoint>,
        /// The notes about the line, the oldest first.
        note_ids: Vec<NoteId>,
    }
}

reply_body! {
    /// What one registration says of one line.
    pub(in crate::routes::children) struct LinePoint {
        /// Which registration, and when.
        moment: OverviewMoment,
        /// Where the child was; null when only the need for attention was judged.
        position: Option<LinePosition>,
        /// Whether the line needed extra attention (C025).
        attention: bool,
    }
}

reply_body! {
    /// A scale of one child through time.
    pub(super) struct ScaleProgress<'a> {
        /// The code of the scale.
        scale: &'a str = like::<ScaleCode>,
        /// The name of the scale, in the language of the framework.
        title: &'a str = like::<ShortText>,
        /// A point for each registration that judges the scale, the oldest first.
        points: Vec<ScalePoint>,
    }
}

reply_body! {
    /// What one registration says of one scale.
    pub(super) struct ScalePoint {
        /// Which registration, and when.
        moment: OverviewMoment,
        /// The step on which the child was placed.
        value: u8,
    }
}

reply_body! {
    /// Which registration something comes from, and when it was made.
    pub(in crate::routes::children) struct OverviewMoment {
        /// The registration.
        registration_id: RegistrationId,
        /// The day the child was looked at.
        registered_on: Date,
        /// The half-year it counts for (C027).
        half_year: HalfYear,
        /// The child's age on that day in completed months, by the birth date that is known now.
        age_months: u16,
        /// The age it would have had if it had been born in time; null for one that was not born early, and from its second
        /// birthday.
        corrected_age_months: Option<u16>,
    }
}

reply_body! {
    /// Where a child is on a development line, as an age.
    pub(in crate::routes::children) struct LinePosition {
        /// The age in months at which most children are there.
        months: u16 = within(0, AGE_LIMIT_MONTHS.into()),
        /// How many months that is above (positive) or below the child's own age.
        difference_months: i16,
        /// How the phase compares with the child's age: `at-level` within the ages of its phase.
        level: Level,
    }
}

reply_body! {
    /// The children of a group side by side. For planning what the group is offered; never for ranking children.
    pub(super) struct GroupOverview<'a> {
        /// The group.
        group_id: GroupId,
        /// The half-year.
        half_year: HalfYear,
        /// The framework that the overview is arranged by.
        framework_id: FrameworkId,
        /// Every line of that framework, then lines of older versions that a child was judged on.
        lines: Vec<LineSummary<'a>>,
        /// The children who are in the group now, or were on the day that was asked for, in the order in which they were entered.
        children: Vec<OverviewChild<'a>>,
        /// The children younger than eight without a final registration in this half-year (C027).
        without_registration: Vec<PupilId>,
    }
}

reply_body! {
    /// How a group does on one line. Each child counts with its latest final registration.
    pub(super) struct LineSummary<'a> {
        /// The code of the line.
        line: &'a str = like::<LineCode>,
        /// The name of the line, in the language of the framework.
        title: &'a str = like::<ShortText>,
        /// How many children are ahead of their age.
        ahead: u32,
        /// How many children are at the level of their age.
        at_level: u32,
        /// How many children are behind their age.
        behind: u32,
        /// How many children need extra attention on this line (C025).
        attention: u32,
    }
}

reply_body! {
    /// A child in the overview of its group.
    pub(super) struct OverviewChild<'a> {
        /// The child.
        id: PupilId,
        /// First name. For recognising the child.
        first_name: &'a str = like::<NamePart>,
        /// Tussenvoegsel. For recognising the child.
        infix: Option<&'a str> = like::<Option<Infix>>,
        /// Last name without the tussenvoegsel. For recognising the child.
        last_name: &'a str = like::<NamePart>,
        /// The day of birth, where another child in the overview has the same name; null for all others. For telling the two
        /// apart; never for anything else.
        birth_date: Option<Date>,
        /// The year level (jaargroep) that the child is in; null for one in childcare, and where it is not known.
        year_level: Option<YearLevel>,
        /// The registration that the cells come from: the latest final one; null when there never was one.
        registration: Option<OverviewMoment>,
        /// Whether that registration is of this half-year (C027).
        registered_this_half_year: bool,
        /// What that registration says of each line it judges, in the order of the codes.
        cells: Vec<OverviewCell<'a>>,
    }
}

reply_body! {
    /// Where a child is on one line.
    pub(super) struct OverviewCell<'a> {
        /// The code of the line.
        line: &'a str = like::<LineCode>,
        /// Where the child is; null when only the need for attention was judged.
        position: Option<LinePosition>,
        /// Whether the line needs extra attention (C025).
        attention: bool,
    }
}

impl<'a> PupilOverview<'a> {
    pub(super) fn of(sheet: &'a ChildSheet) -> Self {
        let older = sheet.registrations.iter().map(|registration| &registration.framework);
        let titles = Titles::new(&sheet.framework, older);
        let overview = sheet.overview();
        Self {
            pupil_id: sheet.pupil,
            framework_id: sheet.framework.id,
            lines: overview
                .lines
                .into_iter()
                .map(|line| LineProgress {
                    line: line.line,
                    title: titles.line(line.line),
                    points: line.points.into_iter().map(LinePoint::from).collect(),
                    note_ids: line.notes,
                })
                .collect(),
            scales: overview
                .scales
                .into_iter()
                .map(|scale| ScaleProgress {
                    scale: scale.scale,
                    title: titles.scale(scale.scale),
                    points: scale.points.into_iter().map(ScalePoint::from).collect(),
                })
                .collect(),
        }
    }
}

impl<'a> GroupOverview<'a> {
    pub(super) fn of(sheet: &'a GroupSheet, overview: rules::GroupOverview<'a>) -> Self {
        let older = sheet.children.iter().filter_map(|child| Some(&child.latest.as_ref()?.framework));
        let titles = Titles::new(&sheet.framework, older);
        let children = overview
            .rows()
            .zip(&sheet.children)
            .map(|((row, cells), child)| OverviewChild {
                id: row.pupil,
                first_name: child.name.first.as_str(),
                infix: child.name.infix.as_ref().map(Infix::as_str),
                last_name: child.name.last.as_str(),
                birth_date: child.birth_date,
                year_level: child.year_level,
                registration: row.registration.map(OverviewMoment::from),
                registered_this_half_year: row.registered_this_half_year,
                cells: cells.iter().map(OverviewCell::from).collect(),
            })
            .collect();
        Self {
            group_id: sheet.group,
            half_year: sheet.half_year,
            framework_id: sheet.framework.id,
            lines: overview
                .lines
                .into_iter()
                .map(|rules::LineSummary { line, ahead, at_level, behind, attention }| LineSummary {
                    line,
                    title: titles.line(line),
                    ahead,
                    at_level,
                    behind,
                    attention,
                })
                .collect(),
            children,
            without_registration: overview.without_registration,
        }
    }
}

impl From<rules::Point> for LinePoint {
    fn from(rules::Point { moment, position, attention }: rules::Point) -> Self {
        Self { moment: moment.into(), position: position.map(LinePosition::from), attention }
    }
}

impl From<rules::ScalePoint> for ScalePoint {
    fn from(rules::ScalePoint { moment, value }: rules::ScalePoint) -> Self {
        Self { moment: moment.into(), value }
    }
}

impl From<RegistrationMoment> for OverviewMoment {
    fn from(moment: RegistrationMoment) -> Self {
        Self {
            registration_id: moment.registration,
            registered_on: moment.date,
            half_year: moment.half_year,
            age_months: moment.age_months,
            corrected_age_months: moment.corrected_age_months,
        }
    }
}

impl From<rules::Position> for LinePosition {
    fn from(rules::Position { months, difference_months, level }: rules::Position) -> Self {
        Self { months, difference_months, level }
    }
}

impl<'a> From<&rules::LineCell<'a>> for OverviewCell<'a> {
    fn from(cell: &rules::LineCell<'a>) -> Self {
        Self { line: cell.line, position: cell.position.map(LinePosition::from), attention: cell.attention }
    }
}

/// The names of lines and scales: as the framework in use has them, then as the one they come from.
struct Titles<'a>(Vec<&'a FrameworkDocument>);

impl<'a> Titles<'a> {
    fn new(
        in_use: &'a PublishedFramework,
        others: impl Iterator<Item = &'a Arc<PublishedFramework>>,
    ) -> Self {
        Self(iter::once(in_use).chain(others.map(Arc::as_ref)).map(|framework| &framework.document).collect())
    }

    /// The name of a line; its code when no framework at hand has it, as a note may be about such a line.
    fn line(&self, code: &'a str) -> &'a str {
        let mut lines = self.0.iter().flat_map(|document| &document.areas).flat_map(|area| &area.lines);
        lines.find(|line| line.code.as_str() == code).map_or(code, |line| &line.title)
    }

    /// The name of a scale.
    fn scale(&self, code: &'a str) -> &'a str {
        let mut scales = self.0.iter().flat_map(|document| &document.scales);
        scales.find(|scale| scale.code.as_str() == code).map_or(code, |scale| &scale.title)
    }
}
