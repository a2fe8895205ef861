//! Carrying a destruction out: keys, rows, and the bytes that the databases would keep.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::plan::SubjectKind;
use groeilijn_domain::values::ids::{DestructionId, ImportId, PupilId, SubjectId, SupportRequestId};
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::{KeyOwner, KeyRecord};
use uuid::Uuid;

use super::{ItemRow, Outcome};
use crate::children::key_owner;
use crate::children::schema::import;
use crate::handles::tenant::{Tenant, TenantReader, TenantWriter};
use crate::retention::schema::{destruction, destruction_item};
use crate::support::key_owner::support_request;
use crate::support::schema::support_request_pupil;

/// A subject that is yet to be destroyed, and the owners of the keys that go with it.
struct Remaining {
    kind: SubjectKind,
    id: SubjectId,
    owners: Vec<KeyOwner>,
}

impl Tenant {
    /// Carries a destruction out that has begun, as far as it is not: again from wherever it was broken off, and by several
    /// processes at once without harm.
    ///
    /// # Errors
    /// What the databases refuse: it is then still to be carried out.
    pub async fn carry_out_destruction(&self, id: DestructionId) -> Result<()> {
        let remaining = self.read(Cost::Scan, move |reader| reader.remaining(id)).await?;
        for Remaining { kind, id: subject, owners } in remaining {
            let keys = match kind {
                SubjectKind::Pupil => self.destroy_keys(owners).await?,
                SubjectKind::Institution => self.destroy_institution_keys().await?,
            };
            self.write(move |writer| writer.take_subject_away(id, kind, subject, &keys)).await?;
        }
        self.end_school_files_now().await?;
        self.leave_no_bytes().await?;
        self.certify_destruction(id).await
    }

    /// Destroys keys; those that are gone already stay so. Gives what is known of them.
    async fn destroy_keys(&self, owners: Vec<KeyOwner>) -> Result<Vec<KeyRecord>> {
        let (keys, institution) = (self.store().keys(), self.institution());
        keys.destroy_all(institution, owners.clone()).await?;
        keys.records(institution, owners).await
    }

    async fn destroy_institution_keys(&self) -> Result<Vec<KeyRecord>> {
        let (keys, institution) = (self.store().keys(), self.institution());
        keys.destroy_institution(institution).await?;
        keys.all_records(institution).await
    }

    /// Ends every school file and report that is still kept: they name children. A file that is being carried out at this
    /// moment ends by itself when that is over.
    async fn end_school_files_now(&self) -> Result<()> {
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the method holds for one lifetime only"
        )]
        let owners = self.read(Cost::Scan, |reader| reader.school_file_owners()).await?;
        let kept = self.store().keys().records(self.institution(), owners.clone()).await?;
        let kept: Vec<Uuid> =
            kept.into_iter().filter(|key| key.destroyed_at.is_none()).map(|key| key.owner).collect();
        for owner in owners.into_iter().filter(|owner| kept.contains(&owner.id)) {
            self.end_school_file(owner).await?;
        }
        Ok(())
    }

    /// Has both databases let go of the bytes of what was deleted.
    async fn leave_no_bytes(&self) -> Result<()> {
        let store = self.store();
        store.keys().database().shed_deleted().await?;
        store.keys().database().write_keys_anew().await?;
        store.data().shed_deleted().await
    }
}

impl TenantReader<'_> {
    fn remaining(&mut self, id: DestructionId) -> Result<Vec<Remaining>> {
        let items = self.items(id)?;
        let missing = items.into_iter().filter(|item| item.outcome.is_none());
        let mut remaining = Vec::new();
        for ItemRow { kind, subject_id, .. } in missing {
            let owners = match kind {
                SubjectKind::Pupil => self.owners_about(PupilId::from_uuid(subject_id.as_uuid()))?,
                SubjectKind::Institution => Vec::new(),
            };
            remaining.push(Remaining { kind, id: subject_id, owners });
        }
        Ok(remaining)
    }

    /// The owners of the keys under which something about a child is sealed: the child, and the requests that name it.
    fn owners_about(&mut self, id: PupilId) -> Result<Vec<KeyOwner>> {
        let requests: Vec<SupportRequestId> = support_request_pupil::table
            .filter(support_request_pupil::institution_id.is(self.institution()))
            .filter(support_request_pupil::pupil_id.is(id))
            .select(support_request_pupil::request_id)
            .load(self.connection)?;
        let mut owners = vec![key_owner::pupil(id)];
        owners.extend(requests.into_iter().map(support_request));
        Ok(owners)
    }

    fn school_file_owners(&mut self) -> Result<Vec<KeyOwner>> {
        let imports: Vec<(ImportId, Uuid)> = import::table
            .filter(import::institution_id.is(self.institution()))
            .select((import::id, import::report_id))
            .load(self.connection)?;
        let files = imports.iter().map(|(id, _)| key_owner::school_file(*id));
        let reports = imports.iter().map(|(_, report)| key_owner::school_file_report(*report));
        Ok(files.chain(reports).collect())
    }
}

impl TenantWriter<'_> {
    /// Takes the rows of a subject away, whose keys are destroyed, and notes what went. A second time it does nothing.
    fn take_subject_away(
        &mut self,
        id: DestructionId,
        kind: SubjectKind,
        subject: SubjectId,
        keys: &[KeyRecord],
    ) -> Result<()> {
        let institution = self.institution();
        dialect::lock_institution(self.connection, institution)?;
        let is_done = self.items(id)?.iter().any(|item| item.subject_id == subject && item.outcome.is_some());
        if is_done {
            return Ok(());
        }
        if keys.iter().any(|key| key.destroyed_at.is_none()) {
            return Err(Error::internal("a key of what is destroyed is there still"));
        }
        let rows = match kind {
            SubjectKind::Pupil => self.remove_pupil(PupilId::from_uuid(subject.as_uuid()))?,
            SubjectKind::Institution => self.remove_institution()?,
        };
        let outcome = Outcome {
            keys: keys.iter().map(|key| hex::encode(&key.key_id)).collect(),
            rows: rows.into_iter().map(|(table, count)| (table.to_owned(), count)).collect(),
        };
        let own = destruction_item::table
            .filter(destruction_item::institution_id.is(self.institution()))
            .filter(destruction_item::destruction_id.is(id))
            .filter(destruction_item::subject_id.is(subject));
        let outcome = serde_json::to_string(&outcome).map_err(Error::internal)?;
        diesel::update(own).set(destruction_item::outcome.eq(Some(outcome))).execute(self.connection)?;
        let of = destruction::table
            .filter(destruction::institution_id.is(self.institution()))
            .filter(destruction::id.is(id));
        diesel::update(of)
            .set(destruction::revision.eq(destruction::revision + 1))
            .execute(self.connection)?;
        self.touch(ObjectKind::Destruction, id.as_uuid());
        Ok(())
    }
}
