//! Instructions of institutions, and the extra processings that they let on (C019, C038).

use actix_web::HttpRequest;
use groeilijn_domain::institutions::instruction::{ExtraProcessing, InstructionState, check_registered};
use groeilijn_domain::platform::confidentiality_statement::check_signed_on;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{ContactPersonId, InstitutionId, InstructionId, UserId};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_persistence::institutions::instruction::{NewInstruction, ProcessingSwitch, StoredInstruction};
use groeilijn_persistence::{Cost, Error, PlatformWriter};
use jiff::Timestamp;
use jiff::civil::Date;

use super::reach::require_reach;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::{PathId, PathIds};
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on instructions.
    pub fn endpoints;

    /// List the instructions of an institution
    ///
    /// In the order in which they were entered, those that were declined or withdrawn too. For its administrator and the
    /// secretariat.
    GET "/institutions/{institutionId}/instructions" => list_instructions: "A page of instructions.";

    /// Give an instruction
    ///
    /// By an administrator, in the name of a contact person of the institution who is registered now (C019). It holds once
    /// the processor accepted it.
    POST "/institutions/{institutionId}/instructions" => give_instruction: "The instruction awaits the processor's answer.";

    /// Read an instruction
    ///
    /// One instruction, with how it stands. For the institution's administrator and the secretariat.
    GET "/institutions/{institutionId}/instructions/{instructionId}" => read_instruction: "The instruction.";

    /// Withdraw an instruction
    ///
    /// By an administrator. What no other instruction holds for is switched off with it. It stays listed.
    DELETE "/institutions/{institutionId}/instructions/{instructionId}" => withdraw_instruction: "The instruction holds no longer.";

    /// Accept an instruction
    ///
    /// By the secretariat, in the name of a contact person of the processor who is registered now. Refused when the one who
    /// gave it is a contact person no longer (C019).
    POST "/institutions/{institutionId}/instructions/{instructionId}/_accept" => accept_instruction: "The instruction holds.";

    /// Decline an instruction
    ///
    /// By the secretariat, with the reason.
    POST "/institutions/{institutionId}/instructions/{instructionId}/_decline" => decline_instruction: "The instruction does not hold.";

    /// Read the extra processings
    ///
    /// All there are, each on or off. They are off until the institution switches them on.
    GET "/institutions/{institutionId}/extra-processings" => read_extra_processings: "The extra processings.";

    /// Switch an extra processing
    ///
    /// By an administrator. On only as long as an accepted instruction for it exists: 409 `not-instructed` otherwise (C038).
    POST "/institutions/{institutionId}/extra-processings/_switch" => switch_extra_processing: "The extra processings as they are now.";
}

request_body! {
    /// An instruction of an institution.
    pub struct InstructionCreation {
        /// The contact person of the institution who gives it.
        contact_person_id: ContactPersonId,
        /// The processing that is instructed.
        processing: ExtraProcessing,
        /// What is instructed. Never anything about a child.
        text: FreeText,
        /// The day on which it was given, in Amsterdam.
        given_on: Date,
    }

    example {
        "contactPersonId": "01999999-0000-7000-8000-000000000001",
        "processing": "webhooks",
        "text": "Meld wijzigingen van groepen aan ons leerlingsysteem.",
        "givenOn": "2026-11-20",
    }
}

request_body! {
    /// By whom the processor accepts an instruction.
    pub struct InstructionAcceptance {
        /// The contact person of the processor.
        processor_contact_id: ContactPersonId,
    }

    example { "processorContactId": "01999999-0000-7000-8000-000000000001" }
}

request_body! {
    /// Why the processor declines an instruction.
    pub struct InstructionRefusal {
        /// The reason, for the institution to read.
        reason: ShortText,
    }

    example { "reason": "In strijd met de overeenkomst, artikel 5." }
}

request_body! {
    /// An extra processing to be switched.
    pub struct ProcessingSwitchRequest {
        /// Which.
        processing: ExtraProcessing,
        /// Whether it is to be on.
        switched_on: bool,
    }

    example { "processing": "webhooks", "switchedOn": true }
}

reply_body! {
    /// An instruction of an institution (C038).
    pub struct Instruction {
        /// The instruction's id.
        id: InstructionId,
        /// The contact person of the institution who gave it.
        contact_person_id: ContactPersonId,
        /// The processing that is instructed.
        processing: ExtraProcessing,
        /// What is instructed.
        text: FreeText,
        /// The day on which it was given, in Amsterdam.
        given_on: Date,
        /// How it stands.
        state: InstructionState,
        /// The user who entered it.
        made_by: UserId,
        /// When it was entered, in UTC.
        made_at: Timestamp,
        /// The contact person of the processor who accepted it; null as long as nobody did.
        processor_contact_id: Option<ContactPersonId>,
        /// Why it was declined; null if it was not.
        declined_because: Option<ShortText>,
        /// When it was accepted or declined, in UTC.
        answered_at: Option<Timestamp>,
        /// When it was withdrawn, in UTC.
        withdrawn_at: Option<Timestamp>,
    }
}

reply_body! {
    /// The extra processings of an institution.
    pub struct ExtraProcessings {
        /// Each of them.
        processings: Vec<ExtraProcessingState>,
    }
}

reply_body! {
    /// An extra processing.
    pub struct ExtraProcessingState {
        /// Which.
        processing: ExtraProcessing,
        /// Since when it is on, in UTC; null when it is off.
        on_since: Option<Timestamp>,
    }
}

query_params! {
    pub struct ListInstructions {
        /// How many instructions one page has.
        page: Page<InstructionId>,
    }
}

impl From<StoredInstruction> for Instruction {
    fn from(stored: StoredInstruction) -> Self {
        Self {
            id: stored.id,
            contact_person_id: stored.contact_person,
            processing: stored.processing,
            text: stored.text,
            given_on: stored.given_on,
            state: stored.state,
            made_by: stored.made_by,
            made_at: stored.made_at,
            processor_contact_id: stored.processor_contact,
            declined_because: stored.answer,
            answered_at: stored.answered_at,
            withdrawn_at: stored.withdrawn_at,
        }
    }
}

impl From<Vec<ProcessingSwitch>> for ExtraProcessings {
    fn from(switches: Vec<ProcessingSwitch>) -> Self {
        let state = |switch: ProcessingSwitch| ExtraProcessingState {
            processing: switch.processing,
            on_since: switch.on_since,
        };
        Self { processings: switches.into_iter().map(state).collect() }
    }
}

async fn list_instructions(
    access: Access<part::Instructions, action::Read, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
    query: ListInstructions,
) -> Result<Listed<Instruction>, Problem> {
    let ListInstructions { page } = query;
    require_reach(&access, institution)?;
    let (after, rows) = (page.after, page.rows);
    let found = access
        .platform()
        .read_in(institution, Cost::Rows, move |reader| {
            reader.own_institution()?;
            reader.instructions(after, rows)
        })
        .await?;
    page.reply(found, |instruction| instruction.id, Instruction::from)
}

async fn give_instruction(
    access: Access<part::Instructions, action::Create, AdministerLicence>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<InstructionCreation>,
) -> Result<Created<Instruction>, Problem> {
    require_reach(&access, institution)?;
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    check_signed_on(body.given_on, amsterdam_date(environment.now())).map_err(invalid_field("given_on"))?;
    let new = NewInstruction {
        id: InstructionId::from_uuid(environment.uuid()),
        contact_person: body.contact_person_id,
        processing: body.processing,
        text: body.text,
        given_on: body.given_on,
    };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let given = writer.give_instruction(&new)?;
            let location = format!("/v1/institutions/{institution}/instructions/{}", new.id);
            Ok(New { location, ids: new.id, view: View::unrevised(given) })
        },
        |writer, id| writer.instruction(id).map(View::unrevised),
    )
    .await
}

async fn read_instruction(
    access: Access<part::Instructions, action::Read, AdministerLicence>,
    PathIds((institution, id)): PathIds<(InstitutionId, InstructionId)>,
) -> Result<Shown<Instruction>, Problem> {
    require_reach(&access, institution)?;
    let platform = access.platform();
    let found = platform.read_in(institution, Cost::Rows, move |reader| reader.instruction(id)).await?;
    reply::view(&Instruction::from(found))
}

async fn withdraw_instruction(
    access: Access<part::Instructions, action::Delete, AdministerLicence>,
    PathIds((institution, id)): PathIds<(InstitutionId, InstructionId)>,
) -> Result<NoContent, Problem> {
    require_reach(&access, institution)?;
    access.tenant()?.write(move |writer| writer.withdraw_instruction(id)).await?;
    Ok(NoContent)
}

async fn accept_instruction(
    access: Access<part::Instructions, action::Change, AdministerLicence>,
    PathIds((institution, id)): PathIds<(InstitutionId, InstructionId)>,
    JsonBody(body, _): JsonBody<InstructionAcceptance>,
) -> Result<Shown<Instruction>, Problem> {
    let contact = body.processor_contact_id;
    let accept = move |writer: &mut PlatformWriter<'_>| {
        let registered = writer.enter(InstitutionId::PLATFORM, |platform| platform.is_registered(contact))?;
        check_registered(registered).map_err(|refusal| Error::invalid("processor_contact_id", refusal))?;
        writer.enter(institution, |tenant| tenant.accept_instruction(id, contact))
    };
    reply::view(&Instruction::from(access.platform().write(accept).await?))
}

async fn decline_instruction(
    access: Access<part::Instructions, action::Change, AdministerLicence>,
    PathIds((institution, id)): PathIds<(InstitutionId, InstructionId)>,
    JsonBody(body, _): JsonBody<InstructionRefusal>,
) -> Result<Shown<Instruction>, Problem> {
    let decline = move |writer: &mut PlatformWriter<'_>| {
        writer.enter(institution, |tenant| tenant.decline_instruction(id, &body.reason))
    };
    reply::view(&Instruction::from(access.platform().write(decline).await?))
}

async fn read_extra_processings(
    access: Access<part::ExtraProcessings, action::Read, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
) -> Result<Shown<ExtraProcessings>, Problem> {
    require_reach(&access, institution)?;
    let found = access
        .platform()
        .read_in(institution, Cost::Rows, |reader| {
            reader.own_institution()?;
            reader.extra_processings()
        })
        .await?;
    reply::view(&ExtraProcessings::from(found))
}

async fn switch_extra_processing(
    access: Access<part::ExtraProcessings, action::Change, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
    JsonBody(body, _): JsonBody<ProcessingSwitchRequest>,
) -> Result<Shown<ExtraProcessings>, Problem> {
    require_reach(&access, institution)?;
    let ProcessingSwitchRequest { processing, switched_on } = body;
    let switched =
        access.tenant()?.write(move |writer| writer.switch_processing(processing, switched_on)).await?;
    reply::view(&ExtraProcessings::from(switched))
}
