//! Which errors of a database say that it cannot do its work at the moment, and which that something is wrong.
//!
//! Diesel passes on neither the code of a PostgreSQL error (SQLSTATE) nor that of an SQLite error, except for
//! constraints and lost connections. What is left is the text, which both databases have kept for many years.
//! [`super::dialect::check_language`] makes sure that PostgreSQL speaks English.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::error::Error;

/// Why a database cannot be used at the moment. The same request may succeed in a while.
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
pub(crate) fn passing(error: &DieselError) -> Option<Error> {
    match error {
        DieselError::DatabaseError(kind, information) => match kind {
            DatabaseErrorKind::SerializationFailure => Some(Error::Busy),
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Some(Error::Unavailable(Outage::Lost))
            }
            DatabaseErrorKind::ReadOnlyTransaction => Some(Error::Unavailable(Outage::ReadOnly)),
            kind if is_constraint(*kind) => None,
            _ => told_by_text(information.message()),
        },
        DieselError::BrokenTransactionManager => Some(Error::Unavailable(Outage::Lost)),
        DieselError::RollbackErrorOnCommit { commit_error, .. } => passing(commit_error),
        _ => None,
    }
}

fn told_by_text(message: &str) -> Option<Error> {
    let says = |texts: &[Text]| texts.iter().any(|text| text.is_in(message));
    if says(&BUSY) {
        return Some(Error::Busy);
    }
    let outages: [(&[Text], Outage); 4] = [
        (&LOST, Outage::Lost),
        (&FULL, Outage::Full),
        (&READ_ONLY, Outage::ReadOnly),
        (&FAILING, Outage::Failing),
    ];
    outages.into_iter().find(|(texts, _)| says(texts)).map(|(_, outage)| Error::Unavailable(outage))
}

/// Whether the database did its work well and refused the row.
fn is_constraint(kind: DatabaseErrorKind) -> bool {
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

/// Whether nobody knows in what state a connection is on which this happened.
pub(crate) fn leaves_doubt(error: &Error) -> bool {
    match error {
        Error::Unavailable(_) => true,
        Error::Database(DieselError::DatabaseError(kind, _)) => !is_constraint(*kind),
        Error::Database(error) => !matches!(error, DieselError::NotFound),
        _ => false,
    }
}

/// Whether one database can be reached, as its readers and its writer find out.
#[derive(Debug, Default)]
pub(crate) struct Reachability {
    /// How often it was lost: a connection from before the last time is not used again.
    losses: AtomicU64,
    away: AtomicBool,
}

impl Reachability {
    /// How often it was lost so far.
    pub(crate) fn losses(&self) -> u64 {
        self.losses.load(Ordering::Acquire)
    }

    /// A connection that was made after so many losses is dead; all of that age are dropped with it.
    pub(crate) fn lose(&self, losses: u64) {
        // When it fails, another has told already.
        let _ = self.losses.compare_exchange(losses, losses + 1, Ordering::AcqRel, Ordering::Acquire);
    }

    /// No connection could be made. The log says so once.
    pub(crate) fn out_of_reach(&self, error: &Error) {
        if !self.away.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, "a database cannot be reached");
        }
    }

    /// A connection was made.
    pub(crate) fn reached(&self) {
        if self.away.swap(false, Ordering::AcqRel) {
            tracing::info!("a database can be reached again");
        }
    }

    /// What somebody is told who got no connection in time.
    pub(crate) fn refusal(&self) -> Error {
        if self.away.load(Ordering::Acquire) { Error::Unavailable(Outage::Lost) } else { Error::Busy }
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::database::url::DatabaseUrl;

    fn unknown(message: &str) -> Option<Error> {
        passing(&DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())))
    }

    #[test]
    fn what_postgres_says_in_trouble_is_known() {
        for (message, expected) in [
            ("canceling statement due to lock timeout", Error::Busy),
            ("canceling statement due to statement timeout", Error::Busy),
            ("deadlock detected", Error::Busy),
            ("could not serialize access due to concurrent update", Error::Busy),
            ("could not extend file \"base/5/1\": No space left on device", Error::Unavailable(Outage::Full)),
            ("terminating connection due to administrator command", Error::Unavailable(Outage::Lost)),
            ("the database system is starting up", Error::Unavailable(Outage::Lost)),
            ("no connection to the server\n", Error::Unavailable(Outage::Lost)),
            ("out of memory", Error::Unavailable(Outage::Failing)),
        ] {
            assert_eq!(
                unknown(message).map(|told| told.to_string()),
                Some(expected.to_string()),
                "{message}"
            );
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
        assert!(matches!(Error::from(full), Error::Unavailable(Outage::Full)));
        one.batch_execute("BEGIN IMMEDIATE").unwrap();
        other.batch_execute("PRAGMA busy_timeout = 0").unwrap();
        assert!(matches!(Error::from(other.batch_execute("BEGIN IMMEDIATE").unwrap_err()), Error::Busy));
        other.batch_execute("PRAGMA query_only = ON").unwrap();
        let refused = other.batch_execute("DELETE FROM t").unwrap_err();
        assert!(matches!(Error::from(refused), Error::Unavailable(Outage::ReadOnly)));
        let wrong = Error::from(other.batch_execute("SELECT * FROM nothing").unwrap_err());
        assert!(matches!(wrong, Error::Database(_)) && leaves_doubt(&wrong));
    }

    #[test]
    fn one_loss_is_counted_once_whoever_finds_it() {
        let reachability = Reachability::default();
        let seen = reachability.losses();
        reachability.lose(seen);
        reachability.lose(seen);
        assert_eq!(reachability.losses(), seen + 1);
    }
}
