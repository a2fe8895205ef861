//! The table of terms, held against both databases and against what the documentation says.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::retention::terms::{TABLE, TermRow};
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::{Database, both_databases};

const HEAD: &str = "| what | how long | after | because of | ended by |\n| --- | --- | --- | --- | --- |\n";

fn tables(database: Database, connection: &mut AnyConnection) -> BTreeSet<String> {
    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let query = match database {
        Database::Sqlite => {
            "SELECT name FROM sqlite_schema \
             WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '__diesel%'"
        }
        Database::Postgres => {
            "SELECT table_name::text AS name FROM information_schema.tables \
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_\\_diesel%'"
        }
    };
    let tables: Vec<Table> = sql_query(query).load(connection).unwrap();
    tables.into_iter().map(|table| table.name).collect()
}

both_databases! {
    fn c108_every_table_of_both_databases_has_a_term_and_no_other_has(installation: Installation) {
        let database = installation.database();
        let mut made = tables(database, &mut installation.raw_data());
        made.extend(tables(database, &mut installation.raw_keys()));
        let named: BTreeSet<_> = TABLE.iter().map(|row| row.table.to_owned()).collect();
        let without: Vec<_> = made.difference(&named).collect();
        assert!(without.is_empty(), "kept without a term, see domain/src/retention/terms/table.rs: {without:?}");
        let unknown: Vec<_> = named.difference(&made).collect();
        assert!(unknown.is_empty(), "a term of nothing: {unknown:?}");
    }
}

/// `UPDATE_TERMS=1` writes the table into the documentation.
#[test]
fn c108_the_documentation_has_the_table_of_terms() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/privacy.md");
    let text = fs::read_to_string(&path).unwrap();
    let rows: String = TABLE.iter().map(TermRow::describe).map(|row| row + "\n").collect();
    let (before, rest) = text.split_once(HEAD).unwrap();
    let behind = rest.find("\n\n").unwrap() + 1;
    let (documented, after) = rest.split_at(behind);
    if std::env::var_os("UPDATE_TERMS").is_some() {
        fs::write(&path, format!("{before}{HEAD}{rows}{after}")).unwrap();
        return;
    }
    assert_eq!(documented, rows, "UPDATE_TERMS=1 writes it");
    assert!(!text.contains("no end yet"));
}
