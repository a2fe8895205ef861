//! Two processes on one PostgreSQL database: what is counted in one counts in the other.

use groeilijn_domain::access::Function;
use groeilijn_domain::access::session::REFRESH_RACE;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Database, Server, all_at_once};
use jiff::SignedDuration;
use serde_json::json;

use super::{WRONG, check_that_guessing_stopped, fifty_guesses, guess_at_once, state};

fn on_two_processes(test: impl FnOnce(&Server, &Server)) {
    Server::run(Database::Postgres, |server| test(server, &server.beside()));
}

#[test]
fn c060_fifty_guesses_over_two_processes_are_counted_together() {
    on_two_processes(|one, other| {
        let school = one.school();
        let user = school.member(Function::Teacher, &[]);
        let clients = [one.anyone(), other.anyone()];
        let replies = guess_at_once(&clients, &user.email, &fifty_guesses());
        check_that_guessing_stopped(one, &school, &user, &replies);
    });
}

#[test]
fn c060_a_block_in_one_process_ends_the_session_in_the_other_at_once() {
    on_two_processes(|one, other| {
        let school = one.school();
        let user = school.member(Function::Teacher, &[]);
        let there = other.anyone().with_token(user.client.token());
        there.get("/v1/sessions/current").expect(200);
        for server in [one, other, one] {
            server.anyone().try_log_in(&user.email, WRONG).expect(401);
        }
        assert_eq!(state(&school, &user.id), "blocked");
        there.get("/v1/sessions/current").expect(401);
        other.anyone().try_log_in(&user.email, PASSWORD).expect(401);
    });
}

#[test]
fn c061_fifty_refreshes_over_two_processes_leave_one_living_child() {
    on_two_processes(|one, other| {
        let school = one.school();
        let email = format!("beheerder@{}", school.domain);
        let first = one.anyone().try_log_in(&email, PASSWORD).expect(201).json();
        let body = json!({"refreshToken": first["refreshToken"]});
        let clients: Vec<_> = [one.anyone(), other.anyone()].into_iter().cycle().take(50).collect();
        let replies = all_at_once(clients, |client| client.post("/v1/sessions/_refresh", &body));
        let renewed: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert!(replies.iter().all(|reply| [200, 401, 503].contains(&reply.status)));
        let [child] = renewed.as_slice() else { panic!("{} children", renewed.len()) };
        let child = child.json();
        for server in [one, other] {
            let client = server.anyone().with_token(&text(&child["accessToken"]));
            client.get("/v1/sessions/current").expect(200);
        }
        // Whoever comes with it later is one of two.
        for server in [one, other] {
            server.clock.advance(REFRESH_RACE);
        }
        other.anyone().post("/v1/sessions/_refresh", &body).expect(401);
        for server in [one, other] {
            let client = server.anyone().with_token(&text(&child["accessToken"]));
            client.get("/v1/sessions/current").expect(401);
            client.post("/v1/sessions/_refresh", &json!({"refreshToken": child["refreshToken"]})).expect(401);
        }
        let reused = SecurityEventKind::RefreshTokenReused;
        assert_eq!(one.audit_log(&school.id).entries().last().unwrap().operation, "refreshSession");
        assert!(one.security_events(reused) + other.security_events(reused) == 1);
    });
}

#[test]
fn c061_activity_in_one_process_counts_in_the_other() {
    on_two_processes(|one, other| {
        let school = one.school();
        let email = format!("beheerder@{}", school.domain);
        let mut tokens = one.anyone().try_log_in(&email, PASSWORD).expect(201).json();
        let servers = [one, other];
        for server in servers.iter().cycle().take(10) {
            server.clock.advance(SignedDuration::from_mins(28));
            let body = json!({"refreshToken": tokens["refreshToken"]});
            tokens = server.anyone().post("/v1/sessions/_refresh", &body).expect(200).json();
            let client = server.anyone().with_token(&text(&tokens["accessToken"]));
            client.get("/v1/users").expect(200);
            // It is kept a moment later; a change waits for what was noted before it.
            client.post("/v1/groups", &groeilijn_tests::school::new_group("De Rupsen")).expect(201);
        }
    });
}

#[test]
fn c079_accounts_that_are_blocked_in_two_processes_at_once_are_counted_together() {
    on_two_processes(|one, other| {
        let school = one.school();
        let users: Vec<_> = (0..5).map(|_| school.member(Function::Teacher, &[])).collect();
        let servers = [one, other].into_iter().cycle();
        all_at_once(users.iter().zip(servers).collect(), |(user, server)| {
            guess_at_once(&[server.anyone()], &user.email, &["Fout-1", "Fout-2", "Fout-3"].map(str::to_owned))
        });
        let counted = |kind| one.security_events(kind) + other.security_events(kind);
        assert_eq!(counted(SecurityEventKind::AccountBlocked), 5);
        assert_eq!(counted(SecurityEventKind::ManyAccountsBlocked), 1);
    });
}
