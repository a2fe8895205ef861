//! Being the one process that works on an embedded database.

use std::fs::{File, OpenOptions, TryLockError};

use super::url::DatabaseUrl;
use crate::error::{Error, Result};

/// Holds an embedded database for this process alone, until it is dropped or the process ends.
pub struct Claim {
    _lock: Option<File>,
}

impl DatabaseUrl {
    /// Claims the database for this process. Any number of processes may serve a PostgreSQL database; of one that is
    /// embedded each keeps things in memory that another could change behind its back.
    ///
    /// # Errors
    /// When another process works on it.
    pub fn claim(&self) -> Result<Claim> {
        // What is not there yet cannot be served either; connecting to it says so.
        let Some(database) = self.file().and_then(|file| file.canonicalize().ok()) else {
            return Ok(Claim { _lock: None });
        };
        let lock = OpenOptions::new()
            .create(true)
            .append(true)
            .open(database.with_added_extension("lock"))
            .map_err(Error::internal)?;
        match lock.try_lock() {
            Ok(()) => Ok(Claim { _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => {
                Err(Error::internal("another process works on this database; stop it first"))
            }
            Err(TryLockError::Error(error)) => Err(Error::internal(error)),
        }
    }
}
