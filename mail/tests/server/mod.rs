//! A mail server on a port of 127.0.0.1 that remembers what it was told.
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder, response};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub(crate) const LOGIN: (&str, &str) = ("groeilijn", "Fictief-1");

/// What a server offers and how it answers.
#[derive(Clone, Default)]
pub(crate) struct Conduct {
    pub(crate) tls_from_the_start: bool,
    pub(crate) start_tls: bool,
    pub(crate) login: bool,
    /// Instead of 250 to RCPT.
    pub(crate) at_recipient: Option<u16>,
    /// Instead of 250 to the end of DATA.
    pub(crate) at_end: Option<u16>,
}

/// What a server was told.
#[derive(Clone, Default)]
pub(crate) struct Heard {
    pub(crate) letters: Vec<Received>,
    /// Every line that came without TLS.
    pub(crate) in_clear: Vec<String>,
    pub(crate) logins: Vec<(String, String)>,
}

#[derive(Clone, Default)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) message: String,
}

impl Received {
    /// The headers, unfolded.
    pub(crate) fn headers(&self) -> BTreeMap<String, String> {
        let headers = self.message.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let pairs = headers.split("\r\n").map(|line| line.split_once(": ").unwrap());
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The body as text with the line endings of a `Letter`.
    pub(crate) fn text(&self) -> String {
        let (_, body) = self.message.split_once("\r\n\r\n").unwrap();
        assert_eq!(self.headers()["Content-Transfer-Encoding"], "quoted-printable");
        let bytes = quoted_printable::decode(body, quoted_printable::ParseMode::Strict).unwrap();
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }
}

pub(crate) struct Server {
    pub(crate) port: u16,
    /// The authority that vouches for the server, in PEM.
    pub(crate) authority: Vec<u8>,
    heard: Arc<Mutex<Heard>>,
}

impl Server {
    pub(crate) fn start(conduct: Conduct) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (authority, tls) = certificates();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let memory = heard.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let ear =
                    Ear { conduct: conduct.clone(), heard: memory.clone(), letter: Received::default() };
                let tls = tls.clone();
                thread::spawn(move || talk(stream.unwrap(), ear, tls));
            }
        });
        Self { port, authority, heard }
    }

    pub(crate) fn heard(&self) -> Heard {
        self.heard.lock().unwrap().clone()
    }
}

/// An authority, and what a server for 127.0.0.1 needs that it vouches for.
fn certificates() -> (Vec<u8>, Arc<ServerConfig>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![own.der().clone()], key).unwrap();
    (authority.pem().into_bytes(), Arc::new(config))
}

struct Ear {
    conduct: Conduct,
    heard: Arc<Mutex<Heard>>,
    letter: Received,
}

impl Ear {
    fn log_in(&self, username: &str, password: &str) -> Response {
        self.heard.lock().unwrap().logins.push((username.to_owned(), password.to_owned()));
        if (username, password) == LOGIN { response::AUTH_OK } else { response::INVALID_CREDENTIALS }
    }
}

impl Handler for Ear {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        self.letter = Received { from: from.to_owned(), ..Received::default() };
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        self.letter.to.push(to.to_owned());
        self.conduct.at_recipient.map_or(response::OK, |code| reply(code, to))
    }

    fn data(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.letter.message.push_str(str::from_utf8(line).unwrap());
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        if let Some(code) = self.conduct.at_end {
            // Hangs up as well: after this, `mailin` would take the client's QUIT for more of the letter.
            let mut refused = reply(code, &self.letter.to[0]);
            refused.action = Action::Close;
            return refused;
        }
        self.heard.lock().unwrap().letters.push(self.letter.clone());
        response::OK
    }

    fn auth_plain(&mut self, _: &str, username: &str, password: &str) -> Response {
        self.log_in(username, password)
    }
}

fn reply(code: u16, about: &str) -> Response {
    Response::custom(code, format!("not for {about}"))
}

fn talk(stream: TcpStream, ear: Ear, tls: Arc<ServerConfig>) {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let conduct = ear.conduct.clone();
    let heard = ear.heard.clone();
    let mut builder = SessionBuilder::new("mail.example");
    if conduct.start_tls {
        builder.enable_start_tls();
    }
    if conduct.login {
        builder.enable_auth(AuthMechanism::Plain);
    }
    let mut session = builder.build(IpAddr::V4(Ipv4Addr::LOCALHOST), ear);
    let secure = |stream| StreamOwned::new(ServerConnection::new(tls).unwrap(), stream);
    if conduct.tls_from_the_start {
        session.tls_active();
        let mut stream = secure(stream);
        greet(&session, &mut stream);
        converse(&mut session, stream, |_| {});
        return;
    }
    let mut stream = stream;
    greet(&session, &mut stream);
    let note =
        |line: &[u8]| heard.lock().unwrap().in_clear.push(String::from_utf8_lossy(line).trim().to_owned());
    if let Some(stream) = converse(&mut session, stream, note) {
        session.tls_active();
        converse(&mut session, secure(stream), |_| {});
    }
}

fn greet(session: &Session<Ear>, stream: &mut impl Write) {
    // The client may hang up on a certificate that it does not trust.
    let _ = say(&session.greeting(), stream);
}

fn say(response: &Response, stream: &mut impl Write) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    response.write_to(&mut bytes)?;
    stream.write_all(&bytes)?;
    stream.flush()
}

/// Talks until one side hangs up; gives the stream back when it is to go over to TLS.
fn converse<S: Read + Write>(session: &mut Session<Ear>, stream: S, note: impl Fn(&[u8])) -> Option<S> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        if !matches!(stream.read_until(b'\n', &mut line), Ok(1..)) {
            return None;
        }
        note(&line);
        let response = session.process(&line);
        if response.action != Action::NoReply {
            say(&response, stream.get_mut()).ok()?;
        }
        match response.action {
            Action::Close => return None,
            Action::UpgradeTls => return Some(stream.into_inner()),
            Action::Reply | Action::NoReply => {}
        }
    }
}
