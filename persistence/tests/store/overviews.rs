use groeilijn_domain::children::note::{NewNote, NoteText};
use groeilijn_domain::children::overview::Level;
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{GroupId, NoteId};
use groeilijn_persistence::children::overview::GroupSheet;
use groeilijn_persistence::{Cost, Error};
use jiff::civil::{Date, date};

use crate::registrations::{begin, correct, finalise, save};
use crate::school::{DUTCH, ENGLISH, School};

const TODAY: Date = date(2026, 11, 21);
const EARLIER: Date = date(2026, 9, 14);

pub(crate) async fn group_of_pupil(school: &School) -> GroupId {
    let pupil = school.pupil;
    let read = school.as_teacher(school.teacher).read(Cost::Rows, move |reader| reader.pupil(pupil)).await;
    read.unwrap().group.unwrap().0
}

async fn sheet(school: &School, half_year: &str) -> GroupSheet {
    let group = group_of_pupil(school).await;
    let half_year = HalfYear::parse(half_year).unwrap();
    let tenant = school.as_teacher(school.teacher);
    tenant.read(Cost::Scan, move |reader| reader.group_overview(group, half_year, None, None)).await.unwrap()
}

#[tokio::test]
async fn c027_c028_a_group_shows_each_childs_latest_final_registration() {
    let school = School::new().await;
    let framework = school.install(DUTCH).await;
    let tenant = school.as_teacher(school.teacher);

    let empty = sheet(&school, "2026-2027-1").await;
    assert_eq!(empty.overview().unwrap().without_registration, [school.pupil]);
    assert_eq!(empty.framework.id, framework);

    let earlier = r#"{"lines":{"play":{"attention":true},"self-image":{"attention":true}}}"#;
    let earlier = begin(&school, framework, EARLIER, earlier).await.unwrap().facts.id;
    finalise(&tenant, earlier).await.unwrap();
    begin(&school, framework, TODAY, r#"{"lines":{"play":{"attention":true}}}"#).await.unwrap();

    let shown = sheet(&school, "2026-2027-1").await;
    let overview = shown.overview().unwrap();
    let (row, cells) = overview.rows().next().unwrap();
    let moment = row.registration.unwrap();
    assert_eq!((moment.registration, moment.date, moment.age_months), (earlier, EARLIER, 54));
    assert!(row.registered_this_half_year && overview.without_registration.is_empty());
    assert_eq!(cells.iter().map(|cell| cell.line).collect::<Vec<_>>(), ["play", "self-image"]);
    assert_eq!(shown.children[0].name.first.as_str(), "Noor");

    correct(&tenant, earlier).await.unwrap();
    let step = r#"{"lines":{"self-image":null,"play":{"phaseFromMonth":0,"completeness":"begun"}}}"#;
    save(&tenant, earlier, step).await.unwrap();
    assert_eq!(sheet(&school, "2026-2027-1").await.overview().unwrap().rows().next().unwrap().1.len(), 2);
    finalise(&tenant, earlier).await.unwrap();
    let corrected = sheet(&school, "2026-2027-1").await;
    let overview = corrected.overview().unwrap();
    let (_, cells) = overview.rows().next().unwrap();
    assert_eq!(cells.len(), 1);
    assert!(cells[0].position.unwrap().level == Level::Behind);

    let before = sheet(&school, "2025-2026-2").await;
    assert_eq!(before.overview().unwrap().without_registration, [school.pupil]);
    assert!(before.children[0].latest.is_none());
    let after = sheet(&school, "2026-2027-2").await;
    assert_eq!(after.overview().unwrap().without_registration, [school.pupil]);
    assert!(after.children[0].latest.is_some());
}

#[tokio::test]
async fn a_group_of_somebody_else_is_not_shown() {
    let school = School::new().await;
    school.install(DUTCH).await;
    let group = group_of_pupil(&school).await;
    let half_year = HalfYear::containing(TODAY);
    let shown = school
        .as_teacher(school.neighbour)
        .read(Cost::Scan, move |reader| reader.group_overview(group, half_year, None, None))
        .await;
    assert!(matches!(shown, Err(Error::NotFound)));
}

#[tokio::test]
async fn c028_a_child_is_shown_through_time_with_its_notes() {
    let school = School::new().await;
    let framework = school.install(DUTCH).await;
    let english = school.install(ENGLISH).await;
    let tenant = school.as_teacher(school.teacher);
    let pupil = school.pupil;
    for (day, state) in [(TODAY, "partly"), (EARLIER, "begun")] {
        let judgements = format!(r#"{{"lines":{{"play":{{"phaseFromMonth":0,"completeness":"{state}"}}}}}}"#);
        let id = begin(&school, framework, day, &judgements).await.unwrap().facts.id;
        finalise(&tenant, id).await.unwrap();
    }
    let note = NoteId::from_uuid(school.store.environment().uuid());
    let lines = serde_json::from_str(r#"["play"]"#).unwrap();
    let written = NewNote { text: NoteText::parse("Bouwt een toren.").unwrap(), observed_on: TODAY, lines };
    tenant.write(move |writer| writer.create_note(note, pupil, written, None)).await.unwrap();

    let sheet = tenant.read(Cost::Scan, move |reader| reader.pupil_overview(pupil, None)).await.unwrap();
    assert_eq!(sheet.framework.id, framework);
    let overview = sheet.overview();
    let play = overview.lines.iter().find(|line| line.line == "play").unwrap();
    let days: Vec<_> = play.points.iter().map(|point| point.moment.date).collect();
    assert_eq!((days, play.notes.as_slice()), (vec![EARLIER, TODAY], [note].as_slice()));

    let chosen =
        tenant.read(Cost::Scan, move |reader| reader.pupil_overview(pupil, Some(english))).await.unwrap();
    assert_eq!(chosen.framework.id, english);
}
