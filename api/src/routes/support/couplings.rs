//! Couplings: which adviser works for which institution, and until when (C009, C099–C101).

use actix_web::HttpRequest;
use groeilijn_domain::access::{ProcessorFunction, Role};
use groeilijn_domain::institutions::service::Service;
use groeilijn_domain::support::{CouplingReport, check_period};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{CouplingId, InstitutionId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::support::coupling::{CouplingsOf, NewCoupling, StoredCoupling};
use groeilijn_persistence::{Cost, PlatformWriter};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on couplings.
    pub fn endpoints;

    /// List the couplings
    ///
    /// In the order in which they were made: all of them for the secretariat, for an adviser her own, for an administrator
    /// those to the institution.
    GET "/couplings" => list_couplings: "A page of couplings.";

    /// Couple an adviser to an institution
    ///
    /// Only the secretariat does (C009), for a period that was agreed with the institution. It is a proposal until an
    /// administrator of the institution approves it; they are sent a letter (C099). Then the adviser can begin support
    /// sessions of the kind `coupling` in that period (C100). The institution has it in its own audit log.
    ///
    /// With 409 `couplings-forbidden` when the institution wants none (`/access-settings`).
    POST "/couplings" => couple_adviser: "The coupling was proposed.";

    /// Approve a coupling
    ///
    /// For an administrator of the institution, who states what she consents to: for whom is reported, and in which period.
    /// A report for a cluster or a municipality is never had without that (C099). It counts from the next request on.
    POST "/couplings/{couplingId}/_approve" => approve_coupling: "The coupling as it is now.";

    /// Decouple an adviser
    ///
    /// Before the last day, by the secretariat or by an administrator of the institution, who also declines a proposal this
    /// way. What rests on the coupling ends at once.
    DELETE "/couplings/{couplingId}" => decouple_adviser: "The adviser is no longer coupled.";
}

request_body! {
    /// A coupling of an adviser to an institution.
    pub struct CouplingRequest {
        /// The institution.
        institution_id: InstitutionId,
        /// The adviser: a member of the processor's staff with that function.
        adviser_id: UserId,
        /// The first day, in Amsterdam.
        starts_on: Date,
        /// The last day, in Amsterdam: a year later at most. Whatever anybody does, it ends with this day (C101).
        ends_on: Date,
        /// For whom the adviser processes what she sees into a report (C099, C100).
        report: CouplingReport,
        /// What was agreed with the institution, and with whom (C099). For showing on what the coupling rests.
        agreement: ShortText,
    }

    example {
        "institutionId": "01999999-0000-7000-8000-000000000001",
        "adviserId": "01999999-0000-7000-8000-000000000001",
        "agreement": "Begeleiding bij de overgang naar groep 3.",
        "report": "institution",
        "startsOn": "2026-11-21",
        "endsOn": "2027-01-31",
    }
}

request_body! {
    /// What an administrator consents to: exactly what was proposed (C099).
    pub struct CouplingApproval {
        /// For whom the adviser reports.
        report: CouplingReport,
        /// The first day, in Amsterdam.
        starts_on: Date,
        /// The last day, in Amsterdam.
        ends_on: Date,
    }

    example { "report": "institution", "startsOn": "2026-11-21", "endsOn": "2027-01-31" }
}

reply_body! {
    /// A coupling of an adviser to an institution.
    pub struct Coupling {
        /// The coupling's id.
        id: CouplingId,
        /// The institution.
        institution_id: InstitutionId,
        /// The adviser.
        adviser_id: UserId,
        /// The first day, in Amsterdam.
        starts_on: Date,
        /// The last day, in Amsterdam.
        ends_on: Date,
        /// For whom the adviser reports.
        report: CouplingReport,
        /// What was agreed with the institution.
        agreement: ShortText,
        /// Who made the coupling.
        created_by: UserId,
        /// When it was made, in UTC.
        created_at: Timestamp,
        /// The administrator of the institution who approved it; null as long as nobody did.
        approved_by: Option<UserId>,
        /// When it was approved, in UTC.
        approved_at: Option<Timestamp>,
        /// Who ended it before its last day, or declined it; null if nobody did.
        decoupled_by: Option<UserId>,
        /// When it was ended before its last day, or declined, in UTC; null if it was not.
        decoupled_at: Option<Timestamp>,
    }
}

impl From<StoredCoupling> for Coupling {
    fn from(stored: StoredCoupling) -> Self {
        Self {
            id: stored.id,
            institution_id: stored.institution,
            adviser_id: stored.adviser,
            starts_on: stored.starts_on,
            ends_on: stored.ends_on,
            report: stored.report,
            agreement: stored.agreement,
            created_by: stored.created_by,
            created_at: stored.created_at,
            approved_by: stored.approved.map(|(by, _)| by),
            approved_at: stored.approved.map(|(_, at)| at),
            decoupled_by: stored.decoupled.map(|(by, _)| by),
            decoupled_at: stored.decoupled.map(|(_, at)| at),
        }
    }
}

query_params! {
    pub struct ListCouplings {
        /// How many couplings one page has.
        page: Page<CouplingId>,
    }
}

async fn list_couplings(
    access: Access<part::Couplings, action::Read, AdministerLicence>,
    query: ListCouplings,
) -> Result<Listed<Coupling>, Problem> {
    let ListCouplings { page } = query;
    let actor = access.actor()?;
    let whose = match (actor.institution, actor.role) {
        (Some(institution), _) => CouplingsOf::Institution(institution),
        (None, Role::Processor(ProcessorFunction::Adviser)) => CouplingsOf::Adviser(actor.user),
        (None, _) => CouplingsOf::Everybody,
    };
    let found = access
        .platform()
        .read(Cost::Scan, move |reader| reader.couplings(whose, page.after, page.rows))
        .await?;
    page.reply(found, |coupling| coupling.id, Coupling::from)
}

async fn couple_adviser(
    access: Access<part::Couplings, action::Create, AdministerLicence>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<CouplingRequest>,
) -> Result<Created<Coupling>, Problem> {
    let platform = access.platform();
    let environment = platform.environment();
    check_period(body.starts_on, body.ends_on, amsterdam_date(environment.now()))
        .map_err(invalid_field("ends_on"))?;
    let new = NewCoupling {
        id: CouplingId::from_uuid(environment.uuid()),
        institution: body.institution_id,
        adviser: body.adviser_id,
        starts_on: body.starts_on,
        ends_on: body.ends_on,
        report: body.report,
        agreement: body.agreement,
    };
    access.require_admitted(new.institution, Some(Service::Advice)).await?;
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let coupling = writer.couple(&new)?;
            let location = format!("/v1/couplings/{}", new.id);
            Ok(New { location, ids: new.id, view: View::unrevised(coupling) })
        },
        |writer, id| writer.reader().coupling(id).map(View::unrevised),
    )
    .await
}

async fn approve_coupling(
    access: Access<part::Couplings, action::Change, AdministerLicence>,
    PathId(id): PathId<CouplingId>,
    JsonBody(body, _): JsonBody<CouplingApproval>,
) -> Result<Shown<Coupling>, Problem> {
    let CouplingApproval { report, starts_on, ends_on } = body;
    let approve =
        move |writer: &mut PlatformWriter<'_>| writer.approve_coupling(id, report, starts_on, ends_on);
    let coupling = access.platform().write(approve).await?;
    reply::view(&Coupling::from(coupling))
}

async fn decouple_adviser(
    access: Access<part::Couplings, action::Delete, AdministerLicence>,
    PathId(id): PathId<CouplingId>,
) -> Result<NoContent, Problem> {
    access.platform().write(move |writer| writer.decouple(id)).await?;
    Ok(NoContent)
}
