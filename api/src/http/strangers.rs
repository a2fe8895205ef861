//! Bodies of who is not logged in: small, and of few at once, so that nobody fills the memory without an account.
//!
//! Only a body that has to be waited for takes a place. One network has few of them: whoever keeps the places of hers
//! taken keeps out only those who share it, and they only when their bodies do not come along with the head.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpRequest;

use super::client_address;
use super::problem::Problem;
use super::receive::Room;

/// The most bytes of a body before login: a password of 1,024 bytes with each byte escaped is 6 KiB.
pub const MOST_BYTES: usize = 8 << 10;

/// How many bodies are waited for at once.
const MOST_AT_ONCE: usize = 1024;

/// How many of them may come from one network: an IPv4 address, or an IPv6 /48.
const MOST_OF_ONE_NETWORK: usize = 64;

/// The bits of an IPv6 address that name the network of one customer.
const CUSTOMER: u128 = u128::MAX << 80;

/// The bodies before login that are being waited for, shared with every request.
pub struct Strangers {
    trusted_proxies: Vec<IpAddr>,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    all: usize,
    by_network: HashMap<Option<IpAddr>, usize>,
}

/// The place of one request; it is free again when this is dropped.
pub struct Place {
    network: Option<IpAddr>,
    waiting: Arc<Mutex<Waiting>>,
    is_taken: bool,
}

impl Strangers {
    /// Nobody waits yet.
    pub fn new(trusted_proxies: Vec<IpAddr>) -> Self {
        Self { trusted_proxies, waiting: Arc::default() }
    }

    /// Where a request can wait for its body.
    pub fn place_for(&self, request: &HttpRequest) -> Place {
        let address = client_address::of(request, &self.trusted_proxies);
        let network = address.parse().ok().map(network_of);
        Place { network, waiting: self.waiting.clone(), is_taken: false }
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & CUSTOMER).into(),
        address => address,
    }
}

impl Room for Place {
    fn wait(&mut self) -> Result<(), Problem> {
        if self.is_taken {
            return Ok(());
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_network = waiting.by_network.get(&self.network).copied().unwrap_or_default();
        if waiting.all >= MOST_AT_ONCE || of_network >= MOST_OF_ONE_NETWORK {
            return Err(Problem::unavailable(1).because("too many bodies before login are waited for"));
        }
        waiting.all += 1;
        waiting.by_network.insert(self.network, of_network + 1);
        self.is_taken = true;
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_taken {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.all = waiting.all.saturating_sub(1);
        let left = waiting.by_network.get(&self.network).map_or(0, |places| places.saturating_sub(1));
        if left == 0 {
            waiting.by_network.remove(&self.network);
        } else {
            waiting.by_network.insert(self.network, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn waiting(strangers: &Strangers, address: &str) -> Option<Place> {
        let request = TestRequest::default().peer_addr((address.parse::<IpAddr>().unwrap(), 4000).into());
        let mut place = strangers.place_for(&request.to_http_request());
        place.wait().ok().map(|()| place)
    }

    #[test]
    fn one_network_has_few_places_and_gives_them_back() {
        let strangers = Strangers::new(Vec::new());
        let taken: Vec<_> = (0..MOST_OF_ONE_NETWORK)
            .map(|host| waiting(&strangers, &format!("2001:db8:1:{host:x}::1")))
            .collect();
        assert!(taken.iter().all(Option::is_some));
        assert!(waiting(&strangers, "2001:db8:1:ffff::1").is_none());
        assert!(waiting(&strangers, "2001:db8:2::1").is_some());
        assert!(waiting(&strangers, "192.0.2.1").is_some());
        drop(taken);
        assert!(waiting(&strangers, "2001:db8:1:ffff::1").is_some());
        assert!(strangers.waiting.lock().unwrap().by_network.is_empty());
    }

    #[test]
    fn all_networks_together_have_a_limit() {
        let strangers = Strangers::new(Vec::new());
        let from = |number: usize| waiting(&strangers, &format!("10.0.{}.{}", number / 256, number % 256));
        let taken: Vec<_> = (0..MOST_AT_ONCE).map(from).collect();
        assert!(taken.iter().all(Option::is_some));
        assert!(from(MOST_AT_ONCE).is_none());
    }
}
