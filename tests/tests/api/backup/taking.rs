//! A backup is made while the server goes on, and everything is there again from it in an empty place.

use std::fs;

use groeilijn_tests::audit::{AuditLog, institution_id};
use groeilijn_tests::both_databases;

use super::{
    Vault, answers, backups, empty_place, log_in, manifest, newest, said, school_with_children, unfinished,
};
use crate::durability::pupil;
use crate::program::Program;

both_databases! {
    /// C075, C076, and the clauses' order: data, then keys, each a file of its own, at two places.
    fn c075_a_backup_beside_a_running_server_gives_everything_back_in_an_empty_place(installation: Installation) {
        let vault = Vault::new();
        let program = Program::serve(installation);
        let (school, children) = school_with_children(&program.anyone());
        let before = answers(&school.admin, &children);
        let told = vault.back_up(installation);
        assert!(told.contains("is made and checked") && told.contains("1 institutions"), "{told}");
        school.admin.post("/v1/pupils", &pupil("Later")).expect(201);
        program.kill();

        for folder in [vault.here(), vault.there()] {
            assert_eq!(unfinished(&folder), 0);
            for half in ["data", "keys"] {
                let kept = backups(&folder, half);
                assert_eq!(kept.len(), 1);
                let names: Vec<_> = fs::read_dir(&kept[0]).unwrap().map(|entry| entry.unwrap().file_name()).collect();
                assert_eq!(names.len(), 2, "{names:?}");
                let text = fs::read_to_string(kept[0].join("manifest.json")).unwrap();
                assert!(!text.contains("Noor") && !text.contains(&school.domain), "{text}");
                let sealed = fs::read(kept[0].join(format!("{half}.age"))).unwrap();
                assert!(sealed.starts_with(b"age-encryption.org/v1"));
            }
        }
        let (data, keys) = (manifest(&newest(&vault.here(), "data")), manifest(&newest(&vault.here(), "keys")));
        assert_eq!(data["rows"]["pupil"], 3);
        assert_eq!(data["trees"].as_object().unwrap().len(), 2);
        assert_eq!(data["id"], keys["id"]);
        assert!(data["takenAt"].as_str().unwrap() < keys["takenAt"].as_str().unwrap());

        let place = empty_place(installation);
        let told = said(vault.restore(&place, &["data", "keys"]));
        assert!(told.contains("the data of") && told.contains("the keys of"), "{told}");
        let program = Program::serve(&place);
        program.anyone().with_token(school.admin.token()).get("/v1/pupils").expect(401);
        let admin = log_in(&program, &school);
        assert_eq!(answers(&admin, &children), before);
        admin.post("/v1/pupils", &pupil("Nieuw")).expect(201);
        AuditLog::read(&mut place.raw_data(), institution_id(&school.id)).check();
    }

    fn backups_whose_days_are_over_are_taken_away(installation: Installation) {
        let vault = Vault::new();
        vault.back_up(installation);
        for (half, days) in [("data", 31), ("keys", 8), ("data", 20), ("keys", 6)] {
            for folder in [vault.here(), vault.there()] {
                age(&newest(&folder, half), days);
            }
        }
        let told = vault.back_up(installation);
        assert!(told.contains("4 older ones were taken away"), "{told}");
        for folder in [vault.here(), vault.there()] {
            let left = |half| backups(&folder, half).len();
            assert_eq!((left("data"), left("keys")), (3, 3));
        }
    }
}

/// Gives a copy of a backup of which so many days have passed.
fn age(backup: &std::path::Path, days: i64) {
    let older = backup.with_file_name(format!("0-{days}"));
    fs::create_dir(&older).unwrap();
    for entry in fs::read_dir(backup).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), older.join(entry.file_name())).unwrap();
    }
    let mut known = manifest(&older);
    let taken: jiff::Timestamp = known["takenAt"].as_str().unwrap().parse().unwrap();
    known["takenAt"] = (taken - jiff::SignedDuration::from_hours(24 * days)).to_string().into();
    fs::write(older.join("manifest.json"), known.to_string()).unwrap();
}
