//! Logging in, staying logged in and logging out; invitations, which come before it.

mod access_tokens;
mod ends;
mod open;
mod renewing;

use groeilijn_domain::access::Function;
use groeilijn_domain::access::session::REFRESH_RACE;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::both_databases;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_group;
use jiff::SignedDuration;
use serde_json::json;

both_databases! {
    fn a_session_tells_who_is_logged_in_and_what_they_may_do(server: Server) {
        let school = server.school();
        let session = school.admin.get("/v1/sessions/current").expect(200).json();
        assert_eq!(session["userId"], school.admin_id.as_str());
        assert_eq!(session["institutionId"], school.id.as_str());
        assert_eq!(session["role"], "administrator");
        let creates_users = json!({"part": "users", "action": "create", "scope": "institution"});
        assert!(session["permissions"].as_array().unwrap().contains(&creates_users));
        let platform = server.platform().get("/v1/sessions/current").expect(200).json();
        assert_eq!((&platform["institutionId"], &platform["role"]), (&json!(null), &json!("platform-administrator")));
        assert_eq!((&session["name"], &session["function"]), (&json!("Bram Bedacht"), &json!("administrator")));
        assert!(platform["name"].as_str().is_some_and(|name| name.contains(' ')));
        assert_eq!(platform["function"], json!(null));
    }

    fn whoever_is_refused_learns_nothing_of_why(server: Server) {
        let school = server.school();
        let invited = school.new_user(Function::Teacher, &[]);
        school.admin.post("/v1/users", &invited).expect(201);
        let anyone = server.anyone();
        let wrong_password = anyone.try_log_in(&format!("beheerder@{}", school.domain), "Verkeerd-1");
        for (email, password) in [
            (format!("niemand@{}", school.domain), PASSWORD),
            ("iemand@elders.example".to_owned(), PASSWORD),
            (text(&invited["email"]), PASSWORD),
            (format!("beheerder@{}", school.domain), ""),
        ] {
            let refused = anyone.try_log_in(&email, password).expect(401).problem("unauthenticated");
            assert_eq!(refused.visible(), wrong_password.visible());
            assert_eq!(refused.header("WWW-Authenticate"), "Bearer");
        }
    }

    fn an_address_is_the_same_in_capitals_and_a_password_is_not(server: Server) {
        let school = server.school();
        let anyone = server.anyone();
        anyone.try_log_in(&format!("Beheerder@{}", school.domain.to_uppercase()), PASSWORD).expect(201);
        anyone.try_log_in(&format!("beheerder@{}", school.domain), &PASSWORD.to_uppercase()).expect(401);
    }

    fn what_is_wrong_with_a_login_is_told_all_at_once(server: Server) {
        let anyone = server.anyone();
        anyone.post("/v1/sessions", &json!({"email": "geen adres", "remember": true})).refuses(&[
            ("/email", "not-an-email-address"),
            ("/password", "required"),
            ("/remember", "unknown-field"),
        ]);
    }

    fn an_access_token_ends_after_ten_minutes_and_is_renewed_once(server: Server) {
        let school = server.school();
        let anyone = server.anyone();
        let email = format!("beheerder@{}", school.domain);
        let first = anyone.try_log_in(&email, PASSWORD).expect(201).json();
        let client = anyone.with_token(&text(&first["accessToken"]));
        client.get("/v1/users").expect(200);
        server.clock.advance(SignedDuration::from_mins(10));
        client.get("/v1/users").expect(401).problem("unauthenticated");

        let body = json!({"refreshToken": first["refreshToken"]});
        let second = anyone.post("/v1/sessions/_refresh", &body).expect(200).json();
        assert_eq!(first["sessionId"], second["sessionId"]);
        anyone.with_token(&text(&second["accessToken"])).get("/v1/users").expect(200);
    }

    fn a_refresh_token_that_is_used_twice_ends_the_session(server: Server) {
        let school = server.school();
        let anyone = server.anyone();
        let first = anyone.try_log_in(&format!("beheerder@{}", school.domain), PASSWORD).expect(201).json();
        let stolen = json!({"refreshToken": first["refreshToken"]});
        let second = anyone.post("/v1/sessions/_refresh", &stolen).expect(200).json();
        // Two windows of one browser may ask at once.
        anyone.post("/v1/sessions/_refresh", &stolen).expect(401).problem("unauthenticated");
        anyone.with_token(&text(&second["accessToken"])).get("/v1/users").expect(200);
        server.clock.advance(REFRESH_RACE);
        anyone.post("/v1/sessions/_refresh", &stolen).expect(401).problem("unauthenticated");
        anyone.with_token(&text(&second["accessToken"])).get("/v1/users").expect(401);
        let newest = json!({"refreshToken": second["refreshToken"]});
        anyone.post("/v1/sessions/_refresh", &newest).expect(401);
        for unknown in ["", "geen-token", &"A".repeat(43)] {
            let reply = anyone.post("/v1/sessions/_refresh", &json!({"refreshToken": unknown}));
            reply.expect(401).problem("unauthenticated");
        }
    }

    fn c062_a_session_ends_after_twelve_hours_however_often_it_is_renewed(server: Server) {
        let school = server.school();
        let anyone = server.anyone();
        let first = anyone.try_log_in(&format!("beheerder@{}", school.domain), PASSWORD).expect(201).json();
        let mut tokens = first.clone();
        for _ in 1..12 * 4 {
            server.clock.advance(SignedDuration::from_mins(15));
            let body = json!({"refreshToken": tokens["refreshToken"]});
            tokens = anyone.post("/v1/sessions/_refresh", &body).expect(200).json();
            assert_eq!(first["expiresAt"], tokens["expiresAt"]);
            anyone.with_token(&text(&tokens["accessToken"])).get("/v1/users").expect(200);
        }
        server.clock.advance(SignedDuration::from_mins(15));
        let body = json!({"refreshToken": tokens["refreshToken"]});
        anyone.post("/v1/sessions/_refresh", &body).expect(401);
    }

    fn c062_nothing_can_be_asked_to_remember_a_login(server: Server) {
        let school = server.school();
        let email = format!("beheerder@{}", school.domain);
        let body = json!({"email": email, "password": PASSWORD, "rememberMe": true});
        server.anyone().post("/v1/sessions", &body).refuses(&[("/rememberMe", "unknown-field")]);
        let login = server.anyone().try_log_in(&email, PASSWORD).expect(201);
        assert_eq!((login.header("Set-Cookie"), login.header("Cache-Control")), ("", "no-store"));
    }

    fn c064_a_login_may_only_be_repeated_over_tls(server: Server) {
        let school = server.school();
        let email = format!("beheerder@{}", school.domain);
        for (password, status) in [(PASSWORD, 201), ("Verkeerd-1", 401)] {
            let reply = server.anyone().try_log_in(&email, password).expect(status);
            let lasting = reply.header("Strict-Transport-Security");
            assert_eq!(lasting, "max-age=31536000; includeSubDomains");
        }
    }

    fn logging_out_acts_at_once_and_on_this_session_alone(server: Server) {
        let school = server.school();
        let other = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        other.call("DELETE", "/v1/sessions/current").send().expect(204);
        other.get("/v1/users").expect(401).problem("unauthenticated");
        other.call("DELETE", "/v1/sessions/current").send().expect(401);
        school.admin.get("/v1/users").expect(200);
    }

    fn a_token_of_another_service_or_of_nobody_is_refused(server: Server) {
        let school = server.school();
        let own = school.admin.token();
        let (head, signature) = own.rsplit_once('.').unwrap();
        let unsigned = format!("{head}.");
        let altered = format!("{head}.{}", signature.chars().rev().collect::<String>());
        for token in ["", "geen-token", &unsigned, &altered, &format!("{own}x")] {
            server.anyone().with_token(token).get("/v1/users").expect(401).problem("unauthenticated");
        }
        let basic = server.anyone();
        basic.call("GET", "/v1/users").header("Authorization", "Basic YTpi").send().expect(401);
    }

    fn sessions_and_their_ends_outlive_the_service(server: Server) {
        let school = server.school();
        let email = format!("beheerder@{}", school.domain);
        let gone = server.anyone().log_in(&email, PASSWORD);
        gone.call("DELETE", "/v1/sessions/current").send().expect(204);
        server.restart();
        server.anyone().with_token(school.admin.token()).get("/v1/users").expect(200);
        server.anyone().with_token(gone.token()).get("/v1/users").expect(401);
    }

    fn c004_without_an_active_licence_nobody_logs_in_and_nothing_is_written(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let platform = server.platform();
        let licence = format!("/v1/institutions/{}/licence", school.id);
        let email = school.member(Function::Teacher, &[&group]).email;
        for without in [
            json!({"state": "suspended"}),
            json!({"state": "ended"}),
            json!({"state": "active", "startDate": "2026-11-22", "endDate": null}),
            json!({"startDate": "2026-08-01", "endDate": "2026-11-20"}),
        ] {
            platform.change(&licence, &without).expect(200);
            server.anyone().try_log_in(&email, PASSWORD).expect(401).problem("unauthenticated");
            let path = format!("/v1/groups/{group}");
            for refused in [
                school.admin.post("/v1/groups", &new_group("De Vlinders")),
                school.admin.patch(&path, "*", &json!({"name": "De Vlinders"})),
                school.admin.delete(&path, "*"),
            ] {
                refused.expect(403).problem("no-active-licence");
            }
        }
        platform.change(&licence, &json!({"endDate": "2026-11-21"})).expect(200);
        school.admin.post("/v1/groups", &new_group("De Vlinders")).expect(201);
        server.anyone().try_log_in(&email, PASSWORD).expect(201);
        assert_eq!(school.admin.list("/v1/groups").len(), 2);
    }

    fn c004_the_last_day_of_a_licence_ends_at_midnight_in_amsterdam(server: Server) {
        let school = server.school();
        let licence = format!("/v1/institutions/{}/licence", school.id);
        server.platform().change(&licence, &json!({"endDate": "2026-11-21"})).expect(200);
        let email = school.member(Function::Teacher, &[]).email;
        server.clock.set("2026-11-21T22:59:00Z");
        server.anyone().try_log_in(&email, PASSWORD).expect(201);
        server.clock.set("2026-11-21T23:00:00Z");
        server.anyone().try_log_in(&email, PASSWORD).expect(401);
    }
}
