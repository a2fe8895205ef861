//! Making, saving, finalising and correcting registrations.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::FrameworkIndex;
use groeilijn_domain::children::placement::group_on;
use groeilijn_domain::children::registration::{
    JudgementPatch, Judgements, RegistrationState, age_at_registration, may_finalise,
};
use groeilijn_domain::values::calendar::{HalfYear, amsterdam_date};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result, if_taken};
use groeilijn_engine::sealing::RowSealer;

use super::content::{self, Content, sealed_row};
use super::{NewRegistration, RegistrationFacts, StoredRegistration, StoredVersion};
use crate::children::framework::not_published;
use crate::children::schema::{registration, registration_version};
use crate::convert::micros;
use crate::handles::tenant::TenantWriter;

impl TenantWriter<'_> {
    /// Begins a registration of a pupil within the caller's reach: version 1, a draft.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong: `/registeredOn` when the child was not in a group then,
    /// was too old (C026) or the day does not fit its life; `/frameworkId` when it is not published; and below
    /// `/judgements`. [`Error::Conflict`] `id-in-use` when the institution has a registration with this id.
    pub fn create_registration(&mut self, new: NewRegistration) -> Result<StoredRegistration> {
        self.require_pupil(new.pupil)?;
        let now = self.now();
        let author = self.actor()?.account;
        let birth = self.birth_date(new.pupil)?;
        let history: Vec<_> =
            self.placement_history(new.pupil)?.into_iter().map(|stored| stored.placement).collect();

        let mut refused = Vec::new();
        match self.published_framework(new.framework) {
            Err(Error::NotFound) => refused.push(not_published()),
            framework => refused.extend(refused_judgements(&new.judgements, &framework?.index)),
        }
        let mut on_that_day = |refusal| refused.push(("/registeredOn".to_owned(), refusal));
        let age_months =
            age_at_registration(birth, new.registered_on, amsterdam_date(now)).map_err(&mut on_that_day).ok();
        let group = group_on(&history, new.registered_on)
            .ok_or_else(|| Refusal::new("not-in-a-group", "the child was not in a group on that day"))
            .map_err(&mut on_that_day)
            .ok();
        let (Some(age_months), Some(group), true) = (age_months, group, refused.is_empty()) else {
            return Err(Error::Invalid(refused));
        };

        let registration = StoredRegistration {
            facts: RegistrationFacts {
                id: new.id,
                pupil: new.pupil,
                group,
                framework: new.framework,
                half_year: HalfYear::containing(new.registered_on),
                registered_on: new.registered_on,
                draft: Some(1),
                finalised: None,
                revision: 1,
                created_at: now,
            },
            version: StoredVersion {
                number: 1,
                state: RegistrationState::Draft,
                author,
                age_months,
                judgements: new.judgements,
                reason: None,
                created_at: now,
                changed_at: now,
                finalised_at: None,
            },
        };
        self.insert_registration(&registration.facts)?;
        self.insert_version(&registration)?;
        self.touch(ObjectKind::Registration, new.id.as_uuid());
        self.touch(ObjectKind::Pupil, new.pupil.as_uuid());
        Ok(registration)
    }

    /// Saves a step of the open draft (C071). `registration` was read in this transaction; so for the others.
    ///
    /// # Errors
    /// [`Error::Conflict`] `registration-final` without an open draft (C070); [`Error::Invalid`] with everything
    /// that is wrong below `/judgements`; [`Error::Stale`] when it was changed in the meantime; so for the others.
    pub fn save_draft(
        &mut self,
        mut registration: StoredRegistration,
        patch: JudgementPatch,
    ) -> Result<StoredRegistration> {
        require_draft(&registration.facts)?;
        let framework = self.published_framework(registration.facts.framework)?;
        registration.version.judgements.apply(patch);
        let refused = refused_judgements(&registration.version.judgements, &framework.index);
        if !refused.is_empty() {
            return Err(Error::Invalid(refused));
        }
        registration.version.changed_at = self.now();
        self.update_registration(&mut registration.facts)?;
        self.update_draft(&registration)?;
        Ok(registration)
    }

    /// Makes the open draft final: from now on it counts, and never changes (C070).
    ///
    /// # Errors
    /// [`Error::Conflict`] `no-judgements` or `registration-final`.
    pub fn finalise_registration(
        &mut self,
        mut registration: StoredRegistration,
    ) -> Result<StoredRegistration> {
        require_draft(&registration.facts)?;
        may_finalise(&registration.version.judgements).map_err(Error::Conflict)?;
        registration.facts.finalised = registration.facts.draft.take();
        registration.version.state = RegistrationState::Final;
        registration.version.finalised_at = Some(self.now());
        self.update_registration(&mut registration.facts)?;
        self.update_draft(&registration)?;
        Ok(registration)
    }

    /// Begins a correction: a draft with what the latest final version holds. That one counts until the draft is
    /// final, and stays readable after it.
    ///
    /// # Errors
    /// [`Error::Conflict`] `draft-open`.
    pub fn correct_registration(
        &mut self,
        mut registration: StoredRegistration,
        reason: ShortText,
    ) -> Result<StoredRegistration> {
        if registration.facts.draft.is_some() {
            return Err(draft_open());
        }
        let now = self.now();
        registration.version = StoredVersion {
            number: registration.version.number + 1,
            state: RegistrationState::Draft,
            author: self.actor()?.account,
            reason: Some(reason),
            created_at: now,
            changed_at: now,
            finalised_at: None,
            ..registration.version
        };
        registration.facts.draft = Some(registration.version.number);
        // A final registration changes only by a correction: somebody else has just begun one.
        self.update_registration(&mut registration.facts).map_err(|error| match error {
            Error::Stale => draft_open(),
            error => error,
        })?;
        self.insert_version(&registration)?;
        Ok(registration)
    }

    /// Throws the open draft away; a registration that never was final goes with it.
    ///
    /// # Errors
    /// [`Error::Conflict`] `registration-final` without an open draft.
    pub fn discard_draft(&mut self, registration: &StoredRegistration) -> Result<()> {
        let mut facts = registration.facts;
        require_draft(&facts)?;
        let institution = self.institution();
        facts.draft = None;
        self.update_registration(&mut facts)?;
        diesel::delete(registration_version::table.find((
            institution.as_bytes().as_slice(),
            facts.id.as_bytes().as_slice(),
            registration.version.number,
        )))
        .execute(self.connection)?;
        if facts.finalised.is_none() {
            diesel::delete(
                registration::table.find((institution.as_bytes().as_slice(), facts.id.as_bytes().as_slice())),
            )
            .execute(self.connection)?;
        }
        Ok(())
    }

    fn insert_registration(&mut self, facts: &RegistrationFacts) -> Result<()> {
        let institution = self.institution();
        diesel::insert_into(registration::table)
            .values((
                registration::institution_id.eq(institution.as_bytes().as_slice()),
                registration::id.eq(facts.id.as_bytes().as_slice()),
                registration::pupil_id.eq(facts.pupil.as_bytes().as_slice()),
                registration::group_id.eq(facts.group.as_bytes().as_slice()),
                registration::framework_id.eq(facts.framework.as_bytes().as_slice()),
                registration::half_year.eq(facts.half_year.to_string()),
                registration::registered_on.eq(facts.registered_on.to_string()),
                registration::draft_version.eq(facts.draft),
                registration::final_version.eq(facts.finalised),
                registration::revision.eq(facts.revision),
                registration::created_at.eq(micros(facts.created_at)),
            ))
            .execute(self.connection)
            .map_err(if_taken("id-in-use", "there is a registration with this id already"))?;
        Ok(())
    }

    /// Writes which versions there are, and counts the revision on.
    fn update_registration(&mut self, facts: &mut RegistrationFacts) -> Result<()> {
        let institution = self.institution();
        let updated = diesel::update(
            registration::table
                .find((institution.as_bytes().as_slice(), facts.id.as_bytes().as_slice()))
                .filter(registration::revision.eq(facts.revision)),
        )
        .set((
            registration::draft_version.eq(facts.draft),
            registration::final_version.eq(facts.finalised),
            registration::revision.eq(facts.revision + 1),
        ))
        .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale);
        }
        facts.revision += 1;
        Ok(())
    }

    fn insert_version(&mut self, StoredRegistration { facts, version }: &StoredRegistration) -> Result<()> {
        let institution = self.institution();
        let mut row = self.version_sealer(facts, version)?;
        let judgements = row.json(content::COLUMN, &content_of(version))?;
        let reason = row.text("reason", version.reason.as_ref().map(ShortText::as_str));
        self.sealed(row);
        diesel::insert_into(registration_version::table)
            .values((
                registration_version::institution_id.eq(institution.as_bytes().as_slice()),
                registration_version::registration_id.eq(facts.id.as_bytes().as_slice()),
                registration_version::version.eq(version.number),
                registration_version::state.eq(version.state.code()),
                registration_version::author_id.eq(version.author.as_bytes().as_slice()),
                registration_version::judgements.eq(judgements),
                registration_version::reason.eq(reason),
                registration_version::created_at.eq(micros(version.created_at)),
                registration_version::changed_at.eq(micros(version.changed_at)),
                registration_version::finalised_at.eq(version.finalised_at.map(micros)),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    /// Writes a version that was a draft until now; no other can be written (C070).
    fn update_draft(&mut self, StoredRegistration { facts, version }: &StoredRegistration) -> Result<()> {
        let institution = self.institution();
        let mut row = self.version_sealer(facts, version)?;
        let judgements = row.json(content::COLUMN, &content_of(version))?;
        self.sealed(row);
        let updated = diesel::update(
            registration_version::table
                .find((institution.as_bytes().as_slice(), facts.id.as_bytes().as_slice(), version.number))
                .filter(registration_version::state.eq(RegistrationState::Draft.code())),
        )
        .set((
            registration_version::state.eq(version.state.code()),
            registration_version::judgements.eq(judgements),
            registration_version::changed_at.eq(micros(version.changed_at)),
            registration_version::finalised_at.eq(version.finalised_at.map(micros)),
        ))
        .execute(self.connection)?;
        if updated == 0 { Err(Error::Stale) } else { Ok(()) }
    }
}

impl<'c> TenantWriter<'c> {
    fn version_sealer(&self, facts: &RegistrationFacts, version: &StoredVersion) -> Result<RowSealer<'c>> {
        let row = sealed_row(facts.id, version.number)?;
        self.sealer(content::TABLE, row, Some(facts.pupil.as_uuid()))
    }
}

fn content_of(version: &StoredVersion) -> Content<&Judgements> {
    Content { age_months: version.age_months, judgements: &version.judgements }
}

fn require_draft(facts: &RegistrationFacts) -> Result<()> {
    match facts.draft {
        Some(_) => Ok(()),
        None => {
            Err(Error::conflict("registration-final", "a final registration changes only by a new version"))
        }
    }
}

fn draft_open() -> Error {
    Error::conflict("draft-open", "the registration has an open draft, which can still change")
}

fn refused_judgements(judgements: &Judgements, framework: &FrameworkIndex) -> Vec<(String, Refusal)> {
    let refused = judgements.check(framework).err().unwrap_or_default();
    refused.into_iter().map(|(pointer, refusal)| (format!("/judgements{pointer}"), refusal)).collect()
}
