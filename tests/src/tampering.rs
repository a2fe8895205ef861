//! What somebody does to an audit log who can write the database past the service: with the files of an embedded one, or
//! as the superuser of a server.

use diesel::connection::SimpleConnection;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary};
use groeilijn_domain::audit::merkle::{Frontier, Hash};
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use uuid::Uuid;

use crate::Server;
use crate::audit::{AuditLog, institution_id};

/// The tables that are only added to, and their triggers on SQLite.
const TRIGGERS: [(&str, &[&str]); 4] = [
    ("audit_entry", &["audit_entry_unchanged", "audit_entry_kept"]),
    ("audit_tree", &["audit_tree_grows", "audit_tree_kept"]),
    ("audit_checkpoint", &["audit_checkpoint_unchanged", "audit_checkpoint_kept"]),
    ("audit_tile", &["audit_tile_unchanged", "audit_tile_kept"]),
];

/// A number that no entry has, to move one out of the way.
const ASIDE: i64 = 1_000_000_000;

/// Somebody at the log of one institution, with everything lifted that the database refuses to whoever serves.
pub struct Tampering {
    connection: AnyConnection,
    institution: Uuid,
}

impl Tampering {
    /// Begins.
    pub fn with(server: &Server, institution: &str) -> Self {
        let mut connection = server.raw_data();
        for (table, triggers) in TRIGGERS {
            match &mut connection {
                AnyConnection::Sqlite(connection) => triggers.iter().for_each(|trigger| {
                    connection.batch_execute(&format!("DROP TRIGGER IF EXISTS {trigger}")).unwrap();
                }),
                AnyConnection::Postgres(connection) => {
                    connection.batch_execute(&format!("ALTER TABLE {table} DISABLE TRIGGER ALL")).unwrap();
                }
            }
        }
        let mut begun = Self { connection, institution: institution_id(institution) };
        // The service notices a gap behind the head that it last kept, and stops: whoever knows that keeps the head.
        let leaves = AuditLog::read(&mut begun.connection, begun.institution).leaf_hashes();
        begun.keep_head(&leaves);
        begun
    }

    /// Runs a statement about the entry `sequence`: `$1` is the institution, `$2` the number.
    fn run(&mut self, statement: &str, sequence: i64) {
        let changed = sql_query(statement)
            .bind::<Binary, _>(self.institution.as_bytes().to_vec())
            .bind::<BigInt, _>(sequence)
            .execute(&mut self.connection);
        assert!(changed.unwrap() > 0, "{statement}");
    }

    /// Has an entry say that something else was done, with the hash that it had.
    pub fn edit(&mut self, sequence: i64) {
        self.run(
            "UPDATE audit_entry SET operation = 'readNothing' WHERE institution_id = $1 AND sequence = $2",
            sequence,
        );
    }

    /// Takes an entry away.
    pub fn delete(&mut self, sequence: i64) {
        self.run("DELETE FROM audit_entry WHERE institution_id = $1 AND sequence = $2", sequence);
    }

    /// Takes an entry away, and gives those behind it the numbers before theirs.
    pub fn close_up(&mut self, sequence: i64) {
        self.delete(sequence);
        // In two steps, so that no number is there twice in between.
        for change in ["sequence = -sequence", "sequence = -sequence - 1"] {
            let sign = if change == "sequence = -sequence" { "sequence" } else { "-sequence" };
            let all = format!("UPDATE audit_entry SET {change} WHERE institution_id = $1 AND {sign} > $2");
            self.run(&all, sequence);
        }
    }

    /// Takes away every entry from this one on.
    pub fn cut(&mut self, sequence: i64) {
        self.run("DELETE FROM audit_entry WHERE institution_id = $1 AND sequence >= $2", sequence);
    }

    /// Has two entries change places.
    pub fn swap(&mut self, one: i64, other: i64) {
        for (from, to) in [(one, ASIDE), (other, one), (ASIDE, other)] {
            self.run(
                &format!(
                    "UPDATE audit_entry SET sequence = {to} WHERE institution_id = $1 AND sequence = $2"
                ),
                from,
            );
        }
    }

    /// Puts the entry of another institution in the place of this one's.
    pub fn exchange(&mut self, sequence: i64, other: &str) {
        self.delete(sequence);
        let columns = "sequence, occurred_at, actor_kind, actor_id, session_id, address, trace_id, span_id, activity, \
            operation, objects, outcome, change_digest, detail, leaf_hash";
        let copied = sql_query(format!(
            "INSERT INTO audit_entry (institution_id, {columns}) SELECT $1, {columns} FROM audit_entry \
             WHERE institution_id = $2 AND sequence = $3"
        ))
        .bind::<Binary, _>(self.institution.as_bytes().to_vec())
        .bind::<Binary, _>(institution_id(other).as_bytes().to_vec())
        .bind::<BigInt, _>(sequence)
        .execute(&mut self.connection);
        assert_eq!(copied.unwrap(), 1);
    }

    /// Makes everything fit again: the hash of each entry, and the tree of these.
    pub fn rehash(&mut self) {
        let leaves = AuditLog::read(&mut self.connection, self.institution).leaf_hashes_anew();
        for (sequence, leaf) in (0_i64..).zip(&leaves) {
            let anew = sql_query(
                "UPDATE audit_entry SET leaf_hash = $1 WHERE institution_id = $2 AND sequence = $3",
            )
            .bind::<Binary, _>(leaf.to_vec())
            .bind::<Binary, _>(self.institution.as_bytes().to_vec())
            .bind::<BigInt, _>(sequence)
            .execute(&mut self.connection);
            assert_eq!(anew.unwrap(), 1);
        }
        self.keep_head(&leaves);
    }

    /// Has the service go on behind the tree of these leaves.
    fn keep_head(&mut self, leaves: &[Hash]) {
        let mut tree = Frontier::default();
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        let kept = sql_query("UPDATE audit_tree SET size = $1, frontier = $2 WHERE institution_id = $3")
            .bind::<BigInt, _>(i64::try_from(tree.size()).unwrap())
            .bind::<Binary, _>(tree.to_bytes())
            .bind::<Binary, _>(self.institution.as_bytes().to_vec())
            .execute(&mut self.connection);
        assert_eq!(kept.unwrap(), 1);
    }

    /// Ends the body of an entry, as the service does after two years.
    pub fn end_body(&mut self, sequence: i64) {
        self.run(
            "UPDATE audit_entry SET occurred_at = NULL, actor_kind = NULL, actor_id = NULL, session_id = NULL, \
             address = NULL, trace_id = NULL, span_id = NULL, activity = NULL, operation = NULL, objects = NULL, \
             outcome = NULL, change_digest = NULL, detail = NULL WHERE institution_id = $1 AND sequence = $2",
            sequence,
        );
    }

    /// Has the service forget what it signed of more than so many entries.
    pub fn forget_checkpoints_beyond(&mut self, size: i64) {
        self.run("DELETE FROM audit_checkpoint WHERE institution_id = $1 AND size > $2", size);
    }

    /// Has the service forget what it signed.
    pub fn forget_checkpoints(&mut self) {
        for table in ["audit_checkpoint", "audit_tile"] {
            sql_query(format!("DELETE FROM {table} WHERE institution_id = $1"))
                .bind::<Binary, _>(self.institution.as_bytes().to_vec())
                .execute(&mut self.connection)
                .unwrap();
        }
    }
}
