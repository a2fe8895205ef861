//! How institutions get an administrator who can log in when none is left (C006, C007).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::set_password;
use groeilijn_tests::{Authenticator, Client, LastingStaff, Reply, School, Server, both_databases};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const HOLDER: &str = "toos@bestuur.example";

fn path(school: &School) -> String {
    format!("/v1/institutions/{}/administrator-recoveries", school.id)
}

fn enter_holder(server: &Server, school: &School) {
    let body = json!({"firstName": "Toos", "lastName": "Verzonnen", "address": "Kade 1", "email": HOLDER});
    server.platform().post(&format!("/v1/institutions/{}/licence-holder", school.id), &body).expect(201);
}

fn new_administrator(email: &str) -> Value {
    json!({
        "administrator": {"firstName": "Guus", "lastName": "Verzonnen", "gender": "male", "email": email},
        "channel": "letter", "receivedOn": "2026-11-20",
    })
}

fn step(client: &Client, school: &School, id: &str, what: &str, body: Option<&Value>) -> Reply {
    let path = format!("{}/{id}/{what}", path(school));
    let call = client.call("POST", &path);
    match body {
        Some(body) => call.json(body).send(),
        None => call.send(),
    }
}

fn check(client: &Client, school: &School, id: &str) -> Reply {
    step(client, school, id, "_check-identity", Some(&json!({"identityCheck": "Teruggebeld."})))
}

both_databases! {
    fn c006_c007_the_licence_holder_gets_a_new_administrator_after_two_persons_and_a_day(server: Server) {
        let school = server.school();
        enter_holder(server, &school);
        let [helpdesk, second] = [ProcessorFunction::Helpdesk, ProcessorFunction::AccountManager].map(|function| server.staff(function));
        let email = school.new_email();
        let made = helpdesk.post_once(&path(&school), &new_administrator(&email), "een").expect(201);
        assert_eq!(helpdesk.post_once(&path(&school), &new_administrator(&email), "een").expect(201).json(), made.json());
        assert_eq!((&made.json()["state"], &made.json()["kind"]), (&json!("asked"), &json!("new-administrator")));
        let listed = helpdesk.list(&path(&school));
        let id = listed[0]["id"].as_str().unwrap().to_owned();
        let refused = |reply: Reply| reply.expect(409).problem("conflict").code();
        assert_eq!(refused(step(&second, &school, &id, "_approve", None)), "not-the-next-step");
        assert_eq!(check(&helpdesk, &school, &id).expect(200).json()["state"], "checked");
        assert_eq!(refused(step(&helpdesk, &school, &id, "_approve", None)), "second-person-needed");
        let waiting = step(&second, &school, &id, "_approve", None).expect(200).json();
        assert_eq!((&waiting["state"], waiting["checkedBy"] == waiting["approvedBy"]), (&json!("waiting"), false));
        for to in [HOLDER.to_owned(), format!("beheerder@{}", school.domain)] {
            server.anyone().mailbox().wait_for(&to, "nieuwe beheerder", 1);
        }
        assert_eq!(refused(step(&second, &school, &id, "_carry-out", None)), "too-early");
        assert!(server.anyone().mailbox().letters(&email).is_empty());

        server.clock.advance(SignedDuration::from_hours(24));
        let second = server.staff(ProcessorFunction::AccountManager);
        let done = step(&second, &school, &id, "_carry-out", None).expect(200).json();
        assert_eq!(done["state"], "carried-out");
        set_password(&server.anyone(), &email);
        let admin = server.anyone().log_in(&email, PASSWORD);
        assert_eq!(admin.list("/v1/users").len(), 2);
        assert_eq!(admin.list(&path(&school))[0]["identityCheck"], "Teruggebeld.");
        assert_eq!(refused(step(&second, &school, &id, "_carry-out", None)), "not-the-next-step");
        let log = server.audit_log(&school.id);
        for operation in [
            "recordAdministratorRecovery",
            "checkRecoveryIdentity",
            "approveAdministratorRecovery",
            "carryOutAdministratorRecovery",
        ] {
            assert!(log.entries().iter().any(|entry| entry.operation == operation), "{operation}");
        }
        log.check();
    }

    fn c006_it_waits_for_24_hours_also_when_the_clocks_change_and_on_a_leap_day(server: Server) {
        let school = server.school();
        enter_holder(server, &school);
        let [mut helpdesk, mut second] =
            [ProcessorFunction::Helpdesk, ProcessorFunction::AccountManager].map(|function| LastingStaff::new(server, function));
        for (asked, received) in [
            ("2027-03-27T12:00:00Z", "2027-03-26"),
            ("2027-10-30T12:00:00Z", "2027-10-30"),
            ("2028-02-28T12:00:00Z", "2028-02-28"),
        ] {
            let mut body = new_administrator(&school.new_email());
            body["receivedOn"] = json!(received);
            let client = helpdesk.at(server, asked);
            let id = client.post(&path(&school), &body).expect(201).id();
            check(&client, &school, &id).expect(200);
            let client = second.at(server, asked);
            step(&client, &school, &id, "_approve", None).expect(200);
            let approved: Timestamp = text(&client.list(&path(&school)).iter().find(|one| one["id"] == json!(id)).unwrap()["approvedAt"]).parse().unwrap();
            let a_day_later = approved + SignedDuration::from_hours(24);
            let client = second.at(server, &(a_day_later - SignedDuration::from_mins(5)).to_string());
            step(&client, &school, &id, "_carry-out", None).expect(409);
            server.clock.set(&a_day_later.to_string());
            step(&client, &school, &id, "_carry-out", None).expect(200);
        }
    }

    fn c006_the_old_administrator_or_an_objection_stops_it(server: Server) {
        let school = server.school();
        enter_holder(server, &school);
        let [helpdesk, second] = [ProcessorFunction::Helpdesk, ProcessorFunction::Secretariat].map(|function| server.staff(function));
        for stopper in [&school.admin, &helpdesk] {
            let email = school.new_email();
            let id = helpdesk.post(&path(&school), &new_administrator(&email)).expect(201).json()["id"].as_str().unwrap().to_owned();
            check(&helpdesk, &school, &id).expect(200);
            step(&second, &school, &id, "_approve", None).expect(200);
            let again = helpdesk.post(&path(&school), &new_administrator(&email)).expect(409).problem("conflict");
            assert_eq!(again.code(), "recovery-open");
            step(stopper, &school, &id, "_stop", Some(&json!({}))).refuses(&[("/reason", "required")]);
            let stopped = step(stopper, &school, &id, "_stop", Some(&json!({"reason": "Bezwaar."}))).expect(200).json();
            assert_eq!((&stopped["state"], &stopped["stopReason"]), (&json!("stopped"), &json!("Bezwaar.")));
            let late = step(stopper, &school, &id, "_stop", Some(&json!({"reason": "Nogmaals."})));
            assert_eq!(late.expect(409).problem("conflict").code(), "not-the-next-step");
            let carried = step(&second, &school, &id, "_carry-out", None);
            assert_eq!(carried.expect(409).problem("conflict").code(), "not-the-next-step");
        }
    }

    fn c007_a_sole_administrator_without_her_second_factor_sets_up_another(server: Server) {
        let school = server.school();
        enter_holder(server, &school);
        Authenticator::bind(&school.admin);
        let email = format!("beheerder@{}", school.domain);
        server.anyone().try_log_in(&email, PASSWORD).expect(401).problem("second-factor-required");
        let [helpdesk, second] = [ProcessorFunction::Helpdesk, ProcessorFunction::AccountManager].map(|function| server.staff(function));
        let body = json!({"userId": school.admin_id, "channel": "call", "receivedOn": "2026-11-21"});
        let id = helpdesk.post(&path(&school), &body).expect(201).json()["id"].as_str().unwrap().to_owned();
        check(&helpdesk, &school, &id).expect(200);
        step(&second, &school, &id, "_approve", None).expect(200);
        server.anyone().mailbox().wait_for(HOLDER, "tweede", 1);
        server.clock.advance(SignedDuration::from_hours(24));
        step(&server.staff(ProcessorFunction::Helpdesk), &school, &id, "_carry-out", None).expect(200);
        server.anyone().log_in(&email, PASSWORD).list("/v1/users");
    }

    fn c006_it_is_refused_when_somebody_at_the_institution_can_help(server: Server) {
        let school = server.school();
        let helpdesk = server.staff(ProcessorFunction::Helpdesk);
        let code = |body: &Value| helpdesk.post(&path(&school), body).expect(409).problem("conflict").code();
        assert_eq!(code(&new_administrator(&school.new_email())), "no-licence-holder");
        enter_holder(server, &school);
        let teacher = school.member(Function::Teacher, &[]);
        let of = |user: &str| json!({"userId": user, "channel": "letter", "receivedOn": "2026-11-20"});
        helpdesk.post(&path(&school), &of(&teacher.id)).refuses(&[("/userId", "not-an-administrator")]);
        let elsewhere = new_administrator("guus@elders.example");
        helpdesk.post(&path(&school), &elsewhere).refuses(&[("/administrator/email", "not-of-the-institution")]);
        helpdesk.post(&path(&school), &json!({"channel": "letter", "receivedOn": "2026-11-20"}))
            .refuses(&[("/administrator", "required-for-the-kind")]);
        let mut both = new_administrator(&school.new_email());
        both["userId"] = json!(school.admin_id);
        helpdesk.post(&path(&school), &both).refuses(&[("/userId", "not-beside-an-administrator")]);
        school.member(Function::Administrator, &[]);
        assert_eq!(code(&of(&school.admin_id)), "other-administrator");
        assert_eq!(code(&new_administrator(&school.new_email())), "other-administrator");
    }

    fn c006_others_neither_see_nor_take_a_step(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let id = crate::policy::recovery_of(server, &school);
        check(&school.admin, &school, &id).expect(403);
        step(&school.admin, &school, &id, "_carry-out", None).expect(403);
        other.admin.get(&path(&school)).expect(404).problem("not-found");
        step(&other.admin, &school, &id, "_stop", Some(&json!({"reason": "x"}))).expect(404);
        step(&other.admin, &other, &id, "_stop", Some(&json!({"reason": "x"}))).expect(404);
        for client in [school.member(Function::Management, &[]).client, server.staff(ProcessorFunction::Adviser)] {
            client.get(&path(&school)).expect(403);
        }
    }
}
