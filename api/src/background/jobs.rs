//! Jobs: work that somebody asked for and that goes on after the reply.
//!
//! A process holds a job by a lease that it renews; when it dies, the lease ends and another process takes the job over.

use std::time::Duration;

use groeilijn_persistence::access::job::{Job, JobKind};
use groeilijn_persistence::{Result, Store};
use jiff::SignedDuration;
use tokio::time::sleep;

use super::imports;
use super::kind::{Found, Kind, Stop};
use crate::state::AppState;

/// How long a job is held without a sign of life.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often the lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(20);

/// Does the jobs, one at a time.
pub(super) struct Jobs;

impl Kind for Jobs {
    const LEFT_FOR_LATER: &'static str = "a job is left for later";

    async fn work(&mut self, state: &AppState, stop: &Stop) -> Result<Found> {
        let store = &state.store;
        let Some(job) = store.claim_job(store.environment().now(), LEASE).await? else {
            return Ok(Found::Nothing);
        };
        hold_while(store, job.clone(), carry_out(store, &job), stop).await?;
        Ok(Found::Work)
    }

    async fn bell(&self, state: &AppState) {
        state.new_job.notified().await;
    }
}

/// Does a job according to its kind. An error means that it is still to be done.
async fn carry_out(store: &Store, job: &Job) -> Result<()> {
    match job.kind {
        JobKind::ApplyImport => imports::carry_out(store, job).await,
    }
}

/// Holds a job while `work` goes on. Breaks `work` off when another process took the job, and when everything has to stop.
/// A job that was not done is released, so that a process can take it at once.
async fn hold_while(
    store: &Store,
    mut held: Job,
    work: impl Future<Output = Result<()>>,
    stop: &Stop,
) -> Result<()> {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            outcome = &mut work => {
                if outcome.is_err() {
                    store.release_job(held).await?;
                }
                return outcome;
            }
            () = stop.wait() => return store.release_job(held).await,
            () = sleep(RENEW_EVERY) => match store.renew_job(held, store.environment().now(), LEASE).await? {
                Some(renewed) => held = renewed,
                None => return Ok(()),
            },
        }
    }
}
