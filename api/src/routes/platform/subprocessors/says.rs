//! What an institution has to say about a subprocessor: objections, and consents to its country (C135, C137).

use groeilijn_domain::platform::transfer::{Country, Safeguard};
use groeilijn_domain::values::ids::{InstitutionId, SubprocessorId, SubprocessorObjectionId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::platform::subprocessor::{StoredObjection, Viewer};
use groeilijn_persistence::{Cost, PlatformReader};
use jiff::Timestamp;

use super::bodies::Subprocessor;
use super::viewer;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::guard::activity::AdministerLicence;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Listed, NoContent, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on what institutions say of subprocessors.
    pub fn endpoints;

    /// List the objections to a subprocessor
    ///
    /// Those that were withdrawn too: to an administrator her institution's own, to the processor everybody's.
    GET "/subprocessors/{subprocessorId}/objections" => list_subprocessor_objections: "A page of objections.";

    /// Object to a subprocessor
    ///
    /// For an administrator, until and including `objectUntil`. As long as the objection stands, the subprocessor processes
    /// nothing (C135). Another one takes the place of one that stands.
    PUT "/subprocessors/{subprocessorId}/objection" => object_to_subprocessor: "The subprocessor as it stands now.";

    /// Withdraw an objection
    ///
    /// For an administrator. It stays listed. Without one that stands nothing changes.
    DELETE "/subprocessors/{subprocessorId}/objection" => withdraw_objection: "No objection of the institution stands.";

    /// Consent to a transfer
    ///
    /// For an administrator, to the country and the safeguard of a subprocessor outside the European Economic Area: she
    /// states both, and they have to be those that were announced (C137). Without it the subprocessor processes nothing of
    /// the institution.
    PUT "/subprocessors/{subprocessorId}/transfer-consent" => consent_to_transfer: "The subprocessor as it stands now.";

    /// Withdraw the consent to a transfer
    ///
    /// For an administrator: the subprocessor processes nothing of the institution any more. Without one nothing changes.
    DELETE "/subprocessors/{subprocessorId}/transfer-consent" => withdraw_transfer_consent: "The institution consents no longer.";
}

request_body! {
    /// An objection to a subprocessor.
    pub struct SubprocessorObjectionRequest {
        /// Why. For the processor to answer; it is kept sealed under the institution's key.
        reason: ShortText,
    }

    example { "reason": "Wij willen eerst zien hoe de toegang is beperkt." }
}

request_body! {
    /// What an institution consents to: exactly what was announced (C137).
    pub struct TransferConsentRequest {
        /// The country.
        country: Country,
        /// The safeguard.
        safeguard: Safeguard,
    }

    example { "country": "CH", "safeguard": "adequacy-decision" }
}

reply_body! {
    /// An objection of an institution to a subprocessor (C135).
    pub struct SubprocessorObjection {
        /// The objection's id.
        id: SubprocessorObjectionId,
        /// Which institution objected.
        institution_id: InstitutionId,
        /// Why.
        reason: ShortText,
        /// Which of its users made it.
        made_by: UserId,
        /// When, in UTC.
        made_at: Timestamp,
        /// When it was withdrawn, in UTC; null as long as it stands.
        withdrawn_at: Option<Timestamp>,
    }
}

query_params! {
    pub struct ListSubprocessorObjections {
        /// How many objections one page has.
        page: Page<SubprocessorObjectionId>,
    }
}

impl From<StoredObjection> for SubprocessorObjection {
    fn from(stored: StoredObjection) -> Self {
        Self {
            id: stored.id,
            institution_id: stored.institution,
            reason: stored.reason,
            made_by: stored.made_by,
            made_at: stored.made_at,
            withdrawn_at: stored.withdrawn_at,
        }
    }
}

async fn list_subprocessor_objections(
    access: Access<part::Subprocessors, action::Read, AdministerLicence>,
    PathId(id): PathId<SubprocessorId>,
    query: ListSubprocessorObjections,
) -> Result<Listed<SubprocessorObjection>, Problem> {
    let (ListSubprocessorObjections { page }, viewer) = (query, viewer(&access));
    let read = move |reader: &mut PlatformReader<'_>| {
        reader.subprocessor_objections(viewer, id, page.after, page.rows)
    };
    let found = access.platform().read(Cost::Scan, read).await?;
    page.reply(found, |objection| objection.id, SubprocessorObjection::from)
}

/// The institution that has something to say.
fn own<P, A, V>(access: &Access<P, A, V>) -> Result<InstitutionId, Problem> {
    access.institution().ok_or_else(|| Problem::of(ProblemKind::NotFound))
}

async fn object_to_subprocessor(
    access: Access<part::Subprocessors, action::Change, AdministerLicence>,
    PathId(id): PathId<SubprocessorId>,
    JsonBody(body, _): JsonBody<SubprocessorObjectionRequest>,
) -> Result<Shown<Subprocessor>, Problem> {
    let own = own(&access)?;
    let stands = access
        .platform()
        .write(move |writer| {
            writer.object_to_subprocessor(own, id, &body.reason)?;
            writer.reader().subprocessor(Viewer::Institution(own), id)
        })
        .await?;
    reply::view(&Subprocessor::from(stands))
}

async fn withdraw_objection(
    access: Access<part::Subprocessors, action::Change, AdministerLicence>,
    PathId(id): PathId<SubprocessorId>,
) -> Result<NoContent, Problem> {
    let own = own(&access)?;
    access.platform().write(move |writer| writer.withdraw_objection(own, id)).await?;
    Ok(NoContent)
}

async fn consent_to_transfer(
    access: Access<part::Subprocessors, action::Change, AdministerLicence>,
    PathId(id): PathId<SubprocessorId>,
    JsonBody(body, _): JsonBody<TransferConsentRequest>,
) -> Result<Shown<Subprocessor>, Problem> {
    let own = own(&access)?;
    let stands = access
        .platform()
        .write(move |writer| {
            writer.consent_to_transfer(own, id, &body.country, body.safeguard)?;
            writer.reader().subprocessor(Viewer::Institution(own), id)
        })
        .await?;
    reply::view(&Subprocessor::from(stands))
}

async fn withdraw_transfer_consent(
    access: Access<part::Subprocessors, action::Change, AdministerLicence>,
    PathId(id): PathId<SubprocessorId>,
) -> Result<NoContent, Problem> {
    let own = own(&access)?;
    access.platform().write(move |writer| writer.withdraw_transfer_consent(own, id)).await?;
    Ok(NoContent)
}
