//! What may be an attack, for who watches over it (C079).

use groeilijn_domain::access::Function;
use groeilijn_domain::access::session::REFRESH_RACE;
use groeilijn_tests::both_databases;
use serde_json::json;

const PATH: &str = "/v1/security-events";

both_databases! {
    fn c079_a_block_is_seen_by_the_institution_and_by_the_platform_and_by_nobody_else(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let member = school.member(Function::Teacher, &[]);
        for _ in 0..3 {
            server.anyone().try_log_in(&member.email, "Verkeerd-1").expect(401);
        }
        let events = school.admin.list(PATH);
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((&event["kind"], &event["userId"]), (&json!("account-blocked"), &json!(member.id)));
        assert_eq!((&event["institutionId"], &event["address"]), (&json!(school.id), &json!("127.0.0.1")));
        assert!(server.platform().list(PATH).contains(event));
        assert_eq!(other.admin.list(PATH).len(), 0);
        school.member(Function::Management, &[]).client.get(PATH).expect(403);
    }

    fn c079_a_refresh_token_that_is_used_twice_is_an_event(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let tokens = server.anyone().try_log_in(&member.email, groeilijn_tests::accounts::PASSWORD).expect(201).json();
        let body = json!({"refreshToken": tokens["refreshToken"]});
        server.anyone().post("/v1/sessions/_refresh", &body).expect(200);
        server.clock.advance(REFRESH_RACE);
        server.anyone().post("/v1/sessions/_refresh", &body).expect(401);
        assert_eq!(school.admin.list(PATH)[0]["kind"], "refresh-token-reused");
    }
}
