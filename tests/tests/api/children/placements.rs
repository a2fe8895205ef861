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

/// The path of a child's latest placement.
fn latest(client: &Client, pupil: &str) -> String {
    let placements = client.list(&format!("/v1/pupils/{pupil}/placements"));
    format!("/v1/placements/{}", text(&placements.last().unwrap()["id"]))
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
        assert_eq!(moved.header("Location"), format!("/v1/placements/{}", moved.id()));
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

    fn c023_a_placement_is_ended_with_a_reason_and_goes_on_again(server: Server) {
        let class = server.class();
        let (admin, pupil) = (&class.school.admin, &class.pupil);
        let (teacher, of_pupil) = (&class.teacher.client, format!("/v1/pupils/{pupil}"));
        let path = latest(admin, pupil);
        let before = admin.get(&path).expect(200);
        assert_eq!(before.json()["etag"], json!(before.etag()));
        admin.call("PATCH", &path).merge_patch(&json!({"reason": "x"})).send().expect(428);
        admin.patch(&path, "\"r99\"", &json!({"endedOn": "2026-11-21", "reason": "x"})).expect(412);
        admin.patch(&path, "*", &json!({"endedOn": "2026-11-21"})).refuses(&[("/reason", "required")]);
        let end = |day: &str| admin.change(&path, &json!({"endedOn": day, "reason": "Gaat naar oma."}));
        end("2026-07-01").refuses(&[("/endedOn", "before-start")]);
        end("2027-11-22").refuses(&[("/endedOn", "too-far-ahead")]);

        let etag = admin.get(&of_pupil).expect(200).etag();
        let ended = end("2026-11-21").expect(200);
        assert_eq!(ended.json()["endedOn"], json!("2026-11-21"));
        assert_ne!(ended.etag(), before.etag());
        assert_ne!(admin.get(&of_pupil).expect(200).etag(), etag);
        // Nobody's group holds the child any more; it did not leave the school.
        assert!(admin.list(&format!("/v1/groups/{}/pupils", class.group)).is_empty());
        teacher.get(&of_pupil).expect(404);
        assert_eq!(admin.get(&of_pupil).json()["groupId"], json!(null));
        assert_eq!(admin.list("/v1/pupils").len(), 1);

        admin.change(&path, &json!({"endedOn": null, "reason": "Blijft toch."})).expect(200);
        teacher.get(&of_pupil).expect(200);
        let changes = admin.list(&format!("{of_pupil}/placement-changes"));
        let ends = |which: &str| changes.iter().map(|change| change[which]["endedOn"].clone()).collect::<Vec<_>>();
        assert_eq!((ends("before"), ends("after")), (vec![json!(null), json!("2026-11-21")], vec![json!("2026-11-21"), json!(null)]));
        let told: Vec<_> = changes.iter().map(|change| text(&change["reason"])).collect();
        assert_eq!(told, ["Gaat naar oma.", "Blijft toch."]);
        assert!(changes.iter().all(|change| change["changedBy"] == json!(class.school.admin_id)));
        assert!(changes.iter().all(|change| change["author"]["name"] == "Bram Bedacht"));
        assert!(changes.iter().all(|change| format!("/v1/placements/{}", text(&change["placementId"])) == path));
    }

    fn c023_a_wrong_group_is_corrected_and_registrations_keep_the_group_they_were_made_in(server: Server) {
        let class = server.class();
        let (school, pupil) = (&class.school, &class.pupil);
        let [torren, next] = [school.group("De Torren"), next_year(&school.admin, "De Uilen")];
        let registration = format!("/v1/registrations/{}", class.begin(pupil, "2026-09-10", &json!({})).id());
        let path = latest(&school.admin, pupil);
        let before = school.admin.get(&path).json();
        let correct = |body: Value| {
            let mut whole = json!({"reason": "Verkeerd geklikt."});
            whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
            school.admin.change(&path, &whole)
        };
        correct(json!({"groupId": next})).refuses(&[("/placedOn", "outside-school-year")]);
        for absent in [ABSENT, &server.school().group("De Rupsen")] {
            correct(json!({"groupId": absent})).refuses(&[("/groupId", "unknown-group")]);
        }
        let unchanged = correct(json!({"groupId": class.group})).expect(200);
        assert_eq!(unchanged.json(), before);

        let corrected = correct(json!({"groupId": torren, "placedOn": "2026-09-01"})).expect(200).json();
        assert_eq!((&corrected["groupId"], &corrected["placedOn"]), (&json!(torren), &json!("2026-09-01")));
        assert_eq!(corrected["id"], before["id"]);
        assert_eq!(school.admin.get(&registration).expect(200).json()["groupId"], json!(class.group));
        assert_eq!(school.admin.list(&format!("/v1/groups/{torren}/pupils")).len(), 1);
        assert!(school.admin.list(&format!("/v1/groups/{}/pupils", class.group)).is_empty());
        class.teacher.client.get(&format!("/v1/pupils/{pupil}")).expect(404);
        let changes = school.admin.list(&format!("/v1/pupils/{pupil}/placement-changes"));
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0]["before"], json!({
            "groupId": class.group, "placedOn": before["placedOn"], "endedOn": null,
        }));
        // The group that was meant by mistake can go: nobody was registered in this one.
        let again = school.group("De Kikkers");
        correct(json!({"groupId": again})).expect(200);
        school.admin.delete(&format!("/v1/groups/{torren}"), "*").expect(204);
        assert_eq!(school.admin.list(&format!("/v1/pupils/{pupil}/placement-changes"))[1]["before"]["groupId"], json!(torren));
    }

    fn c023_a_wrong_first_day_takes_along_the_end_of_the_placement_before_it(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let mut body = new_pupil("Noor");
        body["groupId"] = json!(rupsen);
        body["placedOn"] = json!("2026-08-24");
        let pupil = school.admin.post("/v1/pupils", &body).expect(201).id();
        let moved = json!({"groupId": vlinders, "placedOn": "2026-11-09"});
        let moved = school.admin.post(&format!("/v1/pupils/{pupil}/placements"), &moved).expect(201);
        let path = moved.header("Location").to_owned();
        assert_eq!(school.admin.get(&path).expect(200).json(), moved.json());
        let from = |day: &str| school.admin.change(&path, &json!({"placedOn": day, "reason": "Een week later."}));
        from("2026-08-24").refuses(&[("/placedOn", "overlaps-placement")]);
        for day in ["2026-11-16", "2026-10-05", "2026-11-30"] {
            from(day).expect(200);
            assert_eq!(
                stays(&school.admin, &pupil),
                [(rupsen.clone(), day.to_owned()), (vlinders.clone(), String::new())]
            );
        }
        assert_eq!(school.admin.get(&format!("/v1/pupils/{pupil}")).json()["groupId"], json!(rupsen));
        let back = school.admin.change(&path, &json!({"groupId": rupsen, "reason": "Vergissing."}));
        back.refuses(&[("/groupId", "same-group")]);
    }

    fn c023_a_plan_is_cancelled_and_a_wrong_placement_leaves_no_days_behind(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let next = next_year(&school.admin, "De Uilen");
        let pupil = school.pupil("Noor", &rupsen);
        let place = |group: &str, on: &str| {
            let body = json!({"groupId": group, "placedOn": on});
            school.admin.post(&format!("/v1/pupils/{pupil}/placements"), &body).expect(201).header("Location").to_owned()
        };
        let take_away = |path: &str, body: Value| {
            let etag = school.admin.get(path).expect(200).etag();
            school.admin.call("POST", &format!("{path}/_take-away")).header("If-Match", &etag).json(&body).send()
        };
        let [moved, planned] = [place(&vlinders, "2026-11-23"), place(&next, "2027-08-23")];
        let reason = json!({"reason": "Gaat niet door."});
        school.admin.post(&format!("{planned}/_take-away"), &reason).expect(428);
        take_away(&planned, json!({})).refuses(&[("/reason", "required")]);
        take_away(&planned, reason.clone()).expect(204);
        school.admin.get(&planned).expect(404);
        assert_eq!(
            stays(&school.admin, &pupil),
            [(rupsen.clone(), "2026-11-23".to_owned()), (vlinders.clone(), String::new())]
        );

        // The day has come, and the move was a mistake all the same: the tag tells of it.
        server.clock.set("2026-11-23T09:00:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        let of_pupil = format!("/v1/pupils/{pupil}");
        let etag = admin.get(&of_pupil).expect(200).etag();
        let taken = admin.call("POST", &format!("{moved}/_take-away")).header("If-Match", "*").json(&reason).send();
        taken.expect(204);
        assert_eq!(stays(&admin, &pupil), [(rupsen.clone(), String::new())]);
        let now = admin.get(&of_pupil).expect(200);
        assert_eq!(now.json()["groupId"], json!(rupsen));
        assert_ne!(now.etag(), etag);
        let changes = admin.list(&format!("{of_pupil}/placement-changes"));
        assert_eq!(changes.iter().map(|change| change["after"].clone()).collect::<Vec<_>>(), [json!(null), json!(null)]);
        assert_eq!(changes[1]["before"], json!({"groupId": vlinders, "placedOn": "2026-11-23", "endedOn": null}));

        let last = latest(&admin, &pupil);
        let body = json!({"reason": "Verkeerd kind.", "previousGoesOn": false});
        admin.call("POST", &format!("{last}/_take-away")).header("If-Match", "*").json(&body).send().expect(204);
        assert!(admin.list(&format!("{of_pupil}/placements")).is_empty());
        assert_eq!(admin.get(&of_pupil).expect(200).json()["groupId"], json!(null));
    }

    fn c105_what_is_put_right_before_a_child_leaves_stays_so_when_it_does_not_leave(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let pupil = school.pupil("Noor", &rupsen);
        let of_pupil = format!("/v1/pupils/{pupil}");
        let moved = json!({"groupId": vlinders, "placedOn": "2026-11-30"});
        let moved = school.admin.post(&format!("{of_pupil}/placements"), &moved).expect(201);
        let leaves = json!({"lastDay": "2026-12-18", "kind": "elsewhere"});
        school.admin.put(&format!("{of_pupil}/departure"), "*", &leaves).expect(200);
        let path = moved.header("Location");
        let late = school.admin.change(path, &json!({"endedOn": "2026-12-24", "reason": "Langer."}));
        late.refuses(&[("/endedOn", "after-end")]);
        let taken = school.admin.call("POST", &format!("{path}/_take-away")).header("If-Match", "*");
        taken.json(&json!({"reason": "Blijft waar ze is."})).send().expect(204);
        assert_eq!(stays(&school.admin, &pupil), [(rupsen.clone(), "2026-12-19".to_owned())]);
        school.admin.delete(&format!("{of_pupil}/departure"), "*").expect(204);
        assert_eq!(stays(&school.admin, &pupil), [(rupsen, String::new())]);
    }

    fn c005_who_may_not_change_pupils_puts_no_placement_right(server: Server) {
        let class = server.class();
        let path = latest(&class.school.admin, &class.pupil);
        let (end, reason) = (json!({"endedOn": "2026-11-21", "reason": "x"}), json!({"reason": "x"}));
        let teacher = &class.teacher.client;
        teacher.get(&path).expect(200);
        teacher.patch(&path, "*", &end).expect(403);
        teacher.call("POST", &format!("{path}/_take-away")).header("If-Match", "*").json(&reason).send().expect(403);
        let elsewhere = class.school.teacher(&class.school.group("De Torren"));
        elsewhere.get(&path).expect(404);
        elsewhere.get(&format!("/v1/pupils/{}/placement-changes", class.pupil)).expect(404);
        let archived = format!("/v1/pupils/{}", class.pupil);
        class.school.admin.act(&format!("{archived}/_archive"), "*").expect(200);
        assert_eq!(class.school.admin.patch(&path, "*", &end).expect(409).code(), "archived");
        class.school.admin.act(&format!("{archived}/_restore"), "*").expect(200);
        class.school.member(Function::InternBegeleider, &[]).client.patch(&path, "*", &end).expect(200);
    }
}
