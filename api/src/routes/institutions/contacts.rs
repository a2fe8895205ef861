//! Users of institutions as the processor's staff sees them (C008, C009, C011): by name only at their own request
//! (C050).
//!
//! Staff are members of no institution, so all of this goes in by the way that leaves its entry in the institution's
//! own log.

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::access::Function;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::person::Gender;
use groeilijn_domain::values::text::{Infix, NamePart, ShortText};
use groeilijn_persistence::institutions::contact::StoredContact;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::{Change, ChangeOrClear};
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, get, patch, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::{AdministerAccess, AdministerLicence};
use crate::http::path::{PathId, PathIds};
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::routes::access::invitations::invitation;
use crate::{query_params, reply_body, request_body};

/// The operations on contacts.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listContacts", "/institutions/{institutionId}/contacts", list_contacts),
        get("readContact", "/institutions/{institutionId}/contacts/{userId}", read_contact),
        patch("changeContact", "/institutions/{institutionId}/contacts/{userId}", change_contact),
        post("unblockContact", "/institutions/{institutionId}/contacts/{userId}/_unblock", unblock_contact),
    ]
}

/// The operations on contacts as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list_contacts, read_contact, change_contact, unblock_contact))]
pub struct Documented;

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
}

request_body! {
    /// How it was checked that a blocked administrator is who she says.
    pub struct Unblocking {
        /// What was checked and how. It stands in the institution's register of rights.
        identity_check: ShortText,
    }
}

reply_body! {
    /// A user of an institution as the processor's staff sees her.
    pub struct Contact {
        /// The user's id.
        id: UserId,
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

impl From<StoredContact> for Contact {
    fn from(stored: StoredContact) -> Self {
        Self {
            id: stored.id,
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
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<UserId>>,
    }
}

/// List the users of an institution as contacts
///
/// In the order in which they were entered. Names and addresses are masked but for users who allow that they are
/// shown (C050). The institution has it in its own audit log.
#[utoipa::path(get, path = "/institutions/{institutionId}/contacts", tag = "contacts", operation_id = "listContacts",
    responses((status = 200, description = "A page of contacts.", body = inline(Page<Contact>))))]
async fn list_contacts(
    access: Access<part::Contacts, action::Read, AdministerLicence>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    query: ListContacts,
) -> Result<HttpResponse, Problem> {
    let ListContacts { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = access
        .platform()
        .write(move |writer| {
            writer.reader().institution(institution)?;
            writer.enter(institution, |tenant| tenant.contacts(after, limit.with_one_more()))
        })
        .await?;
    reply::page_by_id(&request, found, limit, |contact| contact.id.as_uuid(), Contact::from)
}

/// Read a user of an institution as a contact
///
/// The name and the address are masked unless the user allows that they are shown (C050). The institution has it in
/// its own audit log.
#[utoipa::path(get, path = "/institutions/{institutionId}/contacts/{userId}", tag = "contacts",
    operation_id = "readContact",
    responses((status = 200, description = "The contact.", body = Contact)))]
async fn read_contact(
    access: Access<part::Contacts, action::Read, AdministerLicence>,
    PathIds((institution, id)): PathIds<(InstitutionId, UserId)>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let contact =
        access.platform().write(move |writer| writer.enter(institution, |tenant| tenant.contact(id))).await?;
    let revision = contact.revision;
    reply::ok_if_changed(&known, &Contact::from(contact), revision)
}

/// Change who a user of an institution is
///
/// A merge patch (RFC 7396), at the user's own request: only as long as she allows that she is shown (C011, C050).
/// With 403 `no-consent` otherwise.
#[utoipa::path(patch, path = "/institutions/{institutionId}/contacts/{userId}", tag = "contacts",
    operation_id = "changeContact",
    request_body(content = ContactPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The contact as she is now.", body = Contact)))]
async fn change_contact(
    access: Access<part::Contacts, action::Change, AdministerAccess>,
    PathIds((institution, id)): PathIds<(InstitutionId, UserId)>,
    known: IfMatch,
    MergePatch(patch): MergePatch<ContactPatch>,
) -> Result<HttpResponse, Problem> {
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
    let revision = contact.revision;
    reply::ok(&Contact::from(contact), revision)
}

/// Unblock an administrator of an institution
///
/// For an administrator whom nobody at the institution can unblock: with 409 `other-administrator` otherwise. How it was checked who she is goes into the
/// institution's register of rights. She is sent a link to choose a new password.
#[utoipa::path(post, path = "/institutions/{institutionId}/contacts/{userId}/_unblock", tag = "contacts",
    operation_id = "unblockContact", request_body = Unblocking,
    responses((status = 200, description = "The contact as she is now.", body = Contact)))]
async fn unblock_contact(
    access: Access<part::Contacts, action::Change, AdministerAccess>,
    PathIds((institution, id)): PathIds<(InstitutionId, UserId)>,
    JsonBody(body, _): JsonBody<Unblocking>,
) -> Result<HttpResponse, Problem> {
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
