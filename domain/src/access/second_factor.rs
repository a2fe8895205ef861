//! The second factor of a login: codes of an authenticator app, and recovery codes for when it is lost.
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::access::{Function, Role};
use crate::values::ids::UserId;
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// How many recovery codes a user is given at once.
pub const RECOVERY_CODES: usize = 10;

/// How long one code of an authenticator app is shown, in seconds (RFC 6238, 5.2).
const STEP_SECONDS: i64 = 30;
/// How many digits such a code has.
const DIGITS: usize = 6;
/// How many bytes a code may be typed in.
const LONGEST: usize = 64;

code_list! {
    /// How the second factor of an account stands.
    pub enum SecondFactorState {
        /// There is none.
        None = "none",
        /// A secret was given out, but no code of it was shown yet: logins do not ask for one.
        Pending = "pending",
        /// In use: every login asks for a code.
        Active = "active",
    }
}

/// That `actor` may take away the second factor of `of`, who lost it. One's own is taken away with one's password and a
/// code: otherwise whoever finds an administrator's session open needs neither.
///
/// # Errors
/// `own-second-factor`.
pub fn check_reset(actor: UserId, of: UserId) -> Result<(), Refusal> {
    if actor == of {
        let detail = "one's own second factor is taken away with the password and a code";
        return Err(Refusal::new("own-second-factor", detail));
    }
    Ok(())
}

/// Whether whoever acts in this role needs a second factor: all staff of the processor do, and the administrators of
/// an institution when it or its contract profile says so.
pub const fn is_required(role: Role, administrators_need_it: bool) -> bool {
    match role {
        Role::Processor(_) => true,
        Role::Institution(Function::Administrator) => administrators_need_it,
        Role::Institution(_) => false,
    }
}

/// That an account may do without its second factor.
///
/// # Errors
/// `second-factor-required`.
pub fn check_removal(is_required: bool) -> Result<(), Refusal> {
    if is_required {
        let detail = "the account needs a second factor: set up another one in its place";
        return Err(Refusal::new("second-factor-required", detail));
    }
    Ok(())
}

/// That there is a second factor to be confirmed.
///
/// # Errors
/// `nothing-to-confirm`.
pub fn check_confirmation(awaits_code: bool) -> Result<(), Refusal> {
    if awaits_code {
        return Ok(());
    }
    Err(Refusal::new("nothing-to-confirm", "there is no second factor that awaits its first code"))
}

/// The unreserved characters of RFC 3986 are written as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the server and an authenticator app share (RFC 6238 with SHA-1, 30 seconds and 6 digits, the only form
/// that every app knows). It cannot be printed or serialised and is wiped from memory when dropped.
pub struct TotpSecret(Zeroizing<[u8; 20]>);

impl TotpSecret {
    /// A secret of these bytes, which have to be random.
    pub fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes of the secret, for keeping it encrypted.
    pub fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The secret as it is typed into an app: 32 characters of base32 (RFC 4648).
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(data_encoding::BASE32_NOPAD.encode(self.as_bytes()))
    }

    /// The secret as an app scans it: an otpauth URI that names the `issuer` and the account.
    pub fn provisioning_uri(&self, issuer: &str, account_label: &str) -> Zeroizing<String> {
        let (issuer, label) = (encoded(issuer).to_string(), encoded(account_label).to_string());
        let secret = self.base32();
        let parts = [
            "otpauth://totp/",
            &issuer,
            ":",
            &label,
            "?secret=",
            &secret,
            "&issuer=",
            &issuer,
            "&algorithm=SHA1&digits=6&period=30",
        ];
        // Enough room from the start: a string that grows leaves its old bytes behind.
        let mut uri = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
        uri.extend(parts);
        uri
    }

    /// The time step that `code` is of, for remembering it: the present one, the one before or the one after, and
    /// later than `last_used`, so that a code works once. `None` when the code is not good.
    ///
    /// Time steps are counted in 30 seconds since 1970-01-01T00:00:00Z.
    pub fn matching_step(&self, code: &str, now: Timestamp, last_used: Option<i64>) -> Option<i64> {
        let present = step_at(now);
        (present - 1..=present + 1)
            .filter(|&step| last_used.is_none_or(|used| step > used))
            .find(|&step| self.code(step).is_some_and(|right| right.as_bytes().ct_eq(code.as_bytes()).into()))
    }

    /// Whether `code` is the one that was used last and is shown still: it was sent twice, and is no guess.
    pub fn is_repeated(&self, code: &str, now: Timestamp, last_used: Option<i64>) -> bool {
        last_used.is_some_and(|used| self.matching_step(code, now, Some(used - 1)) == Some(used))
    }

    /// The code that an app shows at the moment `now`; `None` before 1970.
    pub fn code_at(&self, now: Timestamp) -> Option<Zeroizing<String>> {
        self.code(step_at(now))
    }

    /// The code of a time step (RFC 4226, 5.3); `None` before 1970.
    fn code(&self, step: i64) -> Option<Zeroizing<String>> {
        let counter = u64::try_from(step).ok()?;
        let mac = Hmac::<Sha1>::new_from_slice(self.as_bytes()).ok()?;
        let digest = mac.chain_update(counter.to_be_bytes()).finalize().into_bytes();
        let offset = usize::from(digest.last()? & 0xf);
        let word = u32::from_be_bytes(digest.get(offset..offset + 4)?.try_into().ok()?);
        Some(Zeroizing::new(format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)))
    }
}

/// Whether a recovery code that was used at the moment `used_at` and comes again at the moment `now` was sent twice, and
/// is no guess: within the time that an app shows one code.
pub fn is_recovery_repeated(used_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(used_at).as_secs() < STEP_SECONDS
}

fn step_at(now: Timestamp) -> i64 {
    now.as_second().div_euclid(STEP_SECONDS)
}

fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ENCODED)
}

/// Crockford's base32: no I, L, O or U.
const CROCKFORD: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'M',
    'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z',
];

/// How many characters a recovery code has: 80 bits, 5 in each.
const RECOVERY_LENGTH: usize = 16;
/// A recovery code is written in groups of this many characters.
const GROUP_LENGTH: usize = 4;

/// A code that is good for one login without the authenticator app. It cannot be printed or serialised and is wiped
/// from memory when dropped.
#[derive(PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// The code of these bytes, which have to be random.
    pub fn from_bytes(bytes: &[u8; 10]) -> Self {
        let bits = Zeroizing::new(bytes.iter().fold(0u128, |bits, &byte| bits << 8 | u128::from(byte)));
        let shifts = (0..RECOVERY_LENGTH).rev().map(|place| place * 5);
        Self::of(shifts.filter_map(|shift| CROCKFORD.get((*bits >> shift & 31) as usize).copied()))
    }

    /// Reads a code in either case, with dashes and spaces anywhere or nowhere, and with O for 0 and I or L for 1.
    ///
    /// # Errors
    /// `not-a-recovery-code`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let typed = || text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(meant);
        if typed().count() == RECOVERY_LENGTH && typed().all(|c| CROCKFORD.contains(&c)) {
            Ok(Self::of(typed()))
        } else {
            Err(Refusal::new(
                "not-a-recovery-code",
                "a recovery code has 16 letters and digits, such as 7K3M-0QXP-9D2V-HT5W",
            ))
        }
    }

    /// The code as the user is shown it: four groups of four characters with dashes between them.
    pub fn written(&self) -> Zeroizing<String> {
        let mut written = Zeroizing::new(String::with_capacity(RECOVERY_LENGTH + 3));
        for (place, c) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP_LENGTH == 0 {
                written.push('-');
            }
            written.push(c);
        }
        written
    }

    /// The SHA-256 digest of the 16 characters without dashes, by which a code is kept. A slow hash would add
    /// nothing, since nobody can go through 2⁸⁰ codes.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    fn of(characters: impl Iterator<Item = char>) -> Self {
        let mut code = Zeroizing::new(String::with_capacity(RECOVERY_LENGTH));
        code.extend(characters);
        Self(code)
    }
}

const fn meant(typed: char) -> char {
    match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

/// A code of an authenticator app as somebody typed it: six digits. It cannot be printed or serialised and is wiped
/// from memory when dropped.
#[derive(PartialEq, Eq)]
pub struct AppCode(Zeroizing<String>);

impl AppCode {
    /// The most characters that it may be typed in, white space among them.
    pub const MOST_CHARACTERS: usize = LONGEST;

    /// Reads a code, with white space anywhere: apps show two groups of three digits.
    ///
    /// # Errors
    /// `not-an-app-code`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let typed = || text.chars().filter(|c| !c.is_whitespace());
        if text.len() <= LONGEST && typed().count() == DIGITS && typed().all(|c| c.is_ascii_digit()) {
            let mut digits = Zeroizing::new(String::with_capacity(DIGITS));
            digits.extend(typed());
            Ok(Self(digits))
        } else {
            Err(Refusal::new("not-an-app-code", "a code of an authenticator app has six digits"))
        }
    }

    /// The six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody shows as the second factor of a login.
pub enum LoginCode {
    /// A code of the authenticator app.
    App(AppCode),
    /// A recovery code.
    Recovery(RecoveryCode),
}

impl LoginCode {
    /// The most characters that it may be typed in, white space and dashes among them.
    pub const MOST_CHARACTERS: usize = LONGEST;

    /// Reads a code of either kind.
    ///
    /// # Errors
    /// `not-a-login-code`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refusal = || {
            let detail = "must be the six digits of an authenticator app, or a recovery code";
            Refusal::new("not-a-login-code", detail)
        };
        if text.len() > LONGEST {
            return Err(refusal());
        }
        let recovery = || RecoveryCode::parse(text).map(Self::Recovery);
        AppCode::parse(text).map(Self::App).or_else(|_| recovery()).map_err(|_| refusal())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rfc_6238() -> TotpSecret {
        TotpSecret::from_bytes(*b"12345678901234567890")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc_6238().matching_step(code, at(second), None), Some(second / 30));
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_step_late() {
        let step = |second| rfc_6238().matching_step("287082", at(second), None);
        assert_eq!([-1, 0, 30, 59, 89, 90].map(step), [None, Some(1), Some(1), Some(1), Some(1), None]);
    }

    #[test]
    fn a_code_works_once() {
        let after = |last_used| rfc_6238().matching_step("287082", at(59), Some(last_used));
        assert_eq!([0, 1, 2].map(after), [Some(1), None, None]);
    }

    #[test]
    fn a_code_that_is_sent_twice_is_no_guess() {
        let repeated = |code, last_used| rfc_6238().is_repeated(code, at(59), last_used);
        assert!(repeated("287082", Some(1)));
        assert_eq!([None, Some(0), Some(2)].map(|used| repeated("287082", used)), [false; 3]);
        assert!(!repeated("287083", Some(1)));
        assert!(!rfc_6238().is_repeated("287082", at(90), Some(1)));
        assert!(is_recovery_repeated(at(59), at(88)) && !is_recovery_repeated(at(59), at(89)));
    }

    #[test]
    fn only_six_digits_are_a_code() {
        for code in ["", "28708", "2870820", " 287082", "287083", "٢٨٧٠٨٢"] {
            assert_eq!(rfc_6238().matching_step(code, at(59), None), None, "{code}");
        }
    }

    #[test]
    fn the_ends_of_time_do_no_harm() {
        for now in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(rfc_6238().matching_step("", now, None), None);
        }
    }

    #[test]
    fn an_app_can_scan_the_secret() {
        assert_eq!(*rfc_6238().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            *rfc_6238().provisioning_uri("Groeilijn & Co", "fien@school.example"),
            "otpauth://totp/Groeilijn%20%26%20Co:fien%40school.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Groeilijn%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn an_app_shows_the_code_of_the_present_step() {
        assert_eq!(rfc_6238().code_at(at(59)).as_deref().map(String::as_str), Some("287082"));
        assert!(rfc_6238().code_at(at(-1)).is_none());
    }

    #[test]
    fn a_code_of_either_kind_is_told_by_its_form() {
        for typed in ["287082", " 287 082 "] {
            let read = LoginCode::parse(typed).ok();
            assert!(matches!(read, Some(LoginCode::App(code)) if code.as_str() == "287082"), "{typed}");
        }
        assert!(matches!(LoginCode::parse("0123-4567-89ab-1de1"), Ok(LoginCode::Recovery(_))));
        let long = format!("0123-4567-89AB-CDEF{}", "-".repeat(46));
        for wrong in ["", "28708", "2870820", "28708a", "٢٨٧٠٨٢", "0123-4567-89AB-CDE", &long] {
            assert_eq!(AppCode::parse(wrong).err().unwrap().code, "not-an-app-code", "{wrong}");
            assert_eq!(LoginCode::parse(wrong).err().unwrap().code, "not-a-login-code", "{wrong}");
        }
    }

    #[test]
    fn the_processors_staff_needs_a_second_factor_and_administrators_when_it_is_said() {
        for role in Role::ALL {
            let of_processor = matches!(role, Role::Processor(_));
            let administrator = role == Role::Institution(Function::Administrator);
            assert_eq!(is_required(role, false), of_processor, "{role:?}");
            assert_eq!(is_required(role, true), of_processor || administrator, "{role:?}");
        }
    }

    #[test]
    fn a_recovery_code_has_four_groups_of_four() {
        assert_eq!(*RecoveryCode::from_bytes(&[0; 10]).written(), "0000-0000-0000-0000");
        assert_eq!(*RecoveryCode::from_bytes(&[0xff; 10]).written(), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(
            *RecoveryCode::from_bytes(b"\0\x44\x32\x14\xc7\x42\x54\xb6\x35\xcf").written(),
            "0123-4567-89AB-CDEF"
        );
    }

    #[test]
    fn a_recovery_code_can_be_typed_in_many_ways() {
        let code = RecoveryCode::parse("0123-4567-89AB-1DE1").unwrap();
        for typed in
            ["0123456789ab1de1", " o123 4567 89ab idel ", "OI23-4567-89AB-LDEI", "0-1234567-89AB1DE1"]
        {
            assert_eq!(RecoveryCode::parse(typed).unwrap().hash(), code.hash(), "{typed}");
        }
        for wrong in
            ["", "0123-4567-89AB-CDE", "0123-4567-89AB-CDEF0", "0123-4567-89AB-CDEU", "0123-4567-89AB-CDEé"]
        {
            assert_eq!(RecoveryCode::parse(wrong).err().unwrap().code, "not-a-recovery-code", "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_recovery_code_reads_back(bytes: [u8; 10]) {
            let code = RecoveryCode::from_bytes(&bytes);
            let read = RecoveryCode::parse(&code.written().to_lowercase()).unwrap();
            prop_assert!(read == code);
            prop_assert_eq!(read.hash(), <[u8; 32]>::from(Sha256::digest(code.written().replace('-', ""))));
        }
    }

    #[test]
    fn ones_own_second_factor_is_not_reset() {
        let [one, other] = [1, 2].map(|number| UserId::from_uuid(uuid::Uuid::from_u128(number)));
        assert_eq!(check_reset(one, other), Ok(()));
        assert_eq!(check_reset(one, one).unwrap_err().code, "own-second-factor");
    }
}
