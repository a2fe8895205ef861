//! Contact persons, instructions, and extra processings that are off until they were instructed (C019, C038).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::institutions::instruction::ExtraProcessing;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::instruction::{
    accept, contact_person, decline, instruct, instruction, person, processor_contact, switch,
};
use groeilijn_tests::{School, Server, both_databases};
use serde_json::{Value, json};

fn own(school: &School, what: &str) -> String {
    format!("/v1/institutions/{}/{what}", school.id)
}

fn state(school: &School, id: &str) -> Value {
    school.admin.get(&own(school, &format!("instructions/{id}"))).expect(200).json()["state"].clone()
}

fn is_on(school: &School) -> bool {
    let all = school.admin.get(&own(school, "extra-processings")).expect(200).json();
    let webhooks = all["processings"].as_array().unwrap().iter().find(|one| one["processing"] == "webhooks");
    !webhooks.unwrap()["onSince"].is_null()
}

fn accepted(server: &Server, school: &School) -> String {
    let id = instruct(school);
    accept(server, school, &id).expect(200);
    id
}

both_databases! {
    fn c038_an_extra_processing_is_on_only_with_an_accepted_instruction(server: Server) {
        let school = server.school();
        assert!(!is_on(&school), "off by default");
        let refused = |school: &School| switch(school, true).expect(409).problem("conflict").code().to_owned();
        assert_eq!(refused(&school), "not-instructed");
        let id = instruct(&school);
        assert_eq!((state(&school, &id), refused(&school)), (json!("proposed"), "not-instructed".to_owned()));
        let held = accept(server, &school, &id).expect(200).json();
        assert_eq!(held["state"], "accepted");
        switch(&school, true).expect(200);
        switch(&school, true).expect(200);
        assert!(is_on(&school));
        let other = server.school();
        assert_eq!(refused(&other), "not-instructed");

        // As long as another one holds, it stays on.
        let second = accepted(server, &school);
        let withdraw = |id: &str| school.admin.call("DELETE", &own(&school, &format!("instructions/{id}"))).send();
        withdraw(&second).expect(204);
        assert!(is_on(&school));
        withdraw(&id).expect(204);
        assert!(!is_on(&school));
        assert_eq!((state(&school, &id), refused(&school)), (json!("withdrawn"), "not-instructed".to_owned()));
        assert_eq!(withdraw(&id).expect(409).problem("conflict").code(), "already-decided");
        switch(&school, false).expect(200);
        let log = server.audit_log(&school.id);
        for operation in ["giveInstruction", "acceptInstruction", "withdrawInstruction", "switchExtraProcessing"] {
            assert!(log.entries().iter().any(|entry| entry.operation == operation), "{operation}");
        }
        log.check();
    }

    fn c053_as_delivered_nothing_is_coupled_to_another_program(server: Server) {
        let school = server.school();
        let all = school.admin.get(&own(&school, "extra-processings")).expect(200).json();
        let all = all["processings"].as_array().unwrap();
        let codes: Vec<_> = all.iter().map(|one| one["processing"].clone()).collect();
        assert_eq!(codes, ExtraProcessing::ALL.map(|one| json!(one.code())));
        assert!(all.iter().all(|one| one["onSince"].is_null()), "{all:?}");
        for processing in codes {
            let switched = json!({"processing": processing, "switchedOn": true});
            let refused = school.admin.post(&own(&school, "extra-processings/_switch"), &switched).expect(409);
            assert_eq!(refused.problem("conflict").code(), "not-instructed", "{processing}");
        }
    }

    fn c019_an_instruction_comes_from_and_goes_to_registered_contact_persons(server: Server) {
        let (school, other) = (server.school(), server.school());
        let path = own(&school, "instructions");
        for unknown in [ABSENT.to_owned(), contact_person(&other), processor_contact(server)] {
            school.admin.post(&path, &instruction(&unknown)).refuses(&[("/contactPersonId", "unknown-contact-person")]);
        }
        let contact = contact_person(&school);
        let id = school.admin.post_once(&path, &instruction(&contact), "opdracht").expect(201).id();
        assert_eq!(school.admin.post_once(&path, &instruction(&contact), "opdracht").expect(201).id(), id);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let accepting = own(&school, &format!("instructions/{id}/_accept"));
        for unknown in [ABSENT, &contact] {
            let body = json!({ "processorContactId": unknown });
            secretariat.post(&accepting, &body).refuses(&[("/processorContactId", "unknown-contact-person")]);
        }
        let gone = own(&school, &format!("contact-persons/{contact}"));
        school.admin.call("DELETE", &gone).send().expect(204);
        assert_eq!(school.admin.call("DELETE", &gone).send().expect(409).problem("conflict").code(), "contact-person-ended");
        school.admin.post(&path, &instruction(&contact)).refuses(&[("/contactPersonId", "unknown-contact-person")]);
        assert_eq!(accept(server, &school, &id).expect(409).problem("conflict").code(), "unknown-contact-person");
        assert_eq!(state(&school, &id), "proposed");

        let ours = processor_contact(server);
        secretariat.call("DELETE", &format!("/v1/processor-contact-persons/{ours}")).send().expect(204);
        let second = instruct(&school);
        secretariat
            .post(&own(&school, &format!("instructions/{second}/_accept")), &json!({ "processorContactId": ours }))
            .refuses(&[("/processorContactId", "unknown-contact-person")]);
        let declined = decline(server, &school, &second).expect(200).json();
        assert_eq!((&declined["state"], &declined["declinedBecause"]), (&json!("declined"), &json!("Past niet in de overeenkomst.")));
        assert_eq!(accept(server, &school, &second).expect(409).problem("conflict").code(), "already-decided");
        assert_eq!(school.admin.list(&path).len(), 2);
    }

    fn c019_a_contact_person_is_ended_and_stays_listed(server: Server) {
        let school = server.school();
        let (kept, gone) = (contact_person(&school), contact_person(&school));
        let path = own(&school, "contact-persons");
        school.admin.call("DELETE", &format!("{path}/{gone}")).send().expect(204);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let all = secretariat.list(&path);
        assert_eq!(all.len(), 2);
        assert!(!all[1]["endedAt"].is_null() && all[0]["endedAt"].is_null());
        assert_eq!(school.admin.list(&path), all);
        assert_eq!((all[0]["id"].clone(), all[1]["id"].clone()), (json!(kept), json!(gone)));
    }

    fn who_may_what_with_contact_persons_and_instructions(server: Server) {
        let (school, other) = (server.school(), server.school());
        let id = instruct(&school);
        let teacher = school.member(Function::Teacher, &[]).client;
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        for what in ["contact-persons", "instructions", "extra-processings"] {
            teacher.get(&own(&school, what)).expect(403);
            server.staff(ProcessorFunction::Adviser).get(&own(&school, what)).expect(403);
            other.admin.get(&own(&school, what)).expect(404);
            secretariat.get(&own(&school, what)).expect(200);
            secretariat.get(&format!("/v1/institutions/{ABSENT}/{what}")).expect(404);
        }
        secretariat.post(&own(&school, "contact-persons"), &person("Noor")).expect(403);
        other.admin.post(&own(&school, "contact-persons"), &person("Noor")).expect(404);
        school.admin.post("/v1/processor-contact-persons", &person("Noor")).expect(403);
        processor_contact(server);
        assert_eq!(school.admin.list("/v1/processor-contact-persons").len(), 1);
        for answer in ["_accept", "_decline"] {
            school.admin.post(&own(&school, &format!("instructions/{id}/{answer}")), &json!({})).expect(403);
        }
        other.admin.get(&own(&other, &format!("instructions/{id}"))).expect(404);
        secretariat.call("DELETE", &own(&school, &format!("instructions/{id}"))).send().expect(403);
        other.admin.call("DELETE", &own(&school, &format!("instructions/{id}"))).send().expect(404);
    }

    fn everything_wrong_with_a_contact_person_or_an_instruction_is_told_at_once(server: Server) {
        let school = server.school();
        school.admin.post(&own(&school, "contact-persons"), &json!({"firstName": "", "email": "x", "phone": "1"})).refuses(&[
            ("/firstName", "empty"), ("/lastName", "required"), ("/email", "not-an-email-address"), ("/phone", "unknown-field"),
        ]);
        let path = own(&school, "instructions");
        school.admin.post(&path, &json!({"contactPersonId": "x", "processing": "marketing"})).refuses(&[
            ("/contactPersonId", "not-a-uuid"), ("/processing", "not-in-list"), ("/text", "required"), ("/givenOn", "required"),
        ]);
        let mut body = instruction(&contact_person(&school));
        body["givenOn"] = json!("2026-11-22");
        school.admin.post(&path, &body).refuses(&[("/givenOn", "in-the-future")]);
        let switch = own(&school, "extra-processings/_switch");
        school.admin.post(&switch, &json!({"switchedOn": "yes"})).refuses(&[("/processing", "required"), ("/switchedOn", "not-a-boolean")]);
    }
}
