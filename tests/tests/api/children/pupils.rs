//! Pupils: entering, reading, changing and finding them.

use groeilijn_domain::access::Function;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::{Reply, both_databases};
use serde_json::{Value, json};

const PATH: &str = "/v1/pupils";

/// A pupil with every field filled.
fn complete_pupil() -> Value {
    json!({
        "firstName": "Zoë", "infix": "van 't", "lastName": "Fantasiehof", "gender": "female",
        "homeLanguage": "ary", "birthDate": "2022-05-04", "vve": true, "dayPartsPerWeek": 4, "weeksPremature": 5,
        "particulars": "Draagt een bril.\nZit graag vooraan.", "eckId": "https://ketenid.example/201703/0a1b",
        "yearLevel": "2", "schoolKey": "L-0042",
    })
}

fn names(found: &Reply) -> Vec<String> {
    found.items().iter().map(|pupil| text(&pupil["firstName"])).collect()
}

both_databases! {
    fn c023_a_pupil_has_exactly_the_fields_of_the_contract(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let mut body = complete_pupil();
        body["groupId"] = json!(group);
        body["placedOn"] = json!("2026-08-24");
        let made = school.admin.post(PATH, &body).expect(201);
        let pupil = made.json();
        let fields: Vec<_> = pupil.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            fields,
            [
                "archivedAt", "birthDate", "createdAt", "dayPartsPerWeek", "departure", "eckId", "etag", "expectedBirthDate", "firstName", "gender", "groupId",
                "homeLanguage", "id", "infix", "lastName", "masked", "particulars", "placedOn", "schoolKey", "vve", "weeksPremature", "yearLevel"
            ]
        );
        for (field, value) in body.as_object().unwrap() {
            assert_eq!(&pupil[field], value, "{field}");
        }
        let read = school.admin.get(made.header("Location")).expect(200);
        assert_eq!((read.json(), read.etag()), (pupil, made.etag()));
        for field in ["bsn", "nationality", "address", "postcode", "first_name", "phone"] {
            let mut body = complete_pupil();
            body[field] = json!("x");
            school.admin.post(PATH, &body).refuses(&[(&format!("/{field}"), "unknown-field")]);
        }
    }

    fn c032_only_four_fields_of_a_pupil_are_mandatory(server: Server) {
        let admin = server.school().admin;
        admin.post(PATH, &json!({})).refuses(&[
            ("/firstName", "required"),
            ("/lastName", "required"),
            ("/gender", "required"),
            ("/birthDate", "required"),
        ]);
        let pupil = admin.post(PATH, &new_pupil("Noor")).expect(201).json();
        for optional in ["infix", "homeLanguage", "vve", "dayPartsPerWeek", "particulars", "eckId", "schoolKey", "groupId"] {
            assert_eq!(pupil[optional], json!(null), "{optional}");
        }
    }

    fn everything_wrong_with_a_pupil_is_told_at_once(server: Server) {
        let admin = server.school().admin;
        let body = json!({
            "firstName": 7, "infix": "x".repeat(21), "lastName": "", "gender": "meisje", "homeLanguage": "Dutch",
            "birthDate": "2022-02-30", "vve": "ja", "dayPartsPerWeek": -1, "particulars": "x".repeat(10_001),
            "eckId": "http://ketenid.example/1", "groupId": "x", "placedOn": "morgen", "hobby": "voetbal", "schoolKey": "x".repeat(257),
        });
        admin.post(PATH, &body).refuses(&[
            ("/firstName", "not-a-string"),
            ("/infix", "too-long"),
            ("/lastName", "empty"),
            ("/gender", "not-in-list"),
            ("/homeLanguage", "not-a-language"),
            ("/birthDate", "not-a-date"),
            ("/vve", "not-a-boolean"),
            ("/dayPartsPerWeek", "out-of-range"),
            ("/particulars", "too-long"),
            ("/eckId", "not-an-eck-id"),
            ("/schoolKey", "too-long"),
            ("/groupId", "not-a-uuid"),
            ("/placedOn", "not-a-date"),
            ("/hobby", "unknown-field"),
        ]);
    }

    fn c026_a_pupil_is_from_0_up_to_and_including_7_years_old(server: Server) {
        let school = server.school();
        let born = |date: &str, day_parts: u8| {
            let mut body = new_pupil("Noor");
            body["birthDate"] = json!(date);
            body["dayPartsPerWeek"] = json!(day_parts);
            school.admin.post(PATH, &body)
        };
        born("2026-11-21", 0).expect(201);
        born("2026-11-22", 0).refuses(&[("/birthDate", "in-the-future")]);
        let oldest = born("2018-11-22", 14).expect(201).header("Location").to_owned();
        born("2018-11-21", 15).refuses(&[("/birthDate", "too-old"), ("/dayPartsPerWeek", "out-of-range")]);
        let too_old = school.admin.patch(&oldest, "*", &json!({"birthDate": "2018-11-21"}));
        too_old.refuses(&[("/birthDate", "too-old")]);
    }

    fn c030_a_citizen_service_number_is_refused_in_every_field(server: Server) {
        let admin = server.school().admin;
        for field in ["firstName", "lastName", "infix", "particulars", "schoolKey"] {
            for number in ["111222333", "kind 111222333", "111.222.333"] {
                let mut body = complete_pupil();
                body[field] = json!(number);
                admin.post(PATH, &body).refuses(&[(&format!("/{field}"), "bsn")]);
            }
        }
        let mut body = complete_pupil();
        body["eckId"] = json!("https://ketenid.example/111222333");
        admin.post(PATH, &body).refuses(&[("/eckId", "bsn")]);
        body["eckId"] = json!(null);
        body["bsn"] = json!(111_222_333);
        admin.post(PATH, &body).refuses(&[("/bsn", "bsn"), ("/bsn", "unknown-field")]);
        admin.post("/v1/pupils/_search", &json!({"name": "111222333"})).refuses(&[("/name", "bsn")]);
        assert!(admin.list(PATH).is_empty());
    }

    fn c030_an_eck_id_belongs_to_one_pupil_of_the_institution(server: Server) {
        let [school, other] = [server.school(), server.school()];
        school.admin.post(PATH, &complete_pupil()).expect(201);
        let taken = school.admin.post(PATH, &complete_pupil()).expect(409).problem("conflict");
        assert_eq!(taken.code(), "eck-id-in-use");
        let second = school.admin.post(PATH, &new_pupil("Noor")).expect(201).header("Location").to_owned();
        let patch = json!({"eckId": complete_pupil()["eckId"]});
        assert_eq!(school.admin.change(&second, &patch).expect(409).code(), "eck-id-in-use");
        other.admin.post(PATH, &complete_pupil()).expect(201);
    }

    fn c030_a_schools_key_belongs_to_one_pupil_of_the_institution(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let with_key = |name: &str, key: &str| {
            let mut body = new_pupil(name);
            body["schoolKey"] = json!(key);
            body
        };
        let first = school.admin.post(PATH, &with_key("Noor", "L1")).expect(201).header("Location").to_owned();
        let taken = school.admin.post(PATH, &with_key("Daan", "L1")).expect(409).problem("conflict");
        assert_eq!(taken.code(), "school-key-in-use");
        let second = school.admin.post(PATH, &with_key("Daan", " L2 ")).expect(201);
        assert_eq!(second.json()["schoolKey"], "L2");
        let second = second.header("Location");
        let change = |path: &str, key: Value| school.admin.change(path, &json!({"schoolKey": key}));
        assert_eq!(change(second, json!("L1")).expect(409).problem("conflict").code(), "school-key-in-use");
        change(second, json!("")).refuses(&[("/schoolKey", "empty")]);
        change(second, json!("L\n2")).refuses(&[("/schoolKey", "control-character")]);
        change(second, json!("L2")).expect(200);
        // What is free again can be another's, and what is left out stays.
        assert_eq!(change(&first, Value::Null).expect(200).json()["schoolKey"], Value::Null);
        assert_eq!(change(second, json!("L1")).expect(200).json()["schoolKey"], "L1");
        assert_eq!(school.admin.change(second, &json!({"firstName": "Dani"})).expect(200).json()["schoolKey"], "L1");
        other.admin.post(PATH, &with_key("Noor", "L1")).expect(201);
    }

    fn a_patch_changes_what_it_names(server: Server) {
        let school = server.school();
        let made = school.admin.post(PATH, &complete_pupil()).expect(201);
        let path = made.header("Location");
        let mut expected = made.json();
        for patch in [
            json!({"firstName": "Guusje", "vve": false}),
            json!({"infix": null, "homeLanguage": null, "vve": null, "dayPartsPerWeek": null, "particulars": null, "eckId": null}),
            json!({}),
        ] {
            for (field, value) in patch.as_object().unwrap() {
                expected[field] = value.clone();
            }
            let changed = school.admin.change(path, &patch).expect(200);
            expected["etag"] = json!(changed.etag());
            assert_eq!(changed.json(), expected);
            assert_eq!(school.admin.get(path).expect(200).json(), expected);
        }
        school
            .admin
            .patch(path, "*", &json!({"firstName": null, "birthDate": null, "groupId": ABSENT, "dayPartsPerWeek": "4"}))
            .refuses(&[
                ("/firstName", "null"),
                ("/birthDate", "null"),
                ("/groupId", "unknown-field"),
                ("/dayPartsPerWeek", "not-a-number"),
            ]);
    }

    fn a_client_may_bring_the_id_of_what_it_entered_offline(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let mut body = new_pupil("Noor");
        body["id"] = json!(ABSENT);
        assert_eq!(school.admin.post(PATH, &body).expect(201).id(), ABSENT);
        school.admin.post(PATH, &body).expect(409).problem("conflict");
        other.admin.post(PATH, &body).expect(201);
        assert_eq!(school.admin.get(&format!("{PATH}/{ABSENT}")).expect(200).json()["firstName"], "Noor");
    }

    fn c029_all_children_are_on_the_roster_and_it_says_no_more_than_it_must(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let mut ids: Vec<_> = ["Noor", "Sem"].map(|name| school.pupil(name, &group)).into();
        ids.push(school.admin.post(PATH, &complete_pupil()).expect(201).id());
        let roster = school.admin.list(&format!("{PATH}?limit=2"));
        assert_eq!(roster.iter().map(|pupil| text(&pupil["id"])).collect::<Vec<_>>(), ids);
        let fields: Vec<_> = roster[2].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            fields,
            ["additionalGroups", "archivedAt", "birthDate", "etag", "firstName", "gender", "groupId", "id", "infix", "lastDay", "lastName", "placedOn", "yearLevel"]
        );
        assert_eq!((&roster[0]["groupId"], &roster[2]["groupId"]), (&json!(group), &json!(null)));
    }

    fn pupils_are_found_by_part_of_a_name_without_minding_accents_and_a_mistake(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        for name in ["Noor", "Eleonoor", "Sem"] {
            school.pupil(name, &group);
        }
        school.admin.post(PATH, &complete_pupil()).expect(201);
        let search = |body: Value| school.admin.post("/v1/pupils/_search", &body).expect(200);
        assert_eq!(names(&search(json!({"name": "noor"}))), ["Noor", "Eleonoor"]);
        assert_eq!(names(&search(json!({"name": "ZOE"}))), ["Zoë"]);
        assert_eq!(names(&search(json!({"name": "fantaziehof"}))), ["Zoë"]);
        assert_eq!(names(&search(json!({"name": "hof zoe"}))), ["Zoë"]);
        assert_eq!(names(&search(json!({"name": "fantasie", "groupId": group}))).len(), 3);
        assert!(names(&search(json!({"name": "niemand"}))).is_empty());
        let wrong = |body: Value| school.admin.post("/v1/pupils/_search", &body);
        wrong(json!({"name": "", "page": 1})).refuses(&[("/name", "empty"), ("/page", "unknown-field")]);
        for unknown in [ABSENT, &server.school().group("De Rupsen")] {
            wrong(json!({"name": "noor", "groupId": unknown})).refuses(&[("/groupId", "unknown-group")]);
        }
    }

    fn a_teacher_reaches_the_children_of_the_own_groups_alone(server: Server) {
        let school = server.school();
        let [own, colleagues] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let [noor, sem] = [school.pupil("Noor", &own), school.pupil("Sem", &colleagues)];
        school.admin.post(PATH, &complete_pupil()).expect(201);
        for function in [Function::Teacher, Function::ChildcareWorker, Function::PedagogicalCoach] {
            let member = school.member(function, &[&own]).client;
            assert_eq!(names(&member.get(PATH).expect(200)), ["Noor"]);
            let found = member.post("/v1/pupils/_search", &json!({"name": "fantasie"})).expect(200);
            assert_eq!(names(&found), ["Noor"]);
            let elsewhere = member.post("/v1/pupils/_search", &json!({"name": "sem", "groupId": colleagues}));
            elsewhere.refuses(&[("/groupId", "unknown-group")]);
            for path in ["/v1/pupils/{}", "/v1/pupils/{}/placements"] {
                member.get(&path.replace("{}", &noor)).expect(200);
                member.sees_nothing(&sem, &[("GET", path, json!(null))]);
            }
        }
        let teacher = school.teacher(&own);
        school.admin.post(&format!("{PATH}/{noor}/placements"), &json!({"groupId": colleagues})).expect(201);
        teacher.get(&format!("{PATH}/{noor}")).expect(404);
    }

    fn c001_a_foreign_pupil_looks_like_an_absent_one(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let foreign = other.pupil("Noor", &other.group("De Rupsen"));
        let group = school.group("De Rupsen");
        school.admin.sees_nothing(&foreign, &[
            ("GET", "/v1/pupils/{}", json!(null)),
            ("PATCH", "/v1/pupils/{}", json!({"firstName": "Dief"})),
            ("GET", "/v1/pupils/{}/placements", json!(null)),
            ("POST", "/v1/pupils/{}/placements", json!({"groupId": group})),
            ("GET", "/v1/pupils/{}/overview", json!(null)),
        ]);
        assert!(school.admin.list(PATH).is_empty());
        assert_eq!(other.admin.get(&format!("{PATH}/{foreign}")).expect(200).json()["firstName"], "Noor");
    }

    fn c028_there_is_an_overview_of_each_child_and_each_group(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        let teacher = school.teacher(&group);
        let of_child = teacher.get(&format!("{PATH}/{pupil}/overview")).expect(200).json();
        assert_eq!(of_child["pupilId"], pupil.as_str());
        let of_group = teacher.get(&format!("/v1/groups/{group}/overview")).expect(200).json();
        assert_eq!(of_group["groupId"], group.as_str());
    }
}
