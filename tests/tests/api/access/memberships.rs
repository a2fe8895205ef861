//! Memberships: a person has one login, and is a user of one institution or of several.

use diesel::sql_query;
use diesel::sql_types::Binary;
use groeilijn_domain::access::Function;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::board::switch;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Authenticator, Board, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::wrong_passwords::WRONG;

const REASON: &str = "Werkt nu ergens anders.";

fn state(school: &groeilijn_tests::School, user: &str) -> Value {
    school.admin.get(&format!("/v1/users/{user}")).expect(200).json()["state"].clone()
}

both_databases! {
    fn whoever_has_a_login_is_invited_as_if_she_had_none_and_accepts(server: Server) {
        let board = Board::found(server);
        let member = board.one.member(Function::Teacher, &[]);
        let known = board.enter_at_other(&member.email, Function::Management, &[]);
        let unknown = board.enter_at_other(&board.other.new_email(), Function::Management, &[]);
        let [known_body, unknown_body] = [&known, &unknown].map(|reply| {
            let mut body = reply.json();
            for field in ["/user/id", "/user/email", "/user/createdAt", "/invitation/id", "/invitation/expiresAt"] {
                *body.pointer_mut(field).unwrap() = Value::Null;
            }
            body
        });
        assert_eq!(known_body, unknown_body);
        assert_eq!(known.etag(), unknown.etag());
        let id = text(&known.json()["user"]["id"]);
        assert_ne!(id, member.id);

        // Until she accepts, she is no user there, and nothing that she does elsewhere shows.
        assert_eq!(state(&board.other, &id), "invited");
        switch(&member.client, &board.other.id).expect(404);
        let own = member.client.list("/v1/account/memberships");
        assert_eq!(own.iter().map(|own| own["state"].clone()).collect::<Vec<_>>(), ["active", "invited"]);
        let token = server.anyone().mailbox().joining_tokens(&member.email, 1).pop().unwrap();
        let password = json!({"token": token, "password": "Klaproos-12"});
        server.anyone().post("/v1/invitations/_accept", &password).expect(404);
        board.join(&member.email);
        let again = json!({"token": token, "password": PASSWORD});
        server.anyone().post("/v1/invitations/_join", &again).expect(404);
        assert_eq!(state(&board.other, &id), "active");
        server.anyone().try_log_in(&member.email, PASSWORD).expect(201);
    }

    fn a_session_acts_in_one_institution_and_can_change(server: Server) {
        let board = Board::found(server);
        let group = board.other.group("De Rupsen");
        let pupil = board.other.pupil("Noor", &group);
        let (member, there) = board.teacher_at_both(&[&group]);
        let client = &member.client;
        client.get(&format!("/v1/pupils/{pupil}")).expect(404);
        let before = client.get("/v1/sessions/current").expect(200).json();
        assert_eq!((&before["institutionId"], &before["userId"]), (&json!(board.one.id), &json!(member.id)));

        let after = switch(client, &board.other.id).expect(200).json();
        assert_eq!((&after["institutionId"], &after["userId"]), (&json!(board.other.id), &json!(there)));
        assert_eq!(client.get("/v1/sessions/current").expect(200).json(), after);
        client.get(&format!("/v1/pupils/{pupil}")).expect(200);
        for school in [&board.one, &board.other] {
            let log = server.audit_log(&school.id);
            assert!(log.entries().iter().any(|entry| entry.operation == "switchSession"));
        }
        switch(client, &server.school().id).expect(404);
        switch(client, "01a1fd55-7afc-72d9-914e-768ee3a7f5f3").expect(404);
        switch(client, "here").refuses(&[("/institutionId", "not-a-uuid")]);

        // Or from the start.
        let mut body = json!({"email": member.email, "password": PASSWORD, "institutionId": board.other.id});
        let begun = server.anyone().post("/v1/sessions", &body).expect(201).json();
        let begun = server.anyone().with_token(&text(&begun["accessToken"]));
        begun.get(&format!("/v1/pupils/{pupil}")).expect(200);
        body["institutionId"] = json!(server.school().id);
        server.anyone().post("/v1/sessions", &body).expect(401);
    }

    fn c001_an_institution_sees_nothing_of_the_other(server: Server) {
        let board = Board::found(server);
        let (member, there) = board.teacher_at_both(&[]);
        let sessions = |school: &groeilijn_tests::School, user: &str| {
            school.admin.list(&format!("/v1/users/{user}/sessions")).len()
        };
        assert_eq!((sessions(&board.one, &member.id), sessions(&board.other, &there)), (1, 0));
        for (school, foreign) in [(&board.one, &there), (&board.other, &member.id)] {
            school.admin.get(&format!("/v1/users/{foreign}")).expect(404);
            school.admin.get(&format!("/v1/users/{foreign}/sessions")).expect(404);
            school.admin.call("DELETE", &format!("/v1/users/{foreign}/second-factor")).send().expect(404);
        }
        board.other.admin.call("DELETE", &format!("/v1/users/{there}/sessions")).send().expect(204);
        member.client.get("/v1/sessions/current").expect(200);
        switch(&member.client, &board.other.id).expect(200);
        assert_eq!((sessions(&board.one, &member.id), sessions(&board.other, &there)), (0, 1));
        board.other.admin.call("DELETE", &format!("/v1/users/{there}/sessions")).send().expect(204);
        member.client.get("/v1/sessions/current").expect(401);
    }

    fn c067_who_leaves_one_institution_stays_at_the_other(server: Server) {
        let board = Board::found(server);
        let (member, there) = board.teacher_at_both(&[]);
        let second = server.anyone().log_in(&member.email, PASSWORD);
        switch(&second, &board.other.id).expect(200);
        let blocked = json!({"state": "blocked", "reason": REASON});
        board.other.admin.change(&format!("/v1/users/{there}"), &blocked).expect(200);
        second.get("/v1/sessions/current").expect(401);
        member.client.get("/v1/sessions/current").expect(200);
        assert_eq!(state(&board.one, &member.id), "active");
        switch(&member.client, &board.other.id).expect(404);

        let left = json!({"lastDay": "2026-11-20", "reason": REASON});
        board.one.admin.change(&format!("/v1/users/{}", member.id), &left).expect(200);
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401);
        let back = json!({"state": "active", "reason": REASON});
        board.other.admin.change(&format!("/v1/users/{there}"), &back).expect(200);
        let token = server.anyone().mailbox().tokens(&member.email, 2).pop().unwrap();
        let chosen = json!({"token": token, "password": "Klaproos-12"});
        server.anyone().post("/v1/invitations/_accept", &chosen).expect(204);
        let again = server.anyone().log_in(&member.email, "Klaproos-12");
        assert_eq!(again.get("/v1/sessions/current").expect(200).json()["institutionId"], json!(board.other.id));
    }

    fn c060_strikes_are_the_persons_and_every_institution_of_hers_knows(server: Server) {
        let board = Board::found(server);
        let (member, there) = board.teacher_at_both(&[]);
        let invited = board.one.member(Function::Teacher, &[]);
        let awaiting = text(&board.enter_at_other(&invited.email, Function::Teacher, &[]).json()["user"]["id"]);
        let unknowing = board.other.admin.get(&format!("/v1/users/{awaiting}")).expect(200).etag();
        for email in [&member.email, &invited.email] {
            for _ in 0..3 {
                server.anyone().try_log_in(email, WRONG).expect(401);
            }
        }
        assert_eq!((state(&board.one, &member.id), state(&board.other, &there)), (json!("blocked"), json!("blocked")));
        // Where she never accepted, nothing of it shows.
        assert_eq!(state(&board.one, &invited.id), "blocked");
        assert_eq!(state(&board.other, &awaiting), "invited");
        assert_eq!(board.other.admin.get(&format!("/v1/users/{awaiting}")).expect(200).etag(), unknowing);
        let told = board.other.admin.list("/v1/security-events");
        assert!(told.iter().all(|event| event["userId"] != json!(awaiting)));
        for school in [&board.one, &board.other] {
            let events = school.admin.list("/v1/security-events");
            let kinds: Vec<_> = events.iter().map(|event| text(&event["kind"])).collect();
            assert!(kinds.contains(&SecurityEventKind::AccountBlocked.code().to_owned()), "{kinds:?}");
            let log = server.audit_log(&school.id);
            assert!(log.entries().iter().any(|entry| entry.operation == "logIn" && entry.outcome == "denied"));
        }
        // Either lets her in again, with another password.
        let unblock = json!({"state": "active", "reason": "Zij was het zelf."});
        board.other.admin.change(&format!("/v1/users/{there}"), &unblock).expect(200);
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401);
        let token = server.anyone().mailbox().tokens(&member.email, 2).pop().unwrap();
        let chosen = json!({"token": token, "password": "Klaproos-12"});
        server.anyone().post("/v1/invitations/_accept", &chosen).expect(204);
        assert_eq!((state(&board.one, &member.id), state(&board.other, &there)), (json!("active"), json!("active")));
        server.anyone().log_in(&member.email, "Klaproos-12");
    }

    fn who_never_accepted_keeps_her_second_factor_whatever_the_other_institution_asks(server: Server) {
        let board = Board::found(server);
        let member = board.one.member(Function::Teacher, &[]);
        let app = Authenticator::bind(&member.client);
        server.clock.advance(SignedDuration::from_secs(30));
        let there = text(&board.enter_at_other(&member.email, Function::Teacher, &[]).json()["user"]["id"]);
        let reset = |school: &groeilijn_tests::School, user: &str| {
            school.admin.call("DELETE", &format!("/v1/users/{user}/second-factor")).send()
        };
        reset(&board.other, &there).expect(204);
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401);
        server.anyone().try_log_in_with_code(&member.email, PASSWORD, &app.code()).expect(201);
        // Nor does whoever reads her letters get past it by joining.
        server.clock.advance(SignedDuration::from_secs(30));
        let token = server.anyone().mailbox().joining_tokens(&member.email, 1).pop().unwrap();
        let mut body = json!({"token": token, "password": PASSWORD});
        server.anyone().post("/v1/invitations/_join", &body).expect(401).problem("second-factor-required");
        body["code"] = json!(app.code());
        server.anyone().post("/v1/invitations/_join", &body).expect(204);
        reset(&board.other, &there).expect(204);
        server.anyone().try_log_in(&member.email, PASSWORD).expect(201);
        let log = server.audit_log(&board.one.id);
        assert!(log.entries().iter().any(|entry| entry.operation == "resetSecondFactorOfUser"));
    }

    fn c004_c065_licence_and_networks_are_those_of_the_institution_that_a_session_acts_in(server: Server) {
        let board = Board::found(server);
        let (member, _) = board.teacher_at_both(&[]);
        let licence = format!("/v1/institutions/{}/licence", board.one.id);
        server.platform().change(&licence, &json!({"state": "suspended"})).expect(200);
        member.client.get("/v1/groups").expect(403).problem("no-active-licence");
        switch(&member.client, &board.other.id).expect(200);
        member.client.get("/v1/groups").expect(200);
        let begun = server.anyone().log_in(&member.email, PASSWORD);
        assert_eq!(begun.get("/v1/sessions/current").expect(200).json()["institutionId"], json!(board.other.id));
        switch(&begun, &board.one.id).expect(404);

        server.platform().change(&licence, &json!({"state": "active"})).expect(200);
        switch(&begun, &board.one.id).expect(200);
        // No administrator shuts herself out by the API.
        sql_query("UPDATE institution SET login_networks = '192.0.2.0/24' WHERE id = $1")
            .bind::<Binary, _>(Uuid::parse_str(&board.other.id).unwrap().as_bytes().to_vec())
            .execute(&mut server.raw_data())
            .unwrap();
        switch(&begun, &board.other.id).expect(404);
        member.client.get("/v1/groups").expect(401);
        begun.get("/v1/groups").expect(200);
    }

    fn an_invitation_to_join_ends_when_another_one_is_sent_or_the_institution_withdraws_it(server: Server) {
        let board = Board::found(server);
        let member = board.one.member(Function::Teacher, &[]);
        let there = text(&board.enter_at_other(&member.email, Function::Teacher, &[]).json()["user"]["id"]);
        let anyone = server.anyone();
        let path = format!("/v1/users/{there}");
        let again = board.other.admin.call("POST", &format!("{path}/invitations")).send().expect(201);
        assert_eq!(again.etag(), board.other.admin.get(&path).expect(200).etag());
        let tokens = anyone.mailbox().joining_tokens(&member.email, 2);
        let join = |token: &str, password: &str| {
            anyone.post("/v1/invitations/_join", &json!({"token": token, "password": password}))
        };
        join(&tokens[0], PASSWORD).expect(404);
        join(&tokens[1], WRONG).expect(401);
        board.other.admin.change(&path, &json!({"state": "blocked", "reason": REASON})).expect(200);
        join(&tokens[1], PASSWORD).expect(404);
        join("x", PASSWORD).expect(404);
        let wrong = anyone.post("/v1/invitations/_join", &json!({"token": 1}));
        wrong.refuses(&[("/token", "not-a-string"), ("/password", "required")]);
        assert_eq!(state(&board.one, &member.id), "active");
    }

    fn who_was_entered_at_two_institutions_before_she_had_a_password_accepts_both(server: Server) {
        let board = Board::found(server);
        let body = board.one.new_user(Function::Teacher, &[]);
        let email = text(&body["email"]);
        let here = text(&board.one.admin.post("/v1/users", &body).expect(201).json()["user"]["id"]);
        let there = text(&board.enter_at_other(&email, Function::Teacher, &[]).json()["user"]["id"]);
        let tokens = server.anyone().mailbox().tokens(&email, 2);
        let accept = |token: &str| {
            let body = json!({"token": token, "password": PASSWORD});
            server.anyone().post("/v1/invitations/_accept", &body)
        };
        accept(&tokens[0]).expect(404);
        accept(&tokens[1]).expect(204);
        assert_eq!((state(&board.one, &here), state(&board.other, &there)), (json!("invited"), json!("active")));
        board.one.admin.call("POST", &format!("/v1/users/{here}/invitations")).send().expect(201);
        board.join(&email);
        assert_eq!(state(&board.one, &here), "active");
    }

    fn whom_wrong_passwords_shut_out_can_be_blocked_all_the_same(server: Server) {
        let board = Board::found(server);
        let (member, there) = board.teacher_at_both(&[]);
        for _ in 0..3 {
            server.anyone().try_log_in(&member.email, WRONG).expect(401);
        }
        let blocked = json!({"state": "blocked"});
        let path = format!("/v1/users/{}", member.id);
        board.one.admin.change(&path, &blocked).refuses(&[("/reason", "reason-required")]);
        board.one.admin.change(&path, &json!({"state": "blocked", "reason": REASON})).expect(200);
        // The other one lets her in again, and she is in there alone.
        let unblock = json!({"state": "active", "reason": "Zij was het zelf."});
        board.other.admin.change(&format!("/v1/users/{there}"), &unblock).expect(200);
        let token = server.anyone().mailbox().tokens(&member.email, 2).pop().unwrap();
        let chosen = json!({"token": token, "password": "Klaproos-12"});
        server.anyone().post("/v1/invitations/_accept", &chosen).expect(204);
        let again = server.anyone().log_in(&member.email, "Klaproos-12");
        assert_eq!(again.get("/v1/sessions/current").expect(200).json()["institutionId"], json!(board.other.id));
        switch(&again, &board.one.id).expect(404);
        assert_eq!(state(&board.one, &member.id), "blocked");
    }

    fn a_repeated_request_shows_nothing_of_a_login_elsewhere_either(server: Server) {
        let board = Board::found(server);
        let member = board.one.member(Function::Teacher, &[]);
        let enter = |email: &str, key: &str| {
            let mut body = board.other.new_user(Function::Teacher, &[]);
            body["email"] = json!(email);
            let first = board.other.admin.post_once("/v1/users", &body, key).expect(201);
            server.anyone().post("/v1/password-resets", &json!({"email": email})).expect(202);
            (body, first)
        };
        let unknown = board.other.new_email();
        let [known, new] = [(&member.email, "known"), (&unknown, "new")].map(|(email, key)| (enter(email, key), key));
        server.anyone().mailbox().tokens(&member.email, 2);
        server.anyone().mailbox().tokens(&unknown, 2);
        for ((body, first), key) in [&known, &new] {
            let again = board.other.admin.post_once("/v1/users", body, key).expect(201);
            assert_eq!((again.json(), again.etag()), (first.json(), first.etag()), "{key}");
        }
    }
}
