//! The folder that backups are in: `data/ID` and `keys/ID`, each with its manifest and its encrypted file, and whatever is
//! not finished under a name that begins with a dot.
//!
//! A backup appears under its name in one step when all of it is on the disk.

use std::fmt::Display;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use groeilijn_persistence::database::copies::shred;
use groeilijn_persistence::{Error, Result};
use jiff::Timestamp;

use super::manifest::{Half, Manifest};

/// How what is not finished is called.
const UNFINISHED: &str = ".unfinished-";

/// How often, and at what distance, what was left of a backup is tried to be taken away.
const ATTEMPTS: usize = 50;
const PAUSE: Duration = Duration::from_millis(20);

const MANIFEST: &str = "manifest.json";
const LOCK: &str = ".lock";

/// Where it is noted when a key was last destroyed.
const DESTRUCTION: &str = "newest-destruction";

/// What is said of a file or a folder.
pub fn told(path: &Path, what: &dyn Display) -> Error {
    Error::internal(format!("{}: {what}", path.display()))
}

/// A folder of backups.
#[derive(Debug, Clone)]
pub struct BackupFolder {
    path: PathBuf,
}

/// A backup of one half, as it lies in a folder.
#[derive(Debug, Clone)]
pub struct StoredBackup {
    /// Where.
    pub path: PathBuf,
    /// What it is.
    pub manifest: Manifest,
}

impl StoredBackup {
    /// Reads what a backup is.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is none in this folder.
    pub fn read(path: &Path) -> Result<Self> {
        let manifest = path.join(MANIFEST);
        let text = fs::read_to_string(&manifest).map_err(|error| told(&manifest, &error))?;
        let manifest = Manifest::parse(&text).map_err(|error| told(path, &error))?;
        Ok(Self { path: path.to_owned(), manifest })
    }

    /// The encrypted file.
    pub fn file(&self) -> PathBuf {
        self.path.join(self.manifest.half.file())
    }
}

/// Holds a folder of backups for one process, until it is dropped or the process ends.
pub struct FolderLock {
    _file: File,
}

impl BackupFolder {
    /// The folder at this place, which is made when it is first written to.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder, claims it, and takes away what an earlier process left unfinished.
    ///
    /// # Errors
    /// When it cannot be written, and when another process is making a backup in it.
    pub fn claim(&self) -> Result<FolderLock> {
        for folder in [self.path.clone(), self.half(Half::Data), self.half(Half::Keys)] {
            make_private_folder(&folder).map_err(|error| told(&folder, &unwritable(&error)))?;
        }
        let path = self.path.join(LOCK);
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(|error| told(&path, &unwritable(&error)))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(told(&self.path, &"another process is making a backup in this folder"));
            }
            Err(TryLockError::Error(error)) => return Err(told(&path, &error)),
        }
        for entry in fs::read_dir(&self.path).map_err(|error| told(&self.path, &error))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) && entry.path().is_dir() {
                shred_until_gone(&entry.path()).map_err(|error| told(&entry.path(), &error))?;
            }
        }
        Ok(FolderLock { _file: file })
    }

    /// Whether a process is making a backup in it.
    pub fn is_claimed(&self) -> bool {
        let lock = OpenOptions::new().append(true).open(self.path.join(LOCK));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// The folder of the backups of one half.
    pub fn half(&self, half: Half) -> PathBuf {
        self.path.join(half.name())
    }

    /// Where the backup of this name is worked on.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(&self, id: &str) -> Result<Unfinished> {
        let path = self.path.join(format!("{UNFINISHED}{id}"));
        make_private_folder(&path).map_err(|error| told(&path, &unwritable(&error)))?;
        Ok(Unfinished { path })
    }

    /// Gives a finished half its place.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub fn accept(&self, unfinished: &Unfinished, half: Half, id: &str) -> Result<PathBuf> {
        let (from, to) = (unfinished.path.join(half.name()), self.half(half).join(id));
        sync_folder(&from).map_err(|error| told(&from, &error))?;
        fs::rename(&from, &to).map_err(|error| told(&to, &error))?;
        sync_folder(&self.half(half)).map_err(|error| told(&to, &error))?;
        Ok(to)
    }

    /// The backups of one half that are finished, the oldest first. One whose manifest cannot be read is left out, and the
    /// log says so.
    pub fn stored(&self, half: Half) -> Vec<StoredBackup> {
        let entries = fs::read_dir(self.half(half)).ok().into_iter().flatten().flatten();
        let mut stored: Vec<_> = entries
            .filter_map(|entry| {
                StoredBackup::read(&entry.path())
                    .inspect_err(|error| tracing::warn!(%error, "this is no backup that can be used"))
                    .ok()
            })
            .filter(|backup| backup.manifest.half == half)
            .collect();
        stored.sort_by_key(|backup| backup.manifest.taken_at);
        stored
    }

    /// When a key was last destroyed, as far as anything in this folder tells.
    pub fn newest_destruction(&self) -> Option<Timestamp> {
        let stored = Half::ALL.into_iter().flat_map(|half| self.stored(half));
        let stored = stored.filter_map(|backup| backup.manifest.newest_destruction).max();
        let noted = fs::read_to_string(self.path.join(DESTRUCTION)).ok();
        stored.max(noted.and_then(|text| text.trim().parse().ok()))
    }

    /// Notes beside the backups when a key was last destroyed, so that one that does not know of it is known to be too old.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note_destruction(&self, at: Timestamp) -> Result<()> {
        if !self.path.exists() || self.newest_destruction() >= Some(at) {
            return Ok(());
        }
        let (path, new) = (self.path.join(DESTRUCTION), self.path.join(format!("{UNFINISHED}{DESTRUCTION}")));
        let write = || {
            shred(&new)?;
            let mut file = new_private_file(&new)?;
            file.write_all(format!("{at}\n").as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            sync_folder(&self.path)
        };
        write().map_err(|error: io::Error| told(&path, &error))
    }
}

/// The folder in which a backup is worked on. What is left in it is overwritten and taken away with it.
pub struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    /// A file or a folder in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Err(error) = shred_until_gone(&self.path) {
            tracing::warn!(%error, folder = %self.path.display(), "what was left of a backup stays until the next one");
        }
    }
}

/// Takes a folder away in which somebody may be at work still: who closes a copy that was looked at, or a program that a
/// killed process started.
fn shred_until_gone(path: &Path) -> io::Result<()> {
    for _ in 1..ATTEMPTS {
        match shred_folder(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound || path.exists() => {
                std::thread::sleep(PAUSE);
            }
            _ => return Ok(()),
        }
    }
    shred_folder(path)
}

/// Writes the manifest of a half into the folder in which it lies.
///
/// # Errors
/// When it cannot be written.
pub fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<()> {
    let path = folder.join(MANIFEST);
    let write = |text: &str| {
        let mut file = new_private_file(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write(&manifest.to_json()?).map_err(|error| told(&path, &error))
}

/// Takes a folder away with all that is in it; copies of keys are overwritten first.
///
/// # Errors
/// When something cannot be taken away.
pub fn shred_folder(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)?.flatten() {
        let holds_keys = entry.file_name().to_string_lossy().starts_with(Half::Keys.name());
        if entry.file_type()?.is_dir() {
            shred_folder(&entry.path())?;
        } else if holds_keys {
            shred(&entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_dir(path)
}

/// Has the names in a folder on the disk.
///
/// # Errors
/// When that cannot be.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes a folder that its owner alone may look into; one that is there stays as it is.
///
/// # Errors
/// When it cannot be made.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A new file that its owner alone may read.
///
/// # Errors
/// When it is there already, or cannot be made.
pub fn new_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unwritable(error: &io::Error) -> String {
    format!("it cannot be written ({error}); let whoever runs groeilijn write there, or name another folder")
}
