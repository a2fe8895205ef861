//! Pupils: the children that are followed, and the groups they are placed in.

mod bodies;

use actix_web::HttpRequest;
use groeilijn_domain::access::Scope;
use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::placement::check_entry_in_own_groups;
use groeilijn_domain::children::pupil::{PupilFields, YearLevel};
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{PlacementId, PupilId};
use groeilijn_domain::values::person::{NameQuery, PersonName};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::children::key_owner;
use groeilijn_persistence::children::pupil::{Listing, NumberSeen, PupilNumber};
use groeilijn_persistence::{Cost, Error, Tenant, TenantReader};

pub use self::bodies::{Pupil, RosterEntry};
use self::bodies::{PupilCreation, PupilPatch, PupilSearch, PupilsFound};
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::http::revision::change;
use crate::{operations, query_params};

operations! {
    /// The operations on pupils.
    pub fn endpoints;

    /// List the pupils
    ///
    /// The roster of the institution, or of the caller's own groups (C029), in the order in which pupils were entered. With
    /// `archived` the pupils in the archive (C104), with `left` those who left before today; both are told to whoever
    /// reaches the whole institution.
    GET "/pupils" => list_pupils: "A page of pupils.";

    /// Enter a pupil
    ///
    /// Enters a child of 0 up to and including 7 years (C026) and, with `groupId`, places it in a group. Where the institution
    /// has children entered by `own-groups` (`/access-settings`), teachers and childcare workers enter them too: each into a
    /// group of her own, from today or earlier (C141).
    POST "/pupils" => create_pupil: "The pupil was entered.";

    /// Search pupils by name
    ///
    /// Finds pupils within the caller's reach by part of a name; accents and a typing error do not matter. It is a
    /// POST, because a name does not belong in an address.
    POST "/pupils/_search" => search_pupils: "The pupils found.";

    /// Read a pupil
    ///
    /// One pupil within the caller's reach.
    GET "/pupils/{pupilId}" => read_pupil: "The pupil.";

    /// Change a pupil
    ///
    /// A merge patch (RFC 7396): what is absent stays, null takes away. It works until the pupil is archived, also after the
    /// eighth birthday. A corrected birth date corrects the ages everywhere, and the earlier one is kept.
    PATCH "/pupils/{pupilId}" => change_pupil: "The pupil as it is now.";
}

/// The most names that one search returns.
const MOST_FOUND: usize = 50;

query_params! {
    pub struct ListPupils {
        /// The pupils in the archive, in place of those who are not.
        archived: Option<bool>,
        /// The pupils who left before today.
        left: Option<bool>,
        /// Only the pupils in this year level.
        year_level: Option<YearLevel>,
        /// How many pupils one page has.
        page: Page<PupilId>,
    }
}

async fn list_pupils(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    query: ListPupils,
) -> Result<Listed<RosterEntry>, Problem> {
    let ListPupils { archived, left, year_level, page } = query;
    let listing = Listing { year_level, ..listing(archived, left) };
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.roster(None, listing, page.after, page.rows))
        .await?;
    page.reply(found, |pupil| pupil.id, RosterEntry::from)
}

/// Which pupils are asked for: without a word those who are there.
pub(super) fn listing(archived: Option<bool>, left: Option<bool>) -> Listing {
    let (archived, left) = (archived.unwrap_or_default(), left.unwrap_or_default());
    Listing { archived, left, ..Listing::default() }
}

async fn create_pupil(
    access: Access<part::Pupils, action::Create, AdministerPupils>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<PupilCreation>,
) -> Result<Created<Pupil>, Problem> {
    let tenant = access.tenant()?;
    let environment = tenant.environment().clone();
    let id = new_id(body.id, &environment)?;
    let today = amsterdam_date(environment.now());
    let fields = PupilFields {
        name: PersonName { first: body.first_name, infix: body.infix, last: body.last_name },
        gender: body.gender,
        home_language: body.home_language,
        birth_date: body.birth_date,
        vve: body.vve,
        day_parts_per_week: body.day_parts_per_week,
        weeks_premature: body.weeks_premature,
        particulars: body.particulars,
        eck_id: body.eck_id,
        year_level: body.year_level,
    };
    fields.check(today)?;
    let placed_on = body.placed_on.unwrap_or(today);
    if access.scope() < Scope::Institution {
        check_entry_in_own_groups(body.group_id, placed_on, today)?;
    }
    let placement = body.group_id.map(|group| (group, placed_on));
    let seen = look_for(&tenant, fields.eck_id.clone(), body.school_key.clone()).await?;
    let tenant = tenant.entering(vec![key_owner::pupil(id)]);
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let child = writer.create_pupil(id, &fields, body.school_key.as_ref(), &seen)?;
            if let Some((group, placed_on)) = placement {
                let group = writer.reached_group(group).map_err(unknown_group)?;
                writer.place(PlacementId::from_uuid(environment.uuid()), child, group, placed_on)?;
            }
            let pupil = writer.pupil(id)?;
            Ok(New::at(format!("/v1/pupils/{id}"), id, pupil))
        },
        |writer, id| writer.pupil(id).map(View::of),
    )
    .await
}

/// Whose the numbers of a child are: looked for before the change, since it takes long.
async fn look_for(
    tenant: &Tenant,
    eck_id: Option<EckId>,
    school_key: Option<SchoolKey>,
) -> Result<Vec<NumberSeen>, Problem> {
    let numbers: Vec<_> =
        eck_id.map(PupilNumber::EckId).into_iter().chain(school_key.map(PupilNumber::SchoolKey)).collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let look = move |reader: &mut TenantReader<'_>| {
        numbers.into_iter().map(|number| reader.look_for_number(number)).collect()
    };
    Ok(tenant.read(Cost::Scan, look).await?)
}

/// The refusal of a group in a body that is not there, or not within reach; any other error stays what it is.
pub(super) fn unknown_group(error: Error) -> Error {
    match error {
        Error::NotFound => {
            Error::invalid("group_id", Refusal::new("unknown-group", "there is no such group"))
        }
        other => other,
    }
}

async fn search_pupils(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    JsonBody(search, _): JsonBody<PupilSearch>,
) -> Result<Shown<PupilsFound>, Problem> {
    let query = NameQuery::new(search.name.as_str());
    let listing = listing(search.archived, search.left);
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| {
            let group = search.group_id.map(|group| reader.reached_group(group)).transpose();
            reader.pupils_by_name(group.map_err(unknown_group)?, listing, &query, MOST_FOUND)
        })
        .await?;
    reply::view(&PupilsFound { items: found.into_iter().map(RosterEntry::from).collect() })
}

async fn read_pupil(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    known: IfNoneMatch,
) -> Result<Shown<Pupil>, Problem> {
    let pupil = access.tenant()?.read(Cost::Rows, move |reader| reader.pupil(id)).await?;
    reply::stored_if_changed(&known, pupil)
}

async fn change_pupil(
    access: Access<part::Pupils, action::Change, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<PupilPatch>,
) -> Result<Shown<Pupil>, Problem> {
    let tenant = access.tenant()?;
    let eck_id = patch.eck_id.clone().into_option().flatten();
    let seen = look_for(&tenant, eck_id, patch.school_key.clone().into_option().flatten()).await?;
    change(
        &tenant,
        known,
        move |writer| writer.pupil(id),
        move |writer, stored| {
            let (mut fields, mut school_key) = (stored.fields.clone(), stored.school_key.clone());
            patch.apply(&mut fields, &mut school_key);
            writer.change_pupil(&stored, &fields, school_key.as_ref(), &seen)?;
            writer.pupil(id)
        },
    )
    .await
}
