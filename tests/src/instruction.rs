//! Contact persons and instructions, plainly made up.

use groeilijn_domain::access::ProcessorFunction;
use serde_json::{Value, json};

use crate::reply::Reply;
use crate::school::School;
use crate::server::Server;

/// The body of a contact person.
pub fn person(first_name: &str) -> Value {
    json!({"firstName": first_name, "lastName": "Verzonnen", "email": "bestuur@school.example"})
}

/// Registers a contact person of a school and gives her id.
#[track_caller]
pub fn contact_person(school: &School) -> String {
    let path = format!("/v1/institutions/{}/contact-persons", school.id);
    school.admin.post(&path, &person("Noor")).expect(201).id()
}

/// Registers a contact person of the processor and gives the id.
#[track_caller]
pub fn processor_contact(server: &Server) -> String {
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    secretariat.post("/v1/processor-contact-persons", &person("Stien")).expect(201).id()
}

/// The body of an instruction to tell another program what changed.
pub fn instruction(contact_person: &str) -> Value {
    json!({
        "contactPersonId": contact_person, "processing": "webhooks", "text": "Meld wijzigingen aan ons systeem.",
        "givenOn": "2026-11-20",
    })
}

/// Gives an instruction by a new contact person, and gives its id.
#[track_caller]
pub fn instruct(school: &School) -> String {
    let path = format!("/v1/institutions/{}/instructions", school.id);
    school.admin.post(&path, &instruction(&contact_person(school))).expect(201).id()
}

/// Has the secretariat accept an instruction, by a new contact person of the processor.
#[track_caller]
pub fn accept(server: &Server, school: &School, id: &str) -> Reply {
    let body = json!({ "processorContactId": processor_contact(server) });
    let path = format!("/v1/institutions/{}/instructions/{id}/_accept", school.id);
    server.staff(ProcessorFunction::Secretariat).post(&path, &body)
}

/// Has the secretariat decline an instruction.
#[track_caller]
pub fn decline(server: &Server, school: &School, id: &str) -> Reply {
    let path = format!("/v1/institutions/{}/instructions/{id}/_decline", school.id);
    server
        .staff(ProcessorFunction::Secretariat)
        .post(&path, &json!({"reason": "Past niet in de overeenkomst."}))
}

/// Switches telling another program on or off.
pub fn switch(school: &School, on: bool) -> Reply {
    let path = format!("/v1/institutions/{}/extra-processings/_switch", school.id);
    school.admin.post(&path, &json!({"processing": "webhooks", "switchedOn": on}))
}
