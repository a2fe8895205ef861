//! Institutions and their licences.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_domain, new_institution};
use serde_json::{Value, json};

const PATH: &str = "/v1/institutions";

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

both_databases! {
    fn c001_each_kind_of_institution_can_be_entered_and_is_a_tenant_of_its_own(server: Server) {
        let platform = server.platform();
        for kind in ["school-board", "childcare-organisation", "playgroup", "preschool"] {
            let mut body = new_institution(&new_domain());
            body["kind"] = json!(kind);
            let made = platform.post(PATH, &body).expect(201);
            let read = platform.get(made.header("Location")).expect(200);
            assert_eq!(read.json()["kind"], kind);
            assert_eq!((read.json(), read.etag()), (made.json()["institution"].clone(), made.etag()));
        }
        let mut unknown = new_institution(&new_domain());
        unknown["kind"] = json!("museum");
        platform.post(PATH, &unknown).refuses(&[("/kind", "not-in-list")]);
    }

    fn c001_a_member_sees_no_institution_but_the_own(server: Server) {
        let [own, other] = [server.school(), server.school()];
        let listed = own.admin.list(PATH);
        assert_eq!(listed.iter().map(|item| text(&item["id"])).collect::<Vec<_>>(), [own.id.as_str()]);
        for path in ["/v1/institutions/{}", "/v1/institutions/{}/licence"] {
            own.admin.get(&path.replace("{}", &own.id)).expect(200);
            own.admin.sees_nothing(&other.id, &[("GET", path, json!(null))]);
        }
    }

    fn c002_the_processor_enters_institutions_and_is_a_member_of_none(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        let platform = server.platform();
        assert_eq!(platform.get("/v1/sessions/current").expect(200).json()["institutionId"], json!(null));
        for path in ["/v1/users", "/v1/groups", "/v1/pupils", &format!("/v1/pupils/{pupil}"), "/v1/imports"] {
            platform.get(path).expect(403).problem("forbidden");
        }
    }

    fn institutions_are_listed_page_by_page_in_the_order_of_entry(server: Server) {
        let ids: Vec<_> = (0..3).map(|_| server.school().id).collect();
        let listed = server.platform().list(&format!("{PATH}?limit=2"));
        assert_eq!(listed.iter().map(|item| text(&item["id"])).collect::<Vec<_>>(), ids);
    }

    fn everything_wrong_with_an_institution_is_told_at_once(server: Server) {
        let platform = server.platform();
        platform
            .post(PATH, &json!({
                "kind": "school", "name": " ", "brin": "1", "mailDomains": ["geen domein"],
                "licence": {"products": ["games"], "startDate": "21-11-2026"},
                "administrator": {"firstName": "", "gender": "female", "email": "niemand", "phone": "1"},
                "colour": "red",
            }))
            .refuses(&[
                ("/kind", "not-in-list"),
                ("/name", "empty"),
                ("/brin", "not-a-brin"),
                ("/mailDomains/0", "not-a-domain"),
                ("/contractProfile", "required"),
                ("/licence/products/0", "not-in-list"),
                ("/licence/startDate", "not-a-date"),
                ("/licence/state", "required"),
                ("/administrator/firstName", "empty"),
                ("/administrator/lastName", "required"),
                ("/administrator/email", "not-an-email-address"),
                ("/administrator/phone", "unknown-field"),
                ("/colour", "unknown-field"),
            ]);
        let mut body = new_institution(&new_domain());
        body["licence"] = json!({"products": [], "startDate": "2026-08-01", "endDate": "2026-07-31", "state": "active"});
        body["mailDomains"] = json!(["school.example", "School.example"]);
        platform.post(PATH, &body).refuses(&[
            ("/mailDomains", "repeated"),
            ("/licence/products", "empty"),
            ("/licence/endDate", "before-start"),
            ("/administrator/email", "not-of-the-institution"),
        ]);
        body["mailDomains"] = json!([]);
        assert!(platform.post(PATH, &body).errors().contains(&("/mailDomains".to_owned(), "empty".to_owned())));
    }

    fn c054_the_administrator_has_an_address_of_the_institution(server: Server) {
        let platform = server.platform();
        for address in ["bram@gmail.com", "bram@hotmail.com", "bram@sub.school.example", "bram@school.example.nl"] {
            let mut body = new_institution("school.example");
            body["administrator"]["email"] = json!(address);
            platform.post(PATH, &body).refuses(&[("/administrator/email", "not-of-the-institution")]);
        }
        assert!(platform.list(PATH).is_empty());
    }

    fn c022_an_administrator_has_exactly_the_fields_of_the_contract(server: Server) {
        let mut body = new_institution(&new_domain());
        assert_eq!(keys(&body["administrator"]), ["email", "firstName", "gender", "infix", "lastName"]);
        body["administrator"]["birthDate"] = json!("1980-01-01");
        server.platform().post(PATH, &body).refuses(&[("/administrator/birthDate", "unknown-field")]);
    }

    fn an_institution_is_entered_once_for_a_key_and_an_address_is_taken_once(server: Server) {
        let platform = server.platform();
        let body = new_institution(&new_domain());
        let first = platform.post_once(PATH, &body, "key-1").expect(201);
        assert_eq!(platform.post_once(PATH, &body, "key-1").expect(201).visible(), first.visible());
        platform.post(PATH, &body).refuses(&[("/mailDomains/0", "domain-in-use")]);
        assert_eq!(platform.list(PATH).len(), 1);
    }

    fn an_institution_is_changed_by_the_platform_alone(server: Server) {
        let school = server.school();
        let platform = server.platform();
        let path = format!("{PATH}/{}", school.id);
        let patch = json!({"name": "De Nieuwe Verzinsels", "brin": null, "mailDomains": ["nieuw.example", school.domain]});
        let changed = platform.change(&path, &patch).expect(200);
        assert_eq!(changed.json(), platform.get(&path).json());
        assert_eq!((&changed.json()["name"], &changed.json()["brin"]), (&json!("De Nieuwe Verzinsels"), &json!(null)));
        assert_eq!(changed.json()["mailDomains"], json!(["nieuw.example", school.domain]));
        let mut user = school.new_user(Function::Teacher, &[]);
        user["email"] = json!("fien@nieuw.example");
        school.admin.post("/v1/users", &user).expect(201);
        school.admin.patch(&path, "*", &patch).expect(403).problem("forbidden");
        platform.patch(&path, "*", &json!({"mailDomains": []})).refuses(&[("/mailDomains", "empty")]);
        platform.patch(&path, "*", &json!({"name": null, "id": "x"})).refuses(&[("/name", "null"), ("/id", "unknown-field")]);
        platform.patch(&format!("{PATH}/{ABSENT}"), "*", &patch).expect(404).problem("not-found");
    }

    fn a_licence_is_read_by_both_and_changed_by_the_platform(server: Server) {
        let school = server.school();
        let platform = server.platform();
        let path = format!("{PATH}/{}/licence", school.id);
        let shown = school.admin.get(&path).expect(200);
        let mut read = shown.json();
        let accepted = read["acceptedTerms"].take();
        let services = json!(["overviews", "imports", "api-tokens", "advice"]);
        assert_eq!((&accepted["version"], &accepted["acceptedBy"]), (&read["termsVersion"].take(), &json!(school.admin_id)));
        assert_eq!(
            read,
            json!({"etag": shown.etag(), "products": ["registration"], "services": services, "servicesInUse": services,
                "startDate": "2026-08-01", "endDate": null, "state": "active", "phase": "active", "cancellation": null,
                "destructionOn": null, "destroyedAt": null, "termsVersion": null, "acceptedTerms": null})
        );
        let patch = json!({"products": ["monitoring", "registration"], "endDate": "2027-07-31"});
        let changed = platform.change(&path, &patch).expect(200).json();
        assert_eq!(changed["products"], json!(["registration", "monitoring"]));
        assert_eq!(school.admin.get(&path).expect(200).json(), changed);
        school.admin.patch(&path, "*", &patch).expect(403).problem("forbidden");
        platform.patch(&path, "*", &json!({"endDate": "2026-07-31"})).refuses(&[("/endDate", "before-start")]);
        platform.patch(&path, "*", &json!({"products": []})).refuses(&[("/products", "empty")]);
        let teacher = school.member(Function::Teacher, &[]).client;
        teacher.get(&path).expect(403);
    }

    fn the_first_administrator_can_log_in_after_accepting(server: Server) {
        let domain = new_domain();
        let made = server.platform().post(PATH, &new_institution(&domain)).expect(201).json();
        let anyone = server.anyone();
        anyone.try_log_in(&format!("beheerder@{domain}"), PASSWORD).expect(401);
        groeilijn_tests::school::set_password(&anyone, &format!("beheerder@{domain}"));
        let session = anyone.log_in(&format!("beheerder@{domain}"), PASSWORD).get("/v1/sessions/current").json();
        assert_eq!(session["userId"], made["administratorId"]);
    }
}
