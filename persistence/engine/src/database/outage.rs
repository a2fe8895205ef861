//! Which errors of a database say that it cannot do its work at the moment, and which that something is wrong.
//!
//! Diesel passes on neither the code of a PostgreSQL error (SQLSTATE) nor that of an SQLite error, except for
//! constraints and lost connections. What is left is the text, which both databases have kept for many years.
//! [`super::dialect::check_language`] makes sure that PostgreSQL speaks English.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why a database, or what opens its keys, cannot be used at the moment. The same request may succeed in a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// There is no connection, or it was lost: what was asked may or may not have been done.
    #[error("the database cannot be reached, or the connection to it was lost")]
    Lost,
    /// There is no room for what has to be written.
    #[error("the disk of the database is full: free some space, the server then goes on by itself")]
    Full,
    /// It takes no changes: a standby, or a file system that the computer no longer writes to.
    #[error("the database takes no changes at the moment")]
    ReadOnly,
    /// Reading or writing failed, or there is no memory.
    #[error(
        "the computer of the database fails: look at the space, the state and the rights of its disk, and at memory"
    )]
    Failing,
    /// The service that holds the root key, without which no further key is opened.
    #[error(
        "the service that holds the root key does not do its work: see that it runs, is unsealed and takes the token"
    )]
    KeyService,
}

/// What an error says that passes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passing {
    /// Others are at work.
    Busy,
    /// The database cannot be used.
    Outage(Outage),
}

/// What begins the text of an error that passes, or stands in it.
enum Text {
    Begins(&'static str),
    Holds(&'static str),
}

/// Somebody else is at work: SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL and SQLITE_INTERRUPT; 55P03, 40P01, 57014 and
/// 40001.
const BUSY: [Text; 10] = [
    Text::Begins("database is locked"),
    Text::Begins("database table is locked"),
    Text::Begins("database schema is locked"),
    Text::Begins("locking protocol"),
    Text::Begins("interrupted"),
    Text::Begins("canceling statement due to"),
    Text::Begins("could not obtain lock"),
    Text::Begins("could not serialize access"),
    Text::Begins("deadlock detected"),
    Text::Begins("tuple to be locked was already moved"),
];

/// SQLITE_CANTOPEN; class 08, 57P01, 57P02, 57P03, 25P03 and 53300, and what libpq says without asking the server.
const LOST: [Text; 15] = [
    Text::Begins("unable to open database file"),
    Text::Begins("terminating connection"),
    Text::Begins("the database system is"),
    Text::Begins("sorry, too many clients already"),
    Text::Begins("remaining connection slots"),
    Text::Begins("too many connections"),
    Text::Holds("server closed the connection"),
    Text::Holds("no connection to the server"),
    Text::Holds("connection not open"),
    Text::Holds("could not receive data from server"),
    Text::Holds("could not send data to server"),
    Text::Holds("lost synchronization with server"),
    Text::Holds("SSL connection has been closed"),
    Text::Holds("SSL SYSCALL error"),
    Text::Holds("SSL error"),
];

/// SQLITE_FULL; 53100 and 53400.
const FULL: [Text; 4] = [
    Text::Begins("database or disk is full"),
    Text::Holds("No space left on device"),
    Text::Holds("Disk quota exceeded"),
    Text::Begins("temporary file size exceeds"),
];

/// SQLITE_READONLY.
const READ_ONLY: [Text; 2] =
    [Text::Begins("attempt to write a readonly database"), Text::Holds("Read-only file system")];

/// SQLITE_IOERR and SQLITE_NOMEM; 58030 and 53200.
const FAILING: [Text; 4] = [
    Text::Begins("disk I/O error"),
    Text::Begins("out of memory"),
    Text::Begins("out of shared memory"),
    Text::Holds("Input/output error"),
];

impl Text {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Begins(text) => message.starts_with(text),
            Self::Holds(text) => message.contains(text),
        }
    }
}

/// What an error of diesel means when it passes by itself; `None` when something is wrong with what was asked.
pub(crate) fn passing(error: &DieselError) -> Option<Passing> {
    match error {
        DieselError::DatabaseError(kind, information) => match kind {
            DatabaseErrorKind::SerializationFailure => Some(Passing::Busy),
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Some(Passing::Outage(Outage::Lost))
            }
            DatabaseErrorKind::ReadOnlyTransaction => Some(Passing::Outage(Outage::ReadOnly)),
            kind if is_constraint(*kind) => None,
            _ => told_by_text(information.message()),
        },
        DieselError::BrokenTransactionManager => Some(Passing::Outage(Outage::Lost)),
        DieselError::RollbackErrorOnCommit { commit_error, .. } => passing(commit_error),
        _ => None,
    }
}

fn told_by_text(message: &str) -> Option<Passing> {
    let says = |texts: &[Text]| texts.iter().any(|text| text.is_in(message));
    if says(&BUSY) {
        return Some(Passing::Busy);
    }
    let outages: [(&[Text], Outage); 4] = [
        (&LOST, Outage::Lost),
        (&FULL, Outage::Full),
        (&READ_ONLY, Outage::ReadOnly),
        (&FAILING, Outage::Failing),
    ];
    outages.into_iter().find(|(texts, _)| says(texts)).map(|(_, outage)| Passing::Outage(outage))
}

/// Whether the database did its work well and refused the row.
pub(crate) fn is_constraint(kind: DatabaseErrorKind) -> bool {
    use DatabaseErrorKind::{
        CheckViolation, ExclusionViolation, ForeignKeyViolation, NotNullViolation, RestrictViolation,
        UniqueViolation,
    };
    matches!(
        kind,
        CheckViolation
            | ExclusionViolation
            | ForeignKeyViolation
            | NotNullViolation
            | RestrictViolation
            | UniqueViolation
    )
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::database::url::DatabaseUrl;

    fn unknown(message: &str) -> Option<Passing> {
        passing(&DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())))
    }

    #[test]
    fn what_postgres_says_in_trouble_is_known() {
        for (message, expected) in [
            ("canceling statement due to lock timeout", Passing::Busy),
            ("canceling statement due to statement timeout", Passing::Busy),
            ("deadlock detected", Passing::Busy),
            ("could not serialize access due to concurrent update", Passing::Busy),
            ("could not extend file \"base/5/1\": No space left on device", Passing::Outage(Outage::Full)),
            ("terminating connection due to administrator command", Passing::Outage(Outage::Lost)),
            ("the database system is starting up", Passing::Outage(Outage::Lost)),
            ("no connection to the server\n", Passing::Outage(Outage::Lost)),
            ("out of memory", Passing::Outage(Outage::Failing)),
        ] {
            assert_eq!(unknown(message), Some(expected), "{message}");
        }
        for wrong in
            ["relation \"deadlock detected\" does not exist", "permission denied for table pupil", ""]
        {
            assert!(unknown(wrong).is_none(), "{wrong}");
        }
    }

    /// The texts are those of the SQLite that comes along.
    #[test]
    fn what_sqlite_says_in_trouble_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("data"));
        url.create().unwrap();
        let [mut one, mut other] = [url.connect().unwrap(), url.connect().unwrap()];
        one.batch_execute("CREATE TABLE t (a); PRAGMA max_page_count = 3").unwrap();
        let full = one.batch_execute("INSERT INTO t VALUES (zeroblob(100000))").unwrap_err();
        assert_eq!(passing(&full), Some(Passing::Outage(Outage::Full)));
        one.batch_execute("BEGIN IMMEDIATE").unwrap();
        other.batch_execute("PRAGMA busy_timeout = 0").unwrap();
        let held = other.batch_execute("BEGIN IMMEDIATE").unwrap_err();
        assert_eq!(passing(&held), Some(Passing::Busy));
        other.batch_execute("PRAGMA query_only = ON").unwrap();
        let refused = other.batch_execute("DELETE FROM t").unwrap_err();
        assert_eq!(passing(&refused), Some(Passing::Outage(Outage::ReadOnly)));
        assert_eq!(passing(&other.batch_execute("SELECT * FROM nothing").unwrap_err()), None);
    }
}
