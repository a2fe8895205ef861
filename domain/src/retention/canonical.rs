//! Canonical JSON: one form of bytes for each value, so that a signature over it means one thing (after RFC 8785).
//!
//! Members stand in the order of their names, nothing stands between them, and there are no numbers but whole ones. With
//! names in ASCII, as here, that is the order of RFC 8785 too.

use serde_json::Value;

/// The canonical form of a value; `None` if it holds a number that is not whole.
pub fn canonical(value: &Value) -> Option<String> {
    let mut out = String::new();
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Number(number) if number.is_f64() => return None,
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                separate(index, out);
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
        plain => out.push_str(&plain.to_string()),
    }
    Some(())
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_sorted_and_nothing_stands_between_them() {
        let value: Value =
            serde_json::from_str(r#"{ "b": [1, "é\n", null], "a": {"d": true, "c": -2} }"#).unwrap();
        assert_eq!(canonical(&value).unwrap(), r#"{"a":{"c":-2,"d":true},"b":[1,"é\n",null]}"#);
    }

    #[test]
    fn a_fraction_has_no_canonical_form() {
        assert_eq!(canonical(&json!({"a": [0.5]})), None);
    }
}
