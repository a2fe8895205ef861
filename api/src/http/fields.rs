//! Reading JSON into types that hold the rules, with every mistake reported together.

use std::collections::BTreeMap;

use groeilijn_domain::values::refusal::Refusal;
use serde_json::{Map, Number, Value};

use super::described::{Described, MOST_EXACT, MOST_ITEMS, camel_case};
use super::pointer::Pointer;
use super::problem::{FieldError, MOST_ERRORS};
use super::text_value::ParseText;

/// The mistakes found in one body so far.
#[derive(Debug, Default)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// Notes a refused value, once. What comes after the first [`MOST_ERRORS`] is left out.
    pub fn refuse(&mut self, at: &Pointer<'_>, refusal: Refusal) {
        let error = FieldError::body(at.to_string(), refusal);
        if self.0.len() < MOST_ERRORS && !self.0.contains(&error) {
            self.0.push(error);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order found.
    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}

/// A type that a JSON value is read into.
pub trait FromJson: Described + Sized {
    /// Reads it; notes everything that is wrong with it and gives `None` when anything is.
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self>;

    /// What it is when the member is not there: refused, unless the type says otherwise.
    fn absent(at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        errors.refuse(at, Refusal::new("required", "is required"));
        None
    }
}

/// The members of an object, taken one by one; what is not taken is unknown and refused.
pub struct Members<'a> {
    object: &'a Map<String, Value>,
    at: &'a Pointer<'a>,
    known: Vec<String>,
}

impl<'a> Members<'a> {
    /// The members of a value that has to be an object.
    pub fn of(value: &'a Value, at: &'a Pointer<'a>, errors: &mut Errors) -> Option<Self> {
        let object = accept(value.as_object(), at, errors, "not-an-object", "must be a JSON object")?;
        Some(Self { object, at, known: Vec::new() })
    }

    /// The member for a Rust field of this name.
    pub fn take<T: FromJson>(&mut self, rust_name: &str, errors: &mut Errors) -> Option<T> {
        let name = camel_case(rust_name);
        let at = self.at.member(&name);
        let member = match self.object.get(&name) {
            Some(value) => T::from_json(value, &at, errors),
            None => T::absent(&at, errors),
        };
        self.known.push(name);
        member
    }

    /// Refuses the members that were not taken.
    pub fn finish(self, errors: &mut Errors) {
        for name in self.object.keys().filter(|name| !self.known.contains(name)) {
            errors.refuse(&self.at.member(name), Refusal::new("unknown-field", "there is no such field"));
        }
    }
}

/// The value, or a refusal for not being of the right kind.
pub(super) fn accept<T>(
    value: Option<T>,
    at: &Pointer<'_>,
    errors: &mut Errors,
    code: &'static str,
    why: &str,
) -> Option<T> {
    if value.is_none() {
        errors.refuse(at, Refusal::new(code, why));
    }
    value
}

impl<T: ParseText + Described> FromJson for T {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        let text = accept(value.as_str(), at, errors, "not-a-string", "must be a JSON string")?;
        T::parse_text(text).map_err(|refusal| errors.refuse(at, refusal)).ok()
    }
}

impl FromJson for bool {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        accept(value.as_bool(), at, errors, "not-a-boolean", "must be true or false")
    }
}

/// A number without a fraction, however it is written: `5`, `5.0` and `0.5e1` are one number (JSON Schema, section 4.2.3).
fn whole(number: &Number) -> Option<i64> {
    let written_out = |value: f64| (value.fract() == 0.0).then(|| format!("{value:.0}").parse().ok())?;
    number.as_i64().or_else(|| number.as_f64().and_then(written_out))
}

macro_rules! whole_numbers {
    ($($type:ident $least:literal $most:expr;)*) => {$(
        impl FromJson for $type {
            fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
                let number = accept(value.as_number(), at, errors, "not-a-number", "must be a JSON number")?;
                let number = whole(number).filter(|number| ($least..=$most).contains(number));
                if number.is_none() {
                    let range = format!("must be a whole number from {} to {}", $least, $most);
                    errors.refuse(at, Refusal::new("out-of-range", range));
                }
                number.and_then(|number| Self::try_from(number).ok())
            }
        }
    )*};
}

// The same bounds as the document has, see `described`.
whole_numbers! {
    u8 0 i64::from(u8::MAX);
    u16 0 i64::from(u16::MAX);
    u32 0 i64::from(i32::MAX);
    u64 0 MOST_EXACT;
    i32 1 i64::from(i32::MAX);
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_json(value, at, errors).map(Some) }
    }

    fn absent(_: &Pointer<'_>, _: &mut Errors) -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        let items = accept(value.as_array(), at, errors, "not-an-array", "must be a JSON array")?;
        bounded(items.len(), at, errors)?;
        let items = items.iter().enumerate().map(|(index, item)| T::from_json(item, &at.item(index), errors));
        all(items).collect()
    }
}

impl<K: ParseText + Described + Ord, T: FromJson> FromJson for BTreeMap<K, T> {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        let object = accept(value.as_object(), at, errors, "not-an-object", "must be a JSON object")?;
        bounded(object.len(), at, errors)?;
        let members = object.iter().map(|(name, member)| {
            let at = at.member(name);
            let key = K::parse_text(name).map_err(|refusal| errors.refuse(&at, refusal)).ok();
            let member = T::from_json(member, &at, errors);
            Some((key?, member?))
        });
        all(members).collect()
    }
}

/// Goes through everything, so that every mistake is found, before the first `None` ends a collection.
fn all<T>(parsed: impl Iterator<Item = Option<T>>) -> std::vec::IntoIter<Option<T>> {
    parsed.collect::<Vec<_>>().into_iter()
}

fn bounded(count: usize, at: &Pointer<'_>, errors: &mut Errors) -> Option<()> {
    let within = (count <= MOST_ITEMS).then_some(());
    accept(within, at, errors, "too-many", &format!("must have at most {MOST_ITEMS} items"))
}
