//! Who needs a second factor, and how it is replaced, removed and reset.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::second_factor::PATH;
use groeilijn_tests::{Authenticator, Client, both_databases};
use serde_json::json;

use super::{CONFIRM, REMOVE, administrators_need_it, log_in, state, with_app};

both_databases! {
    fn one_that_is_in_use_is_replaced_with_a_code_of_it(server: Server) {
        let (_, member, app) = with_app(server);
        let next = Authenticator::set_up(&member.client, Some(&app.code()));
        assert_eq!(state(&member.client).0, "active");
        member.client.post(CONFIRM, &json!({"code": app.code_in(30)})).expect(401);
        member.client.post(CONFIRM, &json!({"code": next.code()})).expect(204);
        log_in(server, &member.email, &app.code_in(30)).expect(401);
        log_in(server, &member.email, &next.code_in(30)).expect(201);
    }

    fn it_is_removed_with_the_password_and_a_code(server: Server) {
        let (_, member, app) = with_app(server);
        let other = log_in(server, &member.email, &app.code()).expect(201).json();
        let remove = |code: &str| {
            member.client.post(REMOVE, &json!({"currentPassword": PASSWORD, "code": code})).status
        };
        assert_eq!([remove(&app.code()), remove(&app.recovery_codes[0]), remove(&app.code_in(30))], [401, 204, 404]);
        assert_eq!(state(&member.client), ("none".to_owned(), 0, false));
        server.anyone().with_token(&text(&other["accessToken"])).get(PATH).expect(401);
        server.anyone().try_log_in(&member.email, PASSWORD).expect(201);

        Authenticator::set_up(&member.client, None);
        member.client.post(REMOVE, &json!({"currentPassword": "Verkeerd-1"})).expect(401);
        member.client.post(REMOVE, &json!({"currentPassword": PASSWORD})).expect(204);
        assert_eq!(state(&member.client).0, "none");
    }

    fn administrators_need_one_when_the_institution_says_so(server: Server) {
        let [mut school, other] = [server.school(), server.school()];
        let teacher = school.member(Function::Teacher, &[]).client;
        administrators_need_it(&school);
        teacher.get("/v1/groups").expect(200);
        other.admin.get("/v1/users").expect(200);
        let email = format!("beheerder@{}", school.domain);
        let tokens = server.anyone().try_log_in(&email, PASSWORD).expect(201).json();
        assert_eq!((&tokens["mustSetUpSecondFactor"], &tokens["mustChangePassword"]), (&json!(true), &json!(false)));
        let admin = server.anyone().with_token(&text(&tokens["accessToken"]));
        for (method, path) in [("GET", "/v1/users"), ("POST", "/v1/groups"), ("GET", "/v1/sessions/current")] {
            for session in [&admin, &school.admin] {
                session.call(method, path).send().expect(403).problem("second-factor-setup-required");
            }
        }
        let refreshed = server.anyone().post("/v1/sessions/_refresh", &json!({"refreshToken": tokens["refreshToken"]}));
        assert_eq!(refreshed.expect(200).json()["mustSetUpSecondFactor"], true);

        assert_eq!(state(&admin), ("none".to_owned(), 0, true));
        let app = Authenticator::set_up(&admin, None);
        admin.get("/v1/users").expect(403).problem("second-factor-setup-required");
        admin.post(CONFIRM, &json!({"code": app.code()})).expect(204);
        admin.get("/v1/users").expect(200);
        let body = json!({"currentPassword": PASSWORD, "code": app.code_in(30)});
        assert_eq!(admin.post(REMOVE, &body).expect(409).problem("conflict").code(), "second-factor-required");
        let tokens = log_in(server, &email, &app.code_in(30)).expect(201).json();
        assert_eq!(tokens["mustSetUpSecondFactor"], false);

        // To log out is always possible.
        school.admin = admin;
        let second = school.member(Function::Administrator, &[]);
        second.client.get("/v1/users").expect(403).problem("second-factor-setup-required");
        second.client.call("DELETE", "/v1/sessions/current").send().expect(204);
    }

    fn every_account_of_the_processor_needs_one(server: Server) {
        for function in ProcessorFunction::ALL {
            let staff = server.new_staff(function);
            let refused = staff.client.get("/v1/sessions/current").expect(403);
            refused.problem("second-factor-setup-required");
            assert_eq!(state(&staff.client), ("none".to_owned(), 0, true));
            let app = Authenticator::bind(&staff.client);
            staff.client.get("/v1/sessions/current").expect(200);
            let body = json!({"currentPassword": PASSWORD, "code": app.code_in(30)});
            let refused = staff.client.post(REMOVE, &body).expect(409).problem("conflict");
            assert_eq!(refused.code(), "second-factor-required");
            server.anyone().try_log_in(&staff.email, PASSWORD).expect(401).problem("second-factor-required");
            log_in(server, &staff.email, &app.code_in(30)).expect(201);
        }
    }

    fn an_administrator_resets_that_of_a_user_but_not_her_own(server: Server) {
        let (school, member, _) = with_app(server);
        let reset = |client: &Client, id: &str| {
            client.call("DELETE", &format!("/v1/users/{id}/second-factor")).send()
        };
        reset(&member.client, &school.admin_id).expect(403).problem("forbidden");
        let own = reset(&school.admin, &school.admin_id).expect(409).problem("conflict");
        assert_eq!(own.code(), "own-second-factor");
        let other = server.school();
        other.admin.sees_nothing(&member.id, &[("DELETE", "/v1/users/{}/second-factor", json!(null))]);
        assert_eq!(state(&member.client).0, "active");

        reset(&school.admin, &member.id).expect(204);
        member.client.get(PATH).expect(401);
        let client = server.anyone().log_in(&member.email, PASSWORD);
        assert_eq!(state(&client), ("none".to_owned(), 0, false));
        reset(&school.admin, &member.id).expect(204);
    }

    fn the_platform_administrator_resets_that_of_staff_but_not_their_own(server: Server) {
        let (platform, staff) = (server.platform(), server.new_staff(ProcessorFunction::Helpdesk));
        let app = Authenticator::bind(&staff.client);
        let reset = |client: &Client, id: &str| {
            client.call("DELETE", &format!("/v1/processor-staff/{id}/second-factor")).send()
        };
        reset(&staff.client, &staff.id).expect(403).problem("forbidden");
        let own = text(&platform.get("/v1/sessions/current").expect(200).json()["userId"]);
        assert_eq!(reset(&platform, &own).expect(409).problem("conflict").code(), "own-second-factor");
        let school = server.school();
        platform.sees_nothing(&school.admin_id, &[("DELETE", "/v1/processor-staff/{}/second-factor", json!(null))]);

        reset(&platform, &staff.id).expect(204);
        staff.client.get(PATH).expect(401);
        let tokens = log_in(server, &staff.email, &app.code_in(30)).expect(201).json();
        assert_eq!(tokens["mustSetUpSecondFactor"], true);
    }

    fn c089_what_becomes_of_a_second_factor_is_on_record(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let before = server.audit_log(&school.id);
        Authenticator::bind(&member.client);
        let path = format!("/v1/users/{}/second-factor", member.id);
        school.admin.call("DELETE", &path).send().expect(204);
        let entries = before.added(&server.audit_log(&school.id));
        for (operation, actor) in [
            ("setUpSecondFactor", &member.id),
            ("confirmSecondFactor", &member.id),
            ("resetSecondFactorOfUser", &school.admin_id),
        ] {
            let of_user = entries.iter().any(|entry| {
                entry.operation == operation
                    && entry.actor.as_ref() == Some(actor)
                    && entry.objects.contains(&(ObjectKind::User, member.id.clone()))
            });
            assert!(of_user, "{operation}: {entries:?}");
        }
    }
}
