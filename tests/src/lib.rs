//! The harness of the black-box tests: a service of its own for each test, on a fresh database, and clients.
//!
//! ```ignore
//! both_databases! {
//!     /// Two pupils never share an ECK iD.
//!     fn c030_an_eck_id_belongs_to_one_pupil(server: Server) {
//!         let school = server.school();
//!         school.admin.get("/v1/pupils").expect(200);
//!     }
//! }
//! ```
//!
//! makes the tests `sqlite::c030_…` and `postgres::c030_…`. They run side by side; nothing is shared between them
//! but the templates that their databases are copied from.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking and tells why on the terminal"
)]

use std::thread;
use std::time::{Duration, Instant};

pub mod accounts;
pub mod audit;
pub mod board;
pub mod bsn;
pub mod class;
pub mod client;
pub mod clock;
pub mod disclosure;
pub mod framework;
pub mod incident;
pub mod installation;
pub mod instruction;
pub mod lasting;
pub mod locks;
pub mod mailbox;
pub mod openapi;
pub mod policy;
pub mod postgres;
pub mod proofs;
pub mod receiver;
pub mod reply;
pub mod school;
pub mod second_factor;
pub mod sentences;
pub mod server;
mod service;
pub mod small_disk;
pub mod subprocessor;
pub mod support;
pub mod tampering;
pub mod vault;
pub mod webhook;
pub mod witness;

pub use board::Board;
pub use class::Class;
pub use client::Client;
pub use installation::{Database, Installation};
pub use lasting::LastingStaff;
pub use mailbox::Mailbox;
pub use receiver::Receiver;
pub use reply::Reply;
pub use school::{Member, School};
pub use second_factor::Authenticator;
pub use server::Server;
pub use witness::Witness;

/// How long something may take that the service does by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something holds that the service does by itself.
#[track_caller]
pub fn wait_until(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
}

/// Does the same twice at the same time.
pub fn twice_at_once<T: Send>(work: impl Fn() -> T + Sync) -> [T; 2] {
    thread::scope(|scope| [scope.spawn(&work), scope.spawn(&work)].map(|done| done.join().unwrap()))
}

/// Does each piece of work on a thread of its own, all at the same time; the outcomes are in the order of the work.
pub fn all_at_once<W: Send, T: Send>(pieces: Vec<W>, work: impl Fn(W) -> T + Sync) -> Vec<T> {
    let work = &work;
    thread::scope(|scope| {
        let started: Vec<_> = pieces.into_iter().map(|piece| scope.spawn(move || work(piece))).collect();
        started.into_iter().map(|done| done.join().unwrap()).collect()
    })
}

/// Declares tests that run on both databases, each with a fresh [`Server`] or with an [`Installation`] that nothing
/// runs on. Once in a module: it makes the modules `sqlite` and `postgres`.
#[macro_export]
macro_rules! both_databases {
    ($($(#[$attribute:meta])* fn $name:ident($fixture:ident: $kind:ident) $body:block)*) => {
        $(
            $(#[$attribute])*
            fn $name($fixture: &mut $crate::$kind) $body
        )*

        mod sqlite {
            $(
                #[test]
                fn $name() {
                    $crate::$kind::run($crate::Database::Sqlite, super::$name);
                }
            )*
        }

        mod postgres {
            $(
                #[test]
                fn $name() {
                    $crate::$kind::run($crate::Database::Postgres, super::$name);
                }
            )*
        }
    };
}
