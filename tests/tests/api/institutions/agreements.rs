//! What institutions agree upon, and what binds them on a day (C139, C140, C149).

use diesel::sql_query;
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Reply, School, both_databases};
use serde_json::{Value, json};

fn path(school: &School) -> String {
    format!("/v1/institutions/{}/agreements", school.id)
}

fn decide(client: &Client, school: &School, id: &str, what: &str) -> Reply {
    client.call("POST", &format!("{}/{id}/{what}", path(school))).send()
}

/// The subjects of what binds a school on a day, each with what tells its versions apart.
fn bound(client: &Client, school: &School, on: &str) -> Vec<(String, Value)> {
    let mut found: Vec<_> = client
        .list(&format!("{}?on={on}", path(school)))
        .into_iter()
        .map(|one| {
            let what =
                ["version", "documentId", "contractProfile"].into_iter().find(|name| !one[*name].is_null());
            (text(&one["subject"]), one[what.unwrap()].clone())
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn publish(secretariat: &Client, version: &str) -> String {
    let body = json!({
        "kind": "product-annex", "version": version, "language": "nl",
        "summary": "De thuistaal mag worden vastgelegd.", "text": "Bijsluiter.",
    });
    secretariat.post("/v1/contract-documents", &body).expect(201).id()
}

both_databases! {
    fn c139_c140_a_document_binds_from_the_day_on_which_it_was_accepted(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let [first, second] = ["1", "2"].map(|version| publish(&secretariat, version));
        let deviation = json!({"provision": "artikel 7.2", "agreed": "binnen een dag", "reason": "Beleid."});
        let proposed = json!({"documentId": first, "deviations": [deviation]});
        let made = secretariat.post_once(&path(&school), &proposed, "een").expect(201);
        assert_eq!(secretariat.post_once(&path(&school), &proposed, "een").expect(201).json(), made.json());
        assert_eq!((&made.json()["accepted"], &made.json()["deviations"]), (&json!(null), &json!([deviation])));
        let email = format!("beheerder@{}", school.domain);
        server.anyone().mailbox().wait_for(&email, "De thuistaal mag worden vastgelegd.", 1);
        let start = vec![("parts".to_owned(), json!("2026-1")), ("terms".to_owned(), json!("2026-1"))];
        assert_eq!(bound(&school.admin, &school, "2026-11-21"), start);
        assert_eq!(bound(&school.admin, &school, "2026-11-20"), []);

        let accepted = decide(&school.admin, &school, &made.id(), "_accept").expect(200).json();
        assert_eq!((&accepted["accepted"], &accepted["decidedBy"]), (&json!(true), &json!(school.admin_id)));
        let again = decide(&school.admin, &school, &made.id(), "_refuse").expect(409).problem("conflict");
        assert_eq!(again.code(), "already-decided");
        let with = |document: &str| [vec![("document".to_owned(), json!(document))], start.clone()].concat();
        assert_eq!(bound(&school.admin, &school, "2026-11-21"), with(&first));

        let later = secretariat.post(&path(&school), &json!({"documentId": second})).expect(201).id();
        // In Amsterdam this is 1 December.
        server.clock.set("2026-11-30T23:30:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        assert_eq!(bound(&secretariat, &school, "2026-12-01"), with(&first));
        decide(&admin, &school, &later, "_accept").expect(200);
        assert_eq!(bound(&secretariat, &school, "2026-11-30"), with(&first));
        assert_eq!(bound(&admin, &school, "2026-12-01"), with(&second));
        assert_eq!(admin.list(&path(&school)).len(), 4);
    }

    fn c140_another_contract_profile_holds_when_the_administrator_accepted_it_and_not_before(server: Server) {
        let school = server.school();
        let platform = server.platform();
        let institution = format!("/v1/institutions/{}", school.id);
        let patch = json!({"contractProfile": "basisonline"});
        platform.change(&institution, &patch).refuses(&[("/contractProfile", "needs-acceptance")]);
        platform.change(&institution, &json!({"contractProfile": "kijk"})).expect(200);
        let body = json!({"contractProfile": "basisonline", "summary": "Twee maanden in plaats van drie."});
        let [refused, accepted] = [0; 2].map(|_| platform.post(&path(&school), &body).expect(201).id());
        let profile = || school.admin.get(&institution).expect(200).json()["contractProfile"].clone();
        decide(&school.admin, &school, &refused, "_refuse").expect(200);
        assert_eq!(profile(), "kijk");
        decide(&school.admin, &school, &accepted, "_accept").expect(200);
        assert_eq!(profile(), "basisonline");
        let entries = server.audit_log(&school.id).entries().iter().map(|entry| entry.operation.clone()).collect::<Vec<_>>();
        for operation in ["proposeAgreement", "refuseAgreement", "acceptAgreement"] {
            assert!(entries.iter().any(|one| one == operation), "{operation}");
        }
    }

    fn c149_it_is_on_record_that_the_parts_were_told_before_the_terms_were_accepted(server: Server) {
        let school = server.school();
        let all = school.admin.list(&path(&school));
        let subjects: Vec<_> = all.iter().map(|one| (text(&one["subject"]), text(&one["version"]))).collect();
        let version = || "2026-1".to_owned();
        assert_eq!(subjects, [("parts".to_owned(), version()), ("terms".to_owned(), version())]);
        for one in &all {
            assert_eq!((&one["accepted"], &one["decidedBy"]), (&json!(true), &json!(school.admin_id)));
            assert!(text(&one["decidedAt"]).starts_with("2026-11-21T09:00:0"));
        }
    }

    fn c004_an_acceptance_from_before_is_put_down_with_the_next_one(server: Server) {
        let school = server.school();
        let mut raw = server.raw_data();
        for statement in ["DELETE FROM agreement", "UPDATE licence SET terms_version = '2025-1'"] {
            sql_query(statement).execute(&mut raw).unwrap();
        }
        server.clock.advance(jiff::SignedDuration::from_mins(1));
        groeilijn_tests::school::accept_terms(&school.admin, &school.id);
        let versions: Vec<_> = school
            .admin
            .list(&path(&school))
            .iter()
            .map(|one| (text(&one["subject"]), text(&one["version"])))
            .collect();
        let expected = [("terms", "2025-1"), ("parts", "2026-1"), ("terms", "2026-1")];
        assert_eq!(versions, expected.map(|(subject, version)| (subject.to_owned(), version.to_owned())));
    }

    fn what_is_wrong_with_a_proposal_is_named(server: Server) {
        let school = server.school();
        let platform = server.platform();
        let document = publish(&platform, "1");
        let propose = |body: &Value| platform.post(&path(&school), body);
        propose(&json!({})).refuses(&[("/documentId", "required-for-the-kind")]);
        propose(&json!({"contractProfile": "kijk"})).refuses(&[("/summary", "required-for-the-kind")]);
        propose(&json!({"documentId": document, "contractProfile": "kijk"}))
            .refuses(&[("/contractProfile", "not-beside-a-document")]);
        propose(&json!({"documentId": document, "summary": "x"})).refuses(&[("/summary", "not-beside-a-document")]);
        propose(&json!({"contractProfile": "kijk", "summary": "x", "deviations": []}))
            .refuses(&[("/deviations", "not-beside-a-profile")]);
        propose(&json!({"documentId": document, "deviations": [{"provision": "1", "agreed": "x"}]}))
            .refuses(&[("/deviations/0/reason", "required")]);
        propose(&json!({"documentId": groeilijn_tests::client::ABSENT})).refuses(&[("/documentId", "unknown-document")]);
        school.admin.get(&format!("{}?on=gisteren", path(&school))).expect(400);
    }

    fn c140_only_an_administrator_of_the_institution_decides(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let body = json!({"contractProfile": "basisonline", "summary": "Twee maanden in plaats van drie."});
        let made = server.platform().post(&path(&school), &body).expect(201).id();
        decide(&school.member(Function::Management, &[]).client, &school, &made, "_accept").expect(403);
        decide(&server.staff(ProcessorFunction::Secretariat), &school, &made, "_accept").expect(403);
        decide(&other.admin, &school, &made, "_accept").expect(404);
        decide(&other.admin, &other, &made, "_accept").expect(404);
        other.admin.get(&path(&school)).expect(404);
        school.admin.post(&path(&school), &body).expect(403);
        decide(&school.admin, &school, &made, "_accept").expect(200);
    }
}
