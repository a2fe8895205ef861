//! A framework arranged for reading.

use std::collections::HashMap;

use super::{FrameworkDocument, Line, LineCode, MilestoneCode, Scale, ScaleCode};

/// A published framework, arranged for looking up what registrations and notes refer to. It owns what it
/// needs, so that it can be built once and shared by every request. The default one holds nothing.
#[derive(Debug, Default)]
pub struct FrameworkIndex {
    lines: Vec<IndexedLine>,
    scales: Vec<IndexedScale>,
    line_numbers: HashMap<LineCode, usize>,
    scale_numbers: HashMap<ScaleCode, usize>,
    milestones: HashMap<MilestoneCode, MilestonePlace>,
}

/// A development line and the ages its phases span.
#[derive(Debug)]
pub struct IndexedLine {
    code: LineCode,
    number: usize,
    phases: Vec<PhaseBand>,
}

/// A scale and the values its steps have.
#[derive(Debug)]
pub struct IndexedScale {
    code: ScaleCode,
    number: usize,
    values: Vec<u8>,
}

/// The ages a phase spans, in completed months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhaseBand {
    /// The first month of the phase.
    pub from_month: u16,
    /// The first month of the next one.
    pub to_month: u16,
}

/// Where in the framework a milestone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MilestonePlace {
    /// Number of the line in [`FrameworkIndex::lines`].
    pub line: usize,
    /// The phase on that line.
    pub phase: PhaseBand,
}

impl FrameworkIndex {
    /// Arranges a document that [`FrameworkDocument::validate`] accepts. Of another one, parts with the same
    /// code hide each other.
    pub fn new(document: &FrameworkDocument) -> Self {
        let source: Vec<&Line> = document.lines().collect();
        let lines: Vec<_> =
            source.iter().enumerate().map(|(number, line)| IndexedLine::new(number, line)).collect();
        let scales: Vec<_> = document
            .scales
            .iter()
            .enumerate()
            .map(|(number, scale)| IndexedScale::new(number, scale))
            .collect();
        let milestones = source
            .iter()
            .enumerate()
            .flat_map(|(line, source)| source.phases.iter().map(move |phase| (line, phase)))
            .flat_map(|(line, phase)| {
                let place = MilestonePlace { line, phase: PhaseBand::from(phase) };
                phase.milestones.iter().map(move |milestone| (milestone.code.clone(), place))
            })
            .collect();
        Self {
            line_numbers: lines.iter().map(|line| (line.code.clone(), line.number)).collect(),
            scale_numbers: scales.iter().map(|scale| (scale.code.clone(), scale.number)).collect(),
            lines,
            scales,
            milestones,
        }
    }

    /// All development lines, in the order of the document.
    pub fn lines(&self) -> &[IndexedLine] {
        &self.lines
    }

    /// All scales, in the order of the document.
    pub fn scales(&self) -> &[IndexedScale] {
        &self.scales
    }

    /// The development line with this code.
    pub fn line(&self, code: &str) -> Option<&IndexedLine> {
        self.lines.get(*self.line_numbers.get(code)?)
    }

    /// The scale with this code.
    pub fn scale(&self, code: &str) -> Option<&IndexedScale> {
        self.scales.get(*self.scale_numbers.get(code)?)
    }

    /// Where the milestone with this code stands.
    pub fn milestone(&self, code: &str) -> Option<MilestonePlace> {
        self.milestones.get(code).copied()
    }
}

impl IndexedLine {
    fn new(number: usize, line: &Line) -> Self {
        Self { code: line.code.clone(), number, phases: line.phases.iter().map(PhaseBand::from).collect() }
    }

    /// The code of the line.
    pub fn code(&self) -> &LineCode {
        &self.code
    }

    /// Its place in [`FrameworkIndex::lines`].
    pub fn number(&self) -> usize {
        self.number
    }

    /// The phases, youngest first.
    pub fn phases(&self) -> &[PhaseBand] {
        &self.phases
    }

    /// The phase that begins at this age, which is how a registration names it.
    pub fn phase_from(&self, from_month: u16) -> Option<PhaseBand> {
        self.phases.iter().copied().find(|phase| phase.from_month == from_month)
    }
}

impl IndexedScale {
    fn new(number: usize, scale: &Scale) -> Self {
        Self { code: scale.code.clone(), number, values: scale.steps.iter().map(|step| step.value).collect() }
    }

    /// The code of the scale.
    pub fn code(&self) -> &ScaleCode {
        &self.code
    }

    /// Its place in [`FrameworkIndex::scales`].
    pub fn number(&self) -> usize {
        self.number
    }

    /// The values a child can be given, lowest first.
    pub fn values(&self) -> &[u8] {
        &self.values
    }
}

impl From<&super::Phase> for PhaseBand {
    fn from(phase: &super::Phase) -> Self {
        Self { from_month: phase.from_month, to_month: phase.to_month }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::children::framework::fixture;

    #[test]
    fn everything_in_the_document_is_found_by_its_code() {
        let document = fixture::document();
        let index = FrameworkIndex::new(&document);

        let lines: Vec<&Line> = document.areas.iter().flat_map(|area| &area.lines).collect();
        assert_eq!(index.lines().len(), lines.len());
        for (number, line) in lines.into_iter().enumerate() {
            let indexed = index.line(line.code.as_str()).unwrap();
            assert_eq!((indexed.code(), indexed.number()), (&line.code, number));
            assert_eq!(indexed.phases().len(), line.phases.len());
            for phase in &line.phases {
                let band = PhaseBand::from(phase);
                assert_eq!(indexed.phase_from(phase.from_month), Some(band));
                for milestone in &phase.milestones {
                    let place = MilestonePlace { line: number, phase: band };
                    assert_eq!(index.milestone(milestone.code.as_str()), Some(place));
                }
            }
        }
        let scale = index.scale("well-being").unwrap();
        assert_eq!(
            (scale.code().as_str(), scale.number(), scale.values()),
            ("well-being", 0, &[1, 2, 3, 4, 5][..])
        );
        assert_eq!(index.scales().len(), 1);
    }

    #[test]
    fn what_the_document_lacks_is_not_found() {
        let index = FrameworkIndex::new(&fixture::document());
        assert!(index.line("well-being").is_none());
        assert!(index.scale("spoken-language").is_none());
        assert!(index.milestone("spoken-language").is_none());
        assert!(index.line("spoken-language").unwrap().phase_from(7).is_none());
    }
}
