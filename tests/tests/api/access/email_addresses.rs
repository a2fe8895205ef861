//! Another address to log in with: confirmed from both, or moved with everybody else's.

use diesel::sql_query;
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Board, Client, Member, Reply, School, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

const CHANGE: &str = "/v1/account/email-address/_change";
const MOVE: &str = "/v1/users/_move-addresses";

fn ask(client: &Client, email: &str) -> Reply {
    client.post(CHANGE, &json!({"email": email, "currentPassword": PASSWORD}))
}

pub(super) fn confirm(anyone: &Client, token: &str) -> Reply {
    anyone.post("/v1/email-addresses/_confirm", &json!({ "token": token }))
}

fn changed(reply: Reply) -> Value {
    reply.expect(200).json()["changed"].clone()
}

/// Asks for another address and gives the newest token that went to each.
fn tokens(member: &Member, wanted: &str, count: usize) -> [String; 2] {
    ask(&member.client, wanted).expect(202);
    [member.email.as_str(), wanted].map(|to| member.client.mailbox().address_tokens(to, count).pop().unwrap())
}

/// Gives a school another domain beside the one that it has.
pub(super) fn another_domain(server: &groeilijn_tests::Server, school: &School, domains: &[&str]) {
    let path = format!("/v1/institutions/{}", school.id);
    server.platform().change(&path, &json!({ "mailDomains": domains })).expect(200);
}

fn move_to(school: &School, from: &str, to: &str) -> Reply {
    school.admin.post(MOVE, &json!({"fromDomain": from, "toDomain": to, "currentPassword": PASSWORD}))
}

both_databases! {
    /// C055: from both sides, in whichever order, and not from one.
    fn c055_an_address_changes_once_it_was_confirmed_from_both(server: Server) {
        let school = server.school();
        let anyone = server.anyone();
        for first in [0, 1] {
            let member = school.member(Function::Teacher, &[]);
            let wanted = school.new_email();
            let sent = tokens(&member, &wanted, 1);
            assert_eq!(changed(confirm(&anyone, &sent[first])), json!(false));
            assert_eq!(changed(confirm(&anyone, &sent[first])), json!(false));
            anyone.try_log_in(&wanted, PASSWORD).expect(401);
            member.client.get("/v1/sessions/current").expect(200);
            let before = school.admin.get(&format!("/v1/users/{}", member.id)).expect(200);
            assert_eq!(changed(confirm(&anyone, &sent[1 - first])), json!(true));

            // She logs in anew, with the other address alone.
            member.client.get("/v1/sessions/current").expect(401);
            anyone.try_log_in(&member.email, PASSWORD).expect(401);
            let again = anyone.log_in(&wanted, PASSWORD).get("/v1/sessions/current").expect(200).json();
            assert_eq!(again["userId"], json!(member.id));
            let after = school.admin.get(&format!("/v1/users/{}", member.id)).expect(200);
            assert_eq!(after.json()["email"], json!(wanted));
            assert_ne!(after.etag(), before.etag());
            anyone.mailbox().wait_for(&member.email, "ander adres van uw instelling", 1);
            for token in &sent {
                confirm(&anyone, token).expect(404).problem("not-found");
            }
            let log = server.audit_log(&school.id);
            assert!(log.entries().iter().any(|entry| entry.operation == "confirmEmailAddress"));
        }
    }

    /// C055: on a domain of the institution, and of each other one of hers.
    fn c055_another_address_is_of_the_institution(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        for (wanted, code) in [
            ("fien@elders.example".to_owned(), "not-of-the-institution"),
            ("fien@gmail.com".to_owned(), "not-of-the-institution"),
            (member.email.to_uppercase(), "same-address"),
            ("geen adres".to_owned(), "not-an-email-address"),
        ] {
            ask(&member.client, &wanted).refuses(&[("/email", code)]);
        }
        let wrong = json!({"email": school.new_email(), "currentPassword": "Verkeerd-1"});
        member.client.post(CHANGE, &wrong).expect(401).problem("unauthenticated");

        let board = Board::found(server);
        let (both, _) = board.teacher_at_both(&[]);
        let more = groeilijn_tests::school::new_domain();
        another_domain(server, &board.one, &[&board.one.domain, &more]);
        ask(&both.client, &format!("fien@{more}")).refuses(&[("/email", "not-of-the-institution")]);
        another_domain(server, &board.other, &[&board.one.domain, &more]);
        let wanted = format!("fien@{more}");
        let sent = tokens(&both, &wanted, 1);
        confirm(&server.anyone(), &sent[0]).expect(200);
        assert_eq!(changed(confirm(&server.anyone(), &sent[1])), json!(true));
        for school in [&board.one, &board.other] {
            let emails: Vec<_> = school.admin.list("/v1/users").iter().map(|user| text(&user["email"])).collect();
            assert!(emails.contains(&wanted), "{emails:?}");
        }
    }

    /// C079: whether somebody has an address does not show before both were confirmed.
    fn c055_nobody_gets_an_address_of_another(server: Server) {
        let school = server.school();
        let [member, other] = [1, 2].map(|_| school.member(Function::Teacher, &[]));
        let sent = tokens(&member, &other.email, 1);
        assert_eq!(changed(confirm(&server.anyone(), &sent[0])), json!(false));
        let refused = confirm(&server.anyone(), &sent[1]).expect(409).problem("conflict");
        assert_eq!(refused.code(), "email-in-use");
        for member in [&member, &other] {
            server.anyone().try_log_in(&member.email, PASSWORD).expect(201);
        }
    }

    fn c055_links_end_with_time_with_the_next_ones_and_with_a_block(server: Server) {
        let school = server.school();
        let anyone = server.anyone();
        let member = school.member(Function::Teacher, &[]);
        let [one, two] = [1, 2].map(|_| school.new_email());
        let first = tokens(&member, &one, 1);
        let second = tokens(&member, &two, 1);
        let old = anyone.mailbox().address_tokens(&member.email, 2);
        assert_eq!(old.len(), 2);
        confirm(&anyone, &first[1]).expect(404);
        server.clock.advance(SignedDuration::from_hours(24));
        confirm(&anyone, &second[1]).expect(404);

        let fresh = Member { client: anyone.log_in(&member.email, PASSWORD), ..member };
        let third = tokens(&fresh, &school.new_email(), 1);
        confirm(&anyone, &third[1]).expect(200);
        let blocked = json!({"state": "blocked", "reason": "Werkt hier niet meer."});
        school.admin.get("/v1/users").expect(401);
        let admin = anyone.log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        admin.change(&format!("/v1/users/{}", fresh.id), &blocked).expect(200);
        confirm(&anyone, &anyone.mailbox().address_tokens(&fresh.email, 3).pop().unwrap()).expect(404);
        // A link is for what it was sent for.
        let choose = anyone.mailbox().token(&fresh.email);
        confirm(&anyone, &choose).expect(404);
        confirm(&anyone, "").expect(404);
    }

    fn c055_another_password_ends_the_links(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let sent = tokens(&member, &school.new_email(), 1);
        let change = json!({"currentPassword": PASSWORD, "newPassword": "Klaproos-12"});
        member.client.post("/v1/account/password/_change", &change).expect(204);
        sent.iter().for_each(|token| drop(confirm(&server.anyone(), token).expect(404)));
    }

    /// C063: nobody who can write the database alone confirms for the owner of the present address.
    fn c063_a_confirmation_that_was_forged_is_none(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let wanted = school.new_email();
        let sent = tokens(&member, &wanted, 1);
        let forge = "UPDATE invitation SET kind = 'old-address-confirmed' WHERE kind = 'old-address'";
        assert_eq!(sql_query(forge).execute(&mut server.raw_data()).unwrap(), 1);
        assert_eq!(changed(confirm(&server.anyone(), &sent[1])), json!(false));
        server.anyone().try_log_in(&member.email, PASSWORD).expect(201);
        server.anyone().try_log_in(&wanted, PASSWORD).expect(401);
    }

    fn three_addresses_an_hour_are_enough(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        for _ in 0..3 {
            ask(&member.client, &school.new_email()).expect(202);
        }
        let refused = ask(&member.client, &school.new_email()).expect(429);
        assert!(refused.header("RateLimit").starts_with("\"resets-of-account\";r=0;"), "{}", refused.header("RateLimit"));
        server.clock.advance(SignedDuration::from_mins(61));
        let client = server.anyone().log_in(&member.email, PASSWORD);
        ask(&client, &school.new_email()).expect(202);
    }

    /// The processor's staff have addresses too.
    fn c045_staff_change_their_address_as_users_do(server: Server) {
        let staff = server.new_staff(ProcessorFunction::Marketing);
        let wanted = format!("anders-{}", staff.email);
        let sent = tokens(&staff, &wanted, 1);
        confirm(&server.anyone(), &sent[0]).expect(200);
        assert_eq!(changed(confirm(&server.anyone(), &sent[1])), json!(true));
        staff.client.get("/v1/sessions/current").expect(401);
        server.anyone().try_log_in(&staff.email, PASSWORD).expect(401);
        let found = server.platform().get(&format!("/v1/processor-staff/{}", staff.id)).expect(200).json();
        assert_eq!(found["email"], json!(wanted));
    }

    /// C055: all of them at once, invited and blocked ones too.
    fn c055_a_school_moves_everybody_to_its_other_domain(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let invited = school.new_user(Function::Management, &[]);
        school.admin.post("/v1/users", &invited).expect(201);
        let new = groeilijn_tests::school::new_domain();
        let old = school.domain.clone();
        move_to(&school, &old, &new).refuses(&[("/toDomain", "not-of-the-institution")]);
        another_domain(server, &school, &[&old, &new]);
        move_to(&school, &old, &old).refuses(&[("/toDomain", "same-domain")]);
        let wrong = json!({"fromDomain": old, "toDomain": new, "currentPassword": "Verkeerd-1"});
        school.admin.post(MOVE, &wrong).expect(401);
        member.client.post(MOVE, &wrong).expect(403);

        let moved = move_to(&school, &old, &new).expect(200).json();
        assert_eq!(moved, json!({"moved": 3}));
        let there = |email: &str| email.replace(&old, &new);
        let users = school.admin.list("/v1/users");
        assert!(users.iter().all(|user| text(&user["email"]).ends_with(&new)));
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401);
        server.anyone().try_log_in(&there(&member.email), PASSWORD).expect(201);
        // Who was at work goes on.
        member.client.get("/v1/sessions/current").expect(200);
        server.anyone().mailbox().wait_for(&member.email, "niet meer in met dit e-mailadres", 1);
        server.anyone().mailbox().wait_for(&there(&member.email), "verhuisd", 1);
        assert_eq!(move_to(&school, &old, &new).expect(200).json(), json!({"moved": 0}));
    }

    /// C055: when somebody cannot move nobody does, and each of these is named.
    fn c055_a_move_names_everybody_who_cannot_move(server: Server) {
        let school = server.school();
        let old = school.domain.clone();
        let new = groeilijn_tests::school::new_domain();
        another_domain(server, &school, &[&old, &new]);
        let namesakes = [1, 2].map(|_| school.member(Function::Teacher, &[]));
        let free = school.member(Function::Teacher, &[]);
        for namesake in &namesakes {
            let mut body = school.new_user(Function::Teacher, &[]);
            body["email"] = json!(namesake.email.replace(&old, &new));
            school.admin.post("/v1/users", &body).expect(201);
        }
        let refused = move_to(&school, &old, &new).expect(400);
        let errors = refused.json()["errors"].as_array().unwrap().clone();
        assert_eq!(errors.len(), 2, "{errors:?}");
        for (namesake, error) in namesakes.iter().zip(&errors) {
            assert_eq!((&error["pointer"], &error["code"]), (&json!("/toDomain"), &json!("email-in-use")));
            assert!(text(&error["detail"]).contains(&namesake.id), "{error}");
        }
        server.anyone().try_log_in(&free.email, PASSWORD).expect(201);
    }
}
