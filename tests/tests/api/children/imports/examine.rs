//! A file that was sent is examined and nothing else: what is told of it, to whom, and once per key.

use groeilijn_domain::access::Function;
use groeilijn_tests::both_databases;
use groeilijn_tests::reply::text;
use serde_json::{Value, json};

use super::{CSV, EDEXML, TABLE, XML, ask_to_apply, lines, path, pupil_outcomes, reasons, send};

/// A table of two pupils.
const TWO: &[u8] = b"leerlingnummer;voornaam;achternaam;geboortedatum;groep\n\
    L1;Noor;Verzinsel;14-03-2022;De Rupsen\nL2;Daan;Denkbeeld;27-11-2021;De Rupsen\n";

/// The lines of the sample on which the elements begin that `marker` opens.
fn lines_with(marker: &str) -> Vec<u64> {
    let sample = std::str::from_utf8(EDEXML).unwrap();
    (1..).zip(sample.lines()).filter(|(_, line)| line.contains(marker)).map(|(number, _)| number).collect()
}

fn numbers(lines: &[Value], record: &str) -> Vec<u64> {
    lines.iter().filter(|line| line["record"] == record).map(|line| line["line"].as_u64().unwrap()).collect()
}

both_databases! {
    fn c023_an_edexml_file_is_reported_on_line_by_line_and_nothing_is_changed(server: Server) {
        let school = server.school();
        let admin = &school.admin;
        let sent = send(admin, XML, EDEXML).expect(201);
        let id = sent.id();
        assert_eq!(sent.header("Location"), path(&id));
        let import = sent.json();
        assert_eq!(import, admin.get(&path(&id)).expect(200).json());
        let expected = json!({
            "format": "edexml", "state": "examined", "schoolYear": "2026-2027", "linesTotal": 15, "linesDone": 0,
            "groups": {"created": 3, "changed": 0, "unchanged": 0, "leftAlone": 0, "refused": 0},
            "pupils": {"created": 11, "changed": 0, "unchanged": 0, "leftAlone": 1, "refused": 0},
            "teachersSeen": 1, "ignoredColumns": [], "failure": null, "finishedAt": null,
            "sentBy": school.admin_id, "author": {"id": school.admin_id, "name": "Bram Bedacht"},
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&import[name], value, "{name}");
        }

        let report = lines(admin, &id);
        assert_eq!(numbers(&report, "group"), lines_with("<groep key=\"G")[..3]);
        assert_eq!(numbers(&report, "pupil"), lines_with("<leerling key="));
        assert!(report.iter().take(14).all(|line| line["outcome"] == "create" && reasons(line).is_empty()));
        assert_eq!((&report[14]["outcome"], reasons(&report[14])), (&json!("leave-alone"), vec!["leftOn:left-the-school".into()]));
        assert!(report.iter().all(|line| line["pupilId"].is_null() && line["groupId"].is_null()));

        assert_eq!(admin.list("/v1/pupils").len(), 0);
        assert_eq!(admin.list("/v1/groups").len(), 0);
    }

    fn c030_what_may_not_be_taken_over_is_dropped_unread_and_counted(server: Server) {
        let admin = server.school().admin;
        let edexml = send(&admin, XML, EDEXML).expect(201).json();
        assert_eq!(edexml["dropped"], json!({"bsn": 3, "etniciteit": 1, "postcodenl": 1}));
        let table = send(&admin, CSV, TABLE).expect(201).json();
        assert_eq!(table["dropped"], json!({"bsn": 2}));
        assert_eq!(table["ignoredColumns"], json!(["Kluisje"]));
        assert_eq!(table["pupils"], edexml["pupils"]);
    }

    fn a_report_names_each_record_and_tells_no_other_value(server: Server) {
        let admin = server.school().admin;
        let id = send(&admin, XML, EDEXML).expect(201).id();
        let report = lines(&admin, &id);
        let names: Vec<_> = report.iter().map(|line| text(&line["name"])).collect();
        assert_eq!(names[0], "Groep 1/2 A");
        assert_eq!(names[3], "Noor van 't Verzinsel");
        for place in [path(&id), format!("{}/lines", path(&id))] {
            let told = String::from_utf8(admin.get(&place).expect(200).body).unwrap();
            for value in ["ketenid.nl", "L1001", "2022-03-14", "Hoofdgebouw"] {
                assert!(!told.contains(value), "{place}: {value}");
            }
        }
        let import = admin.get(&path(&id)).json();
        assert_eq!(import["newGroups"], json!(["Groep 1/2 A", "Groep 1/2 B", "Groep 3"]));
        assert_eq!((&import["groupsToConfirm"], &import["remarks"]), (&json!([]), &json!([])));
    }

    fn a_file_that_names_no_school_year_is_about_the_present_one_or_the_one_that_is_asked_for(server: Server) {
        let admin = server.school().admin;
        assert_eq!(send(&admin, CSV, TWO).expect(201).json()["schoolYear"], "2026-2027");
        let asked = |query: &str, file: &[u8]| {
            admin.call("POST", &format!("/v1/imports?{query}")).body(CSV, file).send()
        };
        assert_eq!(asked("schoolYear=2025-2026", TWO).expect(201).json()["schoolYear"], "2025-2026");
        assert_eq!(asked("schoolYear=2025-2026", TABLE).expect(201).json()["schoolYear"], "2026-2027");
        assert_eq!(asked("schoolYear=2025-2027", TWO).expect(400).errors()[0].0, "schoolYear");
        assert_eq!(asked("schooljaar=2025-2026", TWO).expect(400).errors()[0].0, "schooljaar");
    }

    fn imports_and_reports_are_paged_to_the_end(server: Server) {
        let admin = server.school().admin;
        let sent: Vec<_> = (0..5).map(|_| send(&admin, XML, EDEXML).expect(201).id()).collect();
        let listed = admin.list("/v1/imports?limit=2");
        assert_eq!(listed.iter().map(|import| text(&import["id"])).collect::<Vec<_>>(), sent);

        let report = format!("{}/lines", path(&sent[0]));
        assert_eq!(admin.list(&format!("{report}?limit=4")), admin.list(&report));
        let created = admin.list(&format!("{report}?outcome=create&limit=7"));
        assert_eq!(created.len(), 14);
        assert_eq!(admin.list(&format!("{report}?outcome=leave-alone&limit=1")).len(), 1);
        assert_eq!(admin.list(&format!("{report}?outcome=refuse")).len(), 0);
        let wrong = admin.get(&format!("{report}?outcome=lost&limit=0&cursor=x&sort=line")).expect(400);
        let places: Vec<_> = wrong.errors().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["cursor", "limit", "outcome", "sort"]);
    }

    fn an_import_that_was_not_changed_is_not_sent_again(server: Server) {
        let admin = server.school().admin;
        let sent = send(&admin, CSV, TWO).expect(201);
        let again = admin.call("GET", &path(&sent.id())).header("If-None-Match", &sent.etag()).send();
        assert!(again.expect(304).body.is_empty());
    }

    fn a_file_that_is_sent_again_with_its_key_is_examined_once(server: Server) {
        let admin = server.school().admin;
        let once = |query: &str, file: &[u8]| {
            let call = admin.call("POST", &format!("/v1/imports{query}")).header("Idempotency-Key", "een-keer");
            call.body(CSV, file).send()
        };
        let first = once("", TWO).expect(201);
        let second = once("", TWO).expect(201);
        assert_eq!(first.visible(), second.visible());
        assert_eq!((first.etag(), first.header("Location")), (second.etag(), second.header("Location")));
        once("", TABLE).expect(409).problem("idempotency-key-reused");
        once("?schoolYear=2025-2026", TWO).expect(409).problem("idempotency-key-reused");
        assert_eq!(admin.list("/v1/imports").len(), 1);
    }

    fn c006_only_administrators_import(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let sent = send(&school.admin, CSV, TWO).expect(201);
        let (id, etag) = (sent.id(), sent.etag());
        let others = Function::ALL.into_iter().filter(|function| *function != Function::Administrator);
        let clients = others.map(|function| school.member(function, &[&group]).client).chain([server.platform()]);
        for client in clients {
            send(&client, CSV, TWO).expect(403).problem("forbidden");
            client.get("/v1/imports").expect(403).problem("forbidden");
            client.get(&path(&id)).expect(403).problem("forbidden");
            client.get(&format!("{}/lines", path(&id))).expect(403).problem("forbidden");
            ask_to_apply(&client, &id, &etag).expect(403).problem("forbidden");
        }
        send(&server.anyone(), CSV, TWO).expect(401).problem("unauthenticated");
        assert_eq!(school.admin.list("/v1/imports").len(), 1);
        assert_eq!(school.admin.list("/v1/pupils").len(), 0);
    }

    fn c001_an_import_of_another_institution_is_as_absent_as_one_that_never_was(server: Server) {
        let own = server.school();
        let foreign = server.school();
        let sent = send(&own.admin, CSV, TWO).expect(201);
        let absent = "019ff000-0000-7000-8000-000000000000";
        let ask = |id: &str| {
            [
                foreign.admin.get(&path(id)),
                foreign.admin.get(&format!("{}/lines", path(id))),
                ask_to_apply(&foreign.admin, id, &sent.etag()),
            ]
        };
        for (there, nowhere) in ask(&sent.id()).into_iter().zip(ask(absent)) {
            assert_eq!(there.expect(404).problem("not-found").visible(), nowhere.visible());
        }
        assert_eq!(foreign.admin.list("/v1/imports").len(), 0);
        assert_eq!(own.admin.get(&path(&sent.id())).expect(200).json()["state"], "examined");
    }

    fn everything_wrong_with_a_record_is_told_at_once(server: Server) {
        let admin = server.school().admin;
        let file = "leerlingnummer;voornaam;achternaam;geslacht;geboortedatum;vve;dagdelen;groep\n\
            1;Noor;Verzinsel;meisje;14-03-2022;ja;9;A\n\
            2;;Verzinsel;soms;31-02-2022;misschien;15;A\n\
            3;Daan 111222333;Denkbeeld;jongen;27-11-2021;nee;9;A\n\
            4;Fien;Fictief\n\
            5;Sam;Sprookje;jongen;01-01-2022;nee;8;A\n\
            5;Sien;Sprookje;meisje;01-01-2022;nee;8;A\n\
            6;Gijs;Groot;jongen;01-01-2012;nee;8;A\n\
            7;Mo;Morgen;jongen;01-01-2030;nee;8;\n";
        let sent = send(&admin, CSV, file.as_bytes()).expect(201);
        assert_eq!(
            pupil_outcomes(&admin, &sent.id()),
            [
                "create",
                "refuse gender:not-a-gender birthDate:no-such-day vve:not-yes-or-no dayPartsPerWeek:out-of-range \
                 firstName:missing",
                "refuse firstName:bsn",
                "refuse cell-count",
                "refuse schoolKey:double-key",
                "refuse schoolKey:double-key",
                "leave-alone birthDate:older-than-seven",
                "refuse birthDate:in-the-future",
            ]
        );
        assert_eq!(sent.json()["pupils"]["refused"], 6);
        assert_eq!(sent.json()["dropped"], json!({}));
    }

    fn sending_and_reading_are_on_record(server: Server) {
        let school = server.school();
        let before = server.audit_log(&school.id);
        let id = send(&school.admin, CSV, TWO).expect(201).id();
        lines(&school.admin, &id);
        let after = server.audit_log(&school.id);
        after.check();
        let added = before.added(&after);
        let operations: Vec<_> = added.iter().map(|entry| (entry.operation.as_str(), entry.changed)).collect();
        assert_eq!(operations, [("createImport", true), ("listImportLines", false)]);
        assert!(added.iter().all(|entry| entry.objects.iter().any(|(_, object)| *object == id)));
    }
}
