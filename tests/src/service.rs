//! The service, running in this process on a thread and a port of its own.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use groeilijn_api::background;
use groeilijn_api::runtime::environment_with;
use groeilijn_api::server::Service;
use groeilijn_api::settings::Settings;
use groeilijn_api::waiting::Waiting;

use crate::clock::TestClock;

/// A service that listens. It is stopped when this is dropped.
pub(crate) struct RunningService {
    address: SocketAddr,
    handle: ServerHandle,
    waiting: Waiting,
    thread: Option<JoinHandle<()>>,
}

impl RunningService {
    /// Starts the service.
    pub(crate) fn start(settings: Settings, clock: TestClock) -> Self {
        let environment = environment_with(Arc::new(clock));
        let (started, starting) = channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let service = Service::open(&settings, environment).await.unwrap();
                let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
                let address = listener.local_addr().unwrap();
                let server = service.serve(listener, 1, None).unwrap();
                let background = background::start(&service.state());
                started.send((address, server.handle(), service.state().waiting.clone())).unwrap();
                server.await.unwrap();
                background.stop().await;
            });
        });
        let (address, handle, waiting) = starting.recv().expect("the service did not start");
        Self { address, handle, waiting, thread: Some(thread) }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that wait for changes.
    pub(crate) fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Stops it, and returns when it has ended.
    pub(crate) fn stop(&mut self) {
        // Asked for at once; the answer is the end of the thread.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(thread::panicking() || ended.is_ok(), "the service panicked");
        }
    }
}

impl Drop for RunningService {
    fn drop(&mut self) {
        self.stop();
    }
}
