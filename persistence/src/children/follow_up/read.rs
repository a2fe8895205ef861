//! Reading follow-ups, alone and those of a registration.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::follow_up::{FollowUpFields, FollowUpText};
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::values::ids::{FollowUpId, PupilId, RegistrationId, UserId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Finished, StoredFollowUp, TABLE};
use crate::children::key_owner;
use crate::children::masked::open_text;
use crate::children::schema::{follow_up, registration};
use crate::handles::tenant::TenantReader;

#[derive(Queryable, Selectable)]
#[diesel(table_name = follow_up)]
pub(super) struct FollowUpRow {
    pub(super) id: FollowUpId,
    pub(super) pupil_id: PupilId,
    pub(super) registration_id: RegistrationId,
    author_id: UserId,
    pub(super) follow_up_on: Date,
    line: Vec<u8>,
    plan: Vec<u8>,
    outcome: Option<Vec<u8>>,
    finished_at: Option<Timestamp>,
    finished_by: Option<UserId>,
    revision: i32,
    created_at: Timestamp,
    changed_at: Timestamp,
}

impl TenantReader<'_> {
    /// The follow-ups of a registration, be it a draft or withdrawn, in the order in which they were planned; those after the
    /// one with id `after`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such registration, or its pupil is not within the caller's reach.
    pub fn follow_ups_of(
        &mut self,
        registration: RegistrationId,
        after: Option<FollowUpId>,
        limit: i64,
    ) -> Result<Vec<StoredFollowUp>> {
        let institution = self.institution();
        let pupil: PupilId = registration::table
            .filter(registration::institution_id.is(institution))
            .filter(registration::id.is(registration))
            .select(registration::pupil_id)
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.child_of(ObjectKind::Registration, registration.as_uuid(), pupil)?;
        self.touch(ObjectKind::Registration, registration.as_uuid());
        let rows = |reader: &mut Self, after: &FollowUpId, limit| {
            Ok(follow_up::table
                .filter(follow_up::institution_id.is(institution))
                .filter(follow_up::registration_id.is(registration))
                .filter(follow_up::id.after(*after))
                .order(follow_up::id)
                .limit(limit)
                .select(columns::<FollowUpRow>())
                .load(reader.connection)?)
        };
        let position = |row: &FollowUpRow| row.id;
        fill_page(self, page_start(after), limit, rows, position, |reader, row| {
            let opened = reader.open_follow_up(&row);
            reader.readable(row.id, opened)
        })
    }

    /// One follow-up.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or its pupil is not within the caller's reach.
    pub fn follow_up(&mut self, id: FollowUpId) -> Result<StoredFollowUp> {
        let row: FollowUpRow = follow_up::table
            .filter(follow_up::institution_id.is(self.institution()))
            .filter(follow_up::id.is(id))
            .select(columns::<FollowUpRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.child_of(ObjectKind::FollowUp, id.as_uuid(), row.pupil_id)?;
        self.open_follow_up(&row)
    }

    /// The line that one is of.
    pub(super) fn follow_up_line(&self, row: &FollowUpRow) -> Result<LineCode> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), key_owner::pupil(row.pupil_id));
        opener.required("line", &row.line, LineCode::parse)
    }

    /// Opens one of a child within reach.
    pub(super) fn open_follow_up(&mut self, row: &FollowUpRow) -> Result<StoredFollowUp> {
        self.touch(ObjectKind::FollowUp, row.id.as_uuid());
        let masked = !self.shows_free_text();
        let line = self.follow_up_line(row)?;
        let mut opener = self.opener(TABLE, row.id.as_uuid(), key_owner::pupil(row.pupil_id));
        let plan = open_text(&mut opener, "plan", &row.plan, masked, FollowUpText::kept)?;
        let finished = match (&row.outcome, row.finished_by, row.finished_at) {
            (Some(outcome), Some(by), Some(at)) => {
                let outcome = open_text(&mut opener, "outcome", outcome, masked, FollowUpText::kept)?;
                Some(Finished { outcome, by: self.author(by)?, at })
            }
            _ => None,
        };
        Ok(StoredFollowUp {
            id: row.id,
            pupil: row.pupil_id,
            registration: row.registration_id,
            fields: FollowUpFields { line, plan, follow_up_on: row.follow_up_on },
            masked,
            author: self.author(row.author_id)?,
            finished,
            revision: row.revision,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}
