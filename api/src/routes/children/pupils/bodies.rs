//! What a pupil looks like in requests and replies.

use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::pupil::{MAX_DAY_PARTS, MAX_WEEKS_PREMATURE, PupilFields, YearLevel};
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::values::ids::{GroupId, PupilId};
use groeilijn_domain::values::person::{Gender, HomeLanguage};
use groeilijn_domain::values::text::{FreeText, Infix, NamePart};
use groeilijn_persistence::children::pupil::{ListedPupil, StoredPupil};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::change::{Change, ChangeOrClear};
use crate::http::described::within;
use crate::http::entity_tag::ETag;
use crate::http::etag::Revised;
use crate::routes::children::additional_group_body::AdditionalGroupBody;
use crate::routes::children::departed::DepartureBody;
use crate::{reply_body, request_body};

request_body! {
    /// A pupil to be entered, with the fields of the contract (C023), the year level, how early it was born and the
    /// school's own key.
    pub(super) struct PupilCreation {
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
    pub(super) struct PupilPatch {
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
    pub(super) struct PupilSearch {
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
    pub(super) struct PupilsFound {
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
    pub(super) fn apply(self, fields: &mut PupilFields, school_key: &mut Option<SchoolKey>) {
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
