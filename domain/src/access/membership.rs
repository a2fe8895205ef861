//! Memberships: what a person who logs in is at one institution.
//!
//! The password, the second factor, the strikes and the expiry are the person's; function, groups, rights and the last
//! day are each institution's own. An institution sees nothing of another one: not even that there is one.

use jiff::civil::Date;

use super::session::AccountState;
use crate::institutions::licence_state::{Doing, LicenceFacts, Who};
use crate::values::network::{Network, admits_text};

/// How a membership stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipState {
    /// How the institution has it.
    pub state: AccountState,
    /// Whether the person ever accepted it.
    pub accepted: bool,
}

impl MembershipState {
    /// How a user stands, as her institution sees it. Of a login that never accepted it sees nothing.
    pub fn as_seen(self, login: AccountState) -> AccountState {
        match (self.state, login) {
            (AccountState::Blocked, _) => AccountState::Blocked,
            (own, _) if !self.accepted => own,
            (_, AccountState::Blocked) => AccountState::Blocked,
            (AccountState::Active, AccountState::Active) => AccountState::Active,
            _ => AccountState::Invited,
        }
    }
}

/// Whether a membership is over on the day `today`, in Amsterdam: its user was blocked, or her last day is past (C067).
pub fn is_over(state: AccountState, last_day: Option<Date>, today: Date) -> bool {
    state == AccountState::Blocked || last_day.is_some_and(|last_day| last_day < today)
}

/// What is known of a membership that somebody would act in.
#[derive(Debug, Clone, Copy)]
pub struct MembershipFacts<'a> {
    /// How the institution has it.
    pub state: AccountState,
    /// The last day of the rights, in Amsterdam, if there is one (C067).
    pub last_day: Option<Date>,
    /// Who she is to the institution, as far as its licence goes.
    pub who: Who,
    /// The licence of the institution.
    pub licence: &'a LicenceFacts,
    /// The networks that its users work from; none is any (C065).
    pub networks: &'a [Network],
}

impl MembershipFacts<'_> {
    /// Whether a session may act in it on the day `today`, in Amsterdam: from a network of the institution (C065), under
    /// a licence that admits its users (C004), and not after the last day (C067). `from` is the network address as text.
    pub fn admits(&self, from: &str, today: Date) -> bool {
        self.state == AccountState::Active
            && self.licence.phase(today).admits(Doing::LogIn, self.who)
            && self.last_day.is_none_or(|last| today <= last)
            && admits_text(self.networks, from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::institutions::institution::ContractProfile;
    use crate::institutions::licence::{Licence, LicenceState, Product};
    use crate::institutions::licence_state::TermsStanding;
    use AccountState::*;
    use jiff::civil::date;

    #[test]
    fn c067_a_membership_is_over_when_it_is_blocked_or_its_last_day_is_past() {
        let today = date(2026, 11, 23);
        assert!(!is_over(Active, None, today) && !is_over(Invited, Some(today), today));
        assert!(is_over(Active, Some(today.yesterday().unwrap()), today));
        assert!(is_over(Blocked, None, today));
    }

    #[test]
    fn an_institution_sees_of_a_login_what_it_needs_and_nothing_before_it_was_accepted() {
        let seen = |state, accepted, login| MembershipState { state, accepted }.as_seen(login);
        for login in AccountState::ALL {
            assert_eq!(seen(Invited, false, login), Invited);
            assert_eq!(seen(Blocked, false, login), Blocked);
            assert_eq!(seen(Blocked, true, login), Blocked);
            assert_eq!(seen(Active, true, login), login);
        }
        assert_eq!(seen(Invited, true, Active), Invited);
        assert_eq!(seen(Invited, true, Blocked), Blocked);
    }

    #[test]
    fn c004_c065_c067_a_session_acts_in_a_membership_under_its_conditions() {
        const TODAY: Date = Date::constant(2026, 11, 24);
        let licence = |state| LicenceFacts {
            licence: Licence {
                products: [Product::Registration].into(),
                services: [].into(),
                start: TODAY,
                end: None,
                state,
            },
            terms: TermsStanding::Current,
            cancelled: false,
            destroyed: false,
            profile: ContractProfile::Kijk,
        };
        let network = [Network::parse("192.0.2.0/24").unwrap()];
        let (active, suspended) = (licence(LicenceState::Active), licence(LicenceState::Suspended));
        let open = MembershipFacts {
            state: Active,
            last_day: Some(TODAY),
            who: Who::Others,
            licence: &active,
            networks: &network,
        };
        assert!(open.admits("192.0.2.7", TODAY));
        assert!(!open.admits("198.51.100.1", TODAY));
        assert!(!open.admits("", TODAY));
        assert!(!open.admits("192.0.2.7", TODAY.tomorrow().unwrap()));
        assert!(MembershipFacts { networks: &[], ..open }.admits("", TODAY));
        assert!(!MembershipFacts { licence: &suspended, ..open }.admits("192.0.2.7", TODAY));
        let ended = licence(LicenceState::Ended);
        assert!(!MembershipFacts { licence: &ended, ..open }.admits("192.0.2.7", TODAY));
        let administrator = MembershipFacts { who: Who::Administrator, licence: &ended, ..open };
        assert!(administrator.admits("192.0.2.7", TODAY));
        for state in [Invited, Blocked] {
            assert!(!MembershipFacts { state, ..open }.admits("192.0.2.7", TODAY));
        }
    }
}
