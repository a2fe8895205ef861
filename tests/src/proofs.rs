//! Which tests prove which clauses: collected from the sources, as the API tells it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where tests are, from the root of the project.
const FOLDERS: [&str; 7] =
    ["api/src", "domain/src", "mail/src", "persistence", "tests/tests", "vault/src", "webhook/src"];

/// A line for each clause of each test, in order: the clause, the file and the name of the test.
pub fn collect() -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        sources(&root().join(folder), &mut files);
    }
    let mut lines = BTreeSet::new();
    for file in files {
        let place = file.strip_prefix(root()).unwrap().display().to_string();
        for (clause, test) in tests(&fs::read_to_string(&file).unwrap()) {
            lines.insert(format!("{clause} {place} {test}"));
        }
    }
    lines
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The tests of a source with the clauses that each carries, in its name or in the comment directly above it.
fn tests(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut comment, mut is_marked) = (String::new(), false);
    for line in source.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            comment.push_str(text);
            continue;
        }
        if line.starts_with("#[") {
            is_marked |= line.ends_with("test]");
            continue;
        }
        if let Some(name) = function(line).filter(|_| is_marked || is_on_both_databases(line)) {
            let named = name.split('_').filter(|word| word.starts_with('c')).map(str::to_uppercase);
            let told = comment.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_owned);
            let clauses: BTreeSet<_> = named.chain(told).filter(|word| is_clause(word)).collect();
            found.extend(clauses.into_iter().map(|clause| (clause, name.to_owned())));
        }
        (comment, is_marked) = (String::new(), false);
    }
    found
}

/// The name of the function that begins in a line.
fn function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

/// Whether a line begins a test that `both_databases!` makes two of.
fn is_on_both_databases(line: &str) -> bool {
    [": Server) {", ": Installation) {"].iter().any(|end| line.ends_with(end))
}

/// Whether a word is the number of a clause.
fn is_clause(word: &str) -> bool {
    let digits = word.strip_prefix('C').unwrap_or_default();
    digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::tests;

    #[test]
    fn a_test_is_known_by_what_makes_it_one() {
        let source = "
            /// C007 is of a helper.
            fn helper(server: &Server) {}
            both_databases! {
                /// The third one blocks (C060, C079).
                fn c001_it_is_blocked(server: Server) {
                    let comment = 0;
                }
            }
            /// C008 is of what is between.
            const BETWEEN: u8 = 0;
            #[test]
            fn c009_a_plain_one() {}
            fn c010_no_test() {}
        ";
        let found = tests(source);
        let found: Vec<_> = found.iter().map(|(clause, test)| (clause.as_str(), test.as_str())).collect();
        let blocked = ["C001", "C060", "C079"].map(|clause| (clause, "c001_it_is_blocked"));
        assert_eq!(found, [&blocked[..], &[("C009", "c009_a_plain_one")]].concat());
    }
}
