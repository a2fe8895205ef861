//! `groeilijn institution`, as the operator runs it.

use std::fs;
use std::process::Output;

use groeilijn_tests::{Database, Installation, School, both_databases};

use super::Receiver;
use crate::durability::pupil;
use crate::program::{Program, refusal, run};

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

fn import(installation: &Installation, receiver: &Receiver, name: &str) -> Output {
    let (from, identity) =
        (receiver.file(name).display().to_string(), receiver.identity().display().to_string());
    run(installation, &["institution", "import", "--from", &from, "--identity", &identity])
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
        school.admin.post("/v1/pupils", &pupil("Sam")).expect(201);
        school.admin.get(&format!("/v1/pupils/{child}")).expect(200);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(receiver.file("export.age")).unwrap().permissions()) & 0o777, 0o600);

        let told = refusal(export(installation, &receiver, "00000000-0000-0000-0000-000000000009", "none.age"));
        assert!(told.contains("--id: there is no institution"), "{told}");
        let wrong = ["institution", "export", "--id", &school.id, "--to", "x.age", "--recipient", "age1nobody"];
        assert!(refusal(run(installation, &wrong)).contains("must be a public key of age"));
        if installation.database() == Database::Sqlite {
            let told = refusal(import(installation, &receiver, "export.age"));
            assert!(told.contains("another process works on this database"), "{told}");
        }
        program.kill();

        let other = Installation::fresh(installation.database()).unwrap();
        let told = said(import(&other, &receiver, "export.age"));
        assert!(told.contains("pupils.ndjson: 1 lines were taken in"), "{told}");
        assert!(told.contains("audit-entries.ndjson") && told.contains("1 administrators are sent a link"), "{told}");
        let told = refusal(import(&other, &receiver, "export.age"));
        assert!(told.contains("already here"), "{told}");
        let program = Program::serve(&other);
        let email = format!("beheerder@{}", school.domain);
        groeilijn_tests::school::set_password(&program.anyone(), &email);
        let admin = program.anyone().log_in(&email, groeilijn_tests::accounts::PASSWORD);
        assert_eq!(admin.list("/v1/pupils").len(), 1);
    }
}
