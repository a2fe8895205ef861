//! The locations of an institution.

use actix_web::HttpRequest;
use groeilijn_domain::institutions::institution::{Brin, ChildcareNumber};
use groeilijn_domain::institutions::location::LocationFields;
use groeilijn_domain::values::ids::LocationId;
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::Cost;
use groeilijn_persistence::institutions::location::StoredLocation;
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::http::revision::change;
use crate::{operations, query_params, reply_body, request_body, revised};

operations! {
    /// The operations on locations.
    pub fn endpoints;

    /// List the locations
    ///
    /// Those of the institution, in the order in which they were entered.
    GET "/locations" => list_locations: "A page of locations.";

    /// Enter a location
    ///
    /// A school's has a BRIN of its own, another institution's a number of the childcare register, or neither.
    POST "/locations" => create_location: "The location was entered.";

    /// Read a location
    ///
    /// One location of the institution.
    GET "/locations/{locationId}" => read_location: "The location.";

    /// Change a location
    ///
    /// A merge patch (RFC 7396): what is absent stays, null takes away. One that is not in use any more is put in the
    /// archive: groups and users that have it keep it, and no others are given it.
    PATCH "/locations/{locationId}" => change_location: "The location as it is now.";
}

request_body! {
    /// Where an institution is.
    pub struct LocationCreation {
        /// What it is called. For telling locations apart, never persons.
        name: Label,
        /// Its number in the register of schools, with the two digits of a location.
        brin: Option<Brin>,
        /// Its number in the national register of childcare (LRK).
        childcare_number: Option<ChildcareNumber>,
    }

    example { "name": "Noord", "brin": "99XX01" }
}

request_body! {
    /// What changes about a location; what is absent stays.
    pub struct LocationPatch {
        /// What it is called.
        name: Change<Label>,
        /// Its number in the register of schools; null takes it away.
        brin: ChangeOrClear<Brin>,
        /// Its number in the register of childcare; null takes it away.
        childcare_number: ChangeOrClear<ChildcareNumber>,
        /// Whether it is in the archive.
        archived: Change<bool>,
    }

    example { "name": "Noord-Oost", "archived": true }
}

reply_body! {
    /// Where an institution is.
    pub struct Location {
        /// The location's id.
        id: LocationId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// What it is called.
        name: Label,
        /// Its number in the register of schools.
        brin: Option<Brin>,
        /// Its number in the national register of childcare (LRK).
        childcare_number: Option<ChildcareNumber>,
        /// When it was put in the archive, in UTC; null when it is in use.
        archived_at: Option<Timestamp>,
        /// When it was entered, in UTC.
        created_at: Timestamp,
    }
}

revised! { StoredLocation: revision; }

impl From<StoredLocation> for Location {
    fn from(stored: StoredLocation) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            name: stored.fields.name,
            brin: stored.fields.brin,
            childcare_number: stored.fields.childcare_number,
            archived_at: stored.archived_at,
            created_at: stored.created_at,
        }
    }
}

query_params! {
    pub struct ListLocations {
        /// Whether those in the archive are listed too.
        archived: Option<bool>,
        /// How many locations one page has.
        page: Page<LocationId>,
    }
}

async fn list_locations(
    access: Access<part::Locations, action::Read, AdministerPupils>,
    query: ListLocations,
) -> Result<Listed<Location>, Problem> {
    let ListLocations { archived, page } = query;
    let archived = archived.unwrap_or(false);
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.locations(archived, page.after, page.rows))
        .await?;
    page.reply(found, |location| location.id, Location::from)
}

async fn create_location(
    access: Access<part::Locations, action::Create, AdministerPupils>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<LocationCreation>,
) -> Result<Created<Location>, Problem> {
    let tenant = access.tenant()?;
    let id = LocationId::from_uuid(tenant.environment().uuid());
    let fields = LocationFields { name: body.name, brin: body.brin, childcare_number: body.childcare_number };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            fields.check(writer.own_institution()?.fields.kind)?;
            let location = writer.create_location(id, &fields)?;
            Ok(New::at(format!("/v1/locations/{id}"), id, location))
        },
        |writer, id| writer.location(id).map(View::of),
    )
    .await
}

async fn read_location(
    access: Access<part::Locations, action::Read, AdministerPupils>,
    PathId(id): PathId<LocationId>,
    known: IfNoneMatch,
) -> Result<Shown<Location>, Problem> {
    let location = access.tenant()?.read(Cost::Rows, move |reader| reader.location(id)).await?;
    reply::stored_if_changed(&known, location)
}

async fn change_location(
    access: Access<part::Locations, action::Change, AdministerPupils>,
    PathId(id): PathId<LocationId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<LocationPatch>,
) -> Result<Shown<Location>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.location(id),
        move |writer, stored| {
            let mut fields = stored.fields.clone();
            patch.name.apply(&mut fields.name);
            patch.brin.apply(&mut fields.brin);
            patch.childcare_number.apply(&mut fields.childcare_number);
            fields.check(writer.own_institution()?.fields.kind)?;
            let archived_at = match patch.archived {
                Change::Keep => stored.archived_at,
                Change::Set(false) => None,
                Change::Set(true) => stored.archived_at.or(Some(writer.now())),
            };
            writer.change_location(&stored, &fields, archived_at)
        },
    )
    .await
}
