//! What is asked of the layout: which crate may depend on which, and that the engine names no resource.

use std::collections::BTreeSet;
use std::path::Path;

use crate::crates::Crate;
use crate::source::{Module, Placed};

/// For each crate those that it may depend on. What a crate needs points down this list, never up.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("engine", &["domain"]),
    ("mail", &["domain"]),
    ("vault", &["engine"]),
    ("webhook", &["domain"]),
    ("persistence", &["domain", "engine"]),
    ("api", &["domain", "mail", "persistence", "vault", "webhook"]),
    ("tests", &["api", "domain", "engine", "mail", "persistence"]),
    // The floor must stay bare: what it shares with the service would not be measured.
    ("bench", &["domain"]),
    ("layout", &[]),
];

/// The crate behind the wall.
pub(crate) const ENGINE: &str = "engine";

/// What the engine knows nothing of: the words that the names of its types, tables and modules are not made of.
const RESOURCES: &[&str] = &[
    "account",
    "child",
    "consent",
    "contact",
    "coupling",
    "disclosure",
    "framework",
    "goal",
    "group",
    "import",
    "incident",
    "invitation",
    "judgement",
    "licence",
    "membership",
    "note",
    "overview",
    "password",
    "placement",
    "pupil",
    "registration",
    "staff",
    "teacher",
    "tenant",
    "token",
    "user",
    "webhook",
];

/// The areas of the domain, which hold the resources.
const AREAS: &[&str] =
    &["access", "children", "evidence", "incidents", "institutions", "platform", "retention", "support"];

/// Names that the engine may have all the same, each with the reason.
const ALLOWED: &[(&str, &str)] = &[
    ("UserId", "An audit entry says who acted, and a kept reply is only for whoever asked."),
    (
        "principal",
        "An audit entry says as what somebody acted: that module of the domain has the kinds of actors.",
    ),
];

fn is_allowed(name: &str) -> bool {
    ALLOWED.iter().any(|(allowed, _)| *allowed == name)
}

/// Where a crate depends on one that it must not depend on.
pub(crate) fn wrong_dependencies(found: &Crate) -> Vec<String> {
    let Some((_, allowed)) = MAY_DEPEND_ON.iter().find(|(name, _)| *name == found.name) else {
        return vec![format!(
            "groeilijn-{} is new: say in MAY_DEPEND_ON in tools/layout/src/rules.rs which crates it may depend on",
            found.name
        )];
    };
    let wrong = found.dependencies.iter().filter(|name| !allowed.contains(&name.as_str()));
    wrong
        .map(|name| {
            format!(
                "groeilijn-{} depends on groeilijn-{name}, and may only depend on: {}",
                found.name,
                if allowed.is_empty() { "none of our crates".to_owned() } else { allowed.join(", ") }
            )
        })
        .collect()
}

/// Where a module of the engine names a resource.
pub(crate) fn breaches(file: &Path, module: &Module) -> Vec<String> {
    let mut found = BTreeSet::new();
    let types: Vec<&Placed> = module.all_words.iter().filter(|(word, _)| is_type(word)).collect();
    let in_texts = module.all_texts.iter().flat_map(|(text, line)| tables(text).map(|table| (table, *line)));
    let in_texts: Vec<Placed> = in_texts.collect();
    for (kind, names) in [
        ("type", types),
        ("module", module.module_names.iter().collect()),
        ("table", module.tables.iter().chain(&in_texts).collect()),
    ] {
        for (name, line) in names {
            if let Some(resource) = resource(name) {
                found.insert((*line, format!("the {kind} {name} names a resource, {resource}")));
            }
        }
    }
    for path in module.bindings.iter().map(|binding| &binding.path).chain(&module.paths) {
        if let [domain, area, rest @ ..] = path.as_slice()
            && domain == "groeilijn_domain"
            && AREAS.contains(&area.as_str())
            && !rest.first().is_some_and(|module| is_allowed(module))
        {
            let line = module.all_words.iter().find(|(word, _)| word == area).map_or(1, |(_, line)| *line);
            found.insert((line, format!("{} is of an area of the domain", path.join("::"))));
        }
    }
    let place = |line| format!("{}:{line}", file.display());
    found.into_iter().map(|(line, what)| format!("{}: {what}; the engine knows none", place(line))).collect()
}

fn is_type(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase)
}

/// The resource that a name is made of, if it is.
fn resource(name: &str) -> Option<&'static str> {
    if is_allowed(name) {
        return None;
    }
    let words = words(name);
    let names = |resource: &&str| {
        words.iter().any(|word| word == resource || word.strip_suffix('s') == Some(resource))
    };
    RESOURCES.iter().copied().find(|resource| names(resource))
}

/// The words of a name in camel or snake case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut()
            && letter != '_'
        {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// The tables that an SQL statement is about.
fn tables(statement: &str) -> impl Iterator<Item = String> {
    let words: Vec<&str> = statement
        .split(|letter: char| !(letter == '_' || letter.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let pairs: Vec<String> = words
        .windows(2)
        .filter_map(|pair| match pair {
            [before, table] if ["FROM", "INTO", "UPDATE", "JOIN", "TABLE"].contains(before) => {
                Some((*table).to_owned())
            }
            _ => None,
        })
        .collect();
    pairs.into_iter()
}
