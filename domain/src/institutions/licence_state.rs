//! How a licence stands on a day, and what each state admits: the table itself (C004, C106, C107).
//!
//! What follows from days is worked out from the stored facts whenever somebody asks, and never by a job: a licence whose
//! last day has passed is over at that midnight in Amsterdam, whether or not anything runs then.

use jiff::ToSpan;
use jiff::civil::Date;

use super::institution::ContractProfile;
use super::licence::{Licence, LicenceRefusal, LicenceState};
use crate::access::{Action, Function, Part, Role};
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

code_list! {
    /// How a licence stands on a day.
    pub enum LicencePhase {
        /// Its terms were never accepted.
        Offered = "offered",
        /// Its terms were accepted, and its first day is still to come.
        Accepted = "accepted",
        /// In use.
        Active = "active",
        /// In use, until the last day that was given when it was cancelled.
        Cancelled = "cancelled",
        /// Withheld for a time.
        Suspended = "suspended",
        /// Its last day is past: what there is can be read, taken along and archived, until it is destroyed.
        Grace = "grace",
        /// The grace is past too: the data is to be destroyed.
        Over = "over",
        /// The data was destroyed.
        Destroyed = "destroyed",
    }
}

code_list! {
    /// What somebody at an institution does, as far as a licence goes.
    pub enum Doing {
        /// Log in, and see and end one's own sessions.
        LogIn = "log-in",
        /// See the institution and its licence.
        SeeLicence = "see-licence",
        /// Accept the licence terms.
        AcceptTerms = "accept-terms",
        /// Cancel the licence, and withdraw that.
        Cancel = "cancel",
        /// Look at anything else.
        Read = "read",
        /// Take it along.
        Export = "export",
        /// Put it in the archive, and say what is kept or destroyed.
        Archive = "archive",
        /// Add, alter or take away anything else.
        Write = "write",
    }
}

impl Doing {
    /// What an action on a part is. Nothing for what works always: logging out, choosing another password, setting up a
    /// second factor, withdrawing a consent (C012), and stopping that somebody else becomes an administrator.
    pub const fn of(part: Part, action: Action) -> Option<Self> {
        Some(match (part, action) {
            (Part::Credentials, _)
            | (Part::SupportConsents | Part::AdministratorRecoveries, Action::Delete) => {
                return None;
            }
            (Part::Account, _) => Self::LogIn,
            (Part::Licences | Part::Institutions, Action::Read) => Self::SeeLicence,
            (Part::Licences, Action::Create) => Self::AcceptTerms,
            (Part::Licences, Action::Delete) => Self::Cancel,
            (Part::Retention | Part::Destructions, Action::Create | Action::Change | Action::Delete) => {
                Self::Archive
            }
            (_, Action::Read) => Self::Read,
            (_, Action::Export) => Self::Export,
            (_, Action::Create | Action::Change | Action::Delete) => Self::Write,
        })
    }

    /// Whether it works before terms are accepted that replaced others: who does not want them can leave.
    pub const fn works_before_terms(self) -> bool {
        matches!(self, Self::LogIn | Self::SeeLicence | Self::AcceptTerms | Self::Cancel)
    }
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// An administrator of the institution.
    Administrator,
    /// Her colleagues, programs with a token, and the processor's staff in a support session.
    Others,
}

impl Who {
    /// Who somebody is that acts in an institution, with a role or with none.
    pub fn of(role: Option<Role>) -> Self {
        match role {
            Some(Role::Institution(Function::Administrator)) => Self::Administrator,
            _ => Self::Others,
        }
    }
}

impl LicencePhase {
    /// The table: whether a licence that stands like this lets `who` do something.
    pub const fn admits(self, doing: Doing, who: Who) -> bool {
        use Doing::*;
        match (self, who) {
            (Self::Active | Self::Cancelled, _) => true,
            (Self::Offered, Who::Administrator) => matches!(doing, LogIn | SeeLicence | AcceptTerms),
            (Self::Accepted, Who::Administrator) => {
                matches!(doing, LogIn | SeeLicence | AcceptTerms | Cancel)
            }
            (Self::Grace, Who::Administrator) => {
                matches!(doing, LogIn | SeeLicence | Read | Export | Archive)
            }
            (Self::Offered | Self::Accepted | Self::Grace, Who::Others)
            | (Self::Suspended | Self::Over | Self::Destroyed, _) => false,
        }
    }

    /// Whether it is a state in which everything goes on as agreed.
    pub const fn is_in_force(self) -> bool {
        matches!(self, Self::Active | Self::Cancelled)
    }

    /// Why it lets nobody do something; for an offered licence because its terms have to be accepted.
    pub const fn refusal(self, who: Who) -> Option<LicenceRefusal> {
        match (self, who) {
            (Self::Offered | Self::Active | Self::Cancelled, _) => None,
            (Self::Accepted, _) => Some(LicenceRefusal::NotStarted),
            (Self::Suspended, _) => Some(LicenceRefusal::Suspended),
            (Self::Grace, Who::Administrator) => Some(LicenceRefusal::InGrace),
            (Self::Grace | Self::Over | Self::Destroyed, _) => Some(LicenceRefusal::Ended),
        }
    }
}

/// Which terms were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermsStanding {
    /// None ever were.
    Never,
    /// Others than those that hold now.
    Outdated,
    /// Those that hold now.
    Current,
}

/// What is stored of a licence, as far as its state follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceFacts {
    /// What was agreed.
    pub licence: Licence,
    /// Which terms were accepted.
    pub terms: TermsStanding,
    /// Whether it was cancelled: its last day is then the one that was given.
    pub cancelled: bool,
    /// Whether the institution's data was destroyed.
    pub destroyed: bool,
    /// Whose rules the contract follows: they say how long the grace lasts.
    pub profile: ContractProfile,
}

impl LicenceFacts {
    /// How the licence stands on a day, in Amsterdam.
    pub fn phase(&self, on: Date) -> LicencePhase {
        let Licence { start, end, state, .. } = self.licence;
        if self.destroyed {
            LicencePhase::Destroyed
        } else if state == LicenceState::Ended || end.is_some_and(|end| end < on) {
            let is_past = destruction_due(self).is_some_and(|due| due <= on);
            if is_past { LicencePhase::Over } else { LicencePhase::Grace }
        } else if state == LicenceState::Suspended {
            LicencePhase::Suspended
        } else if self.terms == TermsStanding::Never {
            LicencePhase::Offered
        } else if on < start {
            LicencePhase::Accepted
        } else if self.cancelled {
            LicencePhase::Cancelled
        } else {
            LicencePhase::Active
        }
    }
}

/// The day in Amsterdam on which an institution's data is to be destroyed: the one after the last day of grace, which has
/// the number of the last day of use, so many calendar months later, or is the last of a month that has no such day
/// (C106, C107). `None` as long as the licence has no last day.
pub fn destruction_due(facts: &LicenceFacts) -> Option<Date> {
    let months = i32::from(facts.profile.terms().termination_grace_months).months();
    facts.licence.end.map(|end| end.saturating_add(months).saturating_add(1.day()))
}

/// That a licence can still be cancelled, or that withdrawn, on the day `today`, in Amsterdam.
///
/// # Errors
/// `licence-ended` once its last day is past.
pub fn check_running(facts: &LicenceFacts, today: Date) -> Result<(), Refusal> {
    match facts.phase(today) {
        LicencePhase::Grace | LicencePhase::Over | LicencePhase::Destroyed => {
            Err(Refusal::new("licence-ended", "The licence has ended already."))
        }
        _ => Ok(()),
    }
}

/// That a licence can be cancelled as from `last_day`, its last day of use, when it is `today` in Amsterdam. `agreed` is
/// the last day that it would have anyhow.
///
/// # Errors
/// `in-the-past`; `before-start`; `after-end`.
pub fn check_cancellation(
    licence: &Licence,
    agreed: Option<Date>,
    last_day: Date,
    today: Date,
) -> Result<(), Refusal> {
    if last_day < today {
        return Err(Refusal::new("in-the-past", "must not be before today"));
    }
    if last_day < licence.start {
        return Err(Refusal::new("before-start", "must not be before the start date"));
    }
    if agreed.is_some_and(|end| end < last_day) {
        return Err(Refusal::new("after-end", "must not be after the day on which the licence ends anyhow"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::institutions::licence::Product;
    use crate::values::calendar::amsterdam_date;

    const FIRST: Date = Date::constant(2026, 8, 1);
    const TODAY: Date = Date::constant(2026, 11, 21);

    fn facts(end: Option<Date>, profile: ContractProfile) -> LicenceFacts {
        let products = [Product::Registration].into();
        LicenceFacts {
            licence: Licence {
                products,
                services: [].into(),
                start: FIRST,
                end,
                state: LicenceState::Active,
            },
            terms: TermsStanding::Current,
            cancelled: false,
            destroyed: false,
            profile,
        }
    }

    fn due(end: Date, profile: ContractProfile) -> Date {
        destruction_due(&facts(Some(end), profile)).unwrap()
    }

    #[test]
    fn c004_c106_the_table_of_what_each_state_admits() {
        // In the order of `Doing::ALL`: log in, see, accept, cancel, read, export, archive, write.
        let table = [
            (LicencePhase::Offered, "xxx.....", "........"),
            (LicencePhase::Accepted, "xxxx....", "........"),
            (LicencePhase::Active, "xxxxxxxx", "xxxxxxxx"),
            (LicencePhase::Cancelled, "xxxxxxxx", "xxxxxxxx"),
            (LicencePhase::Suspended, "........", "........"),
            (LicencePhase::Grace, "xx..xxx.", "........"),
            (LicencePhase::Over, "........", "........"),
            (LicencePhase::Destroyed, "........", "........"),
        ];
        assert_eq!(table.map(|row| row.0), LicencePhase::ALL);
        for (phase, administrator, others) in table {
            for (who, cells) in [(Who::Administrator, administrator), (Who::Others, others)] {
                let admitted = Doing::ALL.map(|doing| if phase.admits(doing, who) { 'x' } else { '.' });
                assert_eq!(admitted.iter().collect::<String>(), cells, "{phase:?} {who:?}");
                let refuses = cells.contains('.') && phase != LicencePhase::Offered;
                assert_eq!(phase.refusal(who).is_some(), refuses, "{phase:?} {who:?}");
            }
        }
    }

    #[test]
    fn c004_a_licence_goes_through_its_states_by_days_alone() {
        let mut facts = facts(Some(date(2027, 7, 31)), ContractProfile::Kijk);
        let phases = |facts: &LicenceFacts| {
            [
                date(2026, 7, 31),
                FIRST,
                date(2027, 7, 31),
                date(2027, 8, 1),
                date(2027, 10, 31),
                date(2027, 11, 1),
            ]
            .map(|on| facts.phase(on))
        };
        use LicencePhase::*;
        assert_eq!(phases(&facts), [Accepted, Active, Active, Grace, Grace, Over]);
        facts.cancelled = true;
        assert_eq!(phases(&facts), [Accepted, Cancelled, Cancelled, Grace, Grace, Over]);
        facts.terms = TermsStanding::Never;
        assert_eq!(phases(&facts), [Offered, Offered, Offered, Grace, Grace, Over]);
        facts.licence.state = LicenceState::Suspended;
        assert_eq!(phases(&facts), [Suspended, Suspended, Suspended, Grace, Grace, Over]);
        facts.destroyed = true;
        assert_eq!(phases(&facts), [Destroyed; 6]);
    }

    #[test]
    fn c004_terms_that_were_replaced_leave_the_state_as_it_is() {
        let outdated = LicenceFacts { terms: TermsStanding::Outdated, ..facts(None, ContractProfile::Kijk) };
        assert_eq!(outdated.phase(TODAY), LicencePhase::Active);
        assert_eq!(facts(None, ContractProfile::Kijk).phase(date(2126, 1, 1)), LicencePhase::Active);
    }

    #[test]
    fn a_licence_that_was_ended_at_once_is_in_grace_from_then_on() {
        let mut ended = facts(None, ContractProfile::Kijk);
        ended.licence.state = LicenceState::Ended;
        assert_eq!((ended.phase(TODAY), destruction_due(&ended)), (LicencePhase::Grace, None));
        ended.licence.end = Some(TODAY);
        assert_eq!(ended.phase(TODAY), LicencePhase::Grace);
        assert_eq!(ended.phase(date(2027, 2, 21)), LicencePhase::Grace);
        assert_eq!(ended.phase(date(2027, 2, 22)), LicencePhase::Over);
    }

    #[test]
    fn c106_c107_the_grace_is_counted_in_calendar_months() {
        for (end, kijk, basisonline) in [
            (date(2026, 11, 21), date(2027, 2, 22), date(2027, 1, 22)),
            (date(2026, 11, 30), date(2027, 3, 1), date(2027, 1, 31)),
            (date(2026, 11, 29), date(2027, 3, 1), date(2027, 1, 30)),
            (date(2027, 11, 30), date(2028, 3, 1), date(2028, 1, 31)),
            (date(2027, 11, 29), date(2028, 3, 1), date(2028, 1, 30)),
            (date(2027, 12, 31), date(2028, 4, 1), date(2028, 3, 1)),
            (date(2026, 12, 31), date(2027, 4, 1), date(2027, 3, 1)),
            (date(2028, 2, 29), date(2028, 5, 30), date(2028, 4, 30)),
            (date(2027, 2, 28), date(2027, 5, 29), date(2027, 4, 29)),
            (date(2026, 8, 31), date(2026, 12, 1), date(2026, 11, 1)),
        ] {
            assert_eq!(due(end, ContractProfile::Kijk), kijk, "{end}");
            assert_eq!(due(end, ContractProfile::BasisOnline), basisonline, "{end}");
        }
        assert_eq!(destruction_due(&facts(None, ContractProfile::Kijk)), None);
        assert_eq!(due(Date::MAX, ContractProfile::Kijk), Date::MAX);
    }

    #[test]
    fn c106_a_day_ends_at_midnight_in_amsterdam_in_winter_and_in_summer() {
        let phase_at = |end: Date, at: &str| {
            facts(Some(end), ContractProfile::Kijk).phase(amsterdam_date(at.parse().unwrap()))
        };
        use LicencePhase::*;
        for (end, at, expected) in [
            (date(2026, 12, 31), "2026-12-31T22:59:59Z", Active),
            (date(2026, 12, 31), "2026-12-31T23:00:00Z", Grace),
            // The clock goes forward on 28 March 2027 and back on 31 October.
            (date(2026, 12, 31), "2027-03-31T21:59:59Z", Grace),
            (date(2026, 12, 31), "2027-03-31T22:00:00Z", Over),
            (date(2027, 3, 28), "2027-03-28T21:59:59Z", Active),
            (date(2027, 3, 28), "2027-03-28T22:00:00Z", Grace),
            (date(2027, 10, 31), "2027-10-31T22:59:59Z", Active),
            (date(2027, 10, 31), "2027-10-31T23:00:00Z", Grace),
        ] {
            assert_eq!(phase_at(end, at), expected, "{end} {at}");
        }
    }

    #[test]
    fn a_licence_is_cancelled_as_from_a_day_that_can_be() {
        let licence = facts(None, ContractProfile::Kijk).licence;
        let check = |agreed, last_day, today| {
            check_cancellation(&licence, agreed, last_day, today).map_err(|refusal| refusal.code)
        };
        assert_eq!(check(None, TODAY, TODAY), Ok(()));
        assert_eq!(check(Some(TODAY), TODAY, TODAY), Ok(()));
        assert_eq!(check(None, date(2026, 11, 20), TODAY), Err("in-the-past"));
        assert_eq!(check(None, date(2026, 7, 31), date(2026, 7, 1)), Err("before-start"));
        assert_eq!(check(Some(TODAY), date(2026, 11, 22), TODAY), Err("after-end"));
    }
}
