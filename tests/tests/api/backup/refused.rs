//! What keeps a backup from being made or put back: told plainly, with nothing half done.

use std::fs;

use groeilijn_tests::small_disk::SmallDisk;
use groeilijn_tests::{Database, both_databases};

use super::{Vault, answers, backups, empty_place, log_in, newest, said, school_with_children, unfinished};
use crate::program::{Program, refusal};

#[track_caller]
fn says(told: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| told.contains(part)), "{told}");
}

both_databases! {
    fn a_backup_is_put_back_neither_onto_a_running_server_nor_onto_data_unasked(installation: Installation) {
        let vault = Vault::new();
        let program = Program::serve(installation);
        let (school, children) = school_with_children(&program.anyone());
        let before = answers(&school.admin, &children);
        vault.back_up(installation);
        let refused = refusal(vault.restore(installation, &["data", "replace"]));
        says(&refused, &["another process works on this database", "stop"]);
        program.kill();

        let refused = refusal(vault.restore(installation, &["data"]));
        says(&refused, &["there is data already", "--replace"]);
        let refused = refusal(vault.restore(&empty_place(installation), &["data"]));
        says(&refused, &["there is no key store", "--keys"]);
        let program = Program::serve(installation);
        assert_eq!(answers(&program.anyone().with_token(school.admin.token()), &children), before);
    }

    fn a_backup_that_is_altered_cut_off_or_not_for_this_key_is_refused(installation: Installation) {
        let vault = Vault::new();
        vault.back_up(installation);
        let place = empty_place(installation);
        let file = newest(&vault.here(), "data").join("data.age");
        let whole = fs::read(&file).unwrap();
        let mut altered = whole.clone();
        *altered.last_mut().unwrap() ^= 1;
        for bad in [altered, whole[..whole.len() / 2].to_vec(), Vec::new()] {
            fs::write(&file, bad).unwrap();
            says(&refusal(vault.restore(&place, &["data", "keys"])), &["data.age", "altered or cut off"]);
        }
        fs::write(&file, whole).unwrap();
        let own = fs::read(vault.identity()).unwrap();
        fs::copy(Vault::new().identity(), vault.identity()).unwrap();
        let refused = refusal(vault.restore(&place, &["data", "keys"]));
        assert!(refused.contains("identity") || refused.contains("secret key"), "{refused}");
        fs::write(vault.identity(), own).unwrap();
        said(vault.restore(&place, &["data", "keys"]));
    }

    fn a_backup_without_a_folder_a_recipient_or_the_right_to_write_says_what_to_do(installation: Installation) {
        let vault = Vault::new();
        let command = |name: &str, value: &str| {
            let mut command = vault.command(installation, &["backup"]);
            command.env(name, value);
            refusal(command.output().unwrap())
        };
        says(&command("GROEILIJN_BACKUP__FOLDER", ""), &["backup.folder", "name the folder"]);
        says(&command("GROEILIJN_BACKUP__RECIPIENT", ""), &["backup.recipient", "age-keygen"]);
        says(&command("GROEILIJN_BACKUP__RECIPIENT", "age1wrong"), &["backup.recipient"]);
        let file = vault.identity();
        says(&command("GROEILIJN_BACKUP__FOLDER", &format!("{file}/below")), &["backup.folder", "cannot be written"]);
        if installation.database() == Database::Sqlite {
            let inside = installation.folder().join("backups");
            says(&command("GROEILIJN_BACKUP__FOLDER", inside.to_str().unwrap()), &["backup.folder", "another disk"]);
            assert!(!inside.exists());
        } else {
            let settings = installation.settings();
            says(&command("GROEILIJN_BACKUP__DATABASE_URL", &settings.database.url), &["BYPASSRLS"]);
            says(&command("GROEILIJN_BACKUP__POSTGRES_PROGRAMS", "/nowhere"), &["pg_dump", "postgres_programs"]);
        }
        assert!(backups(&vault.here(), "data").is_empty() && backups(&vault.there(), "data").is_empty());
        assert_eq!(unfinished(&vault.here()), 0);
        said(vault.command(installation, &["backup"]).output().unwrap());
    }

    fn a_full_backup_folder_keeps_the_backups_that_are_there(installation: Installation) {
        let Some(disk) = SmallDisk::mount(16) else { return };
        let vault = Vault::new();
        let back_up = || {
            let mut command = vault.command(installation, &["backup"]);
            command.env("GROEILIJN_BACKUP__FOLDER", disk.path()).output().unwrap()
        };
        said(back_up());
        disk.fill();
        says(&refusal(back_up()), &["make room there", "nothing of this backup was kept"]);
        assert_eq!((backups(disk.path(), "data").len(), backups(disk.path(), "keys").len()), (1, 1));
        assert_eq!(unfinished(disk.path()), 0);
        disk.free();
        said(back_up());
        assert_eq!(backups(disk.path(), "data").len(), 2);
    }

    fn a_backup_that_does_not_pass_its_checks_is_not_kept(installation: Installation) {
        let vault = Vault::new();
        let program = Program::serve(installation);
        let (school, _) = school_with_children(&program.anyone());
        let _ = log_in(&program, &school);
        program.kill();
        super::lose_an_audit_entry(installation);
        let refused = refusal(vault.command(installation, &["backup"]).output().unwrap());
        says(&refused, &["the backup is not good and was not kept", "the audit log"]);
        assert!(backups(&vault.here(), "data").is_empty());
        assert_eq!(unfinished(&vault.here()), 0);
    }
}
