//! The text of API tokens: what a token looks like, and how long one may last.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::ToSpan;
use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::refusal::Refusal;

/// How far ahead a token may expire, in calendar years.
pub const LONGEST_LIFE_YEARS: i8 = 1;

/// What every token starts with, by which people and secret scanners know one.
const PREFIX: &str = "groeilijn_";

/// How many characters 32 bytes take in base64url.
const SECRET_LENGTH: usize = 43;
/// How many characters a token has.
const LENGTH: usize = PREFIX.len() + SECRET_LENGTH + 1 + 8;

/// The token of a `secret`, which has to be random: `groeilijn_`, the secret in base64url (RFC 4648) without padding,
/// `_`, and the CRC-32 of all before that `_` in 8 lower-case hexadecimal digits.
pub fn write(secret: &[u8; 32]) -> Zeroizing<String> {
    let mut token = Zeroizing::new(String::with_capacity(LENGTH));
    token.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(secret, &mut token);
    let checksum = checksum(&token);
    token.push('_');
    token.push_str(&checksum);
    token
}

/// The secret of a token; `None` for a text that [`write()`] would not have written, such as one with a typing mistake.
pub fn read(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let (body, written_checksum) = text.rsplit_once('_')?;
    let encoded = body.strip_prefix(PREFIX).filter(|encoded| encoded.len() == SECRET_LENGTH)?;
    if checksum(body) != written_checksum {
        return None;
    }
    let mut secret = Zeroizing::new([0; 32]);
    URL_SAFE_NO_PAD.decode_slice(encoded, secret.as_mut_slice()).ok()?;
    Some(secret)
}

/// Whether `text` starts as a token does, so that it is no token of another kind.
pub fn is_api_token(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Whether a token that is made on the day `today` may count up to and including the day `expires_on`, both in
/// Europe/Amsterdam.
///
/// # Errors
/// `expiry-past` before today, `expiry-too-far` more than a calendar year ahead.
pub fn check_expiry(expires_on: Date, today: Date) -> Result<(), Refusal> {
    if expires_on < today {
        return Err(Refusal::new("expiry-past", "the day on which the token expires must not be past"));
    }
    if expires_on > today.saturating_add(LONGEST_LIFE_YEARS.years()) {
        return Err(Refusal::new("expiry-too-far", "a token expires within a year"));
    }
    Ok(())
}

fn checksum(body: &str) -> String {
    format!("{:08x}", crc32fast::hash(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_recognisable() {
        let token = write(&[0; 32]);
        let secret = "A".repeat(SECRET_LENGTH);
        assert_eq!(
            *token,
            format!("groeilijn_{secret}_{:08x}", crc32fast::hash(format!("groeilijn_{secret}").as_bytes()))
        );
        assert!(is_api_token(&token));
        assert!(!is_api_token("eyJhbGciOiJFUzI1NiJ9"));
    }

    #[test]
    fn only_the_written_form_is_read() {
        let token = write(&[0xff; 32]);
        assert_eq!(*read(&token).unwrap(), [0xff; 32]);
        assert!(read("").is_none());
        assert!(read(&token.to_uppercase()).is_none());
        assert!(read(&format!(" {}", *token)).is_none());
        assert!(read(&format!("{}=", *token)).is_none());
        assert!(read(token.trim_start_matches(PREFIX)).is_none());
    }

    #[test]
    fn a_secret_is_encoded_in_one_way_only() {
        let with_checksum = |body: String| format!("{body}_{}", checksum(&body));
        let encoded = |last: char| with_checksum(format!("{PREFIX}{}{last}", "A".repeat(SECRET_LENGTH - 1)));
        assert!(read(&encoded('A')).is_some());
        assert!(read(&encoded('B')).is_none());
        assert!(read(&encoded('+')).is_none());
        assert!(read(&with_checksum(format!("{PREFIX}{}", "A".repeat(42)))).is_none());
        assert!(read(&with_checksum(format!("{PREFIX}{}", "A".repeat(44)))).is_none());
    }

    #[test]
    fn a_token_lasts_a_year_at_most() {
        let today = date(2026, 11, 22);
        let code = |expires_on| check_expiry(expires_on, today).err().map(|refusal| refusal.code);
        assert_eq!(code(date(2026, 11, 21)), Some("expiry-past"));
        assert_eq!(code(today), None);
        assert_eq!(code(date(2027, 11, 22)), None);
        assert_eq!(code(date(2027, 11, 23)), Some("expiry-too-far"));
        assert!(check_expiry(date(2029, 2, 28), date(2028, 2, 29)).is_ok());
        assert!(check_expiry(date(2029, 3, 1), date(2028, 2, 29)).is_err());
    }

    proptest! {
        #[test]
        fn a_token_reads_back(secret: [u8; 32]) {
            let token = write(&secret);
            prop_assert_eq!(token.len(), LENGTH);
            prop_assert_eq!(*read(&token).unwrap(), secret);
        }

        #[test]
        fn a_typing_mistake_is_seen(secret: [u8; 32], place in 0..LENGTH, typed in proptest::char::range('!', '~')) {
            let token = write(&secret);
            let mistake = |(at, right)| if at == place { typed } else { right };
            let mistaken: String = token.chars().enumerate().map(mistake).collect();
            prop_assert_eq!(read(&mistaken).is_some(), mistaken == *token);
        }
    }
}
