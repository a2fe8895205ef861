//! A witness of audit logs (C2SP tlog-witness): a real HTTP server on this computer that keeps of each log the last size and root
//! that it cosigned.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use groeilijn_domain::audit::checkpoint::Checkpoint;
use groeilijn_domain::audit::cosignature::WitnessKey;
use groeilijn_domain::audit::merkle::{Hash, verify_consistency};
use groeilijn_domain::audit::note::{VerifierKey, text_of};
use groeilijn_persistence::signature::is_signed;
use jiff::Timestamp;

use crate::installation::Installation;
use crate::wait_until;

/// When it says that it cosigns.
pub const COSIGNS_AT: &str = "2026-11-21T09:00:01Z";

/// What it answers.
struct Answer {
    status: &'static str,
    body: String,
}

#[derive(Default)]
struct Memory {
    /// The size and the root of each log, by its name.
    seen: HashMap<String, (u64, Hash)>,
    /// The keys of the logs that it knows; it knows all of them, whoever signs, when there are none.
    known: Vec<VerifierKey>,
    /// Everything that it was sent.
    asked: Vec<String>,
    /// What it answers about a log in place of what it should, the next last.
    instead: HashMap<String, Vec<&'static str>>,
}

/// The witness. It listens until the test ends.
#[derive(Clone)]
pub struct Witness {
    address: SocketAddr,
    key: WitnessKey,
    memory: Arc<Mutex<Memory>>,
}

impl Witness {
    /// Starts it under a name, and has services on `installation` show it their logs.
    pub fn of(installation: &mut Installation, name: &str) -> Self {
        let witness = Self::start(name);
        installation.set("audit.witnesses", &witness.setting());
        witness
    }

    /// Starts it under a name.
    pub fn start(name: &str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let key = WitnessKey::new(name, pair.public_key().as_ref().try_into().unwrap()).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let witness = Self { address: listener.local_addr().unwrap(), key, memory: Arc::default() };
        let (key, memory) = (witness.key.clone(), Arc::clone(&witness.memory));
        thread::spawn(move || {
            for connection in listener.incoming() {
                // Who goes away is not answered.
                let _ = serve(connection.unwrap(), &key, &pair, &memory);
            }
        });
        witness
    }

    /// How the settings name it.
    pub fn setting(&self) -> String {
        format!("http://{} {}", self.address, self.key)
    }

    /// The key that checks its cosignatures.
    pub fn key(&self) -> &WitnessKey {
        &self.key
    }

    /// Has it know the logs of these keys alone.
    pub fn knows(&self, keys: &[VerifierKey]) {
        self.memory.lock().unwrap().known = keys.to_vec();
    }

    /// Has it remember that it saw this of a log.
    pub fn saw(&self, origin: &str, size: u64, root: Hash) {
        self.memory.lock().unwrap().seen.insert(origin.to_owned(), (size, root));
    }

    /// What it saw last of a log.
    pub fn seen(&self, origin: &str) -> Option<(u64, Hash)> {
        self.memory.lock().unwrap().seen.get(origin).copied()
    }

    /// Has it give these answers next about a log, such as `503 Service Unavailable`.
    pub fn answers(&self, origin: &str, answers: &[&'static str]) {
        let answers = answers.iter().rev().copied().collect();
        self.memory.lock().unwrap().instead.insert(origin.to_owned(), answers);
    }

    /// What it was sent about a log, the first first.
    pub fn asked(&self, origin: &str) -> Vec<String> {
        let memory = self.memory.lock().unwrap();
        let is_about =
            |body: &&String| body.split_once("\n\n").is_some_and(|(_, note)| note.starts_with(origin));
        memory.asked.iter().filter(is_about).cloned().collect()
    }

    /// Waits until it was asked so often about a log.
    #[track_caller]
    pub fn wait_for(&self, origin: &str, count: usize) -> Vec<String> {
        wait_until(|| self.asked(origin).len() >= count);
        self.asked(origin)
    }
}

fn serve(
    connection: TcpStream,
    key: &WitnessKey,
    pair: &Ed25519KeyPair,
    memory: &Mutex<Memory>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(connection);
    let mut length = 0;
    let mut first = String::new();
    stream.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    std::io::Read::read_exact(&mut stream, &mut body)?;
    assert!(first.starts_with("POST /add-checkpoint "), "{first}");
    let answer = judge(&String::from_utf8(body).unwrap(), key, pair, &mut memory.lock().unwrap());
    let Answer { status, body } = answer;
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.get_mut().write_all(head.as_bytes())?;
    stream.get_mut().write_all(body.as_bytes())
}

/// What the specification has a witness answer.
fn judge(body: &str, key: &WitnessKey, pair: &Ed25519KeyPair, memory: &mut Memory) -> Answer {
    let plain = |status| Answer { status, body: String::new() };
    memory.asked.push(body.to_owned());
    let Some((old, proof, note)) = parts(body) else { return plain("400 Bad Request") };
    let Some(text) = text_of(note) else { return plain("400 Bad Request") };
    let Some(checkpoint) = Checkpoint::parse(text) else { return plain("400 Bad Request") };
    if let Some(status) = memory.instead.get_mut(&checkpoint.origin).and_then(Vec::pop) {
        return plain(status);
    }
    if !memory.known.is_empty() {
        let holds = |key: &[u8; 32], message: &[u8], signature: &[u8]| is_signed(key, message, signature);
        if !memory.known.iter().any(|known| known.name() == checkpoint.origin) {
            return plain("404 Not Found");
        }
        if Checkpoint::open(note, &memory.known, holds).is_err() {
            return plain("403 Forbidden");
        }
    }
    let (size, root) = memory.seen.get(&checkpoint.origin).copied().unwrap_or((0, [0; 32]));
    if old > checkpoint.size {
        return plain("400 Bad Request");
    }
    if old != size {
        return Answer { status: "409 Conflict", body: format!("{size}\n") };
    }
    let continues = match old {
        0 => proof.is_empty(),
        _ => verify_consistency(old, checkpoint.size, &proof, &root, &checkpoint.root),
    };
    if !continues {
        return plain("422 Unprocessable Entity");
    }
    memory.seen.insert(checkpoint.origin.clone(), (checkpoint.size, checkpoint.root));
    let at: Timestamp = COSIGNS_AT.parse().unwrap();
    let line = key.line(text, at, |message| pair.sign(message).as_ref().to_vec());
    Answer { status: "200 OK", body: format!("{line}\n") }
}

/// The old size, the proof and the note of a request.
fn parts(body: &str) -> Option<(u64, Vec<Hash>, &str)> {
    let (head, note) = body.split_once("\n\n")?;
    let mut lines = head.split('\n');
    let old = lines.next()?.strip_prefix("old ")?.parse().ok()?;
    let hash = |line: &str| STANDARD.decode(line).ok()?.try_into().ok();
    Some((old, lines.map(hash).collect::<Option<_>>()?, note))
}
