//! Every operation as everybody in every relation to what is asked about, held against the checked-in policy. Each
//! area of the API is asked on its own, so that the areas run side by side.

mod people;

use std::collections::BTreeSet;

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::policy::{self, Answer, Area, Caller, Reach, Relation};
use groeilijn_tests::{Client, Server, both_databases};

use self::people::{Corner, everybody};
use super::body_of;

/// In which relations an operation can be asked about something.
fn relations(operation: &Operation, caller: Caller, reach: Reach) -> &'static [Relation] {
    use Relation::*;
    let names_something = operation.path.contains('{') && !operation.is_about_what_is_everybodys();
    match (caller.has_institution(), names_something) {
        (false, false) if reach == Reach::OwnAccount => &[Own],
        (false, _) => &[NoInstitution],
        (true, false) => &[Own],
        (true, true) => &[Own, OutOfScope, OtherInstitution],
    }
}

/// Asks so that nothing is changed that matters here: no revision is the present one.
fn ask(client: &Client, operation: &Operation, ids: impl Fn(&str) -> String) -> u16 {
    let call = client.call(operation.method, &operation.path_with(ids)).header("If-Match", "\"outdated\"");
    match operation.reads() {
        Some(media_type) if operation.path.contains('{') => {
            call.body(media_type, body_of(operation).to_string().as_bytes()).send().status
        }
        _ => call.send().status,
    }
}

/// Asks all operations of an area as everybody.
fn check(server: &Server, area: Area) {
    let policy = policy::read(&std::fs::read_to_string(policy::FILE).unwrap());
    let mut operations = operations(&served(server));
    operations.retain(|operation| Area::of(operation) == Some(area));
    let parameters: BTreeSet<&str> = operations.iter().flat_map(Operation::parameters).collect();
    let [school, other] = [server.school(), server.school()];
    let [own, out_of_scope, foreign] =
        [&school, &school, &other].map(|school| Corner::new(server, school, parameters.iter().copied()));
    let everybody = everybody(server, &school, &own, &parameters);
    let staff = server.new_staff(ProcessorFunction::Marketing).id;
    let mut wrong = Vec::new();
    for operation in &operations {
        for ((caller, client, personal), reach) in everybody.iter().zip(&policy[&operation.id]) {
            for &relation in relations(operation, *caller, *reach) {
                let ids = match relation {
                    Relation::Own | Relation::NoInstitution => &own.ids,
                    Relation::OutOfScope => &out_of_scope.ids,
                    Relation::OtherInstitution => &foreign.ids,
                };
                let id = |name: &str| match name {
                    "userId" if operation.path.contains("/processor-staff/") => staff.clone(),
                    _ if relation == Relation::Own => personal.get(name).unwrap_or(&ids[name]).clone(),
                    _ => ids[name].clone(),
                };
                let expected = policy::exception(&operation.id, *caller, relation)
                    .unwrap_or_else(|| reach.answer(relation));
                let status = ask(client, operation, id);
                if status == 401 && reach != &Reach::Anyone || status >= 500 || Answer::of(status) != expected
                {
                    wrong.push(format!("{} {} {}: {status}", operation.id, caller.name(), relation.name()));
                }
            }
        }
    }
    assert!(!operations.is_empty() && wrong.is_empty(), "{wrong:#?}");
}

both_databases! {
    fn every_operation_is_of_one_area_and_in_the_policy(server: Server) {
        let policy = policy::read(&std::fs::read_to_string(policy::FILE).unwrap());
        let operations = operations(&served(server));
        assert_eq!(policy.len(), operations.len());
        for operation in operations {
            assert!(policy.contains_key(&operation.id), "{}", operation.id);
            assert!(Area::of(&operation).is_some(), "{} has a tag that is no area", operation.id);
        }
    }

    fn c005_c006_c010_c017_access_is_for_whom_the_policy_says_and_for_nobody_else(server: Server) {
        check(server, Area::Access);
    }

    fn c005_c006_c010_c017_children_are_for_whom_the_policy_says_and_for_nobody_else(server: Server) {
        check(server, Area::Children);
    }

    fn c005_c006_c010_c017_institutions_are_for_whom_the_policy_says_and_for_nobody_else(server: Server) {
        check(server, Area::Institutions);
    }

    fn c005_c006_c010_c017_support_is_for_whom_the_policy_says_and_for_nobody_else(server: Server) {
        check(server, Area::Support);
    }

    fn c005_c006_c010_c017_retention_is_for_whom_the_policy_says_and_for_nobody_else(server: Server) {
        check(server, Area::Retention);
    }

    fn c005_c006_c010_c017_the_platform_is_for_whom_the_policy_says_and_for_nobody_else(server: Server) {
        check(server, Area::Platform);
    }

    fn c005_c006_c010_c017_the_audit_log_is_for_whom_the_policy_says_and_for_nobody_else(server: Server) {
        check(server, Area::Audit);
    }

    fn the_evidence_is_for_whom_the_policy_says_and_for_nobody_else(server: Server) {
        check(server, Area::Evidence);
    }

    fn c005_c006_c010_c017_incidents_are_for_whom_the_policy_says_and_for_nobody_else(server: Server) {
        check(server, Area::Incidents);
    }
}
