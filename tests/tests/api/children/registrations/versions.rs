//! Final registrations never change (C070): what was wrong is put right in a next version, beside the first.

use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::class::finalise;
use groeilijn_tests::{both_databases, twice_at_once};
use serde_json::{Value, json};

use super::{path_of, some_judgements};

fn reason() -> Value {
    json!({"reason": "Bij het verkeerde kind ingevuld."})
}

both_databases! {
    fn c070_what_is_final_never_changes(server: Server) {
        let class = server.class();
        let path = path_of(&class.register(&class.pupil, "2026-11-20", &some_judgements()));
        let before = class.teacher.client.get(&path).expect(200);
        let refuse_all = |client: &groeilijn_tests::Client, etag: &str| {
            for refused in [
                client.patch(&path, etag, &json!({"judgements": {"scales": {"involvement": 1}}})),
                client.patch(&path, etag, &json!({})),
                client.delete(&path, etag),
                client.act(&format!("{path}/_finalise"), etag),
            ] {
                assert_eq!(refused.expect(409).problem("conflict").code(), "registration-final");
            }
        };
        refuse_all(&class.teacher.client, &before.etag());
        refuse_all(&class.school.member(Function::InternBegeleider, &[]).client, "*");
        class.school.admin.delete(&path, "*").expect(403).problem("forbidden");

        // Nor by other registrations, nor by time.
        class.register(&class.pupil, "2026-11-20", &json!({"scales": {"involvement": 1}}));
        server.clock.set("2027-02-20T09:00:00Z");
        server.restart();
        let teacher = server.anyone().log_in(&class.teacher.email, PASSWORD);
        let after = teacher.get(&path).expect(200);
        assert_eq!((&after.body, after.etag()), (&before.body, before.etag()));
        refuse_all(&teacher, &before.etag());
    }

    fn c070_every_change_of_a_registration_has_a_human_actor(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.begin(&class.pupil, "2026-11-20", &json!({})).id();
        let path = path_of(&registration);
        teacher.change(&path, &json!({"judgements": some_judgements()})).expect(200);
        finalise(teacher, &registration);
        teacher.post(&format!("{path}/versions"), &reason()).expect(201);
        teacher.delete(&path, "*").expect(204);
        let log = server.audit_log(&class.school.id);
        log.check();
        let touched = (ObjectKind::Registration, registration);
        let entries = log.entries();
        let is_change = |operation: &str| !operation.starts_with("read") && !operation.starts_with("list");
        let changes: Vec<_> = entries
            .iter()
            .filter(|entry| is_change(&entry.operation) && entry.objects.contains(&touched))
            .collect();
        let operations: Vec<_> = changes.iter().map(|entry| entry.operation.as_str()).collect();
        assert_eq!(operations, [
            "createRegistration",
            "changeRegistration",
            "finaliseRegistration",
            "correctRegistration",
            "discardRegistrationDraft",
        ]);
        for change in changes {
            assert_eq!(change.actor.as_ref(), Some(&class.teacher.id));
        }
    }

    fn c071_a_correction_is_a_version_of_its_own_and_both_stay_readable(server: Server) {
        let class = server.class();
        let registration = class.register(&class.pupil, "2026-11-20", &some_judgements());
        let path = path_of(&registration);
        let first = class.teacher.client.get(&path).expect(200).json();
        let colleague = class.school.member(Function::InternBegeleider, &[]);
        let begun = colleague.client.post(&format!("{path}/versions"), &reason()).expect(201);
        assert_eq!(begun.header("Location"), format!("{path}/versions/2"));
        let draft = begun.json();
        for (field, value) in [
            ("version", json!(2)),
            ("state", json!("draft")),
            ("draftVersion", json!(2)),
            ("finalVersion", json!(1)),
            ("authorId", json!(colleague.id)),
            ("reason", reason()["reason"].clone()),
            ("finalisedAt", Value::Null),
        ] {
            assert_eq!(draft[field], value, "{field}");
        }
        for kept in ["judgements", "registeredOn", "ageMonths", "groupId", "halfYear", "frameworkId"] {
            assert_eq!(draft[kept], first[kept], "{kept}");
        }
        assert_eq!(colleague.client.get(&path).expect(200).body, begun.body);

        let step = json!({"judgements": {"scales": {"involvement": 2}, "lines": {"play": {"attention": true}}}});
        let saved = colleague.client.patch(&path, &begun.etag(), &step).expect(200);
        let second = colleague.client.act(&format!("{path}/_finalise"), &saved.etag()).expect(200).json();
        assert_eq!((&second["finalVersion"], &second["draftVersion"]), (&json!(2), &Value::Null));
        assert_eq!(second["judgements"]["scales"], json!({"involvement": 2}));

        let teacher = &class.teacher.client;
        let versions = [1, 2].map(|number| teacher.get(&format!("{path}/versions/{number}")).expect(200).json());
        assert_eq!(versions[1], second);
        for field in ["version", "state", "judgements", "authorId", "reason", "createdAt", "changedAt", "finalisedAt"] {
            assert_eq!(versions[0][field], first[field], "{field}");
        }
        let summaries = teacher.list(&format!("{path}/versions"));
        for (summary, version) in summaries.iter().zip(&versions) {
            for (field, value) in summary.as_object().unwrap() {
                assert_eq!(*value, version[field], "{field}");
            }
        }
        assert_eq!(summaries.len(), 2);
    }

    fn one_correction_is_open_at_a_time_and_may_be_discarded(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.register(&class.pupil, "2026-11-20", &some_judgements());
        let path = path_of(&registration);
        let versions = format!("{path}/versions");
        let mut before = teacher.get(&path).expect(200).json();
        let [one, other] = twice_at_once(|| teacher.post(&versions, &reason()));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        assert_eq!(teacher.post(&versions, &reason()).expect(409).problem("conflict").code(), "draft-open");

        teacher.change(&path, &json!({"judgements": {"scales": {"involvement": 1}}})).expect(200);
        teacher.delete(&path, "*").expect(204);
        let after = teacher.get(&path).expect(200);
        before["etag"] = json!(after.etag());
        assert_eq!(after.json(), before);
        teacher.get(&format!("{versions}/2")).expect(404).problem("not-found");
        teacher.post(&versions, &reason()).expect(201);
        assert_eq!(finalise(teacher, &registration).json()["judgements"], before["judgements"]);
    }

    fn a_correction_needs_a_reason_and_is_begun_once(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.register(&class.pupil, "2026-11-20", &some_judgements());
        let versions = format!("{}/versions", path_of(&registration));
        teacher.post(&versions, &json!({})).refuses(&[("/reason", "required")]);
        teacher.post(&versions, &json!({"reason": " ", "version": 7})).refuses(&[
            ("/reason", "empty"),
            ("/version", "unknown-field"),
        ]);
        teacher.post(&versions, &json!({"reason": "a".repeat(501)})).refuses(&[("/reason", "too-long")]);
        let [one, other] = twice_at_once(|| teacher.post_once(&versions, &reason(), "een").expect(201));
        assert_eq!((one.visible(), one.etag()), (other.visible(), other.etag()));
        let reused = teacher.post_once(&versions, &json!({"reason": "Iets anders."}), "een");
        reused.expect(409).problem("idempotency-key-reused");
        assert_eq!(teacher.list(&versions).len(), 2);
    }

    fn versions_are_listed_from_the_first_to_the_last_page(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.register(&class.pupil, "2026-11-20", &some_judgements());
        let versions = format!("{}/versions", path_of(&registration));
        for _ in 0..4 {
            teacher.post(&versions, &reason()).expect(201);
            finalise(teacher, &registration);
        }
        for limit in [1, 2, 5] {
            let listed = teacher.list(&format!("{versions}?limit={limit}"));
            let numbers: Vec<_> = listed.iter().map(|version| version["version"].as_i64().unwrap()).collect();
            assert_eq!(numbers, [1, 2, 3, 4, 5]);
        }
        let page = teacher.get(&format!("{versions}/5")).expect(200);
        teacher.call("GET", &format!("{versions}/5")).header("If-None-Match", &page.etag()).send().expect(304);
        teacher.get(&format!("{versions}/6")).expect(404).problem("not-found");
        for wrong in ["0", "-1", "01", "een"] {
            teacher.get(&format!("{versions}/{wrong}")).refuses(&[("version", "not-a-version")]);
        }
        teacher.get("/v1/registrations/1/versions/0").refuses(&[
            ("registrationId", "not-a-uuid"),
            ("version", "not-a-version"),
        ]);
        teacher.get(&format!("{versions}?limit=0&cursor=!")).refuses(&[
            ("limit", "out-of-range"),
            ("cursor", "not-a-cursor"),
        ]);
    }
}
