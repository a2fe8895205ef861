//! Contact persons of institutions and of the processor: by whom instructions are given and taken (C019).

use actix_web::HttpRequest;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{ContactPersonId, InstitutionId, ProcessorContactId, UserId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::institutions::contact_person::{ContactPersonFields, StoredContactPerson};
use groeilijn_persistence::institutions::key_owner;
use groeilijn_persistence::{Cost, TenantReader, TenantWriter};
use jiff::Timestamp;

use super::reach::require_reach;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create, create_on_platform};
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::{PathId, PathIds};
use crate::http::problem::Problem;
use crate::http::reply::{Created, Listed, NoContent};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on contact persons.
    pub fn endpoints;

    /// List the contact persons of an institution
    ///
    /// Those who ended too, until a year later. For its administrator and the secretariat.
    GET "/institutions/{institutionId}/contact-persons" => list_contact_persons: "A page of contact persons.";

    /// Register a contact person of an institution
    ///
    /// By its administrator. Instructions are given by contact persons alone (C019). A contact person is never changed: end
    /// her and register another.
    POST "/institutions/{institutionId}/contact-persons" => register_contact_person: "The contact person is registered.";

    /// End a contact person of an institution
    ///
    /// No instruction goes by her any more. Her name is destroyed a year later.
    DELETE "/institutions/{institutionId}/contact-persons/{contactPersonId}" => end_contact_person: "She is a contact person no longer.";

    /// List the contact persons of the processor
    ///
    /// For the secretariat, and for every administrator.
    GET "/processor-contact-persons" => list_processor_contact_persons: "A page of contact persons.";

    /// Register a contact person of the processor
    ///
    /// By the secretariat.
    POST "/processor-contact-persons" => register_processor_contact_person: "The contact person is registered.";

    /// End a contact person of the processor
    ///
    /// By the secretariat. The name is destroyed a year later.
    DELETE "/processor-contact-persons/{processorContactId}" => end_processor_contact_person: "They are a contact person no longer.";
}

request_body! {
    /// A contact person to be registered.
    pub struct ContactPersonCreation {
        /// First name. For knowing who speaks for the party; never to give her access.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der". For writing her name rightly; never for anything else.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For knowing who speaks for the party; never to give her access.
        last_name: NamePart,
        /// Where she is written to. For what concerns the contract; never for marketing.
        email: EmailAddress,
    }

    example {
        "firstName": "Noor",
        "infix": "van der",
        "lastName": "Verzonnen",
        "email": "bestuur@school.example",
    }
}

reply_body! {
    /// Who speaks for an institution, or for the processor (C019).
    pub struct ContactPerson {
        /// The contact person's id.
        id: ContactPersonId,
        /// First name.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// Where she is written to about the contract.
        email: EmailAddress,
        /// Who registered her.
        created_by: UserId,
        /// When she was registered, in UTC.
        created_at: Timestamp,
        /// When she was a contact person no longer, in UTC; null as long as she is.
        ended_at: Option<Timestamp>,
    }
}

query_params! {
    pub struct ListContactPersons {
        /// How many contact persons one page has.
        page: Page<ContactPersonId>,
    }
}

query_params! {
    pub struct ListProcessorContactPersons {
        /// How many contact persons one page has.
        page: Page<ContactPersonId>,
    }
}

impl From<StoredContactPerson> for ContactPerson {
    fn from(stored: StoredContactPerson) -> Self {
        let ContactPersonFields { name, email } = stored.fields;
        Self {
            id: stored.id,
            first_name: name.first,
            infix: name.infix,
            last_name: name.last,
            email,
            created_by: stored.created_by,
            created_at: stored.created_at,
            ended_at: stored.ended_at,
        }
    }
}

impl From<ContactPersonCreation> for ContactPersonFields {
    fn from(body: ContactPersonCreation) -> Self {
        let name = PersonName { first: body.first_name, infix: body.infix, last: body.last_name };
        Self { name, email: body.email }
    }
}

async fn list_contact_persons(
    access: Access<part::ContactPersons, action::Read, AdministerLicence>,
    PathId(institution): PathId<InstitutionId>,
    query: ListContactPersons,
) -> Result<Listed<ContactPerson>, Problem> {
    let ListContactPersons { page } = query;
    require_reach(&access, institution)?;
    let (after, rows) = (page.after, page.rows);
    let found = access
        .platform()
        .read_in(institution, Cost::Rows, move |reader| {
            reader.own_institution()?;
            reader.contact_persons(after, rows)
        })
        .await?;
    page.reply(found, |person| person.id, ContactPerson::from)
}

async fn register_contact_person(
    access: Access<part::ContactPersons, action::Create, AdministerLicence>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<ContactPersonCreation>,
) -> Result<Created<ContactPerson>, Problem> {
    require_reach(&access, institution)?;
    let tenant = access.tenant()?;
    let id = ContactPersonId::from_uuid(tenant.environment().uuid());
    let fields = ContactPersonFields::from(body);
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant.entering(vec![key_owner::contact_person(id)]),
        move |writer| {
            let registered = writer.register_contact_person(id, &fields)?;
            let location = format!("/v1/institutions/{institution}/contact-persons");
            Ok(New { location, ids: id, view: View::unrevised(registered) })
        },
        |writer, id| writer.contact_person(id).map(View::unrevised),
    )
    .await
}

async fn end_contact_person(
    access: Access<part::ContactPersons, action::Delete, AdministerLicence>,
    PathIds((institution, id)): PathIds<(InstitutionId, ContactPersonId)>,
) -> Result<NoContent, Problem> {
    require_reach(&access, institution)?;
    access.tenant()?.write(move |writer| writer.end_contact_person(id)).await?;
    Ok(NoContent)
}

async fn list_processor_contact_persons(
    access: Access<part::ProcessorContactPersons, action::Read, AdministerLicence>,
    query: ListProcessorContactPersons,
) -> Result<Listed<ContactPerson>, Problem> {
    let ListProcessorContactPersons { page } = query;
    let (after, rows) = (page.after, page.rows);
    let list = move |reader: &mut TenantReader<'_>| reader.contact_persons(after, rows);
    let found = access.platform().read_in(InstitutionId::PLATFORM, Cost::Rows, list).await?;
    page.reply(found, |person| person.id, ContactPerson::from)
}

async fn register_processor_contact_person(
    access: Access<part::ProcessorContactPersons, action::Create, AdministerLicence>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<ContactPersonCreation>,
) -> Result<Created<ContactPerson>, Problem> {
    let platform = access.platform();
    let id = ContactPersonId::from_uuid(platform.environment().uuid());
    let fields = ContactPersonFields::from(body);
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform.entering(InstitutionId::PLATFORM, vec![key_owner::contact_person(id)]),
        move |writer| {
            let register = |tenant: &mut TenantWriter<'_>| tenant.register_contact_person(id, &fields);
            let registered = writer.enter(InstitutionId::PLATFORM, register)?;
            let location = "/v1/processor-contact-persons".to_owned();
            Ok(New { location, ids: id, view: View::unrevised(registered) })
        },
        |writer, id| {
            let read = |tenant: &mut TenantWriter<'_>| tenant.contact_person(id);
            writer.enter(InstitutionId::PLATFORM, read).map(View::unrevised)
        },
    )
    .await
}

async fn end_processor_contact_person(
    access: Access<part::ProcessorContactPersons, action::Delete, AdministerLicence>,
    PathId(id): PathId<ProcessorContactId>,
) -> Result<NoContent, Problem> {
    let id = ContactPersonId::from_uuid(id.as_uuid());
    access
        .platform()
        .write(move |writer| writer.enter(InstitutionId::PLATFORM, |tenant| tenant.end_contact_person(id)))
        .await?;
    Ok(NoContent)
}
