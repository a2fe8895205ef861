//! Couplings: which adviser works for which institution, and for how long (C099–C101).

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::{Coupling, CouplingReport, can_be_coupled, check_allowed, check_approval};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{CouplingId, InstitutionId, UserId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::{KeyOwner, KeyRing};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::{RowOpener, RowPlace};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::account;
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::handles::tenant::TenantWriter;
use crate::institutions::schema::institution;
use crate::support::schema::coupling;

const TABLE: &str = "coupling";

/// A coupling to be made.
pub struct NewCoupling {
    /// Its id.
    pub id: CouplingId,
    /// The institution.
    pub institution: InstitutionId,
    /// The adviser.
    pub adviser: UserId,
    /// The first day, in Amsterdam.
    pub starts_on: Date,
    /// The last day, in Amsterdam.
    pub ends_on: Date,
    /// For whom the adviser reports.
    pub report: CouplingReport,
    /// What was agreed with the institution.
    pub agreement: ShortText,
}

/// A coupling as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCoupling {
    /// Its id.
    pub id: CouplingId,
    /// The institution.
    pub institution: InstitutionId,
    /// The adviser.
    pub adviser: UserId,
    /// The first day, in Amsterdam.
    pub starts_on: Date,
    /// The last day, in Amsterdam.
    pub ends_on: Date,
    /// For whom the adviser reports.
    pub report: CouplingReport,
    /// What was agreed with the institution.
    pub agreement: ShortText,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made, in UTC.
    pub created_at: Timestamp,
    /// The administrator of the institution who approved it, and when, in UTC.
    pub approved: Option<(UserId, Timestamp)>,
    /// Who ended it before its last day, or declined it, and when, in UTC.
    pub decoupled: Option<(UserId, Timestamp)>,
}

/// Whose couplings are listed.
#[derive(Debug, Clone, Copy)]
pub enum CouplingsOf {
    /// Everybody's.
    Everybody,
    /// An adviser's.
    Adviser(UserId),
    /// Those to an institution.
    Institution(InstitutionId),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = coupling)]
struct CouplingRow {
    id: CouplingId,
    institution_id: InstitutionId,
    adviser_id: UserId,
    starts_on: Date,
    ends_on: Date,
    report: CouplingReport,
    agreement: Vec<u8>,
    created_by: UserId,
    created_at: Timestamp,
    approved_by: Option<UserId>,
    approved_at: Option<Timestamp>,
    decoupled_by: Option<UserId>,
    decoupled_at: Option<Timestamp>,
}

impl CouplingRow {
    fn load(connection: &mut AnyConnection, id: CouplingId) -> Result<Self> {
        coupling::table
            .filter(coupling::id.is(id))
            .select(columns::<Self>())
            .first(connection)
            .optional()?
            .ok_or(Error::NotFound)
    }

    fn standing(&self) -> Coupling {
        Coupling {
            report: self.report,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            approved: self.approved_at.is_some(),
            decoupled: self.decoupled_at.is_some(),
        }
    }

    fn read(self, keys: &KeyRing) -> Result<StoredCoupling> {
        let (institution, row) = (self.institution_id, self.id.as_uuid());
        let owner = KeyOwner::shared(institution);
        let mut opener = RowOpener::new(keys, RowPlace { institution, table: TABLE, row, owner });
        Ok(StoredCoupling {
            id: self.id,
            institution,
            adviser: self.adviser_id,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            report: self.report,
            agreement: opener.required_kept("agreement", &self.agreement, ShortText::kept)?,
            created_by: self.created_by,
            created_at: self.created_at,
            approved: self.approved_by.zip(self.approved_at),
            decoupled: self.decoupled_by.zip(self.decoupled_at),
        })
    }
}

/// How a coupling stands.
pub(crate) fn load(connection: &mut AnyConnection, id: CouplingId) -> Result<Coupling> {
    Ok(CouplingRow::load(connection, id)?.standing())
}

/// The coupling of an adviser to an institution that holds at the moment `now`, if there is one: the one that lasts
/// longest.
pub(crate) fn of_adviser(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    adviser: UserId,
    now: Timestamp,
) -> Result<Option<CouplingId>> {
    Ok(coupling::table
        .filter(coupling::adviser_id.is(adviser))
        .filter(coupling::institution_id.is(institution))
        .filter(coupling::starts_on.until(amsterdam_date(now)))
        .filter(coupling::approved_at.is_not_null())
        .filter(coupling::decoupled_at.is_null())
        .order(coupling::ends_on.desc())
        .select(coupling::id)
        .first(connection)
        .optional()?)
}

/// The couplings to an institution that hold at the moment `now`, with the adviser of each.
pub(crate) fn live(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    now: Timestamp,
) -> Result<Vec<(CouplingId, UserId, Coupling)>> {
    let rows: Vec<CouplingRow> = coupling::table
        .filter(coupling::institution_id.is(institution))
        .filter(coupling::decoupled_at.is_null())
        .filter(coupling::ends_on.from(amsterdam_date(now)))
        .order(coupling::id)
        .select(columns::<CouplingRow>())
        .load(connection)?;
    let live = rows.into_iter().map(|row| (row.id, row.adviser_id, row.standing()));
    Ok(live.filter(|(.., coupling)| coupling.holds(now)).collect())
}

impl PlatformReader<'_> {
    /// Couplings in the order in which they were made, after the one with id `after`.
    pub fn couplings(
        &mut self,
        whose: CouplingsOf,
        after: Option<CouplingId>,
        limit: i64,
    ) -> Result<Vec<StoredCoupling>> {
        let rows = |reader: &mut Self, after: &CouplingId, limit| {
            Ok(load_boxed!(&mut *reader.connection, {
                let query = coupling::table
                    .filter(coupling::id.after(*after))
                    .order(coupling::id)
                    .limit(limit)
                    .select(columns::<CouplingRow>())
                    .into_boxed();
                match whose {
                    CouplingsOf::Everybody => query,
                    CouplingsOf::Adviser(adviser) => query.filter(coupling::adviser_id.is(adviser)),
                    CouplingsOf::Institution(id) => query.filter(coupling::institution_id.is(id)),
                }
            })?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &CouplingRow| row.id,
            |reader, row| {
                let id = row.id;
                reader.store.damaged_rows().readable(id, row.read(reader.store.keys()))
            },
        )
    }

    /// One coupling, whoever's it is.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn coupling(&mut self, id: CouplingId) -> Result<StoredCoupling> {
        CouplingRow::load(self.connection, id)?.read(self.store.keys())
    }
}

impl PlatformWriter<'_> {
    /// Proposes to couple an adviser to an institution, whose administrators are sent a letter: nothing rests on it before
    /// one of them approves it (C099).
    ///
    /// # Errors
    /// [`Error::Invalid`]: `unknown-institution`, `not-an-adviser` for who is none or is not let in; [`Error::Conflict`]
    /// `couplings-forbidden`.
    pub fn couple(&mut self, new: &NewCoupling) -> Result<StoredCoupling> {
        self.check_coupled(new)?;
        let (now, created_by) = (self.now(), self.actor()?.user);
        self.enter(new.institution, |tenant| {
            tenant.require_couplings_allowed()?;
            let mut row = tenant.sealer(TABLE, new.id.as_uuid(), tenant.shared_owner())?;
            let agreement = row.text("agreement", Some(new.agreement.as_str()));
            tenant.sealed(row);
            diesel::insert_into(coupling::table)
                .values((
                    coupling::id.is(new.id),
                    coupling::institution_id.is(new.institution),
                    coupling::adviser_id.is(new.adviser),
                    coupling::starts_on.is(new.starts_on),
                    coupling::ends_on.is(new.ends_on),
                    coupling::report.is(new.report),
                    coupling::agreement.eq(agreement),
                    coupling::created_by.is(created_by),
                    coupling::created_at.is(now),
                ))
                .execute(tenant.connection)?;
            tenant.touch(ObjectKind::Coupling, new.id.as_uuid());
            let asked = LetterContent::CouplingProposed { from: new.starts_on, until: new.ends_on };
            tenant.write_to_administrators(&asked)
        })?;
        self.touch(ObjectKind::Coupling, new.id.as_uuid());
        self.reader().coupling(new.id)
    }

    /// That both exist, and the adviser is one; both mistakes together.
    fn check_coupled(&mut self, new: &NewCoupling) -> Result<()> {
        let institution = institution::table.filter(institution::id.is(new.institution));
        let known: bool = diesel::select(diesel::dsl::exists(institution)).get_result(self.connection)?;
        let is_adviser = match account::load(self.connection, self.store(), new.adviser.into()) {
            Err(Error::NotFound) => false,
            found => {
                let found = found?;
                found.staff().is_some_and(|staff| can_be_coupled(staff.role, found.state))
            }
        };
        let mut refusals = FieldRefusals::new();
        if !known {
            let refusal = Refusal::new("unknown-institution", "there is no such institution");
            refusals.refuse("institution_id", refusal);
        }
        if !is_adviser {
            let refusal = Refusal::new("not-an-adviser", "must be an adviser who can log in");
            refusals.refuse("adviser_id", refusal);
        }
        Ok(refusals.or(())?)
    }

    /// Approves a coupling in the name of the actor's institution, with a consent to this report in this period (C099). One
    /// that was approved stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is of another institution; [`Error::Invalid`] `not-as-proposed`, `expiry-past`;
    /// [`Error::Conflict`] `couplings-forbidden`.
    pub fn approve_coupling(
        &mut self,
        id: CouplingId,
        report: CouplingReport,
        starts_on: Date,
        ends_on: Date,
    ) -> Result<StoredCoupling> {
        let (row, actor) = (self.reached_coupling(id)?, self.actor()?.user);
        let now = self.now();
        check_approval(&row.standing(), report, starts_on, ends_on, amsterdam_date(now))?;
        self.enter(row.institution_id, |tenant| {
            tenant.require_couplings_allowed()?;
            let proposed = coupling::table
                .filter(coupling::id.is(id))
                .filter(coupling::approved_at.is_null())
                .filter(coupling::decoupled_at.is_null());
            diesel::update(proposed)
                .set((coupling::approved_by.is(Some(actor)), coupling::approved_at.is(Some(now))))
                .execute(tenant.connection)?;
            tenant.touch(ObjectKind::Coupling, id.as_uuid());
            Ok(())
        })?;
        self.touch(ObjectKind::Coupling, id.as_uuid());
        CouplingRow::load(self.connection, id)?.read(self.store().keys())
    }

    /// A coupling that the actor reaches: a member of an institution only one to it.
    fn reached_coupling(&mut self, id: CouplingId) -> Result<CouplingRow> {
        let row = CouplingRow::load(self.connection, id)?;
        match self.actor()?.institution {
            Some(own) if own != row.institution_id => Err(Error::NotFound),
            Some(_) | None => Ok(row),
        }
    }

    /// Ends a coupling before its last day, or declines one: what rests on it ends with this transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn decouple(&mut self, id: CouplingId) -> Result<()> {
        let (row, actor) = (self.reached_coupling(id)?, self.actor()?.user);
        let now = self.now();
        let coupled = coupling::table.filter(coupling::id.is(id)).filter(coupling::decoupled_at.is_null());
        diesel::update(coupled)
            .set((coupling::decoupled_by.is(Some(actor)), coupling::decoupled_at.is(Some(now))))
            .execute(self.connection)?;
        self.enter(row.institution_id, |tenant| {
            tenant.touch(ObjectKind::Coupling, id.as_uuid());
            Ok(())
        })?;
        self.touch(ObjectKind::Coupling, id.as_uuid());
        Ok(())
    }
}

impl TenantWriter<'_> {
    fn require_couplings_allowed(&mut self) -> Result<()> {
        let forbidden: i32 = institution::table
            .filter(institution::id.is(self.institution()))
            .select(institution::couplings_forbidden)
            .first(self.connection)?;
        check_allowed(forbidden != 0).map_err(Error::Conflict)
    }
}
