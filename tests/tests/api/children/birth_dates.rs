//! Birth dates that turned out wrong, and children who have turned eight.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::both_databases;
use serde_json::{Value, json};

fn earlier(pupil: &str) -> String {
    format!("/v1/pupils/{pupil}/earlier-birth-dates")
}

both_databases! {
    /// C071: what was known before stays readable.
    fn c071_earlier_birth_dates_are_kept(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let pupil = format!("/v1/pupils/{}", class.pupil);
        assert_eq!(admin.list(&earlier(&class.pupil)), [Value::Null; 0]);
        for birth_date in ["2022-04-05", "2021-04-05"] {
            admin.change(&pupil, &json!({ "birthDate": birth_date })).expect(200);
            admin.change(&pupil, &json!({"birthDate": birth_date, "particulars": birth_date})).expect(200);
        }
        let by = class.school.admin_id.clone();
        let expected = admin.list(&earlier(&class.pupil));
        let dates: Vec<_> = expected.iter().map(|one| (&one["birthDate"], &one["correctedBy"])).collect();
        assert_eq!(dates, [(&json!("2022-04-05"), &json!(by)), (&json!("2022-05-04"), &json!(by))]);
        assert!(expected.iter().all(|one| one["correctedAt"].is_string()));
        for limit in [1, 2] {
            assert_eq!(admin.list(&format!("{}?limit={limit}", earlier(&class.pupil))), expected);
        }
        assert_eq!(class.teacher.client.list(&earlier(&class.pupil)), expected);
        let asked = [("GET", "/v1/pupils/{}/earlier-birth-dates", Value::Null)];
        class.school.teacher(&class.school.group("De Vlinders")).sees_nothing(&class.pupil, &asked);
        server.class().school.admin.sees_nothing(&class.pupil, &asked);
    }

    fn a_birth_date_goes_with_what_is_known_of_the_child(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let pupil = format!("/v1/pupils/{}", class.pupil);
        let refused = |birth_date: &str, code: &str| {
            admin.change(&pupil, &json!({ "birthDate": birth_date })).refuses(&[("/birthDate", code)]);
        };
        refused("2026-11-22", "in-the-future");
        refused("2018-11-21", "too-old");
        refused("2025-08-02", "after-first-day");
        admin.change(&pupil, &json!({"birthDate": "2025-08-01"})).expect(200);
        assert_eq!(admin.list(&earlier(&class.pupil)).len(), 1);
    }

    /// C026: a child who has turned eight is corrected as before, until it is archived.
    fn c026_a_child_of_eight_is_still_corrected(server: Server) {
        let class = server.class();
        let pupil = format!("/v1/pupils/{}", class.child("Oudste", "2018-11-22"));
        server.clock.set("2026-11-24T09:00:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", class.school.domain), PASSWORD);
        let change = json!({"firstName": "Pien", "birthDate": "2018-11-23"});
        let changed = admin.change(&pupil, &change).expect(200).json();
        assert_eq!(json!({"firstName": changed["firstName"], "birthDate": changed["birthDate"]}), change);
        admin.act(&format!("{pupil}/_archive"), "*").expect(200);
        let refused = admin.change(&pupil, &json!({"firstName": "Fien"})).expect(409).problem("conflict");
        assert_eq!(refused.code(), "archived");
    }

    /// C027: nobody is asked to register a child who has turned eight.
    fn c027_a_child_of_eight_is_due_no_more(server: Server) {
        let class = server.class();
        let oldest = class.child("Oudste", "2018-11-22");
        let colleague = class.school.member(Function::InternBegeleider, &[]);
        let due = |client: &groeilijn_tests::Client, query: &str| {
            let path = format!("/v1/groups/{}/overview{query}", class.group);
            client.get(&path).expect(200).json()["withoutRegistration"].clone()
        };
        assert_eq!(due(&class.teacher.client, ""), json!([class.pupil, oldest]));
        server.clock.set("2026-11-22T09:00:00Z");
        let after = server.anyone().log_in(&colleague.email, PASSWORD);
        assert_eq!(due(&after, ""), json!([class.pupil]));
        assert_eq!(due(&after, "?halfYear=2025-2026-2"), json!([class.pupil, oldest]));
    }
}
