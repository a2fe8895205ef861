//! What resources keep in memory: one value for each type, so that the store need not know who keeps what.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Values by their type.
#[derive(Default)]
pub(crate) struct Caches(RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Caches {
    /// The one value of this type, made when it is first asked for.
    pub(crate) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let id = TypeId::of::<T>();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(value) = known.and_then(|value| value.downcast().ok()) {
            return value;
        }
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(id).or_insert_with(|| Arc::new(T::default())).clone();
        // The entry under a type's id holds that type, so this is never another value.
        value.downcast().unwrap_or_default()
    }
}
