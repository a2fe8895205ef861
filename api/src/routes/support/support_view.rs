//! What the helpdesk sees of children while it looks along with a user, and nothing else (C016).

use std::collections::BTreeMap;

use groeilijn_domain::children::framework::MilestoneCode;
use groeilijn_domain::children::registration::MilestoneState;
use groeilijn_domain::values::ids::{PupilId, RegistrationId};
use groeilijn_domain::values::person::HomeLanguage;
use groeilijn_domain::values::text::NamePart;
use groeilijn_persistence::Cost;
use groeilijn_persistence::support::support_view::{SeenPupil, SeenRegistration};
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::guard::activity::OperateService;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::Listed;
use crate::{operations, query_params, reply_body};

operations! {
    /// The operations of the support view.
    pub fn endpoints;

    /// List the children in a support session
    ///
    /// The children whom the user sees with whom is looked along, with exactly the fields of the contract (C016).
    GET "/support-view/pupils" => list_support_pupils: "A page of children.";

    /// List a child's registrations in a support session
    ///
    /// The newest first: what was seen of each milestone. No day, no other judgement and no text (C016).
    GET "/support-view/pupils/{pupilId}/registrations" => list_support_registrations: "A page of registrations.";
}

reply_body! {
    /// A child as the helpdesk sees it: exactly the fields of the contract (C016), and an id to ask on with.
    pub struct SupportPupil {
        /// The child's id.
        id: PupilId,
        /// First name. For finding the child that a user asks about; never for anything else.
        first_name: NamePart,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// The day of birth.
        birth_date: Date,
        /// The language spoken at home.
        home_language: Option<HomeLanguage>,
    }
}

reply_body! {
    /// A registration as the helpdesk sees it: which milestones were reached, and nothing else (C016).
    pub struct SupportRegistration {
        /// The registration's id.
        id: RegistrationId,
        /// What was seen of each milestone, by its code in the framework. What is absent was not judged.
        milestones: BTreeMap<MilestoneCode, MilestoneState>,
    }
}

impl From<SeenPupil> for SupportPupil {
    fn from(seen: SeenPupil) -> Self {
        Self {
            id: seen.id,
            first_name: seen.first_name,
            last_name: seen.last_name,
            birth_date: seen.birth_date,
            home_language: seen.home_language,
        }
    }
}

impl From<SeenRegistration> for SupportRegistration {
    fn from(seen: SeenRegistration) -> Self {
        let SeenRegistration { id, milestones } = seen;
        Self { id, milestones }
    }
}

query_params! {
    pub struct ListPupils {
        /// How many children one page has.
        page: Page<PupilId>,
    }
}

async fn list_support_pupils(
    access: Access<part::SupportView, action::Read, OperateService>,
    query: ListPupils,
) -> Result<Listed<SupportPupil>, Problem> {
    let ListPupils { page } = query;
    let found =
        access.tenant()?.read(Cost::Rows, move |reader| reader.seen_pupils(page.after, page.rows)).await?;
    page.reply(found, |pupil| pupil.id, SupportPupil::from)
}

query_params! {
    pub struct ListRegistrations {
        /// How many registrations one page has.
        page: Page<RegistrationId>,
    }
}

async fn list_support_registrations(
    access: Access<part::SupportView, action::Read, OperateService>,
    PathId(pupil): PathId<PupilId>,
    query: ListRegistrations,
) -> Result<Listed<SupportRegistration>, Problem> {
    let ListRegistrations { page } = query;
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.seen_registrations(pupil, page.after, page.rows))
        .await?;
    page.reply(found, |seen| seen.id, SupportRegistration::from)
}
