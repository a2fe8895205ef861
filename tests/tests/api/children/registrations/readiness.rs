//! What is still to be looked at before a registration becomes final.

use groeilijn_domain::access::Function;
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use serde_json::{Value, json};

use super::path_of;

fn line<'a>(shown: &'a Value, code: &str) -> &'a Value {
    shown["lines"].as_array().unwrap().iter().find(|line| line["line"] == code).unwrap()
}

both_databases! {
    fn c025_a_draft_tells_what_nobody_looked_at_and_what_was_noted_since_the_last_time(server: Server) {
        let class = server.class();
        let (teacher, pupil) = (&class.teacher.client, &class.pupil);
        class.register(pupil, "2026-03-10", &json!({"scales": {"involvement": 3}}));
        class.note(pupil, "2026-03-10", &["play"]);
        let seen = class.note(pupil, "2026-10-02", &["play", "drawing"]);
        let later = class.note(pupil, "2026-11-21", &["play"]);
        let withdrawn = class.note(pupil, "2026-10-03", &["play"]);
        let path = format!("/v1/notes/{withdrawn}");
        let tag = teacher.get(&path).expect(200).etag();
        let why = json!({"reason": "Was een ander kind."});
        teacher.call("POST", &format!("{path}/_withdraw")).header("If-Match", &tag).json(&why).send().expect(200);
        let judged = json!({
            "scales": {"involvement": 4},
            "lines": {"drawing": {"phaseFromMonth": 54, "completeness": "begun"}, "play": {"attention": true}},
        });
        let draft = class.begin(pupil, "2026-11-20", &judged).id();
        let readiness = format!("{}/readiness", path_of(&draft));
        let shown = teacher.get(&readiness).expect(200).json();
        assert_eq!((&shown["registrationId"], &shown["since"]), (&json!(draft), &json!("2026-03-10")));
        let unjudged = shown["unjudgedScales"].as_array().unwrap();
        assert!(!unjudged.is_empty() && !unjudged.contains(&json!("involvement")));
        let expected = |code: &str, is_judged: bool, notes: &[&str]| {
            json!({"line": code, "phaseFromMonth": 54, "isJudged": is_judged, "noteIds": notes})
        };
        assert_eq!(line(&shown, "drawing"), &expected("drawing", true, &[&seen]));
        assert_eq!(line(&shown, "play"), &expected("play", false, &[&seen]));

        // "Not observed" is somebody's answer, and what was written after the day is for the next time.
        teacher.change(&path_of(&draft), &json!({"judgements": {"milestones": {"play.54-60.1": "not-observed"}}})).expect(200);
        let shown = teacher.get(&readiness).expect(200).json();
        assert_eq!(line(&shown, "play")["isJudged"], true);
        assert!(!shown.to_string().contains(&later));
        // Nothing of it keeps the draft from becoming final.
        groeilijn_tests::class::finalise(teacher, &draft);
        assert_eq!(teacher.get(&readiness).expect(200).json(), shown);
    }

    fn c066_who_reads_no_notes_is_told_of_none(server: Server) {
        let class = server.class();
        let note = class.note(&class.pupil, "2026-10-02", &["play"]);
        let draft = class.begin(&class.pupil, "2026-11-20", &json!({})).id();
        let readiness = format!("{}/readiness", path_of(&draft));
        let told = |function| {
            let member = class.school.member(function, &[&class.group]).client;
            member.get(&readiness).expect(200).json().to_string().contains(&note)
        };
        assert!(told(Function::InternBegeleider) && told(Function::Teacher));
        assert!(!told(Function::Management));
        let stranger = class.school.teacher(&class.school.group("De Vlinders"));
        stranger.sees_nothing(&draft, &[("GET", "/v1/registrations/{}/readiness", Value::Null)]);
        server.school().admin.get(&readiness).expect(404);
        class.teacher.client.get(&format!("{}/readiness", path_of(ABSENT))).expect(404);
    }
}
