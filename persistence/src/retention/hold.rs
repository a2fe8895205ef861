//! Holds: what keeps a child or the whole institution from being destroyed for now (C109).
//!
//! A reason is sealed under the key of what is held, so that it goes with it when the hold is lifted and the time comes.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::plan::SubjectKind;
use groeilijn_domain::values::ids::{HoldId, PupilId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyOwner;
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::children::key_owner;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::retention::schema::retention_hold;

const TABLE: &str = "retention_hold";

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// A child.
    Pupil(PupilId),
    /// The whole institution.
    Institution,
}

/// A hold as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHold {
    /// Its id.
    pub id: HoldId,
    /// What it holds.
    pub held: Held,
    /// Why.
    pub reason: ShortText,
    /// When that is looked at again, in Amsterdam.
    pub review_on: Date,
    /// Who made it.
    pub made_by: UserId,
    /// When, in UTC.
    pub made_at: Timestamp,
    /// Who lifted it, and when, in UTC.
    pub lifted: Option<(UserId, Timestamp)>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = retention_hold)]
struct HoldRow {
    id: HoldId,
    subject_kind: SubjectKind,
    subject_id: Uuid,
    reason: Vec<u8>,
    author_id: UserId,
    review_on: Date,
    made_at: Timestamp,
    lifted_at: Option<Timestamp>,
    lifted_by: Option<UserId>,
}

impl HoldRow {
    fn held(&self) -> Held {
        match self.subject_kind {
            SubjectKind::Pupil => Held::Pupil(PupilId::from_uuid(self.subject_id)),
            SubjectKind::Institution => Held::Institution,
        }
    }
}

impl TenantReader<'_> {
    /// The holds on something, also those that were lifted, in the order in which they were made, after the one with id
    /// `after`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a child is held that is not within the caller's reach.
    pub fn holds(&mut self, held: Held, after: Option<HoldId>, limit: i64) -> Result<Vec<StoredHold>> {
        let (kind, subject) = self.hold_subject(held)?;
        self.searches(ObjectKind::Institution, self.institution().as_uuid());
        let rows = |reader: &mut Self, after: &HoldId, limit| {
            Ok(retention_hold::table
                .filter(retention_hold::institution_id.is(reader.institution()))
                .filter(retention_hold::subject_kind.is(kind))
                .filter(retention_hold::subject_id.is(subject))
                .filter(retention_hold::id.after(*after))
                .order(retention_hold::id)
                .limit(limit)
                .select(columns::<HoldRow>())
                .load(reader.connection)?)
        };
        let open = |reader: &mut Self, row: HoldRow| {
            let opened = reader.open_hold(&row);
            reader.readable(row.id, opened)
        };
        fill_page(self, page_start(after), limit, rows, |row: &HoldRow| row.id, open)
    }

    /// One hold.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or its child is not within the caller's reach.
    pub fn hold(&mut self, id: HoldId) -> Result<StoredHold> {
        let row: HoldRow = retention_hold::table
            .filter(retention_hold::institution_id.is(self.institution()))
            .filter(retention_hold::id.is(id))
            .select(columns::<HoldRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.hold_subject(row.held())?;
        self.open_hold(&row)
    }

    /// How something that is held stands in the table. A child is one within the caller's reach.
    fn hold_subject(&mut self, held: Held) -> Result<(SubjectKind, Uuid)> {
        match held {
            Held::Pupil(id) => {
                let child = self.child(id)?;
                Ok((SubjectKind::Pupil, child.id().as_uuid()))
            }
            Held::Institution => Ok((SubjectKind::Institution, self.institution().as_uuid())),
        }
    }

    fn hold_owner(&self, held: Held) -> KeyOwner {
        match held {
            Held::Pupil(id) => key_owner::pupil(id),
            Held::Institution => self.shared_owner(),
        }
    }

    fn open_hold(&mut self, row: &HoldRow) -> Result<StoredHold> {
        let held = row.held();
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.hold_owner(held));
        let reason = opener.required_kept("reason", &row.reason, ShortText::kept)?;
        self.touch(ObjectKind::Hold, row.id.as_uuid());
        Ok(StoredHold {
            id: row.id,
            held,
            reason,
            review_on: row.review_on,
            made_by: row.author_id,
            made_at: row.made_at,
            lifted: row.lifted_by.zip(row.lifted_at),
        })
    }
}

impl TenantWriter<'_> {
    /// Makes a hold in the name of the actor.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a child is held that is not within the caller's reach.
    pub fn make_hold(
        &mut self,
        id: HoldId,
        held: Held,
        reason: &ShortText,
        review_on: Date,
    ) -> Result<StoredHold> {
        let (kind, subject) = self.hold_subject(held)?;
        let (institution, now, author) = (self.institution(), self.now(), self.actor()?.user);
        let mut row = self.sealer(TABLE, id.as_uuid(), self.hold_owner(held))?;
        let sealed = row.text("reason", Some(reason.as_str()));
        self.sealed(row);
        diesel::insert_into(retention_hold::table)
            .values((
                retention_hold::institution_id.is(institution),
                retention_hold::id.is(id),
                retention_hold::subject_kind.is(kind),
                retention_hold::subject_id.is(subject),
                retention_hold::reason.eq(sealed),
                retention_hold::author_id.is(author),
                retention_hold::review_on.is(review_on),
                retention_hold::made_at.is(now),
            ))
            .execute(self.connection)?;
        self.hold(id)
    }

    /// Lifts a hold in the name of the actor. One that was lifted stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], as [`TenantReader::hold`].
    pub fn lift_hold(&mut self, id: HoldId) -> Result<()> {
        self.hold(id)?;
        let (institution, now, actor) = (self.institution(), self.now(), self.actor()?.user);
        let holding = retention_hold::table
            .filter(retention_hold::institution_id.is(institution))
            .filter(retention_hold::id.is(id))
            .filter(retention_hold::lifted_at.is_null());
        diesel::update(holding)
            .set((retention_hold::lifted_at.is(Some(now)), retention_hold::lifted_by.is(Some(actor))))
            .execute(self.connection)?;
        Ok(())
    }
}
