//! The database: the rows that the requests need, and no others. With duties there are also those that say who gets
//! in and what they may do, and the log of who saw what.

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

/// What is asked of whoever does not only read and write. An entry of the log names what was touched in one column; ours
/// has an index of that besides.
const DUTIES: &str = "
    CREATE TABLE licence (
        institution_id BLOB NOT NULL PRIMARY KEY, valid_until TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE account (
        id BLOB NOT NULL PRIMARY KEY, institution_id BLOB NOT NULL, role TEXT NOT NULL, blocked_at INTEGER,
        name BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE session (
        id BLOB NOT NULL PRIMARY KEY, account_id BLOB NOT NULL REFERENCES account (id), expires_at INTEGER NOT NULL,
        ended_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE user_group (
        institution_id BLOB NOT NULL, user_id BLOB NOT NULL, group_id BLOB NOT NULL,
        PRIMARY KEY (institution_id, user_id, group_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit_entry (
        institution_id BLOB NOT NULL, sequence INTEGER NOT NULL, occurred_at INTEGER NOT NULL,
        actor_kind TEXT NOT NULL, actor_id BLOB NOT NULL, session_id BLOB NOT NULL, address BLOB NOT NULL,
        trace_id BLOB NOT NULL, span_id BLOB NOT NULL, activity TEXT NOT NULL, operation TEXT NOT NULL,
        objects BLOB NOT NULL, outcome TEXT NOT NULL, change_digest BLOB, leaf_hash BLOB NOT NULL,
        PRIMARY KEY (institution_id, sequence)
    ) STRICT;";

/// Makes an empty database.
pub(super) fn create(path: &Path, duties: bool) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    connection.execute_batch(SETTINGS)?;
    connection.execute_batch(SCHEMA)?;
    if duties {
        connection.execute_batch(DUTIES)?;
    }
    Ok(connection)
}

/// A connection to a database that is there.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}
