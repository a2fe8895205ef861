//! For who forgot her password.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::audit::AuditLog;
use groeilijn_tests::{Client, Reply, Server, both_databases, wait_until};
use jiff::SignedDuration;
use serde_json::json;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn rows(server: &Server, condition: &str) -> i64 {
    let counted: Count = sql_query(format!("SELECT count(*) AS count FROM password_reset WHERE {condition}"))
        .get_result(&mut server.raw_data())
        .unwrap();
    counted.count
}

/// Leaves as many requests as may wait.
fn fill_up(server: &Server, fill: u32) {
    let mut data = server.raw_data();
    data.batch_execute("BEGIN").unwrap();
    for number in 0..1_000 {
        sql_query(
            "INSERT INTO password_reset (id, requested_at, email_index, address_index, carried_out) \
             VALUES ($1, 1, $1, $1, 0)",
        )
        .bind::<Binary, _>(u128::from(fill * 1_000 + number).to_be_bytes().to_vec())
        .execute(&mut data)
        .unwrap();
    }
    data.batch_execute("COMMIT").unwrap();
}

fn accept(client: &Client, token: &str) -> Reply {
    client.post("/v1/invitations/_accept", &json!({"token": token, "password": "Klaproos-12"}))
}

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

    fn three_letters_an_hour_are_enough_and_who_asks_for_more_is_told(server: Server) {
        let school = server.school();
        let known = format!("beheerder@{}", school.domain);
        let anyone = server.anyone();
        let mut told = Vec::new();
        for email in [&known, &format!("niemand@{}", school.domain)] {
            (0..3).for_each(|_| forget(&anyone, email));
            let refused = anyone.post("/v1/password-resets", &json!({ "email": email })).expect(429);
            assert!(refused.header("RateLimit").starts_with("\"resets-of-account\";r=0;t=3"), "{}", refused.header("RateLimit"));
            assert_eq!(refused.header("RateLimit-Policy"), "\"resets-of-account\";q=3;w=3600");
            told.push(refused.problem("too-many-requests").visible());
        }
        assert_eq!(told[0], told[1]);
        // Each of which the reply said that it is on its way, and the link of the beginning.
        assert_eq!(anyone.mailbox().tokens(&known, 4).len(), 4);
        server.clock.advance(SignedDuration::from_mins(61));
        forget(&anyone, &known);
        assert_eq!(anyone.mailbox().tokens(&known, 5).len(), 5);
    }

    fn thirty_requests_an_hour_come_from_one_network(server: Server) {
        let anyone = server.anyone();
        (0..30).for_each(|number| forget(&anyone, &format!("niemand-{number}@elders.example")));
        let refused = anyone.post("/v1/password-resets", &json!({"email": "iemand@elders.example"})).expect(429);
        assert!(refused.header("RateLimit").starts_with("\"resets-of-address\";r=0;"));
        server.clock.advance(SignedDuration::from_mins(61));
        forget(&anyone, "iemand@elders.example");
    }

    fn when_no_more_can_wait_nobody_is_told_that_a_letter_is_on_its_way(server: Server) {
        let email = json!({"email": "iemand@elders.example"});
        // The service carries them out meanwhile, so it may take more than one try.
        let refused = (0..10).find_map(|fill| {
            fill_up(server, fill);
            let reply = server.anyone().post("/v1/password-resets", &email);
            (reply.status == 503).then_some(reply)
        });
        let refused = refused.unwrap().problem("unavailable");
        assert_eq!(refused.header("Retry-After"), "2");
        wait_until(|| rows(server, "carried_out = 0") == 0);
        forget(&server.anyone(), "iemand@elders.example");
    }

    fn what_is_written_tells_nobody_whether_there_is_such_an_account(server: Server) {
        let school = server.school();
        let anyone = server.anyone();
        let known = format!("beheerder@{}", school.domain);
        forget(&anyone, &known);
        forget(&anyone, &format!("niemand@{}", school.domain));
        anyone.mailbox().tokens(&known, 2);
        wait_until(|| rows(server, "carried_out = 0") == 0);
        // Beside the requests themselves: two rows for whom nobody knows, a link and a letter for whom somebody does.
        assert_eq!((rows(server, "requested_at > 0"), rows(server, "requested_at = 0")), (2, 2));
        let of = |log: AuditLog| {
            log.entries().into_iter().filter(|entry| entry.operation == "requestPasswordReset").count()
        };
        assert_eq!((of(server.audit_log(&school.id)), of(server.platform_audit_log())), (1, 1));
    }

    fn a_new_link_ends_those_before_it(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let anyone = server.anyone();
        forget(&anyone, &member.email);
        anyone.mailbox().tokens(&member.email, 2);
        school.admin.call("POST", &format!("/v1/users/{}/invitations", member.id)).send().expect(201);
        let tokens = anyone.mailbox().tokens(&member.email, 3);
        for old in &tokens[..2] {
            accept(&anyone, old).expect(404);
        }
        accept(&anyone, &tokens[2]).expect(204);
    }

    fn a_new_password_ends_every_link(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let anyone = server.anyone();
        forget(&anyone, &member.email);
        let link = anyone.mailbox().tokens(&member.email, 2).pop().unwrap();
        let change = json!({"currentPassword": PASSWORD, "newPassword": "Klaproos-13"});
        member.client.post("/v1/account/password/_change", &change).expect(204);
        accept(&anyone, &link).expect(404);
        anyone.try_log_in(&member.email, "Klaproos-13").expect(201);
    }

    fn blocking_and_unblocking_end_every_link(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let anyone = server.anyone();
        let path = format!("/v1/users/{}", member.id);
        forget(&anyone, &member.email);
        let link = anyone.mailbox().tokens(&member.email, 2).pop().unwrap();
        school.admin.change(&path, &json!({"state": "blocked", "reason": "Weg."})).expect(200);
        school.admin.change(&path, &json!({"state": "active", "reason": "Terug."})).expect(200);
        let new = anyone.mailbox().tokens(&member.email, 3).pop().unwrap();
        accept(&anyone, &link).expect(404);
        accept(&anyone, &new).expect(204);

        // Neither does a block by wrong passwords leave one.
        forget(&anyone, &member.email);
        let link = anyone.mailbox().tokens(&member.email, 4).pop().unwrap();
        (0..3).for_each(|_| drop(anyone.try_log_in(&member.email, "Verkeerd-1").expect(401)));
        school.admin.change(&path, &json!({"state": "active", "reason": "Terug."})).expect(200);
        accept(&anyone, &link).expect(404);
    }
}
