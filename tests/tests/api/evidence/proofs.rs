//! The clauses of the contracts, held against the tests that prove them and against the list that they are from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use groeilijn_domain::evidence::clause::{ClauseKind, ClauseState};
use groeilijn_domain::evidence::clauses;
use groeilijn_tests::proofs::{collect, root};

/// The list of tests that the API tells, from the root of the project.
const LIST: &str = "domain/src/evidence/proofs.txt";

/// `UPDATE_PROOFS=1` writes the list anew.
#[test]
fn the_list_of_proofs_is_that_of_the_tests() {
    let collected: String = collect().into_iter().map(|line| line + "\n").collect();
    let path = root().join(LIST);
    if std::env::var_os("UPDATE_PROOFS").is_some() {
        fs::write(&path, &collected).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == collected,
        "{LIST} is not what the tests carry; write it anew with \
         UPDATE_PROOFS=1 cargo test -p groeilijn-tests --test api proofs"
    );
}

#[test]
fn a_clause_that_a_test_can_prove_has_one_over_http_or_is_open() {
    let proofs = collect();
    let has_one = |id: &str| proofs.iter().any(|line| line.starts_with(&format!("{id} tests/tests/api/")));
    let lacking: Vec<_> = clauses::all()
        .filter(|clause| clause.kind == ClauseKind::Test && clause.state != ClauseState::Open)
        .map(|clause| clause.id.to_string())
        .filter(|id| !has_one(id))
        .collect();
    assert!(lacking.is_empty(), "no test in tests/tests/api carries the number of {lacking:?}");
}

/// Where the list that the clauses are from lies beside the project, it is held against it.
#[test]
fn the_clauses_are_those_of_the_list_that_they_are_from() {
    let Ok(list) = fs::read_to_string(root().join("../shared/clauses.md")) else { return };
    let mut listed = BTreeMap::new();
    for line in list.split("**C").skip(1) {
        let (number, rest) = line.split_once("**").unwrap();
        let kind = rest.split('[').nth(1).and_then(|rest| rest.split(']').next());
        let kind = match kind {
            Some("T") => ClauseKind::Test,
            Some("E") => ClauseKind::Evidence,
            Some("O") => ClauseKind::Organisation,
            other => panic!("C{number}: {other:?}"),
        };
        listed.insert(format!("C{number}"), kind);
    }
    let known: BTreeMap<_, _> = clauses::all().map(|clause| (clause.id.to_string(), clause.kind)).collect();
    let all: BTreeSet<_> = listed.keys().chain(known.keys()).collect();
    let other: Vec<_> = all.into_iter().filter(|id| listed.get(*id) != known.get(*id)).collect();
    assert!(other.is_empty(), "{other:?}");
}
