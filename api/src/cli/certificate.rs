//! `groeilijn certificate`: checking a certificate of destruction, offline and without trusting this service.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;
use groeilijn_domain::retention::certificate::read;
use groeilijn_persistence::signature::{PUBLIC_KEY_LEN, is_signed};
use groeilijn_persistence::{Error, Result};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::output::say;

/// The largest file that is taken for a certificate, in bytes.
const LARGEST: u64 = 10_000_000;

/// What is done with certificates.
#[derive(Subcommand)]
pub(super) enum Certificate {
    /// Check the signature under a certificate of destruction; nothing else than the file and the key is needed.
    Verify {
        /// The certificate, as it was read from the API.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The public key in base64, as /v1/certificate-keys tells it: from when the institution began to use the service.
        #[arg(long, value_name = "KEY")]
        public_key: String,
    },
}

/// Does it.
///
/// # Errors
/// In words for whoever checks, when the certificate does not hold.
pub(super) fn run(command: &Certificate) -> Result<()> {
    let Certificate::Verify { file, public_key } = command;
    let key = STANDARD.decode(public_key.trim()).ok().filter(|key| key.len() == PUBLIC_KEY_LEN);
    let key = key.ok_or_else(|| {
        Error::internal(format!("--public-key: must be the {PUBLIC_KEY_LEN} bytes of a public key in base64"))
    })?;
    let refused = |why: String| Error::internal(format!("{}: {why}", file.display()));
    let bytes = contents(file).map_err(refused)?;
    let certificate = read(&bytes).map_err(|error| refused(error.to_string()))?;
    if !is_signed(&key, &certificate.signed, &certificate.signature) {
        return Err(refused(format!(
            "the signature is not one of this key: the certificate was changed, or another key signed it; it names \
             key {}",
            certificate.key_id
        )));
    }
    // The name of the key in the file is not signed, so what is told is the key that was given.
    let fingerprint = hex::encode(Sha256::digest(&key));
    say(format_args!("the certificate holds: it was signed with this key (SHA-256 {fingerprint})"))?;
    for member in
        ["kind", "institutionId", "destructionId", "count", "destroyedAt", "completeOn", "completedOn"]
    {
        match certificate.statement.get(member) {
            Some(Value::String(text)) => say(format_args!("{member}: {text}"))?,
            Some(value) => say(format_args!("{member}: {value}"))?,
            None => {}
        }
    }
    Ok(())
}

fn contents(file: &Path) -> std::result::Result<Vec<u8>, String> {
    let length = fs::metadata(file).map_err(|error| error.to_string())?.len();
    if length > LARGEST {
        return Err("it is too large for a certificate".to_owned());
    }
    fs::read(file).map_err(|error| error.to_string())
}
