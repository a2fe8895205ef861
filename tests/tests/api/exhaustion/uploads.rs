//! School files that are sent slowly keep nobody waiting.

use groeilijn_tests::{School, both_databases};

use super::Slow;
use crate::children::imports::{EDEXML, XML, send};
use crate::program::{Program, command};

/// A file of a megabyte that stops after its first bytes.
fn slow_file(program: &Program, school: &School) -> Slow {
    let head = "Content-Type: application/xml";
    let mut file = Slow::announce(program.address(), "/v1/imports", school.admin.token(), head, 1 << 20);
    file.go_on();
    file.send(b"<EDEX>");
    file
}

both_databases! {
    fn slow_uploads_keep_nobody_from_importing(installation: Installation) {
        let program = Program::serve(installation);
        let anyone = program.anyone();
        let [one, other] = [School::found(&anyone), School::found(&anyone)];
        let slow: Vec<_> = (0..8).map(|_| slow_file(&program, &one)).collect();
        send(&other.admin, XML, EDEXML).expect(201);
        send(&one.admin, XML, EDEXML).expect(201);
        drop(slow);
    }

    fn an_upload_below_the_least_speed_is_given_up(installation: Installation) {
        let mut command = command(installation, &["serve"]);
        command.env("GROEILIJN_LIMITS__BODY_SECONDS", "1");
        let program = Program::start(command, installation.mailbox());
        let school = School::found(&program.anyone());
        assert_eq!(slow_file(&program, &school).status(), 408);
    }

    fn a_file_fits_in_the_memory_that_there_is_for_it(installation: Installation) {
        let mut command = command(installation, &["serve"]);
        command.env("GROEILIJN_LIMITS__IMPORT_MEMORY_BYTES", (2_u64 * (67 << 20)).to_string());
        let program = Program::start(command, installation.mailbox());
        let school = School::found(&program.anyone());
        send(&school.admin, XML, EDEXML).expect(201);
        let large = vec![b' '; (1 << 20) + 1];
        send(&school.admin, XML, &large).expect(413);
    }
}
