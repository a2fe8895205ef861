//! Request bodies: received whole within limits, then read into a type with every mistake reported together.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::openapi::Required;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};

use super::cleared::Cleared;
use super::described::{Described, NamedSchemas};
use super::endpoint::Operation;
use super::fields::{Errors, FromJson};
use super::input::{Input, Reads, shared};
use super::pointer::Pointer;
use super::problem::Problem;
use super::problem_kind::ProblemKind;
use super::receive::{Pace, Unshared, receive};
use super::strangers::{self, Strangers};
use super::{json, limits};

/// A JSON body (`application/json`), with the SHA-256 of its bytes as they came: what an `Idempotency-Key`
/// is compared by.
pub struct JsonBody<T>(pub T, pub [u8; 32]);

/// A merge patch (RFC 7396), as `application/merge-patch+json` or, for generated clients that send no other, as
/// `application/json`. A client that cannot send null names what becomes empty in the parameter `clear`.
pub struct MergePatch<T>(pub T);

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

impl<T: FromJson + Described + 'static> Input for JsonBody<T> {
    const READS: Reads = Reads { body: true, ..Reads::NOTHING };

    fn body(components: &mut NamedSchemas) -> Option<RequestBody> {
        Some(describe::<T>(&[JSON], components))
    }

    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Problem> {
        let bytes = receive_json(request, payload, &[JSON]).await?;
        Ok(Self(read(&bytes)?, Sha256::digest(&bytes).into()))
    }
}

/// A JSON body that may be left out. One without any bytes is none, whatever its `Content-Type` says.
impl<T: FromJson + Described + 'static> Input for Option<JsonBody<T>> {
    const READS: Reads = Reads { body: true, ..Reads::NOTHING };

    fn body(components: &mut NamedSchemas) -> Option<RequestBody> {
        let mut body = describe::<T>(&[JSON], components);
        body.required = Some(Required::False);
        Some(body)
    }

    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Problem> {
        let bytes = receive_within(request, payload).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        require_content_type(request, &[JSON])?;
        Ok(Some(JsonBody(read(&bytes)?, Sha256::digest(&bytes).into())))
    }
}

/// A JSON body that holds bodies of other operations, in members called `body`: each of these is checked when that operation
/// reads it, citizen service numbers included.
pub struct Envelope<T>(pub T);

impl<T: FromJson + Described + 'static> Input for Envelope<T> {
    const READS: Reads = Reads { body: true, ..Reads::NOTHING };

    fn body(components: &mut NamedSchemas) -> Option<RequestBody> {
        Some(describe::<T>(&[JSON], components))
    }

    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Problem> {
        let bytes = receive_json(request, payload, &[JSON]).await?;
        let value = json::parse(&bytes)?;
        let mut errors = Errors::default();
        json::refuse_citizen_service_numbers(&without_bodies(&value), &Pointer::Root, &mut errors);
        finished(&value, errors).map(Self)
    }
}

/// What an envelope says itself.
fn without_bodies(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_bodies).collect(),
        Value::Object(members) => members
            .iter()
            .filter(|(name, member)| !(*name == "body" && member.is_object()))
            .map(|(name, member)| (name.clone(), without_bodies(member)))
            .collect(),
        other => other.clone(),
    }
}

impl<T: FromJson + Described + 'static> Input for MergePatch<T> {
    const READS: Reads = Reads { body: true, query: true, ..Reads::NOTHING };

    fn parameters() -> Vec<Parameter> {
        vec![Cleared::parameter()]
    }

    fn body(components: &mut NamedSchemas) -> Option<RequestBody> {
        Some(describe::<T>(&[MERGE_PATCH, JSON], components))
    }

    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Problem> {
        let cleared = Cleared::of(request)?;
        let bytes = receive_json(request, payload, &[MERGE_PATCH, JSON]).await?;
        let mut patch = json::parse(&bytes)?;
        cleared.add_to(&mut patch)?;
        Ok(Self(read_value(&patch)?))
    }
}

fn describe<T: Described>(media_types: &[&str], components: &mut NamedSchemas) -> RequestBody {
    T::components(components);
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    let content = || ContentBuilder::new().schema(Some(T::schema())).build();
    media_types.iter().fold(body, |body, media_type| body.content(*media_type, content())).build()
}

async fn receive_json(
    request: &HttpRequest,
    payload: &mut Payload,
    media_types: &[&str],
) -> Result<Bytes, Problem> {
    require_content_type(request, media_types)?;
    receive_within(request, payload).await
}

async fn receive_within(request: &HttpRequest, payload: &mut Payload) -> Result<Bytes, Problem> {
    let limits = limits::of(request);
    let pace = Pace::within(limits.body);
    if is_open(request) {
        let most_bytes = limits.body_bytes.min(strangers::MOST_BYTES);
        let mut place = shared::<Strangers>(request)?.place_for(request);
        return receive(request, payload, most_bytes, pace, &mut place).await;
    }
    receive(request, payload, limits.body_bytes, pace, &mut Unshared).await
}

/// Whether anyone may ask it.
fn is_open(request: &HttpRequest) -> bool {
    Operation::of(request).is_none_or(|operation| operation.needs.permission.is_none())
}

/// Checks that a body is of one of these media types, and not compressed. Parameters such as a charset are
/// left alone: JSON is UTF-8, and is checked to be.
///
/// # Errors
/// 415.
pub fn require_content_type(request: &HttpRequest, admitted: &[&str]) -> Result<(), Problem> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let sent = text(header::CONTENT_TYPE).and_then(|value| value.split(';').next()).map_or("", str::trim);
    let compressed =
        text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"));
    if compressed || !admitted.iter().any(|media_type| sent.eq_ignore_ascii_case(media_type)) {
        let detail = format!("The body must be sent as {}, not compressed.", admitted.join(" or "));
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
    }
    Ok(())
}

/// Reads a JSON object into a type.
///
/// # Errors
/// `malformed-json`, or `invalid-input` with everything that is wrong.
pub fn read<T: FromJson>(text: &[u8]) -> Result<T, Problem> {
    read_value(&json::parse(text)?)
}

fn read_value<T: FromJson>(value: &Value) -> Result<T, Problem> {
    let mut errors = Errors::default();
    json::refuse_citizen_service_numbers(value, &Pointer::Root, &mut errors);
    finished(value, errors)
}

/// What a document says, unless something is wrong with it.
fn finished<T: FromJson>(value: &Value, mut errors: Errors) -> Result<T, Problem> {
    match T::from_json(value, &Pointer::Root, &mut errors) {
        Some(body) if errors.is_empty() => Ok(body),
        _ => Err(Problem::invalid(errors.into_vec())),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::http::change::{Change, ChangeOrClear};
    use crate::request_body;
    use groeilijn_domain::children::framework::ScaleCode;
    use groeilijn_domain::values::ids::GroupId;
    use groeilijn_domain::values::person::Gender;
    use groeilijn_domain::values::text::{Infix, NamePart};
    use jiff::civil::Date;
    use serde_json::json;

    request_body! {
        /// Somebody.
        struct PersonBody {
            /// What they are called.
            first_name: NamePart,
            infix: Option<Infix>,
            birth_date: Date,
            gender: Gender,
            group_ids: Vec<GroupId>,
            address: Option<AddressBody>,
            scores: BTreeMap<ScaleCode, u8>,
        }
    }

    request_body! {
        /// Where they live.
        struct AddressBody {
            house_number: u16,
        }
    }

    request_body! {
        struct PersonPatch {
            first_name: Change<NamePart>,
            infix: ChangeOrClear<Infix>,
        }
    }

    fn mistakes<T: FromJson>(body: &Value) -> Vec<(String, &'static str)> {
        let problem = read::<T>(body.to_string().as_bytes()).err().unwrap();
        problem.errors.iter().map(|error| (error.pointer().unwrap().to_owned(), error.code())).collect()
    }

    #[test]
    fn a_right_body_is_read() {
        let body = json!({
            "firstName": " Noor ", "infix": null, "birthDate": "2024-02-29", "gender": "female",
            "groupIds": ["01999999-0000-7000-8000-000000000001"],
            "address": {"houseNumber": 12}, "scores": {"well-being": 4},
        });
        let person: PersonBody = read(body.to_string().as_bytes()).ok().unwrap();
        assert_eq!((person.first_name.as_str(), person.gender), ("Noor", Gender::Female));
        assert_eq!(person.birth_date.to_string(), "2024-02-29");
        assert_eq!(person.address.unwrap().house_number, 12);
        assert_eq!(person.scores.len() + person.group_ids.len(), 2);
        assert!(person.infix.is_none());
    }

    #[test]
    fn every_mistake_is_reported_together() {
        let body = json!({
            "firstName": "", "birthDate": 20, "groupIds": ["x", 1], "first_name": "x", "gender": "f",
            "address": {"houseNumber": 1.5, "a/b": 1}, "scores": {"Not A Code": 300},
        });
        let found = mistakes::<PersonBody>(&body);
        for expected in [
            ("/firstName", "empty"),
            ("/birthDate", "not-a-string"),
            ("/gender", "not-in-list"),
            ("/groupIds/0", "not-a-uuid"),
            ("/groupIds/1", "not-a-string"),
            ("/address/houseNumber", "out-of-range"),
            ("/address/a~1b", "unknown-field"),
            ("/scores/Not A Code", "not-a-code"),
            ("/scores/Not A Code", "out-of-range"),
            ("/first_name", "unknown-field"),
        ] {
            assert!(found.contains(&(expected.0.to_owned(), expected.1)), "{expected:?} in {found:?}");
        }
        assert_eq!(found.len(), 10);
    }

    #[test]
    fn what_is_missing_is_named() {
        let codes: Vec<_> =
            mistakes::<PersonBody>(&json!({})).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(codes, ["/firstName", "/birthDate", "/gender", "/groupIds", "/scores"]);
        assert_eq!(mistakes::<PersonBody>(&json!([])), [(String::new(), "not-an-object")]);
    }

    #[test]
    fn c030_a_citizen_service_number_is_refused_once_and_also_in_unknown_fields() {
        let found = mistakes::<PersonPatch>(&json!({"firstName": "111222333", "nr": 111222333}));
        let expected = [("/firstName", "bsn"), ("/nr", "bsn"), ("/nr", "unknown-field")];
        assert_eq!(found, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }

    #[test]
    fn a_patch_tells_absent_null_and_a_value_apart() {
        let patch: PersonPatch = read(br#"{"infix": null}"#).ok().unwrap();
        assert_eq!(patch.first_name, Change::Keep);
        assert_eq!(patch.infix, ChangeOrClear::Clear);
        assert_eq!(mistakes::<PersonPatch>(&json!({"firstName": null})), [("/firstName".to_owned(), "null")]);
    }

    #[test]
    fn the_description_follows_from_the_types() {
        let mut found = NamedSchemas::new();
        PersonBody::components(&mut found);
        assert_eq!(
            found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["Person", "Gender", "Address"]
        );
        let schema = serde_json::to_value(&found[0].1).unwrap();
        assert_eq!(schema["additionalProperties"], json!(false));
        assert_eq!(schema["required"], json!(["firstName", "birthDate", "gender", "groupIds", "scores"]));
        assert_eq!(schema["description"], "Somebody.");
        let first_name = &schema["properties"]["firstName"];
        assert_eq!(
            (&first_name["maxLength"], &first_name["description"]),
            (&json!(200), &json!("What they are called."))
        );
    }
}
