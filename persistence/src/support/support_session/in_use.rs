//! A support session that somebody asks in: where it looks, what it rests on and what it shows.

use std::collections::BTreeSet;

use groeilijn_domain::access::{Part, Rights, Scope};
use groeilijn_domain::support::{self, Basis};
use groeilijn_domain::values::ids::{CouplingId, InstitutionId, SessionId, SupportConsentId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;

use crate::institutions::licence::{self, StoredLicence};
use crate::support::schema::support_session;
use crate::support::{coupling, support_consent};

/// What makes a session a support session.
#[derive(Debug, Clone)]
pub struct SupportInUse {
    /// The institution that is looked into.
    pub institution: InstitutionId,
    /// The user who is looked along with, if there is one.
    pub user: Option<UserId>,
    /// What it rests on.
    pub basis: Basis,
    /// The licence of that institution: without one nobody looks (C004).
    pub(crate) licence: StoredLicence,
    /// What can be done in it.
    pub(crate) rights: Rights,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = support_session)]
struct InUseRow {
    institution_id: InstitutionId,
    user_id: Option<UserId>,
    consent_id: Option<SupportConsentId>,
    coupling_id: Option<CouplingId>,
    parts: BTreeSet<Part>,
}

/// What a session of the processor's staff is for, if it is a support session.
pub(crate) fn load(connection: &mut AnyConnection, id: SessionId) -> Result<Option<SupportInUse>> {
    let row: Option<InUseRow> = support_session::table
        .filter(support_session::id.is(id))
        .select(columns::<InUseRow>())
        .first(connection)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let (basis, user, reach) = match (row.user_id, row.consent_id, row.coupling_id) {
        (Some(user), Some(consent), _) => {
            let allowed = support_consent::load(connection, row.institution_id, user, consent)?;
            (Basis::Consent(allowed.consent), Some(user), support::reach_of(&allowed.rights))
        }
        (_, _, Some(coupling)) => {
            (Basis::Coupling(coupling::load(connection, coupling)?), None, Some(Scope::Institution))
        }
        _ => (Basis::Named, None, Some(Scope::Institution)),
    };
    let rights = support::rights(&row.parts, reach);
    let licence = licence::load(connection, row.institution_id)?;
    Ok(Some(SupportInUse { institution: row.institution_id, user, basis, licence, rights }))
}
