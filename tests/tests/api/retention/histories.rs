//! The forecast and the destruction that follows it: the same children, whatever became of them, and wherever it broke off.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_api::runtime::environment_with;
use groeilijn_api::server::Service;
use groeilijn_domain::access::Scope;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::children::pupil::PupilFields;
use groeilijn_domain::values::ids::{InstitutionId, PupilId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::text::NamePart;
use groeilijn_persistence::children::key_owner;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_persistence::retention::forecast::ForecastQuery;
use groeilijn_persistence::{AuditContext, Cost, Principal, Result, Store, Tenant, TraceContext};
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::{Database, Installation, Server, both_databases};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use uuid::Uuid;

use super::count;

/// How many histories one school has; with the number of cases that makes a thousand.
const CHILDREN: usize = 50;
const CASES: u32 = 20;

/// What became of a child: days before the present one, which is 21 November 2026.
#[derive(Debug, Clone)]
struct History {
    entered: u16,
    placed: Option<(u16, Option<u16>)>,
    departed: Option<(u16, bool)>,
    held: bool,
}

fn history() -> impl Strategy<Value = History> {
    let day = || 0u16..1500;
    let placed = proptest::option::of((day(), proptest::option::of(day())));
    let departed = proptest::option::of((day(), any::<bool>()));
    (day(), placed, departed, prop::bool::weighted(0.15)).prop_map(|(entered, placed, departed, held)| {
        History {
            entered,
            placed: placed.map(|(from, until)| (from, until.map(|until| until.min(from)))),
            departed,
            held,
        }
    })
}

const TODAY: Date = date(2026, 11, 21);

fn before(days: u16) -> Date {
    TODAY - i32::from(days).days()
}

/// A school with many children, past the service.
struct Children {
    service: Service,
    clock: TestClock,
    installation: Installation,
    institution: InstitutionId,
    author: Uuid,
}

impl Children {
    fn store(&self) -> Store {
        self.service.state().store.clone()
    }

    fn tenant(&self) -> Tenant {
        let context = AuditContext {
            actor: Principal::Service { institution: Some(self.institution) },
            session: None,
            support: None,
            address: String::new(),
            trace: TraceContext { trace_id: [1; 16], span_id: [2; 8] },
            operation: "destroy",
            activity: ProcessingActivity::AdministerPupils,
        };
        self.store().tenant(context, Scope::Institution).unwrap()
    }

    /// Enters children, and writes down what became of each, past the rules that hold for one day at a time.
    async fn enter(&self, histories: &[History]) -> Vec<PupilId> {
        let environment = self.store().environment().clone();
        let ids: Vec<PupilId> = histories.iter().map(|_| PupilId::from_uuid(environment.uuid())).collect();
        let owners = ids.iter().copied().map(key_owner::pupil).collect();
        let entered = ids.clone();
        self.tenant()
            .entering(owners)
            .write(move |writer| {
                entered
                    .into_iter()
                    .try_for_each(|id| writer.create_pupil(id, &child(), None, &[]).map(|_| ()))
            })
            .await
            .unwrap();
        for (id, history) in ids.iter().zip(histories) {
            self.live(*id, history, environment.uuid());
        }
        ids
    }

    fn live(&self, id: PupilId, history: &History, other: Uuid) {
        let data = &mut self.installation.raw_data();
        let institution = self.institution.as_bytes().to_vec();
        let (pupil, other) = (id.as_bytes().to_vec(), other.as_bytes().to_vec());
        let at_noon: Timestamp = format!("{}T12:00:00Z", before(history.entered)).parse().unwrap();
        let kind = |moved| if moved { "next-education" } else { "elsewhere" };
        sql_query("UPDATE pupil SET created_at = $1, departed_on = $2, departure_kind = $3 WHERE id = $4")
            .bind::<BigInt, _>(at_noon.as_microsecond())
            .bind::<Nullable<Text>, _>(history.departed.map(|(days, _)| before(days).to_string()))
            .bind::<Nullable<Text>, _>(history.departed.map(|(_, moved)| kind(moved)))
            .bind::<Binary, _>(pupil.clone())
            .execute(data)
            .unwrap();
        if let Some((from, until)) = history.placed {
            sql_query(
                "INSERT INTO placement (institution_id, id, pupil_id, group_id, placed_on, ended_on, created_at) \
                 SELECT $1, $2, $3, id, $4, $5, 0 FROM groups LIMIT 1",
            )
            .bind::<Binary, _>(institution.clone())
            .bind::<Binary, _>(other.clone())
            .bind::<Binary, _>(pupil.clone())
            .bind::<Text, _>(before(from).to_string())
            .bind::<Nullable<Text>, _>(until.map(|days| before(days).to_string()))
            .execute(data)
            .unwrap();
        }
        if history.held {
            sql_query(
                "INSERT INTO retention_hold \
                 (institution_id, id, subject_kind, subject_id, reason, author_id, review_on, made_at) \
                 VALUES ($1, $2, 'pupil', $3, $4, $5, '2040-01-01', 0)",
            )
            .bind::<Binary, _>(institution)
            .bind::<Binary, _>(other)
            .bind::<Binary, _>(pupil)
            .bind::<Binary, _>(vec![0])
            .bind::<Binary, _>(self.author.as_bytes().to_vec())
            .execute(data)
            .unwrap();
        }
    }

    async fn foreseen(&self, at: Date) -> BTreeSet<PupilId> {
        let query = ForecastQuery { at, months: None, cancelled_on: None };
        let tenant = self.tenant();
        let found = tenant.read(Cost::Scan, move |reader| reader.forecast(query, None, 1000)).await.unwrap();
        let goes = found.into_iter().filter(|foreseen| foreseen.due.held.is_none());
        goes.map(|foreseen| PupilId::from_uuid(foreseen.due.subject)).collect()
    }

    /// One round of what the background does; `None` when nothing was left to do.
    async fn carry_out(&self) -> Result<Option<()>> {
        self.tenant().look_for_destructions().await?;
        let store = self.store();
        let now = store.environment().now();
        let Some((_, id)) = store.claim_destruction(now, SignedDuration::from_mins(1)).await? else {
            return Ok(None);
        };
        self.tenant().carry_out_destruction(id).await.map(Some)
    }

    fn left(&self) -> BTreeSet<PupilId> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Binary)]
            id: Vec<u8>,
        }
        let rows: Vec<Row> =
            sql_query("SELECT id FROM pupil").load(&mut self.installation.raw_data()).unwrap();
        rows.into_iter().map(|row| PupilId::from_slice(&row.id).unwrap()).collect()
    }
}

/// A new school without children on a new installation, of which the service is stopped.
async fn school(database: Database) -> Children {
    let clock = TestClock::at(START);
    let server = Server::start(Installation::fresh(database).unwrap(), clock.clone());
    let school = server.school();
    school.group("De Rupsen");
    let installation = server.stop();
    let environment = environment_with(Arc::new(clock.clone()));
    Children {
        service: Service::open(&installation.settings(), environment).await.unwrap(),
        clock,
        installation,
        institution: school.id.parse().unwrap(),
        author: school.admin_id.parse().unwrap(),
    }
}

fn child() -> PupilFields {
    let name = |name| NamePart::parse(name).unwrap();
    PupilFields {
        name: PersonName { first: name("Noor"), infix: None, last: name("Fictief") },
        gender: Gender::Female,
        home_language: None,
        birth_date: date(2022, 2, 28),
        vve: None,
        day_parts_per_week: None,
        particulars: None,
        weeks_premature: None,
        year_level: None,
        eck_id: None,
    }
}

/// Does work until it was asked so often whether it is done, and then drops it, as a process that is killed does.
async fn killed_after<T>(polls: u16, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// That what is foreseen on a day so many days from now is what is destroyed until then, with kills in between.
async fn foreseen_is_destroyed(
    database: Database,
    histories: &[History],
    days: i32,
    kills: &[u16],
) -> Result<(), TestCaseError> {
    let school = school(database).await;
    let ids = school.enter(histories).await;
    let goes = school.foreseen(TODAY + days.days()).await;
    let before = school.left();
    school.clock.advance(SignedDuration::from_hours(i64::from(days) * 24));
    for polls in kills {
        let _ = killed_after(*polls, school.carry_out()).await;
        // Whatever was done stays done; the lease of who was killed ends.
        school.clock.advance(SignedDuration::from_mins(2));
    }
    for _ in 0..50 {
        school.clock.advance(SignedDuration::from_mins(2));
        if matches!(school.carry_out().await, Ok(None)) {
            break;
        }
    }
    let gone: BTreeSet<_> = before.difference(&school.left()).copied().collect();
    prop_assert_eq!(&gone, &goes);
    let owners = ids.iter().copied().map(key_owner::pupil).collect();
    for key in school.store().keys().records(school.institution, owners).await.unwrap() {
        let id = PupilId::from_uuid(key.owner);
        prop_assert_eq!(key.destroyed_at.is_some(), goes.contains(&id), "the key of {}", id);
    }
    Ok(())
}

both_databases! {
    fn c105_c109_what_was_foreseen_is_destroyed_and_nothing_else_wherever_it_breaks_off(installation: Installation) {
        assert_eq!(count(&mut installation.raw_data(), "SELECT COUNT(*) AS count FROM pupil"), 0);
        let histories = prop::collection::vec(history(), CHILDREN);
        let kills = prop::collection::vec(prop_oneof![0u16..12, 0u16..150], 0..12);
        let database = installation.database();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) };
        let ran = TestRunner::new(config).run(&(histories, 1i32..1200, kills), |(histories, days, kills)| {
            runtime.block_on(foreseen_is_destroyed(database, &histories, days, &kills))
        });
        ran.unwrap_or_else(|error| panic!("{error}"));
    }
}
