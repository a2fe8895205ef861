//! A board: two institutions of one organisation that share a mail domain.

use groeilijn_domain::access::{Function, ProcessorFunction};
use serde_json::json;

use crate::accounts::PASSWORD;
use crate::client::Client;
use crate::reply::{Reply, text};
use crate::school::{Member, School, new_institution};
use crate::server::Server;

/// Two schools of one organisation.
pub struct Board {
    /// The organisation's id.
    pub organisation: String,
    /// The school that was there first.
    pub one: School,
    /// The school that came later.
    pub other: School,
    anyone: Client,
}

impl Board {
    /// Enters an organisation and its schools.
    #[track_caller]
    pub fn found(server: &Server) -> Self {
        let (anyone, secretariat) = (server.anyone(), server.staff(ProcessorFunction::Secretariat));
        let name = json!({"name": "Stichting De Verzinsels"});
        let organisation = secretariat.post("/v1/organisations", &name).expect(201).id();
        let one = server.school();
        let belongs = format!("/v1/organisations/{organisation}/institutions/{}", one.id);
        secretariat.call("PUT", &belongs).send().expect(204);
        let mut body = new_institution(&one.domain);
        body["organisationId"] = json!(organisation);
        body["administrator"]["email"] = json!(format!("directie@{}", one.domain));
        let other = School::entered(&anyone, &one.domain, &body);
        Self { organisation, one, other, anyone }
    }

    /// Enters somebody of the first school as a user of the other one: what its administrator is answered.
    #[track_caller]
    pub fn enter_at_other(&self, email: &str, function: Function, groups: &[&str]) -> Reply {
        let mut body = self.other.new_user(function, groups);
        body["email"] = json!(email);
        self.other.admin.post("/v1/users", &body).expect(201)
    }

    /// Accepts the latest invitation to join that was sent to an address.
    #[track_caller]
    pub fn join(&self, email: &str) {
        let token = self.anyone.mailbox().joining_tokens(email, 1).pop().unwrap();
        let body = json!({"token": token, "password": PASSWORD});
        self.anyone.post("/v1/invitations/_join", &body).expect(204);
    }

    /// A teacher of the first school who is a user of the other one too: as whom the first school knows her, and her id at
    /// the other one.
    #[track_caller]
    pub fn teacher_at_both(&self, groups: &[&str]) -> (Member, String) {
        let member = self.one.member(Function::Teacher, &[]);
        let made = self.enter_at_other(&member.email, Function::Teacher, groups).json();
        self.join(&member.email);
        (member, text(&made["user"]["id"]))
    }
}

/// Lets a session act in another institution of its user.
pub fn switch(client: &Client, institution: &str) -> Reply {
    client.post("/v1/sessions/current/_switch", &json!({ "institutionId": institution }))
}
