//! What leave to log in with an address of another organisation looks like in requests and replies (C055).

use groeilijn_domain::access::email_address::AddressException;
use groeilijn_domain::values::ids::UserId;
use groeilijn_domain::values::refusal::FieldRefusals;
use groeilijn_domain::values::text::ShortText;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{reply_body, request_body};

request_body! {
    /// Leave for a user to log in with an address of another organisation (C055).
    pub struct AddressExceptionCreation {
        /// Why. For whoever asks later; never for judging the user.
        reason: ShortText,
        /// The last day, in Amsterdam, within a year.
        until: Date,
    }

    example { "reason": "Invalkracht van een uitzendbureau.", "until": "2026-12-18" }
}

reply_body! {
    /// Leave of a user to log in with an address of another organisation.
    pub struct AddressExceptionBody {
        /// Why.
        reason: ShortText,
        /// The last day, in Amsterdam.
        until: Date,
        /// The administrator who granted it.
        granted_by: UserId,
        /// When, in UTC.
        granted_at: Timestamp,
    }
}

impl From<(AddressException, Date)> for AddressExceptionBody {
    fn from((exception, until): (AddressException, Date)) -> Self {
        let AddressException { reason, granted_by, granted_at } = exception;
        Self { reason: ShortText::kept(reason), until, granted_by, granted_at }
    }
}

/// What was refused of an exception that came with a new user.
pub(super) fn in_exception(refusals: FieldRefusals) -> FieldRefusals {
    let inside = |field: String| match field.as_str() {
        "until" => "address_exception/until".to_owned(),
        _ => field,
    };
    refusals.into_iter().map(|(field, refusal)| (inside(field), refusal)).collect()
}
