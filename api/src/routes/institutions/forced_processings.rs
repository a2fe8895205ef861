//! Processing that a law forces upon the processor (C039).

use actix_web::HttpRequest;
use groeilijn_domain::institutions::forced_processing::ForcedProcessing as Fields;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{ForcedProcessingId, InstitutionId, UserId};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_persistence::Cost;
use groeilijn_persistence::institutions::forced_processing::StoredForcedProcessing;
use jiff::Timestamp;
use jiff::civil::Date;

use super::reach::require_reach;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{Created, Listed};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on forced processings.
    pub fn endpoints;

    /// List the forced processings of an institution
    ///
    /// What a law forced the processor to process: to the institution's administrator as far as it may be told (C039).
    GET "/institutions/{institutionId}/forced-processings" => list_forced_processings: "A page of forced processings.";

    /// Record a forced processing
    ///
    /// By the secretariat or the platform administrator: the provision, what is processed, and on which day the institution
    /// was told beforehand, or which weighty public interest forbids that (C039). One that may not be told is not shown to
    /// the institution, nor in its log.
    POST "/institutions/{institutionId}/forced-processings" => record_forced_processing: "It is on record.";
}

request_body! {
    /// A processing that a law forces upon the processor.
    pub struct ForcedProcessingCreation {
        /// The provision of the law.
        provision: ShortText,
        /// What is processed, without any name.
        what: FreeText,
        /// The day on which the institution was told, in Amsterdam; null when the law forbids that.
        told_on: Option<Date>,
        /// Which weighty public interest forbids to tell it; null when it was told.
        not_told_because: Option<ShortText>,
    }

    example {
        "provision": "Wetboek van Strafvordering, artikel 126nd.",
        "what": "De tijden waarop een gebruiker was ingelogd.",
        "toldOn": "2026-11-20",
    }
}

reply_body! {
    /// A processing that a law forced upon the processor (C039).
    pub struct ForcedProcessing {
        /// Its id.
        id: ForcedProcessingId,
        /// The provision of the law.
        provision: ShortText,
        /// What is processed.
        what: FreeText,
        /// The day on which the institution was told, in Amsterdam; null when the law forbids that.
        told_on: Option<Date>,
        /// Which weighty public interest forbids to tell it.
        not_told_because: Option<ShortText>,
        /// Who of the processor recorded it.
        recorded_by: UserId,
        /// When it was recorded, in UTC.
        recorded_at: Timestamp,
    }
}

query_params! {
    pub struct ListForcedProcessings {
        /// How many forced processings one page has.
        page: Page<ForcedProcessingId>,
    }
}

impl From<StoredForcedProcessing> for ForcedProcessing {
    fn from(stored: StoredForcedProcessing) -> Self {
        let Fields { provision, what, told_on, not_told_because } = stored.fields;
        Self {
            id: stored.id,
            provision,
            what,
            told_on,
            not_told_because,
            recorded_by: stored.recorded_by,
            recorded_at: stored.recorded_at,
        }
    }
}

async fn list_forced_processings(
    access: Access<part::ForcedProcessings, action::Read, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
    query: ListForcedProcessings,
) -> Result<Listed<ForcedProcessing>, Problem> {
    let ListForcedProcessings { page } = query;
    require_reach(&access, institution)?;
    let (all, after, rows) = (access.institution().is_none(), page.after, page.rows);
    let found = access
        .platform()
        .read(Cost::Rows, move |reader| reader.forced_processings(institution, all, after, rows))
        .await?;
    page.reply(found, |forced| forced.id, ForcedProcessing::from)
}

async fn record_forced_processing(
    access: Access<part::ForcedProcessings, action::Create, AdministerLicence>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<ForcedProcessingCreation>,
) -> Result<Created<ForcedProcessing>, Problem> {
    let platform = access.platform();
    let environment = platform.environment();
    let id = ForcedProcessingId::from_uuid(environment.uuid());
    let ForcedProcessingCreation { provision, what, told_on, not_told_because } = body;
    let fields = Fields { provision, what, told_on, not_told_because };
    fields.check(amsterdam_date(environment.now()))?;
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let recorded = writer.record_forced_processing(institution, id, &fields)?;
            let location = format!("/v1/institutions/{institution}/forced-processings");
            Ok(New { location, ids: id, view: View::unrevised(recorded) })
        },
        |writer, id| writer.reader().forced_processing(id).map(View::unrevised),
    )
    .await
}
