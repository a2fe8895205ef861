//! Compression of replies: which coding a client accepts (RFC 9110, section 12.5.3), and what is compressed.
//!
//! Only replies to GET and HEAD are. What is new and secret, such as a token, stands in replies to POST alone, and so does
//! what a client is told back: the size of a compressed reply never says anything of a secret beside text that somebody
//! else chose.

use std::io::{self, Write};

use actix_web::HttpRequest;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::accept::weighted;
use super::problem::Problem;
use super::problem_kind::ProblemKind;

/// The least bytes of a body that are worth it: about what one packet holds.
const LEAST_BYTES: usize = 1024;

/// How hard is tried: what is sent once is not worth more.
const GZIP_LEVEL: Compression = Compression::new(5);
const ZSTD_LEVEL: i32 = 3;

/// A coding that a reply can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Zstandard (RFC 8878).
    Zstd,
    /// gzip (RFC 1952).
    Gzip,
}

impl Coding {
    /// As headers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The bytes in this coding.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn encode(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd => zstd::bulk::compress(bytes, ZSTD_LEVEL),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), GZIP_LEVEL);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
        }
    }
}

/// What a client accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The coding that it likes best of ours; `None` when it likes none, or likes it best without any.
    pub best: Option<Coding>,
    /// Whether it accepts a body as it is.
    pub plain: bool,
}

impl Accepted {
    /// What the headers of a request say.
    pub fn by(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT_ENCODING).filter_map(|value| value.to_str().ok());
        let items: Vec<_> = values.flat_map(weighted).collect();
        let named = |name: &str| {
            let of_name = items.iter().filter(|(coding, _)| coding.eq_ignore_ascii_case(name));
            of_name.map(|(_, weight)| *weight).reduce(f32::max)
        };
        let (any, identity) = (named("*"), named("identity"));
        // Whoever says nothing of identity accepts it, and likes it least.
        let plain = identity.or(any).is_none_or(|weight| weight > 0.0);
        let least = identity.unwrap_or_default();
        let best = [Coding::Zstd, Coding::Gzip]
            .into_iter()
            .map(|coding| (coding, named(coding.name()).or(any).unwrap_or_default()))
            .filter(|(_, weight)| *weight > 0.0 && *weight >= least)
            .reduce(|best, other| if other.1 > best.1 { other } else { best });
        Self { best: best.map(|(coding, _)| coding), plain }
    }
}

/// Checks that a reply can be in a coding that the client accepts.
///
/// # Errors
/// 406 when it refuses replies as they are, and accepts no coding that its reply can have.
pub fn check(request: &HttpRequest) -> Result<(), Problem> {
    let accepted = Accepted::by(request.headers());
    if accepted.plain || (accepted.best.is_some() && is_read(request.method())) {
        return Ok(());
    }
    let detail = "The Accept-Encoding header refuses replies that are not compressed: replies to GET are there as zstd \
                  and gzip, all others only as they are.";
    Err(Problem::new(ProblemKind::NotAcceptable, detail))
}

/// The same reply in the coding that the client likes best, if it is one that is compressed.
pub fn compressed(reply: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if !is_read(reply.request().method()) {
        return reply;
    }
    let accepted = Accepted::by(reply.request().headers());
    let (request, mut reply) = reply.into_parts();
    reply.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let is_candidate =
        reply.status() == StatusCode::OK && !reply.headers().contains_key(header::CONTENT_ENCODING);
    let Some(coding) = accepted.best.filter(|_| is_candidate) else {
        return ServiceResponse::new(request, reply);
    };
    let (mut head, body) = reply.into_parts();
    let body = match body.try_into_bytes() {
        Ok(bytes) => match coding.of(&bytes, accepted.plain) {
            Some(encoded) => {
                head.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
                BoxBody::new(encoded)
            }
            None => BoxBody::new(bytes),
        },
        Err(stream) => stream,
    };
    ServiceResponse::new(request, head.set_body(body))
}

impl Coding {
    /// The bytes in this coding, unless they may stay as they are and gain nothing.
    fn of(self, bytes: &Bytes, may_stay: bool) -> Option<Bytes> {
        if may_stay && bytes.len() < LEAST_BYTES {
            return None;
        }
        let encoded = self.encode(bytes).ok()?;
        (encoded.len() < bytes.len() || !may_stay).then(|| Bytes::from(encoded))
    }
}

fn is_read(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn accepted(value: &str) -> (Option<Coding>, bool) {
        let request = TestRequest::default().insert_header(("Accept-Encoding", value)).to_http_request();
        let Accepted { best, plain } = Accepted::by(request.headers());
        (best, plain)
    }

    #[test]
    fn the_coding_that_is_liked_best_is_taken() {
        for (value, best, plain) in [
            ("", None, true),
            ("br", None, true),
            ("gzip, deflate, br, zstd", Some(Coding::Zstd), true),
            ("GZIP", Some(Coding::Gzip), true),
            ("gzip;q=0.9, zstd;q=0.8", Some(Coding::Gzip), true),
            ("gzip;q=0, *", Some(Coding::Zstd), true),
            ("*", Some(Coding::Zstd), true),
            ("identity, gzip;q=0.5", None, true),
            ("gzip, identity;q=0", Some(Coding::Gzip), false),
            ("*;q=0", None, false),
            ("identity;q=0", None, false),
            ("identity;q=0.1, *;q=0", None, true),
            ("zstd;q=none", None, true),
        ] {
            assert_eq!(accepted(value), (best, plain), "{value}");
        }
        let request = TestRequest::default().to_http_request();
        assert_eq!(Accepted::by(request.headers()), Accepted { best: None, plain: true });
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let text = "Groeilijn ".repeat(500);
        let zstd = Coding::Zstd.encode(text.as_bytes()).unwrap();
        assert_eq!(zstd::bulk::decompress(&zstd, 10_000).unwrap(), text.as_bytes());
        let gzip = Coding::Gzip.encode(text.as_bytes()).unwrap();
        let mut back = String::new();
        io::Read::read_to_string(&mut flate2::read::GzDecoder::new(gzip.as_slice()), &mut back).unwrap();
        assert_eq!(back, text);
    }
}
