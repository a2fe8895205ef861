//! What the service signs of an institution's log, and the proofs that go with it (C090, C092).

use groeilijn_domain::access::Function;
use groeilijn_domain::access::api_token::ApiTokenKind;
use groeilijn_domain::audit::checkpoint::{Checkpoint, CheckpointFault};
use groeilijn_domain::audit::merkle::{Hash, root, verify_consistency, verify_inclusion};
use groeilijn_domain::audit::note::{NoteFault, VerifierKey};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_persistence::signature::is_signed;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::tampering::Tampering;
use groeilijn_tests::{Client, Server, both_databases, wait_until};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::program::run;

const LOG: &str = "/v1/audit-log";
const CHECKPOINTS: &str = "/v1/audit-checkpoints";

/// Lets a minute pass, and gives the newest checkpoint when all that was entered by now is signed.
pub(crate) fn checkpointed(server: &Server, client: &Client) -> Value {
    let size = client.get(LOG).expect(200).json()["size"].as_u64().unwrap();
    server.clock.advance(SignedDuration::from_secs(61));
    let newest = || client.get(LOG).expect(200).json()["checkpoint"].clone();
    wait_until(|| newest()["size"].as_u64().is_some_and(|signed| signed >= size));
    newest()
}

/// The keys of an institution's log.
pub(super) fn keys(client: &Client) -> Vec<VerifierKey> {
    let log = client.get(LOG).expect(200).json();
    let keys = log["verifierKeys"].as_array().unwrap();
    keys.iter().map(|key| VerifierKey::parse(key.as_str().unwrap()).unwrap()).collect()
}

pub(super) fn open(note: &str, keys: &[VerifierKey]) -> Result<Checkpoint, CheckpointFault> {
    let signed = |key: &[u8; 32], message: &[u8], signature: &[u8]| is_signed(key, message, signature);
    Checkpoint::open(note, keys, signed).map(|(checkpoint, _)| checkpoint)
}

/// What a checkpoint of the API says, which was signed with one of these keys.
#[track_caller]
pub(super) fn signed(checkpoint: &Value, keys: &[VerifierKey]) -> Checkpoint {
    let opened = open(checkpoint["note"].as_str().unwrap(), keys).unwrap();
    assert_eq!(json!(opened.size), checkpoint["size"]);
    assert_eq!(json!(hex::encode(opened.root)), checkpoint["root"]);
    opened
}

fn hash(value: &Value) -> Hash {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}

/// An auditor of an institution, with her token.
pub(super) fn auditor(server: &Server, admin: &Client, actions: &[&str]) -> Client {
    let body = json!({
        "name": "Controle", "kind": ApiTokenKind::Auditor.code(),
        "scopes": [{"part": "audit-log", "actions": actions}], "expiresOn": "2026-12-31",
        "currentPassword": PASSWORD,
    });
    let made = admin.post("/v1/api-tokens", &body).expect(201).json();
    server.anyone().with_token(&text(&made["token"]))
}

both_databases! {
    fn c090_what_was_entered_is_signed_within_a_minute_and_anybody_can_check_it(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let log = admin.get(LOG).expect(200).json();
        assert_eq!(log["checkpoint"], Value::Null);
        assert_eq!(log["origin"], json!(format!("groeilijn/audit/{}", class.school.id)));
        let leaves = server.audit_log(&class.school.id).leaf_hashes();
        assert_eq!((log["size"].as_u64(), hash(&log["root"])), (Some(leaves.len() as u64), root(&leaves)));

        let keys = keys(admin);
        let first = checkpointed(server, admin);
        let said = signed(&first, &keys);
        let leaves = server.audit_log(&class.school.id).leaf_hashes();
        assert_eq!(said.root, root(&leaves[..usize::try_from(said.size).unwrap()]));
        assert_eq!(said.origin, text(&log["origin"]));

        // What changed is signed the next minute, and what did not is not signed again.
        class.note(&class.pupil, "2026-11-20", &[]);
        let second = checkpointed(server, admin);
        server.clock.advance(SignedDuration::from_mins(5));
        let group = class.school.group("De Kevers");
        admin.get(&format!("/v1/groups/{group}/pupils")).expect(200);
        let third = checkpointed(server, admin);
        let listed = admin.list(CHECKPOINTS);
        assert_eq!(listed, [third, second, first]);
        assert_eq!(admin.list(&format!("{CHECKPOINTS}?limit=1")), listed);
        for checkpoint in &listed {
            signed(checkpoint, &keys);
        }
        // The platform has a log of its own, which is signed under its own name.
        let changed = listed[0]["note"].as_str().unwrap().replace(&class.school.id, "00000000-0000-0000-0000-000000000000");
        assert_eq!(open(&changed, &keys), Err(NoteFault::UnknownKey.into()));
    }

    fn c090_c092_each_entry_is_proved_to_be_in_what_was_signed(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        // More entries than one tile has.
        (0..270).for_each(|_| drop(admin.get("/v1/pupils").expect(200)));
        let auditor = auditor(server, admin, &["read"]);
        let checkpoint = checkpointed(server, admin);
        let said = signed(&checkpoint, &keys(&auditor));
        let leaves = server.audit_log(&class.school.id).leaf_hashes();
        for sequence in (0..said.size).step_by(37).chain([255, 256, said.size - 1]) {
            let proof = auditor.get(&format!("{LOG}/inclusion-proof?sequence={sequence}")).expect(200).json();
            assert_eq!(proof["checkpoint"], checkpoint);
            let leaf = hash(&proof["leafHash"]);
            assert_eq!(leaf, leaves[usize::try_from(sequence).unwrap()]);
            assert!(verify_inclusion(sequence, said.size, &leaf, &hashes(&proof["hashes"]), &said.root), "{sequence}");
        }
        let smaller = auditor.get(&format!("{LOG}/inclusion-proof?sequence=3&size=7")).expect(200).json();
        assert_eq!((&smaller["size"], &smaller["checkpoint"]), (&json!(7), &Value::Null));
        assert!(verify_inclusion(3, 7, &leaves[3], &hashes(&smaller["hashes"]), &root(&leaves[..7])));
    }

    fn c090_c092_a_later_log_is_proved_to_be_a_continuation_of_the_one_that_was_kept(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let kept = signed(&checkpointed(server, admin), &keys(admin));
        (0..260).for_each(|_| drop(admin.get("/v1/pupils").expect(200)));
        let later = signed(&checkpointed(server, admin), &keys(admin));
        let proof = admin.get(&format!("{LOG}/consistency-proof?from={}", kept.size)).expect(200).json();
        assert_eq!((&proof["to"], hash(&proof["toRoot"])), (&json!(later.size), later.root));
        assert_eq!(hash(&proof["fromRoot"]), kept.root);
        assert!(verify_consistency(kept.size, later.size, &hashes(&proof["hashes"]), &kept.root, &later.root));
        let same = admin.get(&format!("{LOG}/consistency-proof?from={0}&to={0}", kept.size)).expect(200).json();
        assert_eq!(same["hashes"], json!([]));
    }

    fn c090_what_is_not_in_the_log_is_refused_in_words(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        for proof in ["inclusion-proof?sequence=0", "consistency-proof?from=1"] {
            admin.get(&format!("{LOG}/{proof}")).expect(409).problem("conflict");
        }
        let size = checkpointed(server, admin)["size"].as_u64().unwrap();
        let beyond = size + 1;
        let refused = |query: &str| admin.get(&format!("{LOG}/{query}")).expect(400).errors();
        let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
        for (query, field) in [
            (format!("inclusion-proof?sequence={size}"), "sequence"),
            ("inclusion-proof?sequence=5&size=5".to_owned(), "sequence"),
            (format!("inclusion-proof?sequence=0&size={beyond}"), "size"),
            ("inclusion-proof?sequence=0&size=0".to_owned(), "size"),
            ("consistency-proof?from=0".to_owned(), "from"),
            ("consistency-proof?from=6&to=5".to_owned(), "from"),
            (format!("consistency-proof?from=1&to={beyond}"), "to"),
            ("consistency-proof?from=1&to=0".to_owned(), "to"),
        ] {
            assert_eq!(refused(&query), one(field, "out-of-range"), "{query}");
        }
        assert_eq!(refused("inclusion-proof"), one("sequence", "required"));
        assert_eq!(refused("inclusion-proof?sequence=-1"), one("sequence", "not-a-number"));
        assert_eq!(refused("consistency-proof?from=99999999999999999999"), one("from", "not-a-number"));
        admin.get(&format!("{CHECKPOINTS}?cursor=x")).expect(400);
    }

    fn c048_c090_what_is_signed_is_shown_to_who_answers_for_the_log_and_of_its_own_institution(server: Server) {
        let (class, other) = (server.class(), server.class());
        checkpointed(server, &class.school.admin);
        let reads = [LOG, CHECKPOINTS, "/v1/audit-log/inclusion-proof?sequence=0", "/v1/audit-log/consistency-proof?from=1"];
        let refused = [class.teacher.client.clone(), class.school.member(Function::Management, &[]).client, server.platform()];
        for path in reads {
            class.school.admin.get(path).expect(200);
            refused.iter().for_each(|client| drop(client.get(path).expect(403).problem("forbidden")));
            server.anyone().get(path).expect(401);
        }
        // The keys of two logs differ, though one key signs them, and so does what is shown.
        let theirs = other.school.admin.get(LOG).expect(200).json();
        let ours = class.school.admin.get(LOG).expect(200).json();
        assert!(theirs["origin"] != ours["origin"] && theirs["verifierKeys"] != ours["verifierKeys"]);
        let foreign = open(ours["checkpoint"]["note"].as_str().unwrap(), &keys(&other.school.admin));
        assert_eq!(foreign, Err(NoteFault::UnknownKey.into()));
        // Looking at hashes tells nothing of anybody, so it is not entered, and the log does not grow by it.
        let size = class.school.admin.get(LOG).expect(200).json()["size"].clone();
        reads.iter().for_each(|path| drop(class.school.admin.get(path).expect(200)));
        assert_eq!(class.school.admin.get(LOG).expect(200).json()["size"], size);
    }

    fn c090_a_log_that_was_altered_and_hashed_anew_is_not_signed_and_is_told(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let before = checkpointed(server, admin);
        let mut thief = Tampering::with(server, &class.school.id);
        thief.edit(3);
        thief.rehash();
        let told = || {
            let events = admin.list("/v1/security-events");
            events.iter().filter(|event| event["kind"] == SecurityEventKind::LogAltered.code()).count()
        };
        assert_eq!(told(), 0);
        admin.get("/v1/pupils").expect(200);
        server.clock.advance(SignedDuration::from_secs(61));
        wait_until(|| told() == 1);
        assert_eq!(server.security_events(SecurityEventKind::LogAltered), 1);
        // It is found every minute, told once a day, and nothing is signed any more.
        let altered = server.audit_log(&class.school.id).entries().len();
        admin.get("/v1/pupils").expect(200);
        server.clock.advance(SignedDuration::from_secs(61));
        let other = server.class();
        checkpointed(server, &other.school.admin);
        assert_eq!(told(), 1);
        assert_eq!(admin.list(CHECKPOINTS), [before]);
        assert!(altered > 3);
    }

    fn c090_an_old_entry_that_was_altered_without_a_trace_in_the_tree_is_found_on_a_round(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        (0..256).for_each(|_| drop(admin.get("/v1/pupils").expect(200)));
        checkpointed(server, admin);
        Tampering::with(server, &class.school.id).edit(3);
        // What is signed a minute later does not show it: of old entries only what stands above them is read.
        server.clock.advance(SignedDuration::from_secs(61));
        wait_until(|| server.security_events(SecurityEventKind::LogAltered) == 1);
        let events = admin.list("/v1/security-events");
        assert!(events.iter().any(|event| event["kind"] == SecurityEventKind::LogAltered.code()));
    }

    fn c090_an_entry_that_was_hidden_as_if_it_had_ended_is_found_on_a_round(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        (0..256).for_each(|_| drop(admin.get("/v1/pupils").expect(200)));
        checkpointed(server, admin);
        Tampering::with(server, &class.school.id).end_body(200);
        server.clock.advance(SignedDuration::from_secs(61));
        wait_until(|| server.security_events(SecurityEventKind::LogAltered) == 1);
    }

    fn c090_the_first_entries_that_were_hidden_before_two_years_are_found_on_a_round(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        checkpointed(server, admin);
        let signed = i64::try_from(admin.get(LOG).expect(200).json()["size"].as_u64().unwrap()).unwrap();
        (0..256).for_each(|_| drop(admin.get("/v1/pupils").expect(200)));
        checkpointed(server, admin);
        let mut thief = Tampering::with(server, &class.school.id);
        (0..=signed + 5).for_each(|entry| thief.end_body(entry));
        server.clock.advance(SignedDuration::from_secs(61));
        wait_until(|| server.security_events(SecurityEventKind::LogAltered) == 1);
    }

    fn c090_entries_that_were_cut_off_are_told_too(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let size = i64::try_from(checkpointed(server, admin)["size"].as_u64().unwrap()).unwrap();
        let mut thief = Tampering::with(server, &class.school.id);
        thief.cut(size - 2);
        thief.rehash();
        server.clock.advance(SignedDuration::from_secs(61));
        wait_until(|| server.security_events(SecurityEventKind::LogAltered) == 1);
        assert_eq!(admin.list(CHECKPOINTS).len(), 1);
    }
}

mod processes {
    use groeilijn_tests::{Database, Installation};

    use super::*;

    /// The key is rotated between two checkpoints: each goes on to hold under the key that signed it.
    fn rotated(installation: Installation) {
        let server =
            Server::start(installation, groeilijn_tests::clock::TestClock::at("2026-11-21T09:00:00Z"));
        let school = server.school();
        let old = keys(&school.admin);
        let first = checkpointed(&server, &school.admin);
        let (token, clock) = (school.admin.token().to_owned(), server.clock.clone());
        let installation = server.stop();
        assert!(run(&installation, &["keys", "rotate", "checkpoints"]).status.success());
        let server = Server::start(installation, clock);
        let admin = server.anyone().with_token(&token);
        let both = keys(&admin);
        assert_eq!((both.len(), &both[..1]), (2, &old[..]));
        let told = admin.get(LOG).expect(200).json()["keys"].clone();
        assert_eq!((&told[0]["endedBy"], &told[0]["endedBecause"]), (&json!("rotation"), &Value::Null));
        admin.get("/v1/pupils").expect(200);
        let second = checkpointed(&server, &admin);
        signed(&second, &both[1..]);
        assert_eq!(open(second["note"].as_str().unwrap(), &old), Err(NoteFault::UnknownKey.into()));
        assert_eq!(admin.list(CHECKPOINTS), [second, first.clone()]);
        signed(&first, &old);
    }

    #[test]
    fn c090_a_checkpoint_holds_under_the_key_that_signed_it_on_sqlite() {
        Installation::fresh(Database::Sqlite).into_iter().for_each(rotated);
    }

    #[test]
    fn c090_a_checkpoint_holds_under_the_key_that_signed_it_on_postgres() {
        Installation::fresh(Database::Postgres).into_iter().for_each(rotated);
    }

    #[test]
    fn c090_two_processes_sign_one_log_and_each_checkpoint_continues_the_one_before() {
        Server::run(Database::Postgres, |server| {
            let school = server.school();
            let other = server.beside();
            let there = other.anyone().with_token(school.admin.token());
            for _ in 0..4 {
                for client in [&school.admin, &there] {
                    client.get("/v1/users").expect(200);
                    checkpointed(server, client);
                }
            }
            let keys = keys(&there);
            let leaves = server.audit_log(&school.id).leaf_hashes();
            let listed = school.admin.list(CHECKPOINTS);
            assert!(listed.len() >= 8, "{}", listed.len());
            for checkpoint in &listed {
                let said = signed(checkpoint, &keys);
                assert_eq!(said.root, root(&leaves[..usize::try_from(said.size).unwrap()]));
            }
        });
    }
}
