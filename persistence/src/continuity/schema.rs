//! The JSON Schema of a line.

use serde_json::{Map, Value, json};

use super::resource::{Member, Resource};

/// The JSON Schema (2020-12) of the lines of a kind of resources.
pub fn schema(resource: &Resource) -> Value {
    let mut properties = Map::new();
    for member in resource.members {
        let may_be_null = member.optional || (resource.may_be_gone && member.is_sealed());
        if member.spread {
            let schema = member.form.schema();
            let spread = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
            properties.extend(spread.into_iter().map(|(name, schema)| (name, told(schema, may_be_null))));
        } else {
            properties.insert(member.name.to_owned(), told(described(member), may_be_null));
        }
    }
    let required: Vec<&String> = properties.keys().collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": resource.name,
        "description": resource.about,
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn described(member: &Member) -> Value {
    let mut schema = member.form.schema();
    if let (Some(of), Some(schema)) = (member.of, schema.as_object_mut()) {
        schema.insert("description".to_owned(), json!(format!("The id of a line in {of}.ndjson.")));
    }
    schema
}

/// The schema of a value that may be absent.
fn told(schema: Value, may_be_null: bool) -> Value {
    if may_be_null { json!({"anyOf": [schema, {"type": "null"}]}) } else { schema }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::catalogue::CATALOGUE;
    use super::*;

    #[test]
    fn c080_each_kind_has_a_name_and_a_schema_of_its_own() {
        let names: HashSet<&str> = CATALOGUE.iter().map(|resource| resource.name).collect();
        assert_eq!(names.len(), CATALOGUE.len());
        for resource in CATALOGUE {
            let schema = schema(resource);
            let names: Vec<String> = resource.members.iter().flat_map(Member::names).collect();
            assert_eq!(schema["properties"].as_object().unwrap().len(), names.len(), "{}", resource.name);
            assert!(!resource.members.is_empty() && !resource.about.is_empty());
        }
    }

    #[test]
    fn what_is_referred_to_comes_before() {
        for (number, resource) in CATALOGUE.iter().enumerate() {
            for member in resource.members {
                let before = |of| CATALOGUE.iter().take(number).any(|earlier| earlier.name == of);
                assert!(member.of.is_none_or(before), "{}.{}", resource.name, member.name);
            }
        }
    }
}
