//! Exports that are not taken in: each with a clear answer, and nothing is changed.

use std::fs;

use groeilijn_tests::{Installation, both_databases};
use serde_json::{Value, json};

use super::{Digests, Receiver, count, lines, other_installation};

/// A change of the lines of a file.
type Change<'a> = &'a dyn Fn(&mut Vec<Value>);

/// How many rows there are of what an import would enter, and how many keys.
pub(super) fn rows(installation: &Installation) -> Vec<i64> {
    let count = |connection: &mut _, table: &str| {
        count(connection, &format!("SELECT count(*) AS count FROM {table}"))
    };
    let mut data = installation.raw_data();
    let tables = [
        "institution",
        "account",
        "membership",
        "users",
        "pupil",
        "note",
        "invitation",
        "letter",
        "audit_entry",
    ];
    let mut all: Vec<i64> = tables.iter().map(|table| count(&mut data, table)).collect();
    all.extend(["institution_key", "subject_key"].map(|table| count(&mut installation.raw_keys(), table)));
    all
}

both_databases! {
    fn c080_what_is_wrong_is_told_and_nothing_is_taken_in(server: Server) {
        let Some(target) = other_installation(server) else { return };
        let class = server.class();
        class.note(&class.pupil, "2026-11-20", &["gross-motor-skills"]);
        class.register(&class.pupil, "2026-11-20", &json!({"scales": {"involvement": 4}}));
        let receiver = Receiver::new();
        let export = receiver.export(server, &class.school.id, "export.age").unwrap();
        let files = receiver.files(&export);
        let untouched = rows(&target);

        // Altered, cut off, somebody else's, no export at all.
        let sealed = fs::read(&export).unwrap();
        let mut altered = sealed.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        fs::write(receiver.file("altered.age"), altered).unwrap();
        fs::write(receiver.file("cut.age"), &sealed[..middle]).unwrap();
        let digest = receiver.manifest_sha256(&export);
        for name in ["altered.age", "cut.age"] {
            let told = receiver.refusal_told(&target, &receiver.file(name), digest);
            assert!(told.contains("changed, cut off or is damaged"), "{told}");
        }
        let told = Receiver::new().refusal(&target, &export);
        assert!(told.contains("does not open it"), "{told}");
        fs::write(receiver.file("no.age"), "nothing").unwrap();
        assert!(receiver.refusal(&target, &receiver.file("no.age")).contains("not a file of age"));

        // Changed behind the digests.
        let changed = |kind: &str, change: &dyn Fn(&mut Vec<Value>)| {
            let mut all = lines(&files, kind);
            change(&mut all);
            let mut files = files.clone();
            files.insert(format!("{kind}.ndjson"), all.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes());
            files
        };
        let renamed = changed("pupils", &|pupils| pupils[0]["firstName"] = json!("Anders"));
        let told = receiver.refusal(&target, &receiver.remade(&renamed, Digests::AsBefore, "digest.age"));
        assert!(told.contains("pupils.ndjson is not what manifest.json says"), "{told}");
        let mut without = files.clone();
        without.remove("notes.ndjson");
        let told = receiver.refusal(&target, &receiver.remade(&without, Digests::AsBefore, "without.age"));
        assert!(told.contains("manifest.json has it"), "{told}");

        // Another one than was told, though nothing in it is wrong: anybody can encrypt to a public key.
        let forged = receiver.remade(&renamed, Digests::Anew, "forged.age");
        let told = receiver.refusal_told(&target, &forged, digest);
        assert!(told.contains("it is not the export that is meant"), "{told}");

        // Of another form.
        let manifest = |change: &dyn Fn(&mut Value)| {
            let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
            change(&mut manifest);
            let mut files = files.clone();
            files.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
            files
        };
        let newer = manifest(&|manifest| manifest["format"] = json!(2));
        let told = receiver.refusal(&target, &receiver.remade(&newer, Digests::AsBefore, "newer.age"));
        assert!(told.contains("of format 2, and this program reads format 1"), "{told}");
        let unknown = manifest(&|manifest| manifest["files"][0]["name"] = json!("wishes.ndjson"));
        let told = receiver.refusal(&target, &receiver.remade(&unknown, Digests::AsBefore, "unknown.age"));
        assert!(told.contains("wishes.ndjson is not known to this program"), "{told}");

        // Wrong lines: file, line and member, and nothing of what they say.
        let wrong: [(&str, Change<'_>, &str); 10] = [
            ("pupils", &|all| all[0]["birthDate"] = json!("gisteren"), "pupils.ndjson, line 1, birthDate: must be a day"),
            ("pupils", &|all| all[0]["dayPartsPerWeek"] = json!(15), "pupils.ndjson, line 1, dayPartsPerWeek: must be"),
            ("pupils", &|all| all[0]["burgerservicenummer"] = json!("x"), "pupils.ndjson, line 1: has 1 members"),
            ("notes", &|all| all[0]["text"] = json!("111222333"), "notes.ndjson, line 1, text: "),
            ("notes", &|all| all[0]["pupilId"] = json!(class.group), "notes.ndjson, line 1, pupilId: there is no such line"),
            ("notes", &|all| all[0]["withdrawnAt"] = json!("2026-11-21T09:30:00Z"), "notes.ndjson, line 1, withdrawnBy: goes with"),
            (
                "registrations",
                &|all| {
                    all[0]["withdrawnAt"] = json!("2026-11-21T09:30:00Z");
                    all[0]["finalVersion"] = Value::Null;
                },
                "registrations.ndjson, line 1, withdrawnAt: is of what is final alone",
            ),
            ("users", &|all| all[1]["function"] = json!("boss"), "users.ndjson, line 2, function: must be one of"),
            ("groups", &|all| all.push(all[0].clone()), "groups.ndjson, line 3: another line is known by the same"),
            (
                "registration-versions",
                &|all| all[0]["judgements"] = json!({"scales": {"involvement": "vier"}}),
                "registration-versions.ndjson, line 1, content: is not as its schema says",
            ),
        ];
        for (kind, change, expected) in wrong {
            let path = receiver.remade(&changed(kind, change), Digests::Anew, "wrong.age");
            let told = receiver.refusal(&target, &path);
            assert!(told.contains(expected) && told.contains("nothing was taken in"), "{told}");
            assert!(!told.contains("gisteren") && !told.contains("111222333") && !told.contains("boss"), "{told}");
        }

        // What only the database finds.
        let twice = changed("placements", &|all| {
            let mut other = all[0].clone();
            other["id"] = json!(class.group);
            other["endedOn"] = Value::Null;
            let mut third = other.clone();
            third["id"] = json!(class.pupil);
            all.extend([other, third]);
        });
        let told = receiver.refusal(&target, &receiver.remade(&twice, Digests::Anew, "twice.age"));
        assert!(told.contains("placements.ndjson, line"), "{told}");
        let mut staff = changed("users", &|all| all[0]["email"] = json!(groeilijn_tests::accounts::PLATFORM_ADMINISTRATOR));
        staff.get_mut("mail-domains.ndjson").unwrap().extend_from_slice(b"{\"domain\":\"groeilijn.example\"}\n");
        let told = receiver.refusal(&target, &receiver.remade(&staff, Digests::Anew, "staff.age"));
        assert!(told.contains("users.ndjson, line 1, email: must not be an address of the processor's staff"), "{told}");

        assert_eq!(rows(&target), untouched);
        receiver.import(&target, &export).unwrap();
        assert!(receiver.refusal(&target, &export).contains("already here"));
        assert!(receiver.refusal(server.installation(), &export).contains("already here"));
    }
}
