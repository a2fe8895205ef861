//! A small, made-up framework for tests.

use super::{
    Area, FrameworkCode, FrameworkDocument, FrameworkIndex, Line, LineCode, Locale, Milestone, MilestoneCode,
    Phase, Scale, ScaleCode, Step,
};

/// Three lines in two areas, each with sixteen phases of six months and two milestones a phase
/// (`spoken-language.6-12.1`), and one scale (`well-being`, 1 to 5).
pub(crate) fn document() -> FrameworkDocument {
    FrameworkDocument {
        code: FrameworkCode::parse("example").unwrap(),
        version: 1,
        locale: Locale::Nl,
        title: "Voorbeeldlijst".into(),
        description: String::new(),
        scales: vec![Scale {
            code: ScaleCode::parse("well-being").unwrap(),
            title: "Welbevinden".into(),
            description: "Hoe het kind erbij zit.".into(),
            steps: (1..=5).map(|value| Step { value, label: format!("Stap {value}") }).collect(),
        }],
        areas: vec![area("language", &["spoken-language", "early-reading"]), area("motor", &["gross-motor"])],
    }
}

/// The index of [`document`].
pub(crate) fn index() -> FrameworkIndex {
    FrameworkIndex::new(&document())
}

fn area(code: &str, lines: &[&str]) -> Area {
    Area {
        code: super::AreaCode::parse(code).unwrap(),
        title: format!("Gebied {code}"),
        lines: lines.iter().map(|code| line(code)).collect(),
    }
}

fn line(code: &str) -> Line {
    Line {
        code: LineCode::parse(code).unwrap(),
        title: format!("Lijn {code}"),
        description: String::new(),
        phases: (0..96).step_by(6).map(|from_month| phase(code, from_month, from_month + 6)).collect(),
    }
}

fn phase(line: &str, from_month: u16, to_month: u16) -> Phase {
    let milestone = |number| Milestone {
        code: MilestoneCode::parse(&format!("{line}.{from_month}-{to_month}.{number}")).unwrap(),
        text: format!("Doet iets van {from_month} maanden, {number}."),
        source: None,
        replaces: None,
    };
    Phase { from_month, to_month, milestones: vec![milestone(1), milestone(2)] }
}
