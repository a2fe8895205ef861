//! Being told to stop: the servers must not outlive the comparison.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use super::Error;

/// Whether the process was told to stop, by SIGINT or SIGTERM.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens for the signals from now on.
    pub(super) fn listen() -> Result<Self, Error> {
        let stop = Self::default();
        let told = stop.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::of("signals", error))?;
        thread::spawn(move || {
            runtime.block_on(async {
                if let (Ok(mut terminate), Ok(mut interrupt)) =
                    (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
                {
                    tokio::select! {
                        _ = terminate.recv() => {}
                        _ = interrupt.recv() => {}
                    }
                    told.0.store(true, Ordering::Relaxed);
                }
            });
        });
        Ok(stop)
    }

    /// # Errors
    /// [`Error::Stopped`] once the process was told to.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.0.load(Ordering::Relaxed) { Err(Error::Stopped) } else { Ok(()) }
    }
}
