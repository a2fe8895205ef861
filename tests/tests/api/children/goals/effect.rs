//! What came of a goal: the registration before it and the next one, beside each other.

use groeilijn_tests::{Class, both_databases};
use serde_json::{Value, json};

use super::goal_at;

/// A judgement of the line `play`.
fn judged(from_month: u16, completeness: &str) -> Value {
    json!({"lines": {"play": {"phaseFromMonth": from_month, "completeness": completeness}}})
}

/// What came of a goal for each child.
fn effect(class: &Class, goal: &str) -> Vec<Value> {
    let effect = class.teacher.client.get(&format!("{}/effect", goal_at(goal))).expect(200).json();
    assert_eq!((&effect["goalId"], &effect["line"]), (&json!(goal), &json!("play")));
    assert_eq!(effect["frameworkId"], class.framework.as_str());
    effect["children"].as_array().unwrap().clone()
}

/// The day of the registration before and of the one after, of the first child.
fn days(class: &Class, goal: &str) -> [Value; 2] {
    ["before", "after"].map(|side| effect(class, goal)[0][side]["moment"]["registeredOn"].clone())
}

both_databases! {
    /// B1 A: "and monitor its effect".
    fn c142_the_effect_of_a_goal_is_where_its_children_were_before_and_at_the_next_registration(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-06-01");
        let fien = class.child("Fien", "2022-06-01");
        let before = class.register(&class.pupil, "2026-03-10", &judged(36, "begun"));
        class.register(&sem, "2026-11-01", &json!({"lines": {"play": {"attention": true}}}));
        let goal = class.goal("play", &[&class.pupil, &sem]);
        class.register(&fien, "2026-11-10", &judged(48, "begun"));

        let children = effect(&class, &goal);
        assert_eq!(children.len(), 2, "who is not meant is left out");
        let first = json!({
            "moment": {
                "registrationId": before, "registeredOn": "2026-03-10", "halfYear": "2025-2026-2", "ageMonths": 46,
                "correctedAgeMonths": null,
            },
            "position": {"months": 36, "differenceMonths": -10, "level": "behind"},
            "attention": false,
        });
        assert_eq!(children[0], json!({
            "id": class.pupil, "firstName": "Noor", "infix": null, "lastName": "Fantasie", "birthDate": null,
            "before": first, "after": null,
        }));
        // What was seen on the first day is what the goal was set upon.
        assert_eq!((&children[1]["before"]["attention"], &children[1]["before"]["position"]), (&json!(true), &Value::Null));

        let draft = class.begin(&class.pupil, "2026-11-20", &judged(54, "begun")).id();
        assert_eq!(effect(&class, &goal)[0]["after"], Value::Null, "a draft does not count");
        groeilijn_tests::class::finalise(&class.teacher.client, &draft);
        let after = effect(&class, &goal)[0].clone();
        assert_eq!(after["before"], first);
        assert_eq!(after["after"]["moment"]["registrationId"], draft.as_str());
        assert_eq!(after["after"]["position"], json!({"months": 54, "differenceMonths": 0, "level": "at-level"}));
        assert_eq!(effect(&class, &goal)[1]["after"], Value::Null);

        // It is where the overview of the child has it.
        let overview = class.teacher.client.get(&format!("/v1/pupils/{}/overview", class.pupil)).expect(200).json();
        let lines = overview["lines"].as_array().unwrap();
        let points = lines.iter().find(|line| line["line"] == "play").unwrap()["points"].clone();
        assert_eq!(points, json!([after["before"], after["after"]]));
    }

    fn c142_what_leaves_the_line_out_or_is_withdrawn_says_nothing_of_a_goal(server: Server) {
        let class = server.class();
        class.register(&class.pupil, "2026-03-10", &judged(36, "begun"));
        let last = class.register(&class.pupil, "2026-10-01", &judged(42, "begun"));
        class.register(&class.pupil, "2026-10-20", &json!({"scales": {"involvement": 4}}));
        let goal = class.goal("play", &[&class.pupil]);
        class.register(&class.pupil, "2026-11-05", &json!({"lines": {"drawing": {"attention": true}}}));
        let next = class.register(&class.pupil, "2026-11-12", &judged(48, "begun"));
        class.register(&class.pupil, "2026-11-20", &judged(54, "begun"));
        assert_eq!(days(&class, &goal), ["2026-10-01", "2026-11-12"]);
        for withdrawn in [last, next] {
            let path = format!("/v1/registrations/{withdrawn}/_withdraw");
            let call = class.teacher.client.call("POST", &path).header("If-Match", "*");
            call.json(&json!({"reason": "Verkeerd kind."})).send().expect(200);
        }
        assert_eq!(days(&class, &goal), ["2026-03-10", "2026-11-20"]);
        // A goal that begins later is looked at from there.
        let moved = json!({"firstDay": "2026-11-21"});
        class.teacher.client.change(&goal_at(&goal), &moved).expect(200);
        assert_eq!(days(&class, &goal), [json!("2026-11-20"), Value::Null]);
    }
}
