//! What the helpdesk sees of children: who they are and which milestones they reached, and nothing else (C016).

use std::collections::{BTreeMap, HashMap};

use groeilijn_domain::children::framework::MilestoneCode;
use groeilijn_domain::children::registration::{MilestoneState, RegistrationState};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{PupilId, RegistrationId};
use groeilijn_domain::values::person::{HomeLanguage, PersonName};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::civil::Date;
use serde::Deserialize;

use crate::children::key_owner;
use crate::children::pupil::ListedPupil;
use crate::children::schema::pupil;
use crate::handles::tenant::TenantReader;

const TABLE: &str = "pupil";

/// A child, as far as the helpdesk sees it.
pub struct SeenPupil {
    /// Its id.
    pub id: PupilId,
    /// Its name.
    pub name: PersonName,
    /// The day of its birth.
    pub birth_date: Date,
    /// The language that it speaks at home, if it is known.
    pub home_language: Option<HomeLanguage>,
}

/// A registration, as far as the helpdesk sees it.
pub struct SeenRegistration {
    /// Its id.
    pub id: RegistrationId,
    /// The day the child was looked at, in Europe/Amsterdam.
    pub registered_on: Date,
    /// The half-year that it counts for.
    pub half_year: HalfYear,
    /// Whether the version that is seen can still change.
    pub state: RegistrationState,
    /// What was seen of each milestone.
    pub milestones: BTreeMap<MilestoneCode, MilestoneState>,
}

/// As much of the judgements as is read.
#[derive(Deserialize)]
struct Milestones {
    #[serde(default)]
    milestones: BTreeMap<MilestoneCode, MilestoneState>,
}

impl TenantReader<'_> {
    /// The children within the caller's reach in the order of their ids, after the one with id `after`.
    pub fn seen_pupils(&mut self, after: Option<PupilId>, limit: i64) -> Result<Vec<SeenPupil>> {
        let roster = self.roster(None, after, limit)?;
        let mut languages = self.home_languages(&roster)?;
        Ok(roster
            .into_iter()
            .map(|entry| SeenPupil {
                home_language: languages.remove(&entry.id),
                id: entry.id,
                name: entry.name,
                birth_date: entry.birth_date,
            })
            .collect())
    }

    fn home_languages(&mut self, roster: &[ListedPupil]) -> Result<HashMap<PupilId, HomeLanguage>> {
        let ids = roster.iter().map(|entry| OneOf(entry.id));
        let rows: Vec<(PupilId, Vec<u8>)> = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.eq_any(ids))
            .select((pupil::id, pupil::home_language))
            .load(self.connection)?;
        let mut languages = HashMap::new();
        for (id, sealed) in rows {
            let mut opener = self.opener(TABLE, id.as_uuid(), key_owner::pupil(id));
            let language = opener.kept("home_language", &sealed, HomeLanguage::kept)?;
            languages.extend(language.map(|language| (id, language)));
        }
        Ok(languages)
    }

    /// A child's registrations, the newest first, before the one of a day and id. The child must be within the
    /// caller's reach.
    pub fn seen_registrations(
        &mut self,
        pupil: PupilId,
        before: Option<(Date, RegistrationId)>,
        limit: i64,
    ) -> Result<Vec<SeenRegistration>> {
        let registrations = self.registrations_with::<Milestones>(pupil, before, limit)?;
        Ok(registrations
            .into_iter()
            .map(|registration| SeenRegistration {
                id: registration.facts.id,
                registered_on: registration.facts.registered_on,
                half_year: registration.facts.half_year,
                state: registration.version.state,
                milestones: registration.version.judgements.milestones,
            })
            .collect())
    }
}
