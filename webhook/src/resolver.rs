//! Where a host's name leads: to public addresses, whoever says otherwise.
//!
//! The addresses that are looked at here are those that are connected to. A name that leads to a public address when it is
//! entered and to a private one when something is sent does not get past.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use groeilijn_domain::institutions::webhook::is_public;
use groeilijn_domain::values::email::MailDomain;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The port of HTTPS.
const HTTPS: u16 = 443;

/// A receiver in the operator's own network, written `name=address` or `name=address:port`: this name leads to that port
/// there, which is 443 when none is named, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReceiver {
    name: String,
    address: SocketAddr,
}

impl FromStr for OwnReceiver {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, address) = text.split_once('=').ok_or(())?;
        let name = MailDomain::parse(name).map_err(|_| ())?.as_str().to_owned();
        let address = address.trim();
        let with_port = || address.parse().map(|address: IpAddr| SocketAddr::new(address, HTTPS));
        Ok(Self { name, address: address.parse().or_else(|_| with_port()).map_err(|_| ())? })
    }
}

/// Looks names up, and leaves out what nobody may be sent to.
pub(crate) struct PublicOnly {
    names: DefaultResolver,
    own: HashMap<String, SocketAddr>,
}

impl PublicOnly {
    pub(crate) fn new(own: &[OwnReceiver]) -> Self {
        let own = own.iter().map(|receiver| (receiver.name.clone(), receiver.address));
        Self { names: DefaultResolver::default(), own: own.collect() }
    }
}

impl fmt::Debug for PublicOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicOnly")
    }
}

impl Resolver for PublicOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut admitted = self.empty();
        if let Some(address) = uri.host().and_then(|name| self.own.get(name)) {
            if uri.port_u16().unwrap_or(HTTPS) != address.port() {
                return Err(ureq::Error::HostNotFound);
            }
            admitted.push(*address);
            return Ok(admitted);
        }
        let found = self.names.resolve(uri, config, timeout)?;
        for address in found.iter().filter(|address| is_public(address.ip())) {
            admitted.push(*address);
        }
        if admitted.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(admitted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_receiver_is_a_name_and_an_address() {
        let receiver: OwnReceiver = "Hooks.School.example=10.1.2.3".parse().unwrap();
        assert_eq!(receiver.name, "hooks.school.example");
        assert_eq!(receiver.address, "10.1.2.3:443".parse().unwrap());
        let named: OwnReceiver = "hooks.school.example=[fd00::1]:8443".parse().unwrap();
        assert_eq!(named.address, "[fd00::1]:8443".parse().unwrap());
        for wrong in ["", "hooks.school.example", "hooks.school.example=", "=10.1.2.3", "hooks=10.1.2.3"] {
            assert_eq!(wrong.parse::<OwnReceiver>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn a_name_that_leads_to_this_computer_is_not_found() {
        let agent = |own: &[OwnReceiver]| {
            let config =
                ureq::Agent::config_builder().timeout_global(Some(std::time::Duration::from_secs(5))).build();
            let connector = ureq::unversioned::transport::DefaultConnector::default();
            ureq::Agent::with_parts(config, connector, PublicOnly::new(own))
        };
        let refused = agent(&[]).get("http://localhost:1/").call().unwrap_err();
        assert!(matches!(refused, ureq::Error::HostNotFound), "{refused}");
        let own: OwnReceiver = "hooks.school.example=127.0.0.1:1".parse().unwrap();
        let refused =
            agent(std::slice::from_ref(&own)).get("http://hooks.school.example:1/").call().unwrap_err();
        assert!(matches!(refused, ureq::Error::Io(_) | ureq::Error::ConnectionFailed), "{refused}");
        let refused = agent(&[own]).get("http://hooks.school.example:2/").call().unwrap_err();
        assert!(matches!(refused, ureq::Error::HostNotFound), "{refused}");
    }
}
