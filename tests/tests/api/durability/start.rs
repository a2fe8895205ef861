//! Installing, migrating and starting: what is missing or not to be trusted is refused by the setting's name.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use groeilijn_persistence::database::{AnyConnection, Schema};
use groeilijn_tests::{Database, Installation, School, both_databases};

use crate::program::{Program, command, refusal, run};

#[derive(QueryableByName, PartialEq, Debug)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// Every key there is, wrapped as it is kept.
fn keys(installation: &Installation) -> Vec<Row> {
    let hex = match installation.database() {
        Database::Sqlite => "hex(wrapped)",
        Database::Postgres => "encode(wrapped, 'hex')",
    };
    let select = |table: &str| format!("SELECT {hex} AS row FROM {table}");
    let all = ["system_key", "institution_key", "subject_key"].map(select).join(" UNION ALL ");
    sql_query(format!("{all} ORDER BY row")).load(&mut installation.raw_keys()).unwrap()
}

/// What the tables and their columns are.
fn shape(database: Database, connection: &mut AnyConnection) -> Vec<Row> {
    let query = match database {
        Database::Sqlite => "SELECT coalesce(sql, name) AS row FROM sqlite_schema ORDER BY row",
        Database::Postgres => {
            "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable) AS row \
             FROM information_schema.columns WHERE table_schema = 'public' UNION ALL \
             SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL \
             SELECT concat_ws(' ', tablename, policyname, qual) FROM pg_policies ORDER BY row"
        }
    };
    sql_query(query).load(connection).unwrap()
}

fn root_key(installation: &Installation) -> Vec<u8> {
    fs::read(installation.settings().keys.root_key_file).unwrap()
}

fn on_bare_ground(database: Database, test: fn(&Installation)) {
    if let Some(installation) = Installation::bare(database) {
        test(&installation);
    }
}

fn init_makes_what_is_needed_and_a_second_one_keeps_it(installation: &Installation) {
    let arguments = ["init", "--platform-administrator", "beheer@groeilijn.example"];
    let first = run(installation, &arguments);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let (root, made) = (root_key(installation), keys(installation));
    assert!(!made.is_empty());
    let mode = fs::metadata(installation.settings().keys.root_key_file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let output = String::from_utf8(first.stdout).unwrap();
    let token = output.lines().last().unwrap();
    let program = Program::serve(installation);
    groeilijn_tests::school::set_password(&program.anyone(), &token.into());
    program.anyone().log_in("beheer@groeilijn.example", groeilijn_tests::installation::PASSWORD);
    program.kill();

    assert!(run(installation, &["init"]).status.success());
    assert_eq!((root_key(installation), keys(installation)), (root, made));
    let again = refusal(run(installation, &arguments));
    assert!(again.contains("address"), "{again}");
    let program = Program::serve(installation);
    let platform = program.anyone().log_in("beheer@groeilijn.example", groeilijn_tests::installation::PASSWORD);
    assert_eq!(platform.list("/v1/frameworks").len(), 2);
}

fn serving_what_was_not_installed_is_refused_by_the_settings_name(installation: &Installation) {
    let refused = refusal(run(installation, &["serve"]));
    assert!(refused.contains("keys.root_key_file"), "{refused}");
    let settings = installation.settings();
    fs::write(&settings.keys.root_key_file, "00".repeat(32)).unwrap();
    fs::set_permissions(&settings.keys.root_key_file, fs::Permissions::from_mode(0o600)).unwrap();
    let refused = refusal(run(installation, &["serve"]));
    assert!(refused.contains("keys.url") || refused.contains("database.url"), "{refused}");
    assert!(fs::read_dir(installation.folder()).unwrap().count() == 1, "it made a database of its own accord");
}

mod bare {
    use groeilijn_tests::Database;

    mod sqlite {
        #[test]
        fn init_makes_what_is_needed_and_a_second_one_keeps_it() {
            super::super::on_bare_ground(super::Database::Sqlite, super::super::init_makes_what_is_needed_and_a_second_one_keeps_it);
        }
    }
}
