//! The bytes of a body, taken as they arrive: memory is used for what came, never for what was announced.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use futures_util::{FutureExt, Stream};
use tokio::time::{Instant, timeout_at};

use super::problem::Problem;
use super::problem_kind::ProblemKind;

/// How long a body may take to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// For whatever its size is.
    pub grace: Duration,
    /// For each mebibyte that has arrived, besides: the least speed.
    pub per_mebibyte: Duration,
}

impl Pace {
    /// The same time for each body.
    pub const fn within(grace: Duration) -> Self {
        Self { grace, per_mebibyte: Duration::ZERO }
    }

    /// A least speed in bytes a second, from a moment on.
    pub fn at_least(bytes_per_second: u32, grace: Duration) -> Self {
        let per_mebibyte = Duration::from_secs(1 << 20) / bytes_per_second.max(1);
        Self { grace, per_mebibyte }
    }

    /// How long it may have taken until more than `received` bytes are there.
    pub fn time_for(self, received: usize) -> Duration {
        let mebibytes = f64::from(u32::try_from(received).unwrap_or(u32::MAX)) / f64::from(1_u32 << 20);
        self.grace + self.per_mebibyte.mul_f64(mebibytes)
    }
}

/// Where a body stays while it arrives.
pub trait Room {
    /// Asked before more is waited for.
    ///
    /// # Errors
    /// The problem to reply with when there is no room to wait in.
    fn wait(&mut self) -> Result<(), Problem> {
        Ok(())
    }

    /// Asked before the body takes so many bytes altogether.
    ///
    /// # Errors
    /// The problem to reply with when there is no room for them.
    fn hold(&mut self, _bytes: usize) -> Result<(), Problem> {
        Ok(())
    }
}

/// For who was let in: bodies are bounded one by one.
pub struct Unshared;

impl Room for Unshared {}

/// Receives a body of at most `most_bytes`.
///
/// # Errors
/// 413 when it is larger, 408 when it is too slow, 400 when it breaks off, and what `room` refuses.
pub async fn receive(
    request: &HttpRequest,
    payload: &mut Payload,
    most_bytes: usize,
    pace: Pace,
    room: &mut impl Room,
) -> Result<Bytes, Problem> {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced
        .and_then(|value| value.parse().ok())
        .is_some_and(|announced: u64| announced > most_bytes as u64)
    {
        return Err(too_large(most_bytes));
    }
    let begun = Instant::now();
    let mut body = BytesMut::new();
    while let Some(chunk) = next(payload, begun + pace.time_for(body.len()), room).await? {
        let size = body.len() + chunk.len();
        if size > most_bytes {
            return Err(too_large(most_bytes));
        }
        room.hold(size)?;
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The next bytes; none after the last ones. What came along with the head of the request is not waited for.
async fn next(payload: &mut Payload, until: Instant, room: &mut impl Room) -> Result<Option<Bytes>, Problem> {
    let mut chunk = poll_fn(|context| Pin::new(&mut *payload).poll_next(context));
    let mut arrived = (&mut chunk).now_or_never();
    if arrived.is_none() {
        // The server reads on when it is asked to, and then finds what has come already.
        tokio::task::yield_now().await;
        arrived = (&mut chunk).now_or_never();
    }
    let arrived = match arrived {
        Some(arrived) => arrived,
        None => {
            room.wait()?;
            timeout_at(until, chunk).await.map_err(|_| Problem::of(ProblemKind::RequestTimeout))?
        }
    };
    arrived.transpose().map_err(|error| broken_off(&error))
}

fn too_large(most_bytes: usize) -> Problem {
    Problem::new(ProblemKind::PayloadTooLarge, format!("The body may have at most {most_bytes} bytes."))
}

fn broken_off(error: &PayloadError) -> Problem {
    Problem::new(ProblemKind::InvalidInput, "The body did not arrive as announced.").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_body_has_more_time() {
        let pace = Pace::at_least(1 << 17, Duration::from_secs(10));
        assert_eq!(pace.time_for(0), Duration::from_secs(10));
        assert_eq!(pace.time_for(1 << 20), Duration::from_secs(18));
        assert_eq!(pace.time_for(50 << 20), Duration::from_secs(410));
        assert_eq!(Pace::within(Duration::from_secs(10)).time_for(1 << 20), Duration::from_secs(10));
    }
}
