//! Putting a backup back into files of SQLite: each is made beside its place and renamed into it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::copies::{beside, check_integrity, shred};
use groeilijn_persistence::database::dialect;
use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::keys::history;
use groeilijn_persistence::{Error, Result};

use super::common::{Chosen, PutBack, Restoring, check_rows, make_fit, named, open};
use crate::backup::folder::{StoredBackup, make_private_folder, shred_folder, sync_folder, told};
use crate::server::claim;

pub(super) async fn put_back(
    restoring: &Restoring,
    chosen: &Chosen,
    environment: &Environment,
) -> Result<PutBack> {
    // Whoever serves holds them.
    let _claims = claim(&restoring.options)?;
    let (data, keys) = (place_of(&restoring.options.data)?, place_of(&restoring.options.keys)?);
    if chosen.data.is_some() && data.exists() && !restoring.replace {
        return Err(told(
            &data,
            &"there is data already; add --replace, and it is moved aside, or name another place",
        ));
    }
    if chosen.data.is_none() && !data.exists() {
        return Err(told(&data, &"there is no data; name a backup of it (--data)"));
    }
    let keys_folder = fresh_folder(work_folder(&keys))?;
    let new_keys = match &chosen.keys {
        Some(backup) if !has_newer(&keys, backup)? => Some(backup),
        _ => None,
    };
    let used_keys = match new_keys {
        Some(backup) => scratch(chosen, backup, &keys_folder)?,
        None if keys.exists() => keys.clone(),
        None => {
            return Err(told(&keys, &"there is no key store; name the newest backup of it (--keys)"));
        }
    };
    let keys_url = DatabaseUrl::Sqlite(used_keys.clone());
    chosen.check_keys(restoring, &mut keys_url.connect()?)?;
    let data_folder = fresh_folder(work_folder(&data))?;
    let used_data = match &chosen.data {
        Some(backup) => scratch(chosen, backup, &data_folder)?,
        None => data.clone(),
    };
    let data_url = DatabaseUrl::Sqlite(used_data.clone());
    let swept = make_fit(restoring, chosen.data.as_ref(), [&data_url, &keys_url], environment).await?;
    // The keys first: data without them is of no use, and keys without their data harm nobody.
    if new_keys.is_some() {
        settle(&used_keys)?;
        into_place(&used_keys, &keys)?;
    }
    let mut replaced = None;
    if chosen.data.is_some() {
        settle(&used_data)?;
        if data.exists() {
            replaced = Some(move_aside(&data, environment)?);
        }
        into_place(&used_data, &data)?;
    }
    for folder in [data_folder, keys_folder] {
        shred_folder(&folder).map_err(|error| told(&folder, &error))?;
    }
    Ok(PutBack { data: chosen.data.as_ref().map(named), keys: new_keys.map(named), swept, replaced })
}

fn place_of(url: &DatabaseUrl) -> Result<PathBuf> {
    let file = url.file().ok_or_else(|| Error::internal("data and keys are in databases of two kinds"))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| told(folder, &error))?;
    Ok(file.to_owned())
}

/// Beside the file, so that a rename is enough to give what is made there its place.
fn work_folder(file: &Path) -> PathBuf {
    file.with_added_extension("restoring")
}

/// A folder to work in, which nothing but this command uses. What an earlier one left in it goes first.
fn fresh_folder(path: PathBuf) -> Result<PathBuf> {
    if path.exists() {
        shred_folder(&path).map_err(|error| told(&path, &error))?;
    }
    make_private_folder(&path).map_err(|error| told(&path, &error))?;
    Ok(path)
}

/// Whether a key store is there that is at least as new as a backup of it: it stays, since what was destroyed in it is
/// destroyed.
fn has_newer(keys: &Path, backup: &StoredBackup) -> Result<bool> {
    if !keys.exists() {
        return Ok(false);
    }
    let mut there = DatabaseUrl::Sqlite(keys.to_owned()).connect()?;
    let newest = history::newest_change(&mut there).map_err(|error| {
        told(
            keys,
            &format!(
                "there is a key store that cannot be read ({error}); move it aside to use a backup of it"
            ),
        )
    })?;
    if newest >= backup.manifest.newest_change {
        return Ok(true);
    }
    Err(told(keys, &"there is a key store older than the backup of it; move it aside to use the backup"))
}

/// A backup, decrypted and checked.
fn scratch(chosen: &Chosen, backup: &StoredBackup, folder: &Path) -> Result<PathBuf> {
    let file = folder.join(backup.manifest.half.name());
    open(backup, &chosen.identities, &file)?;
    let mut connection = DatabaseUrl::Sqlite(file.clone()).connect()?;
    check_integrity(&mut connection)?;
    check_rows(backup, &mut connection)?;
    Ok(file)
}

/// Has everything in the file itself, and that on the disk: what is renamed takes no log along.
fn settle(file: &Path) -> Result<()> {
    let mut connection: AnyConnection = DatabaseUrl::Sqlite(file.to_owned()).connect()?;
    for _ in 0..100 {
        if dialect::truncate_log(&mut connection)? {
            return File::open(file).and_then(|file| file.sync_all()).map_err(|error| told(file, &error));
        }
    }
    Err(told(file, &"somebody reads it; try again"))
}

/// Moves the data that is there aside, and says where to.
fn move_aside(file: &Path, environment: &Environment) -> Result<PathBuf> {
    // So that one rename takes all of it along. What is damaged may not let itself be read.
    if let Err(error) = settle(file) {
        tracing::warn!(%error, "the data that is replaced keeps its log apart");
    }
    let aside = file.with_added_extension(environment.now().strftime("replaced-%Y%m%dT%H%M%SZ").to_string());
    for (from, to) in beside(file).iter().zip(beside(&aside)) {
        move_if_there(from, &to)?;
    }
    move_if_there(file, &aside)?;
    Ok(aside)
}

/// Moves a file, if it is there.
fn move_if_there(from: &Path, to: &Path) -> Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(told(from, &error)),
        _ => Ok(()),
    }
}

/// Gives a file its place in one step. A log that lay there is of a database that is gone.
fn into_place(file: &Path, place: &Path) -> Result<()> {
    for left in beside(place) {
        shred(&left).map_err(|error| told(&left, &error))?;
    }
    fs::rename(file, place).map_err(|error| told(place, &error))?;
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_folder(folder).map_err(|error| told(folder, &error))
}
