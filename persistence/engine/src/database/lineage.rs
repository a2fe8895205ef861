//! The name of the state that an SQLite file is in, and of the one from which its last commit made it.
//!
//! Both are random numbers in the file's header, which SQLite leaves to whoever uses it (`user_version` and
//! `application_id`). Steps that are counted would not do: of two files that were written to apart, one may have counted as
//! far as the other, or one step further, and know nothing of it.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Integer;
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use crate::environment::Environment;
use crate::error::Result;

/// The two names; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lineage {
    /// The state that the file is in.
    pub(super) present: i32,
    /// The one before its last commit.
    pub(super) before: i32,
}

impl Lineage {
    /// That of a file, by the name under which it is attached.
    pub(super) fn of(connection: &mut SqliteConnection, file: &str) -> Result<Self> {
        #[derive(QueryableByName)]
        struct Present {
            #[diesel(sql_type = Integer)]
            user_version: i32,
        }
        let Present { user_version: present } =
            sql_query(format!("PRAGMA {file}.user_version")).get_result(connection)?;
        Ok(Self { present, before: before(connection, file)? })
    }

    /// What comes of this state by one commit.
    pub(super) fn next(self, environment: &Environment) -> Self {
        let random = u32::from_le_bytes(environment.bytes()) % 0x7fff_ffff;
        Self { present: i32::try_from(random).unwrap_or_default().saturating_add(1), before: self.present }
    }

    /// Whether one commit made this state of the other.
    pub(super) fn follows(self, other: Self) -> bool {
        other.present != 0 && self.before == other.present
    }

    /// Names the state that the commit of the present transaction puts a file in.
    pub(super) fn write(self, connection: &mut SqliteConnection, file: &str) -> Result<()> {
        let Self { present, before } = self;
        Ok(connection.batch_execute(&format!(
            "PRAGMA {file}.user_version = {present}; PRAGMA {file}.application_id = {before};"
        ))?)
    }
}

/// Gives the present transaction something to write to a file that changes nothing.
pub(super) fn write_over_itself(connection: &mut SqliteConnection, file: &str) -> Result<()> {
    let before = before(connection, file)?;
    Ok(connection.batch_execute(&format!("PRAGMA {file}.application_id = {before}"))?)
}

fn before(connection: &mut SqliteConnection, file: &str) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Before {
        #[diesel(sql_type = Integer)]
        application_id: i32,
    }
    let found: Before = sql_query(format!("PRAGMA {file}.application_id")).get_result(connection)?;
    Ok(found.application_id)
}
