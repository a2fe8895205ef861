//! What the limits count by: no sender escapes them with the addresses that it has plenty of (C079).

use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::{Installation, Reply, Server, both_databases};
use serde_json::json;

use super::WRONG;

/// A service behind a proxy of ours, so that a test can come from anywhere.
fn behind_a_proxy(installation: &Installation) -> Server {
    let mut installation = Installation::fresh(installation.database()).unwrap();
    installation.set("http.trusted_proxies", "127.0.0.1");
    Server::start(installation, TestClock::at(START))
}

fn try_from(server: &Server, address: &str, email: &str, password: &str) -> Reply {
    let body = json!({"email": email, "password": password});
    let anyone = server.anyone();
    anyone.call("POST", "/v1/sessions").header("X-Forwarded-For", address).json(&body).send()
}

#[track_caller]
fn check_refused(reply: Reply, limit: &str) {
    let reply = reply.expect(429).problem("too-many-requests");
    assert!(
        reply.header("RateLimit").starts_with(&format!("\"{limit}\";r=0;")),
        "{}",
        reply.header("RateLimit")
    );
}

both_databases! {
    fn c079_an_ipv6_network_is_one_sender_whatever_address_of_it_comes(installation: Installation) {
        let server = behind_a_proxy(installation);
        let school = server.school();
        for number in 0..25 {
            let (address, email) = (format!("2001:db8:1:2::{number:x}"), format!("niemand-{number}@elders.example"));
            try_from(&server, &address, &email, WRONG).expect(401);
        }
        let known = format!("beheerder@{}", school.domain);
        check_refused(try_from(&server, "2001:db8:1:2:ffff::1", &known, PASSWORD), "accounts-of-address");
        assert_eq!(server.security_events(SecurityEventKind::AddressFailsOnManyAccounts), 1);
        // The neighbours are somebody else.
        try_from(&server, "2001:db8:1:3::1", &known, PASSWORD).expect(201);
    }

    fn c079_an_ipv6_site_fails_on_100_accounts_at_most_over_all_its_networks(installation: Installation) {
        let server = behind_a_proxy(installation);
        let school = server.school();
        for number in 0..100 {
            let (address, email) = (format!("2001:db8:1:{number:x}::1"), format!("niemand-{number}@elders.example"));
            try_from(&server, &address, &email, WRONG).expect(401);
        }
        let known = format!("beheerder@{}", school.domain);
        for network in ["2001:db8:1::1", "2001:db8:1:ffff::1"] {
            check_refused(try_from(&server, network, &known, PASSWORD), "accounts-of-site");
        }
        assert_eq!(server.security_events(SecurityEventKind::AddressFailsOnManyAccounts), 1);
        try_from(&server, "2001:db8:2::1", &known, PASSWORD).expect(201);
        try_from(&server, "192.0.2.1", &known, PASSWORD).expect(201);
    }
}
