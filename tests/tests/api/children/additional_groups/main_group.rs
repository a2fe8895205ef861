//! What is beside a main group stays beside it, whatever becomes of that one.

use groeilijn_tests::both_databases;
use groeilijn_tests::reply::text;
use serde_json::json;

use super::Beside;

both_databases! {
    fn c023_undoing_a_departure_brings_back_only_what_still_fits(server: Server) {
        let beside = Beside::found(server);
        let admin = beside.admin();
        let groups: Vec<_> =
            ["De Plusklas", "De Zwemmers", "De Koks"].map(|name| beside.class.school.group(name)).into();
        for group in &groups {
            beside.add(&json!({"groupId": group, "placedOn": "2027-03-01", "dayPartsPerWeek": 3})).expect(201);
        }
        beside.leaves("2026-12-18");
        assert_eq!(beside.ends(), [""; 0]);
        // Meanwhile it is in the first one until it leaves, and the second one becomes its main one.
        beside.add(&json!({"groupId": groups[0], "placedOn": "2026-11-21", "dayPartsPerWeek": 3})).expect(201);
        let moved = json!({"groupId": groups[1], "placedOn": "2026-12-01"});
        admin.post(&format!("{}/placements", beside.child()), &moved).expect(201);
        let etag = admin.get(&beside.child()).expect(200).etag();
        admin.delete(&format!("{}/departure", beside.child()), &etag).expect(204);
        let stays: Vec<_> = admin
            .list(&beside.path)
            .iter()
            .map(|stay| (text(&stay["groupId"]), text(&stay["placedOn"]), text(&stay["endedOn"])))
            .collect();
        let whole = |group: &String, from: &str| (group.clone(), from.to_owned(), "2027-08-01".to_owned());
        assert_eq!(stays, [whole(&groups[0], "2026-11-21"), whole(&groups[2], "2027-03-01")]);
    }

    fn c023_undoing_a_departure_puts_no_child_into_the_archive(server: Server) {
        let beside = Beside::found(server);
        let admin = beside.admin();
        beside.add(&json!({"groupId": beside.group, "placedOn": "2027-03-01"})).expect(201);
        beside.leaves("2026-12-18");
        let group = format!("/v1/groups/{}", beside.group);
        let etag = admin.get(&group).expect(200).etag();
        admin.act(&format!("{group}/_archive"), &etag).expect(200);
        let etag = admin.get(&beside.child()).expect(200).etag();
        admin.delete(&format!("{}/departure", beside.child()), &etag).expect(204);
        assert_eq!(beside.ends(), [""; 0]);
    }

    fn c023_the_main_group_is_not_put_right_so_that_a_child_is_in_one_twice_or_beside_none(server: Server) {
        let beside = Beside::found(server);
        let admin = beside.admin();
        let reason = json!({"reason": "Vergissing."});
        let take_away = |path: &str| {
            admin.call("POST", &format!("{path}/_take-away")).header("If-Match", "*").json(&reason).send()
        };
        let placements = format!("{}/placements", beside.child());
        let path_of = |group: &str| {
            let all = admin.list(&placements);
            let found = all.iter().find(|placement| placement["groupId"] == json!(group)).unwrap();
            format!("/v1/placements/{}", text(&found["id"]))
        };
        let other = beside.class.school.group("De Vlinders");
        admin.post(&placements, &json!({"groupId": other, "placedOn": "2026-11-20"})).expect(201);
        let first = json!({"groupId": beside.class.group, "placedOn": "2026-11-20"});
        let stay = format!("/v1/additional-groups/{}", beside.add(&first).expect(201).id());
        assert_eq!(take_away(&path_of(&other)).expect(409).code(), "same-group");
        let later = json!({"placedOn": "2026-11-21", "reason": "Een dag later."});
        let path = path_of(&other);
        let etag = admin.get(&path).expect(200).etag();
        assert_eq!(admin.patch(&path, &etag, &later).expect(409).code(), "same-group");

        let ended = json!({"endedOn": "2026-11-21", "reason": "Weg."});
        assert_eq!(admin.patch(&path, &etag, &ended).expect(409).code(), "not-in-a-group");
        let of_stay = admin.get(&stay).expect(200).etag();
        admin.delete(&stay, &of_stay).expect(204);
        admin.patch(&path, &etag, &ended).expect(200);
        // And none begins where there is no main group until the end.
        let beyond = json!({"groupId": beside.group, "placedOn": "2026-11-20"});
        beside.add(&beyond).refuses(&[("/endedOn", "not-in-a-group")]);
        let until = json!({"groupId": beside.group, "placedOn": "2026-11-20", "endedOn": "2026-11-21"});
        beside.add(&until).expect(201);
    }

    fn c104_a_stay_in_a_group_of_the_archive_is_not_changed(server: Server) {
        let beside = Beside::found(server);
        let admin = beside.admin();
        let path = beside.stay("2026-11-01", "2026-11-20");
        let group = format!("/v1/groups/{}", beside.group);
        let etag = admin.get(&group).expect(200).etag();
        admin.act(&format!("{group}/_archive"), &etag).expect(200);
        let etag = admin.get(&path).expect(200).etag();
        let longer = json!({"endedOn": "2027-05-01"});
        assert_eq!(admin.patch(&path, &etag, &longer).expect(409).code(), "archived");
        assert_eq!(admin.delete(&path, &etag).expect(409).code(), "archived");
    }
}
