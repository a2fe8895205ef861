//! Settling what was counted, also when the database is away in between.

use std::future::Future;
use std::time::Duration;

use groeilijn_engine::error::Result;
use tokio::time::{Instant, sleep};

/// How long is tried: less than an attempt may take to be checked, and less than a request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long is waited in between.
const PAUSE: Duration = Duration::from_millis(200);

/// Does `work`, which does no harm when it is done twice, again for as long as only an outage keeps it from being done.
///
/// # Errors
/// What `work` fails with, when that does not pass in time.
pub(super) async fn persistently<T, W: Future<Output = Result<T>>>(work: impl Fn() -> W) -> Result<T> {
    let begun = Instant::now();
    loop {
        match work().await {
            Err(error) if error.is_passing() && begun.elapsed() < PATIENCE => sleep(PAUSE).await,
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use groeilijn_engine::error::Error;

    use super::*;

    #[tokio::test]
    async fn what_passes_is_tried_again_and_what_does_not_is_told_at_once() {
        let tries = Cell::new(0);
        let outcome = persistently(|| async {
            tries.set(tries.get() + 1);
            if tries.get() < 3 { Err(Error::Busy) } else { Ok(()) }
        });
        assert!(outcome.await.is_ok());
        assert_eq!(tries.get(), 3);
        let refused = persistently(|| async {
            tries.set(tries.get() + 1);
            Err::<(), _>(Error::NotFound)
        });
        assert!(matches!(refused.await, Err(Error::NotFound)));
        assert_eq!(tries.get(), 4);
    }
}
