//! A small HashiCorp Vault: its transit engine on this computer, with tokens, versions, associated data and its own words
//! for what it refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// A token that may do everything with keys.
pub const ADMINISTRATOR: &str = "hvs.administrator";
/// A token that may use keys and look at them.
pub const SERVER: &str = "hvs.server";

/// What a Vault does with whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It answers.
    Well,
    /// It hangs up.
    Away,
    /// It is sealed.
    Sealed,
    /// It is from before associated data.
    Old,
}

/// A running Vault. It ends with the process.
#[derive(Clone)]
pub struct Vault {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    tls: bool,
}

struct State {
    mood: Mood,
    /// What each token may do, by the end of the path's first part.
    tokens: BTreeMap<String, BTreeSet<&'static str>>,
    keys: BTreeMap<String, Key>,
    /// How often it was asked for something.
    asked: usize,
    /// Everything that was sent to be wrapped, and everything that was bound to it.
    seen: Vec<Vec<u8>>,
}

struct Key {
    kind: String,
    versions: Vec<[u8; 32]>,
    least: usize,
    /// What of its description is true that is false of other keys.
    flag: Option<&'static str>,
}

/// A status and what Vault says with it.
type Answer = (u16, Value);

impl Vault {
    /// Starts one that speaks without TLS.
    pub fn start() -> Self {
        Self::listen(None)
    }

    /// Starts one with TLS.
    pub fn start_with_tls(config: ServerConfig) -> Self {
        Self::listen(Some(Arc::new(config)))
    }

    fn listen(tls: Option<Arc<ServerConfig>>) -> Self {
        let may = |what: &[&'static str]| what.iter().copied().collect();
        let tokens = BTreeMap::from([
            (ADMINISTRATOR.to_owned(), may(&["encrypt", "decrypt", "read", "make", "rotate", "config"])),
            (SERVER.to_owned(), may(&["encrypt", "decrypt", "read"])),
        ]);
        let state = State { mood: Mood::Well, tokens, keys: BTreeMap::new(), asked: 0, seen: Vec::new() };
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let vault = Self { address, state: Arc::new(Mutex::new(state)), tls: tls.is_some() };
        let serving = vault.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (serving, tls) = (serving.clone(), tls.clone());
                thread::spawn(move || match tls {
                    None => serving.converse(&mut BufReader::new(&stream), &mut &stream, &stream),
                    Some(config) => {
                        let connection = ServerConnection::new(config).unwrap();
                        let both = stream.try_clone().unwrap();
                        let talk = StreamOwned::new(connection, stream);
                        serving.converse_over(talk, &both);
                    }
                });
            }
        });
        vault
    }

    /// Its address.
    pub fn address(&self) -> String {
        if self.tls {
            format!("https://localhost:{}", self.address.port())
        } else {
            format!("http://{}", self.address)
        }
    }

    /// Changes what it does from now on.
    pub fn be(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// Lets a token go.
    pub fn revoke(&self, token: &str) {
        self.state().tokens.remove(token);
    }

    /// Gives a new token what another one may do.
    pub fn issue_like(&self, token: &str, new: &str) {
        let mut state = self.state();
        let may = state.tokens[token].clone();
        state.tokens.insert(new.to_owned(), may);
    }

    /// Makes a key of a type, in the place of one that is there.
    pub fn make_anew(&self, name: &str, kind: &str) {
        self.state().keys.insert(name.to_owned(), Key::new(kind));
    }

    /// Has the description of a key say that it is `exportable` or the like; nothing any more with `None`.
    pub fn describe_as(&self, name: &str, flag: Option<&'static str>) {
        self.state().keys.get_mut(name).unwrap().flag = flag;
    }

    /// Deletes a key.
    pub fn delete(&self, name: &str) {
        self.state().keys.remove(name);
    }

    /// The oldest version of a key that unwraps, and the newest.
    pub fn versions(&self, name: &str) -> (usize, usize) {
        let state = self.state();
        let key = &state.keys[name];
        (key.least, key.versions.len())
    }

    /// How often it was asked since the last time.
    pub fn asked(&self) -> usize {
        std::mem::take(&mut self.state().asked)
    }

    /// Everything that was sent to be wrapped, and everything that was bound to it.
    pub fn seen(&self) -> Vec<Vec<u8>> {
        self.state().seen.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn converse_over(&self, talk: StreamOwned<ServerConnection, TcpStream>, stream: &TcpStream) {
        let talk = Mutex::new(talk);
        self.converse(&mut BufReader::new(Half(&talk)), &mut Half(&talk), stream);
    }

    /// Answers one request after the other, until either side hangs up.
    fn converse(&self, from: &mut impl BufRead, to: &mut impl Write, stream: &TcpStream) {
        while let Some(request) = Request::read(from) {
            let answered = self.state().answer(&request);
            let Some((status, body)) = answered else { break };
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let head = format!(
                "HTTP/1.1 {status} .\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            if to.write_all(format!("{head}{body}").as_bytes()).and_then(|()| to.flush()).is_err() {
                break;
            }
        }
        // It may be closed already.
        let _ = stream.shutdown(Shutdown::Both);
    }
}

/// One end of a conversation that is read and written in turns.
struct Half<'a>(&'a Mutex<StreamOwned<ServerConnection, TcpStream>>);

impl Read for Half<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().read(buffer)
    }
}

impl Write for Half<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap().flush()
    }
}

struct Request {
    method: String,
    path: String,
    token: Option<String>,
    body: Value,
}

impl Request {
    fn read(from: &mut impl BufRead) -> Option<Self> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if from.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut first = lines.first()?.split(' ');
        let header = |name: &str| {
            let of = |line: &String| {
                let (found, value) = line.split_once(':')?;
                found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            };
            lines.iter().find_map(of)
        };
        let length = header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        from.read_exact(&mut body).ok()?;
        Some(Self {
            method: first.next()?.to_owned(),
            path: first.next()?.to_owned(),
            token: header("x-vault-token"),
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }

    fn bytes(&self, field: &str) -> Vec<u8> {
        self.body[field].as_str().map(|text| STANDARD.decode(text).unwrap()).unwrap_or_default()
    }
}

impl State {
    /// What it answers; `None` when it hangs up.
    fn answer(&mut self, request: &Request) -> Option<Answer> {
        self.asked += 1;
        match self.mood {
            Mood::Away => return None,
            Mood::Sealed => return Some(refusal(503, "Vault is sealed")),
            Mood::Well | Mood::Old => {}
        }
        let Some(path) = request.path.strip_prefix("/v1/transit/") else {
            return Some(refusal(404, "no handler for route"));
        };
        let parts: Vec<&str> = path.split('/').collect();
        let what = match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["keys", _]) => "read",
            ("POST", ["keys", _]) => "make",
            ("POST", ["keys", _, "rotate"]) => "rotate",
            ("POST", ["keys", _, "config"]) => "config",
            ("POST", ["encrypt", _]) => "encrypt",
            ("POST", ["decrypt", _]) => "decrypt",
            _ => return Some(refusal(405, "unsupported operation")),
        };
        let may = request.token.as_ref().and_then(|token| self.tokens.get(token));
        if may.is_none_or(|may| !may.contains(what)) {
            return Some(refusal(403, "1 error occurred:\n\t* permission denied\n\n"));
        }
        Some(self.act(what, parts[1], request))
    }

    fn act(&mut self, what: &str, name: &str, request: &Request) -> Answer {
        if what == "make" {
            let kind = request.body["type"].as_str().unwrap_or("aes256-gcm96");
            self.keys.entry(name.to_owned()).or_insert_with(|| Key::new(kind));
            return (204, Value::Null);
        }
        let binds = self.mood != Mood::Old;
        let Some(key) = self.keys.get_mut(name) else {
            return match what {
                "read" => (404, json!({ "errors": [] })),
                "rotate" | "config" => refusal(400, "key not found"),
                _ => refusal(400, "encryption key not found"),
            };
        };
        let bound = if binds { request.bytes("associated_data") } else { Vec::new() };
        match what {
            "read" => (200, json!({ "data": key.described(name) })),
            "rotate" => {
                key.versions.push(random());
                (200, json!({ "data": key.described(name) }))
            }
            "config" => {
                let least = request.body["min_decryption_version"].as_u64().unwrap();
                key.least = usize::try_from(least).unwrap();
                (200, json!({ "data": key.described(name) }))
            }
            "encrypt" => {
                let plaintext = request.bytes("plaintext");
                let (ciphertext, version) = (key.seal(&plaintext, &bound), key.versions.len());
                self.seen.extend([plaintext, request.bytes("associated_data")]);
                (200, json!({ "data": { "ciphertext": ciphertext, "key_version": version } }))
            }
            _ => match key.open(request.body["ciphertext"].as_str().unwrap_or_default(), &bound) {
                Ok(plaintext) => (200, json!({ "data": { "plaintext": STANDARD.encode(plaintext) } })),
                Err(why) => refusal(400, why),
            },
        }
    }
}

fn refusal(status: u16, why: &str) -> Answer {
    (status, json!({ "errors": [why] }))
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    bytes
}

impl Key {
    fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), versions: vec![random()], least: 1, flag: None }
    }

    fn described(&self, name: &str) -> Value {
        let mut described = json!({
            "name": name, "type": self.kind, "derived": false, "exportable": false,
            "allow_plaintext_backup": false, "imported_key": false,
            "latest_version": self.versions.len(), "min_decryption_version": self.least, "min_encryption_version": 0,
        });
        if let Some(flag) = self.flag {
            described[flag] = json!(true);
        }
        described
    }

    fn cipher(&self, version: usize) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.versions[version - 1]).unwrap())
    }

    fn seal(&self, plaintext: &[u8], bound: &[u8]) -> String {
        let version = self.versions.len();
        let nonce: [u8; NONCE_LEN] = random();
        let mut sealed = plaintext.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.cipher(version).seal_in_place_append_tag(unique, Aad::from(bound), &mut sealed).unwrap();
        format!("vault:v{version}:{}", STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    fn open(&self, ciphertext: &str, bound: &[u8]) -> Result<Vec<u8>, &'static str> {
        let rest = ciphertext.strip_prefix("vault:v").ok_or("invalid ciphertext: no prefix")?;
        let (version, sealed) = rest.split_once(':').ok_or("invalid ciphertext: wrong number of fields")?;
        let version: usize =
            version.parse().map_err(|_| "invalid ciphertext: version number could not be decoded")?;
        if version < self.least {
            return Err("ciphertext or signature version is disallowed by policy (too old)");
        }
        if version > self.versions.len() {
            return Err("invalid ciphertext: version is too new");
        }
        let mut sealed =
            STANDARD.decode(sealed).map_err(|_| "invalid ciphertext: could not decode base64")?;
        if sealed.len() < NONCE_LEN {
            return Err("invalid ciphertext: too short");
        }
        let mut text = sealed.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&sealed).unwrap();
        let opened = self.cipher(version).open_in_place(nonce, Aad::from(bound), &mut text);
        opened.map(|opened| opened.to_vec()).map_err(|_| "cipher: message authentication failed")
    }
}
