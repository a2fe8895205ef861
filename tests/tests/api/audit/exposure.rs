//! Whom an account, a session, a token, a network or a support session touched (C035, C126).

use std::collections::BTreeSet;

use groeilijn_domain::access::{Function, Part};
use groeilijn_domain::audit::data_class::of_operation;
use groeilijn_domain::support::SupportKind;
use groeilijn_persistence::environment::Clock as _;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::openapi::{operations, served};
use groeilijn_tests::reply::text;
use groeilijn_tests::support::{begin, request_for_case};
use groeilijn_tests::{Class, Client, Reply, Server, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn path(institution: &str) -> String {
    format!("/v1/institutions/{institution}/_exposure")
}

/// The search for one thing in the hours around now.
fn around_now(server: &Server, by: &str, of: &str) -> Value {
    let now = server.clock.now();
    let hours = SignedDuration::from_hours(12);
    json!({by: of, "from": now - hours, "until": now + hours})
}

fn worked_out(server: &Server, class: &Class, by: &str, of: &str) -> Value {
    class.school.admin.post(&path(&class.school.id), &around_now(server, by, of)).expect(200).json()
}

fn ids(exposure: &Value, people: &str, id: &str) -> BTreeSet<String> {
    exposure[people].as_array().unwrap().iter().map(|one| text(&one[id])).collect()
}

fn session_of(client: &Client) -> String {
    client.get("/v1/sessions/current").expect(200).json()["id"].as_str().unwrap().to_owned()
}

both_databases! {
    fn c035_c126_a_stolen_session_touched_exactly_the_children_whom_it_read(server: Server) {
        let class = server.class();
        let seen: BTreeSet<String> = (0..11)
            .map(|number| class.child(&format!("Kind {number}"), "2022-05-04"))
            .chain([class.pupil.clone()])
            .collect();
        let unseen = class.school.pupil("Sem", &class.school.group("De Vlinders"));
        class.note(&class.pupil, "2026-11-20", &[]);
        let thief = class.teacher.client.log_in(&class.teacher.email, PASSWORD);
        let session = session_of(&thief);
        thief.get(&format!("/v1/groups/{}/pupils", class.group)).expect(200);
        thief.get(&format!("/v1/pupils/{}/notes", class.pupil)).expect(200);
        thief.get(&format!("/v1/pupils/{unseen}")).expect(404);

        let exposure = worked_out(server, &class, "sessionId", &session);
        let touched: BTreeSet<String> = ids(&exposure, "pupils", "pupilId").difference(&BTreeSet::from([unseen.clone()])).cloned().collect();
        assert_eq!(touched, seen);
        assert_eq!((&exposure["pupilsTouched"], &exposure["everything"]), (&json!(12), &json!(false)));
        let of = |pupil: &str| {
            let all = exposure["pupils"].as_array().unwrap();
            all.iter().find(|one| one["pupilId"] == json!(pupil)).unwrap()["data"].clone()
        };
        let noor = of(&class.pupil);
        assert_eq!((&noor["shown"], &noor["changed"], &noor["refused"]), (&json!(2), &json!(0), &json!(0)));
        assert_eq!(noor["operations"], json!(["listNotes", "listPupilsOfGroup"]));
        assert!(noor["classes"].as_array().unwrap().contains(&json!("special-category")));
        let other = of(seen.iter().find(|pupil| **pupil != class.pupil).unwrap());
        assert_eq!(other["classes"], json!(["ordinary"]));
        let refused = of(&unseen);
        assert_eq!((&refused["shown"], &refused["refused"], &refused["classes"]), (&json!(0), &json!(1), &json!([])));
        let operation = |id: &str| exposure["operations"].as_array().unwrap().iter().find(|one| one["operation"] == id).unwrap().clone();
        assert_eq!(operation("readPupil")["outcome"], "denied");
        assert_eq!(operation("logIn")["count"], 1);
        // The teacher's own session is another one.
        let own = worked_out(server, &class, "sessionId", &session_of(&class.teacher.client));
        assert!(own["operations"].as_array().unwrap().iter().all(|one| one["operation"] != "listPupilsOfGroup"));
    }

    fn c035_the_same_question_gets_the_same_answer_when_the_log_went_on(server: Server) {
        let class = server.class();
        let read = || drop(class.teacher.client.get(&format!("/v1/pupils/{}", class.pupil)).expect(200));
        read();
        let mut search = around_now(server, "actorId", &class.teacher.id);
        let ask = |search: &Value| class.school.admin.post(&path(&class.school.id), search).expect(200).json();
        let first = ask(&search);
        read();
        assert!(ask(&search)["entries"].as_u64() > first["entries"].as_u64());
        search["asOf"] = first["asOf"].clone();
        assert_eq!(ask(&search), first);
        search["asOf"] = json!(1_000_000);
        let refused = class.school.admin.post(&path(&class.school.id), &search).expect(400).errors();
        assert_eq!(refused, [("/asOf".to_owned(), "too-large".to_owned())]);
    }

    fn c035_a_period_cuts_it(server: Server) {
        let class = server.class();
        server.clock.advance(SignedDuration::from_mins(1));
        let from = server.clock.now();
        class.teacher.client.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        server.clock.advance(SignedDuration::from_mins(1));
        let until = server.clock.now();
        class.teacher.client.get(&format!("/v1/pupils/{}/notes", class.pupil)).expect(200);
        let search = json!({"actorId": class.teacher.id, "from": from, "until": until});
        let exposure = class.school.admin.post(&path(&class.school.id), &search).expect(200).json();
        assert_eq!(exposure["entries"], 1);
        assert_eq!(exposure["operations"][0]["operation"], "readPupil");
    }

    fn c035_a_token_a_network_and_a_support_session_are_looked_for(server: Server) {
        let class = server.class();
        let body = json!({
            "name": "Koppeling", "kind": "integration", "scopes": [{"part": "pupils", "actions": ["read"]}],
            "expiresOn": "2026-12-31", "currentPassword": PASSWORD,
        });
        let made = class.school.admin.post("/v1/api-tokens", &body).expect(201).json();
        let program = server.anyone().with_token(&text(&made["token"]));
        program.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        let (staff, support) = begin(&server.platform(), &request_for_case(server, &class.school, SupportKind::Emergency));
        staff.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        // Who looks at the support session belongs not to it.
        class.school.admin.list("/v1/support-sessions");

        let by = |by: &str, of: &str| worked_out(server, &class, by, of);
        let of_token = by("apiTokenId", &text(&made["apiToken"]["id"]));
        assert_eq!(ids(&of_token, "pupils", "pupilId"), BTreeSet::from([class.pupil.clone()]));
        assert_eq!(of_token["entries"], 1);
        assert_eq!(by("apiTokenId", &class.teacher.id)["entries"], 0, "a teacher is no token");
        let of_support = by("supportSessionId", &support);
        assert_eq!(of_support["pupilsTouched"], 1);
        let operations: BTreeSet<String> = of_support["operations"].as_array().unwrap().iter().map(|one| text(&one["operation"])).collect();
        assert_eq!(operations, BTreeSet::from(["readPupil".to_owned()]));
        let everything = by("network", "127.0.0.1");
        assert!(everything["entries"].as_u64() > of_token["entries"].as_u64());
        assert_eq!((&everything["unreadableAddresses"], &everything["pupilsTouched"]), (&json!(0), &json!(1)));
        assert_eq!(by("network", "127.0.0.0/8")["entries"].as_u64(), everything["entries"].as_u64().map(|entries| entries + 1));
        assert_eq!(by("network", "192.0.2.0/24")["entries"], 0);
    }

    fn c017_c035_the_processor_sees_how_many_and_nobody_by_id(server: Server) {
        let (class, other) = (server.class(), server.class());
        class.teacher.client.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        let search = around_now(server, "actorId", &class.teacher.id);
        let reply = server.platform().post(&path(&class.school.id), &search).expect(200);
        let exposure = reply.json();
        assert_eq!((&exposure["pupilsTouched"], &exposure["pupils"], &exposure["users"]), (&json!(1), &Value::Null, &Value::Null));
        assert!(!exposure.to_string().contains(&class.pupil));
        // The institution has it in its log that the processor looked.
        let looked = class.school.admin.list("/v1/audit-entries?operation=workOutExposure");
        assert_eq!((looked.len(), &looked[0]["actorKind"]), (1, &json!("platform-user")));
        // Nothing of another institution, and nothing to another.
        let elsewhere = server.platform().post(&path(&other.school.id), &search).expect(200).json();
        assert_eq!(elsewhere["entries"], 0);
        let absent = [ABSENT, &other.school.id].map(|id| class.school.admin.post(&path(id), &search).expect(404).visible());
        assert_eq!(absent[0], absent[1]);
        server.platform().post(&path(ABSENT), &search).expect(404);
        for client in [&class.teacher.client, &class.school.member(Function::Management, &[]).client] {
            client.post(&path(&class.school.id), &search).expect(403).problem("forbidden");
        }
    }

    fn c035_what_cannot_be_looked_for_is_told_by_field(server: Server) {
        let class = server.class();
        let refused = |body: Value| -> Vec<(String, String)> {
            let reply: Reply = class.school.admin.post(&path(&class.school.id), &body);
            reply.expect(400).errors()
        };
        let period = |body: Value| {
            let mut search = json!({"from": "2026-11-01T00:00:00Z", "until": "2026-11-21T00:00:00Z"});
            search.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
            search
        };
        let one = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(refused(period(json!({}))), [one("/actorId", "only-one")]);
        assert_eq!(
            refused(period(json!({"actorId": ABSENT, "network": "192.0.2.1"}))),
            [one("/actorId", "only-one"), one("/network", "only-one")]
        );
        assert_eq!(refused(period(json!({"sessionId": ABSENT, "until": "2026-11-01T00:00:00Z"}))), [one("/until", "before-start")]);
        assert_eq!(refused(period(json!({"sessionId": ABSENT, "until": "2027-02-02T00:00:00Z"}))), [one("/until", "out-of-range")]);
        let shapes = json!({"sessionId": "x", "network": "here", "asOf": -1, "since": 1});
        let mut codes: Vec<_> = refused(shapes).into_iter().map(|(_, code)| code).collect();
        codes.sort();
        assert_eq!(codes, ["not-a-network", "not-a-uuid", "out-of-range", "required", "required", "unknown-field"]);
    }

    fn c035_every_operation_on_what_is_known_of_persons_has_its_classes(server: Server) {
        let mut unclassed = Vec::new();
        for operation in operations(&served(server)) {
            let permission = operation.described["x-permission"].as_str().unwrap_or_default();
            let part = permission.split(':').next().and_then(Part::from_code);
            let of_persons = part.is_some_and(|part| {
                part.is_of_children() && part != Part::Groups || matches!(part, Part::Users | Part::Contacts)
            });
            if of_persons && of_operation(&operation.id).is_none() {
                unclassed.push(operation.id);
            }
        }
        assert!(unclassed.is_empty(), "{unclassed:?}");
    }
}
