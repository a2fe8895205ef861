//! Instructions of institutions, and the extra processings that they let on (C019, C038).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::instruction::{
    ExtraProcessing, InstructionState, check_instructed, check_registered,
};
use groeilijn_domain::values::ids::{ContactPersonId, InstructionId, UserId};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::{extra_processing, instruction};

const TABLE: &str = "instruction";

/// An instruction to be entered.
pub struct NewInstruction {
    /// Its id.
    pub id: InstructionId,
    /// Which contact person of the institution gives it.
    pub contact_person: ContactPersonId,
    /// For which processing.
    pub processing: ExtraProcessing,
    /// What is instructed.
    pub text: FreeText,
    /// On which day it was given, in Amsterdam.
    pub given_on: Date,
}

/// An instruction as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredInstruction {
    /// Its id.
    pub id: InstructionId,
    /// Which contact person of the institution gave it.
    pub contact_person: ContactPersonId,
    /// For which processing.
    pub processing: ExtraProcessing,
    /// What is instructed.
    pub text: FreeText,
    /// On which day it was given, in Amsterdam.
    pub given_on: Date,
    /// How it stands.
    pub state: InstructionState,
    /// Which user entered it.
    pub made_by: UserId,
    /// When it was entered, in UTC.
    pub made_at: Timestamp,
    /// Which contact person of the processor accepted it.
    pub processor_contact: Option<ContactPersonId>,
    /// Why it was declined.
    pub answer: Option<ShortText>,
    /// When it was accepted or declined, in UTC.
    pub answered_at: Option<Timestamp>,
    /// When it was withdrawn, in UTC.
    pub withdrawn_at: Option<Timestamp>,
}

/// An extra processing, on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessingSwitch {
    /// Which.
    pub processing: ExtraProcessing,
    /// Since when it is on, in UTC; off without.
    pub on_since: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = instruction)]
struct InstructionRow {
    id: InstructionId,
    contact_person_id: ContactPersonId,
    processing: ExtraProcessing,
    content: Vec<u8>,
    given_on: Date,
    state: InstructionState,
    made_by: UserId,
    made_at: Timestamp,
    processor_contact_id: Option<ContactPersonId>,
    answer: Vec<u8>,
    answered_at: Option<Timestamp>,
    withdrawn_at: Option<Timestamp>,
}

impl TenantReader<'_> {
    /// The instructions of the institution in the order in which they were entered, after the one with id `after`.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn instructions(
        &mut self,
        after: Option<InstructionId>,
        limit: i64,
    ) -> Result<Vec<StoredInstruction>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &InstructionId, limit| {
            Ok(instruction::table
                .filter(instruction::institution_id.is(institution))
                .filter(instruction::id.after(*after))
                .order(instruction::id)
                .limit(limit)
                .select(columns::<InstructionRow>())
                .load(reader.connection)?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &InstructionRow| row.id,
            |reader, row| {
                let id = row.id;
                let opened = reader.open_instruction(&row);
                reader.readable(id, opened)
            },
        )
    }

    /// One instruction.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn instruction(&mut self, id: InstructionId) -> Result<StoredInstruction> {
        let row: Option<InstructionRow> = instruction::table
            .filter(instruction::institution_id.is(self.institution()))
            .filter(instruction::id.is(id))
            .select(columns::<InstructionRow>())
            .first(self.connection)
            .optional()?;
        self.open_instruction(&row.ok_or(Error::NotFound)?)
    }

    fn open_instruction(&mut self, row: &InstructionRow) -> Result<StoredInstruction> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        let text = opener.required_kept("content", &row.content, FreeText::kept)?;
        let answer = opener.kept("answer", &row.answer, ShortText::kept)?;
        self.touch(ObjectKind::Instruction, row.id.as_uuid());
        Ok(StoredInstruction {
            id: row.id,
            contact_person: row.contact_person_id,
            processing: row.processing,
            text,
            given_on: row.given_on,
            state: row.state,
            made_by: row.made_by,
            made_at: row.made_at,
            processor_contact: row.processor_contact_id,
            answer,
            answered_at: row.answered_at,
            withdrawn_at: row.withdrawn_at,
        })
    }

    /// That an accepted instruction of the institution holds for an extra processing (C038).
    ///
    /// # Errors
    /// [`Error::Conflict`] `not-instructed`.
    pub fn require_instructed(&mut self, processing: ExtraProcessing) -> Result<()> {
        let given: Vec<(ExtraProcessing, InstructionState)> = instruction::table
            .filter(instruction::institution_id.is(self.institution()))
            .select((instruction::processing, instruction::state))
            .load(self.connection)?;
        check_instructed(processing, given).map_err(Error::Conflict)
    }

    /// Every extra processing, on or off.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn extra_processings(&mut self) -> Result<Vec<ProcessingSwitch>> {
        let on: Vec<(ExtraProcessing, Timestamp)> = extra_processing::table
            .filter(extra_processing::institution_id.is(self.institution()))
            .select((extra_processing::processing, extra_processing::switched_on_at))
            .load(self.connection)?;
        let since = |processing| on.iter().find(|(found, _)| *found == processing).map(|(_, since)| *since);
        let switch = |processing| ProcessingSwitch { processing, on_since: since(processing) };
        Ok(ExtraProcessing::ALL.into_iter().map(switch).collect())
    }
}

impl TenantWriter<'_> {
    /// Enters an instruction of the institution, which awaits the processor's answer.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `contact_person_id`: `unknown-contact-person` (C019).
    pub fn give_instruction(&mut self, new: &NewInstruction) -> Result<StoredInstruction> {
        let registered = check_registered(self.is_registered(new.contact_person)?);
        registered.map_err(|refusal| Error::invalid("contact_person_id", refusal))?;
        let (institution, now, made_by) = (self.institution(), self.now(), self.actor()?.user);
        let mut row = self.sealer(TABLE, new.id.as_uuid(), self.shared_owner())?;
        let content = row.text("content", Some(new.text.as_str()));
        let answer = row.text("answer", None);
        self.sealed(row);
        diesel::insert_into(instruction::table)
            .values((
                instruction::institution_id.is(institution),
                instruction::id.is(new.id),
                instruction::contact_person_id.is(new.contact_person),
                instruction::processing.is(new.processing),
                instruction::content.eq(content),
                instruction::given_on.is(new.given_on),
                instruction::state.is(InstructionState::Proposed),
                instruction::made_by.is(made_by),
                instruction::made_at.is(now),
                instruction::answer.eq(answer),
            ))
            .execute(self.connection)?;
        self.instruction(new.id)
    }

    /// Accepts an instruction in the name of a contact person of the processor, who is registered.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `already-decided`, and `unknown-contact-person` when the institution's is
    /// one no longer (C019).
    pub fn accept_instruction(
        &mut self,
        id: InstructionId,
        processor_contact: ContactPersonId,
    ) -> Result<StoredInstruction> {
        let stored = self.lock_instruction(id)?;
        check_registered(self.is_registered(stored.contact_person)?).map_err(Error::Conflict)?;
        self.answer(&stored, InstructionState::Accepted, Some(processor_contact), None)
    }

    /// Declines an instruction.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `already-decided`.
    pub fn decline_instruction(
        &mut self,
        id: InstructionId,
        reason: &ShortText,
    ) -> Result<StoredInstruction> {
        let stored = self.lock_instruction(id)?;
        self.answer(&stored, InstructionState::Declined, None, Some(reason))
    }

    fn answer(
        &mut self,
        stored: &StoredInstruction,
        answer: InstructionState,
        processor_contact: Option<ContactPersonId>,
        reason: Option<&ShortText>,
    ) -> Result<StoredInstruction> {
        let (institution, now, actor, id) = (self.institution(), self.now(), self.actor()?.user, stored.id);
        let state = stored.state.answered(answer).map_err(Error::Conflict)?;
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let sealed = row.text("answer", reason.map(ShortText::as_str));
        self.sealed(row);
        let own = instruction::table
            .filter(instruction::institution_id.is(institution))
            .filter(instruction::id.is(id));
        diesel::update(own)
            .set((
                instruction::state.is(state),
                instruction::processor_contact_id.is(processor_contact),
                instruction::answer.eq(sealed),
                instruction::answered_by.is(Some(actor)),
                instruction::answered_at.is(Some(now)),
            ))
            .execute(self.connection)?;
        self.instruction(id)
    }

    /// Withdraws an instruction: what no other one holds for is switched off with it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `already-decided`.
    pub fn withdraw_instruction(&mut self, id: InstructionId) -> Result<()> {
        let stored = self.lock_instruction(id)?;
        let (institution, now, actor) = (self.institution(), self.now(), self.actor()?.user);
        let state = stored.state.withdrawn().map_err(Error::Conflict)?;
        let own = instruction::table
            .filter(instruction::institution_id.is(institution))
            .filter(instruction::id.is(id));
        diesel::update(own)
            .set((
                instruction::state.is(state),
                instruction::withdrawn_by.is(Some(actor)),
                instruction::withdrawn_at.is(Some(now)),
            ))
            .execute(self.connection)?;
        match self.require_instructed(stored.processing) {
            Err(Error::Conflict(_)) => self.switch_off(stored.processing),
            other => other,
        }
    }

    /// Switches an extra processing on or off. One that is so already stays as it is.
    ///
    /// # Errors
    /// To switch it on: [`Error::Conflict`] `not-instructed` (C038).
    pub fn switch_processing(
        &mut self,
        processing: ExtraProcessing,
        on: bool,
    ) -> Result<Vec<ProcessingSwitch>> {
        let (institution, now, actor) = (self.institution(), self.now(), self.actor()?.user);
        dialect::lock_institution(self.connection, institution)?;
        let is_on = |switch: &ProcessingSwitch| switch.processing == processing && switch.on_since.is_some();
        if !on {
            self.switch_off(processing)?;
        } else if !self.extra_processings()?.iter().any(is_on) {
            self.require_instructed(processing)?;
            diesel::insert_into(extra_processing::table)
                .values((
                    extra_processing::institution_id.is(institution),
                    extra_processing::processing.is(processing),
                    extra_processing::switched_on_by.is(actor),
                    extra_processing::switched_on_at.is(now),
                ))
                .execute(self.connection)?;
        }
        self.touch(ObjectKind::Institution, institution.as_uuid());
        self.extra_processings()
    }

    fn switch_off(&mut self, processing: ExtraProcessing) -> Result<()> {
        let own = extra_processing::table
            .filter(extra_processing::institution_id.is(self.institution()))
            .filter(extra_processing::processing.is(processing));
        diesel::delete(own).execute(self.connection)?;
        Ok(())
    }

    /// An instruction that no other transaction answers or withdraws until the commit.
    fn lock_instruction(&mut self, id: InstructionId) -> Result<StoredInstruction> {
        let institution = self.institution();
        dialect::lock_institution(self.connection, institution)?;
        self.instruction(id)
    }
}
