//! Bodies: memory is used for what came, and who is not logged in has little of it.

use std::process::Command;

use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::{Installation, School, both_databases};
use serde_json::json;

use super::Slow;
use crate::program::{Program, command};

/// How many connections announce a body.
const CONNECTIONS: usize = 200;

/// How much more memory may be in use, in KiB: less than a quarter of what they announce.
const MOST_MORE: u64 = 40 << 10;

/// How many bodies of one network are waited for before login.
const PLACES: usize = 64;

/// The program, about to serve. What it frees leaves its memory at once: otherwise a password's hash (46 MiB), freed
/// or not yet, would decide what is measured.
fn to_be_measured(installation: &Installation) -> Command {
    let mut command = command(installation, &["serve"]);
    command.env("MIMALLOC_PURGE_DELAY", "0");
    command
}

/// A login, sent as one.
fn log_in_at_once(program: &Program) -> u16 {
    let body = json!({"email": "niemand@nergens.example", "password": PASSWORD}).to_string();
    Slow::whole(program.address(), "/v1/sessions", &body).status()
}

both_databases! {
    fn a_body_that_is_announced_and_does_not_come_takes_no_memory(installation: Installation) {
        let program = Program::start(to_be_measured(installation), installation.mailbox());
        let school = School::found(&program.anyone());
        let before = program.memory_kib();
        let announce = |_| Slow::json(program.address(), "/v1/pupils", school.admin.token(), 1 << 20);
        let slow: Vec<_> = (0..CONNECTIONS).map(announce).collect();
        // It is served meanwhile, and has then read the byte of each.
        assert_eq!(school.admin.list("/v1/pupils").len(), 0);
        let more = program.memory_kib().saturating_sub(before);
        assert!(more < MOST_MORE, "{more} KiB more");
        drop(slow);
    }

    fn strangers_of_many_networks_take_little_memory(installation: Installation) {
        let mut command = to_be_measured(installation);
        command.env("GROEILIJN_HTTP__TRUSTED_PROXIES", "127.0.0.1");
        let program = Program::start(command, installation.mailbox());
        assert_eq!(log_in_at_once(&program), 401);
        let before = program.memory_kib();
        let announce = |number| {
            let network = format!("X-Forwarded-For: 2001:db8:{number:x}::1\r\nContent-Type: application/json");
            let mut slow = Slow::announce(program.address(), "/v1/sessions", "", &network, 4096);
            slow.go_on();
            slow.send(b"{");
            slow
        };
        let slow: Vec<_> = (0..CONNECTIONS).map(announce).collect();
        assert_eq!(log_in_at_once(&program), 401);
        let more = program.memory_kib().saturating_sub(before);
        assert!(more < MOST_MORE, "{more} KiB more");
        drop(slow);
    }

    fn before_login_few_bodies_of_one_network_are_waited_for(installation: Installation) {
        let program = Program::serve(installation);
        let announce = |_| Slow::json(program.address(), "/v1/sessions", "", 4096);
        let waiting: Vec<_> = (0..PLACES).map(announce).collect();
        assert_eq!(announce(PLACES).status(), 503);
        assert_eq!(log_in_at_once(&program), 401);
        drop(waiting);
    }

    fn before_login_a_large_body_is_refused_unread(installation: Installation) {
        let program = Program::serve(installation);
        for path in ["/v1/sessions", "/v1/sessions/_refresh", "/v1/password-resets", "/v1/invitations/_accept"] {
            let mut large = Slow::announce(program.address(), path, "", "Content-Type: application/json", 8193);
            large.go_on();
            assert_eq!(large.status(), 413, "{path}");
        }
    }

    fn a_body_that_does_not_come_in_time_is_given_up(installation: Installation) {
        let mut command = command(installation, &["serve"]);
        command.env("GROEILIJN_LIMITS__BODY_SECONDS", "1");
        let program = Program::start(command, installation.mailbox());
        assert_eq!(Slow::json(program.address(), "/v1/sessions", "", 100).status(), 408);
    }
}
