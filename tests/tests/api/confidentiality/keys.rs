//! Keys: whose they are, when they come and go, and how those above them are rotated.

use std::fs;
use std::thread;

use diesel::sql_types::{BigInt, Binary, Integer, Nullable};
use diesel::{QueryableByName, sql_query};
use groeilijn_api::installation::context;
use groeilijn_domain::access::Function;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::values::ids::{InstitutionId, PupilId};
use groeilijn_persistence::Error;
use groeilijn_persistence::access::login_index::IndexRotation;
use groeilijn_persistence::children::key_owner::pupil;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::school::{new_group, new_pupil};
use groeilijn_tests::{Class, Client, Database, Installation, Member, Server, both_databases, wait_until};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::program::{command, run};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Wrapped {
    #[diesel(sql_type = Binary)]
    wrapped: Vec<u8>,
}

#[derive(QueryableByName)]
struct Parent {
    #[diesel(sql_type = Integer)]
    version: i32,
}

fn count(installation: &Installation, query: &str) -> i64 {
    sql_query(query).get_result::<Count>(&mut installation.raw_keys()).unwrap().count
}

/// How many keys of owners there are.
fn keys(installation: &Installation) -> i64 {
    count(installation, "SELECT count(*) AS count FROM subject_key")
}

fn uuid(id: &str) -> Uuid {
    Uuid::parse_str(id).unwrap()
}

#[derive(QueryableByName, PartialEq, Eq, Debug)]
struct EmailIndex {
    #[diesel(sql_type = Binary)]
    email_index: Vec<u8>,
    #[diesel(sql_type = Nullable<Binary>)]
    next_email_index: Option<Vec<u8>>,
}

/// Everything but a pupil of which a client may make the id: who enters it, where, and what.
fn entered<'a>(class: &'a Class, child: &str, group: &str) -> [(&'a Client, String, Value); 5] {
    let (admin, teacher) = (&class.school.admin, &class.teacher.client);
    let of_child = |what: &str| format!("/v1/pupils/{child}/{what}");
    let beside = class.school.group("De Kikkers");
    [
        (admin, "/v1/groups".to_owned(), new_group("De Bijen")),
        (teacher, of_child("notes"), json!({"text": "Bouwt een toren."})),
        (teacher, of_child("registrations"), json!({"frameworkId": class.framework})),
        (admin, of_child("additional-groups"), json!({"groupId": beside})),
        // The last, because the teacher does not reach the child in the other group.
        (admin, of_child("placements"), json!({"groupId": group})),
    ]
}

both_databases! {
    fn a_child_has_the_id_of_nobody_else_and_none_that_stands_for_nothing(server: Server) {
        let school = server.school();
        let existing = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        let before = keys(server.installation());
        let with_id = |id: &str| {
            let mut body = new_pupil("Daan");
            body["id"] = json!(id);
            school.admin.post("/v1/pupils", &body)
        };
        for reserved in [Uuid::nil(), Uuid::max()] {
            let refused = with_id(&reserved.to_string()).expect(400).problem("invalid-input").json();
            assert_eq!(refused["errors"][0]["pointer"], "/id");
            assert_eq!(refused["errors"][0]["code"], "reserved-id");
        }
        for taken in [&school.id, &school.admin_id] {
            assert_eq!(with_id(taken).expect(409).json()["code"], "id-in-use");
        }
        with_id(&existing).expect(409);
        assert_eq!(keys(server.installation()), before);
        assert_eq!(school.admin.get(&format!("/v1/pupils/{existing}")).expect(200).json()["firstName"], "Noor");

        // What another school uses is not told of: the same id is free here, under a key of its own.
        let other = server.school();
        let mut body = new_pupil("Fien");
        body["id"] = json!(existing);
        other.admin.post("/v1/pupils", &body).expect(201);
        assert_eq!(school.admin.get(&format!("/v1/pupils/{existing}")).expect(200).json()["firstName"], "Noor");
        assert_eq!(keys(server.installation()) - before, 3);
    }

    fn whatever_a_client_gives_an_id_it_has_none_that_stands_for_nothing(server: Server) {
        let class = server.class();
        let before = keys(server.installation());
        let [nil, greatest] = [Uuid::nil(), Uuid::max()].map(|id| id.to_string());
        for id in [&nil, &greatest] {
            for (client, path, mut body) in entered(&class, &class.pupil, &class.group) {
                body["id"] = json!(id);
                client.post(&path, &body).refuses(&[("/id", "reserved-id")]);
            }
        }
        // What has no key of its own may have the id of what has one: it shares no key with it.
        for taken in [&class.school.id, &class.school.admin_id, &class.pupil] {
            let [child, group] = [class.child("Daan", "2022-03-14"), class.school.group("De Vlinders")];
            let with_own_key = keys(server.installation());
            for (client, path, mut body) in entered(&class, &child, &group) {
                body["id"] = json!(taken);
                assert_eq!(client.post(&path, &body).expect(201).json()["id"], **taken);
            }
            assert_eq!(keys(server.installation()), with_own_key);
        }
        assert_eq!(keys(server.installation()), before + 3);
        server.restart();
        let admin = server.anyone().with_token(class.school.admin.token());
        assert_eq!(admin.get(&format!("/v1/pupils/{}", class.pupil)).expect(200).json()["firstName"], "Noor");
        admin.get(&format!("/v1/users/{}", class.school.admin_id)).expect(200);
        admin.get("/v1/groups").expect(200);
    }

    fn a_hundred_refusals_leave_no_key(server: Server) {
        let school = server.school();
        let before = keys(server.installation());
        let mut body = new_pupil("Noor");
        body["groupId"] = json!("01999999-0000-7000-8000-00000000ffff");
        for _ in 0..100 {
            school.admin.post("/v1/pupils", &body).expect(400);
        }
        assert_eq!(keys(server.installation()), before);

        let mut user = school.new_user(Function::Teacher, &[]);
        user["email"] = json!("iemand@elders.example");
        school.admin.post("/v1/users", &user).expect(400);
        assert_eq!(keys(server.installation()), before);

        // Sent again with the same key, it makes one key.
        for _ in 0..3 {
            school.admin.post_once("/v1/pupils", &new_pupil("Daan"), "een-keer").expect(201);
        }
        assert_eq!(keys(server.installation()), before + 1);
    }

    fn a_key_that_a_crash_left_is_swept_up_and_no_other(server: Server) {
        let school = server.school();
        let kept = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        let before = keys(server.installation());
        let institution = InstitutionId::from_uuid(uuid(&school.id));
        let clock = &server.clock;
        let installation = server.installation();
        let sweep = || installation.with_store(clock, async |store| {
            store.sweep_keys(store.environment().now()).await.unwrap()
        });
        installation.with_store(clock, async |store| {
            let id = PupilId::from_uuid(store.environment().uuid());
            store.keys().create_subjects(institution, vec![pupil(id)]).await.unwrap();
            let founded = InstitutionId::from_uuid(store.environment().uuid());
            store.keys().create_institution(founded).await.unwrap();
        });
        assert_eq!(keys(installation), before + 2);
        assert_eq!(sweep(), 0, "they may be in use in a moment");
        clock.advance(SignedDuration::from_mins(61));
        // The service sweeps too, and one of the two takes each away.
        assert!(sweep() <= 2);
        wait_until(|| keys(installation) == before);
        assert_eq!(sweep(), 0);
        let anew = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        anew.get(&format!("/v1/pupils/{kept}")).expect(200);
    }

    /// Two changes may enter the same owner: the one that is refused leaves the other one its key.
    fn a_change_that_is_refused_takes_no_key_that_it_did_not_make(server: Server) {
        let school = server.school();
        let institution = InstitutionId::from_uuid(uuid(&school.id));
        let installation = server.installation();
        installation.with_store(&server.clock, async |store| {
            let [others, own] = [(); 2].map(|()| pupil(PupilId::from_uuid(store.environment().uuid())));
            store.keys().create_subjects(institution, vec![others]).await.unwrap();
            let before = keys(installation);
            let platform = store.platform(context(store, "importInstitution", ProcessingActivity::OperateService));
            let entering = platform.entering(institution, vec![others, own]);
            let refused = entering.write(|_| Err::<(), _>(Error::NotFound)).await;
            assert!(matches!(refused, Err(Error::NotFound)));
            assert_eq!(keys(installation), before);
            assert!(store.keys().of(institution, others).is_ok());
        });
    }

    fn a_destroyed_key_leaves_a_tombstone_and_no_bytes(server: Server) {
        let school = server.school();
        let [noor, daan] = ["Noor", "Daan"].map(|name| {
            school.admin.post_once("/v1/pupils", &new_pupil(name), name).expect(201).id()
        });
        let installation = server.installation();
        let of_noor = "SELECT wrapped FROM subject_key WHERE subject_id = $1";
        let row: Wrapped = sql_query(of_noor)
            .bind::<Binary, _>(uuid(&noor).as_bytes().to_vec())
            .get_result(&mut installation.raw_keys())
            .unwrap();
        let (institution, owner) = (InstitutionId::from_uuid(uuid(&school.id)), pupil(PupilId::from_uuid(uuid(&noor))));
        installation.with_store(&server.clock, async |store| {
            // It is open in memory, and no longer as soon as it is destroyed.
            store.keys().of(institution, owner).unwrap();
            store.keys().destroy(institution, owner).await.unwrap();
            assert!(matches!(store.keys().of(institution, owner), Err(Error::Destroyed)));
            assert!(matches!(store.keys().destroy(institution, owner).await, Err(Error::NotFound)));
            let again = store.keys().create_subjects(institution, vec![owner]).await;
            assert!(matches!(again, Err(Error::Conflict(refusal)) if refusal.code == "id-in-use"));
        });
        assert_eq!(
            count(installation, "SELECT count(*) AS count FROM subject_key WHERE destroyed_at IS NOT NULL"),
            1
        );
        if installation.database() == Database::Sqlite {
            for file in fs::read_dir(installation.folder()).unwrap().map(|entry| entry.unwrap().path()) {
                let bytes = if file.is_file() { fs::read(&file).unwrap() } else { Vec::new() };
                let found = bytes.windows(row.wrapped.len()).any(|window| window == row.wrapped);
                assert!(!found, "{} still holds the key", file.display());
            }
        }
        server.restart();
        let admin = server.anyone().with_token(school.admin.token());
        admin.get(&format!("/v1/pupils/{noor}")).expect(404);
        admin.post_once("/v1/pupils", &new_pupil("Noor"), "Noor").expect(404).problem("not-found");
        admin.get(&format!("/v1/pupils/{daan}")).expect(200);
        let mut again = new_pupil("Noor");
        again["id"] = json!(noor);
        admin.post("/v1/pupils", &again).expect(409);
    }

    fn institutions_keys_are_rotated_while_children_are_entered(server: Server) {
        let school = server.school();
        let first = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        let institution = InstitutionId::from_uuid(uuid(&school.id));
        let (installation, clock) = (server.installation(), &server.clock);
        let entered = thread::scope(|scope| {
            let rotating = scope.spawn(|| {
                installation.with_store(clock, async |store| {
                    let mut rewrapped = 0;
                    for _ in 0..5 {
                        rewrapped += store.keys().rotate_institution(institution).await.unwrap();
                    }
                    rewrapped
                })
            });
            let entering: Vec<_> = (0..3)
                .map(|_| {
                    let admin = &school.admin;
                    scope.spawn(move || {
                        let enter = |_| admin.post("/v1/pupils", &new_pupil("Daan")).expect(201).id();
                        (0..15).map(enter).collect::<Vec<_>>()
                    })
                })
                .collect();
            assert!(rotating.join().unwrap() >= 10);
            entering.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        let versions = "SELECT version FROM institution_key WHERE institution_id = $1";
        let versions: Vec<Parent> = sql_query(versions)
            .bind::<Binary, _>(institution.as_bytes().to_vec())
            .load(&mut installation.raw_keys())
            .unwrap();
        assert!(versions.iter().any(|parent| parent.version == 6), "the newest is there");
        // A service that has no key open reads everything.
        server.restart();
        let admin = server.anyone().with_token(school.admin.token());
        for id in entered.iter().chain([&first]) {
            admin.get(&format!("/v1/pupils/{id}")).expect(200);
        }
        let rewrapped = server.installation().with_store(&server.clock, async |store| {
            store.keys().rotate_institution(institution).await.unwrap()
        });
        assert!(rewrapped >= entered.len());
        let left = sql_query("SELECT version FROM institution_key WHERE institution_id = $1")
            .bind::<Binary, _>(institution.as_bytes().to_vec())
            .load::<Parent>(&mut server.installation().raw_keys())
            .unwrap();
        assert_eq!(left.into_iter().map(|parent| parent.version).collect::<Vec<_>>(), [7], "older ones wrap nothing");
    }

    fn a_new_root_key_wraps_everything_while_the_server_goes_on(server: Server) {
        let school = server.school();
        let pupil = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        let settings = server.installation().settings();
        let environment = groeilijn_api::runtime::environment_with(std::sync::Arc::new(server.clock.clone()));
        let file = &settings.keys.root_key_file;
        let root = groeilijn_persistence::keys::RootKeyFile::open(file, environment.clone()).unwrap();
        groeilijn_persistence::keys::RootKey::add(&root).unwrap();
        let options = groeilijn_api::server::store_options(&settings).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let rewrapped =
            runtime.block_on(groeilijn_persistence::Store::rotate_keys(&options, std::sync::Arc::new(root), &environment)).unwrap();
        assert!(rewrapped > 0);
        assert_eq!(fs::read_to_string(file).unwrap().lines().count(), 1);
        // One that was started before reads the file again when it meets the new key.
        let other = server.school();
        let theirs = other.admin.post("/v1/pupils", &new_pupil("Daan")).expect(201).id();
        school.admin.get(&format!("/v1/pupils/{pupil}")).expect(200);
        server.restart();
        server.anyone().with_token(school.admin.token()).get(&format!("/v1/pupils/{pupil}")).expect(200);
        server.anyone().with_token(other.admin.token()).get(&format!("/v1/pupils/{theirs}")).expect(200);
    }

    fn an_operator_rotates_keys_and_sees_how_they_stand(installation: Installation) {
        let told = |arguments: &[&str]| {
            let output = run(installation, arguments);
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let root_of = |status: &str| {
            let lines: Vec<_> = status.lines().filter(|line| line.starts_with("root key ")).collect();
            assert_eq!(lines.len(), 1, "{status}");
            assert!(!status.contains("MISSING"), "{status}");
            lines[0].split(' ').nth(2).unwrap().to_owned()
        };
        let before = told(&["keys", "status"]);
        for line in [
            "system key login-index: 1 in use",
            "system key token-signing: 1 in use",
            "institution key version 1: ",
            "staff key under institution key version 1: ",
        ] {
            assert!(before.contains(line), "{line}: {before}");
        }
        assert!(told(&["keys", "rotate", "root"]).contains("keys rotate institutions"));
        assert_eq!(root_of(&told(&["keys", "status"])), root_of(&before));
        assert!(told(&["keys", "rotate", "institutions"]).contains("keys were wrapped anew"));
        told(&["keys", "rotate", "signing"]);
        let after = told(&["keys", "status"]);
        assert_ne!(root_of(&after), root_of(&before));
        for line in ["institution key version 2: ", "staff key under institution key version 2: "] {
            assert!(after.contains(line), "{line}: {after}");
        }
        assert!(!after.contains("institution key version 1:"), "{after}");
        assert!(after.contains("system key token-signing: 2 in use"), "{after}");
    }

    fn c074_a_root_key_that_is_handed_over_as_a_credential_serves(installation: Installation) {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(installation.settings().keys.root_key_file, folder.path().join("root")).unwrap();
        let with = |name: &str, arguments: &[&str]| {
            let mut command = command(installation, arguments);
            command.env("GROEILIJN_KEYS__ROOT_KEY_CREDENTIAL", name).env("CREDENTIALS_DIRECTORY", folder.path());
            command.env("GROEILIJN_KEYS__ROOT_KEY_FILE", folder.path().join("nowhere"));
            command.output().unwrap()
        };
        let status = with("root", &["keys", "status"]);
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
        assert!(with("root", &["init"]).status.success());
        let refused = |name: &str, arguments: &[&str], why: &str| {
            let output = with(name, arguments);
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success() && told.contains(why), "{told}");
        };
        refused("root", &["keys", "rotate", "root"], "keys.root_key_credential: ");
        refused("root", &["keys", "rotate", "root"], "the service manager hands it over: add a line");
        refused("absent", &["keys", "status"], "LoadCredential");
        refused("../root", &["keys", "status"], "keys.root_key_credential");
    }

    fn the_login_index_is_rotated_while_people_log_in(server: Server) {
        let school = server.school();
        let before = school.member(Function::Teacher, &[]);
        let rotate = |server: &Server| {
            server.installation().with_store(&server.clock, async |store| store.rotate_login_index().await.unwrap())
        };
        let index = |server: &Server| -> Vec<EmailIndex> {
            sql_query("SELECT email_index, next_email_index FROM account ORDER BY id")
                .load(&mut server.raw_data())
                .unwrap()
        };
        let old = index(server);
        assert_eq!(rotate(server), IndexRotation::KeyMade);
        assert_eq!(index(server), old);
        // This process knows the new key not yet, and goes on.
        let unknowing = school.member(Function::Teacher, &[]);
        server.restart();
        let again = |member: &Member| server.anyone().try_log_in(&member.email, PASSWORD).expect(201);
        again(&before);
        again(&unknowing);
        let accounts = index(server).len();
        assert_eq!(rotate(server), IndexRotation::Done { accounts, unreadable: 0 });
        // Of three processes one still has both keys, and one only the new one.
        again(&before);
        let after = index(server);
        assert!(after.iter().all(|row| row.next_email_index.is_none() && !old.contains(row)));
        server.restart();
        for member in [&before, &unknowing] {
            server.anyone().try_log_in(&member.email, PASSWORD).expect(201);
        }
        let path = "/v1/users";
        let admin = server.anyone().with_token(school.admin.token());
        let mut twice = school.new_user(Function::Teacher, &[]);
        twice["email"] = json!(before.email);
        assert_eq!(admin.post(path, &twice).expect(409).problem("conflict").code(), "already-a-user");
    }
}
