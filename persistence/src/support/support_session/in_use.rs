//! A support session that somebody asks in: where it looks, what it rests on and what it shows.

use std::collections::BTreeSet;

use groeilijn_domain::access::principal::SupportReach;
use groeilijn_domain::access::{Part, Rights, Scope};
use groeilijn_domain::institutions::licence_state::LicenceFacts;
use groeilijn_domain::support::{self, Basis, SupportKind};
use groeilijn_domain::values::ids::{
    CouplingId, InstitutionId, SessionId, SupportConsentId, SupportRequestId, UserId,
};
use groeilijn_engine::authentic::{Authentic, Fields};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::Timestamp;

use crate::access::schema::session;
use crate::handles::store::Store;
use crate::institutions::licence;
use crate::support::schema::support_session;
use crate::support::{coupling, support_consent, support_request};

/// What makes a session a support session.
#[derive(Debug, Clone)]
pub struct SupportInUse {
    /// The institution that is looked into.
    pub institution: InstitutionId,
    /// Which children it is about.
    pub reach: SupportReach,
    /// Whether the texts that professionals wrote are shown (C050).
    pub free_text: bool,
    /// What it rests on.
    pub basis: Basis,
    /// The licence of that institution: without one nobody looks (C004).
    pub(crate) licence: LicenceFacts,
    /// What can be done in it.
    pub(crate) rights: Rights,
}

/// What decides where a support session looks and how far, as far as its row proves that the service wrote it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = support_session)]
pub(super) struct InUseRow {
    pub(super) id: SessionId,
    pub(super) institution_id: InstitutionId,
    pub(super) staff_id: UserId,
    pub(super) kind: SupportKind,
    pub(super) user_id: Option<UserId>,
    pub(super) consent_id: Option<SupportConsentId>,
    pub(super) coupling_id: Option<CouplingId>,
    pub(super) request_id: Option<SupportRequestId>,
    pub(super) free_text: i32,
    pub(super) parts: BTreeSet<Part>,
    pub(super) proof: Vec<u8>,
}

impl Authentic for InUseRow {
    const TABLE: &'static str = "support_session";

    fn prove(&self, fields: &mut Fields) {
        let parts: Vec<&str> = self.parts.iter().map(|part| part.code()).collect();
        fields
            .bytes(self.id.as_bytes())
            .bytes(self.institution_id.as_bytes())
            .bytes(self.staff_id.as_bytes())
            .text(self.kind.code())
            .optional(self.user_id.as_ref().map(|id| &id.as_bytes()[..]))
            .optional(self.consent_id.as_ref().map(|id| &id.as_bytes()[..]))
            .optional(self.coupling_id.as_ref().map(|id| &id.as_bytes()[..]))
            .optional(self.request_id.as_ref().map(|id| &id.as_bytes()[..]))
            .bytes(&[u8::from(self.free_text != 0)])
            .text(&parts.join(","));
    }

    fn proof(&self) -> &[u8] {
        &self.proof
    }
}

/// The support sessions into an institution that nobody ended, with their kind; some may have ended by themselves.
pub(crate) fn of_institution(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    now: Timestamp,
) -> Result<Vec<(SessionId, SupportKind)>> {
    Ok(support_session::table
        .inner_join(session::table)
        .filter(support_session::institution_id.is(institution))
        .filter(session::ended_at.is_null())
        .filter(session::expires_at.after(now))
        .order(support_session::id)
        .select((support_session::id, support_session::kind))
        .load(connection)?)
}

/// What a session of the processor's staff is for, if it is a support session.
pub(crate) fn load(
    connection: &mut AnyConnection,
    store: &Store,
    id: SessionId,
) -> Result<Option<SupportInUse>> {
    let row: Option<InUseRow> = support_session::table
        .filter(support_session::id.is(id))
        .select(columns::<InUseRow>())
        .first(connection)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let row = store.authenticator().check(row)?;
    let whole = Some(Scope::Institution);
    let (basis, reach, scope) = match (row.user_id, row.consent_id, row.coupling_id, row.request_id) {
        (Some(user), Some(consent), _, _) => {
            let allowed = support_consent::load(connection, store, (row.institution_id, user), consent)?;
            let scope = support::reach_of(&allowed.rights);
            (Basis::Consent(allowed.consent), SupportReach::User(user), scope)
        }
        (_, _, Some(coupling), _) => {
            (Basis::Coupling(coupling::load(connection, coupling)?), SupportReach::Institution, whole)
        }
        (_, _, _, Some(id)) => {
            let about = support_request::load(connection, row.institution_id, id)?;
            (Basis::Request(about.request), support::reach_of_request(id, about.group), whole)
        }
        _ => (Basis::Named, SupportReach::Institution, whole),
    };
    let rights = support::rights(&row.parts, scope);
    let (institution, free_text) = (row.institution_id, row.free_text != 0);
    let licence = licence::load(connection, institution)?.facts();
    Ok(Some(SupportInUse { institution, reach, free_text, basis, licence, rights }))
}
