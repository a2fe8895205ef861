//! What users may do beside what their function allows, and the register of it (C066, C067).

use std::collections::{BTreeMap, BTreeSet};

use groeilijn_domain::access::{Action, Function, Part};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::{Client, Member, Reply, School, both_databases};
use serde_json::{Value, json};

/// What an administrator can give, and so take away.
const GRANTABLE: [(&str, &[&str]); 5] = [
    ("pupils", &["read", "create", "change", "export"]),
    ("notes", &["read", "create", "change", "export"]),
    ("registrations", &["read", "create", "change", "delete", "export"]),
    ("overviews", &["read", "export"]),
    ("security-events", &["read"]),
];

fn path(user: &Member) -> String {
    format!("/v1/users/{}", user.id)
}

fn set_rights(school: &School, user: &Member, rights: &Value) -> Reply {
    school.admin.change(&path(user), &json!({"rights": rights, "reason": "Vervangt een collega."}))
}

/// For each part the actions that a list of permissions allows.
fn by_part(permissions: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for permission in permissions.as_array().unwrap() {
        let (part, action) = (text(&permission["part"]), text(&permission["action"]));
        assert!(found.entry(part).or_default().insert(action));
    }
    found
}

fn may(client: &Client) -> BTreeMap<String, BTreeSet<String>> {
    by_part(&client.get("/v1/sessions/current").expect(200).json()["permissions"])
}

fn set_of(actions: &[&str]) -> BTreeSet<String> {
    actions.iter().map(|action| (*action).to_owned()).collect()
}

both_databases! {
    fn c066_rights_are_given_per_part_and_action_and_hold_from_the_next_login(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let by_function = may(&user.client);
        for (part, actions) in GRANTABLE {
            for given in [actions, &actions[..1], &[]] {
                let rights = json!([{"part": part, "actions": given}]);
                let changed = set_rights(&school, &user, &rights).expect(200).json();
                let shown: BTreeSet<_> =
                    changed["rights"][0]["actions"].as_array().unwrap().iter().map(text).collect();
                assert_eq!(shown, set_of(given));
                let mut expected = by_function.clone();
                expected.remove(part);
                if !given.is_empty() {
                    expected.insert(part.to_owned(), set_of(given));
                }
                let client = server.anyone().log_in(&user.email, PASSWORD);
                assert_eq!(may(&client), expected, "{part} {given:?}");
                let shown = school.admin.get(&format!("{}/permissions", path(&user))).expect(200).json();
                assert_eq!(by_part(&shown["permissions"]), expected);
            }
        }
        set_rights(&school, &user, &json!([])).expect(200);
        assert_eq!(may(&server.anyone().log_in(&user.email, PASSWORD)), by_function);
    }

    fn c066_what_cannot_be_given_to_one_user_is_refused(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        for (part, action) in Part::ALL.into_iter().flat_map(|part| Action::ALL.map(|action| (part, action))) {
            let grantable = GRANTABLE
                .iter()
                .any(|(name, actions)| *name == part.code() && actions.contains(&action.code()));
            if !grantable {
                let rights = json!([
                    {"part": "notes", "actions": ["read"]}, {"part": part.code(), "actions": [action.code()]},
                ]);
                let refused = set_rights(&school, &user, &rights);
                let codes = refused.expect(400).errors();
                assert!(codes.contains(&("/rights/1".to_owned(), "not-grantable".to_owned())), "{codes:?}");
            }
        }
        for part in ["users", "groups", "account", "credentials", "frameworks"] {
            let taken_away = set_rights(&school, &user, &json!([{"part": part, "actions": []}]));
            taken_away.refuses(&[("/rights/0", "not-grantable")]);
        }
        let twice = json!([{"part": "notes", "actions": []}, {"part": "notes", "actions": ["read"]}]);
        set_rights(&school, &user, &twice).refuses(&[("/rights/1/part", "repeated")]);
        set_rights(&school, &user, &json!([{"part": "kantine", "actions": ["eat"]}, {"part": "notes"}])).refuses(&[
            ("/rights/0/part", "not-in-list"), ("/rights/0/actions/0", "not-in-list"), ("/rights/1/actions", "required"),
        ]);
        let mut new = school.new_user(Function::Teacher, &[]);
        new["rights"] = json!([{"part": "users", "actions": ["read"]}]);
        school.admin.post("/v1/users", &new).refuses(&[("/rights/0", "not-grantable")]);
        assert_eq!(school.admin.get(&path(&user)).expect(200).json()["rights"], json!([]));
    }

    fn c066_a_right_that_was_taken_away_is_refused_and_one_that_was_given_works(server: Server) {
        let class = server.class();
        let (school, teacher) = (&class.school, &class.teacher);
        let note = json!({"text": "Bouwt een toren."});
        let notes = format!("/v1/pupils/{}/notes", class.pupil);
        set_rights(school, teacher, &json!([{"part": "notes", "actions": ["read"]}])).expect(200);
        let client = server.anyone().log_in(&teacher.email, PASSWORD);
        client.get(&notes).expect(200);
        client.post(&notes, &note).expect(403).problem("forbidden");
        set_rights(school, teacher, &json!([{"part": "notes", "actions": []}])).expect(200);
        let client = server.anyone().log_in(&teacher.email, PASSWORD);
        client.get(&notes).expect(403).problem("forbidden");
        set_rights(school, teacher, &json!([{"part": "notes", "actions": ["create", "read"]}])).expect(200);
        server.anyone().log_in(&teacher.email, PASSWORD).post(&notes, &note).expect(201);
    }

    /// C066, C141: a teacher who was given it enters the children of her own groups, and no others.
    fn c066_a_right_reaches_no_further_than_the_function(server: Server) {
        let class = server.class();
        let (school, teacher) = (&class.school, &class.teacher);
        let elsewhere = school.group("De Vlinders");
        let other = school.pupil("Sem", &elsewhere);
        let rights = json!([{"part": "pupils", "actions": ["read", "create", "change"]}]);
        set_rights(school, teacher, &rights).expect(200);
        let client = server.anyone().log_in(&teacher.email, PASSWORD);
        let permissions = client.get("/v1/sessions/current").expect(200).json()["permissions"].clone();
        for permission in permissions.as_array().unwrap().iter().filter(|one| one["part"] == "pupils") {
            assert_eq!(permission["scope"], "own-groups");
        }
        client.change(&format!("/v1/pupils/{}", class.pupil), &json!({"firstName": "Nora"})).expect(200);
        client.sees_nothing(&other, &[
            ("GET", "/v1/pupils/{}", json!(null)), ("PATCH", "/v1/pupils/{}", json!({"firstName": "Nora"})),
        ]);
        let mut pupil = new_pupil("Bo");
        pupil["groupId"] = json!(elsewhere);
        client.post("/v1/pupils", &pupil).refuses(&[("/groupId", "unknown-group")]);
        pupil["groupId"] = json!(class.group);
        client.post("/v1/pupils", &pupil).expect(201);
        let placed = json!({"groupId": elsewhere});
        client.post(&format!("/v1/pupils/{}/placements", class.pupil), &placed).refuses(&[("/groupId", "unknown-group")]);
        assert_eq!(school.admin.list("/v1/pupils").len(), 3);
    }

    fn c067_every_change_of_rights_is_registered_with_who_and_why(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let user = school.member(Function::Teacher, &[]);
        let second = school.member(Function::Administrator, &[]);
        let changes = [
            (&school.admin, json!({"groupIds": [group]})),
            (&second.client, json!({"function": "intern-begeleider"})),
            (&school.admin, json!({"rights": [{"part": "notes", "actions": ["read"]}]})),
            (&school.admin, json!({"lastDay": "2026-12-24"})),
            (&second.client, json!({"lastDay": null})),
            (&school.admin, json!({"state": "blocked"})),
            (&school.admin, json!({"state": "active"})),
        ];
        for (number, (admin, change)) in changes.iter().enumerate() {
            admin.change(&path(&user), change).refuses(&[("/reason", "reason-required")]);
            let mut patch = change.clone();
            patch["reason"] = json!(format!("Reden {number}."));
            admin.change(&path(&user), &patch).expect(200);
        }
        // What is no right is registered nowhere and needs no reason.
        school.admin.change(&path(&user), &json!({"firstName": "Guusje"})).expect(200);
        school.admin.change(&path(&user), &json!({"function": "intern-begeleider"})).expect(200);

        let register = school.admin.list(&format!("{}/right-changes?limit=3", path(&user)));
        assert_eq!(register.len(), changes.len() + 1);
        assert_eq!((&register[0]["before"], &register[0]["reason"]), (&json!(null), &json!(null)));
        assert_eq!(register[0]["after"], json!({
            "function": "teacher", "groupIds": [], "groups": [], "locations": null, "rights": [], "state": "invited", "lastDay": null,
        }));
        let admins = [&school.admin_id, &second.id];
        for (number, (admin, change)) in changes.iter().enumerate() {
            let entry = &register[number + 1];
            assert_eq!(entry["reason"], format!("Reden {number}."));
            assert_eq!(entry["changedBy"], *admins[usize::from(std::ptr::eq(*admin, &second.client))].as_str());
            let mut after = entry["before"].clone();
            for (field, value) in change.as_object().unwrap() {
                after[field] = value.clone();
            }
            if change["state"] == "active" {
                after["state"] = json!("invited");
            }
            let given = after["groupIds"].as_array().unwrap().iter();
            after["groups"] =
                given.map(|id| json!({"groupId": id, "firstDay": null, "lastDay": null})).collect();
            assert_eq!(entry["after"], after);
            let [earlier, later] = [&register[number], entry]
                .map(|entry| text(&entry["changedAt"]).parse::<jiff::Timestamp>().unwrap());
            assert!(earlier < later);
        }
        school.admin.change(&path(&user), &json!({"state": "blocked", "reason": " "}))
            .refuses(&[("/reason", "empty")]);
    }

    fn c067_nobody_else_reads_the_register(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let user = school.member(Function::Management, &[]);
        for what in ["right-changes", "permissions"] {
            let own = format!("{}/{what}", path(&user));
            user.client.get(&own).expect(403).problem("forbidden");
            server.platform().get(&own).expect(403).problem("forbidden");
            other.admin.sees_nothing(&user.id, &[("GET", &format!("/v1/users/{{}}/{what}"), json!(null))]);
        }
        user.client.patch(&path(&user), "*", &json!({"rights": [], "reason": "x"})).expect(403);
    }

    fn c067_whoever_leaves_works_on_her_last_day_in_amsterdam_and_not_after(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        school.admin.change(&path(&user), &json!({"lastDay": "2026-11-30", "reason": "Andere baan."})).expect(200);
        server.clock.set("2026-11-30T22:50:00Z");
        let tokens = server.anyone().try_log_in(&user.email, PASSWORD).expect(201).json();
        let client = server.anyone().with_token(&text(&tokens["accessToken"]));
        server.clock.set("2026-11-30T22:59:59.9Z");
        client.get("/v1/groups").expect(200);
        server.clock.set("2026-11-30T23:00:00Z");
        client.get("/v1/groups").expect(401).problem("unauthenticated");
        let body = json!({"refreshToken": tokens["refreshToken"]});
        server.anyone().post("/v1/sessions/_refresh", &body).expect(401);
        server.anyone().try_log_in(&user.email, PASSWORD).expect(401);
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        let back = json!({"lastDay": null, "reason": "Komt toch terug."});
        admin.change(&path(&user), &back).expect(200);
        server.anyone().try_log_in(&user.email, PASSWORD).expect(201);
    }

    fn an_institution_keeps_an_administrator_however_many_leave_at_once(server: Server) {
        let school = server.school();
        let second = school.member(Function::Administrator, &[]);
        let leaving = school.member(Function::Administrator, &[]);
        school.admin.change(&path(&leaving), &json!({"lastDay": "2027-07-31", "reason": "Pensioen."})).expect(200);
        let block = json!({"state": "blocked", "reason": "Ruzie."});
        let pieces = vec![(&school.admin, second.id.clone()), (&second.client, school.admin_id.clone())];
        let replies = groeilijn_tests::all_at_once(pieces, |(admin, id)| {
            admin.patch(&format!("/v1/users/{id}"), "*", &block)
        });
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
        let refused = replies.into_iter().find(|reply| reply.status != 200).unwrap();
        assert!([401, 409].contains(&refused.status), "{}", refused.status);
    }
}
