//! Users of institutions as the processor's staff sees them (C008, C009, C011): by name only at their own request
//! (C050).
//!
//! Staff are members of no institution, so all of this goes in by the way that leaves its entry in the institution's
//! own log.

use groeilijn_domain::access::Function;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::person::Gender;
use groeilijn_domain::values::text::{Infix, NamePart, ShortText};
use groeilijn_persistence::Cost;
use groeilijn_persistence::institutions::contact::StoredContact;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::{AdministerAccess, AdministerLicence};
use crate::http::page::Page;
use crate::http::path::{PathId, PathIds};
use crate::http::problem::Problem;
use crate::http::reply::{self, Listed, Shown};
use crate::routes::access::invitations::invitation;
use crate::{operations, query_params, reply_body, request_body, revised};

operations! {
    /// The operations on contacts.
    pub fn endpoints;

    /// List the users of an institution as contacts
    ///
    /// In the order in which they were entered. Names and addresses are masked but for users who allow that they are
    /// shown (C050). The institution has it in its own audit log.
    GET "/institutions/{institutionId}/contacts" => list_contacts: "A page of contacts.";

    /// Read a user of an institution as a contact
    ///
    /// The name and the address are masked unless the user allows that they are shown (C050). The institution has it in
    /// its own audit log.
    GET "/institutions/{institutionId}/contacts/{userId}" => read_contact: "The contact.";

    /// Change who a user of an institution is
    ///
    /// A merge patch (RFC 7396), at the user's own request: only as long as she allows that she is shown (C011, C050).
    /// With 403 `no-consent` otherwise.
    PATCH "/institutions/{institutionId}/contacts/{userId}" => change_contact: "The contact as she is now.";

    /// Unblock an administrator of an institution
    ///
    /// For an administrator whom nobody at the institution can unblock: with 409 `other-administrator` otherwise. How it was checked who she is goes into the
    /// institution's register of rights. She is sent a link to choose a new password.
    POST "/institutions/{institutionId}/contacts/{userId}/_unblock" => unblock_contact: "The contact as she is now.";
}

request_body! {
    /// What changes about a user; what is absent stays.
    pub struct ContactPatch {
        /// First name.
        first_name: Change<NamePart>,
        /// Tussenvoegsel; null takes it away.
        infix: ChangeOrClear<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: Change<NamePart>,
        /// Gender.
        gender: Change<Gender>,
        /// Why. It stands in the institution's audit log.
        reason: ShortText,
    }

    example { "lastName": "Verzonnen-Bedacht", "reason": "Naam na haar huwelijk." }
}

request_body! {
    /// How it was checked that a blocked administrator is who she says.
    pub struct Unblocking {
        /// What was checked and how. It stands in the institution's register of rights.
        identity_check: ShortText,
    }

    example { "identityCheck": "Teruggebeld op het nummer van de school." }
}

reply_body! {
    /// A user of an institution as the processor's staff sees her.
    pub struct Contact {
        /// The user's id.
        id: UserId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// What the user does at the institution (C005).
        function: Function,
        /// Whether the user has set a password, and is let in.
        state: AccountState,
        /// Whether the name and the address are masked, as they are unless the user herself allows that they are
        /// shown (C050).
        masked: bool,
        /// First name, or its first letter. For addressing the user in what she asked for; never for anything else.
        first_name: NamePart,
        /// Tussenvoegsel; null when masked.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel, or its first letter.
        last_name: NamePart,
        /// For addressing the user rightly; null when masked.
        gender: Option<Gender>,
        /// The address that the user logs in with, or its first character and its domain.
        email: String,
    }
}

revised! { StoredContact: revision; }

impl From<StoredContact> for Contact {
    fn from(stored: StoredContact) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            function: stored.function,
            state: stored.state,
            masked: stored.masked,
            first_name: stored.name.first,
            infix: stored.name.infix,
            last_name: stored.name.last,
            gender: stored.gender,
            email: stored.email,
        }
    }
}

query_params! {
    pub struct ListContacts {
        /// How many users one page has.
        page: Page<UserId>,
    }
}

async fn list_contacts(
    access: Access<part::Contacts, action::Read, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
    query: ListContacts,
) -> Result<Listed<Contact>, Problem> {
    let ListContacts { page } = query;
    let found = access
        .platform()
        .read_in(institution, Cost::Scan, move |reader| {
            reader.own_institution()?;
            reader.contacts(page.after, page.rows)
        })
        .await?;
    page.reply(found, |contact| contact.id, Contact::from)
}

async fn read_contact(
    access: Access<part::Contacts, action::Read, AdministerLicence>,
    PathIds((institution, id)): PathIds<(InstitutionId, UserId)>,
    known: IfNoneMatch,
) -> Result<Shown<Contact>, Problem> {
    let contact =
        access.platform().read_in(institution, Cost::Rows, move |reader| reader.contact(id)).await?;
    reply::stored_if_changed(&known, contact)
}

async fn change_contact(
    access: Access<part::Contacts, action::Change, AdministerAccess>,
    PathIds((institution, id)): PathIds<(InstitutionId, UserId)>,
    known: IfMatch,
    MergePatch(patch): MergePatch<ContactPatch>,
) -> Result<Shown<Contact>, Problem> {
    let contact = access
        .platform()
        .write(move |writer| {
            writer.enter(institution, |tenant| {
                let ContactPatch { first_name, infix, last_name, gender: new_gender, reason } = patch;
                tenant.change_contact(id, &reason, |seen, name, gender| {
                    known.require(seen.revision)?;
                    first_name.apply(&mut name.first);
                    infix.apply(&mut name.infix);
                    last_name.apply(&mut name.last);
                    new_gender.apply(gender);
                    Ok(())
                })
            })
        })
        .await?;
    reply::stored(contact)
}

async fn unblock_contact(
    access: Access<part::Contacts, action::Change, AdministerAccess>,
    PathIds((institution, id)): PathIds<(InstitutionId, UserId)>,
    JsonBody(body, _): JsonBody<Unblocking>,
) -> Result<Shown<Contact>, Problem> {
    let invitation = invitation(access.state().environment())?;
    let contact = access
        .platform()
        .write(move |writer| {
            let check = &body.identity_check;
            writer.enter(institution, |tenant| tenant.unblock_administrator(id, check, &invitation))
        })
        .await?;
    reply::view(&Contact::from(contact))
}
