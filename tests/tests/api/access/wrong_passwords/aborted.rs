//! Logins that their client does not wait for.

use std::io::Write;
use std::net::TcpStream;

use diesel::sql_types::BigInt;
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::{Server, both_databases, wait_until};
use serde_json::json;

use super::{WRONG, state, strikes};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn attempts(server: &Server) -> i64 {
    let counted: Count =
        sql_query("SELECT count(*) AS count FROM login_failure").get_result(&mut server.raw_data()).unwrap();
    counted.count
}

/// Sends a login, and closes the connection once it has begun.
fn log_in_and_leave(server: &Server, email: &str, password: &str) {
    let before = attempts(server);
    let body = json!({"email": email, "password": password}).to_string();
    let mut connection = TcpStream::connect(server.address()).unwrap();
    write!(
        connection,
        "POST /v1/sessions HTTP/1.1\r\nHost: groeilijn.example\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    wait_until(|| attempts(server) > before);
    drop(connection);
}

both_databases! {
    fn c060_wrong_passwords_count_when_their_client_leaves(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        for left in 1..=2 {
            log_in_and_leave(server, &user.email, WRONG);
            wait_until(|| strikes(server, &user.id) == left);
        }
        // The owner is not kept out by what nobody waits for.
        server.anyone().try_log_in(&user.email, PASSWORD).expect(201);
        for left in 1..=3 {
            log_in_and_leave(server, &user.email, WRONG);
            wait_until(|| strikes(server, &user.id) == left);
        }
        assert_eq!(state(&school, &user.id), "blocked");
        wait_until(|| server.security_events(SecurityEventKind::AccountBlocked) == 1);
        let entries = server.audit_log(&school.id).entries();
        let denied = entries.iter().filter(|entry| (&*entry.operation, &*entry.outcome) == ("logIn", "denied"));
        assert_eq!(denied.count(), 5);
    }

    fn c060_what_was_begun_is_settled_before_the_service_ends(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        log_in_and_leave(server, &user.email, WRONG);
        server.restart();
        assert_eq!(strikes(server, &user.id), 1);
    }
}
