//! The OpenAPI document, made from the operations that are served.
//!
//! What an operation needs, reads and replies with is known from its handler, so nobody writes it down a second time,
//! and the document cannot promise anything else than the code does.

mod examples;
mod headers;
mod operation;
mod parameters;
mod problems;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{HttpMethod, Operation as Documented, PathItem, Paths};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ContactBuilder, Info, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Server, Tag,
};

use self::examples::Examples;
use crate::http::area::Area;
use crate::http::described::NamedSchemas;
use crate::http::endpoint::Operation;

const LICENCE: &str = "https://interoperable-europe.ec.europa.eu/collection/eupl/eupl-text-eupl-12";

const DESCRIPTION: &str = "\
Schools and childcare organisations follow the development of children of 0 to and including 7 years with it.

- **Logging in.** Every request but those to log in carries an access token: `Authorization: Bearer …`. A program or an
  auditor has an API token in its place.
- **Errors** are problem details (RFC 9457). Act upon `type`, and upon the `code` of each of `errors`.
- **Changing** something needs `If-Match` with the `ETag` of what you read, so that nobody's work is overwritten. A change
  is a merge patch: what is absent stays, null empties. A client that cannot send null names the member in `clear`.
- **Repeating** a POST that takes an `Idempotency-Key` is safe with one.
- **Lists** are paged: follow `Link` with `rel=\"next\"` until there is none. There are no totals.
- **Unknown fields** and parameters of requests are refused, never ignored. Replies may get fields, and lists of values
  may get values, without a new version: pass over what you do not know.
- **What you may not see** looks exactly like what does not exist: 404.
- A citizen service number (BSN) is refused wherever it stands.

What changed in which version, and what goes when, is in the [changelog](/docs/changelog). Before an operation or a field
goes, replies of it say so for six months at least, in `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).

`x-permission` is the right that an operation needs, `x-processing-activity` the purpose it works under.";

/// The document of what these areas serve.
///
/// # Errors
/// Everything that is wrong with the operations, each in a line.
pub fn document(areas: &[Area]) -> Result<OpenApi, Vec<String>> {
    let mut draft = Draft { paths: Paths::new(), components: Components::new(), errors: Vec::new() };
    for area in areas {
        for endpoint in &area.endpoints {
            draft.add(&endpoint.operation, area.name);
        }
    }
    let names = areas.iter().flat_map(|area| &area.endpoints).map(|endpoint| endpoint.operation.name);
    draft.errors.extend(twice(names));
    if !draft.errors.is_empty() {
        return Err(draft.errors);
    }
    let Draft { mut paths, components, .. } = draft;
    let examples = Examples::of(&components);
    for item in paths.paths.values_mut() {
        operations_of(item).for_each(|documented| examples.add(documented));
    }
    Ok(OpenApiBuilder::new()
        .info(info())
        .servers(Some([server()]))
        .tags(Some(areas.iter().map(tag)))
        .paths(paths)
        .components(Some(with_access_token(components)))
        .build())
}

/// A document that operations are added to.
struct Draft {
    paths: Paths,
    components: Components,
    errors: Vec<String>,
}

impl Draft {
    fn add(&mut self, operation: &Operation, tag: &str) {
        let Some(method) = method(operation) else {
            self.errors.push(format!("{}: {} is not a method of the API", operation.name, operation.method));
            return;
        };
        let mut schemas = NamedSchemas::new();
        let documented =
            operation::describe(operation, tag, &mut schemas, &mut self.components, &mut self.errors);
        self.add_schemas(schemas);
        let item = self.paths.paths.entry(operation.path.to_owned()).or_default();
        let taken = operations_of(item).count();
        item.merge_operations(PathItem::new(method, documented));
        if operations_of(item).count() == taken {
            self.errors.push(format!("{} {} is declared twice", operation.method, operation.path));
        }
    }

    fn add_schemas(&mut self, schemas: NamedSchemas) {
        for (name, schema) in schemas {
            if !is_pascal_case(&name) {
                self.errors.push(format!("{name} is not PascalCase"));
            }
            match self.components.schemas.get(&name) {
                Some(known) if *known != schema => self.errors.push(format!("two schemas are called {name}")),
                Some(_) => {}
                None => drop(self.components.schemas.insert(name, schema)),
            }
        }
    }
}

fn method(operation: &Operation) -> Option<HttpMethod> {
    match operation.method.as_str() {
        "GET" => Some(HttpMethod::Get),
        "PUT" => Some(HttpMethod::Put),
        "POST" => Some(HttpMethod::Post),
        "DELETE" => Some(HttpMethod::Delete),
        "PATCH" => Some(HttpMethod::Patch),
        _ => None,
    }
}

fn info() -> Info {
    InfoBuilder::new()
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
        .license(Some(LicenseBuilder::new().name("EUPL-1.2").url(Some(LICENCE)).build()))
        .build()
}

fn tag(area: &Area) -> Tag {
    TagBuilder::new().name(area.name).description(Some(area.description)).build()
}

/// The service that the document was read from, whatever its address.
fn server() -> Server {
    let mut server = Server::new("/v1");
    server.description =
        Some("The service that gave you this document, in production or on your own computer.".to_owned());
    server.extensions = Some(ExtensionsBuilder::new().add("x-internal", false).build());
    server
}

fn with_access_token(mut components: Components) -> Components {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.bearer_format = Some("JWT".to_owned());
    let described = "The access token that logging in gives, valid for minutes: a JWT (RFC 7519) that is made and checked \
                     as RFC8725 says, to be passed on and not read; or an API token, `groeilijn_…`.";
    scheme.description = Some(described.to_owned());
    components.add_security_scheme(operation::ACCESS_TOKEN, SecurityScheme::Http(scheme));
    components
}

/// The operations of a path.
fn operations_of(item: &mut PathItem) -> impl Iterator<Item = &mut Documented> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(*name)).map(|name| format!("two operations are called {name}")).collect()
}

fn is_pascal_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}
