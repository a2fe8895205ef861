pub(crate) mod audits;
mod clauses;
mod live;
mod pack;
mod proofs;
pub(crate) mod records;
