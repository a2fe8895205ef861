//! The locations of an institution.

use groeilijn_domain::access::Function;
use groeilijn_tests::school::{new_domain, new_institution};
use groeilijn_tests::{School, both_databases};
use serde_json::json;

const PATH: &str = "/v1/locations";

both_databases! {
    fn an_administrator_enters_changes_and_archives_locations(server: Server) {
        let school = server.school();
        let admin = &school.admin;
        let body = json!({"name": "Noord", "brin": "99xx01"});
        let made = admin.post_once(PATH, &body, "een").expect(201);
        assert_eq!(admin.post_once(PATH, &body, "een").expect(201).id(), made.id());
        let path = format!("{PATH}/{}", made.id());
        let shown = admin.get(&path).expect(200);
        assert_eq!((shown.json(), shown.etag()), (made.json(), made.etag()));
        assert_eq!((&shown.json()["brin"], &shown.json()["archivedAt"]), (&json!("99XX01"), &json!(null)));
        let archived = admin.change(&path, &json!({"archived": true, "brin": null})).expect(200).json();
        assert!(archived["archivedAt"].is_string() && archived["brin"].is_null());
        admin.patch(&path, &made.etag(), &json!({"name": "Oost"})).expect(412);
        assert_eq!(admin.list(PATH).len(), 0);
        assert_eq!(admin.list(&format!("{PATH}?archived=true")), std::slice::from_ref(&archived));
        let again = admin.change(&path, &json!({"archived": true})).expect(200).json();
        assert_eq!(again["archivedAt"], archived["archivedAt"]);
        assert!(admin.change(&path, &json!({"archived": false})).expect(200).json()["archivedAt"].is_null());
        for name in ["Zuid", "West"] {
            admin.post(PATH, &json!({ "name": name })).expect(201);
        }
        let names: Vec<_> = admin.list(&format!("{PATH}?limit=1")).iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["Noord", "Zuid", "West"]);
    }

    fn a_location_has_a_number_of_the_register_of_its_kind(server: Server) {
        let school = server.school();
        let wrong = json!({"name": "Noord", "brin": "99XX", "childcareNumber": "100200301"});
        school.admin.post(PATH, &wrong).refuses(&[("/childcareNumber", "not-of-the-kind"), ("/brin", "not-a-location")]);
        let domain = new_domain();
        let mut body = new_institution(&domain);
        body["kind"] = json!("childcare-organisation");
        body["brin"] = json!(null);
        body["childcareNumber"] = json!("100200301");
        let childcare = School::entered(&server.anyone(), &domain, &body);
        let institution = childcare.admin.get(&format!("/v1/institutions/{}", childcare.id)).expect(200).json();
        assert_eq!(institution["childcareNumber"], "100200301");
        let wrong = json!({"name": "Noord", "brin": "99XX01"});
        childcare.admin.post(PATH, &wrong).refuses(&[("/brin", "not-of-the-kind")]);
        let right = json!({"name": "Noord", "childcareNumber": "100 200 301"});
        assert_eq!(childcare.admin.post(PATH, &right).expect(201).json()["childcareNumber"], "100200301");
        for (number, code) in [("10020030", "not-a-childcare-number"), ("111222333", "bsn")] {
            let body = json!({"name": "Zuid", "childcareNumber": number});
            childcare.admin.post(PATH, &body).refuses(&[("/childcareNumber", code)]);
        }
        let school = format!("/v1/institutions/{}", school.id);
        let number = json!({"childcareNumber": "100200301"});
        server.platform().change(&school, &number).refuses(&[("/childcareNumber", "not-of-the-kind")]);
    }

    fn locations_are_for_the_administrator_and_management_of_the_institution(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let made = school.admin.post(PATH, &json!({"name": "Noord"})).expect(201).id();
        let path = format!("{PATH}/{made}");
        let management = school.member(Function::Management, &[]).client;
        management.get(&path).expect(200);
        management.post(PATH, &json!({"name": "Zuid"})).expect(403);
        school.member(Function::Teacher, &[]).client.get(PATH).expect(403);
        other.admin.sees_nothing(&made, &[
            ("GET", "/v1/locations/{}", json!(null)),
            ("PATCH", "/v1/locations/{}", json!({"name": "Elders"})),
        ]);
        assert_eq!(other.admin.list(PATH).len(), 0);
    }
}
