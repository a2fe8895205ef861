//! What a support session begins with: the consent, the case or the emergency, and what is wrong without.

use diesel::sql_types::{BigInt, Binary};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::{ConsentKind, SupportKind};
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::audit::institution_id;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::support::{
    allow, ask_about, begin, code_of, in_minutes, request, request_for_case, request_to_answer, request_with,
};
use groeilijn_tests::{Client, Server, all_at_once, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{PATH, added};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many emergencies an institution was told of.
fn emergencies(server: &Server, institution: &str) -> i64 {
    let query = "SELECT count(*) AS count FROM security_event WHERE kind = 'emergency-access' AND institution_id = $1";
    let institution = institution_id(institution).as_bytes().to_vec();
    let found: Count =
        sql_query(query).bind::<Binary, _>(institution).get_result(&mut server.raw_data()).unwrap();
    found.count
}

both_databases! {
    fn c012_looking_along_needs_the_consent_of_that_user_and_dies_with_it(server: Server) {
        let class = server.class();
        let helpdesk = server.staff(ProcessorFunction::Helpdesk);
        let body = |code: &str| request_with(server, &class.school, &class.teacher.id, code);
        let refused = |code: &str| helpdesk.post(PATH, &body(code)).expect(403).problem("forbidden").code();
        assert_eq!(refused("BBBB-BBBB"), "no-consent");
        allow(server, &class.teacher.client, ConsentKind::Contact);
        allow(server, &class.school.admin, ConsentKind::LookAlong);
        assert_eq!(refused(&code_of(&class.school.admin)), "no-consent");
        let consent = allow(server, &class.teacher.client, ConsentKind::LookAlong);
        assert_eq!(refused("BBBB-BBBB"), "no-consent");
        let code = code_of(&class.teacher.client);
        let (looking, _) = begin(&helpdesk, &body(&code.to_lowercase()));
        looking.get("/v1/support-view/pupils").expect(200);
        class.teacher.client.call("DELETE", &format!("/v1/support-consents/{consent}")).send().expect(204);
        for path in ["/v1/support-view/pupils", "/v1/sessions/current"] {
            assert_eq!(looking.get(path).expect(403).problem("forbidden").code(), "no-consent");
        }
        assert_eq!(refused(&code), "no-consent");
    }

    fn c012_one_consent_opens_to_one_member_of_the_helpdesk(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let [first, second] = [(); 2].map(|()| server.staff(ProcessorFunction::Helpdesk));
        allow(server, teacher, ConsentKind::LookAlong);
        let body = request_with(server, &class.school, &class.teacher.id, &code_of(teacher));
        assert_eq!(teacher.list("/v1/support-consents")[0]["staffId"], Value::Null);
        begin(&first, &body);
        let refused = second.post(PATH, &body).expect(403).problem("forbidden");
        assert_eq!(refused.code(), "no-consent");
        begin(&first, &body);
        let own = first.get("/v1/sessions/current").expect(200).json()["userId"].clone();
        assert_eq!(teacher.list("/v1/support-consents")[0]["staffId"], own);
        allow(server, teacher, ConsentKind::LookAlong);
        begin(&second, &request_with(server, &class.school, &class.teacher.id, &code_of(teacher)));
    }

    fn c012_of_two_who_use_a_code_at_once_one_looks_along(server: Server) {
        let class = server.class();
        let staff = [(); 2].map(|()| server.staff(ProcessorFunction::Helpdesk));
        allow(server, &class.teacher.client, ConsentKind::LookAlong);
        let body = request_with(server, &class.school, &class.teacher.id, &code_of(&class.teacher.client));
        let replies = all_at_once(staff.iter().collect(), |client: &Client| client.post(PATH, &body).status);
        let mut statuses = replies.clone();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 403]);
    }

    fn c012_looking_along_ends_with_the_consent_by_the_clock_and_with_the_user(server: Server) {
        let class = server.class();
        let helpdesk = server.staff(ProcessorFunction::Helpdesk);
        let short = json!({"kind": "look-along", "endsAt": in_minutes(server, 5)});
        class.teacher.client.post("/v1/support-consents", &short).expect(201);
        let mut body = request_with(server, &class.school, &class.teacher.id, &code_of(&class.teacher.client));
        helpdesk.post(PATH, &body).refuses(&[("/endsAt", "expiry-too-far")]);
        body["endsAt"] = in_minutes(server, 4);
        let (looking, _) = begin(&helpdesk, &body);
        let user = format!("/v1/users/{}", class.teacher.id);
        class.school.admin.change(&user, &json!({"state": "blocked", "reason": "Weg."})).expect(200);
        assert_eq!(looking.get("/v1/support-view/pupils").expect(403).code(), "no-consent");
        server.clock.advance(SignedDuration::from_mins(5));
        assert_eq!(looking.get("/v1/support-view/pupils").expect(403).code(), "no-consent");
        assert_eq!(helpdesk.post(PATH, &body).expect(403).code(), "no-consent");
    }

    fn c012_c048_after_the_consent_has_lapsed_a_request_is_refused_on_record(server: Server) {
        let class = server.class();
        let consent = json!({"kind": "look-along", "endsAt": in_minutes(server, 5)});
        class.teacher.client.post("/v1/support-consents", &consent).expect(201);
        let mut body = request_with(server, &class.school, &class.teacher.id, &code_of(&class.teacher.client));
        body["endsAt"] = consent["endsAt"].clone();
        let (looking, id) = begin(&server.staff(ProcessorFunction::Helpdesk), &body);
        looking.get("/v1/support-view/pupils").expect(200);
        server.clock.advance(SignedDuration::from_mins(5));
        let ask = || assert_eq!(looking.get("/v1/support-view/pupils").expect(403).code(), "no-consent");
        let entries = added(server, &class.school.id, ask);
        assert_eq!((entries[0].outcome.as_str(), &entries[0].objects[0].1), ("denied", &id));
    }

    fn c010_an_adviser_needs_a_request_of_the_institution(server: Server) {
        let class = server.class();
        let adviser = server.staff(ProcessorFunction::Adviser);
        let pupil = format!("/v1/pupils/{}", class.pupil);
        adviser.get(&pupil).expect(403).problem("forbidden");
        let mut body = request(server, &class.school, SupportKind::Case);
        body["caseId"] = json!("VRAAG-2026-17");
        adviser.post(PATH, &body).refuses(&[("/requestId", "required-for-the-kind")]);
        body["requestId"] = json!(ABSENT);
        assert_eq!(adviser.post(PATH, &body).expect(403).problem("forbidden").code(), "no-request");
        body["caseId"] = json!("Over Noor Fantasie");
        adviser.post(PATH, &body).refuses(&[("/caseId", "not-a-code")]);
        let asked = ask_about(&class.school, &json!({"groupId": class.group}));
        let (looking, _) = begin(&adviser, &request_to_answer(server, &class.school, &asked));
        looking.get(&pupil).expect(200);
        adviser.get(&pupil).expect(403);
    }

    fn c013_an_emergency_is_told_to_the_institution_at_once(server: Server) {
        let class = server.class();
        let platform = server.platform();
        let mut body = request(server, &class.school, SupportKind::Emergency);
        platform.post(PATH, &body).refuses(&[("/caseId", "required-for-the-kind")]);
        assert_eq!(emergencies(server, &class.school.id), 0);
        body["userId"] = json!(class.teacher.id);
        let (looking, _) = begin(&platform, &body);
        assert_eq!(emergencies(server, &class.school.id), 1);
        platform.mailbox().wait_for(&format!("beheerder@{}", class.school.domain), "noodtoegang geopend", 1);
        looking.get(&format!("/v1/pupils/{}/notes", class.pupil)).expect(200);
        looking.get("/v1/imports").expect(403);
        server.clock.advance(SignedDuration::from_mins(20));
        looking.get("/v1/groups").expect(401);
    }

    fn c048_each_kind_is_for_one_function(server: Server) {
        let class = server.class();
        allow(server, &class.teacher.client, ConsentKind::LookAlong);
        for function in [ProcessorFunction::Helpdesk, ProcessorFunction::Adviser] {
            let staff = server.staff(function);
            for kind in SupportKind::ALL.into_iter().filter(|kind| kind.opened_by() != function) {
                let mut body = request_for_case(server, &class.school, kind);
                body["userId"] = json!(class.teacher.id);
                body["consentCode"] = json!(code_of(&class.teacher.client));
                assert_eq!(staff.post(PATH, &body).expect(403).problem("forbidden").code(), "not-of-this-function");
            }
        }
        for function in
            [ProcessorFunction::Marketing, ProcessorFunction::Secretariat, ProcessorFunction::AccountManager]
        {
            let body = request_for_case(server, &class.school, SupportKind::Case);
            server.staff(function).post(PATH, &body).expect(403).problem("forbidden");
        }
    }

    fn what_is_wrong_with_a_request_is_named(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let platform = server.platform();
        platform.post(PATH, &json!({"kind": "nieuwsgierig"})).refuses(&[
            ("/institutionId", "required"),
            ("/kind", "not-in-list"),
            ("/reason", "required"),
            ("/endsAt", "required"),
        ]);
        let mut body = request_for_case(server, &school, SupportKind::Emergency);
        for (field, value, pointer, code) in [
            ("parts", json!([]), "/parts", "empty"),
            ("parts", json!(["groups", "users"]), "/parts/1", "beyond-the-kind"),
            ("endsAt", in_minutes(server, 61), "/endsAt", "expiry-too-far"),
            ("endsAt", in_minutes(server, -1), "/endsAt", "expiry-past"),
            ("userId", json!(other.admin_id), "/userId", "unknown-user"),
        ] {
            let mut wrong = body.clone();
            wrong[field] = value;
            platform.post(PATH, &wrong).refuses(&[(pointer, code)]);
        }
        body["institutionId"] = json!(ABSENT);
        platform.post(PATH, &body).expect(404).problem("not-found");
        let looking = request(server, &school, SupportKind::LookAlong);
        server.staff(ProcessorFunction::Helpdesk).post(PATH, &looking).refuses(&[
            ("/userId", "required-for-the-kind"),
            ("/consentCode", "required-for-the-kind"),
        ]);
    }

    fn the_beginning_is_on_record_with_the_institution_and_the_platform(server: Server) {
        let class = server.class();
        let platform = server.platform();
        let body = request_for_case(server, &class.school, SupportKind::Emergency);
        let (platform_log, log) = (server.platform_audit_log(), server.audit_log(&class.school.id));
        let (_, id) = begin(&platform, &body);
        for entries in [log.added(&server.audit_log(&class.school.id)), platform_log.added(&server.platform_audit_log())] {
            assert_eq!(entries.len(), 1);
            assert_eq!(entries[0].operation, "beginSupportSession");
            assert_eq!(entries[0].objects, [(ObjectKind::SupportSession, id.clone())]);
        }
    }
}
