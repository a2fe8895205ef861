//! What holds for every file.

use std::fmt;

use proptest::prelude::*;
use serde::Serialize;

use super::school::{School, TODAY, file, group};
use crate::children::import::Outcome;
use crate::children::school_file::{FileGroup, FilePupil, SchoolFile};

/// Shows an invented record; real ones have no `Debug`.
#[derive(Clone)]
struct Shown<T>(T);

impl<T: Serialize> fmt::Debug for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(&self.0).unwrap())
    }
}

fn maybe(values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop::sample::select(values).prop_map(str::to_owned))
}

prop_compose! {
    fn any_pupil()(
        key in maybe(&["1", "2", "3", "4", "5", "111222333"]),
        eck_id in maybe(&["https://x.example/a", "https://x.example/b", "https://x.example/c", "x"]),
        first_name in maybe(&["Fien", "Daan", "Zoë"]),
        infix in maybe(&["van", "de"]),
        last_name in maybe(&["Verzonnen", "Bedacht"]),
        gender in maybe(&["1", "2", "9", "m", "j", "v", "q"]),
        birth_date in maybe(&["2022-03-04", "2021-12-31", "14-03-2020", "2015-01-01", "2027-01-01"]),
        vve in maybe(&["ja", "nee"]),
        group_key in maybe(&["a", "b", "c"]),
        placed_on in maybe(&["2026-09-01", "2025-09-01", "2027-03-01", "2029-01-01"]),
        left_on in prop::option::weighted(0.1, Just("2026-10-01".to_owned())),
    ) -> Shown<FilePupil> {
        Shown(FilePupil {
            key, eck_id, first_name, infix, last_name, gender, birth_date, vve, group_key, placed_on, left_on,
            ..FilePupil::default()
        })
    }
}

prop_compose! {
    fn any_file()(
        pupils in prop::collection::vec(any_pupil(), 0..12),
        names in prop::collection::vec(maybe(&["Groep 1", "Groep 2"]), 3),
        location in maybe(&["Oost", "West"]),
    ) -> Shown<SchoolFile> {
        let groups = ["a", "b", "c"].into_iter().zip(names).filter_map(|(key, name)| {
            Some(FileGroup { location: location.clone(), ..group(key, &name?) })
        });
        Shown(file(groups.collect(), pupils.into_iter().map(|pupil| pupil.0).collect()))
    }
}

proptest! {
    #[test]
    fn a_file_that_was_carried_out_has_nothing_more_to_do(Shown(before) in any_file(), Shown(file) in any_file()) {
        let mut school = School::default();
        school.import(&before);
        let once = school.import(&file);
        let again = school.import(&file);
        for (first, second) in once.lines.iter().zip(&again.lines) {
            prop_assert!(second.action.is_none(), "{:?} after {:?}", second.outcome, first.outcome);
            if first.outcome == Outcome::Change {
                prop_assert_eq!(second.outcome, Outcome::Unchanged);
            }
        }
    }

    #[test]
    fn a_plan_is_the_same_every_time(Shown(before) in any_file(), Shown(file) in any_file()) {
        let mut school = School::default();
        school.import(&before);
        prop_assert!(school.plan(&file, TODAY) == school.plan(&file, TODAY));
    }
}
