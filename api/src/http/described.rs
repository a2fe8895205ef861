//! How a type looks in the OpenAPI document: one description a type, wherever the type is used.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::Value;
use utoipa::PartialSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat,
    SchemaType, Type,
};
use utoipa::openapi::{KnownFormat, Ref, RefOr, Required};

/// Schemas with their names, to be put among the document's components.
pub type NamedSchemas = Vec<(String, RefOr<Schema>)>;

/// The most items of an array in a request.
pub const MOST_ITEMS: usize = 1000;

/// A type that the OpenAPI document can describe.
pub trait Described {
    /// Whether a member of this type has to be there.
    const REQUIRED: bool = true;

    /// Its schema; a reference when it has a name of its own.
    fn schema() -> RefOr<Schema>;

    /// Adds the named schemas that [`Self::schema`] refers to.
    fn components(_found: &mut NamedSchemas) {}
}

/// A string of a format that OpenAPI knows.
pub fn formatted(format: KnownFormat) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)))
}

/// One of these texts.
pub fn one_of(values: impl IntoIterator<Item = &'static str>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values))
}

/// The schema, or null.
pub fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = or_null(object.schema_type);
            if let Some(values) = &mut object.enum_values {
                values.push(Value::Null);
            }
            object.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = or_null(array.schema_type);
            array.into()
        }
        other => OneOfBuilder::new().item(Object::with_type(Type::Null)).item(other).into(),
    }
}

fn or_null(schema_type: SchemaType) -> SchemaType {
    match schema_type {
        SchemaType::Type(one) => SchemaType::from_iter([one, Type::Null]),
        SchemaType::Array(mut several) => {
            several.push(Type::Null);
            SchemaType::Array(several)
        }
        SchemaType::AnyValue => SchemaType::AnyValue,
    }
}

/// Adds a description to a schema.
pub fn described(mut schema: RefOr<Schema>, description: &str) -> RefOr<Schema> {
    if description.is_empty() {
        return schema;
    }
    let text = description.to_owned();
    match &mut schema {
        RefOr::Ref(reference) => reference.description = text,
        RefOr::T(Schema::Object(object)) => object.description = Some(text),
        RefOr::T(Schema::Array(array)) => array.description = Some(text),
        RefOr::T(Schema::OneOf(one_of)) => one_of.description = Some(text),
        RefOr::T(_) => {}
    }
    schema
}

/// A doc comment as a description: its lines without the space in front, joined.
pub fn description(doc_lines: &[&str]) -> String {
    doc_lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// A Rust name as the document and JSON spell it: `first_name` is `firstName`.
pub fn camel_case(name: &str) -> String {
    let mut words = name.trim_start_matches("r#").split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut camel, word| {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
        camel
    })
}

/// The description of a request header.
pub fn header(name: &str, required: Required, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// A reference to the schema of this name.
pub fn reference(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

/// The name of the schema that a reference leads to; `None` for a schema that is written out.
pub fn name_of(schema: &RefOr<Schema>) -> Option<&str> {
    match schema {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next(),
        RefOr::T(_) => None,
    }
}

/// The name of a body in the document. A Rust type may end in `Body` to be told from the domain's type of the same name.
pub fn body_name(rust_name: &str) -> &str {
    rust_name.strip_suffix("Body").unwrap_or(rust_name)
}

/// A whole number from `least` to `most`.
pub fn whole_number(least: i64, most: i64) -> ObjectBuilder {
    let format = if i32::try_from(most).is_ok() { KnownFormat::Int32 } else { KnownFormat::Int64 };
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .minimum(Some(least))
        .maximum(Some(most))
}

/// The bounds of a number that are narrower than those of its type.
pub fn within(least: i64, most: i64) -> impl Fn(RefOr<Schema>) -> RefOr<Schema> {
    move |mut schema| {
        if let RefOr::T(Schema::Object(number)) = &mut schema {
            number.minimum = Some(least.into());
            number.maximum = Some(most.into());
        }
        schema
    }
}

/// How many items an array may have.
pub fn counted(count: RangeInclusive<usize>) -> impl Fn(RefOr<Schema>) -> RefOr<Schema> {
    move |mut schema| {
        if let RefOr::T(Schema::Array(array)) = &mut schema {
            array.min_items = Some(*count.start());
            array.max_items = Some(*count.end());
        }
        schema
    }
}

/// How many characters a text has at most, where that is not what its type says.
pub fn at_most(characters: usize) -> impl Fn(RefOr<Schema>) -> RefOr<Schema> {
    move |mut schema| {
        if let RefOr::T(Schema::Object(text)) = &mut schema {
            text.max_length = Some(characters);
        }
        schema
    }
}

/// As another type is written: for text that the domain checks by that type's rule.
pub fn like<T: Described>(_: RefOr<Schema>) -> RefOr<Schema> {
    T::schema()
}

/// The schema as it is.
pub fn as_it_is(schema: RefOr<Schema>) -> RefOr<Schema> {
    schema
}

/// An object of which the members are described by their types.
pub struct ObjectShape {
    object: ObjectBuilder,
}

impl ObjectShape {
    /// An object without members, that may get more of them in later versions: what a reply is.
    pub fn open(doc_lines: &[&str]) -> Self {
        let text = Some(description(doc_lines)).filter(|text| !text.is_empty());
        Self { object: ObjectBuilder::new().schema_type(Type::Object).description(text) }
    }

    /// An object without members, that admits no unknown ones: what a request is.
    pub fn closed(doc_lines: &[&str]) -> Self {
        let closed = AdditionalProperties::FreeForm(false);
        Self { object: Self::open(doc_lines).object.additional_properties(Some(closed)) }
    }

    /// With a member, called by its Rust name, with a schema that is narrower than that of its type.
    #[must_use]
    pub fn member<T: Described>(
        self,
        rust_name: &str,
        doc_lines: &[&str],
        narrowed: impl Fn(RefOr<Schema>) -> RefOr<Schema>,
    ) -> Self {
        let name = camel_case(rust_name);
        let schema = described(narrowed(T::schema()), &description(doc_lines));
        let object = self.object.property(name.as_str(), schema);
        Self { object: if T::REQUIRED { object.required(name) } else { object } }
    }

    /// With an example, for what cannot be put together from the examples of its members.
    #[must_use]
    pub fn example(self, example: Value) -> Self {
        Self { object: self.object.examples([example]) }
    }

    /// The schema.
    pub fn build(self) -> RefOr<Schema> {
        self.object.into()
    }
}

impl<T: Described> Described for Option<T> {
    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        nullable(T::schema())
    }

    fn components(found: &mut NamedSchemas) {
        T::components(found);
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(T::schema()).max_items(Some(MOST_ITEMS)).into()
    }

    fn components(found: &mut NamedSchemas) {
        T::components(found);
    }
}

impl<K: Described, T: Described> Described for BTreeMap<K, T> {
    fn schema() -> RefOr<Schema> {
        let name = match K::schema() {
            RefOr::T(schema) => Some(schema),
            RefOr::Ref(_) => None,
        };
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(name)
            .additional_properties(Some(T::schema()))
            .max_properties(Some(MOST_ITEMS))
            .into()
    }

    fn components(found: &mut NamedSchemas) {
        T::components(found);
    }
}

macro_rules! as_utoipa_describes {
    ($($type:ty)*) => {$(
        impl Described for $type {
            fn schema() -> RefOr<Schema> {
                <$type as PartialSchema>::schema()
            }
        }
    )*};
}

as_utoipa_describes! { bool }

/// The largest whole number that every JSON reader keeps exactly: 2^53 - 1 (RFC 8259, section 6).
pub(super) const MOST_EXACT: i64 = (1 << 53) - 1;

macro_rules! whole_numbers {
    ($($type:ident $least:expr, $most:expr;)*) => {$(
        impl Described for $type {
            fn schema() -> RefOr<Schema> {
                whole_number($least, $most).into()
            }
        }
    )*};
}

whole_numbers! {
    u8 0, u8::MAX.into();
    u16 0, u16::MAX.into();
    u32 0, i32::MAX.into();
    u64 0, MOST_EXACT;
    i16 i16::MIN.into(), i16::MAX.into();
    // Revisions and versions, which count from 1.
    i32 1, i32::MAX.into();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_names_become_camel_case() {
        assert_eq!(camel_case("first_name"), "firstName");
        assert_eq!(camel_case("r#type"), "type");
        assert_eq!(camel_case("vve"), "vve");
        assert_eq!(camel_case("day_parts_per_week"), "dayPartsPerWeek");
    }

    #[test]
    fn an_optional_member_admits_null() {
        let schema = serde_json::to_value(<Option<bool> as Described>::schema()).unwrap();
        assert_eq!(schema["type"], serde_json::json!(["boolean", "null"]));
    }
}
