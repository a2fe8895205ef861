//! Who asks, and what about.

use std::collections::{BTreeMap, BTreeSet};

use groeilijn_domain::access::api_token::ApiTokenKind;
use groeilijn_domain::access::{Function, ProcessorFunction, Role};
use groeilijn_domain::support::{ConsentKind, SupportKind};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::disclosure::disclose;
use groeilijn_tests::incident::{incident, open_case, report};
use groeilijn_tests::instruction::{contact_person, instruct, processor_contact};
use groeilijn_tests::policy::Caller;
use groeilijn_tests::reply::text;
use groeilijn_tests::subprocessor::{abroad, announce, to_be_confirmed};
use groeilijn_tests::support::{
    allow, ask_about, begin, code_of, couple, coupling, request_for_case, request_to_answer, request_with,
};
use groeilijn_tests::webhook::{webhook_delivery, webhook_endpoint};
use groeilijn_tests::{Authenticator, Client, Member, School, Server};
use serde_json::{Value, json};

use crate::access::api_tokens::everything;
use crate::evidence::audits::ask_for_audit;
use crate::evidence::records::evidence;
use crate::policy::{
    additional_group_of, follow_up_of, new_goal, organisation_of, planned_destruction, propose_profile,
    publish_document, recovery_of, transition_of,
};

/// Ids by the name of the parameter.
pub(super) type Ids = BTreeMap<String, String>;

/// A group of a school, its location, its teacher, and what is asked about there.
pub(super) struct Corner {
    group: String,
    location: String,
    teacher: Member,
    pub(super) ids: Ids,
}

impl Corner {
    /// A new group in a school, with something for each of these parameters of a path.
    pub(super) fn new<'a>(
        server: &Server,
        school: &School,
        parameters: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let group = school.group("De Rupsen");
        let location = school.location("Noord", &[&group]);
        let teacher = school.member(Function::Teacher, &[&group]);
        let mut corner = Self { group, location, teacher, ids: Ids::new() };
        let somebody = school.member(Function::Teacher, &[&corner.group]);
        // A contact is changed while its user allows it.
        let consent = allow(server, &somebody.client, ConsentKind::Contact);
        let pupil = school.pupil("Noor", &corner.group);
        for parameter in parameters {
            let id = match parameter {
                "consentId" => Some(consent.clone()),
                "sessionId" => Some(session_of(&somebody.client)),
                "userId" => Some(somebody.id.clone()),
                "pupilId" => Some(pupil.clone()),
                _ => corner.make(parameter, server, school, &pupil),
            };
            corner.ids.extend(id.map(|id| (parameter.to_owned(), id)));
        }
        corner
    }

    /// Makes what a parameter names, unless it is nothing of an institution, and gives its id.
    fn make(&self, parameter: &str, server: &Server, school: &School, pupil: &str) -> Option<String> {
        let by_teacher = |path: &str, body: &Value| self.teacher.client.post(path, body).expect(201).id();
        let framework = || self.teacher.client.list("/v1/frameworks")[0]["id"].clone();
        Some(match parameter {
            "apiTokenId" => {
                let body = everything(ApiTokenKind::Auditor);
                text(&school.admin.post("/v1/api-tokens", &body).expect(201).json()["apiToken"]["id"])
            }
            "couplingId" => {
                let adviser = server.new_staff(ProcessorFunction::Adviser);
                couple(server, school, &coupling(school, &adviser.id))
            }
            "destructionId" => planned_destruction(school),
            "frameworkId" => text(&framework()),
            "groupId" => self.group.clone(),
            "importId" => {
                let file = "voornaam,achternaam,geslacht,geboortedatum\nSem,Bedacht,m,2022-05-04\n";
                let call = school.admin.call("POST", "/v1/imports?schoolYear=2026-2027");
                call.body("text/csv", file.as_bytes()).send().expect(201).id()
            }
            "institutionId" => {
                let holder = json!({
                    "firstName": "Toos", "lastName": "Verzonnen", "address": "Kade 1", "email": "toos@bestuur.example",
                });
                let path = format!("/v1/institutions/{}/licence-holder", school.id);
                assert!(matches!(server.platform().post(&path, &holder).status, 201 | 409));
                school.id.clone()
            }
            "organisationId" => organisation_of(server, school),
            "placementId" => text(&school.admin.list(&format!("/v1/pupils/{pupil}/placements"))[0]["id"]),
            "additionalGroupId" => additional_group_of(school, pupil),
            "schoolYearTransitionId" => transition_of(school),
            "noteId" => {
                by_teacher(&format!("/v1/pupils/{pupil}/notes"), &json!({"text": "Bouwt een toren."}))
            }
            "goalId" => by_teacher(&format!("/v1/groups/{}/goals", self.group), &new_goal(pupil)),
            "followUpId" => follow_up_of(&self.teacher.client, pupil),
            "registrationId" => {
                let path = format!("/v1/pupils/{pupil}/registrations");
                by_teacher(&path, &json!({ "frameworkId": framework() }))
            }
            "subprocessorId" => announce(server, &abroad()),
            "contactPersonId" => contact_person(school),
            "processorContactId" => processor_contact(server),
            "instructionId" => instruct(school),
            "webhookEndpointId" => webhook_endpoint(server, school),
            "webhookDeliveryId" => webhook_delivery(school, &webhook_endpoint(server, school)),
            "disclosureId" => disclose(school),
            "destructionConfirmationId" => to_be_confirmed(server, &school.id),
            "supportRequestId" => ask_about(school, &json!({})),
            "supportSessionId" => {
                begin(&server.platform(), &request_for_case(server, school, SupportKind::Emergency)).1
            }
            "holdId" => {
                let held = json!({"reason": "Bezwaar loopt nog.", "reviewDay": "2027-06-01"});
                school.admin.post(&format!("/v1/pupils/{pupil}/holds"), &held).expect(201).id()
            }
            "schoolYear" => "2024-2025".to_owned(),
            "version" => "1".to_owned(),
            "clauseId" => "C060".to_owned(),
            "auditId" => ask_for_audit(school),
            "evidenceRecordId" => {
                let body = evidence(server, "certificate", &["C093"], Some(&school.id));
                server.platform().post("/v1/evidence-records", &body).expect(201).id()
            }
            "locationId" => self.location.clone(),
            "contractDocumentId" => publish_document(server),
            "agreementId" => propose_profile(server, school),
            "recoveryId" => recovery_of(server, school),
            "incidentId" => report(&school.admin),
            "incidentCaseId" => open_case(&server.platform(), &[&school.id]).0,
            _ => return None,
        })
    }
}

/// The id of the session of a client.
fn session_of(client: &Client) -> String {
    let sessions = client.get("/v1/account/sessions").expect(200).items();
    text(&sessions.iter().find(|session| session["current"] == true).unwrap()["id"])
}

/// Somebody of each kind that works in the group, in the order of the policy's columns, with the ids that only she
/// owns.
pub(super) fn everybody(
    server: &Server,
    school: &School,
    own: &Corner,
    parameters: &BTreeSet<&str>,
) -> Vec<(Caller, Client, Ids)> {
    let adviser = server.new_staff(ProcessorFunction::Adviser);
    Authenticator::bind(&adviser.client);
    couple(server, school, &coupling(school, &adviser.id));
    allow(server, &own.teacher.client, ConsentKind::LookAlong);
    Caller::all()
        .into_iter()
        .map(|caller| {
            let (client, email) = match caller {
                Caller::Role(Role::Institution(Function::Administrator)) => {
                    (school.admin.clone(), Some(format!("beheerder@{}", school.domain)))
                }
                Caller::Role(Role::Institution(function)) => {
                    let member = school.member(function, &[&own.group]);
                    (member.client, Some(member.email))
                }
                Caller::AtLocations(function) => {
                    let member = school.member_at(function, &[&own.location]);
                    (member.client, Some(member.email))
                }
                Caller::Role(Role::Processor(ProcessorFunction::PlatformAdministrator)) => {
                    (server.platform(), None)
                }
                Caller::Role(Role::Processor(function)) => (server.staff(function), None),
                Caller::Support(kind) => (looking(server, school, own, &adviser.client, kind), None),
                Caller::ApiToken(kind) => {
                    let made = school.admin.post("/v1/api-tokens", &everything(kind)).expect(201).json();
                    (server.anyone().with_token(&text(&made["token"])), None)
                }
            };
            let ids = email.map_or_else(Ids::new, |email| {
                let elsewhere = server.anyone().log_in(&email, PASSWORD);
                let mut ids = Ids::from([("sessionId".to_owned(), session_of(&elsewhere))]);
                if parameters.contains("supportRequestId") {
                    let asked = client.post("/v1/support-requests", &json!({"question": "Wat nu?"}));
                    ids.extend((asked.status == 201).then(|| ("supportRequestId".to_owned(), asked.id())));
                }
                if parameters.contains("incidentId") {
                    let reported = client.post("/v1/incidents", &incident());
                    ids.extend((reported.status == 201).then(|| ("incidentId".to_owned(), reported.id())));
                }
                if parameters.contains("consentId") {
                    ids.insert("consentId".to_owned(), allow(server, &client, ConsentKind::Contact));
                }
                ids
            });
            (caller, client, ids)
        })
        .collect()
}

/// Who looks into the school in a support session of a kind.
fn looking(server: &Server, school: &School, own: &Corner, adviser: &Client, kind: SupportKind) -> Client {
    let (staff, body) = match kind {
        SupportKind::LookAlong => (
            server.staff(ProcessorFunction::Helpdesk),
            request_with(server, school, &own.teacher.id, &code_of(&own.teacher.client)),
        ),
        SupportKind::Case => {
            let asked = ask_about(school, &json!({"groupId": own.group}));
            (adviser.clone(), request_to_answer(server, school, &asked))
        }
        SupportKind::Coupling => (adviser.clone(), request_for_case(server, school, kind)),
        SupportKind::Emergency => (server.platform(), request_for_case(server, school, kind)),
    };
    begin(&staff, &body).0
}
