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
use crate::{access, children, incidents, institutions, platform, support};

/// How old a key is before it is looked at: whatever was to be entered under it was entered by then, or refused.
const OLD_ENOUGH: SignedDuration = SignedDuration::from_hours(1);
/// How old a key is that was looked at often enough.
const LOOKED_AT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Every kind of owner that is entered by a change. Institutions are not: they are founded, with their shared key.
pub(crate) const KINDS: [&KeyKind; 10] = [
    &access::key_owner::USER,
    &access::key_owner::PERSON,
    &children::key_owner::PUPIL,
    &children::key_owner::SCHOOL_FILE,
    &children::key_owner::SCHOOL_FILE_REPORT,
    &platform::key_owner::STAFF,
    &support::key_owner::SUPPORT_REQUEST,
    &institutions::key_owner::LICENCE_HOLDER,
    &institutions::key_owner::CONTACT_PERSON,
    &incidents::key_owner::INCIDENT,
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The codes of the kinds that are declared in a folder of sources.
    fn declared(folder: &Path, codes: &mut BTreeSet<String>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                declared(&path, codes);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                // Not as one text, which would be found here too.
                let declaration = concat!("KeyKind::", "new(");
                let kinds = source.split(declaration).skip(1);
                let kinds = kinds.filter_map(|kind| kind.trim_start().strip_prefix('"'));
                codes.extend(kinds.map(|kind| kind.split_once('"').unwrap().0.to_owned()));
            }
        }
    }

    #[test]
    fn no_kind_of_keys_is_forgotten() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut codes = BTreeSet::new();
        declared(&sources, &mut codes);
        let swept: BTreeSet<_> = KINDS.iter().map(|kind| kind.code().to_owned()).collect();
        assert_eq!(swept.len(), KINDS.len(), "a code stands for one kind");
        assert!(codes.remove(institutions::key_owner::INSTITUTION.code()));
        assert_eq!(codes, swept);
    }

    #[test]
    fn the_decision_names_every_kind() {
        let decision =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/adr/0020-keys-have-owners-of-a-kind.md");
        let decision = fs::read_to_string(decision).unwrap();
        let others = [KeyKind::SHARED, &institutions::key_owner::INSTITUTION];
        for kind in KINDS.into_iter().chain(others) {
            assert!(decision.contains(&format!("`{}`", kind.code())), "{}", kind.code());
        }
    }
}
