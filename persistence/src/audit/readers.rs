//! Who may see a child now: everybody whose next request about it would be let in, by the rights, the predicate of reach
//! and the admission that decide requests (C096).

use std::collections::HashMap;

use groeilijn_domain::access::admission::{Standing, admit, admit_institution};
use groeilijn_domain::access::principal::SupportReach;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{ProcessorFunction, Rights, Role, Scope};
use groeilijn_domain::audit::reader::{ReaderBasis, SeenParts, about_children};
use groeilijn_domain::institutions::licence_state::{LicenceFacts, Who};
use groeilijn_domain::institutions::service::Service;
use groeilijn_domain::support::{self, SupportKind};
use groeilijn_domain::values::calendar::end_of_day;
use groeilijn_domain::values::ids::{PupilId, UserId};
use groeilijn_engine::error::Result;
use jiff::Timestamp;
use uuid::Uuid;

use crate::access::user::KnownUser;
use crate::access::{account, api_token, membership, session};
use crate::children::reach::Child;
use crate::handles::tenant::{Reach, TenantReader};
use crate::institutions::licence;
use crate::support::support_session::in_use;
use crate::support::{coupling, support_consent, support_request};

/// Somebody who may see a child now.
pub struct ChildReader {
    /// Why.
    pub basis: ReaderBasis,
    /// The user, token, support session, consent, coupling or request; `None` for an emergency that is not there.
    pub basis_id: Option<Uuid>,
    /// The user of the institution, or the member of the processor's staff, as far as it is certain who.
    pub person: Option<UserId>,
    /// Who the user is, for a user of the institution.
    pub user: Option<KnownUser>,
    /// What a member of the processor's staff does.
    pub staff_function: Option<ProcessorFunction>,
    /// What they may do with which part of what is kept about the child.
    pub parts: SeenParts,
    /// When that ends by itself, in UTC, if it does.
    pub ends_at: Option<Timestamp>,
}

/// Somebody whose rights may reach the child.
struct Candidate {
    reader: ChildReader,
    rights: Rights,
    who: Who,
    asks_by: Option<Service>,
    /// Which children a support session is about.
    support: Option<SupportReach>,
}

impl Candidate {
    fn of_staff(
        basis: ReaderBasis,
        basis_id: Option<Uuid>,
        kind: SupportKind,
        (person, ends_at): (Option<UserId>, Option<Timestamp>),
    ) -> Self {
        let whole = rights_in(kind, Some(Scope::Institution));
        Self {
            reader: ChildReader {
                basis,
                basis_id,
                person,
                user: None,
                staff_function: Some(kind.opened_by()),
                parts: SeenParts::new(),
                ends_at,
            },
            rights: whole,
            who: Who::Others,
            asks_by: kind.rests_on().service(),
            support: Some(SupportReach::Institution),
        }
    }
}

/// What a support session of this kind shows when it is asked for whole.
fn rights_in(kind: SupportKind, reach: Option<Scope>) -> Rights {
    support::rights(&kind.ceiling().iter().copied().collect(), reach)
}

impl TenantReader<'_> {
    /// Everybody who may see a child of the institution now.
    ///
    /// # Errors
    /// [`Error::NotFound`](groeilijn_engine::error::Error::NotFound).
    pub fn readers_of_pupil(&mut self, id: PupilId) -> Result<Vec<ChildReader>> {
        let child = self.child(id)?;
        let institution = self.institution();
        let licence = licence::load(self.connection, institution)?.facts();
        let mut candidates = self.users_who_may_read()?;
        candidates.extend(self.tokens_that_may_read()?);
        candidates.extend(self.open_support_sessions()?);
        candidates.extend(self.possible_support_sessions(&licence)?);
        let mut within = HashMap::new();
        let mut readers = Vec::new();
        for candidate in candidates {
            let parts = self.parts_shown(child, &candidate, &licence, &mut within)?;
            if parts.is_empty() {
                continue;
            }
            let user = match (candidate.reader.basis, candidate.reader.person) {
                (ReaderBasis::User, Some(user)) => self.known_user(user)?,
                _ => None,
            };
            readers.push(ChildReader { parts, user, ..candidate.reader });
        }
        Ok(readers)
    }

    /// What a request of a candidate about the child would be let in for.
    fn parts_shown(
        &mut self,
        child: Child,
        candidate: &Candidate,
        licence: &LicenceFacts,
        within: &mut HashMap<Reach, bool>,
    ) -> Result<SeenParts> {
        let standing =
            Standing { login: None, who: candidate.who, licence: Some(licence), asks_by: candidate.asks_by };
        let (now, nobody) = (self.now(), UserId::from_uuid(Uuid::nil()));
        let mut parts = SeenParts::new();
        for (part, action, scope) in about_children(&candidate.rights) {
            if admit(&standing, part, action, now).is_err() {
                continue;
            }
            let reach = Reach::of(candidate.support, scope, candidate.reader.person.unwrap_or(nobody));
            let is_within = match within.get(&reach) {
                Some(is_within) => *is_within,
                None => self.is_within(child, reach)?,
            };
            within.insert(reach, is_within);
            if is_within {
                parts.entry(part).or_default().insert(action);
            }
        }
        Ok(parts)
    }

    fn users_who_may_read(&mut self) -> Result<Vec<Candidate>> {
        let (store, institution, today) = (self.store(), self.institution(), self.today());
        let entered_by = self.children_entered_by()?;
        let mut candidates = Vec::new();
        for row in membership::of_institution(self.connection, store, institution)? {
            let login = account::load(self.connection, store, row.account_id)?;
            let is_let_in = row.standing().as_seen(login.state) == AccountState::Active
                && row.last_day.is_none_or(|last| today <= last);
            if !is_let_in {
                continue;
            }
            let role = Role::Institution(row.function);
            let reader = ChildReader {
                basis: ReaderBasis::User,
                basis_id: Some(row.user_id.as_uuid()),
                person: Some(row.user_id),
                user: None,
                staff_function: None,
                parts: SeenParts::new(),
                ends_at: row.last_day.map(end_of_day),
            };
            candidates.push(Candidate {
                reader,
                rights: row.rights(entered_by),
                who: Who::of(Some(role)),
                asks_by: None,
                support: None,
            });
        }
        Ok(candidates)
    }

    fn tokens_that_may_read(&mut self) -> Result<Vec<Candidate>> {
        let (store, institution, now) = (self.store(), self.institution(), self.now());
        let tokens = api_token::of_institution(self.connection, store, institution)?;
        let candidate = |token: api_token::ApiTokenInUse| Candidate {
            reader: ChildReader {
                basis: ReaderBasis::ApiToken,
                basis_id: Some(token.id.as_uuid()),
                person: None,
                user: None,
                staff_function: None,
                parts: SeenParts::new(),
                ends_at: Some(end_of_day(token.facts.expires_on)),
            },
            rights: token.rights,
            who: Who::Others,
            asks_by: Some(Service::ApiTokens),
            support: None,
        };
        Ok(tokens.into_iter().filter(|token| token.facts.is_live(now)).map(candidate).collect())
    }

    /// Those of the processor's staff who look into the institution at this moment.
    fn open_support_sessions(&mut self) -> Result<Vec<Candidate>> {
        let (store, institution, now) = (self.store(), self.institution(), self.now());
        let mut candidates = Vec::new();
        for (id, kind) in in_use::of_institution(self.connection, institution, now)? {
            let Some(session) = session::read(self.connection, store, id)? else { continue };
            let Some(support) = session.support.as_ref().filter(|_| session.is_live(now)) else { continue };
            let of_staff = Candidate::of_staff(
                ReaderBasis::SupportSession,
                Some(id.as_uuid()),
                kind,
                (Some(session.actor.user), Some(session.facts.expires_at)),
            );
            candidates.push(Candidate {
                rights: session.rights,
                support: Some(support.reach),
                asks_by: support.basis.ground().service(),
                ..of_staff
            });
        }
        Ok(candidates)
    }

    /// What the processor's staff could begin at this moment.
    fn possible_support_sessions(&mut self, licence: &LicenceFacts) -> Result<Vec<Candidate>> {
        let (store, institution, now) = (self.store(), self.institution(), self.now());
        let is_admitted =
            |kind: SupportKind| admit_institution(licence, kind.rests_on().service(), now).is_ok();
        let mut candidates = Vec::new();
        if is_admitted(SupportKind::LookAlong) {
            let consents = support_consent::live(self.connection, store, institution, now)?;
            candidates.extend(consents.into_iter().map(|(id, user, staff, allowed)| {
                let whose = (staff, Some(allowed.consent.ends_at));
                Candidate {
                    rights: rights_in(SupportKind::LookAlong, support::reach_of(&allowed.rights)),
                    support: Some(SupportReach::User(user)),
                    ..Candidate::of_staff(
                        ReaderBasis::SupportConsent,
                        Some(id.as_uuid()),
                        SupportKind::LookAlong,
                        whose,
                    )
                }
            }));
        }
        if is_admitted(SupportKind::Coupling) {
            let couplings = coupling::live(self.connection, institution, now)?;
            candidates.extend(couplings.into_iter().map(|(id, adviser, coupling)| {
                let whose = (Some(adviser), Some(coupling.ends_at()));
                Candidate::of_staff(ReaderBasis::Coupling, Some(id.as_uuid()), SupportKind::Coupling, whose)
            }));
        }
        if is_admitted(SupportKind::Case) {
            for (id, about) in support_request::live(self.connection, institution, now)? {
                let parts =
                    SupportKind::Case.ceiling().iter().copied().filter(|part| about.parts.contains(part));
                let of_staff = Candidate::of_staff(
                    ReaderBasis::SupportRequest,
                    Some(id.as_uuid()),
                    SupportKind::Case,
                    (None, about.request.ends_at()),
                );
                candidates.push(Candidate {
                    rights: support::rights(&parts.collect(), Some(Scope::Institution)),
                    support: Some(support::reach_of_request(id, about.group)),
                    ..of_staff
                });
            }
        }
        if is_admitted(SupportKind::Emergency) {
            candidates.push(Candidate::of_staff(
                ReaderBasis::Emergency,
                None,
                SupportKind::Emergency,
                (None, None),
            ));
        }
        Ok(candidates)
    }
}
