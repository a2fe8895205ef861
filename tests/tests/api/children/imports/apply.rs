//! Carrying an import out: all of it, once, and on record.

use std::fmt::Write as _;
use std::thread;

use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary};
use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::locks::{LockedLog, wait_for_locks};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_group;
use groeilijn_tests::{Database, Server, both_databases};
use jiff::civil::date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    CSV, EDEXML, TABLE, XML, ask_to_apply, finished, lines, path, pupil_outcomes, send, take_over,
    take_over_table,
};

/// The pupil of this first name.
#[track_caller]
fn pupil_named(client: &groeilijn_tests::Client, first_name: &str) -> Value {
    let roster = client.list("/v1/pupils");
    let entry = roster.iter().find(|pupil| pupil["firstName"] == first_name).unwrap();
    client.get(&format!("/v1/pupils/{}", text(&entry["id"]))).expect(200).json()
}

/// Leaves an import to be carried out in the name of an account, as asking for it does.
pub(super) fn queue_by_hand(server: &Server, school: &str, import: &str, account: &str) {
    let bytes = |id: &str| Uuid::parse_str(id).unwrap().into_bytes().to_vec();
    let mut connection = server.raw_data();
    sql_query("UPDATE import SET state = 'applying' WHERE id = $1")
        .bind::<Binary, _>(bytes(import))
        .execute(&mut connection)
        .unwrap();
    sql_query(
        "INSERT INTO job (id, institution_id, user_id, kind, lease_until, created_at) \
         VALUES ($1, $2, $3, 'apply-import', 0, $4)",
    )
    .bind::<Binary, _>(bytes(import))
    .bind::<Binary, _>(bytes(school))
    .bind::<Binary, _>(bytes(account))
    .bind::<BigInt, _>(0)
    .execute(&mut connection)
    .unwrap();
}

both_databases! {
    fn c023_an_edexml_file_is_taken_over(server: Server) {
        let admin = server.school().admin;
        let import = take_over(&admin, XML, EDEXML);
        assert_eq!((&import["linesTotal"], &import["linesDone"]), (&json!(15), &json!(15)));
        assert_eq!((&import["pupils"]["created"], &import["failure"]), (&json!(11), &json!(null)));
        assert!(import["finishedAt"].is_string());

        let groups = admin.list("/v1/groups");
        let places: Vec<_> = groups.iter().map(|group| (text(&group["name"]), text(&group["location"]))).collect();
        let expected =
            [("Groep 1/2 A", "Hoofdgebouw"), ("Groep 1/2 B", "Hoofdgebouw"), ("Groep 3", "Dependance Bosrand")];
        assert_eq!(places, expected.map(|(name, location)| (name.to_owned(), location.to_owned())));

        assert_eq!(admin.list("/v1/pupils").len(), 11);
        let noor = pupil_named(&admin, "Noor");
        let expected = json!({
            "firstName": "Noor", "infix": "van 't", "lastName": "Verzinsel", "gender": "female",
            "birthDate": "2022-03-14", "homeLanguage": null, "vve": null, "dayPartsPerWeek": null,
            "particulars": null, "masked": false, "yearLevel": "1", "groupId": groups[0]["id"], "placedOn": "2026-08-17",
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&noor[name], value, "{name}");
        }
        assert!(text(&noor["eckId"]).starts_with("https://ketenid.nl/201703/bdcdbe7a"));
        assert_eq!(pupil_named(&admin, "Sam")["gender"], "unknown");

        let report = lines(&admin, &text(&import["id"]));
        let made: Vec<_> = report.iter().filter(|line| line["record"] == "pupil").map(|line| &line["pupilId"]).collect();
        assert!(made.contains(&&noor["id"]));
        assert_eq!(made.iter().filter(|id| id.is_null()).count(), 1);
    }

    fn c023_a_table_names_the_year_level_too(server: Server) {
        let admin = server.school().admin;
        let table = "voornaam;achternaam;geboortedatum;jaargroep\nSem;Bedacht;04-05-2022;2\nGuus;Bedacht;04-05-2019;8\n";
        take_over(&admin, CSV, table.as_bytes());
        assert_eq!(pupil_named(&admin, "Sem")["yearLevel"], "2");
        assert_eq!(pupil_named(&admin, "Guus")["yearLevel"], json!(null));
    }

    fn the_same_file_twice_changes_nothing_more(server: Server) {
        let admin = server.school().admin;
        for (media_type, file) in [(XML, EDEXML), (CSV, TABLE)] {
            take_over(&admin, media_type, file);
            let before = [admin.list("/v1/pupils"), admin.list("/v1/groups")];
            let placements = format!("/v1/pupils/{}/placements", text(&before[0][0]["id"]));
            let history = admin.list(&placements);
            let second = take_over(&admin, media_type, file);
            assert_eq!(second["pupils"], json!({"created": 0, "changed": 0, "unchanged": 11, "leftAlone": 1, "refused": 0}));
            assert_eq!(second["groups"], json!({"created": 0, "changed": 0, "unchanged": 3, "leftAlone": 0, "refused": 0}));
            assert_eq!([admin.list("/v1/pupils"), admin.list("/v1/groups")], before);
            assert_eq!(admin.list(&placements), history);
        }
    }

    fn a_table_adds_to_what_edexml_said_of_the_same_pupils(server: Server) {
        let admin = server.school().admin;
        take_over(&admin, XML, EDEXML);
        let sent = send(&admin, CSV, TABLE).expect(201);
        let report = lines(&admin, &sent.id());
        let changes: Vec<_> = report.iter().filter(|line| line["outcome"] == "change").collect();
        assert_eq!(changes.len(), 11);
        assert_eq!(changes[0]["changedFields"], json!(["homeLanguage", "vve", "dayPartsPerWeek"]));
        assert_eq!(changes[1]["changedFields"], json!(["homeLanguage", "vve", "dayPartsPerWeek", "particulars"]));
        take_over(&admin, CSV, TABLE);
        let bjorn = pupil_named(&admin, "Björn");
        assert_eq!((&bjorn["vve"], &bjorn["dayPartsPerWeek"]), (&json!(true), &json!(9)));
        assert_eq!((&bjorn["particulars"], &bjorn["homeLanguage"]), (&json!("Draagt een bril."), &json!("nl")));
        assert_eq!(admin.list("/v1/pupils").len(), 11);
    }

    fn a_child_that_changes_groups_keeps_its_history(server: Server) {
        let admin = server.school().admin;
        let table = |group: &str| {
            format!("leerlingnummer;voornaam;achternaam;geboortedatum;groep\n1;Noor;Verzinsel;14-03-2022;{group}\n")
        };
        take_over_table(&admin, &table("De Rupsen"));
        admin.post("/v1/groups", &new_group("De Vlinders")).expect(201);
        let moved = take_over_table(&admin, &table("De Vlinders"));
        assert_eq!(moved["pupils"]["changed"], 1);
        let noor = pupil_named(&admin, "Noor");
        assert_eq!(noor["placedOn"], "2026-11-21");
        let history = admin.list(&format!("/v1/pupils/{}/placements", text(&noor["id"])));
        assert_eq!(history.len(), 2);
        assert!(history.iter().any(|stay| stay["placedOn"] == "2026-08-01" && stay["endedOn"] == "2026-11-21"));
    }

    fn refused_records_are_passed_over_and_the_others_taken(server: Server) {
        let admin = server.school().admin;
        let file = "leerlingnummer;voornaam;achternaam;geboortedatum;groep\n\
            1;Noor;Verzinsel;14-03-2022;A\n2;Daan;Denkbeeld;gisteren;A\n3;Fien;Fictief;01-02-2022;A\n\
            4;Sam;\"Sprookje;01-02-2022;B\n5;Mo;Morgen;01-02-2022;B\n";
        let import = take_over_table(&admin, file);
        assert_eq!(
            pupil_outcomes(&admin, &text(&import["id"])),
            ["create", "refuse birthDate:not-a-date", "create", "refuse unclosed-quote"]
        );
        let names: Vec<_> = admin.list("/v1/pupils").iter().map(|pupil| text(&pupil["firstName"])).collect();
        assert_eq!(names, ["Noor", "Fien"]);
        assert_eq!(admin.list("/v1/groups").len(), 1);
    }

    fn a_plan_is_made_anew_with_what_is_stored_when_it_is_carried_out(server: Server) {
        let school = server.school();
        let admin = &school.admin;
        let first = send(admin, XML, EDEXML).expect(201);
        take_over(admin, XML, EDEXML);
        assert_eq!(first.json()["pupils"]["created"], 11);
        ask_to_apply(admin, &first.id(), &first.etag()).expect(202);
        let import = finished(admin, &first.id());
        assert_eq!((&import["pupils"]["created"], &import["pupils"]["unchanged"]), (&json!(0), &json!(11)));
        assert_eq!(admin.list("/v1/pupils").len(), 11);
    }

    fn a_child_that_another_process_is_entering_is_not_entered_twice(server: Server) {
        let school = server.school();
        let admin = &school.admin;
        let table = "voornaam;achternaam;geslacht;geboortedatum\nNoor;Verzinsel;meisje;14-03-2022\n";
        let sent = send(admin, CSV, table.as_bytes()).expect(201);
        let noor = json!({"firstName": "Noor", "lastName": "Verzinsel", "gender": "female", "birthDate": "2022-03-14"});
        match server.installation().database() {
            Database::Sqlite => {
                admin.post("/v1/pupils", &noor).expect(201);
                ask_to_apply(admin, &sent.id(), &sent.etag()).expect(202);
            }
            Database::Postgres => {
                let other = server.beside();
                let elsewhere = other.anyone().with_token(admin.token());
                let log = LockedLog::of(server, &school.id);
                thread::scope(|scope| {
                    let entering = scope.spawn(|| elsewhere.post("/v1/pupils", &noor));
                    // The child is there, but for the commit.
                    wait_for_locks(server, 1);
                    queue_by_hand(server, &school.id, &sent.id(), &school.admin_id);
                    wait_for_locks(server, 2);
                    log.release();
                    entering.join().unwrap().expect(201);
                });
            }
        }
        let import = finished(admin, &sent.id());
        assert_eq!((&import["state"], &import["pupils"]["created"]), (&json!("applied"), &json!(0)), "{import}");
        assert_eq!(admin.list("/v1/pupils").len(), 1);
    }

    fn an_import_is_carried_out_once_and_only_as_it_was_seen(server: Server) {
        let admin = server.school().admin;
        let sent = send(&admin, XML, EDEXML).expect(201);
        let (id, etag) = (sent.id(), sent.etag());
        let apply = format!("{}/_apply", path(&id));
        admin.call("POST", &apply).send().expect(428).problem("precondition-required");
        ask_to_apply(&admin, &id, "\"99\"").expect(412).problem("precondition-failed");
        assert_eq!(admin.list("/v1/pupils").len(), 0);

        let accepted = ask_to_apply(&admin, &id, &etag).expect(202);
        assert_eq!(accepted.header("Location"), path(&id));
        assert_eq!(accepted.json()["state"], "applying");
        ask_to_apply(&admin, &id, &etag).expect(412).problem("precondition-failed");
        finished(&admin, &id);
        let now = admin.get(&path(&id)).expect(200).etag();
        assert_eq!(ask_to_apply(&admin, &id, &now).expect(409).problem("conflict").code(), "already-applied");
        assert_eq!(admin.list("/v1/pupils").len(), 11);
    }

    fn nothing_is_taken_over_for_somebody_who_no_longer_may(server: Server) {
        let school = server.school();
        let other = school.member(Function::Administrator, &[]);
        let sent = send(&other.client, XML, EDEXML).expect(201);
        school.admin.change(&format!("/v1/users/{}", other.id), &json!({"state": "blocked", "reason": "Weg."})).expect(200);
        queue_by_hand(server, &school.id, &sent.id(), &other.id);
        let import = finished(&school.admin, &sent.id());
        assert_eq!((&import["state"], &import["failure"]), (&json!("failed"), &json!("not-permitted")));
        assert_eq!(school.admin.list("/v1/pupils").len(), 0);

        take_over(&school.admin, XML, EDEXML);
        assert_eq!(school.admin.list("/v1/pupils").len(), 11);
    }

    fn an_import_goes_on_when_the_service_was_stopped_and_started(server: Server) {
        let school = server.school();
        let sent = send(&school.admin, XML, EDEXML).expect(201);
        ask_to_apply(&school.admin, &sent.id(), &sent.etag()).expect(202);
        server.restart();
        let admin = server.anyone().with_token(school.admin.token());
        assert_eq!(finished(&admin, &sent.id())["state"], "applied");
        assert_eq!(admin.list("/v1/pupils").len(), 11);
    }

    fn c004_without_an_active_licence_nothing_is_sent_or_carried_out(server: Server) {
        let school = server.school();
        let sent = send(&school.admin, XML, EDEXML).expect(201);
        let licence = format!("/v1/institutions/{}/licence", school.id);
        server.platform().change(&licence, &json!({"state": "suspended"})).expect(200);
        send(&school.admin, XML, EDEXML).expect(403).problem("no-active-licence");
        ask_to_apply(&school.admin, &sent.id(), &sent.etag()).expect(403).problem("no-active-licence");
        server.platform().change(&licence, &json!({"state": "active"})).expect(200);
        assert_eq!(school.admin.get(&path(&sent.id())).expect(200).json()["state"], "examined");
    }

    fn c089_the_entry_of_an_import_names_every_child_in_one(server: Server) {
        let school = server.school();
        let before = server.audit_log(&school.id);
        let import = take_over(&school.admin, XML, EDEXML);
        let after = server.audit_log(&school.id);
        after.check();
        let pupils = school.admin.list("/v1/pupils");
        let groups = school.admin.list("/v1/groups");
        let entries = before.added(&after);
        let entry = entries
            .iter()
            .find(|entry| entry.operation == "applyImport" && entry.objects.iter().any(|(kind, _)| *kind == ObjectKind::Pupil))
            .unwrap();
        assert!(entry.changed);
        assert_eq!(entry.actor.as_deref(), Some(school.admin_id.as_str()));
        assert_eq!((entry.activity.as_str(), entry.outcome.as_str()), ("administer-pupils", "success"));
        let touched = |kind, object: &Value| entry.objects.contains(&(kind, text(object)));
        assert!(touched(ObjectKind::Import, &import["id"]));
        assert!(pupils.iter().all(|pupil| touched(ObjectKind::Pupil, &pupil["id"])));
        assert!(groups.iter().all(|group| touched(ObjectKind::Group, &group["id"])));
    }

    fn a_large_file_is_taken_over_in_steps(server: Server) {
        let school = server.school();
        let mut table = "leerlingnummer;voornaam;achternaam;geboortedatum;groep\n".to_owned();
        for number in 0..1_900_u32 {
            let birth = date(2020, 1, 1).checked_add(jiff::Span::new().days(number % 2000)).unwrap();
            writeln!(table, "N{number};Kind{number};Verzonnen;{birth};Groep {}", number % 100).unwrap();
        }
        let import = take_over_table(&school.admin, &table);
        assert_eq!((&import["pupils"]["created"], &import["linesDone"]), (&json!(1_900), &json!(2_000)));
        let last = lines_from(&school.admin, &text(&import["id"]), 1_999);
        assert_eq!(last["line"], 1_901);
        let pupil = school.admin.get(&format!("/v1/pupils/{}", text(&last["pupilId"]))).expect(200).json();
        assert_eq!((&pupil["firstName"], &pupil["lastName"]), (&json!("Kind1899"), &json!("Verzonnen")));
        server.audit_log(&school.id).check();
    }
}

/// The record at this place in a report, found by going through its pages.
#[track_caller]
fn lines_from(client: &groeilijn_tests::Client, id: &str, place: usize) -> Value {
    client.list(&format!("{}/lines?limit=100", path(id))).swap_remove(place)
}
