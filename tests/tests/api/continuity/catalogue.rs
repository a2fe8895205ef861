//! What an export holds, held against the tables that there are.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use groeilijn_persistence::continuity::catalogue::{CATALOGUE, NOT_EXPORTED, WITH_OTHERS};
use groeilijn_persistence::continuity::resource::Fate;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::{Database, both_databases};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
}

/// The tables of a joined resource, by the letter that its columns are named with.
fn joined(text: &str) -> BTreeMap<String, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .windows(4)
        .filter(|words| words[0] == "JOIN" && words[2] == "AS")
        .map(|words| (words[3].to_owned(), words[1].to_owned()))
        .collect()
}

/// The rows of the tables in a document, without the marks.
fn rows(document: &str) -> BTreeSet<Vec<String>> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(|cell| cell.trim_matches('`').to_owned()).collect()).collect()
}

#[test]
fn c080_the_document_tells_of_every_kind_and_of_every_table_that_is_left_out() {
    let document = rows(include_str!("../../../../docs/continuity.md"));
    for resource in CATALOGUE {
        let fate = match resource.fate {
            Fate::Enters => "entered".to_owned(),
            Fate::IsHere { .. } => "has to be there already, and lines refer to that one".to_owned(),
            Fate::Stays(why) => format!("stays: {why}"),
        };
        let row = vec![resource.name.to_owned(), resource.about.to_owned(), fate];
        assert!(document.contains(&row), "{row:?}");
    }
    for (table, why) in NOT_EXPORTED {
        let row = vec![(*table).to_owned(), (*why).to_owned()];
        assert!(document.contains(&row), "{row:?}");
    }
    let kinds = document
        .iter()
        .filter(|row| row.len() == 3)
        .filter(|row| ["entered", "has to be there", "stays: "].iter().any(|fate| row[2].starts_with(fate)));
    assert_eq!(kinds.count(), CATALOGUE.len());
}

both_databases! {
    /// Every column of every table is exported, or there is a reason that it is not: so none is forgotten.
    fn c080_every_column_is_exported_or_named_with_a_reason(installation: Installation) {
        let query = match installation.database() {
            Database::Sqlite => {
                "SELECT t.name AS table_name, c.name AS column_name FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND t.name NOT LIKE '!_!_diesel%' ESCAPE '!'"
            }
            Database::Postgres => {
                "SELECT table_name::text, column_name::text FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) \
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE '!_!_diesel%' ESCAPE '!'"
            }
        };
        let columns: Vec<Column> = sql_query(query).load(&mut installation.raw_data()).unwrap();
        let there: BTreeSet<(String, String)> =
            columns.into_iter().map(|column| (column.table_name, column.column_name)).collect();
        assert!(there.len() > 300, "{} columns were found", there.len());

        let mut told = BTreeSet::new();
        let mut tell = |table: &str, column: &str| {
            told.insert((table.to_owned(), column.to_owned()));
        };
        for resource in CATALOGUE {
            let others = joined(resource.joined);
            for member in resource.members {
                match member.column.split_once('.') {
                    Some((letter, column)) => tell(&others[letter], column),
                    None => tell(resource.table, member.column),
                }
            }
            for (column, why) in resource.without {
                assert!(!why.is_empty());
                tell(resource.table, column);
            }
        }
        for (table, columns) in WITH_OTHERS {
            for (column, why) in columns {
                assert!(!why.is_empty());
                tell(table, column);
            }
            // What it is joined by.
            tell(table, "institution_id");
            tell(table, "user_id");
        }
        let whole: BTreeMap<&str, &str> = NOT_EXPORTED.iter().copied().collect();
        assert_eq!(whole.len(), NOT_EXPORTED.len());
        let is_told = |(table, column): &&(String, String)| {
            whole.contains_key(table.as_str()) || told.contains(&(table.clone(), column.clone()))
        };
        let forgotten: Vec<_> = there.iter().filter(|column| !is_told(column)).collect();
        assert!(forgotten.is_empty(), "neither exported nor named with a reason: {forgotten:?}");
        let gone: Vec<_> = told.difference(&there).collect();
        assert!(gone.is_empty(), "named, and not there: {gone:?}");
        let both: Vec<_> = CATALOGUE.iter().filter(|resource| whole.contains_key(resource.table)).map(|resource| resource.table).collect();
        assert!(both.is_empty(), "exported and not: {both:?}");
    }
}
