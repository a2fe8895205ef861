mod clauses;
mod live;
mod proofs;
