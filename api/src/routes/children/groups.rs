//! Groups of children in one school year, and their rosters.

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::children::group::NewGroup;
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{GroupId, PupilId};
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::group::StoredGroup;
use jiff::Timestamp;

use super::pupils::RosterEntry;
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{Created, IdempotentCreation, create};
use crate::http::cursor::After;
use crate::http::endpoint::{Endpoint, delete, get, patch, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::{query_params, reply_body, request_body};

/// The operations on groups.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listGroups", "/groups", list_groups),
        post("createGroup", "/groups", create_group),
        get("readGroup", "/groups/{groupId}", read_group),
        patch("changeGroup", "/groups/{groupId}", change_group),
        delete("deleteGroup", "/groups/{groupId}", delete_group),
        get("listPupilsOfGroup", "/groups/{groupId}/pupils", list_pupils_of_group),
    ]
}

/// The operations on groups as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list_groups, create_group, read_group, change_group, delete_group, list_pupils_of_group))]
pub struct Documented;

request_body! {
    /// A group of children in one school year.
    pub struct NewGroupBody {
        /// The group's id, made by the client for what it entered offline; a UUIDv7. Made here when absent.
        id: Option<GroupId>,
        /// What the group is called. For recognising it, never for telling one person from another.
        name: Label,
        /// The school year that the group exists in; a new year has new groups.
        school_year: SchoolYear,
        /// The location that the group is at, for organisations with more than one.
        location: Option<Label>,
    }
}

request_body! {
    /// What changes about a group; what is absent stays.
    pub struct GroupPatch {
        /// What the group is called.
        name: Change<Label>,
        /// The school year that the group exists in.
        school_year: Change<SchoolYear>,
        /// The location that the group is at; null takes it away.
        location: ChangeOrClear<Label>,
    }
}

reply_body! {
    /// A group of children in one school year.
    pub struct Group {
        /// The group's id.
        id: GroupId,
        /// What the group is called. For recognising it, never for telling one person from another.
        name: Label,
        /// The school year that the group exists in.
        school_year: SchoolYear,
        /// The location that the group is at, for organisations with more than one.
        location: Option<Label>,
        /// When the group was entered, in UTC.
        created_at: Timestamp,
    }
}

impl From<StoredGroup> for Group {
    fn from(stored: StoredGroup) -> Self {
        Self {
            id: stored.id,
            name: stored.fields.name,
            school_year: stored.fields.school_year,
            location: stored.fields.location,
            created_at: stored.created_at,
        }
    }
}

query_params! {
    pub struct ListGroups {
        /// Only the groups of this school year.
        school_year: Option<SchoolYear>,
        /// How many groups one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<GroupId>>,
    }
}

query_params! {
    pub struct ListPupilsOfGroup {
        /// How many pupils one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<PupilId>>,
    }
}

/// List the groups
///
/// The groups of the institution, or the caller's own groups, in the order in which they were entered.
#[utoipa::path(get, path = "/groups", tag = "groups", operation_id = "listGroups",
    responses((status = 200, description = "A page of groups.", body = inline(crate::http::cursor::Page<Group>))))]
async fn list_groups(
    access: Access<part::Groups, action::Read, AdministerPupils>,
    request: HttpRequest,
    query: ListGroups,
) -> Result<HttpResponse, Problem> {
    let ListGroups { school_year, limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.groups(school_year, after, limit.with_one_more()))
        .await?;
    reply::page_by_id(&request, found, limit, |group| group.id.as_uuid(), Group::from)
}

/// Enter a group
///
/// Only an administrator enters groups (C006).
#[utoipa::path(post, path = "/groups", tag = "groups", operation_id = "createGroup", request_body = NewGroupBody,
    responses((status = 201, description = "The group was entered.", body = Group)))]
async fn create_group(
    access: Access<part::Groups, action::Create, AdministerPupils>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NewGroupBody>,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    let id = body.id.unwrap_or_else(|| GroupId::from_uuid(tenant.environment().uuid()));
    let fields = NewGroup { name: body.name, school_year: body.school_year, location: body.location };
    create(IdempotentCreation::new(&request, key, &digest), &tenant, move |writer| {
        let group = writer.create_group(id, &fields, None)?;
        Ok(Created {
            location: format!("/v1/groups/{id}"),
            revision: group.revision,
            body: Group::from(group),
        })
    })
    .await
}

/// Read a group
///
/// One group within the caller's reach.
#[utoipa::path(get, path = "/groups/{groupId}", tag = "groups", operation_id = "readGroup",
    responses((status = 200, description = "The group.", body = Group)))]
async fn read_group(
    access: Access<part::Groups, action::Read, AdministerPupils>,
    PathId(id): PathId<GroupId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let group = access.tenant()?.read(Cost::Rows, move |reader| reader.group(id)).await?;
    let revision = group.revision;
    reply::ok_if_changed(&known, &Group::from(group), revision)
}

/// Change a group
///
/// A merge patch (RFC 7396): what is absent stays, null takes away.
#[utoipa::path(patch, path = "/groups/{groupId}", tag = "groups", operation_id = "changeGroup",
    request_body(content = GroupPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The group as it is now.", body = Group)))]
async fn change_group(
    access: Access<part::Groups, action::Change, AdministerPupils>,
    PathId(id): PathId<GroupId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<GroupPatch>,
) -> Result<HttpResponse, Problem> {
    let group = access
        .tenant()?
        .write(move |writer| {
            let stored = writer.group(id)?;
            known.require(stored.revision)?;
            let mut fields = stored.fields;
            patch.name.apply(&mut fields.name);
            patch.school_year.apply(&mut fields.school_year);
            patch.location.apply(&mut fields.location);
            writer.change_group(id, stored.revision, &fields)
        })
        .await?;
    let revision = group.revision;
    reply::ok(&Group::from(group), revision)
}

/// Take away a group
///
/// Only a group that never held a child can be taken away; the others are part of the children's history.
#[utoipa::path(delete, path = "/groups/{groupId}", tag = "groups", operation_id = "deleteGroup",
    responses((status = 204, description = "The group is gone.")))]
async fn delete_group(
    access: Access<part::Groups, action::Delete, AdministerPupils>,
    PathId(id): PathId<GroupId>,
    known: IfMatch,
) -> Result<HttpResponse, Problem> {
    access
        .tenant()?
        .write(move |writer| {
            let stored = writer.group(id)?;
            known.require(stored.revision)?;
            writer.delete_group(id, stored.revision)
        })
        .await?;
    Ok(reply::no_content())
}

/// List the pupils of a group
///
/// The roster of a group: the pupils that are in it now (C029), in the order in which they were entered.
#[utoipa::path(get, path = "/groups/{groupId}/pupils", tag = "groups", operation_id = "listPupilsOfGroup",
    responses((status = 200, description = "A page of pupils.", body = inline(crate::http::cursor::Page<RosterEntry>))))]
async fn list_pupils_of_group(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    request: HttpRequest,
    PathId(id): PathId<GroupId>,
    query: ListPupilsOfGroup,
) -> Result<HttpResponse, Problem> {
    let ListPupilsOfGroup { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| {
            reader.group(id)?;
            reader.roster(Some(id), after, limit.with_one_more())
        })
        .await?;
    reply::page_by_id(&request, found, limit, |pupil| pupil.id.as_uuid(), RosterEntry::from)
}
