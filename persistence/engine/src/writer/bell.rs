//! Wakes background work when the transaction that left it something to do has been committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A bell that is pulled within a transaction and rings after the commit.
#[derive(Clone, Default)]
pub struct Bell(Arc<Inner>);

#[derive(Default)]
struct Inner {
    pulled: AtomicBool,
    rung: Notify,
}

impl Bell {
    /// Has the bell ring after the next commit.
    pub fn pull(&self) {
        self.0.pulled.store(true, Ordering::Release);
    }

    /// Rings, if the bell was pulled.
    pub(super) fn ring(&self) {
        if self.0.pulled.swap(false, Ordering::AcqRel) {
            self.0.rung.notify_one();
        }
    }

    /// Waits until the bell rings, or returns at once if it rang since the last time.
    pub async fn rung(&self) {
        self.0.rung.notified().await;
    }
}
