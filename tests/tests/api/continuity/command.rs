//! `groeilijn institution`, as the operator runs it.

use std::fs;
use std::process::{Command, Output};
use std::time::Instant;

use groeilijn_tests::{Database, Installation, School, both_databases};

use super::{Receiver, count};
use crate::durability::pupil;
use crate::killing::killed_after;
use crate::program::{Program, command, refusal, run};

#[track_caller]
fn said(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn export(installation: &Installation, receiver: &Receiver, id: &str, name: &str) -> Output {
    let to = receiver.file(name).display().to_string();
    run(
        installation,
        &["institution", "export", "--id", id, "--to", &to, "--recipient", &receiver.recipient()],
    )
}

fn importing(installation: &Installation, receiver: &Receiver, name: &str, digest: &str) -> Command {
    let (from, identity) =
        (receiver.file(name).display().to_string(), receiver.identity().display().to_string());
    let arguments =
        ["institution", "import", "--from", &from, "--identity", &identity, "--manifest-sha256", digest];
    command(installation, &arguments)
}

fn import(installation: &Installation, receiver: &Receiver, name: &str, digest: &str) -> Output {
    importing(installation, receiver, name, digest).output().unwrap()
}

/// The digest that the operator reads out to the receiver.
fn digest_in(told: &str) -> String {
    let (_, rest) = told.split_once("SHA-256 of its manifest: ").unwrap();
    rest.split_once(';').unwrap().0.to_owned()
}

both_databases! {
    fn c080_the_operator_moves_an_institution_by_two_commands(installation: Installation) {
        let receiver = Receiver::new();
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        let child = school.admin.post("/v1/pupils", &pupil("Noor")).expect(201).id();
        // The server goes on, and sees what the command wrote.
        let told = said(export(installation, &receiver, &school.id, "export.age"));
        assert!(told.contains(&format!("institution {} as of ", school.id)) && told.contains("encrypted to age1"), "{told}");
        let digest = digest_in(&told);
        school.admin.post("/v1/pupils", &pupil("Sam")).expect(201);
        school.admin.get(&format!("/v1/pupils/{child}")).expect(200);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(receiver.file("export.age")).unwrap().permissions()) & 0o777, 0o600);

        let told = refusal(export(installation, &receiver, "00000000-0000-0000-0000-000000000009", "none.age"));
        assert!(told.contains("--id: there is no institution"), "{told}");
        let wrong = ["institution", "export", "--id", &school.id, "--to", "x.age", "--recipient", "age1nobody"];
        assert!(refusal(run(installation, &wrong)).contains("must be a public key of age"));
        if installation.database() == Database::Sqlite {
            let told = refusal(import(installation, &receiver, "export.age", &digest));
            assert!(told.contains("another process works on this database"), "{told}");
        }
        program.kill();

        let other = Installation::fresh(installation.database()).unwrap();
        let told = refusal(import(&other, &receiver, "export.age", &"0".repeat(63)));
        assert!(told.contains("must be 64 hexadecimal digits"), "{told}");
        let told = refusal(import(&other, &receiver, "export.age", &"0".repeat(64)));
        assert!(told.contains("it is not the export that is meant"), "{told}");
        let told = said(import(&other, &receiver, "export.age", &digest));
        assert!(told.contains("pupils.ndjson: 1 lines were taken in"), "{told}");
        assert!(told.contains("audit-entries.ndjson") && told.contains("1 administrators are sent a link"), "{told}");
        let told = refusal(import(&other, &receiver, "export.age", &digest));
        assert!(told.contains("already here"), "{told}");
        let program = Program::serve(&other);
        let email = format!("beheerder@{}", school.domain);
        groeilijn_tests::school::set_password(&program.anyone(), &email);
        let admin = program.anyone().log_in(&email, groeilijn_tests::accounts::PASSWORD);
        assert_eq!(admin.list("/v1/pupils").len(), 1);
    }

    /// Keys are durable before the change that uses them: what a killed import leaves of them keeps no later one out.
    fn c080_an_import_that_is_killed_completes_when_run_again(installation: Installation) {
        let receiver = Receiver::new();
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        for name in ["Noor", "Sam", "Fien"] {
            school.admin.post("/v1/pupils", &pupil(name)).expect(201);
        }
        let digest = digest_in(&said(export(installation, &receiver, &school.id, "export.age")));
        program.kill();
        let fresh = || Installation::fresh(installation.database()).unwrap();
        let begun = Instant::now();
        said(import(&fresh(), &receiver, "export.age", &digest));
        let takes = begun.elapsed();

        let (mut left, mut killed) = (0, 0);
        for point in 1..=8 {
            let other = fresh();
            let keys = |other: &Installation| count(&mut other.raw_keys(), "SELECT count(*) AS count FROM subject_key");
            let before = keys(&other);
            let command = importing(&other, &receiver, "export.age", &digest);
            killed += i32::from(killed_after(command, takes.mul_f64(f64::from(point) / 8.0)));
            let schools = count(&mut other.raw_data(), "SELECT count(*) AS count FROM institution");
            if schools == 0 {
                left += i32::from(keys(&other) > before);
                said(import(&other, &receiver, "export.age", &digest));
            }
            let pupils = count(&mut other.raw_data(), "SELECT count(*) AS count FROM pupil");
            assert_eq!(pupils, 3);
        }
        assert!(killed > 1, "{killed} of 8 were under way, {left} left keys");
    }
}
