//! The register of security incidents, of which some are a datalek (C122–C133).

pub mod adding;
pub mod case;
pub mod draft;
pub mod escalation;
pub mod incident;
pub mod key_owner;
mod record;
pub mod report;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
pub mod stored;
