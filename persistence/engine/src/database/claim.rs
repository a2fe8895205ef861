//! Being the one process that works on an embedded database.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;

use super::url::{DatabaseUrl, unwritable};
use crate::error::{Error, Result};

/// The bytes that the file of the lock keeps for the day on which the disk is full: more than what SQLite has to make
/// before it reads (`-shm`), which is gone after each time that the database was closed.
static ROOM: [u8; 64 << 10] = [0; 64 << 10];

/// Holds an embedded database for this process alone, until it is dropped or the process ends.
pub struct Claim {
    _lock: Option<File>,
}

impl DatabaseUrl {
    /// Claims the database for this process. Any number of processes may serve a PostgreSQL database; of one that is
    /// embedded each keeps things in memory that another could change behind its back.
    ///
    /// A full disk does not keep it from being opened: the lock's file then gives up what it holds.
    ///
    /// # Errors
    /// When another process works on it.
    pub fn claim(&self) -> Result<Claim> {
        // What is not there yet cannot be served either; connecting to it says so.
        let Some(database) = self.file().and_then(|file| file.canonicalize().ok()) else {
            return Ok(Claim { _lock: None });
        };
        let path = database.with_added_extension("lock");
        let mut lock = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|error| unwritable(&path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::internal("another process works on this database; stop it first"));
            }
            Err(TryLockError::Error(error)) => return Err(Error::internal(error)),
        }
        match self.connect() {
            Ok(_) => keep_room(&mut lock)?,
            Err(Error::Unavailable(_)) => lock.set_len(0).map_err(Error::internal)?,
            // Whoever opens it next says what is wrong.
            Err(_) => {}
        }
        Ok(Claim { _lock: Some(lock) })
    }
}

fn keep_room(lock: &mut File) -> Result<()> {
    let kept = lock.metadata().map_err(Error::internal)?.len();
    if kept == 0 && lock.write_all(&ROOM).is_err() {
        // What is left of the disk is needed more elsewhere.
        lock.set_len(0).map_err(Error::internal)?;
    }
    Ok(())
}
