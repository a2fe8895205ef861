//! How a support session begins: by whom, and on what it rests (C010–C013).

use std::collections::BTreeSet;

use groeilijn_domain::access::Part;
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::support::{
    Basis, CaseId, ConsentCode, Ground, SupportKind, check_reach, parts_of_request,
};
use groeilijn_domain::values::ids::{
    CouplingId, InstitutionId, SessionId, SupportConsentId, SupportRequestId, SupportSessionId, UserId,
};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use super::in_use::InUseRow;
use super::stored::{StoredSupportSession, TABLE, load};
use crate::access::account::{self, lock_account};
use crate::access::schema::membership;
use crate::access::session::StoredSession;
use crate::handles::platform::PlatformWriter;
use crate::support::schema::support_session;
use crate::support::{coupling, support_consent, support_request};

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
    /// The code of her consent.
    pub consent_code: Option<ConsentCode>,
    /// The case that it is about.
    pub case: Option<CaseId>,
    /// The request of the institution that it answers.
    pub request: Option<SupportRequestId>,
    /// The parts that it shows, of those that a request is about.
    pub parts: BTreeSet<Part>,
    /// Why.
    pub reason: ShortText,
    /// Why the texts that professionals wrote are needed; without it they are masked (C050).
    pub free_text_reason: Option<ShortText>,
    /// When it ends, in UTC.
    pub ends_at: Timestamp,
}

/// What a new support session rests on, and the row that this is in.
struct FoundBasis {
    basis: Basis,
    consent: Option<SupportConsentId>,
    coupling: Option<CouplingId>,
    request: Option<SupportRequestId>,
    parts: BTreeSet<Part>,
}

impl FoundBasis {
    fn new(basis: Basis, parts: &BTreeSet<Part>) -> Self {
        Self { basis, consent: None, coupling: None, request: None, parts: parts.clone() }
    }
}

impl PlatformWriter<'_> {
    /// Begins a support session of the actor, with its first refresh token, of which only the SHA-256 is kept. The
    /// institution has it in its log, and its administrators a letter; of an emergency it has a security event too.
    ///
    /// # Errors
    /// [`Error::Forbidden`]: `no-consent` (C012), `sees-no-registrations`, `not-coupled` (C101), `no-request` (C010);
    /// [`Error::Invalid`]: `unknown-user`, `beyond-the-request`, `expiry-past`, `expiry-too-far`; [`Error::NotFound`] when there is no such institution.
    pub fn begin_support_session(
        &mut self,
        new: &NewSupportSession,
        refresh_hash: &[u8; 32],
    ) -> Result<(StoredSupportSession, StoredSession)> {
        self.require_opener(new.kind)?;
        self.reader().institution(new.institution)?;
        let found = self.find_basis(new)?;
        let now = self.now();
        new.kind
            .check_end(new.ends_at, now, found.basis.ends_at())
            .map_err(|refusal| Error::invalid("ends_at", refusal))?;
        let (id, actor) = (SessionId::from(new.id), self.actor()?);
        let staff = actor.user;
        self.insert_session(id, (actor.account, None), new.ends_at, refresh_hash)?;
        self.insert_support_session(new, staff, &found, now)?;
        self.touch(ObjectKind::SupportSession, new.id.as_uuid());
        if new.kind == SupportKind::Emergency {
            let told = Actor { institution: Some(new.institution), ..actor };
            self.raise_event(SecurityEventKind::EmergencyAccess, told)?;
        }
        let keys = self.store().keys();
        Ok((load(self.connection, keys, new.id)?, self.session(id)?))
    }

    fn insert_support_session(
        &mut self,
        new: &NewSupportSession,
        staff: UserId,
        found: &FoundBasis,
        now: Timestamp,
    ) -> Result<()> {
        self.enter(new.institution, |tenant| {
            let mut row = tenant.sealer(TABLE, new.id.as_uuid(), tenant.shared_owner())?;
            let reason = row.text("reason", Some(new.reason.as_str()));
            let texts = new.free_text_reason.as_ref().map(ShortText::as_str);
            let free_text_reason = row.text("free_text_reason", texts);
            tenant.sealed(row);
            let row = InUseRow {
                id: SessionId::from(new.id),
                institution_id: new.institution,
                staff_id: staff,
                kind: new.kind,
                user_id: new.user,
                consent_id: found.consent,
                coupling_id: found.coupling,
                request_id: found.request,
                free_text: i32::from(texts.is_some()),
                parts: found.parts.clone(),
                proof: Vec::new(),
            };
            diesel::insert_into(support_session::table)
                .values((
                    support_session::id.is(row.id),
                    support_session::institution_id.is(row.institution_id),
                    support_session::staff_id.is(row.staff_id),
                    support_session::kind.is(row.kind),
                    support_session::user_id.is(row.user_id),
                    support_session::case_id.is(new.case.as_ref()),
                    support_session::consent_id.is(row.consent_id),
                    support_session::coupling_id.is(row.coupling_id),
                    support_session::request_id.is(row.request_id),
                    support_session::reason.eq(reason),
                    support_session::free_text.eq(row.free_text),
                    support_session::free_text_reason.eq(free_text_reason),
                    support_session::parts.is(&row.parts),
                    support_session::starts_at.is(now),
                    support_session::ends_at.is(new.ends_at),
                    support_session::proof.eq(tenant.store().authenticator().prove(&row)?),
                ))
                .execute(tenant.connection)?;
            tenant.touch(ObjectKind::SupportSession, new.id.as_uuid());
            let (kind, free_text) = (new.kind, texts.is_some());
            let told = LetterContent::SupportBegun { kind, from: now, until: new.ends_at, free_text };
            tenant.write_to_administrators(&told)
        })
    }

    /// That the actor may begin it at this moment, whatever changed since the request was let in.
    fn require_opener(&mut self, kind: SupportKind) -> Result<()> {
        let staff = self.actor()?.account;
        lock_account(self.connection, staff)?;
        let account = account::load(self.connection, self.store(), staff)?;
        match (account.processor_function, account.state) {
            (Some(function), AccountState::Active) => kind.check_opener(function).map_err(Error::Forbidden),
            _ => Err(Error::NotFound),
        }
    }

    fn find_basis(&mut self, new: &NewSupportSession) -> Result<FoundBasis> {
        match new.kind.rests_on() {
            Ground::Consent => self.find_consent(new),
            Ground::Coupling => self.find_coupling(new),
            Ground::Request => self.find_request(new),
            Ground::Named => {
                self.require_user_of(new.institution, new.user)?;
                Ok(FoundBasis::new(Basis::Named, &new.parts))
            }
        }
    }

    fn find_consent(&mut self, new: &NewSupportSession) -> Result<FoundBasis> {
        let no_consent = || Error::Forbidden(Basis::no_consent());
        let user = new.user.ok_or_else(no_consent)?;
        let code = new.consent_code.as_ref().ok_or_else(no_consent)?;
        let (staff, whose) = (self.actor()?.user, (new.institution, user));
        let id = support_consent::take(self.connection, self.store(), whose, code, staff)?;
        let allowed = support_consent::load(self.connection, self.store(), whose, id)?;
        let basis = Basis::Consent(allowed.consent);
        // Whether she allows it goes before what she sees.
        basis.check(self.now()).map_err(Error::Forbidden)?;
        check_reach(&allowed.rights).map_err(Error::Forbidden)?;
        Ok(FoundBasis { consent: Some(id), ..FoundBasis::new(basis, &new.parts) })
    }

    fn find_coupling(&mut self, new: &NewSupportSession) -> Result<FoundBasis> {
        self.require_user_of(new.institution, new.user)?;
        let adviser = self.actor()?.user;
        let id = coupling::of_adviser(self.connection, new.institution, adviser, self.now())?
            .ok_or_else(|| Error::Forbidden(Basis::not_coupled()))?;
        let basis = Basis::Coupling(coupling::load(self.connection, id)?);
        basis.check(self.now()).map_err(Error::Forbidden)?;
        Ok(FoundBasis { coupling: Some(id), ..FoundBasis::new(basis, &new.parts) })
    }

    fn find_request(&mut self, new: &NewSupportSession) -> Result<FoundBasis> {
        self.require_user_of(new.institution, new.user)?;
        let no_request = || Error::Forbidden(Basis::no_request());
        let id = new.request.ok_or_else(no_request)?;
        let about = match support_request::load(self.connection, new.institution, id) {
            Err(Error::NotFound) => return Err(no_request()),
            about => about?,
        };
        let basis = Basis::Request(about.request);
        basis.check(self.now()).map_err(Error::Forbidden)?;
        let parts =
            parts_of_request(&new.parts, &about.parts).map_err(|refusal| Error::invalid("parts", refusal))?;
        Ok(FoundBasis { request: Some(id), ..FoundBasis::new(basis, &parts) })
    }

    fn require_user_of(&mut self, institution: InstitutionId, user: Option<UserId>) -> Result<()> {
        let Some(user) = user else { return Ok(()) };
        let own = membership::table
            .filter(membership::institution_id.is(institution))
            .filter(membership::user_id.is(user));
        let known: bool = diesel::select(diesel::dsl::exists(own)).get_result(self.connection)?;
        if known {
            return Ok(());
        }
        let refusal = Refusal::new("unknown-user", "the institution has no such user");
        Err(Error::invalid("user_id", refusal))
    }
}
