//! How often the key store is asked for keys: once for a page, not once for each child.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{PlacementId, PupilId};
use groeilijn_domain::values::person::NameQuery;
use groeilijn_persistence::children::key_owner;
use groeilijn_persistence::children::pupil::Listing;
use groeilijn_persistence::{Cost, Result, TenantReader};
use jiff::SignedDuration;
use jiff::civil::date;

use crate::overviews::group_of_pupil;
use crate::school::{DUTCH, School, child};

const CHILDREN: usize = 100;

/// The keys of the children are one question, and that of the actor, under which the audit log seals an address,
/// another.
const MOST_QUESTIONS: usize = 2;

/// How many statements read keys, by the file of the key store.
static ASKED: LazyLock<Mutex<HashMap<String, usize>>> = LazyLock::new(Mutex::default);

/// Counts on one connection.
#[derive(Default)]
struct Counter {
    file: String,
}

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => url.clone_into(&mut self.file),
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = query.to_string();
                if text.starts_with("SELECT") && text.contains("`subject_key`.`wrapped`") {
                    *ASKED.lock().unwrap().entry(self.file.clone()).or_default() += 1;
                }
            }
            _ => {}
        }
    }
}

fn asked(file: &Path) -> usize {
    ASKED.lock().unwrap().get(&*file.to_string_lossy()).copied().unwrap_or_default()
}

async fn enter_children(school: &School) {
    let tenant = school.as_teacher(school.teacher);
    let group = group_of_pupil(school).await;
    for _ in 1..CHILDREN {
        let pupil = PupilId::from_uuid(school.store.environment().uuid());
        let placement = PlacementId::from_uuid(school.store.environment().uuid());
        let entering = tenant.entering(vec![key_owner::pupil(pupil)]);
        let enter = entering.write(move |writer| {
            let entered = writer.create_pupil(pupil, &child(), None, &[])?;
            let group = writer.reached_group(group)?;
            writer.place(placement, entered, group, date(2026, 8, 31)).map(drop)
        });
        enter.await.unwrap();
    }
}

/// Reads when no key is open in memory, and says how many questions it took.
async fn questions(
    school: &School,
    read: impl Fn(&mut TenantReader<'_>) -> Result<usize> + Send + 'static,
) -> usize {
    school.clock.pass(SignedDuration::from_mins(11));
    let file = school.key_store();
    let before = asked(&file);
    let found = school.as_teacher(school.teacher).read(Cost::Scan, move |reader| read(reader)).await.unwrap();
    assert_eq!(found, CHILDREN);
    asked(&file) - before
}

#[tokio::test]
async fn the_keys_of_a_hundred_children_are_asked_for_together() {
    set_default_instrumentation(|| Some(Box::new(Counter::default()))).unwrap();
    let school = School::new().await;
    school.install(DUTCH).await;
    enter_children(&school).await;
    let group = group_of_pupil(&school).await;

    let roster = questions(&school, |reader| {
        reader.roster(None, Listing::default(), None, 100).map(|page| page.len())
    })
    .await;
    let search = questions(&school, |reader| {
        let query = NameQuery::new("Noor");
        reader.pupils_by_name(None, Listing::default(), &query, CHILDREN).map(|found| found.len())
    });
    let search = search.await;
    let overview = questions(&school, move |reader| {
        let half_year = HalfYear::parse("2026-2027-1").unwrap();
        let sheet = reader.group_overview(group, half_year, None, None)?;
        Ok(sheet.overview()?.without_registration.len())
    });
    let overview = overview.await;
    let import = questions(&school, |reader| reader.all_pupils().map(|pupils| pupils.len())).await;
    for (what, questions) in
        [("roster", roster), ("search", search), ("overview", overview), ("import", import)]
    {
        assert!((1..=MOST_QUESTIONS).contains(&questions), "{what}: {questions}");
    }
}
