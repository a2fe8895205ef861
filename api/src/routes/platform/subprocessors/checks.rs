//! Yearly checks of subprocessors, as evidence (C136).

use actix_web::HttpRequest;
use groeilijn_domain::platform::confidentiality_statement::check_signed_on;
use groeilijn_domain::platform::subprocessor::CheckOutcome;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{SubprocessorCheckId, SubprocessorId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::platform::subprocessor::{NewCheck, StoredCheck};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::digest::Sha256Hex;
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{Created, Listed};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on checks of subprocessors.
    pub fn endpoints;

    /// List the checks of a subprocessor
    ///
    /// The evidence that the processor looks every year whether its subprocessor keeps its duties (C136).
    GET "/subprocessors/{subprocessorId}/checks" => list_subprocessor_checks: "A page of checks.";

    /// Record a check of a subprocessor
    ///
    /// What came of it, and the digest of the report, which is kept elsewhere. The next one is due a year later.
    POST "/subprocessors/{subprocessorId}/checks" => record_subprocessor_check: "The check is on record.";
}

request_body! {
    /// A yearly check of a subprocessor.
    pub struct SubprocessorCheckCreation {
        /// The day on which it was checked, in Amsterdam.
        checked_on: Date,
        /// What came of it.
        outcome: CheckOutcome,
        /// SHA-256 of the report, in hexadecimal. For proving later that it is this report.
        document_sha256: Sha256Hex,
    }

    example {
        "checkedOn": "2026-11-20",
        "outcome": "kept",
        "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }
}

reply_body! {
    /// A yearly check of a subprocessor.
    pub struct SubprocessorCheck {
        /// The check's id.
        id: SubprocessorCheckId,
        /// The day on which it was checked, in Amsterdam.
        checked_on: Date,
        /// What came of it.
        outcome: CheckOutcome,
        /// SHA-256 of the report, in hexadecimal.
        document_sha256: Sha256Hex,
        /// When it was recorded, in UTC.
        recorded_at: Timestamp,
    }
}

query_params! {
    pub struct ListSubprocessorChecks {
        /// How many checks one page has.
        page: Page<SubprocessorCheckId>,
    }
}

impl From<StoredCheck> for SubprocessorCheck {
    fn from(stored: StoredCheck) -> Self {
        Self {
            id: stored.id,
            checked_on: stored.checked_on,
            outcome: stored.outcome,
            document_sha256: Sha256Hex(stored.document_sha256),
            recorded_at: stored.recorded_at,
        }
    }
}

async fn list_subprocessor_checks(
    access: Access<part::Subprocessors, action::Read, AdministerLicence>,
    PathId(id): PathId<SubprocessorId>,
    query: ListSubprocessorChecks,
) -> Result<Listed<SubprocessorCheck>, Problem> {
    let ListSubprocessorChecks { page } = query;
    let found = access
        .platform()
        .read(Cost::Rows, move |reader| reader.subprocessor_checks(id, page.after, page.rows))
        .await?;
    page.reply(found, |check| check.id, SubprocessorCheck::from)
}

async fn record_subprocessor_check(
    access: Access<part::Subprocessors, action::Create, AdministerLicence>,
    request: HttpRequest,
    PathId(subprocessor): PathId<SubprocessorId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<SubprocessorCheckCreation>,
) -> Result<Created<SubprocessorCheck>, Problem> {
    let platform = access.platform();
    let environment = platform.environment();
    check_signed_on(body.checked_on, amsterdam_date(environment.now()))
        .map_err(invalid_field("checked_on"))?;
    let new = NewCheck {
        id: SubprocessorCheckId::from_uuid(environment.uuid()),
        checked_on: body.checked_on,
        outcome: body.outcome,
        document_sha256: body.document_sha256.0,
    };
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let recorded = writer.record_subprocessor_check(subprocessor, &new)?;
            let location = format!("/v1/subprocessors/{subprocessor}/checks");
            Ok(New { location, ids: new.id, view: View::unrevised(recorded) })
        },
        |writer, id| writer.reader().subprocessor_check(id).map(View::unrevised),
    )
    .await
}
