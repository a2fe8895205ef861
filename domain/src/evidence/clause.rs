//! A clause of the contracts: what it asks, how it is met, and how far that is so.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};

use super::kind::EvidenceKind;
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

code_list! {
    /// What it takes to prove a clause.
    pub enum ClauseKind {
        /// A test over HTTP.
        Test = "test",
        /// A record that the software keeps.
        Evidence = "evidence",
        /// A dated statement of the organisation.
        Organisation = "organisation",
    }
}

code_list! {
    /// How far a clause is met. Nothing is met unless it was looked at and found to be so.
    pub enum ClauseState {
        /// All of it.
        Met = "met",
        /// Some of it; what is missing is said.
        Partly = "partly",
        /// Not, or it cannot be shown.
        Open = "open",
    }
}

code_list! {
    /// By what a clause is met.
    pub enum Means {
        /// By what the software does.
        Software = "software",
        /// By what the software keeps on record.
        Evidence = "evidence",
        /// By what the organisation does.
        Organisation = "organisation",
    }
}

code_list! {
    /// What a clause is about.
    pub enum ClauseSection {
        /// Parties, systems and roles.
        Parties = "parties",
        /// Data fields and their classes.
        Data = "data",
        /// Purposes, instructions and confidentiality.
        Purposes = "purposes",
        /// Logging in.
        Login = "login",
        /// Integrity, availability, encryption and the management of security.
        Security = "security",
        /// Logging, control and audits.
        Control = "control",
        /// Monitoring, sharing and research.
        Monitoring = "monitoring",
        /// Retention and destruction.
        Retention = "retention",
        /// The rights of the people whose data it is.
        SubjectRights = "subject-rights",
        /// Incidents and data breaches.
        Incidents = "incidents",
        /// Subprocessors, transfers and the life of the contract.
        Contract = "contract",
        /// What a second reading of the contracts found, on every subject.
        SecondReading = "second-reading",
    }
}

/// The number of a clause, written `C060`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClauseId(u8);

impl ClauseId {
    /// How many characters it is written with.
    pub const CHARACTERS: usize = 4;

    /// The clause of this number.
    pub const fn from_number(number: u8) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Reads `C060`.
    ///
    /// # Errors
    /// `not-a-clause` for any other form.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let digits = text.strip_prefix('C').filter(|digits| digits.len() == 3);
        let number = digits.and_then(|digits| digits.parse().ok()).map(Self);
        number
            .filter(|id| id.to_string() == text)
            .ok_or_else(|| Refusal::new("not-a-clause", "must be the number of a clause, such as C060"))
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C{:03}", self.0)
    }
}

impl Serialize for ClauseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A clause of the contracts.
#[derive(Debug, Clone, Copy)]
pub struct Clause {
    /// Its number.
    pub id: ClauseId,
    /// What it takes to prove it.
    pub kind: ClauseKind,
    /// Where it stands: VO is the model agreement and B1 and B2 its annexes, BO the privacy regulations.
    pub source: &'static str,
    /// What it asks, in our words.
    pub text: &'static str,
    /// How far it is met without any record.
    pub state: ClauseState,
    /// What is missing to meet it without any record; `None` when nothing is.
    pub missing: Option<&'static str>,
    /// The records that meet it when there is one of each kind.
    needs: &'static [EvidenceKind],
    software: Option<&'static str>,
    evidence: Option<&'static str>,
    organisation: Option<&'static str>,
}

impl Clause {
    /// What it is about.
    pub const fn section(&self) -> ClauseSection {
        match self.id.0 {
            ..=20 => ClauseSection::Parties,
            21..=35 => ClauseSection::Data,
            36..=53 => ClauseSection::Purposes,
            54..=69 => ClauseSection::Login,
            70..=88 => ClauseSection::Security,
            89..=96 => ClauseSection::Control,
            97..=103 => ClauseSection::Monitoring,
            104..=113 => ClauseSection::Retention,
            114..=121 => ClauseSection::SubjectRights,
            122..=133 => ClauseSection::Incidents,
            134..=140 => ClauseSection::Contract,
            141.. => ClauseSection::SecondReading,
        }
    }

    /// How far it is met, and what is missing, with records in force of these kinds that name it.
    pub fn standing(&self, in_force: &BTreeSet<EvidenceKind>) -> (ClauseState, Option<String>) {
        let lacking: Vec<_> = self.needs.iter().filter(|kind| !in_force.contains(kind)).collect();
        if lacking.len() == self.needs.len() {
            return (self.state, self.missing.map(str::to_owned));
        }
        if lacking.is_empty() {
            return (ClauseState::Met, None);
        }
        let kinds: Vec<_> = lacking.into_iter().map(|kind| kind.code()).collect();
        (ClauseState::Partly, Some(format!("No record is in force of: {}.", kinds.join(", "))))
    }

    /// By what it is met, each in a sentence.
    pub fn met_by(&self) -> impl Iterator<Item = (Means, &'static str)> {
        let software = self.software.map(|how| (Means::Software, how));
        let evidence = self.evidence.map(|how| (Means::Evidence, how));
        let organisation = self.organisation.map(|how| (Means::Organisation, how));
        [software, evidence, organisation].into_iter().flatten()
    }

    pub(super) const fn test(number: u8, source: &'static str, text: &'static str) -> Self {
        Self::unmet(number, ClauseKind::Test, source, text)
    }

    pub(super) const fn evidence(number: u8, source: &'static str, text: &'static str) -> Self {
        Self::unmet(number, ClauseKind::Evidence, source, text)
    }

    pub(super) const fn organisation(number: u8, source: &'static str, text: &'static str) -> Self {
        Self::unmet(number, ClauseKind::Organisation, source, text)
    }

    const fn unmet(number: u8, kind: ClauseKind, source: &'static str, text: &'static str) -> Self {
        Self {
            id: ClauseId(number),
            kind,
            source,
            text,
            state: ClauseState::Open,
            missing: None,
            needs: &[],
            software: None,
            evidence: None,
            organisation: None,
        }
    }

    /// With what the software does for it.
    pub(super) const fn by_software(mut self, how: &'static str) -> Self {
        self.software = Some(how);
        self
    }

    /// With what the software keeps on record of it.
    pub(super) const fn by_record(mut self, how: &'static str) -> Self {
        self.evidence = Some(how);
        self
    }

    /// It is met when records of all these kinds are in force that name it.
    pub(super) const fn needing(mut self, kinds: &'static [EvidenceKind]) -> Self {
        self.needs = kinds;
        self
    }

    /// With what the organisation does for it.
    pub(super) const fn by_people(mut self, how: &'static str) -> Self {
        self.organisation = Some(how);
        self
    }

    /// It was looked at, and all of it is met.
    pub(super) const fn met(mut self) -> Self {
        self.state = ClauseState::Met;
        self
    }

    /// Some of it is met, and this is missing.
    pub(super) const fn partly(mut self, missing: &'static str) -> Self {
        self.state = ClauseState::Partly;
        self.missing = Some(missing);
        self
    }

    /// It is not met: this is missing.
    pub(super) const fn open(mut self, missing: &'static str) -> Self {
        self.missing = Some(missing);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_that_needs_records_is_met_by_one_of_each_kind_and_no_other_is() {
        use EvidenceKind::*;
        let kinds = |kinds: &[EvidenceKind]| kinds.iter().copied().collect();
        let clause =
            Clause::evidence(82, "BO", "Tests.").open("No test.").needing(&[PenetrationTest, SecurityTest]);
        assert_eq!(clause.standing(&kinds(&[])), (ClauseState::Open, Some("No test.".to_owned())));
        assert_eq!(clause.standing(&kinds(&[Certificate])).0, ClauseState::Open);
        let (state, missing) = clause.standing(&kinds(&[SecurityTest]));
        assert_eq!(state, ClauseState::Partly);
        assert!(missing.is_some_and(|missing| missing.contains("penetration-test")));
        assert_eq!(clause.standing(&kinds(&[SecurityTest, PenetrationTest])), (ClauseState::Met, None));
        let other = Clause::evidence(83, "BO", "Tests.").open("No test.");
        assert_eq!(other.standing(&kinds(&[SecurityTest])).0, ClauseState::Open);
    }

    #[test]
    fn a_number_is_written_in_one_way() {
        assert_eq!(ClauseId::parse("C060"), Ok(ClauseId(60)));
        for wrong in ["", "C60", "c060", "C0060", "C+60", " C060", "C999", "060"] {
            assert_eq!(ClauseId::parse(wrong).unwrap_err().code, "not-a-clause", "{wrong}");
        }
    }
}
