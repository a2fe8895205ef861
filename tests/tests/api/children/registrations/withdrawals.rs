//! Final registrations that are withdrawn: readable, marked, and counting nowhere.

use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::class::finalise;
use groeilijn_tests::{Client, Reply, both_databases, twice_at_once};
use serde_json::{Value, json};

use super::{path_of, registrations_of, some_judgements};

fn reason() -> Value {
    json!({"reason": "Bij het verkeerde kind ingevuld."})
}

fn withdraw(client: &Client, registration: &str) -> Reply {
    let path = path_of(registration);
    let etag = client.get(&path).expect(200).etag();
    client.call("POST", &format!("{path}/_withdraw")).header("If-Match", &etag).json(&reason()).send()
}

both_databases! {
    /// C070, C071: the mark is added, and nothing of what was registered is lost.
    fn c070_what_is_withdrawn_stays_readable_with_its_mark(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.register(&class.pupil, "2026-11-20", &some_judgements());
        let path = path_of(&registration);
        let mut before = teacher.get(&path).expect(200).json();
        assert_eq!(before["withdrawal"], Value::Null);
        let withdrawn = withdraw(teacher, &registration).expect(200);
        before["etag"] = json!(withdrawn.etag());
        let at = withdrawn.json()["withdrawal"]["withdrawnAt"].clone();
        before["withdrawal"] =
            json!({"reason": reason()["reason"], "withdrawnBy": class.teacher.id, "author": before["author"], "withdrawnAt": at});
        assert!(at.is_string());
        assert_eq!(withdrawn.json(), before);
        let colleague = class.school.member(Function::InternBegeleider, &[]).client;
        for reader in [teacher, &colleague, &class.school.admin] {
            assert_eq!(reader.get(&path).expect(200).body, withdrawn.body);
            assert_eq!(reader.get(&format!("{path}/versions/1")).expect(200).body, withdrawn.body);
            let listed = reader.list(&registrations_of(&class.pupil));
            assert_eq!(listed[0]["withdrawnAt"], at);
            assert_eq!(listed[0]["state"], "final");
        }
    }

    /// C070: what is withdrawn is never changed again, and has no new version.
    fn c070_what_is_withdrawn_never_changes(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.register(&class.pupil, "2026-11-20", &some_judgements());
        let path = path_of(&registration);
        let etag = teacher.get(&path).expect(200).etag();
        let again = || teacher.call("POST", &format!("{path}/_withdraw")).header("If-Match", &etag).json(&reason()).send();
        let mut statuses = twice_at_once(|| again().status);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        for refused in [
            withdraw(teacher, &registration),
            teacher.patch(&path, "*", &json!({"judgements": some_judgements()})),
            teacher.delete(&path, "*"),
            teacher.act(&format!("{path}/_finalise"), "*"),
            teacher.post(&format!("{path}/versions"), &reason()),
        ] {
            assert_eq!(refused.expect(409).problem("conflict").code(), "withdrawn");
        }
        assert_eq!(teacher.list(&format!("{path}/versions")).len(), 1);
    }

    fn only_what_is_final_is_withdrawn(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let draft = class.begin(&class.pupil, "2026-11-20", &some_judgements()).id();
        assert_eq!(withdraw(teacher, &draft).expect(409).problem("conflict").code(), "never-final");
        finalise(teacher, &draft);
        teacher.post(&format!("{}/versions", path_of(&draft)), &reason()).expect(201);
        assert_eq!(withdraw(teacher, &draft).expect(409).problem("conflict").code(), "draft-open");
        teacher.delete(&path_of(&draft), "*").expect(204);
        let path = format!("{}/_withdraw", path_of(&draft));
        let refuses = |body: Value, errors: &[(&str, &str)]| {
            teacher.call("POST", &path).header("If-Match", "*").json(&body).send().refuses(errors);
        };
        refuses(json!({}), &[("/reason", "required")]);
        refuses(json!({"reason": "a".repeat(501)}), &[("/reason", "too-long")]);
        refuses(json!({"reason": " ", "by": "mij"}), &[("/reason", "empty"), ("/by", "unknown-field")]);
        teacher.post(&path, &reason()).expect(428).problem("precondition-required");
        withdraw(teacher, &draft).expect(200);
    }

    /// C024: who wrote its final version withdraws it, or the intern begeleider.
    fn c024_its_author_or_the_intern_begeleider_withdraws_a_registration(server: Server) {
        let class = server.class();
        let by = |function: Function| class.school.member(function, &[&class.group]).client;
        for (function, status) in [
            (Function::Administrator, 403),
            (Function::Teacher, 403),
            (Function::ChildcareWorker, 403),
            (Function::Management, 403),
            (Function::PedagogicalCoach, 403),
            (Function::InternBegeleider, 200),
        ] {
            let registration = class.register(&class.child("Sem", "2022-05-04"), "2026-11-20", &some_judgements());
            withdraw(&by(function), &registration).expect(status);
        }
        // The author of the latest final version, not that of the first.
        let registration = class.register(&class.pupil, "2026-11-20", &some_judgements());
        let colleague = by(Function::Teacher);
        colleague.post(&format!("{}/versions", path_of(&registration)), &reason()).expect(201);
        finalise(&colleague, &registration);
        let refused = withdraw(&class.teacher.client, &registration).expect(403).problem("forbidden");
        assert_eq!(refused.code(), "not-the-author");
        withdraw(&colleague, &registration).expect(200);
    }

    /// C027, C028: neither the overviews nor the half-year know of it any more.
    fn c028_what_is_withdrawn_counts_nowhere(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let phase = |from: u16| json!({"lines": {"play": {"phaseFromMonth": from, "completeness": "begun"}}});
        let earlier = class.register(&class.pupil, "2026-03-10", &phase(36));
        let wrong = class.register(&class.pupil, "2026-11-20", &phase(60));
        let group = || teacher.get(&format!("/v1/groups/{}/overview", class.group)).expect(200).json();
        let child = || teacher.get(&format!("/v1/pupils/{}/overview", class.pupil)).expect(200).json().to_string();
        assert_eq!(group()["withoutRegistration"], json!([]));
        assert!(child().contains(&wrong) && child().contains(&earlier));

        withdraw(teacher, &wrong).expect(200);
        let seen = group();
        assert_eq!(seen["withoutRegistration"], json!([class.pupil]));
        assert_eq!(seen["children"][0]["registration"]["registrationId"], earlier.as_str());
        assert_eq!(seen["children"][0]["registeredThisHalfYear"], false);
        assert!(!child().contains(&wrong) && child().contains(&earlier));
    }

    /// C070: it has a human actor, and its entry names the child.
    fn c070_withdrawing_is_on_record(server: Server) {
        let class = server.class();
        let registration = class.register(&class.pupil, "2026-11-20", &some_judgements());
        let before = server.audit_log(&class.school.id);
        let etag = "*";
        let path = format!("{}/_withdraw", path_of(&registration));
        class.teacher.client.call("POST", &path).header("If-Match", etag).json(&reason()).send().expect(200);
        let after = server.audit_log(&class.school.id);
        after.check();
        let added = before.added(&after);
        assert_eq!(added.len(), 1);
        assert_eq!(added[0].operation, "withdrawRegistration");
        assert_eq!(added[0].actor.as_ref(), Some(&class.teacher.id));
        for touched in [(ObjectKind::Registration, registration), (ObjectKind::Pupil, class.pupil.clone())] {
            assert!(added[0].objects.contains(&touched));
        }
    }
}
