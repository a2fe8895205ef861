//! The archive: what is no longer used stays to be consulted, and is in no list of what is.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::support::ask_about;
use groeilijn_tests::{Client, Reply, School, both_databases};
use serde_json::{Value, json};

use super::imports::{CSV, pupil_outcomes, reasons_of_groups, send};

/// Archives or restores what stands at a path.
#[track_caller]
fn act(client: &Client, path: &str, act: &str) -> Reply {
    let etag = client.get(path).expect(200).etag();
    client.act(&format!("{path}/{act}"), &etag)
}

/// The names on a list.
fn names(client: &Client, list: &str) -> Vec<String> {
    let name = |item: &Value| text(if item["name"].is_null() { &item["firstName"] } else { &item["name"] });
    client.list(list).iter().map(name).collect()
}

fn nobody() -> Vec<String> {
    Vec::new()
}

fn conflict(reply: Reply, code: &str) {
    assert_eq!(reply.expect(409).problem("conflict").code(), code);
}

/// A group of the school year before, with a child in it of this first name since then.
fn last_year(school: &School, name: &str, child: &str) -> (String, String) {
    let group = json!({"name": name, "schoolYear": "2025-2026"});
    let group = school.admin.post("/v1/groups", &group).expect(201).id();
    let mut body = new_pupil(child);
    body["groupId"] = json!(group);
    body["placedOn"] = json!("2025-09-01");
    let pupil = school.admin.post("/v1/pupils", &body).expect(201).id();
    (group, pupil)
}

both_databases! {
    fn c104_an_archived_child_is_in_no_list_and_stays_to_be_consulted(server: Server) {
        let class = server.class();
        let (school, pupil) = (&class.school, format!("/v1/pupils/{}", class.pupil));
        let registration = class.register(&class.pupil, "2026-11-20", &json!({"scales": {"involvement": 4}}));
        let note = class.note(&class.pupil, "2026-11-20", &[]);
        let ib = school.member(Function::InternBegeleider, &[]).client;
        let archived = act(&school.admin, &pupil, "_archive").expect(200);
        assert!(archived.json()["archivedAt"].is_string());
        conflict(act(&school.admin, &pupil, "_archive"), "archived");

        let roster = format!("/v1/groups/{}/pupils", class.group);
        for client in [&school.admin, &ib, &class.teacher.client] {
            for list in ["/v1/pupils", &roster] {
                assert_eq!(names(client, list), nobody(), "{list}");
            }
            let overview = client.get(&format!("/v1/groups/{}/overview", class.group)).expect(200).json();
            assert_eq!(overview["children"], json!([]));
            let found = client.post("/v1/pupils/_search", &json!({"name": "Noor"})).expect(200);
            assert_eq!(found.json()["items"], json!([]));
        }
        class.teacher.client.sees_nothing(&class.pupil, &[
            ("GET", "/v1/pupils/{}", Value::Null),
            ("GET", "/v1/pupils/{}/notes", Value::Null),
            ("GET", "/v1/pupils/{}/overview", Value::Null),
        ]);
        class.teacher.client.sees_nothing(&registration, &[("GET", "/v1/registrations/{}", Value::Null)]);
        for list in ["/v1/pupils?archived=true", &format!("{roster}?archived=true")] {
            assert_eq!(names(&class.teacher.client, list), nobody());
        }
        for client in [&school.admin, &ib] {
            for list in ["/v1/pupils?archived=true", &format!("{roster}?archived=true")] {
                assert_eq!(names(client, list), ["Noor"], "{list}");
            }
            let found = client.post("/v1/pupils/_search", &json!({"name": "Noor", "archived": true})).expect(200);
            assert_eq!(found.items().len(), 1);
            for read in [&pupil, &format!("{pupil}/notes"), &format!("{pupil}/overview"), &format!("/v1/notes/{note}")] {
                client.get(read).expect(200);
            }
        }

        let restored = act(&school.admin, &pupil, "_restore").expect(200);
        assert_eq!(restored.json()["archivedAt"], Value::Null);
        assert_ne!(restored.etag(), archived.etag());
        conflict(act(&school.admin, &pupil, "_restore"), "not-archived");
        assert_eq!(names(&class.teacher.client, "/v1/pupils"), ["Noor"]);
        assert_eq!(names(&school.admin, "/v1/pupils?archived=true"), nobody());
    }

    fn c104_nothing_is_written_about_an_archived_child(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        let pupil = format!("/v1/pupils/{}", class.pupil);
        let note = ib.post(&format!("{pupil}/notes"), &json!({"text": "Bouwt een toren."})).expect(201);
        let scales = json!({"frameworkId": class.framework, "judgements": {"scales": {"involvement": 4}}});
        let draft = ib.post(&format!("{pupil}/registrations"), &scales).expect(201);
        let registration = format!("/v1/registrations/{}", draft.id());
        act(admin, &pupil, "_archive").expect(200);

        conflict(ib.post(&format!("{pupil}/notes"), &json!({"text": "Nog iets."})), "archived");
        conflict(ib.patch(&format!("/v1/notes/{}", note.id()), &note.etag(), &json!({"text": "Anders."})), "archived");
        conflict(ib.post(&format!("{pupil}/registrations"), &scales), "archived");
        let patch = json!({"judgements": {"scales": {"involvement": 2}}});
        conflict(ib.patch(&registration, &draft.etag(), &patch), "archived");
        conflict(ib.act(&format!("{registration}/_finalise"), &draft.etag()), "archived");
        conflict(ib.delete(&registration, &draft.etag()), "archived");
        conflict(admin.post(&format!("{pupil}/placements"), &json!({"groupId": class.group, "placedOn": "2026-11-22"})), "archived");
        conflict(admin.change(&pupil, &json!({"firstName": "Noortje"})), "archived");
        let etag = admin.get(&pupil).expect(200).etag();
        let leaves = json!({"lastDay": "2026-12-18", "kind": "other"});
        conflict(admin.put(&format!("{pupil}/departure"), &etag, &leaves), "archived");
        conflict(admin.delete(&format!("{pupil}/departure"), &etag), "archived");

        act(admin, &pupil, "_restore").expect(200);
        ib.act(&format!("{registration}/_finalise"), &draft.etag()).expect(200);
        conflict({
            act(admin, &pupil, "_archive").expect(200);
            ib.post(&format!("{registration}/versions"), &json!({"reason": "Te snel ingevuld."}))
        }, "archived");
    }

    fn c104_a_group_is_archived_when_nobody_is_in_it_and_restored(server: Server) {
        let class = server.class();
        let (school, admin) = (&class.school, &class.school.admin);
        let path = format!("/v1/groups/{}", class.group);
        conflict(act(admin, &path, "_archive"), "group-not-empty");
        let vlinders = school.group("De Vlinders");
        let plan = json!({"groupId": vlinders, "placedOn": "2026-12-01"});
        admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &plan).expect(201);
        conflict(act(admin, &format!("/v1/groups/{vlinders}"), "_archive"), "group-not-empty");
        admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &json!({"groupId": vlinders})).expect(201);

        let archived = act(admin, &path, "_archive").expect(200);
        assert!(archived.json()["archivedAt"].is_string());
        conflict(act(admin, &path, "_archive"), "archived");
        class.teacher.client.sees_nothing(&class.group, &[
            ("GET", "/v1/groups/{}", Value::Null),
            ("GET", "/v1/groups/{}/pupils", Value::Null),
            ("GET", "/v1/groups/{}/overview", Value::Null),
        ]);
        assert_eq!(names(&class.teacher.client, "/v1/groups"), nobody());
        assert_eq!(names(&class.teacher.client, "/v1/groups?archived=true"), nobody());
        assert_eq!(names(admin, "/v1/groups"), ["De Eitjes", "De Vlinders"]);
        assert_eq!(names(admin, "/v1/groups?archived=true"), ["De Rupsen"]);
        admin.get(&path).expect(200);
        let etag = admin.get(&path).expect(200).etag();
        conflict(admin.patch(&path, &etag, &json!({"name": "De Kikkers"})), "archived");
        conflict(admin.delete(&path, &etag), "archived");
        let back = json!({"groupId": class.group, "placedOn": "2026-11-23"});
        conflict(admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &back), "archived");
        let mut born = new_pupil("Sem");
        born["groupId"] = json!(class.group);
        conflict(admin.post("/v1/pupils", &born), "archived");

        assert_eq!(act(admin, &path, "_restore").expect(200).json()["archivedAt"], Value::Null);
        conflict(act(admin, &path, "_restore"), "not-archived");
        assert_eq!(names(&class.teacher.client, "/v1/groups"), ["De Rupsen"]);
    }

    fn c104_a_school_year_takes_along_who_is_in_no_other_group(server: Server) {
        let class = server.class();
        let (school, admin) = (&class.school, &class.school.admin);
        let (torren, stays_behind) = last_year(school, "De Torren", "Sem");
        let (_, archived_before) = last_year(school, "De Krekels", "Fien");
        act(admin, &format!("/v1/pupils/{archived_before}"), "_archive").expect(200);
        let year = |year: &str, act: &str| admin.call("POST", &format!("/v1/school-years/{year}/{act}")).send();
        conflict(year("2026-2027", "_archive"), "school-year-not-over");
        year("2026-2028", "_archive").expect(400);

        let teacher = school.teacher(&torren);
        assert_eq!(names(&teacher, "/v1/pupils"), ["Sem"]);
        let done = year("2025-2026", "_archive").expect(200).json();
        assert_eq!(done, json!({"schoolYear": "2025-2026", "groups": 3, "pupils": 1}));
        assert_eq!(names(admin, "/v1/pupils"), ["Noor"]);
        assert_eq!(names(admin, "/v1/pupils?archived=true"), ["Sem", "Fien"]);
        assert_eq!(names(admin, "/v1/groups"), ["De Rupsen"]);
        assert_eq!(names(&teacher, "/v1/pupils"), nobody());
        assert_eq!(year("2025-2026", "_archive").expect(200).json()["groups"], 0);

        // A child that is restored alone is active, but its archived group is nobody's own.
        act(admin, &format!("/v1/pupils/{stays_behind}"), "_restore").expect(200);
        assert_eq!(names(&teacher, "/v1/pupils"), nobody());
        teacher.get(&format!("/v1/pupils/{stays_behind}")).expect(404);
        act(admin, &format!("/v1/pupils/{stays_behind}"), "_archive").expect(200);

        let restored = year("2025-2026", "_restore").expect(200).json();
        assert_eq!(restored, json!({"schoolYear": "2025-2026", "groups": 3, "pupils": 0}));
        act(admin, &format!("/v1/pupils/{stays_behind}"), "_restore").expect(200);
        year("2025-2026", "_archive").expect(200);
        let restored = year("2025-2026", "_restore").expect(200).json();
        assert_eq!(restored, json!({"schoolYear": "2025-2026", "groups": 3, "pupils": 1}));
        // Who was archived by itself stays there.
        assert_eq!(names(admin, "/v1/pupils?archived=true"), ["Fien"]);
        assert_eq!(names(&teacher, "/v1/pupils"), ["Sem"]);
    }

    fn c104_a_school_year_is_over_on_the_first_of_august_in_amsterdam(server: Server) {
        let school = server.school();
        server.clock.set("2028-07-31T21:58:00Z");
        let admin = school.renewed(PASSWORD, "Grindweg-17");
        let group = json!({"name": "De Uilen", "schoolYear": "2027-2028"});
        admin.post("/v1/groups", &group).expect(201);
        let archive = || admin.call("POST", "/v1/school-years/2027-2028/_archive").send();
        conflict(archive(), "school-year-not-over");
        server.clock.set("2028-07-31T22:00:00Z");
        assert_eq!(archive().expect(200).json()["groups"], 1);
    }

    fn c104_only_an_administrator_archives(server: Server) {
        let class = server.class();
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        let paths = [format!("/v1/pupils/{}", class.pupil), format!("/v1/groups/{}", class.last_year)];
        for client in [&ib, &class.teacher.client] {
            for act in ["_archive", "_restore"] {
                for path in &paths {
                    client.act(&format!("{path}/{act}"), "*").expect(403);
                }
                client.call("POST", &format!("/v1/school-years/2025-2026/{act}")).send().expect(403);
            }
        }
        let other = server.school().admin;
        for (id, path) in [(&class.pupil, "pupils"), (&class.last_year, "groups")] {
            let [archive, restore] = ["_archive", "_restore"].map(|act| format!("/v1/{path}/{{}}/{act}"));
            other.sees_nothing(id, &[("POST", &archive, Value::Null), ("POST", &restore, Value::Null)]);
        }
        class.school.admin.act(&format!("{}/_archive", paths[0]), "\"r99\"").expect(412);
        class.school.admin.call("POST", &format!("{}/_archive", paths[0])).send().expect(428);
        assert_eq!(other.call("POST", "/v1/school-years/2025-2026/_archive").send().expect(200).json()["groups"], 0);
        assert_eq!(names(&class.school.admin, "/v1/groups"), ["De Eitjes", "De Rupsen"]);
    }

    fn c104_a_school_file_leaves_the_archive_alone(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        admin.change(&format!("/v1/pupils/{}", class.pupil), &json!({"eckId": "https://ketenid.nl/201703/een"})).expect(200);
        act(admin, &format!("/v1/pupils/{}", class.pupil), "_archive").expect(200);
        class.school.group("De Torren");
        let torren = text(&admin.list("/v1/groups").iter().find(|group| group["name"] == "De Torren").unwrap()["id"]);
        act(admin, &format!("/v1/groups/{torren}"), "_archive").expect(200);
        let file = b"eckid;voornaam;achternaam;geboortedatum;groep\n\
            https://ketenid.nl/201703/een;Noor;Anders;04-05-2022;De Rupsen\n\
            https://ketenid.nl/201703/twee;Guus;Bedacht;04-05-2022;De Torren\n";
        let sent = send(admin, CSV, file).expect(201);
        assert_eq!(pupil_outcomes(admin, &sent.id()), ["leave-alone archived", "refuse group:group-refused"]);
        assert!(reasons_of_groups(admin, &sent.id()).contains(&"archived".to_owned()));
    }

    fn c104_a_request_shows_an_adviser_nobody_who_was_archived(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-05-04");
        let asked = ask_about(&class.school, &json!({"pupilIds": [class.pupil, sem]}));
        let adviser = server.staff(groeilijn_domain::access::ProcessorFunction::Adviser);
        let body = groeilijn_tests::support::request_to_answer(server, &class.school, &asked);
        let looking = groeilijn_tests::support::begin(&adviser, &body).0;
        assert_eq!(names(&looking, "/v1/pupils"), ["Noor", "Sem"]);
        act(&class.school.admin, &format!("/v1/pupils/{}", class.pupil), "_archive").expect(200);
        assert_eq!(names(&looking, "/v1/pupils"), ["Sem"]);
        looking.get(&format!("/v1/pupils/{}", class.pupil)).expect(404);
    }
}
