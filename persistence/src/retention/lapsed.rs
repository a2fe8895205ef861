//! What is over and whose term after that has ended: invitations, API tokens, security events, imports, and looks of the
//! processor's staff with what they rested on.

use std::collections::BTreeMap;

use groeilijn_domain::audit::entry::{Object, ObjectKind};
use groeilijn_domain::children::import::KEPT as REPORT_KEPT;
use groeilijn_domain::retention::terms::{API_TOKEN, IMPORT, INVITATION, SECURITY_EVENT, SUPPORT};
use groeilijn_domain::support::COUNTS_FOR;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{
    ApiTokenId, CouplingId, ImportId, InstitutionId, InvitationId, SecurityEventId, SessionId,
    SupportConsentId, SupportRequestId,
};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::ends;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::access::schema::{api_token, invitation};
use crate::children::schema::{import, import_part};
use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;
use crate::institutions::schema::institution;
use crate::platform::schema::security_event;
use crate::support::key_owner;
use crate::support::schema::{
    coupling, support_consent, support_request, support_request_pupil, support_session,
};

/// How many of each kind go in one turn.
const AT_ONCE: i64 = 500;

/// How much longer what a look rested on stays than the look: a session may outlast what it rested on by some hours.
const AFTER_THE_LOOK: SignedDuration = SignedDuration::from_hours(24);

/// What is over, by the institution whose it is; that of none is the platform's.
pub type Lapsed = BTreeMap<Option<InstitutionId>, Vec<Object>>;

type Found<I> = Vec<(Option<InstitutionId>, I)>;

impl Store {
    /// Every institution, and what of it and of the platform is over at the moment `now`: at most some of each kind, and
    /// more the next time.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub async fn lapsed(&self, now: Timestamp) -> Result<Lapsed> {
        self.data()
            .read_at_one_moment(Cost::Scan, move |connection| {
                let institutions: Vec<InstitutionId> =
                    institution::table.order(institution::id).select(institution::id).load(connection)?;
                let mut lapsed: Lapsed = institutions.iter().map(|id| (Some(*id), Vec::new())).collect();
                lapsed.insert(None, Vec::new());
                of_support(connection, now, &mut lapsed)?;
                of_access(connection, now, &mut lapsed)?;
                for id in institutions {
                    let old = old_imports(connection, id, now)?;
                    note(&mut lapsed, ObjectKind::Import, old.into_iter().map(|import| (Some(id), import)));
                }
                Ok(lapsed)
            })
            .await
    }
}

fn note(
    lapsed: &mut Lapsed,
    kind: ObjectKind,
    found: impl IntoIterator<Item = (Option<InstitutionId>, impl Into<Uuid>)>,
) {
    for (institution, id) in found {
        lapsed.entry(institution).or_default().push((kind, id.into()));
    }
}

/// Looks before what they rested on, which they refer to.
fn of_support(connection: &mut AnyConnection, now: Timestamp, lapsed: &mut Lapsed) -> Result<()> {
    let before = SUPPORT.cutoff(now);
    let sessions: Vec<(InstitutionId, SessionId)> = support_session::table
        .filter(support_session::ends_at.before(before))
        .limit(AT_ONCE)
        .select((support_session::institution_id, support_session::id))
        .load(connection)?;
    note(lapsed, ObjectKind::SupportSession, owned(sessions));
    let before = before - AFTER_THE_LOOK;
    let consents: Vec<(InstitutionId, SupportConsentId)> = support_consent::table
        .filter(
            support_consent::ends_at.before(before).or(support_consent::withdrawn_at.before(Some(before))),
        )
        .limit(AT_ONCE)
        .select((support_consent::institution_id, support_consent::id))
        .load(connection)?;
    note(lapsed, ObjectKind::SupportConsent, owned(consents));
    let couplings: Vec<(InstitutionId, CouplingId)> = coupling::table
        .filter(
            coupling::ends_on.before(amsterdam_date(before)).or(coupling::decoupled_at.before(Some(before))),
        )
        .limit(AT_ONCE)
        .select((coupling::institution_id, coupling::id))
        .load(connection)?;
    note(lapsed, ObjectKind::Coupling, owned(couplings));
    let requests: Vec<(InstitutionId, SupportRequestId)> = support_request::table
        .filter(
            support_request::closed_at
                .before(Some(before))
                .or(support_request::approved_at.before(Some(before - COUNTS_FOR)))
                .or(support_request::approved_at
                    .is_null()
                    .and(support_request::created_at.before(before - COUNTS_FOR))),
        )
        .limit(AT_ONCE)
        .select((support_request::institution_id, support_request::id))
        .load(connection)?;
    note(lapsed, ObjectKind::SupportRequest, owned(requests));
    Ok(())
}

fn of_access(connection: &mut AnyConnection, now: Timestamp, lapsed: &mut Lapsed) -> Result<()> {
    let before = INVITATION.cutoff(now);
    let invitations: Found<InvitationId> = invitation::table
        .filter(invitation::expires_at.before(before).or(invitation::used_at.before(Some(before))))
        .limit(AT_ONCE)
        .select((invitation::institution_id, invitation::id))
        .load(connection)?;
    note(lapsed, ObjectKind::Invitation, invitations);
    let before = API_TOKEN.cutoff(now);
    let tokens: Vec<(InstitutionId, ApiTokenId)> = api_token::table
        .filter(
            api_token::expires_on
                .before(amsterdam_date(before))
                .or(api_token::revoked_at.before(Some(before))),
        )
        .limit(AT_ONCE)
        .select((api_token::institution_id, api_token::id))
        .load(connection)?;
    note(lapsed, ObjectKind::ApiToken, owned(tokens));
    let events: Found<SecurityEventId> = security_event::table
        .filter(security_event::occurred_at.before(SECURITY_EVENT.cutoff(now)))
        .order(security_event::id)
        .limit(AT_ONCE)
        .select((security_event::institution_id, security_event::id))
        .load(connection)?;
    note(lapsed, ObjectKind::SecurityEvent, events);
    Ok(())
}

fn owned<I>(found: Vec<(InstitutionId, I)>) -> Found<I> {
    found.into_iter().map(|(institution, id)| (Some(institution), id)).collect()
}

/// Imports whose file and report ended long ago.
fn old_imports(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    now: Timestamp,
) -> Result<Vec<ImportId>> {
    dialect::enter_institution(connection, institution)?;
    let before = IMPORT.cutoff(now).min(now - REPORT_KEPT);
    let with_parts =
        import_part::table.filter(import_part::institution_id.is(institution)).select(import_part::import_id);
    Ok(import::table
        .filter(import::institution_id.is(institution))
        .filter(import::finished_at.before(Some(before)))
        .filter(import::id.ne_all(with_parts))
        .limit(AT_ONCE)
        .select(import::id)
        .load(connection)?)
}

impl TenantWriter<'_> {
    /// Forgets what of the institution is over. What is not there any more is passed over.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn forget_lapsed(&mut self, lapsed: &[Object]) -> Result<()> {
        let (own, now) = (self.institution(), self.now());
        for (kind, id) in lapsed.iter().copied() {
            if kind == ObjectKind::SupportRequest {
                let owner = key_owner::support_request(SupportRequestId::from_uuid(id));
                ends::end_at(self.connection, own, owner, now)?;
            }
            if forget(self.connection, Some(own), (kind, id))? > 0 {
                self.touch(kind, id);
            }
        }
        Ok(())
    }
}

impl PlatformWriter<'_> {
    /// Forgets what of no institution is over.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn forget_lapsed(&mut self, lapsed: &[Object]) -> Result<()> {
        for object in lapsed.iter().copied() {
            if forget(self.connection, None, object)? > 0 {
                self.touch(object.0, object.1);
            }
        }
        Ok(())
    }
}

/// Takes one thing away, and gives how many rows it had of its own.
fn forget(connection: &mut AnyConnection, own: Option<InstitutionId>, (kind, id): Object) -> Result<usize> {
    let gone = match (kind, own) {
        (ObjectKind::Invitation, _) => {
            let row = invitation::table.filter(invitation::id.is(InvitationId::from_uuid(id)));
            diesel::delete(row).execute(connection)
        }
        (ObjectKind::SecurityEvent, _) => {
            let row = security_event::table.filter(security_event::id.is(SecurityEventId::from_uuid(id)));
            diesel::delete(row).execute(connection)
        }
        (ObjectKind::ApiToken, _) => {
            let row = api_token::table.filter(api_token::id.is(ApiTokenId::from_uuid(id)));
            diesel::delete(row).execute(connection)
        }
        (ObjectKind::SupportSession, _) => {
            let row = support_session::table.filter(support_session::id.is(SessionId::from_uuid(id)));
            diesel::delete(row).execute(connection)
        }
        (ObjectKind::Coupling, _) => {
            let row = coupling::table.filter(coupling::id.is(CouplingId::from_uuid(id)));
            diesel::delete(row).execute(connection)
        }
        (ObjectKind::SupportConsent, Some(own)) => {
            let row = support_consent::table
                .filter(support_consent::institution_id.is(own))
                .filter(support_consent::id.is(SupportConsentId::from_uuid(id)));
            diesel::delete(row).execute(connection)
        }
        (ObjectKind::SupportRequest, Some(own)) => {
            let id = SupportRequestId::from_uuid(id);
            let named = support_request_pupil::table
                .filter(support_request_pupil::institution_id.is(own))
                .filter(support_request_pupil::request_id.is(id));
            diesel::delete(named).execute(connection)?;
            diesel::delete(support_request::table.filter(support_request::id.is(id))).execute(connection)
        }
        (ObjectKind::Import, Some(own)) => {
            let row = import::table
                .filter(import::institution_id.is(own))
                .filter(import::id.is(ImportId::from_uuid(id)));
            diesel::delete(row).execute(connection)
        }
        _ => return Err(Error::internal(format_args!("{kind:?} has no term of its own"))),
    };
    Ok(gone?)
}
