//! The restore drill: yesterday's data beside today's keys.

use groeilijn_tests::audit::{AuditLog, institution_id};
use groeilijn_tests::clock::TestClock;
use groeilijn_tests::{Database, both_databases};

use super::{Vault, answers, destroy, log_in, said, school_with_children};
use crate::program::{Program, refusal};

/// The clock that the program goes by.
#[allow(clippy::disallowed_methods, reason = "the program itself goes by the real clock")]
fn now() -> TestClock {
    TestClock::at(&jiff::Timestamp::now().to_string())
}

both_databases! {
    /// C075, C076: the drill gives identical data, but for the child that was destroyed since.
    fn c075_a_destroyed_child_is_not_brought_back_and_the_rest_is_identical(installation: Installation) {
        let vault = Vault::new();
        let program = Program::serve(installation);
        let (school, children) = school_with_children(&program.anyone());
        let [gone, others @ ..] = children.as_slice() else { panic!() };
        let before = answers(&school.admin, others);
        vault.back_up(installation);
        program.kill();
        destroy(installation, &now(), &school.id, gone);

        let told = said(vault.restore(installation, &["data", "replace"]));
        assert!(told.contains("the key store that was there is used"), "{told}");
        assert!(told.contains("1 of kind pupil: destroyed, and not brought back"), "{told}");
        let program = Program::serve(installation);
        let admin = log_in(&program, &school);
        admin.get(&format!("/v1/pupils/{gone}")).expect(404);
        let without = |all: Vec<(String, u16, serde_json::Value)>| -> Vec<_> {
            let drop_gone = |mut body: serde_json::Value| {
                if let Some(items) = body.get_mut("items").and_then(serde_json::Value::as_array_mut) {
                    items.retain(|item| item["id"] != gone.as_str());
                }
                body
            };
            all.into_iter().map(|(path, status, body)| (path, status, drop_gone(body))).collect()
        };
        let after = answers(&admin, others);
        assert!(after.iter().all(|(_, _, body)| !body.to_string().contains(gone.as_str())));
        assert_eq!(after, without(before));
        AuditLog::read(&mut installation.raw_data(), institution_id(&school.id)).check();
        program.kill();

        // And from the keys of before the destruction it does not come back either.
        let place = super::empty_place(installation);
        vault.back_up(installation);
        let old_keys = super::backups(&vault.here(), "keys").remove(0);
        let data = super::backups(&vault.here(), "data").remove(0);
        let arguments = ["restore", "--identity", &vault.identity(), "--data", &data.display().to_string(), "--keys",
            &old_keys.display().to_string()];
        let refused = refusal(vault.command(&place, &arguments).output().unwrap());
        assert!(refused.contains("the key store is too old"), "{refused}");
        if place.database() == Database::Sqlite {
            let settings = place.settings();
            for url in [settings.database.url, settings.keys.url] {
                assert!(!std::path::Path::new(url.trim_start_matches("sqlite://")).exists(), "{url}");
            }
        }
    }
}
