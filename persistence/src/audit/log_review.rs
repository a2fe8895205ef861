//! Reviews of an institution's log: only added to (C090).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::audit::log_review::{ReviewDuty, began_on, check_until, next_due_on};
use groeilijn_domain::values::ids::{LogReviewId, UserId};
use groeilijn_domain::values::refusal::FieldRefusals;
use groeilijn_domain::values::text::FreeText;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::audit::schema::log_review;
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "log_review";

/// A review to be entered.
pub struct NewLogReview {
    /// Its id.
    pub id: LogReviewId,
    /// Up to which moment the log was looked through, in UTC.
    pub until: Timestamp,
    /// What was found.
    pub findings: FreeText,
    /// On which day the next one is due, if that is to be sooner than the contract says.
    pub next_due_on: Option<Date>,
}

/// A review as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredLogReview {
    /// Its id.
    pub id: LogReviewId,
    /// Up to which moment the log was looked through, in UTC.
    pub until: Timestamp,
    /// What was found.
    pub findings: FreeText,
    /// On which day the next one is due, in Amsterdam.
    pub next_due_on: Date,
    /// Who reviewed it.
    pub reviewed_by: UserId,
    /// When it was entered, in UTC.
    pub reviewed_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = log_review)]
struct ReviewRow {
    id: LogReviewId,
    reviewed_until: Timestamp,
    findings: Vec<u8>,
    next_due_on: Date,
    reviewed_by: UserId,
    reviewed_at: Timestamp,
}

impl TenantReader<'_> {
    /// The reviews in the order in which they were entered, after the one with id `after`.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn log_reviews(&mut self, after: Option<LogReviewId>, limit: i64) -> Result<Vec<StoredLogReview>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &LogReviewId, limit| {
            Ok(log_review::table
                .filter(log_review::institution_id.is(institution))
                .filter(log_review::id.after(*after))
                .order(log_review::id)
                .limit(limit)
                .select(columns::<ReviewRow>())
                .load(reader.connection)?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &ReviewRow| row.id,
            |reader, row| {
                let id = row.id;
                let opened = reader.open_review(&row);
                reader.readable(id, opened)
            },
        )
    }

    /// One review.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn log_review(&mut self, id: LogReviewId) -> Result<StoredLogReview> {
        let row: Option<ReviewRow> = log_review::table
            .filter(log_review::institution_id.is(self.institution()))
            .filter(log_review::id.is(id))
            .select(columns::<ReviewRow>())
            .first(self.connection)
            .optional()?;
        self.open_review(&row.ok_or(Error::NotFound)?)
    }

    /// When the next review is due, and up to when the log was reviewed, in UTC.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn log_review_duty(&mut self) -> Result<(ReviewDuty, Option<Timestamp>)> {
        let (last, institution) = (self.last_review()?, self.own_institution()?);
        let months = institution.fields.contract_profile.terms().log_review_months;
        let next = last.map(|(_, next_due_on)| next_due_on);
        let duty = ReviewDuty::new(next, began_on(institution.created_at), months, self.today());
        Ok((duty, last.map(|(until, _)| until)))
    }

    /// Up to when the log was reviewed, and when the next review is due.
    fn last_review(&mut self) -> Result<Option<(Timestamp, Date)>> {
        Ok(log_review::table
            .filter(log_review::institution_id.is(self.institution()))
            .order(log_review::reviewed_until.desc())
            .select((log_review::reviewed_until, log_review::next_due_on))
            .first(self.connection)
            .optional()?)
    }

    fn open_review(&mut self, row: &ReviewRow) -> Result<StoredLogReview> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        let findings = opener.required_kept("findings", &row.findings, FreeText::kept)?;
        self.touch(ObjectKind::LogReview, row.id.as_uuid());
        Ok(StoredLogReview {
            id: row.id,
            until: row.reviewed_until,
            findings,
            next_due_on: row.next_due_on,
            reviewed_by: row.reviewed_by,
            reviewed_at: row.reviewed_at,
        })
    }
}

impl TenantWriter<'_> {
    /// Enters that the actor looked through the log.
    ///
    /// # Errors
    /// [`Error::Invalid`]: for `reviewed_until` `in-the-future` and `before-start`; for `next_due_on` `in-the-past` and
    /// `out-of-range`.
    pub fn record_log_review(&mut self, new: &NewLogReview) -> Result<StoredLogReview> {
        let (institution, now, reviewed_by) = (self.institution(), self.now(), self.actor()?.user);
        // Two administrators who review at once: the second one goes on where the first one ended.
        dialect::lock_institution(self.connection, institution)?;
        let months = self.own_institution()?.fields.contract_profile.terms().log_review_months;
        let before = self.last_review()?.map(|(until, _)| until);
        let mut refusals = FieldRefusals::new();
        refusals.check("reviewed_until", check_until(new.until, before, now));
        let due = next_due_on(new.next_due_on, new.until, months, self.today());
        refusals.check("next_due_on", due.clone());
        let due = refusals.or(due)?.map_err(|refusal| Error::invalid("next_due_on", refusal))?;
        let mut row = self.sealer(TABLE, new.id.as_uuid(), self.shared_owner())?;
        let findings = row.text("findings", Some(new.findings.as_str()));
        self.sealed(row);
        diesel::insert_into(log_review::table)
            .values((
                log_review::institution_id.is(institution),
                log_review::id.is(new.id),
                log_review::reviewed_until.is(new.until),
                log_review::findings.eq(findings),
                log_review::next_due_on.is(due),
                log_review::reviewed_by.is(reviewed_by),
                log_review::reviewed_at.is(now),
            ))
            .execute(self.connection)?;
        self.log_review(new.id)
    }
}
