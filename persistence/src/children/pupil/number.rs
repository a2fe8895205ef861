//! The numbers by which a child is recognised in a school file: each is of one pupil of an institution.
//!
//! They are opened one by one, for an index on them would outlive a destroyed key. That takes long at a large institution,
//! so it is done on a reader; the change then looks again only at the pupils that changed meanwhile.

use std::collections::HashMap;

use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::values::ids::PupilId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

use super::TABLE;
use crate::children::key_owner;
use crate::children::reach::children_of;
use crate::children::schema::pupil;
use crate::handles::tenant::{TenantReader, TenantWriter};

/// A number by which a child is recognised.
#[derive(Clone, PartialEq, Eq)]
pub enum PupilNumber {
    /// The sector's pseudonym.
    EckId(EckId),
    /// The key of the school's own administration.
    SchoolKey(SchoolKey),
}

impl PupilNumber {
    const fn column(&self) -> &'static str {
        match self {
            Self::EckId(_) => "eck_id",
            Self::SchoolKey(_) => "school_key",
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::EckId(eck_id) => eck_id.as_str(),
            Self::SchoolKey(key) => key.as_str(),
        }
    }

    fn in_use(&self) -> Error {
        match self {
            Self::EckId(_) => Error::conflict("eck-id-in-use", "another pupil has this ECK iD"),
            Self::SchoolKey(_) => Error::conflict(
                "school-key-in-use",
                "another pupil has this key of the school's administration",
            ),
        }
    }
}

/// Whose a number was when it was looked for.
pub struct NumberSeen {
    number: PupilNumber,
    edition: i64,
    holders: Vec<PupilId>,
    /// The revision of each pupil that was looked at.
    revisions: HashMap<PupilId, i32>,
}

impl NumberSeen {
    fn saw(&self, id: PupilId, revision: i32) -> bool {
        self.revisions.get(&id) == Some(&revision)
    }
}

impl TenantReader<'_> {
    /// Looks for the pupils with a number.
    ///
    /// # Errors
    /// When the database or the key store is busy or cannot be read.
    pub fn look_for_number(&mut self, number: PupilNumber) -> Result<NumberSeen> {
        let edition = self.children_edition()?;
        let (mut holders, mut revisions) = (Vec::new(), HashMap::new());
        for (id, revision, stored) in self.numbers_like(&number)? {
            if self.has_number(id, &stored, &number)? {
                holders.push(id);
            }
            revisions.insert(id, revision);
        }
        Ok(NumberSeen { number, edition, holders, revisions })
    }

    /// What each pupil has of this kind, sealed.
    fn numbers_like(&mut self, number: &PupilNumber) -> Result<Vec<(PupilId, i32, Vec<u8>)>> {
        let pupils = children_of!(self.institution());
        let rows: Vec<(PupilId, i32, Vec<u8>)> = match number {
            PupilNumber::EckId(_) => {
                pupils.select((pupil::id, pupil::revision, pupil::eck_id)).load(self.connection)?
            }
            PupilNumber::SchoolKey(_) => {
                pupils.select((pupil::id, pupil::revision, pupil::school_key)).load(self.connection)?
            }
        };
        self.open_keys(rows.iter().map(|(id, ..)| key_owner::pupil(*id)))?;
        Ok(rows)
    }

    fn has_number(&self, id: PupilId, stored: &[u8], number: &PupilNumber) -> Result<bool> {
        let found = self.opener(TABLE, id.as_uuid(), key_owner::pupil(id)).text(number.column(), stored);
        let found = self.readable(id, found)?.flatten();
        Ok(found.as_deref() == Some(number.as_str()))
    }
}

impl TenantWriter<'_> {
    /// That no other pupil has a number, nor gets it before this transaction ends. Of it `seen` may say whose it was a moment
    /// ago.
    ///
    /// # Errors
    /// [`Error::Conflict`] `eck-id-in-use`, `school-key-in-use`.
    pub(super) fn require_own_number(
        &mut self,
        id: PupilId,
        number: &PupilNumber,
        seen: &[NumberSeen],
    ) -> Result<()> {
        let edition = self.raise_children_edition()?;
        let seen = seen.iter().find(|seen| seen.number == *number);
        let is_taken = match seen {
            Some(seen) if seen.edition + 1 == edition => seen.holders.iter().any(|holder| *holder != id),
            _ => self.is_number_of_another(id, number, seen)?,
        };
        if is_taken { Err(number.in_use()) } else { Ok(()) }
    }

    /// Opens only the numbers of pupils that were not looked at as they are now.
    fn is_number_of_another(
        &mut self,
        id: PupilId,
        number: &PupilNumber,
        seen: Option<&NumberSeen>,
    ) -> Result<bool> {
        for (other, revision, stored) in self.numbers_like(number)? {
            let has = match seen.filter(|seen| seen.saw(other, revision)) {
                Some(seen) => seen.holders.contains(&other),
                None => self.has_number(other, &stored, number)?,
            };
            if has && other != id {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
