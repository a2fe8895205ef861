//! A text of its own is put into every sensitive field through the API of the real program, some are read back, and
//! then everything that the program left anywhere is searched for them.

use std::fs;
use std::path::PathBuf;

use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::postgres::cluster;
use groeilijn_tests::reply::text;
use groeilijn_tests::subprocessor::subprocessor;
use groeilijn_tests::{Authenticator, Client, Database, Installation, School, both_databases};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::search::{Found, Search};
use crate::children::imports::{CSV, send, take_over};
use crate::policy::follow_up_of;
use crate::program::{Program, command};

/// What every planted text has in it and nothing else in the world has.
const STEM: &str = "Qxvkwjz";

/// A password, which may hold nothing of its owner's name.
const PLANTED_PASSWORD: &str = "Zqfhgbx-Pwklm-7";

/// The birth date of the child; no other date is this one.
const BIRTH_DATE: &str = "2025-02-17";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = BigInt)]
    place: i64,
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Binary)]
    value: Vec<u8>,
}

/// A text that is planted in one field.
fn planted(field: &str) -> String {
    format!("{STEM} {field}")
}

/// Puts a text into every sensitive field, and reads and changes some. Gives the tokens that were handed out, to be
/// looked for as well.
fn plant(program: &Program) -> Vec<String> {
    let anyone = program.anyone();
    let school = School::found(&anyone);
    let admin = &school.admin;
    let group = json!({"name": planted("groep"), "schoolYear": "2026-2027", "location": planted("locatie")});
    let group = admin.post_once("/v1/groups", &group, "groep").expect(201).id();
    admin.post("/v1/locations", &json!({"name": planted("gebouw")})).expect(201);
    let platform = anyone.log_in_to_platform();
    let holder = format!("/v1/institutions/{}/licence-holder", school.id);
    let body = json!({
        "firstName": planted("houder"), "lastName": STEM, "address": planted("adres"),
        "email": format!("{STEM}@bestuur.example"),
    });
    platform.post(&holder, &body).expect(201);
    admin.get(&holder).expect(200);
    let document = json!({
        "kind": "product-annex", "version": "1", "language": "nl", "summary": "Niets.", "text": "Bijsluiter.",
    });
    let document = platform.post("/v1/contract-documents", &document).expect(201).id();
    let deviation =
        json!({"provision": "artikel 1", "agreed": planted("afspraak"), "reason": planted("motivering")});
    let proposed = json!({"documentId": document, "deviations": [deviation]});
    platform.post(&format!("/v1/institutions/{}/agreements", school.id), &proposed).expect(201);
    let password = PLANTED_PASSWORD;
    let user = json!({
        "firstName": planted("voornaam"), "infix": STEM, "lastName": planted("achternaam"), "gender": "female",
        "email": format!("{STEM}@{}", school.domain), "function": Function::InternBegeleider.code(),
        "groupIds": [group],
    });
    admin.post_once("/v1/users", &user, "gebruiker").expect(201);
    let invitation = anyone.mailbox().token(&text(&user["email"]));
    anyone.post("/v1/invitations/_accept", &json!({"token": invitation, "password": password})).expect(204);
    anyone.try_log_in(&text(&user["email"]), &format!("{password}-Fout")).expect(401);
    let tokens = anyone.try_log_in(&text(&user["email"]), password).expect(201).json();
    let (access, refresh) = (text(&tokens["accessToken"]), text(&tokens["refreshToken"]));
    let writer = anyone.with_token(&access);
    let other_address =
        json!({"email": format!("{STEM}-anders@{}", school.domain), "currentPassword": password});
    writer.post("/v1/account/email-address/_change", &other_address).expect(202);

    let api_token = api_token(&school);
    anyone.with_token(&api_token).get("/v1/users").expect(200);
    anyone.with_token(&format!("{api_token}0")).get("/v1/users").expect(401);

    let pupil = json!({
        "firstName": planted("kind"), "infix": STEM, "lastName": planted("familie"), "gender": "other",
        "homeLanguage": "ary", "birthDate": BIRTH_DATE, "vve": true, "dayPartsPerWeek": 9, "yearLevel": "1",
        "particulars": planted("bijzonderheid"), "eckId": format!("https://keten.example/{STEM}"),
        "groupId": group,
    });
    let pupil = admin.post_once("/v1/pupils", &pupil, "kind").expect(201).id();
    let place = format!("/v1/pupils/{pupil}");
    let placement = text(&admin.list(&format!("{place}/placements"))[0]["id"]);
    let ends = json!({"endedOn": "2027-06-01", "reason": planted("plaatsing")});
    admin.change(&format!("/v1/placements/{placement}"), &ends).expect(200);
    admin.get(&format!("{place}/placement-changes")).expect(200);
    let left = json!({"lastDay": "2027-01-08", "kind": "elsewhere", "destination": planted("bestemming")});
    let etag = admin.get(&place).expect(200).etag();
    admin.put(&format!("{place}/departure"), &etag, &left).expect(200);
    for holds in [format!("{place}/holds"), format!("/v1/institutions/{}/holds", school.id)] {
        let held = json!({"reason": planted("bewaren"), "reviewDay": "2027-06-01"});
        admin.post_once(&holds, &held, &format!("hold-{}", holds.len())).expect(201);
        admin.get(&holds).expect(200);
    }
    let asked = json!({"question": planted("vraag"), "pupilIds": [pupil]});
    let asked = admin.post_once("/v1/support-requests", &asked, "vraag").expect(201).id();
    admin.get(&format!("/v1/support-requests/{asked}")).expect(200);
    admin.change(&place, &json!({"lastName": planted("nieuwe familie")})).expect(200);
    let person = json!({
        "firstName": planted("contact"), "infix": STEM, "lastName": planted("persoon"),
        "email": format!("{STEM}@bestuur.example"),
    });
    let own = format!("/v1/institutions/{}", school.id);
    let person = admin.post_once(&format!("{own}/contact-persons"), &person, "contact").expect(201).id();
    let instruction = json!({
        "contactPersonId": person, "processing": "webhooks", "text": planted("instructie"), "givenOn": "2026-11-01",
    });
    admin.post_once(&format!("{own}/instructions"), &instruction, "instructie").expect(201);
    admin.get(&format!("{own}/contact-persons")).expect(200);
    let review = json!({"reviewedUntil": "2026-11-20T09:00:00Z", "findings": planted("bevinding")});
    admin.post_once("/v1/log-reviews", &review, "controle").expect(201);
    admin.get("/v1/log-reviews").expect(200);
    let disclosed = json!({
        "recipient": planted("ontvanger"), "what": planted("verstrekking"), "classes": ["ordinary"],
        "pupilIds": [pupil], "disclosedAt": "2026-11-20T09:00:00Z", "ground": "controller-order",
        "order": planted("opdracht"),
    });
    admin.post_once(&format!("{own}/disclosures"), &disclosed, "verstrekking").expect(201);
    admin.get(&format!("{own}/disclosures")).expect(200);
    let announced = anyone.log_in_to_platform().post("/v1/subprocessors", &subprocessor()).expect(201).id();
    let objection = json!({"reason": planted("bezwaar")});
    admin
        .call("PUT", &format!("/v1/subprocessors/{announced}/objection"))
        .json(&objection)
        .send()
        .expect(200);
    admin.get(&format!("/v1/subprocessors/{announced}/objections")).expect(200);
    let incident = json!({
        "summary": planted("melding"), "knownAt": admin.time().now().to_string(), "source": "person-concerned", "channel": "phone",
        "toldBy": planted("melder"), "suspectedHighRisk": true,
    });
    let incident = admin.post_once("/v1/incidents", &incident, "incident").expect(201).id();
    let incident = format!("/v1/incidents/{incident}");
    let stage = json!({"stage": "registered", "findings": planted("bevinding")});
    admin.post_once(&format!("{incident}/stages"), &stage, "stap").expect(201);
    let call = json!({"with": planted("gebeld"), "text": planted("gezegd")});
    admin.post_once(&format!("{incident}/calls"), &call, "telefoon").expect(201);
    admin.get(&incident).expect(200);
    admin.get(&format!("{incident}/authority-draft")).expect(200);
    platform.get(&incident).expect(200);
    let notes = format!("{place}/notes");
    let note = writer.post_once(&notes, &json!({"text": planted("notitie")}), "notitie").expect(201).id();
    writer.change(&format!("/v1/notes/{note}"), &json!({"text": planted("veranderde notitie")})).expect(200);
    let report = json!({"password": PLANTED_PASSWORD, "noteIds": [note], "recipient": planted("ouders")});
    admin.post(&format!("{place}/_report-to-parents"), &report).expect(200);
    let report = json!({"password": PLANTED_PASSWORD, "recipient": planted("zorgteam")});
    admin.post(&format!("/v1/groups/{group}/_report"), &report).expect(200);
    let goal = json!({
        "line": "play", "firstDay": "2026-11-01", "lastDay": "2027-01-31", "text": planted("doel"), "pupilIds": [pupil],
    });
    let goals = format!("/v1/groups/{group}/goals");
    let goal = format!("/v1/goals/{}", writer.post_once(&goals, &goal, "doel").expect(201).id());
    writer.change(&goal, &json!({"text": planted("veranderd doel")})).expect(200);
    writer.post_once(&format!("{goal}/offers"), &json!({"text": planted("aanbod")}), "aanbod").expect(201);
    let follow_up = format!("/v1/follow-ups/{}", follow_up_of(&writer, &pupil));
    writer.change(&follow_up, &json!({"plan": planted("opvolging")})).expect(200);
    let finish = writer.call("POST", &format!("{follow_up}/_finish")).header("If-Match", "*");
    finish.json(&json!({"outcome": planted("uitkomst")})).send().expect(200);
    let withdrawn = json!({"reason": planted("vergissing")});
    let withdraw = |place: &str| {
        let call = writer.call("POST", &format!("{place}/_withdraw")).header("If-Match", "*");
        call.json(&withdrawn).send().expect(200);
    };
    withdraw(&format!("/v1/notes/{note}"));
    let registration = correct_a_registration(&writer, &pupil);
    writer.delete(&registration, "*").expect(204);
    withdraw(&registration);
    correct_a_registration(&writer, &pupil);
    take_over(admin, CSV, &table("overgenomen"));
    send(admin, CSV, &table("onderzocht")).expect(201);

    assert!(writer.get(&place).expect(200).json()["particulars"] == planted("bijzonderheid"));
    let search = json!({"name": STEM});
    assert!(!admin.post("/v1/pupils/_search", &search).expect(200).items().is_empty());
    for read in [&notes, &goals, "/v1/pupils", "/v1/groups"] {
        writer.get(read).expect(200);
    }
    admin.get("/v1/users").expect(200);
    // What goes wrong is what is most easily logged.
    admin.post("/v1/pupils", &json!({"firstName": planted("fout"), "onbekend": STEM})).expect(400);
    admin.post("/v1/users", &user).expect(409);
    writer.get(&format!("/v1/pupils?cursor={STEM}")).expect(400);
    send(admin, CSV, format!("{STEM};{STEM}\n{STEM}\n").as_bytes()).expect(400);
    send(admin, "application/xml", format!("<EDEX>{STEM}<{STEM}>&{STEM};").as_bytes()).expect(400);
    let app = Authenticator::bind(admin);
    let signature = |token: &str| text(&token.rsplit('.').next().unwrap().into());
    let secret = text(&api_token.split_once('_').unwrap().1.rsplit_once('_').unwrap().0.into());
    let secrets = [signature(&access), refresh, invitation, PLANTED_PASSWORD.to_owned(), app.base32, secret];
    secrets.into_iter().chain(app.recovery_codes).collect()
}

/// Makes an API token, with a text in its name.
fn api_token(school: &School) -> String {
    let user = school.admin.get(&format!("/v1/users/{}", school.admin_id)).expect(200).json();
    let entered: Timestamp = text(&user["createdAt"]).parse().unwrap();
    let body = json!({
        "name": planted("sleutel"), "kind": "auditor", "scopes": [{"part": "users", "actions": ["read"]}],
        "expiresOn": amsterdam_date(entered).tomorrow().unwrap(), "currentPassword": groeilijn_tests::accounts::PASSWORD,
    });
    text(&school.admin.post("/v1/api-tokens", &body).expect(201).json()["token"])
}

fn correct_a_registration(writer: &Client, pupil: &str) -> String {
    let framework = writer.get("/v1/frameworks").expect(200).items()[0].clone();
    let scales = json!({"scales": {"curious-and-enterprising": 3}});
    let begun = json!({"frameworkId": framework["id"], "judgements": scales});
    let begun = writer.post(&format!("/v1/pupils/{pupil}/registrations"), &begun).expect(201);
    let place = format!("/v1/registrations/{}", begun.id());
    let finalise = format!("{place}/_finalise");
    writer.call("POST", &finalise).header("If-Match", &begun.etag()).send().expect(200);
    writer.post(&format!("{place}/versions"), &json!({"reason": planted("reden")})).expect(201);
    place
}

/// A school file with a planted text in every cell that takes one.
fn table(word: &str) -> Vec<u8> {
    format!(
        "leerlingnummer;eckid;voornaam;tussenvoegsel;achternaam;geboortedatum;bijzonderheden;groep;locatie;{STEM}\n\
         {STEM}{word};https://keten.example/{STEM}{word};{STEM};{STEM};{STEM};{BIRTH_DATE};{STEM};{STEM};{STEM};{STEM}\n\
         {STEM}x;;{STEM};;{STEM};{STEM};;;;\n"
    )
    .into_bytes()
}

/// Every row of every table as text, in which bytes are written as hexadecimal digits.
fn every_row(database: Database, connection: &mut AnyConnection) -> String {
    let tables = match database {
        Database::Sqlite => {
            "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        Database::Postgres => "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'",
    };
    let tables: Vec<Line> = sql_query(tables).load(connection).unwrap();
    assert!(tables.len() > 3);
    tables.iter().map(|table| rows_of(database, connection, &table.line)).collect()
}

fn rows_of(database: Database, connection: &mut AnyConnection, table: &str) -> String {
    let line = match database {
        Database::Postgres => "t::text".to_owned(),
        Database::Sqlite => {
            let columns = format!("SELECT name AS line FROM pragma_table_info('{table}')");
            let columns: Vec<Line> = sql_query(columns).load(connection).unwrap();
            let texts = columns.iter().map(|column| {
                let name = &column.line;
                format!("CASE typeof({name}) WHEN 'blob' THEN hex({name}) ELSE coalesce({name}, '') END")
            });
            texts.collect::<Vec<_>>().join(" || ',' || ")
        }
    };
    let rows: Vec<Line> =
        sql_query(format!("SELECT {line} AS line FROM {table} t")).load(connection).unwrap();
    rows.into_iter().map(|row| row.line + "\n").collect()
}

/// The files of the cluster that belong to this installation's databases, and what all write ahead.
fn files_of_cluster(installation: &Installation) -> Vec<PathBuf> {
    let data = cluster().unwrap().folder().join("data");
    let folder = |mut connection: AnyConnection| {
        let own = "SELECT oid::bigint AS place FROM pg_database WHERE datname = current_database()";
        data.join("base").join(sql_query(own).get_result::<Place>(&mut connection).unwrap().place.to_string())
    };
    let mut files =
        vec![folder(installation.raw_data()), folder(installation.raw_keys()), data.join("global")];
    files.push(cluster().unwrap().folder().join("log"));
    files
}

/// The name of the file that PostgreSQL is writing ahead to.
fn write_ahead_file(installation: &Installation) -> Option<String> {
    let query = sql_query("SELECT pg_walfile_name(pg_current_wal_lsn()) AS line");
    let name = || query.get_result::<Line>(&mut installation.raw_data()).unwrap().line;
    (installation.database() == Database::Postgres).then(name)
}

/// The files that were written ahead to since `first` was.
fn written_ahead(first: &str) -> impl Iterator<Item = PathBuf> {
    let folder = cluster().unwrap().folder().join("data/pg_wal");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(move |path| path.is_file() && path.file_name().unwrap().to_str().unwrap() >= first)
}

/// Searches all files that the installation has anywhere.
fn search_files(search: &Search, installation: &Installation, first_written_ahead: Option<&str>) -> Found {
    let mut found = Found::default();
    // Letters are for people, and leave: without a mail server they lie in a folder of their own.
    let kept = fs::read_dir(installation.folder()).unwrap().map(|entry| entry.unwrap().path());
    kept.filter(|path| !path.ends_with("letters")).for_each(|path| search.below(&path, &mut found));
    if let Some(first) = first_written_ahead {
        written_ahead(first).for_each(|file| search.below(&file, &mut found));
        sql_query("CHECKPOINT").execute(&mut installation.raw_data()).unwrap();
        files_of_cluster(installation).iter().for_each(|file| search.below(file, &mut found));
    }
    found
}

both_databases! {
    fn c015_c074_nothing_that_is_left_anywhere_says_anything_of_anybody(installation: Installation) {
        let first_written_ahead = write_ahead_file(installation);
        let mut serve = command(installation, &["serve"]);
        serve.env("GROEILIJN_LOG__LEVEL", "trace");
        let program = Program::start(serve, installation.mailbox());
        let secrets = plant(&program);
        let texts = secrets.iter().map(String::as_str).chain([STEM, BIRTH_DATE, "17-02-2025"]);
        let lower = STEM.to_lowercase();
        let search = Search::for_texts(texts.chain([lower.as_str()]));

        // First as it runs, with what is written ahead; then as it is after the process has gone.
        let found = search_files(&search, installation, first_written_ahead.as_deref());
        assert_eq!(found.hits, [""; 0]);
        assert!(found.bytes > 1_000_000, "only {} bytes were searched", found.bytes);
        program.ask_to_stop();
        let (status, log) = program.ended();
        assert!(status.success() && log.contains("request"), "{log}");
        search.finds_nothing_in("the log", log.as_bytes());
        assert_eq!(search_files(&search, installation, first_written_ahead.as_deref()).hits, [""; 0]);
        for mut connection in [installation.raw_data(), installation.raw_keys()] {
            let rows = every_row(installation.database(), &mut connection);
            search.finds_nothing_in("the rows", rows.as_bytes());
        }

        // The search finds what does stand there: the institution's name, which is no secret.
        let known = Search::for_texts(["Basisschool De Verzinsels"]);
        assert!(!search_files(&known, installation, first_written_ahead.as_deref()).hits.is_empty());
        let rows = every_row(installation.database(), &mut installation.raw_data());
        assert!(known.find(rows.as_bytes()).is_some());
    }

    fn c074_the_root_key_is_in_its_own_file_and_nowhere_else(installation: Installation) {
        let first_written_ahead = write_ahead_file(installation);
        let program = Program::serve(installation);
        plant(&program);
        program.kill();
        let root = fs::read_to_string(installation.settings().keys.root_key_file).unwrap();
        let form = |form: &[u8]| ("the root key".to_owned(), form.to_vec());
        let search = Search::for_forms([form(root.trim().as_bytes()), form(&bytes_of(root.trim()))]);
        let found = search_files(&search, installation, first_written_ahead.as_deref());
        assert_eq!(found.hits.len(), 1, "{:?}", found.hits);
        assert!(found.hits[0].contains("root.key"));
    }

    fn c074_equal_values_are_stored_differently_and_short_ones_take_equal_room(installation: Installation) {
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        let pupil = |first_name: &str, gender: &str, language: Value| {
            let body = json!({
                "firstName": first_name, "lastName": "Fantasie", "gender": gender, "birthDate": BIRTH_DATE,
                "homeLanguage": language,
            });
            Uuid::parse_str(&school.admin.post("/v1/pupils", &body).expect(201).id()).unwrap()
        };
        let pupils = [
            pupil("Bo", "female", json!(null)),
            pupil("Bo", "female", json!("nl")),
            pupil("Maximiliaan-Alexander", "unknown", json!("ary")),
        ];
        let mut connection = installation.raw_data();
        for column in ["name", "gender", "birth_date", "home_language", "vve", "particulars"] {
            let mut stored = pupils.map(|pupil| {
                let query = sql_query(format!("SELECT {column} AS value FROM pupil WHERE id = $1"));
                let query = query.bind::<Binary, _>(pupil.as_bytes().to_vec());
                query.get_result::<Stored>(&mut connection).unwrap().value
            });
            assert!(stored.iter().all(|value| value.len() == stored[0].len() && value[0] == 1), "{column}");
            stored.sort();
            assert!(stored.windows(2).all(|pair| pair[0][33..] != pair[1][33..]), "{column}");
        }
    }
}

/// The bytes that hexadecimal digits stand for.
fn bytes_of(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
