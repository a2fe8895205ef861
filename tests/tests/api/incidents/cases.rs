//! What the processor reports to several institutions at once (C001, C122, C128, C131).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::incident::{case, open_case, reach};
use serde_json::json;

const PATH: &str = "/v1/incident-cases";

both_databases! {
    fn c001_c128_each_institution_has_an_incident_of_its_own_and_sees_no_other(server: Server) {
        let schools = [server.school(), server.school(), server.school()];
        let platform = server.platform();
        let (id, incidents) = open_case(&platform, &[&schools[0].id, &schools[1].id]);
        for (place, school) in schools.iter().enumerate() {
            let own = school.admin.list("/v1/incidents");
            assert_eq!(own.len(), usize::from(place < 2));
            if let [own] = own.as_slice() {
                let text = own.to_string();
                assert!(own["id"] == *incidents[place] && own["source"] == "processor");
                assert!(schools.iter().all(|other| other.id == school.id || !text.contains(&other.id)));
            }
            for (other, incident) in incidents.iter().enumerate() {
                let status = if other == place { 200 } else { 404 };
                school.admin.get(&format!("/v1/incidents/{incident}")).expect(status);
            }
            school.admin.get(&format!("{PATH}/{id}")).expect(403);
        }
        // Each goes its own way.
        reach(&schools[0].admin, &incidents[0], "registered").expect(201);
        assert_eq!(schools[1].admin.list("/v1/incidents")[0]["stage"], "reported");
        for school in &schools[..2] {
            server.anyone().mailbox().wait_for(&format!("beheerder@{}", school.domain), "incident gemeld", 1);
            let log = server.audit_log(&school.id);
            assert_eq!(log.entries().iter().filter(|entry| entry.operation == "openIncidentCase").count(), 1);
            log.check();
        }
        let read = platform.get(&format!("{PATH}/{id}")).expect(200).json();
        assert_eq!(read["incidents"].as_array().unwrap().len(), 2);
        assert!(read["incidents"].as_array().unwrap().iter().all(|one| one["clock"]["deadline"] == "2026-11-24T08:00:00Z"));
        platform.get(&format!("{PATH}/{ABSENT}")).expect(404);
    }

    fn c122_a_security_event_becomes_an_incident_in_one_step(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        for _ in 0..3 {
            server.anyone().try_log_in(&member.email, "Verkeerd-1").expect(401);
        }
        let platform = server.platform();
        let event = platform.list("/v1/security-events").into_iter().find(|event| event["institutionId"] == school.id.as_str()).unwrap();
        let mut body = case(&[]);
        body.as_object_mut().unwrap().remove("institutionIds");
        body["securityEventId"] = event["id"].clone();
        body["knownAt"] = json!("2026-11-21T08:59:59Z");
        // It was known no earlier than it happened.
        platform.post(PATH, &body).refuses(&[("/knownAt", "before-it-happened")]);
        body["knownAt"] = event["occurredAt"].clone();
        platform.post(PATH, &body).expect(201);
        let found = school.admin.list("/v1/incidents")[0].clone();
        assert_eq!((&found["securityEventId"], &found["occurredAt"]), (&event["id"], &event["occurredAt"]));
        // The institution's own administrator does likewise, with an event of hers.
        let mut own = groeilijn_tests::incident::incident();
        own["securityEventId"] = event["id"].clone();
        school.admin.post("/v1/incidents", &own).expect(201);
        server.school().admin.post("/v1/incidents", &own).refuses(&[("/securityEventId", "unknown-security-event")]);
    }

    fn everything_wrong_with_a_case_is_told_at_once(server: Server) {
        let school = server.school();
        let platform = server.platform();
        let mut body = case(&[&school.id, &school.id]);
        body["source"] = json!("institution");
        body["knownAt"] = json!("2026-11-21T20:00:00Z");
        platform.post(PATH, &body).refuses(&[
            ("/institutionIds/1", "repeated"), ("/source", "not-of-this-side"), ("/knownAt", "in-the-future"),
        ]);
        platform.post(PATH, &case(&[&school.id, ABSENT])).refuses(&[("/institutionIds/1", "unknown-institution")]);
        platform.post(PATH, &case(&[])).refuses(&[("/institutionIds", "empty")]);
        let mut none = case(&[]);
        none.as_object_mut().unwrap().remove("institutionIds");
        platform.post(PATH, &none).refuses(&[("/institutionIds", "required")]);
        none["securityEventId"] = json!(ABSENT);
        platform.post(PATH, &none).refuses(&[("/securityEventId", "unknown-security-event")]);
        assert_eq!(school.admin.list("/v1/incidents").len(), 0);
    }

    fn who_may_open_a_case_and_who_sees_what_was_told(server: Server) {
        let school = server.school();
        let body = case(&[&school.id]);
        school.admin.post(PATH, &body).expect(403);
        for function in [ProcessorFunction::Adviser, ProcessorFunction::Marketing, ProcessorFunction::AccountManager] {
            server.staff(function).post(PATH, &body).expect(403);
        }
        let helpdesk = server.staff(ProcessorFunction::Helpdesk);
        let first = helpdesk.post_once(PATH, &body, "zaak").expect(201);
        assert_eq!(helpdesk.post_once(PATH, &body, "zaak").expect(201).id(), first.id());
        assert_eq!(school.admin.list("/v1/incidents").len(), 1);
        let incident = first.json()["incidents"][0]["incidentId"].as_str().unwrap().to_owned();
        // The helpdesk takes it in and follows it, and reads no text of it.
        helpdesk.get(&format!("/v1/incidents/{incident}")).expect(403);
        helpdesk.get(&format!("{PATH}/{}", first.id())).expect(200);
        server.platform().post("/v1/incidents", &groeilijn_tests::incident::incident()).expect(403);
    }
}
