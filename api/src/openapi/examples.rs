//! Examples of bodies, put together from the examples of their fields: none is written by hand, so none can
//! disagree with its schema.

use serde_json::{Map, Value};
use utoipa::openapi::path::Operation as Documented;
use utoipa::openapi::{Components, Content, RefOr};

/// How deep an example goes; the schemas are not recursive, so this is only a guard.
const DEEPEST: usize = 32;

/// Puts examples together from the schemas of one document.
pub(super) struct Examples {
    schemas: Value,
}

impl Examples {
    /// Examples for what these components hold.
    pub(super) fn of(components: &Components) -> Self {
        Self { schemas: serde_json::to_value(&components.schemas).unwrap_or_default() }
    }

    /// Adds an example to each body that an operation takes or gives and that has none.
    pub(super) fn add(&self, documented: &mut Documented) {
        let taken = documented.request_body.iter_mut().flat_map(|body| match body {
            RefOr::T(body) => Some(body.content.iter_mut()),
            RefOr::Ref(_) => None,
        });
        let given = documented.responses.responses.values_mut().flat_map(|reply| match reply {
            RefOr::T(reply) => Some(reply.content.iter_mut()),
            RefOr::Ref(_) => None,
        });
        for (_, content) in taken.flatten().chain(given.flatten()) {
            if let RefOr::T(content) = content {
                self.complete(content);
            }
        }
    }

    fn complete(&self, content: &mut Content) {
        if content.example.is_some() || !content.examples.is_empty() {
            return;
        }
        let schema = content.schema.as_ref().and_then(|schema| serde_json::to_value(schema).ok());
        content.example = schema.and_then(|schema| self.example(&schema, DEEPEST));
    }

    /// An example of a schema: its own, or put together from those of its parts.
    fn example(&self, schema: &Value, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let first = |name: &str| schema.get(name)?.as_array()?.first().cloned();
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.example(self.schemas.get(reference.rsplit('/').next()?)?, depth);
        }
        if let Some(example) = first("examples").or_else(|| schema.get("example").cloned()) {
            return Some(example);
        }
        if let Some(value) = schema.get("default").cloned().or_else(|| first("enum")) {
            return Some(value);
        }
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
            return choices.iter().rev().find_map(|choice| self.example(choice, depth));
        }
        match type_of(schema)? {
            "object" => Some(self.object(schema, depth)),
            "array" => Some(Value::Array(self.example(schema.get("items")?, depth).into_iter().collect())),
            "string" => Some(Value::from(formatted(schema))),
            "integer" => Some(schema.get("minimum").cloned().unwrap_or_else(|| Value::from(1))),
            "boolean" => Some(Value::from(true)),
            _ => None,
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let mut example: Map<String, Value> =
            members.filter_map(|(name, member)| Some((name.clone(), self.example(member, depth)?))).collect();
        if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
            let key = schema.pointer("/propertyNames").and_then(|names| self.example(names, depth));
            let key = key.as_ref().and_then(Value::as_str).unwrap_or("play").to_owned();
            example.extend(self.example(values, depth).map(|value| (key, value)));
        }
        Value::Object(example)
    }
}

/// The type of a schema, apart from null.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(one) => Some(one),
        Value::Array(several) => several.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

/// A text of the format that a schema asks for.
fn formatted(schema: &Value) -> &'static str {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => "01999999-0000-7000-8000-000000000001",
        Some("date") => "2026-11-21",
        Some("date-time") => "2026-11-21T09:30:00Z",
        Some("email") => "beheerder@school.example",
        Some("password") => "Een-goed-wachtwoord-1",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_example_is_put_together_from_its_parts() {
        let examples =
            Examples { schemas: json!({ "Colour": { "type": "string", "enum": ["red", "blue"] } }) };
        let schema = json!({
            "type": "object",
            "properties": {
                "colour": { "$ref": "#/components/schemas/Colour" },
                "other": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Colour" }] },
                "days": { "type": "array", "items": { "type": "string", "format": "date" } },
                "name": { "type": ["string", "null"], "examples": ["Noor"] },
                "count": { "type": "integer", "minimum": 3 },
            },
        });
        let expected = json!({
            "colour": "red", "other": "red", "days": ["2026-11-21"], "name": "Noor", "count": 3,
        });
        assert_eq!(examples.example(&schema, DEEPEST), Some(expected));
    }
}
