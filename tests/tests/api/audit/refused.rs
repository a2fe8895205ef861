//! What was asked for and not given, or not found, is on record too.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::audit::Entry;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::{Server, both_databases};
use serde_json::json;

use super::{one_entry, recorded};

/// The one entry that a refused request adds.
#[track_caller]
fn one_refusal(server: &Server, institution: &str, operation: &str, request: impl FnOnce()) -> Entry {
    let mut entries = recorded(server, institution, request);
    assert_eq!(entries.len(), 1, "{operation}: {entries:?}");
    let entry = entries.remove(0);
    assert_eq!((entry.operation.as_str(), entry.outcome.as_str()), (operation, "denied"));
    entry
}

both_databases! {
    fn c006_c089_a_colleague_who_asks_for_a_child_outside_her_groups_is_on_record(server: Server) {
        let class = server.class();
        let (pupil, group) = (&class.pupil, &class.group);
        let teacher = &class.teacher.client;
        let note = teacher.post(&format!("/v1/pupils/{pupil}/notes"), &json!({"text": "Bouwt een toren."})).expect(201).id();
        let body = json!({"frameworkId": class.framework});
        let registration = teacher.post(&format!("/v1/pupils/{pupil}/registrations"), &body).expect(201).id();
        let colleague = class.school.member(Function::Teacher, &[&class.school.group("De Vlinders")]);
        let child = vec![(ObjectKind::Pupil, pupil.clone())];
        let of_note = vec![child[0].clone(), (ObjectKind::Note, note.clone())];
        let of_registration = vec![child[0].clone(), (ObjectKind::Registration, registration.clone())];
        let of_group = vec![(ObjectKind::Group, group.clone())];
        let judgements = json!({"judgements": {"scales": {"involvement": 3}}});
        let cases = [
            ("readPupil", "GET", format!("/v1/pupils/{pupil}"), None, &child),
            ("readPupil", "HEAD", format!("/v1/pupils/{pupil}"), None, &child),
            ("listNotes", "GET", format!("/v1/pupils/{pupil}/notes"), None, &child),
            ("createNote", "POST", format!("/v1/pupils/{pupil}/notes"), Some(json!({"text": "Bouwt."})), &child),
            ("createSharedNote", "POST", "/v1/notes".to_owned(), Some(json!({"pupilIds": [pupil], "text": "Bouwt."})), &child),
            ("searchNotes", "GET", format!("/v1/notes?pupilId={pupil}"), None, &child),
            ("searchNotes", "GET", format!("/v1/notes?groupId={group}"), None, &of_group),
            ("listRegistrations", "GET", format!("/v1/pupils/{pupil}/registrations"), None, &child),
            ("createRegistration", "POST", format!("/v1/pupils/{pupil}/registrations"), Some(body), &child),
            ("readPupilOverview", "GET", format!("/v1/pupils/{pupil}/overview"), None, &child),
            ("readNote", "GET", format!("/v1/notes/{note}"), None, &of_note),
            ("listNoteRevisions", "GET", format!("/v1/notes/{note}/revisions"), None, &of_note),
            ("readRegistration", "GET", format!("/v1/registrations/{registration}"), None, &of_registration),
            ("listRegistrationVersions", "GET", format!("/v1/registrations/{registration}/versions"), None, &of_registration),
            ("changeRegistration", "PATCH", format!("/v1/registrations/{registration}"), Some(judgements), &of_registration),
            ("listPupilsOfGroup", "GET", format!("/v1/groups/{group}/pupils"), None, &of_group),
            ("readGroupOverview", "GET", format!("/v1/groups/{group}/overview"), None, &of_group),
            ("searchPupils", "POST", "/v1/pupils/_search".to_owned(), Some(json!({"name": "noor", "groupId": group})), &of_group),
        ];
        for (operation, method, path, body, objects) in cases {
            let entry = one_refusal(server, &class.school.id, operation, || {
                let call = colleague.client.call(method, &path);
                let call = match body {
                    Some(body) if method == "PATCH" => call.header("If-Match", "*").merge_patch(&body),
                    Some(body) => call.json(&body),
                    None => call,
                };
                let reply = call.send();
                assert!([400, 404].contains(&reply.status), "{operation}: {}", reply.status);
            });
            assert_eq!(&entry.objects, objects, "{operation}");
            assert_eq!(entry.actor.as_ref(), Some(&colleague.id));
            assert!(!entry.changed);
        }
    }

    fn c001_c089_who_is_not_there_or_elsewhere_leaves_no_entry_with_anybody(server: Server) {
        let [class, other] = [server.class(), server.class()];
        let teacher = &class.teacher.client;
        let there = recorded(server, &other.school.id, || {
            let here = recorded(server, &class.school.id, || {
                for pupil in [ABSENT, other.pupil.as_str()] {
                    teacher.get(&format!("/v1/pupils/{pupil}")).expect(404);
                    teacher.get(&format!("/v1/pupils/{pupil}/notes")).expect(404);
                }
                teacher.get(&format!("/v1/groups/{}/overview", other.group)).expect(404);
            });
            assert!(here.is_empty(), "{here:?}");
        });
        assert!(there.is_empty(), "{there:?}");
    }

    fn c089_a_search_and_a_list_without_a_child_are_on_record_with_where_was_looked(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let (whole, one) = ((ObjectKind::Institution, school.id.clone()), (ObjectKind::Group, group.clone()));
        let search = |body| drop(school.admin.post("/v1/pupils/_search", &body).expect(200));
        let cases: [(&str, _, &dyn Fn()); 4] = [
            ("searchPupils", &whole, &|| search(json!({"name": "niemand"}))),
            ("searchPupils", &one, &|| search(json!({"name": "niemand", "groupId": group}))),
            ("listPupils", &whole, &|| drop(school.admin.get("/v1/pupils").expect(200))),
            ("listPupilsOfGroup", &one, &|| drop(school.admin.get(&format!("/v1/groups/{group}/pupils")).expect(200))),
        ];
        for (operation, object, request) in cases {
            let entry = one_entry(server, &school.id, operation, request);
            assert_eq!(&entry.objects, std::slice::from_ref(object), "{operation}");
        }
    }

    fn c013_c089_a_refusal_to_staff_of_the_processor_is_in_the_platforms_log(server: Server) {
        let school = server.school();
        let staff = server.new_staff(ProcessorFunction::Marketing);
        groeilijn_tests::Authenticator::bind(&staff.client);
        let before = server.platform_audit_log();
        let there = recorded(server, &school.id, || {
            staff.client.get("/v1/pupils").expect(403);
            staff.client.get("/v1/processor-staff").expect(403);
        });
        assert!(there.is_empty(), "{there:?}");
        let after = server.platform_audit_log();
        after.check();
        let added = before.added(&after);
        let refused: Vec<_> =
            added.iter().map(|entry| (entry.operation.as_str(), entry.outcome.as_str(), entry.actor.as_deref())).collect();
        let id = Some(staff.id.as_str());
        assert_eq!(refused, [("listPupils", "denied", id), ("listProcessorStaff", "denied", id)]);
    }
}
