//! Groups of children in one school year, and their rosters.

use actix_web::HttpRequest;
use groeilijn_domain::children::group::NewGroup;
use groeilijn_domain::children::pupil::YearLevel;
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{GroupId, LocationId, PupilId};
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::group::StoredGroup;
use groeilijn_persistence::children::pupil::Listing;
use jiff::Timestamp;
use jiff::civil::Date;

use super::pupils::{RosterEntry, listing};
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::http::revision::{change, delete};
use crate::{operations, query_params, reply_body, request_body, revised};

operations! {
    /// The operations on groups.
    pub fn endpoints;

    /// List the groups
    ///
    /// The groups of the institution, or the caller's own groups or those at her locations, in the order in which they were entered. With `archived`
    /// the groups in the archive (C104), for whoever reaches the whole institution.
    GET "/groups" => list_groups: "A page of groups.";

    /// Enter a group
    ///
    /// Only an administrator enters groups (C006).
    POST "/groups" => create_group: "The group was entered.";

    /// Read a group
    ///
    /// One group within the caller's reach.
    GET "/groups/{groupId}" => read_group: "The group.";

    /// Change a group
    ///
    /// A merge patch (RFC 7396): what is absent stays, null takes away.
    PATCH "/groups/{groupId}" => change_group: "The group as it is now.";

    /// Take away a group
    ///
    /// Only a group that never held a child can be taken away; the others are part of the children's history.
    DELETE "/groups/{groupId}" => delete_group: "The group is gone.";

    /// List the pupils of a group
    ///
    /// The roster of a group: the pupils that are in it now (C029), in the order in which they were entered. With `on` those
    /// that were, or are going to be, in it on that day, also those who left since; whoever reaches own groups or
    /// locations alone is told of the children among them whom she reaches now.
    GET "/groups/{groupId}/pupils" => list_pupils_of_group: "A page of pupils.";
}

request_body! {
    /// A group of children in one school year.
    pub struct GroupCreation {
        /// The group's id, made by the client for what it entered offline; a UUIDv7. Made here when absent.
        id: Option<GroupId>,
        /// What the group is called. For recognising it, never for telling one person from another.
        name: Label,
        /// The school year that the group exists in; a new year has new groups.
        school_year: SchoolYear,
        /// What the place where the group is is called, for organisations with more than one.
        location: Option<Label>,
        /// The location of the institution that the group is at. For letting in who is limited to that location (C143); never
        /// for comparing locations.
        location_id: Option<LocationId>,
    }

    example { "name": "De Vlinders", "schoolYear": "2026-2027", "location": "Noord" }
}

request_body! {
    /// What changes about a group; what is absent stays.
    pub struct GroupPatch {
        /// What the group is called.
        name: Change<Label>,
        /// The school year that the group exists in; it stays once a child is or was in the group.
        school_year: Change<SchoolYear>,
        /// What the place where the group is is called; null takes it away.
        location: ChangeOrClear<Label>,
        /// The location of the institution that the group is at; null takes it away. Who is limited to locations reaches the
        /// group, or does not, from the next request on (C143).
        location_id: ChangeOrClear<LocationId>,
    }

    example { "name": "De Hommels", "location": null }
}

reply_body! {
    /// A group of children in one school year.
    pub struct Group {
        /// The group's id.
        id: GroupId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// What the group is called. For recognising it, never for telling one person from another.
        name: Label,
        /// The school year that the group exists in.
        school_year: SchoolYear,
        /// What the place where the group is is called, for organisations with more than one.
        location: Option<Label>,
        /// The location of the institution that the group is at; null for one that whoever is limited to locations does not
        /// reach (C143).
        location_id: Option<LocationId>,
        /// When the group was entered, in UTC.
        created_at: Timestamp,
        /// Since when the group is in the archive, in UTC; null for one that is not (C104).
        archived_at: Option<Timestamp>,
    }
}

revised! { StoredGroup: revision; }

impl From<StoredGroup> for Group {
    fn from(stored: StoredGroup) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            name: stored.fields.name,
            school_year: stored.fields.school_year,
            location: stored.fields.location,
            location_id: stored.fields.location_id,
            created_at: stored.created_at,
            archived_at: stored.archived_at,
        }
    }
}

query_params! {
    pub struct ListGroups {
        /// Only the groups of this school year.
        school_year: Option<SchoolYear>,
        /// The groups in the archive, in place of those that are not.
        archived: Option<bool>,
        /// How many groups one page has.
        page: Page<GroupId>,
    }
}

query_params! {
    pub struct ListPupilsOfGroup {
        /// The pupils in the archive, in place of those who are not.
        archived: Option<bool>,
        /// The day as of which the group is told, in Amsterdam; today when absent.
        on: Option<Date>,
        /// Only the pupils in this year level.
        year_level: Option<YearLevel>,
        /// How many pupils one page has.
        page: Page<PupilId>,
    }
}

async fn list_groups(
    access: Access<part::Groups, action::Read, AdministerPupils>,
    query: ListGroups,
) -> Result<Listed<Group>, Problem> {
    let ListGroups { school_year, archived, page } = query;
    let archived = archived.unwrap_or_default();
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.groups(school_year, archived, page.after, page.rows))
        .await?;
    page.reply(found, |group| group.id, Group::from)
}

async fn create_group(
    access: Access<part::Groups, action::Create, AdministerPupils>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<GroupCreation>,
) -> Result<Created<Group>, Problem> {
    let tenant = access.tenant()?;
    let id = new_id(body.id, tenant.environment())?;
    let fields = NewGroup {
        name: body.name,
        school_year: body.school_year,
        location: body.location,
        location_id: body.location_id,
    };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let group = writer.create_group(id, &fields, None)?;
            Ok(New::at(format!("/v1/groups/{id}"), id, group))
        },
        |writer, id| writer.group(id).map(View::of),
    )
    .await
}

async fn read_group(
    access: Access<part::Groups, action::Read, AdministerPupils>,
    PathId(id): PathId<GroupId>,
    known: IfNoneMatch,
) -> Result<Shown<Group>, Problem> {
    let group = access.tenant()?.read(Cost::Rows, move |reader| reader.group(id)).await?;
    reply::stored_if_changed(&known, group)
}

async fn change_group(
    access: Access<part::Groups, action::Change, AdministerPupils>,
    PathId(id): PathId<GroupId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<GroupPatch>,
) -> Result<Shown<Group>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.group(id),
        move |writer, stored| {
            let mut fields = stored.fields;
            patch.name.apply(&mut fields.name);
            patch.school_year.apply(&mut fields.school_year);
            patch.location.apply(&mut fields.location);
            patch.location_id.apply(&mut fields.location_id);
            writer.change_group(id, stored.revision, &fields)
        },
    )
    .await
}

async fn delete_group(
    access: Access<part::Groups, action::Delete, AdministerPupils>,
    PathId(id): PathId<GroupId>,
    known: IfMatch,
) -> Result<NoContent, Problem> {
    delete(
        &access.tenant()?,
        known,
        move |writer| writer.group(id),
        move |writer, stored| writer.delete_group(id, stored.revision),
    )
    .await
}

async fn list_pupils_of_group(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    PathId(id): PathId<GroupId>,
    query: ListPupilsOfGroup,
) -> Result<Listed<RosterEntry>, Problem> {
    let ListPupilsOfGroup { archived, on, year_level, page } = query;
    let listing = Listing { on, year_level, ..listing(archived, None) };
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| {
            let group = reader.reached_group(id)?;
            reader.roster(Some(group), listing, page.after, page.rows)
        })
        .await?;
    page.reply(found, |pupil| pupil.id, RosterEntry::from)
}
