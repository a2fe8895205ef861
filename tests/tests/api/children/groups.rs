//! Groups of children and their rosters.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_group, new_pupil};
use groeilijn_tests::{Client, both_databases};
use serde_json::{Value, json};

const PATH: &str = "/v1/groups";

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| text(&item["id"])).collect()
}

both_databases! {
    fn a_group_is_entered_read_changed_and_taken_away(server: Server) {
        let admin = server.school().admin;
        let body = json!({"name": " De Rupsen ", "schoolYear": "2026-2027", "location": "Noord"});
        let made = admin.post(PATH, &body).expect(201);
        let path = made.header("Location").to_owned();
        let group = made.json();
        let fields: Vec<_> = group.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["archivedAt", "createdAt", "etag", "id", "location", "locationId", "name", "schoolYear"]);
        assert_eq!((&group["name"], &group["location"]), (&json!("De Rupsen"), &json!("Noord")));
        assert_eq!((admin.get(&path).json(), admin.get(&path).etag()), (group.clone(), made.etag()));

        let changed = admin.change(&path, &json!({"location": null, "schoolYear": "2027-2028"})).expect(200);
        assert_eq!((&changed.json()["location"], &changed.json()["name"]), (&json!(null), &group["name"]));
        assert_eq!(admin.get(&path).json(), changed.json());

        admin.delete(&path, &changed.etag()).expect(204);
        admin.get(&path).expect(404);
        admin.delete(&path, &changed.etag()).expect(404);
        assert!(admin.list(PATH).is_empty());
    }

    fn everything_wrong_with_a_group_is_told_at_once(server: Server) {
        let admin = server.school().admin;
        admin.post(PATH, &json!({"id": 7, "schoolYear": "2026-2028", "location": "x".repeat(101), "size": 3})).refuses(&[
            ("/id", "not-a-string"),
            ("/name", "required"),
            ("/schoolYear", "not-a-school-year"),
            ("/location", "too-long"),
            ("/size", "unknown-field"),
        ]);
        let path = admin.post(PATH, &new_group("De Rupsen")).expect(201).header("Location").to_owned();
        admin.patch(&path, "*", &json!({"name": null, "schoolYear": "2026", "id": ABSENT})).refuses(&[
            ("/name", "null"),
            ("/schoolYear", "not-a-school-year"),
            ("/id", "unknown-field"),
        ]);
    }

    fn a_client_may_bring_the_id_of_what_it_entered_offline(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let body = json!({"id": ABSENT, "name": "De Rupsen", "schoolYear": "2026-2027"});
        let made = school.admin.post(PATH, &body).expect(201);
        assert_eq!((made.id().as_str(), made.header("Location")), (ABSENT, format!("{PATH}/{ABSENT}").as_str()));
        school.admin.post(PATH, &body).expect(409).problem("conflict");
        // Whether another institution has the id already is not told.
        other.admin.post(PATH, &body).expect(201);
    }

    fn groups_are_listed_by_school_year(server: Server) {
        let school = server.school();
        let now = school.group("De Rupsen");
        let body = json!({"name": "De Vlinders", "schoolYear": "2025-2026"});
        let before = school.admin.post(PATH, &body).expect(201).id();
        assert_eq!(ids(&school.admin.list(PATH)), [now.clone(), before.clone()]);
        assert_eq!(ids(&school.admin.list(&format!("{PATH}?schoolYear=2026-2027"))), [now]);
        assert_eq!(ids(&school.admin.list(&format!("{PATH}?schoolYear=2025-2026"))), [before]);
        assert!(school.admin.list(&format!("{PATH}?schoolYear=2024-2025")).is_empty());
    }

    fn a_group_that_held_a_child_stays_part_of_its_history(server: Server) {
        let mut school = server.school();
        let [first, second] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let pupil = school.pupil("Noor", &first);
        let tomorrow = json!({"groupId": second, "placedOn": "2026-11-22"});
        school.admin.post(&format!("/v1/pupils/{pupil}/placements"), &tomorrow).expect(201);
        server.clock.set("2026-11-23T09:00:00Z");
        school.admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        for group in [first, second] {
            let refused = school.admin.delete(&format!("{PATH}/{group}"), "*").expect(409).problem("conflict");
            assert_eq!(refused.code(), "group-in-use");
        }
    }

    fn a_group_that_holds_or_held_a_child_stays_in_its_school_year(server: Server) {
        let school = server.school();
        let [held, holds] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let next = school.admin.post(PATH, &json!({"name": "De Uilen", "schoolYear": "2027-2028"})).expect(201).id();
        let placements = format!("/v1/pupils/{}/placements", school.pupil("Noor", &held));
        school.admin.post(&placements, &json!({"groupId": holds, "placedOn": "2026-11-22"})).expect(201);
        school.admin.post(&placements, &json!({"groupId": next, "placedOn": "2027-08-01"})).expect(201);
        for (group, year, other) in
            [(held, "2026-2027", "2027-2028"), (holds, "2026-2027", "2025-2026"), (next, "2027-2028", "2026-2027")]
        {
            let path = format!("{PATH}/{group}");
            school.admin.patch(&path, "*", &json!({"schoolYear": other})).refuses(&[("/schoolYear", "has-children")]);
            let kept = school.admin.change(&path, &json!({"name": "De Vossen", "schoolYear": year})).expect(200).json();
            assert_eq!((&kept["name"], &kept["schoolYear"]), (&json!("De Vossen"), &json!(year)));
        }
    }

    fn a_group_that_was_given_to_a_teacher_can_be_taken_away(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let member = school.member(Function::Teacher, &[&group]);
        school.admin.delete(&format!("{PATH}/{group}"), "*").expect(204);
        assert_eq!(school.admin.get(&format!("/v1/users/{}", member.id)).json()["groupIds"], json!([]));
    }

    fn c029_a_roster_holds_the_children_who_are_in_the_group_now(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let pupils: Vec<_> = ["Noor", "Sem", "Lotte"].map(|name| school.pupil(name, &rupsen)).into();
        let roster = |group: &str| ids(&school.admin.list(&format!("{PATH}/{group}/pupils?limit=2")));
        assert_eq!(roster(&rupsen), pupils);
        let place = format!("/v1/pupils/{}/placements", pupils[1]);
        school.admin.post(&place, &json!({"groupId": vlinders})).expect(201);
        assert_eq!(roster(&rupsen), [pupils[0].clone(), pupils[2].clone()]);
        assert_eq!(roster(&vlinders), [pupils[1].clone()]);
    }

    fn c029_a_groups_past_is_readable(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let entered: Vec<_> = ["Noor", "Sem", "Lotte"]
            .map(|name| {
                let mut body = new_pupil(name);
                body["groupId"] = json!(rupsen);
                body["placedOn"] = json!("2026-08-24");
                school.admin.post("/v1/pupils", &body).expect(201).id()
            })
            .into();
        let [noor, sem, lotte] = [&entered[0], &entered[1], &entered[2]];
        let moved = json!({"groupId": vlinders, "placedOn": "2026-11-09"});
        school.admin.post(&format!("/v1/pupils/{noor}/placements"), &moved).expect(201);
        let left = json!({"lastDay": "2026-11-13", "kind": "elsewhere"});
        school.admin.put(&format!("/v1/pupils/{sem}/departure"), "*", &left).expect(200);
        let roster = |client: &Client, group: &str, query: &str| client.list(&format!("{PATH}/{group}/pupils{query}"));
        let admin = &school.admin;
        assert_eq!(ids(&roster(admin, &rupsen, "")), [lotte.as_str()]);
        let then = roster(admin, &rupsen, "?on=2026-11-08&limit=2");
        assert_eq!(ids(&then), entered);
        assert_eq!((&then[0]["groupId"], &then[0]["placedOn"]), (&json!(rupsen), &json!("2026-08-24")));
        assert_eq!(ids(&roster(admin, &rupsen, "?on=2026-11-09")), [sem.as_str(), lotte]);
        assert_eq!(ids(&roster(admin, &vlinders, "?on=2026-11-09")), [noor.as_str()]);
        assert!(roster(admin, &rupsen, "?on=2026-08-23").is_empty());
        assert_eq!(ids(&roster(admin, &rupsen, "?on=2027-06-01")), [lotte.as_str()]);
        admin.get(&format!("{PATH}/{rupsen}/pupils?on=31-12-2026")).refuses(&[("on", "not-a-date")]);

        // Whom a teacher reaches no more she is not shown as it was either.
        assert_eq!(ids(&roster(&school.teacher(&rupsen), &rupsen, "?on=2026-11-08")), [lotte.as_str()]);
        let both = school.member(Function::Teacher, &[&rupsen, &vlinders]).client;
        assert_eq!(ids(&roster(&both, &rupsen, "?on=2026-11-08")), [noor.as_str(), lotte]);
        school.teacher(&vlinders).get(&format!("{PATH}/{rupsen}/pupils?on=2026-11-08")).expect(404);
    }

    fn c023_c029_in_a_combined_group_one_sees_who_is_in_which_year_level(server: Server) {
        let school = server.school();
        let group = school.group("Groep 1/2");
        let enter = |name: &str, level: Value| {
            let mut body = new_pupil(name);
            body["groupId"] = json!(group);
            body["yearLevel"] = level;
            school.admin.post("/v1/pupils", &body)
        };
        let [noor, sem, lotte, guus] = [("Noor", json!("1")), ("Sem", json!("2")), ("Lotte", json!("1")), ("Guus", json!(null))]
            .map(|(name, level)| enter(name, level).expect(201).id());
        for wrong in [json!("5"), json!("een"), json!("")] {
            enter("Fien", wrong).refuses(&[("/yearLevel", "not-in-list")]);
        }
        let teacher = school.teacher(&group);
        let roster = format!("{PATH}/{group}/pupils");
        let levels: Vec<_> = teacher.list(&roster).iter().map(|pupil| pupil["yearLevel"].clone()).collect();
        assert_eq!(levels, [json!("1"), json!("2"), json!("1"), json!(null)]);
        for list in [&roster, "/v1/pupils"] {
            for client in [&teacher, &school.admin] {
                assert_eq!(ids(&client.list(&format!("{list}?yearLevel=1&limit=1"))), [noor.as_str(), &lotte]);
                assert!(client.list(&format!("{list}?yearLevel=3")).is_empty());
            }
            teacher.get(&format!("{list}?yearLevel=9")).refuses(&[("yearLevel", "not-in-list")]);
        }
        let overview = teacher.get(&format!("{PATH}/{group}/overview")).expect(200).json();
        assert_eq!(overview["children"][1]["yearLevel"], json!("2"));
        let path = format!("/v1/pupils/{sem}");
        assert_eq!(teacher.get(&path).json()["yearLevel"], json!("2"));
        school.admin.change(&path, &json!({"yearLevel": null})).expect(200);
        let guus = school.admin.change(&format!("/v1/pupils/{guus}"), &json!({"yearLevel": "2"})).expect(200);
        assert_eq!(ids(&teacher.list(&format!("{roster}?yearLevel=2"))), [guus.id()]);
    }

    fn a_teacher_reaches_the_own_groups_alone(server: Server) {
        let school = server.school();
        let [own, colleagues] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        for function in [Function::Teacher, Function::ChildcareWorker, Function::PedagogicalCoach] {
            let member = school.member(function, &[&own]).client;
            assert_eq!(ids(&member.list(PATH)), [own.as_str()]);
            for path in ["/v1/groups/{}", "/v1/groups/{}/pupils"] {
                member.get(&path.replace("{}", &own)).expect(200);
                member.sees_nothing(&colleagues, &[("GET", path, json!(null))]);
            }
        }
        let coordinator = school.member(Function::InternBegeleider, &[]).client;
        assert_eq!(ids(&coordinator.list(PATH)), [own, colleagues]);
    }

    fn a_foreign_group_looks_like_an_absent_one(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let foreign = other.group("De Rupsen");
        school.admin.sees_nothing(&foreign, &[
            ("GET", "/v1/groups/{}", json!(null)),
            ("GET", "/v1/groups/{}/pupils", json!(null)),
            ("PATCH", "/v1/groups/{}", json!({"name": "De Dieven"})),
            ("DELETE", "/v1/groups/{}", json!(null)),
        ]);
        assert_eq!(other.admin.get(&format!("{PATH}/{foreign}")).expect(200).json()["name"], "De Rupsen");
    }
}
