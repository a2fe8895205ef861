//! Which proofs a log gives: of trees that were signed, since nobody outside knows the root of another one.

use crate::values::refusal::{FieldRefusals, Refusal};

/// The size of the tree in which the entry `sequence` is proved to be: the one that is asked for, or else the newest that
/// was signed, which has `signed` entries.
///
/// # Errors
/// When no tree of that size was signed yet, or the entry is not in it.
pub fn tree_of_entry(sequence: u64, size: Option<u64>, signed: u64) -> Result<u64, FieldRefusals> {
    let size = signed_size("size", size, signed)?;
    if sequence < size {
        return Ok(size);
    }
    let detail = format!("must be less than {size}: the tree has that many entries, counted from 0");
    Err(FieldRefusals::one("sequence", Refusal::new("out-of-range", detail)))
}

/// The size of the tree that is proved to be a continuation of the one with `from` entries: the one that is asked for, or
/// else the newest that was signed, which has `signed` entries.
///
/// # Errors
/// When no tree of that size was signed yet, or it has fewer entries than the other.
pub fn continued_tree(from: u64, to: Option<u64>, signed: u64) -> Result<u64, FieldRefusals> {
    let to = signed_size("to", to, signed)?;
    if (1..=to).contains(&from) {
        return Ok(to);
    }
    let detail = format!("must be from 1 to {to}, the size of the later tree");
    Err(FieldRefusals::one("from", Refusal::new("out-of-range", detail)))
}

fn signed_size(field: &str, asked: Option<u64>, signed: u64) -> Result<u64, FieldRefusals> {
    let size = asked.unwrap_or(signed);
    if (1..=signed).contains(&size) {
        return Ok(size);
    }
    let detail = format!("must be from 1 to {signed}, the size of the newest checkpoint");
    Err(FieldRefusals::one(field, Refusal::new("out-of-range", detail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(outcome: Result<u64, FieldRefusals>) -> Vec<String> {
        outcome.err().into_iter().flatten().map(|(field, _)| field).collect()
    }

    #[test]
    fn c090_a_proof_is_of_a_tree_that_was_signed() {
        assert_eq!(tree_of_entry(0, None, 5).ok(), Some(5));
        assert_eq!(tree_of_entry(4, Some(5), 9).ok(), Some(5));
        assert_eq!(refused(tree_of_entry(5, Some(5), 9)), ["sequence"]);
        assert_eq!(refused(tree_of_entry(0, Some(0), 9)), ["size"]);
        assert_eq!(refused(tree_of_entry(0, Some(10), 9)), ["size"]);
        assert_eq!(continued_tree(1, None, 5).ok(), Some(5));
        assert_eq!(continued_tree(5, Some(5), 9).ok(), Some(5));
        assert_eq!(refused(continued_tree(6, Some(5), 9)), ["from"]);
        assert_eq!(refused(continued_tree(0, Some(5), 9)), ["from"]);
        assert_eq!(refused(continued_tree(1, Some(10), 9)), ["to"]);
        assert_eq!(refused(continued_tree(1, Some(0), 9)), ["to"]);
    }
}
