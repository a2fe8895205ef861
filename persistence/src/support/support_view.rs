//! What the helpdesk sees of children: who they are and which milestones they reached, and nothing else (C016).

use std::collections::{BTreeMap, HashMap};

use groeilijn_domain::children::framework::MilestoneCode;
use groeilijn_domain::children::registration::MilestoneState;
use groeilijn_domain::values::ids::{PupilId, RegistrationId};
use groeilijn_domain::values::person::HomeLanguage;
use groeilijn_domain::values::text::NamePart;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;
use serde::Deserialize;

use crate::children::key_owner;
use crate::children::pupil::{ListedPupil, Listing};
use crate::children::reach::children_of;
use crate::children::registration::Shown;
use crate::children::schema::{pupil, registration};
use crate::handles::tenant::TenantReader;

const TABLE: &str = "pupil";

/// A child, as far as the helpdesk sees it.
pub struct SeenPupil {
    /// Its id.
    pub id: PupilId,
    /// Its first name.
    pub first_name: NamePart,
    /// Its last name, without the tussenvoegsel.
    pub last_name: NamePart,
    /// The day of its birth.
    pub birth_date: Date,
    /// The language that it speaks at home, if it is known.
    pub home_language: Option<HomeLanguage>,
}

/// A registration, as far as the helpdesk sees it.
pub struct SeenRegistration {
    /// Its id.
    pub id: RegistrationId,
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
        let roster = self.roster(None, Listing::default(), after, limit)?;
        let mut languages = self.home_languages(&roster)?;
        Ok(roster
            .into_iter()
            .map(|entry| SeenPupil {
                home_language: languages.remove(&entry.id),
                id: entry.id,
                first_name: entry.name.first,
                last_name: entry.name.last,
                birth_date: entry.birth_date,
            })
            .collect())
    }

    fn home_languages(&mut self, roster: &[ListedPupil]) -> Result<HashMap<PupilId, HomeLanguage>> {
        let ids = roster.iter().map(|entry| OneOf(entry.id));
        let rows: Vec<(PupilId, Vec<u8>)> = children_of!(self.institution())
            .filter(pupil::id.eq_any(ids))
            .select((pupil::id, pupil::home_language))
            .load(self.connection)?;
        let mut languages = HashMap::new();
        for (id, sealed) in rows {
            let mut opener = self.opener(TABLE, id.as_uuid(), key_owner::pupil(id));
            let language = opener.kept("home_language", &sealed, HomeLanguage::kept);
            let language = self.readable(id, language)?.flatten();
            languages.extend(language.map(|language| (id, language)));
        }
        Ok(languages)
    }

    /// A child's registrations that were not withdrawn, the newest first, before the one with id `before`. The child must be within the caller's
    /// reach.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not, or `before` is no registration of it.
    pub fn seen_registrations(
        &mut self,
        pupil: PupilId,
        before: Option<RegistrationId>,
        limit: i64,
    ) -> Result<Vec<SeenRegistration>> {
        let before = before.map(|id| self.place_of(pupil, id)).transpose()?;
        let registrations = self.registrations_with::<Milestones>(pupil, Shown::Standing, before, limit)?;
        Ok(registrations
            .into_iter()
            .map(|registration| SeenRegistration {
                id: registration.facts.id,
                milestones: registration.version.judgements.milestones,
            })
            .collect())
    }

    /// Where a child's registration stands among its registrations. The day stays here: a position in a page would tell it.
    fn place_of(&mut self, pupil: PupilId, id: RegistrationId) -> Result<(Date, RegistrationId)> {
        let day = registration::table
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::pupil_id.is(pupil))
            .filter(registration::id.is(id))
            .select(registration::registered_on)
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        Ok((day, id))
    }
}
