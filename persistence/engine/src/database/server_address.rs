//! What is read from, and added to, the address of a PostgreSQL server before libpq gets it.

use std::net::IpAddr;

/// What the address gets where it does not say otherwise. A server that is gone without a word is noticed within some
/// ten seconds, also halfway a statement, and not after the two hours that are usual.
const DEFAULTS: [(&str, &str); 6] = [
    ("connect_timeout", "3"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
    ("application_name", "groeilijn"),
];

/// An address, `postgres://…` or `postgresql://…`, as far as it is looked at here.
pub(super) struct ServerAddress<'a> {
    text: &'a str,
    authority: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> ServerAddress<'a> {
    /// Takes an address apart.
    pub(super) fn of(text: &'a str) -> Self {
        let (rest, query) = text.split_once('?').unwrap_or((text, ""));
        let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
        let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
        let parameters = query.split('&').filter_map(|parameter| parameter.split_once('=')).collect();
        Self { text, authority, parameters }
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The address with what it gets besides.
    pub(super) fn complete(&self) -> String {
        let mut address = self.text.to_owned();
        let mut separator = if address.contains('?') { '&' } else { '?' };
        for (name, value) in DEFAULTS.iter().filter(|(name, _)| self.parameter(name).is_none()) {
            address.push(separator);
            address.push_str(&format!("{name}={value}"));
            separator = '&';
        }
        address
    }

    /// Whether what passes between here and there stays on this computer, or goes to a server that proves by its
    /// certificate which one it is.
    pub(super) fn is_safe(&self) -> bool {
        self.parameter("sslmode") == Some("verify-full") || self.hosts().into_iter().all(is_here)
    }

    /// The address for an operator to read: without a password, and of the parameters only where it is and as whom.
    pub(super) fn shown(&self) -> String {
        // A password that is not written as it should be may hold a question mark.
        let login_ends = self.text.rfind('@').unwrap_or(0);
        let parameters = self.text.get(login_ends..).and_then(|rest| rest.find('?'));
        let before = parameters.and_then(|at| self.text.get(..login_ends + at)).unwrap_or(self.text);
        let (scheme, rest) = before.split_once("://").unwrap_or(("postgres", before));
        // A password that is not written as it should be may hold any sign but the last @.
        let rest = match rest.rsplit_once('@') {
            Some((login, place)) => format!("{}@{place}", login.split(':').next().unwrap_or_default()),
            None => rest.to_owned(),
        };
        let named = ["host", "hostaddr", "port", "dbname", "user"].into_iter();
        let named = named.filter_map(|name| Some(format!("{name}={}", self.parameter(name)?)));
        let named = named.collect::<Vec<_>>().join("&");
        let separator = if named.is_empty() { "" } else { "?" };
        format!("{scheme}://{rest}{separator}{named}")
    }

    /// The address of another database on the same server, for the same role.
    pub(super) fn with_database(&self, name: &str) -> String {
        let (place, query) = self.text.split_once('?').unwrap_or((self.text, ""));
        let (scheme, rest) = place.split_once("://").unwrap_or(("postgres", place));
        let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
        let kept: Vec<&str> =
            query.split('&').filter(|one| !one.is_empty() && !one.starts_with("dbname=")).collect();
        let separator = if kept.is_empty() { "" } else { "?" };
        format!("{scheme}://{authority}/{name}{separator}{}", kept.join("&"))
    }

    /// The address without its password, and the password. What is on the command line of a program, every user of the
    /// computer can read; its environment they cannot.
    pub(super) fn apart_from_password(&self) -> (String, Option<String>) {
        let (place, query) = self.text.split_once('?').unwrap_or((self.text, ""));
        let mut password = self.parameter("password").map(decoded);
        let kept: Vec<&str> =
            query.split('&').filter(|one| !one.is_empty() && !one.starts_with("password=")).collect();
        let place =
            match place.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
                Some((scheme, (login, server))) => {
                    let (user, own) =
                        login.split_once(':').map_or((login, None), |(user, own)| (user, Some(own)));
                    password = password.or_else(|| own.map(decoded));
                    format!("{scheme}://{user}@{server}")
                }
                None => place.to_owned(),
            };
        let separator = if kept.is_empty() { "" } else { "?" };
        (format!("{place}{separator}{}", kept.join("&")), password)
    }

    fn hosts(&self) -> Vec<&'a str> {
        let servers = self.authority.rsplit_once('@').map_or(self.authority, |(_, servers)| servers);
        let named = ["host", "hostaddr"].iter().filter_map(|name| self.parameter(name));
        servers.split(',').map(without_port).chain(named.flat_map(|hosts| hosts.split(','))).collect()
    }
}

/// What stands behind `%XX`, as far as it is text.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = (first == b'%').then(|| behind.split_at_checked(2)).flatten();
        let byte = escaped.and_then(|(two, _)| u8::from_str_radix(str::from_utf8(two).ok()?, 16).ok());
        match (byte, escaped) {
            (Some(byte), Some((_, after))) => {
                bytes.push(byte);
                rest = after;
            }
            _ => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn without_port(server: &str) -> &str {
    match server.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => server.split_once(':').map_or(server, |(host, _)| host),
    }
}

/// A socket in the file system, or this computer by name or number.
fn is_here(host: &str) -> bool {
    let socket = ["/", "%2F", "%2f", "@", "%40"].iter().any(|start| host.starts_with(start));
    host.is_empty()
        || socket
        || host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_computer_and_a_proven_server_are_safe() {
        for safe in [
            "postgres:///data",
            "postgres:///data?host=/var/run/postgresql&user=groeilijn",
            "postgres://groeilijn@%2Fvar%2Frun/data",
            "postgres://groeilijn:secret@localhost:5432/data",
            "postgres://127.0.0.1/data",
            "postgres://[::1]:5432/data",
            "postgresql://db.example/data?sslmode=verify-full&sslrootcert=ca.pem",
        ] {
            assert!(ServerAddress::of(safe).is_safe(), "{safe}");
        }
        for unsafe_one in [
            "postgres://db.example/data",
            "postgres://db.example/data?sslmode=require",
            "postgres://db.example/data?sslmode=verify-ca",
            "postgres://localhost,db.example/data",
            "postgres:///data?host=db.example",
            "postgres:///data?hostaddr=192.0.2.1",
            "postgres://localhost@db.example/data",
            "postgres://[2001:db8::1]/data",
        ] {
            assert!(!ServerAddress::of(unsafe_one).is_safe(), "{unsafe_one}");
        }
    }

    #[test]
    fn what_the_address_says_itself_is_kept() {
        let complete = ServerAddress::of("postgres://localhost/data").complete();
        assert!(complete.starts_with("postgres://localhost/data?connect_timeout=3&"), "{complete}");
        assert!(complete.contains("&tcp_user_timeout=10000&"), "{complete}");
        let own =
            ServerAddress::of("postgres://localhost/data?tcp_user_timeout=1&connect_timeout=9").complete();
        assert!(own.starts_with("postgres://localhost/data?tcp_user_timeout=1&connect_timeout=9&"), "{own}");
        assert_eq!(own.matches("timeout").count(), 2, "{own}");
    }

    #[test]
    fn another_database_on_the_same_server_keeps_the_rest_of_the_address() {
        for (address, other) in [
            ("postgres:///data?host=/run/pg&user=fien", "postgres:///check?host=/run/pg&user=fien"),
            ("postgres://fien:a%40b@db.example:5433/data", "postgres://fien:a%40b@db.example:5433/check"),
            (
                "postgres://db.example?dbname=data&sslmode=verify-full",
                "postgres://db.example/check?sslmode=verify-full",
            ),
        ] {
            assert_eq!(ServerAddress::of(address).with_database("check"), other);
        }
    }

    #[test]
    fn a_password_is_taken_out_of_the_address() {
        for (address, shown, password) in [
            (
                "postgres://fien:a%40b%2@db.example/data?sslmode=x",
                "postgres://fien@db.example/data?sslmode=x",
                Some("a@b%2"),
            ),
            ("postgres:///data?password=p%3Aq&user=fien", "postgres:///data?user=fien", Some("p:q")),
            ("postgres:///data?user=fien", "postgres:///data?user=fien", None),
            ("postgres://fien@localhost/data", "postgres://fien@localhost/data", None),
        ] {
            let apart = ServerAddress::of(address).apart_from_password();
            assert_eq!((apart.0.as_str(), apart.1.as_deref()), (shown, password));
        }
    }
}
