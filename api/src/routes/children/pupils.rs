//! Pupils: the children that are followed, and the groups they are placed in.

use actix_web::HttpRequest;
use groeilijn_domain::access::Scope;
use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::placement::check_entry_in_own_groups;
use groeilijn_domain::children::pupil::{MAX_DAY_PARTS, MAX_WEEKS_PREMATURE, PupilFields, YearLevel};
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{GroupId, PlacementId, PupilId};
use groeilijn_domain::values::person::{Gender, HomeLanguage, NameQuery, PersonName};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::{FreeText, Infix, NamePart};
use groeilijn_persistence::children::key_owner;
use groeilijn_persistence::children::pupil::{ListedPupil, Listing, NumberSeen, PupilNumber, StoredPupil};
use groeilijn_persistence::{Cost, Error, Tenant, TenantReader};
use jiff::Timestamp;
use jiff::civil::Date;

use super::additional_group_body::AdditionalGroupBody;
use super::departed::DepartureBody;
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::described::within;
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::http::revision::change;
use crate::{operations, query_params, reply_body, request_body};

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

request_body! {
    /// A pupil to be entered, with the fields of the contract (C023), the year level, how early it was born and the school's own key.
    pub struct PupilCreation {
        /// The pupil's id, made by the client for what it entered offline; a UUIDv7. Made here when absent.
        id: Option<PupilId>,
        /// The name by which the child is called. For recognising it; never for anything but its development.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der". For writing her name rightly; never to sort by descent.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For recognising the child; never shown to staff of the processor outside a support session.
        last_name: NamePart,
        /// For addressing the child rightly; never for comparing children.
        gender: Gender,
        /// The language spoken at home, as an ISO 639 code. For understanding language development; never for
        /// deriving origin.
        home_language: Option<HomeLanguage>,
        /// The day of birth. For the age in months that development is held against; never to reckon with
        /// anything else.
        birth_date: Date,
        /// Whether the child takes part in early childhood education (VVE). For accounting for that programme;
        /// never for judging the child.
        vve: Option<bool>,
        /// How many day-parts a week the child is present in its main group, 0 to 14. For judging how much could be observed;
        /// never for attendance or invoices.
        day_parts_per_week: Option<u8> = within(0, MAX_DAY_PARTS.into()),
        /// How many weeks before its time the child was born, 0 to 18. For the corrected age until the second birthday; never
        /// for anything else.
        weeks_premature: Option<u8> = within(0, MAX_WEEKS_PREMATURE.into()),
        /// Particulars in free text. For what a professional must know; never shown to the processor.
        particulars: Option<FreeText>,
        /// The sector's pseudonym (ECK iD). For recognising the child in the school's file; never a BSN.
        eck_id: Option<EckId>,
        /// The key that the school's own administration gives the child. For recognising the child in the school's file; never a
        /// BSN.
        school_key: Option<SchoolKey>,
        /// The year level (jaargroep), for a child at a primary school. For telling a combined group apart; never for comparing
        /// children.
        year_level: Option<YearLevel>,
        /// The group that the child is placed in: one of her own, for whoever reaches own groups alone.
        group_id: Option<GroupId>,
        /// The day from which the child is in the group; today in Amsterdam when absent.
        placed_on: Option<Date>,
    }

    example {
        "firstName": "Noor",
        "infix": "van der",
        "lastName": "Verzonnen",
        "gender": "female",
        "birthDate": "2022-03-14",
        "groupId": "01999999-0000-7000-8000-000000000001",
        "placedOn": "2026-08-24",
        "homeLanguage": "nl",
        "vve": false,
        "dayPartsPerWeek": 8,
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
        /// The day of birth: no later than the child was in a group or anything was seen of it, and so that it was younger than
        /// eight when it was entered.
        birth_date: Change<Date>,
        /// Whether the child takes part in early childhood education (VVE); null takes it away.
        vve: ChangeOrClear<bool>,
        /// How many day-parts a week the child is present, 0 to 14; null takes it away.
        day_parts_per_week: ChangeOrClear<u8> = within(0, MAX_DAY_PARTS.into()),
        /// How many weeks before its time the child was born, 0 to 18; null takes it away.
        weeks_premature: ChangeOrClear<u8> = within(0, MAX_WEEKS_PREMATURE.into()),
        /// Particulars in free text; null takes them away.
        particulars: ChangeOrClear<FreeText>,
        /// The sector's pseudonym (ECK iD); null takes it away.
        eck_id: ChangeOrClear<EckId>,
        /// The key of the school's own administration; null takes it away.
        school_key: ChangeOrClear<SchoolKey>,
        /// The year level (jaargroep); null takes it away.
        year_level: ChangeOrClear<YearLevel>,
    }

    example { "infix": null, "particulars": "Draagt een bril bij het lezen." }
}

request_body! {
    /// A name to look for. It is sent as a body, because names do not belong in addresses.
    pub struct PupilSearch {
        /// Part of a first or last name. Accents and a typing error do not matter.
        name: NamePart,
        /// Only pupils who are in this group now.
        group_id: Option<GroupId>,
        /// Among the pupils in the archive, in place of those who are not.
        archived: Option<bool>,
        /// Among the pupils who left before today.
        left: Option<bool>,
    }

    example { "name": "noor" }
}

reply_body! {
    /// A pupil, with the fields of the contract (C023), the year level, how early it was born and the school's own key.
    pub struct Pupil {
        /// The pupil's id.
        id: PupilId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
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
        day_parts_per_week: Option<u8> = within(0, MAX_DAY_PARTS.into()),
        /// How many weeks before its time the child was born. For the corrected age until the second birthday.
        weeks_premature: Option<u8> = within(0, MAX_WEEKS_PREMATURE.into()),
        /// The day on which the child was to be born: until the second birthday the corrected age is reckoned from it. Null for
        /// a child that was not born early.
        expected_birth_date: Option<Date>,
        /// Particulars in free text. For what a professional must know.
        particulars: Option<FreeText>,
        /// Whether free text is masked: `particulars` is null then, as it is to the processor's staff unless the purpose of their
        /// support session needs it (C050).
        masked: bool,
        /// The sector's pseudonym (ECK iD). For recognising the child in the school's file.
        eck_id: Option<EckId>,
        /// The key that the school's own administration gives the child. For recognising the child in the school's file.
        school_key: Option<SchoolKey>,
        /// The year level (jaargroep) that the child is in; null for one in childcare, and where it is not known.
        year_level: Option<YearLevel>,
        /// The group that the child is in now.
        group_id: Option<GroupId>,
        /// Since which day the child is in that group.
        placed_on: Option<Date>,
        /// When the pupil was entered, in UTC.
        created_at: Timestamp,
        /// Since when the pupil is in the archive, in UTC; null for one that is not (C104).
        archived_at: Option<Timestamp>,
        /// That the pupil leaves the institution, or left; null for one that stays.
        departure: Option<DepartureBody>,
    }
}

reply_body! {
    /// A pupil on a roster: no more than is needed to know who it is.
    pub struct RosterEntry {
        /// The pupil's id.
        id: PupilId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
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
        /// The year level (jaargroep) that the child is in; null for one in childcare, and where it is not known.
        year_level: Option<YearLevel>,
        /// The main group that the child is in now, or was in on the day that was asked for: on the roster of a group beside it
        /// another one than that.
        group_id: Option<GroupId>,
        /// Since which day the child is, or was, in its main group.
        placed_on: Option<Date>,
        /// The groups that the child is in beside its main one, or was in on the day that was asked for.
        additional_groups: Vec<AdditionalGroupBody>,
        /// Since when the pupil is in the archive, in UTC; null for one that is not.
        archived_at: Option<Timestamp>,
        /// The last day at the institution, for a pupil that leaves or left.
        last_day: Option<Date>,
    }
}

reply_body! {
    /// The pupils whose names answer a search, the best answer first.
    pub struct PupilsFound {
        /// At most fifty pupils.
        items: Vec<RosterEntry>,
    }
}

/// The day on which a placement begins that was entered before changes what is shown, so it counts as a change.
impl Revised for StoredPupil {
    fn revision(&self) -> i32 {
        self.revision + self.turns
    }
}

/// The revision of the pupil itself.
impl Revised for ListedPupil {
    fn revision(&self) -> i32 {
        self.revision + self.turns
    }
}

impl From<StoredPupil> for Pupil {
    fn from(stored: StoredPupil) -> Self {
        let (etag, fields) = (stored.etag(), stored.fields);
        let expected_birth_date = fields.birth().expected_on();
        Self {
            id: stored.id,
            etag,
            first_name: fields.name.first,
            infix: fields.name.infix,
            last_name: fields.name.last,
            gender: fields.gender,
            home_language: fields.home_language,
            birth_date: fields.birth_date,
            vve: fields.vve,
            day_parts_per_week: fields.day_parts_per_week,
            weeks_premature: fields.weeks_premature,
            expected_birth_date,
            particulars: fields.particulars,
            masked: stored.masked,
            eck_id: fields.eck_id,
            school_key: stored.school_key,
            year_level: fields.year_level,
            group_id: stored.group.map(|(group, _)| group),
            placed_on: stored.group.map(|(_, placed_on)| placed_on),
            created_at: stored.created_at,
            archived_at: stored.archived_at,
            departure: stored.departure.map(DepartureBody::from),
        }
    }
}

impl From<ListedPupil> for RosterEntry {
    fn from(stored: ListedPupil) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            first_name: stored.name.first,
            infix: stored.name.infix,
            last_name: stored.name.last,
            gender: stored.gender,
            birth_date: stored.birth_date,
            year_level: stored.year_level,
            group_id: stored.group.map(|(group, _)| group),
            placed_on: stored.group.map(|(_, placed_on)| placed_on),
            additional_groups: stored.additional_groups.into_iter().map(AdditionalGroupBody::from).collect(),
            archived_at: stored.archived_at,
            last_day: stored.last_day,
        }
    }
}

impl PupilPatch {
    fn apply(self, fields: &mut PupilFields, school_key: &mut Option<SchoolKey>) {
        self.first_name.apply(&mut fields.name.first);
        self.infix.apply(&mut fields.name.infix);
        self.last_name.apply(&mut fields.name.last);
        self.gender.apply(&mut fields.gender);
        self.home_language.apply(&mut fields.home_language);
        self.birth_date.apply(&mut fields.birth_date);
        self.vve.apply(&mut fields.vve);
        self.day_parts_per_week.apply(&mut fields.day_parts_per_week);
        self.weeks_premature.apply(&mut fields.weeks_premature);
        self.particulars.apply(&mut fields.particulars);
        self.eck_id.apply(&mut fields.eck_id);
        self.school_key.apply(school_key);
        self.year_level.apply(&mut fields.year_level);
    }
}

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
