//! The loop of one kind of background work: look for work, do it, wait for more.
//!
//! It looks again at once as long as there is work, and otherwise when its bell rings, but at least every second: the
//! bell of another process is not heard here. After an error it waits as long as when there was nothing to do.

use std::future::Future;
use std::time::Duration;

use actix_web::web;
use groeilijn_persistence::Result;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::state::AppState;

/// How long it takes at most before work is looked for again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A kind of background work.
pub(super) trait Kind: Send + 'static {
    /// What the log says when the work failed; it is looked for again.
    const LEFT_FOR_LATER: &'static str;

    /// Does the piece of work that has waited longest, if any waits.
    ///
    /// # Errors
    /// What kept it from being done.
    fn work(&mut self, state: &AppState, stop: &Stop) -> impl Future<Output = Result<Found>> + Send;

    /// Waits until this process was told that there may be work. A kind without a bell is looked for every second.
    fn bell(&self, _: &AppState) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}

/// Whether there was work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// There was, and there may be more.
    Work,
    /// There was none.
    Nothing,
}

/// Works until told to stop.
pub(super) async fn run<K: Kind>(mut kind: K, state: web::Data<AppState>, stop: Stop) {
    loop {
        let pause = match kind.work(&state, &stop).await {
            Ok(Found::Work) => Duration::ZERO,
            Ok(Found::Nothing) => LOOK_EVERY,
            Err(error) => {
                tracing::error!(%error, "{}", K::LEFT_FOR_LATER);
                LOOK_EVERY
            }
        };
        tokio::select! {
            biased;
            () = stop.wait() => return,
            () = kind.bell(&state) => {}
            () = sleep(pause) => {}
        }
    }
}

/// Whether background work has to stop.
#[derive(Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Work has to stop when `true` is sent, and when the sender is gone.
    pub(super) fn new() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Whether it has to stop now.
    pub(super) fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until everything has to stop.
    pub(super) async fn wait(&self) {
        // An error tells that the sender is gone.
        let _ = self.0.clone().wait_for(|stopped| *stopped).await;
    }
}
