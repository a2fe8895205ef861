//! The register of disclosures to third parties (C046, C047, C148).

use actix_web::HttpRequest;
use groeilijn_domain::audit::data_class::DataClass;
use groeilijn_domain::audit::disclosure::{Disclosure as Fields, DisclosureGround, MOST_PEOPLE};
use groeilijn_domain::values::ids::{DisclosureId, InstitutionId, PupilId, UserId};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_persistence::audit::disclosure::StoredDisclosure;
use groeilijn_persistence::{Cost, PlatformWriter};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::described::counted;
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::{PathId, PathIds};
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::routes::institutions::reach::require_reach;
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on disclosures.
    pub fn endpoints;

    /// List the disclosures of an institution
    ///
    /// Everything of the institution that was released to a third party, in the order in which it was entered. For its
    /// administrators, and for the processor's secretariat and platform administrator, who see how many children and users it is
    /// about, and none by id.
    GET "/institutions/{institutionId}/disclosures" => list_disclosures: "A page of disclosures.";

    /// Record a disclosure
    ///
    /// To whom what was released, about whom, when, and on which of three grounds (C046): the institution ordered or allowed it; the
    /// service cannot be given without it; or a law or judgment demands it. Of a legal demand the basis and the identity of who
    /// asks were checked, and the institution was told, or it is said why not (C047); a judgment is a ground only when no appeal
    /// stands open (C148). Each ground asks for its own fields, and those of the others are null. It is never changed or taken away.
    POST "/institutions/{institutionId}/disclosures" => record_disclosure: "The disclosure is on record.";

    /// Read a disclosure
    ///
    /// One disclosure of the institution.
    GET "/institutions/{institutionId}/disclosures/{disclosureId}" => read_disclosure: "The disclosure.";
}

request_body! {
    /// Something that was released to a third party.
    pub struct DisclosureCreation {
        /// To whom.
        recipient: ShortText,
        /// What, without saying anything about a child.
        what: FreeText,
        /// Of which classes that is.
        classes: Vec<DataClass>,
        /// About which children; they stand in the audit log too, so that a parent is told of it.
        pupil_ids: Option<Vec<PupilId>>,
        /// About which users.
        user_ids: Option<Vec<UserId>>,
        /// Whether it is about everybody at the institution.
        everybody: Option<bool>,
        /// When it was released, in UTC.
        disclosed_at: Timestamp,
        /// On which ground.
        ground: DisclosureGround,
        /// For `controller-order`: who of the institution ordered or allowed it, when and how.
        order: Option<ShortText>,
        /// For `necessary-for-the-service`: why the service cannot be given without it.
        necessity: Option<ShortText>,
        /// For `legal-demand`: the provision or the judgment.
        legal_basis: Option<ShortText>,
        /// For `legal-demand`: who checked that the one who asks is who they say they are, and how.
        requester_checked: Option<ShortText>,
        /// For `legal-demand`: whether it is a judgment.
        judgment: Option<bool>,
        /// For a judgment: whether an appeal stands open. As long as one does, it is no ground.
        appeal_open: Option<bool>,
        /// The day on which the institution was told, in Amsterdam.
        told_on: Option<Date>,
        /// Why the institution was not told beforehand.
        not_told_because: Option<ShortText>,
    }

    example {
        "recipient": "Basisschool De Buren",
        "what": "Het overdrachtsformulier.",
        "classes": ["ordinary", "learning-result"],
        "everybody": true,
        "disclosedAt": "2026-11-20T09:00:00Z",
        "ground": "controller-order",
        "order": "De directie, per brief van 19 november.",
    }
}

reply_body! {
    /// Something that was released to a third party.
    pub struct Disclosure {
        /// Its id.
        id: DisclosureId,
        /// To whom.
        recipient: ShortText,
        /// What.
        what: FreeText,
        /// Of which classes that is.
        classes: Vec<DataClass> = counted(0..=DataClass::ALL.len()),
        /// About which children; null for the processor.
        pupil_ids: Option<Vec<PupilId>> = counted(0..=MOST_PEOPLE),
        /// About which users; null for the processor.
        user_ids: Option<Vec<UserId>> = counted(0..=MOST_PEOPLE),
        /// About how many children it names.
        pupils: u32,
        /// About how many users it names.
        users: u32,
        /// Whether it is about everybody at the institution.
        everybody: bool,
        /// When it was released, in UTC.
        disclosed_at: Timestamp,
        /// On which ground.
        ground: DisclosureGround,
        /// Who of the institution ordered or allowed it.
        order: Option<ShortText>,
        /// Why the service cannot be given without it.
        necessity: Option<ShortText>,
        /// The provision or the judgment.
        legal_basis: Option<ShortText>,
        /// Who checked who asked, and how.
        requester_checked: Option<ShortText>,
        /// Whether a judgment demanded it.
        judgment: Option<bool>,
        /// Whether an appeal stood open.
        appeal_open: Option<bool>,
        /// The day on which the institution was told, in Amsterdam.
        told_on: Option<Date>,
        /// Why the institution was not told beforehand.
        not_told_because: Option<ShortText>,
        /// Who entered it: a user, or a member of the processor's staff; null for the program that exports.
        recorded_by: Option<UserId>,
        /// When it was entered, in UTC.
        recorded_at: Timestamp,
    }
}

query_params! {
    pub struct ListDisclosures {
        /// How many disclosures one page has.
        page: Page<DisclosureId>,
    }
}

impl From<DisclosureCreation> for Fields {
    fn from(body: DisclosureCreation) -> Self {
        Self {
            recipient: body.recipient,
            what: body.what,
            classes: body.classes.into_iter().collect(),
            pupils: body.pupil_ids.unwrap_or_default(),
            users: body.user_ids.unwrap_or_default(),
            everybody: body.everybody.unwrap_or_default(),
            disclosed_at: body.disclosed_at,
            ground: body.ground,
            order: body.order,
            necessity: body.necessity,
            legal_basis: body.legal_basis,
            requester_checked: body.requester_checked,
            judgment: body.judgment,
            appeal_open: body.appeal_open,
            told_on: body.told_on,
            not_told_because: body.not_told_because,
        }
    }
}

/// What a caller sees of it: the processor knows of nobody by id whom a disclosure is about (C017).
fn told(stored: StoredDisclosure, by_id: bool) -> Disclosure {
    let of = stored.fields;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Disclosure {
        id: stored.id,
        recipient: of.recipient,
        what: of.what,
        classes: of.classes.into_iter().collect(),
        pupils: count(of.pupils.len()),
        users: count(of.users.len()),
        pupil_ids: by_id.then_some(of.pupils),
        user_ids: by_id.then_some(of.users),
        everybody: of.everybody,
        disclosed_at: of.disclosed_at,
        ground: of.ground,
        order: of.order,
        necessity: of.necessity,
        legal_basis: of.legal_basis,
        requester_checked: of.requester_checked,
        judgment: of.judgment,
        appeal_open: of.appeal_open,
        told_on: of.told_on,
        not_told_because: of.not_told_because,
        recorded_by: stored.recorded_by,
        recorded_at: stored.recorded_at,
    }
}

async fn list_disclosures(
    access: Access<part::Disclosures, action::Read, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
    query: ListDisclosures,
) -> Result<Listed<Disclosure>, Problem> {
    let ListDisclosures { page } = query;
    require_reach(&access, institution)?;
    let (by_id, after, rows) = (access.institution().is_some(), page.after, page.rows);
    let found = access
        .platform()
        .read_in(institution, Cost::Rows, move |reader| {
            reader.own_institution()?;
            reader.disclosures(after, rows)
        })
        .await?;
    page.reply(found, |disclosure| disclosure.id, |disclosure| told(disclosure, by_id))
}

async fn record_disclosure(
    access: Access<part::Disclosures, action::Create, AdministerLicence>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<DisclosureCreation>,
) -> Result<Created<Disclosure>, Problem> {
    require_reach(&access, institution)?;
    let (platform, by_id) = (access.platform(), access.institution().is_some());
    let environment = platform.environment();
    let id = DisclosureId::from_uuid(environment.uuid());
    let fields = Fields::from(body);
    fields.check(environment.now())?;
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer: &mut PlatformWriter<'_>| {
            let recorded = writer.enter(institution, |tenant| {
                tenant.own_institution()?;
                tenant.record_disclosure(id, &fields)
            })?;
            let location = format!("/v1/institutions/{institution}/disclosures/{id}");
            Ok(New { location, ids: id, view: View::unrevised(told(recorded, by_id)) })
        },
        move |writer: &mut PlatformWriter<'_>, id| {
            let recorded = writer.enter(institution, |tenant| tenant.disclosure(id))?;
            Ok(View::unrevised(told(recorded, by_id)))
        },
    )
    .await
}

async fn read_disclosure(
    access: Access<part::Disclosures, action::Read, AdministerLicence>,
    PathIds((institution, id)): PathIds<(InstitutionId, DisclosureId)>,
) -> Result<Shown<Disclosure>, Problem> {
    require_reach(&access, institution)?;
    let by_id = access.institution().is_some();
    let found =
        access.platform().read_in(institution, Cost::Rows, move |reader| reader.disclosure(id)).await?;
    reply::view(&told(found, by_id))
}
