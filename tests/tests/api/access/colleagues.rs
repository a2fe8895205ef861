//! The directory of colleagues: name, function and groups, for everybody at the institution.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, School, both_databases};
use serde_json::{Value, json};

const PATH: &str = "/v1/colleagues";
const REASON: &str = "Werkt nu ergens anders.";

/// Enters a teacher with this name and these groups, and gives her id.
fn entered(school: &School, first: &str, last: &str, groups: &[&str]) -> String {
    let mut body = school.new_user(Function::Teacher, groups);
    body["firstName"] = json!(first);
    body["infix"] = Value::Null;
    body["lastName"] = json!(last);
    text(&school.admin.post("/v1/users", &body).expect(201).json()["user"]["id"])
}

fn search(client: &Client, name: &str) -> Vec<Value> {
    let found = client.post(&format!("{PATH}/_search"), &json!({ "name": name })).expect(200).json();
    found["items"].as_array().unwrap().clone()
}

fn ids(found: &[Value]) -> Vec<&str> {
    found.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

both_databases! {
    /// C006, C022: everybody at the institution knows her colleagues, and no more of them than is needed for that.
    fn c022_everybody_sees_the_names_functions_and_groups_of_her_colleagues(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let teacher = school.member(Function::Teacher, &[&group]);
        let expected = json!({
            "id": teacher.id, "firstName": "Fien", "infix": "van", "lastName": "Verzonnen", "function": "teacher",
            "groups": [{"id": group, "name": "De Rupsen"}], "hasLeft": false,
        });
        let coach = school.member(Function::PedagogicalCoach, &[]);
        for client in [&school.admin, &teacher.client, &coach.client] {
            let listed = client.list(PATH);
            assert_eq!(ids(&listed), [&school.admin_id, &teacher.id, &coach.id]);
            assert_eq!(listed[1], expected);
            assert_eq!(client.get(&format!("{PATH}/{}", teacher.id)).expect(200).json(), expected);
        }
        let paged = teacher.client.get(&format!("{PATH}?limit=1")).expect(200).json();
        assert!(paged["nextCursor"].is_string());
        for stranger in [server.platform(), server.staff(ProcessorFunction::Helpdesk)] {
            stranger.get(PATH).expect(403).problem("forbidden");
        }
        server.anyone().get(PATH).expect(401);
    }

    /// C001: nobody of another institution.
    fn c001_a_colleague_is_one_of_the_same_institution(server: Server) {
        let (school, other) = (server.school(), server.school());
        let (here, there) = (school.member(Function::Management, &[]), other.member(Function::Teacher, &[]));
        for absent in [there.id.as_str(), ABSENT] {
            here.client.get(&format!("{PATH}/{absent}")).expect(404).problem("not-found");
        }
        assert_eq!(ids(&here.client.list(PATH)), [&school.admin_id, &here.id]);
        assert_eq!(ids(&search(&here.client, "verzonnen")), [&here.id]);
    }

    fn a_colleague_is_found_by_part_of_a_name_with_a_mistake_in_it(server: Server) {
        let school = server.school();
        let [zoe, noor] = [("Zoë", "Fantasiehof"), ("Noor", "Fantasie")]
            .map(|(first, last)| entered(&school, first, last, &[]));
        assert_eq!(ids(&search(&school.admin, "zoe")), [&zoe]);
        assert_eq!(ids(&search(&school.admin, "fantasiehov")), [&zoe]);
        assert_eq!(ids(&search(&school.admin, "FANTASIE")), [&noor, &zoe]);
        assert!(search(&school.admin, "niemand").is_empty());
        let path = format!("{PATH}/_search");
        school.admin.post(&path, &json!({})).refuses(&[("/name", "required")]);
        let unknown = json!({"name": "zoe", "email": "zoe@school.example"});
        school.admin.post(&path, &unknown).refuses(&[("/email", "unknown-field")]);
    }

    /// C067: who left is in no list, and her name still says whose an id is. Why she left is told to nobody.
    fn c067_who_left_keeps_her_name_and_is_in_no_list(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let [blocked, gone, last_day] =
            ["Bo", "Gijs", "Lies"].map(|first| entered(&school, first, "Vertrokken", &[&group]));
        let change = |id: &str, body: Value| school.admin.change(&format!("/v1/users/{id}"), &body).expect(200);
        change(&blocked, json!({"state": "blocked", "reason": REASON}));
        change(&gone, json!({"lastDay": "2026-11-20", "reason": REASON}));
        change(&last_day, json!({"lastDay": "2026-11-21", "reason": REASON}));
        let reader = school.member(Function::Management, &[]).client;
        assert_eq!(ids(&search(&reader, "vertrokken")), [&last_day]);
        let listed = reader.list(PATH);
        assert!(!ids(&listed).contains(&blocked.as_str()) && !ids(&listed).contains(&gone.as_str()));
        for id in [&blocked, &gone] {
            let known = reader.get(&format!("{PATH}/{id}")).expect(200).json();
            assert_eq!((&known["hasLeft"], &known["groups"]), (&json!(true), &json!([])));
            assert_eq!(known["lastName"], "Vertrokken");
            assert_eq!(known.as_object().unwrap().len(), 7);
        }
    }

    /// C029: a substitute's group is beside her name on the days on which it is hers.
    fn c029_a_colleague_has_the_groups_of_today(server: Server) {
        let school = server.school();
        let substitute = school.member(Function::Teacher, &[]);
        let [now, later, archived] = ["Nu", "Straks", "Oud"].map(|name| school.group(name));
        let groups = json!([
            {"groupId": now, "lastDay": "2026-11-21"}, {"groupId": later, "firstDay": "2026-11-22"},
            {"groupId": archived},
        ]);
        let body = json!({"groups": groups, "reason": "Valt in."});
        school.admin.change(&format!("/v1/users/{}", substitute.id), &body).expect(200);
        let path = format!("/v1/groups/{archived}");
        let etag = school.admin.get(&path).expect(200).etag();
        school.admin.act(&format!("{path}/_archive"), &etag).expect(200);
        let groups = |day: &str| {
            server.clock.set(day);
            let reader = server.anyone().log_in(&substitute.email, groeilijn_tests::accounts::PASSWORD);
            reader.get(&format!("{PATH}/{}", substitute.id)).expect(200).json()["groups"].clone()
        };
        assert_eq!(groups("2026-11-21T12:00:00Z"), json!([{"id": now, "name": "Nu"}]));
        assert_eq!(groups("2026-11-22T12:00:00Z"), json!([{"id": later, "name": "Straks"}]));
    }
}
