//! The audit log: what was done and seen is on record, and the record is whole.

mod access_logs;
mod addresses;
mod append_only;
mod checkpoint_letters;
pub(crate) mod checkpoints;
mod desk;
mod disclosures;
mod entries;
mod every_read;
mod export;
mod exposure;
mod log_keys;
mod log_reviews;
mod prove;
mod readers;
mod refused;
mod witnesses;

use groeilijn_domain::access::Function;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::audit::Entry;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::school::{new_group, new_pupil};
use groeilijn_tests::{Server, both_databases};
use serde_json::json;

/// What one request adds to the log of an institution.
fn recorded(server: &Server, institution: &str, request: impl FnOnce()) -> Vec<Entry> {
    let before = server.audit_log(institution);
    request();
    let after = server.audit_log(institution);
    after.check();
    before.added(&after)
}

/// The one entry that a request adds, which succeeded.
#[track_caller]
pub(crate) fn one_entry(
    server: &Server,
    institution: &str,
    operation: &str,
    request: impl FnOnce(),
) -> Entry {
    let mut entries = recorded(server, institution, request);
    assert_eq!(entries.len(), 1, "{operation}: {entries:?}");
    let entry = entries.remove(0);
    assert_eq!((entry.operation.as_str(), entry.outcome.as_str()), (operation, "success"));
    entry
}

both_databases! {
    fn c089_each_change_makes_one_entry(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        let (admin, id) = (&school.admin, school.id.as_str());
        let check = |operation: &str, kind: ObjectKind, changed: bool, request: &dyn Fn() -> groeilijn_tests::Reply| {
            let entry = one_entry(server, id, operation, || assert!((200..300).contains(&request().status)));
            assert_eq!(entry.actor.as_deref(), Some(school.admin_id.as_str()), "{operation}");
            assert_eq!(entry.changed, changed, "{operation}");
            let address = server.installation().opened_address(id, &entry);
            assert_eq!(address.as_deref(), Some("127.0.0.1"), "{operation}");
            assert!(entry.objects.iter().any(|object| object.0 == kind), "{operation}: {:?}", entry.objects);
        };
        check("createGroup", ObjectKind::Group, true, &|| admin.post("/v1/groups", &new_group("De Vlinders")));
        let other = school.group("De Kikkers");
        let path = format!("/v1/groups/{other}");
        check("changeGroup", ObjectKind::Group, true, &|| admin.patch(&path, "*", &json!({"name": "De Muizen"})));
        check("deleteGroup", ObjectKind::Group, false, &|| admin.delete(&path, "*"));
        check("createPupil", ObjectKind::Pupil, true, &|| admin.post("/v1/pupils", &new_pupil("Sem")));
        let path = format!("/v1/pupils/{pupil}");
        check("changePupil", ObjectKind::Pupil, true, &|| admin.patch(&path, "*", &json!({"vve": true})));
        let moved = school.group("De Bijen");
        let place = json!({"groupId": moved});
        check("placePupil", ObjectKind::Placement, false, &|| admin.post(&format!("{path}/placements"), &place));
        check("createUser", ObjectKind::User, true, &|| {
            admin.post("/v1/users", &school.new_user(Function::Teacher, &[]))
        });
        let path = format!("/v1/users/{}", school.admin_id);
        check("changeUser", ObjectKind::User, true, &|| admin.patch(&path, "*", &json!({"firstName": "Bo"})));
        check("inviteUser", ObjectKind::Invitation, false, &|| admin.call("POST", &format!("{path}/invitations")).send());
    }

    fn c089_what_the_service_reads_for_a_letter_stands_in_nobodys_name(server: Server) {
        let school = server.school();
        // Her password is set with a letter, so that letter was sent.
        let teacher = school.member(Function::Teacher, &[]);
        let sent = server.audit_log(&school.id).entries();
        let letter = sent.iter().find(|entry| entry.objects == [(ObjectKind::User, teacher.id.clone())] && entry.operation == "sendLetter");
        let letter = letter.unwrap();
        assert_eq!((letter.actor_kind.as_str(), &letter.actor, &letter.address), ("system", &None, &None));
    }

    fn c089_each_read_of_personal_data_makes_one_entry_that_names_whose(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupils = ["Noor", "Sem"].map(|name| school.pupil(name, &group));
        let (admin, id) = (&school.admin, school.id.as_str());
        let read = |operation: &str, expected: &[(ObjectKind, &str)], request: &dyn Fn() -> groeilijn_tests::Reply| {
            let entry = one_entry(server, id, operation, || drop(request().expect(200)));
            let expected: Vec<_> = expected.iter().map(|(kind, id)| (*kind, (*id).to_owned())).collect();
            assert_eq!(entry.objects, expected, "{operation}");
            assert!(!entry.changed);
        };
        let [noor, sem] = [(ObjectKind::Pupil, pupils[0].as_str()), (ObjectKind::Pupil, pupils[1].as_str())];
        let path = format!("/v1/pupils/{}", pupils[0]);
        read("readPupil", &[noor], &|| admin.get(&path));
        read("readPupil", &[noor], &|| admin.call("HEAD", &path).send());
        read("listPupils", &[noor, sem], &|| admin.get("/v1/pupils"));
        read("listPupilsOfGroup", &[noor, sem], &|| admin.get(&format!("/v1/groups/{group}/pupils")));
        read("searchPupils", &[sem], &|| admin.post("/v1/pupils/_search", &json!({"name": "sem"})));
        read("listPlacements", &[noor], &|| admin.get(&format!("{path}/placements")));
        read("listPlacementChanges", &[noor], &|| admin.get(&format!("{path}/placement-changes")));
        let user = (ObjectKind::User, school.admin_id.as_str());
        read("listUsers", &[user], &|| admin.get("/v1/users"));
        read("readUser", &[user], &|| admin.get(&format!("/v1/users/{}", school.admin_id)));
        read("listColleagues", &[user], &|| admin.get("/v1/colleagues"));
        read("searchColleagues", &[user], &|| admin.post("/v1/colleagues/_search", &json!({"name": "bedacht"})));
        read("readColleague", &[user], &|| admin.get(&format!("/v1/colleagues/{}", school.admin_id)));
    }

    fn c089_a_read_of_what_was_written_about_a_child_names_each_piece_of_it(server: Server) {
        let class = server.class();
        let notes = ["2026-11-19", "2026-11-20"].map(|day| class.note(&class.pupil, day, &[]));
        let judged = json!({"scales": {"curious-and-enterprising": 3}});
        let registrations = [
            class.register(&class.pupil, "2026-02-20", &judged),
            class.begin(&class.pupil, "2026-11-20", &judged).id(),
        ];
        let reads = |operation: &str, path: &str, kind: ObjectKind, pieces: &[String]| {
            let read = || drop(class.teacher.client.get(path).expect(200));
            let mut entry = one_entry(server, &class.school.id, operation, read);
            let pieces = pieces.iter().map(|id| (kind, id.clone()));
            let mut expected: Vec<_> = pieces.chain([(ObjectKind::Pupil, class.pupil.clone())]).collect();
            expected.sort_by(|one, other| one.1.cmp(&other.1));
            entry.objects.sort_by(|one, other| one.1.cmp(&other.1));
            assert_eq!(entry.objects, expected, "{operation}");
        };
        let pupil = format!("/v1/pupils/{}", class.pupil);
        reads("listNotes", &format!("{pupil}/notes"), ObjectKind::Note, &notes);
        reads("searchNotes", "/v1/notes", ObjectKind::Note, &notes);
        reads("readNote", &format!("/v1/notes/{}", notes[0]), ObjectKind::Note, &notes[..1]);
        reads("listNoteRevisions", &format!("/v1/notes/{}/revisions", notes[0]), ObjectKind::Note, &notes[..1]);
        reads("listRegistrations", &format!("{pupil}/registrations"), ObjectKind::Registration, &registrations);
        // Of a note that is about another line nobody sees anything.
        let search = || drop(class.teacher.client.get("/v1/notes?line=play").expect(200));
        let institution = (ObjectKind::Institution, class.school.id.clone());
        assert_eq!(one_entry(server, &class.school.id, "searchNotes", search).objects, [institution]);
        let first = format!("/v1/registrations/{}", registrations[0]);
        reads("readRegistration", &first, ObjectKind::Registration, &registrations[..1]);
        reads("listRegistrationVersions", &format!("{first}/versions"), ObjectKind::Registration, &registrations[..1]);
    }

    fn c089_what_holds_no_personal_data_or_did_not_happen_makes_no_entry(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let entries = recorded(server, &school.id, || {
            school.admin.get("/v1/groups").expect(200);
            school.admin.get(&format!("/v1/groups/{group}")).expect(200);
            school.admin.get("/v1/sessions/current").expect(200);
            school.admin.post("/v1/groups", &json!({})).expect(400);
            school.admin.patch(&format!("/v1/groups/{group}"), "\"r9\"", &json!({"name": "X"})).expect(412);
            school.admin.get(&format!("/v1/pupils/{ABSENT}")).expect(404);
        });
        assert!(entries.is_empty(), "{entries:?}");
    }

    fn c089_what_was_refused_is_on_record(server: Server) {
        let school = server.school();
        let member = school.member(Function::Management, &[]);
        let entries = recorded(server, &school.id, || drop(member.client.get("/v1/users").expect(403)));
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].operation.as_str(), entries[0].outcome.as_str()), ("listUsers", "denied"));
        assert_eq!(entries[0].actor, Some(member.id));
    }

    fn c089_logging_in_and_out_is_on_record_with_the_institution(server: Server) {
        let school = server.school();
        let (anyone, email) = (server.anyone(), format!("beheerder@{}", school.domain));
        let entries = recorded(server, &school.id, || {
            let tokens = anyone.try_log_in(&email, groeilijn_tests::accounts::PASSWORD).expect(201).json();
            let refresh = json!({"refreshToken": tokens["refreshToken"]});
            let again = anyone.post("/v1/sessions/_refresh", &refresh).expect(200).json();
            let client = anyone.with_token(again["accessToken"].as_str().unwrap());
            client.call("DELETE", "/v1/sessions/current").send().expect(204);
        });
        let operations: Vec<_> = entries.iter().map(|entry| entry.operation.as_str()).collect();
        assert_eq!(operations, ["logIn", "refreshSession", "logOut"]);
        assert!(entries.iter().all(|entry| entry.objects[0].0 == ObjectKind::Session));
    }

    fn c089_the_institution_sees_what_the_platform_did_to_it(server: Server) {
        let school = server.school();
        let log = server.audit_log(&school.id);
        log.check();
        let first = &log.entries()[0];
        assert_eq!(first.operation, "createInstitution");
        assert_ne!(first.actor.as_deref(), Some(school.admin_id.as_str()));
        let platform = server.platform();
        let path = format!("/v1/institutions/{}", school.id);
        let change = || drop(platform.patch(&path, "*", &json!({"name": "Anders"})).expect(200));
        let entry = one_entry(server, &school.id, "changeInstitution", change);
        assert_eq!(entry.objects, [(ObjectKind::Institution, school.id.clone())]);
        server.platform_audit_log().check();
    }

    fn c036_every_entry_names_a_purpose_from_the_closed_list(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        school.teacher(&group).post(&format!("/v1/pupils/{pupil}/notes"), &json!({"text": "Bouwt een toren."})).expect(201);
        let entries = server.audit_log(&school.id).entries();
        assert!(entries.iter().all(|entry| ProcessingActivity::from_code(&entry.activity).is_some()));
        let purpose = |operation: &str| {
            let found = entries.iter().find(|entry| entry.operation == operation);
            found.map(|entry| entry.activity.as_str())
        };
        assert_eq!(purpose("createNote"), Some("follow-development"));
        assert_eq!(purpose("createPupil"), Some("administer-pupils"));
        assert_eq!(purpose("createUser"), Some("administer-access"));
        assert_eq!(purpose("createInstitution"), Some("administer-licence"));
    }

    fn c001_what_one_institution_does_leaves_no_trace_with_another(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let entries = recorded(server, &other.id, || {
            let pupil = school.pupil("Noor", &school.group("De Rupsen"));
            other.admin.get("/v1/groups").expect(200);
            school.admin.get(&format!("/v1/pupils/{pupil}")).expect(200);
        });
        assert!(entries.is_empty(), "{entries:?}");
    }
}
