//! A member of the processor's staff who is there for years: each time that she comes her password has expired.

use groeilijn_domain::access::ProcessorFunction;
use jiff::SignedDuration;
use serde_json::json;

use crate::accounts::PASSWORD;
use crate::client::Client;
use crate::reply::text;
use crate::school::Member;
use crate::second_factor::Authenticator;
use crate::server::Server;

/// The staff member, her authenticator app and how often she has chosen another password.
pub struct LastingStaff {
    member: Member,
    app: Authenticator,
    renewals: u32,
}

impl LastingStaff {
    /// Somebody new with a function.
    #[track_caller]
    pub fn new(server: &Server, function: ProcessorFunction) -> Self {
        let member = server.new_staff(function);
        let app = Authenticator::bind(&member.client);
        Self { member, app, renewals: 0 }
    }

    /// Sets the clock, and logs her in with a password that she chooses at that moment. Two minutes pass, in which her app
    /// shows other codes.
    #[track_caller]
    pub fn at(&mut self, server: &Server, moment: &str) -> Client {
        server.clock.set(moment);
        let present = self.password();
        self.renewals += 1;
        let change = json!({"currentPassword": present, "newPassword": self.password()});
        self.log_in(server, &present).post("/v1/account/password/_change", &change).expect(204);
        let present = self.password();
        self.log_in(server, &present)
    }

    fn password(&self) -> String {
        if self.renewals == 0 { PASSWORD.to_owned() } else { format!("Zandpaadje-{}", 30 + self.renewals) }
    }

    #[track_caller]
    fn log_in(&self, server: &Server, password: &str) -> Client {
        let code = self.app.code();
        let reply = server.anyone().try_log_in_with_code(&self.member.email, password, &code).expect(201);
        server.clock.advance(SignedDuration::from_mins(1));
        server.anyone().with_token(&text(&reply.json()["accessToken"]))
    }
}
