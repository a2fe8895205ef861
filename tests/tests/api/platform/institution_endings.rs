//! What is left when the contract of an institution has ended: confirmations of subprocessors, and duties (C112, C113).

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::retention::certificate::read;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_domain, new_institution};
use groeilijn_tests::subprocessor::{abroad, announce, end_contract, subprocessor, to_be_confirmed};
use groeilijn_tests::{School, both_databases, wait_until};
use serde_json::json;

const PATH: &str = "/v1/institution-endings";

both_databases! {
    fn c112_c113_subprocessors_confirm_and_duties_survive(server: Server) {
        let school = server.school();
        let never_used = announce(server, &subprocessor());
        let id = to_be_confirmed(server, &school.id);
        // A second time nothing is asked again.
        assert_eq!(end_contract(server, &school.id, "2026-11-21"), id);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let endings = secretariat.list(PATH);
        assert_eq!(endings.len(), 1);
        assert_eq!((&endings[0]["institutionId"], &endings[0]["endedOn"]), (&json!(school.id), &json!("2026-11-20")));
        let asked = endings[0]["confirmations"].as_array().unwrap();
        assert_eq!(asked.len(), 1, "one that never was in use has nothing to destroy");
        assert_ne!(asked[0]["subprocessorId"], json!(never_used));
        assert_eq!((&asked[0]["dueOn"], &asked[0]["confirmedOn"]), (&json!("2026-12-20"), &json!(null)));
        assert!(endings[0]["duties"].as_array().unwrap().iter().all(|duty| duty["fulfilled"] == false));

        let path = format!("/v1/destruction-confirmations/{id}/_confirm");
        let body = |on: &str| json!({"confirmedOn": on, "documentSha256": "cd".repeat(32)});
        secretariat.post(&path, &body("2026-11-22")).refuses(&[("/confirmedOn", "in-the-future")]);
        secretariat.post(&path, &body("2026-11-19")).refuses(&[("/confirmedOn", "before-the-end")]);
        secretariat.post(&path, &json!({"confirmedOn": 1})).refuses(&[
            ("/confirmedOn", "not-a-string"), ("/documentSha256", "required"),
        ]);
        let left = secretariat.post(&path, &body("2026-11-21")).expect(200).json();
        let fulfilled = |code: &str| {
            left["duties"].as_array().unwrap().iter().find(|duty| duty["duty"] == code).unwrap()["fulfilled"].clone()
        };
        assert_eq!((fulfilled("destruction"), fulfilled("confidentiality")), (json!(true), json!(false)));
        assert_eq!(left["confirmations"][0]["documentSha256"], "cd".repeat(32));
        let again = secretariat.post(&path, &body("2026-11-21")).expect(409);
        assert_eq!(again.problem("conflict").code(), "already-confirmed");
        secretariat.post(&format!("/v1/destruction-confirmations/{ABSENT}/_confirm"), &body("2026-11-21")).expect(404);
        school.admin.get(PATH).expect(403);
        school.admin.post(&path, &body("2026-11-21")).expect(403);
        server.staff(ProcessorFunction::Helpdesk).get(PATH).expect(403);
    }

    fn c110_the_processor_has_the_certificates_of_an_institution_that_is_gone(server: Server) {
        let domain = new_domain();
        let mut body = new_institution(&domain);
        body["contractProfile"] = json!("basisonline");
        let school = School::entered(&server.anyone(), &domain, &body);
        let path = format!("{PATH}/{}/certificates", school.id);
        server.staff(ProcessorFunction::Secretariat).get(&path).expect(404).problem("not-found");
        let licence = format!("/v1/institutions/{}/licence", school.id);
        server.platform().change(&licence, &json!({"endDate": "2026-11-21"})).expect(200);

        server.clock.set("2027-01-21T23:00:30Z");
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let issued = || secretariat.get(&path);
        wait_until(|| issued().status == 200 && !issued().items().is_empty());
        let first = issued().items();
        assert_eq!((first.len(), &first[0]["completion"]), (1, &json!(null)));
        let certificate = text(&first[0]["certificate"]);
        let statement = read(certificate.as_bytes()).unwrap().statement;
        assert_eq!(statement["institutionId"], json!(school.id));
        assert_eq!(statement["destroyed"][0]["kind"], "institution");
        server.staff(ProcessorFunction::Helpdesk).get(&path).expect(403);
        // It is asked about nothing that comes later, such as a subprocessor outside the European Economic Area.
        let announced = announce(server, &abroad());
        let there = secretariat.get(&format!("/v1/subprocessors/{announced}")).expect(200).json();
        assert_eq!(there["state"], "in-use", "{there}");

        // Eight days later no backup has its keys any more.
        server.clock.set("2027-01-30T23:00:30Z");
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let issued = || secretariat.list(&path);
        wait_until(|| !issued()[0]["completion"].is_null());
        assert_eq!(text(&issued()[0]["certificate"]), certificate);
        let completion = read(text(&issued()[0]["completion"]).as_bytes()).unwrap().statement;
        assert_eq!(completion["kind"], "completion");
    }
}
