//! A second final registration of a child in one half-year: it has to be meant.

use groeilijn_tests::{Client, Reply, both_databases, twice_at_once};
use serde_json::{Value, json};

use super::{path_of, some_judgements};

fn finalise(client: &Client, registration: &str, body: &Value) -> Reply {
    let call = client.call("POST", &format!("{}/_finalise", path_of(registration))).header("If-Match", "*");
    if body.is_null() { call.send() } else { call.json(body).send() }
}

both_databases! {
    /// C027: about twice a year, so a second one in a half-year is asked about, with the name of the first.
    fn c027_a_second_registration_in_a_half_year_has_to_be_meant(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let begin = |day: &str| class.begin(&class.pupil, day, &some_judgements()).id();
        let first = begin("2026-09-20");
        finalise(teacher, &first, &Value::Null).expect(200);
        let second = begin("2026-11-20");
        for body in [Value::Null, json!({}), json!({"secondInHalfYear": false}), json!({"secondInHalfYear": null})] {
            let refused = finalise(teacher, &second, &body).expect(409).problem("conflict");
            assert_eq!(refused.code(), "second-in-half-year");
            assert_eq!(refused.json()["conflictsWith"], first.as_str());
        }
        assert_eq!(teacher.get(&path_of(&second)).expect(200).json()["state"], "draft");
        finalise(teacher, &second, &json!({"secondInHalfYear": "ja"})).refuses(&[("/secondInHalfYear", "not-a-boolean")]);
        finalise(teacher, &second, &json!({"secondInHalfYear": true})).expect(200);
    }

    fn another_half_year_another_child_and_a_correction_are_no_second(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let other = class.child("Sem", "2022-05-04");
        let registered = [(&class.pupil, "2026-07-31"), (&class.pupil, "2026-08-01"), (&other, "2026-08-01")];
        let [_, first, _] = registered.map(|(pupil, day)| {
            let registration = class.begin(pupil, day, &some_judgements()).id();
            finalise(teacher, &registration, &Value::Null).expect(200);
            registration
        });
        let path = path_of(&first);
        teacher.post(&format!("{path}/versions"), &json!({"reason": "Verkeerde stap."})).expect(201);
        finalise(teacher, &first, &Value::Null).expect(200);
        // What is withdrawn does not count, so what takes its place is the first.
        let withdraw = teacher.call("POST", &format!("{path}/_withdraw")).header("If-Match", "*");
        withdraw.json(&json!({"reason": "Verkeerde dag."})).send().expect(200);
        let anew = class.begin(&class.pupil, "2026-11-20", &some_judgements()).id();
        finalise(teacher, &anew, &Value::Null).expect(200);
    }

    fn of_two_at_once_one_is_the_first(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let drafts = ["2026-11-19", "2026-11-20"].map(|day| class.begin(&class.pupil, day, &some_judgements()).id());
        let next = std::sync::atomic::AtomicUsize::new(0);
        let mut statuses = twice_at_once(|| {
            let turn = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            finalise(teacher, &drafts[turn], &Value::Null).status
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
}
