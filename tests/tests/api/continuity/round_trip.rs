//! An institution moves to an installation on another database, and the API answers there as it did.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_query;
use diesel::sql_types::Binary;
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_persistence::continuity::catalogue::CATALOGUE;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_persistence::database::rows::{Cell, insert};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::clock::TestClock;
use groeilijn_tests::instruction::{accept, instruct, switch};
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_group, new_pupil, set_password};
use groeilijn_tests::support::ask_about;
use groeilijn_tests::{Class, Client, Server, both_databases, class};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::schemas::misfit;
use super::{NOW, Receiver, id_of, is_not_found, lines, other_installation, publish_documents};
use crate::policy::{follow_up_of, one_of_each};
use groeilijn_tests::disclosure::review;
use groeilijn_tests::incident::reach;

/// What may be answered otherwise, each with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("readCurrentSession", "it is another session"),
    ("listOwnSessions", "sessions do not move"),
    ("listSessionsOfUser", "sessions do not move"),
    ("listApiTokens", "tokens do not move"),
    ("readApiToken", "tokens do not move"),
    ("listAuditEntries", "the log begins anew"),
    ("followChanges", "the log begins anew"),
    ("streamChanges", "the log begins anew"),
    ("readAuditLog", "the log begins anew"),
    ("listAuditCheckpoints", "the log begins anew"),
    ("exportAuditLog", "the log begins anew"),
    ("readPupilAccessLog", "the log begins anew"),
    ("readPupilReaders", "it says at which moment it was worked out"),
    ("listDisclosures", "they stay in the export"),
    ("readDisclosure", "they stay in the export"),
    ("readUserAccessLog", "the log begins anew"),
    ("readOwnAccessLog", "the log begins anew"),
    ("listWebhookEndpoints", "they are entered anew"),
    ("readWebhookEndpoint", "they are entered anew"),
    ("listWebhookDeliveries", "they are entered anew"),
    ("listLogReviews", "it is of the log that stays"),
    ("readLogReviewDuty", "it is of the log that stays"),
    ("listSchoolYearTransitions", "elsewhere nobody can undo them"),
    ("readSchoolYearTransition", "elsewhere nobody can undo them"),
    ("listImports", "they stay in the export"),
    ("readImport", "they stay in the export"),
    ("listImportLines", "they stay in the export"),
    ("listMissingPupils", "they stay in the export"),
    ("listSupportConsents", "they stay in the export"),
    ("listCouplings", "they stay in the export"),
    ("listSupportRequests", "they stay in the export"),
    ("readSupportRequest", "they stay in the export"),
    ("listSupportSessions", "they stay in the export"),
    ("listAdministratorRecoveries", "they stay in the export"),
    ("listForcedProcessings", "they stay in the export"),
    ("listDestructions", "they stay in the export"),
    ("readDestruction", "they stay in the export"),
    ("readDestructionCertificate", "they stay in the export"),
    ("readDestructionCompletion", "they stay in the export"),
    ("printDestructionCertificate", "they stay in the export"),
    ("readDestructionEvidence", "they stay in the export"),
    ("listIncidents", "they stay in the export"),
    ("readIncident", "they stay in the export"),
    ("readAuthorityDraft", "they stay in the export"),
    ("printAuthorityDraft", "they stay in the export"),
    ("listCertificateKeys", "they are those of the installation"),
    ("listSecurityEvents", "they are those of the installation"),
    ("listEvidenceRecords", "they are those of the installation"),
    ("readEvidenceRecord", "they are those of the installation"),
    ("listClauses", "their evidence is that of the installation"),
    ("readClause", "their evidence is that of the installation"),
    ("listAudits", "they are about the processor"),
    ("readAudit", "they are about the processor"),
    ("listProcessorContactPersons", "they are those of the installation"),
    ("readProcessorContact", "it is a setting of the installation"),
    ("listSubprocessors", "they are those of the installation"),
    ("readSubprocessor", "they are those of the installation"),
    ("listSubprocessorChecks", "they are those of the installation"),
    ("listSubprocessorObjections", "they are those of the installation"),
    (
        "listContractDocuments",
        "of others than this institution agreed upon, they are those of the installation",
    ),
];

/// The kinds of which the school has nothing.
const EMPTY: [&str; 1] = ["transfer-consents"];

/// Why the institution may not be told of what a law forced.
const NOT_TOLD: &str = "Opsporing loopt nog.";

/// Everything that can be had at a school, and a child that is being destroyed.
struct Filled {
    class: Class,
    ids: BTreeMap<String, BTreeSet<String>>,
    destroyed: String,
}

fn fill(server: &Server) -> Filled {
    let class = server.class();
    let (school, teacher) = (&class.school, &class.teacher);
    let each = one_of_each(server, school);
    review(school);
    reach(&school.admin, &each["incidentId"], "registered").expect(201);
    let admin = &school.admin;
    let own = format!("/v1/institutions/{}", school.id);
    // A placement that was put right, and a group that is given for a year.
    let ends = json!({"endedOn": "2027-06-01", "reason": "Verhuist dan."});
    admin.change(&format!("/v1/placements/{}", each["placementId"]), &ends).expect(200);
    let year = json!({"groupId": class.group, "firstDay": "2026-08-01", "lastDay": "2027-07-31"});
    let given = json!({"groups": [year], "reason": "Voor een jaar."});
    admin.change(&format!("/v1/users/{}", teacher.id), &given).expect(200);
    // A group at a location, and a user who is limited to that one.
    let location = &each["locationId"];
    admin.change(&format!("/v1/groups/{}", class.group), &json!({ "locationId": location })).expect(200);
    school.member_at(Function::Management, &[location]);
    // A child with everything that there is to know, who leaves.
    let full = json!({
        "firstName": "Sanne", "infix": "van de", "lastName": "Fantasie", "gender": "other", "homeLanguage": "ary",
        "birthDate": "2021-02-28", "vve": true, "dayPartsPerWeek": 9, "weeksPremature": 6, "yearLevel": "2", "particulars": "Houdt van\nbouwen.",
        "eckId": "https://keten.example/sanne", "groupId": class.group,
    });
    let full = admin.post("/v1/pupils", &full).expect(201).id();
    let place = format!("/v1/pupils/{full}");
    let leaves = json!({"lastDay": "2027-01-08", "kind": "elsewhere", "destination": "De Vlinder"});
    admin.put(&format!("{place}/departure"), &admin.get(&place).expect(200).etag(), &leaves).expect(200);
    // Notes that were changed, and registrations: final, corrected, and a draft.
    let note = class.note(&class.pupil, "2026-11-20", &["gross-motor-skills"]);
    teacher
        .client
        .change(&format!("/v1/notes/{note}"), &json!({"text": "Vertelt over de vakantie, twee keer."}))
        .expect(200);
    let judged = json!({
        "scales": {"involvement": 4},
        "lines": {"gross-motor-skills": {"phaseFromMonth": 0, "completeness": "begun", "attention": true}},
    });
    let registration = class.register(&class.pupil, "2026-10-20", &judged);
    let corrected = json!({"reason": "Verkeerd kind aangeklikt."});
    teacher.client.post(&format!("/v1/registrations/{registration}/versions"), &corrected).expect(201);
    class::finalise(&teacher.client, &registration);
    let second = class.child("Sem", "2022-06-01");
    class.begin(&second, "2026-11-20", &json!({"scales": {"involvement": 2}}));
    admin.change(&format!("/v1/pupils/{second}"), &json!({"birthDate": "2022-06-02"})).expect(200);
    // What was withdrawn, and a note that was moved.
    let mistaken = class.register(&second, "2026-11-19", &judged);
    let moved = class.note(&second, "2026-11-20", &["play"]);
    let put_right = |path: String, body: Value| {
        teacher.client.call("POST", &path).header("If-Match", "*").json(&body).send().expect(200).json()
    };
    put_right(format!("/v1/registrations/{mistaken}/_withdraw"), json!({"reason": "Verkeerde dag."}));
    let to = json!({"pupilId": class.pupil, "reason": "Verkeerd kind."});
    let moved_to = text(&put_right(format!("/v1/notes/{moved}/_move"), to)["movedTo"]);
    // The archive, holds, terms, contracts.
    let old = admin.post("/v1/groups", &new_group("De Rups")).expect(201).id();
    let path = format!("/v1/groups/{old}/_archive");
    assert!(matches!(
        admin.act(&path, &admin.get(&format!("/v1/groups/{old}")).expect(200).etag()).status,
        200 | 204 | 404
    ));
    let held = json!({"reason": "Onderzoek loopt.", "reviewDay": "2027-06-01"});
    admin.post(&format!("{own}/holds"), &held).expect(201);
    admin.change("/v1/retention/policy", &json!({
        "monthsAfterLeaving": 36,
        "statutoryTerms": [{"kind": "at-least", "months": 12, "provision": "Een verzonnen bepaling, artikel 1."}],
    })).expect(200);
    let deviation = json!({"provision": "3.2", "agreed": "Ook op papier.", "reason": "Het bestuur wil dat."});
    let proposed = json!({"documentId": each["contractDocumentId"], "deviations": [deviation]});
    let proposed = server.platform().post(&format!("{own}/agreements"), &proposed).expect(201).id();
    admin.call("POST", &format!("{own}/agreements/{proposed}/_accept")).send().expect(200);
    let instruction = instruct(school);
    accept(server, school, &instruction).expect(200);
    switch(school, true).expect(200);
    let holder = json!({"firstName": "Toos", "lastName": "Verzonnen", "address": "Kade 1", "email": "toos@bestuur.example"});
    assert!(matches!(server.platform().post(&format!("{own}/licence-holder"), &holder).status, 201 | 409));
    // What stays in the export: a request that names a child, an objection, what a law forced.
    ask_about(school, &json!({"pupilIds": [class.pupil]}));
    let objection = format!("/v1/subprocessors/{}/objection", each["subprocessorId"]);
    admin.call("PUT", &objection).json(&json!({"reason": "Liever niet."})).send().expect(200);
    let forced = format!("{own}/forced-processings");
    let told = json!({"provision": "Artikel 1.", "what": "Logintijden.", "toldOn": "2026-11-20"});
    server.platform().post(&forced, &told).expect(201);
    let silent = json!({"provision": "Artikel 2.", "what": "Een adres.", "notToldBecause": NOT_TOLD});
    server.platform().post(&forced, &silent).expect(201);
    // A user who is blocked, with rights of her own before.
    let blocked = school.member(Function::QualityOfficer, &[]);
    let path = format!("/v1/users/{}", blocked.id);
    let rights = json!({"rights": [{"part": "notes", "actions": ["read"]}], "reason": "Leest alleen mee."});
    admin.change(&path, &rights).expect(200);
    admin.change(&path, &json!({"state": "blocked", "reason": "Werkt hier niet meer."})).expect(200);
    // A user who left so long ago that nothing is known of her any more.
    let left = school.member(Function::Teacher, &[&class.group]);
    let path = format!("/v1/pupils/{}/notes", class.pupil);
    left.client.post(&path, &json!({"text": "Zwaait naar iedereen."})).expect(201);
    // A child of whom the destruction began.
    let mut body = new_pupil("Wegwezen");
    body["groupId"] = json!(class.group);
    let destroyed = admin.post("/v1/pupils", &body).expect(201).id();
    class.note(&destroyed, "2026-11-20", &[]);
    // What is planned for another child, what came of it, and what was planned for that one.
    let finished = follow_up_of(&teacher.client, &class.pupil);
    let finish =
        teacher.client.call("POST", &format!("/v1/follow-ups/{finished}/_finish")).header("If-Match", "*");
    finish.json(&json!({"outcome": "Speelt mee."})).send().expect(200);
    follow_up_of(&teacher.client, &destroyed);
    // A goal with what was offered, which was meant for that child too.
    let goal = class.goal("play", &[&class.pupil, &destroyed]);
    teacher.client.post(&format!("/v1/goals/{goal}/offers"), &json!({"text": "Poppenkast."})).expect(201);

    let mut ids: BTreeMap<String, BTreeSet<String>> =
        each.into_iter().map(|(name, id)| (name.to_owned(), BTreeSet::from([id]))).collect();
    let mut more = |name: &str, found: Vec<String>| ids.entry(name.to_owned()).or_default().extend(found);
    more("pupilId", vec![class.pupil.clone(), full, second]);
    more("noteId", vec![note, moved, moved_to]);
    more("registrationId", vec![registration, mistaken]);
    more("followUpId", vec![finished]);
    more("goalId", vec![goal]);
    more("groupId", vec![class.group.clone(), class.last_year.clone(), old]);
    more("userId", admin.list("/v1/users").iter().map(|user| text(&user["id"])).collect());
    more("version", vec!["2".to_owned()]);
    let stub = "UPDATE users SET name = substr(name, 1, 0), gender = substr(gender, 1, 0), email = substr(email, 1, 0), \
        ended_at = 1 WHERE id = $1";
    for (change, id) in [(stub, &left.id), ("UPDATE pupil SET destroying_at = 1 WHERE id = $1", &destroyed)] {
        let change = sql_query(change).bind::<Binary, _>(Uuid::parse_str(id).unwrap().into_bytes().to_vec());
        assert_eq!(change.execute(&mut server.raw_data()).unwrap(), 1);
    }
    Filled { class, ids, destroyed }
}

/// All that is read with this client: status and body by path, without tags. Of a framework the id is that of `renamed`.
fn answers(
    client: &Client,
    operations: &[Operation],
    ids: &BTreeMap<String, BTreeSet<String>>,
    renamed: &BTreeMap<String, String>,
) -> BTreeMap<String, (u16, Value)> {
    let mut answers = BTreeMap::new();
    for operation in operations {
        let mut paths = vec![operation.path.clone()];
        for parameter in operation.parameters() {
            let of = |path: &String| -> Vec<String> {
                ids[parameter].iter().map(|id| path.replace(&format!("{{{parameter}}}"), id)).collect()
            };
            paths = paths.iter().flat_map(of).collect();
        }
        for path in paths {
            let here = renamed.iter().fold(path.clone(), |path, (there, here)| path.replace(there, here));
            let here =
                if operation.id == "forecastDestruction" { format!("{here}?at=2029-12-31") } else { here };
            let reply = client.get(&here);
            let body = serde_json::from_slice(&reply.body).unwrap_or_default();
            let body = renamed
                .iter()
                .fold(without_tags(body).to_string(), |body, (there, here)| body.replace(here, there));
            answers.insert(path, (reply.status, serde_json::from_str(&body).unwrap()));
        }
    }
    answers
}

fn without_tags(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            // The trace and the request are those of this answer.
            let kept = members
                .into_iter()
                .filter(|(name, _)| !["etag", "traceId", "instance"].contains(&name.as_str()));
            kept.map(|(name, value)| (name, without_tags(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_tags).collect(),
        other => other,
    }
}

/// Joins an institution to the board that it was one of, which comes along with no import.
fn join_board(there: &Server, school: &str, boards: &[Value]) {
    let [board] = boards else { panic!("{boards:?}") };
    let secretariat = there.staff(ProcessorFunction::Secretariat);
    let institution = format!("/v1/institutions/{school}");
    assert_eq!(there.platform().get(&institution).expect(200).json()["organisationId"], Value::Null);
    let made = |name: &str| board[name].as_str().unwrap().parse::<Timestamp>().unwrap().as_microsecond();
    let row = vec![
        ("id", Cell::Bytes(id_of(&board["id"]).into_bytes().to_vec())),
        ("name", Cell::Text(text(&board["name"]))),
        ("revision", Cell::Integer(1)),
        ("created_at", Cell::Integer(made("createdAt"))),
    ];
    insert(&mut there.raw_data(), "organisation", row).unwrap();
    let belongs = format!("/v1/organisations/{}/institutions/{school}", text(&board["id"]));
    secretariat.call("PUT", &belongs).send().expect(204);
}

/// The ids of frameworks of one installation, with those of another: by code, version and language.
fn frameworks(there: &Client, here: &Client) -> BTreeMap<String, String> {
    let by_name = |client: &Client| -> BTreeMap<String, String> {
        let each = client.list("/v1/frameworks");
        each.iter()
            .map(|one| (format!("{} {} {}", one["code"], one["version"], one["locale"]), text(&one["id"])))
            .collect()
    };
    let here = by_name(here);
    by_name(there).into_iter().map(|(name, id)| (id, here[&name].clone())).collect()
}

both_databases! {
    fn c080_the_api_answers_on_another_installation_as_it_did(server: Server) {
        let Some(target) = other_installation(server) else { return };
        let Filled { class, ids, destroyed } = fill(server);
        let school = &class.school;
        let other = server.class();
        let receiver = Receiver::new();
        let document = served(server);
        let all = operations(&document);
        for (exception, _) in EXCEPTIONS {
            assert!(all.iter().any(|operation| operation.id == *exception && operation.method == "GET"), "{exception}");
        }
        let compared: Vec<_> = all
            .into_iter()
            .filter(|operation| operation.method == "GET" && !operation.is_open())
            .filter(|operation| EXCEPTIONS.iter().all(|(exception, _)| *exception != operation.id))
            .filter(|operation| operation.parameters().all(|parameter| ids.contains_key(parameter)))
            .collect();
        assert!(compared.len() > 40, "{}", compared.len());
        let askers = [("admin", &school.admin), ("teacher", &class.teacher.client)];
        let before = askers.map(|(_, client)| answers(client, &compared, &ids, &BTreeMap::new()));

        let export = receiver.export(server, &school.id, "export.age").unwrap();
        publish_documents(&receiver.files(&export), &target, |document| id_of(&document["id"]));
        let imported = receiver.import(&target, &export).unwrap();
        assert_eq!(imported.manifest.institution_id.to_string(), school.id);
        assert!(imported.manifest.files.iter().all(|file| file.unreadable == 0));
        let there = Server::start(target, TestClock::at(NOW));
        join_board(&there, &school.id, &lines(&receiver.files(&export), "organisations"));
        let email = format!("beheerder@{}", school.domain);
        there.anyone().try_log_in(&email, PASSWORD).expect(401);
        set_password(&there.anyone(), &email);
        let admin = there.anyone().log_in(&email, PASSWORD);
        let users = admin.list("/v1/users");
        let invited: Vec<&Value> = users.iter().filter(|user| user["state"] == "invited").collect();
        assert_eq!(invited.len() + 2, users.len());
        for user in invited {
            admin.post(&format!("/v1/users/{}/invitations", text(&user["id"])), &json!({})).expect(201);
            set_password(&there.anyone(), &text(&user["email"]));
        }
        let teacher = there.anyone().log_in(&class.teacher.email, PASSWORD);

        let renamed = frameworks(&school.admin, &admin);
        for ((name, _), (client, before)) in askers.iter().zip([&admin, &teacher].into_iter().zip(before)) {
            let after = answers(client, &compared, &ids, &renamed);
            let differ: Vec<_> = before.iter().filter(|(path, before)| after[*path] != **before).collect();
            let differ: Vec<_> = differ.iter().map(|(path, before)| format!("{path}\n{before:?}\n{:?}", after[*path])).collect();
            assert!(differ.is_empty(), "{name}\n{}", differ.join("\n\n"));
        }

        // Nothing of anybody else, and nothing of what is being destroyed.
        let files = receiver.files(&export);
        let bytes = receiver.opened(&export);
        // Each line is as its schema says, and there are lines of nearly every kind.
        let mut kinds = BTreeSet::new();
        for resource in CATALOGUE {
            let schema: Value = serde_json::from_slice(&files[&format!("{}.schema.json", resource.name)]).unwrap();
            for line in lines(&files, resource.name) {
                assert_eq!(misfit(&schema, &line), None, "{}: {line}", resource.name);
                kinds.insert(resource.name);
            }
        }
        let empty: Vec<_> = CATALOGUE.iter().filter(|resource| !kinds.contains(resource.name)).map(|resource| resource.name).collect();
        assert_eq!(empty, EMPTY);
        let audit = "audit-entries.ndjson";
        let of_others = [&other.school.id, &other.school.admin_id, &other.pupil, &other.group, &other.school.domain];
        for absent in of_others.into_iter().map(String::as_str).chain([NOT_TOLD]) {
            assert!(memchr::memmem::find(&bytes, absent.as_bytes()).is_none(), "{absent}");
        }
        for (name, content) in files.iter().filter(|(name, _)| *name != audit) {
            for absent in [destroyed.as_str(), "Wegwezen"] {
                assert!(memchr::memmem::find(content, absent.as_bytes()).is_none(), "{name} {absent}");
            }
        }
        assert!(memchr::memmem::find(&std::fs::read(&export).unwrap(), b"Fantasie").is_none());
        admin.get(&format!("/v1/pupils/{destroyed}")).expect(404);

        // Both logs know, and hold.
        let log = server.audit_log(&school.id);
        log.check();
        let exported: Vec<_> = log.entries().into_iter().filter(|entry| entry.operation == "exportInstitution").collect();
        assert_eq!(exported.len(), 1);
        assert_eq!((&exported[0].actor, exported[0].activity.as_str()), (&None, "operate-service"));
        // For whom it was is sealed in the entry, for whoever reads the institution's log.
        let told = "SELECT count(*) AS count FROM audit_entry WHERE operation = 'exportInstitution' AND detail IS NOT NULL";
        assert_eq!(super::count(&mut server.raw_data(), told), 1);
        let log_there = there.audit_log(&school.id);
        log_there.check();
        assert_eq!(log_there.entries()[0].operation, "importInstitution");
        // The log in the export is the whole of it up to that moment, and its root can be computed.
        let entries = lines(&files, "audit-entries");
        let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        assert_eq!(manifest["auditLog"]["size"], entries.len());
        assert_eq!(entries.last().unwrap()["operation"], "exportInstitution");
        let leaves: Vec<[u8; 32]> =
            entries.iter().map(|entry| hex::decode(text(&entry["leafHash"])).unwrap().try_into().unwrap()).collect();
        assert_eq!(manifest["auditLog"]["root"], hex::encode(groeilijn_domain::audit::merkle::root(&leaves)));

        // It is taken in once, and goes on to be worked with.
        let installation = there.installation();
        assert!(receiver.refusal(installation, &export).contains("already here"));
        let pupil = &class.pupil;
        teacher.post(&format!("/v1/pupils/{pupil}/notes"), &json!({"text": "Is verhuisd."})).expect(201);
        admin.change(&format!("/v1/pupils/{pupil}"), &json!({"particulars": "Woont nu elders."})).expect(200);
        let again = receiver.export(&there, &school.id, "again.age").unwrap();
        assert_eq!(lines(&receiver.files(&again), "notes").len(), lines(&files, "notes").len() + 1);
    }

    /// What there was when the export began is in it, and what was entered since is not, while everybody goes on.
    fn c080_an_export_leaves_everybody_at_work(server: Server) {
        let class = server.class();
        let receiver = Receiver::new();
        let before = receiver.export(server, &class.school.id, "one.age").unwrap();
        let note = class.note(&class.pupil, "2026-11-20", &[]);
        let after = receiver.export(server, &class.school.id, "two.age").unwrap();
        let notes = |path| lines(&receiver.files(path), "notes");
        assert_eq!((notes(&before).len(), notes(&after).len()), (0, 1));
        assert_eq!(notes(&after)[0]["id"], note.as_str());
        server.audit_log(&class.school.id).check();
        let error = receiver.export(server, &class.school.id, "two.age").unwrap_err().to_string();
        assert!(error.contains("there already"), "{error}");
        assert!(is_not_found(&receiver.export(server, &Uuid::from_u128(9).to_string(), "none.age")));
        assert!(!receiver.file("none.age").exists() && !receiver.file("none.age.unfinished").exists());
    }
}
