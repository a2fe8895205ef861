//! The real program as a process of its own, to be started, stopped and killed.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};

use groeilijn_tests::{Client, Installation, Mailbox};

/// The program on an installation, told by its environment alone.
pub(crate) fn command(installation: &Installation, arguments: &[&str]) -> Command {
    let settings = match arguments.first() {
        Some(&("init" | "migrate" | "demo" | "restore")) => installation.owner_settings(),
        _ => installation.settings(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_groeilijn-under-test"));
    command
        .args(arguments)
        .env_clear()
        .current_dir(installation.folder())
        .env("GROEILIJN_DATABASE__URL", settings.database.url)
        .env("GROEILIJN_KEYS__URL", settings.keys.url)
        .env("GROEILIJN_KEYS__ROOT_KEY_FILE", settings.keys.root_key_file)
        .env("GROEILIJN_HTTP__PORT", "0")
        .stdin(Stdio::null());
    command
}

/// Runs a command of the program to its end.
pub(crate) fn run(installation: &Installation, arguments: &[&str]) -> Output {
    command(installation, arguments).output().unwrap()
}

/// What the program said when it refused to do something.
#[track_caller]
pub(crate) fn refusal(output: Output) -> String {
    assert!(!output.status.success(), "it was not refused");
    String::from_utf8(output.stderr).unwrap()
}

/// A running `groeilijn serve`. It is killed when this is dropped.
pub(crate) struct Program {
    child: Child,
    address: SocketAddr,
    mailbox: Mailbox,
    log: Log,
}

impl Program {
    /// Starts it and waits until it listens.
    #[track_caller]
    pub(crate) fn serve(installation: &Installation) -> Self {
        Self::start(command(installation, &["serve"]), installation.mailbox())
    }

    /// Starts a command that serves, and waits until it listens.
    #[track_caller]
    pub(crate) fn start(mut command: Command, mailbox: Mailbox) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Log::of(child.stderr.take().unwrap());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("://").and_then(|(_, rest)| rest.split_once(';'));
        let Some((address, _)) = address else { panic!("it does not serve: {line}{}", log.end()) };
        Self { address: address.parse().unwrap(), child, mailbox, log }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client that is not logged in.
    pub(crate) fn anyone(&self) -> Client {
        Client::new(self.address, self.mailbox.clone())
    }

    /// Ends it at once, as a power cut would (SIGKILL).
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The memory that it has in use, in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }

    /// Asks it to stop (SIGTERM).
    pub(crate) fn ask_to_stop(&self) {
        self.signal("-TERM");
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it logs a line with this text.
    #[track_caller]
    pub(crate) fn wait_for_log(&self, text: &str) {
        while let Ok(line) = self.log.lines.recv() {
            if line.contains(text) {
                return;
            }
        }
        panic!("it never logged {text}");
    }

    /// Waits until it has ended, and gives how, and all that it logged.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        let log = std::mem::replace(&mut self.log, Log::empty());
        (status, log.end())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a program logs, taken from it as it comes, so that it never waits for its reader.
struct Log {
    lines: mpsc::Receiver<String>,
    all: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Log {
    fn of(stderr: ChildStderr) -> Self {
        let (sender, lines) = mpsc::channel();
        let all = Arc::new(Mutex::new(String::new()));
        let kept = all.clone();
        let reader = thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                kept.lock().unwrap().push_str(&format!("{line}\n"));
                // Nobody may be waiting for a line any more.
                let _ = sender.send(line);
            }
        });
        Self { lines, all, reader: Some(reader) }
    }

    fn empty() -> Self {
        Self { lines: mpsc::channel().1, all: Arc::default(), reader: None }
    }

    /// All that was logged, once the program has ended.
    fn end(mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        std::mem::take(&mut *self.all.lock().unwrap())
    }
}

/// All that comes out of a connection.
pub(crate) fn read_to_end(mut source: impl Read) -> String {
    let mut text = String::new();
    source.read_to_string(&mut text).unwrap();
    text
}
