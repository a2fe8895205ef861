//! What users allow the processor's staff, and take back.

use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::ConsentKind;
use groeilijn_tests::both_databases;
use groeilijn_tests::reply::text;
use groeilijn_tests::support::{allow, in_minutes};
use serde_json::json;

const PATH: &str = "/v1/support-consents";

both_databases! {
    fn c012_nothing_keeps_a_user_from_taking_back_what_she_allows(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let consent = allow(server, teacher, ConsentKind::LookAlong);
        let licence = format!("/v1/institutions/{}/licence", class.school.id);
        server.platform().change(&licence, &json!({"state": "suspended"})).expect(200);
        teacher.get("/v1/support-consents").expect(403).problem("no-active-licence");
        teacher.call("DELETE", &format!("/v1/support-consents/{consent}")).send().expect(204);
    }

    fn c012_c050_everybody_allows_for_herself_and_takes_it_back(server: Server) {
        let school = server.school();
        let teacher = school.member(Function::Teacher, &[]).client;
        let ends_at = in_minutes(server, 60);
        let body = json!({"kind": "look-along", "endsAt": ends_at});
        let given = teacher.post_once(PATH, &body, "eenmaal").expect(201);
        assert_eq!(given.header("Location"), format!("{PATH}/{}", given.id()));
        assert_eq!(given.json()["endsAt"], ends_at);
        assert_eq!(given.json()["withdrawnAt"], json!(null));
        assert_eq!(teacher.post_once(PATH, &body, "eenmaal").expect(201).id(), given.id());
        assert_eq!(teacher.list(PATH), [given.json()]);
        assert!(school.admin.list(PATH).is_empty());
        let path = format!("{PATH}/{}", given.id());
        teacher.call("DELETE", &path).send().expect(204);
        let withdrawn = teacher.list(PATH)[0]["withdrawnAt"].clone();
        assert!(withdrawn.is_string());
        assert_eq!(teacher.post_once(PATH, &body, "eenmaal").expect(201).json()["withdrawnAt"], withdrawn);
        teacher.call("DELETE", &path).send().expect(204);
        assert_eq!(teacher.list(PATH)[0]["withdrawnAt"], withdrawn);
    }

    fn anothers_consent_looks_like_one_that_never_was(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let colleague = school.member(Function::Teacher, &[]).client;
        for user in [&colleague, &other.admin] {
            let consent = allow(server, user, ConsentKind::LookAlong);
            school.admin.sees_nothing(&consent, &[("DELETE", "/v1/support-consents/{}", json!(null))]);
            assert_eq!(user.list(PATH)[0]["withdrawnAt"], json!(null));
        }
    }

    fn consent_is_given_for_a_while(server: Server) {
        let admin = server.school().admin;
        let [day, month] = [24 * 60, 30 * 24 * 60];
        for (kind, minutes, code) in [
            ("look-along", day + 1, "expiry-too-far"),
            ("look-along", -1, "expiry-past"),
            ("contact", month + 1, "expiry-too-far"),
        ] {
            let body = json!({"kind": kind, "endsAt": in_minutes(server, minutes)});
            admin.post(PATH, &body).refuses(&[("/endsAt", code)]);
        }
        admin.post(PATH, &json!({"kind": "contact", "endsAt": in_minutes(server, month)})).expect(201);
        admin
            .post(PATH, &json!({"kind": "alles", "endsAt": "morgen", "userId": "x"}))
            .refuses(&[("/kind", "not-in-list"), ("/endsAt", "not-a-date-time"), ("/userId", "unknown-field")]);
    }

    fn c089_what_is_allowed_and_taken_back_is_on_record(server: Server) {
        let school = server.school();
        let before = server.audit_log(&school.id);
        let consent = allow(server, &school.admin, ConsentKind::Contact);
        school.admin.call("DELETE", &format!("{PATH}/{consent}")).send().expect(204);
        let entries = before.added(&server.audit_log(&school.id));
        let operations: Vec<_> = entries.iter().map(|entry| entry.operation.as_str()).collect();
        assert_eq!(operations, ["giveSupportConsent", "withdrawSupportConsent"]);
        for entry in entries {
            assert_eq!(entry.objects, [(ObjectKind::SupportConsent, consent.clone())]);
        }
    }

    fn consents_are_listed_page_by_page(server: Server) {
        let admin = server.school().admin;
        let given: Vec<_> = (0..5).map(|_| allow(server, &admin, ConsentKind::Contact)).collect();
        let listed = admin.list(&format!("{PATH}?limit=2"));
        assert_eq!(listed.iter().map(|consent| text(&consent["id"])).collect::<Vec<_>>(), given);
    }
}
