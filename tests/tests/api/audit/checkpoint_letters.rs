//! The letter of each month with the newest checkpoint of the log (C090).

use std::fs;

use groeilijn_domain::audit::checkpoint::Checkpoint;
use groeilijn_domain::audit::checkpoint_letter::note_in;
use groeilijn_persistence::signature::is_signed;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::instruction::contact_person;
use groeilijn_tests::{Client, Database, School, Server, both_databases};
use jiff::SignedDuration;

use super::checkpoints::{checkpointed, keys};
use crate::program::run;

/// What the subject of these letters begins with.
const SUBJECT: &str = "Subject: Bewaren: controlepunt";

fn administrator(school: &School) -> String {
    format!("beheerder@{}", school.domain)
}

fn again(server: &Server, school: &School) -> Client {
    server.anyone().log_in(&administrator(school), PASSWORD)
}

/// How often the letter of a month was left for an institution.
fn left(server: &Server, school: &School) -> usize {
    let entries = server.audit_log(&school.id).entries();
    entries.iter().filter(|entry| entry.operation == "leaveCheckpointLetter").count()
}

/// What the letters to an address say of the log, the oldest first, once there are as many.
#[track_caller]
fn kept(server: &Server, school: &School, email: &str, count: usize) -> Vec<Checkpoint> {
    let letters = server.anyone().mailbox().wait_for(email, SUBJECT, count);
    assert_eq!(letters.len(), count);
    let keys = keys(&again(server, school));
    let signed = |key: &[u8; 32], message: &[u8], signature: &[u8]| is_signed(key, message, signature);
    letters.iter().map(|letter| Checkpoint::open(&note_in(letter), &keys, signed).unwrap().0).collect()
}

both_databases! {
    fn c090_each_month_the_newest_checkpoint_leaves_by_letter_and_a_restart_sends_no_second(server: Server) {
        let school = server.school();
        contact_person(&school);
        let newest = checkpointed(server, &school.admin);
        // The last second of November in Amsterdam, and the first hour of December.
        server.clock.set("2026-11-30T22:59:00Z");
        server.restart();
        assert_eq!(left(server, &school), 0);
        server.clock.set("2026-12-01T00:10:00Z");
        for email in [administrator(&school), "bestuur@school.example".to_owned()] {
            let told = kept(server, &school, &email, 1).remove(0);
            assert_eq!(told.origin, format!("groeilijn/audit/{}", school.id));
            assert!(told.size >= newest["size"].as_u64().unwrap());
        }
        for hours in 0..3 {
            server.restart();
            server.clock.advance(SignedDuration::from_hours(hours));
        }
        assert_eq!(left(server, &school), 1);
        checkpointed(server, &again(server, &school));

        server.clock.set("2027-01-01T00:10:00Z");
        let told = kept(server, &school, &administrator(&school), 2);
        assert!(told[0].size < told[1].size);
        assert_eq!(left(server, &school), 2);
        server.audit_log(&school.id).check();
    }

    fn c090_a_letter_that_was_kept_finds_a_log_that_was_altered_since(server: Server) {
        let school = server.school();
        checkpointed(server, &school.admin);
        server.clock.set("2026-12-01T00:10:00Z");
        let letter = server.anyone().mailbox().wait_for(&administrator(&school), SUBJECT, 1).remove(0);
        let admin = again(server, &school);
        let folder = server.installation().folder().to_owned();
        let [letter_at, log_at] = ["brief.eml", "log.ndjson"].map(|name| folder.join(name));
        fs::write(&letter_at, letter).unwrap();
        fs::write(&log_at, admin.get("/v1/audit-log/export").expect(200).body).unwrap();
        let key = admin.get("/v1/audit-log").expect(200).json()["verifierKeys"][0].as_str().unwrap().to_owned();
        let verify = || {
            let arguments = ["audit", "verify", "log.ndjson", "--key", &key, "--checkpoint", "brief.eml"];
            run(server.installation(), &arguments)
        };
        let holds = verify();
        assert!(holds.status.success(), "{}", String::from_utf8_lossy(&holds.stderr));
        assert!(String::from_utf8(holds.stdout).unwrap().contains("it continues the older checkpoint"));
        // The letter of another log proves nothing of this one.
        let changed = fs::read_to_string(&letter_at).unwrap().replace(&school.id, "00000000-0000-0000-0000-000000000001");
        fs::write(&letter_at, changed).unwrap();
        assert!(!verify().status.success());
    }
}

#[test]
fn c090_two_processes_send_the_letter_of_a_month_once() {
    Server::run(Database::Postgres, |server| {
        let (school, other) = (server.school(), server.school());
        [&school, &other].into_iter().for_each(|school| drop(checkpointed(server, &school.admin)));
        let beside = server.beside();
        server.clock.set("2026-12-01T00:10:00Z");
        let mailbox = server.anyone().mailbox().clone();
        mailbox.wait_for(&administrator(&school), SUBJECT, 1);
        // Each takes another turn, and what they left for each other is there by then.
        server.clock.set("2027-01-01T00:10:00Z");
        for school in [&school, &other] {
            assert_eq!(mailbox.wait_for(&administrator(school), SUBJECT, 2).len(), 2);
            assert_eq!(left(server, school), 2);
        }
        drop(beside);
    });
}
