//! Who is still to be registered, over all groups.

use groeilijn_domain::access::Function;
use groeilijn_tests::class::finalise;
use groeilijn_tests::{Client, both_databases};
use serde_json::{Value, json};

fn due(client: &Client, query: &str) -> Vec<Value> {
    client.list(&format!("/v1/due-registrations{query}"))
}

fn ids(due: &[Value]) -> Vec<&str> {
    due.iter().map(|child| child["pupilId"].as_str().unwrap()).collect()
}

both_databases! {
    /// C027: in each half-year everybody is registered, and who is not yet is named.
    fn c027_who_is_not_registered_yet_is_listed_with_what_was_begun(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let second = class.child("Aart", "2022-06-01");
        let before = due(teacher, "");
        assert_eq!(ids(&before), [class.pupil.as_str(), &second]);
        assert_eq!(before[1]["firstName"], "Aart");
        assert_eq!(before[1]["birthDate"], "2022-06-01");
        assert_eq!(before[1]["groupId"], class.group.as_str());
        assert_eq!(before[1]["drafts"], json!([]));
        for limit in [1, 2] {
            assert_eq!(due(teacher, &format!("?limit={limit}")), before);
        }

        let draft = class.begin(&second, "2026-11-20", &json!({"scales": {"involvement": 3}})).id();
        let begun = due(teacher, "")[1]["drafts"].clone();
        assert_eq!(begun[0]["registrationId"], draft.as_str());
        assert_eq!(begun[0]["registeredOn"], "2026-11-20");
        assert_eq!(begun[0]["author"]["id"], class.teacher.id.as_str());
        finalise(teacher, &draft);
        assert_eq!(ids(&due(teacher, "")), [class.pupil.as_str()]);
        assert_eq!(ids(&due(teacher, "?halfYear=2025-2026-2")), [class.pupil.as_str(), &second]);

        let registration = format!("/v1/registrations/{draft}");
        let etag = teacher.get(&registration).expect(200).etag();
        teacher.call("POST", &format!("{registration}/_withdraw")).header("If-Match", &etag)
            .json(&json!({"reason": "Verkeerd kind."})).send().expect(200);
        assert_eq!(ids(&due(teacher, "")), [class.pupil.as_str(), &second], "what is withdrawn counts nowhere");
    }

    fn a_due_list_is_of_those_within_reach(server: Server) {
        let class = server.class();
        let elsewhere = class.school.group("De Vlinders");
        let other = class.school.teacher(&elsewhere);
        assert_eq!(due(&other, ""), [Value::Null; 0]);
        let coach = class.school.member(Function::InternBegeleider, &[]).client;
        assert_eq!(ids(&due(&coach, "")), [class.pupil.as_str()]);
        assert_eq!(ids(&due(&coach, &format!("?groupId={}", class.group))), [class.pupil.as_str()]);
        assert_eq!(due(&coach, &format!("?groupId={elsewhere}")), [Value::Null; 0]);
        other.get(&format!("/v1/due-registrations?groupId={}", class.group)).expect(404);
        server.class().school.admin.get(&format!("/v1/due-registrations?groupId={}", class.group)).expect(404);
        assert!(!ids(&due(&server.class().teacher.client, "")).contains(&class.pupil.as_str()));
    }
}
