//! Children who were born early: the age that they would have had is told beside their age, until they are two.

use groeilijn_tests::both_databases;
use serde_json::{Value, json};

both_databases! {
    /// C023: how many weeks, and nothing else.
    fn c023_how_early_a_child_was_born_is_a_number_of_weeks(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let pupil = format!("/v1/pupils/{}", class.pupil);
        let change = |weeks: Value| admin.change(&pupil, &json!({ "weeksPremature": weeks }));
        let shown = |weeks: Value, expected: Value| {
            let pupil = change(weeks.clone()).expect(200).json();
            assert_eq!((&pupil["weeksPremature"], &pupil["expectedBirthDate"]), (&weeks, &expected));
        };
        assert_eq!(admin.get(&pupil).expect(200).json()["weeksPremature"], Value::Null);
        shown(json!(9), json!("2022-07-06"));
        shown(json!(18), json!("2022-09-07"));
        shown(json!(0), Value::Null);
        shown(Value::Null, Value::Null);
        change(json!(19)).refuses(&[("/weeksPremature", "out-of-range")]);
        change(json!("negen")).refuses(&[("/weeksPremature", "not-a-number")]);
    }

    /// C026: both ages, in registrations and overviews, and read anew when it turns out later.
    fn c026_the_corrected_age_stands_beside_the_age_until_the_second_birthday(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let pupil = class.child("Vroeg", "2024-11-20");
        let judged = json!({"lines": {"play": {"phaseFromMonth": 36, "completeness": "begun"}}});
        let [young, two] = ["2026-10-20", "2026-11-20"].map(|day| class.register(&pupil, day, &judged));
        let read = |id: &str| teacher.get(&format!("/v1/registrations/{id}")).expect(200);
        let before = read(&young);
        assert_eq!((&before.json()["ageMonths"], &before.json()["correctedAgeMonths"]), (&json!(23), &Value::Null));
        class.school.admin.change(&format!("/v1/pupils/{pupil}"), &json!({"weeksPremature": 9})).expect(200);
        let after = teacher.call("GET", &format!("/v1/registrations/{young}")).header("If-None-Match", &before.etag());
        let after = after.send().expect(200).json();
        assert_eq!((&after["ageMonths"], &after["correctedAgeMonths"]), (&json!(23), &json!(20)));
        let at_two = read(&two).json();
        assert_eq!((&at_two["ageMonths"], &at_two["correctedAgeMonths"]), (&json!(24), &Value::Null));
        let listed: Vec<_> = teacher
            .list(&format!("/v1/pupils/{pupil}/registrations"))
            .iter()
            .map(|one| one["correctedAgeMonths"].clone())
            .collect();
        assert_eq!(listed, [Value::Null, json!(20)]);
        let overview = teacher.get(&format!("/v1/pupils/{pupil}/overview")).expect(200).json();
        let play = overview["lines"].as_array().unwrap().iter().find(|line| line["line"] == "play").unwrap();
        let moments: Vec<_> = play["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| point["moment"]["correctedAgeMonths"].clone())
            .collect();
        assert_eq!(moments, [json!(20), Value::Null]);
    }
}
