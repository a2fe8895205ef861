//! Making, saving, finalising and correcting registrations.

use diesel::dsl::not;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::not_published;
use groeilijn_domain::children::registration::{
    Grounds, JudgementPatch, Judgements, RegistrationState, begin, check_judgements, draft_open,
    may_be_second, may_correct, may_finalise, may_withdraw, require_draft,
};
use groeilijn_domain::children::withdrawal::{check_standing, may_withdraw_registration};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::RegistrationId;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result, if_taken};
use groeilijn_engine::sealing::RowSealer;

use super::content::{self, Content, sealed_row};
use super::{NewRegistration, RegistrationFacts, StoredRegistration, StoredVersion, TABLE};
use crate::children::key_owner;
use crate::children::schema::{registration, registration_version};
use crate::handles::tenant::TenantWriter;

fn nothing_chosen() -> Error {
    let detail = "is required: no framework is chosen for a child of this age";
    Error::invalid("framework_id", Refusal::new("required", detail))
}

impl TenantWriter<'_> {
    /// Begins a registration of a pupil: version 1, a draft.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the pupil is not within reach; [`Error::Invalid`] with everything that [`begin`] refuses, or
    /// `required` when no framework is named and none is chosen for the child's age;
    /// [`Error::Conflict`] `id-in-use` when the institution has a registration with this id, `archived`; so for the others.
    pub fn create_registration(&mut self, new: NewRegistration) -> Result<StoredRegistration> {
        let child = self.child(new.pupil)?.active()?;
        let now = self.now();
        let author = self.acting_author()?;
        let placements: Vec<_> =
            self.placements_of(child)?.into_iter().map(|stored| stored.placement).collect();
        let birth = self.birth(child)?;
        let framework_id = match new.framework {
            Some(named) => named,
            None => self.chosen_framework(birth.date, new.registered_on)?.ok_or_else(nothing_chosen)?,
        };
        let framework = match self.published_framework(framework_id) {
            Err(Error::NotFound) => Err(not_published()),
            framework => Ok(framework?),
        };
        let grounds = Grounds {
            birth: birth.date,
            placements: &placements,
            framework: framework.as_ref().map(|framework| &framework.index).map_err(Clone::clone),
            today: self.today(),
        };
        let (age_months, group) = begin(new.registered_on, &new.judgements, grounds)?;

        let registration = StoredRegistration {
            facts: RegistrationFacts {
                id: new.id,
                pupil: new.pupil,
                group,
                framework: framework_id,
                half_year: HalfYear::containing(new.registered_on),
                registered_on: new.registered_on,
                draft: Some(1),
                finalised: None,
                revision: 1,
                created_at: now,
                withdrawal: None,
            },
            version: StoredVersion {
                number: 1,
                state: RegistrationState::Draft,
                author,
                age_months,
                corrected_age_months: birth.corrected_age(new.registered_on),
                judgements: new.judgements,
                reason: None,
                masked: false,
                created_at: now,
                changed_at: now,
                finalised_at: None,
            },
        };
        self.insert_registration(&registration.facts)?;
        self.insert_version(&registration)?;
        self.touch(ObjectKind::Registration, new.id.as_uuid());
        Ok(registration)
    }

    /// Saves a step of the open draft (C071). `registration` was read in this transaction; so for the others.
    ///
    /// # Errors
    /// [`Error::Conflict`] `registration-final` without an open draft (C070); [`Error::Invalid`] with everything
    /// that is wrong below `judgements`; [`Error::Stale`] when it was changed in the meantime; so for the others.
    pub fn save_draft(
        &mut self,
        mut registration: StoredRegistration,
        patch: JudgementPatch,
    ) -> Result<StoredRegistration> {
        require_open(&registration.facts)?;
        let framework = self.published_framework(registration.facts.framework)?;
        registration.version.judgements.apply(patch);
        check_judgements(&registration.version.judgements, &framework.index)?;
        registration.version.changed_at = self.now();
        self.update_registration(&mut registration.facts)?;
        self.update_draft(&registration)?;
        Ok(registration)
    }

    /// Makes the open draft final: from now on it counts, and never changes (C070). Whether a second one of the child in the
    /// half-year is meant says `second`.
    ///
    /// # Errors
    /// [`Error::Conflict`] `no-judgements`, `registration-final` or `second-in-half-year`.
    pub fn finalise_registration(
        &mut self,
        mut registration: StoredRegistration,
        second: bool,
    ) -> Result<StoredRegistration> {
        require_open(&registration.facts)?;
        if registration.facts.finalised.is_none() {
            let other = self.other_of_half_year(&registration.facts)?;
            may_be_second(other, second).map_err(Error::Conflict)?;
        }
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
        check_standing(registration.facts.withdrawal.as_ref()).map_err(Error::Conflict)?;
        may_correct(registration.facts.draft).map_err(Error::Conflict)?;
        let now = self.now();
        registration.version = StoredVersion {
            number: registration.version.number + 1,
            state: RegistrationState::Draft,
            author: self.acting_author()?,
            reason: Some(reason),
            created_at: now,
            changed_at: now,
            finalised_at: None,
            ..registration.version
        };
        registration.facts.draft = Some(registration.version.number);
        // A final registration changes only by a correction: somebody else has just begun one.
        self.update_registration(&mut registration.facts).map_err(|error| match error {
            Error::Stale(_) => Error::Conflict(draft_open()),
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
        let mut facts = registration.facts.clone();
        require_open(&facts)?;
        let institution = self.institution();
        facts.draft = None;
        self.update_registration(&mut facts)?;
        let draft = registration_version::table
            .filter(registration_version::institution_id.is(institution))
            .filter(registration_version::registration_id.is(facts.id))
            .filter(registration_version::version.eq(registration.version.number));
        diesel::delete(draft).execute(self.connection)?;
        if facts.finalised.is_none() {
            let own = registration::table
                .filter(registration::institution_id.is(institution))
                .filter(registration::id.is(facts.id));
            diesel::delete(own).execute(self.connection)?;
        }
        Ok(())
    }

    /// Withdraws a final registration: it stays readable, marked, and counts nowhere.
    ///
    /// # Errors
    /// [`Error::Conflict`] `withdrawn`, `never-final`, `draft-open`; [`Error::Forbidden`] `not-the-author`.
    pub fn withdraw_registration(
        &mut self,
        mut registration: StoredRegistration,
        reason: ShortText,
    ) -> Result<StoredRegistration> {
        let facts = &mut registration.facts;
        check_standing(facts.withdrawal.as_ref()).map_err(Error::Conflict)?;
        may_withdraw(facts.draft, facts.finalised).map_err(Error::Conflict)?;
        may_withdraw_registration(registration.version.author.id, &self.actor()?)
            .map_err(Error::Forbidden)?;
        facts.withdrawal = Some(self.withdrawal(reason)?);
        self.update_registration(facts)?;
        Ok(registration)
    }

    /// Another final registration of the child in the half-year. None is finalised before this transaction ends.
    fn other_of_half_year(&mut self, facts: &RegistrationFacts) -> Result<Option<RegistrationId>> {
        dialect::lock(self.connection, facts.pupil.as_bytes())?;
        Ok(registration::table
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::pupil_id.is(facts.pupil))
            .filter(not(registration::id.is(facts.id)))
            .filter(registration::half_year.is(facts.half_year))
            .filter(registration::final_version.is_not_null())
            .filter(registration::withdrawn_at.is_null())
            .order((registration::registered_on.desc(), registration::id.desc()))
            .select(registration::id)
            .first(self.connection)
            .optional()?)
    }

    fn insert_registration(&mut self, facts: &RegistrationFacts) -> Result<()> {
        let institution = self.institution();
        diesel::insert_into(registration::table)
            .values((
                registration::institution_id.is(institution),
                registration::id.is(facts.id),
                registration::pupil_id.is(facts.pupil),
                registration::group_id.is(facts.group),
                registration::framework_id.is(facts.framework),
                registration::half_year.is(facts.half_year),
                registration::registered_on.is(facts.registered_on),
                registration::draft_version.eq(facts.draft),
                registration::final_version.eq(facts.finalised),
                registration::revision.eq(facts.revision),
                registration::created_at.is(facts.created_at),
            ))
            .execute(self.connection)
            .map_err(if_taken("id-in-use", "there is a registration with this id already"))?;
        Ok(())
    }

    /// Writes which versions there are and whether they are withdrawn, and counts the revision on.
    fn update_registration(&mut self, facts: &mut RegistrationFacts) -> Result<()> {
        let child = self.child(facts.pupil)?.active()?;
        let institution = self.institution();
        let withdrawal = facts.withdrawal.as_ref();
        let reason = self.seal_withdrawal(TABLE, facts.id.as_uuid(), child, withdrawal)?;
        let updated = diesel::update(
            registration::table
                .filter(registration::institution_id.is(institution))
                .filter(registration::id.is(facts.id))
                .filter(registration::revision.eq(facts.revision)),
        )
        .set((
            registration::draft_version.eq(facts.draft),
            registration::final_version.eq(facts.finalised),
            registration::withdrawn_at.is(withdrawal.map(|withdrawal| withdrawal.at)),
            registration::withdrawn_by.is(withdrawal.map(|withdrawal| withdrawal.by.id)),
            registration::withdrawal_reason.eq(reason),
            registration::revision.eq(facts.revision + 1),
        ))
        .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
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
                registration_version::institution_id.is(institution),
                registration_version::registration_id.is(facts.id),
                registration_version::version.eq(version.number),
                registration_version::state.is(version.state),
                registration_version::author_id.is(version.author.id),
                registration_version::judgements.eq(judgements),
                registration_version::reason.eq(reason),
                registration_version::created_at.is(version.created_at),
                registration_version::changed_at.is(version.changed_at),
                registration_version::finalised_at.is(version.finalised_at),
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
                .filter(registration_version::institution_id.is(institution))
                .filter(registration_version::registration_id.is(facts.id))
                .filter(registration_version::version.eq(version.number))
                .filter(registration_version::state.is(RegistrationState::Draft)),
        )
        .set((
            registration_version::state.is(version.state),
            registration_version::judgements.eq(judgements),
            registration_version::changed_at.is(version.changed_at),
            registration_version::finalised_at.is(version.finalised_at),
        ))
        .execute(self.connection)?;
        if updated == 0 { Err(Error::Stale(None)) } else { Ok(()) }
    }
}

impl<'c> TenantWriter<'c> {
    fn version_sealer(&self, facts: &RegistrationFacts, version: &StoredVersion) -> Result<RowSealer<'c>> {
        let row = sealed_row(facts.id, version.number)?;
        self.sealer(content::TABLE, row, key_owner::pupil(facts.pupil))
    }
}

/// That there is an open draft, of a registration that was not withdrawn.
fn require_open(facts: &RegistrationFacts) -> Result<()> {
    check_standing(facts.withdrawal.as_ref()).map_err(Error::Conflict)?;
    require_draft(facts.draft).map_err(Error::Conflict)
}

fn content_of(version: &StoredVersion) -> Content<&Judgements> {
    Content { age_months: version.age_months, judgements: &version.judgements }
}
