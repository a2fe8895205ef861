//! `groeilijn evidence`: a signed pack for an auditor, checked offline with the public key alone.

use std::fs;
use std::path::Path;

use groeilijn_tests::reply::text;
use groeilijn_tests::{Installation, School, both_databases};
use serde_json::{Value, json};

use crate::program::{Program, command, refusal, run};

fn file(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

/// Has the operator write a pack, and gives what was said.
#[track_caller]
fn pack(installation: &Installation, id: &str, to: &Path) -> String {
    let made = run(installation, &["evidence", "pack", "--id", id, "--to", &to.display().to_string()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap()
}

both_databases! {
    fn c111_c091_an_auditor_checks_a_pack_offline_and_any_change_of_it_is_found(installation: Installation) {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("pack");
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        let keys = school.admin.get("/v1/certificate-keys").expect(200).items();
        let key = text(&keys.last().unwrap()["publicKey"]);
        let told = pack(installation, &school.id, &folder);
        assert!(told.contains(&school.id) && told.contains("/v1/certificate-keys"), "{told}");

        let clauses = file(&folder, "clauses.json");
        let shown = school.admin.list("/v1/compliance/clauses");
        assert_eq!(clauses.as_array().unwrap().len(), shown.len());
        let told = |clause: &Value| ["id", "state", "missing", "proofs", "records"].map(|member| clause[member].clone());
        for (packed, shown) in clauses.as_array().unwrap().iter().zip(&shown) {
            assert_eq!(told(packed), told(shown));
        }
        assert_eq!(file(&folder, "evidence-records.json"), json!([]));
        let listed = school.admin.list("/v1/audit-entries");
        assert!(listed.iter().any(|entry| entry["operation"] == "packEvidence"), "{listed:?}");

        let check = |key: &str| command(installation, &["evidence", "verify", &folder.display().to_string(), "--public-key", key]).output().unwrap();
        let held = check(&key);
        assert!(held.status.success() && String::from_utf8_lossy(&held.stdout).contains("3 files"), "{held:?}");
        let zeros = "A".repeat(43) + "=";
        assert!(refusal(check(&zeros)).contains("another key"));
        for name in ["clauses.json", "evidence-records.json", "audits.json", "manifest.json"] {
            let before = fs::read(folder.join(name)).unwrap();
            let mut changed = before.clone();
            changed.push(b' ');
            fs::write(folder.join(name), &changed).unwrap();
            assert!(refusal(check(&key)).contains(name), "{name}");
            fs::remove_file(folder.join(name)).unwrap();
            assert!(refusal(check(&key)).contains(name), "{name}");
            fs::write(folder.join(name), &before).unwrap();
        }
        let (listed, kept) = (folder.join("clauses.json"), place.path().join("clauses.json"));
        fs::rename(&listed, &kept).unwrap();
        std::os::unix::fs::symlink(&kept, &listed).unwrap();
        assert!(refusal(check(&key)).contains("no regular file"));
        fs::remove_file(&listed).unwrap();
        fs::create_dir(&listed).unwrap();
        assert!(refusal(check(&key)).contains("no regular file"));
        fs::remove_dir(&listed).unwrap();
        fs::rename(&kept, &listed).unwrap();
        fs::write(folder.join("more.json"), "{}").unwrap();
        assert!(refusal(check(&key)).contains("more.json"));
        fs::remove_file(folder.join("more.json")).unwrap();
        assert!(check(&key).status.success());
    }

    fn c092_a_pack_has_the_audits_of_the_institution_and_gets_a_folder_of_its_own(installation: Installation) {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("pack");
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        // The program goes by the real clock.
        let asked = json!({"auditOn": "2999-01-01", "documentSha256": "ab".repeat(32), "documentBytes": 18_204});
        let audit = school.admin.post(&format!("/v1/institutions/{}/audits", school.id), &asked).expect(201).json();
        pack(installation, &school.id, &folder);
        assert_eq!(file(&folder, "audits.json"), json!([audit]));
        assert_eq!(file(&folder, "manifest.json")["statement"]["institutionId"], json!(school.id));
        let to = |id: &str, name: &str| {
            let to = place.path().join(name).display().to_string();
            refusal(run(installation, &["evidence", "pack", "--id", id, "--to", &to]))
        };
        assert!(to(&school.id, "pack").contains("pack"));
        assert!(to(groeilijn_tests::client::ABSENT, "other").contains("there is no institution"));
    }
}
