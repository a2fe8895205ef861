//! Institutions, and what their contracts make different between them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::licence::Licence;
use crate::access::Scope;
use crate::access::credential::PasswordExpiry;
use crate::access::user::check_own_address;
use crate::values::email::{EmailAddress, MailDomain, check_organisation_domain};
use crate::values::ids::InstitutionId;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{code_list, text_value};

code_list! {
    /// What kind of tenant an institution is (C001).
    pub enum InstitutionKind {
        /// A school board with its schools.
        SchoolBoard = "school-board",
        /// A childcare organisation.
        ChildcareOrganisation = "childcare-organisation",
        /// A peuterspeelzaal.
        Playgroup = "playgroup",
        /// A voorschool.
        Preschool = "preschool",
    }
}

/// The number of a school in the register of the Ministry of Education: two digits and two capitals, and for one
/// of its locations two more digits: `99XX`, `99XX01`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Brin(String);

text_value!(Brin);

impl Brin {
    /// Reads a number, with letters in either case.
    ///
    /// # Errors
    /// `not-a-brin`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let code = text.trim().to_ascii_uppercase();
        let pattern = code.bytes().map(|byte| match byte {
            b'0'..=b'9' => '9',
            b'A'..=b'Z' => 'X',
            _ => '?',
        });
        match pattern.collect::<String>().as_str() {
            "99XX" | "99XX99" => Ok(Self(code)),
            _ => {
                Err(Refusal::new("not-a-brin", "a BRIN is written as 99XX, and that of a location as 99XX01"))
            }
        }
    }

    /// Whether the other number can be of the same school or location: a number without a location is of all of them.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }

    /// Whether it is the number of a location.
    pub fn is_of_location(&self) -> bool {
        self.0.len() == "99XX99".len()
    }
}

/// The number of a location in the national register of childcare (LRK): nine digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChildcareNumber(String);

text_value!(ChildcareNumber);

impl ChildcareNumber {
    /// Reads a number, with or without spaces between its digits.
    ///
    /// # Errors
    /// `not-a-childcare-number`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        if digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(digits));
        }
        Err(Refusal::new("not-a-childcare-number", "a number of the childcare register has nine digits"))
    }
}

code_list! {
    /// The contract under which an institution uses the service. What differs between contracts is a term of
    /// the profile and never a condition on its name.
    pub enum ContractProfile {
        /// Model Verwerkersovereenkomst 3.0 for the observation system.
        Kijk = "kijk",
        /// The privacy regulations of BasisOnline.
        BasisOnline = "basisonline",
    }
}

code_list! {
    /// Who reports a breach to the authority (C127, C129).
    pub enum BreachReporter {
        /// The institution, always.
        Controller = "controller",
        /// The processor for what its systems or other processors caused, the institution for a mistake of its
        /// own people.
        ByCause = "by-cause",
    }
}

/// What an institution is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionFields {
    /// Its kind.
    pub kind: InstitutionKind,
    /// Its name; that of an organisation, not of a person.
    pub name: String,
    /// Its number in the register of schools, if it has one.
    pub brin: Option<Brin>,
    /// Its number in the register of childcare, if it has one.
    pub childcare_number: Option<ChildcareNumber>,
    /// Whose rules its contract follows.
    pub contract_profile: ContractProfile,
}

/// The terms of a contract profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileTerms {
    /// Calendar months between the end of the contract and the destruction of the institution's data.
    pub termination_grace_months: u8,
    /// Who reports a breach to the authority.
    pub breach_reporter: BreachReporter,
    /// Days in which an institution may object to a new subprocessor (C135).
    pub subprocessor_objection_days: u16,
    /// Days between the announcement of an audit and the audit.
    pub audit_notice_days: u16,
    /// Calendar months between two reviews of the logs.
    pub log_review_months: u8,
    /// When a password has to be replaced after three months (C059).
    pub password_expiry: PasswordExpiry,
    /// Whether every administrator needs a second factor, whatever the institution's own setting says.
    pub administrators_need_second_factor: bool,
}

impl ContractProfile {
    /// What this profile promises.
    pub const fn terms(self) -> ProfileTerms {
        let standard = ProfileTerms {
            termination_grace_months: 3,
            breach_reporter: BreachReporter::Controller,
            subprocessor_objection_days: 30,
            audit_notice_days: 30,
            log_review_months: 1,
            password_expiry: PasswordExpiry::Always,
            administrators_need_second_factor: false,
        };
        match self {
            Self::Kijk => standard,
            Self::BasisOnline => ProfileTerms {
                termination_grace_months: 2,
                breach_reporter: BreachReporter::ByCause,
                ..standard
            },
        }
    }
}

/// That an institution can have these mail domains (C054).
///
/// # Errors
/// For `mail_domains` `empty` or `repeated`; for `mail_domains/…` what [`check_organisation_domain`] refuses.
pub fn check_domains(domains: &[MailDomain]) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    let distinct: BTreeSet<_> = domains.iter().map(MailDomain::as_str).collect();
    if domains.is_empty() {
        refusals.refuse("mail_domains", Refusal::new("empty", "must name at least one domain"));
    } else if distinct.len() < domains.len() {
        refusals.refuse("mail_domains", Refusal::new("repeated", "must not name a domain twice"));
    } else {
        for (index, domain) in domains.iter().enumerate() {
            refusals.check(format!("mail_domains/{index}"), check_organisation_domain(domain));
        }
    }
    refusals.or(())
}

/// That an institution of this kind, or a location of one, can be in these registers: schools have a BRIN, the others a
/// number of the childcare register.
///
/// # Errors
/// For `brin` or `childcare_number` `not-of-the-kind`.
pub fn check_register(
    kind: InstitutionKind,
    has_brin: bool,
    has_childcare_number: bool,
) -> Result<(), FieldRefusals> {
    let is_school = kind == InstitutionKind::SchoolBoard;
    let mut refusals = FieldRefusals::new();
    if has_brin && !is_school {
        refusals.refuse("brin", Refusal::new("not-of-the-kind", "only schools have a BRIN"));
    }
    if has_childcare_number && is_school {
        let detail = "schools are not in the childcare register";
        refusals.refuse("childcare_number", Refusal::new("not-of-the-kind", detail));
    }
    refusals.or(())
}

/// That an institution can be entered with these mail domains, this licence and a first administrator with this address.
///
/// # Errors
/// What [`check_domains`] refuses; for `licence/…` what [`Licence::check`] refuses; for `administrator/email` what
/// [`check_own_address`] refuses.
pub fn check_new(
    domains: &[MailDomain],
    licence: &Licence,
    administrator: &EmailAddress,
) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    refusals.extend(check_domains(domains));
    refusals.extend(licence.check().map_err(|refusals| refusals.inside("licence")));
    refusals.check("administrator/email", check_own_address(domains, administrator));
    refusals.or(())
}

/// Whether somebody whose permission reaches as far as `scope` reaches an institution: a user of one her own, and the
/// processor's staff all of them.
pub fn is_within_reach(scope: Scope, own: Option<InstitutionId>, asked: InstitutionId) -> bool {
    scope == Scope::Platform || own == Some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brin_names_a_school_or_a_location() {
        assert_eq!(Brin::parse("99xx").unwrap().as_str(), "99XX");
        assert_eq!(Brin::parse(" 99XX01 ").unwrap().as_str(), "99XX01");
        for wrong in ["", "99X", "99XX0", "99XX012", "XX99", "99X?", "9ÉXX", "99XX-01"] {
            assert_eq!(Brin::parse(wrong).unwrap_err().code, "not-a-brin", "{wrong}");
        }
    }

    #[test]
    fn a_number_of_the_childcare_register_has_nine_digits() {
        assert_eq!(ChildcareNumber::parse(" 100 200 301 ").unwrap().as_str(), "100200301");
        for wrong in ["", "10020030", "1002003011", "10020030x", "10020030١"] {
            assert_eq!(ChildcareNumber::parse(wrong).unwrap_err().code, "not-a-childcare-number", "{wrong}");
        }
    }

    #[test]
    fn c001_there_are_four_kinds_of_institution() {
        assert_eq!(
            InstitutionKind::ALL.map(InstitutionKind::code),
            ["school-board", "childcare-organisation", "playgroup", "preschool"]
        );
    }

    #[test]
    fn the_profiles_differ_where_the_contracts_do() {
        let kijk = ContractProfile::Kijk.terms();
        let basisonline = ContractProfile::BasisOnline.terms();
        assert_eq!((kijk.termination_grace_months, basisonline.termination_grace_months), (3, 2));
        assert_eq!(kijk.breach_reporter, BreachReporter::Controller);
        assert_eq!(basisonline.breach_reporter, BreachReporter::ByCause);
        assert_eq!(
            ProfileTerms {
                termination_grace_months: 3,
                breach_reporter: BreachReporter::Controller,
                ..basisonline
            },
            kijk
        );
    }
}
