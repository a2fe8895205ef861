//! Couplings: which adviser works for which institution, and for how long (C099–C101).

use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{ProcessorFunction, Role};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::Coupling;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{CouplingId, InstitutionId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyRing;
use groeilijn_engine::load_boxed;
use groeilijn_engine::sealing::{RowOpener, RowPlace};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::schema::account;
use crate::convert::{date, micros, timestamp, uuid};
use crate::handles::platform::{PlatformReader, PlatformWriter};
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
    /// What was agreed with the institution.
    pub agreement: ShortText,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made, in UTC.
    pub created_at: Timestamp,
    /// When it was ended before its last day, in UTC, if it was.
    pub decoupled_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = coupling)]
struct CouplingRow {
    id: Vec<u8>,
    institution_id: Vec<u8>,
    adviser_id: Vec<u8>,
    starts_on: String,
    ends_on: String,
    agreement: Vec<u8>,
    created_by: Vec<u8>,
    created_at: i64,
    decoupled_at: Option<i64>,
}

impl CouplingRow {
    fn read(&self, keys: &KeyRing) -> Result<StoredCoupling> {
        let row = uuid(&self.id, TABLE)?;
        let institution = InstitutionId::from_uuid(uuid(&self.institution_id, TABLE)?);
        let mut opener = RowOpener::new(keys, RowPlace { institution, table: TABLE, row, subject: None });
        Ok(StoredCoupling {
            id: CouplingId::from_uuid(row),
            institution,
            adviser: UserId::from_uuid(uuid(&self.adviser_id, TABLE)?),
            starts_on: date(&self.starts_on, TABLE)?,
            ends_on: date(&self.ends_on, TABLE)?,
            agreement: opener.required_kept("agreement", &self.agreement, ShortText::kept)?,
            created_by: UserId::from_uuid(uuid(&self.created_by, TABLE)?),
            created_at: timestamp(self.created_at, TABLE)?,
            decoupled_at: self.decoupled_at.map(|at| timestamp(at, TABLE)).transpose()?,
        })
    }
}

fn load_row(connection: &mut AnyConnection, id: CouplingId) -> Result<CouplingRow> {
    coupling::table
        .find(id.as_bytes().as_slice())
        .select(columns::<CouplingRow>())
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)
}

/// How a coupling stands.
pub(crate) fn load(connection: &mut AnyConnection, id: CouplingId) -> Result<Coupling> {
    let row = load_row(connection, id)?;
    Ok(Coupling {
        starts_on: date(&row.starts_on, TABLE)?,
        ends_on: date(&row.ends_on, TABLE)?,
        decoupled: row.decoupled_at.is_some(),
    })
}

/// The coupling of an adviser to an institution that holds at the moment `now`, if there is one: the one that lasts
/// longest.
pub(crate) fn of_adviser(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    adviser: UserId,
    now: Timestamp,
) -> Result<Option<CouplingId>> {
    let found: Option<Vec<u8>> = coupling::table
        .filter(coupling::adviser_id.eq(adviser.as_bytes().as_slice()))
        .filter(coupling::institution_id.eq(institution.as_bytes().as_slice()))
        .filter(coupling::starts_on.le(amsterdam_date(now).to_string()))
        .filter(coupling::decoupled_at.is_null())
        .order(coupling::ends_on.desc())
        .select(coupling::id)
        .first(connection)
        .optional()?;
    found.map(|id| Ok(CouplingId::from_uuid(uuid(&id, TABLE)?))).transpose()
}

impl PlatformReader<'_> {
    /// Couplings in the order in which they were made, after the one with id `after`; only those of one adviser, if
    /// it is given.
    pub fn couplings(
        &mut self,
        adviser: Option<UserId>,
        after: Option<CouplingId>,
        limit: i64,
    ) -> Result<Vec<StoredCoupling>> {
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows: Vec<CouplingRow> = load_boxed!(&mut *self.connection, {
            let mut query = coupling::table
                .filter(coupling::id.gt(after))
                .order(coupling::id)
                .limit(limit)
                .select(columns::<CouplingRow>())
                .into_boxed();
            if let Some(adviser) = adviser {
                query = query.filter(coupling::adviser_id.eq(adviser.as_bytes().to_vec()));
            }
            query
        })?;
        rows.iter().map(|row| row.read(self.store.keys())).collect()
    }
}

impl PlatformWriter<'_> {
    /// Couples an adviser to an institution.
    ///
    /// # Errors
    /// [`Error::Invalid`]: `unknown-institution`, `not-an-adviser` for who is none or is not let in.
    pub fn couple(&mut self, new: &NewCoupling) -> Result<StoredCoupling> {
        self.check_coupled(new)?;
        let (now, created_by) = (micros(self.now()), self.actor()?.account);
        self.enter(new.institution, |tenant| {
            let mut row = tenant.sealer(TABLE, new.id.as_uuid(), None)?;
            let agreement = row.text("agreement", Some(new.agreement.as_str()));
            tenant.sealed(row);
            diesel::insert_into(coupling::table)
                .values((
                    coupling::id.eq(new.id.as_bytes().as_slice()),
                    coupling::institution_id.eq(new.institution.as_bytes().as_slice()),
                    coupling::adviser_id.eq(new.adviser.as_bytes().as_slice()),
                    coupling::starts_on.eq(new.starts_on.to_string()),
                    coupling::ends_on.eq(new.ends_on.to_string()),
                    coupling::agreement.eq(agreement),
                    coupling::created_by.eq(created_by.as_bytes().as_slice()),
                    coupling::created_at.eq(now),
                ))
                .execute(tenant.connection)?;
            tenant.touch(ObjectKind::Coupling, new.id.as_uuid());
            Ok(())
        })?;
        self.touch(ObjectKind::Coupling, new.id.as_uuid());
        load_row(self.connection, new.id)?.read(self.store().keys())
    }

    /// That both exist, and the adviser is one; both mistakes together.
    fn check_coupled(&mut self, new: &NewCoupling) -> Result<()> {
        let known: bool = diesel::select(diesel::dsl::exists(
            institution::table.find(new.institution.as_bytes().as_slice()),
        ))
        .get_result(self.connection)?;
        let adviser = account::table
            .find(new.adviser.as_bytes().as_slice())
            .filter(account::role.eq(Role::Processor(ProcessorFunction::Adviser).code()))
            .filter(account::state.eq(AccountState::Active.code()));
        let adviser: bool = diesel::select(diesel::dsl::exists(adviser)).get_result(self.connection)?;
        let wrong = [
            (!known, "/institutionId", "unknown-institution", "there is no such institution"),
            (!adviser, "/adviserId", "not-an-adviser", "must be an adviser who can log in"),
        ];
        let refusals: Vec<_> = wrong
            .into_iter()
            .filter(|wrong| wrong.0)
            .map(|(_, pointer, code, detail)| (pointer.to_owned(), Refusal::new(code, detail)))
            .collect();
        if refusals.is_empty() { Ok(()) } else { Err(Error::Invalid(refusals)) }
    }

    /// Ends a coupling before its last day: what rests on it ends with this transaction.
    pub fn decouple(&mut self, id: CouplingId) -> Result<()> {
        let row = load_row(self.connection, id)?;
        let now = micros(self.now());
        diesel::update(
            coupling::table.find(id.as_bytes().as_slice()).filter(coupling::decoupled_at.is_null()),
        )
        .set(coupling::decoupled_at.eq(now))
        .execute(self.connection)?;
        self.enter(InstitutionId::from_uuid(uuid(&row.institution_id, TABLE)?), |tenant| {
            tenant.touch(ObjectKind::Coupling, id.as_uuid());
            Ok(())
        })?;
        self.touch(ObjectKind::Coupling, id.as_uuid());
        Ok(())
    }
}
