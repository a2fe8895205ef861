//! What institutions agreed upon: terms, documents with their deviations, and changes of the contract (C139, C140, C149).

use actix_web::HttpRequest;
use groeilijn_domain::institutions::agreement::{self, AgreementSubject, bound_on};
use groeilijn_domain::institutions::institution::ContractProfile;
use groeilijn_domain::values::ids::{AgreementId, ContractDocumentId, InstitutionId, UserId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_persistence::Cost;
use groeilijn_persistence::institutions::agreement::{Proposal, StoredAgreement};
use jiff::Timestamp;
use jiff::civil::Date;

use super::reach::require_reach;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::whole_list;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on agreements.
    pub fn endpoints;

    /// List what an institution agreed upon
    ///
    /// Everything that it was asked to agree upon, the oldest first; with `on` only what bound it on that day: of each
    /// subject what was accepted last (C139). It comes whole.
    GET "/institutions/{institutionId}/agreements" => list_agreements: "The agreements.";

    /// Propose a change of the contract
    ///
    /// A version of a document, with what the institution deviates from it in, or another contract profile. Its
    /// administrators are sent a letter with what it means in plain language; it does not hold before one of them accepts
    /// it (C140).
    POST "/institutions/{institutionId}/agreements" => propose_agreement: "It was proposed.";

    /// Accept a change of the contract
    ///
    /// An administrator accepts what was proposed, in the name of the institution. It binds from this day on.
    POST "/institutions/{institutionId}/agreements/{agreementId}/_accept" => accept_agreement: "The agreement as it is now.";

    /// Refuse a change of the contract
    ///
    /// Everything stays as it was.
    POST "/institutions/{institutionId}/agreements/{agreementId}/_refuse" => refuse_agreement: "The agreement as it is now.";
}

request_body! {
    /// A change of the contract: a document or a contract profile.
    pub struct AgreementCreation {
        /// The version of a document that is proposed.
        document_id: Option<ContractDocumentId>,
        /// What is agreed in place of what the document says (annex 3 of the model agreement); each with its reason.
        deviations: Option<Vec<DeviationCreation>>,
        /// The contract profile that is proposed.
        contract_profile: Option<ContractProfile>,
        /// What another profile means, in plain language. A document has its own summary.
        summary: Option<FreeText>,
    }

    example {
        "contractProfile": "basisonline",
        "summary": "Na opzegging blijven de gegevens twee maanden in plaats van drie.",
    }
}

request_body! {
    /// What is agreed in place of a provision of a document.
    pub struct DeviationCreation {
        /// Which provision, such as "artikel 7.2".
        provision: ShortText,
        /// What is agreed in its place.
        agreed: ShortText,
        /// Why.
        reason: ShortText,
    }
}

reply_body! {
    /// Something that an institution was asked to agree upon.
    pub struct Agreement {
        /// The agreement's id.
        id: AgreementId,
        /// What it is about.
        subject: AgreementSubject,
        /// Which version of the licence terms, or of the parts of the service.
        version: Option<String>,
        /// Which version of a document.
        document_id: Option<ContractDocumentId>,
        /// Which contract profile.
        contract_profile: Option<ContractProfile>,
        /// What it means, in plain language, where its document does not say so.
        summary: Option<String>,
        /// What is agreed in place of what the document says.
        deviations: Vec<Deviation>,
        /// Who proposed it; of terms who accepted them.
        proposed_by: UserId,
        /// When, in UTC.
        proposed_at: Timestamp,
        /// Whether it was accepted; null as long as nothing was decided.
        accepted: Option<bool>,
        /// The administrator who accepted or refused it.
        decided_by: Option<UserId>,
        /// When, in UTC.
        decided_at: Option<Timestamp>,
    }
}

reply_body! {
    /// What is agreed in place of a provision of a document.
    pub struct Deviation {
        /// Which provision.
        provision: String,
        /// What is agreed in its place.
        agreed: String,
        /// Why.
        reason: String,
    }
}

impl From<StoredAgreement> for Agreement {
    fn from(stored: StoredAgreement) -> Self {
        let deviations = stored.content.deviations.into_iter().map(|one| Deviation {
            provision: one.provision,
            agreed: one.agreed,
            reason: one.reason,
        });
        Self {
            id: stored.id,
            subject: stored.subject,
            version: stored.version,
            document_id: stored.document.map(|(id, _)| id),
            contract_profile: stored.profile,
            summary: stored.content.summary,
            deviations: deviations.collect(),
            proposed_by: stored.proposed_by,
            proposed_at: stored.proposed_at,
            accepted: stored.decision.map(|decision| decision.accepted),
            decided_by: stored.decision.map(|decision| decision.by),
            decided_at: stored.decision.map(|decision| decision.at),
        }
    }
}

query_params! {
    pub struct ListAgreements {
        /// Only what bound the institution on this day, in Amsterdam.
        on: Option<Date>,
    }
}

async fn list_agreements(
    access: Access<part::Licences, action::Read, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    query: ListAgreements,
) -> Result<Listed<Agreement>, Problem> {
    require_reach(&access, id)?;
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(id)).await?;
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let all = platform.read_in(id, Cost::Scan, |reader| reader.agreements()).await?;
    let found = match query.on {
        Some(on) => bound_on(all, on, StoredAgreement::slot),
        None => all,
    };
    whole_list(found.into_iter().map(Agreement::from))
}

/// What a body proposes.
fn proposal(body: AgreementCreation) -> Result<Proposal, FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    match (body.document_id, body.contract_profile) {
        (Some(document), None) => {
            if body.summary.is_some() {
                let detail = "the document has a summary of its own";
                return Err(FieldRefusals::one("summary", Refusal::new("not-beside-a-document", detail)));
            }
            let deviations =
                body.deviations.unwrap_or_default().into_iter().map(|one| agreement::Deviation {
                    provision: one.provision.as_str().to_owned(),
                    agreed: one.agreed.as_str().to_owned(),
                    reason: one.reason.as_str().to_owned(),
                });
            return Ok(Proposal::Document(document, deviations.collect()));
        }
        (None, Some(profile)) => {
            if body.deviations.is_some() {
                let detail = "are from a document";
                refusals.refuse("deviations", Refusal::new("not-beside-a-profile", detail));
            }
            match body.summary {
                Some(summary) => {
                    return refusals.or(Proposal::Profile(profile, summary.as_str().to_owned()));
                }
                None => refusals
                    .refuse("summary", Refusal::new("required-for-the-kind", "is required for a profile")),
            }
        }
        (None, None) => {
            refusals.refuse("document_id", Refusal::new("required-for-the-kind", "or a contract profile"));
        }
        (Some(_), Some(_)) => {
            let detail = "is proposed apart from a document";
            refusals.refuse("contract_profile", Refusal::new("not-beside-a-document", detail));
        }
    }
    Err(refusals)
}

async fn propose_agreement(
    access: Access<part::Licences, action::Change, AdministerLicence>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<AgreementCreation>,
) -> Result<Created<Agreement>, Problem> {
    let proposal = proposal(body)?;
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let proposed = writer.enter(institution, |tenant| tenant.propose_agreement(&proposal))?;
            let location = format!("/v1/institutions/{institution}/agreements");
            Ok(New { location, ids: (institution, proposed.id), view: View::unrevised(proposed) })
        },
        |writer, (institution, id)| {
            writer.enter(institution, |tenant| tenant.agreement(id)).map(View::unrevised)
        },
    )
    .await
}

async fn accept_agreement(
    access: Access<part::Licences, action::Create, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
    PathId(id): PathId<AgreementId>,
) -> Result<Shown<Agreement>, Problem> {
    require_reach(&access, institution)?;
    let decided = access.tenant()?.write(move |writer| writer.decide_agreement(id, true)).await?;
    reply::view(&Agreement::from(decided))
}

async fn refuse_agreement(
    access: Access<part::Licences, action::Create, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
    PathId(id): PathId<AgreementId>,
) -> Result<Shown<Agreement>, Problem> {
    require_reach(&access, institution)?;
    let decided = access.tenant()?.write(move |writer| writer.decide_agreement(id, false)).await?;
    reply::view(&Agreement::from(decided))
}
