//! What works for somebody whose password has expired, who has no second factor yet, whose institution has no licence
//! or has not accepted its terms (C004, C059).
//!
//! It is asked on every request of a caller who has the right.

use jiff::Timestamp;

use super::credential::{PasswordExpiry, is_expired};
use super::{Action, Part};
use crate::institutions::licence::LicenceRefusal;
use crate::institutions::licence_state::{Doing, LicenceFacts, TermsStanding, Who};
use crate::institutions::service::Service;
use crate::values::calendar::amsterdam_date;

/// What is known of somebody who asks for something, apart from their rights.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// How they log in; nothing for an API token, which has no password.
    pub login: Option<LoginStanding>,
    /// Who they are to that institution.
    pub who: Who,
    /// The licence of the institution that they act in; none for the processor's own staff outside a support session.
    pub licence: Option<&'a LicenceFacts>,
    /// The optional service by which they ask at all, such as that of API tokens (C041).
    pub asks_by: Option<Service>,
}

/// What is known of what an account logs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginStanding {
    /// When the password was set, in UTC.
    pub password_set_at: Timestamp,
    /// When a password expires under the institution's contract (C059).
    pub password_expiry: PasswordExpiry,
    /// Whether a second factor is in use.
    pub has_second_factor: bool,
    /// Whether the account needs one.
    pub needs_second_factor: bool,
    /// Whether its address is not the institution's any more (C054, C055).
    pub address_is_due: bool,
}

impl LoginStanding {
    /// Whether the password has expired at the moment `now` (C059).
    pub fn must_change_password(&self, now: Timestamp) -> bool {
        is_expired(self.password_set_at, now, self.password_expiry, self.has_second_factor)
    }

    /// Whether a second factor is needed and none is in use.
    pub const fn must_set_up_second_factor(&self) -> bool {
        self.needs_second_factor && !self.has_second_factor
    }
}

/// Why somebody who has the right cannot use it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdmitted {
    /// The password has expired: another one has to be chosen first (C059).
    PasswordExpired,
    /// The account needs a second factor: it has to be set up first.
    SecondFactorMissing,
    /// The address is not the institution's any more: another one takes its place first (C055).
    AddressDue,
    /// The licence of the institution is not in force (C004).
    NoLicence(LicenceRefusal),
    /// The licence terms have to be accepted first (C004).
    TermsNotAccepted,
    /// The licence does not include this service (C041).
    NotInLicence(Service),
}

/// Whether somebody may take `action` on `part` at the moment `now`, given that they have the right.
///
/// # Errors
/// The first thing that has to be put in order.
pub fn admit(standing: &Standing<'_>, part: Part, action: Action, now: Timestamp) -> Result<(), NotAdmitted> {
    let Some(doing) = Doing::of(part, action) else { return Ok(()) };
    if standing.login.is_some_and(|login| login.must_change_password(now)) {
        return Err(NotAdmitted::PasswordExpired);
    }
    if standing.login.is_some_and(|login| login.must_set_up_second_factor()) {
        return Err(NotAdmitted::SecondFactorMissing);
    }
    if standing.login.is_some_and(|login| login.address_is_due) {
        return Err(NotAdmitted::AddressDue);
    }
    let Some(facts) = standing.licence else { return Ok(()) };
    admit_under(facts, doing, standing.who, now)?;
    standing
        .asks_by
        .into_iter()
        .chain(Service::of(part, action))
        .try_for_each(|service| require(facts, service))
}

/// Whether anything is done for an institution with this licence at the moment `now`, by an optional service if it is one:
/// also by the processor's staff, who look into none, and propose nothing to one, that has no licence or did not accept its
/// terms (C004), or that did not agree upon the service (C041).
///
/// # Errors
/// What has to be put in order first.
pub fn admit_institution(
    facts: &LicenceFacts,
    service: Option<Service>,
    now: Timestamp,
) -> Result<(), NotAdmitted> {
    admit_under(facts, Doing::Write, Who::Others, now)?;
    service.map_or(Ok(()), |service| require(facts, service))
}

/// Whether a licence lets `who` do something at the moment `now` (C004).
fn admit_under(facts: &LicenceFacts, doing: Doing, who: Who, now: Timestamp) -> Result<(), NotAdmitted> {
    let phase = facts.phase(amsterdam_date(now));
    if !phase.admits(doing, who) {
        return Err(phase.refusal(who).map_or(NotAdmitted::TermsNotAccepted, NotAdmitted::NoLicence));
    }
    let waits = phase.is_in_force() && facts.terms != TermsStanding::Current;
    if waits && !doing.works_before_terms() { Err(NotAdmitted::TermsNotAccepted) } else { Ok(()) }
}

fn require(facts: &LicenceFacts, service: Service) -> Result<(), NotAdmitted> {
    if facts.licence.includes(service) { Ok(()) } else { Err(NotAdmitted::NotInLicence(service)) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::access::credential::expires_at;
    use crate::institutions::institution::ContractProfile;
    use crate::institutions::licence::{Licence, LicenceState, Product};

    const SET_AT: Timestamp = Timestamp::constant(1_800_000_000, 0);

    const LOGIN: LoginStanding = LoginStanding {
        password_set_at: SET_AT,
        password_expiry: PasswordExpiry::Always,
        has_second_factor: false,
        needs_second_factor: false,
        address_is_due: false,
    };

    const GOOD: Standing<'static> =
        Standing { login: Some(LOGIN), who: Who::Administrator, licence: None, asks_by: None };

    fn licence(state: LicenceState) -> LicenceFacts {
        LicenceFacts {
            licence: Licence {
                products: [Product::Registration].into(),
                services: Service::ALL.into(),
                start: Date::constant(2026, 8, 1),
                end: None,
                state,
            },
            terms: TermsStanding::Current,
            cancelled: false,
            destroyed: false,
            profile: ContractProfile::Kijk,
        }
    }

    fn all_parts_and_actions() -> impl Iterator<Item = (Part, Action)> {
        Part::ALL.into_iter().flat_map(|part| Action::ALL.into_iter().map(move |action| (part, action)))
    }

    /// What is still possible for a caller who is otherwise told `reason`.
    fn possible(standing: &Standing<'_>, now: Timestamp, reason: NotAdmitted) -> Vec<(Part, Action)> {
        all_parts_and_actions()
            .filter(|&(part, action)| match admit(standing, part, action, now) {
                Ok(()) => true,
                Err(refused) => {
                    assert_eq!(refused, reason, "{part:?} {action:?}");
                    false
                }
            })
            .collect()
    }

    fn what_works_always() -> Vec<(Part, Action)> {
        all_parts_and_actions()
            .filter(|&(part, action)| {
                let taken_back = matches!(part, Part::SupportConsents | Part::AdministratorRecoveries);
                part == Part::Credentials || taken_back && action == Action::Delete
            })
            .collect()
    }

    #[test]
    fn with_everything_in_order_everything_works() {
        let active = licence(LicenceState::Active);
        for (part, action) in all_parts_and_actions() {
            assert_eq!(admit(&GOOD, part, action, SET_AT), Ok(()));
            assert_eq!(admit(&Standing { licence: Some(&active), ..GOOD }, part, action, SET_AT), Ok(()));
            assert_eq!(admit(&Standing { login: None, ..GOOD }, part, action, Timestamp::MAX), Ok(()));
        }
    }

    #[test]
    fn c059_with_an_expired_password_only_another_one_can_be_chosen() {
        let now = expires_at(SET_AT);
        assert_eq!(possible(&GOOD, now, NotAdmitted::PasswordExpired), what_works_always());
    }

    #[test]
    fn c059_a_contract_can_let_passwords_last_with_a_second_factor() {
        let login = LoginStanding {
            password_expiry: PasswordExpiry::UnlessSecondFactor,
            has_second_factor: true,
            ..LOGIN
        };
        let standing = Standing { login: Some(login), ..GOOD };
        assert_eq!(admit(&standing, Part::Pupils, Action::Read, expires_at(SET_AT)), Ok(()));
    }

    #[test]
    fn without_the_second_factor_that_is_needed_it_can_only_be_set_up() {
        let login = LoginStanding { needs_second_factor: true, ..LOGIN };
        let standing = Standing { login: Some(login), ..GOOD };
        assert_eq!(possible(&standing, SET_AT, NotAdmitted::SecondFactorMissing), what_works_always());
        let login = LoginStanding { has_second_factor: true, ..login };
        let standing = Standing { login: Some(login), ..GOOD };
        assert_eq!(admit(&standing, Part::Pupils, Action::Read, SET_AT), Ok(()));
    }

    #[test]
    fn c004_without_a_licence_nothing_works_for_tokens_either() {
        let suspended = licence(LicenceState::Suspended);
        let reason = NotAdmitted::NoLicence(LicenceRefusal::Suspended);
        for login in [Some(LOGIN), None] {
            let standing = Standing { login, licence: Some(&suspended), ..GOOD };
            assert_eq!(possible(&standing, SET_AT, reason), what_works_always());
        }
    }

    #[test]
    fn c004_nothing_is_done_for_an_institution_without_a_licence_and_accepted_terms() {
        let active = licence(LicenceState::Active);
        assert_eq!(admit_institution(&active, Some(Service::Advice), SET_AT), Ok(()));
        for terms in [TermsStanding::Never, TermsStanding::Outdated] {
            let waiting = LicenceFacts { terms, ..active.clone() };
            assert_eq!(admit_institution(&waiting, None, SET_AT), Err(NotAdmitted::TermsNotAccepted));
        }
        let ended = admit_institution(&licence(LicenceState::Ended), None, SET_AT);
        assert_eq!(ended, Err(NotAdmitted::NoLicence(LicenceRefusal::Ended)));
        let mut bare = active;
        bare.licence.services.clear();
        let refused = admit_institution(&bare, Some(Service::Advice), SET_AT);
        assert_eq!(refused, Err(NotAdmitted::NotInLicence(Service::Advice)));
        assert_eq!(admit_institution(&bare, None, SET_AT), Ok(()));
    }

    #[test]
    fn c041_what_is_not_in_the_licence_is_refused_and_nothing_else() {
        let mut bare = licence(LicenceState::Active);
        bare.licence.services.clear();
        for who in [Who::Administrator, Who::Others] {
            let standing = Standing { who, licence: Some(&bare), ..GOOD };
            for (part, action) in all_parts_and_actions() {
                let expected = Service::of(part, action)
                    .map_or(Ok(()), |service| Err(NotAdmitted::NotInLicence(service)));
                assert_eq!(admit(&standing, part, action, SET_AT), expected, "{part:?} {action:?}");
            }
        }
        let token = Standing { asks_by: Some(Service::ApiTokens), licence: Some(&bare), ..GOOD };
        let asked = admit(&token, Part::Pupils, Action::Read, SET_AT);
        assert_eq!(asked, Err(NotAdmitted::NotInLicence(Service::ApiTokens)));
    }

    #[test]
    fn c004_before_other_terms_are_accepted_they_can_be_read_and_accepted_and_the_licence_cancelled() {
        let outdated = LicenceFacts { terms: TermsStanding::Outdated, ..licence(LicenceState::Active) };
        let standing = Standing { licence: Some(&outdated), ..GOOD };
        let possible = possible(&standing, SET_AT, NotAdmitted::TermsNotAccepted);
        for (part, action) in all_parts_and_actions() {
            let before = match part {
                Part::Account | Part::Credentials => true,
                Part::Licences => matches!(action, Action::Read | Action::Create | Action::Delete),
                Part::Institutions => action == Action::Read,
                _ => false,
            };
            let works = before || what_works_always().contains(&(part, action));
            assert_eq!(possible.contains(&(part, action)), works, "{part:?} {action:?}");
        }
    }

    #[test]
    fn the_password_goes_first_then_the_second_factor_then_the_licence() {
        let ended = licence(LicenceState::Ended);
        let login = LoginStanding { needs_second_factor: true, ..LOGIN };
        let nothing = Standing { login: Some(login), who: Who::Others, licence: Some(&ended), asks_by: None };
        let asked = |standing: &Standing<'_>, now| admit(standing, Part::Notes, Action::Read, now);
        assert_eq!(asked(&nothing, expires_at(SET_AT)), Err(NotAdmitted::PasswordExpired));
        assert_eq!(asked(&nothing, SET_AT), Err(NotAdmitted::SecondFactorMissing));
        let shown = Standing { login: Some(LOGIN), ..nothing };
        assert_eq!(asked(&shown, SET_AT), Err(NotAdmitted::NoLicence(LicenceRefusal::Ended)));
    }
}
