//! Overviews of a child and of a group, made from the latest final versions of registrations (C028).

mod child;
mod group;

use std::sync::Arc;

use groeilijn_domain::values::ids::FrameworkId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

pub use child::{ChildSheet, SheetRegistration};
pub use group::{GroupSheet, SheetChild, SheetJudgements};

use crate::children::framework::{PublishedFramework, newest_published};
use crate::handles::tenant::TenantReader;

impl TenantReader<'_> {
    /// The framework that an overview is arranged by: the one that was asked for, was registered with or is chosen,
    /// else the published one that was entered last.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not published, or nothing is.
    fn arranging_framework(&mut self, found: Option<FrameworkId>) -> Result<Arc<PublishedFramework>> {
        match found {
            Some(id) => self.published_framework(id),
            None => {
                let id = newest_published().first(self.connection).optional()?.ok_or(Error::NotFound)?;
                self.published_framework(id)
            }
        }
    }
}
