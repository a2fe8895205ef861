//! The pseudonym under which the education sector knows a pupil.
use percent_encoding::percent_decode_str;

use crate::values::bsn;
use crate::values::refusal::Refusal;
use crate::values::text::text_value;

/// An ECK iD: the only personal identifier from outside that is kept (C030). An https URI; in production
/// `https://ketenid.nl/201703/` with 128 lower-case hexadecimal digits, in test files other URIs too. Compared
/// character by character.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EckId(String);

text_value!(EckId);

impl EckId {
    /// The most characters that it has.
    pub const MOST_CHARACTERS: usize = 256;

    /// Reads an ECK iD.
    ///
    /// # Errors
    /// `not-an-eck-id`, or `bsn` for one that carries a citizen service number (C030).
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let uri = text.trim();
        let host_follows = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        if uri.len() > Self::MOST_CHARACTERS
            || !uri.bytes().all(is_uri_byte)
            || !uri.strip_prefix("https://").is_some_and(host_follows)
        {
            let most = Self::MOST_CHARACTERS;
            return Err(Refusal::new(
                "not-an-eck-id",
                format!("an ECK iD is an https URI of at most {most} ASCII characters without spaces"),
            ));
        }
        bsn::refuse_bsn(uri)?;
        bsn::refuse_bsn(&percent_decode_str(uri).decode_utf8_lossy())?;
        Ok(Self(uri.to_owned()))
    }
}

/// The characters that RFC 3986 lets a URI have.
const fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_production_and_test_forms() {
        let production = format!("https://ketenid.nl/201703/{}", "0a".repeat(64));
        assert_eq!(EckId::parse(&production).unwrap().as_str(), production);
        assert!(EckId::parse(" https://test.example/pilot/kind-7 ").is_ok());
        assert!(EckId::parse(&format!("https://t.example/{}", "x".repeat(238))).is_ok());
    }

    #[test]
    fn refuses_what_is_no_https_uri() {
        for wrong in [
            "",
            "0a0a0a",
            "http://ketenid.nl/201703/0a",
            "https://",
            "https:///pad",
            "https://test.example/een twee",
            "https://test.example/é",
            "https://test.example/<0a>",
            &format!("https://t.example/{}", "x".repeat(239)),
        ] {
            assert_eq!(EckId::parse(wrong).unwrap_err().code, "not-an-eck-id", "{wrong}");
        }
    }

    #[test]
    fn c030_it_is_no_way_in_for_a_citizen_service_number() {
        for path in ["111222333", "x111222333y", "111.222-333", "%31%31122%3233%33", "111%20222%20333"] {
            assert_eq!(
                EckId::parse(&format!("https://test.example/{path}")).unwrap_err().code,
                "bsn",
                "{path}"
            );
        }
    }
}
