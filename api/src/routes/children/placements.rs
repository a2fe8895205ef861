//! Placements: in which groups a child is and was.

use actix_web::HttpRequest;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{GroupId, PlacementId, PupilId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::placement::StoredPlacement;
use jiff::civil::Date;

use super::pupils::unknown_group;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::whole_list;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{Created, Listed};
use crate::{operations, reply_body, request_body};

operations! {
    /// The operations on placements.
    pub fn endpoints;

    /// List a pupil's placements
    ///
    /// The groups that a child is and was in, the first one first.
    GET "/pupils/{pupilId}/placements" => list_placements: "The placements.";

    /// Place a pupil in a group
    ///
    /// The child is in the new group from `placedOn`, which is a day of the group's school year. The placement that holds
    /// then ends on that day and stays in its history; one that begins on that same day makes way for the new one. What is
    /// planned after it stays: the new placement lasts until the next one begins.
    POST "/pupils/{pupilId}/placements" => place_pupil: "The pupil was placed.";
}

request_body! {
    /// A pupil is placed in a group.
    pub struct PlacementCreation {
        /// The placement's id, made by the client for what it entered offline; a UUIDv7. Made here when absent.
        id: Option<PlacementId>,
        /// The group that the child comes into. The placement that holds until then ends on the same day.
        group_id: GroupId,
        /// The day from which the child is in the group, within the school year of the group; today in Amsterdam when
        /// absent.
        placed_on: Option<Date>,
    }

    example { "groupId": "01999999-0000-7000-8000-000000000001", "placedOn": "2026-11-23" }
}

reply_body! {
    /// A child's stay in a group.
    pub struct PlacementBody {
        /// The placement's id.
        id: PlacementId,
        /// The group.
        group_id: GroupId,
        /// The first day in the group.
        placed_on: Date,
        /// The first day no longer in the group; null while nothing comes after it.
        ended_on: Option<Date>,
    }
}

impl From<StoredPlacement> for PlacementBody {
    fn from(stored: StoredPlacement) -> Self {
        Self {
            id: stored.id,
            group_id: stored.placement.group,
            placed_on: stored.placement.placed_on,
            ended_on: stored.placement.ended_on,
        }
    }
}

async fn list_placements(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    PathId(id): PathId<PupilId>,
) -> Result<Listed<PlacementBody>, Problem> {
    let placements = access.tenant()?.read(Cost::Rows, move |reader| reader.placements(id)).await?;
    whole_list(placements.into_iter().map(PlacementBody::from))
}

async fn place_pupil(
    access: Access<part::Pupils, action::Change, AdministerPupils>,
    request: HttpRequest,
    PathId(pupil): PathId<PupilId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<PlacementCreation>,
) -> Result<Created<PlacementBody>, Problem> {
    let tenant = access.tenant()?;
    let id = new_id(body.id, tenant.environment())?;
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let child = writer.child(pupil)?;
            let group = writer.reached_group(body.group_id).map_err(unknown_group)?;
            let placed_on = body.placed_on.unwrap_or_else(|| amsterdam_date(writer.now()));
            let placed = writer.place(id, child, group, placed_on)?;
            let location = format!("/v1/pupils/{pupil}/placements");
            Ok(New { location, ids: id, view: View::unrevised(placed) })
        },
        move |writer, id| writer.placement(pupil, id).map(View::unrevised),
    )
    .await
}
