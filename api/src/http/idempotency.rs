//! The `Idempotency-Key` header: a POST that is sent again with the same key is done once.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use groeilijn_domain::values::bsn::refuse_bsn;
use groeilijn_domain::values::refusal::Refusal;
use utoipa::openapi::Required;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::described::header;
use super::input::{Input, Reads};
use super::problem::{FieldError, Problem};

/// The most characters of a key.
const MOST_CHARACTERS: usize = 128;

/// The key, when the client sent one: 1 to 128 visible ASCII characters, without a citizen service number (C030).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl Input for IdempotencyKey {
    const READS: Reads = Reads { idempotency_key: true, ..Reads::NOTHING };

    fn parameters() -> Vec<Parameter> {
        let key = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MOST_CHARACTERS))
            .pattern(Some("^[!-~]+$"))
            .examples(["7c9e6679-7425-40de-944b-e07fc1f90ae7"]);
        let description = "A key of your own for this request. Sent again with the same key, it is not done again, \
                           and the reply shows what it made as it is now.";
        vec![header("Idempotency-Key", Required::False, description, key)]
    }

    async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        let mut values = request.headers().get_all("Idempotency-Key");
        let key = match (values.next(), values.next()) {
            (None, _) => return Ok(Self(None)),
            (Some(value), None) => value.to_str().ok().filter(|text| is_key(text)),
            (Some(_), Some(_)) => None,
        };
        if let Some(Err(refusal)) = key.map(refuse_bsn) {
            return Err(FieldError::header("Idempotency-Key", refusal).into());
        }
        key.map(|key| Self(Some(key.to_owned()))).ok_or_else(|| {
            let refusal = Refusal::new("not-a-key", "must be one key of 1 to 128 visible ASCII characters");
            FieldError::header("Idempotency-Key", refusal).into()
        })
    }
}

fn is_key(text: &str) -> bool {
    (1..=MOST_CHARACTERS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    async fn read(key: &str) -> Result<IdempotencyKey, Problem> {
        let request = TestRequest::default().insert_header(("Idempotency-Key", key)).to_http_request();
        IdempotencyKey::read(&request, &mut Payload::None).await
    }

    #[actix_web::test]
    async fn a_key_is_short_and_visible() {
        assert_eq!(read("a-key").await.ok().unwrap(), IdempotencyKey(Some("a-key".to_owned())));
        assert!(read(&"k".repeat(128)).await.is_ok());
        for wrong in ["", "two words", &"k".repeat(129)] {
            assert!(read(wrong).await.is_err(), "{wrong}");
        }
        let request = TestRequest::default().to_http_request();
        assert_eq!(IdempotencyKey::read(&request, &mut Payload::None).await.ok().unwrap().0, None);
    }
}
