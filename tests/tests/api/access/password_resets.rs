//! For who forgot her password.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::both_databases;
use groeilijn_tests::client::Client;
use jiff::SignedDuration;
use serde_json::json;

fn forget(client: &Client, email: &str) {
    client.post("/v1/password-resets", &json!({ "email": email })).expect(202);
}

both_databases! {
    fn c063_who_forgot_her_password_gets_a_link_that_works_once(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let anyone = server.anyone();
        forget(&anyone, &member.email.to_uppercase());
        let token = anyone.mailbox().tokens(&member.email, 2).pop().unwrap();
        anyone.try_log_in(&member.email, PASSWORD).expect(201);
        let chosen = json!({"token": token, "password": "Klaproos-12"});
        anyone.post("/v1/invitations/_accept", &chosen).expect(204);
        anyone.post("/v1/invitations/_accept", &chosen).expect(404);
        anyone.try_log_in(&member.email, PASSWORD).expect(401);
        anyone.try_log_in(&member.email, "Klaproos-12").expect(201);
        member.client.get("/v1/groups").expect(401);
    }

    fn whether_there_is_such_an_account_is_not_told(server: Server) {
        let school = server.school();
        let anyone = server.anyone();
        let ask = |email: &str| anyone.post("/v1/password-resets", &json!({ "email": email })).expect(202);
        let known = ask(&format!("beheerder@{}", school.domain));
        assert_eq!(known.visible(), ask(&format!("niemand@{}", school.domain)).visible());
        anyone.post("/v1/password-resets", &json!({"email": "geen adres"})).refuses(&[("/email", "not-an-email-address")]);
    }

    fn c060_a_reset_unblocks_nobody(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let anyone = server.anyone();
        for _ in 0..3 {
            anyone.try_log_in(&member.email, "Verkeerd-1").expect(401);
        }
        forget(&anyone, &member.email);
        let bystander = format!("beheerder@{}", school.domain);
        forget(&anyone, &bystander);
        anyone.mailbox().tokens(&bystander, 2);
        assert_eq!(anyone.mailbox().tokens(&member.email, 1).len(), 1, "only the link of the beginning");
    }

    fn three_letters_an_hour_are_enough(server: Server) {
        let school = server.school();
        let email = format!("beheerder@{}", school.domain);
        let other = school.member(Function::Teacher, &[]).email;
        let anyone = server.anyone();
        // The link of the beginning counts too.
        for _ in 0..4 {
            forget(&anyone, &email);
        }
        forget(&anyone, &other);
        anyone.mailbox().tokens(&other, 2);
        assert_eq!(anyone.mailbox().tokens(&email, 3).len(), 3);
        server.clock.advance(SignedDuration::from_mins(61));
        forget(&anyone, &email);
        assert_eq!(anyone.mailbox().tokens(&email, 4).len(), 4);
    }
}
