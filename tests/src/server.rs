//! A service on an installation, and whom a test asks as.

use std::net::SocketAddr;
use std::sync::Arc;

use groeilijn_api::runtime::environment_with;
use groeilijn_api::settings::Settings;
use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_persistence::database::connection::AnyConnection;
use serde_json::json;
use uuid::Uuid;

use crate::accounts::{PASSWORD, PlatformLogin};
use crate::audit::{AuditLog, institution_id};
use crate::class::Class;
use crate::client::Client;
use crate::clock::{START, TestClock};
use crate::installation::{Database, Installation};
use crate::mailbox::Mailbox;
use crate::reply::text;
use crate::school::{Member, School, new_domain, set_password};
use crate::second_factor::Authenticator;
use crate::service::RunningService;
use crate::wait_until;

/// A running service. It is stopped when this is dropped.
pub struct Server {
    service: RunningService,
    /// The clock that the service goes by.
    pub clock: TestClock,
    installation: Option<Installation>,
    mailbox: Mailbox,
    platform_login: PlatformLogin,
}

impl Server {
    /// Runs a test on a fresh service; where there is no such database the test is skipped, loudly.
    pub fn run(database: Database, test: impl FnOnce(&mut Self)) {
        if let Some(installation) = Installation::fresh(database) {
            test(&mut Self::start(installation, TestClock::at(START)));
        }
    }

    /// Starts the service on an installation.
    pub fn start(installation: Installation, clock: TestClock) -> Self {
        let mut server = Self::listen(installation.settings(), clock, installation.platform_login());
        server.installation = Some(installation);
        server
    }

    /// Another service on the same databases, which goes by the same clock. The two share nothing in memory, like two
    /// processes; only PostgreSQL has more than one.
    pub fn beside(&self) -> Self {
        self.beside_at(self.clock.clone())
    }

    /// The same, by a clock of its own.
    pub fn beside_at(&self, clock: TestClock) -> Self {
        assert_eq!(self.installation().database(), Database::Postgres);
        Self::listen(self.installation().settings(), clock, self.platform_login.clone())
    }

    fn listen(settings: Settings, clock: TestClock, platform_login: PlatformLogin) -> Self {
        let mailbox = Mailbox::new(settings.mail.folder.clone());
        let service = RunningService::start(settings, clock.clone());
        Self { service, clock, installation: None, mailbox, platform_login }
    }

    /// Stops the service and gives back what it ran on.
    pub fn stop(mut self) -> Installation {
        self.service.stop();
        self.installation.take().unwrap()
    }

    /// Stops the service and starts it anew, on another port: nothing that was only in memory remains.
    pub fn restart(&mut self) {
        self.restart_with(|_| ());
    }

    /// The same, with other settings.
    pub fn restart_with<T>(&mut self, set: impl FnOnce(&mut Installation) -> T) -> T {
        self.service.stop();
        let mut installation = self.installation.take().unwrap();
        let made = set(&mut installation);
        *self = Self::start(installation, self.clock.clone());
        made
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.service.address()
    }

    /// Has the requests that wait for changes answered, as when the service is about to stop.
    pub fn lets_nobody_wait(&self) {
        self.service.waiting().stop();
    }

    /// Waits until so many requests wait for changes.
    pub fn wait_for_waiting(&self, count: u32) {
        let name = format!("groeilijn_waiting_for_changes {count}\n");
        wait_until(|| {
            String::from_utf8(self.anyone().get("/metrics").expect(200).body).unwrap().contains(&name)
        });
    }

    /// What it runs on.
    pub fn installation(&self) -> &Installation {
        self.installation.as_ref().unwrap()
    }

    /// A client that is not logged in.
    pub fn anyone(&self) -> Client {
        let time = environment_with(Arc::new(self.clock.clone()));
        Client::of(self.address(), self.mailbox.clone(), time, self.platform_login.clone())
    }

    /// The platform administrator, logged in.
    pub fn platform(&self) -> Client {
        self.anyone().log_in_to_platform()
    }

    /// A new member of the processor's staff with a function, logged in with a second factor.
    pub fn staff(&self, function: ProcessorFunction) -> Client {
        let staff = self.new_staff(function).client;
        Authenticator::bind(&staff);
        staff
    }

    /// A new member of the processor's staff with a function, logged in, who has no second factor yet.
    pub fn new_staff(&self, function: ProcessorFunction) -> Member {
        let (platform, anyone) = (self.platform(), self.anyone());
        let email = format!("{}@{}", function.code(), new_domain());
        let body = json!({
            "firstName": "Stien", "lastName": "Staf", "email": email, "function": function.code(),
            "reason": "In dienst.",
        });
        let made = platform.post("/v1/processor-staff", &body).expect(201).json();
        let id = text(&made["staff"]["id"]);
        let statement = json!({"signedOn": "2026-11-01", "documentSha256": "ab".repeat(32), "reason": "Getekend ontvangen."});
        platform.post(&format!("/v1/processor-staff/{id}/statements"), &statement).expect(201);
        set_password(&anyone, &email);
        Member { id, client: anyone.log_in(&email, PASSWORD), email }
    }

    /// A new institution with an active licence and an administrator who is logged in.
    pub fn school(&self) -> School {
        School::found(&self.anyone())
    }

    /// A new school with one class: a group, its teacher and a child.
    pub fn class(&self) -> Class {
        Class::found(self.school())
    }

    /// How often something happened that may be an attack, as `/metrics` has it.
    pub fn security_events(&self, kind: SecurityEventKind) -> u32 {
        let metrics = self.anyone().get("/metrics").expect(200);
        let name = format!("groeilijn_security_events_total{{kind=\"{}\"}} ", kind.code());
        let text = String::from_utf8(metrics.body).unwrap();
        text.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
    }

    /// A connection to the data that sees every row.
    pub fn raw_data(&self) -> AnyConnection {
        self.installation().raw_data()
    }

    /// The audit log of an institution as it is kept.
    pub fn audit_log(&self, institution: &str) -> AuditLog {
        AuditLog::read(&mut self.raw_data(), institution_id(institution))
    }

    /// The platform's own audit log.
    pub fn platform_audit_log(&self) -> AuditLog {
        AuditLog::read(&mut self.raw_data(), Uuid::nil())
    }
}
