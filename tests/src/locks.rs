//! Changes on PostgreSQL that are made and not committed yet, for as long as a test wants.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary};
use diesel::{QueryableByName, sql_query};
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;

use crate::Server;
use crate::audit::institution_id;

/// How often it is asked whether enough transactions wait.
const MOST_QUESTIONS: usize = 100_000;

/// The audit log of an institution, kept locked: changes there are made, and wait before they are committed.
pub struct LockedLog(AnyConnection);

impl LockedLog {
    /// Locks it.
    pub fn of(server: &Server, institution: &str) -> Self {
        let mut connection = server.raw_data();
        connection.batch_execute("BEGIN").unwrap();
        let locked = sql_query("SELECT 1 FROM audit_tree WHERE institution_id = $1 FOR UPDATE")
            .bind::<Binary, _>(institution_id(institution).into_bytes().to_vec())
            .execute(&mut connection);
        assert_eq!(locked.unwrap(), 1);
        Self(connection)
    }

    /// Leaves it to whoever else waits to notice that each waits for the other.
    pub fn wait_patiently(&mut self) {
        self.0.batch_execute("SET LOCAL deadlock_timeout = '1min'").unwrap();
    }

    /// Locks what every change of an institution's children locks first, and waits for whoever has it.
    pub fn lock_children(&mut self, institution: &str) {
        let locked = sql_query("SELECT 1 FROM institution WHERE id = $1 FOR UPDATE")
            .bind::<Binary, _>(institution_id(institution).into_bytes().to_vec())
            .execute(&mut self.0);
        assert_eq!(locked.unwrap(), 1);
    }

    /// Lets the changes be committed.
    pub fn release(mut self) {
        self.0.batch_execute("COMMIT").unwrap();
    }
}

/// Waits until so many transactions wait for others.
pub fn wait_for_locks(server: &Server, count: i64) {
    #[derive(QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let mut connection = server.raw_data();
    let query = "SELECT count(*) FROM pg_stat_activity \
                 WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..MOST_QUESTIONS {
        let waiting: Waiting = sql_query(query).get_result(&mut connection).unwrap();
        if waiting.count >= count {
            return;
        }
    }
    panic!("fewer than {count} transactions wait");
}
