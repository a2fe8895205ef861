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

pub mod account;
mod activity;
pub mod api_token;
mod audit;
pub mod contact;
mod convert;
pub mod coupling;
mod credential;
mod error;
pub mod framework;
pub mod group;
pub mod idempotency;
pub mod import;
pub mod institution;
pub mod job;
pub mod licence;
pub mod login;
pub mod note;
pub mod outbox;
pub mod overview;
pub mod password;
pub mod placement;
mod platform;
pub mod processor_staff;
pub mod pupil;
mod reach;
pub mod registration;
pub mod right_change;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
mod schema;
mod sealing;
pub mod second_factor;
pub mod security_event;
pub mod session;
pub mod staff;
mod store;
pub mod support_consent;
pub mod support_session;
pub mod support_view;
mod tenant;

pub use audit::{Actor, AuditContext, Principal, SupportContext, TraceContext};
pub use error::{Error, Result};
pub use platform::{Platform, PlatformReader, PlatformWriter};
pub use store::{Store, StoreOptions};
pub use tenant::{Cost, Tenant, TenantReader, TenantWriter};
