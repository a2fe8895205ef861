//! Reviews of an institution's log (C090).

use actix_web::HttpRequest;
use groeilijn_domain::values::ids::{LogReviewId, UserId};
use groeilijn_domain::values::text::FreeText;
use groeilijn_persistence::Cost;
use groeilijn_persistence::audit::log_review::{NewLogReview, StoredLogReview};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::guard::activity::OperateService;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on reviews of the log.
    pub fn endpoints;

    /// List the reviews of the log
    ///
    /// That somebody of the institution looked through its audit log, and what she found, in the order in which they were entered.
    GET "/log-reviews" => list_log_reviews: "A page of reviews.";

    /// Record a review of the log
    ///
    /// By an administrator who looked through the audit log. It goes on from where the review before it ended. It is never changed
    /// or taken away.
    POST "/log-reviews" => record_log_review: "The review is on record.";

    /// Read when the log is to be reviewed
    ///
    /// On which day the next review is due under the institution's contract, and whether it is late.
    GET "/log-review-duty" => read_log_review_duty: "How the duty stands.";
}

request_body! {
    /// That the log was looked through.
    pub struct LogReviewCreation {
        /// Up to which moment: after that of the review before it, and not after now.
        reviewed_until: Timestamp,
        /// What was found, or that nothing was.
        findings: FreeText,
        /// On which day the next review is due, in Amsterdam; null for the last day that the contract leaves.
        next_due_on: Option<Date>,
    }

    example {
        "reviewedUntil": "2026-11-21T09:00:00Z",
        "findings": "Alle toegang past bij de groepen; geen bijzonderheden.",
    }
}

reply_body! {
    /// A review of the log.
    pub struct LogReview {
        /// Its id.
        id: LogReviewId,
        /// Up to which moment the log was looked through, in UTC.
        reviewed_until: Timestamp,
        /// What was found.
        findings: FreeText,
        /// On which day the next review is due, in Amsterdam.
        next_due_on: Date,
        /// Who looked through it.
        reviewed_by: UserId,
        /// When it was entered, in UTC.
        reviewed_at: Timestamp,
    }
}

reply_body! {
    /// When the log is to be reviewed.
    pub struct LogReviewDuty {
        /// The last day on which the next review is in time, in Amsterdam.
        next_due_on: Date,
        /// Whether that day is over.
        overdue: bool,
        /// Up to which moment the log was looked through, in UTC; null as long as nobody did.
        reviewed_until: Option<Timestamp>,
    }
}

query_params! {
    pub struct ListLogReviews {
        /// How many reviews one page has.
        page: Page<LogReviewId>,
    }
}

impl From<StoredLogReview> for LogReview {
    fn from(stored: StoredLogReview) -> Self {
        Self {
            id: stored.id,
            reviewed_until: stored.until,
            findings: stored.findings,
            next_due_on: stored.next_due_on,
            reviewed_by: stored.reviewed_by,
            reviewed_at: stored.reviewed_at,
        }
    }
}

async fn list_log_reviews(
    access: Access<part::LogReviews, action::Read, OperateService>,
    query: ListLogReviews,
) -> Result<Listed<LogReview>, Problem> {
    let ListLogReviews { page } = query;
    let (after, rows) = (page.after, page.rows);
    let found = access.tenant()?.read(Cost::Rows, move |reader| reader.log_reviews(after, rows)).await?;
    page.reply(found, |review| review.id, LogReview::from)
}

async fn record_log_review(
    access: Access<part::LogReviews, action::Create, OperateService>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<LogReviewCreation>,
) -> Result<Created<LogReview>, Problem> {
    let tenant = access.tenant()?;
    let new = NewLogReview {
        id: LogReviewId::from_uuid(tenant.environment().uuid()),
        until: body.reviewed_until,
        findings: body.findings,
        next_due_on: body.next_due_on,
    };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let recorded = writer.record_log_review(&new)?;
            Ok(New { location: "/v1/log-reviews".to_owned(), ids: new.id, view: View::unrevised(recorded) })
        },
        |writer, id| writer.log_review(id).map(View::unrevised),
    )
    .await
}

async fn read_log_review_duty(
    access: Access<part::LogReviews, action::Read, OperateService>,
) -> Result<Shown<LogReviewDuty>, Problem> {
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let (duty, reviewed_until) = access.tenant()?.read(Cost::Rows, |reader| reader.log_review_duty()).await?;
    let (next_due_on, overdue) = (duty.next_due_on, duty.overdue);
    reply::view(&LogReviewDuty { next_due_on, overdue, reviewed_until })
}
