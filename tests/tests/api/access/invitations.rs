//! Invitations: how a user sets a password that nobody else knows.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::{School, Server, both_databases};
use jiff::SignedDuration;
use serde_json::json;

const ACCEPT: &str = "/v1/invitations/_accept";

/// A new user: her path, her address and the token of her invitation.
fn invited(school: &School) -> (String, String, String) {
    let body = school.new_user(Function::Teacher, &[]);
    let reply = school.admin.post("/v1/users", &body).expect(201);
    let email = text(&body["email"]);
    let token = school.admin.mailbox().token(&email);
    (reply.header("Location").to_owned(), email, token)
}

fn accept(server: &Server, token: &str, password: &str) -> u16 {
    server.anyone().post(ACCEPT, &json!({"token": token, "password": password})).status
}

both_databases! {
    fn an_invitation_is_used_once(server: Server) {
        let school = server.school();
        let (path, email, token) = invited(&school);
        assert_eq!(school.admin.get(&path).expect(200).json()["state"], "invited");
        assert_eq!(accept(server, &token, PASSWORD), 204);
        assert_eq!(accept(server, &token, "Klaproos-12"), 404);
        server.anyone().try_log_in(&email, PASSWORD).expect(201);
        assert_eq!(school.admin.get(&path).expect(200).json()["state"], "active");
    }

    fn an_invitation_ends_after_a_day_and_another_takes_its_place(server: Server) {
        let school = server.school();
        let (path, email, token) = invited(&school);
        server.clock.advance(SignedDuration::from_hours(24));
        assert_eq!(accept(server, &token, PASSWORD), 404);
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        admin.call("POST", &format!("{path}/invitations")).send().expect(201);
        let again = admin.mailbox().tokens(&email, 2).pop().unwrap();
        assert_eq!(accept(server, &again, PASSWORD), 204);
        server.anyone().try_log_in(&email, PASSWORD).expect(201);
    }

    fn a_forgotten_password_stays_until_another_is_set(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let invite = format!("/v1/users/{}/invitations", member.id);
        for _ in 0..2 {
            school.admin.call("POST", &invite).send().expect(201);
        }
        let tokens = school.admin.mailbox().tokens(&member.email, 3);
        let [_, first, second] = tokens.as_slice() else { panic!("{}", tokens.len()) };
        server.anyone().try_log_in(&member.email, PASSWORD).expect(201);
        assert_eq!(accept(server, second, "Klaproos-12"), 204);
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401);
        server.anyone().try_log_in(&member.email, "Klaproos-12").expect(201);
        assert_eq!(accept(server, first, "Zonnebloem-3"), 404);
    }

    fn a_blocked_user_cannot_be_invited_nor_accept(server: Server) {
        let school = server.school();
        let (path, _, token) = invited(&school);
        school.admin.change(&path, &json!({"state": "blocked", "reason": "Weg."})).expect(200);
        assert_eq!(accept(server, &token, PASSWORD), 404);
        let refused = school.admin.call("POST", &format!("{path}/invitations")).send();
        assert_eq!(refused.expect(409).problem("conflict").code(), "user-blocked");
    }

    fn c056_c057_c058_every_rule_that_a_password_breaks_is_told_at_once(server: Server) {
        let school = server.school();
        let (_, _, token) = invited(&school);
        let anyone = server.anyone();
        let choose = |password: &str| anyone.post(ACCEPT, &json!({"token": token, "password": password}));
        choose("").refuses(&[
            ("/password", "password-length"),
            ("/password", "password-capital"),
            ("/password", "password-digit"),
            ("/password", "password-symbol"),
        ]);
        choose("Korte-1").refuses(&[("/password", "password-length")]);
        choose(&format!("Aa-1{}", "x".repeat(125))).refuses(&[("/password", "password-length")]);
        choose("Backslash1\\").refuses(&[("/password", "password-symbol")]);
        choose("Precies8-1").expect(204);
    }

    fn an_unknown_token_is_not_found(server: Server) {
        let anyone = server.anyone();
        let absent = anyone.post(ACCEPT, &json!({"token": "A".repeat(43), "password": PASSWORD})).expect(404);
        let malformed = anyone.post(ACCEPT, &json!({"token": "geen token", "password": PASSWORD})).expect(404);
        assert_eq!(absent.visible(), malformed.visible());
        anyone.post(ACCEPT, &json!({"token": 1})).refuses(&[("/token", "not-a-string"), ("/password", "required")]);
    }
}
