//! The process is killed in the middle of its work.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use diesel::sql_types::BigInt;
use diesel::{QueryableByName, sql_query};
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::audit::{AuditLog, institution_id};
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Installation, School, both_databases};
use serde_json::json;

use super::{of_four_years, pupil_and_writer};
use crate::children::imports::{CSV, ask_to_apply, finished, path, send};
use crate::program::Program;

/// Pupils of an import: it is killed after a thousand, which is when it first tells of its progress.
const PUPILS: usize = 1_500;

/// Writers of notes at the same time.
const WRITERS: usize = 4;

/// Answered notes after which the process is killed.
const ANSWERED: usize = 60;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count(installation: &Installation, table: &str) -> i64 {
    let query = sql_query(format!("SELECT count(*) AS count FROM {table}"));
    query.get_result::<Count>(&mut installation.raw_data()).unwrap().count
}

fn check_audit_log(installation: &Installation, school: &School) {
    AuditLog::read(&mut installation.raw_data(), institution_id(&school.id)).check();
}

fn table_of_pupils() -> String {
    let mut table = "leerlingnummer;voornaam;achternaam;geboortedatum;groep\n".to_owned();
    for number in 0..PUPILS {
        writeln!(table, "N{number};Kind{number};Verzonnen;{};Groep {}", of_four_years(), number % 20)
            .unwrap();
    }
    table
}

/// Waits until an import tells of some progress.
fn wait_for_progress(client: &Client, import: &str) {
    let progress = (0..100_000).find(|_| {
        let import = client.get(&path(import)).expect(200).json();
        assert_eq!(import["state"], "applying", "it was done before it could be killed");
        import["linesDone"] != 0
    });
    assert!(progress.is_some(), "no progress was seen");
}

/// A minute goes by: whoever held a job and died holds it no longer.
fn let_leases_end(installation: &Installation) {
    let moved = sql_query("UPDATE job SET lease_until = 1").execute(&mut installation.raw_data()).unwrap();
    assert_eq!(moved, 1, "the job is not there any more");
}

/// Writes notes until the service is gone, and tells of each that was answered: its id and its words.
fn write_notes(client: &Client, pupil: &str, writer: usize, answered: &Sender<(String, String)>) {
    for number in 0.. {
        let words = format!("Waarneming {number} van schrijver {writer}");
        let call = client.call("POST", &format!("/v1/pupils/{pupil}/notes")).json(&json!({"text": words}));
        let Ok(reply) = call.try_send() else { break };
        answered.send((reply.expect(201).id(), words)).unwrap();
    }
}

both_databases! {
    fn an_import_that_was_cut_off_did_nothing_and_is_taken_up_again(installation: Installation) {
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        let sent = send(&school.admin, CSV, table_of_pupils().as_bytes()).expect(201);
        ask_to_apply(&school.admin, &sent.id(), &sent.etag()).expect(202);
        wait_for_progress(&school.admin, &sent.id());
        program.kill();

        for table in ["pupil", "groups", "placement"] {
            assert_eq!(count(installation, table), 0, "{table}");
        }
        check_audit_log(installation, &school);
        let_leases_end(installation);

        let program = Program::serve(installation);
        let admin = program.anyone().with_token(school.admin.token());
        let import = finished(&admin, &sent.id());
        assert_eq!((&import["state"], &import["pupils"]["created"]), (&json!("applied"), &json!(PUPILS)));
        assert_eq!(count(installation, "pupil"), i64::try_from(PUPILS).unwrap());
        assert_eq!(count(installation, "job"), 0);
        let last = &admin.get("/v1/pupils?limit=1").expect(200).items()[0];
        admin.get(&format!("/v1/pupils/{}", text(&last["id"]))).expect(200);
        check_audit_log(installation, &school);
    }

    /// C088: what was answered is not lost when the program is killed.
    fn every_note_that_was_answered_is_there_after_a_kill_and_every_other_is_whole(installation: Installation) {
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        let (pupil, writer) = pupil_and_writer(&school);
        let (sender, answered) = channel();
        let notes: BTreeMap<_, _> = thread::scope(|scope| {
            for number in 0..WRITERS {
                let (writer, pupil, sender) = (&writer, &pupil, sender.clone());
                scope.spawn(move || write_notes(writer, pupil, number, &sender));
            }
            drop(sender);
            let before: Vec<_> = answered.iter().take(ANSWERED).collect();
            program.kill();
            before.into_iter().chain(answered.iter()).collect()
        });
        assert!(notes.len() >= ANSWERED);
        check_audit_log(installation, &school);

        let program = Program::serve(installation);
        let reader = program.anyone().with_token(writer.token());
        let stored = reader.list(&format!("/v1/pupils/{pupil}/notes"));
        let stored: BTreeMap<_, _> = stored.iter().map(|note| (text(&note["id"]), text(&note["text"]))).collect();
        assert!(notes.iter().all(|(id, words)| stored.get(id) == Some(words)));
        assert!(stored.len() <= notes.len() + WRITERS);
        for (id, words) in &stored {
            assert!(words.starts_with("Waarneming "));
            assert_eq!(reader.get(&format!("/v1/notes/{id}")).expect(200).json()["text"], words.as_str());
        }
        check_audit_log(installation, &school);
    }

    fn a_session_an_account_and_an_idempotent_reply_outlive_a_kill(installation: Installation) {
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        let first = school.admin.post_once("/v1/pupils", &super::pupil("Noor"), "een-keer").expect(201);
        program.kill();

        let program = Program::serve(installation);
        let admin = program.anyone().with_token(school.admin.token());
        let again = admin.post_once("/v1/pupils", &super::pupil("Noor"), "een-keer").expect(201);
        assert_eq!(again.visible(), first.visible());
        assert_eq!(admin.list("/v1/pupils").len(), 1);
        check_audit_log(installation, &school);
    }
}
