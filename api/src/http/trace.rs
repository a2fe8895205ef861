//! Which request this is, and which trace it is part of (W3C Trace Context).

use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest};
use groeilijn_persistence::TraceContext;
use groeilijn_persistence::environment::Environment;
use uuid::Uuid;

use super::problem::Problem;

/// The id of one request: the `X-Request-Id` of its reply, and the way back to it in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// The trace that a request belongs to.
///
/// # Errors
/// 500 outside the middleware stack.
pub fn of(request: &HttpRequest) -> Result<TraceContext, Problem> {
    let trace = request.extensions().get::<TraceContext>().copied();
    trace.ok_or_else(|| Problem::internal("the request has no trace"))
}

/// Continues the trace in a request's `traceparent`, or begins one. This request gets a span of its own.
pub fn continue_or_begin(headers: &HeaderMap, environment: &Environment) -> TraceContext {
    let received = headers.get("traceparent").and_then(|value| trace_id(value.as_bytes()));
    TraceContext { trace_id: received.unwrap_or_else(|| environment.bytes()), span_id: environment.bytes() }
}

/// The trace id in a `traceparent`. Of a version after 00 only what 00 defines is read.
fn trace_id(traceparent: &[u8]) -> Option<[u8; 16]> {
    let mut parts = traceparent.split(|byte| *byte == b'-');
    let version: [u8; 1] = lower_hex(parts.next()?)?;
    let trace_id: [u8; 16] = lower_hex(parts.next()?)?;
    let parent_id: [u8; 8] = lower_hex(parts.next()?)?;
    let _flags: [u8; 1] = lower_hex(parts.next()?)?;
    let well_formed = match version {
        [0] => parts.next().is_none(),
        [other] => other != 0xff,
    };
    (well_formed && trace_id != [0; 16] && parent_id != [0; 8]).then_some(trace_id)
}

fn lower_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let lower = !text.iter().any(u8::is_ascii_uppercase);
    (lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::trace_id;

    #[test]
    fn a_valid_trace_is_continued() {
        let id = trace_id(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        assert_eq!(hex::encode(id), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(trace_id(b"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").is_some());
    }

    #[test]
    fn anything_else_is_ignored() {
        for wrong in [
            "",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(trace_id(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
