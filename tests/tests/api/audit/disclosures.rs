//! The register of disclosures to third parties (C046, C047, C148).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::disclosure::ordered;
use serde_json::{Value, json};

use super::{one_entry, recorded};

fn path(institution: &str) -> String {
    format!("/v1/institutions/{institution}/disclosures")
}

/// A body with other members.
fn with(mut body: Value, mut members: Value) -> Value {
    body.as_object_mut().unwrap().append(members.as_object_mut().unwrap());
    body
}

/// The body of a disclosure that a judgment demands.
fn judged() -> Value {
    with(
        ordered(),
        json!({
            "ground": "legal-demand", "order": null, "legalBasis": "Beschikking van de rechtbank.",
            "requesterChecked": "Stien, teruggebeld via de griffie.", "judgment": true, "appealOpen": false,
            "toldOn": "2026-11-19",
        }),
    )
}

both_databases! {
    fn c046_a_disclosure_is_on_record_and_is_found_by_child(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let body = with(ordered(), json!({"everybody": null, "pupilIds": [class.pupil], "userIds": [class.teacher.id]}));
        let entry = one_entry(server, &class.school.id, "recordDisclosure", || {
            let made = admin.post_once(&path(&class.school.id), &body, "verstrekking").expect(201).json();
            assert_eq!((&made["pupilIds"], &made["pupils"]), (&json!([class.pupil]), &json!(1)));
            assert_eq!((&made["recordedBy"], &made["everybody"]), (&json!(class.school.admin_id), &json!(false)));
            assert_eq!(made["ground"], "controller-order");
        });
        assert!(entry.objects.contains(&(ObjectKind::Pupil, class.pupil.clone())));
        let again = admin.post_once(&path(&class.school.id), &body, "verstrekking").expect(201).json();
        assert_eq!(admin.list(&path(&class.school.id)), std::slice::from_ref(&again));
        let one = format!("{}/{}", path(&class.school.id), again["id"].as_str().unwrap());
        assert_eq!(admin.get(&one).expect(200).json(), again);
        let seen = admin.get(&format!("/v1/pupils/{}/access-log", class.pupil)).expect(200).json().to_string();
        assert!(seen.contains("recordDisclosure"));
    }

    fn c046_without_one_of_the_three_grounds_nothing_is_entered(server: Server) {
        let class = server.class();
        let refuses = |members: Value, expected: &[(&str, &str)]| {
            drop(class.school.admin.post(&path(&class.school.id), &with(ordered(), members)).refuses(expected));
        };
        refuses(json!({"ground": "because"}), &[("/ground", "not-in-list")]);
        refuses(json!({"order": null}), &[("/order", "required-for-the-kind")]);
        refuses(json!({"necessity": "Nodig."}), &[("/necessity", "beyond-the-kind")]);
        refuses(
            json!({"ground": "necessary-for-the-service"}),
            &[("/order", "beyond-the-kind"), ("/necessity", "required-for-the-kind")],
        );
        refuses(json!({"everybody": false}), &[("/pupilIds", "empty")]);
        refuses(json!({"classes": []}), &[("/classes", "empty")]);
        refuses(json!({"disclosedAt": "2026-11-22T09:00:00Z"}), &[("/disclosedAt", "in-the-future")]);
        refuses(json!({"pupilIds": [ABSENT], "userIds": [ABSENT]}), &[("/pupilIds/0", "unknown-pupil"), ("/userIds/0", "unknown-user")]);
        refuses(json!({"pupilIds": [class.pupil, class.pupil]}), &[("/pupilIds/1", "repeated")]);
        assert!(class.school.admin.list(&path(&class.school.id)).is_empty());
    }

    fn c047_c148_a_legal_demand_is_checked_before_anything_leaves(server: Server) {
        let class = server.class();
        let (admin, path) = (&class.school.admin, path(&class.school.id));
        let refuses = |members: Value, expected: &[(&str, &str)]| {
            drop(admin.post(&path, &with(judged(), members)).refuses(expected));
        };
        refuses(json!({"appealOpen": null}), &[("/appealOpen", "required-for-the-kind")]);
        refuses(json!({"appealOpen": true}), &[("/appealOpen", "appeal-open")]);
        refuses(json!({"judgment": false}), &[("/appealOpen", "beyond-the-kind")]);
        refuses(
            json!({"legalBasis": null, "requesterChecked": null}),
            &[("/legalBasis", "required-for-the-kind"), ("/requesterChecked", "required-for-the-kind")],
        );
        refuses(json!({"toldOn": null}), &[("/notToldBecause", "reason-required")]);
        refuses(json!({"notToldBecause": "Opsporing."}), &[("/notToldBecause", "was-told")]);
        refuses(json!({"toldOn": "2026-11-22"}), &[("/toldOn", "in-the-future")]);
        let made = admin.post(&path, &judged()).expect(201).json();
        assert_eq!((&made["judgment"], &made["appealOpen"]), (&json!(true), &json!(false)));
        let untold = json!({"toldOn": null, "notToldBecause": "De wet verbiedt het.", "judgment": false, "appealOpen": null});
        admin.post(&path, &with(judged(), untold)).expect(201);
    }

    fn c017_c046_the_processor_enters_one_for_an_institution_and_sees_nobody_by_id(server: Server) {
        let (class, other) = (server.class(), server.class());
        let body = with(ordered(), json!({"everybody": null, "pupilIds": [class.pupil]}));
        for staff in [server.staff(ProcessorFunction::Secretariat), server.platform()] {
            let made = staff.post(&path(&class.school.id), &body).expect(201).json();
            assert_eq!((&made["pupilIds"], &made["pupils"]), (&Value::Null, &json!(1)));
            assert!(!staff.get(&path(&class.school.id)).expect(200).json().to_string().contains(&class.pupil));
        }
        assert_eq!(class.school.admin.list(&path(&class.school.id)).len(), 2);
        let foreign = with(ordered(), json!({"pupilIds": [other.pupil]}));
        server.platform().post(&path(&class.school.id), &foreign).refuses(&[("/pupilIds/0", "unknown-pupil")]);
        server.platform().post(&path(ABSENT), &ordered()).expect(404);
        for client in [
            class.teacher.client.clone(), class.school.member(Function::Management, &[]).client,
            server.staff(ProcessorFunction::Helpdesk), server.staff(ProcessorFunction::Adviser),
        ] {
            client.get(&path(&class.school.id)).expect(403).problem("forbidden");
            client.post(&path(&class.school.id), &ordered()).expect(403).problem("forbidden");
        }
        let absent = [ABSENT, &other.school.id].map(|id| class.school.admin.get(&path(id)).expect(404).visible());
        assert_eq!(absent[0], absent[1]);
        let quiet = recorded(server, &other.school.id, || drop(class.school.admin.list(&path(&class.school.id))));
        assert!(quiet.is_empty());
    }
}
