pub(crate) mod destroying;
mod destructions;
mod forecast;
mod leaving_no_bytes;
mod policy;

use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::{Server, wait_until};
use serde_json::Value;

/// Has a child have left, on this day and for this kind of destination, long before the test begins.
pub(crate) fn depart(server: &Server, pupil: &str, day: &str, kind: &str) {
    let id = uuid::Uuid::parse_str(pupil).unwrap();
    let departed = diesel::sql_query("UPDATE pupil SET departed_on = $1, departure_kind = $2 WHERE id = $3")
        .bind::<diesel::sql_types::Text, _>(day)
        .bind::<diesel::sql_types::Text, _>(kind)
        .bind::<diesel::sql_types::Binary, _>(id.as_bytes().to_vec())
        .execute(&mut server.raw_data());
    assert_eq!(departed.unwrap(), 1);
}

/// Waits until a destruction is done, and gives it.
#[track_caller]
pub(crate) fn done(admin: &groeilijn_tests::Client, id: &str) -> Value {
    let path = format!("/v1/destructions/{id}");
    wait_until(|| admin.get(&path).expect(200).json()["state"] == "done");
    admin.get(&path).expect(200).json()
}
