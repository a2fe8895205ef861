//! Clients: who asks, and how.

use std::net::SocketAddr;
use std::time::Duration;

use groeilijn_api::runtime;
use groeilijn_persistence::environment::Environment;
use serde_json::{Value, json};
use ureq::http::Request;

use crate::accounts::{PASSWORD, PLATFORM_ADMINISTRATOR, PlatformLogin};
use crate::mailbox::Mailbox;
use crate::reply::{Reply, text};

/// Longer than any answer may take: a service that hangs fails its test.
const PATIENCE: Duration = Duration::from_secs(60);

/// An id that nothing has.
pub const ABSENT: &str = "01999999-0000-7000-8000-000000000001";

/// Somebody who asks, logged in or not.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    address: SocketAddr,
    token: Option<String>,
    mailbox: Mailbox,
    time: Environment,
    platform: PlatformLogin,
}

/// A request that is being put together.
pub struct Call<'a> {
    client: &'a Client,
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Client {
    /// A client, not logged in, of a service that goes by the real clock and lays its letters there.
    pub fn new(address: SocketAddr, mailbox: Mailbox) -> Self {
        Self::of(address, mailbox, runtime::environment(), PlatformLogin::default())
    }

    /// A client, not logged in, of a service that goes by the clock of `time`.
    pub(crate) fn of(
        address: SocketAddr,
        mailbox: Mailbox,
        time: Environment,
        platform: PlatformLogin,
    ) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        Self { agent: config.new_agent(), address, token: None, mailbox, time, platform }
    }

    /// The same client with another access token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The access token; empty for who is not logged in.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// The letters that the service sent.
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// The time that the service goes by.
    pub fn time(&self) -> &Environment {
        &self.time
    }

    /// Tries to log in.
    pub fn try_log_in(&self, email: &str, password: &str) -> Reply {
        self.post("/v1/sessions", &json!({"email": email, "password": password}))
    }

    /// Tries to log in with a code of a second factor.
    pub fn try_log_in_with_code(&self, email: &str, password: &str, code: &str) -> Reply {
        self.post("/v1/sessions", &json!({"email": email, "password": password, "code": code}))
    }

    /// This client, logged in.
    #[track_caller]
    pub fn log_in(&self, email: &str, password: &str) -> Self {
        let tokens = self.try_log_in(email, password).expect(201).json();
        self.with_token(&text(&tokens["accessToken"]))
    }

    /// This client, logged in as the platform administrator. A code works once, so within the thirty seconds of one it
    /// is the same session.
    #[track_caller]
    pub fn log_in_to_platform(&self) -> Self {
        let token = self.platform.token(self.time.now(), |code| {
            let reply = self.try_log_in_with_code(PLATFORM_ADMINISTRATOR, PASSWORD, code);
            text(&reply.expect(201).json()["accessToken"])
        });
        self.with_token(&token)
    }

    /// A request; `path` is from the root.
    pub fn call(&self, method: &'static str, path: &str) -> Call<'_> {
        Call { client: self, method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// GET.
    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send()
    }

    /// POST of JSON.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send()
    }

    /// POST of JSON with an `Idempotency-Key`.
    #[track_caller]
    pub fn post_once(&self, path: &str, body: &Value, key: &str) -> Reply {
        self.call("POST", path).header("Idempotency-Key", key).json(body).send()
    }

    /// POST without a body to what stands at `etag`.
    #[track_caller]
    pub fn act(&self, path: &str, etag: &str) -> Reply {
        self.call("POST", path).header("If-Match", etag).send()
    }

    /// PUT in the place of what stands at `etag`.
    #[track_caller]
    pub fn put(&self, path: &str, etag: &str, body: &Value) -> Reply {
        self.call("PUT", path).header("If-Match", etag).json(body).send()
    }

    /// PATCH of what stands at `etag`.
    #[track_caller]
    pub fn patch(&self, path: &str, etag: &str, patch: &Value) -> Reply {
        self.call("PATCH", path).header("If-Match", etag).merge_patch(patch).send()
    }

    /// PATCH of what stands there now.
    #[track_caller]
    pub fn change(&self, path: &str, patch: &Value) -> Reply {
        let etag = self.get(path).expect(200).etag();
        self.patch(path, &etag, patch)
    }

    /// DELETE of what stands at `etag`.
    #[track_caller]
    pub fn delete(&self, path: &str, etag: &str) -> Reply {
        self.call("DELETE", path).header("If-Match", etag).send()
    }

    /// Checks that of a thing out of reach, which is somebody else's or unknown here, the answer is the same as of a
    /// thing that does not exist, byte for byte. `asked` is what can be asked: method, path with the thing's id as
    /// `{}`, and body.
    #[track_caller]
    pub fn sees_nothing(&self, out_of_reach: &str, asked: &[(&'static str, &str, Value)]) {
        for (method, path, body) in asked {
            let [answer, of_nothing] = [out_of_reach, ABSENT].map(|id| {
                let call = self.call(method, &path.replace("{}", id)).header("If-Match", "*");
                let call = match *method {
                    _ if body.is_null() => call,
                    "PATCH" => call.merge_patch(body),
                    _ => call.json(body),
                };
                call.send().expect(404).problem("not-found")
            });
            assert_eq!(answer.visible(), of_nothing.visible(), "{}", answer.asked);
        }
    }

    /// All items of a list, over all its pages; each page but the last is full.
    #[track_caller]
    pub fn list(&self, path: &str) -> Vec<Value> {
        let mut page = self.get(path).expect(200);
        let mut items = page.items();
        let full = items.len();
        while let Some(next) = page.next() {
            let cursor = format!("cursor={}", text(&page.json()["nextCursor"]));
            assert!(next.ends_with(&cursor), "{}: {next}, {cursor}", page.asked);
            assert_eq!(page.items().len(), full, "{}", page.asked);
            page = self.get(&next).expect(200);
            items.extend(page.items());
        }
        assert!(page.json()["nextCursor"].is_null(), "{}", page.asked);
        items
    }
}

impl Call<'_> {
    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().as_bytes())
    }

    /// With a merge patch.
    #[must_use]
    pub fn merge_patch(self, patch: &Value) -> Self {
        self.body("application/merge-patch+json", patch.to_string().as_bytes())
    }

    /// With a body of any media type.
    #[must_use]
    pub fn body(mut self, media_type: &str, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("Content-Type", media_type)
    }

    /// Sends it.
    #[track_caller]
    pub fn send(self) -> Reply {
        self.try_send().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Sends it to a service that may be gone.
    ///
    /// # Errors
    /// When no answer came, or only part of one: why, in words.
    #[track_caller]
    pub fn try_send(self) -> Result<Reply, String> {
        let asked = format!("{} {}", self.method, self.path);
        let mut request = Request::builder()
            .method(self.method)
            .uri(format!("http://{}{}", self.client.address, self.path));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(token) = &self.client.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let answered = if self.body.is_empty() {
            self.client.agent.run(request.body(()).unwrap())
        } else {
            self.client.agent.run(request.body(self.body).unwrap())
        };
        let broken_off = |error| format!("{asked}: {error}");
        let mut answer = answered.map_err(broken_off)?;
        let body = answer.body_mut().read_to_vec().map_err(broken_off)?;
        let reply =
            Reply { asked, status: answer.status().as_u16(), headers: answer.headers().clone(), body };
        reply.check_what_holds_for_all(self.method == "HEAD");
        Ok(reply)
    }
}
