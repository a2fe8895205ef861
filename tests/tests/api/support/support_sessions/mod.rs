//! How the processor's staff looks into an institution: for a while, for a reason, and in its own sight.

mod beginning;

use std::collections::BTreeSet;

use groeilijn_domain::access::{Part, ProcessorFunction};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::{ConsentKind, SupportKind};
use groeilijn_tests::audit::Entry;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::openapi::{Operation, operations, sent, served};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_domain, new_institution};
use groeilijn_tests::support::{
    REASON, allow, ask_about, begin, code_of, couple, coupling, in_minutes, request_for_case,
    request_to_answer, request_with,
};
use groeilijn_tests::{Class, Client, Reply, Server, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

const PATH: &str = "/v1/support-sessions";

/// The part that an operation is about, if it needs a right.
fn part_of(operation: &Operation) -> Option<Part> {
    let permission = text(&operation.described["x-permission"]);
    Part::from_code(permission.split(':').next().unwrap())
}

/// Asks about what is there in a class, without a body.
fn ask(client: &Client, operation: &Operation, class: &Class) -> Reply {
    let path = operation.path_with(|name| match name {
        "institutionId" => class.school.id.clone(),
        "groupId" => class.group.clone(),
        "pupilId" => class.pupil.clone(),
        "userId" => class.teacher.id.clone(),
        "frameworkId" => class.framework.clone(),
        "version" => "1".to_owned(),
        "schoolYear" => "2024-2025".to_owned(),
        _ => ABSENT.to_owned(),
    });
    client.call(operation.method, &path).send()
}

/// Somebody of each function who looks as far as the function allows: in every kind of support session.
fn everybody_who_looks(server: &Server, class: &Class) -> Vec<(SupportKind, Client, String)> {
    let school = &class.school;
    allow(server, &class.teacher.client, ConsentKind::LookAlong);
    let adviser = server.staff(ProcessorFunction::Adviser);
    let adviser_id = text(&adviser.get("/v1/sessions/current").expect(200).json()["userId"]);
    couple(server, school, &coupling(school, &adviser_id));
    let looks = [
        (SupportKind::LookAlong, server.staff(ProcessorFunction::Helpdesk)),
        (SupportKind::Case, adviser.clone()),
        (SupportKind::Coupling, adviser),
        (SupportKind::Emergency, server.platform()),
    ];
    looks
        .into_iter()
        .map(|(kind, staff)| {
            let body = match kind {
                SupportKind::LookAlong => {
                    request_with(server, school, &class.teacher.id, &code_of(&class.teacher.client))
                }
                SupportKind::Case => {
                    request_to_answer(server, school, &ask_about(school, &json!({"groupId": class.group})))
                }
                _ => request_for_case(server, school, kind),
            };
            let (client, id) = begin(&staff, &body);
            (kind, client, id)
        })
        .collect()
}

/// The body of a support session that answers a request about the group of the class.
fn answering(server: &Server, class: &Class) -> Value {
    let asked = ask_about(&class.school, &json!({"groupId": class.group}));
    request_to_answer(server, &class.school, &asked)
}

fn added(server: &Server, institution: &str, request: impl FnOnce()) -> Vec<Entry> {
    let before = server.audit_log(institution);
    request();
    let after = server.audit_log(institution);
    after.check();
    before.added(&after)
}

both_databases! {
    fn c008_c009_c010_c011_c012_c017_c048_without_a_session_nobody_of_the_processor_reaches_a_child(server: Server) {
        let class = server.class();
        let staff = ProcessorFunction::ALL.map(|function| server.staff(function));
        let mut asked = 0;
        for operation in operations(&served(server)) {
            if part_of(&operation).is_some_and(Part::is_of_children) {
                asked += 1;
                for client in &staff {
                    ask(client, &operation, &class).expect(403).problem("forbidden");
                }
            }
        }
        assert!(asked > 25, "{asked}");
    }

    fn c012_c013_c048_in_a_session_only_its_parts_are_seen_and_nothing_is_changed(server: Server) {
        let class = server.class();
        let operations = operations(&served(server));
        for (kind, client, _) in everybody_who_looks(server, &class) {
            let parts: BTreeSet<_> = kind.ceiling().iter().copied().chain([Part::Account]).collect();
            for operation in &operations {
                let Some(part) = part_of(operation) else { continue };
                let permission = text(&operation.described["x-permission"]);
                let looks = permission.ends_with(":read") && parts.contains(&part);
                let status = ask(&client, operation, &class).status;
                if looks || operation.id == "logOut" {
                    assert!(!matches!(status, 401 | 403) && status < 500, "{kind:?} {}: {status}", operation.id);
                } else {
                    assert_eq!(status, 403, "{kind:?} {}", operation.id);
                }
            }
            client.get("/v1/groups").expect(401);
        }
    }

    fn c048_a_session_has_no_more_rights_than_were_asked_for(server: Server) {
        let class = server.class();
        let mut body = answering(server, &class);
        body["parts"] = json!(["groups"]);
        let (looking, _) = begin(&server.staff(ProcessorFunction::Adviser), &body);
        looking.get("/v1/groups").expect(200);
        looking.get("/v1/pupils").expect(403).problem("forbidden");
        let session = looking.get("/v1/sessions/current").expect(200).json();
        assert_eq!(session["institutionId"], class.school.id.as_str());
        assert_eq!(session["permissions"], json!([
            {"part": "groups", "action": "read", "scope": "institution"},
            {"part": "account", "action": "read", "scope": "institution"},
            {"part": "credentials", "action": "delete", "scope": "institution"},
        ]));
    }

    fn c001_c048_the_token_is_for_one_institution(server: Server) {
        let [class, other] = [server.class(), server.class()];
        let body = request_for_case(server, &class.school, SupportKind::Emergency);
        let (looking, _) = begin(&server.platform(), &body);
        assert_eq!(looking.list("/v1/pupils").len(), 1);
        for path in [format!("/v1/pupils/{}", other.pupil), format!("/v1/groups/{}", other.group)] {
            looking.get(&path).expect(404).problem("not-found");
        }
    }

    fn c048_every_request_of_a_session_is_in_the_log_of_the_institution(server: Server) {
        let class = server.class();
        let documented = operations(&served(server));
        for (kind, client, id) in everybody_who_looks(server, &class) {
            for operation in documented.iter().filter(|operation| part_of(operation).is_some()) {
                let entries = added(server, &class.school.id, || drop(ask(&client, operation, &class)));
                assert!(!entries.is_empty(), "{kind:?} {}", operation.id);
                for entry in entries {
                    assert_eq!(entry.operation, operation.id);
                    assert_eq!(entry.objects[0], (ObjectKind::SupportSession, id.clone()), "{}", operation.id);
                }
            }
        }
        let listed = class.school.admin.list(PATH);
        assert_eq!(listed.len(), 4);
        assert!(listed.iter().all(|session| session["reason"] == REASON && session["end"] == "logout"));
    }

    fn c012_the_institution_has_refused_requests_after_the_consent_on_record(server: Server) {
        let class = server.class();
        let consent = allow(server, &class.teacher.client, ConsentKind::LookAlong);
        let body = request_with(server, &class.school, &class.teacher.id, &code_of(&class.teacher.client));
        let (looking, id) = begin(&server.staff(ProcessorFunction::Helpdesk), &body);
        class.teacher.client.call("DELETE", &format!("/v1/support-consents/{consent}")).send().expect(204);
        let ask = || drop(looking.get("/v1/support-view/pupils").expect(403));
        let entries = added(server, &class.school.id, ask);
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].outcome.as_str(), &entries[0].objects[0].1), ("denied", &id));
    }

    fn c048_the_administrator_sees_who_looks_and_ends_it_at_once(server: Server) {
        let [class, other] = [server.class(), server.class()];
        let adviser = server.staff(ProcessorFunction::Adviser);
        let (looking, id) = begin(&adviser, &answering(server, &class));
        let listed = class.school.admin.list(PATH);
        assert_eq!(listed.len(), 1);
        for (field, expected) in [
            ("id", json!(id)),
            ("staffFunction", json!("adviser")),
            ("kind", json!("case")),
            ("caseId", Value::Null),
            ("reason", json!(REASON)),
            ("endedAt", Value::Null),
        ] {
            assert_eq!(listed[0][field], expected, "{field}");
        }
        assert_eq!(adviser.list(PATH), listed);
        assert!(other.school.admin.list(PATH).is_empty());
        class.teacher.client.get(PATH).expect(403);
        let path = format!("{PATH}/{id}");
        let null = Value::Null;
        for stranger in [&other.school.admin, &server.staff(ProcessorFunction::Adviser)] {
            stranger.sees_nothing(&id, &[("DELETE", "/v1/support-sessions/{}", null.clone())]);
        }
        let (platform_log, log) = (server.platform_audit_log(), server.audit_log(&class.school.id));
        class.school.admin.call("DELETE", &path).send().expect(204);
        let told = [(ObjectKind::SupportSession, id.clone())];
        assert_eq!(log.added(&server.audit_log(&class.school.id))[0].objects, told);
        assert_eq!(platform_log.added(&server.platform_audit_log())[0].objects, told);
        looking.get("/v1/groups").expect(401).problem("unauthenticated");
        assert_eq!(class.school.admin.list(PATH)[0]["end"], "ended-by-administrator");
        class.school.admin.call("DELETE", &path).send().expect(204);
        let (looking, id) = begin(&adviser, &answering(server, &class));
        adviser.call("DELETE", &format!("{PATH}/{id}")).send().expect(204);
        looking.get("/v1/groups").expect(401);
        let newest = &class.school.admin.list(&format!("{PATH}?limit=1"))[0];
        assert_eq!((&newest["id"], &newest["end"]), (&json!(id), &json!("ended-by-user")));
    }

    fn a_session_is_renewed_until_it_ends_and_not_after(server: Server) {
        let class = server.class();
        let adviser = server.staff(ProcessorFunction::Adviser);
        let begun = adviser.post(PATH, &answering(server, &class)).expect(201).json();
        server.clock.advance(SignedDuration::from_mins(9));
        let renew = |tokens: &Value| {
            server.anyone().post("/v1/sessions/_refresh", &json!({"refreshToken": tokens["refreshToken"]}))
        };
        let entries = added(server, &class.school.id, || {
            let renewed = renew(&begun).expect(200).json();
            assert_eq!(renewed["expiresAt"], begun["supportSession"]["endsAt"]);
            server.anyone().with_token(&text(&renewed["accessToken"])).get("/v1/groups").expect(200);
            server.clock.advance(SignedDuration::from_mins(11));
            renew(&renewed).expect(401);
        });
        assert_eq!(entries[0].operation, "refreshSession");
        assert_eq!(entries[0].objects[0].0, ObjectKind::SupportSession);
    }

    fn c004_without_a_licence_no_session_begins_and_none_goes_on(server: Server) {
        let class = server.class();
        let looking = everybody_who_looks(server, &class);
        let licence = format!("/v1/institutions/{}/licence", class.school.id);
        server.platform().change(&licence, &json!({"state": "suspended"})).expect(200);
        for (kind, client, _) in &looking {
            let path = if *kind == SupportKind::LookAlong { "/v1/support-view/pupils" } else { "/v1/groups" };
            client.get(path).expect(403).problem("no-active-licence");
        }
        let body = request_for_case(server, &class.school, SupportKind::Emergency);
        server.platform().post(PATH, &body).expect(403).problem("no-active-licence");
        let (_, client, _) = &looking[0];
        client.call("DELETE", "/v1/sessions/current").send().expect(204);
        server.platform().change(&licence, &json!({"state": "active"})).expect(200);
        begin(&server.platform(), &body).0.get("/v1/groups").expect(200);
    }

    fn c004_before_the_terms_are_accepted_nobody_looks(server: Server) {
        let domain = new_domain();
        let platform = server.platform();
        let made = platform.post("/v1/institutions", &new_institution(&domain)).expect(201).json();
        let body = json!({
            "institutionId": made["institution"]["id"], "kind": "emergency", "caseId": "VRAAG-1", "reason": REASON,
            "endsAt": in_minutes(server, 20),
        });
        platform.post(PATH, &body).expect(403).problem("terms-not-accepted");
    }

    fn c048_the_administrators_have_a_letter_of_each_kind_of_look(server: Server) {
        let class = server.class();
        everybody_who_looks(server, &class);
        let address = format!("beheerder@{}", class.school.domain);
        for told in ["helpdesk kijkt mee", "om een vraag van uw", "die aan uw instelling is gekoppeld", "noodtoegang geopend"] {
            server.anyone().mailbox().wait_for(&address, told, 1);
        }
    }

    fn c040_the_processor_works_for_purposes_and_with_fields_that_it_cannot_add_to(server: Server) {
        let document = served(server);
        for operation in operations(&document) {
            let activity = text(&operation.described["x-processing-activity"]);
            assert!(ProcessingActivity::from_code(&activity).is_some(), "{}", operation.id);
        }
        for (place, schema) in sent(&document) {
            for field in ["activity", "purpose", "processingActivity"] {
                assert!(schema["properties"][field].is_null(), "{place}: {field}");
            }
        }
        let class = server.class();
        let pupil = format!("/v1/pupils/{}", class.pupil);
        for (_, client, _) in everybody_who_looks(server, &class) {
            client.patch(&pupil, "*", &json!({"schoenmaat": 24})).expect(403);
        }
        class.school.admin.patch(&pupil, "*", &json!({"schoenmaat": 24})).refuses(&[("/schoenmaat", "unknown-field")]);
    }
}
