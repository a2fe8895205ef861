//! The framework document as a request body: how it is read, with every mistake at its place, and described.

use groeilijn_domain::children::framework::{
    AREAS, LINES_PER_AREA, MILESTONES_PER_PHASE, PHASES_PER_LINE, REPLACED_PER_MILESTONE, SCALES, STEPS,
};
use groeilijn_domain::children::framework::{
    Area, AreaCode, FrameworkCode, FrameworkDocument, Line, LineCode, Locale, Milestone, MilestoneCode,
    Phase, Scale, ScaleCode, Step,
};
use groeilijn_domain::children::pupil::AGE_LIMIT_MONTHS;
use groeilijn_domain::values::text::{FreeText, ShortText};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::http::described::{Described, NamedSchemas, ObjectShape, counted, like, reference, within};
use crate::http::fields::{Errors, FromJson, Members};
use crate::http::pointer::Pointer;
use crate::narrowed;

/// Declares how the parts of the document look in JSON, in the way of [`request_body!`](crate::request_body):
/// each under its name in the OpenAPI document.
macro_rules! document_parts {
    ($(
        $(#[doc = $doc:literal])*
        $type:ident $name:literal $(like $example:expr;)? {
            $($(#[doc = $field_doc:literal])* $field:ident: $field_type:ty $(= $narrowed:expr)?,)*
        }
    )*) => {$(
        impl FromJson for $type {
            fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
                let mut members = Members::of(value, at, errors)?;
                $(let $field = members.take::<$field_type>(stringify!($field), errors);)*
                members.finish(errors);
                Some(Self { $($field: $field?,)* })
            }
        }

        impl Described for $type {
            fn schema() -> RefOr<Schema> {
                reference($name)
            }

            fn components(found: &mut NamedSchemas) {
                let shape = ObjectShape::closed(&[$($doc),*])
                    $(.member::<$field_type>(stringify!($field), &[$($field_doc),*], narrowed!($($narrowed)?)))*
                    $(.example($example))?
                    .build();
                found.push(($name.to_owned(), shape));
                $(<$field_type as Described>::components(found);)*
            }
        }
    )*};
}

document_parts! {
    /// One version of an observation framework, complete in itself. It holds nothing about any person.
    FrameworkDocument "FrameworkDocument" like example(); {
        /// Names the framework, the same in all its versions.
        code: FrameworkCode,
        /// Counts from 1.
        version: u32 = within(1, i32::MAX.into()),
        /// The language of all titles, descriptions and milestone texts (ISO 639-1).
        locale: Locale,
        /// The name people know it by.
        title: String = like::<ShortText>,
        /// What it is for; may be empty.
        description: String = empty_or_lines,
        /// What is judged about the child as a whole; may be empty.
        scales: Vec<Scale> = counted(SCALES),
        /// The development areas, in the order in which they are shown.
        areas: Vec<Area> = counted(AREAS),
    }

    /// A scale on which the child as a whole is placed.
    Scale "FrameworkScale" {
        /// Unique within the framework.
        code: ScaleCode,
        /// The name people know it by.
        title: String = like::<ShortText>,
        /// What it measures; may be empty.
        description: String = empty_or_lines,
        /// From the lowest value to the highest.
        steps: Vec<Step> = counted(STEPS),
    }

    /// One value of a scale.
    Step "FrameworkStep" {
        /// What a registration holds.
        value: u8,
        /// What people read.
        label: String = like::<ShortText>,
    }

    /// A development area: lines that belong together.
    Area "FrameworkArea" {
        /// Unique within the framework.
        code: AreaCode,
        /// The name people know it by.
        title: String = like::<ShortText>,
        /// In the order in which they are shown.
        lines: Vec<Line> = counted(LINES_PER_AREA),
    }

    /// A development line: one strand of development, followed through phases of age.
    Line "FrameworkLine" {
        /// Unique within the framework.
        code: LineCode,
        /// The name people know it by.
        title: String = like::<ShortText>,
        /// What it covers; may be empty.
        description: String = empty_or_lines,
        /// Without gaps or overlap, youngest first. The first one begins when there is something to see, which need
        /// not be at birth.
        phases: Vec<Phase> = counted(PHASES_PER_LINE),
    }

    /// A stretch of a development line: what most children reach between two ages.
    Phase "FrameworkPhase" {
        /// Age in completed months at which it begins.
        from_month: u16 = within(0, i64::from(AGE_LIMIT_MONTHS) - 1),
        /// Age in completed months at which the next one begins; at most 96 (C026).
        to_month: u16 = within(1, AGE_LIMIT_MONTHS.into()),
        /// What to look for.
        milestones: Vec<Milestone> = counted(MILESTONES_PER_PHASE),
    }

    /// One thing a child of this phase is seen to do (C025).
    Milestone "FrameworkMilestone" {
        /// Unique within the framework.
        code: MilestoneCode,
        /// The behaviour, in one sentence.
        text: String = like::<ShortText>,
        /// Where its age comes from: open literature, or the judgement of whoever wrote the framework. Not there when
        /// nobody said so.
        source: Option<String> = like::<Option<ShortText>>,
        /// Codes of the version before whose place it took, so that what was seen then still counts. Not there when it
        /// took no place. A milestone that means the same keeps its code instead.
        replaces: Option<Vec<MilestoneCode>> = counted(REPLACED_PER_MILESTONE),
    }
}

/// A small framework of which everything holds.
fn example() -> Value {
    serde_json::from_str(include_str!("example.json")).unwrap_or_default()
}

/// A text in lines, which may be empty.
fn empty_or_lines(_: RefOr<Schema>) -> RefOr<Schema> {
    let mut schema = FreeText::schema();
    if let RefOr::T(Schema::Object(text)) = &mut schema {
        text.min_length = None;
        text.pattern = text.pattern.take().map(|pattern| format!("^$|{pattern}"));
    }
    schema
}

/// A body that is a framework document.
pub(super) struct DocumentBody(pub(super) FrameworkDocument);

impl FromJson for DocumentBody {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        FrameworkDocument::from_json(value, at, errors).map(Self)
    }
}

impl Described for DocumentBody {
    fn schema() -> RefOr<Schema> {
        FrameworkDocument::schema()
    }

    fn components(found: &mut NamedSchemas) {
        FrameworkDocument::components(found);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::http::body::read;

    const DUTCH: &str = include_str!("../../../../../frameworks/groeilijn-basis-0-7/v2.nl.json");

    #[test]
    fn the_framework_that_comes_along_is_read_as_it_stands() {
        let DocumentBody(document) = read(DUTCH.as_bytes()).unwrap();
        assert_eq!(document, serde_json::from_str(DUTCH).unwrap());
    }

    /// The JSON Schema of a framework: the same description as in the OpenAPI document, on its own.
    fn json_schema() -> String {
        let mut found = NamedSchemas::new();
        DocumentBody::components(&mut found);
        let mut parts: BTreeMap<_, _> =
            found.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap())).collect();
        let mut schema = parts.remove("FrameworkDocument").unwrap();
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["title"] = json!("FrameworkDocument");
        schema["$defs"] = json!(parts);
        let text = serde_json::to_string_pretty(&schema).unwrap();
        text.replace("#/components/schemas/", "#/$defs/") + "\n"
    }

    /// After a change: `UPDATE_SCHEMA=1 cargo test -p groeilijn-api the_published_json_schema`.
    #[test]
    fn the_published_json_schema_is_that_of_the_body() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/framework.schema.json");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, json_schema()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), json_schema());
    }

    #[test]
    fn the_example_is_one() {
        let DocumentBody(example) = read(include_str!("example.json").as_bytes()).unwrap();
        assert_eq!(example.validate(), Ok(()));
    }

    #[test]
    fn every_mistake_is_found_at_its_place() {
        let mut body: Value = serde_json::from_str(DUTCH).unwrap();
        body["version"] = json!(-1);
        body["areas"][1]["lines"][0]["phases"][2]["fromMonth"] = json!("12");
        body["scales"][0]["steps"][4]["colour"] = json!("red");
        body["areas"][0]["code"] = json!("Not A Code");
        let problem = read::<DocumentBody>(body.to_string().as_bytes()).err().unwrap();
        let found: Vec<_> =
            problem.errors.iter().map(|error| (error.pointer().unwrap(), error.code())).collect();
        assert_eq!(
            found,
            [
                ("/version", "out-of-range"),
                ("/scales/0/steps/4/colour", "unknown-field"),
                ("/areas/0/code", "not-a-code"),
                ("/areas/1/lines/0/phases/2/fromMonth", "not-a-number"),
            ]
        );
    }

    #[test]
    fn every_part_has_a_schema_of_its_own() {
        let mut found = NamedSchemas::new();
        DocumentBody::components(&mut found);
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "FrameworkDocument",
                "FrameworkLocale",
                "FrameworkScale",
                "FrameworkStep",
                "FrameworkArea",
                "FrameworkLine",
                "FrameworkPhase",
                "FrameworkMilestone"
            ]
        );
    }
}
