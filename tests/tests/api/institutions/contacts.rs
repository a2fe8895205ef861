//! Users of institutions as the processor's staff sees them.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::ConsentKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::support::allow;
use groeilijn_tests::{School, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn path(school: &School, user: &str) -> String {
    format!("/v1/institutions/{}/contacts/{user}", school.id)
}

fn masked(id: &str, function: Function, email: &str) -> Value {
    json!({
        "id": id, "function": function.code(), "state": "active", "masked": true, "firstName": "F…", "infix": null,
        "lastName": "V…", "gender": null, "email": email,
    })
}

both_databases! {
    fn c008_c009_c011_c050_staff_sees_initials_unless_the_user_allows_more(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let [list, one] = ["", &member.id].map(|user| path(&school, user));
        let list = list.trim_end_matches('/');
        let mut expected = masked(&member.id, Function::Teacher, &format!("m…@{}", school.domain));
        use ProcessorFunction::*;
        let staff = [Marketing, Secretariat, AccountManager, Helpdesk].map(|function| server.staff(function));
        expected["etag"] = json!(staff[0].get(&one).expect(200).etag());
        for client in &staff {
            assert_eq!(client.get(&one).expect(200).json(), expected);
            let listed = client.list(&format!("{list}?limit=1"));
            assert_eq!(listed.len(), 2);
            assert_eq!(listed[1], expected);
            assert_eq!((&listed[0]["firstName"], &listed[0]["masked"]), (&json!("B…"), &json!(true)));
        }
        allow(server, &member.client, ConsentKind::LookAlong);
        assert_eq!(staff[0].get(&one).expect(200).json(), expected);
        let consent = allow(server, &member.client, ConsentKind::Contact);
        for client in &staff {
            let shown = client.get(&one).expect(200).json();
            assert_eq!((&shown["firstName"], &shown["infix"]), (&json!("Fien"), &json!("van")));
            assert_eq!((&shown["email"], &shown["masked"]), (&json!(member.email), &json!(false)));
            assert_eq!(client.list(list)[0]["masked"], true);
        }
        member.client.call("DELETE", &format!("/v1/support-consents/{consent}")).send().expect(204);
        assert_eq!(staff[0].get(&one).expect(200).json(), expected);
        for function in [Adviser, PlatformAdministrator] {
            server.staff(function).get(&one).expect(403).problem("forbidden");
        }
    }

    fn c050_a_name_is_masked_again_when_the_consent_has_ended(server: Server) {
        let school = server.school();
        allow(server, &school.admin, ConsentKind::Contact);
        server.clock.advance(SignedDuration::from_mins(29));
        let staff = server.staff(ProcessorFunction::Marketing);
        let one = path(&school, &school.admin_id);
        assert_eq!(staff.get(&one).expect(200).json()["lastName"], "Bedacht");
        server.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(staff.get(&one).expect(200).json()["lastName"], "B…");
    }

    fn c050_what_a_user_allows_does_not_outlast_her_own_rights(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        allow(server, &member.client, ConsentKind::Contact);
        let staff = server.staff(ProcessorFunction::AccountManager);
        let masked = || staff.get(&path(&school, &member.id)).expect(200).json()["masked"].clone();
        assert_eq!(masked(), false);
        let user = format!("/v1/users/{}", member.id);
        school.admin.change(&user, &json!({"lastDay": "2026-11-20", "reason": "Uit dienst."})).expect(200);
        assert_eq!(masked(), true);
        school.admin.change(&user, &json!({"lastDay": null, "reason": "Toch niet."})).expect(200);
        assert_eq!(masked(), false);
        school.admin.change(&user, &json!({"state": "blocked", "reason": "Weg."})).expect(200);
        assert_eq!(masked(), true);
    }

    fn c011_an_account_manager_changes_who_a_user_is_at_her_own_request(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let one = path(&school, &member.id);
        let manager = server.staff(ProcessorFunction::AccountManager);
        let patch = json!({"lastName": "Gefantaseerd", "infix": null, "reason": "Getrouwd."});
        assert_eq!(manager.change(&one, &patch).expect(403).problem("forbidden").code(), "no-consent");
        allow(server, &member.client, ConsentKind::Contact);
        let changed = manager.change(&one, &patch).expect(200).json();
        assert_eq!((&changed["lastName"], &changed["infix"]), (&json!("Gefantaseerd"), &json!(null)));
        assert_eq!(school.admin.get(&format!("/v1/users/{}", member.id)).expect(200).json()["lastName"], "Gefantaseerd");
        member.client.get("/v1/groups").expect(200);
        manager.patch(&one, "\"r1\"", &patch).expect(412).problem("precondition-failed");
        manager
            .change(&one, &json!({"firstName": "", "email": "x"}))
            .refuses(&[("/firstName", "empty"), ("/email", "unknown-field"), ("/reason", "required")]);
        for function in [ProcessorFunction::Helpdesk, ProcessorFunction::Secretariat] {
            server.staff(function).patch(&one, "*", &patch).expect(403).problem("forbidden");
        }
    }

    fn support_unblocks_an_administrator_whom_nobody_else_can_after_checking_who_she_is(server: Server) {
        let school = server.school();
        let email = format!("beheerder@{}", school.domain);
        let guess = |email: &str| {
            for _ in 0..3 {
                server.anyone().try_log_in(email, "Verkeerd-1").expect(401);
            }
        };
        let unblock = |user: &str| format!("{}/_unblock", path(&school, user));
        let check = json!({"identityCheck": "Teruggebeld op het nummer van de school."});
        let manager = server.staff(ProcessorFunction::AccountManager);
        let refused = |user: &str| text(&manager.post(&unblock(user), &check).expect(409).json()["code"]);
        assert_eq!(refused(&school.admin_id), "not-a-blocked-administrator");
        let teacher = school.member(Function::Teacher, &[]);
        let second = school.member(Function::Administrator, &[]);
        guess(&second.email);
        guess(&teacher.email);
        assert_eq!(refused(&second.id), "other-administrator");
        assert_eq!(refused(&teacher.id), "not-a-blocked-administrator");
        guess(&email);
        manager.post(&unblock(&school.admin_id), &json!({})).refuses(&[("/identityCheck", "required")]);
        server.staff(ProcessorFunction::Secretariat).post(&unblock(&school.admin_id), &check).expect(403);
        let unblocked = manager.post(&unblock(&school.admin_id), &check).expect(200).json();
        assert_eq!((&unblocked["state"], &unblocked["masked"]), (&json!("invited"), &json!(true)));
        server.anyone().try_log_in(&email, PASSWORD).expect(401);
        let token = school.admin.mailbox().tokens(&email, 2).pop();
        let chosen = json!({"token": token, "password": "Klaproos-12"});
        server.anyone().post("/v1/invitations/_accept", &chosen).expect(204);
        let admin = server.anyone().log_in(&email, "Klaproos-12");
        let changes = admin.list(&format!("/v1/users/{}/right-changes", school.admin_id));
        assert_eq!(changes.last().unwrap()["reason"], check["identityCheck"]);
    }

    fn c048_the_institution_sees_who_of_the_processor_saw_its_users(server: Server) {
        let school = server.school();
        let manager = server.staff(ProcessorFunction::AccountManager);
        let actor = manager.get("/v1/sessions/current").expect(200).json()["userId"].clone();
        allow(server, &school.admin, ConsentKind::Contact);
        let one = path(&school, &school.admin_id);
        let before = server.audit_log(&school.id);
        manager.get(&one).expect(200);
        manager.patch(&one, "*", &json!({"firstName": "Bo", "reason": "Roepnaam."})).expect(200);
        manager.get(one.trim_end_matches(&school.admin_id).trim_end_matches('/')).expect(200);
        let entries = before.added(&server.audit_log(&school.id));
        let operations: Vec<_> = entries.iter().map(|entry| entry.operation.as_str()).collect();
        assert_eq!(operations, ["readContact", "changeContact", "listContacts"]);
        for entry in &entries {
            assert_eq!(entry.actor, actor.as_str().map(str::to_owned));
            assert!(entry.objects.contains(&(ObjectKind::User, school.admin_id.clone())));
        }
        assert!(entries[1].changed);
        server.audit_log(&school.id).check();
    }

    fn a_user_of_another_institution_looks_like_an_absent_one(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let manager = server.staff(ProcessorFunction::AccountManager);
        let contact = format!("/v1/institutions/{}/contacts/{{}}", school.id);
        let unblock = format!("{contact}/_unblock");
        manager.sees_nothing(&other.admin_id, &[
            ("GET", &contact, json!(null)),
            ("PATCH", &contact, json!({"reason": "x"})),
            ("POST", &unblock, json!({"identityCheck": "x"})),
        ]);
        manager.get(&format!("/v1/institutions/{ABSENT}/contacts")).expect(404).problem("not-found");
        assert_eq!(text(&manager.get(&path(&other, &other.admin_id)).expect(200).json()["id"]), other.admin_id);
    }
}
