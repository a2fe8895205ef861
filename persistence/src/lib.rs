//! Where it is kept: diesel on SQLite and PostgreSQL, field encryption, the key store and the audit log.
//!
//! Data of an institution is reachable only through a [`Tenant`], which exists only for an actor of that
//! institution. Everything read through it is on record in the institution's audit log before it is returned,
//! everything written through it in the same transaction.
#![deny(missing_docs)]

pub mod crypto;
pub mod database;
pub mod environment;
pub mod keys;

mod activity;
mod audit;
mod convert;
mod error;
pub mod idempotency;
pub mod job;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
mod schema;
mod sealing;

mod handles;

pub mod access;
pub mod children;
pub mod institutions;
pub mod platform;
pub mod support;

pub use audit::{Actor, AuditContext, Principal, SupportContext, TraceContext};
pub use error::{Error, Result};
pub use handles::platform::{Platform, PlatformReader, PlatformWriter};
pub use handles::store::{Store, StoreOptions};
pub use handles::tenant::{Cost, Tenant, TenantReader, TenantWriter};
