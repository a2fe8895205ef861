//! The texts of an incident end, and what stands in the register stays (C122).

use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::incident::{reach, report};
use groeilijn_tests::{both_databases, wait_until};
use serde_json::json;

use super::{LATER_PASSWORD, count_of, log_in_anew};

const DESTROYED: &str =
    "SELECT count(*) AS count FROM subject_key WHERE subject_id = $1 AND destroyed_at IS NOT NULL";

both_databases! {
    fn c122_the_texts_end_five_years_after_the_last_record_and_the_facts_stay(server: Server) {
        let school = server.school();
        let email = format!("beheerder@{}", school.domain);
        let id = report(&school.admin);
        let path = format!("/v1/incidents/{id}");
        server.clock.set("2026-11-22T09:00:00Z");
        let admin = server.anyone().log_in(&email, PASSWORD);
        reach(&admin, &id, "registered").expect(201);
        let destroyed = || count_of(&mut server.installation().raw_keys(), DESTROYED, &id);
        server.clock.set("2031-11-22T08:59:00Z");
        let admin = log_in_anew(server, &email);
        assert_eq!(admin.get(&path).expect(200).json()["summary"], "Een laptop is gestolen.");
        assert_eq!(destroyed(), 0);
        server.clock.set("2031-11-22T10:01:00Z");
        wait_until(|| destroyed() == 1);
        let admin = server.anyone().log_in(&email, LATER_PASSWORD);
        let left = admin.get(&path).expect(200).json();
        assert_eq!((&left["summary"], &left["stage"]), (&json!(null), &json!("registered")));
        assert_eq!((&left["records"][0]["stage"], &left["records"][0]["text"]), (&json!("registered"), &json!(null)));
        assert_eq!(admin.list("/v1/incidents").len(), 1);
        server.audit_log(&school.id).check();
    }
}
