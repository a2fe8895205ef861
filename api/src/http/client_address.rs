//! Which network address a request comes from, also behind a proxy.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;

/// The network address that a request comes from, as text; empty when it did not come over a network.
///
/// `X-Forwarded-For` is trusted only when the peer is one of `trusted_proxies`. Then the last address in it that is not
/// a trusted proxy is the sender's: the client can have written everything before it.
pub fn of(request: &HttpRequest, trusted_proxies: &[IpAddr]) -> String {
    let Some(peer) = request.peer_addr().as_ref().map(SocketAddr::ip).map(|ip| ip.to_canonical()) else {
        return String::new();
    };
    if !trusted_proxies.contains(&peer) {
        return peer.to_string();
    }
    let forwarded = request.headers().get_all("X-Forwarded-For").filter_map(|value| value.to_str().ok());
    let listed: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut from_the_end = listed.iter().rev().map_while(|text| text.parse::<IpAddr>().ok());
    let sender = from_the_end.find(|address| !trusted_proxies.contains(&address.to_canonical()));
    sender.map_or(peer, |address| address.to_canonical()).to_string()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn address(peer: &str, forwarded: &[&str]) -> String {
        let proxies = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let request = TestRequest::default().peer_addr(peer.parse().unwrap());
        let request = forwarded
            .iter()
            .fold(request, |request, value| request.append_header(("X-Forwarded-For", *value)));
        of(&request.to_http_request(), &proxies)
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(address("192.0.2.7:4000", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(address("[::ffff:192.0.2.7]:4000", &[]), "192.0.2.7");
    }

    #[test]
    fn a_proxy_of_ours_tells_whom_it_passed_on() {
        assert_eq!(address("10.0.0.1:4000", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(address("10.0.0.1:4000", &["1.1.1.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(address("10.0.0.1:4000", &["1.1.1.1", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(address("10.0.0.1:4000", &["203.0.113.9, nonsense"]), "10.0.0.1");
        assert_eq!(address("10.0.0.1:4000", &[]), "10.0.0.1");
    }
}
