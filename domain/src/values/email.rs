//! E-mail addresses and the domains they end in.
use std::collections::HashSet;
use std::iter::successors;
use std::sync::LazyLock;

use crate::values::bsn;
use crate::values::person::mask;
use crate::values::refusal::Refusal;
use crate::values::text::{text_value, word_list};

static FREE: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| word_list(include_str!("../../data/free-mail-domains.txt")));
static DISPOSABLE: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| word_list(include_str!("../../data/disposable-mail-domains.txt")));

/// Domains under which anybody can register one, the ones that are written by mistake most.
const SHARED_SUFFIXES: [&str; 10] =
    ["ac.be", "ac.uk", "co.nl", "co.uk", "com.de", "com.nl", "eu.com", "org.uk", "sch.uk", "uk.com"];

/// RFC 5321, 4.5.3.1: the longest local part.
const MAX_LOCAL_PART: usize = 64;

/// An e-mail address (RFC 5321, without quoted local parts and address literals), with its domain in ASCII
/// lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

text_value!(EmailAddress);

impl EmailAddress {
    /// The most characters that it has, as part of a path (RFC 5321, 4.5.3.1).
    pub const MOST_CHARACTERS: usize = 254;

    /// Reads an address; an internationalised domain is written in its ASCII form (IDNA).
    ///
    /// # Errors
    /// `not-an-email-address`, `too-long` (over 254 characters, or 64 before the @), `not-a-domain`, or `bsn`
    /// (C030).
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (local, domain) = text.trim().split_once('@').ok_or_else(not_an_address)?;
        check_local_part(local)?;
        let domain = MailDomain::parse(domain)?;
        let address = format!("{local}@{}", domain.as_str());
        if address.len() > Self::MOST_CHARACTERS {
            let most = Self::MOST_CHARACTERS;
            return Err(Refusal::new("too-long", format!("an e-mail address has at most {most} characters")));
        }
        bsn::refuse_bsn(&address)?;
        Ok(Self(address))
    }

    /// What stands after the @.
    pub fn domain(&self) -> MailDomain {
        MailDomain(self.0.rsplit('@').next().unwrap_or_default().to_owned())
    }

    /// The same name on another domain.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn at(&self, domain: &MailDomain) -> Result<Self, Refusal> {
        let (local, _) = self.0.rsplit_once('@').unwrap_or_default();
        Self::parse(&format!("{local}@{}", domain.as_str()))
    }

    /// The address for who may not know it: `f…@school.example` (C050).
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or_default();
        format!("{}@{domain}", mask(local))
    }

    /// The whole address in lower case and without a tag (`+…` at the end of the local part): two addresses that
    /// normalise alike are one login (C069).
    pub fn normalised(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or_default();
        let name = local.split('+').next().unwrap_or_default().trim_end_matches('.');
        let kept = if name.is_empty() { local } else { name };
        format!("{kept}@{domain}").to_ascii_lowercase()
    }
}

/// The domain of an e-mail address, in ASCII lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailDomain(String);

text_value!(MailDomain);

impl MailDomain {
    /// Reads a domain of at least two labels, with or without the dot of the root behind it; an internationalised
    /// one is written in its ASCII form (IDNA).
    ///
    /// # Errors
    /// `not-a-domain`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let typed = text.trim();
        idna::domain_to_ascii_strict(typed.strip_suffix('.').unwrap_or(typed))
            .ok()
            .filter(|ascii| ascii.rsplit_once('.').is_some_and(|(_, top)| is_top_level(top)))
            .map(Self)
            .ok_or_else(|| Refusal::new("not-a-domain", "the domain must be one such as school.nl"))
    }
}

/// Whether `domain` can be an organisation's own (C054, C055). A domain is what the domain above it is.
///
/// # Errors
/// `free-mail-domain`, `disposable-mail-domain`, or `public-suffix` for one such as `co.uk`.
pub fn check_organisation_domain(domain: &MailDomain) -> Result<(), Refusal> {
    let with_parents =
        || successors(Some(domain.as_str()), |name| name.split_once('.').map(|(_, parent)| parent));
    if with_parents().any(|name| FREE.contains(name)) {
        return Err(Refusal::new(
            "free-mail-domain",
            "the domain must be the organisation's own, not one where anybody can have an address",
        ));
    }
    if with_parents().any(|name| DISPOSABLE.contains(name)) {
        return Err(Refusal::new(
            "disposable-mail-domain",
            "the domain must be the organisation's own, not one of addresses to be thrown away",
        ));
    }
    if SHARED_SUFFIXES.contains(&domain.as_str()) {
        return Err(Refusal::new(
            "public-suffix",
            "the domain must be one such as school.co.uk, not co.uk alone",
        ));
    }
    Ok(())
}

/// A last label of digits alone would make the domain an IPv4 address.
fn is_top_level(label: &str) -> bool {
    label.bytes().any(|byte| !byte.is_ascii_digit())
}

fn check_local_part(local: &str) -> Result<(), Refusal> {
    if local.len() > MAX_LOCAL_PART {
        return Err(Refusal::new(
            "too-long",
            format!("an e-mail address has at most {MAX_LOCAL_PART} characters before the @"),
        ));
    }
    let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atom_byte);
    if local.split('.').all(is_atom) { Ok(()) } else { Err(not_an_address()) }
}

/// The characters that RFC 5322 calls atext.
const fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?')
        || matches!(byte, b'^'..=b'`' | b'{'..=b'~')
}

fn not_an_address() -> Refusal {
    Refusal::new("not-an-email-address", "an e-mail address is written as name@school.nl")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn c050_a_masked_address_keeps_its_domain() {
        assert_eq!(EmailAddress::parse("fien@school.example").unwrap().masked(), "f…@school.example");
    }

    #[test]
    fn keeps_the_local_part_and_folds_the_domain() {
        let address = EmailAddress::parse(" Juf.Fien+Groep1@Basisschool-Voorbeeld.Example ").unwrap();
        assert_eq!(address.as_str(), "Juf.Fien+Groep1@basisschool-voorbeeld.example");
        assert_eq!(address.domain().as_str(), "basisschool-voorbeeld.example");
        assert_eq!(EmailAddress::parse("a@bücher.example").unwrap().as_str(), "a@xn--bcher-kva.example");
    }

    #[test]
    fn refuses_what_is_no_address() {
        for (text, code) in [
            ("", "not-an-email-address"),
            ("fien", "not-an-email-address"),
            ("@school.example", "not-an-email-address"),
            (".fien@school.example", "not-an-email-address"),
            ("fi..en@school.example", "not-an-email-address"),
            ("fi en@school.example", "not-an-email-address"),
            ("\"fien\"@school.example", "not-an-email-address"),
            ("fiën@school.example", "not-an-email-address"),
            ("fi\nen@school.example", "not-an-email-address"),
            ("fien@school@example.org", "not-a-domain"),
            ("fien@", "not-a-domain"),
            ("fien@school", "not-a-domain"),
            ("fien@school.example..", "not-a-domain"),
            ("fien@.example", "not-a-domain"),
            ("fien@-school.example", "not-a-domain"),
            ("fien@sch_ool.example", "not-a-domain"),
            ("fien@192.0.2.1", "not-a-domain"),
            ("fien@[192.0.2.1]", "not-a-domain"),
            ("111222333@school.example", "bsn"),
        ] {
            assert_eq!(EmailAddress::parse(text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn the_limits_are_those_of_rfc_5321() {
        let label = "d".repeat(60);
        let domain = format!("{label}.{label}.{label}");
        let address = |local: usize| EmailAddress::parse(&format!("{}@{domain}.nl", "x".repeat(local)));
        assert!(EmailAddress::parse(&format!("{}@school.example", "x".repeat(64))).is_ok());
        assert_eq!(
            EmailAddress::parse(&format!("{}@school.example", "x".repeat(65))).unwrap_err().code,
            "too-long"
        );
        assert!(address(64).is_ok());
        let long = format!("{domain}.dddddd.nl");
        assert_eq!(EmailAddress::parse(&format!("{}@{long}", "x".repeat(64))).unwrap_err().code, "too-long");
    }

    #[test]
    fn c069_one_person_has_one_login() {
        for (typed, login) in [
            ("Juf.Fien@School.Example", "juf.fien@school.example"),
            ("fien@school.example.", "fien@school.example"),
            ("fien+x@school.example", "fien@school.example"),
            ("Fien+x+y@school.example", "fien@school.example"),
            ("fien.+x@school.example", "fien@school.example"),
            ("fien+@school.example", "fien@school.example"),
            ("+Fien@school.example", "+fien@school.example"),
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().normalised(), login, "{typed}");
        }
    }

    fn organisation_code(domain: &str) -> Option<&'static str> {
        check_organisation_domain(&MailDomain::parse(domain).unwrap()).err().map(|refusal| refusal.code)
    }

    #[test]
    fn c054_a_domain_is_the_organisations_own() {
        for free in
            ["gmail.com", "Hotmail.NL", "ziggo.nl", "kpnmail.nl", "xs4all.nl", "fien.home.nl", "live.nl."]
        {
            assert_eq!(organisation_code(free), Some("free-mail-domain"), "{free}");
        }
        for own in
            ["school.nl", "basisschool-voorbeeld.example", "home.school.nl", "bücher.example", "notgmail.com"]
        {
            assert_eq!(organisation_code(own), None, "{own}");
        }
        assert_eq!(organisation_code("co.uk"), Some("public-suffix"));
        assert_eq!(organisation_code("school.co.uk"), None);
    }

    #[test]
    fn c055_a_domain_is_not_for_throwing_away() {
        for disposable in ["mailinator.com", "box.mailinator.com", "yopmail.com", "10minutemail.com"] {
            assert_eq!(organisation_code(disposable), Some("disposable-mail-domain"), "{disposable}");
        }
    }

    #[test]
    fn every_listed_domain_is_written_as_it_is_looked_up() {
        for listed in FREE.iter().chain(DISPOSABLE.iter()) {
            assert_eq!(MailDomain::parse(listed).unwrap().as_str(), *listed);
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", EmailAddress::parse("fien@school.example").unwrap()), "EmailAddress(…)");
    }

    proptest! {
        #[test]
        fn what_was_read_reads_the_same_again(text in "[!-~éß.@]{1,12}@[a-z0-9é.-]{1,12}\\.[a-z]{2,4}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(&EmailAddress::parse(address.as_str()).unwrap(), &address);
                let normalised = EmailAddress::parse(&address.normalised()).unwrap();
                prop_assert_eq!(normalised.normalised(), address.normalised());
                prop_assert_eq!(MailDomain::parse(address.domain().as_str()), Ok(address.domain()));
                prop_assert_eq!(MailDomain::parse(&format!("{}.", address.domain().as_str())), Ok(address.domain()));
            }
        }
    }
}
