//! Rows that are asked for with every request, kept in memory for as long as nothing was committed that may concern
//! them.

use std::hash::Hash;
use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::database::connection::AnyConnection;
use crate::database::readers::Cost;
use crate::error::Result;
use crate::pool::Database;

/// Rows that were read, each with the edition that they are of ([`Database::remembered_edition`]).
///
/// Only an embedded database has editions, so only its rows are kept: on PostgreSQL another process may write at any
/// moment.
#[derive(Clone)]
pub struct Remembered<K, V>(Arc<Cache<K, (u64, V)>>);

impl<K: Hash + Eq, V: Clone> Remembered<K, V> {
    /// Keeps at most `size` values.
    pub fn new(size: usize) -> Self {
        Self(Arc::new(Cache::new(size)))
    }
}

impl<K: Hash + Eq, V: Clone + Send + 'static> Remembered<K, V> {
    /// What `read` finds under `key` in `database`, or what it found there in the present edition. That nothing was
    /// found is not kept.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn get_or_read(
        &self,
        database: &Database,
        key: K,
        read: impl FnOnce(&mut AnyConnection) -> Result<Option<V>> + Send + 'static,
    ) -> Result<Option<V>> {
        let Some(edition) = database.remembered_edition() else {
            return database.read(Cost::Rows, read).await;
        };
        if let Some((of, value)) = self.0.get(&key)
            && of == edition
        {
            return Ok(Some(value));
        }
        let found = database.read(Cost::Rows, read).await?;
        if let Some(value) = &found {
            self.0.insert(key, (edition, value.clone()));
        }
        Ok(found)
    }
}
