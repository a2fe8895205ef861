//! `groeilijn evidence`: a signed pack for an auditor, and checking one offline.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::evidence::pack::{MANIFEST, PackStatement, PackedFile, read};
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::signature::{PUBLIC_KEY_LEN, is_signed};
use groeilijn_persistence::{Error, Principal, Result, Store};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::output::say;
use crate::audit_context::without_request;
use crate::backup::manifest::Half;
use crate::backup::places::BackupPlaces;
use crate::root_key;
use crate::routes::evidence::pack;
use crate::runtime::environment;
use crate::server::store_options;
use crate::settings::Settings;

/// The largest file of a pack that is read, in bytes.
const LARGEST: u64 = 1_000_000_000;

/// What is done with evidence packs.
#[derive(Subcommand)]
pub(super) enum Evidence {
    /// Write the clauses with their state and proof, the evidence records and the audits of one institution, as JSON with a
    /// signed manifest, while the server goes on. The institution sees it in its log.
    Pack {
        /// The institution's id.
        #[arg(long, value_name = "UUID")]
        id: Uuid,
        /// The new folder to write.
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Check a pack; nothing else than the folder and the key is needed.
    Verify {
        /// The folder.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
        /// The public key in base64, as /v1/certificate-keys tells it: from when the institution began to use the service.
        #[arg(long, value_name = "KEY")]
        public_key: String,
    },
}

/// Writes a pack.
///
/// # Errors
/// When there is no such institution, the folder is there already, or what the databases refuse.
pub(super) async fn make(id: Uuid, to: &Path, settings: &Settings) -> Result<()> {
    let root = root_key::open(&settings.keys, environment())?;
    let store = Store::open(&store_options(settings)?, root, environment()).await?;
    let institution = InstitutionId::from_uuid(id);
    let service = Principal::Service { institution: None };
    let activity = ProcessingActivity::OperateService;
    let context = without_request(store.environment(), service, "packEvidence", activity);
    let last_backup = BackupPlaces::of(settings)?
        .and_then(|places| places.folder.stored(Half::Data).last().map(|backup| backup.manifest.taken_at));
    let platform = store.platform(context);
    let files = pack::files(&platform, institution, last_backup).await.map_err(|error| match error {
        Error::NotFound => Error::internal(format!("--id: there is no institution {institution}")),
        error => error,
    })?;
    let packed = files.iter().map(|(name, text)| PackedFile {
        name: (*name).to_owned(),
        sha256: hex::encode(Sha256::digest(text)),
        bytes: text.len() as u64,
    });
    let made_at = store.environment().now();
    let statement = PackStatement::new(institution, made_at, env!("CARGO_PKG_VERSION"), packed.collect());
    let unwritable = || Error::internal("the manifest cannot be written");
    let (key_id, signature) = store.sign(&statement.signed_bytes().ok_or_else(unwritable)?).await?;
    let manifest = statement.manifest(&key_id, &signature).ok_or_else(unwritable)?;
    write(to, &files, &manifest).map_err(|error| Error::internal(format!("{}: {error}", to.display())))?;
    say(format_args!("the evidence of institution {institution} as of {made_at} is in {}", to.display()))?;
    say(format_args!("it is signed with key {key_id}, whose public key /v1/certificate-keys tells"))
}

fn write(to: &Path, files: &[(&str, String)], manifest: &str) -> std::io::Result<()> {
    fs::create_dir(to)?;
    files.iter().try_for_each(|(name, text)| fs::write(to.join(name), text))?;
    fs::write(to.join(MANIFEST), manifest)
}

/// Checks a pack.
///
/// # Errors
/// In words for whoever checks, when it does not hold.
pub(super) fn verify(folder: &Path, public_key: &str) -> Result<()> {
    let key = STANDARD.decode(public_key.trim()).ok().filter(|key| key.len() == PUBLIC_KEY_LEN);
    let key = key.ok_or_else(|| {
        Error::internal(format!("--public-key: must be the {PUBLIC_KEY_LEN} bytes of a public key in base64"))
    })?;
    let refused = |name: &str, why: &str| Error::internal(format!("{}: {why}", folder.join(name).display()));
    let manifest = contents(&folder.join(MANIFEST)).map_err(|why| refused(MANIFEST, &why))?;
    let pack = read(&manifest).ok_or_else(|| refused(MANIFEST, "it is no manifest of an evidence pack"))?;
    if !is_signed(&key, &pack.signed, &pack.signature) {
        return Err(refused(MANIFEST, "it was changed, or another key signed it"));
    }
    for file in &pack.statement.files {
        if !is_a_name(&file.name) {
            return Err(refused(&file.name, "it lies outside the pack"));
        }
        let bytes = contents(&folder.join(&file.name)).map_err(|why| refused(&file.name, &why))?;
        if hex::encode(Sha256::digest(&bytes)) != file.sha256 {
            return Err(refused(&file.name, "it was changed: its SHA-256 is not that of the manifest"));
        }
    }
    if let Some(name) = unlisted(folder, &pack.statement.files) {
        return Err(refused(&name, "it is not in the manifest"));
    }
    let PackStatement { institution_id, made_at, version, files, .. } = &pack.statement;
    say(format_args!(
        "the pack holds: {} files of institution {institution_id} as of {made_at}, made by version {version}",
        files.len()
    ))
}

/// The name of a file that lies in the folder and is not of the pack.
fn unlisted(folder: &Path, files: &[PackedFile]) -> Option<String> {
    let listed: BTreeSet<_> = files.iter().map(|file| file.name.as_str()).chain([MANIFEST]).collect();
    let there = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.file_name());
    there.map(|name| name.to_string_lossy().into_owned()).find(|name| !listed.contains(name.as_str()))
}

/// Whether it names something in the folder itself, and no way out of it.
fn is_a_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(first)), None) if first == name)
}

/// What is in a file of a pack. A link is not followed: what it leads to is no part of what the auditor was given.
fn contents(file: &Path) -> std::result::Result<Vec<u8>, String> {
    let metadata = fs::symlink_metadata(file).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no regular file".to_owned());
    }
    if metadata.len() > LARGEST {
        return Err("it is too large for a file of a pack".to_owned());
    }
    fs::read(file).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::is_a_name;

    #[test]
    fn a_file_of_a_pack_lies_in_its_folder() {
        assert!(is_a_name("clauses.json"));
        for wrong in [
            "",
            ".",
            "..",
            "../clauses.json",
            "/etc/passwd",
            "more/clauses.json",
            "./clauses.json",
            "clauses.json/",
        ] {
            assert!(!is_a_name(wrong), "{wrong}");
        }
    }
}
