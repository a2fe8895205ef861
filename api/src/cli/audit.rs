//! `groeilijn audit`: checking an audit log that was taken along, offline and without trusting this service.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use groeilijn_domain::audit::checkpoint_letter;
use groeilijn_domain::audit::cosignature::WitnessKey;
use groeilijn_domain::audit::note::{LONGEST, PublicKey, VerifierKey};
use groeilijn_domain::audit::proof_check::{self, ProvedPart, Shown};
use groeilijn_domain::audit::verification::{Proved, Verdict, Verifier};
use groeilijn_persistence::signature::is_signed;
use groeilijn_persistence::{Error, Result};

use super::output::say;

/// The longest line of an export, in bytes: an entry that names as many things as one can.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// What is done with audit logs.
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Check that an exported audit log is what was signed, and continues what was signed before; nothing else than the
    /// files and a key is needed.
    Verify {
        /// The export, as it was read from the API; - reads it from standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A key that checks checkpoints, as /v1/audit-log tells it: from when the institution began to use the service.
        #[arg(long = "key", value_name = "KEY", required = true)]
        keys: Vec<String>,
        /// A key that was followed by another since: older checkpoints are believed under it, and the end of the export is
        /// not.
        #[arg(long = "old-key", value_name = "KEY")]
        old_keys: Vec<String>,
        /// A file with an older checkpoint that was kept: its signed note, or the text of the letter that it came with.
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        /// The key of a witness that has to have cosigned the checkpoint at the end, as the witness itself tells it.
        #[arg(long = "witness-key", value_name = "KEY")]
        witness_keys: Vec<String>,
    },
    /// Check that one entry is in an audit log, or that the log continues what was signed before, without its export.
    Prove {
        /// The proof, as it was read from the API.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A key that checks checkpoints, as /v1/audit-log tells it: from when the institution began to use the service.
        #[arg(long = "key", value_name = "KEY", required = true)]
        keys: Vec<String>,
        /// A key that was followed by another since: the older checkpoint is believed under it, and the proof is
        /// not.
        #[arg(long = "old-key", value_name = "KEY")]
        old_keys: Vec<String>,
        /// A file with the older checkpoint that was kept: its signed note.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
}

/// Does it.
///
/// # Errors
/// In words for whoever checks, when the log does not hold or nothing is proved.
pub(super) fn run(command: &Audit) -> Result<()> {
    match command {
        Audit::Verify { file, keys, old_keys, checkpoints, witness_keys } => {
            verify(file, keys, old_keys, (checkpoints, witness_keys))
        }
        Audit::Prove { file, keys, old_keys, checkpoint } => {
            prove(file, keys, old_keys, checkpoint.as_deref())
        }
    }
}

fn verify(
    file: &Path,
    keys: &[String],
    old_keys: &[String],
    (checkpoints, witnesses): (&[PathBuf], &[String]),
) -> Result<()> {
    let witnesses = witnesses.iter().map(|text| witness_of(text)).collect::<Result<Vec<_>>>()?;
    let (keys, older) = (keys_of(keys)?, checkpoints.iter().map(|path| note_in(path)));
    let verifier =
        Verifier::new([keys.clone(), keys_of(old_keys)?].concat(), older.collect::<Result<Vec<_>>>()?, holds)
            .ending_with(keys)
            .witnessed_by(witnesses);
    let read = match file.as_os_str().to_str() {
        Some("-") => check(io::stdin().lock(), verifier),
        _ => File::open(file).and_then(|file| check(BufReader::new(file), verifier)),
    };
    let Verdict { findings, more, proved } =
        read.map_err(|error| Error::internal(format!("{}: {error}", file.display())))?;
    match proved {
        Some(proved) => tell(&proved, checkpoints.len()),
        None => {
            let rest = (more > 0).then(|| format!("and {more} more"));
            let sentences: Vec<_> = findings.iter().map(ToString::to_string).chain(rest).collect();
            let file = file.display();
            Err(Error::internal(format!("{file}: the log does not hold:\n  {}", sentences.join("\n  "))))
        }
    }
}

fn prove(file: &Path, keys: &[String], old_keys: &[String], checkpoint: Option<&Path>) -> Result<()> {
    let failed = |error: &dyn std::fmt::Display| Error::internal(format!("{}: {error}", file.display()));
    let kept = checkpoint.map(note_in).transpose()?.map(|(_, note)| note);
    let keys = keys_of(keys)?;
    let all = [keys.clone(), keys_of(old_keys)?].concat();
    let text = short(file).map_err(|error| failed(&error))?;
    let proved = proof_check::check(&text, &keys, kept.as_deref().map(|note| (note, all.as_slice())), holds);
    let ProvedPart { shown, checkpoint, key } = proved.map_err(|fault| failed(&fault))?;
    match shown {
        Shown::Inclusion { sequence, leaf_hash } => say(format_args!(
            "entry {sequence} is in the log: the one with the hash {}",
            hex::encode(leaf_hash)
        ))?,
        Shown::Continuation { from } => {
            say(format_args!("the log continues the older checkpoint of {from} entries"))?;
        }
    }
    say(format_args!("entries: {}", checkpoint.size))?;
    say(format_args!("root: {}", hex::encode(checkpoint.root)))?;
    say(format_args!("signed with: {key}"))
}

fn holds(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    is_signed(key, message, signature)
}

fn keys_of(texts: &[String]) -> Result<Vec<VerifierKey>> {
    texts.iter().map(|text| key_of(text)).collect()
}

fn key_of(text: &str) -> Result<VerifierKey> {
    let refusal = || {
        Error::internal("--key: must be a key as /v1/audit-log tells it: name, id and key, with + between")
    };
    VerifierKey::parse(text).ok_or_else(refusal)
}

fn witness_of(text: &str) -> Result<WitnessKey> {
    let refusal = || {
        Error::internal(
            "--witness-key: must be a key for cosignatures (cosignature/v1): name, id and key, with + between",
        )
    };
    WitnessKey::parse(text).ok_or_else(refusal)
}

/// What an older checkpoint is called, and its note.
fn note_in(path: &Path) -> Result<(String, String)> {
    let name = path.display().to_string();
    let kept = short(path).map_err(|error| Error::internal(format!("--checkpoint {name}: {error}")))?;
    Ok((name, checkpoint_letter::note_in(&kept)))
}

/// What is in a file that is a note or a proof: no more than the longest of these, and a byte that makes it none.
fn short(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// Reads line by line, whatever the size of the file.
fn check(mut file: impl BufRead, mut verifier: Verifier) -> io::Result<Verdict> {
    let mut line = Vec::new();
    while file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        verifier.line(&String::from_utf8_lossy(text));
        line.clear();
    }
    Ok(verifier.finish())
}

fn tell(proved: &Proved, older: usize) -> Result<()> {
    say(format_args!("the log holds: its entries are those that were signed"))?;
    match older {
        0 => {}
        1 => say(format_args!("it continues the older checkpoint"))?,
        _ => say(format_args!("it continues each of the {older} older checkpoints"))?,
    }
    say(format_args!("institution: {}", proved.institution))?;
    say(format_args!("entries: {}", proved.size))?;
    if proved.ended > 0 {
        say(format_args!("of which {} have ended: of those the hash alone is left", proved.ended))?;
    }
    say(format_args!("root: {}", hex::encode(proved.root)))?;
    if let Some(last_at) = proved.last_at {
        say(format_args!("last entry: {last_at}"))?;
    }
    say(format_args!("signed with: {}", proved.key))?;
    proved.witnessed.iter().try_for_each(|(name, at)| say(format_args!("witnessed by: {name} at {at}")))
}
