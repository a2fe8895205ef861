//! A walk past every operation that takes a JSON body or an `If-Match`: a school comes, follows children, asks for help, and
//! the platform looks after itself, each with the examples of the OpenAPI document.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::{ABSENT, Call};
use groeilijn_tests::framework::shipped;
use groeilijn_tests::incident::{decision, open_case};
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_institution, set_password};
use groeilijn_tests::second_factor::Authenticator;
use groeilijn_tests::subprocessor::{abroad, announce, to_be_confirmed};
use groeilijn_tests::{Client, Reply, School, Server};
use serde_json::{Value, json};

use crate::policy::{new_follow_up, new_goal};

/// A request that is about to be sent, and will be accepted.
pub(super) struct Request<'a> {
    pub(super) client: &'a Client,
    pub(super) operation: &'a Operation,
    pub(super) path: String,
    /// The media type and the text of the body; empty without one.
    pub(super) body: (&'a str, String),
    /// The present revision of what it changes, when it needs one.
    pub(super) etag: Option<String>,
}

impl Request<'_> {
    /// The request with its body, without its headers.
    pub(super) fn bare(&self) -> Call<'_> {
        let call = self.client.call(self.operation.method, &self.path);
        let (media_type, body) = &self.body;
        if body.is_empty() { call } else { call.body(media_type, body.as_bytes()) }
    }

    /// The request as it is accepted, with a key of its own if it takes one.
    pub(super) fn whole(&self) -> Call<'_> {
        let call = self.etag.iter().fold(self.bare(), |call, etag| call.header("If-Match", etag));
        if self.operation.takes("Idempotency-Key") {
            call.header("Idempotency-Key", &self.operation.id)
        } else {
            call
        }
    }

    /// What it changes, as its caller reads it.
    pub(super) fn resource(&self) -> Reply {
        self.client.get(resource(&self.path)).expect(200)
    }
}

/// What is looked at after a request.
type After<'w> = dyn Fn(&Request<'_>, &Reply) + 'w;

/// The walk as far as it has come. `before` and `after` look at each request, and after it at its reply too.
pub(super) struct Walk<'w> {
    operations: Vec<Operation>,
    ids: RefCell<BTreeMap<&'static str, String>>,
    passed: RefCell<BTreeSet<String>>,
    before: Box<dyn Fn(&Request<'_>) + 'w>,
    after: Box<After<'w>>,
}

impl<'w> Walk<'w> {
    pub(super) fn new(server: &Server) -> Self {
        Self {
            operations: operations(&served(server)),
            ids: RefCell::default(),
            passed: RefCell::default(),
            before: Box::new(|_| {}),
            after: Box::new(|_, _| {}),
        }
    }

    /// With something to be seen of each request before it is sent.
    pub(super) fn before(self, before: impl Fn(&Request<'_>) + 'w) -> Self {
        Self { before: Box::new(before), ..self }
    }

    /// With something to be seen of each request after it was answered.
    pub(super) fn after(self, after: impl Fn(&Request<'_>, &Reply) + 'w) -> Self {
        Self { after: Box::new(after), ..self }
    }

    /// The operations for which something holds and that the walk did not pass.
    pub(super) fn left(&self, holds: impl Fn(&Operation) -> bool) -> Vec<String> {
        let passed = self.passed.borrow();
        let all =
            self.operations.iter().filter(|operation| holds(operation) && !passed.contains(&operation.id));
        all.map(|operation| operation.id.clone()).collect()
    }

    /// All operations of the document.
    pub(super) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The path of an operation with the ids that there are by now. The users of the processor are others than those of the
    /// school.
    pub(super) fn path_of(&self, operation: &Operation) -> String {
        let of_staff = operation.path.starts_with("/v1/processor-staff");
        operation.path_with(|name| self.id(if of_staff && name == "userId" { "staffId" } else { name }))
    }

    /// From now on this id takes the place of the example's, in paths and in bodies.
    fn is(&self, name: &'static str, id: impl Into<String>) {
        self.ids.borrow_mut().insert(name, id.into());
    }

    fn id(&self, name: &str) -> String {
        self.ids.borrow()[name].clone()
    }

    /// Sends an example, with what is secret in it replaced.
    #[track_caller]
    fn send_with(&self, client: &Client, id: &str, secrets: &Value) -> Reply {
        let operation = self.operations.iter().find(|operation| operation.id == id).unwrap();
        let (media_type, mut body) = example(operation);
        self.put_ids(&mut body, "");
        for (name, secret) in secrets.as_object().unwrap() {
            assert!(body.get(name).is_some(), "{id} has no {name}");
            body[name] = secret.clone();
        }
        self.pass(client, operation, (media_type, body.to_string()))
    }

    /// Sends an example as it stands.
    #[track_caller]
    fn send(&self, client: &Client, id: &str) -> Reply {
        self.send_with(client, id, &json!({}))
    }

    /// Asks for an operation that takes no body.
    #[track_caller]
    fn act(&self, client: &Client, id: &str) -> Reply {
        let operation = self.operations.iter().find(|operation| operation.id == id).unwrap();
        self.pass(client, operation, ("", String::new()))
    }

    #[track_caller]
    fn pass(&self, client: &Client, operation: &Operation, body: (&str, String)) -> Reply {
        let path = self.path_of(operation);
        let changes = operation.takes("If-Match");
        let etag = changes.then(|| client.get(resource(&path)).expect(200).etag());
        let request = Request { client, operation, path, body, etag };
        (self.before)(&request);
        let reply = request.whole().send();
        assert!(
            (200..300).contains(&reply.status),
            "{}: {}: {:?}",
            operation.id,
            request.body.1,
            reply.visible()
        );
        (self.after)(&request, &reply);
        self.passed.borrow_mut().insert(operation.id.clone());
        reply
    }

    /// Puts the ids that there are in the place of the example's.
    fn put_ids(&self, value: &mut Value, name: &str) {
        match value {
            Value::Object(members) => {
                members.iter_mut().for_each(|(name, member)| self.put_ids(member, name));
            }
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.put_ids(item, name.trim_end_matches('s')));
            }
            Value::String(text) if text == ABSENT => *text = self.id(name),
            _ => {}
        }
    }

    /// The whole walk. Gives the administrator of the school.
    pub(super) fn go(&self, server: &Server) -> Client {
        let admin = enter_a_school(server, self);
        follow_children(self, &admin);
        take_over_a_file(self, &admin);
        ask_for_help(server, self, &admin);
        engage_a_subprocessor(server, self, &admin);
        instruct_the_processor(server, self, &admin);
        report_incidents(server, self, &admin);
        join_another(server, self);
        let admin = look_after_accounts(server, self, &admin);
        decide_what_is_kept(self, &admin);
        look_after_the_platform(server, self);
        admin
    }
}

/// The first body of an operation that is JSON.
fn example(operation: &Operation) -> (&str, Value) {
    let contents = operation.described["requestBody"]["content"].as_object().unwrap();
    let (media_type, content) = contents.iter().find(|(media_type, _)| media_type.ends_with("json")).unwrap();
    (media_type, content["example"].clone())
}

/// What an operation acts upon: its path without the operation.
fn resource(path: &str) -> &str {
    let path = path.strip_suffix("/departure").or(path.strip_suffix("/address-exception")).unwrap_or(path);
    path.rsplit_once("/_").map_or(path, |(resource, _)| resource)
}

/// A school as the examples enter it, with its administrator let in by them.
fn enter_a_school(server: &Server, walk: &Walk<'_>) -> Client {
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    walk.is("organisationId", walk.send(&secretariat, "createOrganisation").id());
    walk.send(&secretariat, "changeOrganisation");
    let made = walk.send(&server.platform(), "createInstitution").json();
    walk.is("institutionId", text(&made["institution"]["id"]));
    let token = |email| server.anyone().mailbox().token(email);
    let email = text(&made["institution"]["mailDomains"][0]);
    walk.send_with(
        &server.anyone(),
        "acceptInvitation",
        &json!({"token": token(&format!("beheerder@{email}"))}),
    );
    let tokens = walk.send(&server.anyone(), "logIn").json();
    let fresh = json!({"refreshToken": tokens["refreshToken"]});
    let tokens = walk.send_with(&server.anyone(), "refreshSession", &fresh).json();
    let admin = server.anyone().with_token(&text(&tokens["accessToken"]));
    walk.send(&admin, "acceptTerms");
    walk.send(&admin, "switchSession");
    walk.send(&secretariat, "changeLicence");
    walk.send(&admin, "cancelLicence");
    walk.act(&secretariat, "withdrawCancellation");
    walk.send(&server.platform(), "changeInstitution");
    walk.send(&secretariat, "createLicenceHolder");
    walk.send(&secretariat, "changeLicenceHolder");
    walk.is("contractDocumentId", walk.send(&secretariat, "publishContractDocument").id());
    walk.is("agreementId", walk.send(&secretariat, "proposeAgreement").id());
    walk.is("recoveryId", walk.send(&secretariat, "recordAdministratorRecovery").id());
    walk.send(&secretariat, "checkRecoveryIdentity");
    walk.send(&admin, "stopAdministratorRecovery");
    walk.is("locationId", walk.send(&admin, "createLocation").id());
    walk.send(&admin, "changeLocation");
    walk.is("userId", text(&made["administratorId"]));
    admin
}

/// What a school does all day: groups, children, notes, registrations.
fn follow_children(walk: &Walk<'_>, admin: &Client) {
    walk.is("frameworkId", shipped(admin, "nl"));
    walk.send(admin, "chooseFrameworks");
    walk.is("groupId", walk.send(admin, "createGroup").id());
    let teacher = walk.send(admin, "createUser").json();
    walk.is("pupilId", walk.send(admin, "createPupil").id());
    walk.send(admin, "changePupil");
    walk.send(admin, "searchPupils");
    walk.send(admin, "searchColleagues");
    let substitute = json!({
        "firstName": "Ine", "lastName": "Invaller", "gender": "female", "function": "teacher",
        "email": "ine@bureau.example", "addressException": {"reason": "Valt in.", "until": "2026-12-01"},
    });
    walk.is("userId", text(&admin.post("/v1/users", &substitute).expect(201).json()["user"]["id"]));
    walk.send(admin, "exceptAddressOfUser");
    walk.is("userId", text(&teacher["user"]["id"]));
    walk.send(admin, "changeUser");
    let email = text(&teacher["user"]["email"]);
    let token = admin.mailbox().token(&email);
    walk.send_with(admin, "acceptInvitation", &json!({"token": token}));
    let teacher = admin.log_in(&email, "Een-goed-wachtwoord-1");
    walk.is("noteId", walk.send(&teacher, "createNote").id());
    walk.send(&teacher, "changeNote");
    walk.send(&teacher, "createSharedNote");
    walk.send(&teacher, "withdrawNote");
    let child = walk.id("pupilId");
    let other = json!({"text": "Bouwt een toren."});
    walk.is("noteId", teacher.post(&format!("/v1/pupils/{child}/notes"), &other).expect(201).id());
    let sibling = json!({
        "firstName": "Siem", "lastName": "Verzonnen", "gender": "male", "birthDate": "2022-03-14",
        "groupId": walk.id("groupId"), "placedOn": "2026-08-24",
    });
    walk.is("pupilId", admin.post("/v1/pupils", &sibling).expect(201).id());
    walk.send(&teacher, "moveNote");
    walk.is("pupilId", child);
    walk.is("goalId", walk.send(&teacher, "createGoal").id());
    walk.send(&teacher, "changeGoal");
    walk.send(&teacher, "addGoalOffer");
    walk.act(&teacher, "deleteGoal");
    let goals = format!("/v1/groups/{}/goals", walk.id("groupId"));
    walk.is("goalId", teacher.post(&goals, &new_goal(&walk.id("pupilId"))).expect(201).id());
    walk.is("registrationId", walk.send(&teacher, "createRegistration").id());
    walk.send(&teacher, "reportToParents");
    walk.send(&teacher, "reportGroup");
    walk.send(&teacher, "changeRegistration");
    walk.send(&teacher, "sendBatch");
    let attention = json!({"judgements": {"lines": {"play": {"attention": true}}}});
    teacher.change(&format!("/v1/registrations/{}", walk.id("registrationId")), &attention).expect(200);
    walk.is("followUpId", walk.send(&teacher, "createFollowUp").id());
    walk.send(&teacher, "changeFollowUp");
    walk.act(&teacher, "deleteFollowUp");
    let planned = format!("/v1/registrations/{}/follow-ups", walk.id("registrationId"));
    walk.is("followUpId", teacher.post(&planned, &new_follow_up()).expect(201).id());
    walk.send(&teacher, "finishFollowUp");
    walk.act(&teacher, "finaliseRegistration");
    walk.send(&teacher, "correctRegistration");
    walk.act(&teacher, "discardRegistrationDraft");
    walk.send(&teacher, "withdrawRegistration");
    walk.is("version", "1");
    walk.send(admin, "changeGroup");
    let other = json!({"name": "De Rupsen", "schoolYear": "2026-2027"});
    walk.is("groupId", admin.post("/v1/groups", &other).expect(201).id());
    walk.is("placementId", walk.send(admin, "placePupil").id());
    walk.send(admin, "changePlacement");
    walk.send(admin, "takePlacementAway");
    let again = format!("/v1/pupils/{}/placements", walk.id("pupilId"));
    walk.is("placementId", admin.post(&again, &json!({"groupId": walk.id("groupId")})).expect(201).id());
    let full = walk.id("groupId");
    walk.is("groupId", admin.post("/v1/groups", &other).expect(201).id());
    walk.is("additionalGroupId", walk.send(admin, "addAdditionalGroup").id());
    walk.send(admin, "changeAdditionalGroup");
    walk.act(admin, "removeAdditionalGroup");
    let beside = format!("/v1/pupils/{}/additional-groups", walk.id("pupilId"));
    walk.is(
        "additionalGroupId",
        admin.post(&beside, &json!({"groupId": walk.id("groupId")})).expect(201).id(),
    );
    walk.is("groupId", admin.post("/v1/groups", &other).expect(201).id());
    walk.act(admin, "deleteGroup");
    walk.is("groupId", full);
    walk.is("fromGroupId", walk.id("groupId"));
    walk.send(admin, "previewSchoolYearTransition");
    walk.is("schoolYearTransitionId", walk.send(admin, "createSchoolYearTransition").id());
    walk.act(admin, "undoSchoolYearTransition");
    walk.send(admin, "recordDeparture");
    walk.act(admin, "undoDeparture");
    walk.act(admin, "archivePupil");
    walk.act(admin, "restorePupil");
    let kept = walk.id("groupId");
    walk.is("groupId", admin.post("/v1/groups", &other).expect(201).id());
    walk.act(admin, "archiveGroup");
    walk.act(admin, "restoreGroup");
    walk.is("groupId", kept);
}

/// A school file is examined and carried out.
fn take_over_a_file(walk: &Walk<'_>, admin: &Client) {
    let file = "voornaam,achternaam,geslacht,geboortedatum\nSem,Bedacht,m,2022-05-04\n";
    let import = admin.call("POST", "/v1/imports?schoolYear=2026-2027").body("text/csv", file.as_bytes());
    walk.is("importId", import.send().expect(201).id());
    walk.act(admin, "applyImport");
}

/// How the processor helps: consents, requests, couplings and sessions of support.
fn ask_for_help(server: &Server, walk: &Walk<'_>, admin: &Client) {
    let consent = walk.send(admin, "giveSupportConsent").json();
    walk.is("userId", text(&admin.get("/v1/sessions/current").expect(200).json()["userId"]));
    let helpdesk = server.staff(ProcessorFunction::Helpdesk);
    walk.send_with(&helpdesk, "beginSupportSession", &json!({"consentCode": consent["code"]}));
    walk.send(admin, "makeSupportRequest");
    let adviser = server.staff(ProcessorFunction::Adviser);
    walk.is("supportRequestId", walk.send(&adviser, "recordSupportRequest").id());
    walk.send(admin, "approveSupportRequest");
    walk.is("adviserId", server.new_staff(ProcessorFunction::Adviser).id);
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    walk.is("couplingId", walk.send(&secretariat, "coupleAdviser").id());
    walk.send(admin, "approveCoupling");
    admin
        .post("/v1/support-consents", &json!({"kind": "contact", "endsAt": "2026-11-21T10:00:00Z"}))
        .expect(201);
    let manager = server.staff(ProcessorFunction::AccountManager);
    walk.send(&manager, "changeContact");
}

/// How long is kept what, and what goes sooner. The destruction that is left is one that was stopped.
fn decide_what_is_kept(walk: &Walk<'_>, admin: &Client) {
    walk.send(admin, "changeRetentionPolicy");
    let stopped = walk.send(admin, "askForDestruction").id();
    let other =
        json!({"firstName": "Daan", "lastName": "Fantasie", "gender": "unknown", "birthDate": "2022-05-04"});
    let other = admin.post("/v1/pupils", &other).expect(201).id();
    let body = json!({"pupilIds": [other], "reason": "Dubbel ingevoerd."});
    walk.is("destructionId", admin.post("/v1/destructions", &body).expect(201).id());
    let mut second = json!({"firstName": "Fien", "lastName": "Verzonnen", "gender": "female", "function": "administrator"});
    second["email"] = json!("fien.verzonnen@school.example");
    admin.post("/v1/users", &second).expect(201);
    set_password(admin, "fien.verzonnen@school.example");
    let second = admin.log_in("fien.verzonnen@school.example", PASSWORD);
    walk.act(&second, "approveDestruction");
    walk.is("destructionId", stopped);
    walk.send(admin, "stopDestruction");
    walk.is("holdId", walk.send(admin, "holdPupil").id());
    walk.send(admin, "holdInstitution");
}

/// The processor engages a subprocessor, and the school has something to say about it.
fn engage_a_subprocessor(server: &Server, walk: &Walk<'_>, admin: &Client) {
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    walk.is("subprocessorId", walk.send(&secretariat, "announceSubprocessor").id());
    walk.send(&secretariat, "recordSubprocessorCheck");
    walk.send(admin, "objectToSubprocessor");
    walk.is("subprocessorId", announce(server, &abroad()));
    walk.send(admin, "consentToTransfer");
    walk.is("destructionConfirmationId", to_be_confirmed(server, &walk.id("institutionId")));
    walk.send(&secretariat, "confirmDestruction");
    walk.is("ownerId", server.new_staff(ProcessorFunction::Secretariat).id);
    walk.is("evidenceRecordId", walk.send(&secretariat, "recordEvidence").id());
    walk.is("auditId", walk.send(admin, "requestAudit").id());
    walk.send(&secretariat, "planAudit");
    walk.send(admin, "confirmAudit");
    walk.send(admin, "reportAudit");
    let seen = serde_json::json!({"kind": "report-seen"});
    secretariat.post(&format!("/v1/audits/{}/_confirm", walk.id("auditId")), &seen).expect(200);
    walk.send(&secretariat, "followUpAudit");
}

/// The school instructs an extra processing and switches it on.
fn instruct_the_processor(server: &Server, walk: &Walk<'_>, admin: &Client) {
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    walk.is("contactPersonId", walk.send(admin, "registerContactPerson").id());
    walk.is("processorContactId", walk.send(&secretariat, "registerProcessorContactPerson").id());
    walk.is("instructionId", walk.send(admin, "giveInstruction").id());
    walk.send(&secretariat, "declineInstruction");
    let again = json!({
        "contactPersonId": walk.id("contactPersonId"), "processing": "webhooks", "text": "Toch wel.",
        "givenOn": "2026-11-20",
    });
    let path = format!("/v1/institutions/{}/instructions", walk.id("institutionId"));
    walk.is("instructionId", admin.post(&path, &again).expect(201).id());
    walk.send(&secretariat, "acceptInstruction");
    walk.send(admin, "switchExtraProcessing");
    let entered = walk.send(admin, "createWebhookEndpoint").json();
    walk.is("webhookEndpointId", text(&entered["webhookEndpoint"]["id"]));
    walk.send(admin, "recordLogReview");
    walk.is("disclosureId", walk.send(admin, "recordDisclosure").id());
    walk.is("sessionId", text(&admin.get("/v1/sessions/current").expect(200).json()["id"]));
    walk.send(admin, "workOutExposure");
    walk.send(&secretariat, "recordForcedProcessing");
}

/// The school and the processor report what went wrong, and take it on.
fn report_incidents(server: &Server, walk: &Walk<'_>, admin: &Client) {
    walk.is("incidentCaseId", text(&walk.send(&server.platform(), "openIncidentCase").json()["id"]));
    walk.is("incidentId", walk.send(admin, "reportIncident").id());
    walk.send(admin, "recordIncidentStage");
    walk.send(admin, "suspectHighRisk");
    walk.send(admin, "classifyIncident");
    walk.send(admin, "recordIncidentContents");
    walk.send(admin, "decideOnIncident");
    walk.send(admin, "recordIncidentNotice");
    let tells = decision("inform-people");
    let path = format!("/v1/incidents/{}/decisions", walk.id("incidentId"));
    admin.post(&path, &tells).expect(201);
    walk.send(admin, "recordPeopleInformed");
    walk.send(admin, "recordIncidentCost");
    walk.send(admin, "updateIncident");
    walk.send(admin, "recordIncidentCall");
    walk.send(&server.platform(), "acknowledgeIncident");
    let other = server.school();
    let several = open_case(&server.platform(), &[&walk.id("institutionId"), &other.id]).0;
    walk.is("incidentCaseId", several);
    walk.send(&server.platform(), "intendIncidentNotice");
}

/// The teacher of the first school joins another one of the same organisation.
fn join_another(server: &Server, walk: &Walk<'_>) {
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    let organisation = walk.id("organisationId");
    let belongs = format!("/v1/organisations/{organisation}/institutions/{}", walk.id("institutionId"));
    secretariat.call("PUT", &belongs).send().expect(204);
    let mut body = new_institution("school.example");
    body["organisationId"] = json!(organisation);
    body["administrator"]["email"] = json!("directie@school.example");
    let other = School::entered(&server.anyone(), "school.example", &body);
    let mut member = other.new_user(Function::Teacher, &[]);
    member["email"] = json!("noor.verzonnen@school.example");
    other.admin.post("/v1/users", &member).expect(201);
    let token = server.anyone().mailbox().joining_tokens("noor.verzonnen@school.example", 1).pop();
    walk.send_with(&server.anyone(), "joinInstitution", &json!({"token": token}));
}

/// One's own account, and what an administrator sets for all of them.
fn look_after_accounts(server: &Server, walk: &Walk<'_>, admin: &Client) -> Client {
    walk.send(admin, "createApiToken");
    walk.send(admin, "changeAccessSettings");
    let second = walk.send(admin, "setUpSecondFactor").json();
    let app = Authenticator::showing(&second, admin.time());
    walk.send_with(admin, "confirmSecondFactor", &json!({"code": app.code()}));
    server.clock.advance(jiff::SignedDuration::from_secs(30));
    walk.send_with(admin, "removeSecondFactor", &json!({"code": app.code()}));
    walk.send(admin, "moveEmailAddresses");
    walk.send(admin, "askForEmailAddress");
    let token = admin.mailbox().address_tokens("noor.bedacht@school.example", 1).pop();
    walk.send_with(&server.anyone(), "confirmEmailAddress", &json!({ "token": token }));
    walk.send(admin, "changePassword");
    for _ in 0..3 {
        server.anyone().try_log_in("beheerder@school.example", "Verkeerd-1").expect(401);
    }
    let manager = server.staff(ProcessorFunction::AccountManager);
    walk.send(&manager, "unblockContact");
    let token = admin.mailbox().tokens("beheerder@school.example", 2).pop();
    let chosen = json!({"token": token, "password": PASSWORD});
    server.anyone().post("/v1/invitations/_accept", &chosen).expect(204);
    walk.send(&server.anyone(), "requestPasswordReset");
    admin.log_in("beheerder@school.example", PASSWORD)
}

/// Frameworks and staff of the processor.
fn look_after_the_platform(server: &Server, walk: &Walk<'_>) {
    let platform = server.platform();
    walk.is("frameworkId", walk.send(&platform, "createFramework").id());
    walk.send(&platform, "replaceFramework");
    walk.act(&platform, "deleteFramework");
    let mut draft =
        example(walk.operations.iter().find(|operation| operation.id == "createFramework").unwrap()).1;
    draft["version"] = json!(2);
    walk.is("frameworkId", platform.post("/v1/frameworks", &draft).expect(201).id());
    walk.act(&platform, "publishFramework");
    let staff = walk.send(&platform, "createProcessorStaff").json();
    walk.is("staffId", text(&staff["staff"]["id"]));
    walk.send(&platform, "recordConfidentialityStatement");
    walk.send(&platform, "changeProcessorStaff");
}
