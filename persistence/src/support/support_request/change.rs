//! Making, recording, approving and closing requests of an institution.

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::RequestSubject;
use groeilijn_domain::values::ids::{InstitutionId, SupportRequestId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::FreeText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result, if_taken};

use super::{ReceivedRequest, StoredSupportRequest, TABLE};
use crate::handles::platform::PlatformWriter;
use crate::handles::tenant::TenantWriter;
use crate::support::key_owner;
use crate::support::schema::{support_request, support_request_pupil};

/// A request that a user makes.
pub struct NewSupportRequest {
    /// Its id.
    pub id: SupportRequestId,
    /// What is asked.
    pub question: FreeText,
    /// What it is about.
    pub subject: RequestSubject,
}

/// A request that the processor's staff records: what it is about is for the institution to say.
pub struct RecordedRequest {
    /// Its id.
    pub id: SupportRequestId,
    /// Whose it is.
    pub institution: InstitutionId,
    /// What is asked.
    pub question: FreeText,
    /// How it was received.
    pub received: ReceivedRequest,
}

impl TenantWriter<'_> {
    /// Enters a request of the actor about what is within her reach; it counts at once. Its key was made before.
    ///
    /// # Errors
    /// [`Error::Invalid`]: `unknown-pupil`, `unknown-group`.
    pub fn make_support_request(&mut self, new: &NewSupportRequest) -> Result<StoredSupportRequest> {
        self.check_subject(&new.subject)?;
        self.insert_request(new.id, &new.question, None)?;
        self.stand_for(new.id, &new.subject)?;
        self.support_request(new.id)
    }

    /// Approves a request that the processor's staff recorded: the actor says what it is about.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `already-approved`, `request-closed`; [`Error::Invalid`] as
    /// [`Self::make_support_request`].
    pub fn approve_support_request(
        &mut self,
        id: SupportRequestId,
        subject: &RequestSubject,
    ) -> Result<StoredSupportRequest> {
        let stored = self.support_request(id)?;
        stored.facts.standing().check_approvable().map_err(Error::Conflict)?;
        self.check_subject(subject)?;
        self.stand_for(id, subject)?;
        self.support_request(id)
    }

    /// Closes a request: what rests on it ends with this transaction. One that is closed stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn close_support_request(&mut self, id: SupportRequestId) -> Result<()> {
        self.support_request(id)?;
        let (institution, now, actor) = (self.institution(), self.now(), self.actor()?.user);
        let open = support_request::table
            .filter(support_request::institution_id.is(institution))
            .filter(support_request::id.is(id))
            .filter(support_request::closed_at.is_null());
        diesel::update(open)
            .set((support_request::closed_by.is(Some(actor)), support_request::closed_at.is(Some(now))))
            .execute(self.connection)?;
        Ok(())
    }

    /// That the actor reaches all that a request is about: nobody lets the processor see more than she sees herself.
    fn check_subject(&mut self, subject: &RequestSubject) -> Result<()> {
        let mut refusals = FieldRefusals::new();
        for (at, &pupil) in subject.pupils.iter().enumerate() {
            match self.child(pupil) {
                Err(Error::NotFound) => {
                    let refusal = Refusal::new("unknown-pupil", "there is no such child in your groups");
                    refusals.refuse(format!("pupil_ids/{at}"), refusal);
                }
                found => drop(found?),
            }
        }
        if let Some(group) = subject.group {
            match self.reached_group(group) {
                Err(Error::NotFound) => {
                    let refusal = Refusal::new("unknown-group", "there is no such group among yours");
                    refusals.refuse("group_id", refusal);
                }
                found => drop(found?),
            }
        }
        Ok(refusals.or(())?)
    }

    fn insert_request(
        &mut self,
        id: SupportRequestId,
        question: &FreeText,
        received: Option<&ReceivedRequest>,
    ) -> Result<()> {
        let (institution, now, actor) = (self.institution(), self.now(), self.actor()?.user);
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::support_request(id))?;
        let question = row.text("question", Some(question.as_str()));
        let asked_by = row.text("asked_by", received.map(|received| received.asked_by.as_str()));
        self.sealed(row);
        diesel::insert_into(support_request::table)
            .values((
                support_request::id.is(id),
                support_request::institution_id.is(institution),
                support_request::made_by.is(actor),
                support_request::created_at.is(now),
                support_request::question.eq(question),
                support_request::asked_by.eq(asked_by),
                support_request::channel.is(received.map(|received| received.channel)),
                support_request::received_on.is(received.map(|received| received.received_on)),
                support_request::parts.is(&RequestSubject::default().parts),
            ))
            .execute(self.connection)
            .map_err(if_taken("id-in-use", "there is a request with this id already"))?;
        self.touch(ObjectKind::SupportRequest, id.as_uuid());
        Ok(())
    }

    /// Notes that the actor stands for a request about this, from now on.
    fn stand_for(&mut self, id: SupportRequestId, subject: &RequestSubject) -> Result<()> {
        let (institution, now, actor) = (self.institution(), self.now(), self.actor()?.user);
        let own = support_request::table
            .filter(support_request::institution_id.is(institution))
            .filter(support_request::id.is(id));
        diesel::update(own)
            .set((
                support_request::group_id.is(subject.group),
                support_request::parts.is(&subject.parts),
                support_request::approved_by.is(Some(actor)),
                support_request::approved_at.is(Some(now)),
            ))
            .execute(self.connection)?;
        for &pupil in &subject.pupils {
            diesel::insert_into(support_request_pupil::table)
                .values((
                    support_request_pupil::institution_id.is(institution),
                    support_request_pupil::request_id.is(id),
                    support_request_pupil::pupil_id.is(pupil),
                ))
                .execute(self.connection)?;
        }
        Ok(())
    }
}

impl PlatformWriter<'_> {
    /// Records a request that the institution made by letter or call, and asks its administrators to approve it by letter:
    /// nothing rests on it before. Its key was made before.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such institution.
    pub fn record_support_request(&mut self, new: &RecordedRequest) -> Result<StoredSupportRequest> {
        self.reader().institution(new.institution)?;
        self.enter(new.institution, |tenant| {
            tenant.insert_request(new.id, &new.question, Some(&new.received))?;
            tenant.write_to_administrators(&LetterContent::RequestRecorded)?;
            tenant.support_request(new.id)
        })
    }

    /// Reads a request that was not closed, for an adviser: the institution has it in its log.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn read_open_support_request(&mut self, id: SupportRequestId) -> Result<StoredSupportRequest> {
        let institution = self.reader().institution_of_open_request(id)?;
        self.enter(institution, |tenant| tenant.support_request(id))
    }
}
