//! Users of an institution.

mod groups;
mod locations;
mod rights;

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_group;
use serde_json::{Value, json};

const PATH: &str = "/v1/users";

both_databases! {
    fn c005_every_function_can_be_given(server: Server) {
        let school = server.school();
        for function in Function::ALL {
            let made = school.admin.post(PATH, &school.new_user(function, &[])).expect(201);
            let read = school.admin.get(made.header("Location")).expect(200);
            assert_eq!(read.json()["function"], function.code());
            assert_eq!((read.json(), read.etag()), (made.json()["user"].clone(), made.etag()));
        }
        let mut unknown = school.new_user(Function::Teacher, &[]);
        unknown["function"] = json!("platform-administrator");
        school.admin.post(PATH, &unknown).refuses(&[("/function", "not-in-list")]);
    }

    fn c006_only_the_administrator_enters_users_and_groups_and_gives_access(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        for function in Function::ALL {
            let member = school.member(function, &[&group]);
            let status = if function == Function::Administrator { 201 } else { 403 };
            member.client.post(PATH, &school.new_user(Function::Teacher, &[])).expect(status);
            member.client.post("/v1/groups", &new_group("De Vlinders")).expect(status);
            if function != Function::Administrator {
                let own = format!("{PATH}/{}", member.id);
                member.client.patch(&own, "*", &json!({"function": "administrator"})).expect(403);
            }
        }
    }

    /// C022, C031: as little as possible is kept of a user.
    fn c022_a_user_has_exactly_the_fields_of_the_contract(server: Server) {
        let school = server.school();
        let made = school.admin.post(PATH, &school.new_user(Function::Teacher, &[])).expect(201).json();
        let fields: Vec<_> = made["user"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            fields,
            ["addressDue", "addressException", "createdAt", "email", "etag", "firstName", "function", "gender", "groupIds",
                "groups", "id", "infix", "lastDay", "lastName", "locations", "rights", "state"]
        );
        for field in ["phone", "birthDate", "address", "bsn", "first_name", "id", "state"] {
            let mut body = school.new_user(Function::Teacher, &[]);
            body[field] = json!("x");
            school.admin.post(PATH, &body).refuses(&[(&format!("/{field}"), "unknown-field")]);
        }
    }

    fn c055_a_user_has_an_address_of_the_institution(server: Server) {
        let [school, other] = [server.school(), server.school()];
        for domain in ["gmail.com", "hotmail.com", &other.domain, &format!("sub.{}", school.domain)] {
            let mut body = school.new_user(Function::Teacher, &[]);
            body["email"] = json!(format!("fien@{domain}"));
            school.admin.post(PATH, &body).refuses(&[("/email", "not-of-the-institution")]);
        }
        assert_eq!(school.admin.list(PATH).len(), 1);
    }

    fn c030_a_citizen_service_number_is_refused_in_every_field(server: Server) {
        let school = server.school();
        for field in ["firstName", "infix", "lastName"] {
            let mut body = school.new_user(Function::Teacher, &[]);
            body[field] = json!("x 111222333");
            school.admin.post(PATH, &body).refuses(&[(&format!("/{field}"), "bsn")]);
        }
        let mut body = school.new_user(Function::Teacher, &[]);
        body["email"] = json!(format!("111222333@{}", school.domain));
        school.admin.post(PATH, &body).refuses(&[("/email", "bsn")]);
    }

    fn everything_wrong_with_a_user_is_told_at_once(server: Server) {
        let school = server.school();
        let body = json!({
            "firstName": "x".repeat(201), "infix": "", "lastName": "a\u{7}b", "gender": "vrouw", "email": "a@b",
            "groupIds": ["x", 1], "password": "Geheim-123",
        });
        school.admin.post(PATH, &body).refuses(&[
            ("/firstName", "too-long"),
            ("/infix", "empty"),
            ("/lastName", "control-character"),
            ("/gender", "not-in-list"),
            ("/email", "not-a-domain"),
            ("/function", "required"),
            ("/groupIds/0", "not-a-uuid"),
            ("/groupIds/1", "not-a-string"),
            ("/password", "unknown-field"),
        ]);
        let foreign = server.school().group("De Rupsen");
        let own = school.group("De Rupsen");
        for unknown in [ABSENT, &foreign] {
            let body = school.new_user(Function::Teacher, &[&own, unknown]);
            school.admin.post(PATH, &body).refuses(&[("/groupIds/1", "unknown-group")]);
        }
    }

    fn an_address_is_one_account(server: Server) {
        let school = server.school();
        let mut body = school.new_user(Function::Teacher, &[]);
        school.admin.post(PATH, &body).expect(201);
        body["email"] = json!(text(&body["email"]).to_uppercase());
        assert_eq!(school.admin.post(PATH, &body).expect(409).problem("conflict").code(), "already-a-user");
    }

    fn users_are_listed_page_by_page_in_the_order_of_entry(server: Server) {
        let school = server.school();
        let user = |_| school.admin.post(PATH, &school.new_user(Function::Teacher, &[])).expect(201).json();
        let made: Vec<_> = (0..4).map(user).collect();
        let expected = [school.admin_id.clone()].into_iter().chain(made.iter().map(|made| text(&made["user"]["id"])));
        let listed = school.admin.list(&format!("{PATH}?limit=2"));
        assert_eq!(listed.iter().map(|user| text(&user["id"])).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        assert_eq!(listed[1], made[0]["user"]);
    }

    fn a_change_takes_effect_on_the_next_request(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let member = school.member(Function::Teacher, &[&rupsen]);
        let path = format!("{PATH}/{}", member.id);
        let own = || member.client.list("/v1/groups").iter().map(|group| text(&group["id"])).collect::<Vec<_>>();
        assert_eq!(own(), [rupsen.as_str()]);
        school.admin.change(&path, &json!({"groupIds": [vlinders], "reason": "Ruilt van groep."})).expect(200);
        assert_eq!(own(), [vlinders.as_str()]);
        school.admin.change(&path, &json!({"function": "administrator", "reason": "Vervangt."})).expect(200);
        member.client.get("/v1/groups").expect(401).problem("unauthenticated");
        let again = server.anyone().log_in(&member.email, PASSWORD);
        assert_eq!(again.list("/v1/groups").len(), 2);
        school.admin.change(&path, &json!({"state": "blocked", "reason": "Weg."})).expect(200);
        again.get("/v1/groups").expect(401).problem("unauthenticated");
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401);
    }

    fn a_patch_changes_what_it_names_and_never_the_address(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let made = school.admin.post(PATH, &school.new_user(Function::Teacher, &[&group])).expect(201);
        let path = made.header("Location");
        let patch = json!({"firstName": "Guusje", "infix": null, "gender": "other"});
        let changed = school.admin.change(path, &patch).expect(200);
        let mut expected = made.json()["user"].clone();
        for (field, value) in patch.as_object().unwrap() {
            expected[field] = value.clone();
        }
        expected["etag"] = json!(changed.etag());
        assert_eq!(changed.json(), expected);
        assert_eq!(school.admin.get(path).expect(200).json(), expected);
        let again = school.admin.patch(path, "*", &json!({})).expect(200);
        expected["etag"] = json!(again.etag());
        assert_eq!(again.json(), expected);
        school
            .admin
            .patch(path, "*", &json!({"email": "a@b.example", "lastName": null, "state": "deleted"}))
            .refuses(&[("/email", "unknown-field"), ("/lastName", "null"), ("/state", "not-in-list")]);
        school.admin.change(path, &json!({"state": "active"})).expect(200);
        assert_eq!(school.admin.get(path).json()["state"], "invited");
    }

    fn the_last_administrator_stays_one(server: Server) {
        let school = server.school();
        let path = format!("{PATH}/{}", school.admin_id);
        let stops = [
            json!({"function": "teacher", "reason": "x"}),
            json!({"state": "blocked", "reason": "x"}),
            json!({"lastDay": "2026-12-31", "reason": "x"}),
        ];
        for patch in stops {
            let refused = school.admin.change(&path, &patch).expect(409).problem("conflict");
            assert_eq!(refused.code(), "last-administrator");
        }
        let invited = school.admin.post(PATH, &school.new_user(Function::Administrator, &[])).expect(201);
        assert_eq!(invited.json()["user"]["state"], "invited");
        school.admin.change(&path, &json!({"state": "blocked", "reason": "x"})).expect(409);
        let second = school.member(Function::Administrator, &[]).client;
        second.change(&path, &json!({"state": "blocked", "reason": "x"})).expect(200);
        school.admin.get(PATH).expect(401);
    }

    fn a_foreign_user_looks_like_an_absent_one(server: Server) {
        let [school, other] = [server.school(), server.school()];
        school.admin.sees_nothing(&other.admin_id, &[
            ("GET", "/v1/users/{}", json!(null)),
            ("PATCH", "/v1/users/{}", json!({"state": "blocked"})),
            ("POST", "/v1/users/{}/invitations", json!(null)),
        ]);
        other.admin.get(PATH).expect(200);
    }

    fn c063_no_reply_shows_the_token_of_an_invitation(server: Server) {
        let school = server.school();
        let made = school.admin.post(PATH, &school.new_user(Function::Teacher, &[])).expect(201).json();
        let token = server.anyone().mailbox().token(&text(&made["user"]["email"]));
        assert!(!made.to_string().contains(&token));
        for path in [PATH.to_owned(), format!("{PATH}/{}", text(&made["user"]["id"]))] {
            let shown: Value = school.admin.get(&path).expect(200).json();
            assert!(!shown.to_string().contains(&token));
        }
    }
}
