//! What is only added to: the databases themselves refuse the role that serves to change it or take it away.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, AuditEntry, ObjectKind, Outcome, encode_objects};
use groeilijn_domain::audit::merkle::Frontier;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::audit::AuditLog;
use groeilijn_tests::disclosure::{disclose, review};
use groeilijn_tests::incident::{reach, report};
use groeilijn_tests::postgres::{APPLICATION, OWNER, SUPERUSER, cluster};
use groeilijn_tests::{Class, Database, Installation, Server, both_databases};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::checkpoints::checkpointed;
use crate::program::{Program, command, refusal};
use crate::retention::destroying::mark_destroying;

/// Everything that an entry says, in the order of the table.
const BODY: &str = "occurred_at = NULL, actor_kind = NULL, actor_id = NULL, session_id = NULL, address = NULL, \
    trace_id = NULL, span_id = NULL, activity = NULL, operation = NULL, objects = NULL, outcome = NULL, \
    change_digest = NULL, detail = NULL";

/// What whoever serves might try against what is only added to.
const ATTEMPTS: &[&str] = &[
    "UPDATE audit_entry SET operation = 'nothing'",
    "UPDATE audit_entry SET actor_id = NULL",
    "UPDATE audit_entry SET sequence = sequence + 1000000",
    "UPDATE audit_entry SET leaf_hash = trace_id",
    "UPDATE audit_entry SET occurred_at = 0",
    "DELETE FROM audit_entry",
    "UPDATE audit_object SET sequence = sequence + 1000000",
    "DELETE FROM audit_object",
    "UPDATE audit_tree SET size = size - 1",
    "UPDATE audit_tree SET last_at = last_at - 1",
    "UPDATE audit_tree SET indexed = indexed - 1",
    "UPDATE audit_tree SET indexed = size + 1",
    "UPDATE audit_tree SET indexed = NULL",
    "DELETE FROM audit_tree",
    "UPDATE registration_version SET judgements = reason WHERE state = 'final'",
    "UPDATE registration_version SET state = 'draft' WHERE state = 'final'",
    "DELETE FROM registration_version WHERE state = 'final'",
    "UPDATE registration SET final_version = NULL WHERE final_version IS NOT NULL",
    "UPDATE registration SET registered_on = '2020-01-01' WHERE final_version IS NOT NULL",
    "DELETE FROM registration WHERE final_version IS NOT NULL",
    "UPDATE registration SET withdrawn_at = NULL WHERE withdrawn_at IS NOT NULL",
    "UPDATE registration SET draft_version = 2 WHERE withdrawn_at IS NOT NULL",
    "UPDATE note SET text = lines WHERE withdrawn_at IS NOT NULL",
    "UPDATE right_change SET changed_at = 0",
    "DELETE FROM right_change",
    "UPDATE staff_right_change SET changed_at = 0",
    "DELETE FROM staff_right_change",
    "UPDATE audit_checkpoint SET size = size + 1",
    "DELETE FROM audit_checkpoint",
    "UPDATE audit_tile SET root = institution_id",
    "DELETE FROM audit_tile",
    "UPDATE audit_log_key SET because = 'rotation'",
    "DELETE FROM audit_log_key",
    "UPDATE incident SET known_at = known_at + 1",
    "DELETE FROM incident",
    "UPDATE incident_record SET code = NULL",
    "DELETE FROM incident_record",
    "UPDATE log_review SET next_due_on = '2030-01-01'",
    "DELETE FROM log_review",
    "UPDATE disclosure SET ground = 'controller-order'",
    "DELETE FROM disclosure",
];

/// What only the database in question knows.
const ON_SQLITE: &[&str] = &[
    "REPLACE INTO audit_entry SELECT * FROM audit_entry",
    "UPDATE OR REPLACE audit_entry SET sequence = sequence + 1",
    "REPLACE INTO audit_checkpoint SELECT * FROM audit_checkpoint",
    "REPLACE INTO audit_tile SELECT * FROM audit_tile",
    "REPLACE INTO audit_log_key SELECT * FROM audit_log_key",
    "REPLACE INTO registration_version SELECT * FROM registration_version WHERE state = 'final'",
    "REPLACE INTO right_change SELECT * FROM right_change",
    "REPLACE INTO incident SELECT * FROM incident",
    "REPLACE INTO incident_record SELECT * FROM incident_record",
    "REPLACE INTO log_review SELECT * FROM log_review",
    "REPLACE INTO disclosure SELECT * FROM disclosure",
];
const ON_POSTGRES: &[&str] = &[
    "TRUNCATE audit_entry",
    "TRUNCATE audit_object",
    "TRUNCATE right_change",
    "TRUNCATE audit_checkpoint",
    "TRUNCATE audit_tile",
    "TRUNCATE audit_log_key",
    "TRUNCATE log_review",
    "TRUNCATE disclosure",
    "TRUNCATE registration_version",
    "TRUNCATE incident_record",
    "TRUNCATE incident CASCADE",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "ALTER TABLE audit_entry NO FORCE ROW LEVEL SECURITY",
    "DROP TRIGGER audit_entry_kept ON audit_entry",
    "DROP TABLE audit_entry",
    "CREATE TABLE notes (text TEXT)",
    "CREATE TABLE public.notes (text TEXT)",
    "SET session_replication_role = replica",
    "SET ROLE groeilijn_owner",
    "INSERT INTO __diesel_schema_migrations (version) VALUES ('99')",
];

/// Names the institution whose rows a connection sees; an embedded database shows all.
fn enter(connection: &mut AnyConnection, institution: Uuid) {
    if matches!(connection, AnyConnection::Postgres(_)) {
        sql_query("SELECT set_config('groeilijn.institution', $1, false)")
            .bind::<Text, _>(institution.simple().to_string())
            .execute(connection)
            .unwrap();
    }
}

/// A class with a final registration, a change of rights and an incident.
fn furnish(server: &Server) -> Class {
    let class = server.class();
    // Who is entered for the processor stands in a register of rights too.
    server.new_staff(ProcessorFunction::Marketing);
    let path = format!("/v1/pupils/{}/registrations", class.pupil);
    let judgements = json!({"scales": {"involvement": 4}});
    let body = json!({"frameworkId": class.framework, "judgements": judgements});
    let registration = class.teacher.client.post(&path, &body).expect(201).id();
    class
        .teacher
        .client
        .call("POST", &format!("/v1/registrations/{registration}/_finalise"))
        .header("If-Match", "*")
        .send()
        .expect(200);
    let withdrawn = json!({"reason": "Bij het verkeerde kind."});
    let note = class.note(&class.pupil, "2026-11-20", &[]);
    for wrong in [format!("/v1/registrations/{registration}"), format!("/v1/notes/{note}")] {
        let call = class.teacher.client.call("POST", &format!("{wrong}/_withdraw")).header("If-Match", "*");
        call.json(&withdrawn).send().expect(200);
    }
    let change = json!({"function": "intern-begeleider", "groupIds": [], "reason": "Andere taak."});
    class.school.admin.change(&format!("/v1/users/{}", class.teacher.id), &change).expect(200);
    // So many entries that a tile of them is whole, and what is signed then.
    (0..256).for_each(|_| drop(class.school.admin.get("/v1/pupils").expect(200)));
    checkpointed(server, &class.school.admin);
    let incident = report(&class.school.admin);
    reach(&class.school.admin, &incident, "registered").expect(201);
    review(&class.school);
    disclose(&class.school);
    class
}

#[derive(QueryableByName, PartialEq, Debug)]
struct Indexed {
    #[diesel(sql_type = BigInt)]
    block: i64,
    #[diesel(sql_type = BigInt)]
    sequence: i64,
}

fn entries_of(connection: &mut AnyConnection, institution: &str, kind: ObjectKind, id: &str) -> Vec<Indexed> {
    let bytes = |id: &str| Uuid::parse_str(id).unwrap().as_bytes().to_vec();
    sql_query(format!(
        "SELECT block, sequence FROM audit_object WHERE institution_id = $1 AND kind = {} AND object_id = $2 \
         ORDER BY sequence",
        kind as u8
    ))
    .bind::<Binary, _>(bytes(institution))
    .bind::<Binary, _>(bytes(id))
    .load(connection)
    .unwrap()
}

/// How many entries of an institution's log the index has.
fn indexed_until(connection: &mut AnyConnection, institution: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Tree {
        #[diesel(sql_type = BigInt)]
        indexed: i64,
    }
    let id = Uuid::parse_str(institution).unwrap().as_bytes().to_vec();
    let tree = sql_query("SELECT indexed FROM audit_tree WHERE institution_id = $1").bind::<Binary, _>(id);
    tree.get_result::<Tree>(connection).unwrap().indexed
}

/// An entry of long ago in a log of its own, with its tree.
fn enter_old_entry(connection: &mut AnyConnection, institution: Uuid) {
    let objects = [(ObjectKind::Pupil, Uuid::from_u128(7))];
    let entry = AuditEntry {
        sequence: 0,
        occurred_at: Timestamp::UNIX_EPOCH,
        institution: InstitutionId::from_uuid(institution),
        actor_kind: ActorKind::System,
        actor: None,
        session: None,
        address: None,
        trace_id: [1; 16],
        span_id: [2; 8],
        activity: ProcessingActivity::OperateService,
        operation: "old",
        objects: &objects,
        outcome: Outcome::Success,
        change_digest: None,
        detail: None,
    };
    let mut stored = Vec::new();
    encode_objects(&objects, &mut stored);
    let blob = |bytes: &[u8], database: &AnyConnection| match database {
        AnyConnection::Sqlite(_) => format!("x'{}'", hex::encode(bytes)),
        AnyConnection::Postgres(_) => format!("decode('{}', 'hex')", hex::encode(bytes)),
    };
    let mut frontier = Frontier::default();
    frontier.push(entry.leaf_hash());
    let id = blob(institution.as_bytes(), connection);
    let statements = format!(
        "INSERT INTO audit_tree (institution_id, size, frontier, last_at) VALUES ({id}, 1, {}, 0); \
         INSERT INTO audit_entry (institution_id, sequence, occurred_at, actor_kind, trace_id, span_id, activity, \
         operation, objects, outcome, leaf_hash) VALUES ({id}, 0, 0, 'system', {}, {}, '{}', 'old', {}, 'success', {}); \
         INSERT INTO audit_object (institution_id, block, kind, object_id, sequence) VALUES ({id}, 0, 4, {}, 0);",
        blob(&frontier.to_bytes(), connection),
        blob(&[1; 16], connection),
        blob(&[2; 8], connection),
        ProcessingActivity::OperateService.code(),
        blob(&stored, connection),
        blob(&entry.leaf_hash(), connection),
        blob(Uuid::from_u128(7).as_bytes(), connection),
    );
    connection.batch_execute(&statements).unwrap();
}

both_databases! {
    fn c070_c089_what_is_only_added_to_is_never_changed_by_the_role_that_serves(server: Server) {
        let class = furnish(server);
        let school = Uuid::parse_str(&class.school.id).unwrap();
        let before = server.audit_log(&class.school.id);
        let database = server.installation().database();
        let mut connection = server.installation().service_data();
        enter(&mut connection, school);
        let others = match database {
            Database::Sqlite => ON_SQLITE,
            Database::Postgres => ON_POSTGRES,
        };
        let whole = format!("UPDATE audit_entry SET {BODY}");
        for attempt in ATTEMPTS.iter().chain(others).copied().chain([whole.as_str()]) {
            let done = connection.batch_execute(attempt);
            assert!(done.is_err(), "{attempt}");
        }
        drop(connection);
        let after = server.audit_log(&class.school.id);
        after.check();
        assert!(before.added(&after).is_empty());
        assert!(!entries_of(&mut server.raw_data(), &class.school.id, ObjectKind::Pupil, &class.pupil).is_empty());
        let registrations = class.school.admin.get(&format!("/v1/users/{}/right-changes", class.teacher.id));
        assert!(!registrations.expect(200).items().is_empty());
    }

    fn c070_a_final_registration_goes_with_a_child_that_is_being_destroyed_and_never_changes(server: Server) {
        let class = server.class();
        let school = Uuid::parse_str(&class.school.id).unwrap();
        let other = class.child("Sem", "2022-05-04");
        let scales = json!({"scales": {"involvement": 3}});
        let [own, others] = [&class.pupil, &other].map(|pupil| class.register(pupil, "2026-11-20", &scales));
        mark_destroying(server, &class.pupil);
        let mut connection = server.installation().service_data();
        enter(&mut connection, school);
        let mut run = |statement: &str, registration: &str| {
            let id = Uuid::parse_str(registration).unwrap().as_bytes().to_vec();
            sql_query(statement).bind::<Binary, _>(id).execute(&mut connection)
        };
        for refused in [
            "UPDATE registration_version SET judgements = reason WHERE registration_id = $1",
            "UPDATE registration SET final_version = NULL WHERE id = $1",
        ] {
            assert!(run(refused, &own).is_err(), "{refused}");
        }
        for of_child in [
            "DELETE FROM registration_version WHERE registration_id = $1",
            "DELETE FROM registration WHERE id = $1",
        ] {
            assert!(run(of_child, &others).is_err(), "{of_child}");
            assert_eq!(run(of_child, &own), Ok(1), "{of_child}");
        }
        class.teacher.client.get(&format!("/v1/registrations/{others}")).expect(200);
    }

    fn c089_a_body_ends_as_a_whole_after_two_years_and_the_tree_still_verifies(server: Server) {
        let institution = Uuid::from_u128(0xabc);
        let mut connection = server.installation().service_data();
        enter(&mut connection, institution);
        enter_old_entry(&mut connection, institution);
        AuditLog::read(&mut server.raw_data(), institution).check();
        for attempt in [
            "UPDATE audit_entry SET address = NULL, detail = NULL, actor_id = NULL WHERE operation = 'old'",
            "UPDATE audit_entry SET operation = 'new' WHERE operation = 'old'",
            "DELETE FROM audit_entry WHERE operation = 'old'",
            "DELETE FROM audit_object WHERE kind = 4 AND sequence = 0",
        ] {
            assert!(connection.batch_execute(attempt).is_err(), "{attempt}");
        }
        let ended = sql_query(format!("UPDATE audit_entry SET {BODY} WHERE operation = 'old'"));
        assert_eq!(ended.execute(&mut connection).unwrap(), 1);
        let own = match connection {
            AnyConnection::Sqlite(_) => format!("institution_id = x'{}'", institution.simple()),
            AnyConnection::Postgres(_) => "sequence = 0".to_owned(),
        };
        let unindexed = sql_query(format!("DELETE FROM audit_object WHERE {own}"));
        assert_eq!(unindexed.execute(&mut connection).unwrap(), 1);
        let log = AuditLog::read(&mut server.raw_data(), institution);
        log.check();
        let body_again = sql_query(format!("UPDATE audit_entry SET operation = 'old' WHERE {own}"));
        assert!(body_again.execute(&mut connection).is_err());
    }

    fn c089_the_index_names_the_entries_of_each_object(server: Server) {
        let class = furnish(server);
        let (school, admin) = (&class.school.id, &class.school.admin);
        admin.get("/v1/pupils").expect(200);
        let group = admin.get(&format!("/v1/groups/{}/overview", class.group));
        drop(group);
        let log = server.audit_log(school);
        let mut connection = server.raw_data();
        let until = indexed_until(&mut connection, school);
        assert!(usize::try_from(until).unwrap() > log.entries().len() - 64);
        let objects = [
            (ObjectKind::Pupil, &class.pupil),
            (ObjectKind::User, &class.teacher.id),
            (ObjectKind::Group, &class.group),
            (ObjectKind::Institution, school),
        ];
        for (kind, id) in objects {
            let named = (0_i64..).zip(log.entries());
            let named =
                named.filter(|(at, entry)| *at < until && entry.objects.contains(&(kind, id.clone())));
            let expected: Vec<_> =
                named.map(|(sequence, _)| Indexed { block: sequence / 256, sequence }).collect();
            assert!(!expected.is_empty(), "{kind:?}");
            let mut indexed = entries_of(&mut connection, school, kind, id);
            // Letters are sent in their own time, perhaps since it was asked how far the index is.
            indexed.retain(|row| row.sequence < until);
            assert_eq!(indexed, expected, "{kind:?}");
        }
        assert!(entries_of(&mut connection, school, ObjectKind::Note, &class.pupil).is_empty());
    }
}

/// The address of the same database for another role.
fn as_role(url: &str, role: &str) -> String {
    let (start, _) = url.rsplit_once("user=").unwrap();
    format!("{start}user={role}")
}

#[test]
fn c001_serve_refuses_to_start_as_superuser_past_row_level_security_or_as_owner() {
    Installation::run(Database::Postgres, |installation| {
        let cluster = cluster().unwrap();
        for (role, options) in [("passing_walls", "BYPASSRLS"), ("becoming_owner", "IN ROLE groeilijn_owner")]
        {
            cluster.make_role(role, options);
        }
        let settings = installation.settings();
        for role in [SUPERUSER, OWNER, "passing_walls", "becoming_owner"] {
            for (setting, variable, url) in [
                ("database.url", "GROEILIJN_DATABASE__URL", &settings.database.url),
                ("keys.url", "GROEILIJN_KEYS__URL", &settings.keys.url),
            ] {
                let output = command(installation, &["serve"]).env(variable, as_role(url, role)).output();
                let refused = refusal(output.unwrap());
                assert!(
                    refused.contains(setting) && refused.contains("groeilijn migrate"),
                    "{role}: {refused}"
                );
            }
        }
        assert!(settings.database.url.ends_with(APPLICATION));
        Program::serve(installation).kill();
    });
}

#[test]
fn migrate_names_a_role_that_is_missing_and_refuses_to_run_as_the_one_that_serves() {
    Installation::run(Database::Postgres, |installation| {
        let serve_role = "GROEILIJN_DATABASE__SERVE_ROLE";
        for (role, says) in [("nobody_at_all", "no role nobody_at_all"), (OWNER, "as their owner")] {
            let output = command(installation, &["migrate"]).env(serve_role, role).output();
            let refused = refusal(output.unwrap());
            assert!(refused.contains("database.serve_role") && refused.contains(says), "{refused}");
        }
    });
}
