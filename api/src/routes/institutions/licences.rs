//! Licences: what an institution may use, and when (C004).

use groeilijn_domain::institutions::licence::{
    CustomerDuty, LicenceState, Product, TERMS_VERSION, check_terms_version,
};
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::Cost;
use groeilijn_persistence::institutions::licence::StoredLicence;
use jiff::Timestamp;
use jiff::civil::Date;

use super::reach::require_reach;
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::failure::invalid_field;
use crate::http::guard::Open;
use crate::http::guard::activity::AdministerLicence;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Shown};
use crate::http::revision::change_on_platform;
use crate::{operations, reply_body, request_body, revised};

operations! {
    /// The operations on licences.
    pub fn endpoints;

    /// Read the licence terms
    ///
    /// What a customer takes upon itself (C068), for everybody to read. An administrator accepts the version in the name of
    /// the institution, with `acceptTerms`.
    GET "/licence-terms" => read_licence_terms: "The terms that hold now.";

    /// Read a licence
    ///
    /// The licence of an institution.
    GET "/institutions/{institutionId}/licence" => read_licence: "The licence.";

    /// Change a licence
    ///
    /// A merge patch (RFC 7396). Without an active licence nobody logs in, and nothing is read or written (C004).
    PATCH "/institutions/{institutionId}/licence" => change_licence: "The licence as it is now.";

    /// Accept the licence terms
    ///
    /// The administrator accepts the terms that hold now, in the name of the institution (C004). Until then its users can
    /// do nothing but read what there is to accept.
    POST "/institutions/{institutionId}/licence/terms-acceptances" => accept_terms: "The terms were accepted.";
}

request_body! {
    /// What an institution has agreed to use, and when.
    pub struct LicenceCreation {
        /// The products that may be used, at least one: `registration` is the app to write notes and register in,
        /// `monitoring` the one to look at children and groups over time, `mobile` the app on a telephone (C003).
        products: Vec<Product>,
        /// The first day of use, in Amsterdam.
        start_date: Date,
        /// The last day of use, in Amsterdam; without one it runs on.
        end_date: Option<Date>,
        /// How it stands.
        state: LicenceState,
    }
}

request_body! {
    /// What changes about a licence; what is absent stays.
    pub struct LicencePatch {
        /// The products that may be used: all of them, in place of those before.
        products: Change<Vec<Product>>,
        /// The first day of use, in Amsterdam.
        start_date: Change<Date>,
        /// The last day of use, in Amsterdam; null makes it run on.
        end_date: ChangeOrClear<Date>,
        /// How it stands.
        state: Change<LicenceState>,
    }

    example { "products": ["registration", "monitoring", "mobile"], "endDate": null }
}

reply_body! {
    /// What an institution has agreed to use, and when (C004).
    pub struct LicenceBody {
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The products that may be used.
        products: Vec<Product>,
        /// The first day of use, in Amsterdam.
        start_date: Date,
        /// The last day of use, in Amsterdam; null when it runs on.
        end_date: Option<Date>,
        /// How it stands.
        state: LicenceState,
        /// The version of the licence terms that holds now; nothing else works until it is accepted. `/licence-terms`
        /// has them.
        terms_version: String,
        /// The terms that were accepted last; null when none were.
        accepted_terms: Option<TermsAcceptance>,
    }
}

reply_body! {
    /// That licence terms were accepted.
    pub struct TermsAcceptance {
        /// Which version of them.
        version: String,
        /// The user who accepted them.
        accepted_by: UserId,
        /// When, in UTC.
        accepted_at: Timestamp,
    }
}

reply_body! {
    /// The licence terms that hold now.
    pub struct LicenceTerms {
        /// The version, which an administrator accepts.
        version: String,
        /// What the customer takes upon itself.
        duties: Vec<TermsDuty>,
    }
}

reply_body! {
    /// Something that the customer takes upon itself with the licence terms.
    pub struct TermsDuty {
        /// What it is about.
        code: CustomerDuty,
        /// What is agreed, in Dutch.
        text: String,
    }
}

request_body! {
    /// The acceptance of licence terms.
    pub struct TermsAcceptanceCreation {
        /// The version that was read: the one that holds now.
        version: Label,
    }

    example { "version": "2026-1" }
}

revised! { StoredLicence: revision; }

impl From<StoredLicence> for LicenceBody {
    fn from(stored: StoredLicence) -> Self {
        Self {
            etag: stored.etag(),
            products: stored.licence.products.into_iter().collect(),
            start_date: stored.licence.start,
            end_date: stored.licence.end,
            state: stored.licence.state,
            terms_version: TERMS_VERSION.to_owned(),
            accepted_terms: stored.terms.map(|terms| TermsAcceptance {
                version: terms.version,
                accepted_by: terms.accepted_by,
                accepted_at: terms.accepted_at,
            }),
        }
    }
}

async fn read_licence_terms(_: Open<AdministerLicence>) -> Result<Shown<LicenceTerms>, Problem> {
    let duty = |code: CustomerDuty| TermsDuty { code, text: code.text().to_owned() };
    let duties = CustomerDuty::ALL.into_iter().map(duty).collect();
    reply::view(&LicenceTerms { version: TERMS_VERSION.to_owned(), duties })
}

async fn read_licence(
    access: Access<part::Licences, action::Read, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfNoneMatch,
) -> Result<Shown<LicenceBody>, Problem> {
    require_reach(&access, id)?;
    let stored = access.platform().read(Cost::Rows, move |reader| reader.licence_of(id)).await?;
    reply::stored_if_changed(&known, stored)
}

async fn change_licence(
    access: Access<part::Licences, action::Change, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<LicencePatch>,
) -> Result<Shown<LicenceBody>, Problem> {
    change_on_platform(
        &access.platform(),
        known,
        move |writer| writer.reader().licence_of(id),
        move |writer, StoredLicence { mut licence, revision, .. }| {
            if let Change::Set(products) = patch.products {
                licence.products = products.into_iter().collect();
            }
            patch.start_date.apply(&mut licence.start);
            patch.end_date.apply(&mut licence.end);
            patch.state.apply(&mut licence.state);
            licence.check()?;
            writer.enter(id, |tenant| tenant.change_licence(revision, &licence))
        },
    )
    .await
}

async fn accept_terms(
    access: Access<part::Licences, action::Create, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    JsonBody(body, _): JsonBody<TermsAcceptanceCreation>,
) -> Result<Created<LicenceBody>, Problem> {
    require_reach(&access, id)?;
    check_terms_version(body.version.as_str()).map_err(invalid_field("version"))?;
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let accepted = access.tenant()?.write(|writer| writer.accept_terms()).await?;
    let revision = accepted.revision;
    reply::created(&format!("/v1/institutions/{id}/licence"), &LicenceBody::from(accepted), revision)
}
