//! What comes and goes about subprocessors.

use groeilijn_domain::platform::subprocessor::{Passage, SubprocessorDuty, SubprocessorState};
use groeilijn_domain::platform::transfer::{Country, Safeguard};
use groeilijn_domain::values::ids::SubprocessorId;
use groeilijn_domain::values::text::{FreeText, Label, ShortText};
use groeilijn_persistence::platform::subprocessor::StoredSubprocessor;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::digest::Sha256Hex;
use crate::http::page::Page;
use crate::{query_params, reply_body, request_body};

request_body! {
    /// A subprocessor to be announced.
    pub(super) struct SubprocessorCreation {
        /// The one whose place it takes as soon as it may be used: a change of what was announced before.
        replaces_id: Option<SubprocessorId>,
        /// The firm, by its name in the register of companies. For institutions to know who it is (C134).
        name: Label,
        /// The place where the data are.
        place: Label,
        /// The country where the data are, by its two letters in ISO 3166-1; the Netherlands when it is absent (C137).
        country: Option<Country>,
        /// What it does.
        task: ShortText,
        /// Which data it can get at.
        access: ShortText,
        /// What protects the data outside the European Economic Area, and null within it (C138).
        safeguard: Option<Safeguard>,
        /// The passages of its contract: one for each duty (C136).
        passages: Vec<ContractPassageCreation>,
    }

    example {
        "name": "Verzonnen Hosting B.V.",
        "place": "Delft",
        "country": "NL",
        "task": "Beheert de servers.",
        "access": "Versleutelde databases en back-ups.",
        "passages": [
            {"duty": "confidentiality", "text": "Art. 3: geheimhouding.", "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
            {"duty": "instructions-only", "text": "Art. 4: alleen op opdracht.", "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
            {"duty": "security", "text": "Art. 5: beveiliging.", "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
            {"duty": "breach-notice", "text": "Art. 6: melding van datalekken.", "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
            {"duty": "audit", "text": "Art. 7: controle.", "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
            {"duty": "no-others", "text": "Art. 8: geen anderen.", "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
            {"duty": "destruction", "text": "Art. 9: vernietiging.", "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        ],
    }
}

request_body! {
    /// The passage of a contract that holds a subprocessor to a duty.
    pub(super) struct ContractPassageCreation {
        /// The duty.
        duty: SubprocessorDuty,
        /// The passage itself. For institutions to read what was agreed (C136).
        text: FreeText,
        /// SHA-256 of the contract that it stands in, in hexadecimal. For telling later whether it is still that contract.
        document_sha256: Sha256Hex,
    }
}

reply_body! {
    /// The passage of a contract that holds a subprocessor to a duty (C136).
    pub(super) struct ContractPassage {
        /// The duty.
        duty: SubprocessorDuty,
        /// The passage itself.
        text: FreeText,
        /// SHA-256 of the contract that it stands in, in hexadecimal.
        document_sha256: Sha256Hex,
    }
}

reply_body! {
    /// Whom the processor lets process data (C134).
    pub(super) struct Subprocessor {
        /// The subprocessor's id.
        id: SubprocessorId,
        /// The one whose place it takes; null for a new one.
        replaces_id: Option<SubprocessorId>,
        /// The firm.
        name: Label,
        /// The place where the data are.
        place: Label,
        /// The country where the data are, by its two letters in ISO 3166-1.
        country: Country,
        /// What it does.
        task: ShortText,
        /// Which data it can get at.
        access: ShortText,
        /// What protects the data outside the European Economic Area; null within it.
        safeguard: Option<Safeguard>,
        /// The passages of its contract.
        passages: Vec<ContractPassage>,
        /// How it stands for the institution that asks; for the processor, for all of them together: one that objects keeps
        /// it from being `in-use`.
        state: SubprocessorState,
        /// The last day to object, in Amsterdam (C135).
        object_until: Date,
        /// How many objections stand that whoever asks may see.
        objections: u32,
        /// Whether the institution that asks consents to the country (C137); false for the processor.
        consented: bool,
        /// The day by which it has to be checked again, in Amsterdam (C136).
        check_due: Date,
        /// When it was announced, in UTC.
        announced_at: Timestamp,
        /// When it was taken back or was used no longer, in UTC; null as long as it was not.
        ended_at: Option<Timestamp>,
    }
}

query_params! {
    pub(super) struct ListSubprocessors {
        /// How many subprocessors one page has.
        page: Page<SubprocessorId>,
    }
}

impl From<ContractPassageCreation> for Passage {
    fn from(body: ContractPassageCreation) -> Self {
        Self { duty: body.duty, text: body.text, document_sha256: body.document_sha256.0 }
    }
}

impl From<Passage> for ContractPassage {
    fn from(passage: Passage) -> Self {
        let document_sha256 = Sha256Hex(passage.document_sha256);
        Self { duty: passage.duty, text: passage.text, document_sha256 }
    }
}

impl From<StoredSubprocessor> for Subprocessor {
    fn from(stored: StoredSubprocessor) -> Self {
        let fields = stored.fields;
        Self {
            id: stored.id,
            replaces_id: stored.replaces,
            name: fields.name,
            place: fields.place,
            country: fields.country,
            task: fields.task,
            access: fields.access,
            safeguard: fields.safeguard,
            passages: fields.passages.into_iter().map(ContractPassage::from).collect(),
            state: stored.state,
            object_until: stored.object_until,
            objections: u32::try_from(stored.objections).unwrap_or(u32::MAX),
            consented: stored.consented,
            check_due: stored.check_due,
            announced_at: stored.announced_at,
            ended_at: stored.ended_at,
        }
    }
}
