//! Licence holders: the persons with whom licences were agreed (C007, C021).

use actix_web::HttpRequest;
use groeilijn_domain::institutions::licence_holder::LicenceHolder as Fields;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, LicenceHolderId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::text::{Infix, Label, NamePart};
use groeilijn_persistence::Cost;
use groeilijn_persistence::institutions::key_owner;
use groeilijn_persistence::institutions::licence_holder::StoredLicenceHolder;
use jiff::Timestamp;

use super::reach::require_reach;
use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Shown};
use crate::http::revision::change_on_platform;
use crate::{operations, reply_body, request_body, revised};

operations! {
    /// The operations on licence holders.
    pub fn endpoints;

    /// Read the licence holder
    ///
    /// With whom the licence of an institution was agreed, for its administrators and the secretariat. She is no user:
    /// nothing lets her log in (C007).
    GET "/institutions/{institutionId}/licence-holder" => read_licence_holder: "The licence holder.";

    /// Enter the licence holder
    ///
    /// With exactly the fields of the contract (C021). With 409 `already-exists` when there is one: change her.
    POST "/institutions/{institutionId}/licence-holder" => create_licence_holder: "The licence holder was entered.";

    /// Change the licence holder
    ///
    /// A merge patch (RFC 7396), also when another person takes her place: what was known of the one before is gone.
    PATCH "/institutions/{institutionId}/licence-holder" => change_licence_holder: "The licence holder as she is now.";
}

request_body! {
    /// With whom a licence was agreed: exactly the fields of the contract (C021).
    pub struct LicenceHolderCreation {
        /// First name. For knowing who agreed to the licence; never shown to users.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der". For writing her name rightly; never for anything else.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For knowing who agreed to the licence; never shown to users.
        last_name: NamePart,
        /// Where letters on paper reach her. For what is agreed in writing, never to tell her anything else.
        address: Label,
        /// Where letters reach her, on any domain. For checking that a request in her name is hers; never to log in with.
        email: EmailAddress,
    }

    example {
        "firstName": "Toos", "infix": "van", "lastName": "Verzonnen", "address": "Kade 1, 1234 AB Plaats",
        "email": "bestuur@bestuur.example",
    }
}

request_body! {
    /// What changes about a licence holder; what is absent stays.
    pub struct LicenceHolderPatch {
        /// First name.
        first_name: Change<NamePart>,
        /// Tussenvoegsel; null takes it away.
        infix: ChangeOrClear<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: Change<NamePart>,
        /// Where letters on paper reach her.
        address: Change<Label>,
        /// Where letters reach her.
        email: Change<EmailAddress>,
    }

    example { "address": "Haven 2, 1234 AB Plaats", "infix": null }
}

reply_body! {
    /// With whom a licence was agreed.
    pub struct LicenceHolder {
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// First name.
        first_name: NamePart,
        /// Tussenvoegsel.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// Where letters on paper reach her.
        address: Label,
        /// Where letters reach her.
        email: EmailAddress,
        /// When she was entered, in UTC.
        created_at: Timestamp,
    }
}

revised! { StoredLicenceHolder: revision; }

impl From<StoredLicenceHolder> for LicenceHolder {
    fn from(stored: StoredLicenceHolder) -> Self {
        let etag = stored.etag();
        let Fields { name, address, email } = stored.fields;
        Self {
            etag,
            first_name: name.first,
            infix: name.infix,
            last_name: name.last,
            address,
            email,
            created_at: stored.created_at,
        }
    }
}

async fn read_licence_holder(
    access: Access<part::LicenceHolders, action::Read, AdministerLicence>,
    PathId(id): PathId<InstitutionId>,
    known: IfNoneMatch,
) -> Result<Shown<LicenceHolder>, Problem> {
    require_reach(&access, id)?;
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(id)).await?;
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let holder = platform.read_in(id, Cost::Rows, |reader| reader.licence_holder()).await?;
    reply::stored_if_changed(&known, holder)
}

async fn create_licence_holder(
    access: Access<part::LicenceHolders, action::Create, AdministerLicence>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<LicenceHolderCreation>,
) -> Result<Created<LicenceHolder>, Problem> {
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    let id = LicenceHolderId::from_uuid(platform.environment().uuid());
    let fields = Fields {
        name: PersonName { first: body.first_name, infix: body.infix, last: body.last_name },
        address: body.address,
        email: body.email,
    };
    let platform = platform.entering(institution, vec![key_owner::licence_holder(id)]);
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let holder = writer.enter(institution, |tenant| tenant.create_licence_holder(id, &fields))?;
            Ok(New::at(format!("/v1/institutions/{institution}/licence-holder"), institution, holder))
        },
        |writer, institution| {
            #[allow(
                clippy::redundant_closure_for_method_calls,
                reason = "the method holds for one lifetime only"
            )]
            let holder = writer.enter(institution, |tenant| tenant.licence_holder())?;
            Ok(View::of(holder))
        },
    )
    .await
}

async fn change_licence_holder(
    access: Access<part::LicenceHolders, action::Change, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<LicenceHolderPatch>,
) -> Result<Shown<LicenceHolder>, Problem> {
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    change_on_platform(
        &platform,
        known,
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the method holds for one lifetime only"
        )]
        move |writer| writer.enter(institution, |tenant| tenant.licence_holder()),
        move |writer, stored| {
            let mut fields = stored.fields.clone();
            patch.first_name.apply(&mut fields.name.first);
            patch.infix.apply(&mut fields.name.infix);
            patch.last_name.apply(&mut fields.name.last);
            patch.address.apply(&mut fields.address);
            patch.email.apply(&mut fields.email);
            writer.enter(institution, |tenant| tenant.change_licence_holder(&stored, &fields))
        },
    )
    .await
}
