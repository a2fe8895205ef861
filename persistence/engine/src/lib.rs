//! What storage stands on, whatever is stored: connections, readers and the one writer; encryption, the key store and
//! sealed rows; the audit log; jobs, idempotent requests and notes of last use.
//!
//! Nothing here knows a resource. The tables it has are its own ([`schema`]); of what is kept in the others it sees
//! ids and sealed bytes.
#![deny(missing_docs)]

pub mod audit;
pub mod authentic;
mod belonging;
pub mod columns;
pub mod crypto;
pub mod database;
pub mod environment;
pub mod error;
pub mod idempotency;
pub mod job;
pub mod keys;
pub mod last_use;
pub mod open;
pub mod pool;
pub mod readable;
pub mod remembered;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub mod schema;
pub mod sealing;
pub mod writer;
