//! Couplings: which adviser works for which institution, and for how long (C099–C101).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::access::session::AccountState;
use crate::access::{ProcessorFunction, Role};
use crate::values::calendar::{amsterdam_date, end_of_day};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::code_list;

/// How far ahead a coupling may end, in calendar years.
const LONGEST_COUPLING_YEARS: i8 = 1;

code_list! {
    /// For whom an adviser processes what she sees into a report. Each needs the institution's consent of its own (C099).
    pub enum CouplingReport {
        /// For the institution itself.
        Institution = "institution",
        /// For the cluster of institutions that it belongs to.
        Cluster = "cluster",
        /// For the municipality.
        Municipality = "municipality",
    }
}

/// That an adviser works for an institution from one day up to and including another, in Amsterdam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coupling {
    /// For whom she reports.
    pub report: CouplingReport,
    /// The first day.
    pub starts_on: Date,
    /// The last day.
    pub ends_on: Date,
    /// Whether an administrator of the institution approved it.
    pub approved: bool,
    /// Whether it was ended before its last day, or declined.
    pub decoupled: bool,
}

impl Coupling {
    /// Whether it holds at the moment `now`: not before the institution approved it, and it ends by the clock, whether or
    /// not anybody ends it (C099, C101).
    pub fn holds(&self, now: Timestamp) -> bool {
        let today = amsterdam_date(now);
        self.approved && !self.decoupled && self.starts_on <= today && today <= self.ends_on
    }

    /// When it ends by itself, in UTC.
    pub fn ends_at(&self) -> Timestamp {
        end_of_day(self.ends_on)
    }
}

/// That an administrator who consents to this report in this period may approve the coupling on the day `today` in
/// Amsterdam: her consent states what it is for and how long it lasts (C099).
///
/// # Errors
/// For each that she states otherwise `not-as-proposed`; for `ends_on` `expiry-past` when it is over.
pub fn check_approval(
    proposed: &Coupling,
    report: CouplingReport,
    starts_on: Date,
    ends_on: Date,
    today: Date,
) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    for (field, agrees) in [
        ("report", report == proposed.report),
        ("starts_on", starts_on == proposed.starts_on),
        ("ends_on", ends_on == proposed.ends_on),
    ] {
        if !agrees {
            let detail = "must be what the processor proposed: a consent is for that alone";
            refusals.refuse(field, Refusal::new("not-as-proposed", detail));
        }
    }
    if refusals.count() == 0 && (proposed.decoupled || proposed.ends_on < today) {
        refusals.refuse("ends_on", Refusal::new("expiry-past", "this coupling is over"));
    }
    refusals.or(())
}

/// That an institution takes couplings at all.
///
/// # Errors
/// `couplings-forbidden`.
pub fn check_allowed(forbidden: bool) -> Result<(), Refusal> {
    if forbidden {
        return Err(Refusal::new("couplings-forbidden", "the institution wants no couplings"));
    }
    Ok(())
}

/// Whether somebody with this role, whose account stands like this, can be coupled: an adviser who can log in.
pub fn can_be_coupled(role: Role, state: AccountState) -> bool {
    role == Role::Processor(ProcessorFunction::Adviser) && state == AccountState::Active
}

/// That an adviser may be coupled for this period, as seen on the day `today` in Amsterdam: a year at most.
///
/// # Errors
/// For the last day: `before-start`, `expiry-past`, `expiry-too-far`.
pub fn check_period(starts_on: Date, ends_on: Date, today: Date) -> Result<(), Refusal> {
    if ends_on < starts_on {
        return Err(Refusal::new("before-start", "must not be before the first day"));
    }
    if ends_on < today {
        return Err(Refusal::new("expiry-past", "must not be before today"));
    }
    if ends_on > starts_on.max(today).saturating_add(LONGEST_COUPLING_YEARS.years()) {
        return Err(Refusal::new("expiry-too-far", "an adviser is coupled for a year at most"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn coupling() -> Coupling {
        Coupling {
            report: CouplingReport::Cluster,
            starts_on: date(2026, 11, 22),
            ends_on: date(2026, 11, 23),
            approved: true,
            decoupled: false,
        }
    }

    #[test]
    fn c101_a_coupling_ends_with_its_last_day_in_amsterdam() {
        let coupling = coupling();
        for (now, holds) in [
            ("2026-11-21T22:59:59Z", false),
            ("2026-11-21T23:00:00Z", true),
            ("2026-11-23T22:59:59Z", true),
            ("2026-11-23T23:00:00Z", false),
        ] {
            assert_eq!(coupling.holds(moment(now)), holds, "{now}");
            assert!(!Coupling { decoupled: true, ..coupling }.holds(moment(now)));
            assert!(!Coupling { approved: false, ..coupling }.holds(moment(now)));
        }
        assert_eq!(coupling.ends_at(), moment("2026-11-23T23:00:00Z"));
    }

    #[test]
    fn c099_a_consent_states_the_report_and_the_period() {
        let proposed = Coupling { approved: false, ..coupling() };
        let (from, until, today) = (proposed.starts_on, proposed.ends_on, date(2026, 11, 21));
        let refused = |report, starts_on, ends_on, today| {
            let refused = check_approval(&proposed, report, starts_on, ends_on, today).err().into_iter();
            let named = refused.flatten().map(|(field, refusal)| (field, refusal.code));
            named.collect::<Vec<_>>()
        };
        let named = |field: &str, code| (field.to_owned(), code);
        use CouplingReport::{Cluster, Municipality};
        assert!(refused(Cluster, from, until, today).is_empty());
        assert_eq!(refused(Municipality, from, until, today), [named("report", "not-as-proposed")]);
        assert_eq!(
            refused(Cluster, until, from, today),
            [named("starts_on", "not-as-proposed"), named("ends_on", "not-as-proposed"),]
        );
        assert_eq!(refused(Cluster, from, until, date(2026, 11, 24)), [named("ends_on", "expiry-past")]);
        assert_eq!(check_allowed(true).unwrap_err().code, "couplings-forbidden");
        assert_eq!(check_allowed(false), Ok(()));
    }

    #[test]
    fn c100_an_adviser_is_coupled_for_a_year_at_most() {
        let today = date(2026, 11, 21);
        let check =
            |starts_on, ends_on| check_period(starts_on, ends_on, today).map_err(|refusal| refusal.code);
        assert_eq!(check(today, date(2027, 11, 21)), Ok(()));
        assert_eq!(check(today, date(2027, 11, 22)), Err("expiry-too-far"));
        assert_eq!(check(today, date(2026, 11, 20)), Err("before-start"));
        assert_eq!(check(date(2026, 11, 1), date(2026, 11, 20)), Err("expiry-past"));
        assert_eq!(check(date(2020, 1, 1), date(2027, 11, 21)), Ok(()));
    }

    #[test]
    fn c099_only_advisers_who_can_log_in_are_coupled() {
        for role in Role::ALL {
            for state in AccountState::ALL {
                let wanted =
                    (role, state) == (Role::Processor(ProcessorFunction::Adviser), AccountState::Active);
                assert_eq!(can_be_coupled(role, state), wanted, "{role:?} {state:?}");
            }
        }
    }
}
