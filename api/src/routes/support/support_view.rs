//! What the helpdesk sees of children while it looks along with a user, and nothing else (C016).

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::children::framework::MilestoneCode;
use groeilijn_domain::children::registration::{MilestoneState, RegistrationState};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{PupilId, RegistrationId};
use groeilijn_domain::values::person::HomeLanguage;
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::Cost;
use groeilijn_persistence::support::support_view::{SeenPupil, SeenRegistration};
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, get};
use crate::http::guard::activity::OperateService;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::routes::children::registrations::position::AfterRegistration;
use crate::{query_params, reply_body};

/// The operations of the support view.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listSupportPupils", "/support-view/pupils", list_pupils),
        get("listSupportRegistrations", "/support-view/pupils/{pupilId}/registrations", list_registrations),
    ]
}

/// The operations of the support view as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list_pupils, list_registrations))]
pub struct Documented;

reply_body! {
    /// A child as the helpdesk sees it: exactly these fields (C016).
    pub struct SupportPupil {
        /// The child's id.
        id: PupilId,
        /// First name. For finding the child that a user asks about; never for anything else.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// The day of birth.
        birth_date: Date,
        /// The language spoken at home.
        home_language: Option<HomeLanguage>,
    }
}

reply_body! {
    /// A registration as the helpdesk sees it: when, and which milestones were reached (C016).
    pub struct SupportRegistration {
        /// The registration's id.
        id: RegistrationId,
        /// The day the child was looked at.
        registered_on: Date,
        /// The half-year it counts for.
        half_year: HalfYear,
        /// Whether the version that is shown can still change.
        state: RegistrationState,
        /// What was seen of each milestone, by its code in the framework. What is absent was not judged.
        milestones: BTreeMap<MilestoneCode, MilestoneState>,
    }
}

impl From<SeenPupil> for SupportPupil {
    fn from(seen: SeenPupil) -> Self {
        Self {
            id: seen.id,
            first_name: seen.name.first,
            infix: seen.name.infix,
            last_name: seen.name.last,
            birth_date: seen.birth_date,
            home_language: seen.home_language,
        }
    }
}

impl From<SeenRegistration> for SupportRegistration {
    fn from(seen: SeenRegistration) -> Self {
        let SeenRegistration { id, registered_on, half_year, state, milestones } = seen;
        Self { id, registered_on, half_year, state, milestones }
    }
}

query_params! {
    pub struct ListPupils {
        /// How many children one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<PupilId>>,
    }
}

/// List the children in a support session
///
/// The children whom the user sees with whom is looked along, with exactly the fields of the contract (C016).
#[utoipa::path(get, path = "/support-view/pupils", tag = "support-view", operation_id = "listSupportPupils",
    responses((status = 200, description = "A page of children.", body = inline(Page<SupportPupil>))))]
async fn list_pupils(
    access: Access<part::SupportView, action::Read, OperateService>,
    request: HttpRequest,
    query: ListPupils,
) -> Result<HttpResponse, Problem> {
    let ListPupils { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.seen_pupils(after, limit.with_one_more()))
        .await?;
    reply::page_by_id(&request, found, limit, |pupil| pupil.id.as_uuid(), SupportPupil::from)
}

query_params! {
    pub struct ListRegistrations {
        /// How many registrations one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<AfterRegistration>,
    }
}

/// List a child's registrations in a support session
///
/// The newest first: when, and what was seen of each milestone. No other judgement and no text (C016).
#[utoipa::path(get, path = "/support-view/pupils/{pupilId}/registrations", tag = "support-view",
    operation_id = "listSupportRegistrations",
    responses((status = 200, description = "A page of registrations.", body = inline(Page<SupportRegistration>))))]
async fn list_registrations(
    access: Access<part::SupportView, action::Read, OperateService>,
    request: HttpRequest,
    PathId(pupil): PathId<PupilId>,
    query: ListRegistrations,
) -> Result<HttpResponse, Problem> {
    let ListRegistrations { limit, cursor } = query;
    let before = cursor.map(|AfterRegistration(day, id)| (day, id));
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.seen_registrations(pupil, before, limit.with_one_more()))
        .await?;
    let position = |last: &SeenRegistration| AfterRegistration(last.registered_on, last.id).into();
    reply::page_by(&request, found, limit, position, SupportRegistration::from)
}
