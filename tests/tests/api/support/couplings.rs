//! Advisers who work for an institution for a period.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::SupportKind;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::support::{approval, begin, couple, in_minutes, request};
use groeilijn_tests::{Client, School, both_databases};
use serde_json::{Value, json};

const PATH: &str = "/v1/couplings";

/// The id of whoever is logged in.
fn own_id(client: &Client) -> String {
    text(&client.get("/v1/sessions/current").expect(200).json()["userId"])
}

/// The body of a coupling that ends on a day.
fn coupling(school: &School, adviser: &str, ends_on: &str) -> Value {
    json!({
        "institutionId": school.id, "adviserId": adviser, "startsOn": "2026-11-21", "endsOn": ends_on,
        "report": "cluster", "agreement": "Rapport voor het cluster; afgesproken met de directie.",
    })
}

both_databases! {
    fn c100_a_coupling_of_days_to_come_is_not_in_the_way_of_the_present_one(server: Server) {
        let school = server.school();
        let adviser = server.staff(ProcessorFunction::Adviser);
        let present = coupling(&school, &own_id(&adviser), "2026-11-30");
        let mut next = coupling(&school, &own_id(&adviser), "2027-01-31");
        next["startsOn"] = json!("2026-11-22");
        couple(server, &school, &present);
        couple(server, &school, &next);
        begin(&adviser, &request(server, &school, SupportKind::Coupling));
    }

    fn c009_c100_the_secretariat_couples_and_decouples(server: Server) {
        let school = server.school();
        let [adviser, colleague] = [(); 2].map(|()| server.staff(ProcessorFunction::Adviser));
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let body = coupling(&school, &own_id(&adviser), "2026-12-31");
        let made = secretariat.post_once(PATH, &body, "eenmaal").expect(201);
        for (field, value) in body.as_object().unwrap() {
            assert_eq!(&made.json()[field], value, "{field}");
        }
        assert_eq!(made.json()["createdBy"], own_id(&secretariat));
        assert_eq!(secretariat.post_once(PATH, &body, "eenmaal").expect(201).id(), made.id());
        let other = coupling(&school, &own_id(&colleague), "2026-12-31");
        let other = secretariat.post(PATH, &other).expect(201).json();
        assert_eq!(secretariat.list(&format!("{PATH}?limit=1")), [made.json(), other]);
        assert_eq!(adviser.list(PATH), [made.json()]);
        adviser.post(PATH, &body).expect(403).problem("forbidden");
        let path = format!("{PATH}/{}", made.id());
        adviser.call("DELETE", &path).send().expect(403);
        secretariat.call("DELETE", &path).send().expect(204);
        assert!(adviser.list(PATH)[0]["decoupledAt"].is_string());
        let again = secretariat.post_once(PATH, &body, "eenmaal").expect(201);
        assert_eq!((again.json(), again.etag()), (adviser.list(PATH)[0].clone(), made.etag()));
        secretariat.call("DELETE", &format!("{PATH}/{ABSENT}")).send().expect(404).problem("not-found");
    }

    fn what_is_wrong_with_a_coupling_is_named(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let adviser = own_id(&server.staff(ProcessorFunction::Adviser));
        for (ends_on, code) in
            [("2026-11-20", "before-start"), ("2027-11-22", "expiry-too-far"), ("21-11-2027", "not-a-date")]
        {
            secretariat.post(PATH, &coupling(&school, &adviser, ends_on)).refuses(&[("/endsOn", code)]);
        }
        let mut body = coupling(&school, &own_id(&secretariat), "2026-12-31");
        secretariat.post(PATH, &body).refuses(&[("/adviserId", "not-an-adviser")]);
        body["institutionId"] = json!(ABSENT);
        secretariat
            .post(PATH, &body)
            .refuses(&[("/adviserId", "not-an-adviser"), ("/institutionId", "unknown-institution")]);
        secretariat.post(PATH, &json!({})).refuses(&[
            ("/institutionId", "required"),
            ("/adviserId", "required"),
            ("/startsOn", "required"),
            ("/endsOn", "required"),
            ("/report", "required"),
            ("/agreement", "required"),
        ]);
    }

    fn c100_a_coupled_adviser_looks_at_groups_and_registrations_of_that_institution_alone(server: Server) {
        let [class, other] = [server.class(), server.class()];
        let registration = class.register(&class.pupil, "2026-11-20", &json!({"scales": {"curious-and-enterprising": 3}}));
        let adviser = server.staff(ProcessorFunction::Adviser);
        let body = request(server, &class.school, SupportKind::Coupling);
        let refused = adviser.post("/v1/support-sessions", &body).expect(403).problem("forbidden");
        assert_eq!(refused.code(), "not-coupled");
        couple(server, &class.school, &coupling(&class.school, &own_id(&adviser), "2026-12-31"));
        let elsewhere = request(server, &other.school, SupportKind::Coupling);
        assert_eq!(adviser.post("/v1/support-sessions", &elsewhere).expect(403).code(), "not-coupled");
        let (looking, _) = begin(&adviser, &body);
        assert_eq!(looking.list("/v1/groups?schoolYear=2026-2027")[0]["id"], json!(class.group));
        looking.get(&format!("/v1/registrations/{registration}")).expect(200);
        looking.get(&format!("/v1/groups/{}", other.group)).expect(404);
        looking.get("/v1/pupils").expect(403).problem("forbidden");
        looking.get(&format!("/v1/pupils/{}/notes", class.pupil)).expect(403);
        adviser.get("/v1/groups").expect(403);
    }

    fn c099_c101_a_coupling_ends_by_the_clock_even_if_nobody_acts(server: Server) {
        server.clock.set("2026-11-21T22:55:00Z");
        let school = server.school();
        let adviser = server.staff(ProcessorFunction::Adviser);
        couple(server, &school, &coupling(&school, &own_id(&adviser), "2026-11-21"));
        let mut body = request(server, &school, SupportKind::Coupling);
        adviser.post("/v1/support-sessions", &body).refuses(&[("/endsAt", "expiry-too-far")]);
        body["endsAt"] = json!("2026-11-21T23:00:00Z");
        let (looking, _) = begin(&adviser, &body);
        server.clock.set("2026-11-21T22:59:50Z");
        looking.get("/v1/groups").expect(200);
        server.clock.set("2026-11-21T23:00:00Z");
        assert_eq!(looking.get("/v1/groups").expect(403).code(), "not-coupled");
        body["endsAt"] = in_minutes(server, 5);
        assert_eq!(adviser.post("/v1/support-sessions", &body).expect(403).code(), "not-coupled");
    }

    fn c101_decoupling_ends_what_rests_on_it_at_once(server: Server) {
        let school = server.school();
        let adviser = server.staff(ProcessorFunction::Adviser);
        for ends in [&server.staff(ProcessorFunction::Secretariat), &school.admin] {
            let made = couple(server, &school, &coupling(&school, &own_id(&adviser), "2026-12-31"));
            let (looking, _) = begin(&adviser, &request(server, &school, SupportKind::Coupling));
            looking.get("/v1/groups").expect(200);
            ends.call("DELETE", &format!("{PATH}/{made}")).send().expect(204);
            let refused = looking.get("/v1/groups").expect(403).problem("forbidden");
            assert_eq!(refused.code(), "not-coupled");
            let listed = school.admin.list(PATH).pop().unwrap();
            assert_eq!(listed["decoupledBy"], own_id(ends));
        }
    }

    fn c099_nothing_rests_on_a_coupling_before_the_administrator_consents_to_report_and_period(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let adviser = server.staff(ProcessorFunction::Adviser);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let body = coupling(&school, &own_id(&adviser), "2026-12-31");
        let id = secretariat.post(PATH, &body).expect(201).id();
        let letter = ("Voorstel voor een koppeling", format!("beheerder@{}", school.domain));
        server.anyone().mailbox().wait_for(&letter.1, letter.0, 1);
        let look = request(server, &school, SupportKind::Coupling);
        let refused = || adviser.post("/v1/support-sessions", &look).expect(403).problem("forbidden").code();
        assert_eq!(refused(), "not-coupled");
        let path = format!("{PATH}/{id}/_approve");
        for client in [&secretariat, &adviser, &school.member(Function::Management, &[]).client] {
            client.post(&path, &approval(&body)).expect(403).problem("forbidden");
        }
        other.admin.sees_nothing(&id, &[
            ("POST", "/v1/couplings/{}/_approve", approval(&body)), ("DELETE", "/v1/couplings/{}", json!(null)),
        ]);
        assert!(other.admin.list(PATH).is_empty());
        let stated = json!({"report": "municipality", "startsOn": "2026-11-22", "endsOn": "2027-12-31"});
        school.admin.post(&path, &stated).refuses(&[
            ("/report", "not-as-proposed"), ("/startsOn", "not-as-proposed"), ("/endsOn", "not-as-proposed"),
        ]);
        assert_eq!(refused(), "not-coupled");
        let approved = school.admin.post(&path, &approval(&body)).expect(200).json();
        assert_eq!(approved["approvedBy"], school.admin_id.as_str());
        assert_eq!(school.admin.post(&path, &approval(&body)).expect(200).json(), approved);
        assert_eq!(school.admin.list(PATH), [approved]);
        begin(&adviser, &look);
    }

    fn c099_an_institution_declines_a_coupling_and_forbids_the_next(server: Server) {
        let school = server.school();
        let adviser = own_id(&server.staff(ProcessorFunction::Adviser));
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let body = coupling(&school, &adviser, "2026-12-31");
        let [declined, waiting] = [(); 2].map(|()| secretariat.post(PATH, &body).expect(201).id());
        school.admin.call("DELETE", &format!("{PATH}/{declined}")).send().expect(204);
        let approve = |id: &str| school.admin.post(&format!("{PATH}/{id}/_approve"), &approval(&body));
        approve(&declined).refuses(&[("/endsOn", "expiry-past")]);
        school.admin.change("/v1/access-settings", &json!({"couplingsForbidden": true})).expect(200);
        let refused = [secretariat.post(PATH, &body), approve(&waiting)];
        for refused in refused {
            assert_eq!(refused.expect(409).problem("conflict").code(), "couplings-forbidden");
        }
        school.admin.change("/v1/access-settings", &json!({"couplingsForbidden": false})).expect(200);
        approve(&waiting).expect(200);
    }

    fn c004_no_coupling_is_proposed_to_an_institution_without_a_licence(server: Server) {
        let school = server.school();
        let adviser = own_id(&server.staff(ProcessorFunction::Adviser));
        let licence = format!("/v1/institutions/{}/licence", school.id);
        server.platform().change(&licence, &json!({"state": "ended"})).expect(200);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let body = coupling(&school, &adviser, "2026-12-31");
        secretariat.post(PATH, &body).expect(403).problem("no-active-licence");
    }

    fn c100_the_institution_has_its_couplings_on_record(server: Server) {
        let school = server.school();
        let adviser = own_id(&server.staff(ProcessorFunction::Adviser));
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let before = server.audit_log(&school.id);
        let made = secretariat.post(PATH, &coupling(&school, &adviser, "2026-12-31")).expect(201).id();
        secretariat.call("DELETE", &format!("{PATH}/{made}")).send().expect(204);
        let entries = before.added(&server.audit_log(&school.id));
        let operations: Vec<_> = entries.iter().map(|entry| entry.operation.as_str()).collect();
        assert_eq!(operations, ["coupleAdviser", "decoupleAdviser"]);
        assert!(entries.iter().all(|entry| entry.objects == [(ObjectKind::Coupling, made.clone())]));
        assert!(entries[0].changed);
    }
}
