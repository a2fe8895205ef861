use groeilijn_domain::children::registration::{JudgementPatch, Judgements, RegistrationState};
use groeilijn_domain::values::ids::{FrameworkId, RegistrationId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::children::registration::{NewRegistration, StoredRegistration};
use groeilijn_persistence::{Cost, Error, Result, Tenant};
use jiff::civil::{Date, date};

use crate::school::{DUTCH, School};

const TODAY: Date = date(2026, 11, 21);

fn patch(json: &str) -> JudgementPatch {
    serde_json::from_str(json).unwrap()
}

fn json(judgements: &Judgements) -> String {
    serde_json::to_string(judgements).unwrap()
}

/// A registration begun by the teacher of the pupil's group.
pub(crate) async fn begin(
    school: &School,
    framework: FrameworkId,
    registered_on: Date,
    judgements: &str,
) -> Result<StoredRegistration> {
    let new = NewRegistration {
        id: RegistrationId::from_uuid(school.store.environment().uuid()),
        pupil: school.pupil,
        framework: Some(framework),
        registered_on,
        judgements: serde_json::from_str(judgements).unwrap(),
    };
    school.as_teacher(school.teacher).write(move |writer| writer.create_registration(new)).await
}

pub(crate) async fn finalise(tenant: &Tenant, id: RegistrationId) -> Result<StoredRegistration> {
    tenant
        .write(move |writer| {
            let registration = writer.registration(id)?;
            writer.finalise_registration(registration, true)
        })
        .await
}

pub(crate) async fn correct(tenant: &Tenant, id: RegistrationId) -> Result<StoredRegistration> {
    let reason = ShortText::parse("Verkeerde lijn aangeklikt.").unwrap();
    tenant
        .write(move |writer| {
            let registration = writer.registration(id)?;
            writer.correct_registration(registration, reason)
        })
        .await
}

pub(crate) async fn save(tenant: &Tenant, id: RegistrationId, step: &str) -> Result<StoredRegistration> {
    let step = patch(step);
    tenant
        .write(move |writer| {
            let registration = writer.registration(id)?;
            writer.save_draft(registration, step)
        })
        .await
}

async fn discard(tenant: &Tenant, id: RegistrationId) -> Result<()> {
    tenant
        .write(move |writer| {
            let registration = writer.registration(id)?;
            writer.discard_draft(&registration)
        })
        .await
}

async fn read(tenant: &Tenant, id: RegistrationId) -> Result<StoredRegistration> {
    tenant.read(Cost::Rows, move |reader| reader.registration(id)).await
}

fn code<T>(outcome: Result<T>) -> &'static str {
    match outcome {
        Err(Error::Conflict(refusal)) => refusal.code,
        Err(Error::NotFound) => "not-found",
        Err(Error::Stale(_)) => "stale",
        _ => "",
    }
}

fn refused<T>(outcome: Result<T>) -> Vec<(String, &'static str)> {
    match outcome {
        Err(Error::Invalid(found)) => found.into_iter().map(|(at, refusal)| (at, refusal.code)).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn c071_a_draft_is_saved_step_by_step_and_read_back() {
    let school = School::new().await;
    let framework = school.install(DUTCH).await;
    let tenant = school.as_teacher(school.teacher);

    let begun = begin(&school, framework, TODAY, r#"{"lines":{"play":{"attention":true}}}"#).await.unwrap();
    let id = begun.facts.id;
    assert_eq!(begun.facts.half_year.to_string(), "2026-2027-1");
    assert_eq!((begun.version.age_months, begun.version.number, begun.facts.revision), (56, 1, 1));

    let saved =
        save(&tenant, id, r#"{"lines":{"play":null,"self-image":{"attention":true}}}"#).await.unwrap();
    assert_eq!(saved.facts.revision, 2);
    let found = read(&tenant, id).await.unwrap();
    assert!(found.facts == saved.facts && found.version.judgements == saved.version.judgements);
    assert_eq!(json(&found.version.judgements), r#"{"lines":{"self-image":{"attention":true}}}"#);

    let wrong = r#"{"scales":{"nonsense":1},"lines":{"play":{"completeness":"begun"}}}"#;
    assert_eq!(
        refused(save(&tenant, id, wrong).await),
        [
            ("judgements/scales/nonsense".to_owned(), "not-in-framework"),
            ("judgements/lines/play/phase_from_month".to_owned(), "missing"),
        ]
    );
}

#[tokio::test]
async fn c070_a_final_version_never_changes_and_a_correction_supersedes_it() {
    let school = School::new().await;
    let framework = school.install(DUTCH).await;
    let tenant = school.as_teacher(school.teacher);
    let id = begin(&school, framework, TODAY, "{}").await.unwrap().facts.id;

    assert_eq!(code(finalise(&tenant, id).await), "no-judgements");
    assert_eq!(code(correct(&tenant, id).await), "draft-open");
    save(&tenant, id, r#"{"lines":{"play":{"attention":true}}}"#).await.unwrap();
    let first = finalise(&tenant, id).await.unwrap();
    assert_eq!((first.facts.draft, first.facts.finalised), (None, Some(1)));
    assert_eq!(first.version.state, RegistrationState::Final);
    for outcome in [code(save(&tenant, id, "{}").await), code(finalise(&tenant, id).await)] {
        assert_eq!(outcome, "registration-final");
    }
    assert_eq!(code(discard(&tenant, id).await), "registration-final");

    correct(&tenant, id).await.unwrap();
    discard(&tenant, id).await.unwrap();
    assert_eq!(read(&tenant, id).await.unwrap().version.number, 1);

    let second = correct(&tenant, id).await.unwrap();
    assert_eq!(json(&second.version.judgements), json(&first.version.judgements));
    assert_eq!((second.facts.draft, second.facts.finalised), (Some(2), Some(1)));
    save(&tenant, id, r#"{"lines":{"play":null,"self-image":{"attention":true}}}"#).await.unwrap();
    finalise(&tenant, id).await.unwrap();

    let versions =
        tenant.read(Cost::Rows, move |reader| reader.registration_versions(id, None, 10)).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(versions.iter().filter(|version| version.reason.is_some()).count(), 1);
    let old = tenant.read(Cost::Rows, move |reader| reader.registration_version(id, 1)).await.unwrap();
    assert_eq!(json(&old.version.judgements), json(&first.version.judgements));
    assert_eq!(old.facts.finalised, Some(2));
    let missing = tenant.read(Cost::Rows, move |reader| reader.registration_version(id, 3)).await;
    assert_eq!(code(missing), "not-found");
}

#[tokio::test]
async fn a_draft_that_never_was_final_is_discarded_whole() {
    let school = School::new().await;
    let framework = school.install(DUTCH).await;
    let tenant = school.as_teacher(school.teacher);
    let id = begin(&school, framework, TODAY, "{}").await.unwrap().facts.id;
    discard(&tenant, id).await.unwrap();
    assert_eq!(code(read(&tenant, id).await), "not-found");
}

#[tokio::test]
async fn c026_what_does_not_fit_is_refused_together() {
    let school = School::new().await;
    let framework = school.install(DUTCH).await;
    let unknown = FrameworkId::from_uuid(school.pupil.as_uuid());
    let at = |pointer: &str, code| (pointer.to_owned(), code);

    assert_eq!(
        refused(begin(&school, unknown, date(2021, 1, 1), "{}").await),
        [
            at("framework_id", "not-published"),
            at("registered_on", "before-birth"),
            at("registered_on", "not-in-a-group"),
        ]
    );
    let tomorrow = TODAY.tomorrow().unwrap();
    assert_eq!(
        refused(begin(&school, framework, tomorrow, r#"{"scales":{"nonsense":1}}"#).await),
        [at("judgements/scales/nonsense", "not-in-framework"), at("registered_on", "in-the-future")]
    );
}

#[tokio::test]
async fn the_newest_comes_first_and_nobody_elses_is_seen() {
    let school = School::new().await;
    let framework = school.install(DUTCH).await;
    let tenant = school.as_teacher(school.teacher);
    let pupil = school.pupil;
    let mut begun = Vec::new();
    for day in [date(2026, 10, 1), TODAY, date(2026, 9, 1), TODAY] {
        begun.push(begin(&school, framework, day, "{}").await.unwrap().facts);
    }
    let list = |before, limit| {
        let tenant = tenant.clone();
        async move {
            let found =
                tenant.read(Cost::Scan, move |reader| reader.registrations(pupil, before, limit)).await;
            found.unwrap().into_iter().map(|found| found.facts.id).collect::<Vec<_>>()
        }
    };
    let expected = [3, 1, 0, 2].map(|number: usize| begun[number].id);
    assert_eq!(list(None, 10).await, expected);
    assert_eq!(list(Some((TODAY, begun[3].id)), 2).await, expected[1..3]);

    let neighbour = school.as_teacher(school.neighbour);
    assert_eq!(code(read(&neighbour, begun[0].id).await), "not-found");
    let others = neighbour.read(Cost::Scan, move |reader| reader.registrations(pupil, None, 10)).await;
    assert_eq!(code(others), "not-found");
}
