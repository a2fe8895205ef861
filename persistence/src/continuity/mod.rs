//! An institution that leaves or moves: everything that it has in open formats, and taking that in again (C080).
//!
//! What there is, is told once, in the [`catalogue`]: reading, the schemas and taking in all follow from that. A kind of
//! resources is a file with a JSON document on each line.

pub mod catalogue;
mod documents;
pub mod form;
pub mod known;
mod logins;
mod reading;
pub mod resource;
mod rules;
pub mod schema;
mod taking_in;

pub use reading::Reading;
pub use taking_in::{Checked, Checking, TakingIn, Wrong};
