//! What the report of a group is made of, and that it is on record when it is given to somebody (C085, C046).

use groeilijn_domain::access::author::Author;
use groeilijn_domain::access::document_password::DocumentPassword;
use groeilijn_domain::audit::disclosure::Disclosure;
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{DisclosureId, FrameworkId, GroupId};
use groeilijn_domain::values::refusal::FieldRefusals;
use groeilijn_domain::values::text::{Label, ShortText};
use groeilijn_engine::error::Result;
use jiff::civil::Date;

use crate::children::overview::GroupSheet;
use crate::handles::tenant::{TenantReader, TenantWriter};

/// What somebody wants of the report of a group.
#[derive(Debug, Clone, Copy)]
pub struct GroupReportWish {
    /// The group.
    pub group: GroupId,
    /// The half-year; the present one when absent.
    pub half_year: Option<HalfYear>,
    /// The framework that it is arranged by, as in the overview.
    pub framework: Option<FrameworkId>,
    /// The day as of which the group is told, in Amsterdam; today when absent.
    pub as_of: Option<Date>,
}

/// What a report of a group is made of.
pub struct GroupReportSheet {
    /// Where it is on record that it was given to somebody.
    pub disclosure: Option<DisclosureId>,
    /// The overview of the group.
    pub overview: GroupSheet,
    /// What the group is called.
    pub group: Label,
    /// The institution.
    pub institution: String,
    /// Who has it made.
    pub made_by: Author,
    /// The day on which it is made, in Amsterdam.
    pub made_on: Date,
}

impl TenantReader<'_> {
    /// What a report of a group is made of that is encrypted with this password.
    ///
    /// # Errors
    /// [`Error::NotFound`](groeilijn_engine::error::Error::NotFound) when the group is not within reach or the framework is not
    /// published; [`Error::Invalid`](groeilijn_engine::error::Error::Invalid) with `password-personal`, which is about every
    /// child of the group.
    pub fn group_report(
        &mut self,
        wish: GroupReportWish,
        password: &DocumentPassword,
    ) -> Result<GroupReportSheet> {
        let GroupReportWish { group, half_year, framework, as_of } = wish;
        let half_year = half_year.unwrap_or_else(|| HalfYear::containing(self.today()));
        let overview = self.group_overview(group, half_year, framework, as_of)?;
        let mut refusals = FieldRefusals::new();
        let checked = overview.people().try_for_each(|(name, birth)| password.check_about(name, birth));
        refusals.check("password", checked);
        refusals.or(())?;
        Ok(GroupReportSheet {
            disclosure: None,
            overview,
            group: self.group(group)?.fields.name,
            institution: self.own_institution()?.fields.name.as_str().to_owned(),
            made_by: self.acting_author()?,
            made_on: self.today(),
        })
    }
}

impl TenantWriter<'_> {
    /// The same of one that is given to somebody outside the institution, entered as a disclosure with this id in the same
    /// transaction. Of a group of nobody nothing is disclosed.
    ///
    /// # Errors
    /// As [`group_report`](TenantReader::group_report).
    pub fn disclosed_group_report(
        &mut self,
        id: DisclosureId,
        recipient: ShortText,
        wish: GroupReportWish,
        password: &DocumentPassword,
    ) -> Result<GroupReportSheet> {
        let report = self.group_report(wish, password)?;
        let pupils: Vec<_> = report.overview.children.iter().map(|child| child.pupil).collect();
        if pupils.is_empty() {
            return Ok(report);
        }
        self.record_disclosure(id, &Disclosure::of_group_report(pupils, recipient, self.now()))?;
        Ok(GroupReportSheet { disclosure: Some(id), ..report })
    }
}
