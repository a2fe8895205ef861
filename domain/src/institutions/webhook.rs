//! Telling a program of the institution what happened: where to, of what, and how often it is tried (C124).
//!
//! What is sent names nobody: an event, the id of what it is about, and the time. Who wants to know more asks the API.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::{SignedDuration, Timestamp};

use crate::values::bsn::refuse_bsn;
use crate::values::email::MailDomain;
use crate::values::refusal::Refusal;
use crate::values::text::{code_list, text_value};

code_list! {
    /// What can be told of.
    pub enum WebhookEvent {
        /// Somebody asked to try the endpoint.
        Test = "endpoint.test",
        /// A security incident was reported.
        IncidentReported = "incident.reported",
        /// A likely high risk for the people concerned is suspected (C125).
        IncidentHighRisk = "incident.high-risk-suspected",
        /// Something was added to what is known of an incident (C124).
        IncidentUpdated = "incident.updated",
    }
}

code_list! {
    /// How a delivery stands.
    pub enum DeliveryState {
        /// It is tried at its time.
        Waiting = "waiting",
        /// The receiver answered that it has it.
        Delivered = "delivered",
        /// It is tried no longer.
        GivenUp = "given-up",
    }
}

/// How long to wait before a delivery is tried again, by how often it was tried; after the last it is given up. This is the
/// schedule that Standard Webhooks gives.
const PAUSES: [SignedDuration; 8] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(20),
];

/// How long to wait after the `tried`th attempt (from 1); `None` when it was the last.
pub fn pause_after(tried: u16) -> Option<SignedDuration> {
    PAUSES.get(usize::from(tried.checked_sub(1)?)).copied()
}

/// How many endpoints an institution has at most.
pub const MOST_ENDPOINTS: usize = 10;

/// That another endpoint may be entered beside those that there are.
///
/// # Errors
/// `too-many`.
pub fn check_room(endpoints: usize) -> Result<(), Refusal> {
    if endpoints < MOST_ENDPOINTS {
        return Ok(());
    }
    Err(Refusal::new(
        "too-many",
        format!("an institution has at most {MOST_ENDPOINTS} endpoints; take one away first"),
    ))
}

/// What an endpoint is told of.
///
/// # Errors
/// `empty` and `repeated`.
pub fn events(named: &[WebhookEvent]) -> Result<BTreeSet<WebhookEvent>, Refusal> {
    let events: BTreeSet<_> = named.iter().copied().collect();
    match events.len() {
        0 => Err(Refusal::new("empty", "name at least one event")),
        count if count < named.len() => Err(Refusal::new("repeated", "each event can be named once")),
        _ => Ok(events),
    }
}

/// What is said of an event: the body that is sent. Its form is that of Standard Webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookMessage {
    /// What happened.
    pub event: WebhookEvent,
    /// When, in UTC.
    pub occurred_at: Timestamp,
    /// The id of what it is about, as the API names it.
    pub subject: uuid::Uuid,
}

/// An address that is told of events: https, a host with a name, and nobody's name or password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookAddress(String);

text_value!(WebhookAddress);

impl WebhookAddress {
    /// The most characters that it has.
    pub const MOST_CHARACTERS: usize = 500;

    /// Reads an address.
    ///
    /// # Errors
    /// `too-long`; `not-a-webhook-address` for anything but `https://host/path?query`, with a port if it must be, 443 or from 1024; `private-network`
    /// for a host that is a network address, or a name that no public address has; `bsn` (C030).
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if text.len() > Self::MOST_CHARACTERS {
            let most = Self::MOST_CHARACTERS;
            return Err(Refusal::new("too-long", format!("an address has at most {most} characters")));
        }
        let rest = text.strip_prefix("https://").ok_or_else(not_an_address)?;
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['@', '#', '\\']) {
            return Err(not_an_address());
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        if port.is_some_and(|port| !port.parse().is_ok_and(may_listen)) {
            return Err(not_an_address());
        }
        let host = host.to_ascii_lowercase();
        if host.starts_with('[') || host.trim_end_matches('.').rsplit('.').next().is_some_and(is_a_number) {
            return Err(private("the host must have a name"));
        }
        let host = host.trim_end_matches('.').to_owned();
        let is_private = |suffix: &&str| host == **suffix || host.ends_with(&format!(".{suffix}"));
        if PRIVATE_NAMES.iter().any(is_private) {
            return Err(private("this name is of no public network"));
        }
        MailDomain::parse(&host).map_err(|_| not_an_address())?;
        refuse_bsn(path)?;
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self(format!("https://{host}{port}{path}")))
    }
}

/// Names that are of a network of one's own (RFC 2606, RFC 6761, RFC 6762, RFC 8375, RFC 9476).
const PRIVATE_NAMES: [&str; 8] =
    ["localhost", "local", "internal", "intranet", "lan", "home.arpa", "invalid", "alt"];

/// Whether programs of one's own may listen on a port: 443, and none of those below 1024 that belong to other protocols.
fn may_listen(port: u16) -> bool {
    port == 443 || port >= 1024
}

/// Whether the last label of a host makes it an IPv4 address (URL Standard, 4.1).
fn is_a_number(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()) || label.strip_prefix("0x").is_some()
}

fn not_an_address() -> Refusal {
    Refusal::new("not-a-webhook-address", "must be https://, the name of a host, and a path if there is one")
}

fn private(detail: &str) -> Refusal {
    Refusal::new("private-network", detail.to_owned())
}

/// Whether an address is one that everybody on the internet reaches, and nobody's own network: what a name leads to is
/// looked at when something is sent, for it may lead elsewhere by then.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Everything that IANA's registry of special addresses does not call globally reachable, and multicast.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

/// Only global unicast (2000::/3), without what leads back to an address of IPv4 or is for documents.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let special = match first {
        0x2001 => second < 0x0200 || second == 0x0db8,
        0x2002 | 0x3ffe => true,
        0x3fff => second < 0x1000,
        _ => false,
    };
    (0x2000..0x4000).contains(&first) && !special
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> &'static str {
        WebhookAddress::parse(text).unwrap_err().code
    }

    #[test]
    fn an_address_is_kept_as_it_is_read() {
        for (written, kept) in [
            ("https://hooks.school.example/groeilijn?a=1", "https://hooks.school.example/groeilijn?a=1"),
            ("  https://Hooks.School.Example:8443/A ", "https://hooks.school.example:8443/A"),
            ("https://hooks.school.example", "https://hooks.school.example"),
        ] {
            assert_eq!(WebhookAddress::parse(written).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "",
            "http://hooks.school.example/",
            "ftp://hooks.school.example",
            "https://",
            "https://school",
            "https://a@hooks.school.example/",
            "https://hooks.school.example/#a",
            "https://hooks.school.example:0/",
            "https://hooks.school.example:22/",
            "https://hooks.school.example:99999/",
            "https://hooks.school.example:/",
            "https://hooks school.example/",
            "https://hooks.school.example\\@10.0.0.1/",
            "https://é.example/",
        ] {
            assert_eq!(code(wrong), "not-a-webhook-address", "{wrong}");
        }
        assert_eq!(code(&format!("https://a.example/{}", "a".repeat(500))), "too-long");
        assert_eq!(code("https://a.example/123456782"), "bsn");
    }

    #[test]
    fn a_network_of_ones_own_is_refused() {
        for wrong in [
            "https://10.0.0.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[fe80::1]:443/",
            "https://localhost/",
            "https://a.LOCALHOST/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://nas.lan:8443/",
        ] {
            assert_eq!(code(wrong), "private-network", "{wrong}");
        }
    }

    #[test]
    fn addresses_of_ones_own_are_told_from_public_ones() {
        for own in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(own.parse().unwrap()), "{own}");
        }
        for public in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "2a00:1450::1",
            "2606:4700::1",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn events_are_named_once_and_one_at_least() {
        use WebhookEvent::{IncidentReported, Test};
        assert_eq!(events(&[Test, IncidentReported]).unwrap().len(), 2);
        assert_eq!(events(&[]).unwrap_err().code, "empty");
        assert_eq!(events(&[Test, Test]).unwrap_err().code, "repeated");
    }

    #[test]
    fn it_is_tried_for_some_two_days() {
        let pauses: Vec<_> = (1..).map_while(pause_after).collect();
        assert_eq!(pauses.len(), 8);
        let all = pauses.iter().fold(SignedDuration::ZERO, |all, pause| all + *pause);
        assert!(all > SignedDuration::from_hours(48) && all < SignedDuration::from_hours(72), "{all:?}");
        assert_eq!(pause_after(0), None);
    }

    proptest! {
        #[test]
        fn nothing_panics_and_what_is_kept_is_read_again(text in "(https://)?[a-z0-9.:/@\\[\\]]{0,40}") {
            if let Ok(address) = WebhookAddress::parse(&text) {
                let again = WebhookAddress::parse(address.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), address.as_str());
            }
        }
    }
}
