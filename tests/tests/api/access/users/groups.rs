//! The groups that a user is given, for good or from a day until a day.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::school::set_password;
use groeilijn_tests::{Client, School, Server, both_databases};
use serde_json::{Value, json};

/// Enters a teacher with these groups, who has chosen a password, and gives the body of the reply.
#[track_caller]
fn enter(server: &Server, school: &School, groups: &Value) -> Value {
    let mut body = school.new_user(Function::Teacher, &[]);
    body.as_object_mut().unwrap().remove("groupIds");
    body["groups"] = groups.clone();
    let user = school.admin.post("/v1/users", &body).expect(201).json()["user"].clone();
    set_password(&server.anyone(), body["email"].as_str().unwrap());
    user
}

fn log_in(server: &Server, user: &Value) -> Client {
    server.anyone().log_in(user["email"].as_str().unwrap(), PASSWORD)
}

/// Whether somebody reaches a group and a child in it: the same by every way that there is.
#[track_caller]
fn reaches(client: &Client, group: &str, pupil: &str) -> bool {
    let listed = client.list("/v1/groups").len() == 1;
    assert_eq!(client.list("/v1/pupils").len() == 1, listed);
    let found = client.post("/v1/pupils/_search", &json!({"name": "Noor"})).expect(200).items();
    assert_eq!(found.len() == 1, listed);
    for path in [
        format!("/v1/groups/{group}"),
        format!("/v1/groups/{group}/pupils"),
        format!("/v1/groups/{group}/overview"),
        format!("/v1/pupils/{pupil}"),
        format!("/v1/pupils/{pupil}/notes"),
        format!("/v1/pupils/{pupil}/registrations"),
        format!("/v1/pupils/{pupil}/placements"),
        format!("/v1/pupils/{pupil}/overview"),
    ] {
        client.get(&path).expect(if listed { 200 } else { 404 });
    }
    let note = json!({"text": "Bouwt een toren."});
    client.post(&format!("/v1/pupils/{pupil}/notes"), &note).expect(if listed { 201 } else { 404 });
    listed
}

/// Whether a user stands among those who may see a child now.
fn may_read(admin: &Client, pupil: &str, user: &Value) -> bool {
    let readers = admin.get(&format!("/v1/pupils/{pupil}/readers")).expect(200).body;
    let readers = String::from_utf8(readers).unwrap();
    readers.contains(user["id"].as_str().unwrap())
}

both_databases! {
    fn c029_a_substitute_reaches_her_group_from_the_first_day_until_the_last(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        let days = json!([{"groupId": group, "firstDay": "2026-11-23", "lastDay": "2026-12-04"}]);
        let user = enter(server, &school, &days);
        assert_eq!((&user["groups"], &user["groupIds"]), (&days, &json!([group])));
        let admin = || server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);

        // In Amsterdam it is an hour later: a session that runs over midnight sees the day come, and go.
        server.clock.set("2026-11-22T22:59:59Z");
        let client = log_in(server, &user);
        assert!(!reaches(&client, &group, &pupil));
        assert!(!may_read(&admin(), &pupil, &user));
        server.clock.set("2026-11-22T23:00:00Z");
        assert!(reaches(&client, &group, &pupil));
        assert!(may_read(&admin(), &pupil, &user));
        server.clock.set("2026-12-04T22:59:59Z");
        let client = log_in(server, &user);
        assert!(reaches(&client, &group, &pupil));
        server.clock.set("2026-12-04T23:00:00Z");
        assert!(!reaches(&client, &group, &pupil));
        assert!(!may_read(&admin(), &pupil, &user));
        let shown = admin().get(&format!("/v1/users/{}", user["id"].as_str().unwrap())).expect(200).json();
        assert_eq!(shown["groups"], days);
    }

    fn c029_next_years_teacher_looks_from_a_day_on_and_one_day_is_enough(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        let from = enter(server, &school, &json!([{"groupId": group, "firstDay": "2026-11-22"}]));
        let until = enter(server, &school, &json!([{"groupId": group, "lastDay": "2026-11-21"}]));
        let one = enter(server, &school, &json!([{"groupId": group, "firstDay": "2026-11-21", "lastDay": "2026-11-21"}]));
        let reach = || [&from, &until, &one].map(|user| reaches(&log_in(server, user), &group, &pupil));
        assert_eq!(reach(), [false, true, true]);
        server.clock.set("2026-11-21T23:00:00Z");
        assert_eq!(reach(), [true, false, false]);
    }

    fn c067_the_register_of_rights_keeps_the_days_of_groups(server: Server) {
        let school = server.school();
        let [rupsen, torren] = ["De Rupsen", "De Torren"].map(|name| school.group(name));
        let user = school.member(Function::Teacher, &[&rupsen]);
        let path = format!("/v1/users/{}", user.id);
        let limited = json!({"groupId": rupsen, "firstDay": null, "lastDay": "2026-12-31"});
        let change = |mut body: Value| {
            body["reason"] = json!("Vertrekt na de kerst.");
            school.admin.change(&path, &body)
        };
        school.admin.change(&path, &json!({"groups": [limited]})).refuses(&[("/reason", "reason-required")]);
        change(json!({"groups": [limited]})).expect(200);
        // Her sessions go on: groups hold from the next request on.
        assert_eq!(user.client.list("/v1/groups").len(), 1);
        // Named alone, what she has keeps its days.
        let changed = change(json!({"groupIds": [rupsen, torren]})).expect(200).json();
        let always = json!({"groupId": torren, "firstDay": null, "lastDay": null});
        let given = changed["groups"].as_array().unwrap();
        assert!(given.len() == 2 && given.contains(&limited) && given.contains(&always), "{given:?}");
        let changes = school.admin.list(&format!("{path}/right-changes"));
        let was = json!([{"groupId": rupsen, "firstDay": null, "lastDay": null}]);
        assert_eq!((&changes[1]["before"]["groups"], &changes[1]["after"]["groups"]), (&was, &json!([limited])));
        assert_eq!(changes[2]["before"]["groups"], json!([limited]));
    }

    fn everything_wrong_with_groups_is_told_where_it_was_sent(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let user = school.member(Function::Teacher, &[]);
        let change = |body: Value| school.admin.change(&format!("/v1/users/{}", user.id), &body);
        change(json!({"groups": [{"groupId": "x", "firstDay": "morgen", "tot": 1}, {}]})).refuses(&[
            ("/groups/0/groupId", "not-a-uuid"),
            ("/groups/0/firstDay", "not-a-date"),
            ("/groups/0/tot", "unknown-field"),
            ("/groups/1/groupId", "required"),
        ]);
        let backwards = json!({"groupId": group, "firstDay": "2026-12-04", "lastDay": "2026-12-03"});
        change(json!({"groups": [{"groupId": group}, backwards]}))
            .refuses(&[("/groups/1/groupId", "repeated"), ("/groups/1/lastDay", "before-start")]);
        change(json!({"groupIds": [group, group]})).refuses(&[("/groupIds/1", "repeated")]);
        change(json!({"groupIds": [], "groups": []})).refuses(&[("/groups", "only-one")]);
        let reason = "Verkeerd.";
        change(json!({"groups": [{"groupId": ABSENT}], "reason": reason})).refuses(&[("/groups/0/groupId", "unknown-group")]);
        change(json!({"groupIds": [group, ABSENT], "reason": reason})).refuses(&[("/groupIds/1", "unknown-group")]);
    }
}
