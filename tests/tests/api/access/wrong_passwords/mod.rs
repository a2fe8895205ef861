//! Wrong passwords: what they do to an account, and what whoever tries them learns (C060, C079).

mod aborted;
mod limits;
mod networks;
mod processes;

use diesel::sql_types::{Binary, Integer};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::audit::institution_id;
use groeilijn_tests::{Client, Member, Reply, School, Server, all_at_once, both_databases};
use serde_json::json;

pub(crate) const WRONG: &str = "Verkeerd-1";

#[derive(QueryableByName)]
struct Account {
    #[diesel(sql_type = Integer)]
    strikes: i32,
}

/// How many wrong passwords were really checked for a user since the last right one.
pub(crate) fn strikes(server: &Server, user: &str) -> i32 {
    let found: Account = sql_query(
        "SELECT strikes FROM account \
         WHERE id = $1 OR id IN (SELECT account_id FROM membership WHERE user_id = $1)",
    )
    .bind::<Binary, _>(institution_id(user).as_bytes().as_slice())
    .get_result(&mut server.raw_data())
    .unwrap();
    found.strikes
}

/// How a user stands, as her administrator sees it.
pub(crate) fn state(school: &School, user: &str) -> String {
    let user = school.admin.get(&format!("/v1/users/{user}")).expect(200).json();
    user["state"].as_str().unwrap().to_owned()
}

/// Tries passwords on one account, all at the same time. Those that are turned away because too many wait already come
/// back together, until each was answered.
pub(crate) fn guess_at_once(clients: &[Client], email: &str, passwords: &[String]) -> Vec<Reply> {
    let mut left: Vec<_> = passwords.iter().zip(clients.iter().cycle()).collect();
    let mut replies = Vec::new();
    while !left.is_empty() {
        let answers = all_at_once(left, |guess| (guess, guess.1.try_log_in(email, guess.0)));
        let (busy, answered): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|(_, reply)| reply.status == 503);
        replies.extend(answered.into_iter().map(|(_, reply)| reply));
        left = busy.into_iter().map(|(guess, _)| guess).collect();
    }
    replies
}

/// Fifty passwords of which the last is the right one.
pub(crate) fn fifty_guesses() -> Vec<String> {
    (0..49).map(|number| format!("Verkeerd-{number}")).chain([PASSWORD.to_owned()]).collect()
}

/// Checks what holds after any number of guesses at the same time: three wrong ones at most were checked.
#[track_caller]
pub(crate) fn check_that_guessing_stopped(
    server: &Server,
    school: &School,
    user: &Member,
    replies: &[Reply],
) {
    let of = |status| replies.iter().filter(|reply| reply.status == status).count();
    let (won, refused, limited) = (of(201), of(401), of(429));
    assert_eq!(won + refused + limited, replies.len());
    assert!(won <= 1 && refused <= 10, "{won} {refused}");
    let (checked, state) = (strikes(server, &user.id), state(school, &user.id));
    assert!(checked <= 3, "{checked} wrong passwords were checked");
    assert_eq!(state, if checked == 3 { "blocked" } else { "active" });
    assert!(won == 1 || checked == 3, "{checked} wrong passwords and no right one were checked");
    // Nobody is let in by a session from before either, nor without a word in the log.
    user.client.get("/v1/sessions/current").expect(if checked == 3 { 401 } else { 200 });
    let entries = server.audit_log(&school.id).entries();
    let denied = entries.iter().filter(|entry| (&*entry.operation, &*entry.outcome) == ("logIn", "denied"));
    assert_eq!(denied.count(), refused);
}

both_databases! {
    fn c060_the_third_wrong_password_blocks_the_account(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let anyone = server.anyone();
        for _ in 0..2 {
            anyone.try_log_in(&user.email, WRONG).expect(401);
            assert_eq!(state(&school, &user.id), "active");
            user.client.get("/v1/sessions/current").expect(200);
        }
        let third = anyone.try_log_in(&user.email, WRONG).expect(401);
        assert_eq!(state(&school, &user.id), "blocked");
        let right = anyone.try_log_in(&user.email, PASSWORD).expect(401);
        assert_eq!(right.visible(), third.visible());
        user.client.get("/v1/sessions/current").expect(401).problem("unauthenticated");
    }

    fn c060_the_right_password_resets_the_count(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let anyone = server.anyone();
        for _ in 0..3 {
            anyone.try_log_in(&user.email, WRONG).expect(401);
            anyone.try_log_in(&user.email, WRONG).expect(401);
            anyone.try_log_in(&user.email, PASSWORD).expect(201);
        }
        assert_eq!((strikes(server, &user.id), state(&school, &user.id)), (0, "active".to_owned()));
    }

    fn c060_wrong_passwords_count_however_the_address_is_written(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let (local, domain) = user.email.split_once('@').unwrap();
        for written in [user.email.to_uppercase(), format!("{local}+gok@{domain}"), format!("{local}+@{domain}")] {
            assert_eq!(state(&school, &user.id), "active");
            server.anyone().try_log_in(&written, WRONG).expect(401);
        }
        server.anyone().try_log_in(&user.email, PASSWORD).expect(401);
        assert_eq!(strikes(server, &user.id), 3);
    }

    fn c060_wrong_passwords_count_however_long_ago_they_were(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        for _ in 0..3 {
            server.anyone().try_log_in(&user.email, WRONG).expect(401);
            server.clock.advance(jiff::SignedDuration::from_hours(20 * 24));
        }
        server.anyone().try_log_in(&user.email, PASSWORD).expect(401);
        assert_eq!(strikes(server, &user.id), 3);
    }

    fn c060_of_fifty_guesses_at_once_three_wrong_ones_at_most_are_checked(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let replies = guess_at_once(&[server.anyone()], &user.email, &fifty_guesses());
        check_that_guessing_stopped(server, &school, &user, &replies);
    }

    fn c060_no_other_way_in_resets_the_count_or_avoids_it(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let invite = format!("/v1/users/{}/invitations", user.id);
        school.admin.call("POST", &invite).send().expect(201);
        let anyone = server.anyone();
        let token = anyone.mailbox().tokens(&user.email, 2).pop().unwrap();
        let tokens = anyone.try_log_in(&user.email, PASSWORD).expect(201).json();
        let refresh = json!({"refreshToken": tokens["refreshToken"]});

        anyone.try_log_in(&user.email, WRONG).expect(401);
        let tokens = anyone.post("/v1/sessions/_refresh", &refresh).expect(200).json();
        let change = json!({"currentPassword": WRONG, "newPassword": "Klaproos-12"});
        for _ in 0..2 {
            assert_eq!(state(&school, &user.id), "active");
            user.client.post("/v1/account/password/_change", &change).expect(401).problem("unauthenticated");
        }
        assert_eq!(state(&school, &user.id), "blocked");

        let refresh = json!({"refreshToken": tokens["refreshToken"]});
        anyone.post("/v1/sessions/_refresh", &refresh).expect(401);
        let right = json!({"currentPassword": PASSWORD, "newPassword": "Klaproos-12"});
        user.client.post("/v1/account/password/_change", &right).expect(401);
        let acceptance = json!({"token": token, "password": "Klaproos-12"});
        anyone.post("/v1/invitations/_accept", &acceptance).expect(404);
        let refused = school.admin.call("POST", &invite).send().expect(409);
        assert_eq!(refused.problem("conflict").code(), "user-blocked");
        for password in [PASSWORD, "Klaproos-12"] {
            anyone.try_log_in(&user.email, password).expect(401);
        }
        assert_eq!(state(&school, &user.id), "blocked");
    }

    fn c060_who_is_unblocked_chooses_a_new_password_and_starts_at_zero(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let (anyone, path) = (server.anyone(), format!("/v1/users/{}", user.id));
        (0..3).for_each(|_| drop(anyone.try_log_in(&user.email, WRONG).expect(401)));
        school.admin.change(&path, &json!({"state": "active", "reason": "Was een vergissing."})).expect(200);
        assert_eq!(state(&school, &user.id), "invited");
        anyone.try_log_in(&user.email, PASSWORD).expect(401);
        let token = anyone.mailbox().tokens(&user.email, 2).pop().unwrap();
        let acceptance = json!({"token": token, "password": "Klaproos-12"});
        anyone.post("/v1/invitations/_accept", &acceptance).expect(204);
        (0..2).for_each(|_| drop(anyone.try_log_in(&user.email, WRONG).expect(401)));
        anyone.try_log_in(&user.email, "Klaproos-12").expect(201);
        user.client.get("/v1/sessions/current").expect(401);
    }

    fn c060_a_block_shows_to_whoever_has_read_the_user_before(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let path = format!("/v1/users/{}", user.id);
        let before = school.admin.get(&path).expect(200);
        (0..3).for_each(|_| drop(server.anyone().try_log_in(&user.email, WRONG).expect(401)));
        let again = school.admin.call("GET", &path).header("If-None-Match", &before.etag()).send();
        assert_eq!(again.expect(200).json()["state"], "blocked");
        let stale = json!({"state": "blocked", "reason": "Dacht dat zij er nog in kon."});
        school.admin.patch(&path, &before.etag(), &stale).expect(412);
    }
}
