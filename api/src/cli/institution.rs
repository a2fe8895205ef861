//! `groeilijn institution`: exports of one institution, and taking them in.

use std::path::PathBuf;

use clap::Subcommand;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::continuity::resource::Resource;
use groeilijn_persistence::{Error, Result, Store};
use uuid::Uuid;

use super::output::say;
use crate::backup::sealed_file::{Identities, Recipient};
use crate::continuity::manifest::Manifest;
use crate::continuity::{Exported, Imported, export, import};
use crate::http::digest::Sha256Hex;
use crate::http::text_value::ParseText;
use crate::root_key;
use crate::runtime::environment;
use crate::server::{claim, store_options};
use crate::settings::Settings;

/// What is done with an institution as a whole.
#[derive(Subcommand)]
pub(super) enum Institution {
    /// Export everything of one institution in open formats, while the server goes on. The institution sees it in its log.
    Export {
        /// The institution's id.
        #[arg(long, value_name = "UUID")]
        id: Uuid,
        /// The new file to write.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Whom it is encrypted to: a public key of age. It is never written in another way.
        #[arg(long, value_name = "age1…", value_parser = recipient)]
        recipient: Recipient,
    },
    /// Take an export in, on an installation on which the institution is not: all of it, or nothing. With SQLite no server may
    /// be running.
    Import {
        /// The export.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// The file with the secret key that opens it.
        #[arg(long, value_name = "FILE")]
        identity: PathBuf,
        /// The SHA-256 of its manifest, which `export` told. Whoever made the export says it to you in person or by telephone:
        /// beside the file it would prove nothing.
        #[arg(long, value_name = "HEX", value_parser = digest)]
        manifest_sha256: Sha256Hex,
    },
}

fn recipient(text: &str) -> Result<Recipient, String> {
    Recipient::parse(text).ok_or_else(|| "must be a public key of age, age1…".to_owned())
}

fn digest(text: &str) -> Result<Sha256Hex, String> {
    Sha256Hex::parse_text(text).map_err(|refusal| refusal.detail)
}

/// Does it.
///
/// # Errors
/// As [`export`] and [`import`].
pub(super) async fn run(institution: Institution, settings: &Settings) -> Result<()> {
    match institution {
        Institution::Export { id, to, recipient } => {
            let store = open(settings).await?;
            let id = InstitutionId::from_uuid(id);
            let exported = export(&store, id, &recipient, &to).await.map_err(|error| match error {
                Error::NotFound => Error::internal(format!("--id: there is no institution {id}")),
                error => error,
            })?;
            tell_exported(&exported, &to.display().to_string(), &recipient)
        }
        Institution::Import { from, identity, manifest_sha256 } => {
            let identities = Identities::read(&identity)?;
            // What is entered is one long transaction, and an embedded database lets nobody else write meanwhile.
            let _claims = claim(&store_options(settings)?)?;
            let store = open(settings).await?;
            tell_imported(&import(&store, identities, &from, manifest_sha256.0).await?, settings)
        }
    }
}

async fn open(settings: &Settings) -> Result<Store> {
    let root = root_key::open(&settings.keys, environment())?;
    Store::open(&store_options(settings)?, root, environment()).await
}

fn tell_exported(exported: &Exported, to: &str, recipient: &Recipient) -> Result<()> {
    let manifest = &exported.manifest;
    let files = manifest.files.iter();
    let lines: u64 = files.clone().map(|file| file.lines).sum();
    for file in files.filter(|file| file.unreadable > 0) {
        say(format_args!("{}: {} lines could not be read and are not in it", file.name, file.unreadable))?;
    }
    say(format_args!(
        "institution {} as of {} is in {to}: {lines} lines in {} files, encrypted to {recipient}",
        manifest.institution_id,
        manifest.exported_at,
        manifest.files.len()
    ))?;
    say(format_args!(
        "SHA-256 of its manifest: {}; tell the receiver over another way than the file itself",
        hex::encode(exported.manifest_sha256)
    ))
}

fn tell_imported(imported: &Imported, settings: &Settings) -> Result<()> {
    let Imported { manifest, invited } = imported;
    let Manifest { institution_id, exported_at, files, .. } = manifest;
    say(format_args!("institution {institution_id} as of {exported_at} is here"))?;
    let (entered, stayed): (Vec<_>, Vec<_>) = files
        .iter()
        .filter(|file| file.lines > 0)
        .partition(|file| file.resource().is_some_and(Resource::enters));
    for file in entered {
        say(format_args!("{}: {} lines were taken in", file.name, file.lines))?;
    }
    for file in stayed {
        say(format_args!("{}: {} lines stay in the export; see docs/continuity.md", file.name, file.lines))?;
    }
    if *invited == 0 {
        return say(format_args!(
            "no administrator was let in, so nobody is sent a link: the licence holder has to ask for an administrator"
        ));
    }
    let way = match &settings.mail.smtp_server {
        Some(_) => "by e-mail".to_owned(),
        None => format!("as letters in {}", settings.mail.folder.display()),
    };
    say(format_args!(
        "when `groeilijn serve` runs, {invited} administrators are sent a link {way}, to accept; they invite the other users, \
         who choose a password anew"
    ))
}
