//! Who may do what: every operation of the OpenAPI document as every role, held against the checked-in policy.

mod matrix;
mod phases;

use std::collections::BTreeMap;

use groeilijn_domain::access::{Function, Part, ProcessorFunction, Role};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::support::{ConsentKind, SupportKind};
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::disclosure::disclose;
use groeilijn_tests::incident::{contents, decision, open_case, report, stage};
use groeilijn_tests::instruction::{contact_person, instruct, person, processor_contact};
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::policy::Reach;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::subprocessor::{abroad, announce, to_be_confirmed};
use groeilijn_tests::support::{allow, ask_about, begin, couple, coupling, request_for_case};
use groeilijn_tests::webhook::{webhook_delivery, webhook_endpoint};
use groeilijn_tests::{Client, Reply, School, Server, both_databases, policy};
use serde_json::{Value, json};

use crate::evidence::audits::ask_for_audit;
use crate::evidence::records::evidence;

fn absent(parameter: &str) -> String {
    match parameter {
        "version" => "1".to_owned(),
        "schoolYear" => "2024-2025".to_owned(),
        "clauseId" => "C200".to_owned(),
        _ => ABSENT.to_owned(),
    }
}

/// Asks about something absent, without a body: enough to be let in or not, never enough to change anything.
fn knock(client: &Client, operation: &Operation) -> Reply {
    client.call(operation.method, &operation.path_with(absent)).send()
}

/// Somebody of each role, in the order of the policy's columns.
pub(crate) fn everybody(server: &Server, school: &School, group: &str) -> Vec<(&'static str, Client)> {
    let client = |role| match role {
        Role::Institution(Function::Administrator) => school.admin.clone(),
        Role::Institution(function) => school.member(function, &[group]).client,
        Role::Processor(ProcessorFunction::PlatformAdministrator) => server.platform(),
        Role::Processor(function) => server.staff(function),
    };
    Role::ALL.map(|role| (role.code(), client(role))).into()
}

#[test]
fn the_policy_that_is_checked_in_is_the_one_that_holds() {
    let derived = policy::derived();
    if std::env::var_os("UPDATE_ACCESS_POLICY").is_some() {
        std::fs::write(policy::FILE, &derived).unwrap();
    }
    let checked_in = std::fs::read_to_string(policy::FILE).unwrap_or_default();
    assert!(
        checked_in == derived,
        "docs/access-policy.md is not what the code does; if that was meant, write it anew with \
         UPDATE_ACCESS_POLICY=1 cargo test -p groeilijn-tests policy"
    );
}

/// Something of every kind that an id in a path can name, by the name of the parameter.
pub(crate) fn one_of_each(server: &Server, school: &School) -> BTreeMap<&'static str, String> {
    let group = school.group("De Rupsen");
    let pupil = school.pupil("Noor", &group);
    let placement = text(&school.admin.list(&format!("/v1/pupils/{pupil}/placements"))[0]["id"]);
    let teacher = school.teacher(&group);
    let made = |path: &str, body: &Value| teacher.post(path, body).expect(201).id();
    let note = made(&format!("/v1/pupils/{pupil}/notes"), &json!({"text": "Bouwt een toren."}));
    let goal = made(&format!("/v1/groups/{group}/goals"), &new_goal(&pupil));
    let framework = teacher.list("/v1/frameworks")[0]["id"].clone();
    let registration =
        made(&format!("/v1/pupils/{pupil}/registrations"), &json!({ "frameworkId": framework }));
    let follow_up = follow_up_of(&teacher, &pupil);
    let api_token = json!({
        "name": "Controle", "kind": "auditor", "scopes": [{"part": "users", "actions": ["read"]}],
        "expiresOn": "2026-12-31", "currentPassword": groeilijn_tests::accounts::PASSWORD,
    });
    let api_token = school.admin.post("/v1/api-tokens", &api_token).expect(201).json();
    let file = "voornaam,achternaam,geslacht,geboortedatum\nSem,Bedacht,m,2022-05-04\n";
    let import =
        school.admin.call("POST", "/v1/imports?schoolYear=2026-2027").body("text/csv", file.as_bytes());
    let held = json!({"reason": "Bezwaar loopt nog.", "reviewDay": "2027-06-01"});
    let hold = school.admin.post(&format!("/v1/pupils/{pupil}/holds"), &held).expect(201).id();
    let one_pupil = pupil.clone();
    let organisation = organisation_of(server, school);
    let emergency = request_for_case(server, school, SupportKind::Emergency);
    let hook = webhook_endpoint(server, school);
    BTreeMap::from([
        ("consentId", allow(server, &teacher, ConsentKind::Contact)),
        ("supportRequestId", ask_about(school, &json!({}))),
        ("supportSessionId", begin(&server.platform(), &emergency).1),
        (
            "couplingId",
            couple(server, school, &coupling(school, &server.new_staff(ProcessorFunction::Adviser).id)),
        ),
        ("organisationId", organisation),
        ("destructionId", planned_destruction(school)),
        ("institutionId", school.id.clone()),
        ("userId", school.admin_id.clone()),
        ("importId", import.send().expect(201).id()),
        ("groupId", group),
        ("pupilId", pupil),
        ("placementId", placement),
        ("additionalGroupId", additional_group_of(school, &one_pupil)),
        ("schoolYearTransitionId", transition_of(school)),
        ("noteId", note),
        ("goalId", goal),
        ("registrationId", registration),
        ("followUpId", follow_up),
        ("apiTokenId", text(&api_token["apiToken"]["id"])),
        ("holdId", hold),
        ("schoolYear", "2024-2025".to_owned()),
        ("subprocessorId", announce(server, &abroad())),
        ("contactPersonId", contact_person(school)),
        ("processorContactId", processor_contact(server)),
        ("instructionId", instruct(school)),
        ("webhookDeliveryId", webhook_delivery(school, &hook)),
        ("webhookEndpointId", hook),
        ("disclosureId", disclose(school)),
        ("destructionConfirmationId", to_be_confirmed(server, &school.id)),
        ("version", "1".to_owned()),
        ("clauseId", "C060".to_owned()),
        ("auditId", ask_for_audit(school)),
        (
            "evidenceRecordId",
            server
                .platform()
                .post("/v1/evidence-records", &evidence(server, "certificate", &["C093"], Some(&school.id)))
                .expect(201)
                .id(),
        ),
        ("locationId", school.admin.post("/v1/locations", &json!({"name": "Noord"})).expect(201).id()),
        ("contractDocumentId", publish_document(server)),
        ("agreementId", propose_profile(server, school)),
        ("recoveryId", recovery_of(server, school)),
        ("incidentId", report(&school.admin)),
        ("incidentCaseId", open_case(&server.platform(), &[&school.id]).0),
    ])
}

/// A goal for a child on a line of the framework that comes along.
pub(crate) fn new_goal(pupil: &str) -> Value {
    json!({
        "line": "play", "firstDay": "2026-11-21", "lastDay": "2027-01-31", "text": "Samen spelen.", "pupilIds": [pupil],
    })
}

/// A document of contracts that nobody else published.
pub(crate) fn publish_document(server: &Server) -> String {
    let platform = server.platform();
    let version = platform.list("/v1/contract-documents").len().to_string();
    let body = json!({
        "kind": "product-annex", "version": version, "language": "nl", "summary": "Niets.", "text": "Bijsluiter.",
    });
    platform.post("/v1/contract-documents", &body).expect(201).id()
}

/// The request of a school's licence holder for an administrator that is not finished, a new one if there is none.
pub(crate) fn recovery_of(server: &Server, school: &School) -> String {
    let platform = server.platform();
    let holder = json!({
        "firstName": "Toos", "lastName": "Verzonnen", "address": "Kade 1", "email": "toos@bestuur.example",
    });
    let institution = format!("/v1/institutions/{}", school.id);
    assert!(matches!(platform.post(&format!("{institution}/licence-holder"), &holder).status, 201 | 409));
    let path = format!("{institution}/administrator-recoveries");
    let body = json!({
        "administrator": {
            "firstName": "Guus", "lastName": "Verzonnen", "gender": "male", "email": school.new_email(),
        },
        "channel": "letter", "receivedOn": "2026-11-20",
    });
    let helpdesk = server.staff(ProcessorFunction::Helpdesk);
    let made = helpdesk.post(&path, &body);
    if made.status == 201 { made.id() } else { text(&helpdesk.list(&path).pop().unwrap()["id"]) }
}

/// A change of the contract that a school has not decided about.
pub(crate) fn propose_profile(server: &Server, school: &School) -> String {
    let body = json!({"contractProfile": "basisonline", "summary": "Twee maanden in plaats van drie."});
    server.platform().post(&format!("/v1/institutions/{}/agreements", school.id), &body).expect(201).id()
}

/// Asks for the destruction of a child that is just entered, which begins in a week, and gives its id.
pub(crate) fn planned_destruction(school: &School) -> String {
    let pupil = school.admin.post("/v1/pupils", &new_pupil("Mila")).expect(201).id();
    let body = json!({"pupilIds": [pupil], "reason": "Dubbel ingevoerd.", "alone": true});
    school.admin.post("/v1/destructions", &body).expect(201).id()
}

/// The organisation that a school belongs to, a new one if it belongs to none.
fn organisation_of(server: &Server, school: &School) -> String {
    let present = server.platform().get(&format!("/v1/institutions/{}", school.id)).expect(200).json();
    if !present["organisationId"].is_null() {
        return text(&present["organisationId"]);
    }
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    let name = json!({"name": "Stichting De Verzinsels"});
    let id = secretariat.post("/v1/organisations", &name).expect(201).id();
    let belongs = format!("/v1/organisations/{id}/institutions/{}", school.id);
    secretariat.call("PUT", &belongs).send().expect(204);
    id
}

/// Begins a registration of a child that asks attention for a line, plans a follow-up of that and gives its id.
pub(crate) fn follow_up_of(teacher: &Client, pupil: &str) -> String {
    let framework = teacher.list("/v1/frameworks")[0]["id"].clone();
    let judged = json!({"frameworkId": framework, "judgements": {"lines": {"play": {"attention": true}}}});
    let registration = teacher.post(&format!("/v1/pupils/{pupil}/registrations"), &judged).expect(201).id();
    teacher.post(&format!("/v1/registrations/{registration}/follow-ups"), &new_follow_up()).expect(201).id()
}

/// What is planned for a line of a registration that needs attention.
pub(crate) fn new_follow_up() -> Value {
    json!({"line": "play", "plan": "Samen spelen.", "followUpOn": "2027-01-15"})
}

/// Puts a child, until a day, in a group beside its main one and gives the id of that stay.
pub(crate) fn additional_group_of(school: &School, pupil: &str) -> String {
    let body = json!({"groupId": school.group("De Kikkers"), "dayPartsPerWeek": 1, "endedOn": "2027-01-31"});
    school.admin.post(&format!("/v1/pupils/{pupil}/additional-groups"), &body).expect(201).id()
}

/// Begins a school year in one act, with a group that has no children, and gives the id of the act.
pub(crate) fn transition_of(school: &School) -> String {
    let one = json!({"fromGroupId": school.group("De Bevers"), "toNewGroup": 0});
    let body = json!({"firstDay": "2027-08-01", "groups": [{"name": "De Otters"}], "moves": [one]});
    school.admin.post("/v1/school-year-transitions", &body).expect(201).id()
}

/// A body that an operation reads: nothing that is required is missing and nothing in it is wrong.
fn body_of(operation: &Operation) -> Value {
    match operation.id.as_str() {
        "placePupil" | "addAdditionalGroup" => json!({ "groupId": ABSENT }),
        "createSchoolYearTransition" | "previewSchoolYearTransition" => {
            json!({"firstDay": "2027-08-01", "moves": [{"fromGroupId": ABSENT, "toGroupId": ABSENT}]})
        }
        "changePlacement" | "takePlacementAway" => json!({"reason": "Vergissing."}),
        "recordDeparture" => json!({"lastDay": "2026-11-30", "kind": "other"}),
        "holdPupil" | "holdInstitution" => json!({"reason": "Bezwaar.", "reviewDay": "2027-06-01"}),
        "changeContact" => json!({"reason": "Roepnaam."}),
        "unblockContact" => json!({"identityCheck": "Teruggebeld."}),
        "recordConfidentialityStatement" => {
            json!({"signedOn": "2026-11-01", "documentSha256": "ab".repeat(32), "reason": "Getekend."})
        }
        "changeProcessorStaff" => json!({"reason": "Ander werk."}),
        "approveCoupling" => {
            json!({"report": "institution", "startsOn": "2026-11-21", "endsOn": "2027-01-31"})
        }
        "recordSupportRequest" => {
            json!({"question": "x", "askedBy": "x", "channel": "call", "receivedOn": "2026-11-20"})
        }
        "createNote" => json!({"text": "Bouwt een toren."}),
        "reportGroup" => json!({"password": "drie blauwe olifanten"}),
        "createSharedNote" => json!({"pupilIds": [ABSENT], "text": "Bouwden een toren."}),
        "reportToParents" => json!({"password": "drie blauwe olifanten"}),
        "createGoal" => new_goal(ABSENT),
        "createFollowUp" => new_follow_up(),
        "finishFollowUp" => json!({"outcome": "Speelt mee."}),
        "addGoalOffer" => json!({"text": "Verteltafel."}),
        "requestAudit" | "planAudit" => {
            json!({"auditOn": "2027-01-18", "documentSha256": "ab".repeat(32), "documentBytes": 1})
        }
        "reportAudit" => json!({
            "reportedOn": "2026-11-21", "documentSha256": "ab".repeat(32), "documentBytes": 1, "majorFaults": false,
        }),
        "followUpAudit" => json!({
            "dueOn": "2027-05-01", "documentSha256": "ab".repeat(32), "documentBytes": 1, "paidBy": "shared",
        }),
        "confirmAudit" => json!({"kind": "plan-agreed"}),
        "createRegistration" => json!({ "frameworkId": ABSENT }),
        "chooseFrameworks" => json!({"choices": []}),
        "acceptTerms" => json!({"version": "2026-1", "partsVersion": "2026-1"}),
        "proposeAgreement" => json!({"contractProfile": "kijk", "summary": "Alles blijft."}),
        "createLicenceHolder" => json!({
            "firstName": "Toos", "lastName": "Verzonnen", "address": "Kade 1", "email": "toos@bestuur.example",
        }),
        "checkRecoveryIdentity" => json!({"identityCheck": "Teruggebeld."}),
        "stopAdministratorRecovery" => json!({"reason": "Bezwaar."}),
        "recordAdministratorRecovery" => {
            json!({"userId": ABSENT, "channel": "letter", "receivedOn": "2026-11-20"})
        }
        "cancelLicence" => json!({"lastDay": "2027-07-31"}),
        "objectToSubprocessor" => json!({"reason": "Eerst overleg."}),
        "consentToTransfer" => json!({"country": "CH", "safeguard": "adequacy-decision"}),
        "recordSubprocessorCheck" => {
            json!({"checkedOn": "2026-11-20", "outcome": "kept", "documentSha256": "ab".repeat(32)})
        }
        "registerContactPerson" => person("Noor"),
        "giveInstruction" => {
            json!({"contactPersonId": ABSENT, "processing": "webhooks", "text": "x", "givenOn": "2026-11-20"})
        }
        "acceptInstruction" => json!({ "processorContactId": ABSENT }),
        "declineInstruction" => json!({"reason": "Nee."}),
        "switchExtraProcessing" => json!({"processing": "webhooks", "switchedOn": false}),
        "recordForcedProcessing" => json!({"provision": "x", "what": "x", "toldOn": "2026-11-20"}),
        "confirmDestruction" => json!({"confirmedOn": "2026-11-21", "documentSha256": "ab".repeat(32)}),
        "correctRegistration" | "withdrawRegistration" | "withdrawNote" => json!({"reason": "Vergissing."}),
        "moveNote" => json!({"pupilId": ABSENT, "reason": "Vergissing."}),
        "recordIncidentStage" => stage("registered"),
        "classifyIncident" => json!({"kind": "breach", "grounds": "Gelezen."}),
        "recordIncidentContents" => contents("system"),
        "decideOnIncident" => decision("notify-authority"),
        "recordIncidentNotice" => json!({"step": "notified", "number": "2026-1234"}),
        "recordPeopleInformed" => json!({"text": "Bericht.", "channel": "letter", "number": 1}),
        "recordIncidentCost" => json!({"kind": "cost", "text": "Post."}),
        "updateIncident" => json!({"kind": "measure", "text": "Sessies beëindigd."}),
        "recordIncidentCall" => json!({"with": "Iemand.", "text": "Iets."}),
        "intendIncidentNotice" => {
            json!({"text": "Wij melden dit.", "consulted": [{"institutionId": ABSENT, "at": "2026-11-21T08:30:00Z"}]})
        }
        "suspectHighRisk" => json!({"grounds": "Gelezen."}),
        "stopDestruction" => json!({"reason": "Nog nodig."}),
        "recordDisclosure" => groeilijn_tests::disclosure::ordered(),
        "workOutExposure" => {
            json!({"sessionId": ABSENT, "from": "2026-11-01T00:00:00Z", "until": "2026-11-21T00:00:00Z"})
        }
        "exceptAddressOfUser" => json!({"reason": "Invaller.", "until": "2026-12-18"}),
        _ => json!({}),
    }
}

both_databases! {
    fn without_a_login_only_what_is_open_answers(server: Server) {
        let anyone = server.anyone();
        for operation in operations(&served(server)) {
            let reply = knock(&anyone, &operation);
            if operation.is_open() {
                assert!(!matches!(reply.status, 401 | 403), "{}", operation.id);
            } else {
                let reply = reply.expect(401).problem("unauthenticated");
                assert_eq!(reply.header("WWW-Authenticate"), "Bearer", "{}", operation.id);
            }
        }
    }

    fn c001_whoever_asks_for_what_is_anothers_is_told_what_is_told_of_nothing(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let theirs = one_of_each(server, &other);
        let own_group = school.group("De Vlinders");
        let teacher = school.teacher(&own_group);
        let mut asked = 0;
        for operation in operations(&served(server)) {
            let path = operation.path_with(|name| theirs.get(name).cloned().unwrap_or_default());
            if !operation.path.contains('{') || operation.is_about_what_is_everybodys() {
                continue;
            }
            for client in [&school.admin, &teacher] {
                let ask = |path: &str| {
                    let call = client.call(operation.method, path);
                    match operation.reads() {
                        Some(media_type) => {
                            let body = body_of(&operation).to_string();
                            call.header("If-Match", "*").body(media_type, body.as_bytes()).send()
                        }
                        None => call.header("If-Match", "*").send(),
                    }
                };
                let [foreign, absent] = [ask(&path), ask(&operation.path_with(absent))];
                assert!(matches!(foreign.status, 403 | 404), "{}: {}", operation.id, foreign.status);
                assert_eq!(foreign.visible(), absent.visible(), "{}", operation.id);
                asked += usize::from(foreign.status == 404);
            }
        }
        assert!(asked > 30, "{asked}");
    }

    fn c002_the_platform_reaches_no_part_that_holds_a_child(server: Server) {
        let theirs = one_of_each(server, &server.school());
        let platform = server.platform();
        for operation in operations(&served(server)) {
            let permission = operation.described["x-permission"].as_str().unwrap();
            let part = permission.split(':').next().unwrap();
            if ["groups", "pupils", "notes", "registrations", "overviews", "imports", "users"].contains(&part) {
                let path = operation.path_with(|name| theirs.get(name).cloned().unwrap_or_default());
                platform.call(operation.method, &path).send().expect(403).problem("forbidden");
            }
        }
    }

    fn c037_data_about_children_serve_their_own_purposes_and_marketing_none_of_them(server: Server) {
        let theirs = one_of_each(server, &server.school());
        let marketing = server.staff(ProcessorFunction::Marketing);
        let mut of_children = 0;
        for operation in operations(&served(server)) {
            let permission = text(&operation.described["x-permission"]);
            let part = permission.split(':').next().and_then(Part::from_code);
            let purpose = ProcessingActivity::from_code(&text(&operation.described["x-processing-activity"]));
            let serves_children = matches!(
                purpose,
                Some(ProcessingActivity::FollowDevelopment | ProcessingActivity::AdministerPupils)
            );
            if part.is_some_and(Part::is_of_children) {
                assert!(serves_children || part == Some(Part::SupportView), "{}: {purpose:?}", operation.id);
                let path = operation.path_with(|name| theirs.get(name).cloned().unwrap_or_default());
                marketing.call(operation.method, &path).send().expect(403).problem("forbidden");
                of_children += 1;
            } else {
                assert_ne!(purpose, Some(ProcessingActivity::FollowDevelopment), "{}", operation.id);
            }
        }
        assert!(of_children > 40, "{of_children}");
    }

    fn c004_without_an_active_licence_nothing_is_left_but_logging_out_and_ones_password(server: Server) {
        let school = server.school();
        let everybody = everybody(server, &school, &school.group("De Rupsen"));
        let licence = format!("/v1/institutions/{}/licence", school.id);
        server.platform().change(&licence, &json!({"state": "suspended"})).expect(200);
        let policy = policy::read(&std::fs::read_to_string(policy::FILE).unwrap());
        for operation in operations(&served(server)) {
            let permission = operation.described["x-permission"].as_str().unwrap();
            let always = permission.starts_with("credentials:") || permission == "support-consents:delete"
                || permission == "administrator-recoveries:delete";
            let refused = !always && permission != "none";
            for ((role, client), reach) in everybody.iter().zip(&policy[&operation.id]) {
                let of_institution = matches!(Role::from_code(role), Some(Role::Institution(_)));
                if refused && *reach != Reach::Nothing && of_institution {
                    knock(client, &operation).expect(403).problem("no-active-licence");
                }
            }
        }
    }

    fn c052_no_operation_sets_a_cookie(server: Server) {
        let school = server.school();
        for operation in operations(&served(server)) {
            for client in [server.anyone(), school.admin.clone()] {
                assert_eq!(knock(&client, &operation).headers.get_all("Set-Cookie").iter().count(), 0);
            }
        }
        let email = format!("beheerder@{}", school.domain);
        let login = server.anyone().try_log_in(&email, groeilijn_tests::accounts::PASSWORD).expect(201);
        assert_eq!(login.header("Set-Cookie"), "");
    }
}
