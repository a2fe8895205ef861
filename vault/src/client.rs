//! Asking Vault: with its token, within some seconds, and not again at once when it does not answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use groeilijn_engine::environment::Environment;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, http};
use zeroize::Zeroizing;

use crate::token::{Token, TokenSource};

/// How often a question is asked that can be asked again.
const ATTEMPTS: u32 = 2;
/// How long before it is asked again.
const PAUSE: Duration = Duration::from_millis(50);
/// For how long nobody asks Vault, and waits for it, after it failed.
const REST: SignedDuration = SignedDuration::from_secs(3);
/// The most bytes of an answer.
const MOST_BYTES: u64 = 64 << 10;
/// The most letters that are told of what Vault says.
const MOST_LETTERS: usize = 300;

/// Why Vault did not do what was asked, in words without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody answered, or with something that says to try again.
    Away(String),
    /// The token does not allow it.
    Refused(String),
    /// There is no such key, or no such engine.
    Absent(String),
    /// What was sent cannot be right.
    Rejected(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Away(why) | Self::Refused(why) | Self::Absent(why) | Self::Rejected(why)) = self;
        f.write_str(why)
    }
}

/// Whether a question can be asked again without its having another effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    Yes,
    No,
}

/// Whether a text is the address of a Vault: https, or http on this computer alone.
pub fn is_address(text: &str) -> bool {
    let Ok(uri) = text.parse::<http::Uri>() else { return false };
    let is_bare = uri.path() == "/" && uri.query().is_none() && !text.contains(['@', '#']);
    let is_here = || matches!(uri.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
    is_bare
        && uri.host().is_some_and(|host| !host.is_empty())
        && match uri.scheme_str() {
            Some("https") => true,
            Some("http") => is_here(),
            _ => false,
        }
}

/// Certificates that vouch for Vault's.
#[derive(Debug, Clone)]
pub struct Roots(Vec<Certificate<'static>>);

impl Roots {
    /// The certificates in a text of PEM.
    ///
    /// # Errors
    /// When there are none, in words.
    pub fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let mut found = Vec::new();
        for item in parse_pem(pem) {
            if let PemItem::Certificate(certificate) = item.map_err(|error| error.to_string())? {
                found.push(certificate);
            }
        }
        if found.is_empty() { Err("it holds no certificate in PEM".to_owned()) } else { Ok(Self(found)) }
    }
}

/// A Vault that can be asked.
pub(crate) struct Client {
    agent: Agent,
    /// The address, without a stroke at its end.
    base: String,
    token: Token,
    /// Until when nobody asks.
    rests_until: Mutex<Option<Timestamp>>,
    environment: Environment,
}

impl Client {
    /// A client of the Vault at `address`, whose certificate is vouched for by `roots`, or by the public authorities.
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// When the token cannot be used, in words.
    pub(crate) fn new(
        address: &str,
        token: TokenSource,
        roots: Option<&Roots>,
        patience: Duration,
        environment: Environment,
    ) -> Result<Self, String> {
        let roots = match roots {
            None => RootCerts::WebPki,
            Some(Roots(certificates)) => RootCerts::new_with_certs(certificates),
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(patience))
            // The token goes to this address alone: through no proxy of the environment, and after no redirection.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent("groeilijn")
            .build()
            .new_agent();
        let base = address.trim_end_matches('/').to_owned();
        Ok(Self { agent, base, token: Token::read(token)?, rests_until: Mutex::default(), environment })
    }

    /// Asks for what is at `path`.
    pub(crate) fn get(&self, path: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.ask(path, None, Repeat::Yes)
    }

    /// Sends `body` to `path`.
    pub(crate) fn post(
        &self,
        path: &str,
        body: &Value,
        repeat: Repeat,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let body = Zeroizing::new(body.to_string());
        self.ask(path, Some(body.as_bytes()), repeat)
    }

    fn ask(&self, path: &str, body: Option<&[u8]>, repeat: Repeat) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if self.rests() {
            return Err(Failure::Away("it did not answer a moment ago".to_owned()));
        }
        let answered = self.attempts(path, body, repeat);
        match &answered {
            Err(failure @ (Failure::Away(_) | Failure::Refused(_))) => {
                tracing::warn!("Vault, which holds the root key: {failure}");
                self.rest(Some(self.environment.now() + REST));
            }
            _ => self.rest(None),
        }
        answered
    }

    fn attempts(
        &self,
        path: &str,
        body: Option<&[u8]>,
        repeat: Repeat,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut left = if repeat == Repeat::Yes { ATTEMPTS } else { 1 };
        loop {
            left -= 1;
            let token = self.token.get();
            match self.once(path, body, &token) {
                Err(Failure::Away(_)) if left > 0 => thread::sleep(PAUSE),
                // It was renewed: nothing was done yet.
                Err(Failure::Refused(_)) if self.token.is_renewed_since(&token) => left = left.max(1),
                answered => return answered,
            }
        }
    }

    fn once(&self, path: &str, body: Option<&[u8]>, token: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let url = format!("{}/v1/{path}", self.base);
        let answer = match body {
            None => {
                self.agent.get(url).header("X-Vault-Token", token).header("X-Vault-Request", "true").call()
            }
            Some(body) => self
                .agent
                .post(url)
                .header("X-Vault-Token", token)
                .header("X-Vault-Request", "true")
                .header("Content-Type", "application/json")
                .send(body),
        };
        let mut answer: http::Response<Body> = answer.map_err(|error| Failure::Away(error.to_string()))?;
        let status = answer.status().as_u16();
        let read = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec();
        let said = read.map(Zeroizing::new).map_err(|error| Failure::Away(error.to_string()))?;
        if (200..300).contains(&status) {
            return Ok(said);
        }
        let why = format!("{status} for {path}: {}", errors(&said));
        Err(match status {
            403 => Failure::Refused(why),
            404 => Failure::Absent(why),
            400 if why.contains("encryption key not found") => Failure::Absent(why),
            400 => Failure::Rejected(why),
            _ => Failure::Away(why),
        })
    }

    /// Whether Vault failed a moment ago; not when the clock was set back since.
    fn rests(&self) -> bool {
        let now = self.environment.now();
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now < until && until.duration_since(now) <= REST)
    }

    fn rest(&self, until: Option<Timestamp>) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

/// What Vault says is wrong.
fn errors(said: &[u8]) -> String {
    let parsed: Option<Value> = serde_json::from_slice(said).ok();
    let texts = parsed.as_ref().and_then(|body| body.get("errors")?.as_array());
    let texts: Vec<&str> = texts.into_iter().flatten().filter_map(Value::as_str).collect();
    match texts.join("; ").split_whitespace().collect::<Vec<_>>().join(" ") {
        text if text.is_empty() => "it does not say why".to_owned(),
        text => text.chars().take(MOST_LETTERS).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_on_this_computer() {
        for right in [
            "https://vault.example:8200",
            "https://vault.example/",
            "http://127.0.0.1:8100",
            "http://[::1]:1",
        ] {
            assert!(is_address(right), "{right}");
        }
        for wrong in [
            "",
            "vault.example",
            "http://vault.example:8200",
            "http://127.0.0.1.example",
            "https://",
            "https://a@vault.example",
            "https://vault.example/v1",
            "https://vault.example?x",
            "ftp://127.0.0.1",
        ] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_vault_says_is_told_in_one_line() {
        assert_eq!(
            errors(br#"{"errors":["1 error occurred:\n\t* permission denied\n\n"]}"#),
            "1 error occurred: * permission denied"
        );
        assert_eq!(errors(b"<html>"), "it does not say why");
        assert_eq!(errors(br#"{"errors":[]}"#), "it does not say why");
    }
}
