//! The overview of a group: every child's latest registration side by side.

use std::ops::Range;

use serde::Serialize;

use super::by_code::ByCode;
use super::{Level, Position, RegistrationMoment};
use crate::children::framework::{FrameworkIndex, IndexedLine};
use crate::children::registration::{LineJudgement, LineJudgements};
use crate::values::calendar::HalfYear;
use crate::values::ids::PupilId;

/// A child of the group.
pub struct GroupChild<'a> {
    /// The child.
    pub pupil: PupilId,
    /// Whether it is of an age at which it is registered.
    pub followed: bool,
    /// The last final registration, if there ever was one.
    pub latest: Option<LatestRegistration<'a>>,
}

/// A child's last final registration.
pub struct LatestRegistration<'a> {
    /// Which one, and when.
    pub moment: RegistrationMoment,
    /// The version of the framework that it was made with.
    pub framework: &'a FrameworkIndex,
    /// What it says of the lines.
    pub lines: LineJudgements<'a>,
}

/// Where the children of a group are, side by side (C028), and who is still to be registered (C027).
pub struct GroupOverview<'a> {
    /// Every line of the framework in use, then lines of older versions that a child was judged on.
    pub lines: Vec<LineSummary<'a>>,
    /// Every child, in the order given.
    pub children: Vec<ChildRow>,
    /// The children of an age to be registered without a final registration in this half-year (C027), in the order given.
    pub without_registration: Vec<PupilId>,
    /// The cells of all children, one child after another: one allocation for the whole group.
    cells: Vec<LineCell<'a>>,
}

/// How the group does on one line. Each child counts with its latest final registration.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase")]
pub struct LineSummary<'a> {
    /// Code of the line.
    pub line: &'a str,
    /// Children ahead of their age; see [`Level`].
    pub ahead: u32,
    /// Children at the level of their age.
    pub at_level: u32,
    /// Children behind their age.
    pub behind: u32,
    /// Children who need extra attention on this line (C025).
    pub attention: u32,
}

/// One child in the overview; its cells come from [`GroupOverview::rows`].
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct ChildRow {
    /// The child.
    pub pupil: PupilId,
    /// The registration that the cells come from.
    pub registration: Option<RegistrationMoment>,
    /// Whether that registration is of this half-year (C027); a draft never counts.
    pub registered_this_half_year: bool,
    cells: Range<usize>,
}

/// What a child's latest registration says of one line.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase")]
pub struct LineCell<'a> {
    /// Code of the line.
    pub line: &'a str,
    /// Where the child is; absent when only the attention flag was judged.
    pub position: Option<Position>,
    /// Whether the line needs extra attention (C025).
    pub attention: bool,
}

#[derive(Default)]
struct Counts {
    ahead: u32,
    at_level: u32,
    behind: u32,
    attention: u32,
}

impl<'a> GroupOverview<'a> {
    /// The overview of `children` in the half-year `half_year`, arranged by `framework`, the version in use.
    pub fn new(framework: &'a FrameworkIndex, half_year: HalfYear, children: &[GroupChild<'a>]) -> Self {
        let mut counts = ByCode::<Counts>::new(framework.lines().iter().map(|line| line.code().as_str()));
        let mut cells = Vec::with_capacity(children.len() * framework.lines().len());
        let mut rows = Vec::with_capacity(children.len());
        for child in children {
            let start = cells.len();
            if let Some(latest) = &child.latest {
                cells.extend(
                    latest.lines.iter().map(|(code, judgement)| latest.cell(&mut counts, code, judgement)),
                );
            }
            let registration = child.latest.as_ref().map(|latest| latest.moment);
            rows.push(ChildRow {
                pupil: child.pupil,
                registration,
                registered_this_half_year: registration.is_some_and(|moment| moment.half_year == half_year),
                cells: start..cells.len(),
            });
        }
        Self {
            lines: counts.into_iter().map(|(line, counts)| counts.summary(line)).collect(),
            without_registration: rows
                .iter()
                .zip(children)
                .filter(|(row, child)| child.followed && !row.registered_this_half_year)
                .map(|(row, _)| row.pupil)
                .collect(),
            children: rows,
            cells,
        }
    }

    /// Each child with its cells, in the order of the line codes; none for a child never registered.
    pub fn rows(&self) -> impl Iterator<Item = (&ChildRow, &[LineCell<'a>])> {
        self.children.iter().map(|row| (row, self.cells.get(row.cells.clone()).unwrap_or_default()))
    }
}

impl<'a> LatestRegistration<'a> {
    fn cell(
        &self,
        counts: &mut ByCode<'a, Counts>,
        code: &'a str,
        judgement: &LineJudgement,
    ) -> LineCell<'a> {
        let line = self.framework.line(code);
        let position = line.and_then(|line| Position::of(line, judgement, self.moment.age_months));
        let cell = LineCell { line: code, position, attention: judgement.attention };
        counts.update(code, line.map(IndexedLine::number), |counts| counts.add(&cell));
        cell
    }
}

impl Counts {
    fn add(&mut self, cell: &LineCell<'_>) {
        match cell.position.map(|position| position.level) {
            Some(Level::Ahead) => self.ahead += 1,
            Some(Level::AtLevel) => self.at_level += 1,
            Some(Level::Behind) => self.behind += 1,
            None => {}
        }
        self.attention += u32::from(cell.attention);
    }

    fn summary(self, line: &str) -> LineSummary<'_> {
        let Self { ahead, at_level, behind, attention } = self;
        LineSummary { line, ahead, at_level, behind, attention }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use uuid::Uuid;

    use super::*;
    use crate::children::framework::fixture;
    use crate::values::ids::RegistrationId;

    const THIS_HALF_YEAR: Date = date(2026, 10, 5);
    const BEFORE: Date = date(2026, 6, 5);

    fn pupil(number: u128) -> PupilId {
        PupilId::from_uuid(Uuid::from_u128(number))
    }

    fn child<'a>(
        number: u128,
        on: Date,
        age_months: u16,
        framework: &'a FrameworkIndex,
        json: &'a str,
    ) -> GroupChild<'a> {
        let moment = RegistrationMoment {
            registration: RegistrationId::from_uuid(Uuid::from_u128(100 + number)),
            date: on,
            half_year: HalfYear::containing(on),
            age_months,
            corrected_age_months: None,
        };
        let lines = serde_json::from_str(json).unwrap();
        let latest = Some(LatestRegistration { moment, framework, lines });
        GroupChild { pupil: pupil(number), followed: true, latest }
    }

    #[test]
    fn c028_children_side_by_side() {
        let framework = fixture::index();
        let children = [
            child(
                1,
                THIS_HALF_YEAR,
                50,
                &framework,
                r#"{"lines":{
                "gross-motor":{"phaseFromMonth":54,"completeness":"begun"},
                "spoken-language":{"phaseFromMonth":42,"completeness":"partly","attention":true}}}"#,
            ),
            child(
                2,
                BEFORE,
                47,
                &framework,
                r#"{"lines":{
                "gross-motor":{"phaseFromMonth":42,"completeness":"begun"},
                "spoken-language":{"attention":true}}}"#,
            ),
            GroupChild { pupil: pupil(3), followed: true, latest: None },
        ];
        let overview = GroupOverview::new(&framework, HalfYear::containing(THIS_HALF_YEAR), &children);

        let summary = |line, ahead, at_level, behind, attention| LineSummary {
            line,
            ahead,
            at_level,
            behind,
            attention,
        };
        assert_eq!(
            overview.lines,
            [
                summary("spoken-language", 0, 0, 1, 2),
                summary("early-reading", 0, 0, 0, 0),
                summary("gross-motor", 1, 1, 0, 0),
            ]
        );
        let position = |months, difference_months, level| Some(Position { months, difference_months, level });
        let rows: Vec<_> = overview.rows().map(|(row, cells)| (row.pupil, cells.to_vec())).collect();
        let cell = |line, position, attention| LineCell { line, position, attention };
        assert_eq!(
            rows,
            [
                (
                    pupil(1),
                    vec![
                        cell("gross-motor", position(54, 4, Level::Ahead), false),
                        cell("spoken-language", position(45, -5, Level::Behind), true),
                    ]
                ),
                (
                    pupil(2),
                    vec![
                        cell("gross-motor", position(42, -5, Level::AtLevel), false),
                        cell("spoken-language", None, true),
                    ]
                ),
                (pupil(3), vec![]),
            ]
        );
    }

    #[test]
    fn c027_who_is_not_registered_this_half_year() {
        let framework = fixture::index();
        let children = [
            child(1, BEFORE, 47, &framework, "{}"),
            child(2, THIS_HALF_YEAR, 50, &framework, "{}"),
            GroupChild { pupil: pupil(3), followed: true, latest: None },
            GroupChild { pupil: pupil(4), followed: false, latest: None },
        ];
        let overview = GroupOverview::new(&framework, HalfYear::containing(THIS_HALF_YEAR), &children);
        assert_eq!(overview.without_registration, [pupil(1), pupil(3)]);
        let registered: Vec<_> = overview.children.iter().map(|row| row.registered_this_half_year).collect();
        assert_eq!(registered, [false, true, false, false]);
        assert!(overview.children[0].registration.is_some());
    }
}
