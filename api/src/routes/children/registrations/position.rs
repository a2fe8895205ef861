//! Where in a list of registrations or versions a page starts, and which version a path names.

use groeilijn_domain::values::ids::RegistrationId;
use groeilijn_domain::values::refusal::Refusal;
use jiff::civil::Date;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::http::cursor::{Cursor, not_a_cursor};
use crate::http::described::Described;
use crate::http::text_value::{ParseText, PathParameter};

/// Where a page of registrations starts, newest first: after the one of this day and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AfterRegistration(pub Date, pub RegistrationId);

impl From<AfterRegistration> for Cursor {
    fn from(AfterRegistration(day, id): AfterRegistration) -> Self {
        Self::after([id.as_bytes().as_slice(), day.to_string().as_bytes()].concat())
    }
}

impl ParseText for AfterRegistration {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let cursor = Cursor::parse_text(text)?;
        let (id, day) = cursor.position().split_at_checked(16).ok_or_else(not_a_cursor)?;
        let id = RegistrationId::from_slice(id).ok_or_else(not_a_cursor)?;
        let day = std::str::from_utf8(day).map_err(|_| not_a_cursor())?;
        Ok(Self(Date::parse_text(day).map_err(|_| not_a_cursor())?, id))
    }
}

impl Described for AfterRegistration {
    fn schema() -> RefOr<Schema> {
        Cursor::schema()
    }
}

/// Where a page of versions starts: after the one with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AfterVersion(pub i32);

impl From<AfterVersion> for Cursor {
    fn from(AfterVersion(number): AfterVersion) -> Self {
        Self::after(number.to_be_bytes())
    }
}

impl ParseText for AfterVersion {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let number = Cursor::parse_text(text)?.position().try_into().map_err(|_| not_a_cursor())?;
        Ok(Self(i32::from_be_bytes(number)))
    }
}

impl Described for AfterVersion {
    fn schema() -> RefOr<Schema> {
        Cursor::schema()
    }
}

/// The number of a version, in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VersionNumber(pub i32);

impl ParseText for VersionNumber {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let number = text.parse().ok().filter(|number: &i32| *number >= 1 && number.to_string() == text);
        number.map(Self).ok_or_else(|| Refusal::new("not-a-version", "must be a whole number from 1"))
    }
}

impl Described for VersionNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(i32::MAX)).into()
    }
}

impl PathParameter for VersionNumber {
    const NAME: &'static str = "version";
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    #[test]
    fn positions_come_back_as_they_went() {
        let registration =
            AfterRegistration(date(2026, 11, 21), RegistrationId::from_uuid(Uuid::from_u128(7)));
        assert_eq!(AfterRegistration::parse_text(&Cursor::from(registration).encode()), Ok(registration));
        let version = AfterVersion(3);
        assert_eq!(AfterVersion::parse_text(&Cursor::from(version).encode()), Ok(version));
        assert!(AfterRegistration::parse_text(&Cursor::from(version).encode()).is_err());
        assert!(AfterVersion::parse_text(&Cursor::from(registration).encode()).is_err());
    }

    #[test]
    fn a_version_is_written_in_one_way() {
        assert_eq!(VersionNumber::parse_text("12"), Ok(VersionNumber(12)));
        for wrong in ["0", "-1", "+1", "01", "1.0", "", "99999999999"] {
            assert_eq!(VersionNumber::parse_text(wrong).unwrap_err().code, "not-a-version", "{wrong}");
        }
    }
}
