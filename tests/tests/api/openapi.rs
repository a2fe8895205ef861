//! The OpenAPI document: it is the one that is checked in, and it says of everything what it is and why.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use groeilijn_api::http::problem_kind::ProblemKind;
use groeilijn_api::server::{openapi_document, openapi_yaml};
use groeilijn_domain::values::refusal::CODES;
use groeilijn_tests::both_databases;
use groeilijn_tests::openapi::{operations, references, served};
use serde_json::{Map, Value};

/// Where the document is kept for who reads it without a running service.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");

fn document() -> Value {
    serde_json::to_value(openapi_document().unwrap()).unwrap()
}

/// Calls `visit` with the members of every object schema and a name for it, wherever in the document it stands.
fn each_object_schema(value: &Value, at: &str, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_object_schema(item, at, visit)),
        Value::Object(members) => {
            if let (Some("object"), Some(properties)) =
                (value["type"].as_str(), value["properties"].as_object())
            {
                visit(at, properties);
            }
            for (name, member) in members {
                each_object_schema(member, &format!("{at}/{name}"), visit);
            }
        }
        _ => {}
    }
}

fn says_something(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// Whether a media type shows what it looks like.
fn has_example(content: &Value) -> bool {
    !content["example"].is_null()
        || content["examples"].as_object().is_some_and(|examples| !examples.is_empty())
}

#[test]
fn the_document_that_is_checked_in_is_the_one_that_holds() {
    let checked_in = fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        checked_in == openapi_yaml().unwrap(),
        "openapi.yaml is not what the code does; write it anew with \
         cargo run -p groeilijn-api -- openapi > openapi.yaml"
    );
}

#[test]
fn every_operation_says_what_it_does_what_it_needs_and_why() {
    let mut names = BTreeSet::new();
    for operation in operations(&document()) {
        let described = &operation.described;
        for field in ["summary", "description", "operationId", "x-permission", "x-processing-activity"] {
            assert!(says_something(&described[field]), "{}: {field}", operation.id);
        }
        assert!(names.insert(operation.id.clone()), "{} is there twice", operation.id);
        assert_eq!(described["tags"].as_array().map(Vec::len), Some(1), "{}", operation.id);
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            assert!(says_something(&parameter["description"]), "{}: {parameter}", operation.id);
        }
    }
}

#[test]
fn every_operation_shows_what_its_bodies_look_like() {
    let document = document();
    for operation in operations(&document) {
        let request = operation.described["requestBody"]["content"].as_object().into_iter().flatten();
        for (media_type, content) in request {
            assert!(has_example(content), "{}: request as {media_type}", operation.id);
        }
        for (status, reply) in operation.described["responses"].as_object().unwrap() {
            let reply = reply["$ref"]
                .as_str()
                .map_or(reply, |at| document.pointer(at.trim_start_matches('#')).unwrap());
            for (media_type, content) in reply["content"].as_object().into_iter().flatten() {
                assert!(has_example(content), "{}: {status} as {media_type}", operation.id);
            }
        }
    }
}

#[test]
fn c032_every_field_says_what_it_is_for() {
    let mut fields = 0;
    each_object_schema(&document(), "", &mut |at, properties| {
        for (name, property) in properties {
            let reached = [&property["description"], &property["oneOf"][0]["description"]];
            assert!(reached.into_iter().any(says_something), "{at}: {name}");
            fields += 1;
        }
    });
    assert!(fields > 100, "{fields}");
}

#[test]
fn every_schema_has_a_name_of_its_own_and_admits_nothing_unknown_in_a_request() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let distinct: BTreeSet<_> = schemas.keys().map(|name| name.to_lowercase()).collect();
    assert_eq!(distinct.len(), schemas.len());
    for operation in operations(&document) {
        let bodies = operation.described["requestBody"]["content"].as_object();
        for body in bodies.into_iter().flat_map(Map::values) {
            let name = body["schema"]["$ref"].as_str();
            let schema =
                name.map_or(&body["schema"], |name| document.pointer(name.trim_start_matches('#')).unwrap());
            assert!(
                schema["type"] != "object" || schema["additionalProperties"] == false,
                "{}",
                operation.id
            );
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.iter().all(|at| document.pointer(at.trim_start_matches('#')).is_some()));
}

/// The sources of what refuses, each without its tests.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("codes.rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push(text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned());
        }
    }
}

/// Whoever writes a new code finds out here that it has to be in the list; whoever takes away a rule, its code.
#[test]
fn the_codes_of_problems_are_those_that_the_program_has() {
    let mut texts = Vec::new();
    for folder in ["domain/src", "persistence", "api/src"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder), &mut texts);
    }
    let refusing = ["Refusal::new(", "Error::conflict(", "if_taken("];
    for text in &texts {
        for call in refusing.iter().flat_map(|start| text.split(start).skip(1)) {
            let Some(code) = call.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
            else {
                continue;
            };
            assert!(CODES.contains(&code), "{code} is not in domain/src/values/refusal/codes.rs");
        }
    }
    for code in CODES {
        let literal = format!("\"{code}\"");
        assert!(texts.iter().any(|text| text.contains(&literal)), "nothing refuses with {code}");
    }
    let document = document();
    let listed = |schema: &str| document["components"]["schemas"][schema]["enum"].as_array().unwrap().clone();
    assert_eq!(listed("ProblemCode"), CODES);
    assert_eq!(listed("ProblemType").len(), ProblemKind::ALL.len());
}

/// What a client enters about a person: the body, what of it is no fact about the person, and what has to be there.
const ENTERED: [(&str, &[&str], &[&str]); 5] = [
    ("PupilCreation", &["id", "groupId", "placedOn"], &["firstName", "lastName", "gender", "birthDate"]),
    (
        "UserCreation",
        &["function", "groupIds", "groups", "locations", "rights", "lastDay"],
        &["firstName", "lastName", "gender", "email", "function"],
    ),
    ("LicenceHolderCreation", &[], &["firstName", "lastName", "address", "email"]),
    ("ContactPersonCreation", &[], &["firstName", "lastName", "email"]),
    (
        "ProcessorStaffCreation",
        &["function", "reason"],
        &["firstName", "lastName", "email", "function", "reason"],
    ),
];

both_databases! {
    fn c032_every_field_about_a_person_says_why_it_is_asked_and_what_it_is_never_used_for(server: Server) {
        let document = served(server);
        for (body, others, needed) in ENTERED {
            let schema = &document["components"]["schemas"][body];
            assert_eq!(schema["required"], serde_json::json!(needed), "{body}: what is mandatory");
            for (field, property) in schema["properties"].as_object().unwrap() {
                if others.contains(&field.as_str()) {
                    continue;
                }
                let reached = [&property["description"], &property["oneOf"][0]["description"]];
                let said = reached.iter().find_map(|text| text.as_str()).unwrap_or_default();
                assert!(said.contains("For ") && said.contains("never"), "{body}: {field}: {said}");
            }
        }
    }

    fn the_document_is_served_to_anyone(server: Server) {
        assert_eq!(served(server), document());
    }
}
