//! The bare server: what a request costs when nobody asks whose session it is, what it may see and who saw what.
//!
//! It keeps to what ours cannot do without either: HS256 once per request, the rows by key, AES-256-GCM per field
//! under one key that is ready, JSON out; for a note a durable commit, in groups. Statements stay prepared and run
//! on the thread that took the request.
//!
//! It can be given the same duties as ours: then a token names a session, which is looked up with its licence; rights are
//! asked for; stored values have our format and are bound to their place; and an entry with its leaf hash is durable, in
//! groups, before each reply. That is written as plainly: what ours costs beyond it is not what the duties cost.

mod batch;
mod caller;
mod database;
mod document;
mod due;
mod error;
mod feed;
mod fill;
mod forms;
mod log;
mod name;
mod note;
mod overview;
mod paper;
mod picture;
mod pupil;
mod seal;
mod server;
mod token;
mod worker;
mod writer;

pub use error::Error;
pub use fill::fill;
pub use server::serve;
pub(crate) use token::{SessionTokens, sign};
