//! Groups that a child is in beside its main one.

mod main_group;

use std::slice;

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::class::{Class, finalise};
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::{Reply, text};
use groeilijn_tests::school::{Member, new_pupil};
use groeilijn_tests::{Client, Server, both_databases};
use serde_json::{Value, json};

use crate::retention::destroying::mark_destroying;

/// A class whose child is in a playgroup too, with the teacher of that one.
struct Beside {
    class: Class,
    group: String,
    teacher: Member,
    path: String,
}

impl Beside {
    fn found(server: &Server) -> Self {
        let class = server.class();
        let group = class.school.group("De Peuters");
        let teacher = class.school.member(Function::Teacher, &[&group]);
        let path = format!("/v1/pupils/{}/additional-groups", class.pupil);
        Self { class, group, teacher, path }
    }

    fn admin(&self) -> &Client {
        &self.class.school.admin
    }

    fn add(&self, body: &Value) -> Reply {
        self.admin().post(&self.path, body)
    }

    /// From which day until which, for whoever has the group.
    fn stay(&self, placed_on: &str, ended_on: &str) -> String {
        let stay =
            json!({"groupId": self.group, "placedOn": placed_on, "endedOn": ended_on, "dayPartsPerWeek": 2});
        format!("/v1/additional-groups/{}", self.add(&stay).expect(201).id())
    }

    fn child(&self) -> String {
        format!("/v1/pupils/{}", self.class.pupil)
    }

    fn leaves(&self, last_day: &str) {
        let etag = self.admin().get(&self.child()).expect(200).etag();
        let left = json!({"lastDay": last_day, "kind": "elsewhere"});
        self.admin().put(&format!("{}/departure", self.child()), &etag, &left).expect(200);
    }

    fn ends(&self) -> Vec<String> {
        self.admin().list(&self.path).iter().map(|stay| text(&stay["endedOn"])).collect()
    }
}

fn ids(client: &Client, path: &str) -> Vec<String> {
    client.list(path).iter().map(|item| text(&item["id"])).collect()
}

fn in_overview(client: &Client, group: &str, query: &str) -> Vec<String> {
    let path = format!("/v1/groups/{group}/overview{query}");
    let overview = client.get(&path).expect(200).json();
    overview["children"].as_array().unwrap().iter().map(|child| text(&child["id"])).collect()
}

/// The clients of these members on another day.
fn on<const N: usize>(server: &Server, day: &str, members: [&str; N]) -> [Client; N] {
    server.clock.set(&format!("{day}T09:00:00Z"));
    members.map(|email| server.anyone().log_in(email, PASSWORD))
}

both_databases! {
    fn c023_a_child_is_in_a_group_beside_its_main_one_with_day_parts_for_each(server: Server) {
        let beside = Beside::found(server);
        let body = json!({"groupId": beside.group, "placedOn": "2026-11-01", "endedOn": "2027-06-01", "dayPartsPerWeek": 2});
        let added = beside.admin().post_once(&beside.path, &body, "peuters").expect(201);
        assert_eq!(added.header("Location"), format!("/v1/additional-groups/{}", added.id()));
        let stay = added.json();
        let facts = ["groupId", "placedOn", "endedOn", "dayPartsPerWeek"].map(|name| stay[name].clone());
        assert_eq!(json!(facts), json!([beside.group, "2026-11-01", "2027-06-01", 2]));
        // Sent again, it is not done again.
        assert_eq!(beside.admin().post_once(&beside.path, &body, "peuters").expect(201).json(), stay);
        assert_eq!(beside.admin().list(&beside.path), slice::from_ref(&stay));
        assert_eq!(beside.admin().get(added.header("Location")).expect(200).json(), stay);

        // What was known of the child stays as it is.
        let child = beside.admin().get(&beside.child()).expect(200).json();
        assert_eq!((&child["groupId"], &child["placedOn"]), (&json!(beside.class.group), &json!("2026-08-01")));
        assert_eq!(beside.admin().list(&format!("{}/placements", beside.child())).len(), 2);

        // Without more it lasts as long as the school year.
        let plus = beside.class.school.group("De Plusklas");
        let plus = beside.add(&json!({"groupId": plus})).expect(201).json();
        let facts = ["placedOn", "endedOn", "dayPartsPerWeek"].map(|name| plus[name].clone());
        assert_eq!(json!(facts), json!(["2026-11-21", "2027-08-01", null]));
    }

    fn c029_c028_the_child_is_on_the_roster_and_in_the_overview_of_both_groups(server: Server) {
        let beside = Beside::found(server);
        let (admin, group, pupil) = (beside.admin(), &beside.group, &beside.class.pupil);
        let daan = beside.class.child("Daan", "2022-05-04");
        beside.class.register(pupil, "2026-11-20", &json!({"scales": {"involvement": 4}}));
        beside.stay("2026-11-01", "2026-12-01");
        let roster = format!("/v1/groups/{group}/pupils");
        for client in [admin, &beside.teacher.client] {
            let entries = client.list(&roster);
            assert_eq!(entries.len(), 1);
            assert_eq!((&entries[0]["id"], &entries[0]["groupId"]), (&json!(pupil), &json!(beside.class.group)));
            let there = &entries[0]["additionalGroups"][0];
            assert_eq!((&there["groupId"], &there["dayPartsPerWeek"]), (&json!(group), &json!(2)));
            assert_eq!(in_overview(client, group, ""), [pupil.as_str()]);
        }
        assert_eq!(ids(&beside.class.teacher.client, &format!("/v1/groups/{}/pupils", beside.class.group)), [pupil.as_str(), &daan]);
        assert_eq!(in_overview(admin, &beside.class.group, ""), [pupil.as_str(), &daan]);
        // Once, in the institution and for whoever has both groups.
        assert_eq!(ids(admin, "/v1/pupils"), [pupil.as_str(), &daan]);
        let both = beside.class.school.member(Function::Teacher, &[&beside.class.group, group]).client;
        assert_eq!(ids(&both, "/v1/pupils"), [pupil.as_str(), &daan]);
        assert_eq!(ids(&beside.teacher.client, "/v1/pupils?limit=1"), [pupil.as_str()]);
        let found = beside.teacher.client.post("/v1/pupils/_search", &json!({"name": "Noor"})).expect(200).json();
        assert_eq!(found["items"][0]["id"], json!(pupil));
        let searched = json!({"name": "Noor", "groupId": group});
        assert_eq!(admin.post("/v1/pupils/_search", &searched).expect(200).json()["items"][0]["id"], json!(pupil));
        // On a day before and after there is nobody.
        for (day, there) in [("2026-10-31", 0), ("2026-11-01", 1), ("2026-11-30", 1), ("2026-12-01", 0)] {
            let of_day = admin.list(&format!("{roster}?on={day}"));
            assert_eq!(of_day.len(), there, "{day}");
            assert_eq!(in_overview(admin, group, &format!("?on={day}")).len(), there, "{day}");
            if there == 1 {
                assert_eq!(of_day[0]["additionalGroups"][0]["groupId"], json!(group));
            }
        }
    }

    fn c023_what_cannot_be_is_refused_with_everything_that_is_wrong(server: Server) {
        let beside = Beside::found(server);
        let (class, admin) = (&beside.class, beside.admin());
        let refuses = |body: Value, expected: &[(&str, &str)]| beside.add(&body).refuses(expected);
        let next = json!({"name": "De Uilen", "schoolYear": "2027-2028"});
        let next = admin.post("/v1/groups", &next).expect(201).id();
        let group = &beside.group;
        refuses(json!({"groupId": class.group}), &[("/groupId", "same-group")]);
        for unknown in [ABSENT, &server.school().group("De Rupsen")] {
            refuses(json!({ "groupId": unknown }), &[("/groupId", "unknown-group")]);
        }
        refuses(json!({ "groupId": next }), &[("/placedOn", "outside-school-year")]);
        refuses(json!({"groupId": group, "placedOn": "2026-07-31"}), &[("/placedOn", "outside-school-year")]);
        refuses(json!({"groupId": group, "placedOn": "2022-05-03"}), &[("/placedOn", "before-birth")]);
        refuses(json!({"groupId": next, "placedOn": "2027-11-22"}), &[("/placedOn", "too-far-ahead")]);
        refuses(json!({"groupId": group, "endedOn": "2026-11-21"}), &[("/endedOn", "before-start")]);
        refuses(json!({"groupId": group, "endedOn": "2027-08-02"}), &[("/endedOn", "outside-school-year")]);
        refuses(json!({"groupId": group, "dayPartsPerWeek": 0}), &[("/dayPartsPerWeek", "out-of-range")]);
        refuses(
            json!({"groupId": class.group, "placedOn": "2026-07-31", "endedOn": "2026-07-01", "dayPartsPerWeek": 15}),
            &[("/dayPartsPerWeek", "out-of-range"), ("/endedOn", "before-start"), ("/placedOn", "outside-school-year")],
        );
        refuses(json!({"placedOn": "x", "firstDay": null}), &[
            ("/groupId", "required"),
            ("/placedOn", "not-a-date"),
            ("/firstDay", "unknown-field"),
        ]);
        let nowhere = admin.post("/v1/pupils", &new_pupil("Sem")).expect(201).id();
        let nowhere = format!("/v1/pupils/{nowhere}/additional-groups");
        admin.post(&nowhere, &json!({ "groupId": group })).refuses(&[("/placedOn", "not-in-a-group")]);

        // No more day-parts than a week has, in whichever order they are entered.
        admin.change(&beside.child(), &json!({"dayPartsPerWeek": 10})).expect(200);
        refuses(json!({"groupId": group, "dayPartsPerWeek": 5}), &[("/dayPartsPerWeek", "too-many")]);
        let path = format!("/v1/additional-groups/{}", beside.add(&json!({"groupId": group, "dayPartsPerWeek": 4})).expect(201).id());
        let etag = admin.get(&path).expect(200).etag();
        admin.patch(&path, &etag, &json!({"dayPartsPerWeek": 5})).refuses(&[("/dayPartsPerWeek", "too-many")]);
        let etag = admin.get(&beside.child()).expect(200).etag();
        admin.patch(&beside.child(), &etag, &json!({"dayPartsPerWeek": 11})).refuses(&[("/dayPartsPerWeek", "too-many")]);

        // Not twice in one group, the other way round neither, and in three at most.
        refuses(json!({ "groupId": group }), &[("/groupId", "same-group")]);
        let placements = format!("{}/placements", beside.child());
        admin.post(&placements, &json!({ "groupId": group })).refuses(&[("/placedOn", "same-group")]);
        for name in ["De Plusklas", "De Schakelklas"] {
            beside.add(&json!({"groupId": class.school.group(name)})).expect(201);
        }
        refuses(json!({"groupId": class.school.group("De Taalklas")}), &[("/groupId", "too-many")]);
        assert_eq!(admin.list(&beside.path).len(), 3);
    }

    fn c143_whoever_has_the_group_reaches_the_child_from_its_first_day_to_its_last(server: Server) {
        let beside = Beside::found(server);
        let school = &beside.class.school;
        let location = school.location("Zuid", &[&beside.group]);
        let manager = school.member_at(Function::Management, &[&location]);
        let stay = beside.stay("2026-11-23", "2026-11-25");
        let asked = [
            ("GET", "/v1/pupils/{}", Value::Null),
            ("GET", "/v1/pupils/{}/placements", Value::Null),
            ("GET", "/v1/pupils/{}/additional-groups", Value::Null),
            ("GET", "/v1/pupils/{}/overview", Value::Null),
        ];
        let who = [beside.teacher.email.as_str(), &manager.email];
        let roster = format!("/v1/groups/{}/pupils", beside.group);
        for (day, reached) in [("2026-11-22", false), ("2026-11-23", true), ("2026-11-24", true), ("2026-11-25", false)] {
            for client in on(server, day, who) {
                if reached {
                    client.get(&beside.child()).expect(200);
                    client.get(&stay).expect(200);
                    assert_eq!(ids(&client, "/v1/pupils"), [beside.class.pupil.as_str()], "{day}");
                    assert_eq!(ids(&client, &roster).len(), 1, "{day}");
                } else {
                    client.sees_nothing(&beside.class.pupil, &asked);
                    client.get(&stay).expect(404);
                    assert!(client.list("/v1/pupils").is_empty() && client.list(&roster).is_empty(), "{day}");
                    // Of those who were in the group nobody is told whom she does not reach now.
                    assert!(client.list(&format!("{roster}?on=2026-11-24")).is_empty(), "{day}");
                }
            }
        }
        let [teacher] = on(server, "2026-11-24", [beside.teacher.email.as_str()]);
        teacher.post(&format!("{}/notes", beside.child()), &json!({"text": "Zingt mee."})).expect(201);
        // Her reach is no right to say where children are.
        let other = json!({ "groupId": beside.group });
        teacher.post(&beside.path, &other).expect(403);
        teacher.delete(&stay, "*").expect(403);
    }

    fn c143_a_child_in_reach_through_another_group_is_told_in_the_feed(server: Server) {
        let beside = Beside::found(server);
        let teacher = &beside.teacher.client;
        let cursor = text(&teacher.get("/v1/changes").expect(200).json()["cursor"]);
        let stay = beside.stay("2026-11-21", "2026-12-01");
        let news = teacher.get(&format!("/v1/changes?after={cursor}")).expect(200).json();
        assert_eq!(news["changes"][0]["change"], "in-reach", "{news}");
        assert_eq!(news["changes"][0]["id"], json!(beside.class.pupil));
        beside.admin().delete(&stay, &beside.admin().get(&stay).expect(200).etag()).expect(204);
        let cursor = text(&news["cursor"]);
        let news = teacher.get(&format!("/v1/changes?after={cursor}")).expect(200).json();
        assert_eq!(news["changes"][0]["change"], "out-of-reach", "{news}");
    }

    fn c027_a_child_in_two_groups_is_due_once(server: Server) {
        let beside = Beside::found(server);
        beside.stay("2026-11-01", "2026-12-01");
        let due = |client: &Client, query: &str| client.list(&format!("/v1/due-registrations{query}"));
        let all = due(beside.admin(), "");
        assert_eq!(all.len(), 1);
        assert_eq!(all[0]["groupId"], json!(beside.class.group));
        for client in [beside.admin(), &beside.teacher.client] {
            assert_eq!(due(client, &format!("?groupId={}", beside.group)), all);
            assert_eq!(due(client, ""), all);
        }
        assert_eq!(due(beside.admin(), &format!("?groupId={}", beside.class.group)), all);
        let goal = json!({
            "line": "play", "firstDay": "2026-11-21", "lastDay": "2027-01-31", "text": "Samen spelen.",
            "pupilIds": [beside.class.pupil],
        });
        beside.teacher.client.post(&format!("/v1/groups/{}/goals", beside.group), &goal).expect(201);

        // Whoever registers it does so in its main group.
        let begun = beside.class.new_registration("2026-11-21", &json!({"scales": {"involvement": 4}}));
        let begun = beside.teacher.client.post(&format!("{}/registrations", beside.child()), &begun).expect(201);
        assert_eq!(begun.json()["groupId"], json!(beside.class.group));
        finalise(&beside.teacher.client, &begun.id());
        assert!(due(beside.admin(), "").is_empty() && due(&beside.teacher.client, "").is_empty());
    }

    fn c023_a_stay_is_ended_lengthened_and_taken_away(server: Server) {
        let beside = Beside::found(server);
        let (admin, path) = (beside.admin(), beside.stay("2026-11-01", "2027-06-01"));
        let stale = admin.get(&path).expect(200).etag();
        let ended = admin.patch(&path, &stale, &json!({"endedOn": "2026-11-21"})).expect(200);
        assert_eq!((&ended.json()["endedOn"], &ended.json()["dayPartsPerWeek"]), (&json!("2026-11-21"), &json!(2)));
        beside.teacher.client.get(&beside.child()).expect(404);
        admin.patch(&path, &stale, &json!({"endedOn": "2027-01-01"})).expect(412);
        admin.patch(&path, &ended.etag(), &json!({"endedOn": "2026-11-01"})).refuses(&[("/endedOn", "before-start")]);
        admin.patch(&path, &ended.etag(), &json!({"endedOn": null})).expect(400);
        let longer = json!({"endedOn": "2027-08-01", "dayPartsPerWeek": null});
        let longer = admin.patch(&path, &ended.etag(), &longer).expect(200);
        assert_eq!(longer.json()["dayPartsPerWeek"], json!(null));
        beside.teacher.client.get(&beside.child()).expect(200);
        // The group holds a child, though it is nobody's main one.
        let group = format!("/v1/groups/{}", beside.group);
        let etag = admin.get(&group).expect(200).etag();
        assert_eq!(admin.delete(&group, &etag).expect(409).code(), "group-in-use");
        assert_eq!(admin.act(&format!("{group}/_archive"), &etag).expect(409).code(), "group-not-empty");
        admin.delete(&path, &ended.etag()).expect(412);
        admin.delete(&path, &longer.etag()).expect(204);
        admin.get(&path).expect(404);
        assert!(admin.list(&beside.path).is_empty());
        beside.teacher.client.get(&beside.child()).expect(404);
        admin.delete(&group, &etag).expect(204);
    }

    fn c105_leaving_ends_the_groups_beside_the_main_one_and_coming_back_does_not_revive_them(server: Server) {
        let beside = Beside::found(server);
        let plus = beside.class.school.group("De Plusklas");
        beside.stay("2026-11-01", "2027-06-01");
        beside.add(&json!({"groupId": plus, "placedOn": "2027-02-01"})).expect(201);
        assert_eq!(beside.ends(), ["2027-06-01", "2027-08-01"]);
        beside.leaves("2026-12-18");
        // What was planned for later is not told any more.
        assert_eq!(beside.ends(), ["2026-12-19"]);
        beside.leaves("2026-11-20");
        assert_eq!(beside.ends(), ["2026-11-21"]);
        beside.teacher.client.get(&beside.child()).expect(404);
        assert!(beside.admin().list(&format!("/v1/groups/{}/pupils", beside.group)).is_empty());
        let etag = beside.admin().get(&beside.child()).expect(200).etag();
        beside.admin().delete(&format!("{}/departure", beside.child()), &etag).expect(204);
        assert_eq!(beside.ends(), ["2027-06-01", "2027-08-01"]);
        beside.teacher.client.get(&beside.child()).expect(200);

        beside.leaves("2026-11-20");
        let back = json!({"groupId": beside.class.group, "placedOn": "2026-11-21"});
        beside.admin().post(&format!("{}/placements", beside.child()), &back).expect(201);
        assert_eq!(beside.ends(), ["2026-11-21"]);
        beside.teacher.client.get(&beside.child()).expect(404);
        let past = beside.admin().list(&format!("/v1/groups/{}/pupils?on=2026-11-20", beside.group));
        assert_eq!(past[0]["id"], json!(beside.class.pupil));
    }

    fn c001_another_institution_sees_and_changes_nothing(server: Server) {
        let beside = Beside::found(server);
        let stay = beside.stay("2026-11-01", "2026-12-01");
        let other = server.school();
        let id = stay.rsplit('/').next().unwrap();
        let patch = json!({"endedOn": "2026-11-30"});
        other.admin.sees_nothing(id, &[
            ("GET", "/v1/additional-groups/{}", Value::Null),
            ("PATCH", "/v1/additional-groups/{}", patch),
            ("DELETE", "/v1/additional-groups/{}", Value::Null),
        ]);
        let into = json!({"groupId": other.group("De Bijen")});
        other.admin.sees_nothing(&beside.class.pupil, &[
            ("GET", "/v1/pupils/{}/additional-groups", Value::Null),
            ("POST", "/v1/pupils/{}/additional-groups", into),
        ]);
        assert_eq!(beside.ends(), ["2026-12-01"]);
    }

    fn c106_a_child_in_two_groups_is_nowhere_when_it_is_being_destroyed_or_archived(server: Server) {
        let beside = Beside::found(server);
        beside.stay("2026-11-01", "2026-12-01");
        let etag = beside.admin().get(&beside.child()).expect(200).etag();
        beside.admin().act(&format!("{}/_archive", beside.child()), &etag).expect(200);
        let plus = beside.class.school.group("De Plusklas");
        assert_eq!(beside.add(&json!({ "groupId": plus })).expect(409).code(), "archived");
        beside.teacher.client.get(&beside.child()).expect(404);
        mark_destroying(server, &beside.class.pupil);
        for client in [beside.admin(), &beside.teacher.client] {
            assert!(client.list(&format!("/v1/groups/{}/pupils", beside.group)).is_empty());
            assert!(in_overview(client, &beside.group, "").is_empty());
            client.get(&beside.path).expect(404);
        }
    }
}
