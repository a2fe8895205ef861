//! A child that is being destroyed is nowhere from the first step on, whatever keys a process still has in memory.

use diesel::sql_query;
use diesel::sql_types::Binary;
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::support::ConsentKind;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::reply::text;
use groeilijn_tests::support::{allow, ask_about, begin, code_of, request_with};
use groeilijn_tests::{Server, both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::children::imports::{CSV, pupil_outcomes, send, take_over};

/// Two children in a group, as a school's administration has them.
const TABLE: &[u8] = b"leerlingnummer;eckid;voornaam;achternaam;geboortedatum;groep\n\
    L1;https://ketenid.nl/201703/een;Noor;Verzinsel;14-03-2022;De Rupsen\n\
    L2;https://ketenid.nl/201703/twee;Daan;Denkbeeld;27-11-2021;De Rupsen\n";

/// Marks a child as its destruction does first of all.
pub(crate) fn mark_destroying(server: &Server, pupil: &str) {
    let marked = sql_query("UPDATE pupil SET destroying_at = 1 WHERE id = $1")
        .bind::<Binary, _>(Uuid::parse_str(pupil).unwrap().as_bytes().to_vec())
        .execute(&mut server.raw_data());
    assert_eq!(marked.unwrap(), 1);
    // What is written beside the service is seen at its next change, at the latest.
    server.school();
}

both_databases! {
    fn a_child_that_is_being_destroyed_is_nowhere(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-05-04");
        let (admin, gone) = (&class.school.admin, class.pupil.clone());
        let registration = class.register(&gone, "2026-11-20", &json!({"scales": {"involvement": 4}}));
        let note = class.note(&gone, "2026-11-20", &[]);
        let asked = ask_about(&class.school, &json!({"pupilIds": [gone, sem]}));
        allow(server, &class.teacher.client, ConsentKind::LookAlong);
        let look = request_with(server, &class.school, &class.teacher.id, &code_of(&class.teacher.client));
        let helpdesk = begin(&server.staff(ProcessorFunction::Helpdesk), &look).0;
        assert_eq!(helpdesk.list("/v1/support-view/pupils").len(), 2);
        let eck = json!({"eckId": "https://ketenid.nl/201703/een"});
        admin.change(&format!("/v1/pupils/{gone}"), &eck).expect(200);
        mark_destroying(server, &gone);

        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        for client in [admin, &ib, &class.teacher.client] {
            let only_sem = |list: &str| {
                let ids: Vec<_> = client.list(list).iter().map(|item| text(&item["id"])).collect();
                assert_eq!(ids, [sem.as_str()], "{list}");
            };
            only_sem("/v1/pupils");
            only_sem(&format!("/v1/groups/{}/pupils", class.group));
            let overview = client.get(&format!("/v1/groups/{}/overview", class.group)).expect(200).json();
            assert_eq!(overview["children"].as_array().unwrap().len(), 1);
            assert_eq!(overview["children"][0]["id"], sem.as_str());
            let found = client.post("/v1/pupils/_search", &json!({"name": "Noor"})).expect(200);
            assert_eq!(found.json()["items"], json!([]));
            client.sees_nothing(&gone, &[
                ("GET", "/v1/pupils/{}", Value::Null),
                ("GET", "/v1/pupils/{}/placements", Value::Null),
                ("GET", "/v1/pupils/{}/notes", Value::Null),
                ("GET", "/v1/pupils/{}/registrations", Value::Null),
                ("GET", "/v1/pupils/{}/overview", Value::Null),
            ]);
        }
        let teacher = &class.teacher.client;
        teacher.sees_nothing(&gone, &[
            ("POST", "/v1/pupils/{}/notes", json!({"text": "Bouwt een toren."})),
            ("POST", "/v1/pupils/{}/registrations", json!({"frameworkId": class.framework})),
        ]);
        ib.sees_nothing(&gone, &[
            ("PATCH", "/v1/pupils/{}", json!({"firstName": "Noortje"})),
            ("POST", "/v1/pupils/{}/placements", json!({"groupId": class.group})),
        ]);
        teacher.sees_nothing(&note, &[
            ("GET", "/v1/notes/{}", Value::Null),
            ("GET", "/v1/notes/{}/revisions", Value::Null),
            ("PATCH", "/v1/notes/{}", json!({"text": "Anders."})),
        ]);
        teacher.sees_nothing(&registration, &[
            ("GET", "/v1/registrations/{}", Value::Null),
            ("GET", "/v1/registrations/{}/versions", Value::Null),
            ("GET", "/v1/registrations/{}/versions/1", Value::Null),
            ("POST", "/v1/registrations/{}/versions", json!({"reason": "Te snel ingevuld."})),
        ]);
        let seen: Vec<_> = helpdesk.list("/v1/support-view/pupils");
        assert_eq!(seen.iter().map(|item| text(&item["id"])).collect::<Vec<_>>(), [sem.as_str()]);
        let support = admin.get(&format!("/v1/support-requests/{asked}")).expect(200).json();
        assert_eq!(support["pupilIds"], json!([sem]));
        let again = json!({"question": "En nu?", "pupilIds": [gone]});
        admin.post("/v1/support-requests", &again).refuses(&[("/pupilIds/0", "unknown-pupil")]);
        // Its ECK iD is nobody's any more.
        admin.change(&format!("/v1/pupils/{sem}"), &eck).expect(200);
    }

    fn a_school_file_that_names_it_is_as_if_it_were_not_there(server: Server) {
        let admin = server.school().admin;
        take_over(&admin, CSV, TABLE);
        let gone = text(&admin.list("/v1/pupils").iter().find(|pupil| pupil["firstName"] == "Noor").unwrap()["id"]);
        mark_destroying(server, &gone);
        let sent = send(&admin, CSV, TABLE).expect(201);
        assert_eq!(pupil_outcomes(&admin, &sent.id()), ["create", "unchanged"]);
        take_over(&admin, CSV, TABLE);
        let ids: Vec<_> = admin.list("/v1/pupils").iter().map(|pupil| text(&pupil["id"])).collect();
        assert_eq!(ids.len(), 2);
        assert!(!ids.contains(&gone));
    }
}
