//! The networks that users may come from (C065).
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Serialize, Serializer};

use crate::values::refusal::Refusal;

/// The widest networks that may be entered. A wider one would limit next to nothing.
const SHORTEST_PREFIX_V4: u8 = 8;
const SHORTEST_PREFIX_V6: u8 = 16;

/// How many bits of an IPv4-mapped IPv6 address stand before the IPv4 address (RFC 4291, 2.5.5.2).
const MAPPED_PREFIX: u8 = 96;

/// An IP network in CIDR form (RFC 4632), written `192.0.2.0/24` or `2001:db8::/32`. An IPv4-mapped IPv6 network is
/// the IPv4 network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpNet);

impl Network {
    /// Reads a network, or a single address, which is the network of that address alone.
    ///
    /// # Errors
    /// `not-a-network`; `too-wide` for more than a /8 of IPv4 or a /16 of IPv6; `host-bits` for an address
    /// within the network instead of its first.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let network = read(text.trim()).ok_or_else(|| {
            Refusal::new(
                "not-a-network",
                "a network is written as 192.0.2.0/24, 2001:db8::/32 or one address",
            )
        })?;
        let shortest = if network.addr().is_ipv4() { SHORTEST_PREFIX_V4 } else { SHORTEST_PREFIX_V6 };
        if network.prefix_len() < shortest {
            return Err(Refusal::new(
                "too-wide",
                format!(
                    "a network has a prefix of /{SHORTEST_PREFIX_V4} or longer, /{SHORTEST_PREFIX_V6} for IPv6"
                ),
            ));
        }
        if network.trunc() != network {
            return Err(Refusal::new("host-bits", "the address must be the first one of its network"));
        }
        Ok(Self(network))
    }

    /// Whether `address` lies in this network. An IPv4-mapped IPv6 address is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether somebody at `address` is let in: nobody is kept out where no network was entered (C065).
pub fn admits(networks: &[Network], address: IpAddr) -> bool {
    networks.is_empty() || networks.iter().any(|network| network.contains(address))
}

/// As [`admits`], for an address as text. What is no address is let in only where anybody is.
pub fn admits_text(networks: &[Network], address: &str) -> bool {
    networks.is_empty() || address.parse().is_ok_and(|address| admits(networks, address))
}

/// That whoever limits logins to these networks does not shut herself out.
///
/// # Errors
/// `shuts-you-out`.
pub fn check_own_access(networks: &[Network], own_address: &str) -> Result<(), Refusal> {
    if admits_text(networks, own_address) {
        return Ok(());
    }
    Err(Refusal::new("shuts-you-out", "must hold the address that you are working from"))
}

/// How much of an IPv6 address one network has, and how much one customer: within a /48 there are 65,536 networks of
/// /64, and each has more addresses than anybody can try (RFC 6177).
const PREFIX_OF_NETWORK: u8 = 64;
const PREFIX_OF_SITE: u8 = 48;

/// Where a request comes from, no more precisely than its sender can choose at will: what limits are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// An IPv4 address, or the /64 that an IPv6 address is in.
    pub network: String,
    /// The /48 that an IPv6 address is in.
    pub site: Option<String>,
}

impl Origin {
    /// Where a request from `address` comes from. An IPv4-mapped IPv6 address is the IPv4 address; what is no address
    /// stands for itself.
    pub fn of(address: &str) -> Self {
        match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V6(v6)) => {
                let within = |prefix| Ipv6Net::new(v6, prefix).map(|network| network.trunc().to_string());
                Self {
                    network: within(PREFIX_OF_NETWORK).unwrap_or_else(|_| v6.to_string()),
                    site: within(PREFIX_OF_SITE).ok(),
                }
            }
            Ok(IpAddr::V4(v4)) => Self { network: v4.to_string(), site: None },
            Err(_) => Self { network: address.to_owned(), site: None },
        }
    }

    /// The widest network that is one sender's: the /48, or the IPv4 address.
    pub fn widest(&self) -> &str {
        self.site.as_deref().unwrap_or(&self.network)
    }
}

fn read(text: &str) -> Option<IpNet> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    Some(match network {
        IpNet::V4(_) => network,
        IpNet::V6(v6) => unmapped(v6).map_or(network, IpNet::V4),
    })
}

fn unmapped(network: Ipv6Net) -> Option<Ipv4Net> {
    let prefix = network.prefix_len().checked_sub(MAPPED_PREFIX)?;
    Ipv4Net::new(Ipv6Addr::to_ipv4_mapped(&network.addr())?, prefix).ok()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    fn network(text: &str) -> Network {
        Network::parse(text).unwrap()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn is_written_in_one_way() {
        for (text, canonical) in [
            (" 192.0.2.0/24 ", "192.0.2.0/24"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("2001:DB8:0:0::/32", "2001:db8::/32"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("2001::/16", "2001::/16"),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ] {
            assert_eq!(network(text).to_string(), canonical);
            assert_eq!(serde_json::to_string(&network(text)).unwrap(), format!("\"{canonical}\""));
        }
    }

    #[test]
    fn refuses_what_is_no_network_or_nearly_the_whole_internet() {
        for (text, code) in [
            ("", "not-a-network"),
            ("school.example", "not-a-network"),
            ("192.0.2.0/33", "not-a-network"),
            ("192.0.2.0/", "not-a-network"),
            ("192.0.2/24", "not-a-network"),
            ("192.0.2.0/255.255.255.0", "not-a-network"),
            ("192.0.2.0-192.0.2.9", "not-a-network"),
            ("2001:db8::/129", "not-a-network"),
            ("fe80::1%eth0", "not-a-network"),
            ("192.0.2.1/24", "host-bits"),
            ("2001:db8::1/32", "host-bits"),
            ("::ffff:192.0.2.1/120", "host-bits"),
            ("0.0.0.0/0", "too-wide"),
            ("10.0.0.0/7", "too-wide"),
            ("::/0", "too-wide"),
            ("2000::/15", "too-wide"),
            ("::ffff:0.0.0.0/96", "too-wide"),
        ] {
            assert_eq!(Network::parse(text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn c065_only_the_entered_networks_are_let_in() {
        let entered = [network("192.0.2.0/24"), network("2001:db8::/32")];
        for inside in ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.7", "2001:db8:ffff::1"] {
            assert!(admits(&entered, address(inside)), "{inside}");
        }
        for outside in ["192.0.3.0", "::ffff:192.0.3.0", "2001:db9::1", "::192.0.2.7"] {
            assert!(!admits(&entered, address(outside)), "{outside}");
        }
    }

    #[test]
    fn c079_a_sender_is_not_told_by_what_it_can_choose_at_will() {
        for (address, network, site) in [
            ("192.0.2.7", "192.0.2.7", None),
            ("::ffff:192.0.2.7", "192.0.2.7", None),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", Some("2001:db8:1::/48")),
            ("2001:db8:1:2::", "2001:db8:1:2::/64", Some("2001:db8:1::/48")),
            ("2001:db8:1:ffff::1", "2001:db8:1:ffff::/64", Some("2001:db8:1::/48")),
            ("", "", None),
        ] {
            let origin = Origin::of(address);
            assert_eq!((&*origin.network, origin.site.as_deref()), (network, site));
            assert_eq!(origin.widest(), site.unwrap_or(network));
        }
    }

    #[test]
    fn c065_without_networks_everybody_is_let_in() {
        assert!(admits(&[], address("203.0.113.9")));
    }

    proptest! {
        #[test]
        fn what_was_read_reads_the_same_again(bits: u32, prefix in 8u8..=32) {
            let first = Ipv4Net::new(Ipv4Addr::from(bits), prefix).unwrap().trunc();
            let network = network(&first.to_string());
            prop_assert_eq!(Network::parse(&network.to_string()), Ok(network));
            prop_assert!(network.contains(Ipv4Addr::from(bits).into()));
            prop_assert!(network.contains(Ipv4Addr::from(bits).to_ipv6_mapped().into()));
        }
    }
}
