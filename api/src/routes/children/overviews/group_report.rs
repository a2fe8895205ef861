//! The report of a group, as a PDF that opens with a password (C085): to take along to a meeting, or to send.

use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{DisclosureId, FrameworkId, GroupId};
use groeilijn_domain::values::language::Language;
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::children::group_report::GroupReportWish;
use groeilijn_persistence::{Cost, TenantReader, TenantWriter};
use jiff::civil::Date;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::bodies::GroupOverview;
use super::forms;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::file_reply::{Attached, Printed};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::language::AcceptLanguage;
use crate::http::password_field::PasswordOfDocument;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::printed::locked;
use crate::{operations, request_body};

operations! {
    /// The operation on reports of groups.
    pub fn endpoints;

    /// Make the report of a group
    ///
    /// The overview of the group as a PDF, to take along to a meeting or to send, in the language that `Accept-Language` asks
    /// for: the children by name, how many months each is above or below its age on each line, where extra attention is needed,
    /// and how many children there are of each kind. It opens with the password alone (AES-256), which is kept nowhere.
    ///
    /// With `recipient` it is a disclosure on record (`/institutions/{institutionId}/disclosures`) about these children, whose
    /// id stands at the foot of every page. Without, it is for use within the institution, and in the log alone.
    POST "/groups/{groupId}/_report" => report_group: "The report."
        .producing(&[Printed::MEDIA_TYPE])
        .with_parameter("groupId", "The group.");
}

request_body! {
    /// What is wanted of a report of a group.
    pub struct ReportGroup {
        /// The password that the report opens with: not one that something else opens with too, and without a name or the day of
        /// birth of a child of the group. Letters without accents, digits, symbols and spaces between them.
        password: PasswordOfDocument,
        /// The half-year; the present one when absent. What was registered after it is left out.
        half_year: Option<HalfYear>,
        /// The framework that the report is arranged by, in its language; the one of the newest registration when absent.
        framework_id: Option<FrameworkId>,
        /// The day as of which the group is told, in Amsterdam; today when absent.
        as_of: Option<Date>,
        /// To whom it is given, for the record of the disclosure; absent when it stays within the institution.
        recipient: Option<ShortText>,
    }

    example { "password": "drie blauwe olifanten", "halfYear": "2026-2027-1" }
}

async fn report_group(
    access: Access<part::Overviews, action::Export, FollowDevelopment>,
    PathId(group): PathId<GroupId>,
    AcceptLanguage(language): AcceptLanguage,
    JsonBody(body, _): JsonBody<ReportGroup>,
) -> Result<Attached, Problem> {
    let ReportGroup { password, half_year, framework_id: framework, as_of, recipient } = body;
    let PasswordOfDocument(password) = password;
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    let id = DisclosureId::from_uuid(environment.uuid());
    let (file_id, key) = (environment.bytes::<16>(), Zeroizing::new(environment.bytes::<32>()));
    let wish = GroupReportWish { group, half_year, framework, as_of };
    let (sheet, password) = match recipient {
        None => {
            let read =
                move |reader: &mut TenantReader<'_>| Ok((reader.group_report(wish, &password)?, password));
            tenant.read(Cost::Scan, read).await?
        }
        Some(recipient) => {
            let write = move |writer: &mut TenantWriter<'_>| {
                Ok((writer.disclosed_group_report(id, recipient, wish, &password)?, password))
            };
            tenant.write(write).await?
        }
    };
    let made = spawn_blocking(move || {
        let overview = GroupOverview::of(&sheet.overview, sheet.overview.overview()?);
        let report = forms::report_of_group(&sheet, &overview, language);
        let file = report.pdf(&file_id).map_err(Problem::internal)?;
        locked(&file, &password, &key).map_err(Problem::internal)
    });
    Attached::pdf(file_name(language), language, made.await.map_err(Problem::internal)??)
}

const fn file_name(language: Language) -> &'static str {
    match language {
        Language::Dutch => "groepsoverzicht.pdf",
        Language::English => "group-overview.pdf",
    }
}
