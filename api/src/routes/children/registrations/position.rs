//! Where in a list of registrations a page starts, and which version a path names.

use std::fmt;

use groeilijn_domain::values::ids::RegistrationId;
use groeilijn_domain::values::refusal::Refusal;
use jiff::civil::Date;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::http::described::{Described, whole_number};
use crate::http::position::Position;
use crate::http::text_value::{ParseText, PathParameter};

/// Registrations are listed by day, those of one day by id.
impl Position for (Date, RegistrationId) {
    fn to_bytes(&self) -> Vec<u8> {
        [self.1.as_bytes().as_slice(), self.0.to_string().as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, day) = bytes.split_at_checked(16)?;
        let day = Date::parse_text(std::str::from_utf8(day).ok()?).ok()?;
        Some((day, RegistrationId::from_slice(id)?))
    }
}

/// The number of a version, in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VersionNumber(pub i32);

impl fmt::Display for VersionNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl ParseText for VersionNumber {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let number = text.parse().ok().filter(|number: &i32| *number >= 1 && number.to_string() == text);
        number.map(Self).ok_or_else(|| Refusal::new("not-a-version", "must be a whole number from 1"))
    }
}

impl Described for VersionNumber {
    fn schema() -> RefOr<Schema> {
        whole_number(1, i32::MAX.into()).into()
    }
}

impl PathParameter for VersionNumber {
    const NAME: &'static str = "version";

    fn description() -> String {
        "The number of the version.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    #[test]
    fn positions_come_back_as_they_went() {
        let position = (date(2026, 11, 21), RegistrationId::from_uuid(Uuid::from_u128(7)));
        assert_eq!(Position::from_bytes(&position.to_bytes()), Some(position));
        assert_eq!(<(Date, RegistrationId)>::from_bytes(&3_i32.to_bytes()), None);
        assert_eq!(i32::from_bytes(&position.to_bytes()), None);
    }

    #[test]
    fn a_version_is_written_in_one_way() {
        assert_eq!(VersionNumber::parse_text("12"), Ok(VersionNumber(12)));
        for wrong in ["0", "-1", "+1", "01", "1.0", "", "99999999999"] {
            assert_eq!(VersionNumber::parse_text(wrong).unwrap_err().code, "not-a-version", "{wrong}");
        }
    }
}
