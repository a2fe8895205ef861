//! What holds of the frameworks that come along, and that a version continues the one before it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{FrameworkDocument, Locale};

const FIRST: [&str; 2] = [
    include_str!("../../../../frameworks/groeilijn-basis-0-7/v1.nl.json"),
    include_str!("../../../../frameworks/groeilijn-basis-0-7/v1.en.json"),
];
const SECOND: [&str; 2] = [
    include_str!("../../../../frameworks/groeilijn-basis-0-7/v2.nl.json"),
    include_str!("../../../../frameworks/groeilijn-basis-0-7/v2.en.json"),
];
const EARLY: [&str; 2] = [
    include_str!("../../../../frameworks/groeilijn-early-0-4/v1.nl.json"),
    include_str!("../../../../frameworks/groeilijn-early-0-4/v1.en.json"),
];
const DROPPED_BY_SECOND: &str = include_str!("../../../../frameworks/groeilijn-basis-0-7/v2.dropped.json");

/// The milestones of the version before that have no successor, each with the reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DroppedList {
    version: u32,
    dropped: Vec<Dropped>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dropped {
    code: String,
    reason: String,
}

fn read(text: &str) -> FrameworkDocument {
    serde_json::from_str(text).unwrap()
}

/// The newest version of each framework that comes along, in Dutch and English.
fn newest() -> [[FrameworkDocument; 2]; 2] {
    [SECOND.map(read), EARLY.map(read)]
}

fn codes(document: &FrameworkDocument) -> BTreeSet<&str> {
    document.milestones().map(|milestone| milestone.code.as_str()).collect()
}

/// Each code of the version before that is replaced, with how often.
fn replaced(document: &FrameworkDocument) -> BTreeMap<&str, usize> {
    let named = document.milestones().flat_map(|milestone| milestone.replaces.iter().flatten());
    named.fold(BTreeMap::new(), |mut times, code| {
        *times.entry(code.as_str()).or_default() += 1;
        times
    })
}

/// Everything people read in a document, each text at its place.
fn texts(document: &FrameworkDocument) -> Vec<(String, &str)> {
    let mut texts = vec![
        ("title".to_owned(), document.title.as_str()),
        ("description".into(), document.description.as_str()),
    ];
    for scale in &document.scales {
        texts.extend([
            (scale.code.to_string(), scale.title.as_str()),
            (scale.code.to_string(), scale.description.as_str()),
        ]);
        texts.extend(
            scale.steps.iter().map(|step| (format!("{}/{}", scale.code, step.value), step.label.as_str())),
        );
    }
    for area in &document.areas {
        texts.push((area.code.to_string(), area.title.as_str()));
    }
    for line in document.lines() {
        texts.extend([
            (line.code.to_string(), line.title.as_str()),
            (line.code.to_string(), line.description.as_str()),
        ]);
    }
    texts.extend(document.milestones().map(|it| (it.code.to_string(), it.text.as_str())));
    texts
}

/// A document without what differs between languages.
fn without_texts(mut document: FrameworkDocument) -> FrameworkDocument {
    document.locale = Locale::Nl;
    document.title.clear();
    document.description.clear();
    for scale in &mut document.scales {
        scale.title.clear();
        scale.description.clear();
        scale.steps.iter_mut().for_each(|step| step.label.clear());
    }
    for area in &mut document.areas {
        area.title.clear();
        for line in &mut area.lines {
            line.title.clear();
            line.description.clear();
            for milestone in line.phases.iter_mut().flat_map(|phase| &mut phase.milestones) {
                milestone.text.clear();
                milestone.source = milestone.source.take().map(|_| String::new());
            }
        }
    }
    document
}

#[test]
fn every_shipped_framework_hangs_together_and_is_the_same_in_both_languages() {
    for [dutch, english] in [FIRST.map(read)].into_iter().chain(newest()) {
        assert_eq!((dutch.locale, english.locale), (Locale::Nl, Locale::En));
        assert_eq!((dutch.validate(), english.validate()), (Ok(()), Ok(())));
        assert_eq!(without_texts(dutch), without_texts(english));
    }
}

#[test]
fn no_text_stands_twice_in_a_document() {
    for document in newest().into_iter().flatten() {
        let mut seen = BTreeMap::new();
        for (at, text) in texts(&document) {
            let before = seen.insert(text.to_lowercase(), at.clone());
            assert_eq!(before, None, "{} {at}: {text}", document.locale.code());
        }
    }
}

#[test]
fn quotes_are_of_one_kind() {
    for document in newest().into_iter().flatten() {
        for (at, text) in texts(&document) {
            assert!(!text.contains(['\'', '"', '“', '”', '„']), "{at}: {text}");
            assert!(text.matches('‘').count() <= text.matches('’').count(), "{at}: {text}");
        }
    }
}

#[test]
fn each_milestone_says_where_its_age_comes_from() {
    for document in newest().into_iter().flatten() {
        let silent: Vec<_> =
            document.milestones().filter(|it| it.source.is_none()).map(|it| &it.code).collect();
        assert!(silent.is_empty(), "{silent:?}");
    }
}

#[test]
fn c025_c026_the_basis_has_quarters_in_the_first_year_and_half_years_up_to_eight() {
    let document = read(SECOND[0]);
    assert_eq!(document.lines().count(), 17);
    for line in document.lines() {
        let last = line.phases.last().unwrap();
        assert_eq!(last.to_month, 96, "{}", line.code);
        for phase in &line.phases {
            let months = if phase.from_month < 12 { 3 } else { 6 };
            assert_eq!(phase.to_month - phase.from_month, months, "{}", line.code);
            assert!((2..=6).contains(&phase.milestones.len()), "{} {}", line.code, phase.from_month);
        }
    }
}

/// A framework of another shape: a judgement of two steps for each area, and few milestones a year.
#[test]
fn c025_c026_the_early_one_has_a_year_in_each_phase_and_two_steps_for_each_area() {
    let document = read(EARLY[0]);
    assert_eq!(document.scales.len(), document.areas.len());
    assert!(document.scales.iter().all(|scale| scale.steps.iter().map(|step| step.value).eq([1, 2])));
    for line in document.lines() {
        let years: Vec<_> = line.phases.iter().map(|phase| (phase.from_month, phase.to_month)).collect();
        assert_eq!(years, [(0, 12), (12, 24), (24, 36), (36, 48)]);
        assert!(line.phases.iter().all(|phase| phase.milestones.len() == 3));
    }
}

#[test]
fn c072_the_second_version_tells_what_became_of_each_milestone_of_the_first() {
    let (first, second) = (read(FIRST[0]), read(SECOND[0]));
    assert_eq!((&first.code, first.version + 1), (&second.code, second.version));
    let (before, now, replaced) = (codes(&first), codes(&second), replaced(&second));
    let list: DroppedList = serde_json::from_str(DROPPED_BY_SECOND).unwrap();
    assert_eq!(list.version, second.version);
    assert!(list.dropped.iter().all(|dropped| !dropped.reason.trim().is_empty()));
    let dropped: BTreeSet<_> = list.dropped.iter().map(|dropped| dropped.code.as_str()).collect();
    assert_eq!(dropped.len(), list.dropped.len());

    let unknown: Vec<_> = replaced.keys().chain(&dropped).filter(|code| !before.contains(*code)).collect();
    assert!(unknown.is_empty(), "not in the first version: {unknown:?}");
    for code in before {
        let became = [now.contains(code), replaced.contains_key(code), dropped.contains(code)];
        assert_eq!(became.into_iter().filter(|it| *it).count(), 1, "{code}");
        assert!(replaced.get(code).is_none_or(|times| *times == 1), "{code} is replaced twice");
    }
}

/// A line keeps its code from version to version, so that its trend goes on.
#[test]
fn the_second_version_keeps_every_line_and_scale() {
    let (first, second) = (read(FIRST[0]), read(SECOND[0]));
    let lines = |document: &FrameworkDocument| -> BTreeSet<_> {
        document.lines().map(|line| line.code.clone()).collect()
    };
    let added: Vec<_> = lines(&second).difference(&lines(&first)).map(ToString::to_string).collect();
    assert_eq!(added, ["logical-thinking"]);
    assert!(lines(&first).is_subset(&lines(&second)));
    let scales = |document: &FrameworkDocument| {
        document.scales.iter().map(|scale| scale.code.clone()).collect::<Vec<_>>()
    };
    assert_eq!(scales(&first), scales(&second));
}
