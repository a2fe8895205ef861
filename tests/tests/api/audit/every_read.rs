//! Every operation of the document that returns what is known of a child or a user leaves its entry, also when it finds
//! nothing and when it is a repetition.

use groeilijn_domain::access::{Part, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::ConsentKind;
use groeilijn_tests::audit::Entry;
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::support::{allow, begin, code_of, request_with};
use groeilijn_tests::{Client, School, Server, both_databases};
use serde_json::json;

use super::{one_entry, recorded};
use crate::policy::one_of_each;

/// Reads of such parts that show nobody, and what they show.
const OF_NOBODY: [(&str, &str); 9] = [
    (
        "readAccessSettings",
        "from which networks users log in, and whether administrators need a second factor",
    ),
    ("followChanges", "where the log is now, to who has no cursor yet"),
    ("streamChanges", "the same"),
    ("sendBatch", "nothing itself: each operation in it leaves its own entry"),
    ("readRetentionPolicy", "how long children and what is about them are kept"),
    ("listImports", "how far each import is, and how many it concerns"),
    ("readImport", "how far an import is, and how many it concerns; its lines name children"),
    ("listSchoolYearTransitions", "which groups were made, and how many children each move took"),
    ("readSchoolYearTransition", "the same of one"),
];

/// The part of the system that an operation reads, where that holds what is known of persons. Groups hold nobody.
fn read_part(operation: &Operation) -> Option<Part> {
    let (part, action) = operation.described["x-permission"].as_str()?.split_once(':')?;
    let part = Part::from_code(part)?;
    if OF_NOBODY.iter().any(|(id, _)| *id == operation.id) {
        return None;
    }
    let of_persons =
        part.is_of_children() && part != Part::Groups || matches!(part, Part::Users | Part::Colleagues);
    (of_persons && action == "read").then_some(part)
}

/// The helpdesk, looking along with the administrator of a school.
fn looking_along(server: &Server, school: &School) -> Client {
    allow(server, &school.admin, ConsentKind::LookAlong);
    let body = request_with(server, school, &school.admin_id, &code_of(&school.admin));
    begin(&server.staff(ProcessorFunction::Helpdesk), &body).0
}

fn ask(client: &Client, operation: &Operation, path: &str) {
    let reply = match operation.id.as_str() {
        "searchPupils" => client.post(path, &json!({"name": "noor"})),
        "searchColleagues" => client.post(path, &json!({"name": "bedacht"})),
        _ => client.call(operation.method, path).send(),
    };
    reply.expect(200);
}

both_databases! {
    fn c089_every_operation_that_reads_persons_leaves_one_entry_that_names_whom(server: Server) {
        let school = server.school();
        let ids = one_of_each(server, &school);
        let helpdesk = looking_along(server, &school);
        let (mut asked, mut wrong) = (0, Vec::new());
        for operation in operations(&served(server)) {
            let Some(part) = read_part(&operation) else { continue };
            let client = if part == Part::SupportView { &helpdesk } else { &school.admin };
            let path = operation.path_with(|name| ids[name].clone());
            let mut entries = recorded(server, &school.id, || ask(client, &operation, &path));
            if part == Part::SupportView {
                // Each request of a support session is on record by itself, too (C048).
                entries.retain(|entry| entry.objects.iter().any(|object| object.0 != ObjectKind::SupportSession));
            }
            let is_whole = |entry: &Entry| {
                entry.operation == operation.id && entry.outcome == "success" && !entry.objects.is_empty()
            };
            if entries.len() != 1 || !entries.iter().all(is_whole) {
                wrong.push(format!("{}: {entries:?}", operation.id));
            }
            asked += 1;
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(asked >= 20, "only {asked} operations read persons");
    }

    fn c089_a_read_of_what_the_client_has_already_leaves_its_entry_too(server: Server) {
        let school = server.school();
        let ids = one_of_each(server, &school);
        let mut asked = 0;
        for operation in operations(&served(server)) {
            let is_read = read_part(&operation).is_some_and(|part| part != Part::SupportView);
            if !is_read || !operation.described["responses"]["304"].is_object() {
                continue;
            }
            let path = operation.path_with(|name| ids[name].clone());
            let entry = one_entry(server, &school.id, &operation.id, || {
                school.admin.call(operation.method, &path).header("If-None-Match", "*").send().expect(304);
            });
            assert!(!entry.objects.is_empty(), "{}", operation.id);
            asked += 1;
        }
        assert!(asked >= 12, "only {asked} operations read persons and know tags");
    }

    fn c089_a_read_that_finds_nobody_leaves_its_entry_with_where_was_looked(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Sem", &group);
        let empty = school.group("De Vlinders");
        let cases = [
            ("searchPupils", "/v1/pupils/_search".to_owned()),
            ("listPupilsOfGroup", format!("/v1/groups/{empty}/pupils")),
            ("readGroupOverview", format!("/v1/groups/{empty}/overview")),
            ("listNotes", format!("/v1/pupils/{pupil}/notes")),
            ("searchNotes", "/v1/notes".to_owned()),
            ("searchNotes", format!("/v1/notes?groupId={empty}")),
            ("searchNotes", format!("/v1/notes?pupilId={pupil}")),
            ("listRegistrations", format!("/v1/pupils/{pupil}/registrations")),
            ("readPupilOverview", format!("/v1/pupils/{pupil}/overview")),
        ];
        let all = operations(&served(server));
        for (id, path) in cases {
            let operation = all.iter().find(|operation| operation.id == id).unwrap();
            let entry = one_entry(server, &school.id, id, || ask(&school.admin, operation, &path));
            assert!(!entry.objects.is_empty(), "{id}");
        }
    }

    fn c089_a_repeated_creation_leaves_an_entry_that_names_the_child_again(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let note = json!({"text": "Bouwt een toren."});
        let registration = json!({"frameworkId": class.framework});
        let shared = json!({"pupilIds": [class.pupil], "text": "Bouwt een toren."});
        for (operation, path, body) in [
            ("createSharedNote", "/v1/notes".to_owned(), &shared),
            ("createNote", format!("/v1/pupils/{}/notes", class.pupil), &note),
            ("createRegistration", format!("/v1/pupils/{}/registrations", class.pupil), &registration),
        ] {
            let create = || drop(teacher.post_once(&path, body, operation).expect(201));
            let child = (ObjectKind::Pupil, class.pupil.clone());
            for _ in 0..2 {
                let entry = one_entry(server, &class.school.id, operation, create);
                assert!(entry.objects.contains(&child), "{operation}: {:?}", entry.objects);
            }
        }
    }
}
