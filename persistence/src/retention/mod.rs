//! How long what is kept about children is kept, what holds it, and its destruction (C104–C113).

pub mod destruction;
mod facts;
pub mod forecast;
pub mod policy;
mod removal;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;

pub use self::removal::RowCount;
