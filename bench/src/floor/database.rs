//! The database: the rows that the five requests need, and no others.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::Error;

/// The same settings as ours has, so that the two differ in what they do and not in what SQLite does.
const SETTINGS: &str = "PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA mmap_size = 0;
    PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = 4000;";

/// A pupil's group is in its own row: who was where before is not needed.
const SCHEMA: &str = "
    CREATE TABLE pupil (
        institution_id BLOB NOT NULL, id BLOB NOT NULL, group_id BLOB NOT NULL, placed_on TEXT NOT NULL,
        name BLOB NOT NULL, gender BLOB NOT NULL, home_language BLOB NOT NULL, birth_date BLOB NOT NULL,
        vve BLOB NOT NULL, day_parts_per_week BLOB NOT NULL, particulars BLOB NOT NULL, eck_id BLOB NOT NULL,
        created_at INTEGER NOT NULL, PRIMARY KEY (institution_id, id)
    ) STRICT;
    CREATE INDEX pupil_group ON pupil (institution_id, group_id, id);
    CREATE TABLE registration (
        institution_id BLOB NOT NULL, id BLOB NOT NULL, pupil_id BLOB NOT NULL, half_year TEXT NOT NULL,
        registered_on TEXT NOT NULL, judgements BLOB NOT NULL, PRIMARY KEY (institution_id, id),
        FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id)
    ) STRICT;
    CREATE INDEX registration_pupil ON registration (institution_id, pupil_id, registered_on, id);
    CREATE TABLE note (
        institution_id BLOB NOT NULL, id BLOB NOT NULL, pupil_id BLOB NOT NULL, author_id BLOB NOT NULL,
        observed_on TEXT NOT NULL, text BLOB NOT NULL, lines BLOB NOT NULL, created_at INTEGER NOT NULL,
        changed_at INTEGER NOT NULL, PRIMARY KEY (institution_id, id),
        FOREIGN KEY (institution_id, pupil_id) REFERENCES pupil (institution_id, id)
    ) STRICT;
    CREATE INDEX note_pupil ON note (institution_id, pupil_id, id);";

/// Makes an empty database.
pub(super) fn create(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    connection.execute_batch(SETTINGS)?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

/// A connection to a database that is there.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}
