//! What the server costs beside one that does only the irreducible work.
//!
//! [`floor`] is that other server: it checks the token, reads the rows, decrypts and writes JSON, and knows no
//! session, permission or audit log. [`compare`] puts both under the same load in turns and prints the ratio, which
//! says the same on a slow machine as on a fast one. `docs/performance.md` tells how to read it.

pub mod compare;
pub mod floor;
mod outside;
mod world;
