//! Sweeping up keys that a crash left: made for what was never entered.

use std::collections::HashMap;

use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::Result;
use groeilijn_engine::keys::{KeyKind, KeyOwner, YoungKey};
use jiff::{SignedDuration, Timestamp};

use crate::handles::new_keys::NewKeys;
use crate::handles::store::Store;
use crate::{access, children, institutions, platform, support};

/// How old a key is before it is looked at: whatever was to be entered under it was entered by then, or refused.
const OLD_ENOUGH: SignedDuration = SignedDuration::from_hours(1);
/// How old a key is that was looked at often enough.
const LOOKED_AT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Every kind of owner that is entered by a change.
const KINDS: [&KeyKind; 7] = [
    &access::key_owner::USER,
    &access::key_owner::PERSON,
    &children::key_owner::PUPIL,
    &children::key_owner::SCHOOL_FILE,
    &children::key_owner::SCHOOL_FILE_REPORT,
    &platform::key_owner::STAFF,
    &support::key_owner::SUPPORT_REQUEST,
];

impl Store {
    /// Takes away the keys of the last week whose owners were never entered, except those of the last hour, and says how
    /// many there were.
    ///
    /// # Errors
    /// What the databases refuse.
    pub async fn sweep_keys(&self, now: Timestamp) -> Result<usize> {
        let young = self.keys().made_between(now - LOOKED_AT, now - OLD_ENOUGH).await?;
        let mut swept = 0;
        let mut by_institution: HashMap<InstitutionId, Vec<YoungKey>> = HashMap::new();
        for key in young {
            by_institution.entry(key.institution).or_default().push(key);
        }
        for (institution, keys) in by_institution {
            let founded = keys.iter().any(|key| key.kind == KeyKind::SHARED.code());
            let mut owners: Vec<KeyOwner> = keys.iter().filter_map(known).collect();
            owners.sort_unstable_by_key(|owner| owner.kind.code());
            let new_keys = if founded && institution != InstitutionId::PLATFORM {
                NewKeys::founding(institutions::key_owner::institution(institution), owners)
            } else {
                NewKeys::of(owners)
            };
            let unused = self.count_unused(institution, new_keys.clone()).await?;
            if unused > 0 {
                new_keys.settle(self, institution).await;
                swept += unused;
            }
        }
        Ok(swept)
    }

    async fn count_unused(&self, institution: InstitutionId, new_keys: NewKeys) -> Result<usize> {
        let read = move |connection: &mut _| {
            dialect::enter_institution(connection, institution)?;
            new_keys.count_unused(connection, institution)
        };
        self.data().read_at_one_moment(Cost::Scan, read).await
    }
}

fn known(key: &YoungKey) -> Option<KeyOwner> {
    let kind = KINDS.into_iter().find(|kind| kind.code() == key.kind)?;
    Some(KeyOwner::new(kind, key.id))
}
