//! Bodies that are sent again and again: each is compressed once for a coding, and has a tag.

use std::sync::OnceLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::content_coding::{Accepted, Coding};
use super::entity_tag::ContentTag;
use super::etag::IfNoneMatch;
use super::reply::unchanged;

/// A body that stays what it is.
pub struct KeptBody {
    plain: Bytes,
    tag: ContentTag,
    zstd: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

impl KeptBody {
    /// Keeps a body.
    pub fn new(plain: impl Into<Bytes>) -> Self {
        let plain = plain.into();
        Self { tag: ContentTag::of(&plain), plain, zstd: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// The reply with it, in the coding that the client likes best; 304 when the client has it already.
    pub fn reply(
        &self,
        request: &HttpRequest,
        known: &IfNoneMatch,
        mut reply: HttpResponseBuilder,
    ) -> HttpResponse {
        reply.insert_header((header::ETAG, self.tag.clone()));
        if known.has_content(&self.tag) {
            return unchanged(reply.finish());
        }
        let coding = Accepted::by(request.headers()).best;
        let encoded = coding.and_then(|coding| Some((coding, self.encoded(coding)?)));
        let Some((coding, bytes)) = encoded else { return reply.body(self.plain.clone()) };
        reply.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()))).body(bytes)
    }

    /// In this coding; `None` when it cannot be made.
    fn encoded(&self, coding: Coding) -> Option<Bytes> {
        let kept = match coding {
            Coding::Zstd => &self.zstd,
            Coding::Gzip => &self.gzip,
        };
        kept.get_or_init(|| coding.encode(&self.plain).ok().map(Bytes::from)).clone()
    }
}
