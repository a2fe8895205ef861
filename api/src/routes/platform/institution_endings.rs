//! Institutions whose contract has ended: what subprocessors have to confirm, and what survives (C112, C113).

use groeilijn_domain::platform::ending::SurvivingDuty;
use groeilijn_domain::values::ids::{
    DestructionConfirmationId, DestructionId, InstitutionId, SubprocessorId,
};
use groeilijn_persistence::platform::institution_ending::{StoredConfirmation, StoredEnding};
use groeilijn_persistence::retention::destruction::StoredCertificates;
use groeilijn_persistence::{Cost, PlatformWriter};
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::digest::Sha256Hex;
use crate::http::guard::activity::AdministerLicence;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Listed, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on institutions whose contract has ended.
    pub fn endpoints;

    /// List the institutions whose contract has ended
    ///
    /// With the duties that survive (C113), and what each subprocessor has to confirm: that it destroyed what it had of the
    /// institution (C112). For the secretariat and the platform administrator.
    GET "/institution-endings" => list_institution_endings: "A page of institutions.";

    /// List the certificates of destruction of an institution whose contract has ended
    ///
    /// All of them, byte for byte, with the last one: that of the institution itself. Nobody of the institution can log in
    /// any more; whoever asks on its behalf gets them from the processor, and checks them offline (C110).
    GET "/institution-endings/{institutionId}/certificates" => list_ended_institution_certificates: "A page of certificates, the oldest first.";

    /// Record that a subprocessor confirmed the destruction
    ///
    /// With the digest of what it wrote, which is kept elsewhere.
    POST "/destruction-confirmations/{destructionConfirmationId}/_confirm" => confirm_destruction: "What is left to be confirmed for the institution.";
}

request_body! {
    /// A confirmation of a subprocessor that it destroyed the data of an institution.
    pub struct DestructionConfirmationRequest {
        /// The day on which it confirmed, in Amsterdam.
        confirmed_on: Date,
        /// SHA-256 of what it wrote, in hexadecimal. For proving later that it is this confirmation.
        document_sha256: Sha256Hex,
    }

    example {
        "confirmedOn": "2026-11-21",
        "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }
}

reply_body! {
    /// An institution whose contract has ended.
    pub struct InstitutionEnding {
        /// The id that the institution had.
        institution_id: InstitutionId,
        /// The day on which the contract ended, in Amsterdam.
        ended_on: Date,
        /// The duties of the processor that survive the contract (C113).
        duties: Vec<SurvivingDutyState>,
        /// What its subprocessors have to confirm, or did (C112).
        confirmations: Vec<DestructionConfirmation>,
    }
}

reply_body! {
    /// A duty that survives a contract.
    pub struct SurvivingDutyState {
        /// The duty.
        duty: SurvivingDuty,
        /// Whether it is done with: that of destruction is when every subprocessor confirmed it, the others never are.
        fulfilled: bool,
    }
}

reply_body! {
    /// What a subprocessor has to confirm, or did.
    pub struct DestructionConfirmation {
        /// The confirmation's id.
        id: DestructionConfirmationId,
        /// Which subprocessor.
        subprocessor_id: SubprocessorId,
        /// By which day, in Amsterdam.
        due_on: Date,
        /// On which day it did, in Amsterdam; null as long as it did not.
        confirmed_on: Option<Date>,
        /// SHA-256 of what it wrote, in hexadecimal.
        document_sha256: Option<Sha256Hex>,
    }
}

reply_body! {
    /// The certificates of one destruction.
    pub struct IssuedCertificates {
        /// Of which destruction.
        destruction_id: DestructionId,
        /// The certificate, byte for byte.
        certificate: String,
        /// The certificate of completion, byte for byte; null before the last backup with the keys is gone.
        completion: Option<String>,
    }
}

impl From<StoredCertificates> for IssuedCertificates {
    fn from(stored: StoredCertificates) -> Self {
        let StoredCertificates { destruction, certificate, completion } = stored;
        Self { destruction_id: destruction, certificate, completion }
    }
}

query_params! {
    pub struct ListEndedInstitutionCertificates {
        /// How many certificates one page has.
        page: Page<DestructionId>,
    }
}

query_params! {
    pub struct ListInstitutionEndings {
        /// How many institutions one page has.
        page: Page<InstitutionId>,
    }
}

impl From<StoredEnding> for InstitutionEnding {
    fn from(stored: StoredEnding) -> Self {
        let all_confirmed = stored.all_confirmed();
        let duty =
            |duty: SurvivingDuty| SurvivingDutyState { duty, fulfilled: duty.is_fulfilled(all_confirmed) };
        Self {
            institution_id: stored.institution,
            ended_on: stored.ended_on,
            duties: SurvivingDuty::ALL.into_iter().map(duty).collect(),
            confirmations: stored.confirmations.into_iter().map(DestructionConfirmation::from).collect(),
        }
    }
}

impl From<StoredConfirmation> for DestructionConfirmation {
    fn from(stored: StoredConfirmation) -> Self {
        Self {
            id: stored.id,
            subprocessor_id: stored.subprocessor,
            due_on: stored.due_on,
            confirmed_on: stored.confirmed.map(|(on, _)| on),
            document_sha256: stored.confirmed.map(|(_, document)| Sha256Hex(document)),
        }
    }
}

async fn list_institution_endings(
    access: Access<part::InstitutionEndings, action::Read, AdministerLicence>,
    query: ListInstitutionEndings,
) -> Result<Listed<InstitutionEnding>, Problem> {
    let ListInstitutionEndings { page } = query;
    let found = access
        .platform()
        .read(Cost::Rows, move |reader| reader.institution_endings(page.after, page.rows))
        .await?;
    page.reply(found, |ending| ending.institution, InstitutionEnding::from)
}

async fn list_ended_institution_certificates(
    access: Access<part::InstitutionEndings, action::Read, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    query: ListEndedInstitutionCertificates,
) -> Result<Listed<IssuedCertificates>, Problem> {
    let ListEndedInstitutionCertificates { page } = query;
    let found = access
        .platform()
        .read(Cost::Rows, move |reader| reader.ended_institution_certificates(id, page.after, page.rows))
        .await?;
    page.reply(found, |issued| issued.destruction, IssuedCertificates::from)
}

async fn confirm_destruction(
    access: Access<part::InstitutionEndings, action::Change, AdministerLicence>,
    PathId(id): PathId<DestructionConfirmationId>,
    JsonBody(body, _): JsonBody<DestructionConfirmationRequest>,
) -> Result<Shown<InstitutionEnding>, Problem> {
    let record = move |writer: &mut PlatformWriter<'_>| {
        writer.record_destruction_confirmation(id, body.confirmed_on, body.document_sha256.0)
    };
    let ending = access.platform().write(record).await?;
    reply::view(&InstitutionEnding::from(ending))
}
