//! Opened keys, kept in memory: bounded in number and in minutes.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;

use crate::environment::Environment;

/// How many keys are kept: some hundred bytes each.
const MOST: usize = 200_000;
/// How long a key is kept, so that one destroyed by another process is soon forgotten here too.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);
/// How often the keys that were not asked for again are looked through.
const SWEEP: SignedDuration = SignedDuration::from_mins(1);

/// Keys by name.
pub(super) struct Opened<K, V> {
    keys: Cache<K, (Timestamp, Arc<V>)>,
    /// When the keys were last looked through, in seconds since 1970.
    swept: AtomicI64,
    environment: Environment,
}

impl<K: Hash + Eq, V> Opened<K, V> {
    pub(super) fn new(environment: &Environment) -> Arc<Self> {
        let swept = AtomicI64::new(environment.now().as_second());
        Arc::new(Self { keys: Cache::new(MOST), swept, environment: environment.clone() })
    }

    /// The key, unless it was opened too long ago.
    pub(super) fn get(&self, name: &K) -> Option<Arc<V>> {
        let (opened_at, key) = self.keys.get(name)?;
        (self.environment.now().duration_since(opened_at) < LONGEST).then_some(key)
    }

    /// Keeps a key that was just opened.
    pub(super) fn insert(&self, name: K, key: Arc<V>) {
        let now = self.environment.now();
        let before = self.swept.swap(now.as_second(), Ordering::Relaxed);
        if now.as_second() - before >= SWEEP.as_secs() {
            self.keys.retain(|_, (opened_at, _)| now.duration_since(*opened_at) < LONGEST);
        } else {
            self.swept.store(before, Ordering::Relaxed);
        }
        self.keys.insert(name, (now, key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{Clock, testing::Counting};

    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    #[test]
    fn a_key_is_forgotten_after_ten_minutes() {
        let hand = Arc::new(Hand(AtomicI64::new(1_800_000_000)));
        let opened = Opened::new(&Environment::new(hand.clone(), Arc::new(Counting::default())));
        opened.insert(1, Arc::new("one"));
        hand.0.fetch_add(599, Ordering::Relaxed);
        assert!(opened.get(&1).is_some());
        hand.0.fetch_add(1, Ordering::Relaxed);
        assert!(opened.get(&1).is_none());
        opened.insert(2, Arc::new("two"));
        assert_eq!(opened.keys.len(), 1, "what nobody asks for is not kept either");
    }
}
