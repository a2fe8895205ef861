//! The authorisation policy as a reviewer reads it: who may do what, how far it reaches, and what that means for
//! whoever asks about what is not hers.

mod area;
mod caller;
mod exceptions;
mod reach;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use groeilijn_api::http::endpoint::Operation;
use groeilijn_api::routes::endpoints;

pub use area::Area;
pub use caller::Caller;
pub use exceptions::{EXCEPTIONS, exception};
pub use reach::{Answer, Reach, Relation};

/// Where the policy is kept.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/access-policy.md");

const PREFACE: &str = "\
# Who may do what

Every operation of the API by who asks, and how far it reaches. This is the authorisation policy: a test asks every
operation of the OpenAPI document as everybody, in every relation to what is asked about, and holds the answers against
it. It follows from the table in `domain/src/access/rights_by_role.rs`, from `domain/src/support` and `domain/src/access/api_token.rs`,
and from what each handler says it needs; after a change on purpose,
`UPDATE_ACCESS_POLICY=1 cargo test -p groeilijn-tests policy` writes it anew.

The columns are the roles of an institution, those of the processor, the roles of users who are limited to locations (C143),
the kinds of support session and the kinds of API token. An administrator can give a user other rights than those of her role (C066): only for pupils, notes,
registrations, overviews and security events, and they reach as far as the role does. Where an institution has its
children entered by `own-groups` (C141), teachers and childcare workers may do `createPupil` too, in their own groups; the
table shows what holds as long as it does not. A support session shows the parts
that it was begun for, of those in its column; looking along reaches as far as the user does, in this table a teacher,
and a case as far as its request, in this table about a group. A
token does what its scopes say, of what is in its column, and no more than its maker may now.

## How far it reaches

Four relations are told apart. *Own*: it is in the institution of whoever asks, and in a group, at a location or in an
account of hers. *Out of scope*: in her institution, but in another group, at another location or in somebody else's
account. *Other institution*. *No institution*:
the processor's staff, which acts in none.

| cell | own | out of scope | other institution | no institution |
| --- | --- | --- | --- | --- |
| `-` | 403 | 403 | 403 | 403 |
| `own account` | yes | 404 | 404 | 404 |
| `own groups` | yes | 404 | 404 | |
| `own locations` | yes | 404 | 404 | |
| `institution` | yes | yes | 404 | |
| `platform`: what is kept for all institutions together, never a child's data | | | | yes |
| `anyone`: logged in or not | yes | yes | yes | yes |

A 404 is the same, byte for byte, as for what never was.

## Operations

";

/// The policy that follows from the rules and the handlers.
pub fn derived() -> String {
    let operations: Vec<_> = endpoints().into_iter().map(|endpoint| endpoint.operation).collect();
    let by_path: BTreeMap<_, _> =
        operations.iter().map(|operation| ((operation.path, operation.method.as_str()), operation)).collect();
    let callers = Caller::all();
    let mut text = PREFACE.to_owned();
    let names: Vec<_> = callers.iter().map(|caller| caller.name()).collect();
    writeln!(text, "| operation | request | permission | {} |", names.join(" | ")).unwrap();
    writeln!(text, "| --- | --- | --- |{}", " --- |".repeat(names.len())).unwrap();
    for ((path, method), operation) in by_path {
        let permission = operation
            .needs
            .permission
            .map_or("none".to_owned(), |(part, action)| format!("{}:{}", part.code(), action.code()));
        let cells: Vec<_> = callers.iter().map(|&caller| reach(operation, caller).cell()).collect();
        let cells = cells.join(" | ");
        writeln!(text, "| {} | `{method} {path}` | {permission} | {cells} |", operation.name).unwrap();
    }
    text + &exceptions_table()
}

fn exceptions_table() -> String {
    let mut text =
        "\n## Exceptions\n\n| operation | who | relation | answer | why |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for exception in EXCEPTIONS {
        let who = if exception.callers.is_empty() { "all".to_owned() } else { exception.callers.join(", ") };
        let relations: Vec<_> = exception.relations.iter().map(|relation| relation.name()).collect();
        let (relations, answer) = (relations.join(", "), exception.answer.name());
        writeln!(text, "| {} | {who} | {relations} | {answer} | {} |", exception.operation, exception.reason)
            .unwrap();
    }
    text
}

fn reach(operation: &Operation, caller: Caller) -> Reach {
    match operation.needs.permission {
        None => Reach::Anyone,
        Some((part, action)) => Reach::of(part, caller.rights().scope(part, action)),
    }
}

/// The cells of a policy by operation, in the order of [`Caller::all`].
pub fn read(policy: &str) -> BTreeMap<String, Vec<Reach>> {
    let (_, table) = policy.split_once("## Operations").unwrap();
    let (table, _) = table.split_once("## Exceptions").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.skip(2)
        .map(|row| {
            let mut cells = row.split(" | ").map(str::to_owned);
            let operation = cells.next().unwrap();
            (operation, cells.skip(2).map(|cell| Reach::from_cell(&cell).unwrap()).collect())
        })
        .collect()
}
