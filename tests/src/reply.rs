//! What the service answered, and what every test wants to know of it.

use serde_json::Value;
use ureq::http::HeaderMap;

/// An answer. What holds for every answer was checked when it came in.
#[derive(Clone)]
pub struct Reply {
    /// What was asked, for messages.
    pub asked: String,
    /// The HTTP status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Reply {
    /// Checks the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, String::from_utf8_lossy(&self.body));
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{}: {error}: {}", self.asked, String::from_utf8_lossy(&self.body))
        })
    }

    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `ETag`.
    #[track_caller]
    pub fn etag(&self) -> String {
        let etag = self.header("ETag");
        assert!(!etag.is_empty(), "{}: no ETag", self.asked);
        etag.to_owned()
    }

    /// The id in the body.
    #[track_caller]
    pub fn id(&self) -> String {
        text(&self.json()["id"])
    }

    /// The items of a page.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().unwrap_or_else(|| panic!("{}: no items", self.asked)).clone()
    }

    /// Where the next page is; `None` on the last.
    pub fn next(&self) -> Option<String> {
        let link = self.header("Link").strip_prefix('<')?;
        let (target, parameters) = link.split_once('>').unwrap();
        assert_eq!(parameters, "; rel=\"next\"");
        Some(target.to_owned())
    }

    /// Checks that this is a problem of the kind with this slug (RFC 9457).
    #[track_caller]
    pub fn problem(self, slug: &str) -> Self {
        let body = self.json();
        assert_eq!(body["type"], format!("urn:problem-type:groeilijn:{slug}"), "{}: {body}", self.asked);
        assert_eq!(body["status"], self.status, "{}", self.asked);
        self
    }

    /// The name of the rule that refused, in a problem.
    #[track_caller]
    pub fn code(&self) -> String {
        text(&self.json()["code"])
    }

    /// What is wrong with the request: the place (a JSON pointer in the body, or a name) and the code of each,
    /// in the order of the places.
    #[track_caller]
    pub fn errors(&self) -> Vec<(String, String)> {
        let body = self.json();
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("{}: no errors: {body}", self.asked));
        let place = |error: &Value| error["pointer"].as_str().or(error["name"].as_str()).unwrap().to_owned();
        let mut found: Vec<_> = errors.iter().map(|error| (place(error), text(&error["code"]))).collect();
        found.sort();
        found
    }

    /// Checks that exactly these values were refused, as `("/firstName", "empty")`.
    #[track_caller]
    pub fn refuses(self, expected: &[(&str, &str)]) -> Self {
        let reply = self.expect(400).problem("invalid-input");
        let mut expected: Vec<_> =
            expected.iter().map(|(place, code)| ((*place).to_owned(), (*code).to_owned())).collect();
        expected.sort();
        assert_eq!(reply.errors(), expected, "{}", reply.asked);
        reply
    }

    /// What a client can tell this answer from another by: status, media type and body.
    pub fn visible(&self) -> (u16, String, String) {
        (self.status, self.header("Content-Type").to_owned(), String::from_utf8(self.body.clone()).unwrap())
    }

    /// What holds for every answer, whatever was asked: identified, not kept by anybody unless it is about nobody, no
    /// cookie (C052), only over TLS, and an error is a problem.
    #[track_caller]
    pub(crate) fn check_what_holds_for_all(&self, is_head: bool) {
        for (name, value) in [
            ("API-Version", env!("CARGO_PKG_VERSION")),
            ("Set-Cookie", ""),
            ("X-Content-Type-Options", "nosniff"),
            ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(self.header(name), value, "{}: {name}", self.asked);
        }
        let is_about_nobody = ["GET /v1/frameworks/", "GET /v1/openapi.json", "GET /docs", "HEAD /docs"]
            .iter()
            .any(|asked| self.asked.starts_with(asked));
        assert!(
            self.header("Cache-Control") == "no-store" || is_about_nobody && self.status < 400,
            "{}",
            self.asked
        );
        assert!(uuid::Uuid::try_parse(self.header("X-Request-Id")).is_ok(), "{}: X-Request-Id", self.asked);
        let shown: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        if let Some(etag) = shown.get("etag").filter(|_| self.headers.contains_key("ETag")) {
            assert_eq!(etag, self.header("ETag"), "{}", self.asked);
        }
        if self.status >= 400 {
            assert_eq!(self.header("Content-Type"), "application/problem+json", "{}", self.asked);
            assert!(is_head || self.json()["title"].is_string(), "{}", self.asked);
        }
    }
}

/// The text of a JSON string.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no string")).to_owned()
}
