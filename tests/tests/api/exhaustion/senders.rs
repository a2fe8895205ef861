//! Senders who ask too often, by the networks that they have plenty of (C079).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use groeilijn_persistence::access::password_hashing::PasswordHasher;
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::{Client, Installation, Reply, Server, both_databases};
use jiff::SignedDuration;
use serde_json::json;

/// A service behind a proxy of ours, so that a test can come from anywhere.
fn behind_a_proxy(installation: &Installation) -> Server {
    let mut installation = Installation::fresh(installation.database()).unwrap();
    installation.set("http.trusted_proxies", "127.0.0.1");
    Server::start(installation, TestClock::at(START))
}

fn forget(anyone: &Client, address: &str, email: &str) -> Reply {
    let call = anyone.call("POST", "/v1/password-resets").header("X-Forwarded-For", address);
    call.json(&json!({ "email": email })).send()
}

fn guess(anyone: &Client, address: &str, email: &str) -> Reply {
    let call = anyone.call("POST", "/v1/sessions").header("X-Forwarded-For", address);
    call.json(&json!({"email": email, "password": "Verkeerd-1"})).send()
}

#[track_caller]
fn check_refused(reply: Reply, limit: &str) {
    let reply = reply.expect(429).problem("too-many-requests");
    let told = reply.header("RateLimit");
    assert!(told.starts_with(&format!("\"{limit}\";r=0;")), "{told}");
}

both_databases! {
    fn an_ipv6_site_asks_for_120_new_passwords_an_hour_over_all_its_networks(installation: Installation) {
        let server = behind_a_proxy(installation);
        let anyone = server.anyone();
        for number in 0..120 {
            let (address, email) = (format!("2001:db8:1:{number:x}::1"), format!("niemand-{number}@elders.example"));
            forget(&anyone, &address, &email).expect(202);
        }
        for network in ["2001:db8:1::1", "2001:db8:1:ffff::1"] {
            check_refused(forget(&anyone, network, "iemand@elders.example"), "resets-of-site");
        }
        for neighbour in ["2001:db8:2::1", "192.0.2.1"] {
            forget(&anyone, neighbour, "iemand@elders.example").expect(202);
        }
        server.clock.advance(SignedDuration::from_mins(61));
        forget(&anyone, "2001:db8:1::1", "iemand@elders.example").expect(202);
    }

    fn who_is_over_the_limit_is_refused_while_no_turn_to_hash_is_free(installation: Installation) {
        let server = behind_a_proxy(installation);
        for number in 0..25 {
            guess(&server.anyone(), "192.0.2.1", &format!("niemand-{number}@elders.example")).expect(401);
        }
        // From here on a hash takes long.
        let mut installation = server.stop();
        installation.set("password.argon2_memory_kib", &PasswordHasher::LEAST_MEMORY_KIB.to_string());
        installation.set("password.argon2_passes", "16");
        let server = Server::start(installation, TestClock::at(START));
        let turns = thread::available_parallelism().unwrap().get();
        let others = 4 * turns;
        let answered = AtomicUsize::new(0);
        let (server, answered) = (&server, &answered);
        let refused = thread::scope(|scope| {
            for number in 0..others {
                scope.spawn(move || {
                    let email = format!("ander-{number}@elders.example");
                    guess(&server.anyone(), &format!("198.51.100.{number}"), &email).expect(401);
                    answered.fetch_add(1, Ordering::SeqCst);
                });
            }
            let (anyone, mut refused) = (server.anyone(), 0);
            while answered.load(Ordering::SeqCst) < others {
                check_refused(guess(&anyone, "192.0.2.1", "iemand@elders.example"), "accounts-of-address");
                // Once the first is answered all are in, and as long as more are left than there are turns, somebody
                // waits for one.
                refused += usize::from((1..others - turns).contains(&answered.load(Ordering::SeqCst)));
            }
            refused
        });
        assert!(refused >= 3, "{refused} were refused meanwhile");
    }
}
