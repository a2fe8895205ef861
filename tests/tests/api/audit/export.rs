//! The log taken along, and checked offline with `groeilijn audit verify` (C090, C092).

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::tampering::Tampering;
use groeilijn_tests::{Class, Client, Server, both_databases};
use jiff::SignedDuration;
use serde_json::Value;

use super::checkpoints::{auditor, checkpointed};
use super::desk::Desk;

const EXPORT: &str = "/v1/audit-log/export";

fn export(client: &Client) -> Vec<u8> {
    let reply = client.get(EXPORT).expect(200);
    assert_eq!(reply.header("Content-Type"), "application/x-ndjson");
    reply.body
}

fn lines(export: &[u8]) -> Vec<Value> {
    let lines = export.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// What is done to a log, and a sentence that tells of it.
type Deed = (&'static str, fn(&mut Tampering), &'static str);

/// What an attacker does to a log in which 10 entries and more were signed.
const DEEDS: &[Deed] = &[
    ("edited", |log| log.edit(3), "entry 3 was altered"),
    ("removed", |log| log.delete(3), "entry 3 is missing"),
    ("removed and closed up", |log| log.close_up(3), "entry 3 was altered, moved"),
    ("swapped", |log| log.swap(3, 4), "entry 4 was altered, moved"),
    ("cut off", |log| log.cut(5), "the entries from 5 to"),
    ("hidden", |log| log.end_body(3), "what entry 3 says was taken away"),
    (
        "hidden from the first on",
        |log| (0..6).for_each(|entry| log.end_body(entry)),
        "what the first 6 entries say was taken away",
    ),
    (
        "edited and hashed anew",
        |log| {
            log.edit(3);
            log.rehash();
        },
        "are not those that the checkpoint was signed of",
    ),
    (
        "edited, hashed anew and signed anew",
        |log| {
            log.edit(3);
            log.rehash();
            log.forget_checkpoints();
        },
        "the log is not a continuation of the older checkpoint",
    ),
    (
        "cut off, hashed anew and signed anew",
        |log| {
            log.cut(5);
            log.rehash();
            log.forget_checkpoints();
        },
        "the log was cut off: the older checkpoint",
    ),
];

/// A class of which a checkpoint is kept, with more than ten entries.
fn kept(server: &Server) -> (Class, Desk) {
    let class = server.class();
    let mut desk = Desk::with_keys(&class.school.admin);
    desk.keep(&checkpointed(server, &class.school.admin));
    (class, desk)
}

both_databases! {
    fn c090_c092_an_auditor_takes_the_log_along_and_checks_it_with_a_public_key_alone(server: Server) {
        let class = server.class();
        class.note(&class.pupil, "2026-11-20", &[]);
        let auditor = auditor(server, &class.school.admin, &["read", "export"]);
        let mut desk = Desk::with_keys(&auditor);
        desk.keep(&checkpointed(server, &class.school.admin));
        class.teacher.client.get(&format!("/v1/pupils/{}", class.pupil)).expect(200);
        desk.keep(&checkpointed(server, &class.school.admin));

        let taken = export(&auditor);
        let log = server.audit_log(&class.school.id);
        let [header, entries @ .., end] = &lines(&taken)[..] else { panic!("too few lines") };
        assert_eq!(text(&header["institutionId"]), class.school.id);
        assert_eq!(header["size"].as_u64(), Some(entries.len() as u64));
        assert_eq!(end["size"], header["size"]);
        for (sequence, entry) in (0_u64..).zip(entries) {
            assert_eq!(entry["sequence"].as_u64(), Some(sequence));
            assert_eq!(text(&entry["leafHash"]), hex::encode(log.leaf_hash(sequence)));
        }
        // That it was taken along is on record in it, and what is sealed stays so.
        let last = &entries[entries.len() - 1];
        assert_eq!((&last["operation"], &last["actorKind"]), (&"exportAuditLog".into(), &"api-token".into()));
        assert!(!String::from_utf8_lossy(&taken).contains("127.0.0.1"));

        let said = desk.holds(&taken);
        for expected in [
            "the log holds".to_owned(),
            "it continues each of the 2 older checkpoints".to_owned(),
            format!("institution: {}", class.school.id),
            format!("entries: {}", entries.len()),
            format!("last entry: {}", text(&last["occurredAt"])),
            format!("signed with: {}", desk.keys[0]),
        ] {
            assert!(said.contains(&expected), "{expected}: {said}");
        }
        // Another key, and a file that broke off on its way.
        let other = Desk::with_keys(&server.school().admin);
        assert!(other.finds(&taken).contains("none of the keys signed it"));
        let half = &taken[..taken.len() / 2];
        assert!(desk.finds(half).contains("the file breaks off after"));
    }

    fn c090_whatever_is_done_to_the_database_is_found_on_an_export_with_a_checkpoint_that_was_kept(server: Server) {
        for (deed, tamper, expected) in DEEDS {
            let (class, desk) = kept(server);
            desk.holds(&export(&class.school.admin));
            tamper(&mut Tampering::with(server, &class.school.id));
            let found = desk.finds(&export(&class.school.admin));
            assert!(found.contains(expected), "{deed}: {found}");
        }
    }

    fn c090_an_entry_of_another_institution_and_a_whole_log_of_another_one_are_found(server: Server) {
        let ((class, desk), (other, others_desk)) = (kept(server), kept(server));
        let theirs = export(&other.school.admin);
        others_desk.holds(&theirs);
        let found = desk.finds(&theirs);
        assert!(found.contains("none of the keys signed it") && found.contains("is of another log"), "{found}");
        // Both keys are known to whoever audits both; the log of the one is no log of the other.
        let ours = export(&class.school.admin);
        let renamed = String::from_utf8(theirs).unwrap().replace(&other.school.id, &class.school.id);
        assert!(desk.finds(renamed.as_bytes()).contains("taken from the log of another institution"));

        Tampering::with(server, &class.school.id).exchange(3, &other.school.id);
        let found = desk.finds(&export(&class.school.admin));
        assert!(found.contains("entry 3 was altered, moved, or taken from the log of another institution"), "{found}");
        desk.holds(&ours);
    }

    fn c089_c090_an_entry_whose_body_ended_is_taken_along_by_its_hash(server: Server) {
        let (class, desk) = kept(server);
        // The next entry is of half a year later, so that it is two years old by the end, or nearly so.
        server.clock.advance(SignedDuration::from_hours(160 * 24));
        class.school.renewed(PASSWORD, "Klaproos-12");
        server.clock.advance(SignedDuration::from_hours(640 * 24));
        let admin = class.school.renewed("Klaproos-12", "Korenbloem-12");
        let mut after_two_years = Tampering::with(server, &class.school.id);
        after_two_years.end_body(0);
        after_two_years.end_body(1);
        let taken = export(&admin);
        assert_eq!(lines(&taken)[1].as_object().unwrap().keys().collect::<Vec<_>>(), ["leafHash", "sequence"]);
        assert!(desk.holds(&taken).contains(" have ended: "));
    }

    fn c090_an_export_that_is_cancelled_halfway_is_on_record_and_holds_nothing_up(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        (0..300).for_each(|_| drop(admin.get("/v1/pupils").expect(200)));
        // More than there are connections to the database.
        for _ in 0..30 {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            let request = format!("GET {EXPORT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", admin.token());
            stream.write_all(request.as_bytes()).unwrap();
            let mut begun = [0; 4096];
            stream.read_exact(&mut begun).unwrap();
            assert!(begun.starts_with(b"HTTP/1.1 200"));
        }
        let entries = server.audit_log(&class.school.id).entries();
        assert_eq!(entries.iter().filter(|entry| entry.operation == "exportAuditLog").count(), 30);
        Desk::with_keys(admin).holds(&export(admin));
    }

    fn c048_c090_the_log_is_taken_along_by_who_may_and_by_nobody_else(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let reader = auditor(server, admin, &["read"]);
        for client in [&class.teacher.client, &reader, &server.platform()] {
            client.get(EXPORT).expect(403).problem("forbidden");
        }
        server.anyone().get(EXPORT).expect(401);
        admin.get(&format!("{EXPORT}?from=1")).expect(400);
        let head = admin.call("HEAD", EXPORT).send().expect(200);
        assert!(head.body.is_empty());
        let refused = admin.call("GET", EXPORT).header("Accept", "text/html").send();
        refused.expect(406).problem("not-acceptable");
    }
}

#[test]
fn c090_what_is_no_key_no_file_and_no_export_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_groeilijn-under-test"));
        let output =
            command.env_clear().current_dir(folder.path()).args(["audit", "verify"]).args(arguments).output();
        let output = output.unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    fs::write(folder.path().join("empty"), "").unwrap();
    assert!(refused(&["empty"]).contains("--key"));
    assert!(refused(&["empty", "--key", "key"]).contains("--key: must be a key"));
    assert!(refused(&["absent", "--key", key]).contains("absent: "));
    assert!(refused(&["empty", "--key", key, "--checkpoint", "absent"]).contains("--checkpoint absent: "));
    let found = refused(&["empty", "--key", key, "--checkpoint", "empty"]);
    assert!(
        found.contains("does not begin as an export") && found.contains("empty is not believed"),
        "{found}"
    );
}
