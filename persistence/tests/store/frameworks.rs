use groeilijn_domain::children::framework::{FrameworkDocument, FrameworkState, Locale};
use groeilijn_domain::values::ids::FrameworkId;
use groeilijn_persistence::children::framework::FrameworkFilter;
use groeilijn_persistence::{Cost, Error, Platform};

use crate::school::{DUTCH, ENGLISH, School, document};

fn codes(document: &FrameworkDocument) -> Vec<String> {
    let scales = document.scales.iter().map(|scale| {
        format!("{} {:?}", scale.code, scale.steps.iter().map(|step| step.value).collect::<Vec<_>>())
    });
    let lines = document.areas.iter().flat_map(|area| {
        area.lines.iter().flat_map(move |line| {
            line.phases.iter().flat_map(move |phase| {
                phase.milestones.iter().map(move |milestone| {
                    format!(
                        "{} {} {}-{} {}",
                        area.code, line.code, phase.from_month, phase.to_month, milestone.code
                    )
                })
            })
        })
    });
    scales.chain(lines).collect()
}

#[test]
fn the_frameworks_that_come_along_are_one_in_two_languages() {
    let (dutch, english) = (document(DUTCH), document(ENGLISH));
    assert_eq!(dutch.validate(), Ok(()));
    assert_eq!(english.validate(), Ok(()));
    assert_eq!((dutch.locale, english.locale), (Locale::Nl, Locale::En));
    assert_eq!((&dutch.code, dutch.version), (&english.code, english.version));
    assert_eq!(codes(&dutch), codes(&english));
    assert_eq!((dutch.scales.len(), dutch.areas.iter().map(|area| area.lines.len()).sum::<usize>()), (4, 16));
}

async fn draft(school: &School) -> (Platform, FrameworkId) {
    let platform = school.platform();
    let id = FrameworkId::from_uuid(platform.environment().uuid());
    let entered = platform.write(move |writer| writer.create_framework(id, &document(DUTCH))).await.unwrap();
    assert_eq!((entered.state, entered.revision, entered.published_at), (FrameworkState::Draft, 1, None));
    (platform, id)
}

#[tokio::test]
async fn c072_a_published_framework_never_changes() {
    let school = School::new().await;
    let (platform, id) = draft(&school).await;
    let mut other = document(DUTCH);
    other.title = "Een andere titel".to_owned();

    let changed = other.clone();
    let changed = platform.write(move |writer| writer.change_framework(id, 1, &changed)).await.unwrap();
    assert_eq!((changed.revision, changed.document.title.as_str()), (2, "Een andere titel"));
    let stale = platform.write(move |writer| writer.publish_framework(id, 1)).await;
    assert!(matches!(stale, Err(Error::Stale(_))));

    let published = platform.write(move |writer| writer.publish_framework(id, 2)).await.unwrap();
    assert_eq!((published.state, published.revision), (FrameworkState::Published, 3));
    let refused = [
        platform.write(move |writer| writer.change_framework(id, 3, &other).map(|_| ())).await,
        platform.write(move |writer| writer.publish_framework(id, 3).map(|_| ())).await,
        platform.write(move |writer| writer.delete_framework(id, 3)).await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Error::Conflict(refusal)) if refusal.code == "framework-published"));
    }
    let known = school.store.framework(id).await.unwrap();
    assert_eq!(known.document.title, "Een andere titel");
    assert!(known.index.line("self-image").is_some());
}

#[tokio::test]
async fn an_institution_sees_what_is_published() {
    let school = School::new().await;
    let (platform, id) = draft(&school).await;
    let english = school.install(ENGLISH).await;
    let tenant = school.as_teacher(school.teacher);

    let all = platform
        .read(Cost::Rows, |reader| reader.frameworks(&FrameworkFilter::default(), None, 10))
        .await
        .unwrap();
    assert_eq!(all.iter().map(|framework| framework.id).collect::<Vec<_>>(), [id, english]);
    let seen = tenant
        .read(Cost::Rows, |reader| reader.frameworks(&FrameworkFilter::default(), None, 10))
        .await
        .unwrap();
    assert_eq!(seen.iter().map(|framework| framework.id).collect::<Vec<_>>(), [english]);
    assert!(matches!(
        tenant.read(Cost::Rows, move |reader| reader.framework(id)).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(school.store.framework(id).await, Err(Error::NotFound)));

    let dutch = FrameworkFilter { locale: Some(Locale::Nl), code: Some(document(DUTCH).code) };
    assert_eq!(
        platform.read(Cost::Rows, move |reader| reader.frameworks(&dutch, None, 10)).await.unwrap().len(),
        1
    );
    platform.write(move |writer| writer.delete_framework(id, 1)).await.unwrap();
    assert!(matches!(
        platform.read(Cost::Rows, move |reader| reader.framework(id)).await,
        Err(Error::NotFound)
    ));
}

#[tokio::test]
async fn a_version_exists_once_in_each_language() {
    let school = School::new().await;
    let first = school.install(DUTCH).await;
    let second = school.install(DUTCH).await;
    assert!(school.store.framework(first).await.is_ok());
    assert!(matches!(school.store.framework(second).await, Err(Error::NotFound)));

    let again =
        school.platform().write(move |writer| writer.create_framework(second, &document(DUTCH))).await;
    assert!(matches!(again, Err(Error::Conflict(refusal)) if refusal.code == "framework-exists"));

    let mut wrong = document(ENGLISH);
    wrong.version = u32::MAX;
    let refused = school.platform().write(move |writer| writer.create_framework(second, &wrong)).await;
    let Err(Error::Invalid(found)) = refused else { panic!("the version was accepted") };
    assert_eq!(found.into_iter().next().unwrap().0, "version");
}
