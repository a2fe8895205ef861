//! A backup and a restore are killed at many points; each completes afterwards, and nothing is half there in between.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
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
use crate::program::Program;

/// How many points a command is killed at, spread evenly over the time that it takes.
const KILLS: u32 = 25;

/// How long the killing of one command may go on; fewer points are tried where each takes long.
const BUDGET: Duration = Duration::from_secs(25);

/// Points that are tried in any case.
const AT_LEAST: u32 = 6;

/// Runs a command to its end and says how long that took.
fn timed(mut command: Command) -> (Output, Duration) {
    let begun = Instant::now();
    (command.output().unwrap(), begun.elapsed())
}

/// Starts a command and kills it after a while (SIGKILL); `false` when it had ended by then.
fn killed_after(mut command: Command, after: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(after);
    let was_running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    was_running
}

/// Has a command killed at points that are spread over the time that it `takes`: `kill` does that after the time it is
/// given, looks at what is left, and says whether the command was under way.
fn at_many_points(takes: Duration, mut kill: impl FnMut(Duration) -> bool) {
    let begun = Instant::now();
    let mut killed = 0;
    for number in 0..KILLS {
        if number >= AT_LEAST && begun.elapsed() > BUDGET {
            break;
        }
        // In an order that has been everywhere when it is broken off.
        killed += u32::from(kill(takes * ((number * 7 + 3) % KILLS) / KILLS));
    }
    assert!(killed >= AT_LEAST / 2, "only {killed} were under way when they were killed");
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

both_databases! {
    fn a_backup_that_is_killed_leaves_nothing_half_and_the_next_one_is_good(installation: Installation) {
        let vault = Vault::new();
        let program = Program::serve(installation);
        let (school, _) = school_with_children(&program.anyone());
        let backup = || vault.command(installation, &["backup"]);
        let (first, takes) = timed(backup());
        said(first);
        at_many_points(takes, |after| {
            let was_running = killed_after(backup(), after);
            for folder in [vault.here(), vault.there()] {
                for half in ["data", "keys"] {
                    assert!(backups(&folder, half).iter().all(|backup| is_whole(backup)));
                }
            }
            // The server goes on.
            school.admin.get("/v1/pupils").expect(200);
            was_running
        });
        said(backup().output().unwrap());
        assert_eq!(unfinished(&vault.here()) + unfinished(&vault.there()), 0);
        program.kill();
        said(vault.restore(&empty_place(installation), &["data", "keys"]));
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
        let (first, takes) = timed(vault.command(&empty_place(installation), &arguments));
        said(first);

        let mut place = empty_place(installation);
        let mut is_odd = true;
        at_many_points(takes, |after| {
            // Every other one into an empty place, the rest onto the data of the one before.
            if is_odd {
                place = empty_place(installation);
            }
            is_odd = !is_odd;
            let was_running = killed_after(vault.command(&place, &arguments), after);
            let served = served_children(&place);
            assert!(served.is_none_or(|rows| rows > 0), "{served:?} after {after:?} of {takes:?}");
            said(vault.command(&place, &arguments).output().unwrap());
            AuditLog::read(&mut place.raw_data(), institution_id(&school.id)).check();
            was_running
        });
        let program = Program::serve(&place);
        assert_eq!(answers(&log_in(&program, &school), &children), before);
    }
}
