//! How long what is kept about people is kept, what holds it, and its end: every table's term is in
//! `groeilijn_domain::retention::terms`, that of children in `groeilijn_domain::retention::plan` (C104–C113).

mod audit_bodies;
pub mod destruction;
mod facts;
pub mod forecast;
pub mod hold;
mod keys;
mod lapsed;
mod leaver;
mod login;
pub mod policy;
mod removal;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
mod staff_leaver;

pub use self::lapsed::Lapsed;
pub use self::removal::RowCount;
