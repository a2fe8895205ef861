//! Institutions whose contract has ended: which subprocessors have yet to confirm that they destroyed its data (C112),
//! and what survives (C113).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::platform::ending::{check_confirmed_on, confirm_by, has_to_confirm};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{
    DestructionConfirmationId, DestructionId, InstitutionId, SubprocessorId,
};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::platform::schema::{destruction_confirmation, institution_ending, subprocessor};
use crate::platform::subprocessor::Standings;
use crate::retention::destruction::{StoredCertificates, certificates_of};

/// What a subprocessor has to confirm, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredConfirmation {
    /// Its id.
    pub id: DestructionConfirmationId,
    /// Which subprocessor.
    pub subprocessor: SubprocessorId,
    /// By which day, in Amsterdam.
    pub due_on: Date,
    /// On which day it did, in Amsterdam, with the SHA-256 of what it wrote.
    pub confirmed: Option<(Date, [u8; 32])>,
}

/// An institution whose contract has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEnding {
    /// Which institution.
    pub institution: InstitutionId,
    /// The day on which the contract ended, in Amsterdam.
    pub ended_on: Date,
    /// What its subprocessors have to confirm.
    pub confirmations: Vec<StoredConfirmation>,
}

impl StoredEnding {
    /// Whether nothing is left to be confirmed.
    pub fn all_confirmed(&self) -> bool {
        self.confirmations.iter().all(|confirmation| confirmation.confirmed.is_some())
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = destruction_confirmation)]
struct ConfirmationRow {
    id: DestructionConfirmationId,
    subprocessor_id: SubprocessorId,
    due_on: Date,
    confirmed_on: Option<Date>,
    document_sha256: Option<Vec<u8>>,
}

impl ConfirmationRow {
    fn read(self) -> Result<StoredConfirmation> {
        let document = self.document_sha256.map(<[u8; 32]>::try_from).transpose();
        let document = document.map_err(|_| Error::Unreadable("destruction_confirmation"))?;
        Ok(StoredConfirmation {
            id: self.id,
            subprocessor: self.subprocessor_id,
            due_on: self.due_on,
            confirmed: self.confirmed_on.zip(document),
        })
    }
}

fn read(
    connection: &mut AnyConnection,
    (institution, ended_on): (InstitutionId, Date),
) -> Result<StoredEnding> {
    let rows: Vec<ConfirmationRow> = destruction_confirmation::table
        .filter(destruction_confirmation::institution_id.is(institution))
        .order(destruction_confirmation::id)
        .select(columns::<ConfirmationRow>())
        .load(connection)?;
    let confirmations = rows.into_iter().map(ConfirmationRow::read).collect::<Result<_>>()?;
    Ok(StoredEnding { institution, ended_on, confirmations })
}

impl PlatformReader<'_> {
    /// Institutions whose contract has ended, in the order of their ids, after the one with id `after`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn institution_endings(
        &mut self,
        after: Option<InstitutionId>,
        limit: i64,
    ) -> Result<Vec<StoredEnding>> {
        let rows: Vec<(InstitutionId, Date)> = institution_ending::table
            .filter(institution_ending::institution_id.after(page_start(after)))
            .order(institution_ending::institution_id)
            .limit(limit)
            .select((institution_ending::institution_id, institution_ending::ended_on))
            .load(self.connection)?;
        rows.into_iter().map(|row| read(self.connection, row)).collect()
    }

    /// The certificates of an institution whose contract has ended, in the order of the ids of the destructions, after
    /// the one with id `after`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when its contract has not ended.
    pub fn ended_institution_certificates(
        &mut self,
        institution: InstitutionId,
        after: Option<DestructionId>,
        limit: i64,
    ) -> Result<Vec<StoredCertificates>> {
        let ended = institution_ending::table.filter(institution_ending::institution_id.is(institution));
        if !diesel::select(diesel::dsl::exists(ended)).get_result(self.connection)? {
            return Err(Error::NotFound);
        }
        certificates_of(self.connection, institution, after, limit)
    }
}

impl PlatformWriter<'_> {
    /// Has every subprocessor that had data of an institution confirm that it destroyed them, now that the contract ended
    /// on the day `ended_on`, in Amsterdam. To be called while the institution's row is still there; a second time it does
    /// nothing.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn ask_to_confirm_destruction(&mut self, institution: InstitutionId, ended_on: Date) -> Result<()> {
        let known = institution_ending::table.filter(institution_ending::institution_id.is(institution));
        if diesel::select(diesel::dsl::exists(known)).get_result(self.connection)? {
            return Ok(());
        }
        let now: Timestamp = self.now();
        diesel::insert_into(institution_ending::table)
            .values((
                institution_ending::institution_id.is(institution),
                institution_ending::ended_on.is(ended_on),
                institution_ending::asked_at.is(now),
            ))
            .execute(self.connection)?;
        let standings = Standings::load(self.connection, now)?;
        let all: Vec<SubprocessorId> =
            subprocessor::table.order(subprocessor::id).select(subprocessor::id).load(self.connection)?;
        for asked in all {
            if !has_to_confirm(standings.state(Some(institution), asked)?) {
                continue;
            }
            let id = DestructionConfirmationId::from_uuid(self.store().environment().uuid());
            diesel::insert_into(destruction_confirmation::table)
                .values((
                    destruction_confirmation::id.is(id),
                    destruction_confirmation::institution_id.is(institution),
                    destruction_confirmation::subprocessor_id.is(asked),
                    destruction_confirmation::due_on.is(confirm_by(ended_on)),
                ))
                .execute(self.connection)?;
            self.touch(ObjectKind::Subprocessor, asked.as_uuid());
        }
        self.touch(ObjectKind::Institution, institution.as_uuid());
        Ok(())
    }

    /// Records that a subprocessor confirmed that it destroyed what it had of an institution.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for `confirmed_on` as [`check_confirmed_on`]; [`Error::Conflict`]
    /// `already-confirmed`.
    pub fn record_destruction_confirmation(
        &mut self,
        id: DestructionConfirmationId,
        confirmed_on: Date,
        document_sha256: [u8; 32],
    ) -> Result<StoredEnding> {
        let (now, recorded_by) = (self.now(), self.actor()?.user);
        let row: Option<(InstitutionId, SubprocessorId)> = destruction_confirmation::table
            .filter(destruction_confirmation::id.is(id))
            .select((destruction_confirmation::institution_id, destruction_confirmation::subprocessor_id))
            .first(self.connection)
            .optional()?;
        let (institution, subprocessor) = row.ok_or(Error::NotFound)?;
        let ended_on: Date = institution_ending::table
            .filter(institution_ending::institution_id.is(institution))
            .select(institution_ending::ended_on)
            .first(self.connection)?;
        check_confirmed_on(confirmed_on, ended_on, amsterdam_date(now))
            .map_err(|refusal: Refusal| Error::invalid("confirmed_on", refusal))?;
        let open = destruction_confirmation::table
            .filter(destruction_confirmation::id.is(id))
            .filter(destruction_confirmation::confirmed_on.is_null());
        let recorded = diesel::update(open)
            .set((
                destruction_confirmation::confirmed_on.is(Some(confirmed_on)),
                destruction_confirmation::document_sha256.eq(Some(document_sha256.to_vec())),
                destruction_confirmation::recorded_by.is(Some(recorded_by)),
                destruction_confirmation::recorded_at.is(Some(now)),
            ))
            .execute(self.connection)?;
        if recorded == 0 {
            return Err(Error::conflict("already-confirmed", "this confirmation is on record"));
        }
        self.touch(ObjectKind::Subprocessor, subprocessor.as_uuid());
        read(self.connection, (institution, ended_on))
    }
}
