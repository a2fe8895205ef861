//! What an auditor has at home: no server, no settings, no database.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use groeilijn_tests::Client;
use groeilijn_tests::reply::text;
use serde_json::Value;
use tempfile::TempDir;

use super::checkpoints::keys;

/// A folder with the keys and checkpoints that she keeps, and the program.
pub(super) struct Desk {
    folder: TempDir,
    pub(super) keys: Vec<String>,
    kept: Vec<PathBuf>,
}

impl Desk {
    /// With the keys of an institution's log.
    pub(super) fn with_keys(client: &Client) -> Self {
        let keys = keys(client).iter().map(ToString::to_string).collect();
        Self { folder: tempfile::tempdir().unwrap(), keys, kept: Vec::new() }
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Keeps a checkpoint of the API.
    pub(super) fn keep(&mut self, checkpoint: &Value) {
        let name = format!("checkpoint-{}", checkpoint["size"]);
        self.kept.push(self.write(&name, text(&checkpoint["note"]).as_bytes()));
    }

    /// Checks a file with `groeilijn audit` and what she kept.
    fn audit(&self, command: &str, file: &str, content: &[u8]) -> Output {
        let file = self.write(file, content);
        let mut program = Command::new(env!("CARGO_BIN_EXE_groeilijn-under-test"));
        program.env_clear().current_dir(self.folder.path()).stdin(Stdio::null());
        program.args(["audit", command]).arg(file);
        for key in &self.keys {
            program.args(["--key", key]);
        }
        for kept in &self.kept {
            program.arg("--checkpoint").arg(kept);
        }
        program.output().unwrap()
    }

    /// What is said of a log that holds.
    #[track_caller]
    pub(super) fn holds(&self, export: &[u8]) -> String {
        good(self.audit("verify", "log.ndjson", export))
    }

    /// What is said of a log that does not.
    #[track_caller]
    pub(super) fn finds(&self, export: &[u8]) -> String {
        bad(self.audit("verify", "log.ndjson", export))
    }

    /// What is said of a proof that holds.
    #[track_caller]
    pub(super) fn proves(&self, proof: &Value) -> String {
        good(self.audit("prove", "proof.json", proof.to_string().as_bytes()))
    }

    /// What is said of a proof that does not.
    #[track_caller]
    pub(super) fn disproves(&self, proof: &Value) -> String {
        bad(self.audit("prove", "proof.json", proof.to_string().as_bytes()))
    }
}

#[track_caller]
fn good(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn bad(output: Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}
