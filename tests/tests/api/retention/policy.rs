//! How long an institution keeps what it has about children.

use groeilijn_domain::access::Function;
use groeilijn_tests::both_databases;
use serde_json::{Value, json};

const PATH: &str = "/v1/retention/policy";

fn law(kind: &str, months: u8) -> Value {
    json!({"kind": kind, "months": months, "provision": "Een verzonnen bepaling, artikel 1."})
}

both_databases! {
    fn c105_two_years_until_the_administrator_sets_another_term(server: Server) {
        let school = server.school();
        let terms = school.admin.get(PATH).expect(200).json();
        assert_eq!((&terms["months"], &terms["basis"]), (&json!(24), &json!("contract")));
        assert_eq!((&terms["monthsAfterLeaving"], &terms["statutoryTerms"]), (&Value::Null, &json!([])));
        let changed = school.admin.change(PATH, &json!({"monthsAfterLeaving": 12})).expect(200).json();
        assert_eq!((&changed["months"], &changed["basis"]), (&json!(12), &json!("institution")));
        let back = school.admin.change(PATH, &json!({"monthsAfterLeaving": null})).expect(200).json();
        assert_eq!((&back["months"], &back["basis"]), (&json!(24), &json!("contract")));
        let of_other = server.school().admin.get(PATH).expect(200).json();
        assert_eq!(of_other["months"], 24);
    }

    fn c108_a_registered_law_goes_first_and_is_never_gone_below(server: Server) {
        let admin = server.school().admin;
        let registered = admin.change(PATH, &json!({"statutoryTerms": [law("at-least", 60)]})).expect(200).json();
        assert_eq!((&registered["months"], &registered["basis"]), (&json!(60), &json!("statutory")));
        assert_eq!(registered["statutoryTerms"], json!([law("at-least", 60)]));
        admin.change(PATH, &json!({"monthsAfterLeaving": 59}))
            .refuses(&[("/monthsAfterLeaving", "below-statutory")]);
        admin.change(PATH, &json!({"monthsAfterLeaving": 60})).expect(200);
        let both = json!({"statutoryTerms": [law("at-least", 60), law("at-most", 6)]});
        admin.change(PATH, &both)
            .refuses(&[("/statutoryTerms", "contradictory"), ("/monthsAfterLeaving", "above-statutory")]);
        assert_eq!(admin.get(PATH).expect(200).json()["statutoryTerms"], json!([law("at-least", 60)]));
    }

    fn wrong_terms_are_told_of_all_at_once(server: Server) {
        let admin = server.school().admin;
        let wrong = json!({
            "monthsAfterLeaving": 0,
            "statutoryTerms": [{"kind": "sometimes", "months": 300, "provision": ""}],
        });
        admin.change(PATH, &wrong).expect(400).problem("invalid-input");
        let out_of_range = json!({"monthsAfterLeaving": 241, "statutoryTerms": [law("at-most", 0)]});
        admin.change(PATH, &out_of_range).expect(400).problem("invalid-input");
        assert_eq!(admin.get(PATH).expect(200).json()["months"], 24);
        let etag = admin.get(PATH).expect(200).etag();
        admin.patch(PATH, &etag, &json!({"monthsAfterLeaving": 36})).expect(200);
        admin.patch(PATH, &etag, &json!({"monthsAfterLeaving": 48})).expect(412);
    }

    fn only_the_administrator_sees_and_sets_terms(server: Server) {
        let school = server.school();
        for function in Function::ALL.into_iter().filter(|function| *function != Function::Administrator) {
            let member = school.member(function, &[]).client;
            member.get(PATH).expect(403);
            member.call("PATCH", PATH).header("If-Match", "*").merge_patch(&json!({"monthsAfterLeaving": 1})).send().expect(403);
        }
    }
}
