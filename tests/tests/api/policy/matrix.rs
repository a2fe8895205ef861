//! Every operation as everybody in every relation to what is asked about, held against the checked-in policy.

use std::collections::BTreeMap;

use groeilijn_domain::access::api_token::ApiTokenKind;
use groeilijn_domain::access::{Function, ProcessorFunction, Role};
use groeilijn_domain::support::{ConsentKind, SupportKind};
use groeilijn_tests::document::{Operation, operations, served};
use groeilijn_tests::installation::PASSWORD;
use groeilijn_tests::policy::{self, Answer, Caller, Reach, Relation};
use groeilijn_tests::reply::text;
use groeilijn_tests::support::{allow, begin, request_for_case, request_with};
use groeilijn_tests::{Client, Member, School, Server, both_databases};
use serde_json::{Value, json};

use super::body_of;
use crate::access::api_tokens::everything;

/// Ids by the name of the parameter.
type Ids = BTreeMap<&'static str, String>;

/// A group with a teacher, a child and what was written about it.
struct Corner {
    group: String,
    teacher: Member,
    ids: Ids,
}

/// Something of every kind of an institution, with one group and its teacher.
fn corner(server: &Server, school: &School) -> Corner {
    let group = school.group("De Rupsen");
    let pupil = school.pupil("Noor", &group);
    let teacher = school.member(Function::Teacher, &[&group]);
    let made = |path: &str, body: &Value| teacher.client.post(path, body).expect(201).id();
    let note = made(&format!("/v1/pupils/{pupil}/notes"), &json!({"text": "Bouwt een toren."}));
    let framework = teacher.client.list("/v1/frameworks")[0]["id"].clone();
    let registration =
        made(&format!("/v1/pupils/{pupil}/registrations"), &json!({ "frameworkId": framework }));
    let file = "voornaam,achternaam,geslacht,geboortedatum\nSem,Bedacht,m,2022-05-04\n";
    let import =
        school.admin.call("POST", "/v1/imports?schoolYear=2026-2027").body("text/csv", file.as_bytes());
    let somebody = school.member(Function::Teacher, &[&group]);
    let token = school.admin.post("/v1/api-tokens", &everything(ApiTokenKind::Auditor)).expect(201).json();
    let emergency = request_for_case(server, school, SupportKind::Emergency);
    let ids = BTreeMap::from([
        ("groupId", group.clone()),
        ("pupilId", pupil),
        ("noteId", note),
        ("registrationId", registration),
        ("version", "1".to_owned()),
        ("frameworkId", text(&framework)),
        ("institutionId", school.id.clone()),
        ("importId", import.send().expect(201).id()),
        ("apiTokenId", text(&token["apiToken"]["id"])),
        ("consentId", allow(server, &somebody.client, ConsentKind::Contact)),
        ("sessionId", session_of(&somebody.client)),
        ("supportSessionId", begin(&server.platform(), &emergency).1),
        ("userId", somebody.id),
    ]);
    Corner { group, teacher, ids }
}

/// The id of the session of a client.
fn session_of(client: &Client) -> String {
    let sessions = client.get("/v1/account/sessions").expect(200).items();
    text(&sessions.iter().find(|session| session["current"] == true).unwrap()["id"])
}

/// Somebody of each kind that works in the group, in the order of the policy's columns, with the ids that only she
/// owns.
fn everybody(server: &Server, school: &School, own: &Corner) -> Vec<(Caller, Client, Ids)> {
    let adviser = server.new_staff(ProcessorFunction::Adviser);
    groeilijn_tests::Authenticator::bind(&adviser.client);
    couple(server, school, &adviser.id);
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
                BTreeMap::from([
                    ("sessionId", session_of(&elsewhere)),
                    ("consentId", allow(server, &client, ConsentKind::Contact)),
                ])
            });
            (caller, client, ids)
        })
        .collect()
}

fn couple(server: &Server, school: &School, adviser: &str) -> String {
    let body = json!({
        "institutionId": school.id, "adviserId": adviser, "startsOn": "2026-11-21", "endsOn": "2027-01-31",
        "agreement": "Begeleiding bij de overgang naar groep 3.",
    });
    server.staff(ProcessorFunction::Secretariat).post("/v1/couplings", &body).expect(201).id()
}

/// Who looks into the school in a support session of a kind.
fn looking(server: &Server, school: &School, own: &Corner, adviser: &Client, kind: SupportKind) -> Client {
    let (staff, body) = match kind {
        SupportKind::LookAlong => {
            (server.staff(ProcessorFunction::Helpdesk), request_with(server, school, &own.teacher.id))
        }
        SupportKind::Case | SupportKind::Coupling => {
            (adviser.clone(), request_for_case(server, school, kind))
        }
        SupportKind::Emergency => (server.platform(), request_for_case(server, school, kind)),
    };
    begin(&staff, &body).0
}

/// In which relations an operation can be asked about something.
fn relations(operation: &Operation, caller: Caller, reach: Reach) -> &'static [Relation] {
    use Relation::*;
    // Frameworks are everybody's.
    let names_something = operation.path.contains('{') && !operation.path.contains("{frameworkId}");
    match (caller.has_institution(), names_something) {
        (false, false) if reach == Reach::OwnAccount => &[Own],
        (false, _) => &[NoInstitution],
        (true, false) => &[Own],
        (true, true) => &[Own, OutOfScope, OtherInstitution],
    }
}

/// Asks so that nothing is changed that matters here: no revision is the present one.
fn ask(client: &Client, operation: &Operation, ids: impl Fn(&str) -> String) -> u16 {
    let call = client.call(operation.method, &operation.path_with(ids)).header("If-Match", "\"outdated\"");
    match operation.reads() {
        Some(media_type) if operation.path.contains('{') => {
            call.body(media_type, body_of(operation).to_string().as_bytes()).send().status
        }
        _ => call.send().status,
    }
}

both_databases! {
    fn c005_c006_c010_c017_everybody_may_do_what_the_policy_says_and_nothing_else(server: Server) {
        let policy = policy::read(&std::fs::read_to_string(policy::FILE).unwrap());
        let [school, other] = [server.school(), server.school()];
        let [own, out_of_scope, foreign] = [&school, &school, &other].map(|school| corner(server, school));
        let everybody = everybody(server, &school, &own);
        let staff = server.new_staff(ProcessorFunction::Marketing).id;
        let coupling = couple(server, &other, &server.new_staff(ProcessorFunction::Adviser).id);
        let operations = operations(&served(server));
        assert_eq!(policy.len(), operations.len());
        let mut wrong = Vec::new();
        for operation in &operations {
            for ((caller, client, personal), reach) in everybody.iter().zip(&policy[&operation.id]) {
                for &relation in relations(operation, *caller, *reach) {
                    let ids = match relation {
                        Relation::Own | Relation::NoInstitution => &own.ids,
                        Relation::OutOfScope => &out_of_scope.ids,
                        Relation::OtherInstitution => &foreign.ids,
                    };
                    let id = |name: &str| match name {
                        "couplingId" => coupling.clone(),
                        "userId" if operation.path.contains("/processor-staff/") => staff.clone(),
                        _ if relation == Relation::Own => personal.get(name).unwrap_or(&ids[name]).clone(),
                        _ => ids[name].clone(),
                    };
                    let expected = policy::exception(&operation.id, *caller, relation)
                        .unwrap_or_else(|| reach.answer(relation));
                    let status = ask(client, operation, id);
                    if status == 401 && reach != &Reach::Anyone || status >= 500 || Answer::of(status) != expected {
                        wrong.push(format!("{} {} {}: {status}", operation.id, caller.name(), relation.name()));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
