//! What logging in shows to a stranger: how long it takes, whatever is wrong, and what a crowd of logins costs.

mod crowd;
mod timing;

use std::time::{Duration, Instant};

use serde_json::json;
use ureq::Agent;

use super::databases::Databases;
use super::schools::{PASSWORD, domain};
use super::servers::{Programs, Server};
use super::stop::Stop;
use super::{Error, report};

/// Measures both and prints them; tells whether what is required is reached.
pub(super) fn measure(programs: &Programs, databases: &Databases, stop: &Stop) -> Result<bool, Error> {
    report::progress(format_args!("measuring logins"))?;
    // Of its own, so that the memory is that of logins alone.
    let crowd = crowd::measure(&Server::behind_proxy(programs, databases, stop)?, stop)?;
    let timing = timing::measure(&Server::behind_proxy(programs, databases, stop)?, stop)?;
    crowd.print()?;
    timing.print()?;
    Ok(crowd.is_reached() && timing.is_reached())
}

/// A login to try.
struct Attempt {
    email: String,
    password: &'static str,
    /// The network address that it comes from: the limits on failures are not what is measured.
    from: String,
}

impl Attempt {
    /// Of somebody at an institution, with the right password.
    fn right(function: &str, institution: u64, from: String) -> Self {
        Self { email: format!("{function}@{}", domain(institution)), password: PASSWORD, from }
    }

    /// Of somebody at an institution, with a wrong password.
    fn wrong(function: &str, institution: u64, from: String) -> Self {
        Self { password: "Verkeerd-2026", ..Self::right(function, institution, from) }
    }

    /// Sends it: the status, and how long it took.
    fn send(&self, agent: &Agent, server: &Server) -> Result<(u16, Duration), Error> {
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
fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

/// An address that no other attempt comes from, by two numbers.
fn address(kind: u8, number: u64) -> String {
    format!("10.{kind}.{}.{}", number / 256, number % 256)
}
