//! What the OpenAPI document promises of many operations at once, tried with each of them.

mod walk;

use std::cell::RefCell;
use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::{Client, Reply, Server, both_databases};

use self::walk::{Request, Walk};

fn takes_json(operation: &Operation) -> bool {
    operation.reads().is_some_and(|media_type| media_type.ends_with("json"))
}

/// A change without a revision, and with one that is no more, is refused and leaves everything as it is.
fn stale_is_refused(request: &Request<'_>) {
    if request.etag.is_none() {
        return;
    }
    let before = request.resource();
    request.bare().send().expect(428).problem("precondition-required");
    for stale in ["\"r0\"", "\"r2147483647\"", "W/\"r1\""] {
        request.bare().header("If-Match", stale).send().expect(412).problem("precondition-failed");
    }
    let after = request.resource();
    assert_eq!(
        (before.etag(), before.visible()),
        (after.etag(), after.visible()),
        "{}",
        request.operation.id
    );
}

/// What was done once is not done again, and its key is not good for anything else.
fn repeated_is_done_once(request: &Request<'_>, reply: &Reply) {
    if !request.operation.takes("Idempotency-Key") {
        return;
    }
    let repeated = request.whole().send().expect(reply.status);
    assert_eq!(repeated.header("Location"), reply.header("Location"), "{}", request.operation.id);
    let (media_type, body) = &request.body;
    let spaced = request.client.call(request.operation.method, &request.path);
    let spaced = spaced.header("Idempotency-Key", &request.operation.id);
    let other = spaced.body(media_type, format!("{body} ").as_bytes()).send();
    other.expect(409).problem("idempotency-key-reused");
}

/// Whoever of these reads something, with its tag.
fn reader<'a>(clients: &'a [Client], path: &str) -> Option<(&'a Client, String)> {
    let mut answers = clients.iter().map(|client| (client, client.get(path)));
    answers.find(|(_, reply)| reply.status == 200).map(|(client, reply)| (client, reply.etag()))
}

/// How many entries of a success each log has of an operation, by the institution whose log it is.
fn entries_of(server: &Server, operation: &str) -> BTreeMap<Vec<u8>, i64> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = Binary)]
        institution_id: Vec<u8>,
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let query = "SELECT institution_id, count(*) AS count FROM audit_entry \
                 WHERE operation = $1 AND outcome = 'success' GROUP BY institution_id";
    let counted = sql_query(query).bind::<Text, _>(operation).load::<Counted>(&mut server.raw_data());
    counted.unwrap().into_iter().map(|row| (row.institution_id, row.count)).collect()
}

/// How many entries each log got since then; those that got none are left out.
fn added(server: &Server, operation: &str, before: &BTreeMap<Vec<u8>, i64>) -> Vec<i64> {
    let now = entries_of(server, operation).into_iter();
    let added = now.map(|(institution, count)| count - before.get(&institution).unwrap_or(&0));
    added.filter(|count| *count != 0).collect()
}

/// Requests that change nothing at once, each with the reason why it leaves no entry of its own.
const WITHOUT_AN_ENTRY: [(&str, &str); 2] = [
    ("requestPasswordReset", "whether there is such an account is found out later, and nobody is told"),
    ("sendBatch", "each operation in it leaves its own"),
];

/// What a job carries on with under the name of the request: its entries come whenever it does.
const CARRIED_ON: &str = "applyImport";

both_databases! {
    fn c089_every_change_of_the_document_makes_one_entry_in_each_log_that_it_concerns(server: Server) {
        let counts = RefCell::new(BTreeMap::new());
        let wrong = RefCell::new(Vec::new());
        let server = &*server;
        let walk = Walk::new(server)
            .before(|request| drop(counts.replace(entries_of(server, &request.operation.id))))
            .after(|request, _| {
                let operation = &request.operation.id;
                let logs = added(server, operation, &counts.borrow());
                let is_excepted = WITHOUT_AN_ENTRY.iter().any(|(id, _)| id == operation);
                let is_right = |count: &i64| *count == 1 || operation == CARRIED_ON && *count > 1;
                if logs.is_empty() != is_excepted || !logs.iter().all(is_right) {
                    wrong.borrow_mut().push(format!("{operation}: {logs:?}"));
                }
                if request.operation.takes("Idempotency-Key") {
                    let before = entries_of(server, operation);
                    request.whole().send();
                    let logs = added(server, operation, &before);
                    if logs.iter().any(|count| *count != 1) {
                        wrong.borrow_mut().push(format!("{operation}, repeated: {logs:?}"));
                    }
                }
            });
        walk.go(server);
        assert!(wrong.borrow().is_empty(), "{:#?}", wrong.borrow());
    }

    fn c048_c089_every_operation_that_is_refused_for_want_of_a_right_makes_one_entry(server: Server) {
        let school = server.school();
        let clients = [Function::Management, Function::Administrator].map(|function| school.member(function, &[]));
        let (mut asked, mut wrong) = (0, Vec::new());
        for operation in operations(&served(server)) {
            for client in &clients {
                let before = server.audit_log(&school.id);
                let path = operation.path_with(|name| if name == "schoolYear" { "2024-2025" } else { ABSENT }.to_owned());
                if client.client.call(operation.method, &path).send().status != 403 {
                    continue;
                }
                let added = before.added(&server.audit_log(&school.id));
                let is_one = added.len() == 1 && added[0].operation == operation.id && added[0].outcome == "denied";
                if !is_one {
                    wrong.push(format!("{}: {added:?}", operation.id));
                }
                asked += 1;
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(asked > 80, "{asked}");
    }

    fn each_example_is_accepted_when_it_is_sent(server: Server) {
        let walk = Walk::new(server);
        walk.go(server);
        assert_eq!(walk.left(takes_json), [""; 0]);
    }

    fn no_operation_changes_what_was_changed_since_it_was_read(server: Server) {
        let walk = Walk::new(server).before(stale_is_refused);
        walk.go(server);
        assert_eq!(walk.left(|operation| operation.takes("If-Match")), [""; 0]);
    }

    fn no_operation_does_twice_what_is_repeated(server: Server) {
        let walk = Walk::new(server).after(repeated_is_done_once);
        walk.go(server);
        let takes_a_key = |operation: &Operation| operation.takes("Idempotency-Key") && takes_json(operation);
        assert_eq!(walk.left(takes_a_key), [""; 0]);
    }

    fn no_operation_sends_again_what_the_client_has(server: Server) {
        let walk = Walk::new(server);
        let admin = walk.go(server);
        let staff = [ProcessorFunction::Secretariat, ProcessorFunction::AccountManager].map(|one| server.staff(one));
        let clients = [[admin, server.platform()], staff].concat();
        // Sessions show when something was last asked with them, which is now; the view of support needs a session of its
        // own, and is asked for in `conditional`.
        let is_asked = |operation: &&Operation| {
            operation.takes("If-None-Match")
                && !operation.path.ends_with("/sessions")
                // Whoever looks into the log is in it.
                && operation.path != "/v1/audit-entries"
                // The clock of an incident runs.
                && !operation.path.starts_with("/v1/incident")
                && !operation.path.starts_with("/v1/support-view")
        };
        for operation in walk.operations().iter().filter(is_asked) {
            let path = walk.path_of(operation);
            let Some((client, etag)) = reader(&clients, &path) else { panic!("nobody reads {path}") };
            let ask = |tag: &str| client.call("GET", &path).header("If-None-Match", tag).send();
            assert!(ask(&etag).expect(304).body.is_empty(), "{path}");
            assert_eq!(ask("\"r2147483647\"").expect(200).etag(), etag, "{path}");
        }
    }
}
