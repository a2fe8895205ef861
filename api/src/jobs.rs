//! Work that goes on after its request was answered.
//!
//! Each process looks for jobs every second and when one was made here. It holds a job by a lease that it renews;
//! when it dies, the lease ends and another process takes the job over.

use std::time::Duration;

use actix_web::web;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Action, Part, Scope};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::children::import::Failure;
use groeilijn_domain::values::ids::ImportId;
use groeilijn_persistence::access::job::{Job, JobKind};
use groeilijn_persistence::{AuditContext, Error, Result, Store, Tenant, TraceContext};
use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::outbox;
use crate::state::AppState;

/// How long a job is held without a sign of life.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often the lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// How often it is looked whether there is a job.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often what has lapsed is thrown away.
const TIDY_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// How often an import is planned anew when pupils or groups changed meanwhile.
const ATTEMPTS: usize = 3;

/// The running look-out for jobs.
pub struct Runner {
    stop: watch::Sender<bool>,
    tasks: [JoinHandle<()>; 2],
}

/// Starts looking for jobs and letters.
pub fn start(state: web::Data<AppState>) -> Runner {
    let (stop, stopped) = watch::channel(false);
    let letters = tokio::spawn(outbox::run(state.clone(), stopped.clone()));
    Runner { stop, tasks: [tokio::spawn(run(state, stopped)), letters] }
}

impl Runner {
    /// Stops. A job that is being done is left for who takes it next: it starts anew then.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "the look-out for jobs or letters broke off");
            }
        }
    }
}

async fn run(state: web::Data<AppState>, mut stopped: watch::Receiver<bool>) {
    let mut tidy_at = state.environment().now();
    loop {
        if state.environment().now() >= tidy_at {
            tidy_at = state.environment().now() + TIDY_EVERY;
            tidy(&state.store).await;
        }
        let pause = match work(&state.store, &mut stopped).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => LOOK_EVERY,
            Err(error) => {
                tracing::error!(%error, "a job is left for later");
                LOOK_EVERY
            }
        };
        tokio::select! {
            biased;
            () = end(&mut stopped) => return,
            () = state.new_job.notified() => {}
            () = sleep(pause) => {}
        }
    }
}

/// Throws away what has lapsed, and tells of what soon will.
async fn tidy(store: &Store) {
    let done = [
        store.forget_old_replies().await,
        store.forget_old_login_failures().await,
        store.forget_old_sessions(store.environment().now()).await,
        store.remind_of_expiry().await,
    ];
    for error in done.into_iter().filter_map(Result::err) {
        tracing::error!(%error, "what has lapsed is left for later");
    }
}

/// Waits until the runner is told to stop, or is gone.
pub(crate) async fn end(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Does the job that has waited longest; whether there was one.
async fn work(store: &Store, stopped: &mut watch::Receiver<bool>) -> Result<bool> {
    let Some(job) = store.claim_job(store.environment().now(), LEASE).await? else { return Ok(false) };
    let mut held = job.clone();
    let mut done = std::pin::pin!(carry_out(store, &job));
    loop {
        tokio::select! {
            outcome = &mut done => {
                if outcome.is_err() {
                    store.release_job(held).await?;
                }
                return outcome.map(|()| true);
            }
            () = end(stopped) => {
                store.release_job(held).await?;
                return Ok(true);
            }
            () = sleep(RENEW_EVERY) => match store.renew_job(held, store.environment().now(), LEASE).await? {
                Some(renewed) => held = renewed,
                None => return Ok(true),
            },
        }
    }
}

/// Does a job. An error means that it is still to be done.
async fn carry_out(store: &Store, job: &Job) -> Result<()> {
    match job.kind {
        JobKind::ApplyImport => apply_import(store, job).await,
    }
}

async fn apply_import(store: &Store, job: &Job) -> Result<()> {
    let tenant = store.tenant(context(store, job, "applyImport"), Scope::Institution)?;
    let import = ImportId::from_uuid(job.id);
    let permitted = job.rights.scope(Part::Imports, Action::Change) == Some(Scope::Institution);
    let failure = if permitted && job.account == AccountState::Active {
        match attempt_import(&tenant, import).await {
            Ok(()) => return Ok(()),
            Err(Error::Busy) => return Err(Error::Busy),
            Err(error) => {
                tracing::error!(%error, %import, "an import failed");
                failure_of(&error)
            }
        }
    } else {
        Failure::NotPermitted
    };
    tenant.write(move |writer| writer.fail_import(import, failure)).await
}

async fn attempt_import(tenant: &Tenant, import: ImportId) -> Result<()> {
    for _ in 1..ATTEMPTS {
        match tenant.apply_import(import).await {
            Err(Error::Stale) => {}
            outcome => return outcome,
        }
    }
    tenant.apply_import(import).await
}

fn failure_of(error: &Error) -> Failure {
    match error {
        Error::Stale => Failure::ChangedMeanwhile,
        Error::NotFound | Error::Conflict(_) | Error::Invalid(_) => Failure::NotPossible,
        _ => Failure::Internal,
    }
}

/// What the audit log says of a job: it is done in the name of who asked for it, without a session.
fn context(store: &Store, job: &Job, operation: &'static str) -> AuditContext {
    let environment = store.environment();
    AuditContext {
        actor: job.actor.into(),
        session: None,
        support: None,
        address: String::new(),
        trace: TraceContext { trace_id: environment.bytes(), span_id: environment.bytes() },
        operation,
        activity: ProcessingActivity::AdministerPupils,
    }
}
