//! Authenticator apps, and how the platform administrator comes in with one.

use std::sync::{Arc, Mutex};

use groeilijn_api::installation::context;
use groeilijn_domain::access::second_factor::{AppCode, TotpSecret};
use groeilijn_domain::access::{ProcessorFunction, Role};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::{Actor, Cost, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::client::Client;
use crate::installation::{PASSWORD, PLATFORM_ADMINISTRATOR};
use crate::reply::text;

/// Where one's own second factor is.
pub const PATH: &str = "/v1/account/second-factor";

/// How long an app shows a code, in seconds.
const STEP: i64 = 30;

/// What the app of the platform administrator has in every installation.
const PLATFORM_SECRET: &[u8; 20] = b"platform of the test";

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
        let given = client.post(PATH, &body).expect(201).json();
        let secret = data_encoding::BASE32_NOPAD.decode(text(&given["secret"]).as_bytes()).unwrap();
        let codes = given["recoveryCodes"].as_array().unwrap().iter().map(text).collect();
        Self::of(TotpSecret::from_bytes(secret.try_into().unwrap()), codes, client.time())
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

fn code(secret: &TotpSecret, at: Timestamp) -> String {
    secret.code_at(at).unwrap().to_string()
}

/// The last login as the platform administrator: the time step of its code, and its access token. Every client of one
/// installation shares it.
#[derive(Clone, Default)]
pub(crate) struct PlatformLogin(Arc<Mutex<Option<(i64, String)>>>);

impl PlatformLogin {
    /// An access token: that of the last login as long as its code is shown, then that of a new one.
    #[track_caller]
    pub(crate) fn token(&self, client: &Client) -> String {
        let mut last = self.0.lock().unwrap();
        let now = client.time().now();
        let step = now.as_second().div_euclid(STEP);
        if let Some((used, token)) = last.as_ref()
            && *used >= step
        {
            return token.clone();
        }
        let code = code(&TotpSecret::from_bytes(*PLATFORM_SECRET), now);
        let tokens = client.try_log_in_with_code(PLATFORM_ADMINISTRATOR, PASSWORD, &code).expect(201).json();
        let token = text(&tokens["accessToken"]);
        *last = Some((step, token.clone()));
        token
    }
}

/// Gives the platform administrator, who is the only staff, a second factor with the known secret.
pub(crate) async fn give_second_factor(store: &Store) {
    let platform = store.platform(context(store, "setUpSecondFactor", ProcessingActivity::AdministerAccess));
    let staff = platform.read(Cost::Rows, |reader| reader.processor_staff(None, 1)).await.unwrap();
    let role = Role::Processor(ProcessorFunction::PlatformAdministrator);
    let actor = Actor { account: staff[0].id, role, institution: None };
    let secret = TotpSecret::from_bytes(*PLATFORM_SECRET);
    let first = AppCode::parse(&code(&secret, store.environment().now())).unwrap();
    let confirmed = platform
        .write(move |writer| {
            writer.set_up_second_factor(actor, &secret, &[])?;
            writer.confirm_second_factor(actor, None, &first)
        })
        .await;
    assert!(confirmed.unwrap());
}
