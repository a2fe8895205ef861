//! Drafts: saved step by step, finalised or thrown away.

use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::{both_databases, twice_at_once};
use serde_json::{Value, json};

use super::{path_of, registrations_of, some_judgements};

both_databases! {
    fn a_registration_begins_as_a_draft_of_today(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let body = json!({"frameworkId": class.framework});
        let made = teacher.post(&registrations_of(&class.pupil), &body).expect(201);
        let created_at = made.json()["createdAt"].clone();
        assert_eq!(made.json(), json!({
            "id": made.id(), "etag": made.etag(), "pupilId": class.pupil, "groupId": class.group,
            "frameworkId": class.framework,
            "halfYear": "2026-2027-1", "registeredOn": "2026-11-21", "ageMonths": 54,
            "version": 1, "state": "draft", "draftVersion": 1, "finalVersion": null,
            "authorId": class.teacher.id, "author": {"id": class.teacher.id, "name": "Fien van Verzonnen"},
            "reason": null,
            "judgements": {"scales": {}, "lines": {}, "milestones": {}},
            "createdAt": created_at, "changedAt": created_at, "finalisedAt": null, "masked": false, "withdrawal": null, "correctedAgeMonths": null,
        }));
        assert_eq!(made.header("Location"), path_of(&made.id()));
        let read = teacher.get(&path_of(&made.id())).expect(200);
        assert_eq!((&read.body, read.etag()), (&made.body, made.etag()));
        teacher.call("GET", &path_of(&made.id())).header("If-None-Match", &made.etag()).send().expect(304);
    }

    fn c071_a_draft_is_saved_step_by_step_and_survives_logout(server: Server) {
        let class = server.class();
        let path = path_of(&class.begin(&class.pupil, "2026-11-20", &some_judgements()).id());
        let steps = [
            json!({"lines": {"drawing": {"phaseFromMonth": 54, "completeness": "begun"}, "play": {"attention": true}}}),
            json!({"milestones": {"drawing.48-54.1": "reached", "drawing.54-60.1": "not-yet"}}),
            json!({"lines": {"drawing": {"completeness": "partly"}, "play": null}}),
            json!({"scales": {"involvement": 3, "self-confident": 5}, "milestones": {"drawing.48-54.1": null}}),
            json!({"scales": null}),
        ];
        let mut teacher = class.teacher.client.clone();
        let mut saved = Value::Null;
        for step in &steps {
            saved = teacher.change(&path, &json!({"judgements": step})).expect(200).json();
            teacher.call("DELETE", "/v1/sessions/current").send().expect(204);
            teacher.get(&path).expect(401);
            server.restart();
            teacher = server.anyone().log_in(&class.teacher.email, PASSWORD);
            assert_eq!(teacher.get(&path).expect(200).json(), saved);
        }
        assert_eq!(saved["judgements"], json!({
            "scales": {},
            "lines": {"drawing": {"phaseFromMonth": 54, "completeness": "partly", "attention": false}},
            "milestones": {"drawing.54-60.1": "not-yet"},
        }));
        assert_eq!((&saved["state"], &saved["version"]), (&json!("draft"), &json!(1)));
        assert_ne!(saved["changedAt"], saved["createdAt"]);
    }

    fn a_colleague_goes_on_with_a_draft(server: Server) {
        let class = server.class();
        let path = path_of(&class.begin(&class.pupil, "2026-11-20", &json!({})).id());
        let colleague = class.school.teacher(&class.group);
        let saved = colleague.change(&path, &json!({"judgements": some_judgements()})).expect(200);
        assert_eq!(saved.json()["authorId"], class.teacher.id.as_str());
        let last = colleague.act(&format!("{path}/_finalise"), &saved.etag()).expect(200).json();
        assert_eq!((&last["state"], &last["draftVersion"], &last["finalVersion"]), (&json!("final"), &Value::Null, &json!(1)));
        assert!(last["finalisedAt"].is_string());
        assert_eq!(last["judgements"]["scales"], json!({"involvement": 4}));
    }

    fn what_judges_nothing_does_not_become_final(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let path = path_of(&class.begin(&class.pupil, "2026-11-20", &json!({})).id());
        let finalise = || teacher.act(&format!("{path}/_finalise"), &teacher.get(&path).expect(200).etag());
        for nothing in [
            json!({}),
            json!({"milestones": {"drawing.54-60.1": "not-observed"}}),
            json!({"lines": {"drawing": {"attention": false}}}),
        ] {
            teacher.change(&path, &json!({"judgements": nothing})).expect(200);
            assert_eq!(finalise().expect(409).problem("conflict").code(), "no-judgements");
        }
        assert_eq!(teacher.get(&path).expect(200).json()["state"], "draft");
        teacher.change(&path, &json!({"judgements": {"lines": {"drawing": {"attention": true}}}})).expect(200);
        finalise().expect(200);
    }

    fn a_draft_that_is_discarded_is_gone(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let draft = class.begin(&class.pupil, "2026-11-20", &some_judgements());
        let path = path_of(&draft.id());
        teacher.delete(&path, &draft.etag()).expect(204);
        teacher.sees_nothing(&draft.id(), &[
            ("GET", "/v1/registrations/{}", Value::Null),
            ("GET", "/v1/registrations/{}/versions", Value::Null),
            ("GET", "/v1/registrations/{}/versions/1", Value::Null),
            ("DELETE", "/v1/registrations/{}", Value::Null),
        ]);
        assert_eq!(teacher.list(&registrations_of(&class.pupil)), [Value::Null; 0]);
    }

    fn who_changes_a_draft_has_seen_it_as_it_is(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let draft = class.begin(&class.pupil, "2026-11-20", &json!({}));
        let path = path_of(&draft.id());
        let finalise = format!("{path}/_finalise");
        let step = json!({"judgements": some_judgements()});
        for unseen in [
            teacher.call("PATCH", &path).merge_patch(&step).send(),
            teacher.call("DELETE", &path).send(),
            teacher.call("POST", &finalise).send(),
        ] {
            unseen.expect(428).problem("precondition-required");
        }
        let mut answers = twice_at_once(|| teacher.patch(&path, &draft.etag(), &step).status);
        answers.sort_unstable();
        assert_eq!(answers, [200, 412]);
        for stale in [
            teacher.patch(&path, &draft.etag(), &step),
            teacher.delete(&path, &draft.etag()),
            teacher.act(&finalise, &draft.etag()),
        ] {
            stale.expect(412).problem("precondition-failed");
        }
        let etag = teacher.get(&path).expect(200).etag();
        let mut answers = twice_at_once(|| teacher.act(&finalise, &etag).status);
        answers.sort_unstable();
        assert_eq!(answers, [200, 412]);
    }

    fn a_registration_that_is_sent_again_is_begun_once(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let list = registrations_of(&class.pupil);
        let body = class.new_registration("2026-11-20", &some_judgements());
        let [one, other] = twice_at_once(|| teacher.post_once(&list, &body, "een").expect(201));
        assert_eq!((one.visible(), one.etag()), (other.visible(), other.etag()));
        assert_eq!(one.header("Location"), other.header("Location"));
        let changed = class.new_registration("2026-11-19", &some_judgements());
        teacher.post_once(&list, &changed, "een").expect(409).problem("idempotency-key-reused");
        assert_eq!(teacher.list(&list).len(), 1);

        let mut own_id = body;
        own_id["id"] = json!(one.id());
        assert_eq!(teacher.post(&list, &own_id).expect(409).problem("conflict").code(), "id-in-use");
        own_id["id"] = json!("01999999-aaaa-7000-8000-00000000000a");
        assert_eq!(teacher.post(&list, &own_id).expect(201).id(), "01999999-aaaa-7000-8000-00000000000a");
    }
}
