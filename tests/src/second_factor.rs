//! Authenticator apps.

use std::sync::Arc;

use groeilijn_domain::access::second_factor::TotpSecret;
use groeilijn_persistence::environment::Environment;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::accounts::{PASSWORD, STEP, code};
use crate::client::Client;
use crate::reply::text;

/// Where one's own second factor is.
pub const PATH: &str = "/v1/account/second-factor";

/// An authenticator app that goes by the clock of the service, and the recovery codes beside it.
#[derive(Clone)]
pub struct Authenticator {
    secret: Arc<TotpSecret>,
    time: Environment,
    /// The secret as it was given out.
    pub base32: String,
    /// The recovery codes.
    pub recovery_codes: Vec<String>,
}

impl Authenticator {
    fn of(secret: TotpSecret, recovery_codes: Vec<String>, time: &Environment) -> Self {
        let base32 = secret.base32().to_string();
        Self { secret: Arc::new(secret), time: time.clone(), base32, recovery_codes }
    }

    /// Sets up a second factor for the account of `client`, replacing one of which this is a code, without confirming
    /// it.
    #[track_caller]
    pub fn set_up(client: &Client, code: Option<&str>) -> Self {
        let body = json!({"currentPassword": PASSWORD, "code": code});
        Self::showing(&client.post(PATH, &body).expect(201).json(), client.time())
    }

    /// The app that was given this second factor.
    pub fn showing(given: &Value, time: &Environment) -> Self {
        let secret = data_encoding::BASE32_NOPAD.decode(text(&given["secret"]).as_bytes()).unwrap();
        let codes = given["recoveryCodes"].as_array().unwrap().iter().map(text).collect();
        Self::of(TotpSecret::from_bytes(secret.try_into().unwrap()), codes, time)
    }

    /// Sets up and confirms a second factor for the account of `client`, which has the password of the harness. The
    /// code of this moment is used up.
    #[track_caller]
    pub fn bind(client: &Client) -> Self {
        let app = Self::set_up(client, None);
        client.post(&format!("{PATH}/_confirm"), &json!({"code": app.code()})).expect(204);
        app
    }

    /// The code that it shows now.
    pub fn code(&self) -> String {
        self.code_in(0)
    }

    /// The code that it will show in so many seconds, or that it showed when the number is negative.
    pub fn code_in(&self, seconds: i64) -> String {
        code(&self.secret, self.time.now() + SignedDuration::from_secs(seconds))
    }

    /// A code that is not good at this moment.
    pub fn wrong_code(&self) -> String {
        let good = [-STEP, 0, STEP].map(|seconds| self.code_in(seconds));
        let codes = (0..).map(|number| format!("{number:06}"));
        codes.into_iter().find(|code| !good.contains(code)).unwrap()
    }
}
