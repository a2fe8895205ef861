//! How the processor announces subprocessors, checks them and ends them.

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::platform::subprocessor::{CheckOutcome, SubprocessorFields};
use groeilijn_domain::values::ids::{SubprocessorCheckId, SubprocessorId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use super::read::{StoredCheck, StoredSubprocessor, Viewer};
use super::standing::Standings;
use crate::handles::platform::PlatformWriter;
use crate::platform::schema::{KeptPassage, PassageList, subprocessor, subprocessor_check};

/// What is serialised on while subprocessors are announced or ended.
const LOCK: &[u8] = b"subprocessors";

/// A subprocessor to be announced, which was checked.
pub struct NewSubprocessor {
    /// Its id.
    pub id: SubprocessorId,
    /// The one whose place it takes.
    pub replaces: Option<SubprocessorId>,
    /// Whom, where and what for.
    pub fields: SubprocessorFields,
}

/// A check to be recorded.
pub struct NewCheck {
    /// Its id.
    pub id: SubprocessorCheckId,
    /// The day, in Amsterdam.
    pub checked_on: Date,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// SHA-256 of the report.
    pub document_sha256: [u8; 32],
}

impl PlatformWriter<'_> {
    /// Announces a subprocessor to every institution, whose administrators are sent a letter (C135).
    ///
    /// # Errors
    /// [`Error::Invalid`] for `replaces_id`: `unknown-subprocessor` for one that is not there or has ended,
    /// `already-replaced` for one whose place another is to take.
    pub fn announce_subprocessor(&mut self, new: &NewSubprocessor) -> Result<StoredSubprocessor> {
        dialect::lock(self.connection, LOCK)?;
        if let Some(replaced) = new.replaces {
            self.check_replaced(replaced)?;
        }
        let (now, announced_by, fields) = (self.now(), self.actor()?.user, &new.fields);
        let passages = fields.passages.iter().map(|passage| KeptPassage {
            duty: passage.duty,
            text: passage.text.as_str().to_owned(),
            document_sha256: passage.document_sha256,
        });
        diesel::insert_into(subprocessor::table)
            .values((
                subprocessor::id.is(new.id),
                subprocessor::replaces_id.is(new.replaces),
                subprocessor::name.eq(fields.name.as_str()),
                subprocessor::place.eq(fields.place.as_str()),
                subprocessor::country.is(&fields.country),
                subprocessor::task.eq(fields.task.as_str()),
                subprocessor::access.eq(fields.access.as_str()),
                subprocessor::safeguard.is(fields.safeguard),
                subprocessor::passages.is(PassageList(passages.collect())),
                subprocessor::announced_by.is(announced_by),
                subprocessor::announced_at.is(now),
            ))
            .execute(self.connection)?;
        let standings = Standings::load(self.connection, now)?;
        for (institution, _) in standings.institutions() {
            let until = standings.object_until(Some(institution), new.id)?;
            let letter =
                LetterContent::SubprocessorAnnounced { firm: fields.name.as_str().to_owned(), until };
            self.enter(institution, |tenant| {
                tenant.touch(ObjectKind::Subprocessor, new.id.as_uuid());
                tenant.write_to_institution(&letter)
            })?;
        }
        self.touch(ObjectKind::Subprocessor, new.id.as_uuid());
        self.reader().subprocessor(Viewer::Processor, new.id)
    }

    fn check_replaced(&mut self, replaced: SubprocessorId) -> Result<()> {
        let open = subprocessor::table
            .filter(subprocessor::id.is(replaced))
            .filter(subprocessor::ended_at.is_null());
        if !diesel::select(diesel::dsl::exists(open)).get_result::<bool>(self.connection)? {
            let refusal = Refusal::new("unknown-subprocessor", "there is no such subprocessor in use");
            return Err(Error::invalid("replaces_id", refusal));
        }
        let successor = subprocessor::table
            .filter(subprocessor::replaces_id.is(Some(replaced)))
            .filter(subprocessor::ended_at.is_null());
        if diesel::select(diesel::dsl::exists(successor)).get_result(self.connection)? {
            let refusal = Refusal::new("already-replaced", "another subprocessor is to take its place");
            return Err(Error::invalid("replaces_id", refusal));
        }
        Ok(())
    }

    /// Takes a subprocessor back that is not in use yet, or stops using it. Every institution has it in its log.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `subprocessor-ended`.
    pub fn end_subprocessor(&mut self, id: SubprocessorId) -> Result<()> {
        dialect::lock(self.connection, LOCK)?;
        self.reader().require_subprocessor(id)?;
        let (now, ended_by) = (self.now(), self.actor()?.user);
        let open =
            subprocessor::table.filter(subprocessor::id.is(id)).filter(subprocessor::ended_at.is_null());
        let ended = diesel::update(open)
            .set((subprocessor::ended_by.is(Some(ended_by)), subprocessor::ended_at.is(Some(now))))
            .execute(self.connection)?;
        if ended == 0 {
            return Err(Error::conflict("subprocessor-ended", "it was withdrawn, or is used no longer"));
        }
        for (institution, _) in Standings::load(self.connection, now)?.institutions() {
            self.enter(institution, |tenant| {
                tenant.touch(ObjectKind::Subprocessor, id.as_uuid());
                Ok(())
            })?;
        }
        self.touch(ObjectKind::Subprocessor, id.as_uuid());
        Ok(())
    }

    /// Records a yearly check of a subprocessor, as evidence (C136).
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn record_subprocessor_check(
        &mut self,
        subprocessor: SubprocessorId,
        new: &NewCheck,
    ) -> Result<StoredCheck> {
        self.reader().require_subprocessor(subprocessor)?;
        let (recorded_at, recorded_by): (Timestamp, _) = (self.now(), self.actor()?.user);
        diesel::insert_into(subprocessor_check::table)
            .values((
                subprocessor_check::id.is(new.id),
                subprocessor_check::subprocessor_id.is(subprocessor),
                subprocessor_check::checked_on.is(new.checked_on),
                subprocessor_check::outcome.is(new.outcome),
                subprocessor_check::document_sha256.eq(new.document_sha256.as_slice()),
                subprocessor_check::recorded_by.is(recorded_by),
                subprocessor_check::recorded_at.is(recorded_at),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Subprocessor, subprocessor.as_uuid());
        self.reader().subprocessor_check(new.id)
    }
}
