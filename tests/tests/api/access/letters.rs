//! Letters: what they say, and that each is sent once, also when the mail server is away or the service stops.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use diesel::sql_types::{BigInt, Binary};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::reply::text;
use groeilijn_tests::{Installation, Server, both_databases};
use jiff::SignedDuration;
use serde_json::json;
use uuid::Uuid;

const BLOCKED: &str = "geblokkeerd";
const EXPIRES: &str = "verloopt op";

/// The address of a user as it is stored.
fn address_of(server: &Server, id: &str) -> Vec<u8> {
    #[derive(QueryableByName)]
    struct Stored {
        #[diesel(sql_type = Binary)]
        email: Vec<u8>,
    }
    let select = sql_query("SELECT email FROM users WHERE id = $1");
    let bytes = Uuid::parse_str(id).unwrap().into_bytes().to_vec();
    let stored: Stored = select.bind::<Binary, _>(bytes).get_result(&mut server.raw_data()).unwrap();
    stored.email
}

/// Stores something else as the address of a user.
fn set_address(server: &Server, id: &str, stored: &[u8]) {
    let update = sql_query("UPDATE users SET email = $1 WHERE id = $2")
        .bind::<Binary, _>(stored.to_vec())
        .bind::<Binary, _>(Uuid::parse_str(id).unwrap().into_bytes().to_vec());
    assert_eq!(update.execute(&mut server.raw_data()).unwrap(), 1);
}

/// Waits until a letter was tried in vain.
fn wait_for_a_failed_attempt(server: &Server) {
    #[derive(QueryableByName)]
    struct Tried {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let mut connection = server.raw_data();
    for _ in 0..1_000_000 {
        let select = sql_query("SELECT count(*) AS count FROM letter WHERE attempts > 0");
        let tried: Tried = select.get_result(&mut connection).unwrap();
        if tried.count > 0 {
            return;
        }
    }
    panic!("no letter was tried in vain");
}

both_databases! {
    fn c063_a_new_user_is_sent_a_link_and_nothing_else_about_anybody(server: Server) {
        let school = server.school();
        let body = school.new_user(Function::Teacher, &[]);
        school.admin.post("/v1/users", &body).expect(201);
        let email = text(&body["email"]);
        let token = school.admin.mailbox().token(&email);
        let letters = school.admin.mailbox().letters(&email);
        let [letter] = letters.as_slice() else { panic!("{} letters", letters.len()) };
        assert!(letter.contains("Beste Fien van Verzonnen") && letter.contains("24 uur"));
        assert!(letter.contains(&format!("http://127.0.0.1:8321/password#token={token}")));
        for other in ["Bram", "Bedacht", "Verzinsels", &school.id] {
            assert!(!letter.contains(other), "{other}");
        }
        for entry in fs::read_dir(server.installation().folder().join("letters")).unwrap() {
            assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    fn c060_whoever_is_blocked_is_told(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        for _ in 0..3 {
            server.anyone().try_log_in(&member.email, "Verkeerd-1").expect(401);
        }
        assert_eq!(school.admin.mailbox().wait_for(&member.email, BLOCKED, 1).len(), 1);
    }

    fn c059_reminders_come_fourteen_and_three_days_before_a_password_expires(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let mailbox = school.admin.mailbox();
        // The password was set on 21 November and expires on 21 February.
        server.clock.set("2027-02-06T12:00:00Z");
        server.school();
        assert_eq!(mailbox.wait_for(&member.email, EXPIRES, 0).len(), 0);
        for (day, count) in [("2027-02-07T12:00:00Z", 1), ("2027-02-17T12:00:00Z", 1), ("2027-02-18T12:00:00Z", 2)] {
            server.clock.set(day);
            let letters = mailbox.wait_for(&member.email, EXPIRES, count);
            assert_eq!(letters.len(), count, "{day}");
            assert!(letters[0].contains("21 februari 2027"));
        }
    }

    fn a_letter_to_somebody_whose_address_cannot_be_read_now_is_sent_later(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let readable = address_of(server, &member.id);
        set_address(server, &member.id, &[&readable[..readable.len() - 1], &[!readable[readable.len() - 1]]].concat());
        for _ in 0..3 {
            server.anyone().try_log_in(&member.email, "Verkeerd-1").expect(401);
        }
        wait_for_a_failed_attempt(server);
        set_address(server, &member.id, &readable);
        // A change, so that readers look again.
        school.group("De Rupsen");
        server.clock.advance(SignedDuration::from_mins(2));
        assert_eq!(school.admin.mailbox().wait_for(&member.email, BLOCKED, 1).len(), 1);
    }

    fn a_letter_waits_until_there_is_a_mail_server_and_outlives_the_service(installation: Installation) {
        // Nobody listens there any more.
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut installation = Installation::fresh(installation.database()).unwrap();
        let clock = TestClock::at(START);
        let school_email = {
            let server = Server::start(installation, clock.clone());
            let school = server.school();
            let email = format!("beheerder@{}", school.domain);
            installation = server.stop();
            email
        };
        installation.set("mail.smtp_server", "127.0.0.1");
        installation.set("mail.smtp_port", &closed.to_string());
        installation.set("mail.smtp_security", "none");
        let server = Server::start(installation, clock.clone());
        let admin = server.anyone().log_in(&school_email, groeilijn_tests::accounts::PASSWORD);
        let invited = json!({
            "firstName": "Fien", "lastName": "Verzonnen", "gender": "female", "function": "teacher",
            "email": school_email.replace("beheerder", "fien"),
        });
        admin.post("/v1/users", &invited).expect(201);
        let email = text(&invited["email"]);
        assert_eq!(admin.mailbox().letters(&email).len(), 0);

        let mut installation = server.stop();
        installation.set("mail.smtp_server", "");
        let server = Server::start(installation, clock);
        server.clock.advance(SignedDuration::from_mins(10));
        assert_eq!(server.anyone().mailbox().tokens(&email, 1).len(), 1);
        server.clock.advance(SignedDuration::from_hours(20));
        server.school();
        assert_eq!(server.anyone().mailbox().letters(&email).len(), 1, "it was sent once");
    }
}
