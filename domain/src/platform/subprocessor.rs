//! Subprocessors: whom the processor lets process data, and when it may (C134–C136).

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::transfer::{Country, Safeguard, check_country, check_safeguard, needs_consent};
use crate::values::calendar::{amsterdam_date, end_of_day};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, Label, ShortText, code_list};

code_list! {
    /// What the contract with a subprocessor holds it to: the same as the processor itself (C136).
    pub enum SubprocessorDuty {
        /// Its people keep secret what they see.
        Confidentiality = "confidentiality",
        /// It processes on instruction alone.
        InstructionsOnly = "instructions-only",
        /// It secures the data as the contract with the institutions says.
        Security = "security",
        /// It tells of a breach without delay.
        BreachNotice = "breach-notice",
        /// It lets itself be audited.
        Audit = "audit",
        /// It engages nobody else without consent.
        NoOthers = "no-others",
        /// It destroys the data at the end, and confirms that.
        Destruction = "destruction",
    }
}

code_list! {
    /// How a subprocessor stands, for one institution.
    pub enum SubprocessorState {
        /// Announced: the window to object is open.
        Announced = "announced",
        /// The institution objected, and that stands.
        Objected = "objected",
        /// The window is over, and the institution did not consent to the country.
        AwaitingConsent = "awaiting-consent",
        /// It may be used.
        InUse = "in-use",
        /// The processor withdrew it before it was used.
        Withdrawn = "withdrawn",
        /// It is used no longer.
        Ended = "ended",
    }
}

code_list! {
    /// What came of a yearly check (C136).
    pub enum CheckOutcome {
        /// The subprocessor keeps its duties.
        Kept = "kept",
        /// It does not, and what has to be better was told.
        Shortcomings = "shortcomings",
    }
}

/// The passage of the contract that holds a subprocessor to a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// To which.
    pub duty: SubprocessorDuty,
    /// The passage itself: the copy that an institution can ask for.
    pub text: FreeText,
    /// SHA-256 of the contract that it stands in.
    pub document_sha256: [u8; 32],
}

/// Whom, where and what for (C134).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubprocessorFields {
    /// The firm, by its name in the register of companies.
    pub name: Label,
    /// The place of its data.
    pub place: Label,
    /// The country of its data.
    pub country: Country,
    /// What it does.
    pub task: ShortText,
    /// Which data it can get at.
    pub access: ShortText,
    /// What protects the data outside the European Economic Area.
    pub safeguard: Option<Safeguard>,
    /// What its contract holds it to.
    pub passages: Vec<Passage>,
}

impl SubprocessorFields {
    /// That it can be announced at all.
    ///
    /// # Errors
    /// For `country` what [`check_country`] refuses, or else for `safeguard` what [`check_safeguard`] does; for `passages`
    /// `duty-missing` and, for one of them, `repeated`.
    pub fn check(&self) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        match check_country(&self.country) {
            Ok(()) => refusals.check("safeguard", check_safeguard(&self.country, self.safeguard)),
            Err(never) => refusals.refuse("country", never),
        }
        let mut held = BTreeSet::new();
        for (index, passage) in self.passages.iter().enumerate() {
            if !held.insert(passage.duty.code()) {
                let twice = Refusal::new("repeated", "there is another passage for this duty");
                refusals.refuse(format!("passages/{index}/duty"), twice);
            }
        }
        let missing = SubprocessorDuty::ALL.into_iter().map(SubprocessorDuty::code);
        let missing: Vec<_> = missing.filter(|duty| !held.contains(duty)).collect();
        if !missing.is_empty() {
            let detail = format!("the contract must hold it to every duty; missing: {}", missing.join(", "));
            refusals.refuse("passages", Refusal::new("duty-missing", detail));
        }
        refusals.or(())
    }
}

/// What is known of a subprocessor, for one institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// When it was announced, in UTC.
    pub announced_at: Timestamp,
    /// Days in which the institution may object, from its contract's profile.
    pub objection_days: u16,
    /// The country of its data.
    pub country: Country,
    /// Whether an objection of the institution stands.
    pub objected: bool,
    /// What the institution consented to, if it did: country and safeguard are those announced.
    pub consented: bool,
    /// When the processor took it back or stopped using it, in UTC.
    pub ended_at: Option<Timestamp>,
}

impl Standing {
    /// The last day to object, in Amsterdam.
    pub fn object_until(&self) -> Date {
        amsterdam_date(self.announced_at).saturating_add(i64::from(self.objection_days).days())
    }

    /// How it stands at the moment `now` (C135, C137).
    pub fn state(&self, now: Timestamp) -> SubprocessorState {
        let window_ends = end_of_day(self.object_until());
        match self.ended_at {
            Some(ended_at) if ended_at < window_ends => SubprocessorState::Withdrawn,
            Some(_) => SubprocessorState::Ended,
            None if self.objected => SubprocessorState::Objected,
            None if now < window_ends => SubprocessorState::Announced,
            None if needs_consent(&self.country) && !self.consented => SubprocessorState::AwaitingConsent,
            None => SubprocessorState::InUse,
        }
    }

    /// That the institution may object at the moment `now`.
    ///
    /// # Errors
    /// `objection-too-late` after the window; `subprocessor-ended`.
    pub fn check_objection(&self, now: Timestamp) -> Result<(), Refusal> {
        self.check_open()?;
        if now >= end_of_day(self.object_until()) && !self.objected {
            let detail = "the window to object is over";
            return Err(Refusal::new("objection-too-late", detail));
        }
        Ok(())
    }

    /// That the processor did not take it back or end it.
    ///
    /// # Errors
    /// `subprocessor-ended`.
    pub fn check_open(&self) -> Result<(), Refusal> {
        match self.ended_at {
            Some(_) => Err(Refusal::new("subprocessor-ended", "it was withdrawn, or is used no longer")),
            None => Ok(()),
        }
    }
}

/// Whether it may be used at all: for every institution, each as it stands there (C135).
pub fn overall(states: impl IntoIterator<Item = SubprocessorState>) -> SubprocessorState {
    use SubprocessorState::{Announced, AwaitingConsent, Ended, InUse, Objected, Withdrawn};
    let found: Vec<_> = states.into_iter().collect();
    [Withdrawn, Ended, Objected, Announced, AwaitingConsent]
        .into_iter()
        .find(|state| found.contains(state))
        .unwrap_or(InUse)
}

/// The day by which a subprocessor has to be checked again: a year after the last check, or after it was announced (C136).
pub fn check_due(last: Option<Date>, announced_at: Timestamp) -> Date {
    last.unwrap_or_else(|| amsterdam_date(announced_at)).saturating_add(1.years())
}

/// That what an institution consents to is what was announced, and that it is asked at all (C137).
///
/// # Errors
/// `consent-not-needed` for `country` within the European Economic Area; `not-as-proposed` for what is stated otherwise.
pub fn check_consent(
    announced: (&Country, Option<Safeguard>),
    country: &Country,
    safeguard: Safeguard,
) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    if !needs_consent(announced.0) {
        let detail = "no consent is needed: the data stay in the European Economic Area";
        refusals.refuse("country", Refusal::new("consent-not-needed", detail));
        return refusals.or(());
    }
    for (field, agrees) in
        [("country", country == announced.0), ("safeguard", Some(safeguard) == announced.1)]
    {
        if !agrees {
            let detail = "must be what was announced: a consent is for that alone";
            refusals.refuse(field, Refusal::new("not-as-proposed", detail));
        }
    }
    refusals.or(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn standing() -> Standing {
        Standing {
            announced_at: moment("2026-11-21T09:00:00Z"),
            objection_days: 30,
            country: Country::netherlands(),
            objected: false,
            consented: false,
            ended_at: None,
        }
    }

    fn fields() -> SubprocessorFields {
        let passage =
            |duty| Passage { duty, text: FreeText::parse("Artikel 5.").unwrap(), document_sha256: [7; 32] };
        SubprocessorFields {
            name: Label::parse("Verzonnen Hosting B.V.").unwrap(),
            place: Label::parse("Delft").unwrap(),
            country: Country::netherlands(),
            task: ShortText::parse("Hosting.").unwrap(),
            access: ShortText::parse("Versleutelde gegevens.").unwrap(),
            safeguard: None,
            passages: SubprocessorDuty::ALL.into_iter().map(passage).collect(),
        }
    }

    fn codes(outcome: Result<(), FieldRefusals>) -> Vec<(String, &'static str)> {
        let refusals = outcome.err().into_iter().flatten();
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    #[test]
    fn c135_the_window_closes_with_the_thirtieth_day_in_amsterdam() {
        let standing = standing();
        assert_eq!(standing.object_until(), date(2026, 12, 21));
        assert_eq!(standing.state(moment("2026-12-21T22:59:59Z")), SubprocessorState::Announced);
        assert_eq!(standing.state(moment("2026-12-21T23:00:00Z")), SubprocessorState::InUse);
        assert!(standing.check_objection(moment("2026-12-21T22:59:59Z")).is_ok());
        let late = standing.check_objection(moment("2026-12-21T23:00:00Z")).unwrap_err();
        assert_eq!(late.code, "objection-too-late");
    }

    #[test]
    fn c135_an_objection_stands_as_long_as_it_is_not_withdrawn() {
        let objected = Standing { objected: true, ..standing() };
        for at in ["2026-11-22T09:00:00Z", "2030-01-01T09:00:00Z"] {
            assert_eq!(objected.state(moment(at)), SubprocessorState::Objected);
        }
    }

    #[test]
    fn c137_outside_the_eea_nothing_is_used_without_consent() {
        let abroad = Standing { country: Country::parse("CH").unwrap(), ..standing() };
        let later = moment("2027-02-01T09:00:00Z");
        assert_eq!(abroad.state(later), SubprocessorState::AwaitingConsent);
        let consented = Standing { consented: true, ..abroad };
        assert_eq!(consented.state(moment("2026-11-22T09:00:00Z")), SubprocessorState::Announced);
        assert_eq!(consented.state(later), SubprocessorState::InUse);
    }

    #[test]
    fn c135_what_the_processor_took_back_is_never_used() {
        let withdrawn = Standing { ended_at: Some(moment("2026-12-01T09:00:00Z")), ..standing() };
        assert_eq!(withdrawn.state(moment("2027-01-01T09:00:00Z")), SubprocessorState::Withdrawn);
        assert_eq!(
            withdrawn.check_objection(moment("2026-12-02T09:00:00Z")).unwrap_err().code,
            "subprocessor-ended"
        );
        let ended = Standing { ended_at: Some(moment("2027-06-01T09:00:00Z")), ..standing() };
        assert_eq!(ended.state(moment("2027-06-02T09:00:00Z")), SubprocessorState::Ended);
    }

    #[test]
    fn c136_the_contract_holds_it_to_every_duty_once() {
        assert_eq!(codes(fields().check()), []);
        let mut wrong = fields();
        wrong.passages.pop();
        let first = wrong.passages[0].clone();
        wrong.passages.push(first);
        wrong.country = Country::parse("US").unwrap();
        assert_eq!(
            codes(wrong.check()),
            [
                ("country".to_owned(), "country-never"),
                ("passages/6/duty".to_owned(), "repeated"),
                ("passages".to_owned(), "duty-missing"),
            ]
        );
    }

    #[test]
    fn c137_a_consent_is_for_what_was_announced() {
        let swiss = Country::parse("CH").unwrap();
        let announced = (&swiss, Some(Safeguard::AdequacyDecision));
        assert_eq!(codes(check_consent(announced, &swiss, Safeguard::AdequacyDecision)), []);
        let other = codes(check_consent(announced, &Country::parse("IN").unwrap(), Safeguard::ModelClauses));
        assert_eq!(
            other.iter().map(|(field, code)| (field.as_str(), *code)).collect::<Vec<_>>(),
            [("country", "not-as-proposed"), ("safeguard", "not-as-proposed")]
        );
        let home = (&Country::netherlands(), None);
        let asked = codes(check_consent(home, &Country::netherlands(), Safeguard::ModelClauses));
        assert_eq!(asked, [("country".to_owned(), "consent-not-needed")]);
    }

    #[test]
    fn c136_a_check_is_due_a_year_later() {
        assert_eq!(check_due(None, moment("2026-11-21T09:00:00Z")), date(2027, 11, 21));
        assert_eq!(check_due(Some(date(2028, 2, 29)), moment("2026-11-21T09:00:00Z")), date(2029, 2, 28));
    }

    fn any_state() -> impl Strategy<Value = SubprocessorState> {
        proptest::sample::select(SubprocessorState::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn c135_one_institution_keeps_it_from_being_used(states in proptest::collection::vec(any_state(), 0..6)) {
            let all_in_use = states.iter().all(|state| *state == SubprocessorState::InUse);
            prop_assert_eq!(overall(states) == SubprocessorState::InUse, all_in_use);
        }
    }
}
