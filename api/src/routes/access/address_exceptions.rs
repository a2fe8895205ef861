//! Leave of users to log in with an address of another organisation (C055).

use groeilijn_domain::access::email_address::check_exception;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::UserId;

use super::address_exception_bodies::AddressExceptionCreation;
use super::users::User;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::etag::IfMatch;
use crate::http::guard::activity::AdministerAccess;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::Shown;
use crate::http::revision::change;
use crate::operations;

operations! {
    /// The operations on exceptions for addresses.
    pub fn endpoints;

    /// Let a user have an address of another organisation
    ///
    /// For a substitute who logs in with the address of her agency (C055): with a reason and a last day, within a year. After
    /// that day she can do nothing but change her address. It takes the place of the one before.
    PUT "/users/{userId}/address-exception" => except_address_of_user: "The user as she is now.";
}

async fn except_address_of_user(
    access: Access<part::Users, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
    known: IfMatch,
    JsonBody(body, _): JsonBody<AddressExceptionCreation>,
) -> Result<Shown<User>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.user(id),
        move |writer, stored| {
            let domains = writer.own_institution()?.domains;
            check_exception(&stored.fields.email, &domains, body.until, amsterdam_date(writer.now()))?;
            writer.except_address((id, stored.revision), &body.reason, body.until)?;
            writer.user(id)
        },
    )
    .await
}
