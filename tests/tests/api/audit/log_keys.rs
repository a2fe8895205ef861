//! A key that signs the logs and was lost or stolen is followed by another, and what it signed before goes on to hold (C090).

use std::fs;

use diesel::sql_query;
use groeilijn_domain::audit::note::NoteFault;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_tests::clock::TestClock;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_group;
use groeilijn_tests::tampering::Tampering;
use groeilijn_tests::{Client, Database, Installation, School, Server, wait_until};
use serde_json::{Value, json};

use super::checkpoints::{checkpointed, keys, open, signed};
use crate::program::{refusal, run};

const LOG: &str = "/v1/audit-log";
const REASON: &str = "Een verzonnen reden.";

fn begin(installation: Installation) -> (Server, School) {
    let server = Server::start(installation, TestClock::at("2026-11-21T09:00:00Z"));
    let school = server.school();
    (server, school)
}

fn renew(installation: &Installation, because: &str) {
    let done = run(installation, &["keys", "renew-checkpoints", "--because", because, "--reason", REASON]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // The school's log, and the platform's.
    assert!(String::from_utf8(done.stdout).unwrap().contains("2 logs are signed with the new key"));
}

/// How many security events of a kind the institution was told.
fn told(admin: &Client, kind: SecurityEventKind) -> usize {
    admin.list("/v1/security-events").iter().filter(|event| event["kind"] == kind.code()).count()
}

/// Holds what is told of the two keys, the log and what is signed against a renewal.
#[track_caller]
fn is_renewed(server: &Server, school: &School, admin: &Client, (first, ended_by): (&Value, &str)) {
    let log = admin.get(LOG).expect(200).json();
    let [old, new] = [0, 1].map(|index| log["keys"][index].clone());
    assert_eq!((&old["endedBy"], &old["endedBecause"]), (&json!(ended_by), &json!(REASON)));
    assert_eq!(old["until"], new["from"]);
    assert_eq!(
        (&new["until"], &new["endedBy"], &new["endedBecause"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let both = keys(admin);
    assert_eq!(log["verifierKeys"], json!(both.iter().map(ToString::to_string).collect::<Vec<_>>()));
    assert_eq!(both.len(), 2);

    assert_eq!(told(admin, SecurityEventKind::LogKeyRenewed), 1);
    let entries = server.audit_log(&school.id).entries();
    let entry = entries.iter().filter(|entry| entry.operation == "renewLogKey").collect::<Vec<_>>();
    assert_eq!((entry.len(), entry[0].actor_kind.as_str()), (1, "system"));
    let platform = server.platform_audit_log().entries();
    assert!(platform.iter().any(|entry| entry.operation == "renewLogKey"));

    // What was signed before holds under the key of then, and what is signed now under the new one alone.
    signed(first, &both[..1]);
    let second = checkpointed(server, admin);
    signed(&second, &both[1..]);
    assert_eq!(open(second["note"].as_str().unwrap(), &both[..1]), Err(NoteFault::UnknownKey.into()));
}

/// Checks the log of who asks on this installation, against the older checkpoint and both keys.
fn verify(server: &Server, admin: &Client, first: &Value) {
    let folder = server.installation().folder();
    fs::write(folder.join("log.ndjson"), admin.get("/v1/audit-log/export").expect(200).body).unwrap();
    fs::write(folder.join("kept"), text(&first["note"])).unwrap();
    let [old, new] = [0, 1].map(|index| keys(admin)[index].to_string());
    let verify = |keys: [&str; 4]| {
        let mut arguments = vec!["audit", "verify", "log.ndjson", "--checkpoint", "kept"];
        arguments.extend(keys);
        run(server.installation(), &arguments)
    };
    let holds = verify(["--key", &new, "--old-key", &old]);
    assert!(holds.status.success(), "{}", String::from_utf8_lossy(&holds.stderr));
    assert!(String::from_utf8(holds.stdout).unwrap().contains("it continues the older checkpoint"));
    // Under the older key the end of an export is not believed.
    assert!(
        refusal(verify(["--key", &old, "--old-key", &new]))
            .contains("the checkpoint at the end is not believed")
    );
}

fn stolen(installation: Installation) {
    let (server, school) = begin(installation);
    let first = checkpointed(&server, &school.admin);
    let (token, clock) = (school.admin.token().to_owned(), server.clock.clone());
    let installation = server.stop();
    renew(&installation, "stolen");
    let server = Server::start(installation, clock);
    let admin = server.anyone().with_token(&token);
    is_renewed(&server, &school, &admin, (&first, "theft"));
    verify(&server, &admin, &first);
    assert_eq!(told(&admin, SecurityEventKind::LogAltered), 0);

    // What the thief signs, and puts in the place of what was signed since, is not believed.
    let size = i64::try_from(first["size"].as_u64().unwrap()).unwrap();
    Tampering::with(&server, &school.id).forget_checkpoints_beyond(size);
    admin.post("/v1/groups", &new_group("De Kevers")).expect(201);
    server.clock.advance(jiff::SignedDuration::from_secs(61));
    wait_until(|| server.security_events(SecurityEventKind::LogAltered) == 1);
}

fn lost(installation: Installation) {
    let (server, school) = begin(installation);
    let first = checkpointed(&server, &school.admin);
    let (token, clock) = (school.admin.token().to_owned(), server.clock.clone());
    let installation = server.stop();
    let gone = sql_query("DELETE FROM system_key WHERE purpose = 'checkpoints'")
        .execute(&mut installation.raw_keys());
    assert_eq!(gone.unwrap(), 1);
    renew(&installation, "lost");
    let server = Server::start(installation, clock);
    let admin = server.anyone().with_token(&token);
    is_renewed(&server, &school, &admin, (&first, "loss"));
    verify(&server, &admin, &first);
    assert_eq!(told(&admin, SecurityEventKind::LogAltered), 0);
}

/// A log that was altered before the key was lost is not signed by that way either.
fn lost_and_altered(installation: Installation) {
    let (server, school) = begin(installation);
    checkpointed(&server, &school.admin);
    let mut thief = Tampering::with(&server, &school.id);
    thief.edit(3);
    thief.rehash();
    drop(thief);
    let installation = server.stop();
    let gone = sql_query("DELETE FROM system_key WHERE purpose = 'checkpoints'")
        .execute(&mut installation.raw_keys());
    assert_eq!(gone.unwrap(), 1);
    let arguments = ["keys", "renew-checkpoints", "--because", "lost", "--reason", REASON];
    assert!(
        refusal(run(&installation, &arguments)).contains(&format!("the log of {} was altered", school.id))
    );
    assert!(refusal(run(&installation, &[&arguments[..4], &["--reason", ""]].concat())).contains("--reason"));
}

macro_rules! on_both {
    ($($test:ident $sqlite:ident $postgres:ident)*) => {$(
        #[test]
        fn $sqlite() {
            Installation::fresh(Database::Sqlite).into_iter().for_each($test);
        }

        #[test]
        fn $postgres() {
            Installation::fresh(Database::Postgres).into_iter().for_each($test);
        }
    )*};
}

on_both! {
    stolen c090_a_stolen_key_is_followed_by_another_on_sqlite c090_a_stolen_key_is_followed_by_another_on_postgres
    lost c090_a_lost_key_is_followed_by_another_on_sqlite c090_a_lost_key_is_followed_by_another_on_postgres
    lost_and_altered c090_a_lost_key_hides_no_altered_log_on_sqlite c090_a_lost_key_hides_no_altered_log_on_postgres
}
