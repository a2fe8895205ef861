//! Ending what has a term: every table's is in `groeilijn_domain::retention::terms`.

mod audit_bodies;
mod keys;
mod lapsed;
mod leaver;
mod login;
mod staff_leaver;

pub use lapsed::Lapsed;
