use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::note::{NewNote, NoteChange, NoteText};
use groeilijn_domain::values::ids::{FrameworkId, NoteId};
use groeilijn_persistence::children::note::{NoteFilter, StoredNote};
use groeilijn_persistence::{Cost, Error, Result, Tenant};
use jiff::civil::{Date, date};

use crate::school::{DUTCH, School};

const TODAY: Date = date(2026, 11, 21);

fn text(words: &str) -> NoteText {
    NoteText::parse(words).unwrap()
}

fn lines(codes: &[&str]) -> Vec<LineCode> {
    codes.iter().map(|code| LineCode::parse(code).unwrap()).collect()
}

async fn write(
    school: &School,
    tenant: &Tenant,
    id: NoteId,
    observed_on: Date,
    codes: &[&str],
    framework: Option<FrameworkId>,
) -> Result<StoredNote> {
    let written = NewNote { text: text("Telt tot tien."), observed_on, lines: lines(codes) };
    let pupil = school.pupil;
    tenant.write(move |writer| writer.create_note(id, pupil, written, framework)).await
}

fn new_id(school: &School) -> NoteId {
    NoteId::from_uuid(school.store.environment().uuid())
}

fn refused<T>(outcome: Result<T>) -> Vec<(String, &'static str)> {
    match outcome {
        Err(Error::Invalid(found)) => found.into_iter().map(|(at, refusal)| (at, refusal.code)).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn a_note_is_read_as_it_was_written_the_last_one_first() {
    let school = School::new().await;
    school.install(DUTCH).await;
    let tenant = school.as_teacher(school.teacher);
    let (pupil, first, second) = (school.pupil, new_id(&school), new_id(&school));
    let written =
        write(&school, &tenant, first, date(2026, 11, 20), &["self-image", "play"], None).await.unwrap();
    write(&school, &tenant, second, TODAY, &[], None).await.unwrap();

    let read = tenant.read(Cost::Rows, move |reader| reader.note(first)).await.unwrap();
    assert!(read == written);
    assert_eq!(
        (read.author.id, read.revision, read.lines),
        (school.teacher, 1, lines(&["self-image", "play"]))
    );

    let list = |filter, before| {
        let tenant = tenant.clone();
        async move {
            let found =
                tenant.read(Cost::Scan, move |reader| reader.notes(pupil, filter, before, 10)).await.unwrap();
            found.into_iter().map(|note| note.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(NoteFilter::default(), None).await, [second, first]);
    assert_eq!(list(NoteFilter::default(), Some(second)).await, [first]);
    assert_eq!(list(NoteFilter { from: Some(TODAY), until: None }, None).await, [second]);
    assert_eq!(list(NoteFilter { from: None, until: Some(date(2026, 11, 20)) }, None).await, [first]);
}

#[tokio::test]
async fn what_is_wrong_with_a_note_is_refused() {
    let school = School::new().await;
    let tenant = school.as_teacher(school.teacher);
    let id = new_id(&school);
    let without_framework = write(&school, &tenant, id, TODAY, &["play"], None).await;
    assert_eq!(refused(without_framework), [("lines".to_owned(), "not-in-framework")]);

    let framework = school.install(DUTCH).await;
    let wrong = write(&school, &tenant, id, date(2022, 2, 27), &["singing"], Some(framework)).await;
    let expected = [("observed_on".to_owned(), "before-birth"), ("lines".to_owned(), "not-in-framework")];
    assert_eq!(refused(wrong), expected);
    let unknown = FrameworkId::from_uuid(id.as_uuid());
    let unknown = write(&school, &tenant, id, TODAY, &[], Some(unknown)).await;
    assert_eq!(refused(unknown), [("framework_id".to_owned(), "not-published")]);

    write(&school, &tenant, id, TODAY, &["play"], Some(framework)).await.unwrap();
    let again = write(&school, &tenant, id, TODAY, &["play"], Some(framework)).await;
    assert!(matches!(again, Err(Error::Conflict(refusal)) if refusal.code == "id-in-use"));
}

#[tokio::test]
async fn a_child_of_another_group_is_out_of_reach() {
    let school = School::new().await;
    let (tenant, neighbour) = (school.as_teacher(school.teacher), school.as_teacher(school.neighbour));
    let (pupil, id) = (school.pupil, new_id(&school));
    write(&school, &tenant, id, TODAY, &[], None).await.unwrap();

    assert!(matches!(
        write(&school, &neighbour, new_id(&school), TODAY, &[], None).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(neighbour.read(Cost::Rows, move |reader| reader.note(id)).await, Err(Error::NotFound)));
    let list =
        neighbour.read(Cost::Scan, move |reader| reader.notes(pupil, NoteFilter::default(), None, 1)).await;
    assert!(matches!(list, Err(Error::NotFound)));
    let earlier = neighbour.read(Cost::Scan, move |reader| reader.earlier_notes(id, None, 1)).await;
    assert!(matches!(earlier, Err(Error::NotFound)));
}

#[tokio::test]
async fn c071_an_earlier_text_stays_readable() {
    let school = School::new().await;
    school.install(DUTCH).await;
    let tenant = school.as_teacher(school.teacher);
    let id = new_id(&school);
    let written = write(&school, &tenant, id, TODAY, &["play"], None).await.unwrap();
    for words in ["Telt tot elf.", "Telt tot twaalf."] {
        let change = NoteChange { text: Some(text(words)), ..NoteChange::default() };
        let note = tenant
            .write(move |writer| {
                let stored = writer.note(id)?;
                writer.change_note(stored, change, None)
            })
            .await
            .unwrap();
        assert_eq!((note.text.as_str(), &note.lines), (words, &written.lines));
    }
    let stale = written.clone();
    let stale = tenant.write(move |writer| writer.change_note(stale, NoteChange::default(), None)).await;
    assert!(matches!(stale, Err(Error::Stale(_))));

    let earlier = tenant.read(Cost::Scan, move |reader| reader.earlier_notes(id, None, 10)).await.unwrap();
    let texts: Vec<_> = earlier.iter().map(|earlier| (earlier.revision, earlier.text.as_str())).collect();
    assert_eq!(texts, [(2, "Telt tot elf."), (1, "Telt tot tien.")]);
    assert_eq!((&earlier[1].lines, earlier[1].written_at), (&written.lines, written.created_at));
    let before = tenant.read(Cost::Scan, move |reader| reader.earlier_notes(id, Some(2), 10)).await.unwrap();
    assert_eq!(before.len(), 1);
}

#[tokio::test]
async fn only_the_author_changes_a_note() {
    let school = School::new().await;
    let tenant = school.as_teacher(school.teacher);
    let written = write(&school, &tenant, new_id(&school), TODAY, &[], None).await.unwrap();
    let neighbour = school.as_teacher(school.neighbour);
    let refused =
        neighbour.write(move |writer| writer.change_note(written, NoteChange::default(), None)).await;
    assert!(matches!(refused, Err(Error::Forbidden(refusal)) if refusal.code == "not-the-author"));
}
