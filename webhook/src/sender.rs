//! Sending a message, once, within some seconds.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use groeilijn_domain::institutions::webhook::{WebhookAddress, WebhookMessage};
use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;
use rustls::crypto::aws_lc_rs::default_provider;
use serde_json::json;
use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use uuid::Uuid;

use crate::resolver::{OwnReceiver, PublicOnly};
use crate::signature::SigningSecret;

/// How long a receiver may take, all in all.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends messages.
#[derive(Clone)]
pub struct Sender {
    own: Vec<OwnReceiver>,
    /// Those of the institutions that have a receiver in the operator's own network.
    agents: HashMap<InstitutionId, Agent>,
    /// That of all others.
    to_public: Agent,
}

impl Sender {
    /// A sender to public addresses and, for the institutions that they name, to the operator's own receivers. The certificates
    /// in `roots`, as PEM, vouch for receivers in place of those of the public authorities.
    ///
    /// # Errors
    /// When there is no certificate in `roots`, in words.
    pub fn new(own: &[OwnReceiver], roots: Option<&[u8]>) -> Result<Self, String> {
        let config = configuration(roots, true)?;
        let agent = |institution| {
            Agent::with_parts(config.clone(), DefaultConnector::default(), PublicOnly::new(own, institution))
        };
        let named: BTreeSet<_> = own.iter().flat_map(OwnReceiver::institutions).copied().collect();
        let agents = named.into_iter().map(|institution| (institution, agent(Some(institution)))).collect();
        Ok(Self { own: own.to_vec(), agents, to_public: agent(None) })
    }

    /// Whether an address is that of a receiver of the operator's that is not for this institution: nothing of it is sent there.
    pub fn keeps_from(&self, institution: InstitutionId, to: &WebhookAddress) -> bool {
        let Ok(uri) = to.as_str().parse() else { return false };
        self.own.iter().any(|own| own.is_at(&uri) && !own.institutions().contains(&institution))
    }

    /// Sends a message of an institution, whose `id` stays the same when it is sent again, and gives the status that the receiver
    /// answered: it has the message when that is one of 200 to 299. `None` when nobody answered in time, or the host's name leads
    /// nowhere that may be sent to. It blocks.
    pub fn send(
        &self,
        institution: InstitutionId,
        to: &WebhookAddress,
        secret: &SigningSecret,
        id: Uuid,
        message: &WebhookMessage,
        now: Timestamp,
    ) -> Option<u16> {
        let body = json!({
            "type": message.event.code(),
            "timestamp": message.occurred_at.to_string(),
            "data": {"id": message.subject.to_string()},
        })
        .to_string();
        let answer = self
            .agents
            .get(&institution)
            .unwrap_or(&self.to_public)
            .post(to.as_str())
            .header("Content-Type", "application/json")
            .header("webhook-id", id.to_string())
            .header("webhook-timestamp", now.as_second().to_string())
            .header("webhook-signature", secret.sign(id, now, body.as_bytes()))
            .send(body.as_bytes());
        answer.ok().map(|answer| answer.status().as_u16())
    }
}

/// How everything is sent. The certificates in `roots`, as PEM, vouch for who is sent to, in place of those of the public
/// authorities.
///
/// # Errors
/// When there is no certificate in `roots`, in words.
pub(crate) fn configuration(roots: Option<&[u8]>, https_only: bool) -> Result<Config, String> {
    let roots = roots.map_or(Ok(RootCerts::WebPki), certificates)?;
    let tls = TlsConfig::builder()
        .root_certs(roots)
        .unversioned_rustls_crypto_provider(Arc::new(default_provider()))
        .build();
    Ok(Agent::config_builder()
        .https_only(https_only)
        .tls_config(tls)
        .timeout_global(Some(PATIENCE))
        // What is meant for one address goes there: through no proxy of the environment, after no redirection.
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        // Each message looks its receiver's name up anew.
        .max_idle_connections(0)
        .user_agent("groeilijn")
        .build())
}

fn certificates(pem: &[u8]) -> Result<RootCerts, String> {
    let mut found: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| error.to_string())? {
            found.push(certificate);
        }
    }
    if found.is_empty() {
        return Err("it holds no certificate in PEM".to_owned());
    }
    Ok(RootCerts::new_with_certs(&found))
}
