//! A login, sent.

use std::time::{Duration, Instant};

use serde_json::json;
use ureq::Agent;

use super::super::Error;
use super::super::schools::{PASSWORD, domain};
use super::super::servers::Server;

/// A login to try.
pub(super) struct Attempt {
    email: String,
    password: &'static str,
    /// The network address that it comes from: the limits on failures are not what is measured.
    from: String,
}

impl Attempt {
    /// Of somebody at an institution, with the right password.
    pub(super) fn right(function: &str, institution: u64, from: String) -> Self {
        Self { email: format!("{function}@{}", domain(institution)), password: PASSWORD, from }
    }

    /// Of somebody at an institution, with a wrong password.
    pub(super) fn wrong(function: &str, institution: u64, from: String) -> Self {
        Self { password: "Verkeerd-2026", ..Self::right(function, institution, from) }
    }

    /// Sends it: the status, and how long it took.
    pub(super) fn send(&self, agent: &Agent, server: &Server) -> Result<(u16, Duration), Error> {
        let begun = Instant::now();
        let reply = agent
            .post(format!("{}/v1/sessions", server.address))
            .header("X-Forwarded-For", &self.from)
            .send_json(json!({"email": self.email, "password": self.password}))
            .map_err(|error| Error::of("log in", error))?;
        Ok((reply.status().as_u16(), begun.elapsed()))
    }
}

/// A client that keeps its connection and takes every status for a reply.
pub(super) fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

/// An address that no other attempt comes from, by two numbers.
pub(super) fn address(kind: u8, number: u64) -> String {
    format!("10.{kind}.{}.{}", number / 256, number % 256)
}
