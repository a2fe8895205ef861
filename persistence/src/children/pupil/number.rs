//! ECK iDs: each is of one pupil of an institution.
//!
//! They are opened one by one, for an index on them would outlive a destroyed key. That takes long at a large institution,
//! so it is done on a reader; the change then looks again only at the pupils that changed meanwhile.

use std::collections::HashMap;

use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::pupil::PupilFields;
use groeilijn_domain::values::ids::PupilId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

use super::TABLE;
use crate::children::key_owner;
use crate::children::reach::children_of;
use crate::children::schema::pupil;
use crate::handles::tenant::{TenantReader, TenantWriter};

/// Whose an ECK iD was when it was looked for.
pub struct EckIdSeen {
    eck_id: EckId,
    edition: i64,
    holders: Vec<PupilId>,
    /// The revision of each pupil that was looked at.
    revisions: HashMap<PupilId, i32>,
}

impl EckIdSeen {
    fn saw(&self, id: PupilId, revision: i32) -> bool {
        self.revisions.get(&id) == Some(&revision)
    }
}

impl TenantReader<'_> {
    /// Looks for the pupils with an ECK iD.
    pub fn look_for_eck_id(&mut self, eck_id: EckId) -> Result<EckIdSeen> {
        let edition = self.children_edition()?;
        let (mut holders, mut revisions) = (Vec::new(), HashMap::new());
        for (id, revision, stored) in self.eck_ids()? {
            if self.has_eck_id(id, &stored, &eck_id)? {
                holders.push(id);
            }
            revisions.insert(id, revision);
        }
        Ok(EckIdSeen { eck_id, edition, holders, revisions })
    }

    fn eck_ids(&mut self) -> Result<Vec<(PupilId, i32, Vec<u8>)>> {
        let rows: Vec<(PupilId, i32, Vec<u8>)> = children_of!(self.institution())
            .select((pupil::id, pupil::revision, pupil::eck_id))
            .load(self.connection)?;
        self.open_keys(rows.iter().map(|(id, ..)| key_owner::pupil(*id)))?;
        Ok(rows)
    }

    fn has_eck_id(&self, id: PupilId, stored: &[u8], eck_id: &EckId) -> Result<bool> {
        let found = self.opener(TABLE, id.as_uuid(), key_owner::pupil(id)).text("eck_id", stored);
        let found = self.readable(id, found)?.flatten();
        Ok(found.as_deref() == Some(eck_id.as_str()))
    }
}

impl TenantWriter<'_> {
    /// That no other pupil has the ECK iD of these fields, nor gets it before this transaction ends.
    pub(super) fn require_own_eck_id(
        &mut self,
        id: PupilId,
        fields: &PupilFields,
        seen: Option<&EckIdSeen>,
    ) -> Result<()> {
        let Some(eck_id) = &fields.eck_id else { return Ok(()) };
        let edition = self.raise_children_edition()?;
        let seen = seen.filter(|seen| seen.eck_id == *eck_id);
        let is_taken = match seen {
            Some(seen) if seen.edition + 1 == edition => seen.holders.iter().any(|holder| *holder != id),
            _ => self.is_eck_id_of_another(id, eck_id, seen)?,
        };
        if is_taken { Err(Error::conflict("eck-id-in-use", "another pupil has this ECK iD")) } else { Ok(()) }
    }

    /// Opens only the iDs of pupils that were not looked at as they are now.
    fn is_eck_id_of_another(
        &mut self,
        id: PupilId,
        eck_id: &EckId,
        seen: Option<&EckIdSeen>,
    ) -> Result<bool> {
        for (other, revision, stored) in self.eck_ids()? {
            let has = match seen.filter(|seen| seen.saw(other, revision)) {
                Some(seen) => seen.holders.contains(&other),
                None => self.has_eck_id(other, &stored, eck_id)?,
            };
            if has && other != id {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
