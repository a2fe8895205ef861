//! Installing, migrating and starting: what is missing or not to be trusted is refused by the setting's name.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::migrations::Schema;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::{PASSWORD, PLATFORM_ADMINISTRATOR};
use groeilijn_tests::framework::SHIPPED;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::set_password;
use groeilijn_tests::{Authenticator, Database, Installation, both_databases, twice_at_once};

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
             SELECT concat_ws(' ', tablename, policyname, qual) FROM pg_policies UNION ALL \
             SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL \
             SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY row"
        }
    };
    sql_query(query).load(connection).unwrap()
}

fn root_key(installation: &Installation) -> Vec<u8> {
    fs::read(installation.settings().keys.root_key_file).unwrap()
}

fn mode(installation: &Installation) -> u32 {
    fs::metadata(installation.settings().keys.root_key_file).unwrap().permissions().mode()
}

both_databases! {
    fn init_makes_what_is_needed_and_a_second_one_keeps_it(installation: Installation) {
        let installation = &Installation::bare(installation.database()).unwrap();
        let statement = installation.folder().join("statement.pdf");
        fs::write(&statement, "Verzonnen geheimhoudingsverklaring").unwrap();
        let arguments = [
            "init", "--platform-administrator", PLATFORM_ADMINISTRATOR, "--first-name", "Priem", "--last-name",
            "Platform", "--statement", statement.to_str().unwrap(), "--signed-on", "2026-11-01",
        ];
        let first = run(installation, &arguments);
        assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
        let (root, made) = (root_key(installation), keys(installation));
        assert!(!made.is_empty());
        assert_eq!(mode(installation) & 0o777, 0o600);

        let program = Program::serve(installation);
        set_password(&program.anyone(), PLATFORM_ADMINISTRATOR);
        let administrator = program.anyone().log_in(PLATFORM_ADMINISTRATOR, PASSWORD);
        let app = Authenticator::bind(&administrator);
        assert_eq!(administrator.list("/v1/frameworks").len(), SHIPPED);
        program.kill();

        assert!(run(installation, &["init"]).status.success());
        assert_eq!((root_key(installation), keys(installation)), (root, made));
        let taken = refusal(run(installation, &arguments));
        assert!(taken.contains("address"), "{taken}");
        let program = Program::serve(installation);
        let anyone = program.anyone();
        let tokens = anyone.try_log_in_with_code(PLATFORM_ADMINISTRATOR, PASSWORD, &app.code_in(30)).expect(201).json();
        assert_eq!(anyone.with_token(&text(&tokens["accessToken"])).list("/v1/frameworks").len(), SHIPPED);
    }

    fn what_is_missing_is_told_by_the_settings_name_and_not_made(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let refused = refusal(run(&bare, &["serve"]));
        assert!(refused.contains("keys.root_key_file"), "{refused}");
        assert_eq!(fs::read_dir(bare.folder()).unwrap().count(), 0);
        for (setting, variable) in
            [("database.url", "GROEILIJN_DATABASE__URL"), ("keys.url", "GROEILIJN_KEYS__URL")]
        {
            let nowhere = match installation.database() {
                Database::Sqlite => "sqlite://nergens/leeg.sqlite",
                Database::Postgres => "postgres:///leeg?host=/nergens",
            };
            let refused = refusal(command(installation, &["serve"]).env(variable, nowhere).output().unwrap());
            assert!(refused.contains(setting), "{refused}");
            assert!(!installation.folder().join("nergens").exists());
        }
        let settings = bare.settings();
        let empty = command(installation, &["serve"]).env("GROEILIJN_DATABASE__URL", settings.database.url).output();
        let refused = refusal(empty.unwrap());
        assert!(refused.contains("groeilijn init") || refused.contains("groeilijn migrate"), "{refused}");
    }

    fn a_wrong_setting_is_told_by_its_name_without_its_value(installation: Installation) {
        for (variable, value, setting) in [
            ("GROEILIJN_HTTP__PORT", "geheim", "http.port"),
            ("GROEILIJN_DATABASE__URL", "mysql://geheim", "database.url"),
            ("GROEILIJN_LIMITS__REQUEST_SECONDS", "0", "limits.request_seconds"),
            ("GROEILIJN_PASSWORD__ARGON2_MEMORY_KIB", "8", "password.argon2_memory_kib"),
            ("GROEILIJN_COLOUR", "geheim", "colour"),
        ] {
            let refused = refusal(command(installation, &["serve"]).env(variable, value).output().unwrap());
            assert!(refused.contains(setting), "{refused}");
            assert!(!refused.contains("geheim"), "{refused}");
        }
    }

    fn a_root_key_that_others_may_read_is_refused_by_its_settings_name(installation: Installation) {
        let path = installation.settings().keys.root_key_file;
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = refusal(run(installation, &["serve"]));
            assert!(refused.contains("keys.root_key_file"), "{refused}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "00".repeat(32)).unwrap();
        let refused = refusal(run(installation, &["serve"]));
        assert!(!refused.contains("00000000"), "{refused}");
    }

    fn nothing_is_made_or_migrated_beside_a_server_on_sqlite(installation: Installation) {
        let program = Program::serve(installation);
        for arguments in [&["init"][..], &["migrate"], &["demo"]] {
            let output = run(installation, arguments);
            if installation.database() == Database::Sqlite {
                let refused = refusal(output);
                assert!(refused.contains("keys.url") && refused.contains("stop it first"), "{refused}");
            } else {
                // The demo goes into an empty installation only, and this one is empty.
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            }
        }
        program.kill();
        assert!(run(installation, &["migrate"]).status.success());
    }

    fn a_program_refuses_databases_that_a_newer_one_migrated(installation: Installation) {
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
        for mut database in installation.owned() {
            sql_query(newer).execute(&mut database).unwrap();
            for arguments in ["serve", "migrate", "init"] {
                let refused = refusal(run(installation, &[arguments]));
                assert!(refused.contains("99990101000000") && refused.contains("newer version"), "{refused}");
            }
            let gone = "DELETE FROM __diesel_schema_migrations WHERE version = '99990101000000'";
            sql_query(gone).execute(&mut database).unwrap();
        }
        drop(Program::serve(installation));
    }

    fn two_that_migrate_at_once_do_it_one_after_the_other(installation: Installation) {
        if installation.database() == Database::Sqlite {
            return;
        }
        let bare = Installation::bare(Database::Postgres).unwrap();
        let [one, other] = twice_at_once(|| run(&bare, &["migrate"]));
        let said = |output: Output| {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let said = [said(one), said(other)];
        // Each of the two databases was migrated by one of them.
        let lines = said.iter().flat_map(|said| said.lines()).filter(|line| line.starts_with("ran "));
        let done: Vec<_> = lines.collect();
        let migrations = done.iter().collect::<BTreeSet<_>>().len();
        assert!(migrations > 0 && done.len() >= migrations, "{said:?}");
        assert!(run(&bare, &["migrate"]).status.success());
    }

    fn a_server_on_another_computer_has_to_prove_itself(installation: Installation) {
        for (variable, setting) in [("GROEILIJN_DATABASE__URL", "database.url"), ("GROEILIJN_KEYS__URL", "keys.url")] {
            let open = "postgres://groeilijn:geheim@db.example/data?sslmode=require";
            let refused = refusal(command(installation, &["serve"]).env(variable, open).output().unwrap());
            assert!(refused.contains(setting) && refused.contains("sslmode=verify-full"), "{refused}");
            assert!(!refused.contains("geheim"), "{refused}");
        }
    }

    fn migrations_can_be_taken_back_and_run_again(installation: Installation) {
        let done = run(installation, &["migrate"]);
        assert!(String::from_utf8(done.stdout).unwrap().contains("0 migrations were run"));
        let database = installation.database();
        for (schema, mut connection) in [Schema::Data, Schema::Keys].into_iter().zip(installation.owned()) {
            let made = shape(database, &mut connection);
            let migrations = schema.revert(&mut connection).unwrap();
            assert!(migrations > 0 && shape(database, &mut connection).len() < 10);
            assert_eq!(schema.pending(&mut connection).unwrap().len(), migrations);
            assert_eq!(schema.migrate(&mut connection).unwrap().len(), migrations);
            assert!(schema.migrate(&mut connection).unwrap().is_empty());
            assert_eq!(shape(database, &mut connection), made);
        }
    }
}
