//! Whether a copy of data and keys, opened as an installation of its own, can be worked with (C076).

use std::collections::BTreeMap;

use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::audit::context::AuditContext;
use groeilijn_engine::audit::verify::{TreeRoot, compute_tree};
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};

use crate::children::pupil::Listing;
use crate::handles::store::Store;

/// How many users and how many pupils of each institution are opened: more than one, since the keys of some may be
/// destroyed.
const SAMPLE: i64 = 20;

/// The audit trees of all institutions, and of the platform.
pub type Trees = BTreeMap<InstitutionId, TreeRoot>;

/// What was found in a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedCopy {
    /// Every audit tree, computed from its leaves.
    pub trees: Trees,
    /// How many institutions something sealed was opened of.
    pub opened: usize,
}

impl Store {
    /// Computes every audit tree anew, and opens something sealed of each institution, as far as there is anything. What is
    /// opened is on record in the copy's own log, under `context`.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when a tree or a sealed value is not right.
    pub async fn check_copy(&self, context: AuditContext) -> Result<CheckedCopy> {
        let institutions = self.institution_ids(context.clone()).await?;
        let mut trees = Trees::new();
        for institution in institutions.iter().copied().chain([InstitutionId::PLATFORM]) {
            trees.insert(institution, self.audit_tree(institution).await?);
        }
        let mut opened = 0;
        for institution in institutions {
            opened += usize::from(self.opens_something(context.clone(), institution).await?);
        }
        let staff = |reader: &mut crate::PlatformReader<'_>| reader.processor_staff(None, SAMPLE);
        let damaged = self.damaged_rows().count();
        let staff = self.platform(context).read(Cost::Rows, staff).await?;
        opened += usize::from(self.is_readable(staff.len(), damaged)?);
        Ok(CheckedCopy { trees, opened })
    }

    /// The ids of all institutions.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn institution_ids(&self, context: AuditContext) -> Result<Vec<InstitutionId>> {
        let all = |reader: &mut crate::PlatformReader<'_>| reader.institutions(None, i64::MAX);
        let all = self.platform(context).read(Cost::Scan, all).await?;
        Ok(all.into_iter().map(|institution| institution.id).collect())
    }

    /// The audit tree of an institution, computed from its leaves.
    ///
    /// # Errors
    /// As [`compute_tree`].
    pub async fn audit_tree(&self, institution: InstitutionId) -> Result<TreeRoot> {
        let url = self.data().url().clone();
        tokio::task::spawn_blocking(move || compute_tree(&mut url.connect()?, institution))
            .await
            .map_err(Error::internal)?
    }

    async fn opens_something(&self, context: AuditContext, institution: InstitutionId) -> Result<bool> {
        let damaged = self.damaged_rows().count();
        let read = |reader: &mut crate::TenantReader<'_>| {
            Ok(reader.users(None, SAMPLE)?.len()
                + reader.roster(None, Listing::default(), None, SAMPLE)?.len())
        };
        let read = self.platform(context).read_in(institution, Cost::Scan, read).await?;
        self.is_readable(read, damaged)
    }

    /// Whether something was read, where `damaged` rows had been met before; nothing at all is right where nothing is.
    fn is_readable(&self, read: usize, damaged: u64) -> Result<bool> {
        if read == 0 && self.damaged_rows().count() > damaged {
            return Err(Error::Unreadable("a copy"));
        }
        Ok(read > 0)
    }
}
