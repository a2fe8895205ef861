//! Confidentiality statements: the processor's staff signs one before its accounts are activated (C045).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::values::refusal::Refusal;

/// A signed confidentiality statement: the paper itself is kept elsewhere (C045).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfidentialityStatement {
    /// The day on which it was signed.
    pub signed_on: Date,
    /// SHA-256 of the document.
    pub document_sha256: [u8; 32],
}

/// That an account of the processor's staff can be activated with this statement, the latest (C045).
///
/// # Errors
/// `no-confidentiality-statement`.
pub fn check_signed(latest: Option<&ConfidentialityStatement>) -> Result<(), Refusal> {
    match latest {
        Some(_) => Ok(()),
        None => {
            let detail = "a signed confidentiality statement must be on record first";
            Err(Refusal::new("no-confidentiality-statement", detail))
        }
    }
}

/// That a confidentiality statement was signed on this day, when it is `today` in Amsterdam.
///
/// # Errors
/// `in-the-future`.
pub fn check_signed_on(signed_on: Date, today: Date) -> Result<(), Refusal> {
    if signed_on > today {
        return Err(Refusal::new("in-the-future", "must not be after today"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c045_nothing_is_signed_tomorrow() {
        let today = Date::constant(2026, 11, 21);
        assert_eq!(check_signed_on(today, today), Ok(()));
        assert_eq!(check_signed_on(Date::constant(2026, 11, 22), today).unwrap_err().code, "in-the-future");
    }

    #[test]
    fn c045_without_a_statement_no_account_is_activated() {
        assert_eq!(check_signed(None).unwrap_err().code, "no-confidentiality-statement");
        let signed =
            ConfidentialityStatement { signed_on: Date::constant(2026, 11, 24), document_sha256: [0; 32] };
        assert_eq!(check_signed(Some(&signed)), Ok(()));
    }
}
