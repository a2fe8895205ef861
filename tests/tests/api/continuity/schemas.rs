//! JSON Schema, as far as the schemas of exports use it. A keyword that is not known here fails.

use serde_json::{Map, Value};

/// What of a value is not as a schema says: the way to it, and the keyword.
pub(super) fn misfit(schema: &Value, value: &Value) -> Option<String> {
    let schema = schema.as_object().unwrap();
    schema.iter().find_map(|(keyword, rule)| match keyword.as_str() {
        "$schema" | "title" | "description" | "format" => None,
        "properties" => value
            .as_object()?
            .iter()
            .find_map(|(name, value)| misfit(rule.get(name)?, value).map(|inner| format!("{name}/{inner}"))),
        "additionalProperties" => others(schema, value).find_map(|(name, value)| match rule {
            Value::Bool(false) => Some(format!("{name}/{keyword}")),
            rule => misfit(rule, value).map(|inner| format!("{name}/{inner}")),
        }),
        "items" => value.as_array()?.iter().find_map(|item| misfit(rule, item)),
        _ => (!holds(keyword, rule, value)).then(|| keyword.clone()),
    })
}

/// The members that a schema does not name.
fn others<'v>(
    schema: &'v Map<String, Value>,
    value: &'v Value,
) -> impl Iterator<Item = (&'v String, &'v Value)> {
    let members = value.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| schema.get("properties").is_none_or(|properties| properties.get(name).is_none()))
}

fn holds(keyword: &str, rule: &Value, value: &Value) -> bool {
    match keyword {
        "type" => {
            rule.as_array().map_or_else(|| is(rule, value), |types| types.iter().any(|one| is(one, value)))
        }
        "enum" => rule.as_array().unwrap().contains(value),
        "anyOf" => rule.as_array().unwrap().iter().any(|schema| misfit(schema, value).is_none()),
        "required" => {
            let names = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
            value.as_object().is_none_or(|members| names.clone().all(|name| members.contains_key(name)))
        }
        "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
        "maximum" => value.as_i64().is_none_or(|number| number <= rule.as_i64().unwrap()),
        "maxLength" => {
            value.as_str().is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap())
        }
        "pattern" => {
            assert_eq!(rule, "^([0-9a-f]{2})*$");
            value.as_str().is_none_or(|text| hex::decode(text).is_ok() && text == text.to_lowercase())
        }
        other => panic!("{other} is not known here"),
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}

#[test]
fn what_is_not_as_a_schema_says_is_found() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": {"a": {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}]}, "b": {"items": {"enum": [1]}}},
    });
    for (value, found) in [
        (r#"{"a": "ok", "b": [1]}"#, None),
        (r#"{"a": null}"#, None),
        (r#"{"a": "long"}"#, Some("a/anyOf")),
        (r#"{"b": []}"#, Some("required")),
        (r#"{"a": null, "b": [2]}"#, Some("b/enum")),
        (r#"{"a": null, "c": 1}"#, Some("c/additionalProperties")),
        ("7", Some("type")),
    ] {
        assert_eq!(misfit(&schema, &serde_json::from_str(value).unwrap()).as_deref(), found, "{value}");
    }
}
