//! What lapsed, and old bodies of the audit log, end by themselves when their time has come.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::support::ConsentKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_institution, new_pupil};
use groeilijn_tests::support::{allow, ask_about, begin, couple, coupling, request_to_answer};
use groeilijn_tests::{School, both_databases, wait_until};
use serde_json::json;

use super::{count, count_of, log_in_anew};

/// When what was made on 21 November 2026 is gone: tables, and a moment when their rows are.
const LAPSING: &[(&[&str], &str)] = &[
    (&["invitation", "import_part"], "2026-12-24T12:00:00Z"),
    (&["security_event", "api_token"], "2027-11-21T12:00:00Z"),
    // A file that nobody carried out lapses first.
    (&["import"], "2027-12-25T12:00:00Z"),
    (&["support_session"], "2028-11-21T12:00:00Z"),
    (&["support_consent", "coupling"], "2028-11-22T12:00:00Z"),
    (&["support_request", "support_request_pupil"], "2028-12-23T12:00:00Z"),
];

both_databases! {
    fn c108_what_lapsed_is_kept_for_its_term_and_no_longer(server: Server) {
        let class = server.class();
        let (school, admin) = (&class.school, &class.school.admin);
        let token = json!({
            "name": "Controle", "kind": "auditor", "scopes": [{"part": "users", "actions": ["read"]}],
            "expiresOn": "2026-12-31", "currentPassword": PASSWORD,
        });
        let token = text(&admin.post("/v1/api-tokens", &token).expect(201).json()["apiToken"]["id"]);
        admin.call("DELETE", &format!("/v1/api-tokens/{token}")).send().expect(204);
        let file = "voornaam,achternaam,geslacht,geboortedatum\nSem,Bedacht,m,2022-05-04\n";
        admin.call("POST", "/v1/imports?schoolYear=2026-2027").body("text/csv", file.as_bytes()).send().expect(201);
        let consent = allow(server, &class.teacher.client, ConsentKind::Contact);
        class.teacher.client.call("DELETE", &format!("/v1/support-consents/{consent}")).send().expect(204);
        let asked = ask_about(school, &json!({"pupilIds": [class.pupil]}));
        let adviser = server.staff(ProcessorFunction::Adviser);
        begin(&adviser, &request_to_answer(server, school, &asked));
        let other = server.new_staff(ProcessorFunction::Adviser);
        let coupled = couple(server, school, &coupling(school, &other.id));
        admin.call("DELETE", &format!("/v1/couplings/{coupled}")).send().expect(204);
        let strikes = school.member(Function::Teacher, &[]);
        for _ in 0..3 {
            server.anyone().try_log_in(&strikes.email, "Verkeerd-1").expect(401);
        }
        let rows = |table: &str| count(&mut server.raw_data(), &format!("SELECT count(*) AS count FROM {table}"));
        for (tables, gone) in LAPSING {
            for table in *tables {
                assert!(rows(table) > 0, "{table} before {gone}");
            }
            server.clock.set(gone);
            wait_until(|| tables.iter().all(|table| rows(table) == 0));
        }
        let log = server.audit_log(&school.id);
        log.check();
        let forgotten = log.entries().iter().filter(|entry| entry.operation == "forgetLapsed").count();
        assert!(forgotten >= 6, "{forgotten}");
        let ended = "SELECT count(*) AS count FROM subject_key WHERE subject_id = $1 AND destroyed_at IS NOT NULL";
        wait_until(|| count_of(&mut server.installation().raw_keys(), ended, &asked) == 1);
    }

    fn c089_bodies_of_entries_end_after_two_years_and_leaves_stay(server: Server) {
        // The platform's second factor does not go back in time.
        server.platform();
        server.clock.set("2024-01-15T09:00:00Z");
        let mut body = new_institution("oude-school.example");
        body["licence"]["startDate"] = json!("2023-08-01");
        let school = School::entered(&server.anyone(), "oude-school.example", &body);
        let pupil = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        // Or the child would go, which is in no group.
        school.admin.change("/v1/retention/policy", &json!({"monthsAfterLeaving": 60})).expect(200);
        let before = server.audit_log(&school.id).entries().len();
        assert!(before > 5);
        // The databases go by clocks of their own, so the entry that stays is of their present.
        server.clock.set("2026-11-22T09:00:00Z");
        let admin = log_in_anew(server, "beheerder@oude-school.example");
        admin.get(&format!("/v1/pupils/{pupil}")).expect(200);
        let of_school = |condition: &str| {
            let query = format!("SELECT count(*) AS count FROM audit_entry WHERE institution_id = $1 AND {condition}");
            count_of(&mut server.raw_data(), &query, &school.id)
        };
        wait_until(|| of_school("occurred_at IS NULL") == i64::try_from(before).unwrap());
        assert_eq!(of_school("occurred_at IS NULL AND objects IS NULL AND detail IS NULL AND address IS NULL"),
            i64::try_from(before).unwrap());
        wait_until(|| of_school("operation = 'endAuditBodies' AND actor_kind = 'system'") == 1);
        assert!(of_school("operation = 'readPupil'") == 1, "what is younger stays");
        server.audit_log(&school.id).check();
        // Their places in the log are shown all the same.
        let ended = admin.list("/v1/audit-entries?until=2024-02-01T00:00:00Z");
        assert_eq!(ended.len(), before);
        assert!(ended.iter().all(|entry| entry["operation"].is_null() && !entry["leafHash"].is_null()));
        let named = "SELECT count(*) AS count FROM audit_object o WHERE institution_id = $1 AND NOT EXISTS \
            (SELECT 1 FROM audit_entry e WHERE e.institution_id = o.institution_id AND e.sequence = o.sequence \
            AND e.objects IS NOT NULL)";
        assert_eq!(count_of(&mut server.raw_data(), named, &school.id), 0);
        // It is found again with nothing to do, and the log goes on.
        admin.get(&format!("/v1/pupils/{pupil}")).expect(200);
        server.audit_log(&school.id).check();
    }
}
