//! Replies that stay open and tell of events (server-sent events, HTML Living Standard, section 9.2).

use std::convert::Infallible;
use std::fmt::Display;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::described::NamedSchemas;
use super::input::Unconditional;
use super::reply::{Success, SuccessShape};

/// The most characters that the data and the id of an event have.
const MOST_DATA: usize = 1_000_000;
const MOST_ID: usize = 10_000;

/// One event.
pub struct Event;

impl Event {
    /// An event with this id, and data that are written as JSON in one line.
    ///
    /// # Errors
    /// When the data cannot be written: a mistake in the program.
    pub fn of(id: &impl Display, data: &impl Serialize) -> serde_json::Result<Bytes> {
        Ok(format!("id: {id}\ndata: {}\n\n", serde_json::to_string(data)?).into())
    }

    /// No event, but a sign of life, and where a client that begins anew goes on.
    pub fn still_here(id: &impl Display) -> Bytes {
        format!("id: {id}\n\n").into()
    }
}

/// 200 with events, one after another.
pub struct EventStream(HttpResponse);

impl EventStream {
    /// Its media type.
    pub const MEDIA_TYPE: &str = "text/event-stream";

    /// The events; the reply ends with them.
    pub fn of(events: impl Stream<Item = Bytes> + 'static) -> Self {
        let events = events.map(Ok::<_, Infallible>);
        Self(HttpResponse::Ok().content_type(Self::MEDIA_TYPE).streaming(events))
    }
}

impl From<EventStream> for HttpResponse {
    fn from(EventStream(reply): EventStream) -> Self {
        reply
    }
}

impl Success for EventStream {
    type Condition = Unconditional;

    fn shape(_: &mut NamedSchemas) -> SuccessShape {
        let text = |most, description: &str| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .max_length(Some(most))
                .description(Some(description))
        };
        // Each event is described, as the tools do that know of events: OpenAPI 3.1 has no words for a sequence of them.
        let event = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("One event of the stream, as its fields say."))
            .property("id", text(MOST_ID, "Where a client that begins anew goes on: its `Last-Event-ID`."))
            .property("event", text(MOST_ID, "The kind of event: `message`, which is not written out."))
            .property("data", text(MOST_DATA, "What happened, as JSON in one line."))
            .required("id")
            .required("data");
        SuccessShape { status: StatusCode::OK, body: Some((Self::MEDIA_TYPE, event.build().into())) }
    }
}
