//! The forecast and the destruction that follows it: the same children, whatever became of them, and wherever it broke off.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Scope;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::children::pupil::PupilFields;
use groeilijn_domain::institutions::licence::{Licence, LicenceState, Product};
use groeilijn_domain::values::ids::{PlacementId, PupilId};
use groeilijn_persistence::children::key_owner;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_persistence::retention::forecast::ForecastQuery;
use groeilijn_persistence::{AuditContext, Cost, Principal, Result, Tenant, TraceContext};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

use crate::school::{School, child};

/// How many histories one store has; with the number of cases that makes a thousand.
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

fn before(days: u16) -> Date {
    date(2026, 11, 21) - i32::from(days).days()
}

fn service(school: &School) -> Tenant {
    let context = AuditContext {
        actor: Principal::Service { institution: Some(school.institution) },
        session: None,
        support: None,
        address: String::new(),
        trace: TraceContext { trace_id: [1; 16], span_id: [2; 8] },
        operation: "destroy",
        activity: ProcessingActivity::AdministerPupils,
    };
    school.store.tenant(context, Scope::Institution).unwrap()
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

async fn enter(school: &School, histories: &[History]) -> Vec<PupilId> {
    let environment = school.store.environment().clone();
    let ids: Vec<PupilId> = histories.iter().map(|_| PupilId::from_uuid(environment.uuid())).collect();
    let owners = ids.iter().copied().map(key_owner::pupil).collect();
    let entered = ids.clone();
    let fields: PupilFields = child();
    service(school)
        .entering(owners)
        .write(move |writer| {
            let products = BTreeSet::from([Product::Registration]);
            let services = BTreeSet::new();
            let state = LicenceState::Active;
            writer.create_licence(&Licence {
                products,
                services,
                start: date(2020, 8, 1),
                end: None,
                state,
            })?;
            for id in entered {
                writer.create_pupil(id, &fields, None, None)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let mut data = school.data();
    for (id, history) in ids.iter().zip(histories) {
        live(&mut data, school, *id, history, PlacementId::from_uuid(environment.uuid()));
    }
    ids
}

/// Writes down what became of a child, past the rules that hold for one day at a time.
fn live(data: &mut AnyConnection, school: &School, id: PupilId, history: &History, placement: PlacementId) {
    let (institution, pupil) = (school.institution.as_bytes().to_vec(), id.as_bytes().to_vec());
    let at_noon: Timestamp = format!("{}T12:00:00Z", before(history.entered)).parse().unwrap();
    sql_query("UPDATE pupil SET created_at = $1, departed_on = $2, departure_kind = $3 WHERE id = $4")
        .bind::<BigInt, _>(at_noon.as_microsecond())
        .bind::<Nullable<Text>, _>(history.departed.map(|(days, _)| before(days).to_string()))
        .bind::<Nullable<Text>, _>(
            history.departed.map(|(_, moved)| if moved { "next-education" } else { "elsewhere" }),
        )
        .bind::<Binary, _>(pupil.clone())
        .execute(data)
        .unwrap();
    if let Some((from, until)) = history.placed {
        sql_query(
            "INSERT INTO placement (institution_id, id, pupil_id, group_id, placed_on, ended_on, created_at) \
             SELECT $1, $2, $3, id, $4, $5, 0 FROM groups LIMIT 1",
        )
        .bind::<Binary, _>(institution.clone())
        .bind::<Binary, _>(placement.as_bytes().to_vec())
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
             VALUES ($1, $2, 'pupil', $3, x'00', $4, '2040-01-01', 0)",
        )
        .bind::<Binary, _>(institution)
        .bind::<Binary, _>(placement.as_bytes().to_vec())
        .bind::<Binary, _>(pupil)
        .bind::<Binary, _>(school.teacher.as_bytes().to_vec())
        .execute(data)
        .unwrap();
    }
}

async fn foreseen(school: &School, at: Date) -> BTreeSet<PupilId> {
    let query = ForecastQuery { at, months: None, cancelled_on: None };
    let found =
        service(school).read(Cost::Scan, move |reader| reader.forecast(query, None, 1000)).await.unwrap();
    let goes = found.into_iter().filter(|foreseen| foreseen.due.held.is_none());
    goes.map(|foreseen| PupilId::from_uuid(foreseen.due.subject)).collect()
}

/// One round of what the background does; `None` when nothing was left to do.
async fn carry_out(school: &School) -> Result<Option<()>> {
    service(school).look_for_destructions().await?;
    let (store, now) = (&school.store, school.store.environment().now());
    let Some((_, id)) = store.claim_destruction(now, SignedDuration::from_mins(1)).await? else {
        return Ok(None);
    };
    service(school).carry_out_destruction(id).await.map(Some)
}

fn left(school: &School) -> BTreeSet<PupilId> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Binary)]
        id: Vec<u8>,
    }
    let rows: Vec<Row> = sql_query("SELECT id FROM pupil").load(&mut school.data()).unwrap();
    rows.into_iter().map(|row| PupilId::from_slice(&row.id).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn c105_c109_what_was_foreseen_is_destroyed_and_nothing_else_wherever_it_breaks_off(
        histories in prop::collection::vec(history(), CHILDREN),
        days in 1i32..1200,
        kills in prop::collection::vec(prop_oneof![0u16..12, 0u16..150], 0..12),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let school = School::new().await;
            let ids = enter(&school, &histories).await;
            let day = date(2026, 11, 21) + days.days();
            let goes: BTreeSet<_> = foreseen(&school, day).await;
            let before = left(&school);
            school.clock.pass(SignedDuration::from_hours(i64::from(days) * 24));
            for polls in kills {
                let _ = killed_after(polls, carry_out(&school)).await;
                // Whatever was done stays done; the lease of who was killed ends.
                school.clock.pass(SignedDuration::from_mins(2));
            }
            for _ in 0..50 {
                school.clock.pass(SignedDuration::from_mins(2));
                if matches!(carry_out(&school).await, Ok(None)) {
                    break;
                }
            }
            let gone: BTreeSet<_> = before.difference(&left(&school)).copied().collect();
            prop_assert_eq!(&gone, &goes);
            let owners = ids.iter().copied().map(key_owner::pupil).collect();
            let keys = school.store.keys().records(school.institution, owners).await.unwrap();
            for key in keys {
                let id = PupilId::from_uuid(key.owner);
                prop_assert_eq!(key.destroyed_at.is_some(), goes.contains(&id), "the key of {}", id);
            }
            Ok(())
        })?;
    }
}
