//! Holds: what keeps a child or the whole institution from being destroyed for now (C109).

use actix_web::HttpRequest;
use groeilijn_domain::retention::hold::check_review_day;
use groeilijn_domain::retention::plan::SubjectKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{HoldId, InstitutionId, PupilId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::retention::hold::{Held, StoredHold};
use groeilijn_persistence::{Cost, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::routes::institutions::reach::require_reach;
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on holds.
    pub fn endpoints;

    /// List the holds on a pupil
    ///
    /// In the order in which they were made, also those that were lifted.
    GET "/pupils/{pupilId}/holds" => list_holds_on_pupil: "A page of holds.";

    /// Hold a pupil
    ///
    /// As long as the hold is not lifted, nothing that is kept of the child is destroyed, whatever term is over (C109). Its
    /// review day ends nothing: it is when somebody looks again.
    POST "/pupils/{pupilId}/holds" => hold_pupil: "The hold was made.";

    /// List the holds on an institution
    ///
    /// In the order in which they were made, also those that were lifted.
    GET "/institutions/{institutionId}/holds" => list_holds_on_institution: "A page of holds.";

    /// Hold an institution
    ///
    /// As long as the hold is not lifted, nothing of the institution is destroyed (C109).
    POST "/institutions/{institutionId}/holds" => hold_institution: "The hold was made.";

    /// Read a hold
    ///
    /// Why something is kept longer, and who said so.
    GET "/holds/{holdId}" => read_hold: "The hold.";

    /// Lift a hold
    ///
    /// The hold holds nothing any more; that it was there stays to be read, with who lifted it and when. One that was lifted
    /// stays as it is.
    DELETE "/holds/{holdId}" => lift_hold: "The hold is lifted.";
}

request_body! {
    /// Why something is kept longer than its term.
    pub struct HoldCreation {
        /// Why. For whoever looks at it again; it says nothing of a child that is not needed for that.
        reason: ShortText,
        /// The day on which that is looked at again, in Amsterdam: today at the earliest, at most five years ahead.
        review_day: Date,
    }

    example { "reason": "Bezwaar tegen een beslissing over plaatsing loopt nog.", "reviewDay": "2027-06-01" }
}

reply_body! {
    /// What keeps something from being destroyed for now.
    pub struct Hold {
        /// The hold's id.
        id: HoldId,
        /// What it holds.
        subject: SubjectKind,
        /// The pupil that it holds; null for a hold on the whole institution.
        pupil_id: Option<PupilId>,
        /// Why.
        reason: ShortText,
        /// The day on which that is looked at again, in Amsterdam.
        review_day: Date,
        /// The user who made it.
        made_by: UserId,
        /// When, in UTC.
        made_at: Timestamp,
        /// The user who lifted it; null as long as it holds.
        lifted_by: Option<UserId>,
        /// When it was lifted, in UTC.
        lifted_at: Option<Timestamp>,
    }
}

impl From<StoredHold> for Hold {
    fn from(stored: StoredHold) -> Self {
        let (subject, pupil_id) = match stored.held {
            Held::Pupil(id) => (SubjectKind::Pupil, Some(id)),
            Held::Institution => (SubjectKind::Institution, None),
        };
        Self {
            id: stored.id,
            subject,
            pupil_id,
            reason: stored.reason,
            review_day: stored.review_on,
            made_by: stored.made_by,
            made_at: stored.made_at,
            lifted_by: stored.lifted.map(|(by, _)| by),
            lifted_at: stored.lifted.map(|(_, at)| at),
        }
    }
}

query_params! {
    pub struct ListHolds {
        /// How many holds one page has.
        page: Page<HoldId>,
    }
}

async fn list_holds_on_pupil(
    access: Access<part::Retention, action::Read, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    query: ListHolds,
) -> Result<Listed<Hold>, Problem> {
    list(&access.tenant()?, Held::Pupil(id), query).await
}

async fn list_holds_on_institution(
    access: Access<part::Retention, action::Read, AdministerPupils>,
    PathId(id): PathId<InstitutionId>,
    query: ListHolds,
) -> Result<Listed<Hold>, Problem> {
    require_reach(&access, id)?;
    list(&access.tenant()?, Held::Institution, query).await
}

async fn list(tenant: &Tenant, held: Held, query: ListHolds) -> Result<Listed<Hold>, Problem> {
    let ListHolds { page } = query;
    let found = tenant.read(Cost::Rows, move |reader| reader.holds(held, page.after, page.rows)).await?;
    page.reply(found, |hold| hold.id, Hold::from)
}

async fn hold_pupil(
    access: Access<part::Retention, action::Create, AdministerPupils>,
    request: HttpRequest,
    PathId(id): PathId<PupilId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<HoldCreation>,
) -> Result<Created<Hold>, Problem> {
    let creation = IdempotentCreation::new(&request, key, &digest);
    make(&access.tenant()?, creation, Held::Pupil(id), body).await
}

async fn hold_institution(
    access: Access<part::Retention, action::Create, AdministerPupils>,
    request: HttpRequest,
    PathId(id): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<HoldCreation>,
) -> Result<Created<Hold>, Problem> {
    require_reach(&access, id)?;
    let creation = IdempotentCreation::new(&request, key, &digest);
    make(&access.tenant()?, creation, Held::Institution, body).await
}

async fn make(
    tenant: &Tenant,
    creation: IdempotentCreation,
    held: Held,
    body: HoldCreation,
) -> Result<Created<Hold>, Problem> {
    let environment = tenant.environment();
    let HoldCreation { reason, review_day } = body;
    check_review_day(review_day, amsterdam_date(environment.now())).map_err(invalid_field("review_day"))?;
    let id = HoldId::from_uuid(environment.uuid());
    create(
        creation,
        tenant,
        move |writer| {
            let made = writer.make_hold(id, held, &reason, review_day)?;
            Ok(New { location: format!("/v1/holds/{id}"), ids: id, view: View::unrevised(made) })
        },
        |writer, id| writer.hold(id).map(View::unrevised),
    )
    .await
}

async fn read_hold(
    access: Access<part::Retention, action::Read, AdministerPupils>,
    PathId(id): PathId<HoldId>,
) -> Result<Shown<Hold>, Problem> {
    let hold = access.tenant()?.read(Cost::Rows, move |reader| reader.hold(id)).await?;
    reply::view(&Hold::from(hold))
}

async fn lift_hold(
    access: Access<part::Retention, action::Delete, AdministerPupils>,
    PathId(id): PathId<HoldId>,
) -> Result<NoContent, Problem> {
    access.tenant()?.write(move |writer| writer.lift_hold(id)).await?;
    Ok(NoContent)
}
