//! The licence holder: the person with whom the licence was agreed (C007, C021).

use serde::Serialize;

use crate::values::email::EmailAddress;
use crate::values::person::PersonName;
use crate::values::text::Label;

/// Who holds a licence, with exactly the fields of the contract (C021). She is no user: nothing lets her log in, unless
/// she is entered as one too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LicenceHolder {
    /// Her name.
    pub name: PersonName,
    /// Where letters on paper reach her.
    pub address: Label,
    /// Where letters reach her, on any domain.
    pub email: EmailAddress,
}
