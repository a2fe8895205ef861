//! From where a session is renewed, and by which program.

use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::{Installation, Reply, School, Server, both_databases};
use serde_json::{Value, json};

const ELSEWHERE: SecurityEventKind = SecurityEventKind::RefreshTokenUsedElsewhere;

/// A service behind a proxy of ours, so that a test can come from anywhere.
fn behind_a_proxy(installation: &Installation) -> Server {
    let mut installation = Installation::fresh(installation.database()).unwrap();
    installation.set("http.trusted_proxies", "127.0.0.1");
    Server::start(installation, TestClock::at(START))
}

fn tokens(server: &Server, school: &School) -> Value {
    server.anyone().try_log_in(&format!("beheerder@{}", school.domain), PASSWORD).expect(201).json()
}

fn refresh(server: &Server, tokens: &Value, address: &str, program: &str) -> Reply {
    let body = json!({"refreshToken": tokens["refreshToken"]});
    let anyone = server.anyone();
    let call = anyone.call("POST", "/v1/sessions/_refresh").header("X-Forwarded-For", address);
    call.header("User-Agent", program).json(&body).send()
}

both_databases! {
    fn c065_a_token_that_is_refused_outside_is_good_inside(installation: Installation) {
        let server = behind_a_proxy(installation);
        let school = server.school();
        let networks = json!({"loginNetworks": ["192.0.2.0/24", "127.0.0.1/32"]});
        school.admin.change("/v1/access-settings", &networks).expect(200);
        let first = tokens(&server, &school);
        let outside = refresh(&server, &first, "203.0.113.9", "app").expect(401).problem("unauthenticated");
        assert_eq!(outside.visible(), refresh(&server, &json!({"refreshToken": ""}), "203.0.113.9", "app").visible());
        let second = refresh(&server, &first, "192.0.2.7", "app").expect(200).json();
        refresh(&server, &second, "192.0.2.8", "app").expect(200);
    }

    fn a_token_that_two_use_within_half_a_minute_is_told(installation: Installation) {
        let server = behind_a_proxy(installation);
        let school = server.school();
        let mut told = 0;
        for (address, program) in [("192.0.2.8", "app"), ("192.0.2.7", "other"), ("2001:db8::7", "app")] {
            let first = tokens(&server, &school);
            let second = refresh(&server, &first, "192.0.2.7", "app").expect(200).json();
            // Two windows of one client.
            refresh(&server, &first, "192.0.2.7", "app").expect(401);
            assert_eq!(server.security_events(ELSEWHERE), told);
            for _ in 0..2 {
                refresh(&server, &first, address, program).expect(401).problem("unauthenticated");
            }
            told += 1;
            assert_eq!(server.security_events(ELSEWHERE), told);
            // The session goes on all the same.
            refresh(&server, &second, "192.0.2.7", "app").expect(200);
        }
        let events = school.admin.get("/v1/security-events").expect(200).items();
        assert_eq!(events.iter().filter(|event| event["kind"] == ELSEWHERE.code()).count(), 3);
        assert_eq!(server.security_events(SecurityEventKind::RefreshTokenReused), 0);
    }

    fn an_ipv6_network_is_one_place(installation: Installation) {
        let server = behind_a_proxy(installation);
        let school = server.school();
        let first = tokens(&server, &school);
        refresh(&server, &first, "2001:db8:1:2::1", "app").expect(200);
        refresh(&server, &first, "2001:db8:1:2::2", "app").expect(401);
        assert_eq!(server.security_events(ELSEWHERE), 0);
    }
}
