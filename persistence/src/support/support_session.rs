//! Support sessions: how the processor's staff looks into an institution, and what each look rests on (C010–C013,
//! C048). Each is a row among the sessions too, with the same id.

use std::collections::BTreeSet;

use groeilijn_domain::access::login::SecurityEventKind;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::access::{Part, Rights, Role, Scope};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::{self, Basis, CaseId, SupportKind};
use groeilijn_domain::values::ids::{
    CouplingId, InstitutionId, SessionId, SupportConsentId, SupportSessionId, UserId,
};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyRing;
use groeilijn_engine::load_boxed;
use groeilijn_engine::sealing::{RowOpener, RowPlace};
use jiff::Timestamp;
use uuid::Uuid;

use crate::access::account::lock_account;
use crate::access::letter::LetterContent;
use crate::access::schema::{account, session};
use crate::access::session::StoredSession;
use crate::convert::{code, micros, timestamp, uuid};
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::handles::tenant::TenantReader;
use crate::support::schema::support_session;
use crate::support::{coupling, support_consent};

const TABLE: &str = "support_session";

/// A support session to be begun by the actor.
pub struct NewSupportSession {
    /// Its id.
    pub id: SupportSessionId,
    /// The institution that is looked into.
    pub institution: InstitutionId,
    /// What kind of look.
    pub kind: SupportKind,
    /// The user whom it is about.
    pub user: Option<UserId>,
    /// The case that it is about.
    pub case: Option<CaseId>,
    /// The parts that it shows.
    pub parts: BTreeSet<Part>,
    /// Why.
    pub reason: ShortText,
    /// When it ends, in UTC.
    pub ends_at: Timestamp,
}

/// A support session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSupportSession {
    /// Its id.
    pub id: SupportSessionId,
    /// The institution that is looked into.
    pub institution: InstitutionId,
    /// Who looks.
    pub staff: UserId,
    /// What kind of look.
    pub kind: SupportKind,
    /// The user whom it is about.
    pub user: Option<UserId>,
    /// The case that it is about.
    pub case: Option<CaseId>,
    /// The parts that it shows.
    pub parts: BTreeSet<Part>,
    /// Why.
    pub reason: ShortText,
    /// When it began, in UTC.
    pub starts_at: Timestamp,
    /// When it ends by itself, in UTC.
    pub ends_at: Timestamp,
    /// When it was ended before that, in UTC, if it was.
    pub ended_at: Option<Timestamp>,
    /// Why it was.
    pub end: Option<SessionEnd>,
}

/// What makes a session a support session: where it looks, what it rests on and what it shows.
#[derive(Debug, Clone)]
pub struct StoredSupport {
    /// The institution that is looked into.
    pub institution: InstitutionId,
    /// The user who is looked along with, if there is one.
    pub user: Option<UserId>,
    /// What it rests on.
    pub basis: Basis,
    /// What can be done in it.
    pub(crate) rights: Rights,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = support_session)]
struct SupportRow {
    id: Vec<u8>,
    institution_id: Vec<u8>,
    staff_id: Vec<u8>,
    kind: String,
    user_id: Option<Vec<u8>>,
    case_id: Option<String>,
    consent_id: Option<Vec<u8>>,
    coupling_id: Option<Vec<u8>>,
    reason: Vec<u8>,
    parts: String,
    starts_at: i64,
    ends_at: i64,
}

type Ended = (Option<i64>, Option<String>);

impl SupportRow {
    fn institution(&self) -> Result<InstitutionId> {
        Ok(InstitutionId::from_uuid(uuid(&self.institution_id, TABLE)?))
    }

    fn kind(&self) -> Result<SupportKind> {
        code(SupportKind::from_code, &self.kind, TABLE)
    }

    fn user(&self) -> Result<Option<UserId>> {
        self.user_id.as_ref().map(|id| Ok(UserId::from_uuid(uuid(id, TABLE)?))).transpose()
    }

    fn parts(&self) -> Result<BTreeSet<Part>> {
        self.parts.split(',').map(|part| code(Part::from_code, part, TABLE)).collect()
    }

    fn read(&self, (ended_at, end): Ended, keys: &KeyRing) -> Result<StoredSupportSession> {
        let (row, institution) = (uuid(&self.id, TABLE)?, self.institution()?);
        let mut opener = RowOpener::new(keys, RowPlace { institution, table: TABLE, row, subject: None });
        Ok(StoredSupportSession {
            id: SupportSessionId::from_uuid(row),
            institution,
            staff: UserId::from_uuid(uuid(&self.staff_id, TABLE)?),
            kind: self.kind()?,
            user: self.user()?,
            case: self.case_id.clone().map(CaseId::kept),
            parts: self.parts()?,
            reason: opener.required_kept("reason", &self.reason, ShortText::kept)?,
            starts_at: timestamp(self.starts_at, TABLE)?,
            ends_at: timestamp(self.ends_at, TABLE)?,
            ended_at: ended_at.map(|at| timestamp(at, TABLE)).transpose()?,
            end: end.map(|end| code(SessionEnd::from_code, &end, TABLE)).transpose()?,
        })
    }
}

/// What a session of the processor's staff is for, if it is a support session.
pub(crate) fn load(connection: &mut AnyConnection, id: SessionId) -> Result<Option<StoredSupport>> {
    let row: Option<SupportRow> = support_session::table
        .find(id.as_bytes().as_slice())
        .select(columns::<SupportRow>())
        .first(connection)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let (institution, user, parts) = (row.institution()?, row.user()?, row.parts()?);
    let (basis, reach) = match (user, &row.consent_id, &row.coupling_id) {
        (Some(user), Some(consent), _) => {
            let consent = SupportConsentId::from_uuid(uuid(consent, TABLE)?);
            let allowed = support_consent::load(connection, institution, user, consent)?;
            (Basis::Consent(allowed.consent), support::reach_of(&allowed.rights))
        }
        (_, _, Some(coupling)) => {
            let coupling = coupling::load(connection, CouplingId::from_uuid(uuid(coupling, TABLE)?))?;
            (Basis::Coupling(coupling), Some(Scope::Institution))
        }
        _ => (Basis::Named, Some(Scope::Institution)),
    };
    Ok(Some(StoredSupport {
        institution,
        user: user.filter(|_| matches!(basis, Basis::Consent(_))),
        basis,
        rights: support::rights(&parts, reach),
    }))
}

/// What a new support session rests on.
struct Ground {
    basis: Basis,
    consent: Option<SupportConsentId>,
    coupling: Option<CouplingId>,
}

impl TenantReader<'_> {
    /// Who of the processor looked or looks into the institution, the newest first, before the session `before`.
    pub fn support_sessions(
        &mut self,
        before: Option<SupportSessionId>,
        limit: i64,
    ) -> Result<Vec<StoredSupportSession>> {
        let (institution, keys) = (self.institution(), self.keys());
        let sessions = list(self.connection, keys, Whose::Institution(institution), before, limit)?;
        for session in &sessions {
            self.touch(ObjectKind::SupportSession, session.id.as_uuid());
        }
        Ok(sessions)
    }
}

impl PlatformReader<'_> {
    /// The support sessions of a member of the processor's staff, the newest first, before the session `before`.
    pub fn support_sessions_of(
        &mut self,
        staff: UserId,
        before: Option<SupportSessionId>,
        limit: i64,
    ) -> Result<Vec<StoredSupportSession>> {
        list(self.connection, self.store.keys(), Whose::Staff(staff), before, limit)
    }
}

#[derive(Clone, Copy)]
enum Whose {
    Institution(InstitutionId),
    Staff(UserId),
}

fn list(
    connection: &mut AnyConnection,
    keys: &KeyRing,
    whose: Whose,
    before: Option<SupportSessionId>,
    limit: i64,
) -> Result<Vec<StoredSupportSession>> {
    let rows: Vec<(SupportRow, Ended)> = load_boxed!(connection, {
        let mut query = support_session::table
            .inner_join(session::table)
            .order(support_session::id.desc())
            .limit(limit)
            .select((columns::<SupportRow>(), (session::ended_at, session::end_reason)))
            .into_boxed();
        query = match whose {
            Whose::Institution(id) => {
                query.filter(support_session::institution_id.eq(id.as_bytes().to_vec()))
            }
            Whose::Staff(id) => query.filter(support_session::staff_id.eq(id.as_bytes().to_vec())),
        };
        if let Some(before) = before {
            query = query.filter(support_session::id.lt(before.as_bytes().to_vec()));
        }
        query
    })?;
    rows.into_iter().map(|(row, ended)| row.read(ended, keys)).collect()
}

impl PlatformWriter<'_> {
    /// Begins a support session of the actor, with its first refresh token, of which only the SHA-256 is kept. The
    /// institution has it in its log; of an emergency it has a security event too, and its administrators a letter.
    ///
    /// # Errors
    /// [`Error::Forbidden`]: `no-consent` (C012), `sees-no-registrations`, `not-coupled` (C101); [`Error::Invalid`]:
    /// `unknown-user`, `expiry-past`, `expiry-too-far`; [`Error::NotFound`] when there is no such institution.
    pub fn begin_support_session(
        &mut self,
        new: &NewSupportSession,
        refresh_hash: &[u8; 32],
    ) -> Result<(StoredSupportSession, StoredSession)> {
        self.require_opener(new.kind)?;
        self.reader().institution(new.institution)?;
        let ground = self.ground_of(new)?;
        let now = self.now();
        new.kind
            .check_end(new.ends_at, now, ground.basis.ends_at())
            .map_err(|refusal| Error::invalid("/endsAt", refusal))?;
        let (id, staff) = (SessionId::from_uuid(new.id.as_uuid()), self.actor()?.account);
        self.insert_session(id, staff, new.ends_at, refresh_hash)?;
        self.enter(new.institution, |tenant| {
            let mut row = tenant.sealer(TABLE, new.id.as_uuid(), None)?;
            let reason = row.text("reason", Some(new.reason.as_str()));
            tenant.sealed(row);
            let parts: Vec<_> = new.parts.iter().map(|part| part.code()).collect();
            diesel::insert_into(support_session::table)
                .values((
                    support_session::id.eq(new.id.as_bytes().as_slice()),
                    support_session::institution_id.eq(new.institution.as_bytes().as_slice()),
                    support_session::staff_id.eq(staff.as_bytes().as_slice()),
                    support_session::kind.eq(new.kind.code()),
                    support_session::user_id.eq(new.user.as_ref().map(|id| id.as_bytes().as_slice())),
                    support_session::case_id.eq(new.case.as_ref().map(CaseId::as_str)),
                    support_session::consent_id
                        .eq(ground.consent.as_ref().map(|id| id.as_bytes().as_slice())),
                    support_session::coupling_id
                        .eq(ground.coupling.as_ref().map(|id| id.as_bytes().as_slice())),
                    support_session::reason.eq(reason),
                    support_session::parts.eq(parts.join(",")),
                    support_session::starts_at.eq(micros(now)),
                    support_session::ends_at.eq(micros(new.ends_at)),
                ))
                .execute(tenant.connection)?;
            tenant.touch(ObjectKind::SupportSession, new.id.as_uuid());
            if new.kind == SupportKind::Emergency {
                let told = LetterContent::EmergencyAccess { from: now, until: new.ends_at };
                tenant.write_to_administrators(&told)?;
            }
            Ok(())
        })?;
        self.touch(ObjectKind::SupportSession, new.id.as_uuid());
        if new.kind == SupportKind::Emergency {
            let told = Actor { institution: Some(new.institution), ..self.actor()? };
            self.raise_event(SecurityEventKind::EmergencyAccess, told)?;
        }
        let (row, ended) = self.support_row(new.id)?;
        Ok((row.read(ended, self.store().keys())?, self.session(id)?))
    }

    /// That the actor may begin it at this moment, whatever changed since the request was let in.
    fn require_opener(&mut self, kind: SupportKind) -> Result<()> {
        let staff = self.actor()?.account;
        lock_account(self.connection, staff)?;
        let (role, state): (String, String) = account::table
            .find(staff.as_bytes().as_slice())
            .select((account::role, account::state))
            .first(self.connection)?;
        let Role::Processor(function) = code(Role::from_code, &role, TABLE)? else {
            return Err(Error::NotFound);
        };
        if code(AccountState::from_code, &state, TABLE)? != AccountState::Active {
            return Err(Error::NotFound);
        }
        kind.check_opener(function).map_err(Error::Forbidden)
    }

    fn ground_of(&mut self, new: &NewSupportSession) -> Result<Ground> {
        let (now, staff) = (self.now(), self.actor()?.account);
        match (new.kind, new.user) {
            (SupportKind::LookAlong, Some(user)) => {
                let no_consent = || Error::Forbidden(Basis::no_consent());
                let consent = support_consent::to_look_along(self.connection, new.institution, user)?
                    .ok_or_else(no_consent)?;
                let allowed = support_consent::load(self.connection, new.institution, user, consent)?;
                let basis = Basis::Consent(allowed.consent);
                basis.check(now).map_err(Error::Forbidden)?;
                if support::reach_of(&allowed.rights).is_none() {
                    let detail = "the user does not see children and their registrations herself";
                    return Err(Error::Forbidden(Refusal::new("sees-no-registrations", detail)));
                }
                Ok(Ground { basis, consent: Some(consent), coupling: None })
            }
            (SupportKind::Coupling, user) => {
                self.require_user_of(new.institution, user)?;
                let coupling = coupling::of_adviser(self.connection, new.institution, staff, now)?
                    .ok_or_else(|| Error::Forbidden(Basis::not_coupled()))?;
                let basis = Basis::Coupling(coupling::load(self.connection, coupling)?);
                basis.check(now).map_err(Error::Forbidden)?;
                Ok(Ground { basis, consent: None, coupling: Some(coupling) })
            }
            (_, user) => {
                self.require_user_of(new.institution, user)?;
                Ok(Ground { basis: Basis::Named, consent: None, coupling: None })
            }
        }
    }

    fn require_user_of(&mut self, institution: InstitutionId, user: Option<UserId>) -> Result<()> {
        let Some(user) = user else { return Ok(()) };
        let own = account::table
            .find(user.as_bytes().as_slice())
            .filter(account::institution_id.eq(institution.as_bytes().as_slice()));
        let known: bool = diesel::select(diesel::dsl::exists(own)).get_result(self.connection)?;
        if known {
            return Ok(());
        }
        let refusal = Refusal::new("unknown-user", "the institution has no such user");
        Err(Error::invalid("/userId", refusal))
    }

    /// Ends a support session at once: the actor's own, or one into the actor's institution. One that has ended stays
    /// as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is neither.
    pub fn end_support_session(&mut self, id: SupportSessionId) -> Result<()> {
        let (row, _) = self.support_row(id)?;
        let (institution, actor) = (row.institution()?, self.actor()?);
        let end = match actor.institution {
            Some(own) if own == institution => SessionEnd::EndedByAdministrator,
            None if row.staff_id == actor.account.as_bytes().as_slice() => SessionEnd::EndedByUser,
            _ => return Err(Error::NotFound),
        };
        if micros(self.now()) < row.ends_at {
            self.mark_session_ended(SessionId::from_uuid(id.as_uuid()), end)?;
        }
        self.enter(institution, |tenant| {
            tenant.touch(ObjectKind::SupportSession, id.as_uuid());
            Ok(())
        })?;
        self.touch(ObjectKind::SupportSession, id.as_uuid());
        Ok(())
    }

    fn support_row(&mut self, id: SupportSessionId) -> Result<(SupportRow, Ended)> {
        support_session::table
            .inner_join(session::table)
            .filter(support_session::id.eq(id.as_bytes().as_slice()))
            .select((columns::<SupportRow>(), (session::ended_at, session::end_reason)))
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)
    }

    /// Notes the end of a support session for the platform too; the end of any other session is its owner's.
    pub(crate) fn touch_if_support(&mut self, actor: Actor, session: Uuid) {
        if let (Role::Processor(_), Some(_)) = (actor.role, actor.institution) {
            self.touch(ObjectKind::SupportSession, session);
        }
    }
}
