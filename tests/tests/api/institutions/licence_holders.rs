//! Licence holders (C007, C021).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::{School, both_databases};
use serde_json::{Value, json};

fn path(school: &School) -> String {
    format!("/v1/institutions/{}/licence-holder", school.id)
}

fn body() -> Value {
    json!({
        "firstName": "Toos", "infix": "van", "lastName": "Verzonnen", "address": "Kade 1, 1234 AB Plaats",
        "email": "toos@bestuur.example",
    })
}

both_databases! {
    fn c007_c021_the_secretariat_enters_a_licence_holder_and_the_administrator_sees_her(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        school.admin.get(&path(&school)).expect(404).problem("not-found");
        let before = server.audit_log(&school.id);
        let made = secretariat.post_once(&path(&school), &body(), "een").expect(201);
        assert_eq!(secretariat.post_once(&path(&school), &body(), "een").expect(201).json(), made.json());
        let again = secretariat.post(&path(&school), &body()).expect(409).problem("conflict");
        assert_eq!(again.code(), "already-exists");
        let shown = school.admin.get(&path(&school)).expect(200);
        assert_eq!((shown.json(), shown.etag()), (made.json(), made.etag()));
        for (field, value) in body().as_object().unwrap() {
            assert_eq!(&shown.json()[field], value, "{field}");
        }
        let patch = json!({"infix": null, "email": "ander@bestuur.example"});
        let changed = secretariat.change(&path(&school), &patch).expect(200).json();
        assert_eq!((&changed["infix"], &changed["email"]), (&json!(null), &json!("ander@bestuur.example")));
        assert_eq!(changed["firstName"], "Toos");
        secretariat.patch(&path(&school), &made.etag(), &patch).expect(412);
        let entries = before.added(&server.audit_log(&school.id));
        for operation in ["createLicenceHolder", "readLicenceHolder", "changeLicenceHolder"] {
            let entry = entries.iter().find(|entry| entry.operation == operation);
            let objects = &entry.unwrap_or_else(|| panic!("{operation}")).objects;
            assert!(objects.iter().any(|object| object.0 == ObjectKind::LicenceHolder), "{operation}");
        }
        // She is no user: with her address nobody logs in.
        server.anyone().try_log_in("ander@bestuur.example", groeilijn_tests::accounts::PASSWORD).expect(401);
    }

    /// C021, C031: as little as possible is kept of a customer.
    fn c021_no_other_fields_are_accepted(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let mut wrong = body();
        wrong["phone"] = json!("0101234560");
        wrong["gender"] = json!("female");
        wrong["address"] = json!("");
        wrong["email"] = json!("nergens");
        secretariat.post(&path(&school), &wrong).refuses(&[
            ("/address", "empty"),
            ("/email", "not-an-email-address"),
            ("/gender", "unknown-field"),
            ("/phone", "unknown-field"),
        ]);
        secretariat.post(&path(&school), &json!({})).refuses(&[
            ("/firstName", "required"),
            ("/lastName", "required"),
            ("/address", "required"),
            ("/email", "required"),
        ]);
    }

    fn c021_nobody_else_sees_or_changes_her(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        secretariat.post(&path(&school), &body()).expect(201);
        school.admin.patch(&path(&school), "*", &json!({"address": "Elders"})).expect(403);
        other.admin.get(&path(&school)).expect(404).problem("not-found");
        for function in [Function::Teacher, Function::Management] {
            school.member(function, &[]).client.get(&path(&school)).expect(403).problem("forbidden");
        }
        for function in [ProcessorFunction::Marketing, ProcessorFunction::Adviser, ProcessorFunction::AccountManager] {
            server.staff(function).get(&path(&school)).expect(403).problem("forbidden");
        }
        let nowhere = format!("/v1/institutions/{ABSENT}/licence-holder");
        secretariat.get(&nowhere).expect(404);
        secretariat.post(&nowhere, &body()).expect(404);
        secretariat.patch(&nowhere, "*", &json!({"address": "Elders"})).expect(404);
    }
}
