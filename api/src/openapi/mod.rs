//! The OpenAPI document: what utoipa derives from the handlers, completed with what holds for every operation.
//!
//! What an operation needs and reads is known from its endpoint, so nobody writes it down a second time, and
//! the document cannot promise anything else than the code does.

mod examples;
mod headers;
mod operation;
mod pages;
mod parameters;
mod problems;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use groeilijn_domain::access::Part;
use utoipa::openapi::path::{Operation as Documented, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, Server, Tag};

use self::examples::Examples;
use self::pages::Names;
use crate::http::endpoint::Operation;

/// The name of the security scheme: the access token.
const ACCESS_TOKEN: &str = "accessToken";

const DESCRIPTION: &str = "\
Schools and childcare organisations follow the development of children of 0 to and including 7 years with it.

- **Logging in.** Every request but those to log in carries an access token: `Authorization: Bearer …`. A program or an
  auditor has an API token in its place.
- **Errors** are problem details (RFC 9457). Act upon `type`, and upon the `code` of each of `errors`.
- **Changing** something needs `If-Match` with the `ETag` of what you read, so that nobody's work is overwritten.
- **Repeating** a POST that takes an `Idempotency-Key` is safe with one.
- **Lists** are paged: follow `Link` with `rel=\"next\"` until there is none. There are no totals.
- **Unknown fields** and parameters are refused, never ignored.
- **What you may not see** looks exactly like what does not exist: 404.
- A citizen service number (BSN) is refused wherever it stands.

`x-permission` is the right that an operation needs, `x-processing-activity` the purpose it works under.";

/// The document: what was derived from the handlers, completed from the operations that are served.
///
/// # Errors
/// Everything in which the two disagree, each in a line.
pub fn document(mut derived: OpenApi, operations: &[&Operation]) -> Result<OpenApi, Vec<String>> {
    let mut errors = Vec::new();
    let mut components = derived.components.take().unwrap_or_default();
    let mut served: BTreeMap<(&str, &str), &Operation> = operations
        .iter()
        .map(|operation| ((operation.path, operation.method.as_str()), *operation))
        .collect();
    if served.len() < operations.len() {
        errors.push("two endpoints have the same path and method".to_owned());
    }
    for (path, item) in &mut derived.paths.paths {
        for (method, documented) in operations_of(item) {
            match served.remove(&(path.as_str(), method)) {
                Some(operation) => operation::complete(documented, operation, &mut components, &mut errors),
                None => errors.push(format!("{method} {path} is documented but not served")),
            }
        }
    }
    errors
        .extend(served.keys().map(|(path, method)| format!("{method} {path} is served but not documented")));
    errors.extend(twice(operations.iter().map(|operation| operation.name)));
    errors.extend(
        components
            .schemas
            .keys()
            .filter(|name| !is_pascal_case(name))
            .map(|name| format!("{name} is not PascalCase")),
    );
    if !errors.is_empty() {
        return Err(errors);
    }
    let (examples, names) = (Examples::of(&components), Names::of(&components));
    for item in derived.paths.paths.values_mut() {
        operations_of(item).for_each(|(_, documented)| {
            names.refer(documented);
            examples.add(documented);
        });
    }
    derived.tags = Some(tags(&mut derived));
    derived.info = InfoBuilder::new()
        .title("Groeilijn")
        .description(Some(DESCRIPTION))
        .version(env!("CARGO_PKG_VERSION"))
        .contact(Some(
            ContactBuilder::new()
                .name(Some("Groeilijn"))
                .url(Some("https://groeilijn.example"))
                .email(Some("api@groeilijn.example"))
                .build(),
        ))
        .license(Some(LicenseBuilder::new().name("EUPL-1.2").identifier(Some("EUPL-1.2")).build()))
        .build();
    derived.servers = Some(vec![
        server("https://api.groeilijn.example/v1", "Production."),
        server("http://127.0.0.1:8321/v1", "On this computer."),
    ]);
    derived.components = Some(with_access_token(components));
    Ok(derived)
}

fn server(url: &str, description: &str) -> Server {
    let mut server = Server::new(url);
    server.description = Some(description.to_owned());
    server
}

fn with_access_token(mut components: Components) -> Components {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.bearer_format = Some("JWT".to_owned());
    let described =
        "The access token that logging in gives, valid for minutes; or an API token, `groeilijn_…`.";
    scheme.description = Some(described.to_owned());
    components.add_security_scheme(ACCESS_TOKEN, SecurityScheme::Http(scheme));
    components
}

/// The operations of a path with their methods as HTTP spells them.
fn operations_of(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Documented)> {
    [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("DELETE", &mut item.delete),
        ("PATCH", &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, documented)| Some((method, documented.as_mut()?)))
}

fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(*name)).map(|name| format!("two operations are called {name}")).collect()
}

fn is_pascal_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// The tags that the operations use: the parts of the system.
fn tags(document: &mut OpenApi) -> Vec<Tag> {
    let mut used = BTreeSet::new();
    for item in document.paths.paths.values_mut() {
        used.extend(
            operations_of(item).flat_map(|(_, operation)| operation.tags.clone().unwrap_or_default()),
        );
    }
    let parts = Part::ALL.into_iter().filter(|part| used.contains(part.code()));
    parts.map(|part| TagBuilder::new().name(part.code()).description(Some(describe(part))).build()).collect()
}

const fn describe(part: Part) -> &'static str {
    match part {
        Part::Institutions => {
            "Schools and childcare organisations, each of which decides about its own data."
        }
        Part::Licences => "What an institution has agreed to use, and from when until when.",
        Part::Users => "The people of an institution who log in, and what they do there.",
        Part::Groups => "Groups of children in one school year.",
        Part::Pupils => "The children who are followed, and the groups they are in.",
        Part::Notes => "What professionals see a child do.",
        Part::Registrations => "A child's development on one date, milestone by milestone.",
        Part::Overviews => "A child's and a group's development over time.",
        Part::Imports => "Children and groups taken over from the files of other systems.",
        Part::Frameworks => "What is observed: areas, lines, phases and milestones.",
        Part::Account => "One's own account: logging in, and what is logged in.",
        Part::Credentials => "What one logs in with, and logging out.",
        Part::SecurityEvents => "What may be an attack.",
        Part::ApiTokens => "Tokens with which programs and auditors ask.",
        Part::SupportConsents => "What users allow the processor's staff to see of them.",
        Part::SupportSessions => "Looks of the processor's staff into an institution.",
        Part::SupportView => "What the helpdesk sees of children in a support session.",
        Part::Contacts => "Users of institutions, as the processor's staff sees them.",
        Part::Couplings => "Advisers who work for an institution for a time.",
        Part::ProcessorStaff => "The processor's own staff.",
    }
}
