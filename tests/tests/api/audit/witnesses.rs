//! Witnesses see the log grow and cosign its checkpoints (C090), over a real connection, and only when the operator named them
//! (C053).

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::sql_query;
use groeilijn_domain::audit::cosignature::{CosignatureFault, in_note};
use groeilijn_domain::audit::note::VerifierKey;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_persistence::signature::is_signed;
use groeilijn_tests::witness::COSIGNS_AT;
use groeilijn_tests::{Client, Database, School, Server, Witness, both_databases, wait_until};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::checkpoints::{checkpointed, keys, signed};
use crate::program::{refusal, run};

const LOG: &str = "/v1/audit-log";
const NAME: &str = "witness.example/w1";

fn origin(school: &School) -> String {
    format!("groeilijn/audit/{}", school.id)
}

/// A witness, and a school whose log it is shown.
fn witnessed(server: &mut Server) -> (Witness, School) {
    let witness = server.restart_with(|installation| Witness::of(installation, NAME));
    (witness, server.school())
}

fn cosigned_by(witness: &Witness, note: &Value) -> Result<String, CosignatureFault> {
    let holds = |key: &[u8; 32], message: &[u8], signature: &[u8]| is_signed(key, message, signature);
    in_note(note.as_str().unwrap(), witness.key(), holds).map(|cosignature| cosignature.at.to_string())
}

fn newest(client: &Client) -> Value {
    client.get(LOG).expect(200).json()["checkpoint"].clone()
}

/// Has everything that was entered by now signed and cosigned, and gives the newest checkpoint.
fn cosigned(server: &Server, client: &Client, witness: &Witness) -> Value {
    checkpointed(server, client);
    server.clock.advance(SignedDuration::from_secs(16));
    wait_until(|| cosigned_by(witness, &newest(client)["note"]).is_ok());
    newest(client)
}

/// Has everything that was entered by now signed and shown, whatever comes of it.
fn shown(server: &Server, client: &Client) {
    checkpointed(server, client);
    server.clock.advance(SignedDuration::from_secs(16));
}

/// How often the witness was asked about a log in vain since it cosigned last.
fn in_vain(server: &Server, school: &School) -> i32 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        attempts: i32,
    }
    let id = uuid::Uuid::parse_str(&school.id).unwrap();
    let query = "SELECT attempts FROM audit_witness WHERE institution_id = $1";
    let query = sql_query(query).bind::<diesel::sql_types::Binary, _>(id.as_bytes().to_vec());
    let rows: Vec<Row> = query.load(&mut server.raw_data()).unwrap();
    rows.as_slice().first().map_or(0, |row| row.attempts)
}

/// How often it was told that the log is not accepted.
fn told(school: &School) -> usize {
    let kind = SecurityEventKind::LogNotWitnessed.code();
    school.admin.list("/v1/security-events").iter().filter(|event| event["kind"] == kind).count()
}

both_databases! {
    fn c090_a_witness_cosigns_each_checkpoint_and_what_it_signed_goes_with_it(server: Server) {
        let (witness, school) = witnessed(server);
        let keys = keys(&school.admin);
        let first = cosigned(server, &school.admin, &witness);
        let said = signed(&first, &keys);
        assert_eq!(cosigned_by(&witness, &first["note"]).as_deref(), Ok(COSIGNS_AT));
        assert_eq!(witness.seen(&origin(&school)), Some((said.size, said.root)));

        school.group("De Kikkers");
        school.admin.get("/v1/users").expect(200);
        let second = cosigned(server, &school.admin, &witness);
        let later = signed(&second, &keys);
        assert!(later.size > said.size);
        assert_eq!(witness.seen(&origin(&school)), Some((later.size, later.root)));
        let listed = school.admin.list("/v1/audit-checkpoints");
        assert!(listed.contains(&first) && listed.contains(&second), "{listed:?}");
        let proof = school.admin.get(&format!("{LOG}/consistency-proof?from={}&to={}", said.size, later.size)).expect(200).json();
        assert_eq!(proof["checkpoint"], second);
        assert_eq!(told(&school), 0);
    }

    /// What leaves is the name of a log, its size, its root, hashes and the signature over these: nothing about anybody.
    fn c053_c090_a_witness_is_told_hashes_and_nothing_else(server: Server) {
        let (witness, school) = witnessed(server);
        let first = cosigned(server, &school.admin, &witness);
        school.admin.get("/v1/users").expect(200);
        let second = cosigned(server, &school.admin, &witness);
        for (body, (old, checkpoint)) in witness.asked(&origin(&school)).iter().zip([(json!(0), first), (json!(null), second)]) {
            let note = checkpoint["note"].as_str().unwrap();
            let own: Vec<_> = note.lines().filter(|line| !line.contains(NAME)).collect();
            let (head, sent) = body.split_once("\n\n").unwrap();
            assert_eq!(sent, own.join("\n") + "\n");
            let mut lines = head.lines();
            let begin = lines.next().unwrap();
            if old == json!(0) {
                assert_eq!(begin, "old 0");
            }
            assert!(begin.strip_prefix("old ").unwrap().parse::<u64>().is_ok());
            assert!(lines.all(|line| STANDARD.decode(line).is_ok_and(|hash| hash.len() == 32)));
            let root = hex::decode(checkpoint["root"].as_str().unwrap()).unwrap();
            let said = format!("{}\n{}\n{}\n", origin(&school), checkpoint["size"], STANDARD.encode(root));
            assert!(sent.starts_with(&said), "{sent}");
            assert!(!sent.contains(&school.domain) && !sent.contains(&school.admin_id));
        }
    }

    fn c053_nobody_is_shown_anything_unless_the_operator_names_a_witness(server: Server) {
        let witness = Witness::start(NAME);
        let school = server.school();
        let checkpoint = checkpointed(server, &school.admin);
        server.clock.advance(SignedDuration::from_secs(16));
        assert_eq!(checkpointed(server, &school.admin)["size"], checkpoint["size"]);
        assert_eq!(witness.asked(""), Vec::<String>::new());
        assert_eq!(cosigned_by(&witness, &checkpoint["note"]), Err(CosignatureFault::Missing));
    }

    fn c090_a_log_goes_on_from_what_the_witness_saw(server: Server) {
        let (witness, school) = witnessed(server);
        let said = signed(&cosigned(server, &school.admin, &witness), &keys(&school.admin));
        // What is known of the witness is gone, as after an older backup.
        sql_query("DELETE FROM audit_witness").execute(&mut server.raw_data()).unwrap();
        school.admin.get("/v1/users").expect(200);
        cosigned(server, &school.admin, &witness);
        let asked = witness.asked(&origin(&school));
        assert!(asked[1].starts_with("old 0\n"), "{}", asked[1]);
        assert!(asked[2].starts_with(&format!("old {}\n", said.size)), "{}", asked[2]);
        assert_eq!((asked.len(), told(&school)), (3, 0));
    }

    fn c090_a_witness_that_saw_another_or_a_longer_log_is_a_security_event(server: Server) {
        let (witness, school) = witnessed(server);
        let other = server.school();
        let size = checkpointed(server, &school.admin)["size"].as_u64().unwrap();
        let about = [origin(&school), origin(&other)];
        // A fork: as many entries, of which the root is another one; and a log that was rolled back.
        witness.saw(&about[0], 1, [9; 32]);
        witness.saw(&about[1], size + 1_000, [9; 32]);
        school.admin.get("/v1/users").expect(200);
        other.admin.get("/v1/users").expect(200);
        shown(server, &school.admin);
        wait_until(|| told(&school) == 1 && told(&other) == 1);
        assert_eq!(cosigned_by(&witness, &newest(&school.admin)["note"]), Err(CosignatureFault::Missing));
        assert_eq!(witness.seen(&about[0]), Some((1, [9; 32])));
        assert_eq!(witness.seen(&about[1]), Some((size + 1_000, [9; 32])));
        // It is told once a day, however often the witness says so.
        let asked = witness.asked(&about[0]).len();
        server.clock.advance(SignedDuration::from_hours(2));
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), groeilijn_tests::accounts::PASSWORD);
        witness.wait_for(&about[0], asked + 1);
        wait_until(|| checkpointed(server, &admin)["size"].as_u64() > Some(size));
        let kind = SecurityEventKind::LogNotWitnessed.code();
        assert_eq!(admin.list("/v1/security-events").iter().filter(|event| event["kind"] == kind).count(), 1);
    }

    fn c090_a_witness_that_does_not_know_the_log_or_its_key_is_a_security_event(server: Server) {
        let (witness, school) = witnessed(server);
        let other = server.school();
        // The witness knows the school's log, under another key than its own.
        witness.knows(&[VerifierKey::new(&origin(&school), [3; 32]).unwrap()]);
        shown(server, &school.admin);
        wait_until(|| told(&school) == 1 && told(&other) == 1);
        // When the witness has learnt the key, it cosigns.
        witness.knows(&keys(&school.admin));
        server.clock.advance(SignedDuration::from_secs(61));
        wait_until(|| cosigned_by(&witness, &newest(&school.admin)["note"]).is_ok());
    }

    fn c090_a_witness_that_is_away_is_asked_again_also_after_a_restart(server: Server) {
        let (witness, school) = witnessed(server);
        witness.answers(&origin(&school), &["503 Service Unavailable", "500 Internal Server Error"]);
        shown(server, &school.admin);
        wait_until(|| in_vain(server, &school) == 1);
        server.restart();
        let school = school.on(server.anyone());
        server.clock.advance(SignedDuration::from_secs(61));
        wait_until(|| in_vain(server, &school) == 2);
        assert_eq!(cosigned_by(&witness, &newest(&school.admin)["note"]), Err(CosignatureFault::Missing));
        server.clock.advance(SignedDuration::from_secs(121));
        wait_until(|| cosigned_by(&witness, &newest(&school.admin)["note"]).is_ok());
        assert_eq!((in_vain(server, &school), told(&school)), (0, 0));
    }

    fn c090_what_another_key_signed_is_not_kept(server: Server) {
        let impostor = Witness::start(NAME);
        let real = Witness::start(NAME);
        // Where the witness should be, somebody answers with another key.
        let setting = format!("{} {}", impostor.setting().split_once(' ').unwrap().0, real.key());
        server.restart_with(|installation| installation.set("audit.witnesses", &setting));
        let school = server.school();
        shown(server, &school.admin);
        wait_until(|| in_vain(server, &school) == 1);
        server.clock.advance(SignedDuration::from_secs(61));
        wait_until(|| in_vain(server, &school) == 2);
        let note = newest(&school.admin)["note"].clone();
        for witness in [&impostor, &real] {
            assert_eq!(cosigned_by(witness, &note), Err(CosignatureFault::Missing));
        }
    }

    fn c090_an_export_is_believed_with_the_cosignature_of_each_witness_that_is_asked_for(server: Server) {
        let (witness, school) = witnessed(server);
        let stranger = Witness::start("witness.example/w2");
        let namesake = Witness::start(NAME);
        cosigned(server, &school.admin, &witness);
        let folder = server.installation().folder().to_owned();
        let key = keys(&school.admin)[0].to_string();
        // What the export ends in is signed and cosigned as it is made.
        let log = school.admin.get(&format!("{LOG}/export")).expect(200).body;
        fs::write(folder.join("log.ndjson"), log).unwrap();
        let verify = |witnesses: &[&str]| {
            let mut arguments = vec!["audit", "verify", "log.ndjson", "--key", &key];
            witnesses.iter().for_each(|witness| arguments.extend(["--witness-key", witness]));
            run(server.installation(), &arguments)
        };
        let [own, other, same_name] = [&witness, &stranger, &namesake].map(|witness| witness.key().to_string());
        let held = verify(&[&own]);
        let said = String::from_utf8(held.stdout).unwrap();
        assert!(held.status.success() && said.contains(&format!("witnessed by: {NAME} at {COSIGNS_AT}")), "{said}");
        assert!(verify(&[]).status.success());
        assert!(refusal(verify(&[&own, &other])).contains("the witness witness.example/w2 does not vouch"));
        assert!(refusal(verify(&[&same_name])).contains("does not vouch"));
        assert!(refusal(verify(&[&key])).contains("--witness-key"));
    }

    fn c090_the_databases_refuse_to_change_a_cosignature_or_take_it_away(server: Server) {
        let (witness, school) = witnessed(server);
        cosigned(server, &school.admin, &witness);
        for statement in ["UPDATE audit_cosignature SET line = ''", "DELETE FROM audit_cosignature"] {
            assert!(sql_query(statement).execute(&mut server.raw_data()).is_err(), "{statement}");
        }
    }
}

/// One process at a time asks about a log: the witness is shown each checkpoint once.
#[test]
fn c090_two_processes_show_a_checkpoint_once() {
    Server::run(Database::Postgres, |server| {
        let (witness, school) = witnessed(server);
        let beside = server.beside();
        for _ in 0..5 {
            school.admin.get("/v1/users").expect(200);
            cosigned(server, &school.admin, &witness);
        }
        drop(beside);
        let asked = witness.asked(&origin(&school));
        let sizes: std::collections::BTreeSet<_> = asked
            .iter()
            .map(|body| body.split_once("\n\n").unwrap().1.lines().nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(asked.len(), sizes.len(), "{asked:?}");
    });
}
