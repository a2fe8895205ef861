//! What the overview of a group is made of: read by one statement, opened as little as it can be.

use std::sync::Arc;

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Binary, HasSqlType, Integer, Nullable};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::overview::{
    GroupChild, GroupOverview, LatestRegistration, RegistrationMoment,
};
use groeilijn_domain::children::pupil::{Birth, YearLevel, is_followed, namesakes};
use groeilijn_domain::children::registration::{LineJudgements, age_shown};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{FrameworkId, GroupId, InstitutionId, PupilId, RegistrationId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::columns::{self, Day};
use groeilijn_engine::database::query::prelude::{QueryResult, Queryable, RunQuery};
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::children::framework::PublishedFramework;
use crate::children::key_owner;
use crate::children::pupil::{open_birth, open_year_level};
use crate::children::reach::Child;
use crate::children::registration::content::{self, Content, sealed_row};
use crate::children::schema as sql;
use crate::handles::tenant::{Reach, TenantReader};
use crate::person_name::open_name;

const PUPIL: &str = "pupil";

/// The children of a group, each with its latest final version up to a day. It is ordered by its outer table and
/// looks the latest registration up for each child, which is a step in an index; ranking all registrations first
/// takes eight times as long.
const STATEMENT: &str = "\
    SELECT pupil.id, pupil.name, pupil.birth_date, pupil.weeks_premature, pupil.year_level, \
        registration.id AS registration_id, registration.framework_id, registration.half_year, \
        registration.registered_on, registration.final_version, registration_version.judgements \
    FROM pupil \
    LEFT JOIN registration ON registration.institution_id = pupil.institution_id \
        AND registration.id = ( \
            SELECT latest.id FROM registration AS latest \
            WHERE latest.institution_id = pupil.institution_id AND latest.pupil_id = pupil.id \
                AND latest.final_version IS NOT NULL AND latest.withdrawn_at IS NULL \
                AND latest.registered_on <= {} \
            ORDER BY latest.registered_on DESC, latest.id DESC LIMIT 1) \
    LEFT JOIN registration_version ON registration_version.institution_id = registration.institution_id \
        AND registration_version.registration_id = registration.id \
        AND registration_version.version = registration.final_version \
    WHERE pupil.institution_id = {} AND pupil.destroying_at IS NULL AND pupil.archived_at IS NULL \
        AND pupil.id IN ( \
            SELECT stay.pupil_id FROM stay \
            WHERE stay.institution_id = {} AND stay.group_id = {} AND stay.placed_on <= {} \
                AND (stay.ended_on IS NULL OR stay.ended_on > {})) \
    ORDER BY pupil.id";

/// What the overview of a group is made of.
pub struct GroupSheet {
    /// The group.
    pub group: GroupId,
    /// The half-year that it is the overview of.
    pub half_year: HalfYear,
    /// The day as of which it is told who has to be registered.
    as_of: Date,
    /// The framework that it is arranged by.
    pub framework: Arc<PublishedFramework>,
    /// The children who are in the group now, or were on the day that is asked for, in the order of their ids.
    pub children: Vec<SheetChild>,
}

/// A child of the group.
pub struct SheetChild {
    /// The child.
    pub pupil: PupilId,
    /// Its name.
    pub name: PersonName,
    birth: Birth,
    /// The day of its birth, where another child of the group has the same name.
    pub birth_date: Option<Date>,
    /// The year level that it is in, if it is in one.
    pub year_level: Option<YearLevel>,
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
#[derive(QueryId)]
struct ChildrenWithLatest {
    until: Date,
    institution: InstitutionId,
    group: GroupId,
    on: Date,
}

impl Query for ChildrenWithLatest {
    type SqlType = (
        sql::PupilId,
        Binary,
        Binary,
        Nullable<Binary>,
        Nullable<Binary>,
        Nullable<(sql::RegistrationId, sql::FrameworkId, sql::HalfYear, Day, Integer, Binary)>,
    );
}

impl<C> RunQueryDsl<C> for ChildrenWithLatest {}

impl<DB> QueryFragment<DB> for ChildrenWithLatest
where
    DB: Backend + HasSqlType<Day> + HasSqlType<columns::InstitutionId> + HasSqlType<sql::GroupId>,
    Date: ToSql<Day, DB>,
    InstitutionId: ToSql<columns::InstitutionId, DB>,
    GroupId: ToSql<sql::GroupId, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut words = STATEMENT.split("{}");
        let mut next = || words.next().unwrap_or_default();
        pass.push_sql(next());
        pass.push_bind_param::<Day, _>(&self.until)?;
        pass.push_sql(next());
        pass.push_bind_param::<columns::InstitutionId, _>(&self.institution)?;
        pass.push_sql(next());
        pass.push_bind_param::<columns::InstitutionId, _>(&self.institution)?;
        pass.push_sql(next());
        pass.push_bind_param::<sql::GroupId, _>(&self.group)?;
        pass.push_sql(next());
        pass.push_bind_param::<Day, _>(&self.on)?;
        pass.push_sql(next());
        pass.push_bind_param::<Day, _>(&self.on)?;
        pass.push_sql(next());
        Ok(())
    }
}

#[derive(Queryable)]
struct ChildRow {
    id: PupilId,
    name: Vec<u8>,
    birth_date: Vec<u8>,
    weeks_premature: Option<Vec<u8>>,
    year_level: Option<Vec<u8>>,
    latest: Option<LatestRow>,
}

#[derive(Queryable)]
struct LatestRow {
    registration_id: RegistrationId,
    framework_id: FrameworkId,
    half_year: HalfYear,
    registered_on: Date,
    final_version: i32,
    judgements: Vec<u8>,
}

impl TenantReader<'_> {
    /// What the overview of a group is made of: of the children who are in it now, or were on the day `on`, the
    /// latest final registrations up to the end of a half-year. Of those who were in it, whoever reaches own groups or
    /// locations alone is told of the children whom she still reaches. `framework` is the one to arrange it by; when
    /// absent, that of the newest of these registrations, or else the one that is chosen for the age of most, or else the
    /// published one that was entered last.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the group is not within reach or the framework is not published.
    pub fn group_overview(
        &mut self,
        group: GroupId,
        half_year: HalfYear,
        framework: Option<FrameworkId>,
        on: Option<Date>,
    ) -> Result<GroupSheet> {
        let group = self.reached_group(group)?.id();
        self.touch(ObjectKind::Overview, group.as_uuid());
        let question = ChildrenWithLatest {
            until: half_year.last_day(),
            institution: self.institution(),
            group,
            on: on.unwrap_or(self.today()),
        };
        let mut rows: Vec<ChildRow> = RunQuery::load(question, self.connection)?;
        if on.is_some() && self.reach() != Reach::Institution {
            let reached = self.those_in_reach(rows.iter().map(|row| row.id))?;
            rows.retain(|row| reached.contains(&row.id));
        }
        self.open_keys(rows.iter().map(|row| key_owner::pupil(row.id)))?;
        let mut children = self.open_rows(&rows, |row| row.id.as_uuid(), Self::open_sheet_child)?;
        tell_namesakes_apart(&mut children);
        let newest = children
            .iter()
            .filter_map(|child| child.latest.as_ref())
            .max_by_key(|latest| latest.registered_on);
        let arranging = match framework.or(newest.map(|latest| latest.framework.id)) {
            None => {
                let births = children.iter().map(|child| child.birth.date);
                self.framework_chosen_for_most(births, on.unwrap_or(self.today()))?
            }
            found => found,
        };
        let framework = self.arranging_framework(arranging)?;
        let as_of = half_year.last_day().min(self.today());
        Ok(GroupSheet { group, half_year, as_of, framework, children })
    }

    fn open_sheet_child(&mut self, row: &ChildRow) -> Result<SheetChild> {
        let child = self.reached(row.id, None);
        let latest = row.latest.as_ref().map(|latest| self.open_latest(child, latest)).transpose()?;
        let mut opener = self.opener(PUPIL, row.id.as_uuid(), child.key_owner());
        let birth = open_birth(&mut opener, &row.birth_date, row.weeks_premature.as_deref())?;
        let name = open_name(&mut opener, &row.name)?;
        let year_level = open_year_level(&mut opener, row.year_level.as_deref())?;
        Ok(SheetChild { pupil: row.id, name, birth, birth_date: None, year_level, latest })
    }

    fn open_latest(&mut self, child: Child, row: &LatestRow) -> Result<SheetJudgements> {
        let version = sealed_row(row.registration_id, row.final_version)?;
        let document = self
            .opener(content::TABLE, version, child.key_owner())
            .bytes(content::COLUMN, &row.judgements)?;
        Ok(SheetJudgements {
            registration: row.registration_id,
            registered_on: row.registered_on,
            half_year: row.half_year,
            framework: self.published_framework(row.framework_id)?,
            document: document.ok_or(Error::Unreadable(content::TABLE))?,
        })
    }
}

/// Shows the days of birth of children who have the same name, and of nobody else: an overview needs no more of them.
fn tell_namesakes_apart(children: &mut [SheetChild]) {
    let shared = namesakes(children.iter().map(|child| (child.pupil, &child.name)));
    for child in children.iter_mut().filter(|child| shared.contains(&child.pupil)) {
        child.birth_date = Some(child.birth.date);
    }
}

impl GroupSheet {
    /// Who the children are: their names and the days of their birth.
    pub(crate) fn people(&self) -> impl Iterator<Item = (&PersonName, Date)> {
        self.children.iter().map(|child| (&child.name, child.birth.date))
    }

    /// The overview, read from the opened documents in place.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when a document is not what a registration holds.
    pub fn overview(&self) -> Result<GroupOverview<'_>> {
        let children = self
            .children
            .iter()
            .map(|child| {
                let latest = child.latest.as_ref().map(|latest| latest.read(child.birth)).transpose()?;
                let followed = is_followed(child.birth.date, self.as_of);
                Ok(GroupChild { pupil: child.pupil, followed, latest })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(GroupOverview::new(&self.framework.index, self.half_year, &children))
    }
}

impl SheetJudgements {
    fn read(&self, birth: Birth) -> Result<LatestRegistration<'_>> {
        let content: Content<LineJudgements<'_>> =
            serde_json::from_slice(&self.document).map_err(|_| Error::Unreadable(content::TABLE))?;
        let moment = RegistrationMoment {
            registration: self.registration,
            date: self.registered_on,
            half_year: self.half_year,
            age_months: age_shown(Some(birth), self.registered_on, content.age_months),
            corrected_age_months: birth.corrected_age(self.registered_on),
        };
        Ok(LatestRegistration { moment, framework: &self.framework.index, lines: content.judgements })
    }
}
