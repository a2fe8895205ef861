//! Who is still to be registered (C027).

use groeilijn_domain::children::pupil::YearLevel;
use groeilijn_domain::values::calendar::{HalfYear, amsterdam_date};
use groeilijn_domain::values::ids::{GroupId, PupilId, RegistrationId};
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::registration::{DueChild, OpenDraft};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::page::Page;
use crate::http::problem::Problem;
use crate::http::reply::Listed;
use crate::routes::access::authors::Author;
use crate::{operations, query_params, reply_body};

operations! {
    /// The operations on who is still to be registered.
    pub fn endpoints;

    /// List the children who are still to be registered
    ///
    /// Those within the caller's reach who are in a group today, are younger than eight, and have no final registration in the
    /// half-year (C027), each once and with the drafts that were begun of it. Of a half-year that is over it is of the children who are
    /// in a group today.
    GET "/due-registrations" => list_due_registrations: "A page of children.";
}

reply_body! {
    /// A child without a final registration in the half-year.
    pub struct DueRegistration {
        /// The child.
        pupil_id: PupilId,
        /// First name. For recognising the child.
        first_name: NamePart,
        /// Tussenvoegsel. For recognising the child.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For recognising the child.
        last_name: NamePart,
        /// The day of birth. For telling children of one name apart, and for the age at which a child is registered.
        birth_date: Date,
        /// The year level (jaargroep) that the child is in; null for one in childcare, and where it is not known.
        year_level: Option<YearLevel>,
        /// The main group that the child is in.
        group_id: GroupId,
        /// What was begun, the oldest draft first.
        drafts: Vec<OpenDraftItem>,
    }
}

reply_body! {
    /// A draft of a registration that was never final.
    pub struct OpenDraftItem {
        /// The registration.
        registration_id: RegistrationId,
        /// The day the child was looked at.
        registered_on: Date,
        /// Who began it.
        author: Author,
        /// When it was saved last, in UTC.
        changed_at: Timestamp,
    }
}

impl From<DueChild> for DueRegistration {
    fn from(due: DueChild) -> Self {
        let DueChild { pupil, name, birth_date, year_level, group, drafts } = due;
        Self {
            pupil_id: pupil,
            first_name: name.first,
            infix: name.infix,
            last_name: name.last,
            birth_date,
            year_level,
            group_id: group,
            drafts: drafts.into_iter().map(OpenDraftItem::from).collect(),
        }
    }
}

impl From<OpenDraft> for OpenDraftItem {
    fn from(OpenDraft { registration, registered_on, author, changed_at }: OpenDraft) -> Self {
        Self { registration_id: registration, registered_on, author: author.into(), changed_at }
    }
}

query_params! {
    pub struct ListDueRegistrations {
        /// The half-year; the present one when absent.
        half_year: Option<HalfYear>,
        /// Only the children who are in this group, as their main one or beside it.
        group_id: Option<GroupId>,
        /// How many children one page has.
        page: Page<PupilId>,
    }
}

async fn list_due_registrations(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    query: ListDueRegistrations,
) -> Result<Listed<DueRegistration>, Problem> {
    let ListDueRegistrations { half_year, group_id, page } = query;
    let tenant = access.tenant()?;
    let half_year =
        half_year.unwrap_or_else(|| HalfYear::containing(amsterdam_date(tenant.environment().now())));
    let found = tenant
        .read(Cost::Scan, move |reader| {
            let group = group_id.map(|id| reader.reached_group(id)).transpose()?;
            reader.due_children(half_year, group, page.after, page.rows)
        })
        .await?;
    page.reply(found, |due| due.pupil, DueRegistration::from)
}
