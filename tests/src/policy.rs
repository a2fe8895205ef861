//! The authorisation policy as a reviewer reads it: which role may do what, and how far it reaches.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use groeilijn_api::http::endpoint::Operation;
use groeilijn_api::routes::endpoints;
use groeilijn_domain::access::{Role, Scope, scope};

/// Where the policy is kept.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/access-policy.md");

const PREFACE: &str = "\
# Who may do what

Every operation of the API by role, and how far it reaches. This is the authorisation policy: a test walks every
operation of the OpenAPI document as every role and holds the answers against it. It follows from the table in
`domain/src/access.rs` and from what each handler says it needs; after a change on purpose,
`UPDATE_ACCESS_POLICY=1 cargo test -p groeilijn-tests policy` writes it anew.

- `-`: refused with 403.
- `own groups`: the groups that the user is given, and the children who are in them now.
- `institution`: everything of the user's institution.
- `platform`: what is kept for all institutions together; never a child's data.
- `anyone`: open to everyone, logged in or not.

";

/// The policy that follows from the rules and the handlers.
pub fn derived() -> String {
    let operations: Vec<_> = endpoints().into_iter().map(|endpoint| endpoint.operation).collect();
    let by_path: BTreeMap<_, _> =
        operations.iter().map(|operation| ((operation.path, operation.method.as_str()), operation)).collect();
    let mut text = PREFACE.to_owned();
    let roles = Role::ALL.map(Role::code);
    writeln!(text, "| operation | request | permission | {} |", roles.join(" | ")).unwrap();
    writeln!(text, "| --- | --- | --- |{}", " --- |".repeat(roles.len())).unwrap();
    for ((path, method), operation) in by_path {
        let permission = operation
            .needs
            .permission
            .map_or("none".to_owned(), |(part, action)| format!("{}:{}", part.code(), action.code()));
        let cells = Role::ALL.map(|role| cell(operation, role)).join(" | ");
        writeln!(text, "| {} | `{method} {path}` | {permission} | {cells} |", operation.name).unwrap();
    }
    text
}

fn cell(operation: &Operation, role: Role) -> &'static str {
    match operation.needs.permission.map(|(part, action)| scope(role, part, action)) {
        None => "anyone",
        Some(None) => "-",
        Some(Some(Scope::OwnGroups)) => "own groups",
        Some(Some(Scope::Institution)) => "institution",
        Some(Some(Scope::Platform)) => "platform",
    }
}

/// The cells of a policy by operation, in the order of the roles.
pub fn read(policy: &str) -> BTreeMap<String, Vec<String>> {
    let rows = policy.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.skip(2)
        .map(|row| {
            let mut cells = row.split(" | ").map(str::to_owned);
            (cells.next().unwrap(), cells.skip(2).collect())
        })
        .collect()
}
