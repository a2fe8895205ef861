//! Where it is kept: diesel on SQLite and PostgreSQL, field encryption, the key store and the audit log.
//!
//! Data of an institution is reachable only through a [`Tenant`], which exists only for an actor of that
//! institution. Everything read through it is on record in the institution's audit log before it is returned,
//! everything written through it in the same transaction.
#![deny(missing_docs)]

mod handles;
mod joins;
mod key_sweep;
mod person_name;

pub mod access;
pub mod audit;
pub mod backup;
pub mod children;
pub mod continuity;
pub mod evidence;
pub mod incidents;
pub mod institutions;
pub mod platform;
pub mod retention;
pub mod support;

pub use groeilijn_domain::access::principal::{Actor, Principal, SupportContext};
pub use groeilijn_engine::audit::context::{AuditContext, TraceContext};
pub use groeilijn_engine::audit::verify::TreeRoot;
pub use groeilijn_engine::crypto::signature;
pub use groeilijn_engine::database::readers::Cost;
pub use groeilijn_engine::error::{Error, Misfit, Part, Result};
pub use groeilijn_engine::open::{LEAST_CONNECTIONS, Recovered, SecondKeys, StoreOptions};
pub use groeilijn_engine::writer::news::Following;
pub use groeilijn_engine::{database, environment, idempotency, keys};
pub use handles::platform::{Platform, PlatformReader, PlatformWriter};
pub use handles::store::Store;
pub use handles::tenant::{Tenant, TenantReader, TenantWriter};
