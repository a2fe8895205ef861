//! Retention: how long what is kept is kept, and what holds its end up.

pub mod hold;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
