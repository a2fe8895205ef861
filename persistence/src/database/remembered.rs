//! What is asked for again and again, kept for as long as nothing was committed.

use std::hash::Hash;
use std::sync::Arc;

use quick_cache::sync::Cache;

use super::{AnyConnection, Cost, Database};
use crate::error::Result;

/// Rows that were read, each with the edition of the data that they are of.
///
/// Only an embedded database has editions, so only what is read from one is kept: on PostgreSQL another process may
/// write at any moment.
pub(crate) struct Remembered<K, V>(Arc<Cache<K, (u64, V)>>);

impl<K: Hash + Eq, V: Clone> Remembered<K, V> {
    /// Keeps at most `size` values.
    pub(crate) fn new(size: usize) -> Self {
        Self(Arc::new(Cache::new(size)))
    }
}

impl Database {
    /// What `read` finds under `key`, or what it found there in the present edition. That nothing was found is not
    /// kept.
    pub(crate) async fn remembered<K, V>(
        &self,
        kept: &Remembered<K, V>,
        key: K,
        read: impl FnOnce(&mut AnyConnection) -> Result<Option<V>> + Send + 'static,
    ) -> Result<Option<V>>
    where
        K: Hash + Eq,
        V: Clone + Send + 'static,
    {
        let Some(edition) = self.readers.edition() else { return self.read(Cost::Rows, read).await };
        if let Some((of, value)) = kept.0.get(&key)
            && of == edition
        {
            return Ok(Some(value));
        }
        let found = self.read(Cost::Rows, read).await?;
        if let Some(value) = &found {
            kept.0.insert(key, (edition, value.clone()));
        }
        Ok(found)
    }
}
