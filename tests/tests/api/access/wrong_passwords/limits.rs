//! How many logins may fail, what looks like an attack, and that all refusals look alike (C079).

use groeilijn_domain::access::Function;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Reply, both_databases};
use jiff::SignedDuration;
use serde_json::json;

use super::WRONG;

/// What a reply says of a limit: what is left, and in how many seconds more is.
#[track_caller]
fn left(reply: &Reply, limit: &str) -> (u32, u64) {
    let item = reply.header("RateLimit").split(", ").find_map(|item| {
        item.strip_prefix(&format!("\"{limit}\";r=")).and_then(|rest| rest.split_once(";t="))
    });
    let (remaining, reset) = item.unwrap_or_else(|| panic!("{limit}: {}", reply.header("RateLimit")));
    (remaining.parse().unwrap(), reset.parse().unwrap())
}

/// Checks the reply to whoever failed too often, and that it says until when.
#[track_caller]
fn check_refused(reply: Reply, limit: &str, quota: u32) {
    let reply = reply.expect(429).problem("too-many-requests");
    let (remaining, reset) = left(&reply, limit);
    assert_eq!((remaining, reply.header("Retry-After")), (0, &*reset.to_string()));
    assert!((1..=900).contains(&reset), "{reset}");
    assert_eq!(reply.header("RateLimit-Policy"), format!("\"{limit}\";q={quota};w=900"));
}

both_databases! {
    fn c079_ten_logins_may_fail_for_one_address_known_or_not(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let anyone = server.anyone();
        for email in [user.email.clone(), format!("niemand@{}", school.domain)] {
            for failed in 1..=10 {
                let reply = anyone.try_log_in(&email, WRONG).expect(401);
                assert_eq!(left(&reply, "account").0, 10 - failed);
            }
            check_refused(anyone.try_log_in(&email, PASSWORD), "account", 10);
        }
        anyone.try_log_in(&format!("beheerder@{}", school.domain), PASSWORD).expect(201);
    }

    fn c079_a_limit_lapses_after_fifteen_minutes_and_a_refusal_does_not_prolong_it(server: Server) {
        let anyone = server.anyone();
        (0..10).for_each(|_| drop(anyone.try_log_in("niemand@elders.example", WRONG).expect(401)));
        server.clock.advance(SignedDuration::from_secs(14 * 60 + 50));
        check_refused(anyone.try_log_in("niemand@elders.example", WRONG), "account", 10);
        server.clock.advance(SignedDuration::from_secs(11));
        let reply = anyone.try_log_in("niemand@elders.example", WRONG).expect(401);
        assert_eq!(left(&reply, "account"), (9, 900));
    }

    fn c079_a_right_password_leaves_no_failure_behind(server: Server) {
        let school = server.school();
        let email = format!("beheerder@{}", school.domain);
        (0..12).for_each(|_| drop(server.anyone().try_log_in(&email, PASSWORD).expect(201)));
        let reply = server.anyone().try_log_in(&email, WRONG).expect(401);
        assert_eq!((left(&reply, "account").0, left(&reply, "address").0), (9, 74));
    }

    fn c079_one_network_address_fails_on_25_accounts_at_most_and_that_is_told(server: Server) {
        let kind = SecurityEventKind::AddressFailsOnManyAccounts;
        let school = server.school();
        let anyone = server.anyone();
        for number in 0..25 {
            assert_eq!(server.security_events(kind), 0);
            anyone.try_log_in(&format!("niemand-{number}@elders.example"), WRONG).expect(401);
        }
        let known = format!("beheerder@{}", school.domain);
        for email in ["iemand@elders.example", &known] {
            // Whoever is no proxy of ours is not believed about where the request comes from.
            let call = anyone.call("POST", "/v1/sessions").header("X-Forwarded-For", "203.0.113.9");
            let reply = call.json(&json!({"email": email, "password": PASSWORD})).send();
            check_refused(reply, "accounts-of-address", 25);
        }
        assert_eq!(server.security_events(kind), 1);
        school.admin.get("/v1/users").expect(200);
        server.clock.advance(SignedDuration::from_mins(15));
        anyone.try_log_in(&known, PASSWORD).expect(201);
    }

    fn c079_one_network_address_fails_75_times_at_most(server: Server) {
        let anyone = server.anyone();
        for number in 0..75 {
            anyone.try_log_in(&format!("niemand-{}@elders.example", number % 8), WRONG).expect(401);
        }
        check_refused(anyone.try_log_in("niemand-9@elders.example", WRONG), "address", 75);
        assert_eq!(server.security_events(SecurityEventKind::AddressFailsOnManyAccounts), 0);
    }

    fn c079_five_blocked_accounts_look_like_an_attack(server: Server) {
        let school = server.school();
        let users: Vec<_> = (0..6).map(|_| school.member(Function::Teacher, &[])).collect();
        for (blocked, user) in (1..).zip(&users) {
            (0..3).for_each(|_| drop(server.anyone().try_log_in(&user.email, WRONG).expect(401)));
            assert_eq!(server.security_events(SecurityEventKind::AccountBlocked), blocked);
            let many = server.security_events(SecurityEventKind::ManyAccountsBlocked);
            assert_eq!(many, u32::from(blocked >= 5));
        }
    }

    fn c060_c079_whatever_is_wrong_with_a_login_the_answer_is_the_same(server: Server) {
        let school = server.school();
        let [known, blocked, left] = [0; 3].map(|_| school.member(Function::Teacher, &[]));
        let invited = school.new_user(Function::Teacher, &[]);
        school.admin.post("/v1/users", &invited).expect(201);
        let user = |id: &str| format!("/v1/users/{id}");
        let end = json!({"lastDay": "2026-11-20", "reason": "Weg."});
        school.admin.change(&user(&left.id), &end).expect(200);
        (0..3).for_each(|_| drop(server.anyone().try_log_in(&blocked.email, WRONG).expect(401)));
        let suspended = server.school();
        let licence = format!("/v1/institutions/{}/licence", suspended.id);
        server.platform().change(&licence, &json!({"state": "suspended"})).expect(200);

        let mut told = Vec::new();
        for (email, password) in [
            (known.email, WRONG),
            (format!("niemand@{}", school.domain), PASSWORD),
            (blocked.email, PASSWORD),
            (left.email, PASSWORD),
            (text(&invited["email"]), PASSWORD),
            (format!("beheerder@{}", suspended.domain), PASSWORD),
        ] {
            server.clock.advance(SignedDuration::from_mins(16));
            for _ in 0..2 {
                let reply = server.anyone().try_log_in(&email, password).expect(401).problem("unauthenticated");
                let names: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
                let limits = (reply.header("RateLimit").to_owned(), reply.header("RateLimit-Policy").to_owned());
                told.push((reply.visible(), names, limits));
            }
        }
        assert_ne!(told[0].2, told[1].2);
        assert!(told.chunks(2).all(|each| each == &told[..2]), "{told:#?}");
    }
}
