//! The program is killed (SIGKILL) at many random points of the destruction of children and of institutions, one process or
//! one of two; whoever comes next completes it.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use diesel::sql_types::{Binary, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_domain::retention::certificate::read;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_persistence::signature::is_signed;
use groeilijn_tests::audit::{AuditLog, institution_id};
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Database, Installation, School, both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{count, depart};
use crate::durability::pupil;
use crate::killing::{POINTS, at_random_points};
use crate::program::Program;

/// After how many points everything is completed and looked at.
const LOOK: u32 = 20;

/// After how many points an institution goes, besides the children of another one.
const INSTITUTIONS: u32 = 35;

/// Since when whoever goes is to go.
const LONG_AGO: &str = "2023-08-01";

/// How long what is left may take when nobody is killed.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    what: Option<String>,
}

/// Ids, each with what a query says of it.
fn known(connection: &mut AnyConnection, query: &str) -> BTreeMap<String, Option<String>> {
    let rows: Vec<Row> = sql_query(query).load(connection).unwrap();
    rows.into_iter().map(|row| (Uuid::from_slice(&row.id).unwrap().to_string(), row.what)).collect()
}

/// The children of which there are rows, and whether each is marked.
fn children(data: &mut AnyConnection) -> BTreeMap<String, bool> {
    let marks = known(data, "SELECT id, CAST(destroying_at AS TEXT) AS what FROM pupil");
    marks.into_iter().map(|(id, mark)| (id, mark.is_some())).collect()
}

/// Who goes and who stays, and what was seen so far.
struct Fates {
    school: School,
    /// The children of that school who go when it is their turn.
    waiting: Vec<String>,
    /// Institutions that go as a whole when it is their turn, with their children.
    institutions: Vec<(School, Vec<String>)>,
    /// The children whose destruction is due, or done.
    doomed: BTreeSet<String>,
    /// The institutions of which the same holds.
    doomed_institutions: BTreeSet<String>,
    /// What the API says of those who stay, by path.
    stay: Vec<(String, Value)>,
    /// The certificates by destruction.
    certificates: BTreeMap<String, String>,
}

/// Enters a child with a note, and gives the paths of both.
fn enter(school: &School, writer: &Client, name: &str) -> [String; 2] {
    let child = format!("/v1/pupils/{}", school.admin.post("/v1/pupils", &pupil(name)).expect(201).id());
    let note = writer.post(&format!("{child}/notes"), &json!({"text": "Bouwt een toren."})).expect(201).id();
    [child, format!("/v1/notes/{note}")]
}

/// A school with so many children.
fn school_with(anyone: &Client, children: u32) -> (School, Vec<[String; 2]>) {
    let school = School::found(anyone);
    let writer = school.member(Function::InternBegeleider, &[]).client;
    let entered = (0..children).map(|number| enter(&school, &writer, &format!("Kind {number}"))).collect();
    (school, entered)
}

fn id_in(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

impl Fates {
    fn new(anyone: &Client) -> Self {
        let (school, mut entered) = school_with(anyone, 3 * POINTS / 2);
        let institutions = (0..POINTS / INSTITUTIONS).map(|_| school_with(anyone, 2));
        let institutions = institutions
            .map(|(school, entered)| (school, entered.iter().map(|[child, _]| id_in(child)).collect()))
            .collect();
        let staying = entered.split_off(entered.len() - 5);
        let stay = staying.into_iter().flatten();
        let stay = stay.map(|path| (path.clone(), school.admin.get(&path).expect(200).json())).collect();
        Self {
            waiting: entered.iter().map(|[child, _]| id_in(child)).collect(),
            school,
            institutions,
            stay,
            doomed: BTreeSet::new(),
            doomed_institutions: BTreeSet::new(),
            certificates: BTreeMap::new(),
        }
    }

    /// Somebody more is to go; whoever starts next finds out.
    fn doom_next(&mut self, installation: &Installation, number: u32) {
        let mut data = installation.raw_data();
        if let Some(child) = self.waiting.pop() {
            depart(&mut data, &child, LONG_AGO, "next-education");
            self.doomed.insert(child);
        }
        if number % INSTITUTIONS == INSTITUTIONS - 1
            && let Some((school, children)) = self.institutions.pop()
        {
            let ended = sql_query(
                "UPDATE licence SET start_date = '2020-08-01', end_date = $1 WHERE institution_id = $2",
            )
            .bind::<Text, _>(LONG_AGO)
            .bind::<Binary, _>(institution_id(&school.id).as_bytes().to_vec())
            .execute(&mut data);
            assert_eq!(ended.unwrap(), 1);
            self.doomed.extend(children);
            self.doomed_institutions.insert(school.id);
        }
        sql_query("UPDATE retention_policy SET looked_on = NULL").execute(&mut data).unwrap();
    }

    /// Whether something is to be destroyed still.
    fn is_left(&self, installation: &Installation) -> bool {
        let mut data = installation.raw_data();
        let there = children(&mut data);
        self.doomed.iter().any(|child| there.contains_key(child))
            || count(&mut data, "SELECT count(*) AS count FROM destruction WHERE state <> 'done'") > 0
    }

    /// Looks, while another process may go on, whether anything is half destroyed.
    fn nothing_is_half(&mut self, installation: &Installation) {
        let (mut data, mut keys) = (installation.raw_data(), installation.raw_keys());
        self.certificates_stay(&mut data);
        // A child is marked, then its key goes, then its rows: so the later is looked at before the earlier.
        let rows_left = children(&mut data);
        let destroyed = known(
            &mut keys,
            "SELECT subject_id AS id, CAST(destroyed_at AS TEXT) AS what FROM subject_key WHERE kind = 'pupil'",
        );
        let marks = children(&mut data);
        for (child, destroyed) in &destroyed {
            let is_doomed = self.doomed.contains(child);
            if destroyed.is_some() {
                assert!(is_doomed, "{child} lost its key");
                assert!(
                    marks.get(child).is_none_or(|marked| *marked),
                    "{child} lost its key and is not marked"
                );
            } else {
                assert!(rows_left.contains_key(child), "{child} is gone and its key is not");
            }
            assert!(is_doomed || rows_left.get(child) == Some(&false), "{child} is marked");
        }
    }

    /// A certificate that was issued is never issued anew, and there is none of what is still there.
    fn certificates_stay(&mut self, data: &mut AnyConnection) {
        let issued =
            known(data, "SELECT id, certificate AS what FROM destruction WHERE certificate IS NOT NULL");
        for (id, certificate) in issued {
            let known = self.certificates.entry(id.clone()).or_insert_with(|| certificate.clone().unwrap());
            assert_eq!(*known, certificate.unwrap(), "the certificate of {id} was issued twice");
        }
        let early = "SELECT count(*) AS count FROM destruction d JOIN destruction_item i ON i.destruction_id = d.id \
            WHERE d.certificate IS NOT NULL AND i.outcome IS NULL";
        assert_eq!(count(data, early), 0, "a certificate speaks of what is not destroyed");
    }

    /// Waits until everything is destroyed that is to be, and looks at all of it.
    fn is_completed(&mut self, installation: &Installation, program: &Program) {
        let (mut data, mut keys) = (installation.raw_data(), installation.raw_keys());
        let subjects = |kind: &str| {
            format!(
                "SELECT i.subject_id AS id, CAST(count(*) AS TEXT) AS what FROM destruction_item i \
                 JOIN destruction d ON d.id = i.destruction_id \
                 WHERE i.kind = '{kind}' AND d.state = 'done' AND d.certificate IS NOT NULL GROUP BY i.subject_id"
            )
        };
        let begun = Instant::now();
        while self.is_left(installation) {
            assert!(begun.elapsed() < PATIENCE, "something is left, of {} children", self.doomed.len());
            thread::sleep(Duration::from_millis(20));
        }
        self.certificates_stay(&mut data);
        // Each once: its own, or that of its institution.
        let by_child = known(&mut data, &subjects("pupil"));
        let by_institution = known(&mut data, &subjects("institution"));
        for (subject, times) in by_child.iter().chain(&by_institution) {
            assert_eq!(times.as_deref(), Some("1"), "{subject} has {times:?} certificates");
        }
        assert!(by_child.keys().all(|child| self.doomed.contains(child)));
        assert_eq!(by_institution.into_keys().collect::<BTreeSet<_>>(), self.doomed_institutions);
        for table in ["note", "placement", "registration"] {
            let orphans = format!(
                "SELECT count(*) AS count FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM pupil p WHERE p.id = t.pupil_id)"
            );
            assert_eq!(count(&mut data, &orphans), 0, "{table}");
        }
        let alive = known(
            &mut keys,
            "SELECT subject_id AS id, kind AS what FROM subject_key WHERE wrapped IS NOT NULL",
        );
        assert!(self.doomed.iter().all(|child| !alive.contains_key(child)));
        let institutions = known(&mut keys, "SELECT institution_id AS id, NULL AS what FROM institution_key");
        assert!(self.doomed_institutions.iter().all(|institution| !institutions.contains_key(institution)));

        let admin = program.anyone().with_token(self.school.admin.token());
        for (path, before) in &self.stay {
            assert_eq!(&admin.get(path).expect(200).json(), before, "{path}");
        }
        for child in self.doomed.iter().take(3) {
            admin.get(&format!("/v1/pupils/{child}")).expect(404);
        }
        let listed: BTreeSet<_> = admin.list("/v1/pupils").iter().map(|child| text(&child["id"])).collect();
        let stay = self.stay.iter().map(|(path, _)| id_in(path)).filter(|id| listed.contains(id)).count();
        assert_eq!((listed.len(), stay), (self.waiting.len() + 5, 5));
        for institution in self.doomed_institutions.iter().chain([&self.school.id]) {
            AuditLog::read(&mut data, institution_id(institution)).check();
        }
    }

    /// Every certificate is one that holds.
    fn certificates_hold(&self, program: &Program) {
        use base64::Engine as _;
        let keys = program.anyone().get("/v1/certificate-keys").expect(200).items();
        let key = base64::engine::general_purpose::STANDARD.decode(text(&keys[0]["publicKey"])).unwrap();
        assert!(!self.certificates.is_empty());
        for certificate in self.certificates.values() {
            let read = read(certificate.as_bytes()).unwrap();
            assert!(is_signed(&key, &read.signed, &read.signature), "{certificate}");
        }
    }
}

/// Lets the time pass for which a process that was killed holds what it carried out.
fn let_leases_end(installation: &Installation) {
    let mut data = installation.raw_data();
    sql_query("UPDATE destruction SET lease_until = 0").execute(&mut data).unwrap();
}

both_databases! {
    fn a_destruction_that_is_killed_is_completed_and_nobody_else_is_touched(installation: Installation) {
        let program = Program::serve(installation);
        let mut fates = Fates::new(&program.anyone());
        // Of two processes one is killed; an embedded database has one.
        let is_served_by_two = installation.database() == Database::Postgres;
        let mut other = if is_served_by_two { Some(program) } else { drop(program); None };
        at_random_points(installation.database(), Duration::from_millis(500), |number, after| {
            fates.doom_next(installation, number);
            let program = Program::serve(installation);
            thread::sleep(after);
            match other.take() {
                Some(older) if number % 2 == 0 => {
                    older.kill();
                    other = Some(program);
                }
                older => {
                    program.kill();
                    other = older;
                }
            }
            let is_left = fates.is_left(installation);
            fates.nothing_is_half(installation);
            let_leases_end(installation);
            if number % LOOK == LOOK - 1 && is_left {
                let program = Program::serve(installation);
                fates.is_completed(installation, &program);
            }
            is_left
        });
        let program = Program::serve(installation);
        fates.is_completed(installation, &program);
        fates.certificates_hold(&program);
    }
}
