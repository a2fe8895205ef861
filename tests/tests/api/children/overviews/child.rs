//! The overview of a child.

use groeilijn_tests::both_databases;
use groeilijn_tests::class::{Class, finalise};
use groeilijn_tests::framework::{new_framework, publish};
use serde_json::{Value, json};

use super::{attention, each, find, lines_in, lines_of, phase, position};

fn overview(class: &Class, query: &str) -> Value {
    class.teacher.client.get(&format!("/v1/pupils/{}/overview{query}", class.pupil)).expect(200).json()
}

both_databases! {
    /// C028, C097: several moments of measuring, as a trend.
    fn c028_every_line_of_a_child_is_followed_through_time_against_its_age(server: Server) {
        let class = server.class();
        let last = class.register(&class.pupil, "2026-11-20", &json!({
            "lines": {"drawing": phase(42, "complete"), "play": attention()},
            "scales": {"involvement": 4},
        }));
        let first = class.register(&class.pupil, "2025-10-01", &json!({
            "lines": {"drawing": phase(36, "partly")},
            "scales": {"involvement": 2},
        }));
        let second = class.register(&class.pupil, "2026-03-10", &json!({
            "lines": {"drawing": {"phaseFromMonth": 48, "completeness": "begun", "attention": true}},
            "milestones": {"play.48-54.1": "reached"},
        }));
        let overview = overview(&class, "");
        assert_eq!(overview["pupilId"], class.pupil.as_str());
        assert_eq!(overview["frameworkId"], class.framework.as_str());
        assert_eq!(lines_in(&overview), lines_of(&class.teacher.client, &class.framework));

        let moment = |registration: &str, day: &str, half_year: &str, age: u16| {
            json!({"registrationId": registration, "registeredOn": day, "halfYear": half_year, "ageMonths": age, "correctedAgeMonths": null})
        };
        let [first, second, last] = [
            moment(&first, "2025-10-01", "2025-2026-1", 40),
            moment(&second, "2026-03-10", "2025-2026-2", 46),
            moment(&last, "2026-11-20", "2026-2027-1", 54),
        ];
        assert_eq!(*find(&overview["lines"], "line", "drawing"), json!({
            "line": "drawing", "title": "Tekenontwikkeling", "noteIds": [], "points": [
                {"moment": first, "position": position(39, -1, "at-level"), "attention": false},
                {"moment": second, "position": position(48, 2, "ahead"), "attention": true},
                {"moment": last, "position": position(48, -6, "behind"), "attention": false},
            ],
        }));
        let play = &find(&overview["lines"], "line", "play")["points"];
        assert_eq!(*play, json!([{"moment": last, "position": null, "attention": true}]));
        assert_eq!(find(&overview["lines"], "line", "spoken-language")["points"], json!([]));
        let involvement = &find(&overview["scales"], "scale", "involvement")["points"];
        assert_eq!(*involvement, json!([{"moment": first, "value": 2}, {"moment": last, "value": 4}]));
        assert_eq!(overview["scales"].as_array().unwrap().len(), 4);
    }

    fn c028_notes_stand_beside_the_lines_that_they_are_about(server: Server) {
        let class = server.class();
        let later = class.note(&class.pupil, "2026-11-02", &["drawing", "play"]);
        let earlier = class.note(&class.pupil, "2026-11-01", &["drawing"]);
        class.note(&class.pupil, "2026-11-03", &[]);
        class.note(&class.child("Siem", "2022-05-04"), "2026-11-03", &["drawing"]);
        let notes = || -> Vec<Value> {
            let lines = overview(&class, &format!("?frameworkId={}", class.framework))["lines"].clone();
            ["drawing", "play", "spoken-language"].map(|line| find(&lines, "line", line)["noteIds"].clone()).into()
        };
        assert_eq!(notes(), [json!([earlier, later]), json!([later]), json!([])]);
        let change = json!({"lines": ["spoken-language"], "frameworkId": class.framework});
        class.teacher.client.change(&format!("/v1/notes/{later}"), &change).expect(200);
        assert_eq!(notes(), [json!([earlier]), json!([]), json!([later])]);
    }

    fn drafts_do_not_count_and_a_correction_counts_once_it_is_final(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let empty = overview(&class, &format!("?frameworkId={}", class.framework));
        let judged = json!({"lines": {"drawing": phase(54, "begun")}, "scales": {"involvement": 4}});
        let registration = class.begin(&class.pupil, "2026-11-20", &judged).id();
        assert_eq!(overview(&class, &format!("?frameworkId={}", class.framework)), empty);
        finalise(teacher, &registration);
        let before = overview(&class, "");
        let point = |overview: &Value| find(&overview["lines"], "line", "drawing")["points"][0].clone();
        assert_eq!(point(&before)["position"], position(54, 0, "at-level"));

        let path = format!("/v1/registrations/{registration}");
        teacher.post(&format!("{path}/versions"), &json!({"reason": "Verkeerde fase."})).expect(201);
        let correction = json!({"judgements": {"lines": {"drawing": phase(60, "partly")}, "scales": null}});
        teacher.change(&path, &correction).expect(200);
        assert_eq!(overview(&class, ""), before);
        finalise(teacher, &registration);
        let after = overview(&class, "");
        assert_eq!(point(&after)["position"], position(63, 9, "ahead"));
        assert_eq!(point(&after)["moment"], point(&before)["moment"]);
        assert_eq!(find(&after["lines"], "line", "drawing")["points"].as_array().unwrap().len(), 1);
        assert_eq!(find(&after["scales"], "scale", "involvement")["points"], json!([]));
    }

    /// C071: ages follow a birth date that turned out wrong.
    fn c071_judgements_are_held_against_the_age_by_the_corrected_birth_date(server: Server) {
        let class = server.class();
        class.register(&class.pupil, "2026-11-20", &json!({"lines": {"drawing": phase(54, "begun")}}));
        let point = || find(&overview(&class, "")["lines"], "line", "drawing")["points"][0].clone();
        let seen = |point: &Value| (point["moment"]["ageMonths"].clone(), point["position"].clone());
        assert_eq!(seen(&point()), (json!(54), position(54, 0, "at-level")));
        let pupil = format!("/v1/pupils/{}", class.pupil);
        class.school.admin.change(&pupil, &json!({"birthDate": "2021-05-04"})).expect(200);
        assert_eq!(seen(&point()), (json!(66), position(54, -12, "behind")));
    }

    fn c072_a_later_framework_does_not_change_what_an_earlier_judgement_meant(server: Server) {
        let class = server.class();
        let platform = server.platform();
        let own = publish(&platform, &new_framework(1, &["drawing", "zingen"]));
        let of_nothing_yet = overview(&class, "");
        assert_eq!(of_nothing_yet["frameworkId"], own.as_str(), "the newest one for who was never registered");

        class.register(&class.pupil, "2026-11-20", &json!({
            "lines": {"drawing": phase(60, "begun"), "play": phase(54, "begun")},
            "scales": {"self-confident": 3},
        }));
        let by_its_own = overview(&class, "");
        assert_eq!(by_its_own["frameworkId"], class.framework.as_str());
        let by_the_newest = overview(&class, &format!("?frameworkId={own}"));
        assert_eq!(by_the_newest["frameworkId"], own.as_str());
        let titles = ["Lijn drawing", "Lijn zingen", "Spel"];
        assert_eq!(each(&by_the_newest["lines"], "title"), json!(titles));
        assert_eq!(each(&by_the_newest["scales"], "scale"), json!(["involvement", "self-confident"]));
        for line in ["drawing", "play"] {
            let [points, own_points] =
                [&by_the_newest, &by_its_own].map(|overview| &find(&overview["lines"], "line", line)["points"]);
            assert_eq!(points, own_points);
        }
    }
}
