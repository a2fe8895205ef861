//! `groeilijn restore`.

use std::path::PathBuf;

use clap::Args;
use groeilijn_persistence::{Error, Result};

use super::output::say;
use crate::backup::folder::BackupFolder;
use crate::backup::places::programs;
use crate::backup::putting_back::{PutBack, Restoring, put_back};
use crate::root_key;
use crate::runtime::environment;
use crate::server::store_options;
use crate::settings::Settings;

/// What `restore` is told.
#[derive(Args)]
pub(super) struct Restore {
    /// The backup of the data to put back: its folder, such as backups/data/20261129T020000Z-1f2e3d4c.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The newest backup of the key store, when the key store itself is lost.
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
    /// The file with the secret key that opens backups.
    #[arg(long, value_name = "FILE")]
    identity: PathBuf,
    /// Put the backup in the place of data that is there. A file is moved aside; what is in a PostgreSQL database is gone.
    #[arg(long)]
    replace: bool,
}

/// Puts a backup back.
pub(super) async fn run(restore: Restore, settings: &Settings) -> Result<()> {
    let Restore { data, keys, identity, replace } = restore;
    let folders = [&settings.backup.folder, &settings.backup.second_folder];
    let restoring = Restoring {
        data,
        keys,
        identity,
        replace,
        options: store_options(settings)?,
        root_key: root_key::source(&settings.keys)?,
        programs: programs(settings),
        known_folders: folders.into_iter().flatten().map(|folder| BackupFolder::at(folder)).collect(),
    };
    tell(&put_back(&restoring, &environment()).await?)
}

fn tell(done: &PutBack) -> Result<()> {
    match &done.data {
        Some((id, moment)) => say(format_args!("the data of {moment} is back (backup {id})"))?,
        None => say(format_args!("the data that was there is used"))?,
    }
    match &done.keys {
        Some((id, moment)) => say(format_args!("the keys of {moment} are back (backup {id})"))?,
        None => say(format_args!("the key store that was there is used"))?,
    }
    for kind in &done.swept.unreadable {
        say(format_args!("{} of kind {}: destroyed, and not brought back", kind.owners, kind.kind))?;
    }
    say(format_args!("{} sessions were ended: everybody logs in anew", done.swept.sessions))?;
    if let Some(replaced) = &done.replaced {
        say(format_args!("what was there is now {}; delete it when all is well", replaced.display()))?;
    }
    say(format_args!(
        "what was changed since is lost: rights, passwords and blocked users too. See \"After a restore\" in \
         docs/operations.md, then start the servers"
    ))
    .map_err(Error::internal)
}
