//! What is judged, and how everything that is wrong with it is told at once.

use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use serde_json::{Value, json};

use super::{path_of, registrations_of};

both_databases! {
    fn c025_milestones_are_reached_or_not_and_lines_need_extra_attention(server: Server) {
        let class = server.class();
        let judgements = json!({
            "scales": {
                "curious-and-enterprising": 5, "free-of-emotional-obstacles": 1, "involvement": 3, "self-confident": 4,
            },
            "lines": {
                "drawing": {"phaseFromMonth": 54, "completeness": "complete", "attention": false},
                "gross-motor-skills": {"phaseFromMonth": 0, "completeness": "begun", "attention": true},
                "play": {"phaseFromMonth": 90, "completeness": "partly", "attention": false},
                "spoken-language": {"phaseFromMonth": null, "completeness": null, "attention": true},
            },
            "milestones": {
                "drawing.48-54.1": "reached", "drawing.48-54.2": "not-yet", "play.54-60.1": "not-observed",
            },
        });
        let registration = class.register(&class.pupil, "2026-11-20", &judgements);
        let read = class.teacher.client.get(&path_of(&registration)).expect(200).json();
        assert_eq!(read["judgements"], judgements);
    }

    fn everything_outside_the_framework_is_told_at_once(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let wrong = json!({
            "scales": {"involvement": 6, "happiness": 3},
            "lines": {
                "drawing": {"phaseFromMonth": 55, "completeness": "begun"},
                "play": {"phaseFromMonth": 54},
                "spoken-language": {"completeness": "begun", "attention": true},
                "zingen": {"attention": true},
            },
            "milestones": {"drawing.48-54.1": "reached", "drawing.48-54.99": "reached"},
        });
        let expected = [
            ("/judgements/scales/involvement", "unknown-step"),
            ("/judgements/scales/happiness", "not-in-framework"),
            ("/judgements/lines/drawing/phaseFromMonth", "unknown-phase"),
            ("/judgements/lines/play/completeness", "missing"),
            ("/judgements/lines/spoken-language/phaseFromMonth", "missing"),
            ("/judgements/lines/zingen", "not-in-framework"),
            ("/judgements/milestones/drawing.48-54.99", "not-in-framework"),
        ];
        let list = registrations_of(&class.pupil);
        teacher.post(&list, &class.new_registration("2026-11-20", &wrong)).refuses(&expected);
        let with_the_day = [&expected[..], &[("/registeredOn", "in-the-future")]].concat();
        teacher.post(&list, &class.new_registration("2026-11-22", &wrong)).refuses(&with_the_day);
        assert_eq!(teacher.list(&list), [Value::Null; 0]);

        let draft = class.begin(&class.pupil, "2026-11-20", &json!({"scales": {"involvement": 4}}));
        let path = path_of(&draft.id());
        teacher.patch(&path, &draft.etag(), &json!({"judgements": wrong})).refuses(&expected);
        assert_eq!(teacher.get(&path).expect(200).visible().2, draft.visible().2);
    }

    fn everything_wrong_with_the_form_of_a_registration_is_told_at_once(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let list = registrations_of(&class.pupil);
        let judgements = json!({
            "scales": {"involvement": "4", "Not A Code": 1},
            "lines": {"drawing": {"phaseFromMonth": -6, "completeness": "half", "attention": 1, "colour": 1}, "play": 7},
            "milestones": {"drawing.48-54.1": "maybe"},
            "remarks": "Geen.",
        });
        let below_judgements = [
            ("/judgements/scales/involvement", "not-a-number"),
            ("/judgements/scales/Not A Code", "not-a-code"),
            ("/judgements/lines/drawing/phaseFromMonth", "out-of-range"),
            ("/judgements/lines/drawing/completeness", "not-in-list"),
            ("/judgements/lines/drawing/attention", "not-a-boolean"),
            ("/judgements/lines/drawing/colour", "unknown-field"),
            ("/judgements/lines/play", "not-an-object"),
            ("/judgements/milestones/drawing.48-54.1", "not-in-list"),
            ("/judgements/remarks", "unknown-field"),
        ];
        let body = json!({
            "id": 1, "frameworkId": "nl", "registeredOn": "2026-02-30", "judgements": judgements, "state": "final",
        });
        let of_the_body = [
            ("/id", "not-a-string"),
            ("/frameworkId", "not-a-uuid"),
            ("/registeredOn", "not-a-date"),
            ("/state", "unknown-field"),
        ];
        teacher.post(&list, &body).refuses(&[&of_the_body[..], &below_judgements[..]].concat());
        teacher.post(&list, &json!({})).refuses(&[("/frameworkId", "required")]);
        let unknown = json!({"frameworkId": ABSENT, "registeredOn": "2022-05-03"});
        teacher.post(&list, &unknown).refuses(&[
            ("/frameworkId", "not-published"),
            ("/registeredOn", "before-birth"),
            ("/registeredOn", "not-in-a-group"),
        ]);

        let path = path_of(&class.begin(&class.pupil, "2026-11-20", &json!({})).id());
        let patch = json!({"judgements": judgements, "registeredOn": "2026-11-19"});
        let expected = [&[("/registeredOn", "unknown-field")][..], &below_judgements[..]].concat();
        teacher.change(&path, &patch).refuses(&expected);
        teacher.change(&path, &json!({"judgements": null})).refuses(&[("/judgements", "null")]);
    }
}
