use std::sync::Arc;

use diesel::connection::SimpleConnection;
use groeilijn_domain::access::principal::Principal;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{Object, ObjectKind, Outcome};
use tempfile::TempDir;

use super::*;
use crate::audit::context::{AuditContext, TraceContext};
use crate::audit::pending::PendingEntry;
use crate::audit::query::{EntryFilter, find};
use crate::audit::tree::Trees;
use crate::database::migrations::Schema;
use crate::database::url::DatabaseUrl;
use crate::environment::testing::environment;

/// A log on SQLite, in which each head is stored at once.
struct Log {
    connection: AnyConnection,
    institution: InstitutionId,
    /// What each entry names.
    named: Vec<Vec<Object>>,
    _folder: TempDir,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("data"));
        url.create().unwrap();
        let mut connection = url.connect().unwrap();
        Schema::Data.migrate(&mut connection).unwrap();
        let institution = InstitutionId::from_uuid(Uuid::from_u128(7));
        Self { connection, institution, named: Vec::new(), _folder: folder }
    }

    /// Appends entries that name so many groups and pupils, the first ones, with a writer that knows nothing yet.
    fn append(&mut self, counts: &[(u128, u128)]) {
        let context = Arc::new(AuditContext {
            actor: Principal::Service { institution: None },
            session: None,
            support: None,
            address: String::new(),
            trace: TraceContext { trace_id: [0; 16], span_id: [0; 8] },
            operation: "test",
            activity: ProcessingActivity::FollowDevelopment,
        });
        let mut entries = Vec::new();
        for (groups, pupils) in counts {
            let of = |kind, count| (0..count).map(move |number| (kind, Uuid::from_u128(number)));
            let objects: Vec<Object> =
                of(ObjectKind::Group, *groups).chain(of(ObjectKind::Pupil, *pupils)).collect();
            let entry = PendingEntry::new(
                self.institution,
                None,
                Arc::clone(&context),
                objects.clone(),
                Outcome::Success,
            );
            entries.push(entry);
            self.named.push(objects);
        }
        Trees::new(1).append(&mut self.connection, &entries, &environment()).unwrap();
    }

    /// What the index has.
    fn index(&mut self) -> Vec<Row> {
        let rows: Vec<(i64, i32, Uuid, i64)> = query::RunQuery::load(
            audit_object::table
                .filter(audit_object::institution_id.is(self.institution))
                .order((
                    audit_object::block,
                    audit_object::kind,
                    audit_object::object_id,
                    audit_object::sequence,
                ))
                .select((
                    audit_object::block,
                    audit_object::kind,
                    audit_object::object_id,
                    audit_object::sequence,
                )),
            &mut self.connection,
        )
        .unwrap();
        let row = |(block, kind, object, sequence)| Row { block, kind, object, sequence };
        rows.into_iter().map(row).collect()
    }

    /// What the index has when it has so many entries.
    fn expected(&self, entries: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        for (sequence, objects) in self.named.iter().take(entries).enumerate() {
            let sequence = i64::try_from(sequence).unwrap();
            rows.extend(objects.iter().map(|(kind, object)| Row {
                block: sequence / 256,
                kind: i32::from(*kind as u8),
                object: *object,
                sequence,
            }));
        }
        rows.sort_unstable();
        rows
    }

    /// The entries that name an object, the newest first, asked for a few at a time.
    fn naming(&mut self, object: Object) -> Vec<u64> {
        let filter = EntryFilter { objects: vec![object], ..EntryFilter::default() };
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let found = find(&mut self.connection, self.institution, &filter, before, 7).unwrap();
            assert_eq!(found.stopped_at, None);
            let Some(last) = found.entries.last() else { return all };
            before = Some(last.sequence);
            all.extend(found.entries.iter().map(|entry| entry.sequence));
        }
    }

    fn assert_that_all_are_found(&mut self) {
        for object in [(ObjectKind::Group, 0), (ObjectKind::Pupil, 0), (ObjectKind::Pupil, 40)] {
            let object = (object.0, Uuid::from_u128(object.1));
            let mut expected: Vec<u64> = (0..)
                .zip(&self.named)
                .filter(|(_, named)| named.contains(&object))
                .map(|(at, _)| at)
                .collect();
            expected.reverse();
            assert_eq!(self.naming(object), expected);
        }
    }

    fn run(&mut self, statements: &str) {
        self.connection.batch_execute(statements).unwrap();
    }
}

/// So many entries, of which some name nothing and some a hundred children.
fn counts(entries: usize) -> Vec<(u128, u128)> {
    [(0, 1), (1, 33), (0, 0), (1, 31), (0, 100), (30, 51), (0, 64)]
        .into_iter()
        .cycle()
        .take(entries)
        .collect()
}

#[test]
fn c089_an_object_is_found_in_each_entry_that_names_it_however_far_the_index_is() {
    let mut log = Log::new();
    for (entries, indexed) in [(63, 0), (1, 64), (3, 64), (300, 320), (60, 427), (250, 677)] {
        log.append(&counts(entries));
        assert_eq!(log.index(), log.expected(indexed));
        log.assert_that_all_are_found();
    }
}

#[test]
fn what_an_older_program_entered_is_entered_once() {
    let mut log = Log::new();
    log.append(&counts(5));
    // It knows of no index that follows, and enters what it appends.
    extend(&mut log.connection, log.institution, 0..5).unwrap();
    log.run("DROP TRIGGER audit_tree_grows; UPDATE audit_tree SET indexed = NULL");
    log.assert_that_all_are_found();
    log.append(&counts(70));
    assert_eq!(log.index(), log.expected(75));
    extend(&mut log.connection, log.institution, 60..75).unwrap();
    assert_eq!(log.index(), log.expected(75));
    log.append(&counts(40));
    assert_eq!(log.index(), log.expected(75));
    log.assert_that_all_are_found();
}

#[test]
fn very_many_entries_follow_bit_by_bit() {
    let mut log = Log::new();
    log.append(&counts(1));
    log.append(&counts(600));
    assert_eq!(log.index(), log.expected(256));
    log.assert_that_all_are_found();
    log.append(&counts(1));
    assert_eq!(log.index(), log.expected(512));
    log.append(&counts(1));
    assert_eq!(log.index(), log.expected(603));
    log.append(&counts(1));
    assert_eq!(log.index(), log.expected(603));
    log.assert_that_all_are_found();
}
