//! Work that goes on beside the requests, in each process that serves. [`kind`] is the loop that all of it shares.
//!
//! A kind of work is one file here and one line in [`start`]. A kind of job, which somebody asks for and which is kept
//! in the database until it is done, is one file and one line in [`jobs`].

mod backups;
mod checkpoint_letters;
mod checkpoints;
mod every;
mod expiry_reminders;
mod forgetting;
mod imports;
mod incidents;
mod jobs;
mod key_sweep;
mod kind;
mod letters;
mod password_resets;
mod retention;
mod school_files;
mod terms;
mod webhooks;
mod witnesses;

use actix_web::web;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::every::Every;
use self::kind::{Stop, run};
use crate::state::AppState;

/// The background work of one process, under way.
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    state: web::Data<AppState>,
}

/// Starts all kinds of work.
pub fn start(state: &web::Data<AppState>) -> Background {
    let (stop, stopped) = Stop::new();
    let senders =
        (0..webhooks::SENDERS).map(|_| tokio::spawn(run(webhooks::Webhooks, state.clone(), stopped.clone())));
    let named = state.witnesses.named.iter().cloned().map(witnesses::Witnesses::of);
    let witnesses = named.map(|witness| tokio::spawn(run(witness, state.clone(), stopped.clone())));
    let mut tasks: Vec<_> = senders.chain(witnesses).collect();
    tasks.extend([
        tokio::spawn(run(jobs::Jobs, state.clone(), stopped.clone())),
        tokio::spawn(run(backups::Backups::default(), state.clone(), stopped.clone())),
        tokio::spawn(run(letters::Letters, state.clone(), stopped.clone())),
        tokio::spawn(run(password_resets::PasswordResets, state.clone(), stopped.clone())),
        tokio::spawn(run(Every::new(expiry_reminders::ExpiryReminders), state.clone(), stopped.clone())),
        tokio::spawn(run(Every::new(forgetting::Forgetting), state.clone(), stopped.clone())),
        tokio::spawn(run(Every::new(key_sweep::KeySweep), state.clone(), stopped.clone())),
        tokio::spawn(run(Every::new(school_files::SchoolFiles), state.clone(), stopped.clone())),
        tokio::spawn(run(Every::new(retention::Looking), state.clone(), stopped.clone())),
        tokio::spawn(run(retention::Destructions, state.clone(), stopped.clone())),
        tokio::spawn(run(Every::new(terms::Terms), state.clone(), stopped.clone())),
        tokio::spawn(run(checkpoints::Checkpoints::new(), state.clone(), stopped.clone())),
        tokio::spawn(run(Every::new(incidents::Escalations), state.clone(), stopped.clone())),
        tokio::spawn(run(Every::new(checkpoint_letters::CheckpointLetters), state.clone(), stopped.clone())),
    ]);
    Background { stop, tasks, state: state.clone() }
}

impl Background {
    /// Stops, once requests are served no longer. What they began and left is finished first. A job that is being done is released, and starts anew when a process takes it next. A letter that is
    /// being sent is finished first.
    pub async fn stop(self) {
        self.state.finishing.all().await;
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "background work broke off");
            }
        }
    }
}
