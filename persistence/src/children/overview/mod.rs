//! Overviews of a child and of a group, made from the latest final versions of registrations (C028).

mod child;
mod group;

use std::sync::Arc;

use groeilijn_domain::values::ids::FrameworkId;

pub use child::{ChildSheet, SheetRegistration};
pub use group::{GroupSheet, SheetChild, SheetJudgements};

use crate::children::framework::{PublishedFramework, newest_published};
use crate::convert::uuid;
use crate::handles::tenant::TenantReader;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

impl TenantReader<'_> {
    /// The framework that an overview is arranged by: the one asked for, else the one that the newest registration
    /// in it was made with, else the published one that was entered last.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not published, or nothing is.
    fn arranging_framework(
        &mut self,
        asked: Option<FrameworkId>,
        newest: Option<FrameworkId>,
    ) -> Result<Arc<PublishedFramework>> {
        match asked.or(newest) {
            Some(id) => self.published_framework(id),
            None => {
                let id: Vec<u8> =
                    newest_published().first(self.connection).optional()?.ok_or(Error::NotFound)?;
                self.published_framework(FrameworkId::from_uuid(uuid(&id, "framework")?))
            }
        }
    }
}
