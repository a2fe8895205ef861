//! In which countries personal data may be stored and processed (C137, C138).

use crate::values::refusal::Refusal;
use crate::values::text::{code_list, text_value};

/// The countries of the European Economic Area, where the GDPR holds: the European Union, Iceland, Liechtenstein and
/// Norway.
const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// The countries that the European Commission found adequate (GDPR, article 45), as of November 2026. The decision on the
/// United States counts for nothing here: the contracts rule that country out.
const ADEQUATE: [&str; 14] =
    ["AD", "AR", "CA", "CH", "FO", "GB", "GG", "IL", "IM", "JE", "JP", "KR", "NZ", "UY"];

/// The United States, and the territories of theirs with a code of their own: never, even with consent (C138).
const NEVER: [&str; 7] = ["AS", "GU", "MP", "PR", "UM", "US", "VI"];

/// A country, by its two letters in ISO 3166-1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(String);

text_value!(Country);

impl Country {
    /// Reads a code, with letters in either case.
    ///
    /// # Errors
    /// `not-a-country` for what is not two letters.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let code = text.trim().to_ascii_uppercase();
        if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(Self(code));
        }
        Err(Refusal::new("not-a-country", "a country is written as its two letters in ISO 3166-1: NL"))
    }

    /// The Netherlands, where everything is unless something else was agreed (C137).
    pub fn netherlands() -> Self {
        Self("NL".to_owned())
    }

    /// Whether the GDPR holds there.
    pub fn is_in_eea(&self) -> bool {
        EEA.contains(&self.as_str())
    }

    fn is_adequate(&self) -> bool {
        ADEQUATE.contains(&self.as_str())
    }

    fn is_never(&self) -> bool {
        NEVER.contains(&self.as_str())
    }
}

code_list! {
    /// What protects data outside the European Economic Area (GDPR, articles 45 and 46).
    pub enum Safeguard {
        /// The European Commission found the country adequate.
        AdequacyDecision = "adequacy-decision",
        /// The European Commission's model clauses were signed.
        ModelClauses = "model-clauses",
    }
}

/// That personal data may be processed in a country with this safeguard, consent apart.
///
/// # Errors
/// For the country `country-never` for the United States.
pub fn check_country(country: &Country) -> Result<(), Refusal> {
    if country.is_never() {
        let detail = "no personal data are processed in the United States, whoever consents";
        return Err(Refusal::new("country-never", detail));
    }
    Ok(())
}

/// That a safeguard is what a country needs: none within the European Economic Area, and one outside of it.
///
/// # Errors
/// `safeguard-required`; `safeguard-not-needed`; `country-not-adequate` for a decision that there is none of.
pub fn check_safeguard(country: &Country, safeguard: Option<Safeguard>) -> Result<(), Refusal> {
    match safeguard {
        None if country.is_in_eea() => Ok(()),
        None => {
            let detail = "outside the European Economic Area a safeguard is needed";
            Err(Refusal::new("safeguard-required", detail))
        }
        Some(_) if country.is_in_eea() => {
            let detail = "must be null: the GDPR itself holds in this country";
            Err(Refusal::new("safeguard-not-needed", detail))
        }
        Some(Safeguard::AdequacyDecision) if !country.is_adequate() => {
            let detail =
                "the European Commission did not find this country adequate: model clauses are needed";
            Err(Refusal::new("country-not-adequate", detail))
        }
        Some(_) => Ok(()),
    }
}

/// Whether each institution has to consent before data go to a country (C137).
pub fn needs_consent(country: &Country) -> bool {
    !country.is_in_eea()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Country {
        Country::parse(code).unwrap()
    }

    fn code(outcome: Result<(), Refusal>) -> &'static str {
        outcome.map_or_else(|refusal| refusal.code, |()| "")
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!(country(" nl "), Country::netherlands());
        for wrong in ["", "N", "NLD", "N1", "Nederland", "ÑL"] {
            assert_eq!(Country::parse(wrong).unwrap_err().code, "not-a-country", "{wrong}");
        }
    }

    #[test]
    fn c138_the_united_states_are_never_with_whatever_safeguard() {
        for never in NEVER {
            assert_eq!(code(check_country(&country(never))), "country-never", "{never}");
            assert_eq!(
                code(check_safeguard(&country(never), Some(Safeguard::AdequacyDecision))),
                "country-not-adequate"
            );
        }
        for other in EEA.iter().chain(&ADEQUATE).chain(&["IN", "CN", "BR"]) {
            assert_eq!(code(check_country(&country(other))), "", "{other}");
        }
    }

    #[test]
    fn c137_within_the_eea_no_consent_and_no_safeguard_is_needed() {
        for inside in EEA {
            assert!(!needs_consent(&country(inside)), "{inside}");
            assert_eq!(code(check_safeguard(&country(inside), None)), "");
            assert_eq!(
                code(check_safeguard(&country(inside), Some(Safeguard::ModelClauses))),
                "safeguard-not-needed"
            );
        }
    }

    #[test]
    fn c137_c138_outside_the_eea_both_consent_and_a_safeguard_are_needed() {
        for adequate in ADEQUATE {
            assert!(needs_consent(&country(adequate)), "{adequate}");
            assert_eq!(code(check_safeguard(&country(adequate), Some(Safeguard::AdequacyDecision))), "");
            assert_eq!(code(check_safeguard(&country(adequate), None)), "safeguard-required");
        }
        let india = country("IN");
        assert!(needs_consent(&india));
        assert_eq!(code(check_safeguard(&india, Some(Safeguard::AdequacyDecision))), "country-not-adequate");
        assert_eq!(code(check_safeguard(&india, Some(Safeguard::ModelClauses))), "");
    }

    #[test]
    fn no_country_is_in_two_lists() {
        let all: std::collections::BTreeSet<_> = EEA.iter().chain(&ADEQUATE).chain(&NEVER).collect();
        assert_eq!(all.len(), EEA.len() + ADEQUATE.len() + NEVER.len());
    }
}
