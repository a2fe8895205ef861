//! Published frameworks, kept in memory.

use std::sync::Arc;

use groeilijn_domain::children::framework::{FrameworkDocument, FrameworkIndex, FrameworkState};
use groeilijn_domain::values::ids::FrameworkId;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::Result;
use quick_cache::sync::Cache;

use super::{View, load};
use crate::children::schema::framework;
use crate::handles::store::Store;
use crate::handles::tenant::TenantReader;

/// How many published frameworks are kept in memory: some hundred kilobytes each.
const KEPT: usize = 64;

/// A published framework, ready to hold notes and registrations against.
#[derive(Debug)]
pub struct PublishedFramework {
    /// Its id.
    pub id: FrameworkId,
    /// What it holds.
    pub document: FrameworkDocument,
    /// The same, arranged for looking things up.
    pub index: FrameworkIndex,
}

/// The published frameworks that this process has read: they never change.
struct PublishedFrameworks(Cache<FrameworkId, Arc<PublishedFramework>>);

impl Default for PublishedFrameworks {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl PublishedFrameworks {
    fn get(&self, connection: &mut AnyConnection, id: FrameworkId) -> Result<Arc<PublishedFramework>> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known);
        }
        let document = load(connection, View::Institution, id)?.document;
        let index = FrameworkIndex::new(&document);
        let published = Arc::new(PublishedFramework { id, document, index });
        self.0.insert(id, published.clone());
        Ok(published)
    }
}

impl Store {
    /// A published framework.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there is none with this id.
    pub async fn framework(&self, id: FrameworkId) -> Result<Arc<PublishedFramework>> {
        let frameworks = self.cache::<PublishedFrameworks>();
        self.data().read(Cost::Rows, move |connection| frameworks.get(connection, id)).await
    }
}

impl TenantReader<'_> {
    /// One published framework from memory, where it is put when it is not there yet.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there is none with this id.
    pub fn published_framework(&mut self, id: FrameworkId) -> Result<Arc<PublishedFramework>> {
        let frameworks = self.store().cache::<PublishedFrameworks>();
        frameworks.get(self.connection, id)
    }
}

/// The published framework that was entered last, if there is one. Ids grow with time, so it is found at the end of
/// the primary key.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn newest_published() -> _ {
    let state: &'static str = FrameworkState::Published.code();
    framework::table
        .filter(framework::state.eq(state))
        .order(framework::id.desc())
        .select(framework::id)
        .limit(1_i64)
}

/// What is wrong with a request's `frameworkId` when no published framework has that id.
pub(crate) fn not_published() -> (String, Refusal) {
    let refusal = Refusal::new("not-published", "there is no published framework with this id");
    ("/frameworkId".to_owned(), refusal)
}
