//! Letters as files, for where there is no mail server.
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::error::MailError;

/// A folder that only its owner may look into.
#[derive(Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, mode 0700; one that was there already must be as closed, and can be written in.
    pub(crate) fn open(path: PathBuf) -> Result<Self, MailError> {
        DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        if fs::metadata(&path)?.permissions().mode() & 0o077 != 0 {
            return Err(MailError::Settings("others may read the folder of letters; its mode must be 0700"));
        }
        // Found out now, and not by the first letter.
        tempfile::tempfile_in(&path)?;
        Ok(Self(path))
    }

    /// Writes `ID.eml`, whole or not at all. A letter that is there already stays as it is.
    pub(crate) async fn put(&self, id: Uuid, message: Vec<u8>) -> Result<(), MailError> {
        let folder = self.0.clone();
        tokio::task::spawn_blocking(move || put(&folder, id, &message))
            .await
            .map_err(|_| MailError::Folder(io::ErrorKind::Other))?
            .map_err(MailError::from)
    }
}

fn put(folder: &Path, id: Uuid, message: &[u8]) -> io::Result<()> {
    let path = folder.join(format!("{id}.eml"));
    if path.try_exists()? {
        return Ok(());
    }
    // Created anew (O_EXCL) with mode 0600, and removed again when something goes wrong before it has its name.
    let mut file = tempfile::Builder::new().prefix(".letter-").tempfile_in(folder)?;
    file.write_all(message)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(&path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(error.error),
        _ => {}
    }
    File::open(folder)?.sync_all()
}
