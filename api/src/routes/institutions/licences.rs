//! Licences: what an institution may use, and when (C004).

use groeilijn_domain::institutions::licence::{
    CustomerDuty, LicenceState, Product, TERMS_VERSION, check_terms_version,
};
use groeilijn_domain::institutions::licence_state::{
    LicencePhase, check_cancellation, check_running, destruction_due,
};
use groeilijn_domain::institutions::service::{InseparablePart, PARTS_VERSION, Service, check_parts_version};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::institutions::licence::StoredLicence;
use groeilijn_persistence::{Cost, Error, PlatformWriter};
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

    /// Read what a licence is made of
    ///
    /// What the service cannot be had without, and which services are optional, in plain language and for everybody to read
    /// before a licence is signed (C041, C149).
    GET "/licence-parts" => read_licence_parts: "The parts.";

    /// Read a licence
    ///
    /// The licence of an institution, and how it stands today: `phase` and `destructionOn` follow from days, and change
    /// without another `ETag`.
    GET "/institutions/{institutionId}/licence" => read_licence: "The licence.";

    /// Change a licence
    ///
    /// A merge patch (RFC 7396). Without an active licence nobody logs in, and nothing is read or written (C004).
    PATCH "/institutions/{institutionId}/licence" => change_licence: "The licence as it is now.";

    /// Cancel a licence
    ///
    /// By the institution's administrator or the secretariat, with the last day of use in Amsterdam. One that was cancelled
    /// before gets another last day. From the day after it, administrators log in to read, take along and archive what
    /// there is, and nobody writes; on `destructionOn` it is destroyed (C106, C107).
    POST "/institutions/{institutionId}/licence/_cancel" => cancel_licence: "The licence as it is now.";

    /// Withdraw the cancellation of a licence
    ///
    /// Until the last day of use has passed, by whoever may cancel. It then ends when it did before, or runs on.
    POST "/institutions/{institutionId}/licence/_withdraw-cancellation" => withdraw_cancellation: "The licence as it is now.";

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
        /// The optional services that may be used beside what the products bring along; without them none (C041).
        services: Option<Vec<Service>>,
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
        /// The optional services that were agreed: all of them, in place of those before (C041).
        services: Change<Vec<Service>>,
        /// The first day of use, in Amsterdam.
        start_date: Change<Date>,
        /// The last day of use, in Amsterdam; null makes it run on. That of a cancelled licence changes with its cancellation.
        end_date: ChangeOrClear<Date>,
        /// How it stands. What is ended is over at once, and gets today as its last day unless that was earlier.
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
        /// The optional services that were agreed; the products bring others along (C041).
        services: Vec<Service>,
        /// The optional services that may be used: those that were agreed, and those that the products bring along.
        services_in_use: Vec<Service>,
        /// The first day of use, in Amsterdam.
        start_date: Date,
        /// The last day of use, in Amsterdam; null when it runs on.
        end_date: Option<Date>,
        /// How it stands, apart from its dates and the acceptance of its terms.
        state: LicenceState,
        /// How it stands today, in Amsterdam.
        phase: LicencePhase,
        /// That it was cancelled; null when it was not.
        cancellation: Option<LicenceCancellation>,
        /// The day in Amsterdam on which the institution's data is to be destroyed; null as long as the licence runs on
        /// (C106, C107).
        destruction_on: Option<Date>,
        /// When it was destroyed, in UTC.
        destroyed_at: Option<Timestamp>,
        /// The version of the licence terms that holds now; nothing else works until it is accepted. `/licence-terms`
        /// has them.
        terms_version: String,
        /// The terms that were accepted last; null when none were.
        accepted_terms: Option<TermsAcceptance>,
    }
}

reply_body! {
    /// That a licence was cancelled.
    pub struct LicenceCancellation {
        /// The last day of use, in Amsterdam. The grace begins on the day after it.
        last_day: Date,
        /// Who cancelled it: a user of the institution, or a member of the processor's staff.
        cancelled_by: UserId,
        /// When, in UTC.
        cancelled_at: Timestamp,
    }
}

request_body! {
    /// The cancellation of a licence.
    pub struct LicenceCancellationRequest {
        /// The last day of use, in Amsterdam: today at the earliest.
        last_day: Date,
    }

    example { "lastDay": "2027-07-31" }
}

reply_body! {
    /// What a licence is made of.
    pub struct LicenceParts {
        /// The version of this description.
        version: String,
        /// What the service cannot be had without.
        inseparable: Vec<InseparablePartBody>,
        /// What is optional, and off unless it was agreed.
        optional: Vec<OptionalService>,
    }
}

reply_body! {
    /// Something that the service cannot be had without.
    pub struct InseparablePartBody {
        /// Which.
        code: InseparablePart,
        /// What it is, in plain Dutch.
        text: String,
    }
}

reply_body! {
    /// A service that an institution need not take.
    pub struct OptionalService {
        /// Which.
        code: Service,
        /// What it is, in plain Dutch.
        text: String,
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
        /// The version of `/licence-parts` that was read before: which processing is inseparable and which is optional
        /// (C149). Who was told it, and when, is kept.
        parts_version: Label,
    }

    example { "version": "2026-1", "partsVersion": "2026-1" }
}

/// A licence as it stands on a day, in Amsterdam.
struct LicenceOn(StoredLicence, Date);

revised! {
    StoredLicence: revision;
    LicenceOn: 0.revision;
}

impl LicenceOn {
    fn today(stored: StoredLicence, now: Timestamp) -> Self {
        Self(stored, amsterdam_date(now))
    }
}

impl From<LicenceOn> for LicenceBody {
    fn from(LicenceOn(stored, today): LicenceOn) -> Self {
        let facts = stored.facts();
        Self {
            etag: stored.etag(),
            services_in_use: stored.licence.in_use().into_iter().collect(),
            products: stored.licence.products.into_iter().collect(),
            services: stored.licence.services.into_iter().collect(),
            start_date: stored.licence.start,
            end_date: stored.licence.end,
            state: stored.licence.state,
            phase: facts.phase(today),
            cancellation: stored.cancellation.zip(stored.licence.end).map(|(cancellation, last_day)| {
                LicenceCancellation { last_day, cancelled_by: cancellation.by, cancelled_at: cancellation.at }
            }),
            destruction_on: destruction_due(&facts),
            destroyed_at: stored.destroyed_at,
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
    let now = access.platform().environment().now();
    let stored = access.platform().read(Cost::Rows, move |reader| reader.licence_of(id)).await?;
    reply::stored_if_changed(&known, LicenceOn::today(stored, now))
}

async fn read_licence_parts(_: Open<AdministerLicence>) -> Result<Shown<LicenceParts>, Problem> {
    let inseparable = |code: InseparablePart| InseparablePartBody { code, text: code.text().to_owned() };
    let optional = |code: Service| OptionalService { code, text: code.text().to_owned() };
    reply::view(&LicenceParts {
        version: PARTS_VERSION.to_owned(),
        inseparable: InseparablePart::ALL.into_iter().map(inseparable).collect(),
        optional: Service::ALL.into_iter().map(optional).collect(),
    })
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
        move |writer, StoredLicence { mut licence, revision, cancellation, destroyed_at, .. }| {
            if destroyed_at.is_some() {
                let detail = "The data of the institution was destroyed: enter it anew.";
                return Err(Error::Conflict(Refusal::new("destroyed", detail)));
            }
            if cancellation.is_some() && !matches!(patch.end_date, ChangeOrClear::Keep) {
                let cancelled = Refusal::new("cancelled", "changes with the cancellation of the licence");
                return Err(FieldRefusals::one("end_date", cancelled).into());
            }
            let now = writer.now();
            if let Change::Set(products) = patch.products {
                licence.products = products.into_iter().collect();
            }
            if let Change::Set(services) = patch.services {
                licence.services = services.into_iter().collect();
            }
            patch.start_date.apply(&mut licence.start);
            patch.end_date.apply(&mut licence.end);
            if let Change::Set(LicenceState::Ended) = patch.state {
                licence.end_at_once(amsterdam_date(now));
            }
            patch.state.apply(&mut licence.state);
            licence.check()?;
            let stored = writer.enter(id, |tenant| tenant.change_licence(revision, &licence))?;
            Ok(LicenceOn::today(stored, now))
        },
    )
    .await
}

async fn cancel_licence(
    access: Access<part::Licences, action::Delete, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfMatch,
    JsonBody(body, _): JsonBody<LicenceCancellationRequest>,
) -> Result<Shown<LicenceBody>, Problem> {
    require_reach(&access, id)?;
    let cancel = move |writer: &mut PlatformWriter<'_>, stored: StoredLicence| {
        let now = writer.now();
        let today = amsterdam_date(now);
        check_running(&stored.facts(), today).map_err(Error::Conflict)?;
        let agreed = stored.cancellation.map_or(stored.licence.end, |cancellation| cancellation.agreed_end);
        check_cancellation(&stored.licence, agreed, body.last_day, today)
            .map_err(invalid_field("last_day"))?;
        let changed =
            writer.enter(id, |tenant| tenant.cancel_licence(stored.revision, body.last_day, agreed))?;
        Ok(LicenceOn::today(changed, now))
    };
    change_on_platform(&access.platform(), known, move |writer| writer.reader().licence_of(id), cancel).await
}

async fn withdraw_cancellation(
    access: Access<part::Licences, action::Delete, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfMatch,
) -> Result<Shown<LicenceBody>, Problem> {
    require_reach(&access, id)?;
    let withdraw = move |writer: &mut PlatformWriter<'_>, stored: StoredLicence| {
        let not_cancelled =
            || Error::Conflict(Refusal::new("not-cancelled", "The licence was not cancelled."));
        let cancellation = stored.cancellation.ok_or_else(not_cancelled)?;
        let now = writer.now();
        check_running(&stored.facts(), amsterdam_date(now)).map_err(Error::Conflict)?;
        let changed = writer
            .enter(id, |tenant| tenant.withdraw_cancellation(stored.revision, cancellation.agreed_end))?;
        Ok(LicenceOn::today(changed, now))
    };
    change_on_platform(&access.platform(), known, move |writer| writer.reader().licence_of(id), withdraw)
        .await
}

async fn accept_terms(
    access: Access<part::Licences, action::Create, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    JsonBody(body, _): JsonBody<TermsAcceptanceCreation>,
) -> Result<Created<LicenceBody>, Problem> {
    require_reach(&access, id)?;
    let mut refusals = FieldRefusals::new();
    refusals.check("version", check_terms_version(body.version.as_str()));
    refusals.check("parts_version", check_parts_version(body.parts_version.as_str()));
    refusals.or(())?;
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let accepted = access.tenant()?.write(|writer| writer.accept_terms()).await?;
    let revision = accepted.revision;
    let accepted = LicenceOn::today(accepted, access.platform().environment().now());
    reply::created(&format!("/v1/institutions/{id}/licence"), &LicenceBody::from(accepted), revision)
}
