//! Opened keys, kept in memory: bounded in number and in minutes.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;

use crate::environment::Environment;

/// How many keys are kept: some 400 bytes each, 20 MB in all.
const MOST: usize = 50_000;
/// How long a key is kept, so that one destroyed by another process is soon forgotten here too.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_mins(10);
/// How long a key is kept for want of what opens it anew.
const LONGEST_IN_NEED: SignedDuration = SignedDuration::from_hours(1);
/// How often, as long as keys are asked for, those that were not asked for again are looked through.
const SWEEP: SignedDuration = SignedDuration::from_mins(1);

/// Keys by name.
pub(super) struct Opened<K, V> {
    keys: Cache<K, (Timestamp, Arc<V>)>,
    /// When the keys were last looked through, in seconds since 1970.
    swept: AtomicI64,
    /// How long a key stays that is not asked for.
    kept: SignedDuration,
    environment: Environment,
}

impl<K: Hash + Eq, V> Opened<K, V> {
    /// Keys that are forgotten when they may not be used any more.
    pub(super) fn new(environment: &Environment) -> Arc<Self> {
        Self::kept_for(LONGEST, environment)
    }

    /// Keys that stay a while longer, for [`Self::in_need`].
    pub(super) fn for_need(environment: &Environment) -> Arc<Self> {
        Self::kept_for(LONGEST_IN_NEED, environment)
    }

    fn kept_for(kept: SignedDuration, environment: &Environment) -> Arc<Self> {
        let swept = AtomicI64::new(environment.now().as_second());
        Arc::new(Self { keys: Cache::new(MOST), swept, kept, environment: environment.clone() })
    }

    /// The key, unless it was opened too long ago.
    pub(super) fn get(&self, name: &K) -> Option<Arc<V>> {
        let now = self.environment.now();
        self.sweep(now);
        let (opened_at, key) = self.keys.get(name)?;
        is_within(LONGEST, opened_at, now).then_some(key)
    }

    /// The key, also when it was opened a while ago, for whoever knows that it is there and cannot open it anew.
    pub(super) fn in_need(&self, name: &K) -> Option<Arc<V>> {
        let (opened_at, key) = self.keys.get(name)?;
        is_within(LONGEST_IN_NEED, opened_at, self.environment.now()).then_some(key)
    }

    /// Keeps a key that was just opened.
    pub(super) fn insert(&self, name: K, key: Arc<V>) {
        self.keys.insert(name, (self.environment.now(), key));
    }

    /// Forgets a key.
    pub(super) fn remove(&self, name: &K) {
        self.keys.remove(name);
    }

    /// Forgets the keys of which `keep` says so.
    pub(super) fn retain(&self, keep: impl Fn(&K) -> bool) {
        self.keys.retain(|name, _| keep(name));
    }

    /// Drops expired keys, at most once in a while.
    fn sweep(&self, now: Timestamp) {
        let before = self.swept.load(Ordering::Relaxed);
        let due = now.as_second().abs_diff(before) >= SWEEP.as_secs().unsigned_abs();
        let exchange =
            || self.swept.compare_exchange(before, now.as_second(), Ordering::Relaxed, Ordering::Relaxed);
        if due && exchange().is_ok() {
            self.keys.retain(|_, (opened_at, _)| is_within(self.kept, *opened_at, now));
        }
    }
}

/// Whether a key was opened no longer ago; not either when the clock was set back since.
fn is_within(longest: SignedDuration, opened_at: Timestamp, now: Timestamp) -> bool {
    (SignedDuration::ZERO..longest).contains(&now.duration_since(opened_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Clock;
    use crate::environment::testing::Counting;

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
        hand.0.fetch_add(60, Ordering::Relaxed);
        assert!(opened.get(&2).is_none());
        assert_eq!(opened.keys.len(), 0, "what may not be used is not kept");
        opened.insert(2, Arc::new("two"));
        hand.0.fetch_sub(1, Ordering::Relaxed);
        assert!(opened.get(&2).is_none(), "the clock was set back");
    }

    #[test]
    fn in_need_a_key_serves_for_an_hour() {
        let hand = Arc::new(Hand(AtomicI64::new(1_800_000_000)));
        let opened = Opened::for_need(&Environment::new(hand.clone(), Arc::new(Counting::default())));
        opened.insert(1, Arc::new("one"));
        hand.0.fetch_add(3_599, Ordering::Relaxed);
        assert!(opened.get(&1).is_none() && opened.in_need(&1).is_some());
        hand.0.fetch_add(61, Ordering::Relaxed);
        assert!(opened.in_need(&1).is_none() && opened.get(&1).is_none());
        assert_eq!(opened.keys.len(), 0);
    }
}
