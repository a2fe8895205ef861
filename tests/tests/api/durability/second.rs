//! A second key store, which has every key before anybody is told that it was made: the children of a day outlive the loss of
//! the first.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::values::ids::{InstitutionId, PupilId};
use groeilijn_persistence::children::key_owner::pupil;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::small_disk::SmallDisk;
use groeilijn_tests::{Client, Database, Installation, School, Server, both_databases, wait_until};
use uuid::Uuid;

use crate::program::{Program, command, refusal};

#[derive(QueryableByName, PartialEq, Eq, Debug)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

#[derive(QueryableByName)]
struct Wrapped {
    #[diesel(sql_type = Binary)]
    wrapped: Vec<u8>,
}

/// Where the two key stores are.
struct Stores {
    first: PathBuf,
    second: PathBuf,
}

impl Stores {
    /// Gives an installation a second key store, and makes it.
    fn of(installation: &mut Installation) -> Self {
        let second = installation.folder().join("elsewhere/keys.sqlite");
        Self::with(installation, second)
    }

    fn with(installation: &mut Installation, second: PathBuf) -> Self {
        let first = installation.settings().keys.url.trim_start_matches("sqlite://").into();
        installation.set("keys.second_url", &format!("sqlite://{}", second.display()));
        let stores = Self { first, second };
        stores.done(installation, &["init"]);
        stores
    }

    /// The real program.
    fn serve(&self, installation: &Installation) -> Program {
        let mut serve = command(installation, &["serve"]);
        serve.env("GROEILIJN_KEYS__SECOND_URL", format!("sqlite://{}", self.second.display()));
        Program::start(serve, installation.mailbox())
    }

    fn told(&self, installation: &Installation, arguments: &[&str]) -> std::process::Output {
        let second = format!("sqlite://{}", self.second.display());
        command(installation, arguments).env("GROEILIJN_KEYS__SECOND_URL", second).output().unwrap()
    }

    #[track_caller]
    fn done(&self, installation: &Installation, arguments: &[&str]) -> String {
        let output = self.told(installation, arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn refused(&self, installation: &Installation, arguments: &[&str], parts: &[&str]) {
        let told = refusal(self.told(installation, arguments));
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }

    /// Checks that both hold the same keys.
    #[track_caller]
    fn are_same(&self) {
        assert_eq!(keys_in(&self.first), keys_in(&self.second));
    }
}

fn open(file: &Path) -> AnyConnection {
    DatabaseUrl::Sqlite(file.to_owned()).connect().unwrap()
}

fn keys_in(file: &Path) -> Vec<Row> {
    let all = "SELECT hex(key_id) || iif(wrapped IS NULL, 'gone', hex(wrapped)) || purpose || coalesce(retired_at, '') AS row FROM system_key
        UNION ALL SELECT hex(key_id) || version || hex(wrapped) || hex(institution_id) FROM institution_key
        UNION ALL SELECT hex(key_id) || iif(wrapped IS NULL, 'gone', hex(wrapped)) || kind || hex(subject_id) || coalesce(destroyed_at, '')
            FROM subject_key ORDER BY row";
    let rows: Vec<Row> = sql_query(all).load(&mut open(file)).unwrap();
    assert!(!rows.is_empty());
    rows
}

/// The file of a database with the two that stand beside it while it is in use.
fn parts(file: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{}{end}", file.display())))
}

fn remove(file: &Path) {
    for part in parts(file) {
        let _ = fs::remove_file(part);
    }
}

/// A copy of a database that nobody uses.
fn kept(file: &Path) -> Vec<u8> {
    open(file).batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    fs::read(file).unwrap()
}

fn put_back(file: &Path, kept: &[u8]) {
    remove(file);
    fs::write(file, kept).unwrap();
}

fn serve(installation: Installation) -> Server {
    Server::start(installation, TestClock::at(START))
}

/// Takes the service of a test away, and lets it have a second key store.
fn with_a_second(server: &mut Server) -> (Stores, Server) {
    let placeholder = serve(Installation::fresh(Database::Sqlite).unwrap());
    let mut installation = std::mem::replace(server, placeholder).stop();
    let stores = Stores::of(&mut installation);
    (stores, serve(installation))
}

fn enter(school: &School, name: &str) -> String {
    school.admin.post("/v1/pupils", &new_pupil(name)).expect(201).id()
}

fn as_admin(server: &Server, school: &School) -> Client {
    server.anyone().with_token(school.admin.token())
}

both_databases! {
    fn a_child_of_today_outlives_the_loss_of_the_first_key_store(server: Server) {
        if server.installation().database() == Database::Postgres {
            return;
        }
        let (stores, server) = with_a_second(server);
        let school = server.school();
        let id = enter(&school, "Noor");
        stores.are_same();
        let token = school.admin.token().to_owned();
        let installation = server.stop();
        remove(&stores.first);
        stores.refused(&installation, &["serve"], &["keys.url", "groeilijn keys recover", "keys.second_url"]);
        stores.refused(&installation, &["init"], &["keys.second_url", "groeilijn keys recover"]);
        assert!(!stores.first.exists());
        let said = stores.done(&installation, &["keys", "recover"]);
        assert!(said.contains("keys.sqlite"), "{said}");
        stores.are_same();
        assert!(stores.done(&installation, &["keys", "recover"]).contains("nothing was done"));
        let server = serve(installation);
        let admin = server.anyone().with_token(&token);
        admin.get(&format!("/v1/pupils/{id}")).expect(200);
        admin.post("/v1/pupils", &new_pupil("Daan")).expect(201);
        stores.are_same();
    }

    fn a_first_key_store_from_before_is_not_served_with_and_recovered(server: Server) {
        if server.installation().database() == Database::Postgres {
            return;
        }
        let (stores, server) = with_a_second(server);
        let school = server.school();
        let institution = InstitutionId::from_uuid(Uuid::parse_str(&school.id).unwrap());
        let destroyed = enter(&school, "Daan");
        let owner = pupil(PupilId::from_uuid(Uuid::parse_str(&destroyed).unwrap()));
        let installation = server.stop();
        let before = kept(&stores.first);
        let server = serve(installation);
        server.installation().with_store(&server.clock, async |store| {
            store.keys().destroy(institution, owner).await.unwrap();
        });
        let installation = server.stop();
        stores.are_same();
        let newest = kept(&stores.first);

        // What was destroyed is not brought back by the older of the two.
        put_back(&stores.first, &before);
        stores.refused(&installation, &["serve"], &["keys.second_url", "keys.url", "put back from before", "recover"]);
        stores.done(&installation, &["keys", "recover"]);
        stores.are_same();
        let tombstones = |file: &Path| keys_in(file).iter().filter(|row| row.row.contains("gone")).count();
        assert_eq!(tombstones(&stores.first), 1);

        // Nor is it from an older second: there it goes too.
        put_back(&stores.second, &before);
        stores.done(&installation, &["keys", "recover"]);
        stores.are_same();
        assert_eq!(tombstones(&stores.second), 1);
        put_back(&stores.second, &before);
        put_back(&stores.first, &newest);
        let server = serve(installation);
        stores.are_same();
        assert_eq!(tombstones(&stores.second), 1);
        enter(&school_of(&server, school), "Sam");
        stores.are_same();
        let installation = server.stop();
        // And a first that knows more keys is not made what an older second is.
        put_back(&stores.second, &newest);
        let first = keys_in(&stores.first);
        stores.refused(&installation, &["keys", "recover"], &["keys.url", "so it is not made anew"]);
        assert_eq!(keys_in(&stores.first), first);
    }

    /// A first from before that served alone, with the setting emptied, is not taken for the newer one.
    fn a_destroyed_key_stays_so_after_a_first_from_before_served_alone(server: Server) {
        if server.installation().database() == Database::Postgres {
            return;
        }
        let (stores, server) = with_a_second(server);
        let school = server.school();
        let institution = InstitutionId::from_uuid(Uuid::parse_str(&school.id).unwrap());
        let staying = enter(&school, "Noor");
        let owner = pupil(PupilId::from_uuid(Uuid::parse_str(&enter(&school, "Daan")).unwrap()));
        let token = school.admin.token().to_owned();
        let installation = server.stop();
        let before = kept(&stores.first);
        let server = serve(installation);
        server.installation().with_store(&server.clock, async |store| {
            store.keys().destroy(institution, owner).await.unwrap();
        });
        let installation = server.stop();
        let tombstones = |file: &Path| keys_in(file).iter().filter(|row| row.row.contains("gone")).count();
        put_back(&stores.first, &before);
        stores.refused(&installation, &["serve"], &["keys.second_url", "put back from before", "recover"]);
        let rotated = command(&installation, &["keys", "rotate", "signing"]).env("GROEILIJN_KEYS__SECOND_URL", "").output();
        assert!(rotated.unwrap().status.success());
        stores.refused(&installation, &["serve"], &["keys.second_url", "put back from before", "recover"]);
        assert_eq!((tombstones(&stores.first), tombstones(&stores.second)), (0, 1));

        let said = stores.done(&installation, &["keys", "recover"]);
        assert!(said.contains("destroyed in both"), "{said}");
        let server = serve(installation);
        stores.are_same();
        assert_eq!((tombstones(&stores.first), tombstones(&stores.second)), (1, 1));
        server.anyone().with_token(&token).get(&format!("/v1/pupils/{staying}")).expect(200);
    }

    fn a_second_that_is_behind_or_was_never_made_is_told_and_mended(server: Server) {
        if server.installation().database() == Database::Postgres {
            return;
        }
        let (stores, server) = with_a_second(server);
        let school = server.school();
        let installation = server.stop();
        let before = kept(&stores.second);
        let server = serve(installation);
        let school = school_of(&server, school);
        enter(&school, "Noor");
        let installation = server.stop();
        put_back(&stores.second, &before);
        let server = serve(installation);
        stores.are_same();
        let installation = server.stop();

        remove(&stores.second);
        stores.refused(&installation, &["serve"], &["keys.second_url", "mount its disk", "groeilijn init"]);
        assert!(!stores.second.exists());
        stores.refused(&installation, &["keys", "recover"], &["keys.second_url"]);
        stores.done(&installation, &["init"]);
        stores.are_same();
        // Rotating wraps anew in both.
        stores.done(&installation, &["keys", "rotate", "institutions"]);
        stores.are_same();
    }

    fn no_child_is_entered_whose_key_is_in_one_of_two_only(server: Server) {
        if server.installation().database() == Database::Postgres {
            return;
        }
        let (stores, server) = with_a_second(server);
        let school = server.school();
        let id = enter(&school, "Noor");
        let before = keys_in(&stores.first);
        let mut other = open(&stores.second);
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        let refused = school.admin.post("/v1/pupils", &new_pupil("Daan")).expect(503);
        assert!(!refused.header("retry-after").is_empty());
        assert_eq!(server.anyone().get("/readyz").status, 503);
        school.admin.get(&format!("/v1/pupils/{id}")).expect(200);
        assert_eq!(keys_in(&stores.first), before);
        other.batch_execute("ROLLBACK").unwrap();
        enter(&school, "Daan");
        stores.are_same();
    }

    /// Killed at any moment, also between the two, each child that was answered has its key in both.
    fn after_a_kill_both_have_the_keys_of_all_who_were_answered(installation: Installation) {
        if installation.database() == Database::Postgres {
            return;
        }
        let stores = Stores::of(installation);
        let mut program = stores.serve(installation);
        let school = School::found(&program.anyone());
        let token = school.admin.token().to_owned();
        let mut answered: Vec<String> = Vec::new();
        for round in 1..=6 {
            let admin = program.anyone().with_token(&token);
            let (sender, entered) = channel();
            thread::scope(|scope| {
                scope.spawn(move || {
                    while let Ok(reply) = admin.call("POST", "/v1/pupils").json(&new_pupil("Noor")).try_send() {
                        sender.send(reply.expect(201).id()).unwrap();
                    }
                });
                answered.extend(entered.iter().take(round * 3));
                program.kill();
                answered.extend(entered.iter());
            });
            program = stores.serve(installation);
            stores.are_same();
        }
        let admin = program.anyone().with_token(&token);
        for id in &answered {
            admin.get(&format!("/v1/pupils/{id}")).expect(200);
        }
        program.kill();
        let known = keys_in(&stores.second);
        let known: String = known.into_iter().map(|row| row.row).collect();
        assert!(answered.iter().all(|id| known.contains(&id.replace('-', "").to_uppercase())));
    }

    fn a_destroyed_key_leaves_no_byte_in_either(server: Server) {
        if server.installation().database() == Database::Postgres {
            return;
        }
        let (stores, server) = with_a_second(server);
        let school = server.school();
        let institution = InstitutionId::from_uuid(Uuid::parse_str(&school.id).unwrap());
        let id = Uuid::parse_str(&enter(&school, "Noor")).unwrap();
        let wrapped = |file: &Path| -> Vec<u8> {
            let query = sql_query("SELECT wrapped FROM subject_key WHERE subject_id = $1").bind::<Binary, _>(id.as_bytes().to_vec());
            query.get_result::<Wrapped>(&mut open(file)).unwrap().wrapped
        };
        let key = wrapped(&stores.first);
        assert_eq!(key, wrapped(&stores.second));
        let holds = |file: &Path| {
            let bytes = parts(file).into_iter().filter_map(|part| fs::read(part).ok()).flatten().collect::<Vec<_>>();
            memchr::memmem::find(&bytes, &key).is_some()
        };
        assert!(holds(&stores.first) && holds(&stores.second));
        server.installation().with_store(&server.clock, async |store| {
            store.keys().destroy(institution, pupil(PupilId::from_uuid(id))).await.unwrap();
        });
        assert!(!holds(&stores.first) && !holds(&stores.second));
        stores.are_same();
    }

    fn a_second_key_store_is_another_file_beside_one_on_sqlite(installation: Installation) {
        let settings = installation.settings();
        let with = |second: &str| refusal(command(installation, &["serve"]).env("GROEILIJN_KEYS__SECOND_URL", second).output().unwrap());
        if installation.database() == Database::Postgres {
            let told = with("sqlite://elsewhere.sqlite");
            assert!(told.contains("keys.second_url") && told.contains("synchronous replication"), "{told}");
            return;
        }
        for same in [&settings.keys.url, &settings.database.url] {
            let told = with(same);
            assert!(told.contains("keys.second_url") && told.contains("another file"), "{told}");
        }
        assert!(with("postgres:///keys").contains("keys.second_url"));
        let told = refusal(command(installation, &["keys", "recover"]).output().unwrap());
        assert!(told.contains("keys.second_url"), "{told}");
    }
}

/// The first has room, so a commit gets into it and not into the second: nobody is told that it was done.
#[test]
fn while_the_disk_of_the_second_is_full_no_child_is_entered() {
    let (Some(disk), Some(mut installation)) = (SmallDisk::mount(4), Installation::fresh(Database::Sqlite))
    else {
        return;
    };
    let stores = Stores::with(&mut installation, disk.path().join("keys.sqlite"));
    let program = stores.serve(&installation);
    let school = School::found(&program.anyone());
    let enter = || school.admin.post("/v1/pupils", &new_pupil("Noor"));
    let mut entered = vec![enter().expect(201).id()];
    disk.fill();
    let refused = loop {
        match enter() {
            reply if reply.status == 201 => entered.push(reply.id()),
            reply => break reply.expect(503),
        }
    };
    assert!(!refused.header("retry-after").is_empty());
    wait_until(|| program.anyone().get("/readyz").status == 503);
    enter().expect(503);
    for id in &entered {
        school.admin.get(&format!("/v1/pupils/{id}")).expect(200);
    }
    disk.free();
    wait_until(|| program.anyone().get("/readyz").status == 200);
    entered.push(enter().expect(201).id());
    stores.are_same();
    let known: String = keys_in(&stores.second).into_iter().map(|row| row.row).collect();
    assert!(entered.iter().all(|id| known.contains(&id.replace('-', "").to_uppercase())));
}

/// The same school on a server that was started anew.
fn school_of(server: &Server, mut school: School) -> School {
    school.admin = as_admin(server, &school);
    school
}
