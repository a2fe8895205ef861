//! Letters that wait while the key store is away, and those whose addressee is gone.

use diesel::sql_types::{BigInt, Binary};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Database, Installation, School, both_databases};
use uuid::Uuid;

use crate::program::{Program, command};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn letters(installation: &Installation) -> i64 {
    let query = sql_query("SELECT count(*) AS count FROM letter");
    query.get_result::<Count>(&mut installation.raw_data()).unwrap().count
}

/// Has every letter that waits be due at once, or in a thousand years.
fn set_due(installation: &Installation, at_once: bool) {
    let due = if at_once { 1 } else { 33_000_000_000_000_000 };
    let query = sql_query("UPDATE letter SET due_at = $1, lease_until = 0").bind::<BigInt, _>(due);
    assert_eq!(query.execute(&mut installation.raw_data()).unwrap(), 1);
}

/// Leaves a letter to a new user, which could not be sent, and gives her id and address. The program is gone afterwards.
fn leave_a_letter(installation: &Installation) -> (String, String) {
    let program = Program::serve(installation);
    let school = School::found(&program.anyone());
    program.kill();
    let mut without_mail = command(installation, &["serve"]);
    // Nobody listens there.
    without_mail
        .env("GROEILIJN_MAIL__SMTP_SERVER", "127.0.0.1")
        .env("GROEILIJN_MAIL__SMTP_PORT", "9")
        .env("GROEILIJN_MAIL__SMTP_SECURITY", "none");
    let program = Program::start(without_mail, installation.mailbox());
    let body = school.new_user(Function::Teacher, &[]);
    let admin = program.anyone().with_token(school.admin.token());
    let made = admin.post("/v1/users", &body).expect(201).json();
    program.wait_for_log("a letter is tried again later");
    program.kill();
    assert_eq!(letters(installation), 1);
    (text(&made["user"]["id"]), text(&body["email"]))
}

both_databases! {
    fn a_letter_to_whose_key_was_destroyed_is_thrown_away_and_logged(installation: Installation) {
        let (user, email) = leave_a_letter(installation);
        set_due(installation, true);
        let destroyed = sql_query(
            "UPDATE subject_key SET wrapped = NULL, parent_id = NULL, parent_version = NULL, destroyed_at = 1 \
             WHERE subject_id = $1",
        );
        let id = Uuid::parse_str(&user).unwrap().into_bytes().to_vec();
        assert!(destroyed.bind::<Binary, _>(id).execute(&mut installation.raw_keys()).unwrap() > 0);
        let program = Program::serve(installation);
        program.wait_for_log("a letter is thrown away");
        while letters(installation) != 0 {}
        assert_eq!(program.anyone().mailbox().letters(&email).len(), 0);
    }
}

/// The data is there, and the keys are not.
#[test]
fn a_letter_that_waits_while_the_key_store_is_away_is_sent_afterwards() {
    let Some(installation) = Installation::fresh(Database::Postgres) else { return };
    let (_, email) = leave_a_letter(&installation);
    set_due(&installation, false);
    let program = Program::serve(&installation);
    installation.let_keys_go();
    set_due(&installation, true);
    program.wait_for_log("letters are left for later");
    assert_eq!(letters(&installation), 1);
    assert_eq!(program.anyone().mailbox().letters(&email).len(), 0);
    installation.let_keys_come_back();
    assert_eq!(program.anyone().mailbox().tokens(&email, 1).len(), 1);
    while letters(&installation) != 0 {}
}
