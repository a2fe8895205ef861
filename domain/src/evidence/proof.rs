//! The tests that prove each clause: those that carry its number in their name or in the comment above them.
//!
//! The list is made from the sources of the tests, and a test holds it against them.

use super::clause::ClauseId;

/// A line for each clause of a test: the number, the file and the name of the test.
const LIST: &str = include_str!("proofs.txt");

/// Where the tests over HTTP are.
const OVER_HTTP: &str = "tests/tests/api/";

/// A test that proves a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The file that it stands in, from the root of the project.
    pub file: &'static str,
    /// The name of the test.
    pub name: &'static str,
}

impl Proof {
    /// Whether it asks a running service over HTTP, as a client does.
    pub fn is_over_http(&self) -> bool {
        self.file.starts_with(OVER_HTTP)
    }
}

/// The tests that prove a clause: those over HTTP and the others.
pub fn proofs(id: ClauseId) -> impl Iterator<Item = Proof> {
    lines().filter(move |(number, _)| *number == id).map(|(_, proof)| proof)
}

/// Every line of the list.
fn lines() -> impl Iterator<Item = (ClauseId, Proof)> {
    LIST.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let id = ClauseId::parse(words.next()?).ok()?;
        Some((id, Proof { file: words.next()?, name: words.next()? }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_its_clause_is_there() {
        assert_eq!(lines().count(), LIST.lines().count());
        assert!(lines().all(|(id, _)| crate::evidence::clauses::find(id).is_some()));
    }

    #[test]
    fn a_test_over_http_is_known_by_its_file() {
        let blocked = proofs(ClauseId::from_number(60)).filter(Proof::is_over_http);
        assert!(blocked.count() > 3);
    }
}
