//! What a merge patch empties, for clients that cannot send null: `?clear=/infix` does what `{"infix": null}` does.
//!
//! The clients of many generators leave out members that are null, and so could fill a field and never empty it.

use actix_web::HttpRequest;
use groeilijn_domain::values::refusal::Refusal;
use serde_json::{Map, Value};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, Required};

use super::described::Described;
use super::problem::{FieldError, Problem};
use super::query::{FromQuery, Parameters};

const NAME: &str = "clear";

/// The most members that one request empties: as many as an address has room for.
const MOST: usize = 32;

/// The places that a request empties.
pub struct Cleared(Vec<Place>);

/// A JSON pointer (RFC 6901) to a member of the patch, as the names that it goes along.
struct Place(Vec<String>);

impl Cleared {
    /// What a request empties.
    ///
    /// # Errors
    /// 400 when a place is no JSON pointer, and for every unknown parameter.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut parameters = Parameters::of(request)?;
        let places = parameters.take_each(NAME);
        if places.len() > MOST {
            let detail = format!("must be given at most {MOST} times");
            parameters.refuse(NAME, Refusal::new("too-many", detail));
        }
        parameters.finish()?;
        Ok(Self(places))
    }

    /// The parameter, for the OpenAPI document.
    pub fn parameter() -> Parameter {
        let description = "For clients that cannot send null: a member of the patch, as a JSON pointer, that is taken \
                           for null. `clear=/infix` does what `{\"infix\": null}` does; give it once for each member. \
                           What is named here does not stand in the body.";
        let places = ArrayBuilder::new().items(Place::schema()).max_items(Some(MOST));
        ParameterBuilder::new()
            .name(NAME)
            .parameter_in(ParameterIn::Query)
            .description(Some(description))
            .required(Required::False)
            .schema(Some(places))
            .build()
    }

    /// Adds a null at each place.
    ///
    /// # Errors
    /// 400 for a place that stands in the body too, is named twice, or lies in what is no object.
    pub fn add_to(&self, patch: &mut Value) -> Result<(), Problem> {
        let refused = self.0.iter().filter_map(|place| place.add_to(patch).err());
        let errors: Vec<_> = refused.map(|refusal| FieldError::query(NAME, refusal)).collect();
        if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
    }
}

impl Place {
    fn add_to(&self, patch: &mut Value) -> Result<(), Refusal> {
        let Some((name, path)) = self.0.split_last() else { return Err(not_a_pointer()) };
        let mut at = patch;
        for step in path {
            at = members(at)?.entry(step.as_str()).or_insert_with(|| Value::Object(Map::new()));
        }
        if members(at)?.insert(name.clone(), Value::Null).is_some() {
            return Err(Refusal::new(
                "set-and-cleared",
                "must not name what the body has, or the same twice",
            ));
        }
        Ok(())
    }
}

fn members(value: &mut Value) -> Result<&mut Map<String, Value>, Refusal> {
    let inside = Refusal::new("not-an-object", "must lead through JSON objects");
    value.as_object_mut().ok_or(inside)
}

fn not_a_pointer() -> Refusal {
    Refusal::new("not-a-pointer", "must be a JSON pointer to a member of the body, such as /infix")
}

impl Described for Place {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::Custom("json-pointer".to_owned())))
            .pattern(Some("^/([^~/]|~[01])+(/([^~/]|~[01])+)*$"))
            .max_length(Some(200))
            .into()
    }
}

impl FromQuery for Place {
    fn from_query(text: &str) -> Result<Self, Refusal> {
        let names = text.strip_prefix('/').filter(|rest| rest.len() < 200).ok_or_else(not_a_pointer)?;
        let unescaped = |name: &str| name.replace("~1", "/").replace("~0", "~");
        let names: Vec<_> = names.split('/').map(unescaped).collect();
        if names.iter().any(String::is_empty) { Err(not_a_pointer()) } else { Ok(Self(names)) }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde_json::json;

    use super::*;

    fn cleared(query: &str, mut patch: Value) -> Result<Value, Vec<&'static str>> {
        let request = TestRequest::with_uri(&format!("/things/1?{query}")).to_http_request();
        let result = Cleared::of(&request).and_then(|cleared| cleared.add_to(&mut patch));
        result.map(|()| patch).map_err(|problem| problem.errors.iter().map(FieldError::code).collect())
    }

    #[test]
    fn what_is_named_is_as_if_it_were_null() {
        assert_eq!(cleared("", json!({"a": 1})), Ok(json!({"a": 1})));
        assert_eq!(
            cleared("clear=/b&clear=/c~1d", json!({"a": 1})),
            Ok(json!({"a": 1, "b": null, "c/d": null}))
        );
        assert_eq!(cleared("clear=/a/b", json!({"a": {"c": 2}})), Ok(json!({"a": {"b": null, "c": 2}})));
        assert_eq!(cleared("clear=/a/b", json!({})), Ok(json!({"a": {"b": null}})));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for (query, patch, codes) in [
            ("clear=/a", json!({"a": null}), ["set-and-cleared"].as_slice()),
            ("clear=/a", json!({"a": 1}), &["set-and-cleared"]),
            ("clear=/a&clear=/a", json!({}), &["set-and-cleared"]),
            ("clear=/a/b", json!({"a": "text"}), &["not-an-object"]),
            ("clear=/a", json!([]), &["not-an-object"]),
            ("clear=a&clear=/&clear=/a//b", json!({}), &["not-a-pointer", "not-a-pointer", "not-a-pointer"]),
            ("clear=/111222333&empty=/a", json!({}), &["bsn", "unknown-parameter"]),
        ] {
            assert_eq!(cleared(query, patch).unwrap_err(), codes, "{query}");
        }
    }
}
