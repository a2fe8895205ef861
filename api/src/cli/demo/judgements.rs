//! What a teacher might judge of a child.

use std::collections::BTreeMap;

use groeilijn_domain::children::framework::{FrameworkDocument, IndexedLine, MilestoneCode};
use groeilijn_domain::children::registration::{Completeness, Judgements, LineJudgement, MilestoneState};
use groeilijn_persistence::Result;
use groeilijn_persistence::children::framework::PublishedFramework;
use rand::rngs::StdRng;

use super::names::pick;

/// Milestones that one registration judges.
const MILESTONES: usize = 20;

/// Judgements that suit a child of `age` months: on most lines near its age, on some ahead or behind.
pub(super) fn judgements(
    framework: &PublishedFramework,
    age: u16,
    random: &mut StdRng,
) -> Result<Judgements> {
    let mut judged = Judgements::default();
    for scale in framework.index.scales() {
        judged.scales.insert(scale.code().clone(), *pick(scale.values(), random)?);
    }
    for line in framework.index.lines() {
        let lag = *pick(&[0_u16, 0, 0, 0, 6, 12], random)?;
        if let Some(judgement) = line_judgement(line, age.saturating_sub(lag), lag, random)? {
            judged.lines.insert(line.code().clone(), judgement);
        }
    }
    judged.milestones = milestones(&framework.document, age, random)?;
    Ok(judged)
}

/// Nothing for a child who is too young for the line.
fn line_judgement(
    line: &IndexedLine,
    level: u16,
    lag: u16,
    random: &mut StdRng,
) -> Result<Option<LineJudgement>> {
    let Some(phase) = line.phases().iter().rev().find(|phase| phase.from_month <= level) else {
        return Ok(None);
    };
    Ok(Some(LineJudgement {
        phase_from_month: Some(phase.from_month),
        completeness: Some(*pick(&Completeness::ALL, random)?),
        attention: lag >= 12,
    }))
}

fn milestones(
    framework: &FrameworkDocument,
    age: u16,
    random: &mut StdRng,
) -> Result<BTreeMap<MilestoneCode, MilestoneState>> {
    let phases = framework.areas.iter().flat_map(|area| &area.lines).flat_map(|line| &line.phases);
    let of_age = phases.filter(|phase| phase.from_month <= age && age < phase.to_month);
    let mut judged = BTreeMap::new();
    for milestone in of_age.flat_map(|phase| &phase.milestones).take(MILESTONES) {
        judged.insert(milestone.code.clone(), *pick(&MilestoneState::ALL, random)?);
    }
    Ok(judged)
}
