//! The tables as diesel is told of them, held against those that the migrations make.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::{Database, both_databases};

/// `TYPE` or `TYPE?` by table and column.
type Columns = BTreeMap<(String, String), String>;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    nullable: String,
}

/// The columns that the migrations made.
fn made(database: Database, connection: &mut AnyConnection) -> Columns {
    let query = match database {
        Database::Sqlite => {
            "SELECT t.name AS table_name, c.name AS column_name, c.type AS kind, \
             CASE WHEN c.\"notnull\" THEN '' ELSE '?' END AS nullable \
             FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '__diesel%'"
        }
        Database::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text AS kind, \
             CASE WHEN is_nullable = 'YES' THEN '?' ELSE '' END AS nullable \
             FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) \
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_\\_diesel%'"
        }
    };
    let columns: Vec<Column> = sql_query(query).load(connection).unwrap();
    columns
        .into_iter()
        .map(|column| {
            let kind = column.kind.to_uppercase() + &column.nullable;
            ((column.table_name, column.column_name), kind)
        })
        .collect()
}

/// The files that tell diesel of tables.
fn schema_files() -> Vec<PathBuf> {
    let persistence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../persistence");
    let areas = fs::read_dir(persistence.join("src")).unwrap().map(|entry| entry.unwrap().path());
    let files = areas.chain([persistence.join("engine/src")]).map(|folder| folder.join("schema.rs"));
    files.filter(|file| file.exists()).collect()
}

/// The types of columns that are ids: those that `id_columns!` and `bytes_column!` declare.
fn ids() -> HashSet<String> {
    let columns = Path::new(env!("CARGO_MANIFEST_DIR")).join("../persistence/engine/src/columns.rs");
    let texts = schema_files().into_iter().chain([columns]).map(|file| fs::read_to_string(file).unwrap());
    let text = texts.collect::<String>();
    let lists = text.split("\nid_columns! {").skip(1).filter_map(|rest| rest.split_once('}'));
    let single = text.split("\nbytes_column!(").skip(1).filter_map(|rest| rest.split_once(','));
    lists.chain(single).flat_map(|(names, _)| names.split_whitespace()).map(str::to_owned).collect()
}

/// What a column's type is stored as. A type of our own is an id, a moment, or something that has a text form; see
/// `persistence/engine/src/columns.rs`.
fn stored(database: Database, ids: &HashSet<String>, diesel_type: &str) -> &'static str {
    let is_bytes = diesel_type == "Binary" || ids.contains(diesel_type);
    match (database, diesel_type) {
        (Database::Sqlite, _) if is_bytes => "BLOB",
        (Database::Postgres, _) if is_bytes => "BYTEA",
        (Database::Sqlite, "Integer" | "BigInt" | "Moment") => "INTEGER",
        (Database::Postgres, "Integer") => "INTEGER",
        (Database::Postgres, "BigInt" | "Moment") => "BIGINT",
        _ => "TEXT",
    }
}

/// The name and the type in a line such as `id -> PupilId,`.
fn column_of(line: &str) -> Option<(&str, &str)> {
    let (name, diesel_type) = line.split_once(" -> ")?;
    let diesel_type = diesel_type.strip_suffix(',')?;
    let is_word = |text: &str| text.chars().all(|letter| letter.is_alphanumeric() || "_<>".contains(letter));
    (is_word(name) && is_word(diesel_type)).then_some((name, diesel_type))
}

/// The columns that diesel is told of, read from the `table!` declarations.
fn declared(database: Database) -> Columns {
    let (ids, mut columns) = (ids(), Columns::new());
    for file in schema_files() {
        let mut table = None;
        for line in fs::read_to_string(file).unwrap().lines().map(str::trim) {
            if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
                table = Some(name.to_owned());
            } else if let Some((column, diesel_type)) = column_of(line) {
                let inner = diesel_type.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>'));
                let kind = stored(database, &ids, inner.unwrap_or(diesel_type)).to_owned();
                let kind = if inner.is_some() { kind + "?" } else { kind };
                columns.insert((table.clone().unwrap(), column.to_owned()), kind);
            }
        }
    }
    columns
}

both_databases! {
    fn the_tables_of_diesel_are_those_of_the_migrations(installation: Installation) {
        let database = installation.database();
        let mut made = made(database, &mut installation.raw_data());
        made.extend(self::made(database, &mut installation.raw_keys()));
        let declared = declared(database);
        assert!(declared.len() > 200, "{} columns were found", declared.len());
        let differ = |one: &Columns, other: &Columns| -> Vec<String> {
            let missing = one.iter().filter(|(column, kind)| other.get(*column) != Some(kind));
            missing.map(|((table, column), kind)| format!("{table}.{column} {kind}")).collect()
        };
        assert_eq!(differ(&declared, &made), Vec::<String>::new(), "declared and not made so");
        assert_eq!(differ(&made, &declared), Vec::<String>::new(), "made and not declared so");
    }
}
