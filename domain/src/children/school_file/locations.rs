//! The location of a group: files name it per pupil, the project keeps it per group.

use std::collections::BTreeMap;

use super::file::FileGroup;

/// Per group key, the location of its pupils, or none once two of them differ.
#[derive(Default)]
pub(super) struct SharedLocations(BTreeMap<String, Option<String>>);

impl SharedLocations {
    /// Notes that a pupil of `group` is at `location`.
    pub(super) fn note(&mut self, group: &str, location: &str) {
        match self.0.get_mut(group) {
            Some(shared) if shared.as_deref() == Some(location) => {}
            Some(shared) => *shared = None,
            None => {
                self.0.insert(group.to_owned(), Some(location.to_owned()));
            }
        }
    }

    /// Gives every group the location on which its pupils agree, under the name that `name` gives it.
    pub(super) fn assign(mut self, groups: &mut [FileGroup], name: impl Fn(String) -> Option<String>) {
        for group in groups {
            group.location = self.0.remove(&group.key).flatten().and_then(&name);
        }
    }
}
