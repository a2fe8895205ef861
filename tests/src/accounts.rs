//! The accounts that the harness makes: their password, and how the platform administrator comes in.

use std::sync::{Arc, Mutex};

use groeilijn_api::installation::context;
use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::access::second_factor::{AppCode, TotpSecret};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_persistence::{Actor, Cost, Store};
use jiff::Timestamp;

/// The address of the platform administrator in every installation.
pub const PLATFORM_ADMINISTRATOR: &str = "platform@groeilijn.example";

/// The password of every account that the harness makes.
pub const PASSWORD: &str = "Kiezelpad-7";

/// How long an authenticator app shows a code, in seconds.
pub(crate) const STEP: i64 = 30;

/// What the app of the platform administrator has in every installation.
const PLATFORM_SECRET: &[u8; 20] = b"platform of the test";

/// The code that an app with a secret shows at a moment.
pub(crate) fn code(secret: &TotpSecret, at: Timestamp) -> String {
    secret.code_at(at).unwrap().to_string()
}

/// The last login as the platform administrator: the time step of its code, and its access token. Every client of one
/// installation shares it.
#[derive(Clone, Default)]
pub(crate) struct PlatformLogin(Arc<Mutex<Option<(i64, String)>>>);

impl PlatformLogin {
    /// An access token: that of the last login as long as its code is shown, then that of a new one with the code of
    /// this moment.
    #[track_caller]
    pub(crate) fn token(&self, now: Timestamp, log_in: impl FnOnce(&str) -> String) -> String {
        let mut last = self.0.lock().unwrap();
        let step = now.as_second().div_euclid(STEP);
        if let Some((used, token)) = last.as_ref()
            && *used >= step
        {
            return token.clone();
        }
        let token = log_in(&code(&TotpSecret::from_bytes(*PLATFORM_SECRET), now));
        *last = Some((step, token.clone()));
        token
    }
}

/// Gives the platform administrator, who is the only staff, a second factor with the known secret.
pub(crate) async fn give_second_factor(store: &Store) {
    let platform = store.platform(context(store, "setUpSecondFactor", ProcessingActivity::AdministerAccess));
    let staff = platform.read(Cost::Rows, |reader| reader.processor_staff(None, 1)).await.unwrap();
    let actor = Actor::staff(staff[0].id, ProcessorFunction::PlatformAdministrator);
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
