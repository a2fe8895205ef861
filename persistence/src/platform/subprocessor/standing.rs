//! How each subprocessor stands, for each institution: what follows from what was announced, objected and consented to.

use std::collections::{BTreeMap, BTreeSet};

use groeilijn_domain::institutions::institution::ContractProfile;
use groeilijn_domain::platform::subprocessor::{Standing, SubprocessorState, overall};
use groeilijn_domain::platform::transfer::{Country, Safeguard};
use groeilijn_domain::values::ids::{InstitutionId, SubprocessorId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::institutions::schema::{institution, licence};
use crate::platform::schema::{subprocessor, subprocessor_objection, transfer_consent};

type Pair = (InstitutionId, SubprocessorId);

#[derive(Queryable, Selectable)]
#[diesel(table_name = subprocessor)]
struct Announced {
    id: SubprocessorId,
    replaces_id: Option<SubprocessorId>,
    country: Country,
    safeguard: Option<Safeguard>,
    announced_at: Timestamp,
    ended_at: Option<Timestamp>,
}

/// Everything that decides how subprocessors stand for the institutions that are served. There are few of them.
pub(crate) struct Standings {
    institutions: BTreeMap<InstitutionId, ContractProfile>,
    announced: BTreeMap<SubprocessorId, Announced>,
    objected: BTreeSet<Pair>,
    consented: BTreeSet<Pair>,
    now: Timestamp,
}

impl Standings {
    /// As they are at the moment `now`.
    pub(crate) fn load(connection: &mut AnyConnection, now: Timestamp) -> Result<Self> {
        // Of one that is gone only its id is left, and nobody who could be told or asked.
        let gone = licence::table.filter(licence::destroyed_at.is_not_null()).select(licence::institution_id);
        let institutions: Vec<(InstitutionId, ContractProfile)> = institution::table
            .filter(diesel::dsl::not(institution::id.eq_any(gone)))
            .select((institution::id, institution::contract_profile))
            .load(connection)?;
        let announced: Vec<Announced> =
            subprocessor::table.select(columns::<Announced>()).load(connection)?;
        let objected: Vec<Pair> = subprocessor_objection::table
            .filter(subprocessor_objection::withdrawn_at.is_null())
            .select((subprocessor_objection::institution_id, subprocessor_objection::subprocessor_id))
            .load(connection)?;
        let consents: Vec<(InstitutionId, SubprocessorId, Country, Safeguard)> = transfer_consent::table
            .filter(transfer_consent::withdrawn_at.is_null())
            .select((
                transfer_consent::institution_id,
                transfer_consent::subprocessor_id,
                transfer_consent::country,
                transfer_consent::safeguard,
            ))
            .load(connection)?;
        let announced: BTreeMap<_, _> = announced.into_iter().map(|row| (row.id, row)).collect();
        let is_for = |id: &SubprocessorId, country: &Country, safeguard: Safeguard| {
            announced.get(id).is_some_and(|row| row.country == *country && row.safeguard == Some(safeguard))
        };
        let consented = consents
            .iter()
            .filter(|(_, id, country, safeguard)| is_for(id, country, *safeguard))
            .map(|(institution, id, ..)| (*institution, *id))
            .collect();
        Ok(Self {
            institutions: institutions.into_iter().collect(),
            announced,
            objected: objected.into_iter().collect(),
            consented,
            now,
        })
    }

    /// Every institution, with its contract's profile.
    pub(super) fn institutions(&self) -> impl Iterator<Item = (InstitutionId, ContractProfile)> {
        self.institutions.iter().map(|(id, profile)| (*id, *profile))
    }

    /// How a subprocessor stands for an institution.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none of the two.
    pub(super) fn of(&self, institution: InstitutionId, id: SubprocessorId) -> Result<Standing> {
        let profile = self.institutions.get(&institution).ok_or(Error::NotFound)?;
        let row = self.announced.get(&id).ok_or(Error::NotFound)?;
        Ok(self.standing(row, institution, *profile))
    }

    fn standing(&self, row: &Announced, institution: InstitutionId, profile: ContractProfile) -> Standing {
        Standing {
            announced_at: row.announced_at,
            objection_days: profile.terms().subprocessor_objection_days,
            country: row.country.clone(),
            objected: self.objected.contains(&(institution, row.id)),
            consented: self.consented.contains(&(institution, row.id)),
            ended_at: row.ended_at,
        }
    }

    /// How a subprocessor stands: for one institution, or, without one, for all of them together. One whose place another
    /// has taken is used no longer.
    pub(crate) fn state(
        &self,
        institution: Option<InstitutionId>,
        id: SubprocessorId,
    ) -> Result<SubprocessorState> {
        let successors = self.announced.values().filter(|row| row.replaces_id == Some(id));
        let replaced = successors
            .map(|row| self.own_state(institution, row.id))
            .any(|state| matches!(state, Ok(SubprocessorState::InUse)));
        match self.own_state(institution, id)? {
            SubprocessorState::InUse if replaced => Ok(SubprocessorState::Ended),
            state => Ok(state),
        }
    }

    fn own_state(&self, institution: Option<InstitutionId>, id: SubprocessorId) -> Result<SubprocessorState> {
        if let Some(institution) = institution {
            return Ok(self.of(institution, id)?.state(self.now));
        }
        let row = self.announced.get(&id).ok_or(Error::NotFound)?;
        let states = self.institutions().map(|(id, profile)| self.standing(row, id, profile).state(self.now));
        Ok(overall(states))
    }

    /// The last day to object, in Amsterdam: of one institution, or of whichever has longest.
    pub(super) fn object_until(
        &self,
        institution: Option<InstitutionId>,
        id: SubprocessorId,
    ) -> Result<Date> {
        if let Some(institution) = institution {
            return Ok(self.of(institution, id)?.object_until());
        }
        let row = self.announced.get(&id).ok_or(Error::NotFound)?;
        let of = |profile| self.standing(row, InstitutionId::PLATFORM, profile).object_until();
        ContractProfile::ALL.into_iter().map(of).max().ok_or(Error::NotFound)
    }

    /// How many institutions object to a subprocessor.
    pub(super) fn objections(&self, id: SubprocessorId) -> usize {
        self.objected.iter().filter(|(_, objected)| *objected == id).count()
    }

    /// Whether an institution consents to the country, as it was announced.
    pub(super) fn consents(&self, institution: InstitutionId, id: SubprocessorId) -> bool {
        self.consented.contains(&(institution, id))
    }
}
