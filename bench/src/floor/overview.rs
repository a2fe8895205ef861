//! The children of a group side by side.

use std::iter;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::FrameworkDocument;
use groeilijn_domain::children::overview::{
    self as rules, GroupChild, LatestRegistration, LineCell, RegistrationMoment,
};
use groeilijn_domain::children::registration::LineJudgements;
use groeilijn_domain::values::calendar::{HalfYear, amsterdam_date};
use groeilijn_domain::values::ids::{PupilId, RegistrationId};
use jiff::civil::Date;
use rusqlite::Row;
use serde::Serialize;
use uuid::Uuid;

use super::Error;
use super::document::Document;
use super::name::Name;
use super::token::Caller;
use super::worker::{Opener, Worker, id};
use crate::outside;

/// Each child with its latest registration, looked up by a step in an index.
const CHILDREN: &str = "SELECT pupil.id, name, registration.id, half_year, registered_on, judgements \
    FROM pupil LEFT JOIN registration ON registration.rowid = ( \
        SELECT latest.rowid FROM registration AS latest \
        WHERE latest.institution_id = pupil.institution_id AND latest.pupil_id = pupil.id \
            AND latest.registered_on <= ?1 \
        ORDER BY latest.registered_on DESC, latest.id DESC LIMIT 1) \
    WHERE pupil.institution_id = ?2 AND pupil.group_id = ?3 ORDER BY pupil.id";

/// Whether a group is one whose children the caller may ask about.
const IN_REACH: &str =
    "SELECT 1 FROM user_group WHERE institution_id = ?1 AND user_id = ?2 AND group_id = ?3";

/// A child as it was read, its document opened.
struct Child {
    id: Uuid,
    name: Name,
    latest: Option<Latest>,
}

struct Latest {
    registration: Uuid,
    half_year: HalfYear,
    registered_on: Date,
    document: Vec<u8>,
}

/// The overview, as ours replies it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Overview<'a> {
    group_id: Uuid,
    half_year: HalfYear,
    framework_id: Uuid,
    pub(super) lines: Vec<Line<'a>>,
    pub(super) children: Vec<ChildCells<'a>>,
    without_registration: Vec<PupilId>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    pub(super) line: &'a str,
    pub(super) title: &'a str,
    ahead: u32,
    at_level: u32,
    behind: u32,
    attention: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChildCells<'a> {
    id: Uuid,
    pub(super) first_name: &'a str,
    infix: Option<&'a str>,
    pub(super) last_name: &'a str,
    registration: Option<Moment>,
    registered_this_half_year: bool,
    pub(super) cells: &'a [LineCell<'a>],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Moment {
    registration_id: RegistrationId,
    registered_on: Date,
    half_year: HalfYear,
    age_months: u16,
}

/// A group, and what is known of its children.
pub(super) struct Found {
    group: Uuid,
    half_year: HalfYear,
    children: Vec<Child>,
}

/// Reads a group, and has that on record.
pub(super) async fn find(
    worker: &Worker,
    caller: &Caller,
    group: Uuid,
    operation: &'static str,
) -> Result<Found, Error> {
    let half_year = HalfYear::containing(amsterdam_date(outside::now()));
    if worker.duties.is_some() && !is_in_reach(worker, caller, group)? {
        return Err(Error::NotFound);
    }
    let children = children(worker, caller.institution, group, half_year)?;
    let touched = iter::once((ObjectKind::Group, group))
        .chain(children.iter().map(|child| (ObjectKind::Pupil, child.id)))
        .collect();
    worker.record(caller, operation, touched).await?;
    if children.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(Found { group, half_year, children })
}

impl Found {
    /// The overview, as it is shown.
    pub(super) fn shown<T>(
        &self,
        worker: &Worker,
        show: impl FnOnce(&Overview<'_>) -> T,
    ) -> Result<T, Error> {
        let &Self { group, half_year, ref children } = self;
        let judged = children.iter().map(|child| child.judged(worker)).collect::<Result<Vec<_>, _>>()?;
        let overview = rules::GroupOverview::new(&worker.framework, half_year, &judged);
        let cells =
            overview.rows().zip(children).map(|((row, cells), child)| child.cells(row, cells)).collect();
        let lines = overview.lines.iter().map(|line| Line::new(line, &worker.document)).collect();
        Ok(show(&Overview {
            group_id: group,
            half_year,
            framework_id: Uuid::nil(),
            lines,
            children: cells,
            without_registration: overview.without_registration.clone(),
        }))
    }
}

fn is_in_reach(worker: &Worker, caller: &Caller, group: Uuid) -> Result<bool, Error> {
    let [institution, user] = [caller.institution, caller.user];
    let ids = (institution.as_bytes().as_slice(), user.as_bytes().as_slice(), group.as_bytes().as_slice());
    Ok(worker.connection.prepare_cached(IN_REACH)?.exists(ids)?)
}

fn children(
    worker: &Worker,
    institution: Uuid,
    group: Uuid,
    half_year: HalfYear,
) -> Result<Vec<Child>, Error> {
    let mut statement = worker.connection.prepare_cached(CHILDREN)?;
    let until = half_year.last_day().to_string();
    let mut rows =
        statement.query((until, institution.as_bytes().as_slice(), group.as_bytes().as_slice()))?;
    let mut children = Vec::new();
    while let Some(row) = rows.next()? {
        children.push(Child::open(worker, institution, row)?);
    }
    Ok(children)
}

impl Child {
    fn open(worker: &Worker, institution: Uuid, columns: &Row<'_>) -> Result<Self, Error> {
        let pupil = id(columns, 0)?;
        let half_year: Option<String> = columns.get(3)?;
        let latest = half_year.map(|half_year| {
            let registration = id(columns, 2)?;
            let row = worker.row(institution, "registration", registration, pupil);
            Latest::open(registration, Opener { columns, row }, &half_year)
        });
        let mut opener = Opener { columns, row: worker.row(institution, "pupil", pupil, pupil) };
        Ok(Self { id: pupil, name: opener.name(1)?, latest: latest.transpose()? })
    }

    fn judged<'a>(&'a self, worker: &'a Worker) -> Result<GroupChild<'a>, Error> {
        let latest = self.latest.as_ref().map(|latest| latest.judged(worker)).transpose()?;
        Ok(GroupChild { pupil: PupilId::from_uuid(self.id), followed: true, latest })
    }

    fn cells<'a>(&'a self, row: &rules::ChildRow, cells: &'a [LineCell<'a>]) -> ChildCells<'a> {
        ChildCells {
            id: self.id,
            first_name: &self.name.first,
            infix: self.name.infix.as_deref(),
            last_name: &self.name.last,
            registration: row.registration.map(Moment::from),
            registered_this_half_year: row.registered_this_half_year,
            cells,
        }
    }
}

impl Latest {
    fn open(registration: Uuid, mut row: Opener<'_, '_>, half_year: &str) -> Result<Self, Error> {
        let registered_on: String = row.columns.get(4)?;
        Ok(Self {
            registration,
            half_year: HalfYear::parse(half_year).map_err(|_| Error::Unreadable)?,
            registered_on: registered_on.parse().map_err(|_| Error::Unreadable)?,
            document: row.bytes(5, "judgements")?.ok_or(Error::Unreadable)?,
        })
    }

    fn judged<'a>(&'a self, worker: &'a Worker) -> Result<LatestRegistration<'a>, Error> {
        let document: Document<LineJudgements<'_>> =
            serde_json::from_slice(&self.document).map_err(|_| Error::Unreadable)?;
        let moment = RegistrationMoment {
            registration: RegistrationId::from_uuid(self.registration),
            date: self.registered_on,
            half_year: self.half_year,
            age_months: document.age_months,
            corrected_age_months: None,
        };
        Ok(LatestRegistration { moment, framework: &worker.framework, lines: document.judgements })
    }
}

impl<'a> Line<'a> {
    fn new(summary: &rules::LineSummary<'a>, framework: &'a FrameworkDocument) -> Self {
        let &rules::LineSummary { line, ahead, at_level, behind, attention } = summary;
        let mut lines = framework.areas.iter().flat_map(|area| &area.lines);
        let title = lines.find(|titled| titled.code.as_str() == line).map_or(line, |titled| &titled.title);
        Self { line, title, ahead, at_level, behind, attention }
    }
}

impl From<RegistrationMoment> for Moment {
    fn from(
        RegistrationMoment { registration, date, half_year, age_months, .. }: RegistrationMoment,
    ) -> Self {
        Self { registration_id: registration, registered_on: date, half_year, age_months }
    }
}
