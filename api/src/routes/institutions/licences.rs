//! Licences: what an institution may use, and when (C004).

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use groeilijn_domain::institutions::licence::{CustomerDuty, Licence, LicenceState, Product, TERMS_VERSION};
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::institutions::licence::StoredLicence;
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;
use jiff::civil::Date;

use super::institutions::require_reach;
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::endpoint::{Endpoint, get, patch, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::Open;
use crate::http::guard::activity::AdministerLicence;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply;
use crate::{reply_body, request_body};

/// The operations on licences.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("readLicenceTerms", "/licence-terms", read_licence_terms),
        get("readLicence", "/institutions/{institutionId}/licence", read_licence),
        patch("changeLicence", "/institutions/{institutionId}/licence", change_licence),
        post("acceptTerms", "/institutions/{institutionId}/licence/terms-acceptances", accept_terms),
    ]
}

/// The operations on licences as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(read_licence_terms, read_licence, change_licence, accept_terms))]
pub struct Documented;

request_body! {
    /// What an institution has agreed to use, and when.
    pub struct NewLicence {
        /// The products that may be used (C003).
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
}

reply_body! {
    /// What an institution has agreed to use, and when (C004).
    pub struct LicenceBody {
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
    pub struct NewTermsAcceptance {
        /// The version that was read: the one that holds now.
        version: Label,
    }
}

impl From<StoredLicence> for LicenceBody {
    fn from(stored: StoredLicence) -> Self {
        Self {
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

/// The products that a licence names, at `pointer` in the body.
pub(super) fn products(named: Vec<Product>, pointer: &str) -> Result<BTreeSet<Product>, Error> {
    let products: BTreeSet<_> = named.into_iter().collect();
    if products.is_empty() {
        return Err(Error::invalid(pointer, Refusal::new("empty", "must name at least one product")));
    }
    Ok(products)
}

pub(super) fn check_period(licence: &Licence, pointer: &str) -> Result<(), Error> {
    if licence.end.is_some_and(|end| end < licence.start) {
        return Err(Error::invalid(
            pointer,
            Refusal::new("before-start", "must not be before the start date"),
        ));
    }
    Ok(())
}

/// Read the licence terms
///
/// What a customer takes upon itself (C068), for everybody to read. An administrator accepts the version in the name of
/// the institution, with `acceptTerms`.
#[utoipa::path(get, path = "/licence-terms", tag = "institutions", operation_id = "readLicenceTerms",
    responses((status = 200, description = "The terms that hold now.", body = LicenceTerms)))]
async fn read_licence_terms(_: Open<AdministerLicence>) -> Result<HttpResponse, Problem> {
    let duty = |code: CustomerDuty| TermsDuty { code, text: code.text().to_owned() };
    let duties = CustomerDuty::ALL.into_iter().map(duty).collect();
    reply::view(&LicenceTerms { version: TERMS_VERSION.to_owned(), duties })
}

/// Read a licence
///
/// The licence of an institution.
#[utoipa::path(get, path = "/institutions/{institutionId}/licence", tag = "institutions", operation_id = "readLicence",
    responses((status = 200, description = "The licence.", body = LicenceBody)))]
async fn read_licence(
    access: Access<part::Licences, action::Read, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    require_reach(access.scope(), access.institution(), id)?;
    let stored = access.platform().read(Cost::Rows, move |reader| reader.licence_of(id)).await?;
    let revision = stored.revision;
    reply::ok_if_changed(&known, &LicenceBody::from(stored), revision)
}

/// Change a licence
///
/// A merge patch (RFC 7396). Without an active licence nobody logs in, and nothing is read or written (C004).
#[utoipa::path(patch, path = "/institutions/{institutionId}/licence", tag = "institutions",
    operation_id = "changeLicence",
    request_body(content = LicencePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The licence as it is now.", body = LicenceBody)))]
async fn change_licence(
    access: Access<part::Licences, action::Change, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<LicencePatch>,
) -> Result<HttpResponse, Problem> {
    let changed = access
        .platform()
        .write(move |writer| {
            let StoredLicence { mut licence, revision, .. } = writer.reader().licence_of(id)?;
            known.require(revision)?;
            if let Change::Set(named) = patch.products {
                licence.products = products(named, "/products")?;
            }
            patch.start_date.apply(&mut licence.start);
            patch.end_date.apply(&mut licence.end);
            patch.state.apply(&mut licence.state);
            check_period(&licence, "/endDate")?;
            writer.enter(id, |tenant| tenant.change_licence(revision, &licence))
        })
        .await?;
    let revision = changed.revision;
    reply::ok(&LicenceBody::from(changed), revision)
}

/// Accept the licence terms
///
/// The administrator accepts the terms that hold now, in the name of the institution (C004). Until then its users can
/// do nothing but read what there is to accept.
#[utoipa::path(post, path = "/institutions/{institutionId}/licence/terms-acceptances", tag = "institutions",
    operation_id = "acceptTerms", request_body = NewTermsAcceptance,
    responses((status = 201, description = "The terms were accepted.", body = LicenceBody)))]
async fn accept_terms(
    access: Access<part::Licences, action::Create, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    JsonBody(body, _): JsonBody<NewTermsAcceptance>,
) -> Result<HttpResponse, Problem> {
    require_reach(access.scope(), access.institution(), id)?;
    if body.version.as_str() != TERMS_VERSION {
        let refusal = Refusal::new("not-current", "must be the version that holds now");
        return Err(Error::invalid("/version", refusal).into());
    }
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let accepted = access.tenant()?.write(|writer| writer.accept_terms()).await?;
    let revision = accepted.revision;
    reply::created(&format!("/v1/institutions/{id}/licence"), &LicenceBody::from(accepted), revision)
}
