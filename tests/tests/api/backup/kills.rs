//! A backup and a restore are killed at many random points; each completes afterwards, and nothing is half there in
//! between.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use diesel::QueryableByName;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_tests::audit::{AuditLog, institution_id};
use groeilijn_tests::{Database, Installation, both_databases};

use super::{
    Vault, answers, backups, empty_place, log_in, manifest, newest, said, school_with_children, unfinished,
};
use crate::killing::{at_random_points, killed_after};
use crate::program::Program;

/// After how many points everything is looked at.
const LOOK: u32 = 20;

/// Runs a command to its end and says how long that took.
fn timed(mut command: Command) -> (Output, Duration) {
    let begun = Instant::now();
    (command.output().unwrap(), begun.elapsed())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many children whoever serves would find, if there is anything to serve.
fn served_children(place: &Installation) -> Option<i64> {
    let url = DatabaseUrl::parse(&place.settings().database.url).unwrap();
    if url.file().is_some_and(|file| !file.exists()) {
        return None;
    }
    let mut connection = url.connect().unwrap();
    let count = match place.database() {
        Database::Sqlite => "SELECT count(*) AS count FROM pupil",
        // What the role that serves may see at all.
        Database::Postgres => "SELECT count(*) AS count FROM institution",
    };
    sql_query(count).get_result::<Count>(&mut connection).optional().ok()?.map(|found| found.count)
}

fn is_whole(backup: &Path) -> bool {
    let known = manifest(backup);
    let half = known["half"].as_str().unwrap();
    let file = fs::metadata(backup.join(format!("{half}.age"))).unwrap();
    known["file"]["bytes"] == file.len()
}

/// Whether nothing is left in a folder of what was decrypted for a restore.
fn is_clean(place: &Installation) -> bool {
    let entries = fs::read_dir(place.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    entries.into_iter().all(|name| !name.to_string_lossy().contains("restor"))
}

both_databases! {
    /// A backup beside a server that goes on.
    fn a_backup_that_is_killed_leaves_nothing_half_and_the_next_one_is_good(installation: Installation) {
        let vault = Vault::new();
        let program = Program::serve(installation);
        let (school, children) = school_with_children(&program.anyone());
        let before = answers(&school.admin, &children);
        let backup = || vault.command(installation, &["backup"]);
        let (first, takes) = timed(backup());
        said(first);
        at_random_points(installation.database(), takes, |number, after| {
            let was_running = killed_after(backup(), after);
            for folder in [vault.here(), vault.there()] {
                for half in ["data", "keys"] {
                    assert!(backups(&folder, half).iter().all(|backup| is_whole(backup)));
                }
            }
            school.admin.get("/v1/pupils").expect(200);
            if number % LOOK == LOOK - 1 && was_running {
                said(backup().output().unwrap());
                assert_eq!(unfinished(&vault.here()) + unfinished(&vault.there()), 0);
            }
            was_running
        });
        said(backup().output().unwrap());
        assert_eq!(unfinished(&vault.here()) + unfinished(&vault.there()), 0);
        assert_eq!(answers(&school.admin, &children), before);
        program.kill();
        let place = empty_place(installation);
        said(vault.restore(&place, &["data", "keys"]));
        let program = Program::serve(&place);
        assert_eq!(answers(&log_in(&program, &school), &children), before);
    }

    fn a_restore_that_is_killed_leaves_nothing_half_and_completes_when_run_again(installation: Installation) {
        let vault = Vault::new();
        let program = Program::serve(installation);
        let (school, children) = school_with_children(&program.anyone());
        let before = answers(&school.admin, &children);
        vault.back_up(installation);
        program.kill();
        let [data, keys] = ["data", "keys"].map(|half| newest(&vault.here(), half).display().to_string());
        let arguments = ["restore", "--identity", &vault.identity(), "--data", &data, "--keys", &keys, "--replace"];
        // Where programs put what they want to forget.
        let scratch = tempfile::tempdir().unwrap();
        let restore = |place: &Installation| {
            let mut command = vault.command(place, &arguments);
            command.env("TMPDIR", scratch.path());
            command
        };
        let (first, takes) = timed(restore(&empty_place(installation)));
        said(first);

        let mut place = empty_place(installation);
        at_random_points(installation.database(), takes, |number, after| {
            // Some into an empty place, the others onto what the one before left there.
            if number % 4 == 0 {
                place = empty_place(installation);
            }
            let was_running = killed_after(restore(&place), after);
            let served = served_children(&place);
            assert!(served.is_none_or(|rows| rows > 0), "{served:?} after {after:?} of {takes:?}");
            assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "something is left after {after:?}");
            if number % 5 == 2 {
                said(restore(&place).output().unwrap());
                assert!(is_clean(&place));
                AuditLog::read(&mut place.raw_data(), institution_id(&school.id)).check();
            }
            if number % LOOK == 2 && was_running {
                let program = Program::serve(&place);
                assert_eq!(answers(&log_in(&program, &school), &children), before);
            }
            was_running
        });
        said(restore(&place).output().unwrap());
        let program = Program::serve(&place);
        assert_eq!(answers(&log_in(&program, &school), &children), before);
    }
}
