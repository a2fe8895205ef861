//! Single proofs taken along, and checked offline with `groeilijn audit prove` (C090, C092).

use groeilijn_tests::{Client, both_databases};
use serde_json::{Value, json};

use super::checkpoints::checkpointed;
use super::desk::Desk;

const PROVE: &str = "/v1/audit-log";

fn inclusion(client: &Client, query: &str) -> Value {
    client.get(&format!("{PROVE}/inclusion-proof?{query}")).expect(200).json()
}

fn consistency(client: &Client, query: &str) -> Value {
    client.get(&format!("{PROVE}/consistency-proof?{query}")).expect(200).json()
}

/// The proof with another value in one of its fields.
fn with(proof: &Value, field: &str, value: Value) -> Value {
    let mut changed = proof.clone();
    changed[field] = value;
    changed
}

both_databases! {
    fn c090_c092_one_entry_is_proved_to_be_in_the_log_without_taking_it_along(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let desk = Desk::with_keys(admin);
        let signed = checkpointed(server, admin)["size"].as_u64().unwrap();

        let proof = inclusion(admin, "sequence=3");
        let said = desk.proves(&proof);
        for expected in ["entry 3 is in the log", proof["leafHash"].as_str().unwrap(), &desk.keys[0]] {
            assert!(said.contains(expected), "{expected}: {said}");
        }
        let other = inclusion(admin, "sequence=4");
        let elsewhere = "the entry is not in the log in that place";
        assert!(desk.disproves(&with(&proof, "sequence", json!(2))).contains(elsewhere));
        assert!(desk.disproves(&with(&proof, "leafHash", other["leafHash"].clone())).contains(elsewhere));
        assert!(desk.disproves(&with(&proof, "hashes", other["hashes"].clone())).contains(elsewhere));
        let other_tree = "its checkpoint is of another tree";
        assert!(desk.disproves(&with(&proof, "root", other["leafHash"].clone())).contains(other_tree));
        assert!(desk.disproves(&with(&proof, "size", json!(signed + 100))).contains(other_tree));
        // A root that nobody signed proves nothing; neither does a file that is something else.
        let unsigned = inclusion(admin, &format!("sequence=3&size={}", signed - 1));
        assert!(desk.disproves(&unsigned).contains("nothing was signed of the log"));
        assert!(desk.disproves(&json!({"sequence": 3})).contains("the file is no proof"));
        assert!(desk.disproves(&with(&proof, "leafHash", json!("short"))).contains("the file is no proof"));
        let others = Desk::with_keys(&server.school().admin);
        assert!(others.disproves(&proof).contains("none of the keys signed it"));
    }

    fn c090_c092_the_log_is_proved_to_continue_a_checkpoint_that_was_kept(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let first = checkpointed(server, admin);
        class.note(&class.pupil, "2026-11-19", &[]);
        class.note(&class.pupil, "2026-11-20", &[]);
        let second = checkpointed(server, admin);
        let from = format!("from={}", first["size"]);
        let proof = consistency(admin, &from);
        assert_eq!(proof["checkpoint"]["size"], proof["to"]);

        let mut desk = Desk::with_keys(admin);
        assert!(desk.disproves(&proof).contains("give the older checkpoint that you kept"));
        desk.keep(&first);
        let said = desk.proves(&proof);
        assert!(said.contains(&format!("the log continues the older checkpoint of {} entries", first["size"])), "{said}");

        let mut hashes = proof["hashes"].as_array().unwrap().clone();
        hashes.reverse();
        hashes.push(proof["toRoot"].clone());
        let altered = with(&proof, "hashes", json!(hashes));
        assert!(desk.disproves(&altered).contains("the log is not a continuation"));
        let unsigned = consistency(admin, &format!("{from}&to={}", second["size"].as_u64().unwrap() - 1));
        assert!(desk.disproves(&unsigned).contains("nothing was signed of the log"));

        // Not of the checkpoint that was kept, or of another log.
        let mut others_desk = Desk::with_keys(admin);
        others_desk.keep(&second);
        assert!(others_desk.disproves(&proof).contains("is not the one that the proof begins with"));
        let other = server.class();
        let mut mixed = Desk::with_keys(admin);
        mixed.keep(&checkpointed(server, &other.school.admin));
        assert!(mixed.disproves(&proof).contains("the older checkpoint is not believed"));
    }
}
