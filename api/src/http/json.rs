//! JSON as the API reads it (RFC 8259, stricter where that leaves room): no duplicate names, no deep nesting,
//! and no citizen service numbers anywhere (C030).

use std::fmt;

use groeilijn_domain::values::bsn::refuse_bsn;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::fields::Errors;
use super::pointer::Pointer;
use super::problem::Problem;
use super::problem_kind::ProblemKind;

/// How deeply objects and arrays may be nested.
const MOST_LEVELS: usize = 32;

/// Reads a JSON text.
///
/// # Errors
/// `malformed-json` with line and column.
pub fn parse(text: &[u8]) -> Result<Value, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    Strict { levels: MOST_LEVELS }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| {
            Problem::new(ProblemKind::MalformedJson, format!("The body is not valid JSON: {error}."))
        })
}

/// Refuses every citizen service number in a document, in names, strings and numbers (C030).
pub fn refuse_citizen_service_numbers(value: &Value, at: &Pointer<'_>, errors: &mut Errors) {
    let mut check = |text: &str, at: &Pointer<'_>| {
        if let Err(refusal) = refuse_bsn(text) {
            errors.refuse(at, refusal);
        }
    };
    match value {
        Value::String(text) => check(text, at),
        Value::Number(number) => check(&digits(number), at),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                refuse_citizen_service_numbers(item, &at.item(index), errors);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let at = at.member(name);
                if let Err(refusal) = refuse_bsn(name) {
                    errors.refuse(&at, refusal);
                }
                refuse_citizen_service_numbers(member, &at, errors);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// A number without the ways of writing it that would hide its digits: 1.5e1 is 15.
fn digits(number: &Number) -> String {
    match number.as_f64().filter(|value| !number.is_i64() && !number.is_u64() && value.fract() == 0.0) {
        Some(whole) => format!("{whole:.0}"),
        None => number.to_string(),
    }
}

/// Builds a [`Value`] while it counts levels and refuses duplicate names, which `Value` would swallow.
#[derive(Clone, Copy)]
struct Strict {
    levels: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1).ok_or_else(|| E::custom("too deeply nested"))?;
        Ok(Self { levels })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(deeper)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let member = members.next_value_seed(deeper)?;
            if object.insert(name, member).is_some() {
                return Err(A::Error::custom("a name occurs twice in one object"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Vec<String> {
        let mut errors = Errors::default();
        refuse_citizen_service_numbers(&parse(text.as_bytes()).unwrap(), &Pointer::Root, &mut errors);
        errors.into_vec().into_iter().filter_map(|error| error.pointer().map(str::to_owned)).collect()
    }

    #[test]
    fn what_other_readers_let_pass_is_malformed() {
        let deep = "[".repeat(33) + &"]".repeat(33);
        for text in
            [r#"{"a":1,"a":2}"#, &deep, "{} {}", "{", "", "\u{feff}{}", r#""\ud800""#, "1e999", "{'a':1}"]
        {
            assert_eq!(parse(text.as_bytes()).unwrap_err().kind, ProblemKind::MalformedJson, "{text}");
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse(("[".repeat(32) + &"]".repeat(32)).as_bytes()).is_ok());
    }

    #[test]
    fn a_citizen_service_number_is_found_wherever_it_stands() {
        let text = r#"{"a": "nr 111222333", "b": [111222333, 1112223330], "c": {"111222333": 1.11222333e8}}"#;
        assert_eq!(refused(text), ["/a", "/b/0", "/c/111222333"]);
        assert!(refused(r#"{"a": "no number", "b": 12.5}"#).is_empty());
    }
}
