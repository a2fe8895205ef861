//! Placements: in which groups a child is and was.

use actix_web::HttpRequest;
use groeilijn_domain::children::placement_change::End;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{GroupId, PlacementId, PupilId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::placement::StoredPlacement;
use groeilijn_persistence::children::placement_change::PlacementCorrection;
use jiff::civil::Date;

use super::pupils::unknown_group;
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::whole_list;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::http::revision::{change, delete};
use crate::{operations, reply_body, request_body, revised};

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

    /// Read a placement
    ///
    /// One stay of a child in a group, whose `ETag` a change sends as `If-Match`.
    GET "/placements/{placementId}" => read_placement: "The placement.";

    /// End or correct a placement
    ///
    /// A merge patch (RFC 7396). `endedOn` ends the stay: on that day the child is in no group until the next one begins.
    /// Another `groupId` or `placedOn` corrects a mistake: the placement before it lasts until the new first day, if it lasted
    /// until the old one or holds then. What it was before is listed by `…/placement-changes`, with the reason. Registrations
    /// keep the group that they were made in. Refused with `same-group` or `not-in-a-group` as long as what the child is in beside
    /// its main group would not fit.
    PATCH "/placements/{placementId}" => change_placement: "The placement as it is now.";

    /// Take a placement away
    ///
    /// One that should not have been, or a plan that is off. The child stays in the group that it was in until then, unless
    /// `previousGoesOn` is false. What it was is listed by `…/placement-changes`, with the reason. Refused as correcting one is.
    POST "/placements/{placementId}/_take-away" => take_placement_away: "The placement is gone.";
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

request_body! {
    /// What changes about a placement, and why; what is absent stays.
    pub struct PlacementPatch {
        /// The group that the child is or was in, in place of the wrong one.
        group_id: Change<GroupId>,
        /// The first day in the group, within its school year.
        placed_on: Change<Date>,
        /// The first day no longer in the group, at most 12 months ahead. Null: until the next placement begins, or the child
        /// leaves.
        ended_on: ChangeOrClear<Date>,
        /// Why. For whoever reads the history of the child's groups; never for anything else.
        reason: ShortText,
    }

    example { "endedOn": "2026-12-19", "reason": "Gaat naar een andere opvang." }
}

request_body! {
    /// That a placement is taken away, and why.
    pub struct PlacementTakingAway {
        /// Whether the child stays in the group that it was in until this placement began, as long as this one lasted; true when
        /// absent.
        previous_goes_on: Option<bool>,
        /// Why. For whoever reads the history of the child's groups; never for anything else.
        reason: ShortText,
    }

    example { "reason": "Verkeerd kind geplaatst." }
}

reply_body! {
    /// A child's stay in a group.
    pub struct PlacementBody {
        /// The placement's id.
        id: PlacementId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The group.
        group_id: GroupId,
        /// The first day in the group.
        placed_on: Date,
        /// The first day no longer in the group; null while nothing comes after it.
        ended_on: Option<Date>,
    }
}

revised! { StoredPlacement: revision; }

impl From<StoredPlacement> for PlacementBody {
    fn from(stored: StoredPlacement) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
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
            Ok(New::at(format!("/v1/placements/{id}"), id, placed))
        },
        |writer, id| writer.placement(id).map(View::of),
    )
    .await
}

async fn read_placement(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    PathId(id): PathId<PlacementId>,
    known: IfNoneMatch,
) -> Result<Shown<PlacementBody>, Problem> {
    let placement = access.tenant()?.read(Cost::Rows, move |reader| reader.placement(id)).await?;
    reply::stored_if_changed(&known, placement)
}

async fn change_placement(
    access: Access<part::Pupils, action::Change, AdministerPupils>,
    PathId(id): PathId<PlacementId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<PlacementPatch>,
) -> Result<Shown<PlacementBody>, Problem> {
    let (group, placed_on) = (patch.group_id.into_option(), patch.placed_on.into_option());
    let end = match patch.ended_on.into_option() {
        None => End::Stays,
        Some(None) => End::Open,
        Some(Some(day)) => End::On(day),
    };
    change(
        &access.tenant()?,
        known,
        move |writer| writer.placement(id),
        move |writer, stored| {
            let group = group.map(|group| writer.reached_group(group)).transpose().map_err(unknown_group)?;
            let correction = PlacementCorrection { group, placed_on, end };
            writer.correct_placement(&stored, correction, &patch.reason)
        },
    )
    .await
}

async fn take_placement_away(
    access: Access<part::Pupils, action::Change, AdministerPupils>,
    PathId(id): PathId<PlacementId>,
    known: IfMatch,
    JsonBody(body, _): JsonBody<PlacementTakingAway>,
) -> Result<NoContent, Problem> {
    delete(
        &access.tenant()?,
        known,
        move |writer| writer.placement(id),
        move |writer, stored| {
            writer.take_placement_away(&stored, body.previous_goes_on.unwrap_or(true), &body.reason)
        },
    )
    .await
}
