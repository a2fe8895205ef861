//! What the overview of a group is made of: read by one statement, opened as little as it can be.

use std::sync::Arc;

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Binary, HasSqlType, Integer, Nullable, Text};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::overview::{
    GroupChild, GroupOverview, LatestRegistration, RegistrationMoment,
};
use groeilijn_domain::children::registration::LineJudgements;
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{FrameworkId, GroupId, PupilId, RegistrationId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::children::framework::PublishedFramework;
use crate::children::registration::content::{self, Content, sealed_row};
use crate::convert::{date, uuid};
use crate::handles::tenant::TenantReader;

const PUPIL: &str = "pupil";
const REGISTRATION: &str = "registration";

/// The children of a group, each with its latest final version up to a day. It is ordered by its outer table and
/// looks the latest registration up for each child, which is a step in an index; ranking all registrations first
/// takes eight times as long.
const STATEMENT: &str = "\
    SELECT pupil.id, pupil.first_name, pupil.infix, pupil.last_name, \
        registration.id AS registration_id, registration.framework_id, registration.half_year, \
        registration.registered_on, registration.final_version, registration_version.judgements \
    FROM placement \
    JOIN pupil ON pupil.institution_id = placement.institution_id AND pupil.id = placement.pupil_id \
    LEFT JOIN registration ON registration.institution_id = placement.institution_id \
        AND registration.id = ( \
            SELECT latest.id FROM registration AS latest \
            WHERE latest.institution_id = placement.institution_id AND latest.pupil_id = placement.pupil_id \
                AND latest.final_version IS NOT NULL \
                AND latest.registered_on <= {} \
            ORDER BY latest.registered_on DESC, latest.id DESC LIMIT 1) \
    LEFT JOIN registration_version ON registration_version.institution_id = registration.institution_id \
        AND registration_version.registration_id = registration.id \
        AND registration_version.version = registration.final_version \
    WHERE placement.institution_id = {} AND placement.group_id = {} AND placement.placed_on <= {} \
        AND (placement.ended_on IS NULL OR placement.ended_on > {}) \
    ORDER BY placement.pupil_id";

/// What the overview of a group is made of.
pub struct GroupSheet {
    /// The group.
    pub group: GroupId,
    /// The half-year that it is the overview of.
    pub half_year: HalfYear,
    /// The framework that it is arranged by.
    pub framework: Arc<PublishedFramework>,
    /// The children who are in the group now, in the order of their ids.
    pub children: Vec<SheetChild>,
}

/// A child of the group.
pub struct SheetChild {
    /// The child.
    pub pupil: PupilId,
    /// First name.
    pub first_name: String,
    /// Tussenvoegsel.
    pub infix: Option<String>,
    /// Last name, without the tussenvoegsel.
    pub last_name: String,
    /// The latest final version of its latest registration, if there is one.
    pub latest: Option<SheetJudgements>,
}

/// A final version, its document opened but not read.
pub struct SheetJudgements {
    registration: RegistrationId,
    registered_on: Date,
    half_year: HalfYear,
    /// The framework that it was made with.
    pub framework: Arc<PublishedFramework>,
    document: Zeroizing<Vec<u8>>,
}

/// The question itself: in words of SQL, which diesel has none for, and prepared once.
struct ChildrenWithLatest<'a> {
    until: &'a str,
    institution: &'a [u8],
    group: &'a [u8],
    today: &'a str,
}

impl QueryId for ChildrenWithLatest<'_> {
    type QueryId = ChildrenWithLatest<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for ChildrenWithLatest<'_> {
    type SqlType = (Binary, Binary, Binary, Binary, Nullable<(Binary, Binary, Text, Text, Integer, Binary)>);
}

impl<C> RunQueryDsl<C> for ChildrenWithLatest<'_> {}

impl<DB> QueryFragment<DB> for ChildrenWithLatest<'_>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<Binary>,
    str: ToSql<Text, DB>,
    [u8]: ToSql<Binary, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut words = STATEMENT.split("{}");
        let mut next = || words.next().unwrap_or_default();
        pass.push_sql(next());
        pass.push_bind_param::<Text, _>(self.until)?;
        pass.push_sql(next());
        pass.push_bind_param::<Binary, _>(self.institution)?;
        pass.push_sql(next());
        pass.push_bind_param::<Binary, _>(self.group)?;
        pass.push_sql(next());
        pass.push_bind_param::<Text, _>(self.today)?;
        pass.push_sql(next());
        pass.push_bind_param::<Text, _>(self.today)?;
        pass.push_sql(next());
        Ok(())
    }
}

#[derive(Queryable)]
struct ChildRow {
    id: Vec<u8>,
    first_name: Vec<u8>,
    infix: Vec<u8>,
    last_name: Vec<u8>,
    latest: Option<LatestRow>,
}

#[derive(Queryable)]
struct LatestRow {
    registration_id: Vec<u8>,
    framework_id: Vec<u8>,
    half_year: String,
    registered_on: String,
    final_version: i32,
    judgements: Vec<u8>,
}

impl TenantReader<'_> {
    /// What the overview of a group within the caller's reach is made of: of the children who are in it now, the
    /// latest final registrations up to the end of a half-year. `framework` is the one to arrange it by; when
    /// absent, that of the newest of these registrations, or else the published one that was entered last.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the group is not within reach or the framework is not published.
    pub fn group_overview(
        &mut self,
        group: GroupId,
        half_year: HalfYear,
        framework: Option<FrameworkId>,
    ) -> Result<GroupSheet> {
        self.require_group(group)?;
        self.touch(ObjectKind::Overview, group.as_uuid());
        let institution = self.institution();
        let today = self.today();
        let rows: Vec<ChildRow> = RunQuery::load(
            ChildrenWithLatest {
                until: &half_year.last_day().to_string(),
                institution: institution.as_bytes(),
                group: group.as_bytes(),
                today: &today,
            },
            self.connection,
        )?;
        let children = rows.iter().map(|row| self.open_sheet_child(row)).collect::<Result<Vec<_>>>()?;
        let newest = children
            .iter()
            .filter_map(|child| child.latest.as_ref())
            .max_by_key(|latest| latest.registered_on);
        let framework = self.arranging_framework(framework, newest.map(|latest| latest.framework.id))?;
        Ok(GroupSheet { group, half_year, framework, children })
    }

    fn open_sheet_child(&mut self, row: &ChildRow) -> Result<SheetChild> {
        let pupil = uuid(&row.id, PUPIL)?;
        self.touch(ObjectKind::Pupil, pupil);
        let latest = row.latest.as_ref().map(|latest| self.open_latest(pupil, latest)).transpose()?;
        let mut opener = self.opener(PUPIL, pupil, Some(pupil));
        Ok(SheetChild {
            pupil: PupilId::from_uuid(pupil),
            first_name: opener.text("first_name", &row.first_name)?.ok_or(Error::Unreadable(PUPIL))?,
            infix: opener.text("infix", &row.infix)?,
            last_name: opener.text("last_name", &row.last_name)?.ok_or(Error::Unreadable(PUPIL))?,
            latest,
        })
    }

    fn open_latest(&mut self, pupil: Uuid, row: &LatestRow) -> Result<SheetJudgements> {
        let registration = RegistrationId::from_uuid(uuid(&row.registration_id, REGISTRATION)?);
        let framework = FrameworkId::from_uuid(uuid(&row.framework_id, REGISTRATION)?);
        let mut opener =
            self.opener(content::TABLE, sealed_row(registration, row.final_version)?, Some(pupil));
        let document = opener.bytes(content::COLUMN, &row.judgements)?;
        Ok(SheetJudgements {
            registration,
            registered_on: date(&row.registered_on, REGISTRATION)?,
            half_year: HalfYear::parse(&row.half_year).map_err(|_| Error::Unreadable(REGISTRATION))?,
            framework: self.published_framework(framework)?,
            document: document.ok_or(Error::Unreadable(content::TABLE))?,
        })
    }
}

impl GroupSheet {
    /// The overview, read from the opened documents in place.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when a document is not what a registration holds.
    pub fn overview(&self) -> Result<GroupOverview<'_>> {
        let children = self
            .children
            .iter()
            .map(|child| {
                let latest = child.latest.as_ref().map(SheetJudgements::read).transpose()?;
                Ok(GroupChild { pupil: child.pupil, latest })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(GroupOverview::new(&self.framework.index, self.half_year, &children))
    }
}

impl SheetJudgements {
    fn read(&self) -> Result<LatestRegistration<'_>> {
        let content: Content<LineJudgements<'_>> =
            serde_json::from_slice(&self.document).map_err(|_| Error::Unreadable(content::TABLE))?;
        let moment = RegistrationMoment {
            registration: self.registration,
            date: self.registered_on,
            half_year: self.half_year,
            age_months: content.age_months,
        };
        Ok(LatestRegistration { moment, framework: &self.framework.index, lines: content.judgements })
    }
}
