//! What ends a session: idleness, a token that is used twice, and every change of what its user may do (C061, C067).

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_group;
use groeilijn_tests::{Client, Reply, School, Server, all_at_once, both_databases};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn refresh(anyone: &Client, tokens: &Value) -> Reply {
    anyone.post("/v1/sessions/_refresh", &json!({"refreshToken": tokens["refreshToken"]}))
}

fn administrator(school: &School) -> String {
    format!("beheerder@{}", school.domain)
}

fn is_let_in(server: &Server, tokens: &Value) -> u16 {
    server.anyone().with_token(&text(&tokens["accessToken"])).get("/v1/sessions/current").status
}

/// Logs in, asks something, and gives the tokens and when it was asked.
fn active_session(server: &Server, email: &str) -> (Value, Timestamp) {
    let tokens = server.anyone().try_log_in(email, PASSWORD).expect(201).json();
    let client = server.anyone().with_token(&text(&tokens["accessToken"]));
    let sessions = client.get("/v1/account/sessions").expect(200).items();
    (tokens, text(&sessions[0]["lastActivityAt"]).parse().unwrap())
}

/// Sets the clock so long after a moment.
fn set_clock(server: &Server, moment: Timestamp, minutes: i64, seconds: i64) {
    server.clock.set(&(moment + SignedDuration::from_secs(minutes * 60 + seconds)).to_string());
}

both_databases! {
    fn c061_a_session_goes_on_at_29_59_and_has_ended_at_30_00(server: Server) {
        let school = server.school();
        let (tokens, active) = active_session(server, &administrator(&school));
        set_clock(server, active, 25, 0);
        let tokens = refresh(&server.anyone(), &tokens).expect(200).json();
        set_clock(server, active, 29, 59);
        assert_eq!(is_let_in(server, &tokens), 200);

        let (tokens, active) = active_session(server, &administrator(&school));
        set_clock(server, active, 25, 0);
        let tokens = refresh(&server.anyone(), &tokens).expect(200).json();
        set_clock(server, active, 30, 0);
        assert_eq!(is_let_in(server, &tokens), 401);
        refresh(&server.anyone(), &tokens).expect(401).problem("unauthenticated");
        set_clock(server, active, 29, 0);
        assert_eq!(is_let_in(server, &tokens), 200);
    }

    fn c061_c062_renewing_a_token_keeps_no_session_alive(server: Server) {
        let school = server.school();
        let (mut tokens, active) = active_session(server, &administrator(&school));
        for minutes in [9, 18, 27, 29] {
            set_clock(server, active, minutes, 0);
            tokens = refresh(&server.anyone(), &tokens).expect(200).json();
        }
        set_clock(server, active, 30, 0);
        assert_eq!(is_let_in(server, &tokens), 401);
        refresh(&server.anyone(), &tokens).expect(401);
    }

    fn c061_a_request_that_is_refused_without_a_session_keeps_none_alive(server: Server) {
        let school = server.school();
        let (tokens, active) = active_session(server, &administrator(&school));
        set_clock(server, active, 29, 0);
        // The access token has ended: whoever still has it is nobody.
        assert_eq!(is_let_in(server, &tokens), 401);
        set_clock(server, active, 30, 0);
        refresh(&server.anyone(), &tokens).expect(401);
    }

    fn c061_fifty_refreshes_at_once_leave_one_living_child(server: Server) {
        let school = server.school();
        let first = server.anyone().try_log_in(&administrator(&school), PASSWORD).expect(201).json();
        let replies = all_at_once(vec![server.anyone(); 50], |client| refresh(&client, &first));
        let renewed: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert!(replies.iter().all(|reply| [200, 401, 503].contains(&reply.status)));
        let [child] = renewed.as_slice() else { panic!("{} children", renewed.len()) };
        assert_eq!(is_let_in(server, &child.json()), 200);
        refresh(&server.anyone(), &child.json()).expect(200);
        school.admin.get("/v1/users").expect(200);
    }

    fn c067_whatever_changes_for_a_user_ends_her_sessions_at_once(server: Server) {
        let school = server.school();
        for change in [
            json!({"rights": [{"part": "notes", "actions": ["read"]}]}),
            json!({"function": "management"}),
            json!({"state": "blocked"}),
            json!({"lastDay": "2026-12-24"}),
            json!({"lastDay": "2026-11-20"}),
        ] {
            let user = school.member(Function::Teacher, &[]);
            let second = server.anyone().try_log_in(&user.email, PASSWORD).expect(201).json();
            let mut patch = change.clone();
            patch["reason"] = json!("Nieuw schooljaar.");
            school.admin.change(&format!("/v1/users/{}", user.id), &patch).expect(200);
            user.client.get("/v1/sessions/current").expect(401).problem("unauthenticated");
            assert_eq!(is_let_in(server, &second), 401, "{change}");
            refresh(&server.anyone(), &second).expect(401);
        }
    }

    fn a_new_password_ends_all_sessions_and_the_old_one_opens_none(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let second = server.anyone().try_log_in(&user.email, PASSWORD).expect(201).json();
        let change = json!({"currentPassword": PASSWORD, "newPassword": "Klaproos-12"});
        user.client.post("/v1/account/password/_change", &change).expect(204);
        user.client.get("/v1/sessions/current").expect(401);
        assert_eq!(is_let_in(server, &second), 401);
        refresh(&server.anyone(), &second).expect(401);
        server.anyone().try_log_in(&user.email, PASSWORD).expect(401);
        server.anyone().try_log_in(&user.email, "Klaproos-12").expect(201);
    }

    fn an_invitation_that_is_accepted_ends_all_sessions(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let invite = format!("/v1/users/{}/invitations", user.id);
        school.admin.call("POST", &invite).send().expect(201);
        let token = school.admin.mailbox().tokens(&user.email, 2).pop().unwrap();
        user.client.get("/v1/sessions/current").expect(200);
        let acceptance = json!({"token": token, "password": "Klaproos-12"});
        server.anyone().post("/v1/invitations/_accept", &acceptance).expect(204);
        user.client.get("/v1/sessions/current").expect(401);
    }

    fn other_groups_and_another_name_end_no_session(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let user = school.member(Function::Teacher, &[&rupsen]);
        let path = format!("/v1/users/{}", user.id);
        school.admin.change(&path, &json!({"groupIds": [vlinders], "reason": "Ruilt."})).expect(200);
        school.admin.change(&path, &json!({"firstName": "Guusje"})).expect(200);
        assert_eq!(user.client.list("/v1/groups")[0]["id"], vlinders.as_str());
    }

    fn c004_the_end_of_a_licence_leaves_the_session_to_change_ones_password_in(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let licence = format!("/v1/institutions/{}/licence", school.id);
        server.platform().change(&licence, &json!({"state": "ended"})).expect(200);
        user.client.get("/v1/groups").expect(403).problem("no-active-licence");
        school.admin.post("/v1/groups", &new_group("De Vlinders")).expect(403).problem("no-active-licence");
        let change = json!({"currentPassword": PASSWORD, "newPassword": "Klaproos-12"});
        user.client.post("/v1/account/password/_change", &change).expect(204);
        school.admin.call("DELETE", "/v1/sessions/current").send().expect(204);
    }
}
