//! What the OpenAPI document promises of many operations at once, tried with each of them.

mod walk;

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_tests::openapi::Operation;
use groeilijn_tests::{Client, Reply, both_databases};

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

both_databases! {
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
