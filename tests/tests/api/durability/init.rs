//! Making an installation: what the operator gives is checked as the API would, and the first administrator's link is
//! told to whoever runs it.

use std::fs;
use std::path::Path;
use std::process::Output;

use groeilijn_tests::accounts::{PASSWORD, PLATFORM_ADMINISTRATOR};
use groeilijn_tests::framework::SHIPPED;
use groeilijn_tests::{Authenticator, Installation, both_databases};
use serde_json::json;

use crate::program::{Program, command, refusal, run};

/// `groeilijn init` with a first administrator, of whom the address, the first name and the day are given.
fn init(installation: &Installation, statement: &Path, [email, first, day]: [&str; 3]) -> Output {
    let statement = statement.to_str().unwrap();
    let arguments = [
        "init",
        "--platform-administrator",
        email,
        "--first-name",
        first,
        "--last-name",
        "Platform",
        "--statement",
        statement,
        "--signed-on",
        day,
    ];
    run(installation, &arguments)
}

/// The token of the link that is printed.
fn token(printed: &str) -> Option<String> {
    let (_, rest) = printed.split_once("#token=")?;
    Some(rest.split_whitespace().next().unwrap().to_owned())
}

both_databases! {
    fn c045_every_wrong_argument_is_told_and_nothing_is_made(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let empty = bare.folder().join("statement.pdf");
        fs::write(&empty, "").unwrap();
        let told = refusal(init(&bare, &empty, ["fien@gmail.com", "…", "2999-01-01"]));
        for argument in ["--platform-administrator: ", "--first-name: ", "--statement: ", "--signed-on: "] {
            assert!(told.contains(argument), "{told}");
        }
        assert!(!told.contains("--last-name: ") && told.contains("the file is empty"), "{told}");
        let told = refusal(init(&bare, &bare.folder().join("geen.pdf"), ["fien", "Fien", "gisteren"]));
        for argument in ["--platform-administrator: ", "--statement: ", "geen.pdf", "--signed-on: "] {
            assert!(told.contains(argument), "{told}");
        }
        let root_key = bare.settings().keys.root_key_file;
        assert!(!root_key.exists());
    }

    fn the_first_administrator_uses_the_link_that_is_printed(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let statement = bare.folder().join("statement.pdf");
        fs::write(&statement, "Verzonnen geheimhoudingsverklaring").unwrap();
        let made = init(&bare, &statement, [PLATFORM_ADMINISTRATOR, "Priem", "2026-11-01"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let printed = String::from_utf8(made.stdout).unwrap();
        assert!(printed.lines().any(|line| line.starts_with("http://127.0.0.1:0/password#token=")), "{printed}");
        let token = token(&printed).unwrap();
        assert!(!String::from_utf8(made.stderr).unwrap().contains(&token));

        let program = Program::serve(&bare);
        let chosen = json!({"token": token, "password": PASSWORD});
        program.anyone().post("/v1/invitations/_accept", &chosen).expect(204);
        let administrator = program.anyone().log_in(PLATFORM_ADMINISTRATOR, PASSWORD);
        Authenticator::bind(&administrator);
        assert_eq!(administrator.list("/v1/frameworks").len(), SHIPPED);
        let letter = bare.mailbox().wait_for(PLATFORM_ADMINISTRATOR, "#token=", 1).pop().unwrap();
        assert!(letter.split("\r\n").any(|line| line.ends_with(&format!("/password#token={token}"))), "{letter}");
        program.ask_to_stop();
        assert!(!program.ended().1.contains(&token));
    }

    fn with_a_mail_server_the_link_is_in_the_letter_alone(installation: Installation) {
        let bare = Installation::bare(installation.database()).unwrap();
        let statement = bare.folder().join("statement.pdf");
        fs::write(&statement, "Verzonnen geheimhoudingsverklaring").unwrap();
        let arguments = [
            "init", "--platform-administrator", PLATFORM_ADMINISTRATOR, "--first-name", "Priem", "--last-name",
            "Platform", "--statement", statement.to_str().unwrap(), "--signed-on", "2026-11-01",
        ];
        let made = command(&bare, &arguments).env("GROEILIJN_MAIL__SMTP_SERVER", "mail.groeilijn.example").output();
        let made = made.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        assert_eq!(token(&String::from_utf8(made.stdout).unwrap()), None);
        // Whoever is sent a link wants it to work elsewhere than here.
        assert!(String::from_utf8(made.stderr).unwrap().contains("http.public_origin"));
    }
}
