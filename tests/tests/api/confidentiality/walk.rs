//! A walk through everything that is sealed: whatever is altered, moved or loses its key, lists answer with the rest.
//!
//! What is sealed is found in the database itself: a value that names a key of the key store, whatever table it is in. So a
//! new table is walked through without being named here.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::audit::checkpoints::checkpointed;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::support::{ConsentKind, SupportKind};
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::disclosure::{disclose, review};
use groeilijn_tests::incident::{reach, report};
use groeilijn_tests::instruction::{decline, instruct, processor_contact};
use groeilijn_tests::openapi::served;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_group;
use groeilijn_tests::subprocessor::{subprocessor, to_be_confirmed};
use groeilijn_tests::support::{
    allow, approval, ask_about, begin, code_of, coupling, request_for_case, request_with,
};
use groeilijn_tests::webhook::{webhook_delivery, webhook_endpoint};
use groeilijn_tests::{Class, Client, Database, Server, both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::children::imports::{CSV, send, take_over};
use crate::evidence::audits::ask_for_audit;
use crate::evidence::records::evidence_of;
use crate::policy::{
    additional_group_of, new_follow_up, planned_destruction, propose_profile, publish_document, recovery_of,
    transition_of,
};

/// How many values of one column are altered, one after the other.
const MOST: usize = 5;

/// Values that no list opens, each asked for by itself: what is altered in them is not counted.
const IN_NO_LIST: [&str; 12] = [
    "audit_entry.address",
    "audit_entry.detail",
    "idempotency.body",
    "incident_record.content",
    "letter.content",
    "licence_holder.address",
    "licence_holder.email",
    "licence_holder.name",
    "pupil.destination",
    "second_factor.secret",
    "support_session.free_text_reason",
    "webhook_endpoint.secret",
];

const TABLE: &[u8] = b"leerlingnummer;voornaam;achternaam;geboortedatum;groep;kleur\n\
    1;Mees;Fantasie;14-03-2022;Groep 2;rood\n2;Lotte;Fantasie;;Groep 2;blauw\n";

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Binary)]
    value: Vec<u8>,
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
}

#[derive(QueryableByName)]
struct Owner {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn bytes(id: &str) -> Vec<u8> {
    Uuid::parse_str(id).unwrap().into_bytes().to_vec()
}

/// The data, to be changed behind the back of the service: nothing there refuses to be altered.
struct Raw(AnyConnection);

impl Raw {
    fn of(server: &Server) -> Self {
        let mut connection = server.raw_data();
        match server.installation().database() {
            Database::Postgres => connection.batch_execute("SET session_replication_role = replica").unwrap(),
            Database::Sqlite => {
                let triggers = sql_query("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
                for trigger in triggers.load::<Name>(&mut connection).unwrap() {
                    connection.batch_execute(&format!("DROP TRIGGER {}", trigger.name)).unwrap();
                }
            }
        }
        Self(connection)
    }

    /// Every column that can hold a sealed value.
    fn columns(&mut self, database: Database) -> Vec<Column> {
        let query = match database {
            Database::Sqlite => {
                "SELECT t.name AS table_name, c.name AS column_name \
                 FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.type = 'BLOB' ORDER BY 1, 2"
            }
            Database::Postgres => {
                "SELECT table_name::text, column_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND data_type = 'bytea' ORDER BY 1, 2"
            }
        };
        sql_query(query).load(&mut self.0).unwrap()
    }

    /// The values in a column, apart from those in a row with one of these ids.
    fn values(&mut self, column: &Column, has_id: bool, apart: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let Column { table_name, column_name } = column;
        let id = if has_id { "id" } else { column_name };
        let query = format!(
            "SELECT \"{column_name}\" AS value, \"{id}\" AS id FROM \"{table_name}\" \
             WHERE \"{column_name}\" IS NOT NULL"
        );
        let found: Vec<Stored> = sql_query(query).load(&mut self.0).unwrap();
        found.into_iter().filter(|stored| !apart.contains(&stored.id)).map(|stored| stored.value).collect()
    }

    /// Puts one value in the place of another, and the other way round.
    fn exchange(&mut self, Column { table_name, column_name }: &Column, one: &[u8], other: &[u8]) {
        let query = format!(
            "UPDATE \"{table_name}\" SET \"{column_name}\" = CASE WHEN \"{column_name}\" = $1 THEN $2 ELSE $1 END \
             WHERE \"{column_name}\" = $1 OR \"{column_name}\" = $2"
        );
        let query = sql_query(query).bind::<Binary, _>(one.to_vec()).bind::<Binary, _>(other.to_vec());
        assert!(query.execute(&mut self.0).unwrap() > 0, "{table_name}.{column_name}");
    }
}

/// Everybody who asks, each with the lists that they ask for: an operation's path, and the path itself.
struct Askers {
    clients: Vec<(Client, Vec<(&'static str, String)>)>,
    admin: Client,
    searches: Vec<(Client, &'static str)>,
    /// Ids of what is asked for by itself, and of who asks: what stands there cannot be left out of an answer.
    asked: Vec<Vec<u8>>,
}

impl Askers {
    /// The same people on the service as it runs now.
    fn on(&self, server: &Server) -> Self {
        let again = |client: &Client| server.anyone().with_token(client.token());
        Self {
            clients: self.clients.iter().map(|(client, paths)| (again(client), paths.clone())).collect(),
            admin: again(&self.admin),
            searches: self.searches.iter().map(|(client, path)| (again(client), *path)).collect(),
            asked: self.asked.clone(),
        }
    }

    /// Asks for every list; each answers, and how many items each has is given.
    fn ask(&self, what: &str) -> BTreeMap<String, usize> {
        // Something is written, be it only that it was denied: then an embedded database notices that it was changed.
        self.admin.post("/v1/institutions", &json!({})).expect(403);
        let mut found = BTreeMap::new();
        for (client, paths) in &self.clients {
            for (_, path) in paths {
                let reply = client.get(path);
                assert_eq!(reply.status, 200, "{what}: {path}: {}", String::from_utf8_lossy(&reply.body));
                let items = reply.json()["items"].as_array().map_or(1, Vec::len);
                found.insert(format!("{} {path}", client.token()), items);
            }
        }
        for (client, path) in &self.searches {
            let reply = client.post(path, &json!({"name": "Fantasie"}));
            assert_eq!(reply.status, 200, "{what}: {path}: {}", String::from_utf8_lossy(&reply.body));
        }
        found
    }

    /// Has a school file held against what there is: that reads every pupil and group.
    fn examine(&self, what: &str) {
        let reply = send(&self.admin, CSV, TABLE);
        assert!(matches!(reply.status, 201 | 409), "{what}: {}", reply.status);
    }
}

/// How often a damaged row was left out, as `/metrics` has it.
fn damaged(server: &Server) -> u64 {
    let metrics = String::from_utf8(server.anyone().get("/metrics").expect(200).body).unwrap();
    let line = metrics.lines().find_map(|line| line.strip_prefix("groeilijn_damaged_rows_total "));
    line.unwrap().parse().unwrap()
}

/// A school in which there is something of everything, twice where it can be, and everybody who asks.
fn furnish(server: &Server, class: &Class) -> Askers {
    let (school, teacher) = (&class.school, &class.teacher);
    let admin = &school.admin;
    checkpointed(server, admin);
    let daan = class.child("Daan", "2022-06-04");
    class.child("Fien", "2022-07-04");
    admin.post_once("/v1/groups", &new_group("De Vlinders"), "een-keer").expect(201);
    let notes: Vec<_> =
        [&class.pupil, &class.pupil, &daan].map(|pupil| class.note(pupil, "2026-11-20", &["play"])).into();
    for note in &notes {
        for words in ["Anders.", "Nog anders."] {
            teacher.client.change(&format!("/v1/notes/{note}"), &json!({"text": words})).expect(200);
        }
    }
    for line in ["play", "drawing"] {
        class.goal(line, &[&class.pupil, &daan]);
    }
    let attention = json!({"lines": {"play": {"attention": true}}});
    let followed_up = class.register(&class.pupil, "2026-02-10", &attention);
    let followed_up = format!("/v1/registrations/{followed_up}/follow-ups");
    for _ in 0..2 {
        teacher.client.post(&followed_up, &new_follow_up()).expect(201);
    }
    let judged = json!({"scales": {"curious-and-enterprising": 3}});
    let registered: Vec<_> =
        [(&class.pupil, "2026-02-20"), (&class.pupil, "2026-11-20"), (&daan, "2026-11-20")]
            .map(|(pupil, on)| class.register(pupil, on, &judged))
            .into();
    for id in &registered {
        let reason = json!({"reason": "Te snel ingevuld."});
        teacher.client.post(&format!("/v1/registrations/{id}/versions"), &reason).expect(201);
    }
    for (day, reason) in [("2025-10-01", "Verkeerde dag."), ("2025-10-02", "Verkeerd kind.")] {
        let registration = format!("/v1/registrations/{}", class.register(&class.pupil, day, &judged));
        let note = format!("/v1/notes/{}", class.note(&class.pupil, day, &["play"]));
        for wrong in [registration, note] {
            let call = teacher.client.call("POST", &format!("{wrong}/_withdraw")).header("If-Match", "*");
            call.json(&json!({ "reason": reason })).send().expect(200);
        }
    }
    for birth_date in ["2022-05-05", "2022-05-06"] {
        admin.change(&format!("/v1/pupils/{}", class.pupil), &json!({ "birthDate": birth_date })).expect(200);
    }
    let imports = [text(&take_over(admin, CSV, TABLE)["id"]), send(admin, CSV, TABLE).expect(201).id()];
    let [member, _] = [0; 2].map(|_| school.member(Function::Teacher, &[&class.group]));
    for reason in ["Ziek.", "Beter."] {
        let state = if reason == "Ziek." { "blocked" } else { "active" };
        admin
            .change(&format!("/v1/users/{}", member.id), &json!({"state": state, "reason": reason}))
            .expect(200);
    }
    let expires = json!("2026-12-31");
    for name in ["een", "twee"] {
        let token = json!({
            "name": name, "kind": "auditor", "scopes": [{"part": "users", "actions": ["read"]}],
            "expiresOn": expires, "currentPassword": groeilijn_tests::accounts::PASSWORD,
        });
        admin.post("/v1/api-tokens", &token).expect(201);
    }

    review(school);
    disclose(school);
    // It enters staff: the newest in the register of rights have to be those who are asked for below.
    recovery_of(server, school);
    let (platform, secretariat) = (server.platform(), server.staff(ProcessorFunction::Secretariat));
    let hook = webhook_endpoint(server, school);
    webhook_delivery(school, &hook);
    // Before the adviser: of the staff's registers of rights the newest are altered.
    to_be_confirmed(server, &school.id);
    for _ in 0..2 {
        decline(server, school, &instruct(school));
        processor_contact(server);
        let forced = json!({"provision": "Artikel 1.", "what": "Een logboek.", "toldOn": "2026-11-20"});
        let path = format!("/v1/institutions/{}/forced-processings", school.id);
        secretariat.post(&path, &forced).expect(201);
    }
    let adviser = server.new_staff(ProcessorFunction::Adviser);
    groeilijn_tests::Authenticator::bind(&adviser.client);
    let silent = server.new_staff(ProcessorFunction::AccountManager);
    let body = coupling(school, &adviser.id);
    let coupled = secretariat.post("/v1/couplings", &body).expect(201).id();
    admin.post(&format!("/v1/couplings/{coupled}/_approve"), &approval(&body)).expect(200);
    secretariat.post("/v1/organisations", &json!({"name": "Stichting De Verzinsels"})).expect(201);
    for name in ["Noord", "Zuid"] {
        admin.post("/v1/locations", &json!({ "name": name })).expect(201);
    }
    publish_document(server);
    propose_profile(server, school);
    let announced = secretariat.post("/v1/subprocessors", &subprocessor()).expect(201).id();
    let check = json!({"checkedOn": "2026-11-20", "outcome": "kept", "documentSha256": "ab".repeat(32)});
    secretariat.post(&format!("/v1/subprocessors/{announced}/checks"), &check).expect(201);
    ask_for_audit(school);
    for kind in ["certificate", "risk-matrix"] {
        secretariat
            .post("/v1/evidence-records", &evidence_of(&adviser.id, kind, &["C083"], None))
            .expect(201);
    }
    for reason in ["Eerst overleg.", "Nog steeds."] {
        let objection = admin.call("PUT", &format!("/v1/subprocessors/{announced}/objection"));
        objection.json(&json!({ "reason": reason })).send().expect(200);
    }
    for _ in 0..2 {
        let incident = report(admin);
        reach(admin, &incident, "registered").expect(201);
    }
    ask_about(school, &json!({"pupilIds": [class.pupil]}));
    ask_about(school, &json!({"groupId": class.group}));
    planned_destruction(school);
    // The processor lists what is issued; what it says is not looked at here.
    let issued = sql_query("UPDATE destruction SET certificate = '{}' WHERE certificate IS NULL");
    issued.execute(&mut server.raw_data()).unwrap();
    let holds =
        [format!("/v1/pupils/{}/holds", class.pupil), format!("/v1/institutions/{}/holds", school.id)];
    for path in holds.iter().chain(&holds) {
        let held = json!({"reason": "Bezwaar loopt nog.", "reviewDay": "2027-06-01"});
        admin.post(path, &held).expect(201);
    }
    let placement =
        text(&admin.list(&format!("/v1/pupils/{}/placements", class.pupil)).last().unwrap()["id"]);
    for ended_on in [json!("2027-02-01"), Value::Null] {
        let ends = json!({"endedOn": ended_on, "reason": "Verkeerd ingevoerd."});
        admin.change(&format!("/v1/placements/{placement}"), &ends).expect(200);
    }
    for _ in 0..2 {
        additional_group_of(school, &class.pupil);
        transition_of(school);
    }
    let leaves = json!({"lastDay": "2027-01-08", "kind": "elsewhere", "destination": "De Overkant"});
    for pupil in [&class.pupil, &daan] {
        let etag = admin.get(&format!("/v1/pupils/{pupil}")).expect(200).etag();
        admin.put(&format!("/v1/pupils/{pupil}/departure"), &etag, &leaves).expect(200);
    }
    for _ in 0..2 {
        allow(server, &teacher.client, ConsentKind::LookAlong);
    }
    let body = request_with(server, school, &teacher.id, &code_of(&teacher.client));
    let helpdesk = begin(&server.staff(ProcessorFunction::Helpdesk), &body).0;
    let emergency = request_for_case(server, school, SupportKind::Emergency);
    begin(&platform, &emergency);

    let (pupil, group) = (&class.pupil, &class.group);
    let of_admin = vec![
        ("/v1/pupils", "/v1/pupils".to_owned()),
        ("/v1/groups", "/v1/groups".to_owned()),
        ("/v1/groups/{groupId}/pupils", format!("/v1/groups/{group}/pupils")),
        ("/v1/groups/{groupId}/overview", format!("/v1/groups/{group}/overview")),
        ("/v1/pupils/{pupilId}/placements", format!("/v1/pupils/{pupil}/placements")),
        ("/v1/pupils/{pupilId}/additional-groups", format!("/v1/pupils/{pupil}/additional-groups")),
        ("/v1/pupils/{pupilId}/earlier-birth-dates", format!("/v1/pupils/{pupil}/earlier-birth-dates")),
        ("/v1/pupils/{pupilId}/placement-changes", format!("/v1/pupils/{pupil}/placement-changes")),
        ("/v1/pupils/{pupilId}/holds", holds[0].clone()),
        ("/v1/institutions/{institutionId}/holds", holds[1].clone()),
        ("/v1/users", "/v1/users".to_owned()),
        ("/v1/colleagues", "/v1/colleagues".to_owned()),
        ("/v1/users/{userId}/right-changes", format!("/v1/users/{}/right-changes", member.id)),
        ("/v1/users/{userId}/sessions", format!("/v1/users/{}/sessions", teacher.id)),
        ("/v1/account/sessions", "/v1/account/sessions".to_owned()),
        ("/v1/account/memberships", "/v1/account/memberships".to_owned()),
        ("/v1/api-tokens", "/v1/api-tokens".to_owned()),
        ("/v1/imports", "/v1/imports".to_owned()),
        ("/v1/school-year-transitions", "/v1/school-year-transitions".to_owned()),
        ("/v1/imports/{importId}/lines", format!("/v1/imports/{}/lines", imports[0])),
        ("/v1/imports/{importId}/lines", format!("/v1/imports/{}/lines", imports[1])),
        ("/v1/imports/{importId}/missing-pupils", format!("/v1/imports/{}/missing-pupils", imports[0])),
        ("/v1/support-requests", "/v1/support-requests".to_owned()),
        ("/v1/support-sessions", "/v1/support-sessions".to_owned()),
        ("/v1/couplings", "/v1/couplings".to_owned()),
        ("/v1/security-events", "/v1/security-events".to_owned()),
        ("/v1/frameworks", "/v1/frameworks".to_owned()),
        ("/v1/locations", "/v1/locations".to_owned()),
        ("/v1/institutions/{institutionId}/agreements", format!("/v1/institutions/{}/agreements", school.id)),
        (
            "/v1/institutions/{institutionId}/administrator-recoveries",
            format!("/v1/institutions/{}/administrator-recoveries", school.id),
        ),
        ("/v1/destructions", "/v1/destructions".to_owned()),
        ("/v1/log-reviews", "/v1/log-reviews".to_owned()),
        (
            "/v1/institutions/{institutionId}/disclosures",
            format!("/v1/institutions/{}/disclosures", school.id),
        ),
        ("/v1/certificate-keys", "/v1/certificate-keys".to_owned()),
        ("/v1/webhook-endpoints", "/v1/webhook-endpoints".to_owned()),
        (
            "/v1/webhook-endpoints/{webhookEndpointId}/deliveries",
            format!("/v1/webhook-endpoints/{hook}/deliveries"),
        ),
        ("/v1/audit-entries", "/v1/audit-entries?until=2026-11-21T09:00:00.1Z".to_owned()),
        // There is another one with each minute that passes.
        ("/v1/audit-checkpoints", "/v1/audit-checkpoints?limit=1".to_owned()),
        ("/v1/incidents", "/v1/incidents".to_owned()),
        (
            "/v1/institutions/{institutionId}/contact-persons",
            format!("/v1/institutions/{}/contact-persons", school.id),
        ),
        (
            "/v1/institutions/{institutionId}/forced-processings",
            format!("/v1/institutions/{}/forced-processings", school.id),
        ),
        ("/v1/institutions/{institutionId}/audits", format!("/v1/institutions/{}/audits", school.id)),
        (
            "/v1/institutions/{institutionId}/instructions",
            format!("/v1/institutions/{}/instructions", school.id),
        ),
        (
            "/v1/subprocessors/{subprocessorId}/objections",
            format!("/v1/subprocessors/{announced}/objections"),
        ),
    ];
    let of_teacher = vec![
        ("/v1/pupils", "/v1/pupils".to_owned()),
        ("/v1/pupils/{pupilId}/notes", format!("/v1/pupils/{pupil}/notes")),
        ("/v1/notes", "/v1/notes".to_owned()),
        ("/v1/due-registrations", "/v1/due-registrations".to_owned()),
        ("/v1/follow-ups", "/v1/follow-ups".to_owned()),
        ("/v1/registrations/{registrationId}/follow-ups", followed_up),
        ("/v1/notes/{noteId}/revisions", format!("/v1/notes/{}/revisions", notes[0])),
        ("/v1/pupils/{pupilId}/registrations", format!("/v1/pupils/{pupil}/registrations")),
        (
            "/v1/registrations/{registrationId}/versions",
            format!("/v1/registrations/{}/versions", registered[0]),
        ),
        ("/v1/pupils/{pupilId}/overview", format!("/v1/pupils/{pupil}/overview")),
        ("/v1/groups/{groupId}/goals", format!("/v1/groups/{group}/goals")),
        ("/v1/support-consents", "/v1/support-consents".to_owned()),
    ];
    let of_platform = vec![
        ("/v1/compliance/clauses", "/v1/compliance/clauses".to_owned()),
        ("/v1/evidence-records", "/v1/evidence-records".to_owned()),
        ("/v1/institutions", "/v1/institutions".to_owned()),
        ("/v1/contract-documents", "/v1/contract-documents".to_owned()),
        ("/v1/processor-staff", "/v1/processor-staff".to_owned()),
        (
            "/v1/processor-staff/{userId}/right-changes",
            format!("/v1/processor-staff/{}/right-changes", adviser.id),
        ),
        ("/v1/security-events", "/v1/security-events".to_owned()),
        ("/v1/support-sessions", "/v1/support-sessions".to_owned()),
    ];
    let of_secretariat = vec![
        ("/v1/institutions/{institutionId}/contacts", format!("/v1/institutions/{}/contacts", school.id)),
        ("/v1/couplings", "/v1/couplings".to_owned()),
        ("/v1/organisations", "/v1/organisations".to_owned()),
        ("/v1/subprocessors", "/v1/subprocessors".to_owned()),
        ("/v1/institution-endings", "/v1/institution-endings".to_owned()),
        (
            "/v1/institution-endings/{institutionId}/certificates",
            format!("/v1/institution-endings/{}/certificates", school.id),
        ),
        ("/v1/processor-contact-persons", "/v1/processor-contact-persons".to_owned()),
        ("/v1/subprocessors/{subprocessorId}/checks", format!("/v1/subprocessors/{announced}/checks")),
    ];
    let of_adviser = vec![("/v1/support-requests", "/v1/support-requests".to_owned())];
    let of_helpdesk = vec![
        ("/v1/support-view/pupils", "/v1/support-view/pupils".to_owned()),
        (
            "/v1/support-view/pupils/{pupilId}/registrations",
            format!("/v1/support-view/pupils/{pupil}/registrations"),
        ),
    ];
    let staff = platform.list("/v1/processor-staff");
    let asking_staff = staff.iter().filter(|staff| staff["id"] != json!(silent.id));
    let asked = [pupil, group, &school.admin_id, &teacher.id, &member.id].map(|id| bytes(id)).into_iter();
    Askers {
        asked: asked.chain(asking_staff.map(|staff| bytes(&text(&staff["id"])))).collect(),
        clients: vec![
            (admin.clone(), of_admin),
            (teacher.client.clone(), of_teacher),
            (platform, of_platform),
            (secretariat, of_secretariat),
            (adviser.client, of_adviser),
            (helpdesk, of_helpdesk),
        ],
        admin: admin.clone(),
        searches: vec![(admin.clone(), "/v1/pupils/_search")],
    }
}

/// The paths of all lists in the document.
fn lists(server: &Server) -> BTreeSet<String> {
    let document = served(server);
    let paths = document["paths"].as_object().unwrap().iter();
    let is_list = |path: &Value| path["get"]["operationId"].as_str().is_some_and(|id| id.starts_with("list"));
    paths.filter(|(_, path)| is_list(path)).map(|(name, _)| format!("/v1{name}")).collect()
}

/// Destroys the key of an owner, as destroying does it.
fn destroy(server: &Server, owner: &Owner) {
    let query = "UPDATE subject_key SET wrapped = NULL, parent_id = NULL, parent_version = NULL, destroyed_at = 1 \
                 WHERE kind = $1 AND subject_id = $2 AND wrapped IS NOT NULL";
    let query = sql_query(query).bind::<Text, _>(&owner.kind).bind::<Binary, _>(owner.id.clone());
    assert_eq!(query.execute(&mut server.installation().raw_keys()).unwrap(), 1);
}

both_databases! {
    fn c001_no_list_meets_what_another_institution_has(server: Server) {
        let class = server.class();
        let askers = furnish(server, &class);
        // Those of the processor's staff go over every institution.
        let own = [&askers.admin, &class.teacher.client].map(|client| client.token().to_owned());
        let ask = |what: &str| {
            let mut found = askers.ask(what);
            found.retain(|asked, _| own.iter().any(|token| asked.starts_with(token)));
            found
        };
        let alone = ask("alone");
        furnish(server, &server.class());
        assert_eq!(ask("beside another institution"), alone);
        // What is sealed for another institution cannot be opened, so a list that met it would leave it out as damaged.
        assert_eq!(damaged(server), 0);
    }

    fn lists_answer_whatever_became_of_a_row(server: Server) {
        let class = server.class();
        let askers = furnish(server, &class);
        let database = server.installation().database();
        let asked: BTreeSet<_> = askers.clients.iter().flat_map(|(_, paths)| paths.iter().map(|(path, _)| (*path).to_owned())).collect();
        let missing: Vec<_> = lists(server).into_iter().filter(|path| !asked.contains(path)).collect();
        assert_eq!(missing, Vec::<String>::new(), "lists that nobody asks for here");

        let whole = askers.ask("as it was");
        assert!(whole.values().all(|items| *items > 0), "{whole:?}");
        let keys: Vec<Stored> =
            sql_query("SELECT key_id AS value, key_id AS id FROM subject_key").load(&mut server.installation().raw_keys()).unwrap();
        let keys: HashSet<_> = keys.into_iter().map(|key| key.value).collect();
        // What is sealed begins with a version, and names its key in the eight bytes after that.
        let is_sealed = |value: &Vec<u8>| value.starts_with(&[1]) && value.get(1..9).is_some_and(|key| keys.contains(key));

        let mut raw = Raw::of(server);
        let mut walked = BTreeSet::new();
        let mut counted = BTreeSet::new();
        let columns = raw.columns(database);
        let with_id: HashSet<_> =
            columns.iter().filter(|column| column.column_name == "id").map(|column| column.table_name.clone()).collect();
        for column in columns {
            let values = raw.values(&column, with_id.contains(&column.table_name), &askers.asked);
            let values: Vec<_> = values.into_iter().filter(is_sealed).collect();
            let name = format!("{}.{}", column.table_name, column.column_name);
            if !values.is_empty() {
                walked.insert(name.clone());
            }
            let mut ask = |what: &str| {
                let before = damaged(server);
                askers.ask(&format!("{name} {what}"));
                if matches!(column.table_name.as_str(), "pupil" | "groups") {
                    askers.examine(&name);
                }
                if damaged(server) > before {
                    counted.insert(name.clone());
                }
            };
            for value in values.iter().rev().take(MOST) {
                let mut altered = value.clone();
                let middle = altered.len() / 2;
                altered[middle] ^= 0x10;
                raw.exchange(&column, value, &altered);
                ask("with an altered byte");
                raw.exchange(&column, &altered, value);
            }
            if let [.., one, other] = values.as_slice() {
                raw.exchange(&column, one, other);
                ask("in each other's place");
                raw.exchange(&column, one, other);
            }
        }
        let silent: Vec<_> = walked.difference(&counted).cloned().collect();
        assert!(silent.iter().all(|name| IN_NO_LIST.contains(&name.as_str())), "nobody is told of {silent:?}");
        assert!(walked.len() > 30, "{walked:?}");
        let again = askers.ask("put back");
        assert!(whole.iter().all(|(path, items)| again[path] >= *items), "{again:?}");
        server.audit_log(&class.school.id).check();

        // One owner of each kind, of whom nobody asks.
        let owners: Vec<Owner> = sql_query("SELECT kind, subject_id AS id FROM subject_key WHERE kind <> 'shared' AND wrapped IS NOT NULL")
            .load(&mut server.installation().raw_keys())
            .unwrap();
        let mut kinds = BTreeSet::new();
        for owner in owners.iter().filter(|owner| !askers.asked.contains(&owner.id)) {
            if !kinds.insert(owner.kind.clone()) {
                continue;
            }
            destroy(server, owner);
            // What is open in memory is forgotten.
            server.restart();
            askers.on(server).ask(&format!("with the key of a {} destroyed", owner.kind));
            assert_eq!(damaged(server), 0, "{}: what is destroyed is no damage", owner.kind);
        }
        assert!(kinds.len() >= 5, "{kinds:?}");
        let gone: Count = sql_query("SELECT count(*) AS count FROM subject_key WHERE destroyed_at = 1")
            .get_result(&mut server.installation().raw_keys())
            .unwrap();
        assert_eq!(usize::try_from(gone.count).unwrap(), kinds.len());
    }
}
