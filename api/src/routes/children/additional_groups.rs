//! Groups that a child is in beside its main one.

use actix_web::HttpRequest;
use groeilijn_domain::children::pupil::MAX_DAY_PARTS;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{AdditionalGroupId, GroupId, PupilId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::additional_group::NewAdditionalGroup;
use jiff::civil::Date;

use super::additional_group_body::AdditionalGroupBody;
use super::pupils::unknown_group;
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::described::within;
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::whole_list;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::http::revision::{change, delete};
use crate::{operations, request_body};

operations! {
    /// The operations on groups beside the main one.
    pub fn endpoints;

    /// List a pupil's additional groups
    ///
    /// The groups that a child is, was and will be in beside its main one, such as a playgroup of VVE or a plus class, the first
    /// one first.
    GET "/pupils/{pupilId}/additional-groups" => list_additional_groups: "The stays in additional groups.";

    /// Put a pupil in an additional group
    ///
    /// Beside its main group, in which it stays: three at most at once. From `placedOn` until `endedOn` the child is on the
    /// roster and in the overview of that group too, and within reach of whoever has it. Its registrations are made in its main
    /// group, and it is due once.
    POST "/pupils/{pupilId}/additional-groups" => add_additional_group: "The pupil is in the group.";

    /// Read a stay in an additional group
    ///
    /// One stay of a child in a group beside its main one, whose `ETag` a change sends as `If-Match`.
    GET "/additional-groups/{additionalGroupId}" => read_additional_group: "The stay.";

    /// End or change a stay in an additional group
    ///
    /// A merge patch (RFC 7396). `endedOn` ends it, or lets it last longer; another group or first day is another stay: take
    /// this one away.
    PATCH "/additional-groups/{additionalGroupId}" => change_additional_group: "The stay as it is now.";

    /// Take a stay in an additional group away
    ///
    /// One that should not have been, or a plan that is off. One that was is ended instead, so that the group's past stays
    /// what it was.
    DELETE "/additional-groups/{additionalGroupId}" => remove_additional_group: "The stay is gone.";
}

request_body! {
    /// A pupil comes into a group beside its main one.
    pub struct AdditionalGroupCreation {
        /// The id of the stay, made by the client for what it entered offline; a UUIDv7. Made here when absent.
        id: Option<AdditionalGroupId>,
        /// The group, which is not the child's main one on any of these days.
        group_id: GroupId,
        /// The day from which the child is in the group, within the school year of the group; today in Amsterdam when
        /// absent.
        placed_on: Option<Date>,
        /// The first day no longer in the group. When absent the day after its school year, or after the child's last day.
        ended_on: Option<Date>,
        /// How many day-parts a week the child is in this group, 1 to 14 and with those in its other groups no more. For judging
        /// how much could be observed; never for attendance or invoices.
        day_parts_per_week: Option<u8> = within(1, MAX_DAY_PARTS.into()),
    }

    example {
        "groupId": "01999999-0000-7000-8000-000000000001",
        "placedOn": "2026-11-23",
        "endedOn": "2027-07-10",
        "dayPartsPerWeek": 2,
    }
}

request_body! {
    /// What changes about a stay in an additional group; what is absent stays.
    pub struct AdditionalGroupPatch {
        /// The first day no longer in the group, at the latest the one after its school year or after the child's last day.
        ended_on: Change<Date>,
        /// How many day-parts a week the child is in this group, 1 to 14; null takes it away.
        day_parts_per_week: ChangeOrClear<u8> = within(1, MAX_DAY_PARTS.into()),
    }

    example { "endedOn": "2027-04-01" }
}

async fn list_additional_groups(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    PathId(id): PathId<PupilId>,
) -> Result<Listed<AdditionalGroupBody>, Problem> {
    let stays = access.tenant()?.read(Cost::Rows, move |reader| reader.additional_groups(id)).await?;
    whole_list(stays.into_iter().map(AdditionalGroupBody::from))
}

async fn add_additional_group(
    access: Access<part::Pupils, action::Change, AdministerPupils>,
    request: HttpRequest,
    PathId(pupil): PathId<PupilId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<AdditionalGroupCreation>,
) -> Result<Created<AdditionalGroupBody>, Problem> {
    let tenant = access.tenant()?;
    let id = new_id(body.id, tenant.environment())?;
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let child = writer.child(pupil)?;
            let new = NewAdditionalGroup {
                id,
                group: writer.reached_group(body.group_id).map_err(unknown_group)?,
                placed_on: body.placed_on.unwrap_or_else(|| amsterdam_date(writer.now())),
                ended_on: body.ended_on,
                day_parts_per_week: body.day_parts_per_week,
            };
            let added = writer.add_additional_group(child, &new)?;
            Ok(New::at(format!("/v1/additional-groups/{id}"), id, added))
        },
        |writer, id| writer.additional_group(id).map(View::of),
    )
    .await
}

async fn read_additional_group(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    PathId(id): PathId<AdditionalGroupId>,
    known: IfNoneMatch,
) -> Result<Shown<AdditionalGroupBody>, Problem> {
    let stay = access.tenant()?.read(Cost::Rows, move |reader| reader.additional_group(id)).await?;
    reply::stored_if_changed(&known, stay)
}

async fn change_additional_group(
    access: Access<part::Pupils, action::Change, AdministerPupils>,
    PathId(id): PathId<AdditionalGroupId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<AdditionalGroupPatch>,
) -> Result<Shown<AdditionalGroupBody>, Problem> {
    let (ended_on, day_parts) = (patch.ended_on.into_option(), patch.day_parts_per_week.into_option());
    change(
        &access.tenant()?,
        known,
        move |writer| writer.additional_group(id),
        move |writer, stored| writer.change_additional_group(&stored, ended_on, day_parts),
    )
    .await
}

async fn remove_additional_group(
    access: Access<part::Pupils, action::Change, AdministerPupils>,
    PathId(id): PathId<AdditionalGroupId>,
    known: IfMatch,
) -> Result<NoContent, Problem> {
    delete(
        &access.tenant()?,
        known,
        move |writer| writer.additional_group(id),
        move |writer, stored| writer.remove_additional_group(&stored),
    )
    .await
}
