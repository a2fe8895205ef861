//! Replies that are files: documents to print or to keep, and lines that are sent while they are made.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use futures_util::Stream;
use groeilijn_domain::values::language::Language;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr};

use super::content_language;
use super::described::{NamedSchemas, formatted};
use super::input::Unconditional;
use super::problem::Problem;
use super::reply::{Success, SuccessShape};

/// 200 with a document to print: a PDF file.
pub struct Printed(pub Vec<u8>);

impl Printed {
    /// Its media type.
    pub const MEDIA_TYPE: &str = "application/pdf";
}

impl From<Printed> for HttpResponse {
    fn from(Printed(file): Printed) -> Self {
        Self::Ok().content_type(Printed::MEDIA_TYPE).body(file)
    }
}

impl Success for Printed {
    type Condition = Unconditional;

    fn shape(_: &mut NamedSchemas) -> SuccessShape {
        SuccessShape { status: StatusCode::OK, body: Some((Self::MEDIA_TYPE, file())) }
    }
}

/// 200 with a document that is kept as a file, under a name that tells of nobody.
pub struct Attached(HttpResponse);

impl Attached {
    /// A PDF file.
    ///
    /// # Errors
    /// When the name cannot be in a header: a mistake in the program, a 500.
    pub fn pdf(name: &'static str, language: Language, file: Vec<u8>) -> Result<Self, Problem> {
        let named = format!("attachment; filename=\"{name}\"");
        let named = HeaderValue::try_from(named).map_err(Problem::internal)?;
        let mut reply = HttpResponse::from(Printed(file));
        reply.headers_mut().insert(header::CONTENT_DISPOSITION, named);
        content_language::note(reply.headers_mut(), language);
        Ok(Self(reply))
    }
}

impl From<Attached> for HttpResponse {
    fn from(reply: Attached) -> Self {
        reply.0
    }
}

impl Success for Attached {
    type Condition = Unconditional;

    fn shape(components: &mut NamedSchemas) -> SuccessShape {
        Printed::shape(components)
    }
}

/// 200 with lines of JSON that are made while they are sent, so that their number does not matter.
pub struct Streamed(HttpResponse);

impl Streamed {
    /// Its media type: one JSON object a line.
    pub const MEDIA_TYPE: &str = "application/x-ndjson";

    /// The lines, in pieces. One that fails breaks the reply off.
    pub fn of<E: Into<Box<dyn std::error::Error>> + 'static>(
        pieces: impl Stream<Item = Result<Bytes, E>> + 'static,
    ) -> Self {
        Self(HttpResponse::Ok().content_type(Self::MEDIA_TYPE).streaming(pieces))
    }
}

impl From<Streamed> for HttpResponse {
    fn from(Streamed(reply): Streamed) -> Self {
        reply
    }
}

impl Success for Streamed {
    type Condition = Unconditional;

    fn shape(_: &mut NamedSchemas) -> SuccessShape {
        let lines = ObjectBuilder::new().schema_type(Type::String).max_length(Some(MOST_STREAMED));
        SuccessShape { status: StatusCode::OK, body: Some((Self::MEDIA_TYPE, lines.build().into())) }
    }
}

/// The most characters that streamed lines have together.
const MOST_STREAMED: usize = 1_000_000_000_000;

/// The most bytes that a file has.
const MOST_BYTES: usize = 10_000_000;

/// The schema of a reply that is a file.
pub fn file() -> RefOr<Schema> {
    formatted(KnownFormat::Binary).max_length(Some(MOST_BYTES)).build().into()
}
