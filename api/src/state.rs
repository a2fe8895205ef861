//! What every handler shares.

use std::net::IpAddr;

use groeilijn_domain::audit::witness::Witness;
use groeilijn_mail::Transport;
use groeilijn_persistence::Store;
use groeilijn_persistence::access::password_hashing::PasswordHasher;
use groeilijn_persistence::environment::Environment;
use groeilijn_webhook::{CheckpointSender, Sender};
use tokio::sync::Notify;

use crate::backup::places::BackupPlaces;
use crate::finishing::Finishing;
use crate::http::metrics::Metrics;
use crate::settings::ProcessorSettings;
use crate::token::AccessTokens;
use crate::upload_room::UploadRoom;
use crate::waiting::Waiting;

/// What every handler shares, as `web::Data<AppState>`.
pub struct AppState {
    /// Where everything is kept.
    pub store: Store,
    /// Hashes and checks passwords.
    pub passwords: PasswordHasher,
    /// Finishes what a request began, when the client does not wait for it.
    pub finishing: Finishing,
    /// Signs and verifies access tokens.
    pub tokens: AccessTokens,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpAddr>,
    /// Room in memory for school files.
    pub upload_room: UploadRoom,
    /// Places for requests that wait for changes.
    pub waiting: Waiting,
    /// Sends letters.
    pub letters: Transport,
    /// Tells programs of institutions of events.
    pub webhooks: Sender,
    /// Who is shown the audit logs.
    pub witnesses: Witnesses,
    /// The page on which a user chooses a password; a token is added to it.
    pub password_page: String,
    /// How the processor is reached.
    pub processor: ProcessorSettings,
    /// Where backups go, if any are made.
    pub backups: Option<BackupPlaces>,
    /// What is counted and measured.
    pub metrics: Metrics,
    /// Notified when there is a new job, so that it is started at once.
    pub new_job: Notify,
}

/// The witnesses of the audit logs.
pub struct Witnesses {
    /// Those that the operator named; nobody is shown anything when there are none.
    pub named: Vec<Witness>,
    /// Shows them checkpoints.
    pub sender: CheckpointSender,
}

impl AppState {
    /// The time and the randomness.
    pub fn environment(&self) -> &Environment {
        self.store.environment()
    }
}
