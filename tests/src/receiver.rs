//! A program of an institution that listens to webhooks: a real HTTPS server on this computer.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::{fs, thread};

use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use crate::installation::Installation;
use crate::wait_until;

/// The name that its certificate is for.
pub const NAME: &str = "hooks.school.example";

/// What it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: String,
    /// `webhook-signature`.
    pub signature: String,
    /// The body, as it was sent.
    pub body: String,
}

impl Received {
    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Heard {
    messages: Vec<Received>,
    /// What it answers; 204 when nothing is said of it.
    answers: Vec<String>,
}

/// The program. It listens until the test ends.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Heard>>,
}

impl Receiver {
    /// Starts it, and has services on `installation` find it under its name for these institutions and trust its certificate.
    pub fn of(installation: &mut Installation, institutions: &[&str]) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![NAME.to_owned()]).unwrap().self_signed(&key).unwrap();
        let file = installation.folder().join("receiver.pem");
        fs::write(&file, certificate.pem()).unwrap();
        installation.set("webhooks.root_file", &text(&file));
        let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let receiver = Self { address, heard: Arc::default() };
        receiver.is_for(installation, institutions);
        let (config, heard) = (Arc::new(config), Arc::clone(&receiver.heard));
        thread::spawn(move || {
            for connection in listener.incoming() {
                answer(connection.unwrap(), &config, &heard);
            }
        });
        receiver
    }

    /// Has services on `installation` find it under its name for these institutions alone.
    pub fn is_for(&self, installation: &mut Installation, institutions: &[&str]) {
        let whose = format!("{NAME}={}@{}", self.address, institutions.join("+"));
        installation.set("webhooks.own_receivers", &whose);
    }

    /// The URL under which an institution enters it.
    pub fn url(&self) -> String {
        format!("https://{NAME}:{}/groeilijn", self.address.port())
    }

    /// Has it give these answers next, each a status and what stands behind it, as in `503 Service Unavailable`.
    pub fn answers(&self, answers: &[&str]) {
        self.heard.lock().unwrap().answers =
            answers.iter().rev().map(|answer| (*answer).to_owned()).collect();
    }

    /// All that it was sent.
    pub fn received(&self) -> Vec<Received> {
        self.heard.lock().unwrap().messages.clone()
    }

    /// Waits until it was sent so many messages, and gives them.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        wait_until(|| self.received().len() >= count);
        self.received()
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Reads one request and answers it. Who goes away or sends something else is not answered.
fn answer(connection: TcpStream, config: &Arc<ServerConfig>, heard: &Mutex<Heard>) {
    let tls = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = BufReader::new(StreamOwned::new(tls, connection));
    let Some(received) = read(&mut stream) else { return };
    let answer = {
        let mut heard = heard.lock().unwrap();
        heard.messages.push(received);
        heard.answers.pop().unwrap_or_else(|| "204 No Content".to_owned())
    };
    let head = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.get_mut().write_all(head.as_bytes());
    let _ = stream.get_mut().flush();
}

fn read(stream: &mut impl BufRead) -> Option<Received> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let header = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let mut body = vec![0; header("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    Some(Received {
        id: header("webhook-id")?,
        timestamp: header("webhook-timestamp")?,
        signature: header("webhook-signature")?,
        body: String::from_utf8(body).ok()?,
    })
}
