//! The contents I–VI of a notice, and the draft that they fill (C035, C126, C127).

use groeilijn_domain::access::Function;
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::incident::{contents, decide, open_case, reach, report};
use groeilijn_tests::instruction::contact_person;
use serde_json::{Value, json};

fn path(id: &str, what: &str) -> String {
    format!("/v1/incidents/{id}/{what}")
}

fn without(names: &[&str]) -> Value {
    let mut body = contents("system");
    names.iter().for_each(|name| drop(body.as_object_mut().unwrap().remove(*name)));
    body
}

both_databases! {
    fn c126_contents_are_kept_in_versions_as_they_become_known(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        let mut first = without(&["how", "cause", "measures", "affected", "groupLeast", "groupMost", "data"]);
        let items = ["how", "cause", "measures", "affected", "group-size", "data"];
        first["notYetKnown"] = items.into_iter().map(|item| json!({"item": item, "knownOn": "2026-11-23"})).collect();
        school.admin.post(&path(&id, "contents"), &first).expect(201);
        let second = contents("user-error");
        school.admin.post(&path(&id, "contents"), &second).expect(201);
        let kept = school.admin.get(&format!("/v1/incidents/{id}")).expect(200).json();
        assert_eq!((&kept["contentsVersions"], &kept["cause"]), (&json!(2), &json!("user-error")));
        let versions: Vec<_> = kept["records"].as_array().unwrap().iter().map(|record| record["contents"].clone()).collect();
        assert_eq!(versions[0]["notYetKnown"], first["notYetKnown"]);
        for (name, value) in second.as_object().unwrap() {
            assert_eq!(&versions[1][name], value, "{name}");
        }
    }

    fn c126_everything_wrong_with_contents_is_told_at_once(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        let path = path(&id, "contents");
        let mut body = without(&["how", "measures"]);
        body["foundAt"] = json!("2026-11-22T08:00:00Z");
        body["securityParts"] = json!(["integrity", "integrity"]);
        body["groupMost"] = json!(11);
        body["data"] = json!([]);
        body["notYetKnown"] = json!([{"item": "measures", "knownOn": "2026-11-20"}, {"item": "cause", "knownOn": "2026-11-23"}]);
        school.admin.post(&path, &body).refuses(&[
            ("/foundAt", "in-the-future"), ("/securityParts/1", "repeated"), ("/groupMost", "too-small"), ("/data", "empty"),
            ("/how", "required"), ("/notYetKnown/0/knownOn", "in-the-past"), ("/notYetKnown/1/item", "known-already"),
        ]);
        school.admin.post(&path, &json!({"nature": "ramp", "wasRead": "misschien", "affected": [{"group": "buren"}], "data": [{"class": "geheim", "what": ""}]})).refuses(&[
            ("/foundAt", "required"), ("/summary", "required"), ("/nature", "not-in-list"), ("/securityParts", "required"),
            ("/wasRead", "not-in-list"), ("/wasCopied", "required"), ("/wasChanged", "required"), ("/wasDeleted", "required"),
            ("/wasStolen", "required"), ("/affected/0/group", "not-in-list"), ("/affected/0/degree", "required"),
            ("/data/0/class", "not-in-list"), ("/data/0/what", "empty"),
        ]);
        assert_eq!(school.admin.get(&format!("/v1/incidents/{id}")).expect(200).json()["contentsVersions"], 0);
    }

    fn c035_the_kinds_of_data_are_of_the_classes_of_the_contract(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        let mut body = contents("system");
        let classes = ["special-category", "sensitive", "access-identification", "financial", "learning-result", "ordinary"];
        body["data"] = classes.into_iter().map(|class| json!({"class": class, "what": "verzonnen"})).collect();
        let kept = school.admin.post(&path(&id, "contents"), &body).expect(201).json();
        assert_eq!(kept["records"][0]["contents"]["data"], body["data"]);
    }

    fn c126_c127_the_draft_has_everything_in_the_order_of_the_form(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        let draft = || school.admin.get(&path(&id, "authority-draft")).expect(200).json();
        let bare = draft();
        assert_eq!(bare["missing"], json!(["contents", "decision", "contact-person"]));
        let body = String::from_utf8(school.admin.get(&path(&id, "authority-draft")).expect(200).body).unwrap();
        let sections = ["about", "contacts", "timeline", "breach", "personalData", "people", "measuresBefore", "consequences", "followUp", "other"];
        let places: Vec<_> = sections.iter().map(|name| body.find(&format!("\"{name}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "{places:?}");

        contact_person(&school);
        reach(&school.admin, &id, "registered").expect(201);
        let mut known = without(&["data"]);
        known["notYetKnown"] = json!([{"item": "data", "knownOn": "2026-11-23"}]);
        known["consequences"] = json!("Een kind kan herkend worden.");
        school.admin.post(&path(&id, "contents"), &known).expect(201);
        decide(&school.admin, &id, "notify-authority").expect(201);
        let told = draft();
        assert_eq!(told["missing"], json!(["data"]));
        assert_eq!((&told["about"]["by"], &told["about"]["supplements"]), (&json!("institution-user"), &json!(false)));
        assert_eq!(told["about"]["deadline"], "2026-11-24T08:00:00Z");
        assert_eq!((&told["contacts"]["institution"], &told["contacts"]["atProcessor"]), (&json!("Basisschool De Verzinsels"), &json!(true)));
        assert_eq!(told["contacts"]["contactPersons"][0]["email"], "bestuur@school.example");
        assert_eq!((&told["timeline"]["knownAt"], &told["timeline"]["stages"][0]["stage"]), (&json!("2026-11-21T08:00:00Z"), &json!("registered")));
        assert_eq!((&told["people"]["least"], &told["people"]["most"]), (&json!(12), &json!(12)));
        assert_eq!((&told["personalData"], &told["other"]["notYetKnown"][0]["item"]), (&json!(null), &json!("data")));
        assert_eq!(told["consequences"]["text"], "Een kind kan herkend worden.");
        let notice = json!({"step": "notified", "number": "2026-1234"});
        school.admin.post(&path(&id, "notices"), &notice).expect(201);
        let printed = school.admin.call("GET", &path(&id, "printed-authority-draft")).header("Accept", "application/pdf").send().expect(200);
        assert!(printed.body.starts_with(b"%PDF-") && String::from_utf8_lossy(&printed.body).contains("bestuur@school.example"));
        let supplement = draft();
        assert_eq!((&supplement["about"]["supplements"], &supplement["about"]["number"]), (&json!(true), &json!("2026-1234")));
    }

    fn c127_the_draft_is_for_who_handles_the_incident(server: Server) {
        let (school, other) = (server.school(), server.school());
        let teacher = school.member(Function::Teacher, &[]).client;
        let id = report(&teacher);
        for client in [&teacher, &school.member(Function::Management, &[]).client] {
            client.get(&path(&id, "authority-draft")).expect(403);
        }
        other.admin.get(&path(&id, "authority-draft")).expect(404);
        server.platform().get(&path(&id, "authority-draft")).expect(200);
        server.platform().get(&path(ABSENT, "authority-draft")).expect(404);
        let log = server.audit_log(&school.id);
        assert!(log.entries().iter().any(|entry| entry.operation == "readAuthorityDraft"));
    }

    fn c126_c147_who_reported_sees_how_it_goes_on_and_not_what_others_wrote(server: Server) {
        let school = server.school();
        let teacher = school.member(Function::Teacher, &[]).client;
        let id = report(&teacher);
        reach(&school.admin, &id, "registered").expect(201);
        school.admin.post(&path(&id, "contents"), &contents("system")).expect(201);
        let seen = teacher.get(&format!("/v1/incidents/{id}")).expect(200).json();
        assert_eq!((&seen["stage"], &seen["summary"]), (&json!("registered"), &json!("Een laptop is gestolen.")));
        let records = seen["records"].as_array().unwrap();
        assert!(records.len() == 2 && records.iter().all(|record| record["text"].is_null() && record["contents"].is_null()));
    }

    fn c126_the_processor_fills_the_contents_too(server: Server) {
        let (school, platform) = (server.school(), server.platform());
        let (_, incidents) = open_case(&platform, &[&school.id]);
        let kept = platform.post(&path(&incidents[0], "contents"), &contents("system")).expect(201).json();
        assert_eq!(kept["records"][0]["authorKind"], "platform-user");
    }
}
