//! Every operation in each state of a licence, as an administrator, a teacher and the secretariat, held against the table.

use diesel::connection::SimpleConnection as _;
use groeilijn_domain::access::{Action, Function, Part, ProcessorFunction};
use groeilijn_domain::institutions::licence_state::{Doing, LicencePhase, Who};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::policy::{self, Reach};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_domain, new_institution, set_password};
use groeilijn_tests::{Client, School, Server, both_databases, wait_until};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::knock;

/// What an operation needs; `None` for what anyone may ask.
fn permission(operation: &Operation) -> Option<(Part, Action)> {
    let (part, action) = operation.described["x-permission"].as_str()?.split_once(':')?;
    Some((Part::from_code(part)?, Action::from_code(action)?))
}

/// Asks every operation as somebody, and holds each answer against the table. Logging out comes last.
fn check(server: &Server, phase: LicencePhase, who: Who, role: &str, client: &Client) {
    let policy = policy::read(&std::fs::read_to_string(policy::FILE).unwrap());
    let column = policy::Caller::all().iter().position(|caller| caller.name() == role).unwrap();
    let (mut refused, mut wrong) = (0, Vec::new());
    for operation in operations(&served(server)) {
        let Some((part, action)) = permission(&operation) else { continue };
        if policy[&operation.id][column] == Reach::Nothing {
            continue;
        }
        let admitted = Doing::of(part, action).is_none_or(|doing| phase.admits(doing, who));
        let reply = knock(client, &operation);
        let of_licence = ["no-active-licence", "terms-not-accepted"]
            .iter()
            .any(|kind| reply.status == 403 && text(&reply.json()["type"]).ends_with(kind));
        if reply.status == 401 || reply.status >= 500 || of_licence == admitted {
            wrong.push(format!("{}: {}", operation.id, reply.status));
        }
        refused += usize::from(of_licence);
    }
    assert!(wrong.is_empty(), "{phase:?} {role}: {wrong:#?}");
    assert_eq!(
        refused > 0,
        Doing::ALL.into_iter().any(|doing| !phase.admits(doing, who)),
        "{phase:?} {role}"
    );
}

fn licence(school: &School) -> String {
    format!("/v1/institutions/{}/licence", school.id)
}

/// A school with this licence, whose contract lets passwords outlast the grace.
fn school(server: &Server, end: &Value) -> School {
    let domain = new_domain();
    let mut body = new_institution(&domain);
    body["contractProfile"] = json!("basisonline");
    body["licence"]["endDate"] = end.clone();
    School::entered(&server.anyone(), &domain, &body)
}

/// Checks the table for those who are logged in, the state of the licence being the one that is read.
fn check_all(
    server: &Server,
    school: &School,
    phase: LicencePhase,
    admin: &Client,
    teacher: Option<&Client>,
) {
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    assert_eq!(secretariat.get(&licence(school)).expect(200).json()["phase"], phase.code());
    check(server, phase, Who::Administrator, "administrator", admin);
    if let Some(teacher) = teacher {
        check(server, phase, Who::Others, "teacher", teacher);
    }
    // The secretariat acts in no institution: the state of one keeps it from nothing.
    let everything = LicencePhase::Active;
    check(server, everything, Who::Others, "secretariat", &secretariat);
}

fn log_in(server: &Server, school: &School) -> Client {
    server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD)
}

both_databases! {
    fn c004_an_offered_licence_admits_what_it_takes_to_accept_it(server: Server) {
        for start in ["2026-08-01", "2027-08-01"] {
            let domain = new_domain();
            let mut body = new_institution(&domain);
            body["licence"]["startDate"] = json!(start);
            let made = server.platform().post("/v1/institutions", &body).expect(201).json();
            let email = format!("beheerder@{domain}");
            set_password(&server.anyone(), &email);
            let admin = server.anyone().log_in(&email, PASSWORD);
            let path = format!("/v1/institutions/{}/licence", text(&made["institution"]["id"]));
            assert_eq!(admin.get(&path).expect(200).json()["phase"], "offered");
            check(server, LicencePhase::Offered, Who::Administrator, "administrator", &admin);
        }
    }

    fn c004_an_accepted_licence_that_has_not_started_admits_little_more(server: Server) {
        let school = school(server, &json!(null));
        let teacher = school.member(Function::Teacher, &[]).client;
        server.platform().change(&licence(&school), &json!({"startDate": "2026-11-22"})).expect(200);
        check_all(server, &school, LicencePhase::Accepted, &school.admin, Some(&teacher));
    }

    fn c004_an_active_licence_admits_everything(server: Server) {
        let school = school(server, &json!("2027-07-31"));
        let teacher = school.member(Function::Teacher, &[]).client;
        check_all(server, &school, LicencePhase::Active, &school.admin, Some(&teacher));
    }

    fn c004_a_suspended_licence_admits_nothing(server: Server) {
        let school = school(server, &json!(null));
        let teacher = school.member(Function::Teacher, &[]).client;
        server.platform().change(&licence(&school), &json!({"state": "suspended"})).expect(200);
        check_all(server, &school, LicencePhase::Suspended, &school.admin, Some(&teacher));
    }

    fn c106_a_cancelled_licence_admits_everything_and_in_its_grace_only_looking(server: Server) {
        let school = school(server, &json!(null));
        let member = school.member(Function::Teacher, &[]);
        // What is held is not destroyed while the phase behind the grace is looked at.
        let hold = json!({"reason": "Er wordt nog gekeken.", "reviewDay": "2027-06-01"});
        school.admin.post(&format!("/v1/institutions/{}/holds", school.id), &hold).expect(201);
        let etag = school.admin.get(&licence(&school)).expect(200).etag();
        let cancelled = school.admin.call("POST", &format!("{}/_cancel", licence(&school)));
        cancelled.header("If-Match", &etag).json(&json!({"lastDay": "2026-11-21"})).send().expect(200);
        check_all(server, &school, LicencePhase::Cancelled, &log_in(server, &school), Some(&member.client));

        // The last minute of the last day in Amsterdam.
        server.clock.set("2026-11-21T22:59:00Z");
        let [admin, teacher] = [log_in(server, &school), server.anyone().log_in(&member.email, PASSWORD)];
        server.clock.advance(SignedDuration::from_mins(1));
        check_all(server, &school, LicencePhase::Grace, &admin, Some(&teacher));
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401);

        // The last minute of the grace of two calendar months (C107).
        server.clock.set("2027-01-21T22:59:00Z");
        let admin = log_in(server, &school);
        admin.get("/v1/groups").expect(200);
        server.clock.advance(SignedDuration::from_mins(1));
        check_all(server, &school, LicencePhase::Over, &admin, None);
        server.anyone().try_log_in(&format!("beheerder@{}", school.domain), PASSWORD).expect(401);

        // It is destroyed once nothing holds it, without anybody asking. Nothing is left that a token could belong to.
        server.raw_data().batch_execute("UPDATE retention_hold SET lifted_at = 1, lifted_by = author_id").unwrap();
        server.clock.advance(SignedDuration::from_mins(11));
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        wait_until(|| secretariat.get(&licence(&school)).json()["phase"] == LicencePhase::Destroyed.code());
        for operation in operations(&served(server)).iter().filter(|operation| permission(operation).is_some()) {
            assert_eq!(knock(&admin, operation).status, 401, "{}", operation.id);
        }
        server.anyone().try_log_in(&format!("beheerder@{}", school.domain), PASSWORD).expect(401);
        check(server, LicencePhase::Active, Who::Others, "secretariat", &secretariat);
    }
}
