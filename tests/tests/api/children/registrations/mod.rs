//! Registrations: begun as drafts, made final, corrected in versions; listed, and out of reach for others.

mod drafts;
mod judgements;
mod moment;
mod readiness;
mod second;
mod versions;
mod withdrawals;

use groeilijn_domain::access::Function;
use groeilijn_tests::both_databases;
use groeilijn_tests::class::finalise;
use serde_json::{Value, json};

/// Judgements that are enough to make a registration final.
fn some_judgements() -> Value {
    json!({"scales": {"involvement": 4}})
}

fn path_of(registration: &str) -> String {
    format!("/v1/registrations/{registration}")
}

fn registrations_of(pupil: &str) -> String {
    format!("/v1/pupils/{pupil}/registrations")
}

both_databases! {
    fn registrations_are_listed_newest_first_to_the_last_page(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let days = ["2026-03-10", "2026-11-20", "2026-11-20", "2025-10-01", "2026-11-21"];
        let mut made: Vec<_> =
            days.iter().map(|day| (*day, class.begin(&class.pupil, day, &some_judgements()).id())).collect();
        finalise(teacher, &made[0].1);
        made.sort();
        made.reverse();
        let list = registrations_of(&class.pupil);
        for limit in [1, 2, 5, 100] {
            let listed = teacher.list(&format!("{list}?limit={limit}"));
            let listed: Vec<_> =
                listed.iter().map(|item| (item["registeredOn"].as_str().unwrap(), item["id"].as_str().unwrap())).collect();
            let expected: Vec<_> = made.iter().map(|(day, id)| (*day, id.as_str())).collect();
            assert_eq!(listed, expected);
        }
        let etag = teacher.get(&format!("/v1/registrations/{}", made[3].1)).expect(200).etag();
        assert_eq!(teacher.list(&list)[3], json!({
            "id": made[3].1, "etag": etag, "halfYear": "2025-2026-2", "registeredOn": "2026-03-10", "state": "final",
            "version": 1, "ageMonths": 46, "correctedAgeMonths": null, "withdrawnAt": null,
        }));
        teacher.get(&format!("{list}?limit=x&cursor=AA&state=final")).refuses(&[
            ("limit", "out-of-range"),
            ("cursor", "not-a-cursor"),
            ("state", "unknown-parameter"),
        ]);
        teacher.get(&registrations_of("1")).refuses(&[("pupilId", "not-a-uuid")]);
    }

    fn registrations_of_a_child_out_of_reach_are_not_there(server: Server) {
        let class = server.class();
        let registration = class.begin(&class.pupil, "2026-11-20", &some_judgements()).id();
        let of_pupil = [
            ("GET", "/v1/pupils/{}/registrations", Value::Null),
            ("POST", "/v1/pupils/{}/registrations", class.new_registration("2026-11-20", &some_judgements())),
        ];
        let of_registration = [
            ("GET", "/v1/registrations/{}", Value::Null),
            ("PATCH", "/v1/registrations/{}", json!({"judgements": some_judgements()})),
            ("DELETE", "/v1/registrations/{}", Value::Null),
            ("POST", "/v1/registrations/{}/_finalise", Value::Null),
            ("POST", "/v1/registrations/{}/_withdraw", json!({"reason": "Verkeerd kind."})),
            ("GET", "/v1/registrations/{}/versions", Value::Null),
            ("POST", "/v1/registrations/{}/versions", json!({"reason": "Verkeerd kind."})),
            ("GET", "/v1/registrations/{}/versions/1", Value::Null),
        ];
        let next_door = class.school.group("De Vlinders");
        let elsewhere = server.class();
        let strangers = [
            class.school.teacher(&next_door),
            elsewhere.teacher.client,
            elsewhere.school.member(Function::InternBegeleider, &[]).client,
        ];
        for stranger in &strangers {
            stranger.sees_nothing(&class.pupil, &of_pupil);
            stranger.sees_nothing(&registration, &of_registration);
        }
        let placement = json!({"groupId": next_door, "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &placement).expect(201);
        class.teacher.client.sees_nothing(&registration, &of_registration);
        finalise(&strangers[0], &registration);
    }

    fn c024_only_who_follows_a_child_registers_it(server: Server) {
        let class = server.class();
        let list = registrations_of(&class.pupil);
        let body = class.new_registration("2026-11-20", &some_judgements());
        for (function, reads, writes) in [
            (Function::Administrator, 200, 403),
            (Function::Teacher, 200, 201),
            (Function::ChildcareWorker, 200, 201),
            (Function::InternBegeleider, 200, 201),
            (Function::Management, 200, 403),
            (Function::QualityOfficer, 403, 403),
            (Function::PedagogicalCoach, 200, 403),
        ] {
            let client = class.school.member(function, &[&class.group]).client;
            client.get(&list).expect(reads);
            client.post(&list, &body).expect(writes);
        }
        let platform = server.platform();
        platform.get(&list).expect(403).problem("forbidden");
        platform.post(&list, &body).expect(403).problem("forbidden");
        server.anyone().get(&list).expect(401).problem("unauthenticated");
    }
}
