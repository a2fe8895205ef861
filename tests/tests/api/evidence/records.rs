//! Evidence records: only added, seen by whom they concern, and what clauses rest on.

use diesel::sql_query;
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::{Client, School, Server, both_databases};
use serde_json::{Value, json};

const PATH: &str = "/v1/evidence-records";

/// The body of a record of this kind, for these clauses and an institution or all, that a new member of staff answers for.
pub(crate) fn evidence(server: &Server, kind: &str, clauses: &[&str], institution: Option<&str>) -> Value {
    let owner = server.new_staff(ProcessorFunction::Secretariat).id;
    evidence_of(&owner, kind, clauses, institution)
}

/// The same, that this member of staff answers for.
pub(crate) fn evidence_of(owner: &str, kind: &str, clauses: &[&str], institution: Option<&str>) -> Value {
    json!({
        "kind": kind, "title": "Verslag van het najaar", "datedOn": "2026-11-10", "validUntil": "2026-12-31",
        "documentSha256": "ab".repeat(32), "documentBytes": 481_230, "outcome": "in-order", "ownerId": owner,
        "reviewOn": "2027-01-31", "clauseIds": clauses, "institutionId": institution,
    })
}

fn clause(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/compliance/clauses/{id}")).expect(200).json()
}

fn log_in(server: &Server, school: &School) -> Client {
    server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD)
}

both_databases! {
    fn c018_c091_a_measure_has_an_owner_a_day_of_review_and_the_digest_of_its_document(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let mut body = evidence(server, "statement-on-measures", &["C018", "C091"], None);
        body["institutionId"] = json!(school.id);
        let log = server.audit_log(&school.id);
        let made = secretariat.post_once(PATH, &body, "verklaring").expect(201);
        assert_eq!(secretariat.post_once(PATH, &body, "verklaring").expect(201).json(), made.json());
        let shown = school.admin.get(made.header("Location")).expect(200).json();
        assert_eq!(shown, made.json());
        for (field, value) in body.as_object().unwrap() {
            assert_eq!(&shown[field], value, "{field}");
        }
        assert_eq!((&shown["inForce"], &shown["replacedById"]), (&json!(true), &Value::Null));
        let told = log.added(&server.audit_log(&school.id));
        let of_record = told.iter().filter(|entry| entry.operation == "recordEvidence").collect::<Vec<_>>();
        assert_eq!(of_record[0].objects, [(ObjectKind::EvidenceRecord, made.id())]);
        other.admin.get(made.header("Location")).expect(404).problem("not-found");
        assert!(other.admin.list(PATH).is_empty());
        assert_eq!(school.admin.list(PATH), [shown]);
    }

    fn c082_scans_and_tests_are_on_record_and_a_later_one_takes_the_place_of_an_earlier_one(server: Server) {
        let school = server.school();
        let platform = server.platform();
        let first = platform.post(PATH, &evidence(server, "penetration-test", &["C082"], None)).expect(201);
        let mut body = evidence(server, "penetration-test", &["C082"], None);
        body["replacesId"] = json!(first.id());
        let second = platform.post(PATH, &body).expect(201);
        let shown = school.admin.get(first.header("Location")).expect(200).json();
        assert_eq!((&shown["inForce"], &shown["replacedById"]), (&json!(false), &json!(second.id())));
        assert_eq!(second.json()["replacesId"], json!(first.id()));
        platform.post(PATH, &body).refuses(&[("/replacesId", "already-replaced")]);
        let mut scan = evidence(server, "vulnerability-scan", &["C082"], None);
        scan["replacesId"] = json!(second.id());
        platform.post(PATH, &scan).refuses(&[("/replacesId", "not-of-the-kind")]);
        let kinds = |kind: &str| school.admin.list(&format!("{PATH}?limit=1&kind={kind}")).len();
        assert_eq!((kinds("penetration-test"), kinds("vulnerability-scan")), (2, 0));
    }

    fn c082_a_clause_rests_on_a_record_of_every_kind_that_it_needs_as_long_as_each_is_in_force(server: Server) {
        let school = server.school();
        let platform = server.platform();
        let state = |client: &Client| clause(client, "C082")["state"].clone();
        assert_eq!(state(&school.admin), "open");
        for (kind, after) in [("penetration-test", "partly"), ("vulnerability-scan", "partly"), ("security-test", "met")] {
            let made = platform.post(PATH, &evidence(server, kind, &["C082"], None)).expect(201);
            let told = clause(&school.admin, "C082");
            assert_eq!(told["state"], after, "{kind}");
            assert!(told["records"].as_array().unwrap().iter().any(|record| record["id"] == json!(made.id())));
            let missing = told["missing"].as_str().unwrap_or_default();
            assert!(!missing.contains(kind) && (missing.contains("security-test") || after == "met"), "{missing}");
        }
        let open = |state: &str| {
            let listed = school.admin.list(&format!("/v1/compliance/clauses?state={state}&kind=evidence"));
            listed.iter().any(|listed| listed["id"] == "C082")
        };
        assert_eq!((open("open"), open("met")), (false, true));
        // Their last day is over: nothing proves it any more.
        server.clock.set("2026-12-31T22:59:00Z");
        assert_eq!(state(&log_in(server, &school)), "met");
        server.clock.set("2026-12-31T23:00:00Z");
        assert_eq!(state(&log_in(server, &school)), "open");
    }

    fn a_record_that_was_not_in_order_or_names_another_clause_proves_nothing(server: Server) {
        let school = server.school();
        let mut bad = evidence(server, "risk-matrix", &["C083"], None);
        bad["outcome"] = json!("not-in-order");
        let platform = server.platform();
        assert_eq!(platform.post(PATH, &bad).expect(201).json()["inForce"], false);
        platform.post(PATH, &evidence(server, "risk-matrix", &["C084"], None)).expect(201);
        platform.post(PATH, &evidence(server, "certificate", &["C083"], None)).expect(201);
        let told = clause(&school.admin, "C083");
        assert_eq!((&told["state"], told["records"].as_array().unwrap().len()), (&json!("open"), 2));
        // The newest document of a kind decides.
        for (dated_on, outcome, state) in [("2026-11-12", "in-order", "met"), ("2026-11-14", "not-in-order", "open")] {
            let mut newer = evidence(server, "risk-matrix", &["C083"], None);
            (newer["datedOn"], newer["outcome"]) = (json!(dated_on), json!(outcome));
            platform.post(PATH, &newer).expect(201);
            assert_eq!(clause(&school.admin, "C083")["state"], state);
        }
    }

    fn what_concerns_one_institution_proves_nothing_to_another(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let mut body = evidence(server, "impact-assessment", &["C087"], None);
        body["institutionId"] = json!(school.id);
        server.platform().post(PATH, &body).expect(201);
        assert_eq!(clause(&school.admin, "C087")["state"], "met");
        assert_eq!(clause(&other.admin, "C087")["state"], "open");
        assert_eq!(clause(&other.admin, "C087")["records"], json!([]));
        assert_eq!(clause(&server.platform(), "C087")["state"], "open");
    }

    fn everything_wrong_with_a_record_is_told_at_once(server: Server) {
        let platform = server.platform();
        platform.post(PATH, &json!({"kind": "hope", "title": "", "documentBytes": -1, "colour": "green"})).refuses(&[
            ("/kind", "not-in-list"), ("/title", "empty"), ("/datedOn", "required"), ("/documentSha256", "required"),
            ("/documentBytes", "out-of-range"), ("/outcome", "required"), ("/ownerId", "required"),
            ("/reviewOn", "required"), ("/clauseIds", "required"), ("/colour", "unknown-field"),
        ]);
        let mut body = evidence(server, "equipment", &["C153", "C153", "C200"], None);
        body["datedOn"] = json!("2026-11-22");
        body["validUntil"] = json!("2026-11-21");
        body["reviewOn"] = json!("2026-11-20");
        body["documentBytes"] = json!(0);
        platform.post(PATH, &body).refuses(&[
            ("/datedOn", "in-the-future"), ("/validUntil", "before-start"), ("/documentBytes", "out-of-range"),
            ("/reviewOn", "in-the-past"), ("/clauseIds/1", "repeated"), ("/clauseIds/2", "unknown-clause"),
        ]);
        let good = evidence(server, "equipment", &["C153"], None);
        for (field, value, code) in [
            ("ownerId", ABSENT, "unknown-user"), ("institutionId", ABSENT, "unknown-institution"),
            ("replacesId", ABSENT, "unknown-record"),
        ] {
            let mut body = good.clone();
            body[field] = json!(value);
            platform.post(PATH, &body).refuses(&[(&format!("/{field}"), code)]);
        }
        platform.get(&format!("{PATH}/{ABSENT}")).expect(404);
        assert!(platform.list(PATH).is_empty());
    }

    fn the_processor_records_and_administrators_read(server: Server) {
        let class = server.class();
        let body = evidence(server, "certificate", &["C093"], None);
        let made = server.platform().post(PATH, &body).expect(201);
        let others = [
            class.teacher.client.clone(), class.school.member(Function::Management, &[]).client,
            server.staff(ProcessorFunction::Helpdesk),
        ];
        for client in &others {
            client.get(PATH).expect(403);
            client.get(made.header("Location")).expect(403);
        }
        for client in others.iter().chain([&class.school.admin]) {
            client.post(PATH, &body).expect(403).problem("forbidden");
        }
    }

    fn the_databases_refuse_to_change_a_record_or_take_it_away(server: Server) {
        server.platform().post(PATH, &evidence(server, "certificate", &["C093"], None)).expect(201);
        for statement in ["UPDATE evidence_record SET title = 'x'", "DELETE FROM evidence_record"] {
            assert!(sql_query(statement).execute(&mut server.raw_data()).is_err(), "{statement}");
        }
    }
}
