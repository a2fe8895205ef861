//! The second wall between institutions: on PostgreSQL a connection sees the rows of the one institution that it
//! has named, and none before (C001).

use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::disclosure::{disclose, review};
use groeilijn_tests::incident::{reach, report};
use groeilijn_tests::support::ask_about;
use groeilijn_tests::webhook::webhook_endpoint;
use groeilijn_tests::{School, Server};
use serde_json::json;
use uuid::Uuid;

use crate::children::imports::{EDEXML, XML, take_over};
use crate::policy::{additional_group_of, follow_up_of, planned_destruction, recovery_of, transition_of};

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    own: i64,
    #[diesel(sql_type = BigInt)]
    all: i64,
}

/// The tables whose rows belong to one institution, and are of nobody's business elsewhere.
fn tables(connection: &mut AnyConnection) -> Vec<String> {
    let query = "SELECT table_name::text AS name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) \
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name = 'institution_id' \
        AND table_name NOT IN ('api_token', 'audit_confirmation', 'audit_stage', 'coupling', 'destruction', 'destruction_confirmation', 'evidence_record', 'forced_processing', 'incident', 'institution_domain', \
        'institution_ending', 'invitation', 'job', 'key_end', 'letter', 'licence', \
        'membership', 'security_event', 'session', 'subprocessor_objection', 'support_consent', 'support_request', \
        'support_session', 'transfer_consent', 'webhook_delivery') ORDER BY name";
    sql_query(query).load::<Table>(connection).unwrap().into_iter().map(|table| table.name).collect()
}

fn rows(connection: &mut AnyConnection, table: &str, institution: &[u8]) -> Rows {
    let query =
        format!("SELECT count(*) FILTER (WHERE institution_id = $1) AS own, count(*) AS all FROM {table}");
    sql_query(query).bind::<Binary, _>(institution.to_vec()).get_result(connection).unwrap()
}

fn name_institution(connection: &mut AnyConnection, institution: &str) {
    sql_query("SELECT set_config('groeilijn.institution', $1, false)")
        .bind::<Text, _>(institution)
        .execute(connection)
        .unwrap();
}

/// Enters something in every table.
fn fill(server: &Server, school: &School) {
    recovery_of(server, school);
    let location = school.admin.post("/v1/locations", &json!({"name": "Noord"})).expect(201).id();
    let manager = school.member(Function::Management, &[]).id;
    let limited = json!({"locations": [{"locationId": location}], "reason": "Leidt deze locatie."});
    school.admin.change(&format!("/v1/users/{manager}"), &limited).expect(200);
    take_over(&school.admin, XML, EDEXML);
    let pupil = school.admin.get("/v1/pupils?limit=1").expect(200).items()[0].clone();
    let (id, group) = (pupil["id"].as_str().unwrap(), pupil["groupId"].as_str().unwrap());
    let writer = school.member(Function::InternBegeleider, &[group]).client;
    let placement = school.admin.list(&format!("/v1/pupils/{id}/placements"))[0]["id"].clone();
    let ends = json!({"endedOn": "2027-06-01", "reason": "Verkeerd ingevoerd."});
    let placement = format!("/v1/placements/{}", placement.as_str().unwrap());
    school.admin.change(&placement, &ends).expect(200);
    additional_group_of(school, id);
    transition_of(school);
    let note =
        writer.post(&format!("/v1/pupils/{id}/notes"), &json!({"text": "Waarneming"})).expect(201).id();
    writer.change(&format!("/v1/notes/{note}"), &json!({"text": "Andere waarneming"})).expect(200);
    writer.change(&format!("/v1/pupils/{id}"), &json!({"birthDate": "2021-01-02"})).expect(200);
    ask_about(school, &json!({"pupilIds": [id]}));
    planned_destruction(school);
    let law = json!({"kind": "at-least", "months": 12, "provision": "Een verzonnen bepaling."});
    school.admin.change("/v1/retention/policy", &json!({"statutoryTerms": [law]})).expect(200);
    let held = json!({"reason": "Bezwaar loopt nog.", "reviewDay": "2027-06-01"});
    school.admin.post(&format!("/v1/pupils/{id}/holds"), &held).expect(201);
    webhook_endpoint(server, school);
    let incident = report(&school.admin);
    reach(&school.admin, &incident, "registered").expect(201);
    review(school);
    disclose(school);
    let framework = writer.get("/v1/frameworks").expect(200).items()[0]["id"].clone();
    writer.post(&format!("/v1/pupils/{id}/registrations"), &json!({"frameworkId": framework})).expect(201);
    follow_up_of(&writer, id);
    let goal = json!({
        "line": "play", "firstDay": "2026-11-01", "lastDay": "2027-01-31", "text": "Doel", "pupilIds": [id],
    });
    let goal = writer.post(&format!("/v1/groups/{group}/goals"), &goal).expect(201).id();
    writer.post(&format!("/v1/goals/{goal}/offers"), &json!({"text": "Aanbod"})).expect(201);
    // So many entries in the log that its index has some.
    (0..64).for_each(|_| drop(writer.get("/v1/pupils").expect(200)));
}

/// Enters what is signed of a log, as it is after a minute, and of a log with more entries than these.
fn sign(everything: &mut AnyConnection, institution: &str) {
    for statement in [
        "INSERT INTO audit_checkpoint (institution_id, size, root, signed_at, note) VALUES ($1, 1, $1, 0, '')",
        "INSERT INTO audit_cosignature (institution_id, size, witness, cosigned_at, line) VALUES ($1, 1, 'w', 0, '')",
        "INSERT INTO audit_witness (institution_id, witness, size, attempts, due_at, lease_until) VALUES ($1, 'w', 0, 0, 0, 0)",
        "INSERT INTO audit_tile (institution_id, level, number, root) VALUES ($1, 0, 0, $1)",
    ] {
        let id = Uuid::parse_str(institution).unwrap().as_bytes().to_vec();
        sql_query(statement).bind::<Binary, _>(id).execute(everything).unwrap();
    }
}

fn c001_a_connection_sees_the_rows_of_the_institution_it_has_named_and_no_others(server: &mut Server) {
    let [one, other] = [server.school(), server.school()];
    [&one, &other].into_iter().for_each(|school| fill(server, school));
    let mut everything = server.raw_data();
    [&one, &other].into_iter().for_each(|school| sign(&mut everything, &school.id));
    let mut service = server.installation().service_data();
    let tables = tables(&mut everything);
    assert!(tables.len() >= 12, "{tables:?}");
    let ids = [&one, &other].map(|school| Uuid::parse_str(&school.id).unwrap());
    for table in &tables {
        let [first, second] = ids.map(|id| rows(&mut everything, table, id.as_bytes()).own);
        assert!(first > 0 && second > 0, "{table} is empty, so this proves nothing of it");
        for nobody in ["", "00000000000000000000000000000001"] {
            name_institution(&mut service, nobody);
            assert_eq!(rows(&mut service, table, ids[0].as_bytes()).all, 0, "{table}");
        }
        for (id, count) in ids.into_iter().zip([first, second]) {
            name_institution(&mut service, &id.simple().to_string());
            let seen = rows(&mut service, table, id.as_bytes());
            assert_eq!((seen.own, seen.all), (count, count), "{table}");
        }
    }
    let mut unnamed = server.installation().service_data();
    assert!(tables.iter().all(|table| rows(&mut unnamed, table, ids[0].as_bytes()).all == 0));
}

fn c001_no_row_is_written_for_another_institution_than_the_one_named(server: &mut Server) {
    let [one, other] = [server.school(), server.school()];
    let group = one.group("De Rupsen");
    let mut service = server.installation().service_data();
    let [own, foreign] = [&one, &other].map(|school| Uuid::parse_str(&school.id).unwrap());
    name_institution(&mut service, &foreign.simple().to_string());
    for statement in ["UPDATE groups SET revision = 99", "DELETE FROM groups"] {
        assert_eq!(sql_query(statement).execute(&mut service).unwrap(), 0);
    }
    name_institution(&mut service, &own.simple().to_string());
    let moved =
        sql_query("UPDATE groups SET institution_id = $1").bind::<Binary, _>(foreign.as_bytes().to_vec());
    let refused = moved.execute(&mut service).unwrap_err().to_string();
    assert!(refused.contains("row-level security"), "{refused}");
    assert_eq!(one.admin.get(&format!("/v1/groups/{group}")).expect(200).json()["name"], "De Rupsen");
}

mod postgres {
    use groeilijn_tests::{Database, Server};

    #[test]
    fn c001_a_connection_sees_the_rows_of_the_institution_it_has_named_and_no_others() {
        Server::run(
            Database::Postgres,
            super::c001_a_connection_sees_the_rows_of_the_institution_it_has_named_and_no_others,
        );
    }

    #[test]
    fn c001_no_row_is_written_for_another_institution_than_the_one_named() {
        Server::run(
            Database::Postgres,
            super::c001_no_row_is_written_for_another_institution_than_the_one_named,
        );
    }
}
