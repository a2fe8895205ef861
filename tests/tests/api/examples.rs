//! Every example of a JSON body in the OpenAPI document, sent as it stands: it is accepted. Only ids, links of letters and
//! codes, which are new in each installation, take the place of those in the document.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::framework::shipped;
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_institution;
use groeilijn_tests::second_factor::Authenticator;
use groeilijn_tests::{Client, Reply, School, Server, both_databases};
use serde_json::{Value, json};

/// The document, the ids that there are by now, and which examples were sent.
struct Examples {
    operations: Vec<Operation>,
    ids: RefCell<BTreeMap<&'static str, String>>,
    sent: RefCell<BTreeSet<String>>,
}

impl Examples {
    fn of(server: &Server) -> Self {
        Self { operations: operations(&served(server)), ids: RefCell::default(), sent: RefCell::default() }
    }

    /// From now on this id takes the place of the example's, in paths and in bodies.
    fn is(&self, name: &'static str, id: impl Into<String>) {
        self.ids.borrow_mut().insert(name, id.into());
    }

    /// Sends an example, with what is secret in it replaced.
    #[track_caller]
    fn send_with(&self, client: &Client, id: &str, secrets: &Value) -> Reply {
        let operation = self.operations.iter().find(|operation| operation.id == id).unwrap();
        let (media_type, content) = operation.described["requestBody"]["content"]
            .as_object()
            .unwrap()
            .iter()
            .find(|(media_type, _)| media_type.ends_with("json"))
            .unwrap();
        let mut body = content["example"].clone();
        self.put_ids(&mut body, "");
        for (name, secret) in secrets.as_object().unwrap() {
            assert!(body.get(name).is_some(), "{id} has no {name}");
            body[name] = secret.clone();
        }
        let path = operation.path_with(|name| self.ids.borrow()[name].clone());
        let mut call = client.call(operation.method, &path);
        if let Some(etag) = etag_for(operation, client, &path) {
            call = call.header("If-Match", &etag);
        }
        self.sent.borrow_mut().insert(operation.id.clone());
        let reply = call.body(media_type, body.to_string().as_bytes()).send();
        assert!((200..300).contains(&reply.status), "{id}: {body}: {:?}", reply.visible());
        reply
    }

    #[track_caller]
    fn send(&self, client: &Client, id: &str) -> Reply {
        self.send_with(client, id, &json!({}))
    }

    /// Puts the ids that there are in the place of the example's.
    fn put_ids(&self, value: &mut Value, name: &str) {
        match value {
            Value::Object(members) => {
                members.iter_mut().for_each(|(name, member)| self.put_ids(member, name))
            }
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.put_ids(item, name.trim_end_matches('s')))
            }
            Value::String(text) if text == ABSENT => *text = self.ids.borrow()[name].clone(),
            _ => {}
        }
    }
}

/// The present revision of what an operation changes.
fn etag_for(operation: &Operation, client: &Client, path: &str) -> Option<String> {
    let needs =
        operation.described["parameters"].as_array()?.iter().any(|parameter| parameter["name"] == "If-Match");
    let resource = path.rsplit_once("/_").map_or(path, |(resource, _)| resource);
    needs.then(|| client.get(resource).expect(200).etag())
}

/// A school as the examples enter it, with its administrator let in by them.
fn enter_a_school(server: &Server, examples: &Examples) -> Client {
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    examples.is("organisationId", examples.send(&secretariat, "createOrganisation").id());
    examples.send(&secretariat, "changeOrganisation");
    let made = examples.send(&server.platform(), "createInstitution").json();
    examples.is("institutionId", text(&made["institution"]["id"]));
    let token = |email| server.anyone().mailbox().token(email);
    let email = text(&made["institution"]["mailDomains"][0]);
    examples.send_with(
        &server.anyone(),
        "acceptInvitation",
        &json!({"token": token(&format!("beheerder@{email}"))}),
    );
    let tokens = examples.send(&server.anyone(), "logIn").json();
    let fresh = json!({"refreshToken": tokens["refreshToken"]});
    let tokens = examples.send_with(&server.anyone(), "refreshSession", &fresh).json();
    let admin = server.anyone().with_token(&text(&tokens["accessToken"]));
    examples.send(&admin, "acceptTerms");
    examples.send(&admin, "switchSession");
    examples.send(&secretariat, "changeLicence");
    examples.send(&server.platform(), "changeInstitution");
    examples.is("userId", text(&made["administratorId"]));
    admin
}

/// What a school does all day: groups, children, notes, registrations.
fn follow_children(examples: &Examples, admin: &Client) {
    examples.is("frameworkId", shipped(admin, "nl"));
    examples.is("groupId", examples.send(admin, "createGroup").id());
    let teacher = examples.send(admin, "createUser").json();
    examples.is("pupilId", examples.send(admin, "createPupil").id());
    examples.send(admin, "changePupil");
    examples.send(admin, "searchPupils");
    examples.is("userId", text(&teacher["user"]["id"]));
    examples.send(admin, "changeUser");
    let email = text(&teacher["user"]["email"]);
    let token = admin.mailbox().token(&email);
    examples.send_with(admin, "acceptInvitation", &json!({"token": token}));
    let teacher = admin.log_in(&email, "Een-goed-wachtwoord-1");
    examples.is("noteId", examples.send(&teacher, "createNote").id());
    examples.send(&teacher, "changeNote");
    examples.is("registrationId", examples.send(&teacher, "createRegistration").id());
    examples.send(&teacher, "changeRegistration");
    let registration = format!("/v1/registrations/{}", examples.ids.borrow()["registrationId"]);
    let etag = teacher.get(&registration).expect(200).etag();
    teacher.act(&format!("{registration}/_finalise"), &etag).expect(200);
    examples.send(&teacher, "correctRegistration");
    examples.send(admin, "changeGroup");
    let other = json!({"name": "De Rupsen", "schoolYear": "2026-2027"});
    examples.is("groupId", admin.post("/v1/groups", &other).expect(201).id());
    examples.send(admin, "placePupil");
}

/// How the processor helps: consents, requests, couplings and sessions of support.
fn ask_for_help(server: &Server, examples: &Examples, admin: &Client) {
    let consent = examples.send(admin, "giveSupportConsent").json();
    examples.is("userId", text(&admin.get("/v1/sessions/current").expect(200).json()["userId"]));
    let helpdesk = server.staff(ProcessorFunction::Helpdesk);
    examples.send_with(&helpdesk, "beginSupportSession", &json!({"consentCode": consent["code"]}));
    examples.send(admin, "makeSupportRequest");
    let adviser = server.staff(ProcessorFunction::Adviser);
    examples.is("supportRequestId", examples.send(&adviser, "recordSupportRequest").id());
    examples.send(admin, "approveSupportRequest");
    examples.is("adviserId", server.new_staff(ProcessorFunction::Adviser).id);
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    examples.is("couplingId", examples.send(&secretariat, "coupleAdviser").id());
    examples.send(admin, "approveCoupling");
    admin
        .post("/v1/support-consents", &json!({"kind": "contact", "endsAt": "2026-11-21T10:00:00Z"}))
        .expect(201);
    let manager = server.staff(ProcessorFunction::AccountManager);
    examples.send(&manager, "changeContact");
}

/// The teacher of the first school joins another one of the same organisation.
fn join_another(server: &Server, examples: &Examples) {
    let secretariat = server.staff(ProcessorFunction::Secretariat);
    let ids = examples.ids.borrow().clone();
    let belongs =
        format!("/v1/organisations/{}/institutions/{}", ids["organisationId"], ids["institutionId"]);
    secretariat.call("PUT", &belongs).send().expect(204);
    let mut body = new_institution("school.example");
    body["organisationId"] = json!(ids["organisationId"]);
    body["administrator"]["email"] = json!("directie@school.example");
    let other = School::entered(&server.anyone(), "school.example", &body);
    let mut member = other.new_user(Function::Teacher, &[]);
    member["email"] = json!("noor.verzonnen@school.example");
    other.admin.post("/v1/users", &member).expect(201);
    let token = server.anyone().mailbox().joining_tokens("noor.verzonnen@school.example", 1).pop();
    examples.send_with(&server.anyone(), "joinInstitution", &json!({"token": token}));
}

/// One's own account, and what an administrator sets for all of them.
fn look_after_accounts(server: &Server, examples: &Examples, admin: &Client) {
    examples.send(admin, "createApiToken");
    examples.send(admin, "changeAccessSettings");
    let second = examples.send(admin, "setUpSecondFactor").json();
    let app = Authenticator::showing(&second, admin.time());
    examples.send_with(admin, "confirmSecondFactor", &json!({"code": app.code()}));
    server.clock.advance(jiff::SignedDuration::from_secs(30));
    examples.send_with(admin, "removeSecondFactor", &json!({"code": app.code()}));
    examples.send(admin, "changePassword");
    examples.send(&server.anyone(), "requestPasswordReset");
    for _ in 0..3 {
        server.anyone().try_log_in("beheerder@school.example", "Verkeerd-1").expect(401);
    }
    let manager = server.staff(ProcessorFunction::AccountManager);
    examples.send(&manager, "unblockContact");
}

both_databases! {
    fn each_example_of_the_document_is_accepted_when_it_is_sent(server: Server) {
        let examples = Examples::of(server);
        let admin = enter_a_school(server, &examples);
        follow_children(&examples, &admin);
        ask_for_help(server, &examples, &admin);
        join_another(server, &examples);
        look_after_accounts(server, &examples, &admin);
        let platform = server.platform();
        examples.is("frameworkId", examples.send(&platform, "createFramework").id());
        examples.send(&platform, "replaceFramework");
        let staff = examples.send(&platform, "createProcessorStaff").json();
        examples.is("userId", text(&staff["staff"]["id"]));
        examples.send(&platform, "recordConfidentialityStatement");
        examples.send(&platform, "changeProcessorStaff");

        let sent = examples.sent.borrow();
        let has_example = |operation: &&Operation| {
            operation.reads().is_some_and(|media_type| media_type.ends_with("json"))
        };
        let all = examples.operations.iter().filter(has_example).map(|operation| &operation.id);
        let left: Vec<_> = all.filter(|id| !sent.contains(*id)).collect();
        assert_eq!(left, [""; 0]);
    }
}
