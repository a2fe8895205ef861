//! Work that is finished whatever becomes of the request that began it: when its client goes away, or it takes too long,
//! a request is dropped wherever it was.

use std::future::Future;

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::http::problem::Problem;

/// Runs work beside the requests, and waits for it before the process ends.
pub struct Finishing {
    // Not that of the thread which serves the request: those end before the process does.
    runtime: Handle,
    tasks: TaskTracker,
}

impl Finishing {
    /// Runs work on `runtime`.
    pub fn on(runtime: Handle) -> Self {
        Self { runtime, tasks: TaskTracker::new() }
    }

    /// Does a piece of work. It goes on when nobody waits for its outcome any more.
    ///
    /// # Errors
    /// 500 when it panicked.
    pub async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Problem> {
        self.tasks.spawn_on(work, &self.runtime).await.map_err(Problem::internal)
    }

    /// Waits until all is done that was begun; when no more requests are served.
    pub async fn all(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it_and_is_waited_for_at_the_end() {
        let finishing = Finishing::on(Handle::current());
        let (go, told) = oneshot::channel::<()>();
        let (did, done) = oneshot::channel();
        let work = async move {
            told.await.unwrap();
            did.send(()).unwrap();
        };
        // A request that is dropped while it waits.
        assert!(timeout(Duration::ZERO, finishing.finish(work)).await.is_err());
        go.send(()).unwrap();
        finishing.all().await;
        assert_eq!(done.await, Ok(()));
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_of_the_request() {
        let finishing = Finishing::on(Handle::current());
        assert!(finishing.finish(async { panic!("a mistake") }).await.is_err());
        finishing.all().await;
    }
}
