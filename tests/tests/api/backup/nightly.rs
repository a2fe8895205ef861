//! The backup of the night, by the server itself.

use std::fs;

use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::{Database, Installation, School, Server, both_databases, wait_until};

use super::{Vault, backups, destroy, empty_place, newest, school_with_children};
use crate::program::refusal;

/// A server that makes backups, at the moment at which every test begins.
fn serving(vault: &Vault, database: Database) -> Server {
    let mut installation = Installation::fresh(database).unwrap();
    vault.use_for(&mut installation);
    Server::start(installation, TestClock::at(START))
}

/// The value of a measurement.
fn metric(server: &Server, name: &str) -> i64 {
    let text = String::from_utf8(server.anyone().get("/metrics").expect(200).body).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap();
    line.parse().unwrap()
}

fn failures(server: &Server) -> i64 {
    metric(server, "groeilijn_backup_failures_total")
}

/// How many letters tell of a backup that failed.
fn letters(server: &Server) -> usize {
    let folder = server.installation().settings().mail.folder;
    let letters =
        fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    letters.filter(|letter| letter.contains("Subject: De back-up van Groeilijn is mislukt")).count()
}

both_databases! {
    /// C075: every night, once, whatever number of processes.
    fn c075_a_backup_is_made_at_once_and_every_night_by_one_of_the_processes(installation: Installation) {
        let vault = Vault::new();
        let server = serving(&vault, installation.database());
        let _other = (installation.database() == Database::Postgres).then(|| server.beside());
        let made = || backups(&vault.there(), "data").len();
        wait_until(|| made() == 1);
        wait_until(|| metric(&server, "groeilijn_backup_last_success_timestamp_seconds") > 1_700_000_000);
        for (night, count) in [("2026-11-22T01:00:30Z", 2), ("2026-11-23T01:00:30Z", 3), ("2026-11-25T12:00:00Z", 4)] {
            server.clock.set(night);
            wait_until(|| made() == count);
        }
        assert_eq!((backups(&vault.here(), "data").len(), backups(&vault.here(), "keys").len()), (4, 4));
        let oldest = [vault.here(), vault.there()].map(|folder| backups(&folder, "keys").remove(0));
        server.clock.set("2026-11-28T09:30:00Z");
        wait_until(|| oldest.iter().all(|backup| !backup.exists()));
        assert!(backups(&vault.here(), "data").len() >= 4);
        assert_eq!(failures(&server), 0);
    }

    fn a_night_without_a_backup_raises_an_alarm_once_and_is_made_up_for(installation: Installation) {
        let vault = Vault::new();
        fs::write(vault.here(), "no folder").unwrap();
        let server = serving(&vault, installation.database());
        wait_until(|| failures(&server) == 1);
        wait_until(|| letters(&server) == 1);
        server.clock.set("2026-11-21T10:05:00Z");
        wait_until(|| failures(&server) == 2);
        fs::remove_file(vault.here()).unwrap();
        server.clock.set("2026-11-21T11:10:00Z");
        wait_until(|| backups(&vault.there(), "data").len() == 1);
        assert_eq!((failures(&server), letters(&server)), (2, 1));
    }

    /// Nothing was backed up since the destruction, and still the keys of before it are known to be too old.
    fn what_was_destroyed_since_the_last_backup_is_noted_beside_it(installation: Installation) {
        let vault = Vault::new();
        let mut server = serving(&vault, installation.database());
        let (school, children): (School, Vec<String>) = school_with_children(&server.anyone());
        server.clock.set("2026-11-22T01:00:30Z");
        wait_until(|| !backups(&vault.there(), "data").is_empty());
        server.clock.set("2026-11-22T09:00:00Z");
        destroy(server.installation(), &server.clock, &school.id, &children[0]);
        server.restart();
        server.clock.set("2026-11-22T09:05:00Z");
        let noted = |folder: std::path::PathBuf| fs::read_to_string(folder.join("newest-destruction")).unwrap_or_default();
        wait_until(|| [vault.here(), vault.there()].into_iter().all(|folder| noted(folder).starts_with("2026-11-22T09:00")));
        let installation = server.stop();
        let place = empty_place(&installation);
        let refused = refusal(vault.restore(&place, &["data", "keys"]));
        assert!(refused.contains("the key store is too old") && refused.contains("2026-11-22T09:00"), "{refused}");
        assert!(newest(&vault.here(), "keys").exists());
    }
}
