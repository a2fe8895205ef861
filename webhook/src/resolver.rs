//! Where a host's name leads: to public addresses, whoever says otherwise.
//!
//! The addresses that are looked at here are those that are connected to. A name that leads to a public address when it is
//! entered and to a private one when something is sent does not get past.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use groeilijn_domain::institutions::webhook::is_public;
use groeilijn_domain::values::email::MailDomain;
use groeilijn_domain::values::ids::InstitutionId;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The port of HTTPS.
const HTTPS: u16 = 443;

/// A receiver in the operator's own network, written `name=address` or `name=address:port`, and behind that `@` with the ids
/// of the institutions whose messages it may get, with `+` between them: this name leads to that port there, which is 443 when
/// none is named, and nowhere else. No institution may use it when none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReceiver {
    name: String,
    address: SocketAddr,
    institutions: BTreeSet<InstitutionId>,
}

impl FromStr for OwnReceiver {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, rest) = text.split_once('=').ok_or(())?;
        let name = MailDomain::parse(name).map_err(|_| ())?.as_str().to_owned();
        let (address, institutions) = match rest.split_once('@') {
            Some((address, ids)) => (address, institutions(ids)?),
            None => (rest, BTreeSet::new()),
        };
        let address = address.trim();
        let with_port = || address.parse().map(|address: IpAddr| SocketAddr::new(address, HTTPS));
        let address = address.parse().or_else(|_| with_port()).map_err(|_| ())?;
        Ok(Self { name, address, institutions })
    }
}

fn institutions(ids: &str) -> Result<BTreeSet<InstitutionId>, ()> {
    ids.split('+').map(|id| id.trim().parse().map(InstitutionId::from_uuid).map_err(|_| ())).collect()
}

impl OwnReceiver {
    /// The institutions whose messages it may get.
    pub(crate) fn institutions(&self) -> &BTreeSet<InstitutionId> {
        &self.institutions
    }

    /// Whether this is where it listens.
    pub(crate) fn is_at(&self, uri: &Uri) -> bool {
        uri.host() == Some(self.name.as_str()) && port(uri) == self.address.port()
    }
}

fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(HTTPS)
}

/// Looks names up, and leaves out what nobody may be sent to.
pub(crate) struct PublicOnly {
    names: DefaultResolver,
    /// The names of the operator's own receivers; one that this institution may not use leads nowhere.
    own: HashMap<String, Option<SocketAddr>>,
}

impl PublicOnly {
    /// For the messages of an institution, or of any other than those that `own` names.
    pub(crate) fn new(own: &[OwnReceiver], institution: Option<InstitutionId>) -> Self {
        let may_use =
            |receiver: &OwnReceiver| institution.is_some_and(|id| receiver.institutions.contains(&id));
        let mut names = HashMap::new();
        for receiver in own {
            let leads_to: &mut Option<SocketAddr> = names.entry(receiver.name.clone()).or_default();
            if may_use(receiver) {
                *leads_to = Some(receiver.address);
            }
        }
        Self { names: DefaultResolver::default(), own: names }
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
        if let Some(own) = uri.host().and_then(|name| self.own.get(name)) {
            let address = own.filter(|address| address.port() == port(uri));
            admitted.push(address.ok_or(ureq::Error::HostNotFound)?);
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
    use uuid::Uuid;

    use super::*;

    const OTHER: InstitutionId = InstitutionId::from_uuid(Uuid::from_u128(2));

    fn of(text: &str) -> OwnReceiver {
        text.parse().unwrap()
    }

    #[test]
    fn an_own_receiver_is_a_name_an_address_and_whose_it_is() {
        let receiver = of("Hooks.School.example=10.1.2.3");
        assert_eq!((receiver.name.as_str(), receiver.institutions.len()), ("hooks.school.example", 0));
        assert_eq!(receiver.address, "10.1.2.3:443".parse().unwrap());
        let named = of(&format!(
            "hooks.school.example=[fd00::1]:8443@{} + {}",
            Uuid::from_u128(1),
            Uuid::from_u128(2)
        ));
        assert_eq!(named.address, "[fd00::1]:8443".parse().unwrap());
        assert_eq!(named.institutions, BTreeSet::from([InstitutionId::from_uuid(Uuid::from_u128(1)), OTHER]));
        for wrong in [
            "",
            "hooks.school.example",
            "hooks.school.example=",
            "=10.1.2.3",
            "hooks=10.1.2.3",
            "hooks.school.example=10.1.2.3@",
            "hooks.school.example=10.1.2.3@school",
        ] {
            assert_eq!(wrong.parse::<OwnReceiver>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn a_name_that_leads_to_this_computer_is_not_found_but_for_whose_receiver_it_is() {
        let agent = |own: &[OwnReceiver], institution| {
            let config =
                ureq::Agent::config_builder().timeout_global(Some(std::time::Duration::from_secs(5))).build();
            let connector = ureq::unversioned::transport::DefaultConnector::default();
            ureq::Agent::with_parts(config, connector, PublicOnly::new(own, institution))
        };
        let is_not_found = |agent: &ureq::Agent, url: &str| {
            let refused = agent.get(url).call().unwrap_err();
            assert!(matches!(refused, ureq::Error::HostNotFound), "{url}: {refused}");
        };
        is_not_found(&agent(&[], Some(OTHER)), "http://localhost:1/");
        let own = [
            of(&format!("hooks.school.example=127.0.0.1:1@{}", OTHER.as_uuid())),
            of("none.school.example=127.0.0.1:1"),
        ];
        let refused = agent(&own, Some(OTHER)).get("http://hooks.school.example:1/").call().unwrap_err();
        assert!(matches!(refused, ureq::Error::Io(_) | ureq::Error::ConnectionFailed), "{refused}");
        is_not_found(&agent(&own, Some(OTHER)), "http://hooks.school.example:2/");
        is_not_found(&agent(&own, Some(OTHER)), "http://none.school.example:1/");
        for stranger in [None, Some(InstitutionId::from_uuid(Uuid::from_u128(3)))] {
            is_not_found(&agent(&own, stranger), "http://hooks.school.example:1/");
        }
    }
}
