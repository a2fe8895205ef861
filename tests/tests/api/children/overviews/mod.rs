//! Overviews: every line of a child through time, a group side by side, and who is still to be registered.

mod child;
mod early;
mod forms;
mod group;

use groeilijn_domain::access::Function;
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use serde_json::{Value, json};

/// The item of a JSON array whose `field` is `code`.
fn find<'a>(array: &'a Value, field: &str, code: &str) -> &'a Value {
    array.as_array().unwrap().iter().find(|item| item[field] == code).unwrap_or_else(|| panic!("no {code}"))
}

/// What of each item of a JSON array is at `field`.
fn each(array: &Value, field: &str) -> Value {
    array.as_array().unwrap().iter().map(|item| item[field].clone()).collect()
}

/// A judgement of a development line: the phase that begins at a month, and how much of it is reached.
fn phase(from_month: u16, completeness: &str) -> Value {
    json!({"phaseFromMonth": from_month, "completeness": completeness})
}

/// The judgement that a line needs extra attention.
fn attention() -> Value {
    json!({"attention": true})
}

/// Where a child is on a line.
fn position(months: u16, difference_months: i16, level: &str) -> Value {
    json!({"months": months, "differenceMonths": difference_months, "level": level})
}

/// The codes and names of a published framework's lines, in its order.
fn lines_of(client: &groeilijn_tests::Client, framework: &str) -> Vec<(Value, Value)> {
    let document = client.get(&format!("/v1/frameworks/{framework}")).expect(200).json()["document"].clone();
    let areas = document["areas"].as_array().unwrap().iter();
    let lines = areas.flat_map(|area| area["lines"].as_array().unwrap());
    lines.map(|line| (line["code"].clone(), line["title"].clone())).collect()
}

/// The codes and names of an overview's lines, in its order.
fn lines_in(overview: &Value) -> Vec<(Value, Value)> {
    let lines = overview["lines"].as_array().unwrap().iter();
    lines.map(|line| (line["line"].clone(), line["title"].clone())).collect()
}

both_databases! {
    fn overviews_out_of_reach_are_not_there(server: Server) {
        let class = server.class();
        let elsewhere = server.class();
        let strangers = [
            class.school.teacher(&class.school.group("De Vlinders")),
            elsewhere.teacher.client,
            elsewhere.school.member(Function::InternBegeleider, &[]).client,
        ];
        for stranger in &strangers {
            stranger.sees_nothing(&class.pupil, &[("GET", "/v1/pupils/{}/overview", Value::Null)]);
            stranger.sees_nothing(&class.group, &[("GET", "/v1/groups/{}/overview", Value::Null)]);
        }
    }

    fn every_function_of_an_institution_reads_overviews_within_its_reach(server: Server) {
        let class = server.class();
        let paths = [format!("/v1/pupils/{}/overview", class.pupil), format!("/v1/groups/{}/overview", class.group)];
        let platform = server.platform();
        for path in &paths {
            let expected = class.teacher.client.get(path).expect(200);
            for function in Function::ALL {
                let client = class.school.member(function, &[&class.group]).client;
                assert_eq!(client.get(path).expect(200).body, expected.body);
            }
            platform.get(path).expect(403).problem("forbidden");
            server.anyone().get(path).expect(401).problem("unauthenticated");
        }
    }

    fn everything_wrong_with_the_question_is_told_at_once(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let child = format!("/v1/pupils/{}/overview", class.pupil);
        let group = format!("/v1/groups/{}/overview", class.group);
        teacher.get(&format!("{child}?frameworkId=nl&halfYear=2026-2027-1")).refuses(&[
            ("frameworkId", "not-a-uuid"),
            ("halfYear", "unknown-parameter"),
        ]);
        teacher.get(&format!("{group}?frameworkId=nl&halfYear=2026-2027-3&limit=1")).refuses(&[
            ("frameworkId", "not-a-uuid"),
            ("halfYear", "not-a-half-year"),
            ("limit", "unknown-parameter"),
        ]);
        for path in [child, group] {
            teacher.get(&format!("{path}?frameworkId={ABSENT}")).expect(404).problem("not-found");
        }
        teacher.get("/v1/pupils/1/overview").refuses(&[("pupilId", "not-a-uuid")]);
        teacher.get("/v1/groups/1/overview").refuses(&[("groupId", "not-a-uuid")]);
    }
}
