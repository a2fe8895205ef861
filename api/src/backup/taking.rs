//! Making a backup: copy the data, copy the keys, encrypt both, put both back into a scratch place and look whether they
//! can be worked with, and only then give them their place.
//!
//! The data goes first, so that no row is in a backup without its key.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_persistence::backup::CheckedCopy;
use groeilijn_persistence::database::copies::{Expected, Rows, Scratch, check_integrity, count_rows};
use groeilijn_persistence::database::migrations::Schema;
use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::keys::history;
use groeilijn_persistence::{Error, LEAST_CONNECTIONS, Part, Principal, Result, Store, StoreOptions};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::folder::{
    BackupFolder, Unfinished, make_private_folder, new_private_file, sync_folder, told, write_manifest,
};
use super::manifest::{FORMAT, FileDigest, Half, Manifest, described};
use super::places::{BackupPlaces, kind_of};
use super::sealed_file::encrypt;
use crate::audit_context::without_request;

/// A backup that was made.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Its name.
    pub id: String,
    /// What it holds, the data first.
    pub halves: [Manifest; 2],
}

/// One half while it is worked on.
struct Copied {
    half: Half,
    /// The copy in the clear, whose sealed fields nobody reads without the root key.
    plain: PathBuf,
    expected: Expected,
    taken_at: Timestamp,
    content: FileDigest,
    file: FileDigest,
}

/// Makes a backup and copies it to the second place.
///
/// # Errors
/// [`Error::Internal`] for the operator when something cannot be copied, does not pass the checks or cannot be written:
/// nothing is kept of it then.
pub async fn take(places: &BackupPlaces, environment: &Environment) -> Result<Taken> {
    let _lock = places.folder.claim().map_err(|error| of(FIRST, &error))?;
    let second = places.second.as_ref();
    let _second_lock = second.map(BackupFolder::claim).transpose().map_err(|error| of(SECOND, &error))?;
    let id = new_id(environment);
    let unfinished = places.folder.begin(&id).map_err(|error| of(FIRST, &error))?;
    let copies = copy_both(places, environment, &unfinished).await?;
    let checked = check_both(places, environment, &copies, &id).await;
    let halves = checked.map_err(|error| {
        Error::internal(format!("the backup is not good and was not kept: {}", plainly(&error)))
    })?;
    for manifest in &halves {
        write_manifest(&unfinished.join(manifest.half.name()), manifest)
            .map_err(|error| of(FIRST, &error))?;
    }
    // The keys first: whoever finds the data finds its keys.
    for half in [Half::Keys, Half::Data] {
        places.folder.accept(&unfinished, half, &id).map_err(|error| of(FIRST, &error))?;
    }
    if let Some(second) = second {
        copy_to(&places.folder, second, &id).map_err(|error| of(SECOND_OF_TWO, &error))?;
    }
    Ok(Taken { id, halves })
}

/// What the operator is told to look at.
const FIRST: &str = "backup.folder";
const SECOND: &str = "backup.second_folder";
const SECOND_OF_TWO: &str = "backup.second_folder: the backup is in backup.folder, and not here";

fn of(place: &str, error: &Error) -> Error {
    Error::internal(format!("{place}: {}", plainly(error)))
}

/// A full disk, in the words of whoever has to make room for backups.
fn plainly(error: &Error) -> String {
    let text = error.to_string();
    let is_full = ["No space left", "is full"].iter().any(|full| text.contains(full));
    if is_full {
        "the disk is full; make room there: nothing of this backup was kept".to_owned()
    } else {
        text
    }
}

/// A name that sorts by time and is nobody else's.
fn new_id(environment: &Environment) -> String {
    let now = environment.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    format!("{now}-{}", hex::encode(environment.bytes::<4>()))
}

async fn copy_both(
    places: &BackupPlaces,
    environment: &Environment,
    unfinished: &Unfinished,
) -> Result<[Copied; 2]> {
    let copy = async |half: Half| {
        let (places, environment) = (places.clone(), environment.clone());
        let (folder, plain) =
            (unfinished.join(half.name()), unfinished.join(&format!("{}.copy", half.name())));
        let work = move || copy_one(&places, &environment, half, &folder, plain);
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    };
    Ok([copy(Half::Data).await?, copy(Half::Keys).await?])
}

fn copy_one(
    places: &BackupPlaces,
    environment: &Environment,
    half: Half,
    folder: &Path,
    plain: PathBuf,
) -> Result<Copied> {
    make_private_folder(folder).map_err(|error| of(FIRST, &told(folder, &error)))?;
    let taken_at = environment.now();
    let expected = places.source(half).copy_into(&plain, &places.programs).map_err(|error| {
        Error::internal(format!("the {} cannot be copied: {}", half.name(), plainly(&error)))
    })?;
    let (content, file) =
        encrypt(&places.recipient, &plain, &folder.join(half.file())).map_err(|error| of(FIRST, &error))?;
    Ok(Copied { half, plain, expected, taken_at, content, file })
}

/// Puts both copies back into a scratch place, opens them as an installation, and gives what is to be said of them.
async fn check_both(
    places: &BackupPlaces,
    environment: &Environment,
    copies: &[Copied; 2],
    id: &str,
) -> Result<[Manifest; 2]> {
    let [data, keys] = copies;
    let (scratch_data, data_rows) = restored(places, data).await?;
    let (scratch_keys, key_rows) = restored(places, keys).await?;
    let mut of_keys = scratch_keys.url().connect()?;
    let newest = [history::newest_destruction(&mut of_keys)?, history::newest_change(&mut of_keys)?];
    drop(of_keys);
    let found = open_and_check(places, environment, &scratch_data, &scratch_keys).await?;
    let of_data =
        Manifest { trees: described(&found.trees), ..manifest(id, data, &scratch_data, data_rows, newest)? };
    Ok([of_data, manifest(id, keys, &scratch_keys, key_rows, newest)?])
}

fn manifest(
    id: &str,
    copied: &Copied,
    scratch: &Scratch,
    rows: Rows,
    [newest_destruction, newest_change]: [Option<Timestamp>; 2],
) -> Result<Manifest> {
    Ok(Manifest {
        format: FORMAT,
        half: copied.half,
        id: id.to_owned(),
        taken_at: copied.taken_at,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        database: kind_of(scratch.url()),
        schema: Schema::newest_run(&mut scratch.url().connect()?)?.unwrap_or_default(),
        rows,
        trees: BTreeMap::new(),
        newest_destruction,
        newest_change,
        file: copied.file.clone(),
        content: copied.content.clone(),
    })
}

/// A copy put back into a scratch place, with the rows that are in it, as many as there have to be.
async fn restored(places: &BackupPlaces, copied: &Copied) -> Result<(Scratch, Rows)> {
    let (places, plain) = (places.clone(), copied.plain.clone());
    let (half, expected) = (copied.half, copied.expected.clone());
    let work = move || {
        let source = places.source(half);
        let scratch = source.scratch(&plain, &scratch_name(&places, half), &places.programs)?;
        let mut connection = scratch.url().connect()?;
        check_integrity(&mut connection)?;
        let rows = count_rows(&mut connection)?;
        expected.check(&rows)?;
        Ok((scratch, rows))
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

/// A name that two installations on one server do not share.
fn scratch_name(places: &BackupPlaces, half: Half) -> String {
    let whose = Sha256::digest(places.data.to_string());
    let whose: String = hex::encode(whose).chars().take(12).collect();
    format!("groeilijn_check_{whose}_{}", half.name())
}

async fn open_and_check(
    places: &BackupPlaces,
    environment: &Environment,
    data: &Scratch,
    keys: &Scratch,
) -> Result<CheckedCopy> {
    let root = places.root_key.open(environment.clone()).map_err(Error::of(Part::RootKey))?;
    let options = scratch_options(places, data, keys);
    let store = Store::open(&options, root, environment.clone()).await?;
    let service = Principal::Service { institution: None };
    let context = without_request(environment, service, "checkBackup", ProcessingActivity::OperateService);
    store.check_copy(context).await
}

fn scratch_options(places: &BackupPlaces, data: &Scratch, keys: &Scratch) -> StoreOptions {
    StoreOptions {
        data: data.url().clone(),
        keys: keys.url().clone(),
        readers: 1,
        connections: LEAST_CONNECTIONS,
        parallel: 2,
        ..places.options.clone()
    }
}

/// Copies a finished backup to another folder, where it appears when all of it is there.
fn copy_to(from: &BackupFolder, to: &BackupFolder, id: &str) -> Result<()> {
    let unfinished = to.begin(id)?;
    for half in [Half::Keys, Half::Data] {
        let (source, target) = (from.half(half).join(id), unfinished.join(half.name()));
        copy_folder(&source, &target).map_err(|error| told(&target, &error))?;
        to.accept(&unfinished, half, id)?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    make_private_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let mut target = new_private_file(&to.join(entry.file_name()))?;
        io::copy(&mut fs::File::open(entry.path())?, &mut target)?;
        target.sync_all()?;
    }
    sync_folder(to)
}
