mod laws;
mod school;

use jiff::civil::date;
use uuid::Uuid;

use self::school::{School, TODAY, file, group, pupil, pupils_only, text};
use super::*;
use crate::children::placement::Placement;
use crate::children::school_file::{BrokenRow, FileFormat, FileGroup, FilePupil, parse};
use crate::values::ids::{GroupId, PupilId};
use crate::values::person::{Gender, PersonName};
use crate::values::text::{Infix, NamePart};

const EDEXML: &[u8] = include_bytes!("../../../../../samples/school.edexml.xml");
const TABLE: &[u8] = include_bytes!("../../../../../samples/school.csv");

fn sample(format: FileFormat) -> SchoolFile {
    let bytes = match format {
        FileFormat::Edexml => EDEXML,
        FileFormat::Csv | FileFormat::Xlsx => TABLE,
    };
    parse(format, bytes).ok().unwrap()
}

/// The only line of a plan, as its outcome and the codes of its reasons.
fn single(plan: &Plan) -> (Outcome, Vec<&'static str>) {
    assert_eq!(plan.lines.len(), 1);
    verdict(&plan.lines[0])
}

fn verdict(line: &PlanLine) -> (Outcome, Vec<&'static str>) {
    (line.outcome, line.reasons.iter().map(|reason| reason.code).collect())
}

fn first_plan(pupil: FilePupil) -> (Outcome, Vec<&'static str>) {
    single(&School::default().plan(&pupils_only(vec![pupil]), TODAY))
}

#[test]
fn c030_who_may_be_there_is_proposed_and_somebody_says_whether_it_is_the_same_child() {
    let mut school = School::default();
    school.import(&pupils_only(vec![FilePupil { key: None, ..pupil("") }]));
    let stored = school.pupils[0].0;
    let file = pupils_only(vec![
        pupil("K1"),
        FilePupil { first_name: text("Daan"), ..pupil("K2") },
        FilePupil { key: None, ..pupil("") },
    ]);
    let asked = school.plan(&file, TODAY);
    let proposed: Vec<_> =
        asked.lines.iter().map(|line| (line.number, line.outcome, line.proposed.clone())).collect();
    assert_eq!(
        proposed,
        [
            (1, Outcome::LeaveAlone, vec![stored]),
            (2, Outcome::Create, vec![]),
            (3, Outcome::LeaveAlone, vec![stored]),
        ]
    );
    let with = |same, other| school.plan_with(&file, &Answers { same, other }, TODAY);
    let same = with(vec![(1, stored)], vec![(3, vec![stored])]);
    assert_eq!(same.lines[0].changed_fields, [field::SCHOOL_KEY]);
    assert_eq!(same.lines[2].outcome, Outcome::Create);
    // Both cannot be the same child, and one who is gone is nobody.
    let both = with(vec![(1, stored), (3, stored)], vec![]);
    assert_eq!(verdict(&both.lines[0]), (Outcome::Refuse, vec!["same-pupil-twice"]));
    let gone = with(vec![(1, PupilId::from_uuid(Uuid::max()))], vec![]);
    assert_eq!(verdict(&gone.lines[0]), (Outcome::Refuse, vec!["answer-outdated"]));
    // That it is another child was said of those who were there.
    let others = with(vec![], vec![(3, vec![])]);
    assert_eq!(others.lines[2].outcome, Outcome::LeaveAlone);
    // A child who was renamed meanwhile, or got a number, is not overwritten.
    let mut renamed = School::default();
    renamed.import(&pupils_only(vec![FilePupil { key: None, first_name: text("Nora"), ..pupil("") }]));
    let answers = Answers { same: vec![(1, renamed.pupils[0].0)], other: vec![] };
    let outdated = renamed.plan_with(&file, &answers, TODAY);
    assert_eq!(verdict(&outdated.lines[0]), (Outcome::Refuse, vec!["answer-outdated"]));
    // A number that differs tells two children apart.
    let mut keyed = School::default();
    keyed.import(&pupils_only(vec![pupil("K9")]));
    assert_eq!(keyed.plan(&file, TODAY).lines[0].outcome, Outcome::Create);
}

#[test]
fn who_is_in_a_group_and_in_no_record_is_missing() {
    let mut school = School::default();
    let placed =
        |key: &str, name: &str| FilePupil { group_key: text("a"), first_name: text(name), ..pupil(key) };
    let groups = || vec![group("a", "Groep 1")];
    let first = school.import(&file(groups(), vec![placed("1", "Fien"), placed("2", "Daan"), pupil("3")]));
    assert!(first.missing.is_empty());
    let second = school.plan(&file(groups(), vec![placed("1", "Fien")]), TODAY);
    assert_eq!(second.missing, [school.pupils[1].0], "who is in no group is not missed");
}

#[test]
fn a_file_of_another_school_is_told_by_its_brin() {
    let told = |of, own: &str| {
        let own: Vec<_> = own.split(' ').filter_map(|own| Brin::parse(own).ok()).collect();
        is_of_other_school(of, &own)
    };
    assert!(!told(Some("99ZZ00"), "99ZZ"));
    assert!(!told(Some("99zz"), "99ZZ01"));
    assert!(told(Some("99ZZ02"), "99ZZ01"));
    assert!(told(Some("98ZZ00"), "99ZZ"));
    assert!(!told(Some("98ZZ00"), "99ZZ 98ZZ"), "a board has more than one school");
    assert_eq!([told(Some("?"), "99ZZ"), told(None, "99ZZ"), told(Some("99ZZ"), "?")], [false; 3]);
    assert!(check_school(true, true).is_ok() && check_school(false, false).is_ok());
    assert_eq!(check_school(true, false).unwrap_err().code, "other-school-not-confirmed");
}

#[test]
fn c023_the_samples_are_taken_over_and_a_second_time_nothing_changes() {
    for format in [FileFormat::Edexml, FileFormat::Csv] {
        let (mut school, file) = (School::default(), sample(format));
        let plan = school.import(&file);
        assert_eq!(plan.counts(RecordKind::Group), Counts { create: 3, ..Counts::default() });
        let expected = Counts { create: 11, leave_alone: 1, ..Counts::default() };
        assert_eq!(plan.counts(RecordKind::Pupil), expected);
        assert_eq!(verdict(plan.lines.last().unwrap()), (Outcome::LeaveAlone, vec!["left-the-school"]));
        let again = school.import(&file);
        assert_eq!(again.counts(RecordKind::Group), Counts { unchanged: 3, ..Counts::default() });
        let expected = Counts { unchanged: 11, leave_alone: 1, ..Counts::default() };
        assert_eq!(again.counts(RecordKind::Pupil), expected);
        assert_eq!(plan.dropped, file.dropped);
    }
}

#[test]
fn a_table_adds_to_what_edexml_said() {
    let mut school = School::default();
    school.import(&sample(FileFormat::Edexml));
    let plan = school.import(&sample(FileFormat::Csv));
    assert_eq!(plan.counts(RecordKind::Group).unchanged, 3);
    assert_eq!(plan.counts(RecordKind::Pupil).change, 11);
    let noor = plan.lines.iter().find(|line| line.record == RecordKind::Pupil).unwrap();
    assert_eq!(noor.changed_fields, [field::HOME_LANGUAGE, field::VVE, field::DAY_PARTS_PER_WEEK]);
    assert_eq!(school.import(&sample(FileFormat::Edexml)).counts(RecordKind::Pupil).unchanged, 11);
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let raw = FilePupil {
        key: text("111222333"),
        first_name: text("111222333"),
        infix: text(&"x".repeat(30)),
        gender: text("q"),
        vve: text("q"),
        day_parts_per_week: text("99"),
        home_language: text("Nederlands"),
        eck_id: text("x"),
        placed_on: text("q"),
        group_key: text("unknown"),
        ..FilePupil::default()
    };
    let plan = School::default().plan(&pupils_only(vec![raw]), TODAY);
    let fields: Vec<_> = plan.lines[0].reasons.iter().filter_map(|reason| reason.field).collect();
    let mut expected = vec![
        field::FIRST_NAME,
        field::INFIX,
        field::GENDER,
        field::HOME_LANGUAGE,
        field::VVE,
        field::DAY_PARTS_PER_WEEK,
        field::ECK_ID,
        field::SCHOOL_KEY,
        field::PLACED_ON,
    ];
    expected.extend([field::GROUP, field::LAST_NAME, field::BIRTH_DATE]);
    assert_eq!(fields, expected);
    assert_eq!(plan.lines[0].outcome, Outcome::Refuse);
}

#[test]
fn c030_a_citizen_service_number_is_refused_wherever_it_stands() {
    let raws = [
        FilePupil { eck_id: text("https://x.example/111222333"), ..pupil("1") },
        FilePupil { first_name: text("111222333"), ..pupil("1") },
        FilePupil { infix: text("111.222.333"), ..pupil("1") },
        FilePupil { last_name: text("1112 22 333"), ..pupil("1") },
        FilePupil { particulars: text("Het nummer is 111222333."), ..pupil("1") },
        pupil("111222333"),
    ];
    for raw in raws {
        assert_eq!(first_plan(raw), (Outcome::Refuse, vec!["bsn"]));
    }
    let groups = vec![group("111222333", "Groep 1"), group("g", "111222333")];
    let plan = School::default().plan(&file(groups, Vec::new()), TODAY);
    assert_eq!(plan.counts(RecordKind::Group).refuse, 2);
}

#[test]
fn c026_who_is_too_old_or_has_left_is_left_alone() {
    let born = |day: &str| FilePupil { birth_date: text(day), ..pupil("1") };
    assert_eq!(first_plan(born("2018-11-21")), (Outcome::LeaveAlone, vec!["older-than-seven"]));
    assert_eq!(first_plan(born("2018-11-22")), (Outcome::Create, vec![]));
    assert_eq!(first_plan(born("2026-11-22")), (Outcome::Refuse, vec!["in-the-future"]));
    let left = |day: &str| FilePupil { left_on: text(day), ..pupil("1") };
    assert_eq!(first_plan(left("2026-11-20")), (Outcome::LeaveAlone, vec!["left-the-school"]));
    assert_eq!(first_plan(left("2026-11-21")), (Outcome::Create, vec![]));
    let older_and_wrong = FilePupil { vve: text("q"), first_name: None, ..born("2015-01-01") };
    assert_eq!(first_plan(older_and_wrong), (Outcome::LeaveAlone, vec!["older-than-seven"]));
}

#[test]
fn c105_a_departure_that_a_file_states_ends_the_placement() {
    let with = |left_on: Option<&str>| {
        let raw = FilePupil { group_key: text("g"), left_on: left_on.and_then(text), ..pupil("1") };
        file(vec![group("g", "Groep 1")], vec![raw])
    };
    for day in ["2026-11-20", "2026-11-21", "2027-03-01"] {
        let mut school = School::default();
        school.import(&with(None));
        let line = school.import(&with(Some(day))).lines.pop().unwrap();
        assert_eq!((line.outcome, line.changed_fields), (Outcome::Change, vec![field::LEFT_ON]), "{day}");
        let last_day: Date = day.parse().unwrap();
        let stay = *school.pupils[0].3.last().unwrap();
        assert_eq!((school.pupils[0].4, stay.ended_on), (Some(last_day), last_day.tomorrow().ok()));
        let again = school.plan(&with(Some(day)), TODAY).lines.pop().unwrap();
        assert_eq!(again.outcome, Outcome::Unchanged, "{day}");
        // Another day does not replace what is known, which may have been put right by hand.
        let other = school.plan(&with(Some("2027-01-15")), TODAY).lines.pop().unwrap();
        assert_eq!(other.action.map(drop), None, "{day}");
    }
    let mut school = School::default();
    school.import(&with(None));
    let before_it_came = school.plan(&with(Some("2026-07-31")), TODAY).lines.pop().unwrap();
    assert_eq!(verdict(&before_it_came), (Outcome::LeaveAlone, vec!["left-the-school"]));
}

#[test]
fn doubles_within_the_file_are_both_refused() {
    let eck = |key: &str, id: &str| FilePupil { eck_id: text(id), ..pupil(key) };
    let pupils = vec![
        pupil("1"),
        pupil("1"),
        eck("2", "https://x.example/a"),
        eck("3", "https://x.example/a"),
        eck("4", "https://x.example/b"),
    ];
    let plan = School::default().plan(&pupils_only(pupils), TODAY);
    let codes: Vec<_> = plan.lines.iter().map(|line| verdict(line).1.first().copied()).collect();
    assert_eq!(
        codes,
        [Some("double-key"), Some("double-key"), Some("double-eck-id"), Some("double-eck-id"), None]
    );
}

#[test]
fn c030_a_pupil_is_recognised_by_eck_id_then_key_and_never_by_name() {
    let eck = |key: Option<&str>, id: Option<&str>| FilePupil {
        key: key.map(str::to_owned),
        eck_id: id.map(|id| format!("https://x.example/{id}")),
        ..pupil("")
    };
    let mut school = School::default();
    school.import(&pupils_only(vec![eck(Some("1"), Some("a")), eck(Some("2"), None)]));
    let planned = |raw: FilePupil| single(&school.plan(&pupils_only(vec![raw]), TODAY));
    assert_eq!(planned(eck(Some("1"), Some("a"))), (Outcome::Unchanged, vec![]));
    assert_eq!(planned(eck(None, Some("a"))), (Outcome::Unchanged, vec![]));
    assert_eq!(planned(eck(Some("1"), None)), (Outcome::Unchanged, vec![]));
    assert_eq!(planned(eck(Some("9"), Some("a"))), (Outcome::Change, vec![]));
    assert_eq!(planned(eck(Some("2"), Some("b"))), (Outcome::Change, vec![]));
    assert_eq!(planned(eck(Some("1"), Some("b"))), (Outcome::Refuse, vec!["conflicting-identity"]));
    assert_eq!(planned(eck(Some("2"), Some("a"))), (Outcome::Refuse, vec!["conflicting-identity"]));
    assert_eq!(planned(eck(Some("9"), Some("b"))), (Outcome::Create, vec![]));
    assert_eq!(planned(eck(None, None)), (Outcome::LeaveAlone, vec!["may-exist-already"]));
    let other_child = FilePupil { first_name: text("Daan"), birth_date: text("2021-01-01"), ..pupil("2") };
    assert_eq!(planned(other_child), (Outcome::Refuse, vec!["conflicting-identity"]));
    let both = vec![eck(Some("1"), None), eck(None, Some("a"))];
    let plan = school.plan(&pupils_only(both), TODAY);
    assert!(plan.lines.iter().all(|line| verdict(line) == (Outcome::Refuse, vec!["same-pupil-twice"])));
}

#[test]
fn c023_the_year_level_is_taken_over_and_other_codes_say_nothing() {
    let mut school = School::default();
    school.import(&pupils_only(vec![FilePupil { year_level: text("2"), ..pupil("1") }]));
    let planned = |level: &str| {
        let raw = FilePupil { key: text("1"), year_level: text(level), ..FilePupil::default() };
        school.plan(&pupils_only(vec![raw]), TODAY).lines.remove(0)
    };
    assert_eq!(planned("3").changed_fields, [field::YEAR_LEVEL]);
    for same in ["2", " 2 ", "C", "S", "0", "8", "groep 2"] {
        assert_eq!(planned(same).outcome, Outcome::Unchanged, "{same}");
    }
}

#[test]
fn what_the_file_does_not_say_stays() {
    let mut school = School::default();
    let full = FilePupil {
        infix: text("van"),
        gender: text("v"),
        home_language: text("nl"),
        vve: text("ja"),
        day_parts_per_week: text("4"),
        particulars: text("Houdt van puzzels."),
        ..pupil("1")
    };
    school.import(&pupils_only(vec![full]));
    let planned = |raw: FilePupil| school.plan(&pupils_only(vec![raw]), TODAY).lines.remove(0);
    let key_only = FilePupil { key: text("1"), ..FilePupil::default() };
    assert_eq!(planned(key_only.clone()).outcome, Outcome::Unchanged);
    assert_eq!(planned(FilePupil { gender: text("9"), ..key_only.clone() }).outcome, Outcome::Unchanged);
    let other_language = planned(FilePupil { home_language: text("fr"), ..key_only.clone() });
    assert_eq!(other_language.changed_fields, [field::HOME_LANGUAGE]);
    let renamed = planned(FilePupil { last_name: text("Bedacht"), ..key_only });
    assert_eq!(renamed.changed_fields, [field::INFIX, field::LAST_NAME]);
    let Some(Action::ChangePupil { fields, .. }) = renamed.action else { panic!("a change") };
    let name = PersonName {
        first: NamePart::parse("Fien").unwrap(),
        infix: None,
        last: NamePart::parse("Bedacht").unwrap(),
    };
    assert_eq!(fields.name, name);
    assert_eq!((fields.gender, fields.vve), (Gender::Female, Some(true)));
    assert_eq!(school.pupils[0].1.name.infix, Some(Infix::parse("van").unwrap()));
}

#[test]
fn groups_are_recognised_by_key_then_name_within_their_year() {
    let pupils = || vec![FilePupil { group_key: text("g"), ..pupil("1") }];
    let mut school = School::default();
    school.import(&file(vec![group("g", "Groep 1")], pupils()));
    let outcome = |school: &School, file: &SchoolFile| {
        let line = school.plan(file, TODAY).lines.remove(0);
        (line.outcome, line.changed_fields)
    };
    let renamed = file(vec![group("g", "Groep Rups")], pupils());
    assert_eq!(outcome(&school, &renamed), (Outcome::Change, vec![field::NAME]));
    let by_name = file(vec![FileGroup { school_key: None, ..group("g", "Groep 1") }], pupils());
    assert_eq!(outcome(&school, &by_name), (Outcome::Unchanged, vec![]));
    let placed_elsewhere =
        file(vec![FileGroup { location: text("Oost"), ..group("g", "Groep 1") }], pupils());
    assert_eq!(outcome(&school, &placed_elsewhere), (Outcome::Change, vec![field::LOCATION]));
    let other_school =
        file(vec![group("h", "Groep 1")], vec![FilePupil { group_key: text("h"), ..pupil("2") }]);
    assert_eq!(outcome(&school, &other_school).0, Outcome::Create);
    let next_year = SchoolFile { school_year: SchoolYear::parse("2027-2028").ok(), ..renamed };
    assert_eq!(outcome(&school, &next_year).0, Outcome::Create);

    school.groups[0].2 = None;
    let adopting = file(vec![group("g", "Groep 1")], pupils());
    assert_eq!(outcome(&school, &adopting), (Outcome::Change, vec![field::SCHOOL_KEY]));
    let mut twin = school.groups[0].clone();
    twin.0 = GroupId::from_uuid(Uuid::from_u128(99));
    school.groups.push(twin);
    assert_eq!(outcome(&school, &by_name).0, Outcome::Refuse);
}

#[test]
fn a_group_that_stays_empty_is_not_created() {
    let groups = vec![
        group("a", "Groep 1"),
        group("b", "Groep 7"),
        group("c", "Groep 1"),
        group("c", "Groep 2"),
        group("d", ""),
    ];
    let in_group = |key: &str, group: &str| FilePupil { group_key: text(group), ..pupil(key) };
    let older = FilePupil { birth_date: text("2016-01-01"), ..in_group("2", "b") };
    let pupils = vec![in_group("1", "a"), older, in_group("3", "c"), in_group("4", "d"), in_group("5", "e")];
    let plan = School::default().plan(&file(groups, pupils), TODAY);
    let verdicts: Vec<_> = plan.lines.iter().map(verdict).collect();
    assert_eq!(verdicts[0], (Outcome::Create, vec![]));
    assert_eq!(verdicts[1], (Outcome::LeaveAlone, vec!["no-pupil-to-place"]));
    assert_eq!(verdicts[2], (Outcome::Refuse, vec!["double-key"]));
    assert_eq!(verdicts[4], (Outcome::Refuse, vec!["empty"]));
    assert_eq!(verdicts[7], (Outcome::Refuse, vec!["group-refused"]));
    assert_eq!(verdicts[8], (Outcome::Refuse, vec!["group-refused"]));
    assert_eq!(verdicts[9], (Outcome::Refuse, vec!["unknown-group"]));
}

#[test]
fn a_placement_starts_within_the_school_year_and_the_childs_life() {
    let starts = |birth_date: &str, placed_on: Option<&str>| {
        let raw = FilePupil {
            birth_date: text(birth_date),
            group_key: text("g"),
            placed_on: placed_on.map(str::to_owned),
            ..pupil("1")
        };
        let plan = School::default().plan(&file(vec![group("g", "Groep 1")], vec![raw]), TODAY);
        match &plan.lines[1].action {
            Some(Action::CreatePupil { placement: Some((GroupRef::New(0), on)), .. }) => Ok(*on),
            _ => Err(verdict(&plan.lines[1]).1),
        }
    };
    assert_eq!(starts("2022-03-04", None), Ok(date(2026, 8, 1)));
    assert_eq!(starts("2026-10-05", None), Ok(date(2026, 10, 5)));
    assert_eq!(starts("2022-03-04", Some("2026-09-15")), Ok(date(2026, 9, 15)));
    assert_eq!(starts("2022-03-04", Some("2024-09-15")), Ok(date(2026, 8, 1)));
    assert_eq!(starts("2022-03-04", Some("2027-01-04")), Ok(date(2027, 1, 4)));
    assert_eq!(starts("2022-03-04", Some("2028-01-04")), Err(vec!["too-far-ahead"]));
}

#[test]
fn a_child_moves_without_rewriting_history() {
    let groups = || vec![group("a", "Groep 1"), group("b", "Groep 2")];
    let in_group = |group: &str| FilePupil { group_key: text(group), ..pupil("1") };
    let mut school = School::default();
    school.import(&file(groups(), vec![in_group("a")]));
    let plan = school.import(&file(groups(), vec![in_group("b")]));
    assert_eq!(plan.lines[2].changed_fields, [field::GROUP]);
    let stays: Vec<_> = school.pupils[0].3.iter().map(|stay| (stay.placed_on, stay.ended_on)).collect();
    assert_eq!(stays, [(date(2026, 8, 1), Some(TODAY)), (TODAY, None)]);
    let arranged = Placement {
        group: GroupId::from_uuid(Uuid::from_u128(77)),
        placed_on: date(2027, 2, 1),
        ended_on: None,
    };
    school.pupils[0].3.last_mut().unwrap().ended_on = Some(arranged.placed_on);
    school.pupils[0].3.push(arranged);
    assert_eq!(school.import(&file(groups(), vec![in_group("b")])).lines[2].outcome, Outcome::Unchanged);
}

#[test]
fn a_record_is_named_as_the_file_names_it() {
    let named = FilePupil { infix: text("van"), group_key: text("g"), ..pupil("1") };
    let nameless = FilePupil { first_name: None, last_name: None, ..pupil("2") };
    let numbered = FilePupil { first_name: text("bsn 000000012"), ..pupil("3") };
    let plan =
        School::default().plan(&file(vec![group("g", "Groep 1")], vec![named, nameless, numbered]), TODAY);
    let names: Vec<_> = plan.lines.iter().map(|line| line.name.as_deref()).collect();
    assert_eq!(names, [Some("Groep 1"), Some("Fien van Verzonnen"), None, None]);
}

#[test]
fn what_to_look_at_is_remarked_upon() {
    let in_group = |raw: FilePupil| FilePupil { group_key: text("g"), ..raw };
    let leaving = |day: &str| FilePupil { left_on: text(day), ..in_group(pupil("1")) };
    let remarks = |plan: &Plan| -> Vec<_> {
        let line = plan.lines.last().unwrap();
        line.remarks.iter().map(|remark| (remark.field, remark.code)).collect()
    };
    let plan = |raw| School::default().plan(&file(vec![group("g", "Groep 1")], vec![raw]), TODAY);
    assert_eq!(remarks(&plan(in_group(pupil("1")))), []);
    assert_eq!(remarks(&plan(leaving("2026-11-20"))), []);
    for day in ["2026-11-21", "2027-03-01"] {
        assert_eq!(remarks(&plan(leaving(day))), [(Some(field::LEFT_ON), "leaves-later")], "{day}");
    }
    assert_eq!(remarks(&plan(pupil("1"))), [(Some(field::GROUP), "no-group")]);

    let mut school = School::default();
    let groups = || vec![group("g", "Groep 1")];
    school.import(&file(groups(), vec![in_group(pupil("1"))]));
    assert_eq!(remarks(&school.plan(&file(groups(), vec![pupil("1")]), TODAY)), []);
    let last_year = SchoolYear::parse("2025-2026").ok();
    let old = SchoolFile { school_year: last_year, ..file(groups(), vec![in_group(pupil("1"))]) };
    let plan = school.plan(&old, TODAY);
    assert_eq!(
        (plan.lines[1].outcome, remarks(&plan)),
        (Outcome::Unchanged, vec![(Some(field::GROUP), "stays-in-group")])
    );
    assert_eq!(remark_on_year(last_year.unwrap(), TODAY).unwrap().code, "earlier-school-year");
    assert_eq!(remark_on_year(SchoolYear::containing(TODAY), TODAY), None);
}

#[test]
fn a_group_that_is_just_a_name_asks_before_it_is_made_beside_others() {
    let by_name = |name: &str| FileGroup { school_key: None, ..group(name, name) };
    let in_group = |key: &str, name: &str| FilePupil { group_key: text(name), ..pupil(key) };
    let first = file(vec![by_name("Rupsen")], vec![in_group("1", "Rupsen")]);
    let mut school = School::default();
    let plan = school.import(&first);
    assert_eq!((plan.new_groups, plan.groups_to_confirm), (vec!["Rupsen".to_owned()], vec![]));
    let groups = vec![by_name("Rupsen"), by_name("Rupsne"), by_name("Leeg"), group("v", "Vlinders")];
    let pupils = vec![in_group("1", "Rupsen"), in_group("2", "Rupsne"), in_group("3", "v")];
    let plan = school.plan(&file(groups, pupils), TODAY);
    assert_eq!(plan.new_groups, ["Rupsne", "Vlinders"]);
    assert_eq!(plan.groups_to_confirm, ["Rupsne"]);
    let code = |confirmed: &[&str]| {
        let confirmed: Vec<_> = confirmed.iter().map(|name| (*name).to_owned()).collect();
        check_confirmed(&plan.groups_to_confirm, &confirmed).map_err(|refusal| refusal.code).err()
    };
    assert_eq!(code(&[]), Some(GROUPS_NOT_CONFIRMED));
    assert_eq!(code(&["Vlinders"]), Some(GROUPS_NOT_CONFIRMED));
    assert_eq!(code(&["Rupsne", "Vlinders"]), None);
    let next_year = SchoolFile { school_year: SchoolYear::parse("2027-2028").ok(), ..first };
    assert_eq!(school.plan(&next_year, TODAY).groups_to_confirm, Vec::<String>::new());
}

#[test]
fn a_broken_row_is_refused_whatever_it_says() {
    let raw = FilePupil { broken: Some(BrokenRow::CellCount), ..pupil("1") };
    assert_eq!(first_plan(raw), (Outcome::Refuse, vec!["cell-count"]));
}

#[test]
fn fifty_thousand_pupils_are_planned_in_one_go() {
    let groups = (0..2_000).map(|n| group(&format!("g{n}"), &format!("Groep {n}"))).collect();
    let pupils = (0..50_000)
        .map(|n| FilePupil { group_key: text(&format!("g{}", n % 2_000)), ..pupil(&format!("k{n}")) })
        .collect();
    let plan = School::default().plan(&file(groups, pupils), TODAY);
    assert_eq!(plan.counts(RecordKind::Group).create, 2_000);
    assert_eq!(plan.counts(RecordKind::Pupil).create, 50_000);
}
