//! Audits of the processor: by their stages, each confirmed by the other party, for the two parties alone.

use diesel::sql_query;
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::{Client, Reply, School, both_databases};
use serde_json::{Value, json};

use crate::audit::one_entry;

/// Has a school ask for an audit on the first day that it may, and gives the audit's id.
pub(crate) fn ask_for_audit(school: &School) -> String {
    school.admin.post(&audits_of(school), &asked("2026-12-21")).expect(201).id()
}

fn audits_of(school: &School) -> String {
    format!("/v1/institutions/{}/audits", school.id)
}

fn asked(on: &str) -> Value {
    json!({"auditOn": on, "documentSha256": "ab".repeat(32), "documentBytes": 18_204})
}

fn reported(on: &str, major_faults: bool) -> Value {
    json!({"reportedOn": on, "documentSha256": "cd".repeat(32), "documentBytes": 512_000, "majorFaults": major_faults})
}

fn agreed(paid_by: &str) -> Value {
    json!({"dueOn": "2027-05-01", "documentSha256": "ef".repeat(32), "documentBytes": 9_600, "paidBy": paid_by})
}

fn take(client: &Client, audit: &str, step: &str, body: &Value) -> Reply {
    client.post(&format!("/v1/audits/{audit}/{step}"), body)
}

fn confirm(client: &Client, audit: &str, kind: &str) -> Reply {
    take(client, audit, "_confirm", &json!({ "kind": kind }))
}

/// An audit of which the plan is agreed.
fn planned(school: &School, secretariat: &Client) -> String {
    let id = ask_for_audit(school);
    take(secretariat, &id, "_plan", &asked("2026-12-21")).expect(200);
    confirm(&school.admin, &id, "plan-agreed").expect(200);
    id
}

both_databases! {
    fn c092_an_audit_is_asked_for_planned_reported_and_followed_up(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let mut id = String::new();
        let entry = one_entry(server, &school.id, "requestAudit", || id = ask_for_audit(&school));
        assert_eq!(entry.objects, [(ObjectKind::Audit, id.clone())]);
        let again = school.admin.post_once(&audits_of(&school), &asked("2027-01-11"), "audit").expect(201);
        assert_eq!(school.admin.post_once(&audits_of(&school), &asked("2027-01-11"), "audit").expect(201).json(), again.json());
        take(&secretariat, &id, "_plan", &asked("2027-01-18")).expect(200);
        confirm(&school.admin, &id, "plan-agreed").expect(200);
        take(&school.admin, &id, "_report", &reported("2026-11-21", false)).expect(200);
        confirm(&secretariat, &id, "report-seen").expect(200);
        let done = take(&secretariat, &id, "_follow-up", &agreed("institution")).expect(200).json();
        let stages: Vec<_> = done["stages"].as_array().unwrap().iter().map(|stage| stage["stage"].clone()).collect();
        assert_eq!(stages, ["requested", "planned", "reported", "followed-up"]);
        assert_eq!((&done["stage"], &done["institutionId"]), (&json!("followed-up"), &json!(school.id)));
        let report = &done["stages"][2];
        assert_eq!((&report["documentSha256"], &report["documentBytes"]), (&json!("cd".repeat(32)), &json!(512_000)));
        assert_eq!((&report["majorFaults"], &report["recordedBy"]), (&json!(false), &json!(school.admin_id)));
        let parties: Vec<_> = done["stages"].as_array().unwrap().iter().map(|stage| stage["party"].clone()).collect();
        assert_eq!(parties, ["institution", "processor", "institution", "processor"]);
        for client in [&school.admin, &secretariat, &server.platform()] {
            assert_eq!(client.get(&format!("/v1/audits/{id}")).expect(200).json(), done);
            assert_eq!(client.list(&format!("{}?limit=1", audits_of(&school))), [done.clone(), again.json()]);
        }
    }

    fn c092_notice_is_given_and_no_stage_is_skipped_or_taken_twice(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        school.admin.post(&audits_of(&school), &asked("2026-12-20")).refuses(&[("/auditOn", "too-early")]);
        let id = ask_for_audit(&school);
        let steps = [
            ("_plan", asked("2027-01-18")), ("_report", reported("2026-11-21", false)), ("_follow-up", agreed("shared")),
        ];
        for next in 0..=steps.len() {
            for (number, (step, body)) in steps.iter().enumerate() {
                if number != next {
                    let refused = take(&secretariat, &id, step, body).expect(409).problem("conflict");
                    assert_eq!(refused.code(), "not-the-next-step", "{step} at {next}");
                }
            }
            if let Some((step, body)) = steps.get(next) {
                take(&secretariat, &id, step, body).expect(200);
                confirm(&school.admin, &id, ["plan-agreed", "report-seen", "follow-up-agreed"][next]).expect(200);
            }
        }
    }

    fn c092_no_party_makes_up_an_audit_alone(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let refused = |reply: Reply| reply.expect(409).problem("conflict").code();
        for [recorder, other] in [[&secretariat, &school.admin], [&school.admin, &secretariat]] {
            let id = ask_for_audit(&school);
            for kind in ["plan-agreed", "report-seen", "follow-up-agreed", "follow-up-done"] {
                assert_eq!(refused(confirm(other, &id, kind)), "nothing-to-confirm", "{kind}");
            }
            take(&secretariat, &id, "_plan", &asked("2027-01-18")).expect(200);
            assert_eq!(refused(take(recorder, &id, "_report", &reported("2026-11-21", false))), "not-confirmed");
            assert_eq!(refused(confirm(&secretariat, &id, "plan-agreed")), "other-party");
            confirm(&school.admin, &id, "plan-agreed").expect(200);
            assert_eq!(refused(confirm(&school.admin, &id, "plan-agreed")), "already-confirmed");
            take(recorder, &id, "_report", &reported("2026-11-21", false)).expect(200);
            assert_eq!(refused(take(other, &id, "_follow-up", &agreed("shared"))), "not-confirmed");
            assert_eq!(refused(confirm(recorder, &id, "report-seen")), "other-party");
            let seen = json!({"kind": "report-seen", "objectionsSha256": "1f".repeat(32), "objectionsBytes": 1_200});
            take(other, &id, "_confirm", &seen).expect(200);
            take(recorder, &id, "_follow-up", &agreed("shared")).expect(200);
            assert_eq!(refused(confirm(recorder, &id, "follow-up-agreed")), "other-party");
            assert_eq!(refused(confirm(&school.admin, &id, "follow-up-done")), "not-confirmed");
            let entry = one_entry(server, &school.id, "confirmAudit", || {
                confirm(other, &id, "follow-up-agreed").expect(200);
            });
            assert_eq!(entry.objects, [(ObjectKind::Audit, id.clone())]);
            assert_eq!(refused(confirm(&secretariat, &id, "follow-up-done")), "other-party");
            let done = confirm(&school.admin, &id, "follow-up-done").expect(200).json();
            assert_eq!(school.admin.get(&format!("/v1/audits/{id}")).expect(200).json(), done);
            let party = |client: &Client| json!(if std::ptr::eq(client, &school.admin) { "institution" } else { "processor" });
            let confirmed: Vec<_> = done["confirmations"].as_array().unwrap().iter()
                .map(|one| (one["kind"].clone(), one["party"].clone(), one["objectionsSha256"].clone()))
                .collect();
            let (none, institution) = (json!(null), json!("institution"));
            assert_eq!(confirmed, [
                (json!("plan-agreed"), institution.clone(), none.clone()),
                (json!("report-seen"), party(other), json!("1f".repeat(32))),
                (json!("follow-up-agreed"), party(other), none.clone()),
                (json!("follow-up-done"), institution, none),
            ]);
            assert_eq!(done["confirmations"][3]["confirmedBy"], json!(school.admin_id));
            assert_eq!(done["confirmations"][1]["objectionsBytes"], json!(1_200));
        }
    }

    fn everything_wrong_with_a_confirmation_is_told(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let id = ask_for_audit(&school);
        take(&secretariat, &id, "_plan", &asked("2027-01-18")).expect(200);
        let refused = |body: Value| take(&school.admin, &id, "_confirm", &body);
        refused(json!({"kind": "seen", "objectionsSha256": "x", "by": "me"})).refuses(&[
            ("/kind", "not-in-list"), ("/objectionsSha256", "not-a-digest"), ("/by", "unknown-field"),
        ]);
        let half = |field: &str, value: Value| json!({"kind": "plan-agreed", field: value});
        refused(half("objectionsSha256", json!("ab".repeat(32)))).refuses(&[("/objectionsBytes", "missing")]);
        refused(half("objectionsBytes", json!(12))).refuses(&[("/objectionsSha256", "missing")]);
        let whole = |bytes: u32| json!({"kind": "plan-agreed", "objectionsSha256": "ab".repeat(32), "objectionsBytes": bytes});
        refused(whole(0)).refuses(&[("/objectionsBytes", "out-of-range")]);
        refused(whole(12)).refuses(&[("/objectionsSha256", "beyond-the-kind")]);
        take(&school.admin, ABSENT, "_confirm", &json!({"kind": "plan-agreed"})).expect(404).problem("not-found");
    }

    fn c094_an_audit_and_its_report_are_for_the_two_parties_alone(server: Server) {
        let class = server.class();
        let other = server.school();
        let id = ask_for_audit(&class.school);
        take(&server.platform(), &id, "_plan", &asked("2027-01-18")).expect(200);
        confirm(&class.school.admin, &id, "plan-agreed").expect(200);
        take(&class.school.admin, &id, "_report", &reported("2026-11-21", false)).expect(200);
        other.admin.sees_nothing(&id, &[
            ("GET", "/v1/audits/{}", json!(null)), ("POST", "/v1/audits/{}/_report", reported("2026-11-21", false)),
            ("POST", "/v1/audits/{}/_follow-up", agreed("shared")),
            ("POST", "/v1/audits/{}/_confirm", json!({"kind": "report-seen"})),
        ]);
        other.admin.get(&audits_of(&class.school)).expect(404).problem("not-found");
        assert!(other.admin.list(&audits_of(&other)).is_empty());
        let others = [
            class.teacher.client.clone(), class.school.member(Function::Management, &[]).client,
            server.staff(ProcessorFunction::Helpdesk), server.staff(ProcessorFunction::Marketing),
            server.staff(ProcessorFunction::Adviser),
        ];
        for client in &others {
            client.get(&format!("/v1/audits/{id}")).expect(403).problem("forbidden");
            client.get(&audits_of(&class.school)).expect(403).problem("forbidden");
        }
        take(&class.school.admin, &id, "_plan", &asked("2027-01-18")).expect(403).problem("forbidden");
        server.platform().post(&audits_of(&class.school), &asked("2026-12-21")).expect(403).problem("forbidden");
    }

    fn c095_who_pays_is_on_record_and_major_faults_are_not_the_institutions_to_pay(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let id = planned(&school, &secretariat);
        take(&secretariat, &id, "_report", &reported("2026-11-21", true)).expect(200);
        confirm(&school.admin, &id, "report-seen").expect(200);
        take(&secretariat, &id, "_follow-up", &agreed("institution")).refuses(&[("/paidBy", "contradictory")]);
        let done = take(&secretariat, &id, "_follow-up", &agreed("processor")).expect(200).json();
        assert_eq!((&done["stages"][3]["paidBy"], &done["stages"][3]["day"]), (&json!("processor"), &json!("2027-05-01")));
    }

    fn everything_wrong_with_a_stage_is_told(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        school.admin.post(&audits_of(&school), &json!({"auditOn": "straks", "documentBytes": 0, "who": "x"})).refuses(&[
            ("/auditOn", "not-a-date"), ("/documentSha256", "required"), ("/who", "unknown-field"),
        ]);
        let mut empty = asked("2026-12-21");
        empty["documentBytes"] = json!(0);
        school.admin.post(&audits_of(&school), &empty).refuses(&[("/documentBytes", "out-of-range")]);
        let id = ask_for_audit(&school);
        take(&secretariat, &id, "_plan", &asked("2026-12-20")).refuses(&[("/auditOn", "too-early")]);
        take(&secretariat, &id, "_plan", &asked("2026-12-21")).expect(200);
        confirm(&school.admin, &id, "plan-agreed").expect(200);
        for (on, code) in [("2026-11-20", "before-start"), ("2026-11-22", "in-the-future")] {
            take(&secretariat, &id, "_report", &reported(on, false)).refuses(&[("/reportedOn", code)]);
        }
        take(&secretariat, &id, "_follow-up", &json!({"paidBy": "nobody"})).refuses(&[
            ("/dueOn", "required"), ("/documentSha256", "required"), ("/documentBytes", "required"), ("/paidBy", "not-in-list"),
        ]);
        secretariat.get(&format!("/v1/audits/{ABSENT}")).expect(404).problem("not-found");
        take(&secretariat, ABSENT, "_report", &reported("2026-11-21", false)).expect(404).problem("not-found");
    }

    fn the_databases_refuse_to_change_a_stage_or_take_it_away(server: Server) {
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        planned(&server.school(), &secretariat);
        for statement in [
            "UPDATE audit_stage SET on_day = '2020-01-01'", "DELETE FROM audit_stage",
            "UPDATE audit_confirmation SET kind = 'report-seen'", "DELETE FROM audit_confirmation",
        ] {
            assert!(sql_query(statement).execute(&mut server.raw_data()).is_err(), "{statement}");
        }
    }
}
