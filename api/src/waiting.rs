//! Requests that wait for changes: how many may, and that none keeps a server from stopping.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus::IntGauge;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

/// How many requests wait at most.
const MOST: usize = 2_000;

/// How many of them may be one caller's: some devices, and requests of theirs that broke off unnoticed.
const MOST_OF_ONE: usize = 16;

/// The places there are for requests that wait. Clones share them.
#[derive(Clone)]
pub struct Waiting {
    taken: Arc<Mutex<Taken>>,
    stopping: watch::Sender<bool>,
    gauge: IntGauge,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_caller: HashMap<Uuid, usize>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// All are taken.
    Full,
    /// The caller has as many as she may have.
    TooMany,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    taken: Arc<Mutex<Taken>>,
    caller: Uuid,
    stopping: watch::Receiver<bool>,
    gauge: IntGauge,
}

impl Waiting {
    /// Places that count in `gauge` how many of them are taken.
    pub fn new(gauge: IntGauge) -> Self {
        Self { taken: Arc::default(), stopping: watch::Sender::new(false), gauge }
    }

    /// A place for a request of somebody.
    ///
    /// # Errors
    /// When there is none for her.
    pub fn place(&self, caller: Uuid) -> Result<Place, NoPlace> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= MOST {
            return Err(NoPlace::Full);
        }
        let own = taken.by_caller.entry(caller).or_default();
        if *own >= MOST_OF_ONE {
            return Err(NoPlace::TooMany);
        }
        *own += 1;
        taken.all += 1;
        self.gauge.inc();
        let (stopping, gauge) = (self.stopping.subscribe(), self.gauge.clone());
        Ok(Place { taken: self.taken.clone(), caller, stopping, gauge })
    }

    /// Has every request that waits answered now, and each that is going to.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

impl Place {
    /// Waits until the server stops.
    pub async fn stopping(&mut self) {
        until_set(&mut self.stopping).await;
    }

    /// The same place, given back at a deadline at the latest: also while whoever holds it waits for something else, such as a
    /// client that does not read.
    pub fn until(self, deadline: Instant) -> LentPlace {
        let (held, let_go) = oneshot::channel::<()>();
        let stopping = self.stopping.clone();
        tokio::spawn(async move {
            let _ = timeout_at(deadline, let_go).await;
            drop(self);
        });
        LentPlace { stopping, _held: held }
    }
}

/// A place until it is dropped, or until a deadline.
#[derive(Debug)]
pub struct LentPlace {
    stopping: watch::Receiver<bool>,
    _held: oneshot::Sender<()>,
}

impl LentPlace {
    /// Waits until the server stops.
    pub async fn stopping(&mut self) {
        until_set(&mut self.stopping).await;
    }

    /// Whether the server stops.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

async fn until_set(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stopping| *stopping).await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if let Some(own) = taken.by_caller.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                taken.by_caller.remove(&self.caller);
            }
        }
        self.gauge.dec();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::*;

    fn waiting() -> Waiting {
        Waiting::new(IntGauge::new("waiting", "waiting").unwrap())
    }

    #[test]
    fn each_has_some_places_and_all_together_no_more_than_there_are() {
        let waiting = waiting();
        let own: Vec<_> = (0..MOST_OF_ONE).map(|_| waiting.place(Uuid::nil()).unwrap()).collect();
        assert_eq!(waiting.place(Uuid::nil()).unwrap_err(), NoPlace::TooMany);
        drop(own);
        let all: Vec<_> =
            (0..MOST as u128).map(|caller| waiting.place(Uuid::from_u128(caller)).unwrap()).collect();
        assert_eq!(waiting.place(Uuid::max()).unwrap_err(), NoPlace::Full);
        assert_eq!(waiting.gauge.get(), MOST as i64);
        drop(all);
        assert_eq!(waiting.gauge.get(), 0);
        assert!(waiting.taken.lock().unwrap().by_caller.is_empty());
    }

    #[actix_web::test]
    async fn a_place_is_given_back_at_its_deadline_whoever_holds_it() {
        let waiting = waiting();
        let place = || waiting.place(Uuid::nil()).unwrap();
        let long = place().until(Instant::now() + Duration::from_secs(3600));
        let over = place().until(Instant::now());
        while waiting.gauge.get() > 1 {
            tokio::task::yield_now().await;
        }
        assert!(!over.is_stopping());
        drop(long);
        while waiting.gauge.get() > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn a_server_that_stops_keeps_nobody_waiting() {
        let waiting = waiting();
        let mut place = waiting.place(Uuid::nil()).unwrap();
        assert!(place.stopping().now_or_never().is_none());
        waiting.stop();
        assert!(place.stopping().now_or_never().is_some());
        assert!(waiting.place(Uuid::nil()).unwrap().stopping().now_or_never().is_some());
    }
}
