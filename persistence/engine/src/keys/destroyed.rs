//! Hearing of keys that another process destroyed.

use std::sync::atomic::{AtomicI64, Ordering};

use groeilijn_domain::values::ids::InstitutionId;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::opened::LONGEST;
use crate::database::query::prelude::*;
use crate::environment::Environment;
use crate::pool::Database;
use crate::schema::subject_key;

/// How often, as long as keys are asked for, the key store is asked which were destroyed.
const EVERY: SignedDuration = SignedDuration::from_secs(5);

/// Asks which keys were destroyed lately: those that may still be open here.
pub(super) struct Destroyed {
    /// When the key store was last asked, in milliseconds since 1970.
    asked: AtomicI64,
    environment: Environment,
}

impl Destroyed {
    pub(super) fn new(environment: &Environment) -> Self {
        let asked = AtomicI64::new(environment.now().as_millisecond());
        Self { asked, environment: environment.clone() }
    }

    /// The keys that were destroyed within the time that opened keys are kept, when it is time to ask again. An embedded
    /// key store has no other process. A key store that does not answer is asked again later: what is open here is
    /// forgotten after [`LONGEST`] in any case.
    pub(super) fn news(&self, database: &Database) -> Vec<(InstitutionId, String, Uuid)> {
        if database.url().is_embedded() {
            return Vec::new();
        }
        let now = self.environment.now();
        if !self.is_time(now) {
            return Vec::new();
        }
        let since = now - LONGEST - EVERY;
        let news = database.read_here(|connection| {
            Ok(subject_key::table
                .filter(subject_key::destroyed_at.after(Some(since)))
                .select((subject_key::institution_id, subject_key::kind, subject_key::subject_id))
                .load(connection)?)
        });
        news.unwrap_or_default()
    }

    /// Whether it is time, for one of all who ask at once.
    fn is_time(&self, now: Timestamp) -> bool {
        // Diesel's `load` is in scope too.
        let before = AtomicI64::load(&self.asked, Ordering::Relaxed);
        let now = now.as_millisecond();
        i128::from(now.abs_diff(before)) >= EVERY.as_millis()
            && self.asked.compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}
