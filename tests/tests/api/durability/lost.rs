//! An installation of which a part is gone or another one: nothing is made in its place, and the operator is told what to
//! restore.

use std::fs;
use std::path::Path;

use groeilijn_persistence::database::dialect::has_table;
use groeilijn_tests::{Database, Installation, both_databases};

use crate::program::{Program, command, refusal, run};

const DATA: &str = "GROEILIJN_DATABASE__URL";
const KEYS: &str = "GROEILIJN_KEYS__URL";
const ROOT_KEY: &str = "GROEILIJN_KEYS__ROOT_KEY_FILE";

/// What the program says when it refuses a command with these settings over its own.
#[track_caller]
fn refused(installation: &Installation, argument: &str, settings: &[(&str, &str)]) -> String {
    let arguments: Vec<_> = argument.split(' ').collect();
    let mut command = command(installation, &arguments);
    refusal(command.envs(settings.iter().copied()).output().unwrap())
}

#[track_caller]
fn says(told: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| told.contains(part)), "{told}");
}

/// Where the program looks for an installation that was never made: as its owner for `init`, else as it serves.
fn elsewhere(bare: &Installation, argument: &str) -> [String; 2] {
    let settings = if argument == "init" { bare.owner_settings() } else { bare.settings() };
    [settings.database.url, settings.keys.url]
}

/// Whether anything was made in a database of an installation that is still to be made.
fn is_untouched(bare: &Installation) -> bool {
    match bare.database() {
        Database::Sqlite => fs::read_dir(bare.folder()).unwrap().count() == 0,
        Database::Postgres => bare
            .owned()
            .iter_mut()
            .all(|database| !has_table(database, "__diesel_schema_migrations").unwrap()),
    }
}

fn keep_and_remove(path: &Path) -> Vec<u8> {
    let kept = fs::read(path).unwrap();
    fs::remove_file(path).unwrap();
    kept
}

both_databases! {
    fn a_lost_key_store_is_never_made_anew_beside_its_data(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let [_, keys] = elsewhere(&bare, "init");
        let told = refused(installation, "init", &[(KEYS, &keys)]);
        says(&told, &["keys.url", "holds no keys", "restore the key store", "database.url"]);
        assert!(is_untouched(&bare));
        let [_, keys] = elsewhere(&bare, "serve");
        says(&refused(installation, "serve", &[(KEYS, &keys)]), &["keys.url", "restore it from a backup"]);
        drop(Program::serve(installation));
    }

    fn a_lost_root_key_is_never_made_anew_beside_its_keys(installation: Installation) {
        let path = installation.settings().keys.root_key_file;
        let kept = keep_and_remove(&path);
        for argument in ["init", "serve", "keys rotate institutions", "keys rotate root", "keys status"] {
            let told = refused(installation, argument, &[]);
            says(&told, &["keys.root_key_file", path.to_str().unwrap(), "safe"]);
            assert!(!path.exists());
        }
        fs::write(&path, format!("{}\n", "5f".repeat(32))).unwrap();
        set_private(&path);
        for argument in ["init", "serve", "keys rotate institutions", "keys status"] {
            let told = refused(installation, argument, &[]);
            says(&told, &["keys.root_key_file", path.to_str().unwrap(), "is not the root key of", "safe"]);
        }
        fs::write(&path, kept).unwrap();
        assert!(run(installation, &["init"]).status.success());
    }

    fn lost_data_are_never_begun_anew_beside_their_keys(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let [data, _] = elsewhere(&bare, "init");
        let told = refused(installation, "init", &[(DATA, &data)]);
        says(&told, &["database.url", "is empty", "restore the data", "keys.url"]);
        assert!(is_untouched(&bare));
    }

    fn the_keys_of_another_installation_are_not_served_with(installation: Installation) {
        let other = Installation::bare(installation.database()).unwrap();
        assert!(run(&other, &["init"]).status.success());
        for argument in ["serve", "init"] {
            let [_, keys] = elsewhere(&other, argument);
            let root = other.settings().keys.root_key_file;
            let told = refused(installation, argument, &[(KEYS, &keys), (ROOT_KEY, root.to_str().unwrap())]);
            says(&told, &["keys.url", "is not the key store of", "database.url", "restore"]);
        }
        drop(Program::serve(installation));
    }

    fn keys_that_do_not_know_the_accounts_are_not_served_with(installation: Installation) {
        // Nobody has asked anything yet, so nothing in the log tells whose keys they are.
        let [one, other] = [(); 2].map(|()| {
            let bare = Installation::bare(installation.database()).unwrap();
            assert!(run(&bare, &["init"]).status.success());
            assert!(run(&bare, &["demo", "--scale", "1x1x1"]).status.success());
            bare
        });
        for argument in ["serve", "init"] {
            let [_, keys] = elsewhere(&other, argument);
            let root = other.settings().keys.root_key_file;
            let told = refused(&one, argument, &[(KEYS, &keys), (ROOT_KEY, root.to_str().unwrap())]);
            says(&told, &["keys.url", "is not the key store of", "database.url", "restore"]);
        }
    }

    fn data_and_keys_never_share_a_database(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let [data, _] = elsewhere(&bare, "init");
        let told = refused(&bare, "init", &[(KEYS, &data)]);
        says(&told, &["database.url", "keys.url", "two databases"]);
        assert!(is_untouched(&bare));

        // The same place by another name.
        let by_another_name = match installation.database() {
            Database::Sqlite => data.replace("sqlite:///", "sqlite:///./"),
            Database::Postgres => format!("{data}&application_name=another"),
        };
        let told = refused(&bare, "init", &[(KEYS, &by_another_name)]);
        says(&told, &["database.url", "keys.url", "two databases"]);

        // Or once it is there.
        let [data, _] = elsewhere(installation, "serve");
        let told = refused(installation, "serve", &[(KEYS, &data)]);
        says(&told, &["database.url", "keys.url", "two databases"]);

        // And the two exchanged.
        let [data, keys] = elsewhere(installation, "serve");
        let told = refused(installation, "serve", &[(DATA, &keys), (KEYS, &data)]);
        says(&told, &["database.url", "keys.url", "two databases"]);
    }

    fn an_init_that_was_broken_off_goes_on(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let file = bare.folder().join("a-file");
        fs::write(&file, "").unwrap();
        let nowhere = file.join("root.key");
        let told = refused(&bare, "init", &[(ROOT_KEY, nowhere.to_str().unwrap())]);
        says(&told, &["keys.root_key_file", nowhere.to_str().unwrap()]);
        assert!(!is_untouched(&bare));
        assert!(run(&bare, &["init"]).status.success());
        drop(Program::serve(&bare));
    }

    fn a_place_that_cannot_be_written_is_told_with_its_setting(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let file = bare.folder().join("a-file");
        fs::write(&file, "").unwrap();
        let below = file.join("below");
        let below = below.to_str().unwrap();
        let database = format!("sqlite://{below}/database.sqlite");
        for (variable, setting) in [(DATA, "database.url"), (KEYS, "keys.url")] {
            let told = refused(&bare, "init", &[(variable, &database)]);
            says(&told, &[setting, below, "write there"]);
        }
        let told = refused(installation, "serve", &[("GROEILIJN_MAIL__FOLDER", below)]);
        says(&told, &["mail.folder", below, "write there"]);
    }

    fn a_server_that_is_down_is_told_with_its_address_and_without_its_password(installation: Installation) {
        let down = "postgres://fien:geheim@127.0.0.1:1/data";
        for (variable, setting) in [(DATA, "database.url"), (KEYS, "keys.url")] {
            let told = refused(installation, "serve", &[(variable, down)]);
            says(&told, &[setting, "postgres://fien@127.0.0.1:1/data", "see that PostgreSQL runs there"]);
            assert!(!told.contains("geheim") && told.lines().count() == 1, "{told}");
        }
    }

    fn a_mistake_in_the_settings_is_told_with_the_file_and_the_line(installation: Installation) {
        let path = installation.folder().join("own.toml");
        fs::write(&path, "[http]\nport = 80\n[database]\nurl = geheim\n").unwrap();
        let told = refusal(run(installation, &["--settings", path.to_str().unwrap(), "serve"]));
        says(&told, &[path.to_str().unwrap(), "line 4", "groeilijn settings"]);
        assert!(!told.contains("geheim"), "{told}");
    }

    fn the_log_tells_the_time_to_the_millisecond(installation: Installation) {
        let program = Program::serve(installation);
        // It answers, so it has heard by now how it is told to stop.
        program.anyone().get("/healthz").expect(200);
        program.ask_to_stop();
        let (_, log) = program.ended();
        let line = log.lines().find(|line| line.contains("stopping")).unwrap();
        let moment = line.split_whitespace().next().unwrap();
        assert_eq!(moment.len(), "2026-11-29T11:00:00.000Z".len(), "{line}");
        assert!(moment.parse::<jiff::Timestamp>().is_ok(), "{line}");
    }
}

fn set_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
