//! Leaving the letter of the month with the newest checkpoint of an institution's log (C090).

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::audit::checkpoint_letter::{is_due, month_of};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::audit::checkpoint;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;
use crate::institutions::schema::institution;
use crate::platform::schema::institution_ending;

impl Store {
    /// The institutions to which the letter of the month is due at the moment `now`; none that was destroyed.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub async fn checkpoint_letters_due(&self, now: Timestamp) -> Result<Vec<InstitutionId>> {
        self.data()
            .read_at_one_moment(Cost::Scan, move |connection| {
                let ended: Vec<InstitutionId> =
                    institution_ending::table.select(institution_ending::institution_id).load(connection)?;
                let all: Vec<(InstitutionId, Option<Date>)> = institution::table
                    .order(institution::id)
                    .select((institution::id, institution::checkpoint_told_in))
                    .load(connection)?;
                let mut due = Vec::new();
                for (id, told_in) in all.into_iter().filter(|(id, _)| !ended.contains(id)) {
                    dialect::enter_institution(connection, id)?;
                    let first = checkpoint::first_signed_at(connection, id)?;
                    if first.is_some_and(|first| is_due(first, told_in, now)) {
                        due.push(id);
                    }
                }
                Ok(due)
            })
            .await
    }
}

impl TenantWriter<'_> {
    /// Leaves the letter of the month with the newest checkpoint to administrators and contact persons, unless another
    /// process did meanwhile.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn leave_checkpoint_letter(&mut self) -> Result<()> {
        let (institution, month) = (self.institution(), month_of(self.now()));
        let Some(newest) = checkpoint::newest(self.connection, institution)? else { return Ok(()) };
        let not_told = institution::table.filter(institution::id.is(institution)).filter(
            institution::checkpoint_told_in.is_null().or(institution::checkpoint_told_in.before(Some(month))),
        );
        let told = diesel::update(not_told)
            .set(institution::checkpoint_told_in.is(Some(month)))
            .execute(self.connection)?;
        if told == 0 {
            return Ok(());
        }
        self.touch(ObjectKind::Institution, institution.as_uuid());
        self.write_to_institution(&LetterContent::CheckpointToKeep { note: newest.note })
    }
}
