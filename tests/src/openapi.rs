//! The OpenAPI document, as far as tests walk it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::reply::text;
use crate::server::Server;

/// An operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The operationId.
    pub id: String,
    /// The HTTP method.
    pub method: &'static str,
    /// The path from the root, with parameters in braces.
    pub path: String,
    /// Everything that the document says of it.
    pub described: Value,
}

/// The document that a service serves.
pub fn served(server: &Server) -> Value {
    server.anyone().get("/v1/openapi.json").expect(200).json()
}

/// All operations of a document. Logging out comes last, because after it nothing else can be asked.
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH"] {
            let described = &item[method.to_lowercase()];
            if !described.is_null() {
                let id = text(&described["operationId"]);
                found.push(Operation {
                    id,
                    method,
                    path: format!("/v1{path}"),
                    described: described.clone(),
                });
            }
        }
    }
    found.sort_by_key(|operation| operation.id == "logOut");
    found
}

/// All references in a value, and in what it holds.
pub fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        _ => {}
    }
}

/// What a client sends: the schemas of the bodies of requests, and of what these hold, each with its place.
pub fn sent(document: &Value) -> BTreeMap<&str, &Value> {
    let mut places = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            references(&operation["requestBody"], &mut places);
        }
    }
    let mut found = BTreeMap::new();
    while let Some(place) = places.pop() {
        let schema = document.pointer(place.trim_start_matches('#')).unwrap();
        if found.insert(place, schema).is_none() {
            references(schema, &mut places);
        }
    }
    found
}

impl Operation {
    /// The path with its parameters filled in.
    pub fn path_with(&self, value: impl Fn(&str) -> String) -> String {
        let mut parts = self.path.split('{');
        let mut path = parts.next().unwrap().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            path += &value(name);
            path += rest;
        }
        path
    }

    /// The names of the parameters in the path.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
    }

    /// Whether it has a parameter of this name, in the path, the query or the headers.
    pub fn takes(&self, parameter: &str) -> bool {
        self.described["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == parameter)
    }

    /// Whether what it names belongs to no institution, and is for the users of all of them.
    pub fn is_about_what_is_everybodys(&self) -> bool {
        ["{frameworkId}", "{contractDocumentId}", "{schoolYear}", "{subprocessorId}", "{clauseId}"]
            .iter()
            .any(|id| self.path.contains(id))
    }

    /// Whether anyone may ask.
    pub fn is_open(&self) -> bool {
        self.described["x-permission"] == "none"
    }

    /// The media type of the request body, if it reads one.
    pub fn reads(&self) -> Option<&str> {
        self.described["requestBody"]["content"].as_object()?.keys().next().map(String::as_str)
    }
}
