//! JSON objects that an operation passes on and does not read itself.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};

use super::described::{Described, MOST_ITEMS};
use super::fields::{Errors, FromJson, accept};
use super::pointer::Pointer;

/// A JSON object of which somebody else says what it has to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct AnyObject(pub Map<String, Value>);

impl Described for AnyObject {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
            .max_properties(Some(MOST_ITEMS))
            .into()
    }
}

impl FromJson for AnyObject {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        let object = accept(value.as_object(), at, errors, "not-an-object", "must be a JSON object")?;
        Some(Self(object.clone()))
    }
}
