//! Pupils: the children that are followed, and the groups they are placed in.

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::pupil::{PupilFields, check_age, check_day_parts};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{GroupId, PlacementId, PupilId};
use groeilijn_domain::values::person::{Gender, HomeLanguage, NameQuery, PersonName};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::{FreeText, Infix, NamePart};
use groeilijn_persistence::children::pupil::{self as stored, StoredPupil};
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{Created, IdempotentCreation, create};
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, get, patch, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::{query_params, reply_body, request_body};

/// The operations on pupils.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listPupils", "/pupils", list_pupils),
        post("createPupil", "/pupils", create_pupil),
        post("searchPupils", "/pupils/_search", search_pupils),
        get("readPupil", "/pupils/{pupilId}", read_pupil),
        patch("changePupil", "/pupils/{pupilId}", change_pupil),
    ]
}

/// The operations on pupils as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list_pupils, create_pupil, search_pupils, read_pupil, change_pupil))]
pub struct Documented;

/// The most names that one search returns.
const MOST_FOUND: usize = 50;

request_body! {
    /// A pupil to be entered, with exactly the fields of the contract (C023).
    pub struct NewPupilBody {
        /// The pupil's id, made by the client for what it entered offline; a UUIDv7. Made here when absent.
        id: Option<PupilId>,
        /// The name by which the child is called. For recognising it; never for anything but its development.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For recognising the child.
        last_name: NamePart,
        /// For addressing the child rightly; never for comparing children.
        gender: Gender,
        /// The language spoken at home, as an ISO 639 code. For understanding language development; never for
        /// deriving origin.
        home_language: Option<HomeLanguage>,
        /// The day of birth. For the age in months that development is held against.
        birth_date: Date,
        /// Whether the child takes part in early childhood education (VVE). For accounting for that programme.
        vve: Option<bool>,
        /// How many day-parts a week the child is present, 0 to 14. For judging how much could be observed.
        day_parts_per_week: Option<u8>,
        /// Particulars in free text. For what a professional must know; never shown to the processor.
        particulars: Option<FreeText>,
        /// The sector's pseudonym (ECK iD). For recognising the child in the school's file; a BSN is refused.
        eck_id: Option<EckId>,
        /// The group that the child is placed in.
        group_id: Option<GroupId>,
        /// The day from which the child is in the group; today in Amsterdam when absent.
        placed_on: Option<Date>,
    }
}

request_body! {
    /// What changes about a pupil; what is absent stays.
    pub struct PupilPatch {
        /// The name by which the child is called.
        first_name: Change<NamePart>,
        /// Tussenvoegsel; null takes it away.
        infix: ChangeOrClear<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: Change<NamePart>,
        /// Gender.
        gender: Change<Gender>,
        /// The language spoken at home, as an ISO 639 code; null takes it away.
        home_language: ChangeOrClear<HomeLanguage>,
        /// The day of birth.
        birth_date: Change<Date>,
        /// Whether the child takes part in early childhood education (VVE); null takes it away.
        vve: ChangeOrClear<bool>,
        /// How many day-parts a week the child is present, 0 to 14; null takes it away.
        day_parts_per_week: ChangeOrClear<u8>,
        /// Particulars in free text; null takes them away.
        particulars: ChangeOrClear<FreeText>,
        /// The sector's pseudonym (ECK iD); null takes it away.
        eck_id: ChangeOrClear<EckId>,
    }
}

request_body! {
    /// A name to look for. It is sent as a body, because names do not belong in addresses.
    pub struct PupilSearch {
        /// Part of a first or last name. Accents and a typing error do not matter.
        name: NamePart,
        /// Only pupils who are in this group now.
        group_id: Option<GroupId>,
    }
}

reply_body! {
    /// A pupil, with exactly the fields of the contract (C023).
    pub struct Pupil {
        /// The pupil's id.
        id: PupilId,
        /// The name by which the child is called. For recognising it; never for anything but its development.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For recognising the child.
        last_name: NamePart,
        /// For addressing the child rightly; never for comparing children.
        gender: Gender,
        /// The language spoken at home, as an ISO 639 code. For understanding language development; never for
        /// deriving origin.
        home_language: Option<HomeLanguage>,
        /// The day of birth. For the age in months that development is held against.
        birth_date: Date,
        /// Whether the child takes part in early childhood education (VVE). For accounting for that programme.
        vve: Option<bool>,
        /// How many day-parts a week the child is present. For judging how much could be observed.
        day_parts_per_week: Option<u8>,
        /// Particulars in free text. For what a professional must know; never shown to the processor.
        particulars: Option<FreeText>,
        /// The sector's pseudonym (ECK iD). For recognising the child in the school's file.
        eck_id: Option<EckId>,
        /// The group that the child is in now.
        group_id: Option<GroupId>,
        /// Since which day the child is in that group.
        placed_on: Option<Date>,
        /// When the pupil was entered, in UTC.
        created_at: Timestamp,
    }
}

reply_body! {
    /// A pupil on a roster: no more than is needed to know who it is.
    pub struct RosterEntry {
        /// The pupil's id.
        id: PupilId,
        /// The name by which the child is called.
        first_name: NamePart,
        /// Tussenvoegsel.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// For addressing the child rightly.
        gender: Gender,
        /// The day of birth. For the age that belongs beside a name on a roster.
        birth_date: Date,
        /// The group that the child is in now.
        group_id: Option<GroupId>,
        /// Since which day the child is in that group.
        placed_on: Option<Date>,
    }
}

reply_body! {
    /// The pupils whose names answer a search, the best answer first.
    pub struct PupilsFound {
        /// At most fifty pupils.
        items: Vec<RosterEntry>,
    }
}

impl From<StoredPupil> for Pupil {
    fn from(stored: StoredPupil) -> Self {
        let fields = stored.fields;
        Self {
            id: stored.id,
            first_name: fields.name.first,
            infix: fields.name.infix,
            last_name: fields.name.last,
            gender: fields.gender,
            home_language: fields.home_language,
            birth_date: fields.birth_date,
            vve: fields.vve,
            day_parts_per_week: fields.day_parts_per_week,
            particulars: fields.particulars,
            eck_id: fields.eck_id,
            group_id: stored.group.map(|(group, _)| group),
            placed_on: stored.group.map(|(_, placed_on)| placed_on),
            created_at: stored.created_at,
        }
    }
}

impl From<stored::RosterEntry> for RosterEntry {
    fn from(stored: stored::RosterEntry) -> Self {
        Self {
            id: stored.id,
            first_name: stored.name.first,
            infix: stored.name.infix,
            last_name: stored.name.last,
            gender: stored.gender,
            birth_date: stored.birth_date,
            group_id: stored.group.map(|(group, _)| group),
            placed_on: stored.group.map(|(_, placed_on)| placed_on),
        }
    }
}

impl PupilPatch {
    fn apply(self, fields: &mut PupilFields) {
        self.first_name.apply(&mut fields.name.first);
        self.infix.apply(&mut fields.name.infix);
        self.last_name.apply(&mut fields.name.last);
        self.gender.apply(&mut fields.gender);
        self.home_language.apply(&mut fields.home_language);
        self.birth_date.apply(&mut fields.birth_date);
        self.vve.apply(&mut fields.vve);
        self.day_parts_per_week.apply(&mut fields.day_parts_per_week);
        self.particulars.apply(&mut fields.particulars);
        self.eck_id.apply(&mut fields.eck_id);
    }
}

/// Every rule that the fields break on the day `today`, each at its place in the body.
fn check(fields: &PupilFields, today: Date) -> Result<(), Error> {
    let age = check_age(fields.birth_date, today).err().map(|refusal| ("/birthDate".to_owned(), refusal));
    let day_parts = fields.day_parts_per_week.and_then(|parts| check_day_parts(parts).err());
    let day_parts = day_parts.map(|refusal| ("/dayPartsPerWeek".to_owned(), refusal));
    let broken: Vec<_> = age.into_iter().chain(day_parts).collect();
    if broken.is_empty() { Ok(()) } else { Err(Error::Invalid(broken)) }
}

query_params! {
    pub struct ListPupils {
        /// How many pupils one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<PupilId>>,
    }
}

/// List the pupils
///
/// The roster of the institution, or of the caller's own groups (C029), in the order in which pupils were entered.
#[utoipa::path(get, path = "/pupils", tag = "pupils", operation_id = "listPupils",
    responses((status = 200, description = "A page of pupils.", body = inline(Page<RosterEntry>))))]
async fn list_pupils(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    request: HttpRequest,
    query: ListPupils,
) -> Result<HttpResponse, Problem> {
    let ListPupils { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.roster(None, after, limit.with_one_more()))
        .await?;
    reply::page_by_id(&request, found, limit, |pupil| pupil.id.as_uuid(), RosterEntry::from)
}

/// Enter a pupil
///
/// Enters a child of 0 up to and including 7 years (C026) and, with `groupId`, places it in a group.
#[utoipa::path(post, path = "/pupils", tag = "pupils", operation_id = "createPupil", request_body = NewPupilBody,
    responses((status = 201, description = "The pupil was entered.", body = Pupil)))]
async fn create_pupil(
    access: Access<part::Pupils, action::Create, AdministerPupils>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NewPupilBody>,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    let environment = tenant.environment().clone();
    let id = body.id.unwrap_or_else(|| PupilId::from_uuid(environment.uuid()));
    let today = amsterdam_date(environment.now());
    let fields = PupilFields {
        name: PersonName { first: body.first_name, infix: body.infix, last: body.last_name },
        gender: body.gender,
        home_language: body.home_language,
        birth_date: body.birth_date,
        vve: body.vve,
        day_parts_per_week: body.day_parts_per_week,
        particulars: body.particulars,
        eck_id: body.eck_id,
    };
    check(&fields, today)?;
    let placement = body.group_id.map(|group| (group, body.placed_on.unwrap_or(today)));
    tenant.create_keys(vec![id.as_uuid()]).await?;
    create(IdempotentCreation::new(&request, key, &digest), &tenant, move |writer| {
        writer.create_pupil(id, &fields, None)?;
        if let Some((group, placed_on)) = placement {
            writer.group(group).map_err(|_| unknown_group())?;
            writer.place_pupil(PlacementId::from_uuid(environment.uuid()), id, group, placed_on)?;
        }
        let pupil = writer.pupil(id)?;
        Ok(Created {
            location: format!("/v1/pupils/{id}"),
            revision: pupil.revision,
            body: Pupil::from(pupil),
        })
    })
    .await
}

/// The refusal of a group in a body that is not there, or not within reach.
pub(super) fn unknown_group() -> Error {
    Error::invalid("/groupId", Refusal::new("unknown-group", "there is no such group"))
}

/// Search pupils by name
///
/// Finds pupils within the caller's reach by part of a name; accents and a typing error do not matter. It is a
/// POST, because a name does not belong in an address.
#[utoipa::path(post, path = "/pupils/_search", tag = "pupils", operation_id = "searchPupils", request_body = PupilSearch,
    responses((status = 200, description = "The pupils found.", body = PupilsFound)))]
async fn search_pupils(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    JsonBody(search, _): JsonBody<PupilSearch>,
) -> Result<HttpResponse, Problem> {
    let query = NameQuery::new(search.name.as_str());
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| {
            if let Some(group) = search.group_id {
                reader.group(group).map_err(|_| unknown_group())?;
            }
            reader.pupils_by_name(search.group_id, &query, MOST_FOUND)
        })
        .await?;
    reply::view(&PupilsFound { items: found.into_iter().map(RosterEntry::from).collect() })
}

/// Read a pupil
///
/// One pupil within the caller's reach.
#[utoipa::path(get, path = "/pupils/{pupilId}", tag = "pupils", operation_id = "readPupil",
    responses((status = 200, description = "The pupil.", body = Pupil)))]
async fn read_pupil(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let pupil = access.tenant()?.read(Cost::Rows, move |reader| reader.pupil(id)).await?;
    let revision = pupil.revision;
    reply::ok_if_changed(&known, &Pupil::from(pupil), revision)
}

/// Change a pupil
///
/// A merge patch (RFC 7396): what is absent stays, null takes away.
#[utoipa::path(patch, path = "/pupils/{pupilId}", tag = "pupils", operation_id = "changePupil",
    request_body(content = PupilPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The pupil as it is now.", body = Pupil)))]
async fn change_pupil(
    access: Access<part::Pupils, action::Change, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<PupilPatch>,
) -> Result<HttpResponse, Problem> {
    let pupil = access
        .tenant()?
        .write(move |writer| {
            let stored = writer.pupil(id)?;
            known.require(stored.revision)?;
            let mut fields = stored.fields.clone();
            patch.apply(&mut fields);
            check(&fields, amsterdam_date(writer.now()))?;
            writer.change_pupil(&stored, &fields)?;
            writer.pupil(id)
        })
        .await?;
    let revision = pupil.revision;
    reply::ok(&Pupil::from(pupil), revision)
}
