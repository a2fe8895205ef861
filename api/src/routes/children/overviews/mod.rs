//! Overviews of a child and of a group (C028), and who is still to be registered (C027).

mod bodies;
mod forms;
pub mod group_report;

use groeilijn_domain::values::calendar::{HalfYear, amsterdam_date};
use groeilijn_domain::values::ids::{FrameworkId, GroupId, PupilId};
use groeilijn_persistence::Cost;
use jiff::civil::Date;

pub(super) use self::bodies::LinePoint;
use self::bodies::{GroupOverview, PupilOverview};
use self::forms::FORMS;
use crate::http::access::{Access, action, part};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::language::AcceptLanguage;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::Presented;
use crate::http::wanted::Wanted;
use crate::{operations, query_params};

operations! {
    /// The operations on overviews.
    pub fn endpoints;

    /// Read the overview of a child
    ///
    /// Every development line through time: where the child was at each final registration, against its age on that
    /// day, and the notes about it (C028). A registration is read with the version of the framework it was made with.
    ///
    /// As `image/svg+xml` it is a picture: for each line and the latest six moments a bar as long as the age that was reached,
    /// with a mark at the child's own age. As `text/csv` (in UTF-8, with semicolons in Dutch) and as a workbook it is a table of
    /// each judgement. These are in the language that `Accept-Language` asks for.
    GET "/pupils/{pupilId}/overview" => read_pupil_overview: "The overview."
        .producing(FORMS)
        .with_parameter("pupilId", "The pupil.");

    /// Read the overview of a group
    ///
    /// The children who are in the group now, each with its latest final registration up to the end of the half-year,
    /// and the children without one in the half-year (C027, C028). With `on` it is of the children who were in the group on
    /// that day, also those who left since: the last day of a half-year shows it as the group was then. Whoever reaches own
    /// groups alone is told of the children among them whom she reaches now.
    ///
    /// As `image/svg+xml` it is a picture of the children by name and the lines, as `text/csv` (in UTF-8, with semicolons in
    /// Dutch) and as a workbook a table with a row for each child. These are in the language that `Accept-Language` asks for.
    GET "/groups/{groupId}/overview" => read_group_overview: "The overview."
        .producing(FORMS)
        .with_parameter("groupId", "The group.");
}

query_params! {
    struct ReadPupilOverview {
        /// The framework that the overview is arranged by, in its language; the one of the newest registration when
        /// absent.
        framework_id: Option<FrameworkId>,
    }
}

query_params! {
    struct ReadGroupOverview {
        /// The half-year; the present one when absent. What was registered after it is left out.
        half_year: Option<HalfYear>,
        /// The framework that the overview is arranged by, in its language; the one of the newest registration when
        /// absent.
        framework_id: Option<FrameworkId>,
        /// The day as of which the group is told, in Amsterdam; today when absent.
        on: Option<Date>,
    }
}

async fn read_pupil_overview(
    access: Access<part::Overviews, action::Read, FollowDevelopment>,
    PathId(pupil): PathId<PupilId>,
    ReadPupilOverview { framework_id }: ReadPupilOverview,
    Wanted(form): Wanted,
    AcceptLanguage(language): AcceptLanguage,
) -> Result<Presented<PupilOverview<'static>>, Problem> {
    let sheet =
        access.tenant()?.read(Cost::Scan, move |reader| reader.pupil_overview(pupil, framework_id)).await?;
    forms::of_child(&PupilOverview::of(&sheet), form, language)
}

async fn read_group_overview(
    access: Access<part::Overviews, action::Read, FollowDevelopment>,
    PathId(group): PathId<GroupId>,
    ReadGroupOverview { half_year, framework_id, on }: ReadGroupOverview,
    Wanted(form): Wanted,
    AcceptLanguage(language): AcceptLanguage,
) -> Result<Presented<GroupOverview<'static>>, Problem> {
    let tenant = access.tenant()?;
    let today = amsterdam_date(tenant.environment().now());
    let half_year = half_year.unwrap_or_else(|| HalfYear::containing(today));
    let sheet = tenant
        .read(Cost::Scan, move |reader| reader.group_overview(group, half_year, framework_id, on))
        .await?;
    forms::of_group(&GroupOverview::of(&sheet, sheet.overview()?), form, language)
}
