//! A school year that is begun in one act: groups made, children placed, and all of it undone within a week.

use std::fmt::Write as _;
use std::slice::from_ref;

use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Class, Client, Server, both_databases};
use serde_json::{Value, json};

use super::imports::{CSV, finished, path as import_path, send};

const ACTS: &str = "/v1/school-year-transitions";
const AUGUST: &str = "2027-08-01";

/// A combined group 1/2 with children of whom one leaves, one goes elsewhere and one has no year level.
struct Combined {
    class: Class,
    first: String,
    second: String,
    leaver: String,
    settled: String,
}

impl Combined {
    fn found(server: &Server) -> Self {
        let class = server.class();
        let leveled = |name: &str, level: &str| {
            let id = class.child(name, "2022-06-01");
            class.school.admin.change(&format!("/v1/pupils/{id}"), &json!({"yearLevel": level})).expect(200);
            id
        };
        let (first, second) = (leveled("Sem", "1"), leveled("Daan", "2"));
        let (leaver, settled) = (leveled("Lotte", "1"), leveled("Bo", "2"));
        let combined = Self { class, first, second, leaver, settled };
        let admin = combined.admin();
        let path = format!("/v1/pupils/{}", combined.leaver);
        let etag = admin.get(&path).expect(200).etag();
        let leaves = json!({"lastDay": "2027-07-31", "kind": "other"});
        admin.put(&format!("{path}/departure"), &etag, &leaves).expect(200);
        let elsewhere = next_group(admin, "Groep 3 B");
        let place = json!({"groupId": elsewhere, "placedOn": AUGUST});
        admin.post(&format!("/v1/pupils/{}/placements", combined.settled), &place).expect(201);
        combined
    }

    fn admin(&self) -> &Client {
        &self.class.school.admin
    }

    /// Level 1 goes to a group that is there, level 2 to one that is made.
    fn split(&self, next: &str) -> Value {
        let from = &self.class.group;
        json!({
            "firstDay": AUGUST,
            "groups": [{"name": "Groep 3 A"}],
            "moves": [
                {"fromGroupId": from, "yearLevels": ["1"], "toGroupId": next},
                {"fromGroupId": from, "yearLevels": ["2"], "toNewGroup": 0},
            ],
        })
    }

    /// Who is in a group on the first day of the next school year.
    fn in_august(&self, group: &str) -> Vec<String> {
        let roster = self.admin().list(&format!("/v1/groups/{group}/pupils?on={AUGUST}"));
        roster.iter().map(|pupil| text(&pupil["id"])).collect()
    }

    /// The days that each child is in each group.
    fn history(&self) -> Vec<Value> {
        let children = [&self.class.pupil, &self.first, &self.second, &self.leaver, &self.settled];
        let stays = children.map(|child| self.admin().list(&format!("/v1/pupils/{child}/placements")));
        let stay = |stay: &Value| json!([stay["id"], stay["groupId"], stay["placedOn"], stay["endedOn"]]);
        stays.iter().flatten().map(stay).collect()
    }

    /// The administrator, logged in anew at that moment.
    fn admin_at(&self, server: &Server, moment: &str) -> Client {
        server.clock.set(moment);
        server
            .anyone()
            .log_in(&format!("beheerder@{}", self.class.school.domain), groeilijn_tests::accounts::PASSWORD)
    }
}

fn next_group(admin: &Client, name: &str) -> String {
    admin.post("/v1/groups", &json!({"name": name, "schoolYear": "2027-2028"})).expect(201).id()
}

fn path_of(act: &Value) -> String {
    format!("{ACTS}/{}", text(&act["id"]))
}

#[track_caller]
fn undo(admin: &Client, act: &Value) -> groeilijn_tests::Reply {
    admin.act(&format!("{}/_undo", path_of(act)), &text(&act["etag"]))
}

#[track_caller]
fn not_undone(admin: &Client, act: &Value, code: &str, because_of: Option<&str>) {
    let refused = undo(admin, act).expect(409);
    assert_eq!((refused.code().as_str(), refused.json()["conflictsWith"].as_str()), (code, because_of));
    assert_eq!(admin.get(&path_of(act)).expect(200).json()["undone"], Value::Null);
}

both_databases! {
    fn c023_a_combined_group_is_split_by_year_level_in_one_act_and_put_together_again(server: Server) {
        let combined = Combined::found(server);
        let admin = combined.admin();
        let (before, next) = (combined.history(), next_group(admin, "Groep 2"));
        let body = combined.split(&next);
        let preview = admin.post(&format!("{ACTS}/_preview"), &body).expect(200).json();
        assert_eq!(preview, json!({"placed": [1, 1], "notMovedPupilIds": [combined.class.pupil]}));
        assert_eq!(combined.history(), before);

        let reply = admin.post(ACTS, &body).expect(201);
        let act = reply.json();
        assert_eq!((reply.header("Location"), reply.etag().as_str()), (path_of(&act).as_str(), "\"r1\""));
        let made = text(&act["groupIds"][0]);
        assert_eq!(
            act["moves"],
            json!([
                {"fromGroupId": combined.class.group, "yearLevels": ["1"], "toGroupId": next, "yearLevel": null, "placed": 1},
                {"fromGroupId": combined.class.group, "yearLevels": ["2"], "toGroupId": made, "yearLevel": null, "placed": 1},
            ])
        );
        assert_eq!((&act["firstDay"], &act["schoolYear"]), (&json!(AUGUST), &json!("2027-2028")));
        assert_eq!((&act["notMoved"], &act["undone"]), (&json!(1), &Value::Null));
        assert_eq!((&act["madeBy"], &act["author"]["id"]), (&json!(combined.class.school.admin_id), &act["madeBy"]));
        assert!(text(&act["undoableUntil"]).starts_with("2026-11-28T09:00:0"), "{}", act["undoableUntil"]);
        assert_eq!(admin.get(&path_of(&act)).expect(200).json(), act);
        assert_eq!(admin.list(ACTS), from_ref(&act));

        assert_eq!(combined.in_august(&next), from_ref(&combined.first));
        assert_eq!(combined.in_august(&made), from_ref(&combined.second));
        assert_eq!(combined.in_august(&combined.class.group), from_ref(&combined.class.pupil));
        assert_eq!(admin.get(&format!("/v1/groups/{made}")).expect(200).json()["schoolYear"], "2027-2028");

        let admin = combined.admin_at(server, "2026-11-28T08:59:00Z");
        let undone = undo(&admin, &act).expect(200).json();
        assert_eq!(undone["undone"]["undoneBy"], json!(combined.class.school.admin_id));
        assert_eq!(undone["etag"], "\"r2\"");
        assert!(text(&undone["undone"]["undoneAt"]).starts_with("2026-11-28T08:59:00"));
        let stays = |child: &str| {
            let stays = admin.list(&format!("/v1/pupils/{child}/placements"));
            stays.iter().map(|stay| json!([stay["id"], stay["groupId"], stay["placedOn"], stay["endedOn"]])).collect::<Vec<_>>()
        };
        let children = [&combined.class.pupil, &combined.first, &combined.second, &combined.leaver, &combined.settled];
        assert_eq!(children.map(|child| stays(child)).concat(), before);
        let changes = admin.list(&format!("/v1/pupils/{}/placement-changes", combined.first));
        assert_eq!((changes.len(), &changes[0]["before"]["groupId"], &changes[0]["after"]), (1, &json!(next), &Value::Null));
        admin.get(&format!("/v1/groups/{made}")).expect(404);
        admin.get(&format!("/v1/groups/{next}")).expect(200);
        assert_eq!(undo(&admin, &undone).expect(409).code(), "already-undone");
    }

    fn an_act_is_not_undone_after_a_week(server: Server) {
        let combined = Combined::found(server);
        let act = combined.admin().post(ACTS, &combined.split(&next_group(combined.admin(), "Groep 2"))).expect(201).json();
        let admin = combined.admin_at(server, "2026-11-29T10:00:00Z");
        not_undone(&admin, &act, "undo-too-late", None);
        assert_eq!(admin.list(&format!("/v1/pupils/{}/placements", combined.first)).len(), 3);
    }

    fn c023_a_year_level_is_raised_on_the_first_day_and_taken_back_unless_it_was_changed(server: Server) {
        let combined = Combined::found(server);
        let admin = combined.admin();
        let (from, to) = (&combined.class.group, combined.class.school.group("De Vlinders"));
        let third = combined.class.child("Saar", "2022-06-01");
        let path = |child: &str| format!("/v1/pupils/{child}");
        let level = |child: &str| admin.get(&path(child)).expect(200).json()["yearLevel"].clone();
        admin.change(&path(&third), &json!({"yearLevel": "1"})).expect(200);
        let act = json!({
            "firstDay": "2026-11-21",
            "moves": [
                {"fromGroupId": from, "yearLevels": ["1"], "toGroupId": to, "yearLevel": "2"},
                {"fromGroupId": from, "yearLevels": ["2"], "toGroupId": to},
            ],
        });
        let act = admin.post(ACTS, &act).expect(201).json();
        assert_eq!((&act["moves"][0]["placed"], &act["moves"][1]["placed"]), (&json!(3), &json!(2)));
        assert_eq!([&combined.first, &combined.second, &third].map(|child| level(child)), ["2", "2", "2"]);
        admin.change(&path(&third), &json!({"yearLevel": "3"})).expect(200);
        undo(admin, &act).expect(200);
        assert_eq!([&combined.first, &combined.second, &third].map(|child| level(child)), ["1", "2", "3"]);
        // What was planned and the departure are as they were.
        assert_eq!(combined.in_august(from), [combined.class.pupil.clone(), combined.first.clone(), combined.second.clone(), third]);
    }

    fn everything_wrong_with_an_act_is_told_and_nothing_is_made(server: Server) {
        let combined = Combined::found(server);
        let admin = combined.admin();
        let elsewhere = server.class();
        let from = &combined.class.group;
        let archived = combined.class.school.group("De Mollen");
        let etag = admin.get(&format!("/v1/groups/{archived}")).expect(200).etag();
        admin.act(&format!("/v1/groups/{archived}/_archive"), &etag).expect(200);
        let groups = admin.list("/v1/groups").len();
        let wrong = json!({
            "firstDay": "2026-11-20",
            "groups": [{"name": "A"}, {"name": "A"}, {"name": "A", "locationId": ABSENT}],
            "moves": [
                {"fromGroupId": ABSENT, "toNewGroup": 0},
                {"fromGroupId": elsewhere.group, "toGroupId": elsewhere.last_year},
                {"fromGroupId": from, "toGroupId": from, "yearLevels": []},
                {"fromGroupId": archived, "toGroupId": archived, "toNewGroup": 1},
                {"fromGroupId": from, "yearLevels": ["1", "1"], "toNewGroup": 3, "yearLevel": "2"},
                {"fromGroupId": from, "yearLevels": ["2"]},
                {"fromGroupId": from, "yearLevels": ["1"], "toGroupId": combined.class.last_year},
            ],
        });
        let expected = [
            ("/firstDay", "in-the-past"),
            ("/groups/1/name", "repeated"),
            ("/moves/0/fromGroupId", "unknown-group"),
            ("/moves/1/fromGroupId", "unknown-group"),
            ("/moves/1/toGroupId", "unknown-group"),
            ("/moves/2/toGroupId", "same-group"),
            ("/moves/2/yearLevels", "empty"),
            ("/moves/3/fromGroupId", "archived"),
            ("/moves/3/toNewGroup", "only-one"),
            ("/moves/4/toNewGroup", "out-of-range"),
            ("/moves/4/yearLevels", "repeated"),
            ("/moves/4/yearLevel", "only-one"),
            ("/moves/5/toGroupId", "only-one"),
            ("/moves/6/toGroupId", "outside-school-year"),
            ("/moves/6", "overlaps"),
            ("/groups/2/locationId", "unknown-location"),
        ];
        for path in [ACTS.to_owned(), format!("{ACTS}/_preview")] {
            admin.post(&path, &wrong).refuses(&expected);
        }
        let far = json!({"firstDay": "2027-11-22", "moves": []});
        admin.post(ACTS, &far).refuses(&[("/firstDay", "too-far-ahead"), ("/moves", "empty")]);
        let many: Vec<_> = (0..501).map(|_| json!({"fromGroupId": from, "toNewGroup": 0})).collect();
        let groups_to_make: Vec<_> = (0..101).map(|number| json!({"name": format!("Groep {number}")})).collect();
        let many = json!({"firstDay": AUGUST, "groups": groups_to_make, "moves": many});
        let refused = admin.post(ACTS, &many).expect(400).errors();
        for field in ["/groups", "/moves"] {
            assert!(refused.contains(&(field.to_owned(), "too-many".to_owned())), "{field}");
        }
        let early = json!({
            "firstDay": AUGUST, "moves": [{"fromGroupId": from, "yearLevels": ["1"], "toGroupId": ABSENT, "yearLevel": "2"}],
        });
        admin.post(ACTS, &early).refuses(&[("/moves/0/toGroupId", "unknown-group"), ("/moves/0/yearLevel", "in-the-future")]);
        let shape = json!({
            "firstDay": "augustus", "groups": [{"name": " ", "schoolYear": "2027-2028"}],
            "moves": [{"fromGroupId": "x", "toNewGroup": -1, "yearLevels": ["9"], "yearLevel": 2}],
        });
        admin.post(ACTS, &shape).refuses(&[
            ("/firstDay", "not-a-date"),
            ("/groups/0/name", "empty"),
            ("/groups/0/schoolYear", "unknown-field"),
            ("/moves/0/fromGroupId", "not-a-uuid"),
            ("/moves/0/yearLevels/0", "not-in-list"),
            ("/moves/0/toNewGroup", "out-of-range"),
            ("/moves/0/yearLevel", "not-a-string"),
        ]);
        assert_eq!((admin.list("/v1/groups").len(), admin.list(ACTS).len()), (groups, 0));
    }

    fn c023_a_child_that_cannot_be_placed_is_named_and_nobody_is(server: Server) {
        let combined = Combined::found(server);
        let admin = combined.admin();
        let to = combined.class.school.group("De Vlinders");
        let stay = json!({"groupId": to, "placedOn": "2026-11-21", "dayPartsPerWeek": 1});
        admin.post(&format!("/v1/pupils/{}/additional-groups", combined.first), &stay).expect(201);
        let act = json!({
            "firstDay": "2026-12-01", "groups": [{"name": "De Bijen"}],
            "moves": [{"fromGroupId": combined.class.group, "toGroupId": to}],
        });
        let (before, groups) = (combined.history(), admin.list("/v1/groups").len());
        let refused = admin.post(ACTS, &act).refuses(&[("/moves/0", "same-group")]);
        assert_eq!(refused.json()["errors"][0]["conflictsWith"], json!(combined.first));
        admin.post(&format!("{ACTS}/_preview"), &act).refuses(&[("/moves/0", "same-group")]);
        assert_eq!((combined.history(), admin.list("/v1/groups").len()), (before, groups));
    }

    fn c023_what_was_changed_and_put_back_does_not_stand_in_the_way(server: Server) {
        let combined = Combined::found(server);
        let admin = combined.admin();
        let before = combined.history();
        let act = admin.post(ACTS, &combined.split(&next_group(admin, "Groep 2"))).expect(201).json();
        let path = format!("/v1/pupils/{}", combined.first);
        let leaves = json!({"lastDay": "2027-07-20", "kind": "other"});
        admin.put(&format!("{path}/departure"), &admin.get(&path).expect(200).etag(), &leaves).expect(200);
        admin.delete(&format!("{path}/departure"), &admin.get(&path).expect(200).etag()).expect(204);
        let stays = admin.list(&format!("/v1/pupils/{}/placements", combined.second));
        let placement = format!("/v1/placements/{}", text(&stays.last().unwrap()["id"]));
        for day in ["2027-08-20", AUGUST] {
            admin.change(&placement, &json!({"placedOn": day, "reason": "Toch niet."})).expect(200);
        }
        // Another act goes on from the new group, and is undone.
        let made = text(&act["groupIds"][0]);
        let on = json!({"fromGroupId": made, "toGroupId": next_group(admin, "Groep 2b")});
        let later = admin.post(ACTS, &json!({"firstDay": "2027-09-01", "moves": [on]})).expect(201).json();
        not_undone(admin, &act, "changed-since", Some(&combined.second));
        undo(admin, &later).expect(200);
        undo(admin, &act).expect(200);
        assert_eq!(combined.history(), before);
    }

    fn c023_an_act_is_undone_as_a_whole_or_not_at_all(server: Server) {
        let combined = Combined::found(server);
        let admin = combined.admin();
        let placed = |child: &str| {
            let stays = admin.list(&format!("/v1/pupils/{child}/placements"));
            stays.last().cloned().unwrap()
        };
        let again = || admin.post(ACTS, &combined.split(&next_group(admin, "Groep 2"))).expect(201).json();
        let act = again();
        // Another child is placed in the new group.
        let made = text(&act["groupIds"][0]);
        let other = json!({"groupId": made, "placedOn": AUGUST});
        let id = admin.post(&format!("/v1/pupils/{}/placements", combined.class.pupil), &other).expect(201).id();
        let before = combined.history();
        not_undone(admin, &act, "group-in-use", Some(&made));
        assert_eq!(combined.history(), before);
        let take_away = |id: &str| {
            let call = admin.call("POST", &format!("/v1/placements/{id}/_take-away")).header("If-Match", "*");
            call.json(&json!({"reason": "Vergissing."})).send().expect(204);
        };
        take_away(&id);
        undo(admin, &act).expect(200);
        // A placement is corrected, and one is taken away.
        let act = again();
        let corrected = placed(&combined.second);
        let path = format!("/v1/placements/{}", text(&corrected["id"]));
        let later = json!({"placedOn": "2027-08-20", "reason": "Verhuisd."});
        admin.patch(&path, &text(&corrected["etag"]), &later).expect(200);
        not_undone(admin, &act, "changed-since", Some(&combined.second));
        // Somebody leaves before the first day.
        let path = format!("/v1/pupils/{}", combined.first);
        let leaves = json!({"lastDay": "2027-07-20", "kind": "other"});
        admin.put(&format!("{path}/departure"), &admin.get(&path).expect(200).etag(), &leaves).expect(200);
        not_undone(admin, &act, "changed-since", Some(&combined.first));
        admin.delete(&format!("{path}/departure"), &admin.get(&path).expect(200).etag()).expect(204);
        take_away(&text(&placed(&combined.second)["id"]));
        not_undone(admin, &act, "changed-since", None);
        assert_eq!(placed(&combined.first)["placedOn"], AUGUST);
        let stale = admin.act(&format!("{}/_undo", path_of(&act)), "\"r7\"");
        stale.expect(412);
    }

    fn c141_only_an_administrator_of_the_school_begins_its_year(server: Server) {
        let combined = Combined::found(server);
        let admin = combined.admin();
        let teacher = &combined.class.teacher.client;
        let body = combined.split(&next_group(admin, "Groep 2"));
        let act = admin.post_once(ACTS, &body, "augustus-1").expect(201).json();
        assert_eq!(admin.post_once(ACTS, &body, "augustus-1").expect(201).json(), act);
        assert_eq!(admin.list(ACTS).len(), 1);
        let (path, undoing) = (path_of(&act), format!("{}/_undo", path_of(&act)));
        teacher.get(ACTS).expect(403);
        teacher.get(&path).expect(403);
        teacher.post(ACTS, &body).expect(403);
        teacher.post(&format!("{ACTS}/_preview"), &body).expect(403);
        teacher.act(&undoing, "*").expect(403);
        let attacker = server.class().school.admin;
        attacker.get(&path).expect(404);
        attacker.act(&undoing, "*").expect(404);
        assert_eq!(attacker.list(ACTS), [Value::Null; 0]);
        let theirs = attacker.post(ACTS, &body).expect(400).errors();
        assert!(theirs.contains(&("/moves/0/fromGroupId".to_owned(), "unknown-group".to_owned())));
    }

    fn a_thousand_children_go_on_in_one_act_and_back(server: Server) {
        let admin = server.school().admin;
        let mut file = "leerlingnummer;voornaam;achternaam;geboortedatum;groep;schooljaar\n".to_owned();
        for number in 0..1_000 {
            writeln!(file, "L{number};Kind;Bedacht;02-05-2022;Groep {};2026-2027", number % 40).unwrap();
        }
        let sent = send(&admin, CSV, file.as_bytes()).expect(201);
        let meant = json!({"newGroups": sent.json()["groupsToConfirm"]});
        let apply = admin.call("POST", &format!("{}/_apply", import_path(&sent.id()))).header("If-Match", "*");
        apply.json(&meant).send().expect(202);
        assert_eq!(finished(&admin, &sent.id())["state"], "applied");
        let from = admin.list("/v1/groups");
        let groups: Vec<_> = from.iter().map(|group| json!({"name": group["name"]})).collect();
        let moves: Vec<_> = from
            .iter()
            .enumerate()
            .map(|(place, group)| json!({"fromGroupId": group["id"], "toNewGroup": place}))
            .collect();
        let body = json!({"firstDay": AUGUST, "groups": groups, "moves": moves});
        let act = admin.post(ACTS, &body).expect(201).json();
        let placed: Vec<_> = act["moves"].as_array().unwrap().iter().map(|one| one["placed"].clone()).collect();
        assert_eq!((placed, &act["notMoved"]), (vec![json!(25); 40], &json!(0)));
        undo(&admin, &act).expect(200);
        assert_eq!(admin.list("/v1/groups").len(), 40);
    }
}
