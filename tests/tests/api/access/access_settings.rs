//! From where users log in and work (C065).

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::{Installation, Server, both_databases};
use serde_json::json;

const PATH: &str = "/v1/access-settings";

both_databases! {
    fn c065_without_a_list_there_is_no_limit_and_with_one_others_are_refused(installation: Installation) {
        // Behind a proxy of ours, so that a test can come from anywhere.
        let mut installation = Installation::fresh(installation.database()).unwrap();
        installation.set("http.trusted_proxies", "127.0.0.1");
        let server = Server::start(installation, TestClock::at(START));
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let from = |address: &str, password: &str| {
            let body = json!({"email": member.email, "password": password});
            let call = server.anyone();
            call.call("POST", "/v1/sessions").header("X-Forwarded-For", address).json(&body).send()
        };
        from("203.0.113.9", PASSWORD).expect(201);
        let networks = json!(["192.0.2.0/24", "2001:db8::/32", "127.0.0.1/32"]);
        let changed = school.admin.change(PATH, &json!({"loginNetworks": networks})).expect(200);
        assert_eq!(changed.json()["loginNetworks"], networks);

        for inside in ["192.0.2.77", "::ffff:192.0.2.77", "2001:db8::7"] {
            from(inside, PASSWORD).expect(201);
        }
        let outside = from("203.0.113.9", PASSWORD).expect(401).problem("unauthenticated");
        assert_eq!(outside.visible(), from("192.0.2.77", "Verkeerd-1").expect(401).visible());
        let work = |address: &str| {
            member.client.call("GET", "/v1/groups").header("X-Forwarded-For", address).send()
        };
        work("192.0.2.1").expect(200);
        work("192.0.3.1").expect(401).problem("unauthenticated");
        // Wrong passwords from elsewhere are no strikes.
        for _ in 0..3 {
            from("203.0.113.9", "Verkeerd-2").expect(401);
        }
        from("192.0.2.77", PASSWORD).expect(201);
        school.admin.change(PATH, &json!({"loginNetworks": []})).expect(200);
        from("203.0.113.9", PASSWORD).expect(201);
    }

    fn everything_wrong_with_a_list_is_told_at_once_and_nobody_shuts_herself_out(server: Server) {
        let school = server.school();
        school.admin.patch(PATH, "*", &json!({"loginNetworks": ["192.0.2.1/24", "school", "0.0.0.0/0"], "x": 1})).refuses(&[
            ("/loginNetworks/0", "host-bits"),
            ("/loginNetworks/1", "not-a-network"),
            ("/loginNetworks/2", "too-wide"),
            ("/x", "unknown-field"),
        ]);
        school.admin.patch(PATH, "*", &json!({"loginNetworks": ["192.0.2.0/24"]}))
            .refuses(&[("/loginNetworks", "shuts-you-out")]);
        school.admin.get(PATH).expect(200);
        let teacher = school.member(Function::Teacher, &[]).client;
        teacher.get(PATH).expect(403);
        teacher.patch(PATH, "*", &json!({})).expect(403);
    }

    fn a_setting_that_is_not_sent_stays(server: Server) {
        let school = server.school();
        let before = school.admin.get(PATH).expect(200);
        assert_eq!(before.json(), json!({
            "etag": before.etag(), "loginNetworks": [], "administratorsNeedSecondFactor": false, "couplingsForbidden": false,
        }));
        school.admin.change(PATH, &json!({"loginNetworks": ["127.0.0.0/8"]})).expect(200);
        school.admin.patch(PATH, "*", &json!({"administratorsNeedSecondFactor": "ja"}))
            .refuses(&[("/administratorsNeedSecondFactor", "not-a-boolean")]);
        let after = school.admin.change(PATH, &json!({"administratorsNeedSecondFactor": true})).expect(200);
        assert_eq!(after.json(), json!({
            "etag": after.etag(), "loginNetworks": ["127.0.0.0/8"], "administratorsNeedSecondFactor": true, "couplingsForbidden": false,
        }));
    }
}
