//! The archive: children, groups and school years that are no longer used, to be consulted and restored (C104).

use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{GroupId, PupilId};
use groeilijn_persistence::children::archive::ArchivedYear;

use super::groups::Group;
use super::pupils::Pupil;
use crate::http::access::{Access, action, part};
use crate::http::etag::IfMatch;
use crate::http::guard::activity::AdministerPupils;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Shown};
use crate::http::revision::change;
use crate::{operations, reply_body};

operations! {
    /// The operations on the archive.
    pub fn endpoints;

    /// Archive a pupil
    ///
    /// From then on the child is on no roster, in no search, overview or group of a teacher's own, and nothing is written
    /// about it. Whoever reaches the whole institution reads it by its id, and finds it with `archived`.
    ///
    /// With 409 `archived` for one that is in the archive already.
    POST "/pupils/{pupilId}/_archive" => archive_pupil: "The pupil as it is now.";

    /// Restore a pupil
    ///
    /// Takes a child out of the archive, as it was. With 409 `not-archived` for one that is not in it.
    POST "/pupils/{pupilId}/_restore" => restore_pupil: "The pupil as it is now.";

    /// Archive a group
    ///
    /// A group that no child is in today, nor is going to be: with 409 `group-not-empty` for any other, and `archived` for one
    /// that is in the archive already.
    POST "/groups/{groupId}/_archive" => archive_group: "The group as it is now.";

    /// Restore a group
    ///
    /// Takes a group out of the archive, and the children who went there with its school year. With 409 `not-archived`
    /// for one that is not in it.
    POST "/groups/{groupId}/_restore" => restore_group: "The group as it is now.";

    /// Archive a school year
    ///
    /// All groups of a school year that is over. The children who are in one of them still, and in no group of another
    /// year, go along; the others stay. With 409 `school-year-not-over`.
    POST "/school-years/{schoolYear}/_archive" => archive_school_year: "What went into the archive.";

    /// Restore a school year
    ///
    /// Takes the groups of a school year out of the archive, and the children who went there with them.
    POST "/school-years/{schoolYear}/_restore" => restore_school_year: "What came out of the archive.";
}

reply_body! {
    /// What went into the archive with a school year, or came out of it.
    pub struct ArchivedSchoolYear {
        /// The school year.
        school_year: SchoolYear,
        /// How many groups.
        groups: u32,
        /// How many pupils.
        pupils: u32,
    }
}

impl From<ArchivedYear> for ArchivedSchoolYear {
    fn from(done: ArchivedYear) -> Self {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self { school_year: done.school_year, groups: count(done.groups), pupils: count(done.pupils) }
    }
}

async fn archive_pupil(
    access: Access<part::Retention, action::Change, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    known: IfMatch,
) -> Result<Shown<Pupil>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.pupil(id),
        move |writer, stored| {
            writer.archive_pupil(&stored)?;
            writer.pupil(id)
        },
    )
    .await
}

async fn restore_pupil(
    access: Access<part::Retention, action::Change, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    known: IfMatch,
) -> Result<Shown<Pupil>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.pupil(id),
        move |writer, stored| {
            writer.restore_pupil(&stored)?;
            writer.pupil(id)
        },
    )
    .await
}

async fn archive_group(
    access: Access<part::Retention, action::Change, AdministerPupils>,
    PathId(id): PathId<GroupId>,
    known: IfMatch,
) -> Result<Shown<Group>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.group(id),
        move |writer, stored| writer.archive_group(&stored),
    )
    .await
}

async fn restore_group(
    access: Access<part::Retention, action::Change, AdministerPupils>,
    PathId(id): PathId<GroupId>,
    known: IfMatch,
) -> Result<Shown<Group>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.group(id),
        move |writer, stored| writer.restore_group(&stored),
    )
    .await
}

async fn archive_school_year(
    access: Access<part::Retention, action::Change, AdministerPupils>,
    PathId(school_year): PathId<SchoolYear>,
) -> Result<Shown<ArchivedSchoolYear>, Problem> {
    let done = access.tenant()?.write(move |writer| writer.archive_school_year(school_year)).await?;
    reply::view(&ArchivedSchoolYear::from(done))
}

async fn restore_school_year(
    access: Access<part::Retention, action::Change, AdministerPupils>,
    PathId(school_year): PathId<SchoolYear>,
) -> Result<Shown<ArchivedSchoolYear>, Problem> {
    let done = access.tenant()?.write(move |writer| writer.restore_school_year(school_year)).await?;
    reply::view(&ArchivedSchoolYear::from(done))
}
