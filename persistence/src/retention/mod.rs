//! Retention: how long what is kept is kept, and what holds its end up.

pub(crate) mod schema;
