//! One request, and what is sent in some.

use std::borrow::Cow;

use serde_json::{Value, json};
use ureq::Agent;
use uuid::Uuid;

use super::Error;

/// What a teacher writes.
pub(super) const NOTE: &str = r#"{"text":"Bouwt samen met een ander kind een garage van blokken, overlegt over de ingang en legt uit waarom de grote auto er niet in past. Zoekt daarna zelf een hogere steun en probeert het nog eens, eerst scheef en dan recht.","lines":["play","spoken-language"]}"#;

/// How many notes one batch holds, and how many changes a page of the feed.
pub(super) const MANY: usize = 100;

/// A request.
pub(super) struct Target<'a> {
    /// The path.
    pub(super) path: Cow<'a, str>,
    /// The access token that goes with it.
    pub(super) token: &'a str,
    /// What form of reply is asked for.
    pub(super) accept: &'static str,
    /// What is sent; without it is a GET, with it a POST.
    pub(super) body: Option<Cow<'static, str>>,
}

impl Target<'_> {
    /// Sends it, and tells how many bytes the reply has.
    ///
    /// # Errors
    /// When the reply is not one of success.
    pub(super) fn ask(&self, agent: &Agent, address: &str) -> Result<usize, Error> {
        let failed = |error| Error::of(&self.path, error);
        let url = format!("{address}{}", self.path);
        let bearer = format!("Bearer {}", self.token);
        let sent = match &self.body {
            None => agent.get(url).header("Authorization", bearer).header("Accept", self.accept).call(),
            Some(body) => {
                let post = agent.post(url).header("Authorization", bearer).header("Accept", self.accept);
                post.header("Content-Type", "application/json").send(body.as_ref())
            }
        };
        let mut reply = sent.map_err(failed)?;
        reply.body_mut().read_to_vec().map(|body| body.len()).map_err(failed)
    }
}

/// The notes about a child.
pub(super) fn notes(pupil: &Uuid) -> String {
    format!("/v1/pupils/{pupil}/notes")
}

/// A batch with a note about each of these children.
pub(super) fn batch(pupils: &[Uuid]) -> String {
    let note: Value = serde_json::from_str(NOTE).unwrap_or_default();
    let operation = |pupil| json!({ "method": "POST", "path": notes(pupil), "body": note });
    json!({ "operations": pupils.iter().map(operation).collect::<Vec<_>>() }).to_string()
}
