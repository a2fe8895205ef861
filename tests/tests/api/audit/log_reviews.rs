//! Reviews of an institution's log (C090).

use groeilijn_domain::access::Function;
use groeilijn_persistence::environment::Clock as _;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::disclosure::new_review;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::one_entry;

const PATH: &str = "/v1/log-reviews";

fn duty(client: &Client) -> Value {
    client.get("/v1/log-review-duty").expect(200).json()
}

both_databases! {
    fn c090_a_review_is_on_record_with_its_author_and_sets_when_the_next_is_due(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        assert_eq!(duty(admin), json!({"nextDueOn": "2026-12-21", "overdue": false, "reviewedUntil": null}));
        let entry = one_entry(server, &class.school.id, "recordLogReview", || {
            let made = admin.post_once(PATH, &new_review(), "controle").expect(201).json();
            assert_eq!((&made["reviewedBy"], &made["nextDueOn"]), (&json!(class.school.admin_id), &json!("2026-12-20")));
            assert_eq!(made["findings"], "Geen bijzonderheden.");
        });
        assert!(entry.changed && !entry.objects.is_empty());
        // The same request again does it once.
        let again = admin.post_once(PATH, &new_review(), "controle").expect(201).json();
        assert_eq!(admin.list(PATH), [again]);
        assert_eq!(text(&duty(admin)["reviewedUntil"]), "2026-11-20T09:00:00Z");
    }

    fn c090_a_review_that_does_not_come_is_overdue(server: Server) {
        let class = server.class();
        let sooner = json!({"reviewedUntil": "2026-11-20T09:00:00Z", "findings": "Niets.", "nextDueOn": "2026-11-28"});
        class.school.admin.post(PATH, &sooner).expect(201);
        for (days, overdue) in [(7, false), (1, true)] {
            server.clock.advance(SignedDuration::from_hours(24 * days));
            let admin = class.school.admin.log_in(&format!("beheerder@{}", class.school.domain), PASSWORD);
            assert_eq!(duty(&admin)["overdue"], json!(overdue), "{days}");
        }
        let admin = class.school.admin.log_in(&format!("beheerder@{}", class.school.domain), PASSWORD);
        let late = json!({"reviewedUntil": server.clock.now(), "findings": "Te laat, verder niets."});
        admin.post(PATH, &late).expect(201);
        assert_eq!(duty(&admin)["overdue"], false);
    }

    fn c090_what_is_no_review_is_told_by_field(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let body = |until: &str, due: Value| json!({"reviewedUntil": until, "findings": "Niets.", "nextDueOn": due});
        admin.post(PATH, &body("2026-11-22T09:00:00Z", json!("2026-11-20"))).refuses(&[
            ("/reviewedUntil", "in-the-future"), ("/nextDueOn", "in-the-past"),
        ]);
        admin.post(PATH, &body("2026-11-20T09:00:00Z", json!("2027-01-01"))).refuses(&[("/nextDueOn", "out-of-range")]);
        admin.post(PATH, &body("2026-11-20T09:00:00Z", Value::Null)).expect(201);
        admin.post(PATH, &body("2026-11-20T09:00:00Z", Value::Null)).refuses(&[("/reviewedUntil", "before-start")]);
        admin.post(PATH, &json!({"findings": "", "by": 1})).refuses(&[
            ("/reviewedUntil", "required"), ("/findings", "empty"), ("/by", "unknown-field"),
        ]);
    }

    fn c090_administrators_review_their_own_log_and_auditors_read_that(server: Server) {
        let (class, other) = (server.class(), server.class());
        class.school.admin.post(PATH, &new_review()).expect(201);
        for client in [&class.teacher.client, &class.school.member(Function::Management, &[]).client, &server.platform()] {
            client.get(PATH).expect(403).problem("forbidden");
            client.get("/v1/log-review-duty").expect(403).problem("forbidden");
            client.post(PATH, &new_review()).expect(403).problem("forbidden");
        }
        assert!(other.school.admin.list(PATH).is_empty());
        let body = json!({
            "name": "Controle", "kind": "auditor", "scopes": [{"part": "log-reviews", "actions": ["read"]}],
            "expiresOn": "2026-12-31", "currentPassword": PASSWORD,
        });
        let made = class.school.admin.post("/v1/api-tokens", &body).expect(201).json();
        let auditor = server.anyone().with_token(&text(&made["token"]));
        assert_eq!(auditor.list(PATH).len(), 1);
        auditor.post(PATH, &new_review()).expect(403);
    }
}
