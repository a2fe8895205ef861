//! How long everything is kept, and that it ends.

mod calendar;
pub(crate) mod destroying;
mod destructions;
mod forecast;
mod histories;
mod holds;
mod incidents;
mod kills;
mod leavers;
mod leaving_no_bytes;
mod policy;
mod table;
mod terms;

use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::{Client, Server, wait_until};
use serde_json::{Value, json};
use uuid::Uuid;

/// The password that somebody takes when the one of the harness has expired.
const LATER_PASSWORD: &str = "Klaproos-12";

/// How many rows a query counts: it gives one number, called `count`.
fn count(connection: &mut AnyConnection, query: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    sql_query(query).get_result::<Counted>(connection).unwrap().count
}

/// The same, of a query with an id as its parameter.
fn count_of(connection: &mut AnyConnection, query: &str, id: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let id = Uuid::parse_str(id).unwrap().as_bytes().to_vec();
    sql_query(query).bind::<Binary, _>(id).get_result::<Counted>(connection).unwrap().count
}

/// Somebody whose password expired since, logged in with another one.
fn log_in_anew(server: &Server, email: &str) -> Client {
    let client = server.anyone().log_in(email, PASSWORD);
    let body = json!({"currentPassword": PASSWORD, "newPassword": LATER_PASSWORD});
    client.post("/v1/account/password/_change", &body).expect(204);
    server.anyone().log_in(email, LATER_PASSWORD)
}

/// Has a child have left, on this day and for this kind of destination, long before the test begins.
pub(crate) fn depart(data: &mut AnyConnection, pupil: &str, day: &str, kind: &str) {
    let id = Uuid::parse_str(pupil).unwrap();
    let departed = sql_query("UPDATE pupil SET departed_on = $1, departure_kind = $2 WHERE id = $3")
        .bind::<Text, _>(day)
        .bind::<Text, _>(kind)
        .bind::<Binary, _>(id.as_bytes().to_vec())
        .execute(data);
    assert_eq!(departed.unwrap(), 1);
}

/// Waits until a destruction is done, and gives it.
#[track_caller]
pub(crate) fn done(admin: &Client, id: &str) -> Value {
    let path = format!("/v1/destructions/{id}");
    wait_until(|| admin.get(&path).expect(200).json()["state"] == "done");
    admin.get(&path).expect(200).json()
}
