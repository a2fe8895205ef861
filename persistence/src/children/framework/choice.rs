//! Which framework an institution chose for which age, and what follows from it.

use std::collections::BTreeMap;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::{FrameworkChoice, FrameworkChoices, FrameworkState};
use groeilijn_domain::values::calendar::age_in_months;
use groeilijn_domain::values::ids::FrameworkId;
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use crate::children::schema::framework;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::institution;

impl TenantReader<'_> {
    /// What the institution chose, and the revision of the institution that this is of.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn framework_choices(&mut self) -> Result<(FrameworkChoices, i32)> {
        Ok(institution::table
            .filter(institution::id.is(self.institution()))
            .select((institution::framework_choices, institution::revision))
            .first(self.connection)?)
    }

    /// The newest published version of what is chosen for a child who was born on `birth`, on the day `on`. `None` when
    /// nothing is chosen for that age.
    pub(in crate::children) fn chosen_framework(
        &mut self,
        birth: Date,
        on: Date,
    ) -> Result<Option<FrameworkId>> {
        let (choices, _) = self.framework_choices()?;
        match age_in_months(birth, on).and_then(|months| choices.for_age(months)) {
            Some(choice) => self.newest_version(choice),
            None => Ok(None),
        }
    }

    /// The newest published version of what is chosen for most of the children who were born on these days, on the day
    /// `on`; of equals, the one that the institution named first.
    pub(in crate::children) fn framework_chosen_for_most(
        &mut self,
        births: impl IntoIterator<Item = Date>,
        on: Date,
    ) -> Result<Option<FrameworkId>> {
        let (choices, _) = self.framework_choices()?;
        let mut children = BTreeMap::<usize, usize>::new();
        for months in births.into_iter().filter_map(|birth| age_in_months(birth, on)) {
            let chosen = choices.for_age(months);
            let number = choices.as_slice().iter().position(|choice| Some(choice) == chosen);
            if let Some(number) = number {
                *children.entry(number).or_default() += 1;
            }
        }
        // The last of equals is the greatest, so they are looked at from the last to the first.
        let most = children.into_iter().rev().max_by_key(|(_, count)| *count);
        match most.and_then(|(number, _)| choices.as_slice().get(number)) {
            Some(choice) => self.newest_version(choice),
            None => Ok(None),
        }
    }

    fn newest_version(&mut self, choice: &FrameworkChoice) -> Result<Option<FrameworkId>> {
        Ok(framework::table
            .filter(framework::code.is(choice.code.clone()))
            .filter(framework::locale.is(choice.locale))
            .filter(framework::state.is(FrameworkState::Published))
            .order(framework::version.desc())
            .select(framework::id)
            .first(self.connection)
            .optional()?)
    }
}

impl TenantWriter<'_> {
    /// Replaces what the institution chose, if the institution still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Invalid`] `not-published` at each framework of which no version is published in that language;
    /// [`Error::Stale`] when the institution was changed in the meantime.
    pub fn choose_frameworks(
        &mut self,
        revision: i32,
        choices: FrameworkChoices,
    ) -> Result<(FrameworkChoices, i32)> {
        let mut refusals = FieldRefusals::default();
        for (number, choice) in choices.as_slice().iter().enumerate() {
            if self.newest_version(choice)?.is_none() {
                let detail = "there is no published framework with this code in this language";
                refusals.refuse(format!("choices/{number}/code"), Refusal::new("not-published", detail));
            }
        }
        refusals.or(())?;
        let id = self.institution();
        let updated = diesel::update(institution::table)
            .filter(institution::id.is(id))
            .filter(institution::revision.eq(revision))
            .set((institution::framework_choices.is(choices), institution::revision.eq(revision + 1)))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        self.touch(ObjectKind::Institution, id.as_uuid());
        self.framework_choices()
    }
}
