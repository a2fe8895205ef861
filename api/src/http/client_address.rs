//! Which network address a request comes from, also behind a proxy.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;

/// The network address that a request comes from, as text; empty when it did not come over a network.
///
/// `X-Forwarded-For` is trusted only when the peer is one of `trusted_proxies`. Then the last address in it that is not
/// a trusted proxy is the sender's: the client can have written everything before it. An address may come with its port.
pub fn of(request: &HttpRequest, trusted_proxies: &[IpAddr]) -> String {
    let Some(peer) = request.peer_addr().as_ref().map(SocketAddr::ip).map(|ip| ip.to_canonical()) else {
        return String::new();
    };
    if !trusted_proxies.contains(&peer) {
        return peer.to_string();
    }
    let forwarded = request.headers().get_all("X-Forwarded-For").filter_map(|value| value.to_str().ok());
    let listed: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut from_the_end = listed.iter().rev().map_while(|text| read(text));
    let sender = from_the_end.find(|address| !trusted_proxies.contains(&address.to_canonical()));
    sender.map_or(peer, |address| address.to_canonical()).to_string()
}

/// An address as proxies write it: bare, with a port, and in brackets when it is of IPv6.
fn read(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare().parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
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
        assert_eq!(address("10.0.0.1:4000", &["203.0.113.9, 10.0.0.2:x"]), "10.0.0.1");
        assert_eq!(address("10.0.0.1:4000", &[]), "10.0.0.1");
    }

    #[test]
    fn ports_and_brackets_are_no_part_of_an_address() {
        for (forwarded, expected) in [
            ("203.0.113.9:5678", "203.0.113.9"),
            (" 1.1.1.1:1 ,\t203.0.113.9:5678 , 10.0.0.2:443", "203.0.113.9"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
            ("[::ffff:10.0.0.2]:443", "10.0.0.1"),
        ] {
            assert_eq!(address("10.0.0.1:4000", &[forwarded]), expected, "{forwarded}");
        }
        assert_eq!(
            address("10.0.0.1:4000", &["1.1.1.1:1", "203.0.113.9:5678", "10.0.0.2:80"]),
            "203.0.113.9"
        );
    }
}
