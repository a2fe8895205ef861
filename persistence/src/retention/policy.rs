//! How long an institution keeps what it has about children (C105, C108).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::term::{RetentionPolicy, StatutoryKind, StatutoryTerm};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::retention::schema::{retention_policy, statutory_term};

/// The terms of an institution as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPolicy {
    /// The terms.
    pub policy: RetentionPolicy,
    /// For each of the terms by law the provision that it comes from, in the same order.
    pub provisions: Vec<ShortText>,
    /// How often they were changed.
    pub revision: i32,
}

/// The revision of terms that nobody changed yet.
const UNCHANGED: i32 = 1;

fn months(stored: i32) -> Result<u8> {
    u8::try_from(stored).map_err(|_| Error::Unreadable("retention_policy"))
}

impl TenantReader<'_> {
    /// The terms of the institution.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when what is kept is none.
    pub fn retention_policy(&mut self) -> Result<StoredPolicy> {
        let institution = self.institution();
        let own: Option<(Option<i32>, i32)> = retention_policy::table
            .filter(retention_policy::institution_id.is(institution))
            .select((retention_policy::months, retention_policy::revision))
            .first(self.connection)
            .optional()?;
        let (own_months, revision) = own.unwrap_or((None, UNCHANGED));
        let rows: Vec<(StatutoryKind, i32, String)> = statutory_term::table
            .filter(statutory_term::institution_id.is(institution))
            .order(statutory_term::position)
            .select((statutory_term::kind, statutory_term::months, statutory_term::provision))
            .load(self.connection)?;
        let (mut statutory, mut provisions) = (Vec::new(), Vec::new());
        for (kind, of_law, provision) in rows {
            statutory.push(StatutoryTerm { kind, months: months(of_law)? });
            provisions.push(ShortText::kept(provision));
        }
        let own_months = own_months.map(months).transpose()?;
        Ok(StoredPolicy { policy: RetentionPolicy { own_months, statutory }, provisions, revision })
    }
}

impl TenantReader<'_> {
    /// Whether it was looked at today what has to go.
    pub(super) fn looked_today(&mut self) -> Result<bool> {
        let looked_on: Option<Option<Date>> = retention_policy::table
            .filter(retention_policy::institution_id.is(self.institution()))
            .select(retention_policy::looked_on)
            .first(self.connection)
            .optional()?;
        Ok(looked_on.flatten() == Some(self.today()))
    }
}

impl TenantWriter<'_> {
    /// Replaces the terms of the institution, if they still stand at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when they were changed in the meantime; [`Error::Invalid`] as [`RetentionPolicy::check`].
    pub fn change_retention_policy(
        &mut self,
        revision: i32,
        policy: &RetentionPolicy,
        provisions: &[ShortText],
    ) -> Result<StoredPolicy> {
        policy.check()?;
        let (institution, now) = (self.institution(), self.now());
        self.plant_policy()?;
        let own = retention_policy::table
            .filter(retention_policy::institution_id.is(institution))
            .filter(retention_policy::revision.eq(revision));
        let changed = diesel::update(own)
            .set((
                retention_policy::months.eq(policy.own_months.map(i32::from)),
                retention_policy::revision.eq(revision + 1),
                retention_policy::changed_at.is(now),
            ))
            .execute(self.connection)?;
        if changed == 0 {
            return Err(Error::Stale(None));
        }
        diesel::delete(statutory_term::table.filter(statutory_term::institution_id.is(institution)))
            .execute(self.connection)?;
        for (position, (term, provision)) in policy.statutory.iter().zip(provisions).enumerate() {
            diesel::insert_into(statutory_term::table)
                .values((
                    statutory_term::institution_id.is(institution),
                    statutory_term::position.eq(i32::try_from(position).map_err(Error::internal)?),
                    statutory_term::kind.is(term.kind),
                    statutory_term::months.eq(i32::from(term.months)),
                    statutory_term::provision.eq(provision.as_str()),
                ))
                .execute(self.connection)?;
        }
        self.touch(ObjectKind::Institution, institution.as_uuid());
        self.retention_policy()
    }

    /// Notes that it was looked at on the day `today` what has to go; `false` when that was noted before.
    pub(super) fn note_looked(&mut self, today: Date) -> Result<bool> {
        self.plant_policy()?;
        let own =
            retention_policy::table.filter(retention_policy::institution_id.is(self.institution())).filter(
                retention_policy::looked_on.is_null().or(retention_policy::looked_on.before(Some(today))),
            );
        let noted =
            diesel::update(own).set(retention_policy::looked_on.is(Some(today))).execute(self.connection)?;
        Ok(noted == 1)
    }

    /// Makes the row of an institution that changed nothing yet, under a lock until the commit.
    fn plant_policy(&mut self) -> Result<()> {
        let institution = self.institution();
        dialect::lock_institution(self.connection, institution)?;
        let own = retention_policy::table.filter(retention_policy::institution_id.is(institution));
        if diesel::select(diesel::dsl::exists(own)).get_result(self.connection)? {
            return Ok(());
        }
        diesel::insert_into(retention_policy::table)
            .values((
                retention_policy::institution_id.is(institution),
                retention_policy::revision.eq(UNCHANGED),
                retention_policy::changed_at.is(Timestamp::UNIX_EPOCH),
            ))
            .execute(self.connection)?;
        Ok(())
    }
}
