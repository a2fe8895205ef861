//! Who has seen a child or a user, when and why, as a parent and the user hear it (C048, C096).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::support::SupportKind;
use groeilijn_persistence::environment::Clock as _;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::support::{begin, request_for_case};
use groeilijn_tests::{Client, Reply, both_databases};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn of_pupil(pupil: &str) -> String {
    format!("/v1/pupils/{pupil}/access-log")
}

fn in_dutch(client: &Client, path: &str) -> Reply {
    client.call("GET", path).header("Accept-Language", "nl").send().expect(200)
}

/// The lines of one actor, the last first.
fn lines_of<'a>(log: &'a Value, actor: &str) -> Vec<&'a Value> {
    let lines = log["lines"].as_array().unwrap();
    lines.iter().filter(|line| line["actorId"] == json!(actor)).collect()
}

both_databases! {
    fn c096_a_parent_hears_who_saw_her_child_when_and_why_and_who_was_refused(server: Server) {
        let class = server.class();
        let (admin, teacher) = (&class.school.admin, &class.teacher);
        let colleague = class.school.member(Function::Teacher, &[]);
        let pupil = format!("/v1/pupils/{}", class.pupil);
        let first = server.clock.now();
        for _ in 0..3 {
            teacher.client.get(&pupil).expect(200);
            server.clock.advance(SignedDuration::from_mins(1));
        }
        teacher.client.get(&format!("{pupil}/notes")).expect(200);
        colleague.client.get(&pupil).expect(404);

        let reply = in_dutch(admin, &of_pupil(&class.pupil));
        assert_eq!(reply.header("Content-Language"), "nl");
        let log = reply.json();
        let lines = lines_of(&log, &teacher.id);
        assert_eq!(lines.len(), 2, "one for each purpose: {lines:?}");
        let administered = lines.iter().find(|line| line["activity"] == "administer-pupils").unwrap();
        assert_eq!((&administered["count"], &administered["outcome"]), (&json!(3), &json!("success")));
        assert_eq!((&administered["who"], &administered["function"]), (&json!("leerkracht"), &json!("teacher")));
        assert_eq!(text(&administered["purpose"]), "Om bij te houden welke kinderen er zijn en in welke groep zij zitten");
        assert_eq!((&administered["firstName"], &administered["lastName"]), (&json!("Fien"), &json!("Verzonnen")));
        assert_eq!(administered["operations"], json!([{"operation": "readPupil", "count": 3}]));
        let at = |moment: &str| text(&administered[moment]).parse::<Timestamp>().unwrap();
        assert!(at("firstAt") >= first && at("firstAt") < first + SignedDuration::from_mins(1));
        assert!(at("lastAt") >= first + SignedDuration::from_mins(2));
        let refused = lines_of(&log, &colleague.id);
        assert_eq!(refused.len(), 1);
        assert_eq!((&refused[0]["outcome"], &refused[0]["count"]), (&json!("denied"), &json!(1)));
        // The same question is on record itself, in the log that it is answered from.
        let again = admin.get(&of_pupil(&class.pupil)).expect(200);
        assert_eq!(again.header("Content-Language"), "en");
        let own = &again.json()["lines"][0];
        assert_eq!((&own["actorId"], &own["operations"][0]["operation"]), (&json!(class.school.admin_id), &json!("readPupilAccessLog")));
        assert!(again.json()["logSize"].as_u64() > log["logSize"].as_u64());
    }

    fn c096_a_period_is_counted_by_itself(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let pupil = format!("/v1/pupils/{}", class.pupil);
        class.teacher.client.get(&pupil).expect(200);
        server.clock.advance(SignedDuration::from_mins(1));
        let (from, until) = (server.clock.now(), server.clock.now() + SignedDuration::from_mins(1));
        class.teacher.client.get(&pupil).expect(200);
        server.clock.advance(SignedDuration::from_mins(2));
        class.teacher.client.get(&pupil).expect(200);
        let log = admin.get(&format!("{}?from={from}&until={until}", of_pupil(&class.pupil))).expect(200).json();
        let lines = log["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!((&lines[0]["count"], &log["from"], &log["until"]), (&json!(1), &json!(from), &json!(until)));
        let refused = admin.get(&format!("{}?from=yesterday&since=1", of_pupil(&class.pupil))).expect(400).errors();
        assert_eq!(refused.len(), 2, "{refused:?}");
    }

    fn c048_c096_what_staff_of_the_processor_saw_is_told_by_support_session(server: Server) {
        let class = server.class();
        let emergency = request_for_case(server, &class.school, SupportKind::Emergency);
        let (staff, session) = begin(&server.platform(), &emergency);
        staff.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        let log = in_dutch(&class.school.admin, &of_pupil(&class.pupil)).json();
        let seen = log["lines"].as_array().unwrap().iter().find(|line| line["actorKind"] == "platform-user").unwrap();
        assert_eq!((&seen["supportSessionId"], &seen["staffFunction"]), (&json!(session), &json!("platform-administrator")));
        assert_eq!(text(&seen["who"]), "platformbeheerder van de leverancier");
        assert!(seen["firstName"].is_null() && seen["function"].is_null());
    }

    fn c096_names_are_for_who_may_read_users(server: Server) {
        let class = server.class();
        class.teacher.client.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        let body = |scopes: Value| json!({
            "name": "Controle", "kind": "auditor", "scopes": scopes,
            "expiresOn": "2026-12-31", "currentPassword": PASSWORD,
        });
        let log = json!({"part": "audit-log", "actions": ["read"]});
        let users = json!({"part": "users", "actions": ["read"]});
        for (scopes, named) in [(json!([log]), false), (json!([log, users]), true)] {
            let made = class.school.admin.post("/v1/api-tokens", &body(scopes)).expect(201).json();
            let auditor = server.anyone().with_token(&text(&made["token"]));
            let read = auditor.get(&of_pupil(&class.pupil)).expect(200).json();
            let of_teacher = lines_of(&read, &class.teacher.id);
            assert_eq!(of_teacher[0]["firstName"].is_string(), named);
            assert_eq!(of_teacher[0]["function"], "teacher");
        }
    }

    fn c048_c096_it_is_told_to_who_answers_for_the_log_and_of_her_own_institution(server: Server) {
        let (class, other) = (server.class(), server.class());
        for client in [&class.teacher.client, &class.school.member(Function::Management, &[]).client, &server.platform()] {
            client.get(&of_pupil(&class.pupil)).expect(403).problem("forbidden");
            client.get(&format!("/v1/users/{}/access-log", class.teacher.id)).expect(403).problem("forbidden");
        }
        let admin = &class.school.admin;
        let absent = [ABSENT, &other.pupil].map(|pupil| admin.get(&of_pupil(pupil)).expect(404).visible());
        assert_eq!(absent[0], absent[1]);
        let absent = [ABSENT, &other.teacher.id]
            .map(|user| admin.get(&format!("/v1/users/{user}/access-log")).expect(404).visible());
        assert_eq!(absent[0], absent[1]);
    }

    fn c096_a_user_hears_who_saw_what_is_known_of_her(server: Server) {
        let class = server.class();
        let (admin, teacher) = (&class.school.admin, &class.teacher);
        admin.get(&format!("/v1/users/{}", teacher.id)).expect(200);
        let own = in_dutch(&teacher.client, "/v1/account/access-log").json();
        let by_admin = lines_of(&own, &class.school.admin_id);
        assert!(!by_admin.is_empty());
        assert_eq!(by_admin[0]["who"], "beheerder van de school of opvang");
        assert!(by_admin.iter().all(|line| line["firstName"].is_null()), "a colleague is told of by function");
        let told = admin.get(&format!("/v1/users/{}/access-log", teacher.id)).expect(200).json();
        let reads = |log: &Value| {
            let lines = lines_of(log, &class.school.admin_id);
            let operations = lines.iter().flat_map(|line| line["operations"].as_array().unwrap());
            operations.filter(|one| one["operation"] == "readUser").map(|one| one["count"].as_u64().unwrap()).sum::<u64>()
        };
        assert_eq!((reads(&own), reads(&told)), (1, 1));
        assert!(lines_of(&told, &teacher.id).iter().any(|line| line["operations"].to_string().contains("readOwnAccessLog")));
    }

    fn c096_staff_of_the_processor_hear_it_from_the_processors_own_log(server: Server) {
        let class = server.class();
        let helpdesk = server.staff(ProcessorFunction::Helpdesk);
        let before = server.audit_log(&class.school.id);
        let own = helpdesk.get("/v1/account/access-log").expect(200).json();
        let platform = own["lines"].as_array().unwrap();
        assert!(platform.iter().any(|line| line["actorKind"] == "platform-user"), "{own}");
        assert!(before.added(&server.audit_log(&class.school.id)).is_empty(), "no institution has to do with it");
        let refused = helpdesk.get("/v1/account/access-log?until=never").expect(400).errors();
        assert_eq!(refused.len(), 1);
    }
}
