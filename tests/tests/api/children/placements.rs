//! Placements: in which group a child is, and was.

use std::thread;

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::client::Client;
use groeilijn_tests::locks::{LockedLog, wait_for_locks};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::{Database, both_databases};
use serde_json::{Value, json};

/// Makes a group in the next school year.
#[track_caller]
fn next_year(client: &Client, name: &str) -> String {
    client.post("/v1/groups", &json!({"name": name, "schoolYear": "2027-2028"})).expect(201).id()
}

/// The groups that a child is and was in, each with the day on which that ends, empty while it lasts; every stay begins
/// where the one before it ends.
#[track_caller]
pub(super) fn stays(client: &Client, pupil: &str) -> Vec<(String, String)> {
    let history = client.list(&format!("/v1/pupils/{pupil}/placements"));
    for (one, next) in history.iter().zip(history.iter().skip(1)) {
        assert_eq!(one["endedOn"], next["placedOn"], "{history:?}");
    }
    for stay in &history {
        assert_ne!(stay["endedOn"], stay["placedOn"], "{history:?}");
    }
    let stay =
        |stay: &Value| (text(&stay["groupId"]), stay["endedOn"].as_str().unwrap_or_default().to_owned());
    history.iter().map(stay).collect()
}

both_databases! {
    fn c023_a_child_moves_to_another_group_and_its_history_stays(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let mut body = new_pupil("Noor");
        body["groupId"] = json!(rupsen);
        body["placedOn"] = json!("2026-08-24");
        let pupil = school.admin.post("/v1/pupils", &body).expect(201).id();
        let path = format!("/v1/pupils/{pupil}/placements");
        let moved = school.admin.post(&path, &json!({"groupId": vlinders, "placedOn": "2026-11-02"})).expect(201);
        assert_eq!(moved.header("Location"), path);
        let history = school.admin.list(&path);
        let facts: Vec<_> = history.iter().map(|item| (&item["groupId"], &item["placedOn"], &item["endedOn"])).collect();
        assert_eq!(
            facts,
            [
                (&json!(rupsen), &json!("2026-08-24"), &json!("2026-11-02")),
                (&json!(vlinders), &json!("2026-11-02"), &json!(null)),
            ]
        );
        assert_eq!(history[1], moved.json());
        let now = school.admin.get(&format!("/v1/pupils/{pupil}")).expect(200).json();
        assert_eq!((&now["groupId"], &now["placedOn"]), (&json!(vlinders), &json!("2026-11-02")));
    }

    fn a_child_is_placed_today_in_amsterdam_when_no_day_is_named(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        server.clock.set("2026-11-21T09:05:00Z");
        let pupil = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        let path = format!("/v1/pupils/{pupil}/placements");
        let placed = school.admin.post(&path, &json!({"groupId": group})).expect(201);
        assert_eq!(placed.json()["placedOn"], "2026-11-21");
    }

    fn what_would_muddle_the_history_is_refused(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let pupil = school.pupil("Noor", &rupsen);
        let path = format!("/v1/pupils/{pupil}/placements");
        let place = |group: &str, on: &str| school.admin.post(&path, &json!({"groupId": group, "placedOn": on}));
        place(&rupsen, "2026-11-22").refuses(&[("/placedOn", "same-group")]);
        place(&vlinders, "2026-11-20").refuses(&[("/placedOn", "before-last-placement")]);
        place(&vlinders, "2027-11-22").refuses(&[("/placedOn", "too-far-ahead")]);
        place(&vlinders, "2027-08-01").refuses(&[("/placedOn", "outside-school-year")]);
        place(ABSENT, "2026-11-22").refuses(&[("/groupId", "unknown-group")]);
        place(&server.school().group("De Rupsen"), "2026-11-22").refuses(&[("/groupId", "unknown-group")]);
        school.admin.post(&path, &json!({"placedOn": "x", "endedOn": null})).refuses(&[
            ("/groupId", "required"),
            ("/placedOn", "not-a-date"),
            ("/endedOn", "unknown-field"),
        ]);
        assert_eq!(school.admin.list(&path).len(), 1);
        place(&vlinders, "2026-11-21").expect(201);
    }

    fn a_child_moves_today_and_what_is_planned_for_it_stays(server: Server) {
        let school = server.school();
        let [rupsen, vlinders, torren] = ["De Rupsen", "De Vlinders", "De Torren"].map(|name| school.group(name));
        let next = next_year(&school.admin, "De Uilen");
        let mut body = new_pupil("Noor");
        body["groupId"] = json!(rupsen);
        body["placedOn"] = json!("2026-08-24");
        let pupil = school.admin.post("/v1/pupils", &body).expect(201).id();
        let path = format!("/v1/pupils/{pupil}/placements");
        let place = |body: Value| school.admin.post(&path, &body).expect(201).json();
        place(json!({"groupId": next, "placedOn": "2027-08-23"}));
        let today = place(json!({"groupId": vlinders}));
        assert_eq!((&today["placedOn"], &today["endedOn"]), (&json!("2026-11-21"), &json!("2027-08-23")));
        assert_eq!(school.admin.get(&format!("/v1/pupils/{pupil}")).json()["groupId"], json!(vlinders));

        // On the same day once more: the placement of that day makes way.
        place(json!({"groupId": torren, "placedOn": "2026-11-21"}));
        assert_eq!(
            stays(&school.admin, &pupil),
            [(rupsen, "2026-11-21"), (torren, "2027-08-23"), (next, "")].map(|(group, end)| (group, end.to_owned()))
        );
    }

    fn a_plan_is_changed_from_its_own_first_day(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let [uilen, spechten] = ["De Uilen", "De Spechten"].map(|name| next_year(&school.admin, name));
        let pupil = school.pupil("Noor", &group);
        let path = format!("/v1/pupils/{pupil}/placements");
        for planned in [&uilen, &spechten] {
            school.admin.post(&path, &json!({"groupId": planned, "placedOn": "2027-08-23"})).expect(201);
        }
        let expected = [(group, "2027-08-23".to_owned()), (spechten, String::new())];
        assert_eq!(stays(&school.admin, &pupil), expected);
        // Nobody was ever planned in the group that made way.
        school.admin.delete(&format!("/v1/groups/{uilen}"), "*").expect(204);
    }

    fn a_child_is_placed_in_a_group_of_the_school_year_that_holds_the_day(server: Server) {
        let school = server.school();
        let next = next_year(&school.admin, "De Uilen");
        let last = json!({"name": "De Eitjes", "schoolYear": "2025-2026"});
        let last = school.admin.post("/v1/groups", &last).expect(201).id();
        let pupil = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        let path = format!("/v1/pupils/{pupil}/placements");
        for group in [&next, &last] {
            school.admin.post(&path, &json!({"groupId": group})).refuses(&[("/placedOn", "outside-school-year")]);
            let mut born = new_pupil("Sem");
            born["groupId"] = json!(group);
            school.admin.post("/v1/pupils", &born).refuses(&[("/placedOn", "outside-school-year")]);
        }
        let place = |group: &str, on: &str| school.admin.post(&path, &json!({"groupId": group, "placedOn": on}));
        place(&last, "2026-08-01").refuses(&[("/placedOn", "outside-school-year")]);
        place(&last, "2026-07-31").expect(201);
        place(&next, "2027-07-31").refuses(&[("/placedOn", "outside-school-year")]);
        place(&next, "2027-08-01").expect(201);
        assert_eq!(school.admin.list("/v1/pupils").len(), 1);
    }

    fn a_placement_from_a_day_to_come_changes_the_etag_on_that_day(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let path = format!("/v1/pupils/{}", school.pupil("Noor", &rupsen));
        let placed = json!({"groupId": vlinders, "placedOn": "2026-11-23"});
        school.admin.post(&format!("{path}/placements"), &placed).expect(201);
        let before = school.admin.get(&path).expect(200);
        assert_eq!(before.json()["groupId"], json!(rupsen));

        server.clock.set("2026-11-22T23:30:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        let ask = |etag: &str| admin.call("GET", &path).header("If-None-Match", etag).send();
        let after = ask(&before.etag()).expect(200);
        assert_eq!(after.json()["groupId"], json!(vlinders));
        assert_ne!(after.etag(), before.etag());
        ask(&after.etag()).expect(304);
        for list in ["/v1/pupils", &format!("/v1/groups/{vlinders}/pupils")] {
            assert_eq!(admin.list(list)[0]["etag"], json!(after.etag()), "{list}");
        }
        let found = admin.post("/v1/pupils/_search", &json!({"name": "Noor"})).expect(200).items();
        assert_eq!(found[0]["etag"], json!(after.etag()));
        admin.patch(&path, &before.etag(), &json!({"firstName": "Fien"})).expect(412);
        let changed = admin.patch(&path, &after.etag(), &json!({"firstName": "Fien"})).expect(200);
        assert!(changed.etag() != after.etag() && changed.etag() != before.etag());
    }

    fn a_group_that_is_deleted_meanwhile_holds_no_child(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let (body, group) = (json!({"groupId": vlinders}), format!("/v1/groups/{vlinders}"));
        let placements = format!("/v1/pupils/{}/placements", school.pupil("Noor", &rupsen));
        let etag = school.admin.get(&group).expect(200).etag();
        match server.installation().database() {
            Database::Sqlite => {
                school.admin.delete(&group, &etag).expect(204);
                school.admin.post(&placements, &body).refuses(&[("/groupId", "unknown-group")]);
            }
            Database::Postgres => {
                let log = LockedLog::of(server, &school.id);
                thread::scope(|scope| {
                    let deleting = scope.spawn(|| school.admin.delete(&group, &etag));
                    wait_for_locks(server, 1);
                    // The group is still seen, but gone when it is to be written down.
                    let placing = scope.spawn(|| school.admin.post(&placements, &body));
                    wait_for_locks(server, 2);
                    log.release();
                    deleting.join().unwrap().expect(204);
                    let refused = placing.join().unwrap().expect(409).problem("conflict");
                    assert_eq!(refused.code(), "gone-meanwhile");
                });
            }
        }
        assert_eq!(school.admin.list(&placements).len(), 1);
    }

    fn a_placement_is_made_once_for_a_key(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let path = format!("/v1/pupils/{}/placements", school.pupil("Noor", &rupsen));
        let body = json!({"id": ABSENT, "groupId": vlinders, "placedOn": "2026-11-22"});
        let first = school.admin.post_once(&path, &body, "key-1").expect(201);
        assert_eq!(school.admin.post_once(&path, &body, "key-1").expect(201).visible(), first.visible());
        assert_eq!((first.id().as_str(), school.admin.list(&path).len()), (ABSENT, 2));
    }

    fn the_intern_begeleider_moves_children_and_a_teacher_does_not(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let path = format!("/v1/pupils/{}/placements", school.pupil("Noor", &rupsen));
        let body = json!({"groupId": vlinders});
        school.teacher(&rupsen).post(&path, &body).expect(403).problem("forbidden");
        school.member(Function::InternBegeleider, &[]).client.post(&path, &body).expect(201);
    }
}
